"""What an upload changes, ticket by ticket, before anybody takes it.

Belongs here: comparing two readings of the sheets, and which answers and questions a change touches.
Does not: sheets that are not there (`missing_sheets`), keeping files that were sent
(`sessions/incoming`), what becomes of tickets when they are written again (`store/generations`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from jira_pipeline.model.changed_cells import changed_cells
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.revisions import RevisionOrigin
from jira_pipeline.model.ticket_hashes import rows_hash_of
from jira_pipeline.model.tickets import ChangedCell, Ticket, row_ids_of, row_name_of


class Becomes(StrEnum):
    """What an upload makes of a ticket."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"
    """Its rows are no longer in the sheets: proposed for withdrawal."""


_WEIGHT = {Becomes.GONE: 0, Becomes.CHANGED: 1, Becomes.NEW: 2}


AskedRows: TypeAlias = Mapping[str, Mapping[str, str]]
"""What tickets ask: by the key of their group the question about each row, by `row_ids_of`."""


@json_fields("question is_asked")
@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionChange:
    """A question about a row that a ticket asks from now on, or no longer."""

    question: str
    is_asked: bool


@json_fields("question answer")
@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLeft:
    """An answer that people gave, whose row is in no ticket from now on; it is kept and listed."""

    question: str
    """With the name of its row."""
    answer: str


@json_fields(
    "becomes title number ticket_id worked_on=is_worked_on cells questions causes answers_left"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class TicketChange:
    """What an upload would change about one ticket."""

    becomes: Becomes
    title: str
    """As the newer sheets call it; of one that goes, as it is called now."""
    number: int | None
    """Of the ticket there is now; None of a new one."""
    ticket_id: str | None
    is_worked_on: bool
    """People changed its text or fields, or answered a question: that stays and is marked."""
    cells: tuple[ChangedCell, ...]
    """Of a changed ticket; empty where only what it refers to changed."""
    questions: tuple[QuestionChange, ...] = ()
    """Of a changed ticket: the open questions that it lists from now on, and no longer."""
    causes: tuple[ChangedCell, ...] = ()
    """Where its questions change and none of its own cells: the cells of other tickets behind it."""
    answers_left: tuple[AnswerLeft, ...] = ()
    """Of a ticket that there is now: answers whose row is in no ticket from now on."""


def asked_rows(questions: Iterable[tuple[str, OpenQuestion]]) -> AskedRows:
    """Return what is asked of each row; each question comes with the key of its group."""
    asked: dict[str, dict[str, str]] = {}
    for group_key, question in questions:
        if question.assumption:
            continue
        row_ids = row_ids_of(question)
        of_group = asked.setdefault(group_key, {})
        for place, row_id in enumerate(row_ids):
            is_one_of_several = len(row_ids) > 1
            row = f" ({row_name_of(question.keys[place])})" if is_one_of_several else ""
            of_group[row_id] = f"{question.question}{row}"
    return asked


def asked_by_tickets(tickets: Iterable[Ticket]) -> AskedRows:
    """Return what the rules ask in these tickets, as they were written last."""
    return asked_rows(
        (ticket.group_key, question) for ticket in tickets for question in ticket.revision.questions
    )


def ticket_changes(
    before: Mapping[str, EntityGroup],
    after: Sequence[EntityGroup],
    *,
    tickets: Sequence[Ticket],
    asked_after: AskedRows,
) -> tuple[TicketChange, ...]:
    """Return what newer sheets would change: new and changed tickets in build order, then gone ones.

    `before` are the groups of the sheets as they are, by key; `tickets` those written from them, as
    they were then; `asked_after` is what the newer sheets leave open.
    """
    by_group = {ticket.group_key: ticket for ticket in tickets}
    asked_before = asked_by_tickets(tickets)
    keys_after = {row.key for group in after for row in group.sources}
    cells_by_group = {
        group.key: changed_cells(before[group.key], group)
        for group in after
        if group.key in before and rows_hash_of(before[group.key]) != rows_hash_of(group)
    }

    def change(
        becomes: Becomes, group: EntityGroup, *, questions: tuple[QuestionChange, ...] = ()
    ) -> TicketChange:
        ticket = by_group.get(group.key)
        cells = cells_by_group.get(group.key, ())
        causes: tuple[ChangedCell, ...] = ()
        if questions and not cells:
            causes = _causes_of(group, (*before.values(), *after), cells_by_group)
        return TicketChange(
            becomes=becomes,
            title=group.title,
            number=None if ticket is None else ticket.number,
            ticket_id=None if ticket is None else ticket.ticket_id,
            is_worked_on=ticket is not None and ticket.is_worked_on,
            cells=cells,
            questions=questions,
            causes=causes,
            answers_left=_answers_left(ticket, keys_after),
        )

    changes = []
    for group in after:
        if group.key not in before:
            changes.append(change(Becomes.NEW, group))
            continue
        questions = _question_changes(
            by_group.get(group.key),
            before=asked_before.get(group.key, {}),
            after=asked_after.get(group.key, {}),
        )
        is_answer_left = bool(_answers_left(by_group.get(group.key), keys_after))
        if group.key in cells_by_group or questions or is_answer_left:
            changes.append(change(Becomes.CHANGED, group, questions=questions))
    new_keys = {group.key for group in after}
    gone = [group for key, group in before.items() if key not in new_keys]
    return (*changes, *(change(Becomes.GONE, group) for group in gone))


def _question_changes(
    ticket: Ticket | None, *, before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[QuestionChange, ...]:
    """Return how the list of open questions of a ticket changes, where the program writes it.

    A row that somebody answered is not on that list, whether it is still asked or not.
    """
    if ticket is None or ticket.revision.origin is not RevisionOrigin.GENERATED:
        return ()
    if ticket.revision.changes:  # a model asks and drops questions as it finds right
        return ()
    listed_before = {i: text for i, text in before.items() if i not in ticket.own_answers}
    listed_after = {i: text for i, text in after.items() if i not in ticket.own_answers}
    dropped = [text for i, text in listed_before.items() if i not in listed_after]
    added = [text for i, text in listed_after.items() if i not in listed_before]
    return (
        *(QuestionChange(question=question, is_asked=False) for question in dropped),
        *(QuestionChange(question=question, is_asked=True) for question in added),
    )


def _answers_left(ticket: Ticket | None, keys_after: Collection[str]) -> tuple[AnswerLeft, ...]:
    """Return the answers of a ticket to rows that newer sheets put in no ticket."""
    if ticket is None:
        return ()
    left = []
    for answer in ticket.answers:
        row_key, _, _ = answer.row_key.partition(" “")
        if row_key and row_key not in keys_after:
            question = f"{answer.question} ({answer.row_name})"
            left.append(AnswerLeft(question=question, answer=answer.answer))
    return tuple(left)


def _causes_of(
    group: EntityGroup,
    every: Iterable[EntityGroup],
    cells_by_group: Mapping[str, Sequence[ChangedCell]],
) -> tuple[ChangedCell, ...]:
    """Return the changed cells of rows that refer to those of a group.

    Where none of them changed, those of the groups that it refers to. `every` are the groups
    before and after.
    """
    own_keys = {row.key for row in group.sources}
    referring_keys = {
        row.key
        for other in every
        for row in other.sources
        if any(reference.target_key in own_keys for reference in row.references)
    }
    changed = [cell for cells in cells_by_group.values() for cell in cells]
    causes = tuple(cell for cell in changed if cell.row.partition(" #")[0] in referring_keys)
    if causes:
        return causes
    related = [one.group_key for one in group.relations if one.group_key is not None]
    waited_for = [one.group_key for one in group.dependencies]
    linked = dict.fromkeys([*related, *waited_for, *group.elsewhere.values()])
    return tuple(cell for key in linked for cell in cells_by_group.get(key, ()))


def as_looked_at(changes: Sequence[TicketChange]) -> tuple[TicketChange, ...]:
    """Return changes with what a person has to know most first: what goes, changes, is new.

    Of the changed ones those follow that only refer to something that changed.
    """
    return tuple(sorted(changes, key=lambda one: (_WEIGHT[one.becomes], not one.cells)))
