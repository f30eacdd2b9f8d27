"""What an issue has from people of ours and its ticket lacks is not taken out of it by an update."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json

KEY = projects.SESSION
WORDS = ("Answered by Ada", "Title by Ada", "Noted by Ada")


@pytest.fixture
def pipeline(
    small_exported_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pipeline]:
    """A session whose issues have an answer, a title and notes of people."""
    home = projects.adopt(small_exported_project, tmp_path / "project", monkeypatch)
    with projects.opened(home) as opened:
        yield opened


@pytest.fixture
def number(pipeline: Pipeline, tmp_path: Path) -> int:
    """The number of a ticket that people answered, named and noted something in, as its issue says."""
    asked = next(t for t in pipeline.store.tickets.list_all(KEY) if t.revision.questions)
    notes = tmp_path / "notes.md"
    notes.write_text("Noted by Ada: keep this.", encoding="utf-8")
    run("questions", KEY, "--answer", f"{asked.number}.1", "Answered by Ada")
    run("tickets", "edit", KEY, str(asked.number), "--title", "Title by Ada")
    run("tickets", "edit", KEY, str(asked.number), "--part", "notes", "--file", str(notes))
    update()
    assert words_in_issues(pipeline) == set(WORDS)
    return asked.number


def update(*options: str) -> None:
    make_ready()
    answered = run("export", KEY, "--update", "--yes", *options)
    assert answered.exit_code == 0, answered.words


def make_ready() -> None:
    run("validate", KEY)
    run("tickets", "ready", KEY, "--all")


def words_in_issues(pipeline: Pipeline) -> set[str]:
    with closing(sqlite3.connect(pipeline.settings.sandbox_path)) as sandbox:
        rows = sandbox.execute("SELECT summary, description FROM issue").fetchall()
    said = " ".join(str(cell) for row in rows for cell in row)
    return {words for words in WORDS if words in said}


def count_issues(pipeline: Pipeline) -> int:
    with closing(sqlite3.connect(pipeline.settings.sandbox_path)) as sandbox:
        return int(sandbox.execute("SELECT count(*) FROM issue").fetchone()[0])


def remove_as_before(pipeline: Pipeline, tmp_path: Path) -> None:
    """Remove the session as a version did that kept nothing, and upload the same sheets again."""
    pipeline.store.sessions.remove(KEY, at=pipeline.clock.now(), by="retention")
    with closing(sqlite3.connect(pipeline.settings.home_path / "store.sqlite")) as store, store:
        store.execute("DELETE FROM kept_reviews")
    upload_again(tmp_path)


def upload_again(tmp_path: Path) -> None:
    sheets = projects.copy_small_sheets(tmp_path / "again")
    run("upload", str(sheets), "--session", KEY)
    run("generate", KEY)


def planned(number: int) -> dict[str, Any]:
    make_ready()
    plan = run_json("export", KEY, "--update", "--plan")
    return next(one for one in plan["update"] if one["number"] == number)


def test_what_was_decided_returns_with_the_key_and_stays_in_jira(
    pipeline: Pipeline, number: int, tmp_path: Path
) -> None:
    """Nothing was kept: a ticket that somebody had skipped was created, the words left the issues."""
    skipped = next(t for t in pipeline.store.tickets.list_all(KEY) if t.number != number)
    run("undo", KEY, "--yes")
    run("tickets", "skip", KEY, str(skipped.number), "--reason", "Built elsewhere")
    update()
    issue_count = count_issues(pipeline)
    pipeline.store.sessions.remove(KEY, at=pipeline.clock.now(), by="ada")

    upload_again(tmp_path)
    status = run_json("status", KEY)
    update()

    assert "answer" in status["returned"]
    assert "1 note" in status["returned"]
    assert "1 skipped ticket" in status["returned"]
    assert (status["jira_changes"], status["jira_updates"]) == (0, 0)
    assert words_in_issues(pipeline) == set(WORDS)
    assert count_issues(pipeline) == issue_count
    assert run_json("status", KEY)["returned"] == ""


def test_an_update_waits_for_a_person_where_the_ticket_lacks_what_people_gave_it(
    pipeline: Pipeline, number: int, tmp_path: Path
) -> None:
    """The update that the program itself proposed took answers, notes and titles out of issues."""
    remove_as_before(pipeline, tmp_path)

    waiting = planned(number)
    shown = run("export", KEY, "--update", "--plan").words
    update()
    status = run_json("status", KEY)

    assert words_in_issues(pipeline) == set(WORDS)
    for words in WORDS:
        assert any(words in one for one in waiting["lacks"]), words
        assert words in shown
    assert f"--overwrite {waiting['consent']}" in shown
    assert (status["jira_changes"], status["jira_updates"]) == (1, 0)


def test_who_overwrites_it_takes_it_out_and_the_audit_names_the_words(
    pipeline: Pipeline, number: int, tmp_path: Path
) -> None:
    remove_as_before(pipeline, tmp_path)

    update("--overwrite", planned(number)["consent"])

    (entry,) = pipeline.store.audit.entries(KEY, actions={AuditAction.WORDS_OVERWRITTEN})
    assert words_in_issues(pipeline) == set()
    assert [words for words in WORDS if words in str(entry.details["words"])] == list(WORDS)


def test_words_that_are_given_to_the_ticket_again_let_the_update_go_on(
    pipeline: Pipeline, number: int, tmp_path: Path
) -> None:
    remove_as_before(pipeline, tmp_path)
    notes = tmp_path / "notes.md"
    run("questions", KEY, "--answer", f"{number}.1", "Answered by Ada")
    run("tickets", "edit", KEY, str(number), "--title", "Title by Ada")
    run("tickets", "edit", KEY, str(number), "--part", "notes", "--file", str(notes))
    run("tickets", "assign", KEY, str(number), "--labels", "new")

    update()

    assert words_in_issues(pipeline) == set(WORDS)
    assert run_json("status", KEY)["jira_updates"] == 0


def test_what_somebody_took_away_is_taken_out_of_the_issue(pipeline: Pipeline, number: int) -> None:
    """The audit trail has the acts: nothing waits."""
    run("questions", KEY, "--answer", f"{number}.1", "")
    run("tickets", "edit", KEY, str(number), "--title", "Another title")
    (ticket,) = [t for t in pipeline.store.tickets.list_all(KEY) if t.number == number]
    empty = pipeline.settings.home_path / "empty.md"
    empty.write_text("", encoding="utf-8")
    run("tickets", "edit", KEY, str(number), "--part", "notes", "--file", str(empty))

    waiting = planned(number)
    update()

    assert ticket.answers == ()
    assert (waiting["lacks"], waiting["objection"]) == ([], "")
    assert words_in_issues(pipeline) == set()


def test_an_answer_that_was_taken_back_before_the_session_went_does_not_wait(
    pipeline: Pipeline, number: int, tmp_path: Path
) -> None:
    run("questions", KEY, "--answer", f"{number}.1", "")
    remove_as_before(pipeline, tmp_path)

    lacks = planned(number)["lacks"]

    assert not any("Answered by Ada" in words for words in lacks)
    assert any("Title by Ada" in words for words in lacks)
