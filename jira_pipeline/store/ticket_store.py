"""Tickets, their revisions and what people decide about them: ready, skipped, withdrawn.

Belongs here: keeping them. Does not: what a new generation does to the tickets there are
(`generations`), what a ticket says (`writing`), what it is validated against (`validations`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, func, select
from typing_extensions import override

from jira_pipeline.model.errors import NotVanishedError, unknown_ticket
from jira_pipeline.model.rendered_tickets import says_the_same
from jira_pipeline.model.tickets import (
    FieldValue,
    ListedTicket,
    Revision,
    SourceLines,
    Ticket,
    TicketDecision,
    TicketTally,
    Withdrawal,
    refuse_other_fields,
)
from jira_pipeline.ports.tickets import (
    AnyTicket,
    GenerationOutcome,
    TicketDraft,
    TicketsRead,
    TicketStore,
)
from jira_pipeline.store import tables
from jira_pipeline.store.column_types import storable_text
from jira_pipeline.store.generations import write_generation
from jira_pipeline.store.session_rows import lock_session
from jira_pipeline.store.ticket_lists import listed_tickets, ticket_tally
from jira_pipeline.store.ticket_rows import (
    ENTRIES_SINCE,
    IS_PRESENT,
    NOT_READY,
    PROPOSED,
    change_and_record,
    changed_since,
    chosen_revisions,
    outdate,
    revision_of,
    tickets_of,
)
from jira_pipeline.store.transactions import StorePart, repeated

_TICKETS = tables.tickets.c


class SqlTicketStore(StorePart, TicketStore):
    """Keeps tickets and their revisions in the store."""

    @override
    @repeated
    def save_generated(
        self, session_key: str, drafts: Sequence[TicketDraft], *, at: datetime
    ) -> GenerationOutcome:
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            before = tickets_of(connection, session_key)
            outcome = write_generation(connection, session_key, drafts, at=at)
            after = {one.ticket_id: one for one in tickets_of(connection, session_key)}
            is_same = {
                one.ticket_id
                for one in before
                if one.ticket_id in after and says_the_same(one, after[one.ticket_id])
            }
            outdate(connection, [t.ticket_id for t in before if t.ticket_id not in is_same])
            return outcome

    @override
    def list_all(self, session_key: str) -> tuple[Ticket, ...]:
        with self._database.reading() as connection:
            return tickets_of(connection, session_key)

    @override
    def some(self, session_key: str, ticket_ids: Collection[str]) -> tuple[Ticket, ...]:
        with self._database.reading() as connection:
            return tickets_of(connection, session_key, only=ticket_ids)

    @override
    def listed(
        self, session_key: str, *, offset: int = 0, limit: int | None = None
    ) -> tuple[ListedTicket, ...]:
        with self._database.reading() as connection:
            return listed_tickets(connection, session_key, offset=offset, limit=limit)

    @override
    def read_since(self, session_key: str, sequence: int | None) -> TicketsRead[Ticket]:
        return self._since(session_key, sequence, tickets_of)

    @override
    def listed_since(self, session_key: str, sequence: int | None) -> TicketsRead[ListedTicket]:
        return self._since(session_key, sequence, listed_tickets)

    def _since(
        self, session_key: str, sequence: int | None, read: Callable[..., tuple[AnyTicket, ...]]
    ) -> TicketsRead[AnyTicket]:
        since = {"session": session_key, "sequence": sequence}
        # most looks find that nothing changed
        if sequence is not None and not self._database.asked(ENTRIES_SINCE, since):
            return TicketsRead(sequence=sequence, tickets=(), is_whole=False)
        with self._database.reading() as connection:
            newest, changed = changed_since(connection, session_key, sequence)
            if changed is None:
                every = read(connection, session_key)
                return TicketsRead(sequence=newest, tickets=every, is_whole=True)
            some = read(connection, session_key, only=changed) if changed else ()
            return TicketsRead(sequence=newest, tickets=some, is_whole=False)

    @override
    def numbers(self, session_key: str) -> Mapping[str, int]:
        chosen = select(_TICKETS.ticket_id, _TICKETS.number).where(
            _TICKETS.session_key == session_key, IS_PRESENT
        )
        return {row[0]: row[1] for row in self._database.asked(chosen)}

    @override
    def exported_groups(self, session_key: str) -> tuple[str, ...]:
        chosen = (
            select(_TICKETS.group_key)
            .where(_TICKETS.session_key == session_key, IS_PRESENT)
            .where(_TICKETS.skipped_reason.is_(None))
            .order_by(_TICKETS.number)
        )
        return tuple(group_key for (group_key,) in self._database.asked(chosen))

    @override
    def decisions(self, session_key: str) -> Mapping[str, TicketDecision]:
        chosen = select(_TICKETS.ticket_id, _TICKETS.ready_hash, _TICKETS.skipped_reason).where(
            _TICKETS.session_key == session_key, IS_PRESENT
        )
        rows = self._database.asked(chosen)
        return {key: TicketDecision(ready, skipped) for key, ready, skipped in rows}

    @override
    def source_lines(
        self, session_key: str, *, only: Collection[str] | None = None
    ) -> Mapping[str, tuple[SourceLines, ...]]:
        chosen = select(_TICKETS.ticket_id, _TICKETS.source_lines).where(
            _TICKETS.session_key == session_key, IS_PRESENT
        )
        if only is not None:
            chosen = chosen.where(_TICKETS.ticket_id.in_(only))
        return {row[0]: row[1] for row in self._database.asked(chosen)}

    @override
    def ready_sessions(self) -> frozenset[str]:
        chosen = (
            select(_TICKETS.session_key)
            .where(IS_PRESENT, _TICKETS.skipped_reason.is_(None))
            .group_by(_TICKETS.session_key)
            .having(func.count() == func.count(_TICKETS.ready_hash))
        )
        return frozenset(key for (key,) in self._database.asked(chosen))

    @override
    def tally(self, session_key: str) -> TicketTally:
        with self._database.reading() as connection:
            return ticket_tally(connection, session_key)

    @override
    def list_vanished(self, session_key: str) -> tuple[Ticket, ...]:
        with self._database.reading() as connection:
            return tickets_of(connection, session_key, is_vanished=True)

    @override
    def get(self, session_key: str, number: int) -> Ticket:
        with self._database.reading() as connection:
            found = tickets_of(connection, session_key, number=number)
        if not found:
            raise unknown_ticket(session_key=session_key, ticket=str(number))
        return found[0]

    @override
    def revisions(self, ticket_id: str) -> tuple[Revision, ...]:
        return tuple(map(revision_of, self._database.asked(chosen_revisions(ticket_id))))

    @override
    @repeated
    def mark_ready(
        self,
        session_key: str,
        rendered_hashes: Mapping[str, str],
        *,
        open_questions: Mapping[str, int] | None = None,
        by: str,
        at: datetime,
    ) -> int:
        with self._database.writing() as connection:
            present = _present(connection, session_key, rendered_hashes, _TICKETS.ready_hash)
            changed = {
                ticket_id: rendered_hash
                for ticket_id, rendered_hash in sorted(rendered_hashes.items())
                if present[ticket_id] != rendered_hash
            }
            left = {key: n for key, n in (open_questions or {}).items() if key in changed}
            rows = [
                {
                    "of_ticket": ticket_id,
                    "ready_hash": rendered_hash,
                    "ready_by": by,
                    "source_changes": (),
                }
                for ticket_id, rendered_hash in changed.items()
            ]
            return change_and_record(
                connection,
                rows,
                session_key=session_key,
                action="tickets_marked_ready",
                details={"rendered_hashes": changed} | ({"open_questions": left} if left else {}),
                by=by,
                at=at,
            )

    @override
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
        with self._database.writing() as connection:
            marks = _present(connection, session_key, ticket_ids, _TICKETS.ready_by, were=were)
            changed = sorted(ticket_id for ticket_id, by in marks.items() if by is not None)
            return change_and_record(
                connection,
                [{"of_ticket": key, **NOT_READY} for key in changed],
                session_key=session_key,
                action="tickets_unmarked_ready",
                details={"ticket_ids": changed},
                by=by,
                at=at,
            )

    @override
    def skip(
        self,
        session_key: str,
        ticket_ids: Collection[str],
        *,
        reason: str,
        were: Mapping[str, FieldValue] | None = None,
        by: str,
        at: datetime,
    ) -> int:
        if not reason.strip():
            raise ValueError("A ticket is skipped with a reason.")
        return self._set_skipped(session_key, ticket_ids, reason=reason, were=were, by=by, at=at)

    @override
    def unskip(
        self,
        session_key: str,
        ticket_ids: Collection[str],
        *,
        were: Mapping[str, FieldValue] | None = None,
        by: str,
        at: datetime,
    ) -> int:
        return self._set_skipped(session_key, ticket_ids, reason=None, were=were, by=by, at=at)

    @repeated
    def _set_skipped(
        self,
        session_key: str,
        ticket_ids: Collection[str],
        *,
        reason: str | None,
        were: Mapping[str, FieldValue] | None,
        by: str,
        at: datetime,
    ) -> int:
        with self._database.writing() as connection:
            column = _TICKETS.skipped_reason
            present = _present(connection, session_key, ticket_ids, column, were=were)
            changed = sorted(ticket_id for ticket_id, was in present.items() if was != reason)
            return change_and_record(
                connection,
                [{"of_ticket": key, "skipped_reason": reason} for key in changed],
                session_key=session_key,
                action="tickets_unskipped" if reason is None else "tickets_skipped",
                details={"ticket_ids": changed, "reason": reason},
                by=by,
                at=at,
            )

    @override
    @repeated
    def withdraw(
        self,
        session_key: str,
        ticket_ids: Collection[str],
        *,
        reason: str,
        by: str,
        at: datetime,
    ) -> int:
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            proposed = _vanished(connection, session_key, ticket_ids, Withdrawal.PROPOSED)
            agreed = {
                "withdrawal": Withdrawal.AGREED,
                "withdrawn_by": by,
                "withdrawal_reason": storable_text(reason),
                **NOT_READY,
            }
            return change_and_record(
                connection,
                [{"of_ticket": key, **agreed} for key in proposed],
                session_key=session_key,
                action="withdrawals_agreed",
                details={"ticket_ids": list(proposed), "reason": storable_text(reason)},
                by=by,
                at=at,
            )

    @override
    @repeated
    def unwithdraw(
        self, session_key: str, ticket_ids: Collection[str], *, by: str, at: datetime
    ) -> int:
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            agreed = _vanished(connection, session_key, ticket_ids, Withdrawal.AGREED)
            return change_and_record(
                connection,
                [{"of_ticket": key, **PROPOSED} for key in agreed],
                session_key=session_key,
                action="withdrawals_proposed_again",
                details={"ticket_ids": list(agreed)},
                by=by,
                at=at,
            )


def _present(
    connection: Connection,
    session_key: str,
    ticket_ids: Collection[str],
    column: Column[str],
    *,
    were: Mapping[str, FieldValue] | None = None,
) -> dict[str, str | None]:
    """Return what a column holds for those tickets, after locking their session."""
    lock_session(connection, session_key)
    if were:
        refuse_other_fields(tickets_of(connection, session_key, only=ticket_ids), were)
    chosen = select(_TICKETS.ticket_id, column).where(
        _TICKETS.session_key == session_key, IS_PRESENT
    )
    present = {row[0]: row[1] for row in connection.execute(chosen)}
    wanted = sorted(set(ticket_ids))
    for ticket_id in wanted:
        if ticket_id not in present:
            raise unknown_ticket(session_key=session_key, ticket=ticket_id)
    return {ticket_id: present[ticket_id] for ticket_id in wanted}


def _vanished(
    connection: Connection, session_key: str, ticket_ids: Collection[str], wanted: Withdrawal
) -> dict[str, str | None]:
    """Return who marked those ready whose withdrawal is at this step, in order of their ids."""
    vanished = {t.ticket_id: t for t in tickets_of(connection, session_key, is_vanished=True)}
    for ticket_id in ticket_ids:
        if ticket_id not in vanished:
            raise NotVanishedError(session_key=session_key, ticket=ticket_id)
    return {
        key: vanished[key].ready_by
        for key in sorted(set(ticket_ids))
        if vanished[key].withdrawal is wanted
    }
