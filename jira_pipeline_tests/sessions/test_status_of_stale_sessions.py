"""`status` says stale exactly where the gate does, and renders nothing where nothing changed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from jira_pipeline.context.background import Background
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.review import approvals, revisions
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.revisions import TicketEdit
from jira_pipeline.sessions import status
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION, rename_ticket


@pytest.fixture
def opened(reviewed: Path) -> Iterator[Pipeline]:
    with projects.opened(reviewed) as pipeline:
        yield pipeline


def _reasons(pipeline: Pipeline) -> tuple[str, ...]:
    return status.status(open_session(pipeline, SESSION)).stale


def test_an_unchanged_session_is_fresh_without_a_look_at_its_sheets(opened: Pipeline) -> None:
    for path in opened.settings.uploads_path.rglob("*.csv"):
        path.chmod(0o600)
        path.write_text("", encoding="utf-8")

    assert _reasons(opened) == ()


def test_an_edit_between_reading_and_recording_is_seen_whatever_the_clock_says(
    opened: Pipeline,
) -> None:
    """Two machines with different clocks: the edit carries an earlier time than the validation."""
    session = opened.store.sessions.get(SESSION)
    rename_ticket(opened, SESSION, 3, "Another title", at=session.created_at)

    assert _reasons(opened) == ("1 ticket changed since the last validation",)


def test_tickets_of_another_version_of_the_code_are_rendered_again(opened: Pipeline) -> None:
    """A body limit is a part of it: with another one other documents are made."""
    shorter = open_pipeline(opened.settings.model_copy(update={"adf_body_max_bytes": 4_000}))

    with shorter.store:
        assert len(_reasons(shorter)) == 1


class Noted(Background):
    """Does what it is asked for when a test says so."""

    def __init__(self) -> None:
        self.asked: dict[str, Callable[[], None]] = {}

    @override
    def soon(self, name: str, do: Callable[[], None]) -> None:
        """Keep it, once for a name."""
        self.asked[name] = do


def test_a_server_validates_the_ticket_it_is_asked_about_and_the_others_of_many_behind_its_answer(
    opened: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a thousand tickets each decision beside an edit took a second, for everybody."""
    monkeypatch.setattr(approvals, "VALIDATED_AT_ONCE", 1)
    later = Noted()
    session = open_session(replace(opened, background=later), SESSION)
    for number in (2, 3):
        edited = TicketEdit(title=f"Another title {number}")
        revisions.edit(session, session.tickets[number - 1], edited, revision=None, by="ab")

    marked = approvals.mark_ready(session.reload(), [3], by="ab")

    session = session.reload()
    tested = session.store.audit.entries(SESSION, actions={AuditAction.VALIDATION_RECORDED})
    assert marked.changed == 1
    assert session.tickets[2].is_ready
    assert tested[-1].details["tested"] == 1
    assert len(_reasons(session.pipeline)) == 2

    for do in later.asked.values():
        do()
    assert _reasons(session.pipeline) == ()
    assert open_session(opened, SESSION).tickets[2].is_ready
