"""What people change about tickets in a review.

Belongs here: each change in one step, with its audit entry. Does not: what may be entered
(`stages/review`), the rows of the changes (`edits`, `manual_dependencies`, `answers`), what a new
generation leaves of them (`generations`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from typing_extensions import override

from jira_pipeline.domain.tickets import FieldValue, ProseParts, Revision, RevisionOrigin
from jira_pipeline.errors import UnknownRevisionError
from jira_pipeline.ports.reviews import ReviewStore, TicketRework
from jira_pipeline.store.answers import write_answers
from jira_pipeline.store.changed_tickets import (
    change_and_record,
    locked_pair,
    locked_ticket,
    locked_tickets,
)
from jira_pipeline.store.edits import (
    add_revision,
    assign_fields,
    field_values,
    refuse_conflict,
    refuse_other_fields,
    rework_ticket,
)
from jira_pipeline.store.manual_dependencies import add_dependency, remove_dependency
from jira_pipeline.store.ticket_rows import revisions_of, tickets_of
from jira_pipeline.store.transactions import Database, repeated


class SqlReviewStore(ReviewStore):
    """Keeps what people change about tickets in the store."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    @override
    @repeated
    def edit(
        self,
        session_key: str,
        ticket_id: str,
        *,
        expected_revision: int,
        title: str,
        parts: ProseParts,
        by: str,
        at: datetime,
    ) -> Revision:
        with self._database.writing() as connection:
            ticket = locked_ticket(connection, session_key, ticket_id)
            refuse_conflict(ticket, expected_revision)
            return add_revision(
                connection,
                ticket,
                title=title,
                parts=parts,
                like=ticket.revision,
                origin=RevisionOrigin.EDITED,
                by=by,
                at=at,
            )

    @override
    @repeated
    def rework(
        self, session_key: str, works: Sequence[TicketRework], *, by: str, at: datetime
    ) -> tuple[str, ...]:
        with self._database.writing() as connection:
            chosen = locked_tickets(connection, session_key, [w.ticket_id for w in works])
            pairs = list(zip(chosen, works, strict=True))
            for ticket, work in pairs:
                refuse_conflict(ticket, work.expected_revision)
                refuse_other_fields(ticket, work.expected_fields)
            return tuple(
                ticket.ticket_id
                for ticket, work in pairs
                if rework_ticket(connection, ticket, work, by=by, at=at)
            )

    @override
    @repeated
    def roll_back(
        self,
        session_key: str,
        ticket_id: str,
        *,
        to_revision: int,
        expected_revision: int,
        by: str,
        at: datetime,
    ) -> Revision:
        with self._database.writing() as connection:
            ticket = locked_ticket(connection, session_key, ticket_id)
            refuse_conflict(ticket, expected_revision)
            known = {r.number: r for r in revisions_of(connection, ticket_id)}
            if to_revision not in known:
                raise UnknownRevisionError(
                    number=ticket.number, revision=to_revision, known=len(known)
                )
            earlier = known[to_revision]
            return add_revision(
                connection,
                ticket,
                title=earlier.title,
                parts=earlier.parts,
                like=earlier,
                origin=RevisionOrigin.ROLLED_BACK,
                by=by,
                at=at,
            )

    @override
    @repeated
    def assign(
        self,
        session_key: str,
        ticket_ids: Iterable[str],
        *,
        fields: Mapping[str, FieldValue],
        by: str,
        at: datetime,
    ) -> int:
        """Set fields of `ASSIGNABLE_FIELDS`, None to clear; returns how many tickets changed.

        Raises:
            UnknownTicketError: One is no ticket of the session, or its rows are gone; none is changed.
        """
        values = field_values(fields)
        with self._database.writing() as connection:
            chosen = locked_tickets(connection, session_key, ticket_ids)
            return assign_fields(connection, chosen, values, by=by, at=at)

    @override
    @repeated
    def reorder(self, session_key: str, ticket_ids: Sequence[str], *, by: str, at: datetime) -> int:
        """Put tickets into this order in the places they have; returns how many places changed.

        What Jira gets does not change: marks stay, nothing becomes stale.

        Raises:
            UnknownTicketError: One is no ticket of the session, or its rows are gone; none is moved.
        """
        with self._database.writing() as connection:
            moved = locked_tickets(connection, session_key, ticket_ids)
            ordered = sorted(tickets_of(connection, session_key), key=lambda t: t.place)
            wanted = {t.ticket_id for t in moved}
            following = iter(moved)
            placed = [next(following) if t.ticket_id in wanted else t for t in ordered]
            rows = [
                {"of_ticket": ticket.ticket_id, "position": position}
                for place, ticket in enumerate(placed, start=1)
                if (position := None if place == ticket.number else place) != ticket.position
            ]
            return change_and_record(
                connection,
                rows,
                session_key=session_key,
                action="tickets_reordered",
                details={"order": [ticket.ticket_id for ticket in moved]},
                by=by,
                at=at,
            )

    @override
    @repeated
    def add_dependency(
        self, session_key: str, ticket_id: str, other_ticket_id: str, *, by: str, at: datetime
    ) -> bool:
        """Make a ticket wait for another one; tells whether that changed anything.

        Raises:
            DependencyCycleError: The other one waits for it already, or they are the same.
            UnknownTicketError: One is no ticket of the session, or its rows are gone.
        """
        with self._database.writing() as connection:
            ticket, other = locked_pair(connection, session_key, ticket_id, other_ticket_id)
            if other.ticket_id in ticket.depends_on:
                return False
            tickets = tickets_of(connection, session_key)
            add_dependency(connection, ticket, other, tickets=tickets, by=by, at=at)
            return True

    @override
    @repeated
    def remove_dependency(
        self, session_key: str, ticket_id: str, other_ticket_id: str, *, by: str, at: datetime
    ) -> bool:
        with self._database.writing() as connection:
            ticket, other = locked_pair(connection, session_key, ticket_id, other_ticket_id)
            if other.ticket_id not in ticket.depends_on:
                return False
            remove_dependency(connection, ticket, other, by=by, at=at)
            return True

    @override
    @repeated
    def answer(
        self,
        session_key: str,
        answers: Mapping[str, Mapping[str, str]],
        *,
        by: str,
        at: datetime,
    ) -> int:
        with self._database.writing() as connection:
            chosen = locked_tickets(connection, session_key, answers)
            return write_answers(connection, chosen, answers, by=by, at=at)
