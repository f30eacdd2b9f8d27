"""How Jira shows issues, what they are made of and what hangs on them: the JSON of its answers.

Belongs here: rows of the tables on their way out. Does not: fields on their way in
(`field_readers`), HTML (`pages`), boards and sprints as the agile API shows them (`agile_calls`).
"""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from jira_pipeline.jira.sandbox.access import can_see, project_key_of
from jira_pipeline.jira.sandbox.agile_rows import sprints_of
from jira_pipeline.jira.sandbox.document_text import text_of_document
from jira_pipeline.jira.sandbox.routing import Call, PageBounds, named_page
from jira_pipeline.jira.sandbox.sandbox_site import (
    DONE,
    IssueType,
    LinkType,
    Priority,
    Status,
    User,
    find_users,
    issue_type_of,
    link_type_of,
    priority_of,
    status_of,
)
from jira_pipeline.jira.sandbox.screens import project_issue_type
from jira_pipeline.jira.sandbox.site_rules import SPRINT_FIELD
from jira_pipeline.jira.sandbox_http.sqlite_rows import Rows

ISSUE_EXPAND = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"
FieldView = Callable[[Call, sqlite3.Row], object]
NOT_NAVIGABLE = frozenset({"attachment", "comment", "worklog"})
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


def view_project(call: Call, row: sqlite3.Row) -> dict[str, object]:
    """Show a project as an issue does."""
    return {
        "self": call.url(f"project/{row['id']}"),
        "id": str(row["id"]),
        "key": row["key"],
        "name": row["name"],
        "projectTypeKey": "software",
        "simplified": call.rules.is_team_managed(row["key"]),
    }


def view_issue_type(call: Call, kind: IssueType) -> dict[str, object]:
    """Show an issue type; its English name too where the site speaks another language."""
    is_translated = bool(call.rules.names) and call.rules.tells_untranslated_names
    return {
        "self": call.url(f"issuetype/{kind.id}"),
        "id": kind.id,
        "name": call.rules.name_of(kind.name),
        **({"untranslatedName": kind.name} if is_translated else {}),
        "description": kind.description,
        "subtask": kind.is_subtask,
        "hierarchyLevel": kind.hierarchy_level,
    }


def view_priority(call: Call, priority: Priority) -> dict[str, object]:
    return {
        "self": call.url(f"priority/{priority.id}"),
        "id": priority.id,
        "name": call.rules.name_of(priority.name),
        "description": priority.description,
        "statusColor": priority.color,
    }


def view_link_type(call: Call, kind: LinkType) -> dict[str, object]:
    return {
        "id": kind.id,
        "name": call.rules.name_of(kind.name),
        "inward": call.rules.name_of(kind.inward),
        "outward": call.rules.name_of(kind.outward),
        "self": call.url(f"issueLinkType/{kind.id}"),
    }


def view_attachment(call: Call, row: sqlite3.Row) -> dict[str, object]:
    """Show an attachment without its content."""
    return {
        "self": call.url(f"attachment/{row['id']}"),
        "id": str(row["id"]),
        "filename": row["filename"],
        "author": view_account(call, row["author_id"]),
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
        "author": view_account(call, row["author_id"]),
        "updateAuthor": view_account(call, row["update_author_id"] or row["author_id"]),
        "body": view_body(call, document=row["body"], wiki=row["body_wiki"]),
        "created": stored_time(row["created_at"]),
        "updated": stored_time(row["updated_at"]),
        "jsdPublic": True,
    }


def view_worklog(call: Call, row: sqlite3.Row) -> dict[str, object]:
    """Show time somebody logged."""
    author = view_account(call, row["author_id"])
    view: dict[str, object] = {
        "self": call.url(f"issue/{row['issue_id']}/worklog/{row['id']}"),
        "id": str(row["id"]),
        "issueId": str(row["issue_id"]),
        "author": author,
        "updateAuthor": author,
        "created": stored_time(row["created_at"]),
        "updated": stored_time(row["created_at"]),
        "started": stored_time(row["started_at"]),
        "timeSpent": duration_for_people(row["spent_seconds"]),
        "timeSpentSeconds": row["spent_seconds"],
    }
    if row["comment"] is not None:
        view["comment"] = view_body(call, document=row["comment"], wiki=row["comment_wiki"])
    return view


def duration_for_people(seconds: int) -> str:
    """Write a duration as Jira does, a day being eight hours."""
    minutes = seconds // 60
    parts = ((minutes // 480, "d"), (minutes % 480 // 60, "h"), (minutes % 60, "m"))
    return " ".join(f"{count}{unit}" for count, unit in parts if count) or "0m"


def view_sprint(row: sqlite3.Row) -> dict[str, object]:
    """Show a sprint as the sprint field of an issue does."""
    times = {"startDate": "start_at", "endDate": "end_at", "completeDate": "complete_at"}
    return {
        "id": row["id"],
        "name": row["name"],
        "state": row["state"],
        "boardId": row["board_id"],
        "goal": row["goal"],
        **{name: row[column] for name, column in times.items() if row[column]},
    }


def view_account(call: Call, account_id: str | None) -> dict[str, object] | None:
    """Show the person with an account id; None when there is none."""
    found = [user for user in find_users(call.rows) if user.account_id == account_id]
    return view_user(call, found[0]) if found else None


def view_body(call: Call, *, document: str | None, wiki: str | None) -> object:
    """Show a rich text: a document in v3, a wiki text in v2."""
    if document is None:
        return None
    if call.is_wiki:
        return wiki if wiki is not None else text_of_document(document)
    return json.loads(document)


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
    custom = {one.id: _custom_view(one.id) for one in call.rules.custom_fields}
    views = {**FIELD_VIEWS, **custom}
    names = _chosen_names(fields, known=tuple(views))
    if names or fields:
        view["fields"] = {name: views[name](call, row) for name in names}
    if properties:
        stored = call.rows.every(
            "SELECT key, value FROM issue_property WHERE issue_id = ? ORDER BY key", row["id"]
        )
        view["properties"] = {
            one["key"]: json.loads(one["value"])
            for one in stored
            if "*all" in properties or one["key"] in properties
        }
    return view


def _custom_view(field_id: str) -> FieldView:
    def show(call: Call, row: sqlite3.Row) -> object:
        found = call.rows.first(
            "SELECT value FROM issue_custom_value WHERE issue_id = ? AND field_id = ?",
            row["id"],
            field_id,
        )
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


def _other_issue(call: Call, issue_id: int) -> dict[str, object]:
    row = call.rows.one("SELECT * FROM issue WHERE id = ?", issue_id)
    return {
        "id": str(row["id"]),
        "key": row["key"],
        "self": call.url(f"issue/{row['id']}"),
        "fields": {
            "summary": row["summary"],
            "status": view_status(call, status_of(row["status_id"])),
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
    found = call.rows.every(
        "SELECT * FROM issue_link WHERE inward_issue_id = ?1 OR outward_issue_id = ?1 ORDER BY id",
        row["id"],
    )
    views = []
    for link in found:
        (other_id,) = {link["inward_issue_id"], link["outward_issue_id"]} - {row["id"]}
        other = call.rows.one("SELECT * FROM issue WHERE id = ?", other_id)
        if can_see(call, other):
            views.append(view_link_end(call, link, seen_from=row["id"]))
    return views


def parts_of(call: Call, issue: sqlite3.Row, table: str) -> list[sqlite3.Row]:
    """Return what hangs on an issue and is in a table, oldest first."""
    query = f"SELECT * FROM {table} WHERE issue_id = ? ORDER BY id"  # noqa: S608 - our words
    return call.rows.every(query, issue["id"])


def _comments(call: Call, row: sqlite3.Row) -> dict[str, object]:
    found, show = parts_of(call, row, "comment"), partial(view_comment, call)
    page = named_page(PageBounds(start=0, limit=len(found)), found, show, name="comments")
    return {"self": call.url(f"issue/{row['id']}/comment"), **page}


def _subtasks(call: Call, row: sqlite3.Row) -> list[dict[str, object]]:
    found = call.rows.every(
        "SELECT id, type_id FROM issue WHERE parent_id = ? ORDER BY id", row["id"]
    )
    return [
        _other_issue(call, child["id"])
        for child in found
        if issue_type_of(child["type_id"]).is_subtask
    ]


def labels_of(rows: Rows, issue_id: int) -> list[str]:
    """Return the labels of an issue, in order."""
    labels = "SELECT label FROM issue_label WHERE issue_id = ? ORDER BY label"
    return [one["label"] for one in rows.every(labels, issue_id)]


def _worklogs(call: Call, row: sqlite3.Row) -> dict[str, object]:
    found, show = parts_of(call, row, "worklog"), partial(view_worklog, call)
    return named_page(PageBounds(start=0, limit=20), found, show, name="worklogs")


def _security(call: Call, row: sqlite3.Row) -> object:
    level = row["security_level"]
    return level and {"self": call.url(f"securitylevel/{level}"), "id": level, "name": level}


FIELD_VIEWS: Mapping[str, FieldView] = {
    "summary": lambda _call, row: row["summary"],
    "issuetype": _issue_type,
    "project": lambda call, row: view_project(
        call, call.rows.one("SELECT * FROM project WHERE id = ?", row["project_id"])
    ),
    "status": lambda call, row: view_status(call, status_of(row["status_id"])),
    "priority": lambda call, row: view_priority(call, priority_of(row["priority_id"])),
    "labels": lambda call, row: labels_of(call.rows, row["id"]),
    "assignee": lambda call, row: view_account(call, row["assignee_id"]),
    "reporter": lambda call, row: view_account(call, row["reporter_id"]),
    "creator": lambda call, row: view_account(call, row["creator_id"]),
    "created": lambda _call, row: stored_time(row["created_at"]),
    "updated": lambda _call, row: stored_time(row["updated_at"]),
    "duedate": lambda _call, row: row["due_on"],
    "resolution": lambda _call, row: (
        {"id": "10000", "name": "Done"} if row["status_id"] == DONE.id else None
    ),
    "description": lambda call, row: view_body(
        call, document=row["description"], wiki=row["description_wiki"]
    ),
    "parent": lambda call, row: row["parent_id"] and _other_issue(call, row["parent_id"]),
    "subtasks": _subtasks,
    "issuelinks": _links,
    "attachment": lambda call, row: [
        view_attachment(call, one) for one in parts_of(call, row, "attachment")
    ],
    "comment": _comments,
    "worklog": _worklogs,
    "security": _security,
    SPRINT_FIELD: lambda call, row: (
        [view_sprint(one) for one in sprints_of(call.rows, row["id"])] or None
    ),
}
