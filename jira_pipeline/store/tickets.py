"""Tickets, their revisions and what people decide about them: ready, skipped, withdrawn.

Belongs here: keeping them. Does not: what a new generation does to the tickets there are
(`generations`), what a ticket says (`writers`), what it is validated against (`validations`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, select
from typing_extensions import override

from jira_pipeline.domain.tickets import (
    ListedTicket,
    Revision,
    SourceLines,
    Ticket,
    TicketDecision,
    TicketTally,
)
from jira_pipeline.errors import UnknownTicketError
from jira_pipeline.ports.tickets import GenerationOutcome, TicketDraft, TicketStore
from jira_pipeline.store import tables
from jira_pipeline.store.changed_tickets import change_and_record
from jira_pipeline.store.generations import write_generation
from jira_pipeline.store.session_rows import lock_session
from jira_pipeline.store.ticket_lists import listed_tickets
from jira_pipeline.store.ticket_rows import (
    IS_PRESENT,
    NOT_READY,
    revisions_of,
    tickets_of,
)
from jira_pipeline.store.ticket_tallies import ticket_tally
from jira_pipeline.store.transactions import Database, repeated
from jira_pipeline.store.withdrawals import agree_to_withdraw, propose_again

_TICKETS = tables.tickets.c


class SqlTicketStore(TicketStore):
    """Keeps tickets and their revisions in the store."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    @override
    @repeated
    def save_generated(
        self, session_key: str, drafts: Sequence[TicketDraft], *, at: datetime
    ) -> GenerationOutcome:
        """Store one generation in one step; audited. `generations` tells what becomes of what."""
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            return write_generation(connection, session_key, drafts, at=at)

    @override
    def list_all(self, session_key: str) -> tuple[Ticket, ...]:
        with self._database.reading() as connection:
            return tickets_of(connection, session_key)

    @override
    def listed(
        self, session_key: str, *, offset: int = 0, limit: int | None = None
    ) -> tuple[ListedTicket, ...]:
        with self._database.reading() as connection:
            return listed_tickets(connection, session_key, offset=offset, limit=limit)

    @override
    def numbers(self, session_key: str) -> Mapping[str, int]:
        chosen = select(_TICKETS.ticket_id, _TICKETS.number).where(
            _TICKETS.session_key == session_key, IS_PRESENT
        )
        with self._database.reading() as connection:
            return dict(connection.execute(chosen).tuples().all())

    @override
    def exported_groups(self, session_key: str) -> tuple[str, ...]:
        chosen = (
            select(_TICKETS.group_key)
            .where(_TICKETS.session_key == session_key, IS_PRESENT)
            .where(_TICKETS.skipped_reason.is_(None))
            .order_by(_TICKETS.number)
        )
        with self._database.reading() as connection:
            return tuple(connection.execute(chosen).scalars())

    @override
    def decisions(self, session_key: str) -> Mapping[str, TicketDecision]:
        chosen = select(_TICKETS.ticket_id, _TICKETS.ready_hash, _TICKETS.skipped_reason).where(
            _TICKETS.session_key == session_key, IS_PRESENT
        )
        with self._database.reading() as connection:
            rows = connection.execute(chosen).tuples()
            return {key: TicketDecision(ready, skipped) for key, ready, skipped in rows}

    @override
    def source_lines(self, session_key: str) -> Mapping[str, tuple[SourceLines, ...]]:
        chosen = select(_TICKETS.ticket_id, _TICKETS.source_lines).where(
            _TICKETS.session_key == session_key, IS_PRESENT
        )
        with self._database.reading() as connection:
            return dict(connection.execute(chosen).tuples().all())

    @override
    def tally(self, session_key: str) -> TicketTally:
        with self._database.reading() as connection:
            return ticket_tally(connection, session_key)

    @override
    def list_vanished(self, session_key: str) -> tuple[Ticket, ...]:
        """Return the tickets whose rows are gone, proposed for withdrawal or withdrawn, by number."""
        with self._database.reading() as connection:
            return tickets_of(connection, session_key, is_vanished=True)

    @override
    def get(self, session_key: str, number: int) -> Ticket:
        with self._database.reading() as connection:
            found = tickets_of(connection, session_key, number=number)
        if not found:
            raise UnknownTicketError(session_key=session_key, ticket=str(number))
        return found[0]

    @override
    def revisions(self, ticket_id: str) -> tuple[Revision, ...]:
        with self._database.reading() as connection:
            return revisions_of(connection, ticket_id)

    @override
    @repeated
    def mark_ready(
        self, session_key: str, rendered_hashes: Mapping[str, str], *, by: str, at: datetime
    ) -> int:
        """Mark tickets ready, each bound to the hash of what was validated; audited.

        Returns how many were not ready with that hash before. Changed cells count as looked at.

        Raises:
            UnknownTicketError: One is no ticket of the session, or its rows are gone; none is marked.
        """
        with self._database.writing() as connection:
            present = _present(connection, session_key, rendered_hashes, _TICKETS.ready_hash)
            changed = {
                ticket_id: rendered_hash
                for ticket_id, rendered_hash in sorted(rendered_hashes.items())
                if present[ticket_id] != rendered_hash
            }
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
                details={"rendered_hashes": changed},
                by=by,
                at=at,
            )

    @override
    def unmark_ready(
        self, session_key: str, ticket_ids: Iterable[str], *, by: str, at: datetime
    ) -> int:
        """Take ready marks away; audited. Returns how many were taken.

        Raises:
            UnknownTicketError: One is no ticket of the session, or its rows are gone; all marks stay.
        """
        return self._take_marks(session_key, tuple(ticket_ids), by=by, at=at)

    @repeated
    def _take_marks(
        self, session_key: str, ticket_ids: Sequence[str], *, by: str, at: datetime
    ) -> int:
        with self._database.writing() as connection:
            present = _present(connection, session_key, ticket_ids, _TICKETS.ready_hash)
            changed = sorted(ticket_id for ticket_id, mark in present.items() if mark is not None)
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
        self, session_key: str, ticket_ids: Iterable[str], *, reason: str, by: str, at: datetime
    ) -> int:
        """Leave tickets out of exports, with a reason; audited. Returns how many changed.

        Raises:
            UnknownTicketError: One is no ticket of the session, or its rows are gone; none is skipped.
        """
        if not reason.strip():
            raise ValueError("A ticket is skipped with a reason.")
        return self._set_skipped(session_key, tuple(ticket_ids), reason=reason, by=by, at=at)

    @override
    def unskip(self, session_key: str, ticket_ids: Iterable[str], *, by: str, at: datetime) -> int:
        """Take skipped tickets in again; audited. Returns how many changed.

        Raises:
            UnknownTicketError: One is no ticket of the session, or its rows are gone; none is taken in.
        """
        return self._set_skipped(session_key, tuple(ticket_ids), reason=None, by=by, at=at)

    @repeated
    def _set_skipped(
        self,
        session_key: str,
        ticket_ids: Sequence[str],
        *,
        reason: str | None,
        by: str,
        at: datetime,
    ) -> int:
        with self._database.writing() as connection:
            present = _present(connection, session_key, ticket_ids, _TICKETS.skipped_reason)
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
        ticket_ids: Sequence[str],
        *,
        reason: str,
        by: str,
        at: datetime,
    ) -> int:
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            return agree_to_withdraw(
                connection, session_key, ticket_ids, reason=reason, by=by, at=at
            )

    @override
    @repeated
    def unwithdraw(
        self, session_key: str, ticket_ids: Sequence[str], *, by: str, at: datetime
    ) -> int:
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            return propose_again(connection, session_key, ticket_ids, by=by, at=at)


def _present(
    connection: Connection, session_key: str, ticket_ids: Iterable[str], column: Column[str]
) -> dict[str, str | None]:
    """Return what a column holds for those tickets, after locking their session."""
    lock_session(connection, session_key)
    chosen = select(_TICKETS.ticket_id, column).where(
        _TICKETS.session_key == session_key, IS_PRESENT
    )
    present = {row[0]: row[1] for row in connection.execute(chosen)}
    wanted = sorted(set(ticket_ids))
    for ticket_id in wanted:
        if ticket_id not in present:
            raise UnknownTicketError(session_key=session_key, ticket=ticket_id)
    return {ticket_id: present[ticket_id] for ticket_id in wanted}
