"""Calls on links between issues.

The direction is Jira's: `inwardIssue` is the blocker, `outwardIssue` the blocked one. "T depends on
D" is inwardIssue D, outwardIssue T. Not here: how an issue shows its links (`issue_views`).
"""

import sqlite3

from jira_pipeline.jira.sandbox.access import require_permission, visible_issue
from jira_pipeline.jira.sandbox.issue_history import Change, write_history
from jira_pipeline.jira.sandbox.issue_part_calls import add_comment
from jira_pipeline.jira.sandbox.request_reading import (
    answer_empty,
    is_object,
    read_id,
    refuse,
    refuse_unknown_issue,
)
from jira_pipeline.jira.sandbox.routing import Call, Routes
from jira_pipeline.jira.sandbox.sandbox_site import LINK_TYPES, LinkType, link_type_of
from jira_pipeline.jira.sandbox_http.requests import SandboxResponse

LINK_ROUTES = Routes()


@LINK_ROUTES.answer("POST", "issueLink")
def answer_create(call: Call) -> SandboxResponse:
    """Link two issues: 201 with an empty body, also when they are linked that way already."""
    call.signed_in()
    require_linking(call)
    body = call.body()
    kind = _link_type(call, body.get("type"))
    inward, outward = _end(call, body.get("inwardIssue")), _end(call, body.get("outwardIssue"))
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
        _note(call, kind, inward, outward, is_added=True)
    comment = body.get("comment")
    if comment is not None:  # also when the link was there already
        add_comment(call, outward, comment.get("body") if is_object(comment) else None)
    return answer_empty(status=201)


@LINK_ROUTES.answer("DELETE", "issueLink/{link}")
def answer_delete(call: Call) -> SandboxResponse:
    """Delete a link; the history of both issues shows it."""
    call.signed_in()
    require_linking(call)
    name = call.path_values["link"]
    found = call.rows.execute("SELECT * FROM issue_link WHERE id = ?", (read_id(name),)).fetchone()
    if found is None:
        raise refuse(f"No issue link with id '{name}' exists.", status=404)
    inward = visible_issue(call, str(found["inward_issue_id"]))
    outward = visible_issue(call, str(found["outward_issue_id"]))
    require_permission(
        call, outward, permission="LINK_ISSUES", to="link issues in this project", status=404
    )
    call.rows.execute("DELETE FROM issue_link WHERE id = ?", (found["id"],))
    _note(call, link_type_of(found["type_id"]), inward, outward, is_added=False)
    return answer_empty()


def require_linking(call: Call) -> None:
    """Go on only where the site links issues.

    Raises:
        RefusedError: Issue linking is off.
    """
    if not call.rules.is_linking_on:
        raise refuse("Issue linking is currently disabled.", status=404)


def _note(
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
    wanted = value if is_object(value) else {}
    for kind in LINK_TYPES:
        if (
            wanted.get("id") == kind.id
            or str(wanted.get("name")).casefold() == call.rules.name_of(kind.name).casefold()
        ):
            return kind
    name = wanted.get("name") or wanted.get("id")
    raise refuse(f"No issue link type with name '{name}' found.", status=404)


def _end(call: Call, value: object) -> sqlite3.Row:
    wanted = value if is_object(value) else {}
    name = wanted.get("id") or wanted.get("key")
    if not name:
        raise refuse_unknown_issue()
    return visible_issue(call, str(name))
