"""What a new generation does to the tickets there are.

Belongs here: comparing drafts with stored tickets: which are new, written again where newer sheets
changed their rows, or stay as they are; their numbers, revisions and ready marks, titles that another
ticket has since; the questions of a store of version 1, which their words named
(`questions_of_version_1.toml`). Does not: reading tickets (`ticket_rows`), what people do to them
(`ticket_store`), making drafts (`writing`).
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

from jira_pipeline.model.changed_cells import WHOLE_ROW, joined_changes
from jira_pipeline.model.dependencies import Edge, break_cycles
from jira_pipeline.model.grouped import group_pairs
from jira_pipeline.model.open_questions import FORMER_KINDS, MODEL, OpenQuestion
from jira_pipeline.model.records import AuditAction
from jira_pipeline.model.ticket_hashes import approved_hash_of
from jira_pipeline.model.tickets import (
    Answer,
    ChangedCell,
    GenerationOutcome,
    Revision,
    RevisionOrigin,
    Ticket,
    TicketDraft,
    TicketOutline,
    TicketProse,
    content_hash_of,
    is_of_people,
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
_KEPT_APART = {"ticket_id", "depends_on", "relates_to"}
_RENEWED = tuple(field.name for field in fields(TicketOutline) if field.name not in _KEPT_APART)
"""What a generation sets of a ticket, but for what people set."""
_COMPARED = (
    "content_hash",
    "questions",
    "facts_hash",
    "fallback_reason",
    "changes",
    "assumptions",
)
"""A revision that is the same in these says what the current one says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _TicketChange:
    draft: TicketDraft
    before: Ticket | None
    revision: Revision
    """Its current one afterwards; the one before where nothing is written."""
    source_changes: tuple[ChangedCell, ...] = ()
    """Cells people have to look at, since its prose is theirs."""

    @property
    def ticket_id(self) -> str:
        return self.draft.ticket_id

    @property
    def is_new(self) -> bool:
        return self.before is None or self.before.withdrawal is not None

    @property
    def has_new_revision(self) -> bool:
        return self.before is None or self.revision is not self.before.revision

    @property
    def is_source_changed(self) -> bool:
        """Its prose is people's, and cells differ from those it was written over."""
        is_changed = bool(self.draft.changed_cells) or (self.is_new and bool(self.source_changes))
        return is_changed and not self.is_written_again

    @property
    def is_written_again(self) -> bool:
        """Its text is the one of the draft; a text of people gets questions at most."""
        return self.has_new_revision and self.revision.origin is RevisionOrigin.GENERATED

    @property
    def is_to_review(self) -> bool:
        """Whoever marked it ready did not see what it says now, or is asked something new."""
        before = self.before
        if before is None or not (self.has_new_revision or self.is_source_changed):
            return False
        written = replace(before, revision=self.revision)
        approved_hash = approved_hash_of(written, self.draft.approved_rows_hash)
        return before.approved_hash != approved_hash or self.has_new_question

    @property
    def has_new_question(self) -> bool:
        """It asks a row what it did not ask before, and what nobody answered."""
        if self.before is None:
            return False
        asked_before = chain.from_iterable(map(row_ids_of, self.before.revision.questions))
        asked_now = chain.from_iterable(map(row_ids_of, self.revision.questions))
        return bool({*asked_now} - {*asked_before} - self.before.own_answers.keys())

    @property
    def cells(self) -> dict[str, object]:
        """The columns a generation sets: not those that people set."""
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

    A ticket whose facts, title and prose did not change keeps its revision, as long as the template
    replaces the model for the same reason; else it gets a new one of origin `generated`. It loses
    its ready mark where that covers what changed, and where the ticket asks what it did not ask.
    Tickets that are not among the drafts are proposed for withdrawal; those of them that come back
    count as created. Tickets whose title or prose people edited keep it, and remember the cells
    that changed; notes, fields people set and answers stay in any case, save that what was said of a
    row goes with it to another ticket. Dependencies made by hand stay, save for those that would
    close a cycle with what the sheets demand: they become relations.

    Raises:
        ValueError: The drafts contradict each other; nothing was written.
    """
    _check(drafts)
    tickets_by_id = {ticket.ticket_id: ticket for ticket in tickets}
    ticket_changes: list[_TicketChange] = []
    for draft in sorted(drafts, key=lambda draft: draft.number):
        storable_draft = replace(draft, title=storable(draft.title), prose=storable(draft.prose))
        before = tickets_by_id.get(draft.ticket_id)
        ticket_changes.append(_change_of(change, storable_draft, before))
    drafted_ids = {draft.ticket_id for draft in drafts}
    gone = [ticket for ticket in tickets if ticket.ticket_id not in drafted_ids]
    vanished_ids = sorted(ticket.ticket_id for ticket in gone if ticket.withdrawal is None)

    _write_tickets(change.connection, change.session_key, ticket_changes)
    _follow_kinds(change, ticket_changes)
    _follow_rows(change, ticket_changes, tickets)
    _write_dependencies(change, drafts)
    return_dependencies(change)
    # A ready mark stays: it is bound to what Jira would get, and counts again if that comes back.
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
    """Write tickets and their new revisions; take the ready marks of what nobody saw so."""
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
    """Take what people said of a row over to the ticket that asks about the row now."""
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


def _titles_moved(change: Change, done: Sequence[_TicketChange]) -> Mapping[str, str]:
    """Return the titles that tickets had until now and drafts of other tickets have, by ticket id."""
    titles_now = {written.draft.title for written in done}
    moved: dict[str, str] = {}
    for written in done:
        if written.before is None:
            continue
        title = written.before.title
        if written.before.revision.origin is not RevisionOrigin.GENERATED:
            for revision in revisions_of(change.connection, written.ticket_id):
                if revision.origin is RevisionOrigin.GENERATED:
                    title = revision.title
        if title != written.draft.title and title in titles_now:
            moved[written.ticket_id] = title
    return moved


def _follow_kinds(change: Change, done: Iterable[_TicketChange]) -> None:
    """Take what people said over to the questions of the kinds that ask it since.

    One about a whole row goes to all that its new kind asks of it. Answers that would meet at one
    row, or find it answered, stay as they were given.
    """
    for written in done:
        before = written.before.revision.left_open if written.before is not None else ()
        former = [question for question in before if question.kind in FORMER_KINDS]
        if written.before is None or not former:
            continue
        asked_now = _ids_by_row(written.revision.left_open)
        followed: dict[tuple[str, str], list[str]] = {}
        for question in former:
            for key, row_id in zip(question.keys, row_ids_of(question), strict=True):
                followers: list[str] = []
                for kind in FORMER_KINDS[question.kind]:
                    followers += _followers_of(key, asked_now.get((kind, _row_of(key)), {}))
                if followers:
                    followed[written.ticket_id, row_id] = followers
        staying = _meeting(followed, written.before.answers)
        rename_answered(change.connection, followed, answers=tables.answers, staying=staying)


def _meeting(
    followed: Mapping[tuple[str, str], Sequence[str]], answers: Iterable[Answer]
) -> list[tuple[str, str]]:
    """Return the places whose answers would meet another at a row, or find it answered."""
    times_given = Counter(answer.question_id for answer in answers)
    for (_, row_id_before), row_ids in followed.items():
        if times_given[row_id_before]:
            times_given.update(row_ids)
    meeting: list[tuple[str, str]] = []
    for place, row_ids in followed.items():
        if any(times_given[row_id] > 1 for row_id in row_ids):
            meeting.append(place)
    return meeting


def _ids_by_row(questions: Iterable[OpenQuestion]) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Return the ids under which answers are kept, by kind and row, then by key."""
    ids: dict[tuple[str, str], dict[str, str]] = {}
    for question in questions:
        for key, row_id in zip(question.keys, row_ids_of(question), strict=bool(question.kind)):
            ids.setdefault((question.kind, _row_of(key)), {})[key] = row_id
    return ids


def _followers_of(key: str, ids_by_key: Mapping[str, str]) -> Collection[str]:
    """Return the ids, of those asked of its row now, that what had this key goes to."""
    if key in ids_by_key:
        return [ids_by_key[key]]
    row = _row_of(key)
    is_about_whole_row = row == key or [row] == [*ids_by_key]
    return ids_by_key.values() if is_about_whole_row else []


def _row_of(key: str) -> str:
    """Return the row of a question’s key, without the passage of its cell."""
    return key.partition(" “")[0]


def _check(drafts: Sequence[TicketDraft]) -> None:
    """Refuse a generation that is not one: a mistake of ours, found before anything is written."""
    ticket_ids = {draft.ticket_id for draft in drafts}
    if len(ticket_ids) != len(drafts):
        raise ValueError("Two drafts have the same ticket id.")
    if len({draft.number for draft in drafts}) != len(drafts):
        raise ValueError("Two drafts have the same number.")
    for draft in drafts:
        unknown = {*draft.depends_on, *draft.relates_to} - ticket_ids
        if unknown:
            raise ValueError(f"{draft.ticket_id} refers to {sorted(unknown)}, not generated.")


def _change_of(change: Change, draft: TicketDraft, before: Ticket | None) -> _TicketChange:
    """Compare a draft with what is stored: facts, prose and what its writer adds to it."""
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
    """Return the revision that says what a draft says, after the current one, with its notes."""
    prose = draft.prose
    parts = prose.parts
    number = 1
    if current is not None:
        parts = replace(parts, notes=current.parts.notes or parts.notes)  # people noted them
        number = current.number + 1
    # What is kept of prose is a whole revision: it has the same fields.
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
    """Return a text of people that asks also what its rows ask and it does not.

    What a model proposes is left out: it asks otherwise each time. So is what the text asks by a
    former kind of question, or by its words.
    """
    of_text = _QuestionsOfText(text)
    questions = of_text.missing_among(prose.questions)
    assumptions = of_text.missing_among(prose.assumptions)
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
    """What a text asks: rows by their ids, former kinds by their rows, older questions by words."""

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
        """Return the questions of rules about rows that the text does not ask about."""
        missing = []
        for question in questions:
            if not question.kind or question.kind == MODEL or question.question in self._words:
                continue
            row_ids = set(self._row_ids)
            for row_id, row in row_questions_of(question).items():
                if (question.kind, _row_of(row.row_key)) in self._kinds_of_rows:
                    row_ids.add(row_id)
            of_new_rows = without_rows(question, row_ids)
            if of_new_rows is not None:
                missing.append(of_new_rows)
        return missing


def _changes_under(draft: TicketDraft, before: Ticket) -> tuple[ChangedCell, ...]:
    """Return the cells that changed under the prose of people.

    Of a ticket that comes back there is nothing to compare with: where other facts come back than
    its prose was written from, people look at all of it.
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
    """Replace what was computed; what people made and took away stays."""
    computed = {"session_key": change.session_key, "origin": "computed"}
    delete_rows(change.connection, tables.dependencies, **computed)
    rows = [
        dependency(change, draft.ticket_id, other, kind=kind, origin="computed")
        for draft in drafts
        for kind, others in (("blocks", draft.depends_on), ("relates", draft.relates_to))
        for other in sorted(set(others))
    ]
    insert_rows(change.connection, tables.dependencies, rows)


def dependency(
    change: Change, ticket_id: str, other: str, *, kind: str = "blocks", origin: str = "manual"
) -> Mapping[str, str]:
    """Return a row that says what a ticket waits for, or relates to."""
    return {
        "session_key": change.session_key,
        "ticket_id": ticket_id,
        "other_ticket_id": other,
        "kind": kind,
        "origin": origin,
    }


def _drop_cyclic_dependencies(change: Change) -> tuple[tuple[str, str], ...]:
    """Turn dependencies made by hand into relations where the sheets demand the opposite order."""
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
    # No hash covers links: who approved these tickets wanted them to wait for others.
    waiting_ids = [ticket_id for ticket_id, _ in dropped]
    set_cells(change.connection, dict.fromkeys(waiting_ids, NOT_READY))
    return tuple(dropped)


def _edges_of(change: Change) -> list[Edge]:
    """Return what tickets wait for, save where somebody released them; the sheets' is required."""
    is_of_session = _DEPENDENCIES.session_key == change.session_key
    chosen = select(
        _DEPENDENCIES.ticket_id, _DEPENDENCIES.other_ticket_id, _DEPENDENCIES.origin
    ).where(is_of_session, _DEPENDENCIES.kind == "blocks")
    rows = change.connection.execute(chosen).tuples()
    origins_by_pair = group_pairs(((ticket_id, other), origin) for ticket_id, other, origin in rows)
    edges: list[Edge] = []
    for (ticket_id, other), origins in sorted(origins_by_pair.items()):
        if "released" not in origins:
            is_required = "computed" in origins
            edges.append(Edge(dependent=ticket_id, dependency=other, is_required=is_required))
    return edges


_Stored: TypeAlias = Mapping[str, Any]
_QUESTIONS = column("open_questions", json_text(tuple[OpenQuestion, ...]))
_REVISIONS = table("revisions", column("ticket_id"), column("number"), _QUESTIONS)
_ROWS = table("ticket_rows", column("ticket_id"), column("rows"))
_PROPOSED = table("proposed_answers", *map(column, ("ticket_id", "question_id")))
_COLUMNS = ("session_key", "question", "answer", "answered_by", "answered_at")
_ANSWERS = table("answers", *map(column, ("ticket_id", "question_id", *_COLUMNS)))


def name_questions_by_kind(connection: Connection) -> None:
    """Name questions by kind and rows, and with those of current revisions what people said to them.

    What cannot be told, or two of one revision would share, keeps the name by its words. So does
    what only an earlier revision asks and somebody answered.
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
            before = (ticket_id, row_ids_of(question)[0])
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
    """Return the rows of each ticket as its text in the store has them, heads first."""
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
    """Name what people said to a question, by ticket and id, by all of the ids that it has since.

    Proposals may meet at one question, answers not: those that would are named as `staying`.
    `answers` is their table as it is at this moment.
    """
    for (ticket_id, before), row_ids in ids.items():
        renamed = func.replace(_PROPOSED.c.question_id, before, " ".join(row_ids))
        of_ticket = _PROPOSED.c.ticket_id == ticket_id
        connection.execute(update(_PROPOSED).where(of_ticket).values(question_id=renamed))
        is_it = (answers.c.ticket_id == ticket_id) & (answers.c.question_id == before)
        given = connection.execute(select(answers).where(is_it)).mappings().all()
        if (ticket_id, before) in staying:
            continue
        for answer in given:
            connection.execute(delete(answers).where(is_it))
            rows = [{**answer, "question_id": row_id} for row_id in row_ids]
            connection.execute(insert(answers), rows)


def _named(question: OpenQuestion, rows: Collection[_Stored]) -> OpenQuestion:
    """Return a question with its kind and the keys of its rows; as it is where they cannot be told."""
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
    """Tell a kind by the words it was asked in, and what in its cell it is about."""
    for kind, pattern in toml_tables(__package__, "questions_of_version_1.toml")["words"]:
        if match := re.fullmatch(pattern, words, re.DOTALL | re.IGNORECASE):
            return kind, match.groupdict().get("each", "")
    return "", ""


def _key_of(subject: str, question: OpenQuestion, rows: Collection[_Stored]) -> str:
    """Return the key of the one row that has a name; empty where several have it, or none."""
    called = []
    for row in rows:
        label = row["label"]
        names = {row["machine_name"], label, row["cells"].get("Name"), label.rpartition(" (")[0]}
        if row["source"]["file"] == question.file and subject in names:
            called.append(row)
    raising = [row for row in called if row["source"]["line"] == question.line]
    keys = {str(row["key"]) for row in raising or called}
    return keys.pop() if len(keys) == 1 else ""
