"""Calls on what hangs on an issue: comments, worklogs, properties, attachments, links.

Belongs here: adding, listing and deleting them, one by one or, of properties, together with their
issue. Does not: showing them inside an issue (`issue_views`), reading the multipart body
(`request_reading`).

The direction of a link is Jira's: `inwardIssue` is the blocker, `outwardIssue` the blocked one. "T
depends on D" is inwardIssue D, outwardIssue T.
"""

import json
import re
import sqlite3
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote

from jira_pipeline.jira.sandbox.access import (
    can_see,
    editable_issue,
    find_issue,
    require_permission,
    visible_issue,
)
from jira_pipeline.jira.sandbox.field_readers import find_named, read_document
from jira_pipeline.jira.sandbox.issue_history import Change, mark_updated, write_history
from jira_pipeline.jira.sandbox.issue_views import (
    parts_of,
    view_attachment,
    view_comment,
    view_worklog,
)
from jira_pipeline.jira.sandbox.request_reading import (
    LONGEST_ID,
    UploadedFile,
    is_object,
    read_files,
    read_id,
    refuse,
    refuse_fields,
    refuse_unknown_issue,
)
from jira_pipeline.jira.sandbox.routing import Call, Routes, named_page, page_bounds
from jira_pipeline.jira.sandbox.sandbox_site import LINK_TYPES, LinkType, link_type_of
from jira_pipeline.jira.sandbox_http.requests import SandboxResponse, answer_json, compact_json
from jira_pipeline.jira.sandbox_http.sqlite_rows import Rows

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
def answer_comments(call: Call) -> object:
    """List the comments of an issue."""
    issue = visible_issue(call, call.path_values["issue"])
    bounds, found = page_bounds(call, largest=MAX_PAGE), parts_of(call, issue, "comment")
    show = partial(view_comment, call)
    return named_page(bounds, found, show, name="comments")


@ISSUE_PART_ROUTES.answer("POST", "issue/{issue}/comment", status=201)
def answer_add_comment(call: Call) -> object:
    """Add a comment."""
    issue = editable_issue(call)
    row = add_comment(call, issue, call.body().get("body"))
    return view_comment(call, row)


def add_comment(call: Call, issue: sqlite3.Row, value: object) -> sqlite3.Row:
    """Write a comment; sent twice it is there twice."""
    require_permission(
        call, issue, permission="ADD_COMMENTS", to="comment on this issue", status=400
    )
    if value is None:
        raise refuse_fields({"comment": "Comment body can not be empty!"})
    document, wiki = read_document(call, value, field="comment")
    at = call.now.isoformat()
    written = {"body": document, "body_wiki": wiki, "author_id": call.signed_in().account_id}
    row = call.rows.add("comment", issue_id=issue["id"], **written, created_at=at, updated_at=at)
    mark_updated(call, issue["id"])
    call.record("comment_added", issue_id=issue["id"], comment_id=str(row["id"]))
    return row


@ISSUE_PART_ROUTES.answer("PUT", "issue/{issue}/comment/{comment}")
def answer_edit_comment(call: Call) -> object:
    """Change a comment; the history of an issue does not list it."""
    issue = editable_issue(call)
    chosen = "SELECT * FROM comment WHERE issue_id = ? AND id = ?"
    row = call.rows.first(chosen, issue["id"], call.path_values["comment"])
    if row is None:
        raise refuse("Can not find a comment for the given id.", status=404)
    me = call.signed_in().account_id
    permission = f"EDIT_{'OWN' if row['author_id'] == me else 'ALL'}_COMMENTS"
    require_permission(call, issue, permission=permission, to="edit this comment", status=400)
    document, wiki = read_document(call, call.body().get("body"), field="comment")
    changed = call.rows.one(
        "UPDATE comment SET body = ?, body_wiki = ?, update_author_id = ?, updated_at = ?"
        " WHERE id = ? RETURNING *",
        document,
        wiki,
        me,
        call.now.isoformat(),
        row["id"],
    )
    mark_updated(call, issue["id"])
    call.record("comment_edited", issue_id=issue["id"], comment_id=str(row["id"]))
    return view_comment(call, changed)


@ISSUE_PART_ROUTES.answer("GET", "issue/{issue}/worklog")
def answer_worklogs(call: Call) -> object:
    """List the time logged on an issue."""
    _require_time_tracking(call)
    issue = visible_issue(call, call.path_values["issue"])
    bounds = page_bounds(call, usual=MAX_PAGE, largest=MAX_PAGE)
    found, show = parts_of(call, issue, "worklog"), partial(view_worklog, call)
    return named_page(bounds, found, show, name="worklogs")


@ISSUE_PART_ROUTES.answer("POST", "issue/{issue}/worklog", status=201)
def answer_add_worklog(call: Call) -> object:
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
    row = call.rows.add(
        "worklog",
        issue_id=issue["id"],
        author_id=call.signed_in().account_id,
        comment=comment,
        comment_wiki=wiki,
        started_at=_started_at(call, body.get("started")),
        spent_seconds=seconds,
        created_at=call.now.isoformat(),
    )
    spent = Change(field="timespent", field_id="timespent", after=str(seconds))
    write_history(call, issue_id=issue["id"], changes=[spent])
    call.record("worklog_added", issue_id=issue["id"], worklog_id=str(row["id"]))
    return view_worklog(call, row)


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
    if type(seconds) is int and 0 < seconds <= MAX_SPENT_SECONDS:
        return seconds
    raise refuse("Worklog must not be null.")


def _started_at(call: Call, value: object) -> str:
    if value is None:
        return call.now.isoformat()
    try:
        at = datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S.%f%z")
        return at.astimezone(UTC).isoformat()
    except (ValueError, OverflowError) as error:
        raise refuse(f"Unparseable date: {value}.") from error


def write_property(call: Call, *, issue_id: int, key: object, value: object) -> bool:
    """Set a property; return whether it is new."""
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY_LETTERS:
        raise refuse(f"The property key has to be 1 to {MAX_KEY_LETTERS} characters long.")
    text = compact_json(value)
    if len(text) > MAX_VALUE_LETTERS:
        raise refuse(f"The property value may not exceed {MAX_VALUE_LETTERS} characters.")
    if call.rules.drops_properties:
        return True
    known = call.rows.first(
        "SELECT 1 FROM issue_property WHERE issue_id = ? AND key = ?", issue_id, key
    )
    call.rows.execute(
        "INSERT INTO issue_property (issue_id, key, value) VALUES (?, ?, ?)"
        " ON CONFLICT (issue_id, key) DO UPDATE SET value = excluded.value",
        (issue_id, key, text),
    )
    call.record("property_set", issue_id=issue_id, key=key, value=value)
    return known is None


@ISSUE_PART_ROUTES.answer("GET", "issue/{issue}/properties")
def answer_property_keys(call: Call) -> object:
    """List the keys of an issue's properties."""
    issue = visible_issue(call, call.path_values["issue"])
    found = call.rows.execute(
        "SELECT key FROM issue_property WHERE issue_id = ? ORDER BY key", (issue["id"],)
    )
    address = call.url(f"issue/{issue['id']}/properties")
    keys = [{"self": f"{address}/{quote(row['key'], safe='')}", "key": row["key"]} for row in found]
    return {"keys": keys}


@ISSUE_PART_ROUTES.answer("GET", "issue/{issue}/properties/{key}")
def answer_property(call: Call) -> object:
    """Show one property."""
    issue = visible_issue(call, call.path_values["issue"])
    key = call.path_values["key"]
    found = call.rows.first(
        "SELECT value FROM issue_property WHERE issue_id = ? AND key = ?", issue["id"], key
    )
    if found is None:
        raise refuse(f"The property {key} does not exist.", status=404)
    return {"key": key, "value": json.loads(found["value"])}


@ISSUE_PART_ROUTES.answer("PUT", "issue/{issue}/properties/{key}")
def answer_set_property(call: Call) -> object:
    """Set one property: 201 when it is new, else 200."""
    issue = editable_issue(call)
    value = call.json_value()
    is_new = write_property(call, issue_id=issue["id"], key=call.path_values["key"], value=value)
    return answer_json({}, status=201 if is_new else 200)


@ISSUE_PART_ROUTES.answer("POST", "issue/{issue}/attachments")
def answer_add_attachment(call: Call) -> object:
    """Attach files to an issue; sent twice they are there twice."""
    if call.request.headers.get("x-atlassian-token", "").lower() not in {"no-check", "nocheck"}:
        return SandboxResponse(
            status=403,
            headers={"content-type": "text/plain;charset=UTF-8"},
            body=b"XSRF check failed",
        )
    issue = editable_issue(call)
    require_permission(call, issue, permission="CREATE_ATTACHMENTS", to="attach files here")
    files = _accepted_files(call)
    added = [_add_file(call, issue_id=issue["id"], file=file) for file in files]
    return [view_attachment(call, row) for row in added]


def _accepted_files(call: Call) -> list[UploadedFile]:
    rules = call.rules.attachments
    if not rules.is_enabled:
        raise refuse("Attachments are disabled.", status=403)
    files = read_files(call.request)
    if not files:
        raise refuse("No file was sent: the multipart field has to be called 'file'.")
    if len(files) > rules.files_max:
        raise refuse(f"The maximum number of files in a request is {rules.files_max}.", status=413)
    for file in files:
        if len(file.content) > rules.size_limit_bytes:
            raise refuse(
                f"The file '{file.filename}' exceeds the limit of {rules.size_limit_bytes} bytes.",
                status=413,
            )
    return files


@ISSUE_PART_ROUTES.answer("GET", "attachment/meta")
def answer_attachment_settings(call: Call) -> object:
    """Say whether and how large files may be attached."""
    rules = call.rules.attachments
    return {"enabled": rules.is_enabled, "uploadLimit": rules.size_limit_bytes}


@ISSUE_PART_ROUTES.answer("GET", "attachment/content/{attachment}")
def answer_attachment_content(call: Call) -> object:
    """Send the bytes of an attachment, never to be shown as a page."""
    found, _ = _visible_attachment(call)
    return send_file(found)


@ISSUE_PART_ROUTES.answer("DELETE", "attachment/{attachment}")
def answer_delete_attachment(call: Call) -> None:
    """Delete an attachment."""
    call.signed_in()
    found, issue = _visible_attachment(call)
    require_permission(
        call, issue, permission="DELETE_OWN_ATTACHMENTS", to="delete this attachment"
    )
    call.rows.execute("DELETE FROM attachment WHERE id = ?", (found["id"],))
    call.record("attachment_deleted", issue_id=issue["id"], attachment_id=str(found["id"]))
    change = Change(field="Attachment", before=str(found["id"]), before_text=found["filename"])
    write_history(call, issue_id=issue["id"], changes=[change])


def _visible_attachment(call: Call) -> tuple[sqlite3.Row, sqlite3.Row]:
    name = call.path_values["attachment"]
    found = find_attachment(call.rows, name)
    issue = None if found is None else find_issue(call.rows, str(found["issue_id"]))
    if found is None or issue is None or not can_see(call, issue):
        raise refuse(f"The attachment with id '{name}' does not exist", status=404)
    return found, issue


def find_attachment(rows: Rows, name: str) -> sqlite3.Row | None:
    return rows.first("SELECT * FROM attachment WHERE id = ?", read_id(name))


def send_file(row: sqlite3.Row) -> SandboxResponse:
    """Send an attachment's bytes as a download."""
    return SandboxResponse(
        status=200,
        headers={
            "content-type": row["mime_type"],
            "content-disposition": f"attachment; filename*=UTF-8''{quote(row['filename'])}",
            "x-content-type-options": "nosniff",
        },
        body=row["content"],
    )


def _add_file(call: Call, *, issue_id: int, file: UploadedFile) -> sqlite3.Row:
    written = {"filename": file.filename, "size_bytes": len(file.content)}
    row = call.rows.add(
        "attachment",
        issue_id=issue_id,
        **written,
        mime_type=file.mime_type,
        content=file.content,
        author_id=call.signed_in().account_id,
        created_at=call.now.isoformat(),
    )
    call.record("attachment_added", issue_id=issue_id, attachment_id=str(row["id"]), **written)
    change = Change(field="Attachment", after=str(row["id"]), after_text=file.filename)
    write_history(call, issue_id=issue_id, changes=[change])
    return row


@ISSUE_PART_ROUTES.answer("POST", "issueLink", status=201)
def answer_create_link(call: Call) -> None:
    """Link two issues: 201 with an empty body, also when they are linked that way already."""
    call.signed_in()
    require_linking(call)
    body = call.body()
    kind = _link_type(call, body.get("type"))
    inward = _link_end(call, body.get("inwardIssue"))
    outward = _link_end(call, body.get("outwardIssue"))
    require_permission(
        call, outward, permission="LINK_ISSUES", to="link issues in this project", status=404
    )
    if inward["id"] == outward["id"]:
        raise refuse("You cannot link an issue to itself.")
    added = call.rows.execute(
        "INSERT INTO issue_link (type_id, inward_issue_id, outward_issue_id) VALUES (?, ?, ?)"
        " ON CONFLICT (type_id, inward_issue_id, outward_issue_id) DO NOTHING",
        (kind.id, inward["id"], outward["id"]),
    )
    if added.rowcount:
        _note_link(call, kind, inward, outward, is_added=True)
    comment = body.get("comment")
    if comment is not None:  # also when the link was there already
        add_comment(call, outward, comment.get("body") if is_object(comment) else None)


@ISSUE_PART_ROUTES.answer("DELETE", "issueLink/{link}")
def answer_delete_link(call: Call) -> None:
    """Delete a link; the history of both issues shows it."""
    call.signed_in()
    require_linking(call)
    name = call.path_values["link"]
    found = call.rows.first("SELECT * FROM issue_link WHERE id = ?", read_id(name))
    if found is None:
        raise refuse(f"No issue link with id '{name}' exists.", status=404)
    inward = visible_issue(call, str(found["inward_issue_id"]))
    outward = visible_issue(call, str(found["outward_issue_id"]))
    require_permission(
        call, outward, permission="LINK_ISSUES", to="link issues in this project", status=404
    )
    call.rows.execute("DELETE FROM issue_link WHERE id = ?", (found["id"],))
    _note_link(call, link_type_of(found["type_id"]), inward, outward, is_added=False)


def require_linking(call: Call) -> None:
    """Go on only where the site links issues."""
    if not call.rules.is_linking_on:
        raise refuse("Issue linking is currently disabled.", status=404)


def _note_link(
    call: Call, kind: LinkType, inward: sqlite3.Row, outward: sqlite3.Row, *, is_added: bool
) -> None:
    """Write into the journal, and into the history of both issues, that a link came or went."""
    call.record(
        "link_created" if is_added else "link_deleted",
        issue_id=inward["id"],
        type=kind.name,
        inward=inward["key"],
        outward=outward["key"],
    )
    for issue, verb, other in ((inward, kind.outward, outward), (outward, kind.inward, inward)):
        key, words = other["key"], f"This issue {verb} {other['key']}"
        change = (
            Change(field="Link", field_id="issuelinks", after=key, after_text=words)
            if is_added
            else Change(field="Link", field_id="issuelinks", before=key, before_text=words)
        )
        write_history(call, issue_id=issue["id"], changes=[change])


def _link_type(call: Call, value: object) -> LinkType:
    kind = find_named(call, value, LINK_TYPES)
    if kind is None:
        wanted = value if is_object(value) else {}
        name = wanted.get("name") or wanted.get("id")
        raise refuse(f"No issue link type with name '{name}' found.", status=404)
    return kind


def _link_end(call: Call, value: object) -> sqlite3.Row:
    wanted = value if is_object(value) else {}
    name = wanted.get("id") or wanted.get("key")
    if not name:
        raise refuse_unknown_issue()
    return visible_issue(call, str(name))
