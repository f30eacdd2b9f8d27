"""One session through the whole graph, in ephemeral instances."""

import re
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from jira_pipeline.defs.build import build_definitions
from jira_pipeline.review import waiting
from jira_pipeline.tickets.documents import adf_validation
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline_tests import projects


@pytest.fixture(scope="module")
def materialized(
    empty_project: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dg.AssetMaterialization]:
    """What one run of the whole graph by `dg.materialize` reported, by asset."""
    folder = tmp_path_factory.mktemp("materialized")
    with pytest.MonkeyPatch.context() as environment, dg.DagsterInstance.ephemeral() as instance:
        project = projects.adopt(empty_project, folder / "project", environment)
        projects.upload(project, projects.copy_sheets(folder / "museum"), auto_approve=True)
        instance.add_dynamic_partitions("upload_sessions", ["museum"])
        definitions = build_definitions(project_path=project)
        result = dg.materialize(
            [a for a in definitions.assets or () if isinstance(a, dg.AssetsDefinition)],
            partition_key="museum",
            instance=instance,
            resources=definitions.resources,
        )
    events = result.get_asset_materialization_events()
    return {
        event.materialization.asset_key.to_user_string(): event.materialization for event in events
    }


def test_links_and_findings_are_counted_alike_everywhere(
    materialized: dict[str, dg.AssetMaterialization],
) -> None:
    """Two tickets that relate to each other were two links before and one link after the export."""
    path = Path(str(materialized["export_report"].metadata["report"].value))
    report = path.read_text(encoding="utf-8")
    links = [
        materialized[name].metadata["links"].value for name in ("entity_groups", "jira_issues")
    ]

    assert links == [22, 22]
    assert re.findall(r"<b>(\d+)</b><span>links<", report) == ["22"]
    assert re.findall(r"<h2>Findings of the sheets · (\d+)<", report) == ["6"]


def test_the_checks_of_a_sound_session_pass_and_what_people_are_to_look_at_is_reported(
    project: Path, sheets: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole run reads and groups the sheets once, and says which ticket waits for answers."""
    projects.upload(project, sheets, auto_approve=True)
    grouped: list[object] = []

    def group(*args: Any, **asked: Any) -> Any:
        grouped.append(args)
        return group_entities(*args, **asked)

    monkeypatch.setattr(f"{group_entities.__module__}.group_entities", group)
    monkeypatch.setattr(
        f"{waiting.__name__}.is_waiting_for_answers", lambda analysis: "/search" in analysis
    )

    result = projects.execute(instance, project, "generate_tickets")

    assert len(grouped) == 1

    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    assert {name: check.passed for name, check in checks.items()} == {
        "files_readable": True,
        "references_resolved": False,
        "tables_match_rows": True,
        "adf_valid": True,
        "ticket_quality": False,
        "no_handmade_issues": True,
    }
    assert checks["references_resolved"].severity is dg.AssetCheckSeverity.WARN
    assert checks["ticket_quality"].severity is dg.AssetCheckSeverity.WARN
    quality = {name: found.value for name, found in checks["ticket_quality"].metadata.items()}
    assert (quality["waiting_for_answers"], quality["fallbacks"]) == (1, 0)
    assert "Configure view: Collection Search: waiting for answers: its form is empty" in str(
        quality["to_look_at"]
    )
    report = str(checks["adf_valid"].metadata["report"].value).splitlines()
    assert report[0] == "24 tested, 24 passed, 0 failed."
    assert report[2].startswith("| no. | ticket | status | bytes | characters | attachment |")
    assert sum("| passed |" in line for line in report) == 24
    assert result.success


def test_a_blocking_check_says_what_it_found(
    project: Path, sheets: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run “failed without saying why”, and nobody learned which cell was lost."""
    projects.upload(project, sheets)
    fault = "ticket 3: “Bell” is in no table"
    monkeypatch.setattr(f"{adf_validation.__name__}.table_faults", lambda *_, **__: (fault,))

    result = projects.execute(instance, project, "generate_tickets", raise_on_error=False)

    with projects.opened(project) as pipeline:
        (error,) = pipeline.store.errors.list_all("museum")
    assert not result.success
    assert (error.code, error.run_id) == ("check_failed", result.run_id)
    assert "The check tables_match_rows failed (Every cell of every row" in error.message
    assert fault in error.message
