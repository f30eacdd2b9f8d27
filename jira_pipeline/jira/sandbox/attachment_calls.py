"""Calls on attachments: add, describe, download, delete.

Not here: reading the multipart body (`request_reading`).
"""

import sqlite3
from urllib.parse import quote

from jira_pipeline.jira.sandbox.access import (
    can_see,
    editable_issue,
    find_issue,
    require_permission,
)
from jira_pipeline.jira.sandbox.issue_history import Change, write_history
from jira_pipeline.jira.sandbox.issue_views import view_attachment
from jira_pipeline.jira.sandbox.request_reading import (
    UploadedFile,
    answer_empty,
    read_files,
    read_id,
    refuse,
)
from jira_pipeline.jira.sandbox.routing import Call, Routes
from jira_pipeline.jira.sandbox_http.requests import SandboxResponse, answer_json

ATTACHMENT_ROUTES = Routes()


@ATTACHMENT_ROUTES.answer("POST", "issue/{issue}/attachments")
def answer_add(call: Call) -> SandboxResponse:
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
    return answer_json([view_attachment(call, row) for row in added])


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


@ATTACHMENT_ROUTES.answer("GET", "attachment/meta")
def answer_settings(call: Call) -> SandboxResponse:
    """Say whether and how large files may be attached."""
    rules = call.rules.attachments
    return answer_json({"enabled": rules.is_enabled, "uploadLimit": rules.size_limit_bytes})


@ATTACHMENT_ROUTES.answer("GET", "attachment/content/{attachment}")
def answer_content(call: Call) -> SandboxResponse:
    """Send the bytes of an attachment, never to be shown as a page."""
    found, _ = _visible(call)
    return send_file(found)


@ATTACHMENT_ROUTES.answer("DELETE", "attachment/{attachment}")
def answer_delete(call: Call) -> SandboxResponse:
    """Delete an attachment."""
    call.signed_in()
    found, issue = _visible(call)
    require_permission(
        call, issue, permission="DELETE_OWN_ATTACHMENTS", to="delete this attachment"
    )
    call.rows.execute("DELETE FROM attachment WHERE id = ?", (found["id"],))
    call.record("attachment_deleted", issue_id=issue["id"], attachment_id=str(found["id"]))
    change = Change(field="Attachment", before=str(found["id"]), before_text=found["filename"])
    write_history(call, issue_id=issue["id"], changes=[change])
    return answer_empty()


def _visible(call: Call) -> tuple[sqlite3.Row, sqlite3.Row]:
    """Return the attachment that a call names, and its issue.

    Raises:
        RefusedError: There is none, or whoever asks may not see the issue.
    """
    name = call.path_values["attachment"]
    found = find_attachment(call.rows, name)
    issue = None if found is None else find_issue(call.rows, str(found["issue_id"]))
    if found is None or issue is None or not can_see(call, issue):
        raise refuse(f"The attachment with id '{name}' does not exist", status=404)
    return found, issue


def find_attachment(rows: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    """Return the attachment with an id, or None."""
    query = "SELECT * FROM attachment WHERE id = ?"
    found: sqlite3.Row | None = rows.execute(query, (read_id(name),)).fetchone()
    return found


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
    row: sqlite3.Row = call.rows.execute(
        "INSERT INTO attachment"
        " (issue_id, filename, mime_type, size_bytes, content, author_id, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
        (
            issue_id,
            file.filename,
            file.mime_type,
            len(file.content),
            file.content,
            call.signed_in().account_id,
            call.now.isoformat(),
        ),
    ).fetchone()
    call.record(
        "attachment_added",
        issue_id=issue_id,
        attachment_id=str(row["id"]),
        filename=file.filename,
        size_bytes=len(file.content),
    )
    change = Change(field="Attachment", after=str(row["id"]), after_text=file.filename)
    write_history(call, issue_id=issue_id, changes=[change])
    return row
