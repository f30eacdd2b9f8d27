"""Runs, the inbox and commands of a session whose upload waits for its layout."""

from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.sessions.upload_sensor import upload_sensor
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.defs.looks import evaluated, requests_of

KEY = "shop"
MUST_ACT = 3


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    """Sheets with headers that nobody knows, beside a layout that says nothing of them."""
    return put_sheets(tmp_path / KEY)


def put_sheets(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "Kinds.csv").write_text("What,Code\nWatch,watch\n", encoding="utf-8")
    (folder / "layout.yaml").write_text("version: 1\nsheets: []\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("then", ["by_session_yaml", "export"])
def test_the_run_of_an_upload_ends_well_and_nothing_follows(
    project: Path, sheets: Path, pipeline: Pipeline, instance: dg.DagsterInstance, then: str
) -> None:
    job = build_definitions(project_path=project).resolve_job_def("upload_session")
    config = {"folder": str(sheets), "auto_approve": True, "then": then}

    result = job.execute_in_process(
        instance=instance, run_config={"ops": {"register_session": {"config": config}}}
    )

    session = pipeline.store.sessions.get(KEY)
    assert result.success
    assert instance.get_dynamic_partitions("upload_sessions") == [KEY]
    assert (session.stage, session.status) == (SessionStage.UPLOAD, SessionStatus.WAITING)
    assert requests_of(evaluated(instance, upload_sensor)) == []


def test_a_run_of_the_partition_ends_well_and_says_what_it_waits_for(
    project: Path, sheets: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    projects.upload(project, sheets, session_key=KEY)

    result = projects.execute(instance, project, "csv_to_jira", session_key=KEY)

    session = pipeline.store.sessions.get(KEY)
    (observed,) = [
        event.asset_observation_data.asset_observation
        for event in result.all_events
        if event.event_type is dg.DagsterEventType.ASSET_OBSERVATION
    ]
    assert result.success
    assert observed.metadata["waits_for"].value == "layout_needed"
    assert result.get_asset_materialization_events() == []
    assert (session.stage, session.status) == (SessionStage.UPLOAD, SessionStatus.WAITING)
    assert pipeline.store.tickets.list_all(KEY) == ()
    assert pipeline.store.errors.list_all(KEY) == ()


def test_a_folder_of_the_inbox_counts_as_handled_and_starts_no_run(
    project: Path,
    pipeline: Pipeline,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UPLOAD_SETTLE_SECONDS", "0")
    inbox = project / ".jira_pipeline" / "inbox"
    put_sheets(inbox / KEY)

    first = evaluated(instance, upload_sensor)
    second = evaluated(instance, upload_sensor)
    assert isinstance(second, dg.SensorResult)

    written = (inbox / f"{KEY}.findings.txt").read_text(encoding="utf-8")
    handled = pipeline.store.inbox.handled()[KEY]
    session = pipeline.store.sessions.get(KEY)
    assert requests_of(first) == requests_of(second) == []
    assert "received for session shop, and needs a layout" in written
    assert "layout show shop" in written
    assert handled.content_sha256 == session.waiting_sha256
    assert handled.awaited_run_key is None
    assert second.skip_reason is not None


def test_commands_say_that_a_session_waits_and_end_with_3(
    project: Path, sheets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(project))

    uploaded = run("upload", sheets)
    refused = {
        words: run(*words.split())
        for words in (
            "generate shop",
            "validate shop",
            "export shop",
            "tickets ready shop --all",
            "resume shop",
            "tickets show shop 1",
            "tables shop --out tables",
        )
    }
    lists = [run("tickets", "list", KEY), run("questions", KEY)]
    status = run_json("status", KEY)
    listed = run_json("sessions")

    assert uploaded.exit_code == MUST_ACT
    assert "layout show shop" in uploaded.words
    assert {words: answer.exit_code for words, answer in refused.items()} == dict.fromkeys(
        refused, MUST_ACT
    )
    silent = [words for words, answer in refused.items() if "layout" not in answer.words]
    assert silent == []
    assert all("layout show shop" in answer.words for answer in lists)
    assert status["needs_layout"]
    assert [row["needs"] for row in listed] == ["confirm the layout"]
