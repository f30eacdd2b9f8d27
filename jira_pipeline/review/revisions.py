"""Changing the text of a ticket: every change is a new revision.

Belongs here: these verbs. Does not: what may be entered (`editing`), changes of models
(`model_changes`).
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from jira_pipeline.model.errors import InputError
from jira_pipeline.model.tickets import PART_NAMES, Revision, Ticket
from jira_pipeline.review.editing import TicketEdit, checked_title
from jira_pipeline.review.model_changes import edit_taking_back
from jira_pipeline.review.outcomes import NOTHING, Base, Number, Revised, exported

if TYPE_CHECKING:  # what only offers a verb loads no store
    from jira_pipeline.review.open_session import OpenSession


def edit(
    session: "OpenSession",
    ticket: Ticket,
    wanted: TicketEdit,
    *,
    revision: int | None = None,
    by: str,
) -> Revised:
    """Change title or prose, on the revision that was read (None: that of the ticket as given).

    An edit that changes nothing adds no revision.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: The title cannot be one, or there is no such part.
    """
    title = ticket.title if wanted.title is None else checked_title(wanted.title)
    for name in wanted.parts:
        if name not in PART_NAMES:
            raise InputError(
                f"There is no section {name!r}; use one of {', '.join(PART_NAMES)}.",
                recovery_actions=("Tables come from the upload: correct them there.",),
            )
    kept = session.store.reviews.edit(
        session.key,
        ticket.ticket_id,
        expected_revision=revision or ticket.revision.number,
        title=title,
        parts=replace(ticket.revision.parts, **dict(wanted.parts)),
        like=wanted.like,
        by=by,
        at=session.clock.now(),
    )
    return _revised(session, ticket, kept)


def take_back(
    session: "OpenSession",
    number: Number,
    change: Annotated[
        int, Field(ge=1, title="CHANGE", description="Number of the change; see `tickets show`.")
    ],
    *,
    revision: Base = None,
    by: str,
) -> Revised:
    """Undo one change made by a model, as a new revision; the other changes stay.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: There is no such change, or the text does not have it any more.
    """
    ticket = session.ticket(number)
    return edit(session, ticket, edit_taking_back(ticket, change), revision=revision, by=by)


def roll_back(
    session: "OpenSession",
    number: Number,
    *,
    to: Annotated[
        int, Field(ge=1, title="N", description="Number of the revision; see `tickets diff`.")
    ],
    revision: Base = None,
    by: str,
) -> Revised:
    """Restore an earlier revision as a new one; nothing is lost.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        NotFoundError: There is no such revision.
    """
    ticket = session.ticket(number)
    kept = session.store.reviews.roll_back(
        session.key,
        ticket.ticket_id,
        to_revision=to,
        expected_revision=revision or ticket.revision.number,
        by=by,
        at=session.clock.now(),
    )
    return _revised(session, ticket, kept)


def _revised(session: "OpenSession", ticket: Ticket, kept: Revision) -> Revised:
    is_new = kept.number != ticket.revision.number
    said = f"Ticket {ticket.number} is now at revision {kept.number}."
    return Revised(
        session_key=session.key,
        number=ticket.number,
        revision=kept.number,
        changed=is_new,
        sentences=(said, *exported(session, [ticket])) if is_new else (NOTHING,),
        numbers=(ticket.number,) if is_new else (),
    )
