"""The fields of an issue, and what to leave out when Jira refuses one (S0-12 … S0-14, S3-4).

Belongs here: which fields are sent, fallbacks of single fields, the manual fix each one leaves.
Does not: sending (`creation`), the identity marker, which no fallback drops.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.domain.manual_fixes import FixType
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.ports.issue_tracker import JsonObject
from jira_pipeline.stages.jira_export.left_to_people import Fallback


class DroppableField(StrEnum):
    """A field an issue can do without, by its id in Jira."""

    ASSIGNEE = "assignee"
    PRIORITY = "priority"
    LABELS = "labels"
    """The ticket's own labels; the session's label goes last."""
    PARENT = "parent"
    SESSION_LABEL = "session_label"

    @property
    def jira_name(self) -> str:
        """The field Jira names when it refuses this."""
        return "labels" if self is DroppableField.SESSION_LABEL else self.value


_DROPPED_BY_NAME = frozenset(
    {
        DroppableField.ASSIGNEE,
        DroppableField.PARENT,
        DroppableField.PRIORITY,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChoice:
    """What was decided for one ticket."""

    account_id: str | None
    """The assignee, resolved."""
    priority: JsonObject | None
    """By id; by name where the project lists none."""
    screen: frozenset[str]
    """Ids of the fields on the create screen."""
    dropped: frozenset[DroppableField] = frozenset()
    is_body_attached: bool = False
    """Jira refused the description: a short body is sent, and the whole as a file."""


def issue_fields(
    rendered: RenderedTicket,
    *,
    project_id: str,
    issue_type_id: str,
    session_label: str,
    choice: FieldChoice,
) -> dict[str, object]:
    """Return the fields of a creation, without those that were dropped or are not on the screen."""
    ticket = rendered.ticket
    fields: dict[str, object] = {
        "project": {"id": project_id},
        "issuetype": {"id": issue_type_id},
        "summary": rendered.summary,
        "description": rendered.description_adf,
    }
    labels = _labels(ticket, session_label=session_label, dropped=choice.dropped)
    optional: dict[DroppableField, object] = {
        DroppableField.LABELS: labels,
        DroppableField.ASSIGNEE: {"id": choice.account_id} if choice.account_id else None,
        DroppableField.PRIORITY: choice.priority,
        DroppableField.PARENT: {"key": ticket.parent} if ticket.parent else None,
    }
    for name, value in optional.items():
        is_dropped = name in choice.dropped and name is not DroppableField.LABELS
        if value and name.value in choice.screen and not is_dropped:
            fields[name.value] = value
    return fields


def next_drops(
    ticket: Ticket, *, field_errors: Mapping[str, str], dropped: frozenset[DroppableField]
) -> tuple[DroppableField, ...]:
    """Choose what to leave out after a refusal; nothing where the issue cannot do without it."""
    named = (_droppable(ticket, name, dropped=dropped) for name in sorted(field_errors))
    return tuple(field for field in named if field is not None and field not in dropped)


def _droppable(
    ticket: Ticket, name: str, *, dropped: frozenset[DroppableField]
) -> DroppableField | None:
    if name == DroppableField.LABELS:
        is_own = bool(ticket.labels) and DroppableField.LABELS not in dropped
        return DroppableField.LABELS if is_own else DroppableField.SESSION_LABEL
    return DroppableField(name) if name in _DROPPED_BY_NAME else None


def missing_from_screen(ticket: Ticket, screen: frozenset[str]) -> tuple[DroppableField, ...]:
    """Return the fields the ticket sets that cannot be sent with a creation.

    The parent is none of them: it is set once the issue exists (`placing`).
    """
    values = {
        DroppableField.ASSIGNEE: ticket.assignee,
        DroppableField.LABELS: ticket.labels,
        DroppableField.PRIORITY: ticket.priority,
    }
    return tuple(name for name, value in values.items() if value and name.value not in screen)


def fallback_of(ticket: Ticket, field: DroppableField, *, reason: str) -> Fallback | None:
    """Say what a person should do about a field that was left out; None where nothing."""
    match field:
        case DroppableField.ASSIGNEE:
            fix_type, value, name = FixType.ASSIGNEE_INVALID, ticket.assignee or "", "assignee"
        case DroppableField.PRIORITY:
            fix_type, value, name = FixType.PRIORITY_UNAVAILABLE, ticket.priority or "", "priority"
        case DroppableField.LABELS:
            fix_type, value, name = FixType.FIELD_REJECTED, ", ".join(ticket.labels), "labels"
        case DroppableField.PARENT:
            fix_type, value, name = FixType.FIELD_REJECTED, ticket.parent or "", "parent"
        case DroppableField.SESSION_LABEL:
            return None
    return Fallback(
        fix_type=fix_type,
        subject=field.value,
        title=f"Set the {name} of {ticket.title}",
        original_value=value,
        recommended_action=(
            f"Jira did not take the {name} “{value}” ({reason}). "
            f"Choose a valid {name} on the issue."
        ),
    )


def parent_fallback(ticket: Ticket, *, reason: str) -> Fallback:
    """Say under which parent an issue has to be put."""
    return Fallback(
        fix_type=FixType.FIELD_REJECTED,
        subject=DroppableField.PARENT.value,
        title=f"Set the parent of {ticket.title}",
        original_value=ticket.parent or "",
        recommended_action=(
            f"The issue has no parent ({reason}). Put it under “{ticket.parent}” by hand."
        ),
    )


def hidden_parent_fallback(ticket: Ticket) -> Fallback:
    """Say that somebody who sees the issue has to look whether it is under its parent."""
    return Fallback(
        fix_type=FixType.FIELD_REJECTED,
        subject=DroppableField.PARENT.value,
        title=f"Check the parent of {ticket.title}",
        original_value=ticket.parent or "",
        recommended_action=(
            "Jira does not show the issue to our account, so its parent could not be read back. "
            f"Look, with an account that sees it, whether it is under “{ticket.parent}”."
        ),
    )


def sprint_fallback(ticket: Ticket, *, reason: str) -> Fallback:
    """Say which sprint an issue has to be moved into."""
    return Fallback(
        fix_type=FixType.SPRINT_NOT_FOUND,
        subject="sprint",
        title=f"Move {ticket.title} into its sprint",
        original_value=ticket.sprint or "",
        recommended_action=(
            f"The issue is in the backlog ({reason}). Move it into the sprint “{ticket.sprint}”, "
            "or choose another."
        ),
    )


def _labels(ticket: Ticket, *, session_label: str, dropped: frozenset[DroppableField]) -> list[str]:
    own = () if DroppableField.LABELS in dropped else ticket.labels
    first = () if DroppableField.SESSION_LABEL in dropped else (session_label,)
    return list(dict.fromkeys([*first, *("-".join(label.split()) for label in own)]))
