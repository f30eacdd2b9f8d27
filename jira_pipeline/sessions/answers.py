"""Answers of people: to questions, in the cells of forms; typed, or filled in in a file.

Belongs here: what becomes of them, whoever asks. Does not: what an answer may be
(`stages/review/questions`, `forms`, `view_workbook`), keeping it (`store/reviews`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.sessions.filled_tables import read_filled_table
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.stages.review.questions import accepted_at, answers_at, read_answers
from jira_pipeline.stages.review.view_workbook import is_views_workbook, read_views


@dataclass(frozen=True, kw_only=True)
class KeptAnswers:
    """What became of answers."""

    count: int
    """How many are new, another, or taken back."""
    session: OpenSession
    """As it is now."""
    tickets: tuple[Ticket, ...]
    """Those that say something else now, by number."""
    remark: str = ""
    """What was assumed of a file; empty where nothing was."""


def answer(
    session: OpenSession,
    given: Iterable[tuple[str, str]] = (),
    *,
    accepted: Iterable[str] = (),
    were: Mapping[str, str] | None = None,
    is_only: bool = False,
    by: str,
) -> KeptAnswers:
    """Keep answers by the place of a question or cell, and suggestions people accept; all or none.

    `were` are the answers people saw there, empty where they saw none.

    Raises:
        AnswerConflictError: Somebody else answered since.
        WrongUseError: A place, an answer or a suggestion is none.
    """
    asked, cells = session.questions, session.cells
    typed = [*given, *accepted_at(accepted, asked)]
    answers = answers_at(typed, asked, cells=cells, is_only=is_only)
    seen = answers_at((were or {}).items(), asked, cells=cells, is_only=is_only)
    return _keep(session, answers, were=seen, by=by)


def answer_by_file(session: OpenSession, content: bytes, *, name: str, by: str) -> KeptAnswers:
    """Keep the answers of a file: a list of questions, or the sheet of displays, filled in.

    Raises:
        InputError: It cannot be read, or one of its answers cannot be kept: then none is.
    """
    filled = read_filled_table(content, name=name)
    if is_views_workbook(filled):
        cells = session.cells
        given, unread = read_views(filled, session.contents.specification, cells)
        answers = answers_at(given, (), cells=cells, is_only=True)
    else:
        unread = ""
        answers = read_answers(filled, session_key=session.key, tickets=session.tickets)
    remark = " ".join(filter(None, (filled.remark, unread)))
    return _keep(session, answers, by=by, remark=remark)


def _keep(
    session: OpenSession,
    answers: Mapping[str, Mapping[str, str]],
    *,
    were: Mapping[str, Mapping[str, str]] | None = None,
    by: str,
    remark: str = "",
) -> KeptAnswers:
    before = {ticket.ticket_id: ticket.answers for ticket in session.tickets}
    at = session.clock.now()
    count = session.store.reviews.answer(session.key, answers, by=by, at=at, were=were)
    after = session.again()
    changed = (t for t in after.tickets if t.answers != before.get(t.ticket_id))
    return KeptAnswers(count=count, session=after, tickets=tuple(changed), remark=remark)
