"""Calls on what hangs on an issue: comments, worklogs, properties.

Belongs here: adding and listing them, one by one or, of properties, together with their issue. Does
not: showing them inside an issue (`issue_views`), attachments (`attachment_calls`), links
(`link_calls`).
"""

import json
import re
import sqlite3
from datetime import UTC, datetime
from urllib.parse import quote

from jira_pipeline.jira.sandbox.access import editable_issue, require_permission, visible_issue
from jira_pipeline.jira.sandbox.field_readers import read_document
from jira_pipeline.jira.sandbox.issue_history import Change, mark_updated, write_history
from jira_pipeline.jira.sandbox.issue_views import view_comment, view_worklog
from jira_pipeline.jira.sandbox.request_reading import (
    LONGEST_ID,
    refuse,
    refuse_fields,
)
from jira_pipeline.jira.sandbox.routing import Call, Routes, named_page, page_bounds
from jira_pipeline.jira.sandbox_http.requests import SandboxResponse, answer_json, compact_json

MAX_PAGE = 5_000

UNIT_SECONDS = {"w": 144_000, "d": 28_800, "h": 3_600, "m": 60}
"""Source: Jira's default time tracking: a week of five days, a day of eight hours."""
MAX_SPENT_SECONDS = 10**9
DURATION = re.compile(r"(\d{1,6})([wdhm])")
MAX_KEY_LETTERS = 255
MAX_VALUE_LETTERS = 32_768
"""Source: Atlassian, "Set issue property": a valid, non-empty JSON blob of at most 32768."""

ISSUE_PART_ROUTES = Routes()


@ISSUE_PART_ROUTES.answer("GET", "issue/{issue}/comment")
def answer_comments(call: Call) -> SandboxResponse:
    """List the comments of an issue."""
    issue = visible_issue(call, call.path_values["issue"])
    found = call.rows.execute(
        "SELECT * FROM comment WHERE issue_id = ? ORDER BY id", (issue["id"],)
    ).fetchall()
    bounds = page_bounds(call, largest=MAX_PAGE)
    return answer_json(
        named_page(bounds, found, lambda row: view_comment(call, row), name="comments")
    )


@ISSUE_PART_ROUTES.answer("POST", "issue/{issue}/comment")
def answer_add_comment(call: Call) -> SandboxResponse:
    """Add a comment."""
    issue = editable_issue(call)
    row = add_comment(call, issue, call.body().get("body"))
    return answer_json(view_comment(call, row), status=201)


def add_comment(call: Call, issue: sqlite3.Row, value: object) -> sqlite3.Row:
    """Write a comment; sent twice it is there twice.

    Raises:
        RefusedError: It is empty, no document, or the caller may not comment.
    """
    require_permission(
        call, issue, permission="ADD_COMMENTS", to="comment on this issue", status=400
    )
    if value is None:
        raise refuse_fields({"comment": "Comment body can not be empty!"})
    document, wiki = read_document(call, value, field="comment")
    at = call.now.isoformat()
    row: sqlite3.Row = call.rows.execute(
        "INSERT INTO comment (issue_id, body, body_wiki, author_id, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
        (issue["id"], document, wiki, call.signed_in().account_id, at, at),
    ).fetchone()
    mark_updated(call, issue["id"])
    call.record("comment_added", issue_id=issue["id"], comment_id=str(row["id"]))
    return row


@ISSUE_PART_ROUTES.answer("PUT", "issue/{issue}/comment/{comment}")
def answer_edit_comment(call: Call) -> SandboxResponse:
    """Change a comment; the history of an issue does not list it."""
    issue = editable_issue(call)
    named = (issue["id"], call.path_values["comment"])
    found = call.rows.execute("SELECT * FROM comment WHERE issue_id = ? AND id = ?", named)
    row = found.fetchone()
    if row is None:
        raise refuse("Can not find a comment for the given id.", status=404)
    me = call.signed_in().account_id
    permission = f"EDIT_{'OWN' if row['author_id'] == me else 'ALL'}_COMMENTS"
    require_permission(call, issue, permission=permission, to="edit this comment", status=400)
    document, wiki = read_document(call, call.body().get("body"), field="comment")
    changed = call.rows.execute(
        "UPDATE comment SET body = ?, body_wiki = ?, update_author_id = ?, updated_at = ?"
        " WHERE id = ? RETURNING *",
        (document, wiki, me, call.now.isoformat(), row["id"]),
    ).fetchone()
    mark_updated(call, issue["id"])
    call.record("comment_edited", issue_id=issue["id"], comment_id=str(row["id"]))
    return answer_json(view_comment(call, changed))


@ISSUE_PART_ROUTES.answer("GET", "issue/{issue}/worklog")
def answer_worklogs(call: Call) -> SandboxResponse:
    """List the time logged on an issue."""
    _require_time_tracking(call)
    issue = visible_issue(call, call.path_values["issue"])
    found = call.rows.execute(
        "SELECT * FROM worklog WHERE issue_id = ? ORDER BY id", (issue["id"],)
    ).fetchall()
    bounds = page_bounds(call, usual=MAX_PAGE, largest=MAX_PAGE)
    return answer_json(
        named_page(bounds, found, lambda row: view_worklog(call, row), name="worklogs")
    )


@ISSUE_PART_ROUTES.answer("POST", "issue/{issue}/worklog")
def answer_add_worklog(call: Call) -> SandboxResponse:
    """Log time on an issue."""
    _require_time_tracking(call)
    issue = editable_issue(call)
    require_permission(
        call, issue, permission="WORK_ON_ISSUES", to="log work on this issue", status=400
    )
    body = call.body()
    seconds = _spent_seconds(body.get("timeSpentSeconds"), body.get("timeSpent"))
    comment, wiki = body.get("comment"), None
    if comment is not None:
        comment, wiki = read_document(call, comment, field="comment")
    row = call.rows.execute(
        "INSERT INTO worklog (issue_id, author_id, comment, comment_wiki, started_at,"
        " spent_seconds, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
        (
            issue["id"],
            call.signed_in().account_id,
            comment,
            wiki,
            _started_at(call, body.get("started")),
            seconds,
            call.now.isoformat(),
        ),
    ).fetchone()
    spent = Change(field="timespent", field_id="timespent", after=str(seconds))
    write_history(call, issue_id=issue["id"], changes=[spent])
    call.record("worklog_added", issue_id=issue["id"], worklog_id=str(row["id"]))
    return answer_json(view_worklog(call, row), status=201)


def _require_time_tracking(call: Call) -> None:
    """Refuse with 404 where nobody logs time, as for an issue that is not there.

    Source: Atlassian, "Get issue worklogs", platform v3, December 2025.
    """
    if not call.rules.is_time_tracking_on:
        raise refuse("Time tracking is currently disabled.", status=404)


def _spent_seconds(seconds: object, text: object) -> int:
    """Read how long it took: seconds, or a text such as `1d 4h`."""
    if isinstance(text, str):
        parts = [DURATION.fullmatch(part) for part in text.split()[:LONGEST_ID]]
        seconds = sum(int(part[1]) * UNIT_SECONDS[part[2]] for part in parts if part)
        if not all(parts):
            seconds = None
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise refuse("Worklog must not be null.")
    if not 0 < seconds <= MAX_SPENT_SECONDS:
        raise refuse("Worklog must not be null.")
    return seconds


def _started_at(call: Call, value: object) -> str:
    if value is None:
        return call.now.isoformat()
    try:
        at = datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S.%f%z")
        return at.astimezone(UTC).isoformat()
    except (ValueError, OverflowError) as error:
        raise refuse(f"Unparseable date: {value}.") from error


def write_property(call: Call, *, issue_id: int, key: object, value: object) -> bool:
    """Set a property; return whether it is new.

    Raises:
        RefusedError: The key or the value is not one Jira takes.
    """
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY_LETTERS:
        raise refuse(f"The property key has to be 1 to {MAX_KEY_LETTERS} characters long.")
    text = compact_json(value)
    if len(text) > MAX_VALUE_LETTERS:
        raise refuse(f"The property value may not exceed {MAX_VALUE_LETTERS} characters.")
    if call.rules.drops_properties:
        return True
    known = call.rows.execute(
        "SELECT 1 FROM issue_property WHERE issue_id = ? AND key = ?", (issue_id, key)
    ).fetchone()
    call.rows.execute(
        "INSERT INTO issue_property (issue_id, key, value) VALUES (?, ?, ?)"
        " ON CONFLICT (issue_id, key) DO UPDATE SET value = excluded.value",
        (issue_id, key, text),
    )
    call.record("property_set", issue_id=issue_id, key=key, value=value)
    return known is None


@ISSUE_PART_ROUTES.answer("GET", "issue/{issue}/properties")
def answer_property_keys(call: Call) -> SandboxResponse:
    """List the keys of an issue's properties."""
    issue = visible_issue(call, call.path_values["issue"])
    found = call.rows.execute(
        "SELECT key FROM issue_property WHERE issue_id = ? ORDER BY key", (issue["id"],)
    )
    address = call.url(f"issue/{issue['id']}/properties")
    keys = [{"self": f"{address}/{quote(row['key'], safe='')}", "key": row["key"]} for row in found]
    return answer_json({"keys": keys})


@ISSUE_PART_ROUTES.answer("GET", "issue/{issue}/properties/{key}")
def answer_property(call: Call) -> SandboxResponse:
    """Show one property."""
    issue = visible_issue(call, call.path_values["issue"])
    key = call.path_values["key"]
    found = call.rows.execute(
        "SELECT value FROM issue_property WHERE issue_id = ? AND key = ?", (issue["id"], key)
    ).fetchone()
    if found is None:
        raise refuse(f"The property {key} does not exist.", status=404)
    return answer_json({"key": key, "value": json.loads(found["value"])})


@ISSUE_PART_ROUTES.answer("PUT", "issue/{issue}/properties/{key}")
def answer_set_property(call: Call) -> SandboxResponse:
    """Set one property: 201 when it is new, else 200."""
    issue = editable_issue(call)
    value = call.json_value()
    is_new = write_property(call, issue_id=issue["id"], key=call.path_values["key"], value=value)
    return answer_json({}, status=201 if is_new else 200)
