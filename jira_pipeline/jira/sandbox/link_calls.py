"""Calls on links between issues: making and deleting one.

Belongs here: the answers, and what the history of both issues shows. Does not: the kinds of links
(`sandbox_site`).

The direction of a link is Jira's: `inwardIssue` is the blocker, `outwardIssue` the blocked one. "T
depends on D" is inwardIssue D, outwardIssue T.
"""

import sqlite3

from jira_pipeline.jira.sandbox.call import Call, Routes, read_choice, read_id, refuse
from jira_pipeline.jira.sandbox.issue_fields import change_item, find_named, write_history
from jira_pipeline.jira.sandbox.sandbox_site import LINK_TYPES, LinkType, kind_of

LINK_ROUTES = Routes()


@LINK_ROUTES.answer("POST", "issueLink", status=201)
def answer_create_link(call: Call) -> None:
    """Link two issues: 201 with an empty body, also when they are linked that way already."""
    body = call.body()
    kind = find_named(call, body.get("type"), LINK_TYPES)
    if kind is None:
        name = read_choice(body.get("type"), "name", "id")
        raise refuse(f"No issue link type with name '{name}' found.", status=404)
    inward, outward = (
        call.issue(read_choice(body.get(name), "id", "key") or "")
        for name in ("inwardIssue", "outwardIssue")
    )
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


@LINK_ROUTES.answer("DELETE", "issueLink/{link}")
def answer_delete_link(call: Call) -> None:
    """Delete a link; the history of both issues shows it."""
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
    _note_end(call, inward, verb=kind.outward, other=outward, is_added=is_added)
    _note_end(call, outward, verb=kind.inward, other=inward, is_added=is_added)


def _note_end(
    call: Call, issue: sqlite3.Row, *, verb: str, other: sqlite3.Row, is_added: bool
) -> None:
    """Write into an issue's history that its link to another came or went."""
    link = (other["key"], f"This issue {verb} {other['key']}")
    if is_added:
        change = change_item("Link", after=link, field_id="issuelinks")
    else:
        change = change_item("Link", before=link, field_id="issuelinks")
    write_history(call, issue["id"], [change])
