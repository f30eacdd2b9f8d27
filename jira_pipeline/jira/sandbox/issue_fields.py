"""The fields of issues, each declared once: what Jira takes, where it is kept, how it is shown.

Belongs here: the table `FIELDS`, fields an administrator added; reading, keeping and showing all
fields of an issue, which of them a project offers, its history. Does not: how Jira shows people,
types and what hangs on an issue (`issue_views`), the calls (`*_calls`), what an administrator
decides (`sandbox_site`).

Source: error texts as in the facts of 2026-08, recorded from clients' issues.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import itemgetter
from typing import Any

from jira_pipeline.jira.adf.schema import is_sendable_text
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.jira.sandbox.call import (
    Call,
    JsonObject,
    find_issue,
    is_array,
    is_object,
    project_key_of,
    read_choice,
    refuse,
    refuse_fields,
)
from jira_pipeline.jira.sandbox.document_text import is_document
from jira_pipeline.jira.sandbox.issue_views import (
    ISSUE_EXPAND,
    stored_time,
    view_account,
    view_comments,
    view_head,
    view_issue_type,
    view_link_type,
    view_parts,
    view_priority,
    view_project,
    view_sprints,
    view_status,
    view_worklogs,
)
from jira_pipeline.jira.sandbox.sandbox_site import (
    DEFAULT_PRIORITY_ID,
    DONE,
    ISSUE_TYPES,
    LINK_TYPES,
    PRIORITIES,
    SPRINT_FIELD,
    STATUSES,
    Kind,
    kind_of,
)
from jira_pipeline.jira.sandbox_http import Rows, compact_json
from jira_pipeline.model.errors import RefusedError

Values = dict[str, Any]
"""Everything people set on an issue, by id of the field, as it is kept; with its project."""

MAX_SUMMARY_LETTERS = 255
MAX_LABEL_LETTERS = 255
MAX_DOCUMENT_LETTERS = 32_767
"""Source: Jira's text "It exceeds the allowed limit of 32,767 characters."; of what is not said."""
NOT_A_DOCUMENT = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
NOT_NAVIGABLE = frozenset({"attachment", "comment", "worklog"})
"""Fields `*navigable` leaves out. Source: Atlassian, "Get issue", parameter `fields`."""
BLANK: Collection[object] = (None, "", [], {})
Read = Callable[[Call, Values, object], Any]
"""Given what the issue has so far; returns what is kept of a value."""
Show = Callable[[Call, sqlite3.Row], object]
Text = Callable[[Call, Any], str | None]
Side = tuple[str | None, str | None]
"""A value in the history: its id, where it has one, and what people read."""


def off_screen(name: str) -> str:
    """Say that a field may not be given."""
    return f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."


def read_document(call: Call, value: object, *, field: str) -> str:
    """Read a rich text; return the document as compact JSON."""
    if not is_object(value) or value.get("type") != "doc" or not is_array(value.get("content")):
        raise refuse_fields({field: NOT_A_DOCUMENT})
    text = compact_json(value)
    if len(text) > MAX_DOCUMENT_LETTERS:
        raise refuse("CONTENT_LIMIT_EXCEEDED")
    if not (is_sendable_text(text) and is_document(value)):
        raise refuse("INVALID_INPUT")
    return compact_json(call.kept_document(value))


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


def find_named(call: Call, value: object, kinds: Iterable[Kind]) -> Kind | None:
    """Find the one that a JSON object names, by its id or as the site calls it."""
    wanted = (read_choice(value, "id", "name") or "").casefold()
    names = ((kind, call.name_of(kind.name).casefold()) for kind in kinds)
    return next((kind for kind, name in names if wanted in {kind.id, name}), None)


def _read_summary(_call: Call, _values: Values, value: object) -> str:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise refuse_fields({"summary": "You must specify a summary of the issue."})
    if not isinstance(value, str):
        raise refuse_fields({"summary": "Operation value must be a string"})
    if len(value) > MAX_SUMMARY_LETTERS:
        raise refuse_fields({"summary": "Summary must be less than 255 characters."})
    if "\n" in value or "\r" in value:
        text = "The summary is invalid because it contains newline characters."
        raise refuse_fields({"summary": text})
    return value


def _read_issue_type(call: Call, values: Values, value: object) -> str:
    kind = find_named(call, value, call.issue_types(values["project_key"]))
    if kind is None:
        raise refuse_fields({"issuetype": "Specify a valid issue type"})
    return next(own_type.id for own_type in ISSUE_TYPES if own_type.name == kind.name)


def _read_priority(call: Call, values: Values, value: object) -> str:
    if value is None:
        return DEFAULT_PRIORITY_ID
    priority = find_named(call, value, call.priorities(values["project_key"]))
    if priority is None:
        raise refuse_fields({"priority": "The priority selected is invalid."})
    return priority.id


def _read_assignee(call: Call, values: Values, value: object) -> str | None:
    if _is_nobody(value):
        return None
    wanted = read_choice(value, "accountId", "id") or ""
    if not call.is_granted("ASSIGNABLE_USER", values["project_key"], call.users.get(wanted)):
        raise refuse_fields({"assignee": f"User '{wanted}' cannot be assigned issues."})
    return wanted


def _read_reporter(call: Call, _values: Values, value: object) -> str:
    if _is_nobody(value):
        return call.signed_in().account_id
    wanted = read_choice(value, "accountId", "id") or ""
    if wanted not in call.users:
        raise refuse_fields({"reporter": "The reporter specified is not a user."})
    return wanted


def _is_nobody(value: object) -> bool:
    return value is None or (
        is_object(value) and value.get("accountId", value.get("id", "")) is None
    )


def _read_parent(call: Call, _values: Values, value: object) -> int | None:
    if value is None:
        return None
    name = read_choice(value, "id", "key")
    parent = None if name is None else find_issue(call.rows, name)
    if parent is None:
        raise refuse_fields({"parent": "Could not find issue by id or key."})
    return int(parent["id"])


def _read_sprint(call: Call, _values: Values, value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise refuse("Number value expected as the Sprint id.")
    sprint = call.rows.first("SELECT * FROM sprint WHERE id = ?", min(value, 2**62))
    if sprint is None:
        raise refuse_fields({SPRINT_FIELD: "The sprint does not exist."})
    if sprint["state"] == "closed":
        raise refuse_fields({SPRINT_FIELD: "Issue can be assigned only active or future sprints."})
    return int(sprint["id"])


def read_day(field: str) -> "Read":
    """Make what reads the day of a field."""

    def read(_call: Call, _values: Values, value: object) -> str | None:
        try:
            text = value if isinstance(value, str) else ""
            return None if value is None else date.fromisoformat(text).isoformat()
        except ValueError as error:
            text = f"Error parsing date string: {value}. Expected format yyyy-MM-dd."
            raise refuse_fields({field: text}) from error

    return read


def _view_other(call: Call, issue_id: int | None) -> dict[str, object] | None:
    """Show a parent, a sub-task or the other end of a link."""
    if issue_id is None:
        return None
    row = call.rows.one("SELECT * FROM issue WHERE id = ?", issue_id)
    names = ("summary", "status", "priority", "issuetype")
    fields = {name: FIELDS_BY_ID[name].show(call, row) for name in names}
    return {**view_head(call, row), "fields": fields}


def _view_subtasks(call: Call, row: sqlite3.Row) -> object:
    children = call.rows.having("issue", parent_id=row["id"])
    return [
        _view_other(call, child["id"])
        for child in sorted(children, key=itemgetter("id"))
        if kind_of(ISSUE_TYPES, child["type_id"]).is_subtask
    ]


def _view_links(call: Call, row: sqlite3.Row) -> object:
    """Show links with their other ends; the inward issue of a link blocks the outward one."""
    links = call.rows.every(
        "SELECT * FROM issue_link WHERE inward_issue_id = ? OR outward_issue_id = ? ORDER BY id",
        row["id"],
        row["id"],
    )
    views = []
    for link in links:
        end = "outward" if link["inward_issue_id"] == row["id"] else "inward"
        other_id = link[f"{end}_issue_id"]
        if call.can_see(call.rows.one("SELECT * FROM issue WHERE id = ?", other_id)):
            view = {
                "id": str(link["id"]),
                "self": call.url(f"issueLink/{link['id']}"),
                "type": view_link_type(call, kind_of(LINK_TYPES, link["type_id"])),
                f"{end}Issue": _view_other(call, other_id),
            }
            views.append(view)
    return views


def _name_of_account(call: Call, stored: Any) -> str | None:
    user = call.users.get(stored)
    return None if user is None else user.display_name


def _name_in(table: str, column: str) -> Text:
    def text(call: Call, stored: Any) -> str | None:
        row = call.rows.first(f"SELECT {column} FROM {table} WHERE id = ?", stored)  # noqa: S608 - our words
        return None if row is None else str(row[0])

    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of issues."""

    id: str
    show: Show
    read: Read | None = None
    """None where nobody sets it."""
    column: str = ""
    """Of the issue's own row; blank where it is kept elsewhere."""
    text: Text = lambda _call, stored: None if stored is None else str(stored)
    """What people read of a value in the history."""
    is_id: bool = True
    """What is kept names something else, and is in the history too."""
    permission: str = ""
    """Without it the field is not on the caller's screens."""
    name: str = ""
    """What screens call it; blank for a field that is on none."""
    type: str = ""
    items: str = ""
    """The type of each of several values."""
    custom: str = ""
    """The type that an administrator chose; blank for a field that Jira has."""
    is_required: bool = False
    has_default: bool = False
    is_on_create_screen: bool = True
    operations: tuple[str, ...] = ("set",)
    options: Sequence[JsonObject] = ()
    """What may be chosen in a field that an administrator added."""

    @property
    def schema(self) -> dict[str, str | int]:
        """Its type, as Jira says it."""
        shape: dict[str, str | int] = {"type": self.type}
        if self.items:
            shape["items"] = self.items
        if self.custom:
            return shape | {"custom": self.custom, "customId": int(self.id.rpartition("_")[2])}
        return shape | {"system": self.id}


def _of_account(column: str) -> Show:
    return lambda call, row: view_account(call, row[column])


def _of_time(column: str) -> Show:
    return lambda _call, row: stored_time(row[column])


FIELDS = (
    Field(
        id="summary", name="Summary", type="string", is_required=True, is_id=False,
        read=_read_summary, column="summary", show=lambda _call, row: row["summary"],
    ),
    Field(
        id="issuetype", name="Issue Type", type="issuetype", is_required=True, operations=(),
        read=_read_issue_type, column="type_id",
        show=lambda call, row: view_issue_type(
            call, call.issue_type(project_key_of(row), row["type_id"])
        ),
        text=lambda _call, stored: kind_of(ISSUE_TYPES, stored).name,
    ),
    Field(
        id="project", name="Project", type="project", is_required=True,
        show=lambda call, row: view_project(
            call, call.rows.one("SELECT * FROM project WHERE id = ?", row["project_id"])
        ),
    ),
    Field(id="status", show=lambda call, row: view_status(call, kind_of(STATUSES, row["status_id"]))),
    Field(
        id="priority", name="Priority", type="priority", has_default=True,
        read=_read_priority, column="priority_id",
        show=lambda call, row: view_priority(call, kind_of(PRIORITIES, row["priority_id"])),
        text=lambda _call, stored: kind_of(PRIORITIES, stored).name,
    ),
    Field(
        id="labels", name="Labels", type="array", items="string", is_id=False,
        operations=("add", "set", "remove"),
        read=lambda _call, _values, value: read_labels(value),
        show=lambda call, row: labels_of(call.rows, row["id"]),
        text=lambda _call, stored: " ".join(stored),
    ),
    Field(
        id="assignee", name="Assignee", type="user", permission="ASSIGN_ISSUES",
        read=_read_assignee, column="assignee_id", show=_of_account("assignee_id"),
        text=_name_of_account,
    ),
    Field(
        id="reporter", name="Reporter", type="user", has_default=True, permission="MODIFY_REPORTER",
        read=_read_reporter, column="reporter_id", show=_of_account("reporter_id"),
        text=_name_of_account,
    ),
    Field(id="creator", show=_of_account("creator_id")),
    Field(id="created", show=_of_time("created_at")),
    Field(id="updated", show=_of_time("updated_at")),
    Field(
        id="duedate", name="Due date", type="date", permission="SCHEDULE_ISSUES",
        read=read_day("duedate"), column="due_on", show=lambda _call, row: row["due_on"],
    ),
    Field(
        id="resolution",
        show=lambda _call, row: (
            {"id": "10000", "name": "Done"} if row["status_id"] == DONE.id else None
        ),
    ),
    Field(
        id="description", name="Description", type="string", is_id=False, column="description",
        read=lambda call, _values, value: (
            None if value is None else read_document(call, value, field="description")
        ),
        show=lambda _call, row: row["description"] and json.loads(row["description"]),
        text=lambda _call, stored: (
            None if stored is None else adf_to_text(json.loads(stored)).strip()
        ),
    ),
    Field(
        id="parent", name="Parent", type="issuelink", read=_read_parent, column="parent_id",
        show=lambda call, row: _view_other(call, row["parent_id"]), text=_name_in("issue", "key"),
    ),
    Field(id="subtasks", show=_view_subtasks),
    Field(
        id="issuelinks", name="Linked Issues", type="array", items="issuelinks", operations=(),
        show=_view_links,
    ),
    Field(
        id="attachment", name="Attachment", type="array", items="attachment", operations=(),
        show=lambda call, row: view_parts(call, row["id"], "attachment")[0],
    ),
    Field(id="comment", show=view_comments),
    Field(id="worklog", show=view_worklogs),
    Field(
        id="security", name="Security Level", type="securitylevel", is_on_create_screen=False,
        show=lambda _call, _row: None,
    ),
    Field(
        id=SPRINT_FIELD, name="Sprint", type="array", items="json", is_on_create_screen=False,
        custom="com.pyxis.greenhopper.jira:gh-sprint", permission="SCHEDULE_ISSUES",
        read=_read_sprint, show=view_sprints, text=_name_in("sprint", "name"),
    ),
)  # fmt: skip
FIELDS_BY_ID: Mapping[str, Field] = {field.id: field for field in FIELDS}


def create_screen(call: Call, project_key: str) -> Sequence[Field]:
    """Return the fields that may be given when an issue is created; which are required."""
    return call.screen(
        [field for field in FIELDS if field.is_on_create_screen and field.name], project_key
    )


def edit_screen(call: Call, project_key: str, given: Collection[str]) -> Sequence[Field]:
    """Return the fields that may be changed; which of those that are given may not be emptied."""
    fields = [replace(field, is_required=False, has_default=False) for field in FIELDS]
    return call.screen(fields, project_key, given)


def labels_of(rows: Rows, issue_id: int) -> list[str]:
    """Return the labels of an issue, in order."""
    return sorted(row["label"] for row in rows.having("issue_label", issue_id=issue_id))


def values_of(call: Call, issue: sqlite3.Row) -> Values:
    """Return everything people set on an issue."""
    sprint = call.rows.first(
        "SELECT sprint.id FROM issue_sprint JOIN sprint ON sprint.id = issue_sprint.sprint_id"
        " WHERE issue_id = ? AND state <> 'closed'",
        issue["id"],
    )
    return {
        "project_id": issue["project_id"],
        "project_key": project_key_of(issue),
        **{field.id: issue[field.column] for field in FIELDS if field.column},
        "labels": tuple(labels_of(call.rows, issue["id"])),
        SPRINT_FIELD: None if sprint is None else sprint["id"],
        **{
            row["field_id"]: json.loads(row["value"])
            for row in call.rows.having("issue_custom_value", issue_id=issue["id"])
        },
    }


def read_fields(
    call: Call,
    values: Values,
    given: JsonObject,
    *,
    screen: Sequence[Field],
    errors: dict[str, str],
) -> Values:
    """Return the values with what is given for fields of a screen.

    Raises:
        RefusedError: It names the fault of every field, those in `errors` too.
    """
    fields = {field.id: field for field in screen if field.read is not None}
    for name, value in given.items():
        field = fields.get(name)
        if (
            field is None
            or field.read is None
            or (field.permission and not call.may(field.permission, values["project_key"]))
        ):
            errors[name] = off_screen(name)
            continue
        try:
            values = values | {name: field.read(call, values, value)}
        except RefusedError as refusal:
            if not refusal.field_errors:
                raise
            errors |= refusal.field_errors
    for wanted in screen:
        if wanted.is_required and not wanted.has_default and given.get(wanted.id, "") in BLANK:
            errors.setdefault(wanted.id, f"{wanted.name} is required.")
    if errors:
        raise refuse_fields(errors)
    _check_hierarchy(call, values)
    return values


def _check_hierarchy(call: Call, values: Values) -> None:
    """A parent is exactly one level above its child; a sub-task needs one."""
    kind = kind_of(ISSUE_TYPES, values["issuetype"])
    if values.get("parent") is None:
        if kind.is_subtask:
            text = "Issue type is a sub-task but parent issue key or id not specified."
            raise refuse_fields({"issuetype": text})
        return
    parent = call.rows.one("SELECT * FROM issue WHERE id = ?", values["parent"])
    is_above = kind_of(ISSUE_TYPES, parent["type_id"]).hierarchy_level == kind.hierarchy_level + 1
    if not is_above or (kind.is_subtask and parent["project_id"] != values["project_id"]):
        text = "Given parent work item does not belong to appropriate hierarchy."
        raise refuse_fields({"parentId": text})


def write_values(call: Call, issue_id: int, values: Values) -> None:
    """Keep everything people set on an issue."""
    cells = {field.column: values.get(field.id) for field in FIELDS if field.column}
    call.rows.change("issue", issue_id, {**cells, "updated_at": call.now.isoformat()})
    call.rows.execute("DELETE FROM issue_label WHERE issue_id = ?", (issue_id,))
    for label in values.get("labels", ()):
        call.rows.add("issue_label", issue_id=issue_id, label=label)
    put_into_sprint(call.rows, issue_id, values.get(SPRINT_FIELD))
    call.rows.execute("DELETE FROM issue_custom_value WHERE issue_id = ?", (issue_id,))
    for name, value in values.items():
        is_custom = name.startswith("customfield_") and name != SPRINT_FIELD
        if is_custom and value is not None:
            call.rows.add(
                "issue_custom_value", issue_id=issue_id, field_id=name, value=compact_json(value)
            )


def put_into_sprint(rows: Rows, issue_id: int, sprint_id: int | None) -> None:
    """Move an issue into an open sprint, or with None into the backlog; closed ones stay."""
    rows.execute(
        "DELETE FROM issue_sprint WHERE issue_id = ? AND sprint_id IN"
        " (SELECT id FROM sprint WHERE state <> 'closed')",
        (issue_id,),
    )
    if sprint_id is not None:
        rows.add("issue_sprint", issue_id=issue_id, sprint_id=sprint_id)


def changes_between(call: Call, before: Values, after: Values) -> list[JsonObject]:
    """Return which fields differ, as Jira's history shows it."""
    items = []
    for field in call.fields(FIELDS):
        old = before.get(field.id)
        new = after.get(field.id)
        if field.read is not None and old != new:
            name = call.name_of(field.name) if field.custom else field.id
            before_side = _side_of(call, field, old)
            after_side = _side_of(call, field, new)
            items.append(change_item(name, before_side, after_side, field_id=field.id))
    return items


def _side_of(call: Call, field: Field, value: Any) -> Side:
    value_id = str(value) if field.is_id and value is not None else None
    return value_id, field.text(call, value)


def change_item(
    field: str, before: Side = (None, None), after: Side = (None, None), *, field_id: str = ""
) -> JsonObject:
    """Make an item of Jira's history; what it was and is are each an id and what people read."""
    change = {
        "field": field,
        "fieldtype": "custom" if field_id.startswith("customfield_") else "jira",
        "fieldId": field_id or field,
        "from": before[0],
        "fromString": before[1],
        "to": after[0],
        "toString": after[1],
    }
    # Blanks are left out, as the document's own example does.
    return {name: value for name, value in change.items() if value is not None}


def write_history(call: Call, issue_id: int, items: Sequence[JsonObject]) -> None:
    """Note changes of an issue and that it was updated; no changes leave no trace."""
    if items:
        noted = {"author_id": call.signed_in().account_id, "items": compact_json(items)}
        at = call.now.isoformat()
        call.rows.add("change_history", issue_id=issue_id, created_at=at, **noted)
        mark_updated(call, issue_id)


def mark_updated(call: Call, issue_id: int) -> None:
    call.rows.change("issue", issue_id, {"updated_at": call.now.isoformat()})


def view_issue(
    call: Call, row: sqlite3.Row, *, names: Sequence[str], properties: Sequence[str] = ()
) -> dict[str, object]:
    """Show an issue with the fields asked for, by name, `*all`, `*navigable` or `-name`."""
    fields = {field.id: field for field in call.fields(FIELDS)} if names else {}
    shown: set[str] = set()
    for name in names:
        match name:
            case "*all":
                shown |= set(fields)
            case "*navigable":
                shown |= set(fields) - NOT_NAVIGABLE
            case _ if name.startswith("-"):
                shown = (shown or set(fields)) - {name[1:]}
            case _:
                shown.add(name)
    view: dict[str, object] = {"expand": ISSUE_EXPAND, **view_head(call, row)}
    if names:
        view["fields"] = {n: field.show(call, row) for n, field in fields.items() if n in shown}
    if properties:
        stored = call.rows.having("issue_property", issue_id=row["id"])
        view["properties"] = {
            entry["key"]: json.loads(entry["value"])
            for entry in sorted(stored, key=itemgetter("key"))
            if "*all" in properties or entry["key"] in properties
        }
    return view
