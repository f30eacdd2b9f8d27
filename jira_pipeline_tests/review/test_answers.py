"""Answers in the cells of forms: what they change, what keeps them, what takes their place."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.jira.adf import adf_to_markdown
from jira_pipeline.model.errors import AnswerConflictError, WrongUseError
from jira_pipeline.model.forms_in_text import with_answers
from jira_pipeline.model.records import AuditAction
from jira_pipeline.model.tickets import Answer, ChangeKind, ModelChange
from jira_pipeline.review.answers import answer
from jira_pipeline.review.forms import asked_cells
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.waiting import quality_of
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.sheets.made_specifications import Row, display, put_into, view

Write = Callable[..., OpenSession]


@pytest.fixture
def written(pipeline: Pipeline, tmp_path: Path) -> Write:
    """Upload two views, News with a page and these cells, and write their tickets."""

    def write(**cells: str) -> OpenSession:
        page: Row = display("News", "page_1", Notes="Path: /news", Pager="", **cells)
        sheets = {
            "views": [view("News", "news"), view("Press", "press")],
            "displays": [page, display("News", "feed_1", "Feed", "x")],
        }
        return projects.written(pipeline, put_into(tmp_path / "sheets", sheets))

    return write


def test_prose_speaks_of_no_question_once_all_are_answered(reviewed: Path) -> None:
    """Sentences of the analysis and of the verification named questions that were gone."""
    with projects.opened(reviewed) as pipeline:
        session = open_session(pipeline, SESSION)
        left = [(q.place, "As it is.") for q in session.questions if q.is_open]
        answer(session, left, is_only=True, by="ab")
        tickets = session.again().tickets

    prose = [
        (t.revision.parts.user_story, t.analysis, t.revision.parts.verification) for t in tickets
    ]
    assert [text for text in chain(*prose) if re.search(r"\bquestions?\b", text)] == []


def asked_of_news(session: OpenSession) -> Mapping[str, str]:
    """The cells of the page of News to fill in, by column, with their places."""
    return {c.cell.column: c.place for c in session.cells if c.cell.display == "page_1"}


def body(session: OpenSession, title: str = "Configure view: News") -> str:
    (rendered,) = (one for one in session.rendered if one.summary == title)
    return adf_to_markdown(rendered.document)


def test_a_ticket_whose_cells_are_answered_waits_for_nothing_and_asks_for_nothing(
    written: Write,
) -> None:
    session = written()
    places = asked_of_news(session)
    before = quality_of(session.tickets)
    number = next(c.ticket.number for c in session.cells if c.place == places["Sort"])

    answer(session, [(places["Filters"], "published only")], by="dana")
    some = session.again()
    rest = {column: place for column, place in places.items() if column != "Filters"}
    kept = answer(some, [(place, f"its {column}") for column, place in rest.items()], by="dana")

    after = some.again()
    asked = {one.ticket.number: len(one.ticket.unanswered) for one in before.tickets}[number]
    counts = [quality_of(s.tickets).waiting_count for s in (session, some, after)]
    assert counts == [2, 1, 1]
    assert kept.tickets == (number,)
    assert len(after.ticket(number).unanswered) == asked - 1
    assert after.store.tickets.tally(SESSION).questions == after.tally.questions == after.asked.left
    assert {t.number: t.unanswered_count for t in after.listed}[number] == asked - 1
    assert "| published only | its Sort |" in body(after)
    assert "cells marked" not in body(after)
    assert "dana" not in body(after)


def test_answers_outlive_another_upload_until_a_sheet_fills_their_cell(written: Write) -> None:
    session = written()
    places = asked_of_news(session)
    given = [(place, f"answered {column}") for column, place in places.items()]
    answer(session, given, by="dana")

    again = written(Sort="By title")

    assert "| answered Filters | By title |" in body(again)
    assert set(places) - set(asked_of_news(again)) == {"Sort"}
    assert quality_of(again.tickets).waiting_count == 1
    assert not any("page_1" in q.question for t in again.tickets for q in t.unanswered)
    assert "| answered Filters | answered Sort |" in body(written())


def test_what_somebody_else_answered_meanwhile_is_named_and_nothing_is_kept(written: Write) -> None:
    session = written()
    places = asked_of_news(session)
    answer(session, [(places["Sort"], "By date")], by="eve")
    mine = [(places["Sort"], "By title"), (places["Filters"], "all")]

    with pytest.raises(AnswerConflictError, match=r"Sort of `page_1`.*“By date”"):
        answer(session, mine, were={places["Sort"]: ""}, by="dana")
    same = answer(session, [(places["Sort"], "By date")], were={places["Sort"]: ""}, by="dana")
    seen = answer(session.again(), mine, were={places["Sort"]: "By date"}, by="dana")

    assert (same.kept, seen.kept) == (0, 2)
    (entry, *_) = reversed(
        session.store.audit.entries(SESSION, actions={AuditAction.QUESTIONS_ANSWERED})
    )
    (ticket_id,) = (session.ticket(number).ticket_id for number in seen.tickets)
    assert entry.details["answers"] == {
        ticket_id: {"Filters of `page_1`": "all", "Sort of `page_1`": "By title"}
    }


def test_an_answer_stands_before_what_a_model_filled_in(written: Write) -> None:
    session = written()
    sort = next(cell for cell in session.cells if cell.cell.column == "Sort")
    revision, by_model = sort.ticket.revision, "By age (from the note)"
    html = with_answers(revision.parts.analysis, [sort.cell], {sort.cell.cell_id: by_model})
    fill = ModelChange(kind=ChangeKind.FILL, text=by_model, before="?", after=by_model)
    parts = replace(revision.parts, analysis=html)
    ticket = replace(sort.ticket, revision=replace(revision, parts=parts, changes=(fill,)))
    answer = Answer(
        question_id=sort.cell.cell_id,
        question=sort.cell.asks,
        answer="By date",
        answered_by="dana",
        answered_at=revision.created_at,
    )

    answered = replace(ticket, answers=(answer,))

    (asked,) = (cell for cell in asked_cells(ticket) if cell.place == sort.place)
    assert (asked.known, asked.is_open, sort.is_open) == (by_model, False, True)
    assert (by_model in ticket.analysis, by_model in answered.analysis) == (True, False)
    assert "<td>By date</td>" in answered.analysis


@pytest.mark.parametrize(
    ("column", "text", "fault"),
    [("Sort", "By date?", "marks open"), ("Sort", "x" * 5_001, "5,000")],
    ids=["open still", "too long"],
)
def test_what_cannot_be_in_a_cell_is_refused(
    written: Write, column: str, text: str, fault: str
) -> None:
    session = written()

    with pytest.raises(WrongUseError, match=fault):
        answer(session, [(asked_of_news(session)[column], text)], by="dana")
    sort = asked_of_news(session)["Sort"]
    colour = f"{sort.partition('.')[0]}.page_1.Colour"
    with pytest.raises(WrongUseError, match=f"there is no question '{colour}'; .*{sort}"):
        answer(session, [(colour, "red")], by="dana")
    assert answer(session, [(sort.lower(), "By date")], by="dana").kept == 1
