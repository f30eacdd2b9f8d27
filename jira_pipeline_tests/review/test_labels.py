"""Labels that are added to tickets and removed from them together."""

from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import EditConflictError
from jira_pipeline.review.decisions import assign, change_labels, decide_all
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import put_into, view


@pytest.fixture
def session(pipeline: Pipeline, tmp_path: Path) -> OpenSession:
    """Two tickets with a label, a third with another one."""
    sheets = {"views": [view("News", "news"), view("Press", "press"), view("Jobs", "jobs")]}
    written = projects.written(pipeline, put_into(tmp_path / "sheets", sheets))
    assign(written, [1, 2], fields={"labels": ("a",)}, by="ada")
    assign(written.reload(), [3], fields={"labels": ("b",)}, by="ada")
    return written.reload()


def labels_of(session: OpenSession) -> list[tuple[str, ...]]:
    return [ticket.labels for ticket in session.reload().tickets[:3]]


def test_labels_change_in_as_many_entries_as_there_were_sets_of_them(session: OpenSession) -> None:
    outcome = change_labels(session, [3, 1, 2], added=("b",), removed=("a",), by="ada")
    entry, *_ = session.store.audit.latest(SESSION, actions=[AuditAction.FIELDS_ASSIGNED], most=1)

    assert labels_of(session) == [("b",)] * 3
    assert (outcome.numbers, outcome.changed) == ((1, 2), 2)
    assert len(entry.ticket_ids) == 2

    decide_all(session.reload(), outcome.undo, by="ada")
    assert labels_of(session) == [("a",), ("a",), ("b",)]


def test_one_ticket_whose_labels_others_changed_keeps_all_as_they_were(
    session: OpenSession,
) -> None:
    assert session.tickets
    assign(session.reload(), [3], fields={"labels": ("c",)}, by="bob")

    with pytest.raises(EditConflictError):
        change_labels(session, [1, 2, 3], added=("d",), by="ada")

    assert labels_of(session) == [("a",), ("a",), ("c",)]
