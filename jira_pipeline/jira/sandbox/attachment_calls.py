"""Calls on files of issues: attaching, deleting, how large they may be.

Belongs here: the answers, as Jira gives them. Does not: reading multipart bodies (`call`), showing a
file (`issue_views`).
"""

import sqlite3
from collections.abc import Sequence

from jira_pipeline.jira.sandbox.call import Call, Routes, find_issue, read_id, refuse
from jira_pipeline.jira.sandbox.issue_fields import change_item, write_history
from jira_pipeline.jira.sandbox.issue_views import view_part
from jira_pipeline.jira.sandbox.sandbox_site import FILES_MAX, UPLOAD_LIMIT_BYTES
from jira_pipeline.jira.sandbox_http import Rows, SandboxResponse

ATTACHMENT_ROUTES = Routes()


@ATTACHMENT_ROUTES.answer("POST", "issue/{issue}/attachments")
def answer_add_attachment(call: Call) -> object:
    """Attach files to an issue; sent twice they are there twice."""
    if call.request.headers.get("x-atlassian-token", "").lower() not in {"no-check", "nocheck"}:
        return SandboxResponse(
            status=403,
            headers={"content-type": "text/plain;charset=UTF-8"},
            body=b"XSRF check failed",
        )
    issue = call.editable_issue("CREATE_ATTACHMENTS", "attach files here")
    files = call.files()
    if not files:
        raise refuse("No file was sent: the multipart field has to be called 'file'.")
    require_limits(files, files_max=FILES_MAX, bytes_max=UPLOAD_LIMIT_BYTES)
    return [_added_file(call, issue["id"], *file) for file in files]


def require_limits(
    files: Sequence[tuple[str, str, bytes]], *, files_max: int, bytes_max: int
) -> None:
    """Go on only with files that are few and small enough."""
    if len(files) > files_max:
        raise refuse(f"The maximum number of files in a request is {files_max}.", status=413)
    for filename, _, content in files:
        if len(content) > bytes_max:
            text = f"The file '{filename}' exceeds the limit of {bytes_max} bytes."
            raise refuse(text, status=413)


def _added_file(
    call: Call, issue_id: int, filename: str, mime_type: str, content: bytes
) -> dict[str, object]:
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
    write_history(call, issue_id, [change_item("Attachment", after=(str(row["id"]), filename))])
    return view_part(call, "attachment", row)


@ATTACHMENT_ROUTES.answer("GET", "attachment/meta", is_open=True)
def answer_attachment_settings(_call: Call) -> object:
    """Say whether and how large files may be attached."""
    return {"enabled": True, "uploadLimit": UPLOAD_LIMIT_BYTES}


@ATTACHMENT_ROUTES.answer("DELETE", "attachment/{attachment}")
def answer_delete_attachment(call: Call) -> None:
    """Delete an attachment."""
    name = call.path["attachment"]
    row = find_attachment(call.rows, name)
    issue = None if row is None else find_issue(call.rows, str(row["issue_id"]))
    if row is None or issue is None or not call.can_see(issue):
        raise refuse(f"The attachment with id '{name}' does not exist", status=404)
    call.require("DELETE_OWN_ATTACHMENTS", issue, "delete this attachment")
    call.rows.execute("DELETE FROM attachment WHERE id = ?", (row["id"],))
    call.record("attachment_deleted", issue_id=issue["id"], attachment_id=str(row["id"]))
    change = change_item("Attachment", before=(str(row["id"]), row["filename"]))
    write_history(call, issue["id"], [change])


def find_attachment(rows: Rows, name: str) -> sqlite3.Row | None:
    return rows.first("SELECT * FROM attachment WHERE id = ?", read_id(name))
