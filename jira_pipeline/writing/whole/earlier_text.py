"""Which sentences of an earlier text stay in a ticket that is written again: one cell, one sentence.

A sentence whose rows are as they were stays to the letter, whatever the new answer says, unless a
cell contradicts it now. Of the answer only what rests on a row that changed comes in, at the place of
what goes.

Belongs here: that choice; a row as it is kept with a sentence; what a revision hands to the next
writing. Does not: which rows of a ticket changed (`model/changed_cells`), the ticket (`whole_ticket`).
"""

from collections.abc import Iterable, Mapping, Sequence
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
from jira_pipeline.model.tickets import (
    ChangedCell,
    Ticket,
    canonical_hash,
    question_id_of,
    row_ids_of,
)
from jira_pipeline.writing.completion.checking import words_fault
from jira_pipeline.writing.completion.prompt import TicketToComplete, ids_of
from jira_pipeline.writing.completion.prose_checks import contradictions
from jira_pipeline.writing.whole.answer import AnsweredQuestion, WrittenQuestion
from jira_pipeline.writing.whole.judging import JudgedPart


def earlier_text_of(
    ticket: Ticket, changed: Sequence[ChangedCell], *, is_ordered: bool
) -> EarlierText:
    """Return what a ticket says, asks and was answered, for whoever writes it again.

    Without `is_ordered`, sentences that a model wrote whole and people left in it are to stay.
    """
    return EarlierText(
        sentences=None if is_ordered else _sentences_in(ticket.revision),
        questions=() if is_ordered else _unanswered_questions(ticket),
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


def _unanswered_questions(ticket: Ticket) -> tuple[ModelChange, ...]:
    """Return the entries of questions that a ticket asks as a model worded them.

    Those of the model's own that people answered are kept by themselves.
    """
    texts = {question_id_of(asked): asked.question for asked in ticket.revision.questions}
    answered_ids = {question_id_of(question) for question in _answered_questions(ticket)}
    entries = []
    for change in ticket.revision.changes:
        if change.question is None or change.refused or not change.rows:
            continue
        question_id = question_id_of(change.question)
        is_asked = texts.get(question_id) == change.question.question
        if is_asked and question_id not in answered_ids:
            entries.append(change)
    return tuple(entries)


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
    rows = _KnownRows.of(earlier, ticket)
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
    new = [c for c in now if c.text not in staying and rows.has_changed_row(c.row_keys)]
    joined = []
    for change in before:
        if change.text in staying:
            joined.append(change)
        elif new:
            joined.append(new.pop(0))
    is_story_there = any(change.kind is ChangeKind.USER_STORY for change in joined)
    return joined if is_story_there else [*joined, *new]


def parts_with_earlier_questions(
    judged: Sequence[JudgedPart], ticket: TicketToComplete
) -> list[JudgedPart]:
    """Return the parts of an answer with the earlier questions whose rows are as they were.

    Of the answer's own questions only those that rest on a row that changed come in.
    """
    earlier = ticket.facts.earlier
    if earlier is None or earlier.sentences is None:
        return [*judged]
    rows = _KnownRows.of(earlier, ticket)
    staying = []
    for change in earlier.questions:
        part = _question_again(change, ticket) if rows.has_same_rows(change) else None
        if part is not None:
            staying.append(part)
    names = {name for part in staying for name in _questions_named_by(part)}
    joined = []
    for part in judged:
        if part.kind is ChangeKind.QUESTION and not part.refused:
            is_worded = not names.isdisjoint(_questions_named_by(part))
            if is_worded or not rows.has_changed_row([row.key for row in part.rows]):
                continue
        joined.append(part)
    return [*staying, *joined]


def _question_again(change: ModelChange, ticket: TicketToComplete) -> JudgedPart | None:
    """Return an earlier question as a part of an answer; None: its rule asks something else now."""
    question = change.question
    if question is None:
        return None
    names = []
    if change.former_question is not None:
        for name, asked in ticket.questions.items():
            if asked.question == change.former_question.question:
                names.append(name)
        if not names:
            return None
    row = ticket.facts.session.specification.by_key[change.rows[0].key][0]
    content = WrittenQuestion.model_validate(
        {
            "row": ids_of(ticket.facts.session)[row.source],
            "column": question.column,
            "question": question.question,
            "for": names[:1],
            "suggested_answer": question.suggested_answer,
            "because": question.suggested_because,
        }
    )
    return JudgedPart(
        kind=ChangeKind.QUESTION, content=content, rows=(row,), warning=change.warning
    )


def _questions_named_by(part: JudgedPart) -> Sequence[str]:
    """Return the questions of rules that a part of an answer words or answers."""
    match part.content:
        case WrittenQuestion(question_names=names):
            return names
        case AnsweredQuestion(question=name):
            return [name]
        case _:
            return ()


@dataclass(frozen=True, kw_only=True)
class _KnownRows:
    """The rows of a session against those that an earlier text rests on."""

    earlier_rows: Mapping[str, RowVersion]
    """As the earlier text found them, by key."""
    changed_rows: frozenset[str]
    ticket: TicketToComplete

    @staticmethod
    def of(earlier: EarlierText, ticket: TicketToComplete) -> "_KnownRows":
        rows = {}
        for change in (*(earlier.sentences or ()), *earlier.questions):
            for row in change.rows:
                rows[row.key] = row
        return _KnownRows(earlier_rows=rows, changed_rows=earlier.changed_rows, ticket=ticket)

    def leave_as_it_is(self, change: ModelChange) -> bool:
        """Tell whether the rows of an earlier sentence are as they were, and nothing contradicts it."""
        if not self.has_same_rows(change):
            return False
        # A model may have named fewer rows than its sentence speaks of.
        fault = words_fault(change.text, self.ticket)
        return not (fault or next(contradictions(change.text, self.ticket), ""))

    def has_same_rows(self, change: ModelChange) -> bool:
        """Tell whether the rows of an earlier entry are as they were."""
        return bool(change.rows) and not any(self._is_other(row) for row in change.rows)

    def has_changed_row(self, keys: Iterable[str]) -> bool:
        """Tell whether one of some rows is not as the earlier text found it."""
        for key in keys:
            earlier_row = self.earlier_rows.get(key)
            if key in self.changed_rows or (earlier_row and self._is_other(earlier_row)):
                return True
        return False

    def _is_other(self, row: RowVersion) -> bool:
        """Tell whether a row is gone or says something else now."""
        now = self.ticket.facts.session.specification.by_key.get(row.key, ())
        return row not in map(row_version, now)
