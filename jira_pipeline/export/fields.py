"""The fields of an issue, and what to leave out where Jira does not take one.

Belongs here: issue type and create screen, which fields are sent, the manual fix of every field
that is left out. Does not: sending (`sending`), the identity marker, which no fallback drops.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from enum import StrEnum
from functools import partial
from typing import assert_never

from pydantic import JsonValue

from jira_pipeline.export.default_fields import WAY_OUT, default_fields
from jira_pipeline.export.export_run import ExportRun
from jira_pipeline.export.jira_names import (
    Unresolved,
    choose_account,
    choose_issue_type,
    choose_option,
)
from jira_pipeline.export.manual_fixes import Fallback, record_fix
from jira_pipeline.model.errors import RefusedError
from jira_pipeline.model.exports import FixType
from jira_pipeline.model.issue_tracker import Account, CreateField, FieldOption, JsonObject
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.ticket_links import as_cards
from jira_pipeline.model.tickets import Ticket

ASSIGN_PERMISSION = "ASSIGN_ISSUES"
ISSUE_TYPE_ACTION = (
    "Give its name or id in JIRA_ISSUE_TYPE, or in issue_type in session.yaml and upload it."
)
SENT_FIELDS = frozenset({"project", "summary", "description", "issuetype", "labels"})
"""Fields every creation fills."""


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
        return "labels" if self is DroppableField.SESSION_LABEL else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateScreen:
    field_ids: frozenset[str] = frozenset()
    priorities: tuple[FieldOption, ...] | None = None
    """What the priority field takes; None where Jira lists none."""
    issue_type_id: str = ""
    defaults: Mapping[str, JsonValue] = dataclass_field(default_factory=dict)
    """What every issue gets, by id of the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChoice:
    """What was decided for one ticket."""

    account_id: str | None
    """The assignee, resolved."""
    priority: JsonObject | None
    """By id; by name where the project lists none."""
    dropped: frozenset[DroppableField] = frozenset()


def find_screen(run: ExportRun) -> CreateScreen:
    """Find the issue type to create, and what can be filled on its create screen.

    Raises:
        RefusedError: Which type is not clear, or the project requires a field that we do not fill.
    """
    tracker, order, target = run.tools.tracker, run.order, run.target
    issue_type = choose_issue_type(
        tracker.issue_types(target.project_id),
        asked=order.names.issue_type,
        is_sandbox=order.is_sandbox,
    )
    if isinstance(issue_type, Unresolved):
        raise RefusedError(
            f"It is not clear which issue type to create in {target.name}: {issue_type.reason}.",
            recovery_actions=(ISSUE_TYPE_ACTION,),
        )
    fields = tracker.create_fields(target.project_id, issue_type.issue_type_id)
    given = default_fields(
        order.names.fields,
        fields,
        find=partial(tracker.assignable_users, target.project_key),
        is_sandbox=order.is_sandbox,
    )
    if given.faults:
        raise RefusedError(
            f"session.yaml has fields that {target.name} does not accept: "
            f"{'; '.join(given.faults)}.",
            recovery_actions=("Correct defaults.fields in session.yaml and upload it.",),
        )
    unfilled = unfilled_fields(fields, [r.ticket for r in order.in_build_order], given.values)
    if unfilled:
        raise RefusedError(
            f"{target.name} requires fields that are not filled: {', '.join(unfilled)}.",
            recovery_actions=(WAY_OUT,),
        )
    return CreateScreen(
        issue_type_id=issue_type.issue_type_id,
        field_ids=frozenset(f.field_id for f in fields),
        priorities=next((f.options for f in fields if f.field_id == "priority"), None),
        defaults=given.values,
    )


def unfilled_fields(
    fields: Sequence[CreateField], tickets: Sequence[Ticket], given: Collection[str]
) -> tuple[str, ...]:
    """Return the names of required fields that nobody gave, and not every ticket fills."""
    filled = {
        "assignee": all(ticket.assignee for ticket in tickets),
        "parent": all(ticket.parent for ticket in tickets),
        "priority": all(ticket.priority for ticket in tickets),
    }
    return tuple(
        sorted(
            f.name or f.field_id
            for f in fields
            if f.is_required
            and not f.has_default
            and f.field_id not in SENT_FIELDS
            and f.field_id not in given
            and not filled.get(f.field_id, False)
        )
    )


class IssueFields:
    """The fields of one execution's creations: chosen once for each ticket, fewer after refusals."""

    def __init__(self, run: ExportRun, screen: CreateScreen) -> None:
        self._run = run
        self._screen = screen
        self._chosen: dict[str, FieldChoice] = {}
        self._people: dict[str, Account | Unresolved] = {}

    def choice(self, rendered: RenderedTicket) -> FieldChoice:
        """Return what was decided for a ticket; what cannot be sent becomes a manual fix."""
        ticket = rendered.ticket
        if ticket.ticket_id not in self._chosen:
            # the parent is set once the issue exists (`placing`)
            values = {
                DroppableField.ASSIGNEE: ticket.assignee,
                DroppableField.LABELS: ticket.labels,
                DroppableField.PRIORITY: ticket.priority,
            }
            for field, value in values.items():
                if value and field.value not in self._screen.field_ids:
                    self._leave(ticket, field, reason="the field is not on the create screen")
            self._chosen[ticket.ticket_id] = FieldChoice(
                account_id=self._account_id(ticket), priority=self._priority(ticket)
            )
        return self._chosen[ticket.ticket_id]

    def fields(self, rendered: RenderedTicket) -> dict[str, object]:
        """Return the fields of a creation, without what was dropped or is not on the screen."""
        choice, ticket = self.choice(rendered), rendered.ticket
        fields: dict[str, object] = {
            **self._screen.defaults,
            "project": {"id": self._run.target.project_id},
            "issuetype": {"id": self._screen.issue_type_id},
            "summary": rendered.summary,
            "description": rendered.document_naming(as_cards(self._run.address_of)),
        }
        own = () if DroppableField.LABELS in choice.dropped else ticket.labels
        is_label_dropped = DroppableField.SESSION_LABEL in choice.dropped
        first = () if is_label_dropped else (self._run.order.session_label,)
        labels = list(dict.fromkeys([*first, *("-".join(label.split()) for label in own)]))
        optional: dict[DroppableField, object] = {
            DroppableField.LABELS: labels,
            DroppableField.ASSIGNEE: {"id": choice.account_id} if choice.account_id else None,
            DroppableField.PRIORITY: choice.priority,
            DroppableField.PARENT: {"key": ticket.parent} if ticket.parent else None,
        }
        for name, value in optional.items():
            is_dropped = name in choice.dropped and name is not DroppableField.LABELS
            if value and name.value in self._screen.field_ids and not is_dropped:
                fields[name.value] = value
        return fields

    def drop_refused(self, rendered: RenderedTicket, field_errors: Mapping[str, str]) -> bool:
        """Leave out what Jira refuses, and note what a person has to do; tell whether any went.

        None goes where the issue cannot do without it.
        """
        ticket, choice = rendered.ticket, self.choice(rendered)
        is_own_label = bool(ticket.labels) and DroppableField.LABELS not in choice.dropped
        by_name = {
            "assignee": DroppableField.ASSIGNEE,
            "labels": DroppableField.LABELS if is_own_label else DroppableField.SESSION_LABEL,
            "parent": DroppableField.PARENT,
            "priority": DroppableField.PRIORITY,
        }
        fields = [
            field
            for name, field in by_name.items()
            if name in field_errors and field not in choice.dropped
        ]
        for field in fields:
            self._leave(ticket, field, reason=field_errors[field.jira_name])
        self._chosen[ticket.ticket_id] = replace(choice, dropped=choice.dropped.union(fields))
        return bool(fields)

    def _account_id(self, ticket: Ticket) -> str | None:
        """Return the account id of an address or name; Jira is asked once for each."""
        asked = ticket.assignee
        if not asked or DroppableField.ASSIGNEE.value not in self._screen.field_ids:
            return None
        if ASSIGN_PERMISSION in self._run.withheld:
            reason = f"the account lacks the permission {ASSIGN_PERMISSION}"
            self._leave(ticket, DroppableField.ASSIGNEE, reason=reason)
            return None
        if asked not in self._people:
            project_key = self._run.target.project_key
            users = self._run.tools.tracker.assignable_users(project_key, asked)
            self._people[asked] = choose_account(asked, users)
        found = self._people[asked]
        if isinstance(found, Unresolved):
            self._leave(ticket, DroppableField.ASSIGNEE, reason=found.reason)
            return None
        return found.account_id

    def _priority(self, ticket: Ticket) -> Mapping[str, str] | None:
        """Return the priority as Jira takes it; None leaves the project's default."""
        known = self._screen.priorities
        if not ticket.priority or DroppableField.PRIORITY.value not in self._screen.field_ids:
            return None
        if known is None:
            return {"name": ticket.priority}
        found = choose_option(known, ticket.priority)
        if isinstance(found, Unresolved):
            self._leave(ticket, DroppableField.PRIORITY, reason=found.reason)
            return None
        return {"id": found.option_id} if found.option_id else {"name": found.name}

    def _leave(self, ticket: Ticket, field: DroppableField, *, reason: str) -> None:
        """Ask a person to set a field; the issue's key is added when the fix is shown."""
        match field:
            case DroppableField.ASSIGNEE:
                fix_type, value = FixType.ASSIGNEE_INVALID, ticket.assignee or ""
            case DroppableField.PRIORITY:
                fix_type, value = FixType.PRIORITY_UNAVAILABLE, ticket.priority or ""
            case DroppableField.LABELS:
                fix_type, value = FixType.FIELD_REJECTED, ", ".join(ticket.labels)
            case DroppableField.PARENT:
                fix_type, value = FixType.FIELD_REJECTED, ticket.parent or ""
            case DroppableField.SESSION_LABEL:
                return
            case _:
                assert_never(field)
        name = field.value
        fallback = Fallback(
            fix_type=fix_type,
            subject=name,
            title=f"Set the {name} of {ticket.title}",
            original_value=value,
            recommended_action=(
                f"Jira did not accept the {name} “{value}” ({reason}). Choose a valid {name} on "
                "the issue."
            ),
        )
        record_fix(self._run, ticket, fallback, key=None)
