"""The fields of an issue on their way in: which are needed, and how they go together.

Belongs here: the rules on create and on edit, fields an administrator added. Does not: single
fields (`field_readers`), writing rows (`issue_writing`), showing fields (`issue_views`).
"""

import sqlite3
from dataclasses import replace
from datetime import date

from jira_pipeline.jira.sandbox.access import BROWSE, has_permission
from jira_pipeline.jira.sandbox.field_readers import (
    FIELD_READERS,
    FieldReader,
    IssueValues,
    find_by,
    off_screen,
)
from jira_pipeline.jira.sandbox.project_calls import look_up_project
from jira_pipeline.jira.sandbox.request_reading import JsonObject, refuse_fields
from jira_pipeline.jira.sandbox.routing import Call
from jira_pipeline.jira.sandbox.sandbox_site import DEFAULT_PRIORITY_ID, issue_type_of
from jira_pipeline.jira.sandbox.screens import (
    create_screen,
    edit_screen,
    project_issue_types,
    site_fields,
    stored_type_id,
)
from jira_pipeline.jira.sandbox.site_rules import NOBODY, CustomField
from jira_pipeline.model.errors import RefusedError


def read_new_issue(call: Call, fields: JsonObject) -> IssueValues:
    """Read the fields of a creation.

    Raises:
        RefusedError: Jira would refuse them; every field's fault is named.
    """
    errors: dict[str, str] = {}
    project = _creation_project(call, fields.get("project"), errors)
    key = "" if project is None else str(project["key"])
    kind = _issue_type(call, fields.get("issuetype"), project_key=key)
    if kind is None:
        errors["issuetype"] = "Specify a valid issue type"
    rules = call.rules.project(key)
    blank = IssueValues(
        project_id=0 if project is None else project["id"],
        project_key=key,
        type_id="" if kind is None else kind,
        summary="",
        priority_id=DEFAULT_PRIORITY_ID,
        reporter_id=call.signed_in().account_id,
        security_level=NOBODY if call.rules.hides_new_issues else rules.default_security_level,
    )
    screen = create_screen(call.rules, key)
    others = {"summary": None, **_without(fields, "project", "issuetype")}
    on_screen = frozenset(one.id for one in screen)
    values = _read_fields(call, values=blank, fields=others, errors=errors, on_screen=on_screen)
    for one in screen:
        if one.is_required and not one.has_default and _is_blank(fields.get(one.id)):
            errors.setdefault(one.id, f"{one.name} is required.")
    if errors:
        raise refuse_fields(errors)
    _check_hierarchy(call, values)
    return values


def read_changed_issue(call: Call, values: IssueValues, fields: JsonObject) -> IssueValues:
    """Read the fields of an edit over the values so far.

    Raises:
        RefusedError: Jira would refuse them; every field's fault is named.
    """
    errors: dict[str, str] = {}
    kind = values.type_id
    if "issuetype" in fields:
        named = _issue_type(call, fields["issuetype"], project_key=values.project_key)
        if named is None:
            errors["issuetype"] = "Specify a valid issue type"
        kind = named or kind
    others = _without(fields, "issuetype")
    changed = _read_fields(
        call,
        values=replace(values, type_id=kind),
        fields=others,
        errors=errors,
        on_screen=edit_screen(call.rules, values.project_key),
    )
    required = call.rules.project(values.project_key).required_fields
    for one in site_fields(call.rules):
        if one.id in required and one.id in fields and _is_blank(fields[one.id]):
            errors.setdefault(one.id, f"{one.name} is required.")
    if errors:
        raise refuse_fields(errors)
    _check_hierarchy(call, changed)
    return changed


def _without(fields: JsonObject, *names: str) -> dict[str, object]:
    return {name: value for name, value in fields.items() if name not in names}


def _is_blank(value: object) -> bool:
    return value is None or value in ("", [], {})


def _creation_project(call: Call, value: object, errors: dict[str, str]) -> sqlite3.Row | None:
    """Return the project to create in, or add to `errors` why there is none."""
    project = find_by(value, ("id", "key"), lambda name: look_up_project(call.rows, name))
    key = "" if project is None else project["key"]
    if project is None or not has_permission(call, project_key=key, permission=BROWSE):
        errors["project"] = "Specify a valid project ID or key"
        return None
    if not has_permission(call, project_key=key, permission="CREATE_ISSUES"):
        errors["project"] = "You do not have permission to create issues in this project."
    return project


def _issue_type(call: Call, value: object, *, project_key: str) -> str | None:
    def named(id_or_name: str) -> str | None:
        for kind in project_issue_types(call.rules, project_key):
            name = call.rules.name_of(kind.name)
            if id_or_name == kind.id or id_or_name.casefold() == name.casefold():
                return stored_type_id(call.rules, project_key, kind.id)
        return None

    return find_by(value, ("id", "name"), named)


def _read_fields(
    call: Call,
    *,
    values: IssueValues,
    fields: JsonObject,
    errors: dict[str, str],
    on_screen: frozenset[str],
) -> IssueValues:
    """Apply every field; faults of single fields are added to `errors`."""
    custom = {one.id: custom_reader(one) for one in call.rules.custom_fields}
    for name, value in fields.items():
        reader = FIELD_READERS.get(name) or custom.get(name)
        if reader is None or name not in on_screen:
            errors[name] = off_screen(name)
            continue
        if name in call.rules.refused_fields:
            errors[name] = call.rules.refused_fields[name]
            continue
        try:
            read = reader(call, values, value)
        except RefusedError as refusal:
            if not refusal.field_errors:
                raise
            errors.update(refusal.field_errors)
        else:
            values = values if name in call.rules.ignored_fields else read
    return values


def _check_hierarchy(call: Call, values: IssueValues) -> None:
    """A parent is exactly one level above its child; a sub-task needs one."""
    kind = issue_type_of(values.type_id)
    if values.parent_id is None:
        if kind.is_subtask:
            text = "Issue type is a sub-task but parent issue key or id not specified."
            raise refuse_fields({"issuetype": text})
        return
    parent = call.rows.execute(
        "SELECT type_id, project_id FROM issue WHERE id = ?", (values.parent_id,)
    ).fetchone()
    is_above = issue_type_of(parent["type_id"]).hierarchy_level == kind.hierarchy_level + 1
    if not is_above or (kind.is_subtask and parent["project_id"] != values.project_id):
        text = "Given parent work item does not belong to appropriate hierarchy."
        raise refuse_fields({"parentId": text})


def custom_reader(custom: CustomField) -> FieldReader:
    """Make the reader of a custom field."""

    def read(_call: Call, values: IssueValues, value: object) -> IssueValues:
        stored = None if value is None else _stored(custom, value)
        return replace(values, custom={**values.custom, custom.id: stored})

    return read


def _stored(custom: CustomField, value: object) -> object:
    match custom.kind:
        case "text":
            if isinstance(value, str):
                return value
            raise refuse_fields({custom.id: "Operation value must be a string"})
        case "number":
            if isinstance(value, int | float) and not isinstance(value, bool):
                return value
            raise refuse_fields({custom.id: "Operation value must be a number"})
        case "date":
            try:
                return date.fromisoformat(str(value)).isoformat()
            except ValueError as error:
                text = f"Error parsing date string: {value}. Expected format yyyy-MM-dd."
                raise refuse_fields({custom.id: text}) from error
        case "option":
            wanted = find_by(value, ("value", "id"), str)
            for number, option in enumerate(custom.options, start=1):
                if wanted in {option, str(number)}:
                    return {"id": str(number), "value": option}
            raise refuse_fields({custom.id: f"Option '{wanted}' is not valid."})
