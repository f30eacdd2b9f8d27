"""Setting assignee, sprint, priority, labels and parent for one ticket or many.

Belongs here: what may be entered, and which tickets a filter means. Does not: whether Jira has
such a person, sprint or priority: `check-project` reports it, and the export falls back.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.errors import WrongUseError, unknown_ticket
from jira_pipeline.kernel.entity_groups import DisplayGroup
from jira_pipeline.kernel.tickets import FieldValue, ListedTicket, Ticket

LABEL_MAX_CHARACTERS = 255
FIELD_MAX_CHARACTERS = 255
_ISSUE_KEY = re.compile(r"[A-Z][A-Z0-9_]+-[1-9][0-9]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """Which tickets are meant; conditions that are named hold all together."""

    numbers: tuple[int, ...] = ()
    group: DisplayGroup | None = None
    text: str = ""
    """Occurs in the title, whatever its case."""


AnyTicket = TypeVar("AnyTicket", Ticket, ListedTicket)


def chosen_tickets(
    tickets: Sequence[AnyTicket], wanted: TicketFilter, *, session_key: str
) -> tuple[AnyTicket, ...]:
    """Return the tickets a filter means, in their order.

    Raises:
        NotFoundError: A number names none.
        WrongUseError: Nothing is left.
    """
    known = {ticket.number for ticket in tickets}
    for number in wanted.numbers:
        if number not in known:
            raise unknown_ticket(session_key=session_key, ticket=str(number))
    found = tuple(ticket for ticket in tickets if _is_meant(ticket, wanted))
    if not found:
        raise WrongUseError(
            "No ticket matches this choice.",
            recovery_actions=(
                Action.of(ActionKind.LIST_TICKETS, "{} shows them all.", session_key=session_key),
            ),
        )
    return found


def labels_in(text: str) -> tuple[str, ...]:
    """Return the labels that a person listed between commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def checked_fields(fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """Return fields as Jira could take them; an empty text clears a field.

    Raises:
        WrongUseError: A label has a space, a parent is no issue key, or a value is too long.
    """
    return {name: _checked(name, value) for name, value in fields.items()}


def _is_meant(ticket: Ticket | ListedTicket, wanted: TicketFilter) -> bool:
    return (
        (not wanted.numbers or ticket.number in wanted.numbers)
        and (wanted.group is None or ticket.display_group is wanted.group)
        and wanted.text.casefold() in ticket.title.casefold()
    )


def _checked(name: str, value: FieldValue) -> FieldValue:
    if isinstance(value, tuple):
        for label in value:
            if not label or len(label) > LABEL_MAX_CHARACTERS or re.search(r"\s", label):
                limit = f"1 to {LABEL_MAX_CHARACTERS} characters without spaces"
                raise _refused("labels", label, limit)
        return tuple(sorted(set(value)))
    text = (value or "").strip()
    if len(text) > FIELD_MAX_CHARACTERS or len(text.splitlines()) > 1:
        raise _refused(name, text, f"at most {FIELD_MAX_CHARACTERS} characters on one line")
    if name == "parent" and text and not _ISSUE_KEY.fullmatch(text):
        raise _refused(name, text, "a key such as SITE-12")
    return text or None


def _refused(name: str, value: str, wanted: str) -> WrongUseError:
    return WrongUseError(
        f"{value!r} cannot be used for {name}: Jira takes {wanted}.",
        recovery_actions=("Enter another value, or an empty one to clear the field.",),
    )
