"""The commands about ShareDo, and their tickets, against the embedded sandbox of a home."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from jira_pipeline.cli.console import Screen
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.sharedo_jobs import ExportJob
from jira_pipeline.sharedo import export_jobs
from jira_pipeline.sharedo.commands import shown_exports
from jira_pipeline.sharedo.jobs.tools import ExportEvent, ExportEventKind
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import build_package, sandbox_environments
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.sharedo.export_world import MATTER, START
from jira_pipeline_tests.tables import each

KEYS = ("option-set:claim-track", "option-set:outcome", "form-builder:intake")


def test_an_export_ends_in_a_package_and_a_batch_in_a_summary(project: Path) -> None:
    (job,) = run_json("sharedo", "export", "sharedo-type:matter", "-e", "development")["jobs"]
    batch = run(
        "sharedo", "export", "matter", "form:intake", "worktype:nothing", "-e", "test", "--json"
    )
    listed = run_json("sharedo", "status")
    shown = run("sharedo", "status", job["job_id"])

    assert (job["state"], job["type"], job["progress_percentage"]) == ("completed", "worktype", 100)
    with zipfile.ZipFile(job["package"]["path"]) as package:
        assert "manifest.json" in package.namelist()
    assert batch.exit_code == 1
    assert (batch.json["total"], batch.json["succeeded"], batch.json["failed"]) == (3, 2, 1)
    assert [one["index"] for one in batch.json["errors"]] == [2]
    (lacking,) = [one["error"] for one in batch.json["errors"]]
    assert (lacking["code"], lacking["recoverable"]) == ("EXPORT_001", False)
    assert lacking["details"]["item"] == "sharedo-type:nothing"
    assert batch.json["duration_seconds"] > 0
    assert [one["state"] for one in listed].count("completed") == 3
    assert job["package"]["sha256"] in shown.words
    assert (
        sorted(path.suffix for path in (project / ".jira_pipeline" / "sharedo").iterdir())
        == [".zip"] * 3
    )


@pytest.mark.usefixtures("project")
def test_a_comparison_shows_each_field_that_differs_and_counts() -> None:
    shown = run("sharedo", "compare", "development", "test", "matter", "employment-tribunal")

    assert "PhaseTransitions" in shown.words
    assert "Only in development" in shown.words
    assert "1 only in development, 0 only in test, 1 different, 0 alike" in shown.words


@each(
    ("arguments", "expected"),
    [
        (("export", "configuration:x", "-e", "development"), "has no provider"),
        (("export", "worktype", "matter", "-e", "development"), "as one, such as worktype:NAME"),
        (("status", "nope"), "no export job nope"),
        (("resume", "nope"), "no export job nope"),
        (("cancel", "nope"), "no export job nope"),
        (("resume", "--send-again"), "need a JOB"),
        (("compare", "development", "development", "matter"), "name two different ones"),
        (("export", "matter", "-e", "nowhere"), "There is no ShareDo environment"),
        (("resume", "a", "--send-again", "--remote-id", "b"), "that it does not"),
        (
            ("export", "nothing", "-e", "test"),
            "nothing: EXPORT_001: test has no sharedo-type:nothing",
        ),
    ],
)
@pytest.mark.usefixtures("project")
def test_what_cannot_be_meant_is_refused(arguments: tuple[str, ...], expected: str) -> None:
    answer = run("sharedo", *arguments)

    assert answer.exit_code in {1, 2}
    assert expected in answer.words


def test_what_a_process_left_is_carried_on_with_by_the_next_one(pipeline: Pipeline) -> None:
    """The job is adopted by its id: the sandbox keeps it in its file, and has one in the end."""

    def leave(event: ExportEvent) -> None:
        if event.job.remote_id is not None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_jobs.export_all(pipeline, [MATTER], listener=leave)

    resumed, nothing = (run_json("sharedo", "resume") for _ in range(2))
    sandbox = export_jobs.open_sharedo_sandbox(pipeline.settings)
    assert (resumed["total"], resumed["succeeded"], nothing["total"]) == (1, 1, 0)
    assert [job.job_id for job in sandbox.state.jobs] == [resumed["jobs"][0]["remote_id"]]


def test_a_bar_says_percentage_count_step_elapsed_and_remaining() -> None:
    written = io.StringIO()
    terminal = Console(file=written, force_terminal=True, width=120, no_color=True)
    job = ExportJob(
        job_id="a1",
        parameters=MATTER,
        created_at=START,
        estimated_seconds=5.0,
        items=(MATTER.item, replace(MATTER.item, system_name="other")),
        progress_percentage=40.0,
        step="Collecting roles",
    )

    with shown_exports(Screen(out=terminal, err=terminal)) as listener:
        listener(ExportEvent(kind=ExportEventKind.PROGRESS, job=job, text=job.step))

    shown = re.sub(r"\x1b\[[^A-Za-z]*[A-Za-z]", "", written.getvalue())
    assert re.search(r"matter: Collecting roles .* 40% 2 items 0:00:00 -:--:--", shown)


def test_what_a_person_finds_out_of_a_doubt_is_decided_once_and_audited(pipeline: Pipeline) -> None:
    """The job of a creation without an answer is adopted by the id that ShareDo shows."""
    job = pipeline.store.sharedo_jobs.open_job(
        ExportJob(
            job_id="a1",
            parameters=MATTER,
            created_at=pipeline.clock.now(),
            estimated_seconds=5.0,
            items=(MATTER.item,),
        )
    )
    pipeline.store.sharedo_jobs.commit_intent(
        replace(job, intent_count=1, sent_at=pipeline.clock.now())
    )

    listed = run_json("sharedo", "status")
    done = run_json("sharedo", "resume", "a1", "--send-again")
    again = run("sharedo", "resume", "a1", "--remote-id", "b")

    assert [one["in_doubt"] for one in listed] == [True]
    assert (done["state"], done["in_doubt"]) == ("completed", False)
    assert again.exit_code == 2
    assert "needs no decision" in again.words
    with pipeline.store.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit").scalar() == 1


def package(path: Path, *, test: bool = False, export_id: str = "one") -> Path:
    made = sandbox_environments()["test" if test else "development"]
    at = datetime(2026, 5, len(export_id), tzinfo=UTC)
    path.write_bytes(build_package(made, KEYS, export_id=export_id, created_on=at))
    return path


@pytest.mark.usefixtures("project")
def test_a_package_becomes_issues_and_another_export_of_it_changes_nothing(tmp_path: Path) -> None:
    file = package(tmp_path / "intake.zip")
    uploaded = run_json("upload", str(file), "--auto-approve")
    run("generate", "intake", "--json")
    exported = run_json("export", "intake", "--yes")
    package(file, export_id="another")
    again = run_json("upload", str(file), "--auto-approve")
    waiting = run_json("status", "intake")
    run("generate", "intake", "--json")
    status = run_json("status", "intake")
    quality = run_json("quality", "intake")

    assert uploaded["session_key"] == "intake"
    assert {f["sheet"] for f in uploaded["files"]} == {"components"}
    assert [i["title"] for i in exported["jira_tickets"]] == [
        "Configure option set: Claim track",
        "Configure option set: Outcome",
        "Configure form: Intake",
    ]
    assert exported["dependencies_created"] == 1
    assert again["session_key"] == "intake"
    assert again["withdrawals"] == []
    assert waiting["next_step"].startswith("Write the tickets from the changed packages: ")
    assert (status["tickets_total"], status["tickets_exported"]) == (3, 3)
    assert [t["waiting_for_answers"] for t in quality["tickets"]] == [False] * 3


def test_what_differs_is_a_session_of_its_own(project: Path) -> None:
    uploaded = run_json("sharedo", "compare", "development", "test", "matter", "--session", "moved")
    (copy,) = (project / ".jira_pipeline" / "uploads" / "moved").iterdir()
    linted = run_json("lint", str(copy))

    assert uploaded["session_key"] == "moved"
    assert sorted(path.name for path in copy.iterdir()) == [
        "comparison.json",
        "development-matter.zip",
        "test-matter.zip",
    ]
    assert {f["code"] for f in linted["findings"]} <= {"dependency_outside", "not_compared"}
