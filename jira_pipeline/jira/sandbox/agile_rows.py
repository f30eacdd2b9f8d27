"""Boards and sprints in the tables.

Belongs here: finding them, which sprint an issue is in, moving it. Does not: the calls
(`agile_calls`), the field (`field_readers`).
"""

import sqlite3

from jira_pipeline.jira.sandbox.request_reading import read_id
from jira_pipeline.jira.sandbox_http.sqlite_rows import Rows

OPEN_STATES = ("active", "future")
STATE_ORDER = "CASE state WHEN 'closed' THEN 0 WHEN 'active' THEN 1 ELSE 2 END, id"
"""Source: Atlassian, "Get all sprints": closed, active, future, then by position."""


def add_board(rows: Rows, *, project_id: int, name: str, kind: str) -> int:
    """Add a board to a project; return its id."""
    return int(rows.add("board", project_id=project_id, name=name, type=kind)["id"])


def add_sprint(
    rows: Rows, *, board_id: int, name: str, state: str = "future", goal: str = ""
) -> int:
    """Add a sprint to a board; return its id."""
    return int(rows.add("sprint", board_id=board_id, name=name, state=state, goal=goal)["id"])


def add_first_board(rows: Rows, *, project_id: int, key: str) -> None:
    """Give a new project what Jira gives it: a scrum board; here also an active and a next sprint."""
    board_id = add_board(rows, project_id=project_id, name=f"{key} board", kind="scrum")
    add_sprint(rows, board_id=board_id, name=f"{key} Sprint 1", state="active")
    add_sprint(rows, board_id=board_id, name=f"{key} Sprint 2")


def find_board(rows: Rows, name: str) -> sqlite3.Row | None:
    query = (
        "SELECT board.*, project.key AS project_key, project.name AS project_name FROM board"
        " JOIN project ON project.id = board.project_id WHERE board.id = ?"
    )
    return rows.first(query, read_id(name))


def find_sprint(rows: Rows, name: str) -> sqlite3.Row | None:
    return rows.first("SELECT * FROM sprint WHERE id = ?", read_id(name))


def sprints_of(rows: Rows, issue_id: int) -> list[sqlite3.Row]:
    """Return the sprints an issue is or was in, closed ones first."""
    return rows.every(
        "SELECT sprint.* FROM issue_sprint JOIN sprint ON sprint.id = issue_sprint.sprint_id"  # noqa: S608 - our own words
        f" WHERE issue_sprint.issue_id = ? ORDER BY {STATE_ORDER}",
        issue_id,
    )


def open_sprint_id(rows: Rows, issue_id: int) -> int | None:
    """Return the active or future sprint an issue is in, None for the backlog."""
    for sprint in sprints_of(rows, issue_id):
        if sprint["state"] in OPEN_STATES:
            return int(sprint["id"])
    return None


def put_into_sprint(rows: Rows, *, issue_id: int, sprint_id: int | None) -> None:
    """Move an issue into an open sprint, or with None into the backlog; closed ones stay."""
    rows.execute(
        "DELETE FROM issue_sprint WHERE issue_id = ? AND sprint_id IN"
        " (SELECT id FROM sprint WHERE state IN ('active', 'future'))",
        (issue_id,),
    )
    if sprint_id is not None:
        rows.add("issue_sprint", issue_id=issue_id, sprint_id=sprint_id)
