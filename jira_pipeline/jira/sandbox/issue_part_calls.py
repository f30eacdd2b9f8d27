"""Calls on what hangs on an issue: comments, worklogs, changes, properties, attachments, links.

Belongs here: adding, listing and deleting them, one by one or, of properties, together with their
issue. Does not: showing them (`issue_views`), reading the multipart body (`call`).

The direction of a link is Jira's: `inwardIssue` is the blocker, `outwardIssue` the blocked one. "T
depends on D" is inwardIssue D, outwardIssue T.
"""

import sqlite3
from functools import partial
from urllib.parse import quote

from jira_pipeline.jira.sandbox.call import (
    Call,
    Routes,
    find_issue,
    read_choice,
    read_id,
    refuse,
    refuse_fields,
)
from jira_pipeline.jira.sandbox.issue_fields import (
    change_item,
    find_named,
    mark_updated,
    read_document,
    write_history,
)
from jira_pipeline.jira.sandbox.issue_views import parts_of, view_part
from jira_pipeline.jira.sandbox.sandbox_site import LINK_TYPES, LinkType, kind_of
from jira_pipeline.jira.sandbox.site_calls import require_linking
from jira_pipeline.jira.sandbox_http.requests import SandboxResponse, answer_json, compact_json
from jira_pipeline.jira.sandbox_http.sqlite_rows import Rows

LISTED = {
    "comment": ("comment", "comments", 50, 5_000),
    "worklog": ("worklog", "worklogs", 5_000, 5_000),
    "changelog": ("change_history", "values", 100, 100),
}
"""What is listed: its table, what its page calls it, the usual and the largest page.

Source: Atlassian, "Get changelogs": the default and largest page.
"""

MAX_SPENT_SECONDS = 10**9
MAX_KEY_LETTERS = 255
MAX_VALUE_LETTERS = 32_768
"""Source: Atlassian, "Set issue property": a valid, non-empty JSON blob of at most 32768."""

ISSUE_PART_ROUTES = Routes()


@ISSUE_PART_ROUTES.answer("GET", "issue/{issue}/comment")
@ISSUE_PART_ROUTES.answer("GET", "issue/{issue}/worklog")
@ISSUE_PART_ROUTES.answer("GET", "issue/{issue}/changelog")
def answer_parts(call: Call) -> object:
    """List the comments, the worklogs or the changes of an issue, oldest first."""
    name = call.request.path.rstrip("/").rpartition("/")[2]
    if name == "worklog":
        _require_time_tracking(call)
    table, title, usual, largest = LISTED[name]
    issue_id, show = call.issue()["id"], partial(view_part, call, table)
    found = parts_of(call.rows, issue_id, table)
    page = call.page(found, show, name=title, usual=usual, largest=largest)
    return {"self": call.url(f"issue/{issue_id}/{name}"), **page}


@ISSUE_PART_ROUTES.answer("POST", "issue/{issue}/comment", status=201)
def answer_add_comment(call: Call) -> object:
    """Write a comment; sent twice it is there twice."""
    issue, value = call.editable_issue(), call.body().get("body")
    call.require("ADD_COMMENTS", issue, "comment on this issue", status=400)
    if value is None:
        raise refuse_fields({"comment": "Comment body can not be empty!"})
    at, document = call.now.isoformat(), read_document(call, value, field="comment")
    written = {"body": document, "author_id": call.signed_in().account_id}
    row = call.rows.add("comment", issue_id=issue["id"], **written, created_at=at, updated_at=at)
    mark_updated(call, issue["id"])
    call.record("comment_added", issue_id=issue["id"], comment_id=str(row["id"]))
    return view_part(call, "comment", row)


@ISSUE_PART_ROUTES.answer("PUT", "issue/{issue}/comment/{comment}")
def answer_edit_comment(call: Call) -> object:
    """Change a comment; the history of an issue does not list it."""
    issue = call.editable_issue()
    chosen = "SELECT * FROM comment WHERE issue_id = ? AND id = ?"
    row = call.rows.first(chosen, issue["id"], read_id(call.path["comment"]))
    if row is None:
        raise refuse("Can not find a comment for the given id.", status=404)
    me = call.signed_in().account_id
    permission = f"EDIT_{'OWN' if row['author_id'] == me else 'ALL'}_COMMENTS"
    call.require(permission, issue, "edit this comment", status=400)
    document = read_document(call, call.body().get("body"), field="comment")
    values = {"body": document, "update_author_id": me, "updated_at": call.now.isoformat()}
    call.rows.change("comment", row["id"], values)
    mark_updated(call, issue["id"])
    call.record("comment_edited", issue_id=issue["id"], comment_id=str(row["id"]))
    return view_part(call, "comment", call.rows.one(chosen, issue["id"], row["id"]))


@ISSUE_PART_ROUTES.answer("POST", "issue/{issue}/worklog", status=201)
def answer_add_worklog(call: Call) -> object:
    """Log time on an issue."""
    _require_time_tracking(call)
    issue = call.editable_issue()
    call.require("WORK_ON_ISSUES", issue, "log work on this issue", status=400)
    seconds = call.body().get("timeSpentSeconds")
    if type(seconds) is not int or not 0 < seconds <= MAX_SPENT_SECONDS:
        raise refuse("Worklog must not be null.")
    at = call.now.isoformat()
    row = call.rows.add(
        "worklog",
        issue_id=issue["id"],
        author_id=call.signed_in().account_id,
        started_at=at,
        spent_seconds=seconds,
        created_at=at,
    )
    write_history(call, issue["id"], [change_item("timespent", after=(str(seconds), None))])
    call.record("worklog_added", issue_id=issue["id"], worklog_id=str(row["id"]))
    return view_part(call, "worklog", row)


def _require_time_tracking(call: Call) -> None:
    """Refuse with 404 where nobody logs time, as for an issue that is not there.

    Source: Atlassian, "Get issue worklogs", platform v3, December 2025.
    """
    if not call.rules.is_time_tracking_on:
        raise refuse("Time tracking is currently disabled.", status=404)


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


@ISSUE_PART_ROUTES.answer("PUT", "issue/{issue}/properties/{key}")
def answer_set_property(call: Call) -> object:
    """Set one property: 201 when it is new, else 200."""
    issue = call.editable_issue()
    value = call.json_value()
    is_new = write_property(call, issue_id=issue["id"], key=call.path["key"], value=value)
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
    issue = call.editable_issue()
    call.require("CREATE_ATTACHMENTS", issue, "attach files here")
    added = [_add_file(call, issue["id"], *file) for file in _accepted_files(call)]
    return [view_part(call, "attachment", row) for row in added]


def _accepted_files(call: Call) -> list[tuple[str, str, bytes]]:
    rules = call.rules.attachments
    if not rules.is_enabled:
        raise refuse("Attachments are disabled.", status=403)
    files = call.files()
    if not files:
        raise refuse("No file was sent: the multipart field has to be called 'file'.")
    if len(files) > rules.files_max:
        raise refuse(f"The maximum number of files in a request is {rules.files_max}.", status=413)
    for filename, _, content in files:
        if len(content) > rules.size_limit_bytes:
            text = f"The file '{filename}' exceeds the limit of {rules.size_limit_bytes} bytes."
            raise refuse(text, status=413)
    return files


@ISSUE_PART_ROUTES.answer("GET", "attachment/meta")
def answer_attachment_settings(call: Call) -> object:
    """Say whether and how large files may be attached."""
    rules = call.rules.attachments
    return {"enabled": rules.is_enabled, "uploadLimit": rules.size_limit_bytes}


@ISSUE_PART_ROUTES.answer("DELETE", "attachment/{attachment}")
def answer_delete_attachment(call: Call) -> None:
    """Delete an attachment."""
    call.signed_in()
    row, issue = _visible_attachment(call)
    call.require("DELETE_OWN_ATTACHMENTS", issue, "delete this attachment")
    call.rows.execute("DELETE FROM attachment WHERE id = ?", (row["id"],))
    call.record("attachment_deleted", issue_id=issue["id"], attachment_id=str(row["id"]))
    item = change_item("Attachment", before=(str(row["id"]), row["filename"]))
    write_history(call, issue["id"], [item])


def _visible_attachment(call: Call) -> tuple[sqlite3.Row, sqlite3.Row]:
    name = call.path["attachment"]
    row = find_attachment(call.rows, name)
    issue = None if row is None else find_issue(call.rows, str(row["issue_id"]))
    if row is None or issue is None or not call.can_see(issue):
        raise refuse(f"The attachment with id '{name}' does not exist", status=404)
    return row, issue


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


def _add_file(
    call: Call, issue_id: int, filename: str, mime_type: str, content: bytes
) -> sqlite3.Row:
    written = {"filename": filename, "size_bytes": len(content)}
    row = call.rows.add(
        "attachment",
        issue_id=issue_id,
        **written,
        mime_type=mime_type,
        content=content,
        author_id=call.signed_in().account_id,
        created_at=call.now.isoformat(),
    )
    call.record("attachment_added", issue_id=issue_id, attachment_id=str(row["id"]), **written)
    item = change_item("Attachment", after=(str(row["id"]), filename))
    write_history(call, issue_id, [item])
    return row


@ISSUE_PART_ROUTES.answer("POST", "issueLink", status=201)
def answer_create_link(call: Call) -> None:
    """Link two issues: 201 with an empty body, also when they are linked that way already."""
    require_linking(call)
    body = call.body()
    kind = find_named(call, body.get("type"), LINK_TYPES)
    if kind is None:
        name = read_choice(body.get("type"), "name", "id")
        raise refuse(f"No issue link type with name '{name}' found.", status=404)
    ends = [
        call.issue(read_choice(body.get(name), "id", "key") or "")
        for name in ("inwardIssue", "outwardIssue")
    ]
    inward, outward = ends
    call.require("LINK_ISSUES", outward, "link issues in this project", status=404)
    if inward["id"] == outward["id"]:
        raise refuse("You cannot link an issue to itself.")
    added = call.rows.execute(
        "INSERT INTO issue_link (type_id, inward_issue_id, outward_issue_id) VALUES (?, ?, ?)"
        " ON CONFLICT (type_id, inward_issue_id, outward_issue_id) DO NOTHING",
        (kind.id, inward["id"], outward["id"]),
    )
    if added.rowcount:
        _note_link(call, kind, inward, outward, is_added=True)


@ISSUE_PART_ROUTES.answer("DELETE", "issueLink/{link}")
def answer_delete_link(call: Call) -> None:
    """Delete a link; the history of both issues shows it."""
    require_linking(call)
    name = call.path["link"]
    link = call.rows.first("SELECT * FROM issue_link WHERE id = ?", read_id(name))
    if link is None:
        raise refuse(f"No issue link with id '{name}' exists.", status=404)
    inward, outward = (call.issue(str(link[f"{end}_issue_id"])) for end in ("inward", "outward"))
    call.require("LINK_ISSUES", outward, "link issues in this project", status=404)
    call.rows.execute("DELETE FROM issue_link WHERE id = ?", (link["id"],))
    _note_link(call, kind_of(LINK_TYPES, link["type_id"]), inward, outward, is_added=False)


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
        side = other["key"], f"This issue {verb} {other['key']}"
        sides = ((None, None), side) if is_added else (side, (None, None))
        write_history(call, issue["id"], [change_item("Link", *sides, field_id="issuelinks")])
