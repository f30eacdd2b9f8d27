"""Edits of a ticket's prose and fields.

Belongs here: adding a revision, setting fields, refusing what somebody else changed meanwhile.
Does not: what may be entered (`stages/review`), revisions of a generation (`generations`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert

from jira_pipeline.domain.tickets import (
    ASSIGNABLE_FIELDS,
    PART_NAMES,
    FieldValue,
    ProseParts,
    Revision,
    RevisionOrigin,
    Ticket,
    content_hash_of,
)
from jira_pipeline.errors import EditConflictError, InputError
from jira_pipeline.ports.reviews import TicketRework
from jira_pipeline.store import tables
from jira_pipeline.store.column_types import storable_text
from jira_pipeline.store.records import append_audit
from jira_pipeline.store.ticket_rows import change_tickets, invalidate, revisions_of


def refuse_conflict(ticket: Ticket, expected_revision: int) -> None:
    """Refuse an edit of another revision than the current one.

    Raises:
        EditConflictError: Somebody else edited the ticket meanwhile.
    """
    current = ticket.revision
    if current.number != expected_revision:
        raise EditConflictError(
            number=ticket.number,
            expected=expected_revision,
            found=current.number,
            author=current.author,
        )


def refuse_other_fields(ticket: Ticket, expected: Mapping[str, FieldValue]) -> None:
    """Refuse to set fields that do not hold what is expected.

    Raises:
        InputError: Somebody else set one of them meanwhile.
    """
    others = [name for name, value in expected.items() if getattr(ticket, name) != value]
    if others:
        raise InputError(
            f"Somebody else set {', '.join(others)} of ticket {ticket.number} a moment ago; "
            "nothing was kept.",
            recovery_actions=("Write the files anew and make your changes there.",),
        )


def rework_ticket(
    connection: Connection, ticket: Ticket, work: TicketRework, *, by: str, at: datetime
) -> bool:
    """Change one ticket; tell whether that changed anything."""
    kept = add_revision(
        connection,
        ticket,
        title=work.title,
        parts=work.parts,
        like=ticket.revision,
        origin=RevisionOrigin.EDITED,
        by=by,
        at=at,
    )
    assigned = assign_fields(connection, [ticket], field_values(work.fields), by=by, at=at)
    return bool(assigned) or kept.number != ticket.revision.number


def add_revision(
    connection: Connection,
    ticket: Ticket,
    *,
    title: str,
    parts: ProseParts,
    like: Revision,
    origin: RevisionOrigin,
    by: str,
    at: datetime,
) -> Revision:
    """Add a revision, unless it would say what the current one says; what is not content is `like`'s."""
    title = storable_text(title)
    texts = {name: storable_text(getattr(parts, name)) for name in PART_NAMES}
    content_hash = content_hash_of(
        title=title, parts=ProseParts(**texts), estimated_hours=like.estimated_hours
    )
    if content_hash == ticket.revision.content_hash:
        return ticket.revision
    number = ticket.revision.number + 1
    connection.execute(
        insert(tables.revisions).values(
            ticket_id=ticket.ticket_id,
            number=number,
            origin=origin,
            title=title,
            **texts,
            open_questions=like.questions,
            estimated_hours=like.estimated_hours,
            writer=like.writer,
            author=by,
            created_at=at,
            content_hash=content_hash,
            facts_hash=like.facts_hash,
            rolled_back_to=like.number if origin is RevisionOrigin.ROLLED_BACK else None,
            fallback_reason=like.fallback_reason,
            suggestions=like.suggestions,
        )
    )
    change_tickets(
        connection,
        [{"of_ticket": ticket.ticket_id, "current_revision": number, "source_changes": ()}],
    )
    invalidate(connection, ticket.session_key, [ticket.ticket_id], at=at)
    append_audit(
        connection,
        at=at,
        session_key=ticket.session_key,
        actor=by,
        action="ticket_edited" if origin is RevisionOrigin.EDITED else "ticket_rolled_back",
        details={
            "ticket_id": ticket.ticket_id,
            "revision": number,
            "from_revision": ticket.revision.number,
            "content_hash": content_hash,
            **({"to_revision": like.number} if origin is RevisionOrigin.ROLLED_BACK else {}),
        },
    )
    return revisions_of(connection, ticket.ticket_id, number=number)[0]


def assign_fields(
    connection: Connection,
    chosen: Sequence[Ticket],
    values: Mapping[str, FieldValue],
    *,
    by: str,
    at: datetime,
) -> int:
    """Set fields of locked tickets of one session; return how many changed.

    A field that has the value already is people's from now on: a generation leaves it alone.
    """
    rows = [
        {
            "of_ticket": ticket.ticket_id,
            **values,
            "assigned_fields": tuple(sorted({*ticket.assigned_fields, *values})),
        }
        for ticket in chosen
        if not values.keys() <= set(ticket.assigned_fields) or _differs(ticket, values)
    ]
    if not rows:
        return 0
    change_tickets(connection, rows)
    session_key = chosen[0].session_key
    changed = [ticket.ticket_id for ticket in chosen if _differs(ticket, values)]
    invalidate(connection, session_key, changed, at=at)
    append_audit(
        connection,
        at=at,
        session_key=session_key,
        actor=by,
        action="fields_assigned",
        details={
            "ticket_ids": [row["of_ticket"] for row in rows],
            "fields": {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()},
        },
    )
    return len(changed)


def _differs(ticket: Ticket, values: Mapping[str, FieldValue]) -> bool:
    return any(getattr(ticket, name) != value for name, value in values.items())


def field_values(fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """Return the columns to set.

    Raises:
        ValueError: A name is no assignable field.
    """
    strangers = fields.keys() - set(ASSIGNABLE_FIELDS)
    if strangers:
        raise ValueError(f"{sorted(strangers)} cannot be assigned.")
    values = dict(fields)
    if "labels" in values:
        values["labels"] = tuple(sorted(set(values["labels"] or ())))
    return values
