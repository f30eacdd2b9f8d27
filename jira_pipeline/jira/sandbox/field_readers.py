"""Single fields of issues on their way in: what Jira takes, and what it says when it refuses.

Belongs here: one reader per field, rich texts, labels. Does not: how fields go together
(`issue_fields`).

Source: error texts as in the facts of 2026-08, recorded from clients' issues.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from jira_pipeline.jira.adf.validation import is_sendable_text
from jira_pipeline.jira.sandbox.access import find_issue, has_permission, is_granted
from jira_pipeline.jira.sandbox.agile_rows import OPEN_STATES, find_sprint
from jira_pipeline.jira.sandbox.document_schema import is_document
from jira_pipeline.jira.sandbox.document_text import document_of_text, rewritten
from jira_pipeline.jira.sandbox.request_reading import is_array, is_object, refuse, refuse_fields
from jira_pipeline.jira.sandbox.routing import Call
from jira_pipeline.jira.sandbox.sandbox_site import DEFAULT_PRIORITY_ID, find_users
from jira_pipeline.jira.sandbox.screens import project_priorities
from jira_pipeline.jira.sandbox.site_rules import SPRINT_FIELD
from jira_pipeline.jira.sandbox_http.requests import compact_json

Found = TypeVar("Found")

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
    """Read a rich text: a document in v3, a wiki text in v2; return document JSON and wiki text.

    Raises:
        RefusedError: It is neither, not well-formed, or too long.
    """
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
    """Read labels.

    Raises:
        RefusedError: One holds spaces, is too long or not a text.
    """
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


def _read_priority(call: Call, values: IssueValues, value: object) -> IssueValues:
    if value is None:
        return replace(values, priority_id=DEFAULT_PRIORITY_ID)

    def named(id_or_name: str) -> str | None:
        for priority in project_priorities(call.rules, values.project_key):
            name = call.rules.name_of(priority.name)
            if id_or_name == priority.id or id_or_name.casefold() == name.casefold():
                return priority.id
        return None

    found = find_by(value, ("id", "name"), named)
    if found is None:
        raise refuse_fields({"priority": "The priority selected is invalid."})
    return replace(values, priority_id=found)


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
    try:
        due_on = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        due_on = None
    if due_on is None:
        raise refuse_fields(
            {"duedate": f"Error parsing date string: {value}. Expected format yyyy-MM-dd."}
        )
    return replace(values, due_on=due_on.isoformat())


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
