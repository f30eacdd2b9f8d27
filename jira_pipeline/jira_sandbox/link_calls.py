"""Calls on links between issues.

The direction is Jira's: `inwardIssue` is the blocker, `outwardIssue` the blocked one. "T depends on
D" is inwardIssue D, outwardIssue T. Not here: how an issue shows its links (`issue_views`).
"""

import sqlite3

from jira_pipeline.jira_sandbox.access import can_see, require_permission
from jira_pipeline.jira_sandbox.comment_calls import add_comment
from jira_pipeline.jira_sandbox.exchange import (
    SandboxResponse,
    answer_empty,
    answer_json,
    is_object,
    read_id,
    refuse,
    refuse_unknown_issue,
)
from jira_pipeline.jira_sandbox.history import Change, write_history
from jira_pipeline.jira_sandbox.issue_rows import visible_issue
from jira_pipeline.jira_sandbox.issue_views import view_link
from jira_pipeline.jira_sandbox.routing import Call, route
from jira_pipeline.jira_sandbox.site import LINK_TYPES, LinkType, link_type_of


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
        call.record(
            "link_created",
            issue_id=inward["id"],
            type=kind.name,
            inward=inward["key"],
            outward=outward["key"],
        )
        _write_histories(call, kind=kind, inward=inward, outward=outward, is_added=True)
    comment = body.get("comment")
    if comment is not None:  # also when the link was there already
        add_comment(call, outward, comment.get("body") if is_object(comment) else None)
    return answer_empty(status=201)


def answer_read(call: Call) -> SandboxResponse:
    """Show one link with both ends."""
    return answer_json(view_link(call, _link(call)))


def answer_delete(call: Call) -> SandboxResponse:
    """Remove one link."""
    call.signed_in()
    link = _link(call)
    inward, outward = _ends(call, link)
    require_permission(
        call, outward, permission="LINK_ISSUES", to="link issues in this project", status=404
    )
    kind = link_type_of(link["type_id"])
    _write_histories(call, kind=kind, inward=inward, outward=outward, is_added=False)
    call.rows.execute("DELETE FROM issue_link WHERE id = ?", (link["id"],))
    call.record("link_deleted", issue_id=link["inward_issue_id"], link_id=str(link["id"]))
    return answer_empty()


def require_linking(call: Call) -> None:
    """Go on only where the site links issues.

    Raises:
        RefusedError: Issue linking is off.
    """
    if not call.rules.is_linking_on:
        raise refuse("Issue linking is currently disabled.", status=404)


def _write_histories(
    call: Call, *, kind: LinkType, inward: sqlite3.Row, outward: sqlite3.Row, is_added: bool
) -> None:
    """Note the link in the history of both ends."""
    for issue, verb, other in (
        (inward, kind.outward, outward["key"]),
        (outward, kind.inward, inward["key"]),
    ):
        text = f"This issue {verb} {other}"
        change = (
            Change(field="Link", field_id="issuelinks", after=other, after_text=text)
            if is_added
            else Change(field="Link", field_id="issuelinks", before=other, before_text=text)
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


def _link(call: Call) -> sqlite3.Row:
    name = call.path_values["link"]
    link_id = read_id(name)
    found: sqlite3.Row | None = None
    if call.user and link_id is not None:
        query = "SELECT * FROM issue_link WHERE id = ?"
        found = call.rows.execute(query, (link_id,)).fetchone()
    if found is None or not _are_ends_visible(call, found):
        raise refuse(f"No issue link with id '{name}' exists.", status=404)
    return found


def _are_ends_visible(call: Call, link: sqlite3.Row) -> bool:
    return all(can_see(call, end) for end in _ends(call, link))


def _ends(call: Call, link: sqlite3.Row) -> tuple[sqlite3.Row, sqlite3.Row]:
    """Return both issues of a link: the inward one, the outward one."""
    query = "SELECT * FROM issue WHERE id = ?"
    inward = call.rows.execute(query, (link["inward_issue_id"],)).fetchone()
    outward = call.rows.execute(query, (link["outward_issue_id"],)).fetchone()
    return inward, outward


LINK_ROUTES = (
    route("POST", "issueLink", answer_create),
    route("GET", "issueLink/{link}", answer_read),
    route("DELETE", "issueLink/{link}", answer_delete),
)
