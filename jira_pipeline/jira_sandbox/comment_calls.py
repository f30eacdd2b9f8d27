"""Calls on comments: add and list.

Not here: showing them inside an issue (`issue_views`).
"""

from jira_pipeline.jira_sandbox.exchange import SandboxResponse, answer_json, refuse_fields
from jira_pipeline.jira_sandbox.field_readers import read_document
from jira_pipeline.jira_sandbox.issue_rows import editable_issue, visible_issue
from jira_pipeline.jira_sandbox.routing import Call, route
from jira_pipeline.jira_sandbox.value_views import view_comment


def answer_list(call: Call) -> SandboxResponse:
    """List the comments of an issue."""
    issue = visible_issue(call, call.path_values["issue"])
    found = call.rows.execute(
        "SELECT * FROM comment WHERE issue_id = ? ORDER BY id", (issue["id"],)
    ).fetchall()
    start = call.query_number("startAt", default=0)
    limit = min(call.query_number("maxResults", default=50), 5_000)
    return answer_json(
        {
            "startAt": start,
            "maxResults": limit,
            "total": len(found),
            "comments": [view_comment(call, row) for row in found[start : start + limit]],
        }
    )


def answer_add(call: Call) -> SandboxResponse:
    """Add a comment."""
    issue = editable_issue(call)
    value = call.body().get("body")
    if value is None:
        raise refuse_fields({"comment": "Comment body can not be empty!"})
    document, wiki = read_document(call, value, field="comment")
    at = call.now.isoformat()
    row = call.rows.execute(
        "INSERT INTO comment (issue_id, body, body_wiki, author_id, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
        (issue["id"], document, wiki, call.signed_in().account_id, at, at),
    ).fetchone()
    call.record("comment_added", issue_id=issue["id"], comment_id=str(row["id"]))
    return answer_json(view_comment(call, row), status=201)


COMMENT_ROUTES = (
    route("GET", "issue/{issue}/comment", answer_list),
    route("POST", "issue/{issue}/comment", answer_add),
)
