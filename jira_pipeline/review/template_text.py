"""The text of the template for a ticket that a model wrote: all that is the model's goes in one act.

What people said stays: a question that they answered is asked as long as they answer it, notes are
theirs, and a text that they changed is not replaced.

Belongs here: the verb; whether people changed what a model wrote. Does not: undoing a single change
(`revisions`), writing by rule (`tickets/template`).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from jira_pipeline.drupal.markup import list_html
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.revisions import ProseParts, Revision, RevisionOrigin, TicketProse
from jira_pipeline.model.tickets import Ticket, question_id_of, row_ids_of
from jira_pipeline.review.outcomes import BaseRevision, Number, Revised
from jira_pipeline.review.revisions import TicketEdit, edit
from jira_pipeline.review.session_rows import rows_of_session

if TYPE_CHECKING:  # what only offers a verb loads no store and no rules
    from jira_pipeline.review.open_session import OpenSession

_PASSAGE = re.compile(r"<(?:li|p|td|th)\b[^>]*>(.*?)</(?:li|p|td|th)>", re.DOTALL)
"""What somebody writes in one go: an item of a list, a paragraph, a cell of a form."""


def take_back_all(
    session: "OpenSession", number: Number, *, revision: BaseRevision = None, by: str
) -> Revised:
    """Undo all that a model wrote of a ticket, as a new revision: it has the template's text.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        GateError: The sheets do not hold the ticket any more.
        InputError: No model wrote anything of it, or people changed its text since.
    """
    ticket = session.ticket(number)
    return edit(session, ticket, _edit_to_template(session, ticket), revision=revision, by=by)


def _edit_to_template(session: "OpenSession", ticket: Ticket) -> TicketEdit:
    # All rules are slow to load, and whoever offers the verb needs none.
    from jira_pipeline.tickets.questions.found_questions import ticket_rows  # noqa: PLC0415
    from jira_pipeline.tickets.template import TemplateWriter, question_items  # noqa: PLC0415

    current = ticket.revision
    if all(change.refused for change in current.changes):
        raise InputError(
            f"No model wrote anything of ticket {ticket.number}.",
            recovery_actions=("Its text is the template's, or people's.",),
        )
    group = session.group_of(ticket).as_in_sheet
    rows = ticket_rows(group, rows_of_session(session))
    prose = TemplateWriter().write(rows)
    passages = _passages_of_people(session.revisions(ticket), current, prose)
    if passages:
        raise InputError(
            f"People changed the text of ticket {ticket.number} since a model wrote it, for "
            f"example “{passages[0]}”: that would be lost.",
            recovery_actions=(
                "Undo the changes of the model one by one.",
                "Bring back the revision that the model wrote, then undo all of it.",
            ),
        )
    questions = (*prose.questions, *_answered_beside(prose.questions, ticket))
    parts: dict[str, str] = {
        "user_story": prose.parts.user_story,
        "analysis": prose.parts.analysis,
        "questions": list_html(question_items(rows, questions), "ol"),
        "verification": prose.parts.verification,
    }
    like = replace(
        current,
        questions=questions,
        assumptions=prose.assumptions,
        estimated_hours=prose.estimated_hours,
        writer=prose.writer,
        fallback_reason="",
        changes=(),
    )
    return TicketEdit(parts=parts, like=like)


def _passages_of_people(
    revisions: Iterable[Revision], current: Revision, template: TicketProse
) -> Sequence[str]:
    """Return what of the current text neither a writer wrote nor undoing a change brought back."""
    expected_passages = {*_passages(template.parts)}
    for revision in revisions:
        if revision.origin is RevisionOrigin.GENERATED:
            expected_passages.update(_passages(revision.parts))
    for change in current.changes:
        expected_passages.update((change.before, change.after))
        expected_passages.update(fact.sentence for fact in change.covers)
    return [passage for passage in _passages(current.parts) if passage not in expected_passages]


def _passages(parts: ProseParts) -> Sequence[str]:
    """Return the passages of all parts but the notes, which nobody but people writes."""
    text = f"{parts.user_story}{parts.analysis}{parts.questions}{parts.verification}"
    return _PASSAGE.findall(text)


def _answered_beside(of_rules: Iterable[OpenQuestion], ticket: Ticket) -> Sequence[OpenQuestion]:
    """Return the questions of a model that people answered: they stay with their answers."""
    ids_of_rules = {question_id_of(question) for question in of_rules}
    answered = {answer.question_id for answer in ticket.answers}
    kept_questions = []
    for question in ticket.revision.questions:
        is_answered = not answered.isdisjoint(row_ids_of(question))
        if is_answered and question_id_of(question) not in ids_of_rules:
            kept_questions.append(question)
    return kept_questions
