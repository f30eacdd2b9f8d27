"""How Jira shows issues and what hangs on them: the JSON of its answers.

Belongs here: rows of the tables on their way out. Does not: fields on their way in
(`issue_fields`), HTML (`pages`).
"""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from jira_pipeline.jira_sandbox.document_text import text_of_document
from jira_pipeline.jira_sandbox.routing import Call
from jira_pipeline.jira_sandbox.site import (
    TO_DO,
    IssueType,
    Priority,
    User,
    find_users,
    issue_type_of,
    link_type_of,
    priority_of,
)

ISSUE_EXPAND = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"
NOT_NAVIGABLE = frozenset({"attachment", "comment"})
"""Fields `*navigable` leaves out. Source: Atlassian, "Get issue", parameter `fields`."""


def jira_time(at: datetime) -> str:
    """Write a time as Jira does: milliseconds, offset without a colon."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def stored_time(text: str) -> str:
    """Write a stored time as Jira does."""
    return jira_time(datetime.fromisoformat(text))


def view_user(call: Call, user: User) -> dict[str, object]:
    """Show a person."""
    return {
        "self": call.url(f"user?accountId={user.account_id}"),
        "accountId": user.account_id,
        "accountType": "atlassian",
        "displayName": user.display_name,
        "emailAddress": user.email,
        "active": True,
        "timeZone": "Etc/UTC",
    }


def view_issue_type(call: Call, kind: IssueType) -> dict[str, object]:
    """Show an issue type."""
    return {
        "self": call.url(f"issuetype/{kind.id}"),
        "id": kind.id,
        "name": kind.name,
        "description": kind.description,
        "subtask": kind.is_subtask,
        "hierarchyLevel": kind.hierarchy_level,
    }


def view_priority(call: Call, priority: Priority) -> dict[str, object]:
    """Show a priority."""
    return {
        "self": call.url(f"priority/{priority.id}"),
        "id": priority.id,
        "name": priority.name,
        "description": priority.description,
        "statusColor": priority.color,
    }


def view_attachment(call: Call, row: sqlite3.Row) -> dict[str, object]:
    """Show an attachment without its content."""
    return {
        "self": call.url(f"attachment/{row['id']}"),
        "id": str(row["id"]),
        "filename": row["filename"],
        "author": _user_view(call, row["author_id"]),
        "created": stored_time(row["created_at"]),
        "size": row["size_bytes"],
        "mimeType": row["mime_type"],
        "content": call.url(f"attachment/content/{row['id']}"),
    }


def view_comment(call: Call, row: sqlite3.Row) -> dict[str, object]:
    """Show a comment, its body in the shape of the version asked."""
    return {
        "self": call.url(f"issue/{row['issue_id']}/comment/{row['id']}"),
        "id": str(row["id"]),
        "author": _user_view(call, row["author_id"]),
        "updateAuthor": _user_view(call, row["author_id"]),
        "body": _body(call, document=row["body"], wiki=row["body_wiki"]),
        "created": stored_time(row["created_at"]),
        "updated": stored_time(row["updated_at"]),
        "jsdPublic": True,
    }


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
    names = _chosen_names(fields)
    if names or fields:
        view["fields"] = {name: FIELD_VIEWS[name](call, row) for name in names}
    if properties:
        view["properties"] = _properties(call, row, properties)
    return view


def view_bare_issue(row: sqlite3.Row) -> dict[str, object]:
    """Show an issue as a search without fields does."""
    return {"id": str(row["id"])}


def _chosen_names(fields: Sequence[str]) -> list[str]:
    chosen: set[str] = set()
    for name in fields:
        match name:
            case "*all":
                chosen |= set(FIELD_VIEWS)
            case "*navigable":
                chosen |= set(FIELD_VIEWS) - NOT_NAVIGABLE
            case _ if name.startswith("-"):
                chosen = (chosen or set(FIELD_VIEWS)) - {name[1:]}
            case _:
                chosen |= {name} & set(FIELD_VIEWS)
    return [name for name in FIELD_VIEWS if name in chosen]


def _properties(call: Call, row: sqlite3.Row, names: Sequence[str]) -> dict[str, object]:
    found = call.rows.execute(
        "SELECT key, value FROM issue_property WHERE issue_id = ? ORDER BY key", (row["id"],)
    ).fetchall()
    return {
        one["key"]: json.loads(one["value"])
        for one in found
        if "*all" in names or one["key"] in names
    }


def _user_view(call: Call, account_id: str | None) -> dict[str, object] | None:
    found = [user for user in find_users(call.rows) if user.account_id == account_id]
    return view_user(call, found[0]) if found else None


def _body(call: Call, *, document: str | None, wiki: str | None) -> object:
    if document is None:
        return None
    if call.is_wiki:
        return wiki if wiki is not None else text_of_document(document)
    return json.loads(document)


def _project(call: Call, row: sqlite3.Row) -> dict[str, object]:
    project = call.rows.execute(
        "SELECT * FROM project WHERE id = ?", (row["project_id"],)
    ).fetchone()
    return {
        "self": call.url(f"project/{project['id']}"),
        "id": str(project["id"]),
        "key": project["key"],
        "name": project["name"],
        "projectTypeKey": "software",
        "simplified": False,
    }


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
            "issuetype": view_issue_type(call, issue_type_of(row["type_id"])),
        },
    }


def view_link_end(call: Call, link: sqlite3.Row, *, seen_from: int) -> dict[str, object]:
    """Show a link as one of its ends shows it: with the other end only.

    The inward issue of a link blocks; seen from it, the other end is the outward issue.
    """
    kind = link_type_of(link["type_id"])
    view: dict[str, object] = {
        "id": str(link["id"]),
        "self": call.url(f"issueLink/{link['id']}"),
        "type": {
            "id": kind.id,
            "name": kind.name,
            "inward": kind.inward,
            "outward": kind.outward,
            "self": call.url(f"issueLinkType/{kind.id}"),
        },
    }
    if link["inward_issue_id"] == seen_from:
        view["outwardIssue"] = _other_issue(call, link["outward_issue_id"])
    else:
        view["inwardIssue"] = _other_issue(call, link["inward_issue_id"])
    return view


def view_link(call: Call, link: sqlite3.Row) -> dict[str, object]:
    """Show a link with both ends."""
    seen_from_inward = view_link_end(call, link, seen_from=link["inward_issue_id"])
    return {**seen_from_inward, "inwardIssue": _other_issue(call, link["inward_issue_id"])}


def _links(call: Call, row: sqlite3.Row) -> list[dict[str, object]]:
    found = call.rows.execute(
        "SELECT * FROM issue_link WHERE inward_issue_id = :id OR outward_issue_id = :id"
        " ORDER BY id",
        {"id": row["id"]},
    ).fetchall()
    return [view_link_end(call, link, seen_from=row["id"]) for link in found]


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
    return _body(call, document=row["description"], wiki=row["description_wiki"])


def _parent(call: Call, row: sqlite3.Row) -> dict[str, object] | None:
    return None if row["parent_id"] is None else _other_issue(call, row["parent_id"])


FieldView = Callable[[Call, sqlite3.Row], object]

FIELD_VIEWS: Mapping[str, FieldView] = {
    "summary": lambda _call, row: row["summary"],
    "issuetype": lambda call, row: view_issue_type(call, issue_type_of(row["type_id"])),
    "project": _project,
    "status": lambda call, _row: _status(call),
    "priority": lambda call, row: view_priority(call, priority_of(row["priority_id"])),
    "labels": _labels,
    "assignee": lambda call, row: _user_view(call, row["assignee_id"]),
    "reporter": lambda call, row: _user_view(call, row["reporter_id"]),
    "creator": lambda call, row: _user_view(call, row["creator_id"]),
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
}
