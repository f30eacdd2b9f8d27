"""What a new generation does to the tickets there are.

Belongs here: comparing drafts with stored tickets: which are new, written again where newer sheets
changed their rows, or stay as they are; their numbers, revisions and ready marks, titles that another
ticket has since; the questions of a store of version 1, which their words named
(`questions_of_version_1.toml`). Does not: reading tickets (`ticket_rows`), what people do to them
(`ticket_store`), making drafts (`writing`).

A generation is one run of the writers over all tickets of a session: its drafts come in, one for
each group of rows, and rows of tickets, revisions and dependencies go out. A draft with the id of a
stored ticket is that ticket again. A ticket without a draft is gone: its rows left the sheets.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import chain
from typing import Any, TypeAlias

from sqlalchemy import Connection, TableClause, column, delete, func, insert, select, table, update

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.changed_cells import WHOLE_ROW, joined_changes
from jira_pipeline.model.dependencies import Edge, break_cycles
from jira_pipeline.model.grouped import group_pairs
from jira_pipeline.model.open_questions import FORMER_KINDS, MODEL, OpenQuestion
from jira_pipeline.model.revisions import Revision, RevisionOrigin, TicketProse, is_of_people
from jira_pipeline.model.ticket_hashes import approved_hash_of
from jira_pipeline.model.tickets import (
    Answer,
    ChangedCell,
    GenerationOutcome,
    Ticket,
    TicketDraft,
    TicketOutline,
    content_hash_of,
    outcome_in,
    row_ids_of,
    row_questions_of,
    without_rows,
)
from jira_pipeline.model.toml_tables import toml_tables
from jira_pipeline.store import tables
from jira_pipeline.store.changes import CHANGED_CONTENT, Change, update_session
from jira_pipeline.store.kept_reviews import return_dependencies
from jira_pipeline.store.mapping import delete_rows, insert_rows, json_text, storable
from jira_pipeline.store.moved_rows import AskingTicket, follow_rows
from jira_pipeline.store.ticket_rows import (
    NOT_READY,
    NOT_VANISHED,
    PROPOSED,
    revision_cells,
    revisions_of,
    set_cells,
)

_DEPENDENCIES = tables.dependencies.c
_NO_CELLS = {"ticket_id", "depends_on", "relates_to"}
_RENEWED = tuple(field.name for field in fields(TicketOutline) if field.name not in _NO_CELLS)
"""Columns of tickets that a generation sets, save for those that people set."""
_COMPARED = (
    "content_hash",
    "questions",
    "facts_hash",
    "fallback_reason",
    "changes",
    "assumptions",
)
"""Fields of a revision: one that is equal in all of them is not added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _TicketChange:
    """What a generation does to one ticket."""

    draft: TicketDraft
    before: Ticket | None
    """The ticket as it is stored; None where it is new."""
    revision: Revision
    """Its current one afterwards; the very object of before where none is added."""
    source_changes: tuple[ChangedCell, ...] = ()
    """Cells that changed and that people have to look at, since they wrote the text."""

    @property
    def ticket_id(self) -> str:
        return self.draft.ticket_id

    @property
    def is_new(self) -> bool:
        """It was not stored, or its rows were gone and are back."""
        return self.before is None or self.before.withdrawal is not None

    @property
    def has_new_revision(self) -> bool:
        return self.before is None or self.revision is not self.before.revision

    @property
    def is_source_changed(self) -> bool:
        """People wrote its text, and cells differ from those they wrote it over."""
        is_changed = bool(self.draft.changed_cells) or (self.is_new and bool(self.source_changes))
        return is_changed and not self.is_written_again

    @property
    def is_written_again(self) -> bool:
        """It has the text of the draft in a new revision.

        A text of people is not written again: it gets new questions at most, in a revision of
        origin `extended`.
        """
        return self.has_new_revision and self.revision.origin is RevisionOrigin.GENERATED

    @property
    def is_to_review(self) -> bool:
        """Its ready mark goes: whoever gave it did not see what it says now, or what it asks now."""
        before = self.before
        if before is None or not (self.has_new_revision or self.is_source_changed):
            return False
        written = replace(before, revision=self.revision)
        approved_hash = approved_hash_of(written, self.draft.approved_rows_hash)
        return before.approved_hash != approved_hash or self.has_new_question

    @property
    def has_new_question(self) -> bool:
        """It asks something of a row that it did not ask before and that nobody answered."""
        if self.before is None:
            return False
        asked_before = chain.from_iterable(map(row_ids_of, self.before.revision.questions))
        asked_now = chain.from_iterable(map(row_ids_of, self.revision.questions))
        return bool({*asked_now} - {*asked_before} - self.before.own_answers.keys())

    @property
    def cells(self) -> dict[str, object]:
        """The new cells of its row, without fields that people set."""
        assigned = self.before.assigned_fields if self.before is not None else ()
        return {
            **{name: getattr(self.draft, name) for name in _RENEWED if name not in assigned},
            "current_revision": self.revision.number,
            "source_changes": self.source_changes,
            **NOT_VANISHED,
        }


def write_generation(
    change: Change, tickets: Sequence[Ticket], drafts: Sequence[TicketDraft]
) -> GenerationOutcome:
    """Write one generation over all tickets of a session, and its audit entry.

    `tickets` are all that are stored, those whose rows were gone too.

    - A ticket whose facts, title and prose did not change keeps its revision, as long as the
      template replaces the model for the same reason; else it gets a new one of origin `generated`.
    - It loses its ready mark where that covers what changed, and where it asks something new.
    - A ticket without a draft is proposed for withdrawal; one that comes back counts as created.
    - A text that people edited stays, and its ticket remembers the cells that changed.
    - Notes, fields people set and answers stay. What was said of a row goes with the row where
      another ticket has it now.
    - Dependencies made by hand stay, save for those that would close a cycle with what the sheets
      demand: they become relations.

    Raises:
        ValueError: The drafts contradict each other; nothing was written.
    """
    _check(drafts)
    tickets_by_id = {ticket.ticket_id: ticket for ticket in tickets}
    ticket_changes: list[_TicketChange] = []
    for draft in sorted(drafts, key=lambda draft: draft.number):
        before = tickets_by_id.get(draft.ticket_id)
        if before is not None and _is_text_of(draft, before):
            unchanged = _TicketChange(draft=draft, before=before, revision=before.revision)
            ticket_changes.append(unchanged)
            continue
        storable_draft = replace(draft, title=storable(draft.title), prose=storable(draft.prose))
        ticket_changes.append(_change_of(change, storable_draft, before))
    drafted_ids = {draft.ticket_id for draft in drafts}
    gone = [ticket for ticket in tickets if ticket.ticket_id not in drafted_ids]
    vanished_ids = sorted(ticket.ticket_id for ticket in gone if ticket.withdrawal is None)

    _write_tickets(change.connection, change.session_key, ticket_changes)
    _follow_kinds(change, ticket_changes)
    _follow_rows(change, ticket_changes, tickets)
    _write_dependencies(change, drafts)
    return_dependencies(change)
    # The ready mark of a vanished ticket stays: it counts again once its rows come back unchanged.
    set_cells(change.connection, dict.fromkeys(vanished_ids, PROPOSED))
    last_number = max((draft.number for draft in drafts), default=0)
    _number_gone(change.connection, gone, after=last_number)
    update_session(change.connection, change.session_key, CHANGED_CONTENT)
    dropped = _drop_cyclic_dependencies(change)

    rewritten_ids: list[str] = []
    unchanged_count = 0
    for ticket_change in ticket_changes:
        if ticket_change.is_written_again and ticket_change.before is not None:
            rewritten_ids.append(ticket_change.ticket_id)
        if not (ticket_change.is_new or ticket_change.is_written_again):
            unchanged_count += 1
    details: dict[str, object] = {
        "created": [changed.ticket_id for changed in ticket_changes if changed.is_new],
        "rewritten": rewritten_ids,
        "unchanged": unchanged_count,
        "withdrawals_proposed": vanished_ids,
        "source_changed": [
            changed.ticket_id for changed in ticket_changes if changed.is_source_changed
        ],
        "dropped_dependencies": [list(pair) for pair in dropped],
    }
    titles_moved = _titles_moved(change, ticket_changes)
    if titles_moved:
        details["titles_moved"] = titles_moved
    change.note(AuditAction.TICKETS_GENERATED, **details)
    return outcome_in(details)


def _write_tickets(
    connection: Connection, session_key: str, ticket_changes: Iterable[_TicketChange]
) -> None:
    """Write tickets and their new revisions, and take the ready marks of those to review."""
    added: list[Mapping[str, object]] = []
    updated: dict[str, Mapping[str, object]] = {}
    to_review: list[str] = []
    revisions: list[Mapping[str, object]] = []
    for ticket_change in ticket_changes:
        ticket_id = ticket_change.ticket_id
        if ticket_change.before is None:
            place = {"ticket_id": ticket_id, "session_key": session_key}
            added.append({**place, **ticket_change.cells})
        else:
            updated[ticket_id] = ticket_change.cells
        if ticket_change.is_to_review:
            to_review.append(ticket_id)
        if ticket_change.has_new_revision:
            revisions.append(revision_cells(ticket_change.revision, ticket_id))
    insert_rows(connection, tables.tickets, added)
    set_cells(connection, updated)
    set_cells(connection, dict.fromkeys(to_review, NOT_READY))
    insert_rows(connection, tables.revisions, revisions)


def _follow_rows(
    change: Change, ticket_changes: Iterable[_TicketChange], tickets: Iterable[Ticket]
) -> None:
    """Move what people said of a row to the ticket that asks about the row now."""
    asking: list[AskingTicket] = []
    for ticket_change in ticket_changes:
        before = ticket_change.before
        asking.append(
            AskingTicket(
                ticket_id=ticket_change.ticket_id,
                questions=ticket_change.revision.left_open,
                questions_of_rows=ticket_change.draft.prose.left_open,
                rows_elsewhere=() if before is None else before.rows_elsewhere,
                rows_from=ticket_change.draft.rows_from,
            )
        )
    texts_before = {ticket.ticket_id: ticket.revision.left_open for ticket in tickets}
    follow_rows(change, asking, texts_before=texts_before)


def _number_gone(connection: Connection, gone: Iterable[Ticket], *, after: int) -> None:
    """Number tickets whose rows are gone, in the order they have, after all others."""
    in_order = sorted(gone, key=lambda ticket: (ticket.number, ticket.ticket_id))
    numbers: dict[str, Mapping[str, object]] = {}
    for number, ticket in enumerate(in_order, start=after + 1):
        numbers[ticket.ticket_id] = {"number": number}
    set_cells(connection, numbers)


def _titles_moved(change: Change, ticket_changes: Sequence[_TicketChange]) -> Mapping[str, str]:
    """Return the former generated titles that another ticket has now, by the id of their ticket.

    A review names them to people, who may know the ticket by its former title.
    """
    titles_now = {ticket_change.draft.title for ticket_change in ticket_changes}
    moved: dict[str, str] = {}
    for ticket_change in ticket_changes:
        before = ticket_change.before
        if before is None:
            continue
        title = before.title
        # The current title may be one of people; the last generated one is compared.
        if before.revision.origin is not RevisionOrigin.GENERATED:
            for revision in revisions_of(change.connection, ticket_change.ticket_id):
                if revision.origin is RevisionOrigin.GENERATED:
                    title = revision.title
        if title != ticket_change.draft.title and title in titles_now:
            moved[ticket_change.ticket_id] = title
    return moved


def _follow_kinds(change: Change, ticket_changes: Iterable[_TicketChange]) -> None:
    """Move answers and proposals to questions whose kind has another name since (`FORMER_KINDS`).

    An answer about a whole row goes to all questions of the new kind about that row. Answers that
    would meet at one row, or find it answered, stay under the former kind.
    """
    for ticket_change in ticket_changes:
        before = ticket_change.before
        if before is None:
            continue
        former_questions = [
            question for question in before.revision.left_open if question.kind in FORMER_KINDS
        ]
        if not former_questions:
            continue
        ids_now = _ids_by_row(ticket_change.revision.left_open)
        new_ids: dict[tuple[str, str], list[str]] = {}
        for question in former_questions:
            for key, row_id in zip(question.keys, row_ids_of(question), strict=True):
                row_ids_now: list[str] = []
                for kind in FORMER_KINDS[question.kind]:
                    row_ids_now += _ids_in_place_of(key, ids_now.get((kind, _row_of(key)), {}))
                if row_ids_now:
                    new_ids[ticket_change.ticket_id, row_id] = row_ids_now
        staying = _answers_in_conflict(new_ids, before.answers)
        rename_answered(change.connection, new_ids, answers=tables.answers, staying=staying)


def _answers_in_conflict(
    new_ids: Mapping[tuple[str, str], Sequence[str]], answers: Iterable[Answer]
) -> list[tuple[str, str]]:
    """Return the keys of `new_ids` whose answer would meet another one at one of its new rows."""
    times_given = Counter(answer.question_id for answer in answers)
    for (_, row_id_before), row_ids in new_ids.items():
        if times_given[row_id_before]:
            times_given.update(row_ids)
    in_conflict: list[tuple[str, str]] = []
    for ticket_and_row, row_ids in new_ids.items():
        if any(times_given[row_id] > 1 for row_id in row_ids):
            in_conflict.append(ticket_and_row)
    return in_conflict


def _ids_by_row(questions: Iterable[OpenQuestion]) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Return the row ids of questions by their kind and row, then by the key of the question."""
    ids: dict[tuple[str, str], dict[str, str]] = {}
    for question in questions:
        for key, row_id in zip(question.keys, row_ids_of(question), strict=bool(question.kind)):
            ids.setdefault((question.kind, _row_of(key)), {})[key] = row_id
    return ids


def _ids_in_place_of(key: str, ids_by_key: Mapping[str, str]) -> Collection[str]:
    """Return the row ids that take the place of the one with a key: none, one or several.

    `ids_by_key` are those of the new kind about the same row. A key about the whole row is followed
    by all of them, and so is any key where the new kind asks about the whole row only.
    """
    if key in ids_by_key:
        return [ids_by_key[key]]
    row = _row_of(key)
    is_about_whole_row = row == key or [row] == [*ids_by_key]
    return ids_by_key.values() if is_about_whole_row else []


def _row_of(key: str) -> str:
    """Return the key of a row from a question's key, which may end in a passage of the cell: ` “…”`."""
    return key.partition(" “")[0]


def _check(drafts: Sequence[TicketDraft]) -> None:
    """Raise ValueError where drafts share an id or a number, or name a ticket without a draft.

    That is a mistake of ours, found before anything is written.
    """
    ticket_ids = {draft.ticket_id for draft in drafts}
    if len(ticket_ids) != len(drafts):
        raise ValueError("Two drafts have the same ticket id.")
    if len({draft.number for draft in drafts}) != len(drafts):
        raise ValueError("Two drafts have the same number.")
    for draft in drafts:
        unknown = {*draft.depends_on, *draft.relates_to} - ticket_ids
        if unknown:
            raise ValueError(f"{draft.ticket_id} refers to {sorted(unknown)}, not generated.")


def _is_text_of(draft: TicketDraft, ticket: Ticket) -> bool:
    """Tell whether the text of a draft is the current one of the stored ticket: it was not written."""
    prose = draft.prose
    is_current = isinstance(prose, Revision) and prose.number == ticket.revision.number
    return is_current and ticket.revision.origin is RevisionOrigin.GENERATED


def _change_of(change: Change, draft: TicketDraft, before: Ticket | None) -> _TicketChange:
    """Compare a draft with the stored ticket (None: there is none); return what has to be written."""
    if before is None:
        revision = _revision_of(draft, None, at=change.at)
        return _TicketChange(draft=draft, before=None, revision=revision)
    current = before.revision
    is_text_of_people = current.origin is not RevisionOrigin.GENERATED and is_of_people(
        revisions_of(change.connection, before.ticket_id)
    )
    if is_text_of_people:
        return _TicketChange(
            draft=draft,
            before=before,
            revision=_with_new_questions(current, draft.prose, at=change.at),
            source_changes=joined_changes(before.source_changes, _changes_under(draft, before)),
        )
    revision = _revision_of(draft, current, at=change.at)
    if all(getattr(current, name) == getattr(revision, name) for name in _COMPARED):
        revision = current
    return _TicketChange(draft=draft, before=before, revision=revision)


def _revision_of(draft: TicketDraft, current: Revision | None, *, at: datetime) -> Revision:
    """Return a new revision with the content of a draft, to follow the current one if there is one."""
    prose = draft.prose
    parts = prose.parts
    number = 1
    if current is not None:
        # People write the notes: a generation keeps them.
        parts = replace(parts, notes=current.parts.notes or parts.notes)
        number = current.number + 1
    # Every other field of the prose is a field of the revision, too.
    names = TicketProse.__dataclass_fields__.keys() - {"parts"}
    return Revision(
        **{name: getattr(prose, name) for name in names},
        parts=parts,
        number=number,
        origin=RevisionOrigin.GENERATED,
        title=draft.title,
        author=prose.writer,
        created_at=at,
        content_hash=content_hash_of(
            title=draft.title, parts=parts, estimated_hours=prose.estimated_hours
        ),
        facts_hash=draft.facts_hash,
    )


def _with_new_questions(text: Revision, prose: TicketProse, *, at: datetime) -> Revision:
    """Return a text of people with the questions that its rows ask now and the text does not.

    Where it asks them all, the same revision is returned; else a new one of origin `extended`. Left
    out is what a model proposed, since it words each question anew every time, and what the text
    asks by a former kind of question, or by its words.
    """
    text_questions = _QuestionsOfText(text)
    questions = text_questions.missing_among(prose.questions)
    assumptions = text_questions.missing_among(prose.assumptions)
    if not (questions or assumptions):
        return text
    added_questions = [replace(question, is_below_text=True) for question in questions]
    return replace(
        text,
        number=text.number + 1,
        origin=RevisionOrigin.EXTENDED,
        author=prose.writer,
        created_at=at,
        rolled_back_to=None,
        questions=(*text.questions, *added_questions),
        assumptions=(*text.assumptions, *assumptions),
    )


class _QuestionsOfText:
    """What a text asks, to be compared with what the rows ask.

    A question is known by its row ids; one of a former kind by its new kinds and rows; one of an
    older version, which has no kind, by its words.
    """

    def __init__(self, text: Revision) -> None:
        self._row_ids: set[str] = set()
        self._kinds_of_rows: set[tuple[str, str]] = set()
        self._words: set[str] = set()
        for question in text.left_open:
            self._row_ids.update(row_ids_of(question))
            if not question.kind:
                self._words.add(question.question)
            for kind in FORMER_KINDS.get(question.kind, ()):
                self._kinds_of_rows.update((kind, _row_of(key)) for key in question.keys)

    def missing_among(self, questions: Iterable[OpenQuestion]) -> list[OpenQuestion]:
        """Return the questions that rules ask, without the rows that the text asks about already."""
        missing = []
        for question in questions:
            if not question.kind or question.kind == MODEL or question.question in self._words:
                continue
            row_ids_asked = set(self._row_ids)
            for row_id, row in row_questions_of(question).items():
                if (question.kind, _row_of(row.row_key)) in self._kinds_of_rows:
                    row_ids_asked.add(row_id)
            about_other_rows = without_rows(question, row_ids_asked)
            if about_other_rows is not None:
                missing.append(about_other_rows)
        return missing


def _changes_under(draft: TicketDraft, before: Ticket) -> tuple[ChangedCell, ...]:
    """Return the cells that changed since people wrote the text of a ticket.

    The rows of a ticket that comes back were not in the last sheets, so its cells cannot be
    compared: where its facts are others than the text was written from, every row counts as changed.
    """
    if before.withdrawal is None or before.revision.facts_hash in (None, draft.facts_hash):
        return draft.changed_cells
    return tuple(
        ChangedCell(
            file=source.file,
            line=source.lines[0],
            record=next(iter(source.records), None),
            column=WHOLE_ROW,
            before=None,
            after=draft.title,
            row=f"{draft.group_key} came back",
        )
        for source in draft.source_lines
    )


def _write_dependencies(change: Change, drafts: Sequence[TicketDraft]) -> None:
    """Replace the dependencies that the sheets demand; what people made and took away stays."""
    computed = {"session_key": change.session_key, "origin": "computed"}
    delete_rows(change.connection, tables.dependencies, **computed)
    rows: list[Mapping[str, str]] = []
    for draft in drafts:
        others_by_kind = (("blocks", draft.depends_on), ("relates", draft.relates_to))
        for kind, others in others_by_kind:
            for other in sorted(set(others)):
                rows.append(
                    dependency(change, draft.ticket_id, other, kind=kind, origin="computed")
                )
    insert_rows(change.connection, tables.dependencies, rows)


def dependency(
    change: Change, ticket_id: str, other: str, *, kind: str = "blocks", origin: str = "manual"
) -> Mapping[str, str]:
    """Return the row for a ticket that waits for another one (`blocks`), or relates to it.

    `origin` says whose it is: `computed` from the sheets, `manual` of a person; `released` says that
    a person took a computed one away.
    """
    return {
        "session_key": change.session_key,
        "ticket_id": ticket_id,
        "other_ticket_id": other,
        "kind": kind,
        "origin": origin,
    }


def _drop_cyclic_dependencies(change: Change) -> tuple[tuple[str, str], ...]:
    """Turn dependencies made by hand into relations where the sheets demand the opposite order.

    The pairs of ticket ids are returned. The tickets that waited lose their ready marks.
    """
    edges = _edges_of(change)
    nodes = {edge.dependent for edge in edges} | {edge.dependency for edge in edges}
    dropped: list[tuple[str, str]] = []
    for edge in break_cycles(sorted(nodes), edges).deferred:
        ticket_id = edge.dependent
        other = edge.dependency
        pair = {"ticket_id": ticket_id, "other_ticket_id": other, "origin": "manual"}
        delete_rows(change.connection, tables.dependencies, **pair)
        related = dependency(change, ticket_id, other, kind="relates")
        insert_rows(change.connection, tables.dependencies, [related])
        dropped.append((ticket_id, other))
    # Links are in no hash, so the mark would stay; whoever gave it wanted the tickets to wait.
    waiting_ids = [ticket_id for ticket_id, _ in dropped]
    set_cells(change.connection, dict.fromkeys(waiting_ids, NOT_READY))
    return tuple(dropped)


def _edges_of(change: Change) -> list[Edge]:
    """Return the dependencies of a session, save for those that people took away.

    Those that the sheets demand are required edges, those made by hand alone are optional.
    """
    is_of_session = _DEPENDENCIES.session_key == change.session_key
    query = select(
        _DEPENDENCIES.ticket_id, _DEPENDENCIES.other_ticket_id, _DEPENDENCIES.origin
    ).where(is_of_session, _DEPENDENCIES.kind == "blocks")
    rows = change.connection.execute(query).tuples()
    origins_by_pair = group_pairs(((ticket_id, other), origin) for ticket_id, other, origin in rows)
    edges: list[Edge] = []
    for (ticket_id, other), origins in sorted(origins_by_pair.items()):
        if "released" not in origins:
            is_required = "computed" in origins
            edges.append(Edge(dependent=ticket_id, dependency=other, is_required=is_required))
    return edges


# Below: the step from store version 2 to 3, which sees the tables as they were then.
_Stored: TypeAlias = Mapping[str, Any]
"""A row of a sheet as JSON had it: `key`, `label`, `machine_name`, `cells`, `source`."""
_QUESTIONS = column("open_questions", json_text(tuple[OpenQuestion, ...]))
_REVISIONS = table("revisions", column("ticket_id"), column("number"), _QUESTIONS)
_ROWS = table("ticket_rows", column("ticket_id"), column("rows"))
_PROPOSED = table("proposed_answers", *map(column, ("ticket_id", "question_id")))
_COLUMNS = ("session_key", "question", "answer", "answered_by", "answered_at")
_ANSWERS = table("answers", *map(column, ("ticket_id", "question_id", *_COLUMNS)))


def name_questions_by_kind(connection: Connection) -> None:
    """Name the stored questions by kind and rows instead of by their words, and their answers too.

    A question keeps the name by its words where its kind or rows cannot be told from them, where
    two questions of one revision would get the same name, and where only an earlier revision asks
    it and somebody answered it.
    """
    rows_by_ticket = _rows_by_ticket(connection)
    answered = _answered_questions(connection)
    new_ids: dict[tuple[str, str], Sequence[str]] = {}
    tickets_read: set[str] = set()
    newest_first = select(_REVISIONS).order_by(_REVISIONS.c.number.desc())
    for ticket_id, number, stored in connection.execute(newest_first).tuples().all():
        rows = rows_by_ticket.get(ticket_id, ())
        named_questions = [_named(question, rows) for question in stored]
        times_named: Counter[str] = Counter()
        for named in named_questions:
            times_named.update(row_ids_of(named))
        questions: list[OpenQuestion] = []
        is_current = ticket_id not in tickets_read
        for question, named in zip(stored, named_questions, strict=True):
            before = (ticket_id, row_ids_of(question)[0])  # a name by words is of one row
            row_ids = row_ids_of(named)
            may_be_renamed = is_current or before not in answered or before in new_ids
            if may_be_renamed and all(times_named[row_id] == 1 for row_id in row_ids):
                questions.append(named)
                new_ids.setdefault(before, row_ids)
            else:
                questions.append(question)
        tickets_read.add(ticket_id)
        is_revision = (_REVISIONS.c.ticket_id == ticket_id) & (_REVISIONS.c.number == number)
        renamed = {"open_questions": tuple(questions)}
        connection.execute(update(_REVISIONS).where(is_revision).values(renamed))
    answered_and_renamed = answered & new_ids.keys()
    rename_answered(connection, {place: new_ids[place] for place in answered_and_renamed})


def _rows_by_ticket(connection: Connection) -> Mapping[str, Sequence[_Stored]]:
    """Return the rows that the store keeps for each ticket, by ticket id, heads of groups first."""
    rows: dict[str, Sequence[_Stored]] = {}
    for ticket_id, text in connection.execute(select(_ROWS)).tuples():
        group = json.loads(text)
        rows[ticket_id] = (*group["heads"], *group["members"])
    return rows


def _answered_questions(connection: Connection) -> set[tuple[str, str]]:
    """Return the questions that people or clients said something to, by ticket and id."""
    answered: set[tuple[str, str]] = set()
    for answers in (_ANSWERS, _PROPOSED):
        for row in connection.execute(select(answers)).all():
            answered.add((row.ticket_id, row.question_id))
    return answered


def rename_answered(
    connection: Connection,
    ids: Mapping[tuple[str, str], Sequence[str]],
    *,
    answers: TableClause = _ANSWERS,
    staying: Collection[tuple[str, str]] = (),
) -> None:
    """Give answers and proposals the new ids of their question.

    `ids` has the new row ids by ticket id and former id; with several, each gets a copy of the
    answer. The answers of `staying` are left alone, since a row has room for one; proposals are not,
    since it may have several. `answers` is the table as the calling step finds it.
    """
    for (ticket_id, before), row_ids in ids.items():
        renamed = func.replace(_PROPOSED.c.question_id, before, " ".join(row_ids))
        of_ticket = _PROPOSED.c.ticket_id == ticket_id
        connection.execute(update(_PROPOSED).where(of_ticket).values(question_id=renamed))
        is_that_answer = (answers.c.ticket_id == ticket_id) & (answers.c.question_id == before)
        given = connection.execute(select(answers).where(is_that_answer)).mappings().all()
        if (ticket_id, before) in staying:
            continue
        for answer in given:
            connection.execute(delete(answers).where(is_that_answer))
            rows = [{**answer, "question_id": row_id} for row_id in row_ids]
            connection.execute(insert(answers), rows)


def _named(question: OpenQuestion, rows: Collection[_Stored]) -> OpenQuestion:
    """Return a question with its kind and the keys of its rows, as far as its words tell both.

    Where they do not, the question is returned as it is.
    """
    kind = MODEL
    about = question.question
    if not question.proposed_by:
        kind, about = _kind_of(question.question)
    keys = [_key_of(subject, question, rows) for subject in question.subjects]
    if not (kind and keys and all(keys)):
        return question
    marked = [f"{key} “{about}”" if about else key for key in keys]
    return replace(question, kind=kind, keys=tuple(dict.fromkeys(marked)))


def _kind_of(words: str) -> tuple[str, str]:
    """Return the kind of a question by its words, and the passage of the cell that it is about.

    Both are empty where no pattern has these words.
    """
    for kind, pattern in toml_tables(__package__, "questions_of_version_1.toml")["words"]:
        if match := re.fullmatch(pattern, words, re.DOTALL | re.IGNORECASE):
            return kind, match.groupdict().get("each", "")
    return "", ""


def _key_of(subject: str, question: OpenQuestion, rows: Collection[_Stored]) -> str:
    """Return the key of the one row of the question's file that has this name.

    Of several, the row in the line of the question counts; empty where that is not one either.
    """
    rows_named_so = []
    for row in rows:
        label = row["label"]
        names = {row["machine_name"], label, row["cells"].get("Name"), label.rpartition(" (")[0]}
        if row["source"]["file"] == question.file and subject in names:
            rows_named_so.append(row)
    in_line = [row for row in rows_named_so if row["source"]["line"] == question.line]
    keys = {str(row["key"]) for row in in_line or rows_named_so}
    return keys.pop() if len(keys) == 1 else ""
