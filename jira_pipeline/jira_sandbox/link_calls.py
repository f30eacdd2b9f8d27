"""Calls on links between issues.

The direction is Jira's: `inwardIssue` is the blocker, `outwardIssue` the blocked one. "T depends on
D" is inwardIssue D, outwardIssue T. Not here: how an issue shows its links (`issue_views`).
"""

import sqlite3

from jira_pipeline.jira_sandbox.exchange import (
    SandboxResponse,
    answer_empty,
    answer_json,
    is_object,
    read_id,
    refuse,
    refuse_unknown_issue,
)
from jira_pipeline.jira_sandbox.issue_rows import find_issue
from jira_pipeline.jira_sandbox.issue_views import view_link
from jira_pipeline.jira_sandbox.routing import Call, route
from jira_pipeline.jira_sandbox.site import LINK_TYPES, LinkType


def answer_create(call: Call) -> SandboxResponse:
    """Link two issues: 201 with an empty body, also when they are linked that way already."""
    call.signed_in()
    body = call.body()
    kind = _link_type(body.get("type"))
    inward, outward = _end(call, body.get("inwardIssue")), _end(call, body.get("outwardIssue"))
    if inward["id"] == outward["id"]:
        raise refuse("You cannot link an issue to itself.")
    added = call.rows.execute(
        "INSERT INTO issue_link (type_id, inward_issue_id, outward_issue_id) VALUES (?, ?, ?)"
        " ON CONFLICT (type_id, inward_issue_id, outward_issue_id) DO NOTHING",
        (kind.id, inward["id"], outward["id"]),
    )
    if added.rowcount:
        call.record(
            "link_created",
            issue_id=inward["id"],
            type=kind.name,
            inward=inward["key"],
            outward=outward["key"],
        )
    return answer_empty(status=201)


def answer_read(call: Call) -> SandboxResponse:
    """Show one link with both ends."""
    return answer_json(view_link(call, _link(call)))


def answer_delete(call: Call) -> SandboxResponse:
    """Remove one link."""
    call.signed_in()
    link = _link(call)
    call.rows.execute("DELETE FROM issue_link WHERE id = ?", (link["id"],))
    call.record("link_deleted", issue_id=link["inward_issue_id"], link_id=str(link["id"]))
    return answer_empty()


def _link_type(value: object) -> LinkType:
    wanted = value if is_object(value) else {}
    for kind in LINK_TYPES:
        if (
            wanted.get("id") == kind.id
            or str(wanted.get("name")).casefold() == kind.name.casefold()
        ):
            return kind
    name = wanted.get("name") or wanted.get("id")
    raise refuse(f"No issue link type with name '{name}' found.", status=404)


def _end(call: Call, value: object) -> sqlite3.Row:
    wanted = value if is_object(value) else {}
    name = wanted.get("id") or wanted.get("key")
    found = find_issue(call.rows, str(name)) if name else None
    if found is None:
        raise refuse_unknown_issue()
    return found


def _link(call: Call) -> sqlite3.Row:
    name = call.path_values["link"]
    link_id = read_id(name)
    found: sqlite3.Row | None = None
    if call.user and link_id is not None:
        query = "SELECT * FROM issue_link WHERE id = ?"
        found = call.rows.execute(query, (link_id,)).fetchone()
    if found is None:
        raise refuse(f"No issue link with id '{name}' exists.", status=404)
    return found


LINK_ROUTES = (
    route("POST", "issueLink", answer_create),
    route("GET", "issueLink/{link}", answer_read),
    route("DELETE", "issueLink/{link}", answer_delete),
)
