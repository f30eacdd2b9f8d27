"""One session through the whole graph, and three beside each other, in ephemeral instances."""

import re
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.defs.build import build_definitions
from jira_pipeline.export.trackers import open_sandbox
from jira_pipeline.settings import load_settings
from jira_pipeline_tests import projects
from jira_pipeline_tests.tables import each

ROWS = {
    "source_files": 202,
    "entities": 202,
    "entity_groups": 24,
    "tickets": 24,
    "adf_validation": 24,
    "jira_issues": 24,
    "export_report": 24,
}
SHOWN = {
    "source_files": {"files", "columns", "preview", "findings", "errors", "warnings"},
    "entities": {"by_kind_and_status", "findings", "errors", "warnings"},
    "entity_groups": {"groups", "links", "hollow", "findings"},
    "tickets": {
        "tickets",
        "created",
        "rewritten",
        "unchanged",
        "withdrawals_proposed",
        "questions",
    },
    "adf_validation": {"results", "passed", "failed", "texts"},
    "jira_issues": {"issues", "links", "target", "jql", "in_jira", "manual_fixes", "linked now"},
    "export_report": {"report", "left_to_do", "issues"},
}


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


@each("name", ROWS)
def test_an_asset_counts_what_it_made(
    materialized: dict[str, dg.AssetMaterialization], name: str
) -> None:
    assert materialized[name].metadata["dagster/row_count"].value == ROWS[name]


@each("name", SHOWN)
def test_an_asset_shows_what_people_want_to_see(
    materialized: dict[str, dg.AssetMaterialization], name: str
) -> None:
    assert SHOWN[name] - set(materialized[name].metadata) == set()


def test_the_tickets_are_read_where_they_were_validated(
    materialized: dict[str, dg.AssetMaterialization],
) -> None:
    texts = str(materialized["adf_validation"].metadata["texts"].value)

    assert len(re.findall(r"(?m)^# \d+ · ", texts)) == ROWS["tickets"]


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
    assert re.findall(r">Findings · (\d+)<", report) == ["6"]


def test_every_materialization_belongs_to_the_session(
    materialized: dict[str, dg.AssetMaterialization],
) -> None:
    assert {name: m.partition for name, m in materialized.items()} == dict.fromkeys(ROWS, "museum")


def test_the_checks_of_a_sound_session_pass_and_what_people_are_to_look_at_is_reported(
    project: Path, sheets: Path, instance: dg.DagsterInstance
) -> None:
    projects.upload(project, sheets, auto_approve=True)

    result = projects.execute(instance, project, "generate_tickets")

    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    assert {name: check.passed for name, check in checks.items()} == {
        "files_readable": True,
        "references_resolved": False,
        "tables_match_rows": True,
        "adf_valid": True,
        "ticket_quality": False,
    }
    assert checks["references_resolved"].severity is dg.AssetCheckSeverity.WARN
    assert checks["ticket_quality"].severity is dg.AssetCheckSeverity.WARN
    quality = {name: found.value for name, found in checks["ticket_quality"].metadata.items()}
    assert (quality["waiting_for_answers"], quality["fallbacks"]) == (4, 0)
    assert "Configure view: Clocks: waits for answers: its form is empty" in str(
        quality["to_look_at"]
    )
    report = str(checks["adf_valid"].metadata["report"].value).splitlines()
    assert report[0] == "24 tested, 24 passed, 0 failed."
    assert report[2].startswith("| no. | ticket | status | bytes | characters | attachment |")
    assert sum("| passed |" in line for line in report) == 24
    assert result.success


def test_a_backfill_of_three_sessions_keeps_them_apart(
    project: Path, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    keys = ("clocks", "bells", "dials")
    for key in keys:
        folder = projects.copy_small_sheets(tmp_path / key)
        mark_first_bundle(folder, key)
        projects.upload(project, folder, session_key=key, auto_approve=True, as_new=True)

    results = [projects.execute(instance, project, "csv_to_jira", session_key=k) for k in keys]

    assert [result.success for result in results] == [True, True, True]
    with projects.opened(project) as pipeline:
        tickets = {key: pipeline.store.tickets.list_all(key) for key in keys}
        ids = [t.ticket_id for key in keys for t in tickets[key]]
        assert [len(tickets[key]) for key in keys] == [projects.SMALL_TICKETS] * 3
        assert len(set(ids)) == 3 * projects.SMALL_TICKETS
        answers = pipeline.store.audit.entries("dials", actions={"as_new_answered"})
        assert [(a.actor, a.details["sessions"]) for a in answers] == [
            ("test", ["bells", "clocks"])
        ]
    assert issues_naming_each(project, keys) == dict.fromkeys(keys, 1)
    assert instance.get_materialized_partitions(dg.AssetKey("export_report")) == set(keys)


def mark_first_bundle(folder: Path, word: str) -> None:
    """Put a word into the description of the first described content type."""
    sheet = folder / "Uhrenmuseum_Bundles.csv"
    text = sheet.read_text(encoding="utf-8")
    assert "Add one clock of the collection" in text
    sheet.write_text(
        text.replace("Add one clock of the collection", f"Add one piece of the {word}xyz"),
        encoding="utf-8",
    )


def issues_naming_each(project: Path, keys: tuple[str, ...]) -> dict[str, int]:
    """Count the issues of the sandbox that hold the word of each session."""
    with open_sandbox(load_settings(project)) as sandbox, sandbox.state.reading() as rows:
        bodies = [row[0] for row in rows.execute("SELECT description FROM issue")]
    return {key: sum(f"{key}xyz" in body for body in bodies) for key in keys}
