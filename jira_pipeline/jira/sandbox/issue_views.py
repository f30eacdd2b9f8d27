"""How Jira shows what is on a site, and what hangs on an issue: the JSON of its answers.

Belongs here: rows of the tables on their way out. Does not: issues and their fields (`issue_fields`), HTML
(`pages`).
"""

import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime

from jira_pipeline.jira.sandbox.call import Call
from jira_pipeline.jira.sandbox.sandbox_site import IssueType, LinkType, Priority, Status
from jira_pipeline.jira.sandbox_http import Rows

ISSUE_EXPAND = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"
STATE_ORDER = "CASE state WHEN 'closed' THEN 0 WHEN 'active' THEN 1 ELSE 2 END, id"
"""Source: Atlassian, "Get all sprints": closed, active, future, then by position."""


def stored_time(text: str) -> str:
    """Write a stored time as Jira does: milliseconds, offset without a colon."""
    at = datetime.fromisoformat(text)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def view_account(call: Call, account_id: str | None) -> dict[str, object] | None:
    """Show the person with an account id; None when there is none."""
    user = call.users.get(account_id or "")
    if user is None:
        return None
    return {
        "self": call.url(f"user?accountId={user.account_id}"),
        "accountId": user.account_id,
        "accountType": "atlassian",
        "displayName": user.display_name,
        "emailAddress": user.email,
        "active": True,
        "timeZone": "Etc/UTC",
    }


def view_project(call: Call, row: sqlite3.Row) -> dict[str, object]:
    is_own = call.is_team_managed(row["key"])
    return {
        "self": call.url(f"project/{row['id']}"),
        "id": str(row["id"]),
        "key": row["key"],
        "name": row["name"],
        "projectTypeKey": "software",
        "simplified": is_own,
        "style": "next-gen" if is_own else "classic",
        "isPrivate": False,
        **call.project_state(row["key"]),
    }


def view_issue_type(call: Call, kind: IssueType) -> dict[str, object]:
    return {
        "self": call.url(f"issuetype/{kind.id}"),
        "id": kind.id,
        **call.names_of(kind),
        "description": kind.description,
        "subtask": kind.is_subtask,
        "hierarchyLevel": kind.hierarchy_level,
    }


def view_priority(call: Call, priority: Priority) -> dict[str, object]:
    return {
        "self": call.url(f"priority/{priority.id}"),
        "id": priority.id,
        "name": call.name_of(priority.name),
        "description": priority.description,
        "statusColor": priority.color,
    }


def view_link_type(call: Call, kind: LinkType) -> dict[str, object]:
    names = {name: call.name_of(getattr(kind, name)) for name in ("name", "inward", "outward")}
    return {"id": kind.id, **names, "self": call.url(f"issueLinkType/{kind.id}")}


def view_status(call: Call, status: Status) -> dict[str, object]:
    return {
        "self": call.url(f"status/{status.id}"),
        "id": status.id,
        "name": status.name,
        "description": "",
        "statusCategory": {
            "self": call.url(f"statuscategory/{status.category_id}"),
            "id": status.category_id,
            "key": status.category_key,
            "name": status.category_name,
            "colorName": status.category_color,
        },
    }


def view_sprint(
    row: sqlite3.Row, *, board: str = "boardId", show_time: Callable[[str], str] = str
) -> dict[str, object]:
    """Show a sprint as the sprint field of an issue does, or as the agile API."""
    times = {"startDate": "start_at", "endDate": "end_at", "completeDate": "complete_at"}
    return {
        "id": row["id"],
        "name": row["name"],
        "state": row["state"],
        board: row["board_id"],
        "goal": row["goal"],
        **{name: show_time(row[column]) for name, column in times.items() if row[column]},
    }


def view_sprints(call: Call, row: sqlite3.Row) -> object:
    sprints = call.rows.every(
        "SELECT sprint.* FROM issue_sprint JOIN sprint ON sprint.id = issue_sprint.sprint_id"  # noqa: S608 - our own words
        f" WHERE issue_sprint.issue_id = ? ORDER BY {STATE_ORDER}",
        row["id"],
    )
    return [view_sprint(sprint) for sprint in sprints] or None


def view_head(call: Call, row: sqlite3.Row) -> dict[str, object]:
    return {"id": str(row["id"]), "self": call.url(f"issue/{row['id']}"), "key": row["key"]}


def parts_of(rows: Rows, issue_id: int, table: str) -> list[sqlite3.Row]:
    """Return what hangs on an issue and is in a table, oldest first."""
    return rows.every(f"SELECT * FROM {table} WHERE issue_id = ? ORDER BY id", issue_id)  # noqa: S608 - our words


_PARTS: Mapping[str, Callable[[Call, sqlite3.Row], dict[str, object]]] = {
    "attachment": lambda call, row: {
        "self": call.url(f"attachment/{row['id']}"),
        "filename": row["filename"],
        "size": row["size_bytes"],
        "mimeType": row["mime_type"],
        "content": call.url(f"attachment/content/{row['id']}"),
    },
    "comment": lambda call, row: {
        "self": call.url(f"issue/{row['issue_id']}/comment/{row['id']}"),
        "updateAuthor": view_account(call, row["update_author_id"] or row["author_id"]),
        "body": json.loads(row["body"]),
        "updated": stored_time(row["updated_at"]),
        "jsdPublic": True,
    },
    "worklog": lambda call, row: {
        "self": call.url(f"issue/{row['issue_id']}/worklog/{row['id']}"),
        "issueId": str(row["issue_id"]),
        "updateAuthor": view_account(call, row["author_id"]),
        "updated": stored_time(row["created_at"]),
        "started": stored_time(row["started_at"]),
        "timeSpent": f"{row['spent_seconds'] // 60}m",
        "timeSpentSeconds": row["spent_seconds"],
    },
    "change_history": lambda _call, row: {"items": json.loads(row["items"])},
}
"""What hangs on an issue, by its table, as Jira shows it."""


def view_part(call: Call, table: str, row: sqlite3.Row) -> dict[str, object]:
    """Show what hangs on an issue: each has an author and a time."""
    return {
        "id": str(row["id"]),
        "author": view_account(call, row["author_id"]),
        "created": stored_time(row["created_at"]),
        **_PARTS[table](call, row),
    }


def view_parts(
    call: Call, issue_id: int, table: str, *, limit: int | None = None
) -> tuple[list[dict[str, object]], dict[str, object]]:
    """Show all that hangs on an issue, and the frame of such a page inside its issue."""
    views = [view_part(call, table, row) for row in parts_of(call.rows, issue_id, table)]
    limit = len(views) if limit is None else limit
    return views[:limit], {"startAt": 0, "maxResults": limit, "total": len(views)}


def view_comments(call: Call, row: sqlite3.Row) -> object:
    comments, frame = view_parts(call, row["id"], "comment")
    return {"self": call.url(f"issue/{row['id']}/comment"), **frame, "comments": comments}


def view_worklogs(call: Call, row: sqlite3.Row) -> object:
    worklogs, frame = view_parts(call, row["id"], "worklog", limit=20)
    return {**frame, "worklogs": worklogs}
