"""How Jira shows what issues are made of: times, people, types, priorities, files, comments.

Belongs here: single values on their way out. Does not: issues themselves (`issue_views`).
"""

import json
import sqlite3
from datetime import datetime

from jira_pipeline.jira_sandbox.document_text import text_of_document
from jira_pipeline.jira_sandbox.routing import Call
from jira_pipeline.jira_sandbox.site import IssueType, LinkType, Priority, User, find_users


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
    """Show a priority."""
    return {
        "self": call.url(f"priority/{priority.id}"),
        "id": priority.id,
        "name": call.rules.name_of(priority.name),
        "description": priority.description,
        "statusColor": priority.color,
    }


def view_link_type(call: Call, kind: LinkType) -> dict[str, object]:
    """Show a link type."""
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
        "updateAuthor": view_account(call, row["author_id"]),
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
        "timeSpent": time_for_people(row["spent_seconds"]),
        "timeSpentSeconds": row["spent_seconds"],
    }
    if row["comment"] is not None:
        view["comment"] = view_body(call, document=row["comment"], wiki=row["comment_wiki"])
    return view


def time_for_people(seconds: int) -> str:
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
