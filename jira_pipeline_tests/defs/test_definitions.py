"""What Dagster loads: every asset is named, described, owned and checked as promised."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.snap.snap_to_yaml import (  # noqa: TID251 - what the webserver asks
    default_values_yaml_from_type_snap,
)

from jira_pipeline.dagster_port.home import HomeStorage
from jira_pipeline.dagster_port.steps import in_process
from jira_pipeline.defs.build import build_definitions
from jira_pipeline_tests.projects import CHECKOUT
from jira_pipeline_tests.tables import each

ASSETS = {
    "source_files": "intake",
    "entities": "intake",
    "entity_groups": "intake",
    "tickets": "tickets",
    "adf_validation": "tickets",
    "jira_issues": "jira",
    "export_report": "jira",
}
SOURCES = {"built_site": "site", "review": "tickets", "jira_state": "jira"}
"""Observed, never made."""
OF_STORE = {"findings": "intake", "questions": "tickets", "portfolio": "sessions"}
"""Tables that no step of a session makes."""


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    built = build_definitions()
    dg.Definitions.validate_loadable(built)
    return built


_PROCESS_STATE = """
import gc, multiprocessing, os, sys

def state():
    mask = os.umask(0o022)
    os.umask(mask)
    spawn = multiprocessing.get_context("spawn").Process
    return oct(mask), gc.isenabled(), gc.get_threshold(), gc.get_freeze_count(), spawn

before = state()
import jira_pipeline.definitions
assert before == state(), (before, state())
slow = {"jira_pipeline.drupal.rules", "jira_pipeline.sheets.layouts.layout"}
assert slow.isdisjoint(sys.modules), slow & sys.modules.keys()
"""
"""What only some runs need is imported by those: it was a quarter of the time of an import."""


def test_importing_the_definitions_changes_nothing_of_the_process() -> None:
    """Tests, `dg` and editors import them too, and Dagster's code server for whoever starts it."""
    arguments = [sys.executable, "-c", _PROCESS_STATE, "api", "grpc"]

    subprocess.run(arguments, umask=0o022, check=True)


def test_each_asset_has_what_the_catalog_shows(definitions: dg.Definitions) -> None:
    """Code is linked where there is some; how far people are is known once a night."""
    specs = {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}
    without_code = {n for n, s in specs.items() if "dagster/code_references" not in s.metadata}

    assert {name: spec.group_name for name, spec in specs.items()} == ASSETS | SOURCES | OF_STORE
    assert {n for n, s in specs.items() if s.partitions_def is None} == {"portfolio"}
    assert without_code == {"review", "built_site", "jira_state", "findings", "questions"}
    assert {n for n, spec in specs.items() if spec.freshness_policy} == {"jira_state"}
    assert {spec.tags["kind"] for spec in specs.values()} == {"session"}


def test_the_named_checks_exist_and_those_that_protect_jira_block(
    definitions: dg.Definitions,
) -> None:
    checks = [
        spec
        for check in (*(definitions.asset_checks or ()), *(definitions.assets or ()))
        if isinstance(check, dg.AssetsDefinition)
        for spec in check.check_specs
    ]

    assert {(c.asset_key.to_user_string(), c.name): c.blocking for c in checks} == {
        ("source_files", "files_readable"): True,
        ("entities", "references_resolved"): False,
        ("tickets", "tables_match_rows"): True,
        ("tickets", "no_handmade_issues"): False,
        ("adf_validation", "adf_valid"): True,
        ("adf_validation", "ticket_quality"): False,
        ("jira_issues", "ledger_matches_jira"): False,
        ("jira_issues", "issues_match_tickets"): False,
        **{
            ("built_site", f"{name}_built"): False
            for name in ("content", "media", "views", "workflow", "user_roles")
        },
    }


@each(
    ("job_name", "assets"),
    [
        ("csv_to_jira", set(ASSETS)),
        ("generate_tickets", set(ASSETS) - {"jira_issues", "export_report"}),
        ("validate_adf", {"adf_validation"}),
        ("export_to_jira", {"jira_issues", "export_report"}),
    ],
)
def test_a_job_runs_the_assets_its_name_says(
    definitions: dg.Definitions, job_name: str, assets: set[str]
) -> None:
    job = definitions.resolve_job_def(job_name)

    assert {key.to_user_string() for key in job.asset_layer.selected_asset_keys} == assets
    assert job.executor_def is in_process


@pytest.mark.parametrize("name", ["upload_sensor", "outbox_sensor", "requests_sensor"])
def test_a_tick_that_finds_nothing_opens_no_storages_of_dagster(project: Path, name: str) -> None:
    """For a resource it opened them at every tick, and read all migrations: half of an idle day."""
    sensor = build_definitions(project_path=project).resolve_sensor_def(name)

    with dg.build_sensor_context() as context:
        found = [sensor.evaluate_tick(context).skip_message for _ in range(2)]

    assert sensor.required_resource_keys == set()
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert all(found)


def test_the_launchpad_shows_the_folder_of_an_upload(definitions: dg.Definitions) -> None:
    """It scaffolds what has a default that is not null."""
    job = definitions.resolve_job_def("upload_session")
    schema = job.get_config_schema_snapshot()
    (mode,) = job.get_job_snapshot().mode_def_snaps
    assert mode.root_config_key is not None

    shown = default_values_yaml_from_type_snap(schema, schema.get_config_snap(mode.root_config_key))

    config = yaml.safe_load(shown)["ops"]["register_session"]["config"]
    assert config.items() >= {"folder": "", "then": "by_session_yaml"}.items()


def test_without_a_home_of_its_own_dagster_keeps_its_memory_beside_the_sessions(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It was deleted at the end of `dagster dev`: each start ran the whole inbox again."""
    monkeypatch.delenv("DAGSTER_HOME")
    monkeypatch.chdir(project)

    storage = HomeStorage.from_config_value(None, {})

    assert storage.base_dir == str(project)
    assert str(project) in caplog.text


NAMED_BY_HOMES = {
    ("jira_pipeline.defs.home", "HomeStorage"),
    ("jira_pipeline.defs.queue", "AttributedQueue"),
    ("jira_pipeline.dagster_port.home", "HomeStorage"),
    ("jira_pipeline.dagster_port.queue", "AttributedQueue"),
}
"""Every class of ours that a `dagster.yaml` ever named; homes keep the file that they began with."""


@each(("module", "name"), sorted(NAMED_BY_HOMES))
def test_a_class_that_a_home_names_is_there_and_is_the_present_one(module: str, name: str) -> None:
    now = module.replace("defs", "dagster_port")

    there, here = (import_module(path) for path in (module, now))

    assert getattr(there, name) is getattr(here, name)


@each("file", ["dagster.yaml", "deploy/dagster.postgres.yaml", "deploy/kubernetes/values.yaml"])
def test_a_class_that_a_file_begins_to_name_is_kept_from_then_on(file: str) -> None:
    text = (CHECKOUT / file).read_text(encoding="utf-8")
    named = set(re.findall(r"module: (jira_pipeline\.\S+)\s+class: (\S+)", text))

    assert named
    assert named <= NAMED_BY_HOMES
