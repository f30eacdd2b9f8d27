"""The fields of issues on their way in: what Jira takes, and what it says when it refuses.

Belongs here: one reader per field, rich texts, labels, fields an administrator added; which are
needed on create and on edit, and how they go together. Does not: writing rows (`issue_calls`),
showing fields (`issue_views`).

Source: error texts as in the facts of 2026-08, recorded from clients' issues.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from jira_pipeline.jira.adf.validation import is_sendable_text
from jira_pipeline.jira.sandbox.access import BROWSE, find_issue, has_permission, is_granted
from jira_pipeline.jira.sandbox.agile_rows import OPEN_STATES, find_sprint
from jira_pipeline.jira.sandbox.document_text import document_of_text, is_document, rewritten
from jira_pipeline.jira.sandbox.project_calls import look_up_project
from jira_pipeline.jira.sandbox.request_reading import (
    JsonObject,
    is_array,
    is_object,
    refuse,
    refuse_fields,
)
from jira_pipeline.jira.sandbox.routing import Call
from jira_pipeline.jira.sandbox.sandbox_site import (
    DEFAULT_PRIORITY_ID,
    IssueType,
    LinkType,
    Priority,
    find_users,
    issue_type_of,
)
from jira_pipeline.jira.sandbox.screens import (
    create_screen,
    edit_screen,
    project_issue_types,
    project_priorities,
    site_fields,
    stored_type_id,
)
from jira_pipeline.jira.sandbox.site_rules import NOBODY, SPRINT_FIELD, CustomField
from jira_pipeline.jira.sandbox_http.requests import compact_json
from jira_pipeline.model.errors import RefusedError

Found = TypeVar("Found")
Kind = TypeVar("Kind", IssueType, LinkType, Priority)

MAX_SUMMARY_LETTERS = 255
MAX_LABEL_LETTERS = 255
MAX_DOCUMENT_LETTERS = 32_767
"""Source: Jira's text "It exceeds the allowed limit of 32,767 characters."; of what is not said."""
TOO_LONG = (
    "The entered text is too long. "
    f"It exceeds the allowed limit of {MAX_DOCUMENT_LETTERS:,} characters."
)
NOT_A_DOCUMENT = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueValues:
    """Everything people set on an issue."""

    project_id: int
    project_key: str
    type_id: str
    summary: str
    priority_id: str
    reporter_id: str
    labels: tuple[str, ...] = ()
    description: str | None = None
    """Compact JSON of the document."""
    description_wiki: str | None = None
    """The text itself when it came through the v2 API."""
    assignee_id: str | None = None
    parent_id: int | None = None
    due_on: str | None = None
    sprint_id: int | None = None
    """The open sprint it is in; None is the backlog."""
    security_level: str | None = None
    custom: Mapping[str, object] = field(default_factory=dict)
    """JSON values of custom fields by id."""


def read_document(call: Call, value: object, *, field: str) -> tuple[str, str | None]:
    """Read a rich text: a document in v3, a wiki text in v2; return document JSON and wiki text."""
    if call.is_wiki:
        if not isinstance(value, str):
            raise refuse_fields({field: "Operation value must be a string"})
        if len(value) > MAX_DOCUMENT_LETTERS:
            raise refuse_fields({field: TOO_LONG})
        return compact_json(document_of_text(value)), value
    if not is_object(value) or value.get("type") != "doc" or not is_array(value.get("content")):
        raise refuse_fields({field: NOT_A_DOCUMENT})
    text = compact_json(value)
    if len(text) > MAX_DOCUMENT_LETTERS:
        raise refuse("CONTENT_LIMIT_EXCEEDED")
    if not (is_sendable_text(text) and is_document(value)):
        raise refuse("INVALID_INPUT")
    if call.rules.rewrites_documents:
        text = compact_json(rewritten(value, seed=call.sequence))
    return text, None


def read_labels(value: object) -> tuple[str, ...]:
    """Read labels: texts without spaces, none of them too long."""
    if value is None:
        return ()
    if not is_array(value):
        raise refuse_fields({"labels": "data was not an array"})
    for label in value:
        if not isinstance(label, str):
            raise refuse_fields({"labels": "string expected at index 0"})
        text = f"The label '{label}'"
        if not label or any(letter.isspace() for letter in label):
            raise refuse_fields({"labels": f"{text} contains spaces which is invalid."})
        if len(label) > MAX_LABEL_LETTERS:
            raise refuse_fields({"labels": f"{text} exceeds the maximum length of 255 characters."})
    return tuple(sorted({str(label) for label in value}))


def find_by(
    value: object, names: tuple[str, ...], find: Callable[[str], Found | None]
) -> Found | None:
    """Find by the first of the names a JSON object holds; None when there is nothing to find."""
    if not is_object(value):
        return None
    for name in names:
        part = value.get(name)
        if isinstance(part, str | int) and not isinstance(part, bool):
            return find(str(part))
    return None


def _read_summary(_call: Call, values: IssueValues, value: object) -> IssueValues:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise refuse_fields({"summary": "You must specify a summary of the issue."})
    if not isinstance(value, str):
        raise refuse_fields({"summary": "Operation value must be a string"})
    if len(value) > MAX_SUMMARY_LETTERS:
        raise refuse_fields({"summary": "Summary must be less than 255 characters."})
    if "\n" in value or "\r" in value:
        raise refuse_fields(
            {"summary": "The summary is invalid because it contains newline characters."}
        )
    return replace(values, summary=value)


def _read_description(call: Call, values: IssueValues, value: object) -> IssueValues:
    if value is None:
        return replace(values, description=None, description_wiki=None)
    document, wiki = read_document(call, value, field="description")
    return replace(values, description=document, description_wiki=wiki)


def _read_labels(_call: Call, values: IssueValues, value: object) -> IssueValues:
    return replace(values, labels=read_labels(value))


def off_screen(name: str) -> str:
    """Say that a field may not be given."""
    return f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."


def find_named(call: Call, value: object, known: Iterable[Kind]) -> Kind | None:
    """Find the one that a JSON object names, by its id or as the site calls it."""

    def named(id_or_name: str) -> Kind | None:
        name = id_or_name.casefold()
        for one in known:
            if id_or_name == one.id or name == call.rules.name_of(one.name).casefold():
                return one
        return None

    return find_by(value, ("id", "name"), named)


def _read_priority(call: Call, values: IssueValues, value: object) -> IssueValues:
    if value is None:
        return replace(values, priority_id=DEFAULT_PRIORITY_ID)
    found = find_named(call, value, project_priorities(call.rules, values.project_key))
    if found is None:
        raise refuse_fields({"priority": "The priority selected is invalid."})
    return replace(values, priority_id=found.id)


def _read_assignee(call: Call, values: IssueValues, value: object) -> IssueValues:
    _need(call, values, permission="ASSIGN_ISSUES", field="assignee")
    if _is_nobody(value):
        return replace(values, assignee_id=None)
    wanted = find_by(value, ("accountId", "id"), str) or ""
    assignable = {
        user.account_id
        for user in find_users(call.rows)
        if is_granted(
            call.rules, user=user, project_key=values.project_key, permission="ASSIGNABLE_USER"
        )
    }
    if wanted not in assignable:
        raise refuse_fields({"assignee": f"User '{wanted}' cannot be assigned issues."})
    return replace(values, assignee_id=wanted)


def _read_reporter(call: Call, values: IssueValues, value: object) -> IssueValues:
    _need(call, values, permission="MODIFY_REPORTER", field="reporter")
    if _is_nobody(value):
        return replace(values, reporter_id=call.signed_in().account_id)
    wanted = find_by(value, ("accountId", "id"), str) or ""
    if wanted not in {user.account_id for user in find_users(call.rows)}:
        raise refuse_fields({"reporter": "The reporter specified is not a user."})
    return replace(values, reporter_id=wanted)


def _is_nobody(value: object) -> bool:
    return value is None or (
        is_object(value) and value.get("accountId", value.get("id", "")) is None
    )


def _need(call: Call, values: IssueValues, *, permission: str, field: str) -> None:
    """Without its permission a field is not on the caller's screens."""
    if not has_permission(call, project_key=values.project_key, permission=permission):
        raise refuse_fields({field: off_screen(field)})


def _read_sprint(call: Call, values: IssueValues, value: object) -> IssueValues:
    _need(call, values, permission="SCHEDULE_ISSUES", field=SPRINT_FIELD)
    if value is None:
        return replace(values, sprint_id=None)
    if isinstance(value, bool) or not isinstance(value, int):
        raise refuse("Number value expected as the Sprint id.")
    sprint = find_sprint(call.rows, str(value))
    if sprint is None:
        raise refuse_fields({SPRINT_FIELD: "The sprint does not exist."})
    if sprint["state"] not in OPEN_STATES:
        raise refuse_fields({SPRINT_FIELD: "Issue can be assigned only active or future sprints."})
    return replace(values, sprint_id=sprint["id"])


def _read_security(call: Call, values: IssueValues, value: object) -> IssueValues:
    if value is None:
        return replace(values, security_level=None)
    level = find_by(value, ("id", "name"), str)
    if level not in call.rules.security_levels:
        raise refuse_fields({"security": "The security level selected is invalid."})
    return replace(values, security_level=level)


def _read_parent(call: Call, values: IssueValues, value: object) -> IssueValues:
    if value is None:
        return replace(values, parent_id=None)
    parent = find_by(value, ("id", "key"), lambda text: find_issue(call.rows, text))
    if parent is None:
        raise refuse_fields({"parent": "Could not find issue by id or key."})
    return replace(values, parent_id=parent["id"])


def _read_due_date(call: Call, values: IssueValues, value: object) -> IssueValues:
    _need(call, values, permission="SCHEDULE_ISSUES", field="duedate")
    if value is None:
        return replace(values, due_on=None)
    return replace(values, due_on=_day(value, field="duedate"))


def _day(value: object, *, field: str) -> str:
    try:
        return date.fromisoformat(value if isinstance(value, str) else "").isoformat()
    except ValueError as error:
        text = f"Error parsing date string: {value}. Expected format yyyy-MM-dd."
        raise refuse_fields({field: text}) from error


FieldReader = Callable[[Call, IssueValues, object], IssueValues]

FIELD_READERS: Mapping[str, FieldReader] = {
    "summary": _read_summary,
    "description": _read_description,
    "labels": _read_labels,
    "priority": _read_priority,
    "assignee": _read_assignee,
    "reporter": _read_reporter,
    "parent": _read_parent,
    "duedate": _read_due_date,
    "security": _read_security,
    SPRINT_FIELD: _read_sprint,
}
"""Fields on the create and edit screens, but for project and issue type."""


def read_new_issue(call: Call, fields: JsonObject) -> IssueValues:
    """Read the fields of a creation; a refusal names the fault of every field."""
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
    """Read the fields of an edit over the values so far, as those of a creation."""
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
    kind = find_named(call, value, project_issue_types(call.rules, project_key))
    return None if kind is None else stored_type_id(call.rules, project_key, kind.id)


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
    parent = call.rows.one("SELECT type_id, project_id FROM issue WHERE id = ?", values.parent_id)
    is_above = issue_type_of(parent["type_id"]).hierarchy_level == kind.hierarchy_level + 1
    if not is_above or (kind.is_subtask and parent["project_id"] != values.project_id):
        text = "Given parent work item does not belong to appropriate hierarchy."
        raise refuse_fields({"parentId": text})


def custom_reader(custom: CustomField) -> FieldReader:
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
            return _day(value, field=custom.id)
        case "option":
            wanted = find_by(value, ("value", "id"), str)
            for number, option in enumerate(custom.options, start=1):
                if wanted in {option, str(number)}:
                    return {"id": str(number), "value": option}
            raise refuse_fields({custom.id: f"Option '{wanted}' is not valid."})
