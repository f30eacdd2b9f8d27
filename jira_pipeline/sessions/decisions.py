"""What people do with many tickets at once: leave out, set fields, order, look at.

Belongs here: what is looked at before the store keeps a decision. Does not: ready marks (`review`),
what a field may hold (`stages/review/fields`), edits of text.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.domain.records import TICKETS_SEEN
from jira_pipeline.domain.tickets import FieldValue, ListedTicket, Ticket
from jira_pipeline.errors import UnknownTicketError, WrongUseError
from jira_pipeline.ports.reviews import TicketRework
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.stages.review.approval import refuse_to_skip_exported
from jira_pipeline.stages.review.fields import checked_fields

AnyTicket = Ticket | ListedTicket


def skip_tickets(
    session: OpenSession, tickets: Sequence[AnyTicket], *, reason: str, by: str
) -> int:
    """Leave tickets out of exports; return how many were not left out before.

    Raises:
        InputError: One has an issue already; none is left out.
        WrongUseError: There is no reason.
    """
    if not reason.strip():
        raise WrongUseError(
            "Nothing was skipped: nobody said why.",
            recovery_actions=("Say why the tickets are left out of exports.",),
        )
    places = session.places_of(tickets)
    for ticket in tickets:
        refuse_to_skip_exported(ticket.number, places[ticket.ticket_id].jira_key)
    return session.store.tickets.skip(
        session.key, _ids_of(tickets), reason=reason.strip(), by=by, at=session.clock.now()
    )


def unskip_tickets(session: OpenSession, tickets: Sequence[AnyTicket], *, by: str) -> int:
    """Take tickets in again; return how many were left out before."""
    return session.store.tickets.unskip(
        session.key, _ids_of(tickets), by=by, at=session.clock.now()
    )


def unmark_ready(session: OpenSession, tickets: Sequence[AnyTicket], *, by: str) -> int:
    """Take ready marks away; return how many there were."""
    return session.store.tickets.unmark_ready(
        session.key, _ids_of(tickets), by=by, at=session.clock.now()
    )


def assign_tickets(
    session: OpenSession,
    tickets: Sequence[AnyTicket],
    fields: Mapping[str, FieldValue],
    *,
    by: str,
) -> int:
    """Set fields of tickets, empty to clear; return how many changed.

    Raises:
        WrongUseError: A value is none that Jira takes.
    """
    return session.store.reviews.assign(
        session.key,
        _ids_of(tickets),
        fields=checked_fields(fields),
        by=by,
        at=session.clock.now(),
    )


def change_labels(
    session: OpenSession,
    tickets: Sequence[Ticket],
    *,
    added: Collection[str],
    removed: Collection[str],
    by: str,
) -> int:
    """Add labels to tickets and take labels away, of all or of none; return how many changed.

    Raises:
        WrongUseError: Jira takes no such label.
        EditConflictError: Somebody else changed one meanwhile; so does InputError for its labels.
    """
    works = []
    for ticket in tickets:
        wanted = tuple(sorted({*ticket.labels, *added} - set(removed)))
        labels = checked_fields({"labels": wanted})["labels"]
        if labels != ticket.labels:
            works.append(
                TicketRework(
                    ticket_id=ticket.ticket_id,
                    expected_revision=ticket.revision.number,
                    title=ticket.title,
                    parts=ticket.revision.parts,
                    expected_fields={"labels": ticket.labels},
                    fields={"labels": labels},
                )
            )
    if not works:
        return 0
    changed = session.store.reviews.rework(session.key, works, by=by, at=session.clock.now())
    return len(changed)


def order_tickets(session: OpenSession, tickets: Sequence[AnyTicket], *, by: str) -> int:
    """Put tickets of one display group into this order; return how many places changed.

    What they wait for still comes first.

    Raises:
        WrongUseError: They are fewer than two, one comes twice, or they are of several groups.
    """
    if len({ticket.ticket_id for ticket in tickets}) != len(tickets) or len(tickets) < 2:  # noqa: PLR2004 - an order of one is none
        raise WrongUseError(
            "An order is of two tickets or more, each once.",
            recovery_actions=("Name two tickets or more.",),
        )
    groups = sorted({ticket.display_group.value for ticket in tickets})
    if len(groups) > 1:
        raise WrongUseError(
            f"These tickets are of {' and '.join(groups)}; an order is within one group.",
            recovery_actions=(
                Action.of(ActionKind.LIST_TICKETS, "{} shows the groups.", session_key=session.key),
            ),
        )
    return session.store.reviews.reorder(
        session.key, _ids_of(tickets), by=by, at=session.clock.now()
    )


def move_ticket(
    session: OpenSession, listed: Sequence[ListedTicket], number: int, *, places: int, by: str
) -> int:
    """Move a ticket among those of its group, up by so many places where negative.

    `listed` are all tickets as people put them. Returns how many places changed; beyond the first
    and the last there is none.

    Raises:
        UnknownTicketError: No ticket has that number.
    """
    ticket = next((one for one in listed if one.number == number), None)
    if ticket is None:
        raise UnknownTicketError(session_key=session.key, ticket=str(number))
    peers = [one for one in listed if one.display_group is ticket.display_group]
    here = peers.index(ticket)
    there = min(max(here + places, 0), len(peers) - 1)
    if here == there:
        return 0
    between = peers[min(here, there) : max(here, there) + 1]
    others = [one for one in between if one is not ticket]
    wanted = [*others, ticket] if there > here else [ticket, *others]
    return order_tickets(session, wanted, by=by)


def note_seen(session: OpenSession, *, by: str) -> None:
    """Note that a person looked at the tickets: what changes from now on is new to them."""
    session.store.audit.append(
        at=session.clock.now(),
        session_key=session.key,
        actor=by,
        action=TICKETS_SEEN,
        details={"content_version": session.stored.content_version},
    )


def seen_at(session: OpenSession, *, by: str) -> datetime | None:
    """Return when a person said last that they looked; None where they never did."""
    entries = session.store.audit.entries(session.key, actions={TICKETS_SEEN})
    return max((entry.at for entry in entries if entry.actor == by), default=None)


def _ids_of(tickets: Sequence[AnyTicket]) -> list[str]:
    return [ticket.ticket_id for ticket in tickets]
