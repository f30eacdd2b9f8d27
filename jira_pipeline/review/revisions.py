"""Changing the text of a ticket: every change is a new revision.

Belongs here: these verbs; what may be entered, and how it becomes the HTML that is kept. Does not:
changes of models (`model_changes`), what an editor shows (`editable_text`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from jira_pipeline.jira.adf import AdfLimitError, adf_to_html, html_to_adf, markdown_to_adf
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.tickets import PART_NAMES, TITLE_MAX_CHARACTERS, Revision, Ticket
from jira_pipeline.review.outcomes import NOTHING, Base, Number, Revised, exported
from jira_pipeline.tickets.documents.rendering import PROSE_LINKS

if TYPE_CHECKING:  # what only offers a verb loads no store
    from jira_pipeline.review.open_session import OpenSession


PART_MAX_BYTES = 200_000
"""Of one part as entered: six times what Jira takes as a whole description."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEdit:
    """What somebody wants to change; what is not named stays."""

    title: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    """HTML fragments by name of the part, as `html_of_text` returns them."""
    like: Revision | None = None
    """Where a change of a model is taken back: hours and questions without it."""


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


def edit_text(
    session: "OpenSession",
    number: Number,
    part: Annotated[str, Field(description=f"One of {', '.join(PART_NAMES)}.")],
    text: Annotated[str, Field(description="Its new text, as Markdown.")],
    *,
    revision: Base = None,
    by: str,
) -> Revised:
    """Replace the text of one section of a ticket.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: The text cannot be one, or there is no such section.
    """
    ticket, wanted = session.ticket(number), TicketEdit(parts={part: html_of_text(text, part=part)})
    return edit(session, ticket, wanted, revision=revision, by=by)


def retitle(
    session: "OpenSession", number: Number, title: str, *, revision: Base = None, by: str
) -> Revised:
    """Replace the title of a ticket.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: It cannot be one.
    """
    return edit(session, session.ticket(number), TicketEdit(title=title), revision=revision, by=by)


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


def checked_title(text: str) -> str:
    """Return a title as Jira takes it.

    Raises:
        InputError: It is empty, has several lines, or is too long.
    """
    title = text.strip()
    fault = ""
    if not title:
        fault = "A title must not be empty."
    elif len(title.splitlines()) > 1:
        fault = "A title must be a single line."
    elif len(title) > TITLE_MAX_CHARACTERS:
        fault = f"The title has {len(title)} characters; Jira accepts {TITLE_MAX_CHARACTERS}."
    if fault:
        raise InputError(fault, recovery_actions=("Enter a single-line title.",))
    return title


def html_of_text(text: str, *, part: str, is_html: bool = False) -> str:
    """Turn Markdown, or HTML, into the HTML that is kept of a part, as Jira would get it.

    Raises:
        InputError: It is too large, or cannot be held.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > PART_MAX_BYTES:
        raise InputError(
            f"The section {part} has {size:,} bytes; the limit is {PART_MAX_BYTES:,}.",
            recovery_actions=("Shorten it, or attach the long text to the issue in Jira.",),
        )
    try:
        to_adf = html_to_adf if is_html else markdown_to_adf
        return adf_to_html(to_adf(text, links=PROSE_LINKS), links=PROSE_LINKS)
    except AdfLimitError as error:
        raise InputError(
            f"The section {part} cannot be used: {error}", recovery_actions=("Simplify the text.",)
        ) from error


def _revised(session: "OpenSession", ticket: Ticket, revision: Revision) -> Revised:
    is_new = revision.number != ticket.revision.number
    sentence = f"Ticket {ticket.number} is now at revision {revision.number}."
    return Revised(
        session_key=session.key,
        number=ticket.number,
        revision=revision.number,
        changed=is_new,
        sentences=(sentence, *exported(session, [ticket])) if is_new else (NOTHING,),
        numbers=(ticket.number,) if is_new else (),
    )
