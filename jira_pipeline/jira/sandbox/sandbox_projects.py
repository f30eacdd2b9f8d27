"""Projects of the sandbox, with their boards and sprints.

Belongs here: making them, and the next key of an issue. Does not: what is on the site before the
first project (`sandbox_site`), answering for them (`site_calls`).
"""

import re

from jira_pipeline.jira.sandbox_http import Rows
from jira_pipeline.model.errors import RefusedError

PROJECT_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,9}")
"""Source: Atlassian, "Changing the project key format" (default pattern, at most 10 letters)."""


def create_project(rows: Rows, *, key: str, name: str | None) -> int:
    """Create a project unless its key is taken; return its id either way."""
    if not PROJECT_KEY.fullmatch(key):
        raise RefusedError(
            f"Project key {key!r}: keys start with a capital letter, followed by one to nine"
            " capital letters, digits or underscores.",
            status_code=400,
        )
    row = rows.first("SELECT id FROM project WHERE key = ?", key)
    if row is not None:
        return int(row["id"])
    project_id = int(rows.add("project", key=key, name=name or key)["id"])
    add_first_board(rows, project_id=project_id, key=key)
    return project_id


def next_key(rows: Rows, project_id: int) -> tuple[int, str]:
    """Take the next number of a project; return it and the key of the issue that gets it."""
    chosen = "UPDATE project SET last_number = last_number + 1 WHERE id = ? RETURNING *"
    project = rows.one(chosen, project_id)
    return project["last_number"], f"{project['key']}-{project['last_number']}"


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
