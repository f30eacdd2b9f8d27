"""The create screen of a project: the type of the issues, and which fields their creation may fill.

Belongs here: finding the type, the fields that are filled, and refusing a project that requires a
field that we do not fill. Does not: what is given in `defaults.fields` (`default_fields`), the fields
of one issue (`issue_fields`), the screen of epics (`epics`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field as dataclass_field
from functools import partial
from typing import get_args

from pydantic import JsonValue

from jira_pipeline.export.default_fields import FixedField, default_fields
from jira_pipeline.export.export_run import ExportRun
from jira_pipeline.export.jira_names import Unresolved, choose_issue_type
from jira_pipeline.model.errors import RefusedError
from jira_pipeline.model.issue_tracker import CreateField, FieldOption
from jira_pipeline.model.tickets import IssueField, Ticket

ISSUE_TYPE_ACTION = (
    "Give its name or id in JIRA_ISSUE_TYPE, or in issue_type in session.yaml and upload it."
)
WAY_OUT = (
    "Give each a value below defaults.fields in session.yaml, by name or id, and upload it; or give "
    "it a default, or make it optional, in the project."
)
NO_EPICS = "Set `epics: none` in session.yaml, or choose a project with epics, and upload it."
SENT_FIELDS = (*get_args(FixedField), IssueField.LABELS.jira_id)
"""Fields every creation fills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateScreen:
    field_ids: frozenset[str] = frozenset()
    priorities: tuple[FieldOption, ...] | None = None
    """What the priority field takes; None where Jira lists none."""
    issue_type_id: str = ""
    defaults: Mapping[str, JsonValue] = dataclass_field(default_factory=dict)
    """What every issue gets, by id of the field."""
    title_fields: tuple[str, ...] = ()
    """Ids of fields that say the summary again."""
    of_epics: "CreateScreen | None" = None
    """None where none are created."""


def find_screen(run: ExportRun) -> CreateScreen:
    """Find the issue type to create, and what can be filled on its create screen.

    Raises:
        RefusedError: Which type is not clear, or the project requires a field that we do not fill.
    """
    tracker = run.tools.tracker
    order = run.order
    target = run.target
    issue_type = choose_issue_type(
        tracker.issue_types(target.project_id),
        name=order.names.issue_type,
        is_sandbox=order.is_sandbox,
    )
    if isinstance(issue_type, Unresolved):
        raise RefusedError(
            f"It is not clear which issue type to create in {target.name}: {issue_type.reason}.",
            recovery_actions=(ISSUE_TYPE_ACTION,),
        )
    fields = tracker.create_fields(target.project_id, issue_type.issue_type_id)
    given, faults = default_fields(
        order.names.fields,
        fields,
        find=partial(tracker.assignable_users, target.project_key),
        is_sandbox=order.is_sandbox,
    )
    if faults:
        raise RefusedError(
            f"session.yaml has fields that {target.name} does not accept: {'; '.join(faults)}.",
            recovery_actions=("Correct defaults.fields in session.yaml and upload it.",),
        )
    tickets = [rendered.ticket for rendered in order.in_build_order]
    unfilled = unfilled_fields(fields, tickets, given)
    if unfilled:
        raise RefusedError(
            f"{target.name} requires fields that are not filled: {', '.join(unfilled)}.",
            recovery_actions=(WAY_OUT,),
        )
    priorities = [field.options for field in fields if field.field_id == "priority"]
    return CreateScreen(
        issue_type_id=issue_type.issue_type_id,
        field_ids=frozenset(field.field_id for field in fields),
        priorities=priorities[0] if priorities else None,
        defaults=given,
    )


def unfilled_fields(
    fields: Sequence[CreateField], tickets: Sequence[Ticket], given: Collection[str]
) -> tuple[str, ...]:
    """Return the names of required fields that nobody gave, and not every ticket fills."""
    filled = {*SENT_FIELDS, *given}
    for issue_field in IssueField:
        if all(map(issue_field.original_value, tickets)):
            filled.add(issue_field.jira_id)
    unfilled = []
    for field in fields:
        is_needed = field.is_required and not field.has_default
        if is_needed and field.field_id not in filled:
            unfilled.append(field.name or field.field_id)
    return tuple(sorted(unfilled))
