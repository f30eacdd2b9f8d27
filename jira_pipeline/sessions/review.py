"""The review of a session: validating its tickets, marking them ready, what the sheets dropped.

Belongs here: calling a stage with what the session holds. Does not: rules (`stages/review`,
`stages/adf_validation`).
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.domain.next_step import refuse_without_tickets
from jira_pipeline.domain.records import TICKETS_SEEN
from jira_pipeline.domain.sessions import SessionStatus
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.domain.validations import Validation
from jira_pipeline.errors import InputError, UnknownTicketError, WrongUseError
from jira_pipeline.ports.reviews import TicketRework
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.sessions.pages import write_review
from jira_pipeline.stages.adf_validation import validate_session
from jira_pipeline.stages.review.approval import (
    AUTO_APPROVAL,
    approve_automatically,
    refuse_to_skip_exported,
)
from jira_pipeline.stages.review.approval import mark_ready as mark_tickets_ready
from jira_pipeline.stages.review.fields import checked_fields
from jira_pipeline.stages.review.withdrawals import proposed_among, without_rows


def validate(session: OpenSession, *, run_id: str | None) -> Validation:
    """Check every ticket of a session and store the result; only what changed is looked at."""
    read_at = session.clock.now()
    session = session.again()  # an edit from now on is one after the validation
    before, rendering = session.store.validations.latest(session.key), session.pipeline.rendering
    validation = validate_session(
        session.stored,
        rendered=session.rendered,
        read_at=read_at,
        rendering=rendering,
        body_max_bytes=session.settings.adf_body_max_bytes,
        sessions=session.store.sessions,
        validations=session.store.validations,
        now=session.clock.now,
        run_id=run_id,
        is_anything_left=bool(proposed_among(session.vanished)),
        earlier=before.results if before is not None and before.rendering == rendering else (),
    )
    write_review(session)
    return validation


def mark_ready(session: OpenSession, *, numbers: Sequence[int] | None, by: str) -> int:
    """Mark tickets ready (None: all that are not skipped); return how many were not before.

    What was not validated as it is now is validated first.

    Raises:
        GateError: There are no tickets, one is not valid, the sheets changed since they were
            written, or something is at work and one was not validated.
        UnknownTicketError: A number names no ticket.
    """
    refuse_without_tickets(session.stored)
    unknown = sorted(set(numbers or ()) - {r.ticket.number for r in session.rendered})
    if unknown:
        raise UnknownTicketError(session_key=session.key, ticket=str(unknown[0]))
    if _is_validation_needed(session, numbers=numbers):
        validate(session, run_id=None)
        session = session.again()
    return mark_tickets_ready(
        session.stored,
        session.rendered,
        numbers=numbers,
        tickets=session.store.tickets,
        validations=session.store.validations,
        by=by,
        at=session.clock.now(),
    )


def _is_validation_needed(session: OpenSession, *, numbers: Collection[int] | None) -> bool:
    """Tell whether a ticket that is to be marked was not validated as it is, and may be now."""
    stored = session.stored
    is_written_anew = stored.generated_from_sha256 != stored.content_sha256
    if is_written_anew or stored.status is SessionStatus.RUNNING:
        return False
    known = {} if session.checked is None else session.checked.rendered_hashes
    return any(
        known.get(one.ticket.ticket_id) != one.rendered_hash
        for one in session.rendered
        if (not one.is_skipped if numbers is None else one.ticket.number in numbers)
    )


def skip_tickets(session: OpenSession, tickets: Sequence[Ticket], *, reason: str, by: str) -> int:
    """Leave tickets out of exports, with a reason; return how many changed.

    Raises:
        InputError: There is no reason, or one has an issue already: it would change nothing there.
    """
    if not reason.strip():
        raise InputError(
            "Tickets are left out for a reason.",
            recovery_actions=("Say why the tickets are left out.",),
        )
    for ticket in tickets:
        refuse_to_skip_exported(ticket.number, session.places[ticket.ticket_id].jira_key)
    return session.store.tickets.skip(
        session.key,
        [ticket.ticket_id for ticket in tickets],
        reason=reason.strip(),
        by=by,
        at=session.clock.now(),
    )


def reorder_tickets(session: OpenSession, tickets: Sequence[Ticket], *, by: str) -> int:
    """Put tickets of one display group into this order; return how many places changed.

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
        session.key,
        [ticket.ticket_id for ticket in tickets],
        by=by,
        at=session.clock.now(),
    )


def move_ticket(session: OpenSession, number: int, *, places: int, by: str) -> int:
    """Move a ticket among those of its group, up by so many places where negative.

    Returns how many places changed; beyond the first and the last there is none.

    Raises:
        UnknownTicketError: No ticket has that number.
    """
    listed = sorted(session.tickets, key=lambda one: one.place)
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
    return reorder_tickets(session, wanted, by=by)


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
        EditConflictError: Somebody else changed one, or its labels, meanwhile.
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


def approve(session: OpenSession, *, auto_approve: bool | None = None) -> int:
    """Mark valid tickets ready where the session approves itself; return how many.

    A given `auto_approve` counts for this run in place of the manifest's.

    It agrees to withdrawals, too, where `agreed_automatically` says so. After an undo, and where sheets are missing, it does neither: that is for people to decide.
    """
    if auto_approve is not None:
        manifest = replace(session.stored.manifest, auto_approve=auto_approve)
        stored = replace(session.stored, manifest=manifest)
        session = OpenSession(pipeline=session.pipeline, stored=stored)
    if not session.approves_itself:
        return 0
    session.store.tickets.withdraw(
        session.key,
        [ticket.ticket_id for ticket in session.agreed_withdrawals],
        reason="",
        by=AUTO_APPROVAL,
        at=session.clock.now(),
    )
    return approve_automatically(
        session.stored,
        session.rendered,
        is_sandbox=session.settings.is_sandbox,
        tickets=session.store.tickets,
        validations=session.store.validations,
        at=session.clock.now(),
    )


def left_by_sheets(session: OpenSession) -> tuple[Ticket, ...]:
    """Return the tickets the sheets no longer ask for, as far as nobody agreed to withdraw them.

    Where other sheets were uploaded since the tickets were written, it is what the next generation
    would leave without rows.
    """
    if session.stored.generated_at is None:
        return ()
    proposed = proposed_among(session.vanished)
    if session.stored.generated_from_sha256 == session.stored.content_sha256:
        return proposed
    everyone = (*session.tickets, *proposed)
    return without_rows(everyone, group_keys=session.groups.keys())


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
