"""Calls on comments: add and list.

Not here: showing them inside an issue (`issue_views`).
"""

import sqlite3

from jira_pipeline.jira_sandbox.access import require_permission
from jira_pipeline.jira_sandbox.exchange import SandboxResponse, answer_json, refuse_fields
from jira_pipeline.jira_sandbox.field_readers import read_document
from jira_pipeline.jira_sandbox.history import touch
from jira_pipeline.jira_sandbox.issue_rows import editable_issue, visible_issue
from jira_pipeline.jira_sandbox.paging import named_page, page_bounds
from jira_pipeline.jira_sandbox.routing import Call, route
from jira_pipeline.jira_sandbox.value_views import view_comment

MAX_PAGE = 5_000


def answer_list(call: Call) -> SandboxResponse:
    """List the comments of an issue."""
    issue = visible_issue(call, call.path_values["issue"])
    found = call.rows.execute(
        "SELECT * FROM comment WHERE issue_id = ? ORDER BY id", (issue["id"],)
    ).fetchall()
    bounds = page_bounds(call, largest=MAX_PAGE)
    return answer_json(
        named_page(bounds, found, lambda row: view_comment(call, row), name="comments")
    )


def answer_add(call: Call) -> SandboxResponse:
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
    touch(call, issue["id"])
    call.record("comment_added", issue_id=issue["id"], comment_id=str(row["id"]))
    return row


COMMENT_ROUTES = (
    route("GET", "issue/{issue}/comment", answer_list),
    route("POST", "issue/{issue}/comment", answer_add),
)
