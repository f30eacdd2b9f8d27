"""The create screen of a project: the type of the issues, and which fields their creation may fill.

Belongs here: finding the type, the fields that are filled, and refusing a project that requires a
field that we do not fill, or takes no description. Does not: what is given in `defaults.fields` (`default_fields`), the fields
of one issue (`issue_fields`), the screen of epics (`epics`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field as dataclass_field
from functools import partial
from typing import get_args

from pydantic import JsonValue

from jira_pipeline.export.default_fields import (
    OUR_FIELDS,
    FixedField,
    default_fields,
    example_of,
)
from jira_pipeline.export.export_run import ExportRun
from jira_pipeline.export.jira_names import Unresolved, choose_issue_type
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import RefusedError
from jira_pipeline.model.issue_tracker import CreateField, FieldOption
from jira_pipeline.model.tickets import IssueField, Ticket

ISSUE_TYPE_ACTION = (
    "Give its name or id in JIRA_ISSUE_TYPE, or in issue_type in session.yaml and upload it."
)
NO_DESCRIPTION = "The description is not on the create screen: the tables would be lost. Add it."
"""Of the screen that Jira tells of: without the description nothing is worth creating."""
ADD_DESCRIPTION = (
    "Ask a project administrator to add the description to the screen on which issues of this type are "
    "created; in a project of its team, to the fields of the type."
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
    fields: tuple[CreateField, ...] = ()
    """All that Jira names, whether anybody fills them or not."""
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
    if lacks_description(fields):
        raise RefusedError(f"{target.name}: {NO_DESCRIPTION}", recovery_actions=(ADD_DESCRIPTION,))
    given = given_fields(run, fields, may_lack=order.is_sandbox)
    tickets = [rendered.ticket for rendered in order.in_build_order]
    unfilled = unfilled_fields(fields, tickets, given)
    if unfilled:
        raise RefusedError(
            f"{target.name} requires fields that are not filled: {list_with_types(unfilled)}.",
            recovery_actions=(way_to_fill(unfilled), list_fields_action(order.session_key)),
        )
    priorities = [field.options for field in fields if field.field_id == "priority"]
    return CreateScreen(
        issue_type_id=issue_type.issue_type_id,
        field_ids=frozenset(field.field_id for field in fields),
        priorities=priorities[0] if priorities else None,
        defaults=given,
        fields=tuple(fields),
    )


def given_fields(
    run: ExportRun, fields: Sequence[CreateField], *, may_lack: bool
) -> dict[str, JsonValue]:
    """Return what session.yaml gives all issues, by id of the fields of a screen.

    The screen `may_lack` fields that it names.

    Raises:
        RefusedError: A value does not fit its field, or a field is not on the screen.
    """
    given, faults = default_fields(
        run.order.names.fields,
        fields,
        find=partial(run.tools.tracker.assignable_users, run.target.project_key),
        may_lack=may_lack,
    )
    if faults:
        raise RefusedError(
            f"session.yaml has fields that {run.target.name} does not accept: {'; '.join(faults)}.",
            recovery_actions=(
                "Correct defaults.fields in session.yaml and upload it.",
                list_fields_action(run.order.session_key),
            ),
        )
    return given


def lacks_description(fields: Sequence[CreateField]) -> bool:
    """Tell whether a create screen has no description; one that was not told has no field at all."""
    return bool(fields) and all(field.field_id != "description" for field in fields)


def list_fields_action(session_key: str) -> Action:
    """Return the step that lists what the project's create screen takes."""
    text = "{} lists the fields of the project and what each takes."
    return Action.of(ActionKind.LIST_FIELDS, text, session=session_key, session_key=session_key)


def list_with_types(fields: Sequence[CreateField]) -> str:
    """Name fields with their schemas: `Team (team, com.atlassian…:atlassian-team)`."""
    return ", ".join(f"{field.name or field.field_id} ({field.schema})" for field in fields)


def way_to_fill(fields: Sequence[CreateField]) -> str:
    """Say what people can do about required fields that nobody fills, with a value for each."""
    free = [field for field in fields if field.field_id not in OUR_FIELDS and field.is_settable]
    sentences = [
        f"{field.name or field.field_id}: {OUR_FIELDS[field.field_id]}."
        for field in fields
        if field.field_id in OUR_FIELDS
    ]
    if free:
        examples = ", ".join(f"`{example_of(field)}`" for field in free)
        sentences.append(
            "Give each a value below defaults.fields in session.yaml, by name or id, such as "
            f"{examples}, and upload it."
        )
    sentences.append("Or give it a default, or make it optional, in the project.")
    return " ".join(sentences)


def unfilled_fields(
    fields: Sequence[CreateField], tickets: Sequence[Ticket], given: Collection[str]
) -> tuple[CreateField, ...]:
    """Return the required fields that nobody gave, and not every ticket fills, by name."""
    filled = {*SENT_FIELDS, *given}
    for issue_field in IssueField:
        if all(map(issue_field.original_value, tickets)):
            filled.add(issue_field.jira_id)
    unfilled = []
    for field in fields:
        is_needed = field.is_required and not field.has_default
        if is_needed and field.field_id not in filled:
            unfilled.append(field)
    return tuple(sorted(unfilled, key=lambda field: field.name or field.field_id))
