"""Calls of the agile API: boards, sprints, and moving issues into them.

Not here: boards and sprints in the tables (`agile_rows`), the sprint field (`field_readers`).
Source: Atlassian, agile API 1.0, 2025. Error texts are those clients recorded, where there are any.
"""

import sqlite3

from jira_pipeline.jira.sandbox.access import require_permission, visible_issue
from jira_pipeline.jira.sandbox.agile_rows import (
    OPEN_STATES,
    STATE_ORDER,
    find_board,
    find_sprint,
    open_sprint_id,
    put_into_sprint,
)
from jira_pipeline.jira.sandbox.issue_history import Change, write_history
from jira_pipeline.jira.sandbox.issue_views import stored_time
from jira_pipeline.jira.sandbox.project_calls import can_browse, find_project
from jira_pipeline.jira.sandbox.request_reading import is_array, refuse, split_names, text_list
from jira_pipeline.jira.sandbox.routing import Call, Routes, page_bounds, value_page
from jira_pipeline.jira.sandbox.site_rules import SPRINT_FIELD

MAX_MOVED = 50
"""Source: Atlassian, "Move issues to sprint": at most 50 issues in one operation."""
STATES = ("future", "active", "closed")
NO_BOARD = (
    "The requested board cannot be viewed because it either does not exist or you do not have"
    " permission to view it."
)
NO_SPRINTS = "The board does not support sprints"
NO_SPRINT = "Sprint does not exist or you do not have permission to view it."
CLOSED = "Issue can be assigned only active or future sprints."

AGILE_ROUTES = Routes()


@AGILE_ROUTES.answer("GET", "board")
def answer_boards(call: Call) -> object:
    """List the boards one may see, of a project, type or name if asked."""
    call.signed_in()
    wanted = call.query("projectKeyOrId")
    project = find_project(call, wanted) if wanted else None
    part, kind = (call.query("name") or "").casefold(), call.query("type")
    ids = [row["id"] for row in call.rows.every("SELECT id FROM board ORDER BY id")]
    boards = [find_board(call.rows, str(board_id)) for board_id in ids]
    chosen = [
        board
        for board in boards
        if board is not None
        and _is_visible(call, board)
        and (project is None or board["project_id"] == project["id"])
        and part in board["name"].casefold()
        and (kind is None or board["type"] in split_names([kind]))
    ]
    return value_page(page_bounds(call), chosen, lambda row: view_board(call, row))


@AGILE_ROUTES.answer("GET", "board/{board}/sprint")
def answer_board_sprints(call: Call) -> object:
    """List the sprints of a scrum board; a kanban board has none and says so."""
    call.signed_in()
    board = find_board(call.rows, call.path_values["board"])
    if board is None or not _is_visible(call, board):
        raise refuse(NO_BOARD, status=404)
    if board["type"] != "scrum":
        raise refuse(NO_SPRINTS)
    states = split_names(call.request.query_values().get("state", [])) or list(STATES)
    unknown = [state for state in states if state not in STATES]
    if unknown:
        raise refuse(f"The state '{unknown[0]}' is not one of future, active, closed.")
    query = f"SELECT * FROM sprint WHERE board_id = ? ORDER BY {STATE_ORDER}"  # noqa: S608 - our words
    chosen = [row for row in call.rows.every(query, board["id"]) if row["state"] in states]
    return value_page(page_bounds(call), chosen, lambda row: view_agile_sprint(call, row))


@AGILE_ROUTES.answer("POST", "sprint/{sprint}/issue")
def answer_move_into_sprint(call: Call) -> None:
    """Move up to 50 issues into an open sprint: all of them or none."""
    call.signed_in()
    sprint = find_sprint(call.rows, call.path_values["sprint"])
    board = None if sprint is None else find_board(call.rows, str(sprint["board_id"]))
    if sprint is None or board is None or not _is_visible(call, board):
        raise refuse(NO_SPRINT, status=404)
    if sprint["state"] not in OPEN_STATES:
        raise refuse(CLOSED)
    asked = call.body().get("issues")
    names = text_list(asked, name="issues")
    if not is_array(asked) or not 0 < len(names) <= MAX_MOVED:
        raise refuse(f"'issues' has to hold 1 to {MAX_MOVED} issues.")

    for name in names:
        issue = visible_issue(call, name)
        require_permission(call, issue, permission="SCHEDULE_ISSUES", to="schedule this issue")
        before, after = open_sprint_id(call.rows, issue["id"]), int(sprint["id"])
        if before == after:  # where it is already is no change
            continue
        put_into_sprint(call.rows, issue_id=issue["id"], sprint_id=after)
        old = None if before is None else find_sprint(call.rows, str(before))
        change = Change(
            field=call.rules.name_of("Sprint"),
            field_id=SPRINT_FIELD,
            before=None if before is None else str(before),
            before_text=None if old is None else old["name"],
            after=str(after),
            after_text=sprint["name"],
            is_custom=True,
        )
        write_history(call, issue_id=issue["id"], changes=[change])
        call.record("sprint_set", issue_id=issue["id"], sprint_id=str(after))


def _is_visible(call: Call, board: sqlite3.Row) -> bool:
    query = "SELECT * FROM project WHERE id = ?"
    return can_browse(call, call.rows.one(query, board["project_id"]))


def view_board(call: Call, board: sqlite3.Row) -> dict[str, object]:
    return {
        "id": board["id"],
        "self": call.agile_url(f"board/{board['id']}"),
        "name": board["name"],
        "type": board["type"],
        "location": {
            "projectId": board["project_id"],
            "projectKey": board["project_key"],
            "projectName": board["project_name"],
            "projectTypeKey": "software",
            "displayName": f"{board['project_name']} ({board['project_key']})",
            "name": f"{board['project_name']} ({board['project_key']})",
        },
    }


def view_agile_sprint(call: Call, row: sqlite3.Row) -> dict[str, object]:
    """Show a sprint as the agile API does."""
    times = {"startDate": "start_at", "endDate": "end_at", "completeDate": "complete_at"}
    return {
        "id": row["id"],
        "self": call.agile_url(f"sprint/{row['id']}"),
        "state": row["state"],
        "name": row["name"],
        **{name: stored_time(row[column]) for name, column in times.items() if row[column]},
        "originBoardId": row["board_id"],
        "goal": row["goal"],
    }
