"""How Jira shows issues and what hangs on them: the JSON of its answers.

Belongs here: rows of the tables on their way out. Does not: fields on their way in
(`issue_fields`), HTML (`pages`).
"""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence

from jira_pipeline.jira_sandbox.access import can_see, project_key_of
from jira_pipeline.jira_sandbox.agile_rows import sprints_of
from jira_pipeline.jira_sandbox.routing import Call
from jira_pipeline.jira_sandbox.screens import project_issue_type
from jira_pipeline.jira_sandbox.site import TO_DO, issue_type_of, link_type_of, priority_of
from jira_pipeline.jira_sandbox.site_rules import SPRINT_FIELD
from jira_pipeline.jira_sandbox.value_views import (
    stored_time,
    view_account,
    view_attachment,
    view_body,
    view_comment,
    view_issue_type,
    view_link_type,
    view_priority,
    view_project,
    view_sprint,
    view_worklog,
)

ISSUE_EXPAND = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"
FieldView = Callable[[Call, sqlite3.Row], object]
NOT_NAVIGABLE = frozenset({"attachment", "comment", "worklog"})
"""Fields `*navigable` leaves out. Source: Atlassian, "Get issue", parameter `fields`."""


def view_issue(
    call: Call, row: sqlite3.Row, *, fields: Sequence[str], properties: Sequence[str] = ()
) -> dict[str, object]:
    """Show an issue with the fields asked for, by name, `*all`, `*navigable` or `-name`."""
    view: dict[str, object] = {
        "expand": ISSUE_EXPAND,
        "id": str(row["id"]),
        "self": call.url(f"issue/{row['id']}"),
        "key": row["key"],
    }
    views = _field_views(call)
    names = _chosen_names(fields, known=tuple(views))
    if names or fields:
        view["fields"] = {name: views[name](call, row) for name in names}
    if properties:
        view["properties"] = _properties(call, row, properties)
    return view


def view_bare_issue(row: sqlite3.Row) -> dict[str, object]:
    """Show an issue as a search without fields does."""
    return {"id": str(row["id"])}


def _field_views(call: Call) -> Mapping[str, FieldView]:
    """Return the fields of this site: Jira's own and those an administrator added."""
    custom = {one.id: _custom_view(one.id) for one in call.rules.custom_fields}
    return {**FIELD_VIEWS, **custom} if custom else FIELD_VIEWS


def _custom_view(field_id: str) -> FieldView:
    def show(call: Call, row: sqlite3.Row) -> object:
        found = call.rows.execute(
            "SELECT value FROM issue_custom_value WHERE issue_id = ? AND field_id = ?",
            (row["id"], field_id),
        ).fetchone()
        return None if found is None else json.loads(found["value"])

    return show


def _chosen_names(fields: Sequence[str], *, known: Sequence[str]) -> list[str]:
    chosen: set[str] = set()
    for name in fields:
        match name:
            case "*all":
                chosen |= set(known)
            case "*navigable":
                chosen |= set(known) - NOT_NAVIGABLE
            case _ if name.startswith("-"):
                chosen = (chosen or set(known)) - {name[1:]}
            case _:
                chosen |= {name} & set(known)
    return [name for name in known if name in chosen]


def _properties(call: Call, row: sqlite3.Row, names: Sequence[str]) -> dict[str, object]:
    found = call.rows.execute(
        "SELECT key, value FROM issue_property WHERE issue_id = ? ORDER BY key", (row["id"],)
    ).fetchall()
    return {
        one["key"]: json.loads(one["value"])
        for one in found
        if "*all" in names or one["key"] in names
    }


def _project(call: Call, row: sqlite3.Row) -> dict[str, object]:
    project = call.rows.execute(
        "SELECT * FROM project WHERE id = ?", (row["project_id"],)
    ).fetchone()
    return view_project(call, project)


def _status(call: Call) -> dict[str, object]:
    return {
        "self": call.url(f"status/{TO_DO.id}"),
        "id": TO_DO.id,
        "name": TO_DO.name,
        "description": "",
        "statusCategory": {
            "self": call.url(f"statuscategory/{TO_DO.category_id}"),
            "id": TO_DO.category_id,
            "key": TO_DO.category_key,
            "name": TO_DO.category_name,
            "colorName": TO_DO.category_color,
        },
    }


def _other_issue(call: Call, issue_id: int) -> dict[str, object]:
    row = call.rows.execute("SELECT * FROM issue WHERE id = ?", (issue_id,)).fetchone()
    return {
        "id": str(row["id"]),
        "key": row["key"],
        "self": call.url(f"issue/{row['id']}"),
        "fields": {
            "summary": row["summary"],
            "status": _status(call),
            "priority": view_priority(call, priority_of(row["priority_id"])),
            "issuetype": _issue_type(call, row),
        },
    }


def _issue_type(call: Call, row: sqlite3.Row) -> dict[str, object]:
    kind = project_issue_type(call.rules, project_key_of(row), row["type_id"])
    return view_issue_type(call, kind)


def view_link_end(call: Call, link: sqlite3.Row, *, seen_from: int) -> dict[str, object]:
    """Show a link as one of its ends shows it: with the other end only.

    The inward issue of a link blocks; seen from it, the other end is the outward issue.
    """
    view: dict[str, object] = {
        "id": str(link["id"]),
        "self": call.url(f"issueLink/{link['id']}"),
        "type": view_link_type(call, link_type_of(link["type_id"])),
    }
    if link["inward_issue_id"] == seen_from:
        view["outwardIssue"] = _other_issue(call, link["outward_issue_id"])
    else:
        view["inwardIssue"] = _other_issue(call, link["inward_issue_id"])
    return view


def _links(call: Call, row: sqlite3.Row) -> list[dict[str, object]]:
    found = call.rows.execute(
        "SELECT * FROM issue_link WHERE inward_issue_id = :id OR outward_issue_id = :id"
        " ORDER BY id",
        {"id": row["id"]},
    ).fetchall()
    return [
        view_link_end(call, link, seen_from=row["id"])
        for link in found
        if _is_other_end_visible(call, link, row)
    ]


def _is_other_end_visible(call: Call, link: sqlite3.Row, row: sqlite3.Row) -> bool:
    ends = {link["inward_issue_id"], link["outward_issue_id"]} - {row["id"]}
    query = "SELECT * FROM issue WHERE id = ?"
    return can_see(call, call.rows.execute(query, (ends.pop(),)).fetchone())


def _attachments(call: Call, row: sqlite3.Row) -> list[dict[str, object]]:
    found = call.rows.execute(
        "SELECT * FROM attachment WHERE issue_id = ? ORDER BY id", (row["id"],)
    ).fetchall()
    return [view_attachment(call, one) for one in found]


def _comments(call: Call, row: sqlite3.Row) -> dict[str, object]:
    found = call.rows.execute(
        "SELECT * FROM comment WHERE issue_id = ? ORDER BY id", (row["id"],)
    ).fetchall()
    return {
        "self": call.url(f"issue/{row['id']}/comment"),
        "startAt": 0,
        "maxResults": len(found),
        "total": len(found),
        "comments": [view_comment(call, one) for one in found],
    }


def _subtasks(call: Call, row: sqlite3.Row) -> list[dict[str, object]]:
    found = call.rows.execute(
        "SELECT id, type_id FROM issue WHERE parent_id = ? ORDER BY id", (row["id"],)
    ).fetchall()
    return [
        _other_issue(call, child["id"])
        for child in found
        if issue_type_of(child["type_id"]).is_subtask
    ]


def _labels(call: Call, row: sqlite3.Row) -> list[str]:
    found = call.rows.execute(
        "SELECT label FROM issue_label WHERE issue_id = ? ORDER BY label", (row["id"],)
    ).fetchall()
    return [one["label"] for one in found]


def _description(call: Call, row: sqlite3.Row) -> object:
    return view_body(call, document=row["description"], wiki=row["description_wiki"])


def _parent(call: Call, row: sqlite3.Row) -> dict[str, object] | None:
    return None if row["parent_id"] is None else _other_issue(call, row["parent_id"])


def _worklogs(call: Call, row: sqlite3.Row) -> dict[str, object]:
    found = call.rows.execute(
        "SELECT * FROM worklog WHERE issue_id = ? ORDER BY id", (row["id"],)
    ).fetchall()
    return {
        "startAt": 0,
        "maxResults": 20,
        "total": len(found),
        "worklogs": [view_worklog(call, one) for one in found[:20]],
    }


def _sprints(call: Call, row: sqlite3.Row) -> object:
    return [view_sprint(one) for one in sprints_of(call.rows, row["id"])] or None


def _security(call: Call, row: sqlite3.Row) -> object:
    level = row["security_level"]
    return level and {"self": call.url(f"securitylevel/{level}"), "id": level, "name": level}


FIELD_VIEWS: Mapping[str, FieldView] = {
    "summary": lambda _call, row: row["summary"],
    "issuetype": _issue_type,
    "project": _project,
    "status": lambda call, _row: _status(call),
    "priority": lambda call, row: view_priority(call, priority_of(row["priority_id"])),
    "labels": _labels,
    "assignee": lambda call, row: view_account(call, row["assignee_id"]),
    "reporter": lambda call, row: view_account(call, row["reporter_id"]),
    "creator": lambda call, row: view_account(call, row["creator_id"]),
    "created": lambda _call, row: stored_time(row["created_at"]),
    "updated": lambda _call, row: stored_time(row["updated_at"]),
    "duedate": lambda _call, row: row["due_on"],
    "resolution": lambda _call, _row: None,
    "description": _description,
    "parent": _parent,
    "subtasks": _subtasks,
    "issuelinks": _links,
    "attachment": _attachments,
    "comment": _comments,
    "worklog": _worklogs,
    "security": _security,
    SPRINT_FIELD: _sprints,
}
