"""What a reviewer is shown of a ticket that lost its ready mark: the difference, and who made it."""

from pathlib import Path

import pytest

from jira_pipeline.model.people import Role
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review import answers, approvals, revisions
from jira_pipeline.review.approved_difference import (
    ApprovedDifference,
    ChangedAnswer,
    difference_to_approved,
)
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.revisions import TicketEdit
from jira_pipeline.sessions import upload
from jira_pipeline.web.context import Web
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import signed_in, texts

pytestmark = pytest.mark.small_site
HERE = f"/sessions/{SESSION}"


def the_session(web: Web) -> OpenSession:
    return open_session(web.pipeline, SESSION)


def asking(web: Web) -> Ticket:
    return next(ticket for ticket in the_session(web).tickets if ticket.revision.questions)


def changed(web: Web, number: int) -> ApprovedDifference | None:
    session = the_session(web)
    ticket = session.ticket(number)
    return difference_to_approved(session, ticket, group=session.group_of(ticket))


def add_note(web: Web, number: int, note: str, *, by: str) -> None:
    session = the_session(web)
    ticket = session.ticket(number)
    wanted = TicketEdit(parts={"notes": f"<p>{note}</p>"})
    revisions.edit(session, ticket, wanted, revision=None, by=by)


def test_answers_and_sentences_since_the_mark_are_shown_with_who_changed_them(
    fresh_web: Web,
) -> None:
    number = asking(fresh_web).number
    question = asking(fresh_web).revision.questions[0].question
    place = next(q.place for q in the_session(fresh_web).questions if q.ticket.number == number)
    add_note(fresh_web, number, "Ask first.", by="anna")
    answers.answer(the_session(fresh_web), [(place, "Maybe.")], by="anna")
    approvals.mark_ready(the_session(fresh_web), [number], by="anna")

    add_note(fresh_web, number, "Ask twice.", by="ben")
    answers.answer(the_session(fresh_web), [(place, "Yes.")], by="ben")
    since = changed(fresh_web, number)
    with signed_in(fresh_web, Role.REVIEWER) as client:
        page = client.get(f"{HERE}/tickets/{number}").text
        listed = client.get(f"{HERE}/tickets?lost=1").text
        overview = client.get(HERE).text
        review = client.get(f"{HERE}/review?lost=1").headers["location"]

    assert since is not None
    assert (since.mark.by, since.revision.number, since.cells) == ("anna", 2, ())
    # Both of its rows were answered, so none is named.
    assert ChangedAnswer(question=question, before="Maybe.", after="Yes.") in since.answers
    assert [(p.part, p.lines[1:]) for p in since.parts] == [
        ("notes", ("-Ask first.", "+Ask twice."))
    ]
    assert [(e.entry.actor, e.entry.action) for e in since.events] == [
        ("ben", "ticket_edited"),
        ("ben", "questions_answered"),
    ]
    assert texts(page, ".since h2")[0].startswith("Changed since anna approved this")
    assert texts(page, ".since del") == ["Maybe.", "-Ask first ."]
    assert texts(page, ".since ins") == ["Yes.", "+Ask twice ."]
    assert texts(page, ".since details") == [], "prose is as open as cells"
    assert texts(overview, ".next td h3") == ["Notes"]
    assert texts(overview, ".next td ins") == ["+Ask twice ."]
    assert texts(page, ".since :is(del, ins) b") == ["first", "twice"]
    assert texts(listed, "#tickets td.main > a > .only-small") == [str(number)]
    assert review == f"{HERE}/tickets/{number}?lost=1"


def test_cells_since_the_mark_are_shown_with_the_upload_that_changed_them(
    fresh_web: Web, tmp_path: Path
) -> None:
    approvals.mark_ready(the_session(fresh_web), by="anna")
    sheets = projects.copy_small_sheets(tmp_path / "sheets")
    projects.rename_a_field(sheets)

    upload.upload(fresh_web.pipeline, sheets, session_key=SESSION, auto_approve=False, actor="ben")
    with signed_in(fresh_web, Role.REVIEWER) as client:
        client.post(f"/api{HERE}/generate", json={})
    session = the_session(fresh_web)
    [lost] = session.lost_marks
    number = next(one.number for one in session.listed if one.ticket_id == lost)
    since = changed(fresh_web, number)

    assert since is not None
    assert since.cells is not None
    assert ("Chime", "Bells") in {(cell.before, cell.after) for cell in since.cells}
    assert [(e.entry.actor, e.entry.action) for e in since.events] == [
        ("ben", "upload_replaced"),
        ("pipeline", "tickets_generated"),
    ]


def test_a_mark_that_somebody_took_away_is_not_lost(fresh_web: Web) -> None:
    approvals.mark_ready(the_session(fresh_web), [1, 2], by="anna")
    add_note(fresh_web, 2, "Ask first.", by="ben")
    approvals.unmark_ready(the_session(fresh_web), [1], by="anna")
    add_note(fresh_web, 1, "Ask first.", by="ben")

    assert changed(fresh_web, 1) is None
    assert changed(fresh_web, 2) is not None
    approvals.mark_ready(the_session(fresh_web), [2], by="anna")
    assert changed(fresh_web, 2) is None
