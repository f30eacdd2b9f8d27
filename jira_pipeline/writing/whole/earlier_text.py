"""Which sentences of an earlier text stay in a ticket that is written again: one cell, one sentence.

A sentence whose rows are as they were stays to the letter, whatever the new answer says, unless a
cell contradicts it now. Of the answer only what rests on a row that changed comes in, at the place of
what goes.

Belongs here: that choice; a row as it is kept with a sentence; what a revision hands to the next
writing. Does not: which rows of a ticket changed (`model/changed_cells`), the ticket (`whole_ticket`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jira_pipeline.model.entities import Entity
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.revisions import (
    PARTS_OF_SENTENCES,
    ChangeKind,
    EarlierText,
    ModelChange,
    Revision,
    RowVersion,
)
from jira_pipeline.model.tickets import ChangedCell, Ticket, canonical_hash, row_ids_of
from jira_pipeline.writing.completion.checking import words_fault
from jira_pipeline.writing.completion.prompt import TicketToComplete
from jira_pipeline.writing.completion.prose_checks import contradictions


def earlier_text_of(
    ticket: Ticket, changed: Sequence[ChangedCell], *, is_ordered: bool
) -> EarlierText:
    """Return what a ticket says, asks and was answered, for whoever writes it again.

    Without `is_ordered`, sentences that a model wrote whole and people left in it are to stay.
    """
    return EarlierText(
        sentences=None if is_ordered else _sentences_in(ticket.revision),
        answered=_answered_questions(ticket),
        answers=tuple((answer.question, answer.answer) for answer in ticket.answers),
        changed_rows=frozenset(cell.row.partition(" #")[0] for cell in changed),
    )


def _answered_questions(ticket: Ticket) -> tuple[OpenQuestion, ...]:
    """Return the questions of models that people answered."""
    answered_ids = {answer.question_id for answer in ticket.answers}
    answered = []
    for question in ticket.revision.questions:
        if question.proposed_by and not answered_ids.isdisjoint(row_ids_of(question)):
            answered.append(question)
    return tuple(answered)


def _sentences_in(revision: Revision) -> tuple[ModelChange, ...] | None:
    """Return the sentences of a whole answer that a revision has; None: no model wrote it whole."""
    if not has_row_versions(revision):
        return None
    sentences = []
    for change in revision.changes:
        part = PARTS_OF_SENTENCES.get(change.kind)
        if part and not change.refused and change.after in getattr(revision.parts, part):
            sentences.append(change)
    return tuple(sentences)


def has_row_versions(revision: Revision) -> bool:
    """Tell whether a model wrote a text whole: its sentences name the rows they rest on."""
    return any(change.rows for change in revision.changes)


def row_version(row: Entity) -> RowVersion:
    """Return a row as it is kept with a sentence: its key, and what its cells say."""
    cells = {column: cell for column, cell in row.as_stated.cells.items() if cell}
    return RowVersion(key=row.key, cells_hash=canonical_hash([row.status.value, cells])[:16])


def sentences_with_earlier(
    sentences: Sequence[ModelChange], ticket: TicketToComplete
) -> list[ModelChange]:
    """Return the sentences of a ticket: earlier ones that stay, with what the answer says anew."""
    earlier = ticket.facts.earlier
    if earlier is None or earlier.sentences is None:
        return [*sentences]
    rows = _KnownRows(sentences=earlier.sentences, changed_rows=earlier.changed_rows, ticket=ticket)
    joined: list[ModelChange] = []
    for kind in PARTS_OF_SENTENCES:
        before = [change for change in earlier.sentences if change.kind is kind]
        now = [change for change in sentences if change.kind is kind]
        joined += _joined_part(before, now, rows)
    return joined


def _joined_part(
    before: Sequence[ModelChange], now: Sequence[ModelChange], rows: "_KnownRows"
) -> list[ModelChange]:
    """Return the sentences of one part; each that goes is replaced by the next new one."""
    staying = {change.text for change in before if rows.leave_as_it_is(change)}
    new = [c for c in now if c.text not in staying and rows.has_changed(c)]
    joined = []
    for change in before:
        if change.text in staying:
            joined.append(change)
        elif new:
            joined.append(new.pop(0))
    is_story_there = any(change.kind is ChangeKind.USER_STORY for change in joined)
    return joined if is_story_there else [*joined, *new]


@dataclass(frozen=True, kw_only=True)
class _KnownRows:
    """The rows of a session against those that the earlier sentences rest on."""

    sentences: Sequence[ModelChange]
    """The earlier ones."""
    changed_rows: frozenset[str]
    ticket: TicketToComplete

    def leave_as_it_is(self, change: ModelChange) -> bool:
        """Tell whether the rows of an earlier sentence are as they were, and nothing contradicts it."""
        if not change.rows or any(self._is_other(row) for row in change.rows):
            return False
        # A model may have named fewer rows than its sentence speaks of.
        fault = words_fault(change.text, self.ticket)
        return not (fault or next(contradictions(change.text, self.ticket), ""))

    def has_changed(self, change: ModelChange) -> bool:
        """Tell whether a new sentence rests on a row that is not as an earlier sentence found it."""
        if any(row.key in self.changed_rows for row in change.rows):
            return True
        earlier_rows = {row.key: row for sentence in self.sentences for row in sentence.rows}
        return any(
            row.key in earlier_rows and self._is_other(earlier_rows[row.key]) for row in change.rows
        )

    def _is_other(self, row: RowVersion) -> bool:
        """Tell whether a row is gone or says something else now."""
        now = self.ticket.facts.session.specification.by_key.get(row.key, ())
        return row not in map(row_version, now)
