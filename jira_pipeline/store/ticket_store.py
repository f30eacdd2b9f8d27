"""Tickets, their revisions and what people decide about them: ready, skipped, withdrawn.

Belongs here: keeping them. Does not: what a new generation does to the tickets there are
(`generations`), what one says (`writing`), what it is validated against (`validation_store`).

A ready mark is bound to two hashes: the rendered one of all that Jira would get, and the approved one
of what a person looked at. It counts as long as the ticket still has them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Column, ColumnElement, func, or_, select

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import NotVanishedError, unknown_ticket
from jira_pipeline.model.revisions import Revision, RevisionOrigin
from jira_pipeline.model.runs import PIPELINE
from jira_pipeline.model.ticket_decisions import (
    APPROVED_AS_IT_IS,
    DECISION_COLUMNS,
    EXCLUSION_COLUMNS,
    GIVEN_REASONS,
    Exclusion,
    Withdrawal,
)
from jira_pipeline.model.ticket_hashes import TicketHashes, says_the_same
from jira_pipeline.model.tickets import (
    Answer,
    AnyTicket,
    FieldValue,
    GenerationOutcome,
    ListedTicket,
    SourceLines,
    Ticket,
    TicketDraft,
    TicketsRead,
    TicketTally,
    refuse_other_fields,
)
from jira_pipeline.model.written_from import WrittenFrom
from jira_pipeline.store import tables
from jira_pipeline.store.changes import Change, SessionPart
from jira_pipeline.store.generations import write_generation
from jira_pipeline.store.kept_reviews import note_returned, return_tickets
from jira_pipeline.store.mapping import storable_text
from jira_pipeline.store.ticket_rows import (
    ENTRIES_SINCE_QUERY,
    IS_EXPORTED,
    IS_PRESENT,
    IS_TAKEN,
    NOT_READY,
    PROPOSED,
    REVISIONS_QUERY,
    changed_since,
    listed_tickets,
    outdate,
    revisions_in,
    set_cells,
    site_answers_of,
    ticket_tally,
    tickets_of,
    update_tickets,
)
from jira_pipeline.store.transactions import repeated
from jira_pipeline.store.written_from import replace_written_from

_TICKETS = tables.tickets.c
WrittenFromOf: TypeAlias = Callable[[Collection[str]], WrittenFrom | None]
"""Returns what tickets with these ids were written from; None where that is not known."""


_NUMBER_MAX = 2**31 - 1
"""The largest integer of a column. Source: PostgreSQL 16, 8.1.1."""


def _written_from_unknown(_ticket_ids: Collection[str]) -> None:
    """Keep nothing: the next generation writes every ticket."""


class TicketStore(SessionPart):
    """Keeps tickets and their revisions.

    Methods that change tickets add an entry to the audit trail and return how many tickets changed.
    They change nothing and raise `NotFoundError` where an id is of no ticket of the session whose
    rows are in the sheets, `EditConflictError` where a ticket has other fields than people saw
    (`were`), and `NotVanishedError` where the rows of a ticket to withdraw are there.
    """

    @repeated
    def save_generated(
        self,
        session_key: str,
        drafts: Sequence[TicketDraft],
        *,
        at: datetime,
        written_from: WrittenFromOf = _written_from_unknown,
    ) -> GenerationOutcome:
        """Store one generation as `write_generation` does, after reviews kept of a former session.

        The documents of tickets that say something else since, or are gone, are deleted.
        `written_from` returns what to keep of the facts that the tickets were said from, given the
        ids of those with the text of their draft: people wrote that of the others.
        """
        with self._begin_change(session_key, by=PIPELINE, at=at) as change:
            before = tickets_of(change.connection, session_key)
            returned = return_tickets(change, {draft.ticket_id for draft in drafts})
            vanished = tickets_of(change.connection, session_key, is_vanished=True)
            # Noted before the generation, which may take an approval that came back away.
            note_returned(change, returned)
            outcome = write_generation(change, (*before, *vanished), drafts)
            after = {t.ticket_id: t for t in tickets_of(change.connection, session_key)}
            changed_ids: list[str] = []
            for ticket in before:
                ticket_now = after.get(ticket.ticket_id)
                if ticket_now is None or not says_the_same(ticket, ticket_now):
                    changed_ids.append(ticket.ticket_id)
            outdate(change.connection, changed_ids)
            generated_ids: set[str] = set()
            for ticket_id, ticket_now in after.items():
                if ticket_now.revision.origin is RevisionOrigin.GENERATED:
                    generated_ids.add(ticket_id)
            # With the tickets or not at all: else they might count as written from other facts.
            replace_written_from(change.connection, session_key, written_from(generated_ids))
            return outcome

    def list_all(self, session_key: str) -> tuple[Ticket, ...]:
        """Return the tickets whose rows are in the sheets, by number."""
        return self._read(tickets_of, session_key)

    def some(self, session_key: str, ticket_ids: Collection[str]) -> tuple[Ticket, ...]:
        """Return the tickets with these ids whose rows are in the sheets, by number."""
        return self._read(tickets_of, session_key, only=ticket_ids)

    def list_vanished(self, session_key: str) -> tuple[Ticket, ...]:
        """Return the tickets whose rows are gone, proposed for withdrawal or withdrawn, by number.

        Their numbers follow those of the others.
        """
        return self._read(tickets_of, session_key, is_vanished=True)

    def get(self, session_key: str, number: int) -> Ticket:
        """Return the ticket with that number, or raise NotFoundError."""
        # A database refuses larger numbers instead of finding none.
        if 0 < number <= _NUMBER_MAX:
            for ticket in self._read(tickets_of, session_key, number=number):
                return ticket
        raise unknown_ticket(session_key=session_key, ticket=str(number))

    def revisions(self, ticket_id: str) -> tuple[Revision, ...]:
        """Return all revisions of a ticket, by number."""
        return revisions_in(self._database.fetch(REVISIONS_QUERY, {"ticket": ticket_id}))

    def site_answers(self, session_key: str) -> tuple[Answer, ...]:
        """Return the answers that people gave for the whole site of a session."""
        return self._read(site_answers_of, session_key)

    def listed(
        self, session_key: str, *, offset: int = 0, limit: int | None = None
    ) -> tuple[ListedTicket, ...]:
        """Return the tickets as lists show them, in the order people gave them: all or a page."""
        return self._read(listed_tickets, session_key, offset=offset, limit=limit)

    def tally(self, session_key: str) -> TicketTally:
        """Count the tickets whose rows are in the sheets, and what waits for people in them."""
        return self._read(ticket_tally, session_key)

    def read_since(self, session_key: str, sequence: int | None) -> TicketsRead[Ticket]:
        """Return the tickets that changed since an entry of the audit trail, by number.

        `sequence` is the number of that entry. All tickets are returned where it is None, and where
        something happened since that may have changed any of them.
        """
        return self._since(session_key, sequence, tickets_of)

    def listed_since(self, session_key: str, sequence: int | None) -> TicketsRead[ListedTicket]:
        """Return what `read_since` does, as lists show tickets, in the order people gave them."""
        return self._since(session_key, sequence, listed_tickets)

    def _since(
        self, session_key: str, sequence: int | None, read: Callable[..., tuple[AnyTicket, ...]]
    ) -> TicketsRead[AnyTicket]:
        """Return what changed since an entry, read by a function that takes the ids as `only`."""
        since = {"session": session_key, "sequence": sequence}
        # Mostly nothing changed: one query is enough then.
        if sequence is not None and not self._database.fetch(ENTRIES_SINCE_QUERY, since):
            return TicketsRead(sequence=sequence, tickets=(), is_whole=False)
        with self._database.reading() as connection:
            newest, changed_ids = changed_since(connection, session_key, sequence)
            tickets: tuple[AnyTicket, ...] = ()
            if changed_ids != ():
                tickets = read(connection, session_key, only=changed_ids)
            return TicketsRead(sequence=newest, tickets=tickets, is_whole=changed_ids is None)

    def numbers(self, session_key: str) -> Mapping[str, int]:
        """Return the number of each ticket whose rows are in the sheets, by ticket id."""
        return dict(self._cells(session_key, _TICKETS.ticket_id, _TICKETS.number))

    def exported_groups(self, session_key: str) -> tuple[str, ...]:
        """Return the group keys of the tickets that exports send, by number."""
        rows = self._cells(session_key, _TICKETS.group_key, IS_TAKEN)
        return tuple(group_key for group_key, is_taken in rows if is_taken)

    def source_lines(
        self, session_key: str, *, only: Collection[str] | None = None
    ) -> Mapping[str, tuple[SourceLines, ...]]:
        """Return the lines of the sheets that tickets are made from, by ticket id."""
        columns = (_TICKETS.ticket_id, _TICKETS.source_lines)
        return dict(self._cells(session_key, *columns, only=only))

    def decisions(self, session_key: str) -> Mapping[str, tuple[str | None, ...]]:
        """Return the cells of `DECISION_COLUMNS` of each ticket, by ticket id."""
        columns = [_TICKETS[name] for name in ("ticket_id", *DECISION_COLUMNS)]
        return {key: tuple(cells) for key, *cells in self._cells(session_key, *columns)}

    def _cells(
        self, session_key: str, *columns: ColumnElement[Any], only: Collection[str] | None = None
    ) -> Sequence[Any]:
        query = select(*columns).where(_TICKETS.session_key == session_key, IS_PRESENT)
        if only is not None:
            query = query.where(_TICKETS.ticket_id.in_(only))
        return self._database.fetch(query.order_by(_TICKETS.number))

    def ready_sessions(self) -> frozenset[str]:
        """Return the keys of sessions in which every ticket that exports send is marked ready."""
        query = (
            select(_TICKETS.session_key)
            .where(IS_EXPORTED)
            .group_by(_TICKETS.session_key)
            .having(func.count() == func.count(_TICKETS.ready_hash))
        )
        return frozenset(key for (key,) in self._database.fetch(query))

    @repeated
    def mark_ready(
        self,
        session_key: str,
        hashes: Mapping[str, TicketHashes],
        *,
        open_questions: Mapping[str, int] | None = None,
        by: str,
        at: datetime,
    ) -> int:
        """Mark tickets ready: `hashes` has by ticket id those of the document that was validated.

        A ticket whose mark covers what it says now keeps that mark. `open_questions` has by ticket id
        how many questions a ticket leaves open; the entry keeps this of the tickets it marks.
        Cells that changed since people wrote a text count as looked at.
        """
        question_counts = open_questions or {}
        with self._begin_change(session_key, by=by, at=at) as change:
            cells: dict[str, Mapping[str, object]] = {}
            rendered_hashes: dict[str, str] = {}
            approved_before = _cells_of(change, hashes, _TICKETS.approved_hash)
            for ticket_id, approved in approved_before.items():
                hashes_now = hashes[ticket_id]
                if approved in {hashes_now.approved, APPROVED_AS_IT_IS}:
                    continue
                rendered_hashes[ticket_id] = hashes_now.rendered
                cells[ticket_id] = {
                    "ready_hash": hashes_now.rendered,
                    "approved_hash": hashes_now.approved,
                    "ready_by": by,
                    "source_changes": (),
                }
            details: dict[str, object] = {"rendered_hashes": rendered_hashes}
            left_open = {key: count for key, count in question_counts.items() if key in cells}
            if left_open:
                details["open_questions"] = left_open
            return update_tickets(change, AuditAction.TICKETS_MARKED_READY, cells, **details)

    @repeated
    def settle_older_marks(
        self, session_key: str, approved_hashes: Mapping[str, str], *, at: datetime
    ) -> None:
        """Give marks of an older version, which have no approved hash, the one of what they cover.

        `approved_hashes` has it by ticket id. Other marks stay as they are.
        """
        with self._begin_change(session_key, by=PIPELINE, at=at) as change:
            before = _cells_of(change, approved_hashes, _TICKETS.approved_hash)
            cells = {
                ticket_id: {"approved_hash": approved_hashes[ticket_id]}
                for ticket_id, approved in before.items()
                if approved == APPROVED_AS_IT_IS
            }
            set_cells(change.connection, cells)

    @repeated
    def unmark_ready(
        self,
        session_key: str,
        ticket_ids: Collection[str],
        *,
        were: Mapping[str, FieldValue] | None = None,
        by: str,
        at: datetime,
    ) -> int:
        """Take the ready marks of tickets away; return how many had one."""
        with self._begin_change(session_key, by=by, at=at) as change:
            marks = _cells_of(change, ticket_ids, _TICKETS.ready_by, were=were)
            marked = [key for key, marked_by in marks.items() if marked_by is not None]
            cells = dict.fromkeys(marked, NOT_READY)
            return update_tickets(
                change, AuditAction.TICKETS_UNMARKED_READY, cells, ticket_ids=marked
            )

    @repeated
    def exclude(
        self,
        session_key: str,
        ticket_ids: Collection[str],
        kind: type[Exclusion],
        *,
        reason: str | None,
        beside: Mapping[str, str] | None = None,
        were: Mapping[str, FieldValue] | None = None,
        by: str,
        at: datetime,
    ) -> int:
        """Leave tickets out of exports for this reason, or with None include them again.

        The reason takes the place of one of any other kind. `beside` are more texts about it, by
        name: those that name a column of the kind are kept there, all of them in the entry. The entry
        also keeps the words of a reason that was replaced.
        """
        if reason is not None and not reason.strip():
            raise ValueError("Give a reason for leaving a ticket out.")
        texts = {name: storable_text(text) for name, text in (beside or {}).items() if text}
        cells = _exclusion_cells(kind, reason, texts)
        words_now = {name: cells[name] for name in EXCLUSION_COLUMNS if cells.get(name)}
        excluding_action, including_action = kind.actions
        action = including_action if reason is None else excluding_action
        with self._begin_change(session_key, by=by, at=at) as change:
            reasons_before = _cells_of(change, ticket_ids, _TICKETS[kind.column], were=were)
            words_before = _exclusion_words(change)
            changed: list[str] = []
            replaced: dict[str, dict[str, str]] = {}
            for ticket_id, reason_before in reasons_before.items():
                words = words_before.get(ticket_id)
                has_other_words = reason is not None and words != words_now
                if reason_before == reason and not has_other_words:
                    continue
                changed.append(ticket_id)
                if reason is not None and words is not None:
                    replaced[ticket_id] = words
            details: dict[str, object] = {"ticket_ids": changed, "reason": reason, **texts}
            if replaced:
                details["replaced"] = replaced
            return update_tickets(change, action, dict.fromkeys(changed, cells), **details)

    @repeated
    def withdraw(
        self, session_key: str, ticket_ids: Collection[str], *, reason: str, by: str, at: datetime
    ) -> int:
        """Agree to withdraw tickets whose rows are gone and that are proposed for withdrawal."""
        with self._begin_change(session_key, by=by, at=at) as change:
            proposed = _vanished(change, ticket_ids, Withdrawal.PROPOSED)
            reason = storable_text(reason)
            agreed = {
                "withdrawal": Withdrawal.AGREED,
                "withdrawn_by": by,
                "withdrawal_reason": reason,
                **NOT_READY,
            }
            cells = dict.fromkeys(proposed, agreed)
            return update_tickets(
                change, AuditAction.WITHDRAWALS_AGREED, cells, ticket_ids=proposed, reason=reason
            )

    @repeated
    def unwithdraw(
        self, session_key: str, ticket_ids: Collection[str], *, by: str, at: datetime
    ) -> int:
        """Take agreements back: these tickets are proposed for withdrawal again."""
        with self._begin_change(session_key, by=by, at=at) as change:
            agreed = _vanished(change, ticket_ids, Withdrawal.AGREED)
            cells = dict.fromkeys(agreed, PROPOSED)
            return update_tickets(
                change, AuditAction.WITHDRAWALS_PROPOSED_AGAIN, cells, ticket_ids=agreed
            )


def _cells_of(
    change: Change,
    ticket_ids: Collection[str],
    column: Column[str],
    *,
    were: Mapping[str, FieldValue] | None = None,
) -> dict[str, str | None]:
    """Return the cell of a column for each of these tickets, in order of their ids.

    Raises:
        NotFoundError: An id is of no ticket of the session whose rows are in the sheets.
        EditConflictError: A ticket has other fields than people saw (`were`).
    """
    if were:
        tickets = tickets_of(change.connection, change.session_key, only=ticket_ids)
        refuse_other_fields(tickets, were)
    query = select(_TICKETS.ticket_id, column).where(
        _TICKETS.session_key == change.session_key, IS_PRESENT
    )
    present = {row[0]: row[1] for row in change.connection.execute(query)}
    wanted = sorted(set(ticket_ids))
    if missing := [ticket_id for ticket_id in wanted if ticket_id not in present]:
        raise unknown_ticket(session_key=change.session_key, ticket=missing[0])
    return {ticket_id: present[ticket_id] for ticket_id in wanted}


def _exclusion_cells(
    kind: type[Exclusion], reason: str | None, texts: Mapping[str, str]
) -> Mapping[str, object]:
    """Return the cells of a ticket left out for this reason; None: it is included again."""
    # A reason takes the place of every other one; without it only its own kind is emptied.
    emptied = (kind,) if reason is None else GIVEN_REASONS
    cells: dict[str, object] = {}
    for other in emptied:
        cells[other.column] = None
        cells.update(dict.fromkeys(other.word_columns, ""))
    cells[kind.column] = reason
    cells.update({name: texts[name] for name in kind.word_columns if name in texts})
    if kind.is_for_now and reason is not None:
        cells.update(NOT_READY)
    return cells


def _exclusion_words(change: Change) -> dict[str, dict[str, str]]:
    """Return the words of the reasons why tickets are left out, by ticket id, then column."""
    columns = [_TICKETS[name] for name in EXCLUSION_COLUMNS]
    is_of_session = _TICKETS.session_key == change.session_key
    is_left_out = or_(*(_TICKETS[kind.column].is_not(None) for kind in GIVEN_REASONS))
    query = select(_TICKETS.ticket_id, *columns).where(is_of_session, IS_PRESENT, is_left_out)
    words: dict[str, dict[str, str]] = {}
    for ticket_id, *cells in change.connection.execute(query):
        cells_by_name = zip(EXCLUSION_COLUMNS, cells, strict=True)
        words[ticket_id] = {name: cell for name, cell in cells_by_name if cell}
    return words


def _vanished(change: Change, ticket_ids: Collection[str], wanted: Withdrawal) -> list[str]:
    """Return the ids of tickets whose withdrawal is in this state, in order; leave the others out.

    Raises:
        NotVanishedError: The rows of one are in the sheets, or it is no ticket of the session.
    """
    tickets = tickets_of(change.connection, change.session_key, is_vanished=True)
    withdrawals = {ticket.ticket_id: ticket.withdrawal for ticket in tickets}
    for ticket_id in ticket_ids:
        if ticket_id not in withdrawals:
            raise NotVanishedError(session_key=change.session_key, number=ticket_id)
    return [key for key in sorted(set(ticket_ids)) if withdrawals[key] is wanted]
