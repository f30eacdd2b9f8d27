"""Calls of the agile API: boards, sprints, and which issues are in them.

Not here: boards and sprints in the tables (`agile_rows`), the sprint field (`field_readers`).

Source: Atlassian, agile API 1.0, 2025. Error texts are those clients recorded, where there are any.
"""

import sqlite3

from jira_pipeline.jira_sandbox.access import can_see, has_permission, require_permission
from jira_pipeline.jira_sandbox.agile_rows import (
    OPEN_STATES,
    STATE_ORDER,
    add_sprint,
    find_board,
    find_sprint,
    open_sprint_id,
    put_into_sprint,
)
from jira_pipeline.jira_sandbox.agile_views import (
    view_agile_sprint,
    view_board,
)
from jira_pipeline.jira_sandbox.exchange import (
    SandboxResponse,
    answer_empty,
    answer_json,
    is_array,
    refuse,
    split_names,
    text_list,
)
from jira_pipeline.jira_sandbox.history import Change, write_history
from jira_pipeline.jira_sandbox.issue_rows import visible_issue
from jira_pipeline.jira_sandbox.issue_views import view_issue
from jira_pipeline.jira_sandbox.paging import named_page, page_bounds, value_page
from jira_pipeline.jira_sandbox.project_calls import can_browse, find_project
from jira_pipeline.jira_sandbox.routing import Call, route
from jira_pipeline.jira_sandbox.site_rules import SPRINT_FIELD

MAX_MOVED = 50
"""Source: Atlassian, "Move issues to sprint": at most 50 issues in one operation."""
STATES = ("future", "active", "closed")
NEXT_STATE = {"future": "active", "active": "closed"}
"""Source: Atlassian, "Update sprint": a sprint is started, then completed."""
NO_BOARD = (
    "The requested board cannot be viewed because it either does not exist or you do not have"
    " permission to view it."
)
NO_SPRINTS = "The board does not support sprints"
NO_SPRINT = "Sprint does not exist or you do not have permission to view it."
CLOSED = "Issue can be assigned only active or future sprints."


def answer_boards(call: Call) -> SandboxResponse:
    """List the boards one may see, of a project, type or name if asked."""
    call.signed_in()
    wanted = call.query("projectKeyOrId")
    project = find_project(call, wanted) if wanted else None
    part, kind = (call.query("name") or "").casefold(), call.query("type")
    rows = call.rows.execute("SELECT id FROM board ORDER BY id").fetchall()
    boards = [find_board(call.rows, str(row["id"])) for row in rows]
    chosen = [
        board
        for board in boards
        if board is not None
        and _is_visible(call, board)
        and (project is None or board["project_id"] == project["id"])
        and part in board["name"].casefold()
        and (kind is None or board["type"] in split_names([kind]))
    ]
    return answer_json(value_page(page_bounds(call), chosen, lambda row: view_board(call, row)))


def answer_board(call: Call) -> SandboxResponse:
    """Show one board."""
    return answer_json(view_board(call, _board(call, call.path_values["board"])))


def answer_board_sprints(call: Call) -> SandboxResponse:
    """List the sprints of a scrum board; a kanban board has none and says so."""
    board = _board(call, call.path_values["board"])
    if board["type"] != "scrum":
        raise refuse(NO_SPRINTS)
    states = split_names(call.request.query_values().get("state", [])) or list(STATES)
    unknown = [state for state in states if state not in STATES]
    if unknown:
        raise refuse(f"The state '{unknown[0]}' is not one of future, active, closed.")
    found = call.rows.execute(
        f"SELECT * FROM sprint WHERE board_id = ? ORDER BY {STATE_ORDER}",  # noqa: S608 - our words
        (board["id"],),
    ).fetchall()
    chosen = [row for row in found if row["state"] in states]
    return answer_json(
        value_page(page_bounds(call), chosen, lambda row: view_agile_sprint(call, row))
    )


def answer_sprint(call: Call) -> SandboxResponse:
    """Show one sprint."""
    return answer_json(view_agile_sprint(call, _sprint(call)))


def answer_create_sprint(call: Call) -> SandboxResponse:
    """Plan a sprint on a scrum board."""
    call.signed_in()
    body = call.body()
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise refuse("The sprint name must not be empty.")
    board = _board(call, str(body.get("originBoardId")))
    if board["type"] != "scrum":
        raise refuse(NO_SPRINTS)
    _require_sprint_permission(call, board)
    goal = body.get("goal")
    sprint_id = add_sprint(
        call.rows, board_id=board["id"], name=name, goal=goal if isinstance(goal, str) else ""
    )
    call.record("sprint_created", issue_id=None, sprint_id=str(sprint_id), name=name)
    created = find_sprint(call.rows, str(sprint_id))
    assert created is not None  # noqa: S101 - it was inserted a line above
    return answer_json(view_agile_sprint(call, created), status=201)


def answer_change_sprint(call: Call) -> SandboxResponse:
    """Rename, start or complete a sprint."""
    call.signed_in()
    sprint = _sprint(call)
    board = _board(call, str(sprint["board_id"]))
    _require_sprint_permission(call, board)
    body = call.body()
    name, state = body.get("name", sprint["name"]), body.get("state", sprint["state"])
    if state not in {sprint["state"], NEXT_STATE.get(sprint["state"])}:
        raise refuse(f"A sprint that is {sprint['state']} cannot become '{state}'.")
    if not isinstance(name, str) or not name.strip():
        raise refuse("The sprint name must not be empty.")
    completed_at = call.now.isoformat() if state == "closed" else None
    call.rows.execute(
        "UPDATE sprint SET name = ?, state = ?, complete_at = ? WHERE id = ?",
        (name, state, completed_at, sprint["id"]),
    )
    call.record("sprint_changed", issue_id=None, sprint_id=str(sprint["id"]), state=str(state))
    return answer_json(view_agile_sprint(call, _sprint(call)))


def answer_sprint_issues(call: Call) -> SandboxResponse:
    """List the issues of a sprint one may see."""
    sprint = _sprint(call)
    found = call.rows.execute(
        "SELECT issue.* FROM issue_sprint JOIN issue ON issue.id = issue_sprint.issue_id"
        " WHERE issue_sprint.sprint_id = ? ORDER BY issue.id",
        (sprint["id"],),
    ).fetchall()
    fields = split_names(call.request.query_values().get("fields", [])) or ["*navigable"]
    issues = [row for row in found if can_see(call, row)]
    page = named_page(
        page_bounds(call), issues, lambda row: view_issue(call, row, fields=fields), name="issues"
    )
    return answer_json({"expand": "schema,names", **page})


def answer_move_into_sprint(call: Call) -> SandboxResponse:
    """Move up to 50 issues into an open sprint: all of them or none."""
    call.signed_in()
    sprint = _sprint(call)
    if sprint["state"] not in OPEN_STATES:
        raise refuse(CLOSED)
    _move(call, sprint)
    return answer_empty()


def answer_move_into_backlog(call: Call) -> SandboxResponse:
    """Take up to 50 issues out of their open sprints."""
    call.signed_in()
    _move(call, None)
    return answer_empty()


def _move(call: Call, sprint: sqlite3.Row | None) -> None:
    asked = call.body().get("issues")
    names = text_list(asked, name="issues")
    if not is_array(asked) or not 0 < len(names) <= MAX_MOVED:
        raise refuse(f"'issues' has to hold 1 to {MAX_MOVED} issues.")
    for name in names:
        issue = visible_issue(call, name)
        require_permission(call, issue, permission="SCHEDULE_ISSUES", to="schedule this issue")
        _move_issue(call, issue, sprint)


def _move_issue(call: Call, issue: sqlite3.Row, sprint: sqlite3.Row | None) -> None:
    """Move one issue; where it is already is no change."""
    before = open_sprint_id(call.rows, issue["id"])
    after = None if sprint is None else int(sprint["id"])
    if before == after:
        return
    put_into_sprint(call.rows, issue_id=issue["id"], sprint_id=after)
    old = None if before is None else find_sprint(call.rows, str(before))
    change = Change(
        field="Sprint",
        field_id=SPRINT_FIELD,
        before=None if before is None else str(before),
        before_text=None if old is None else old["name"],
        after=None if after is None else str(after),
        after_text=None if sprint is None else sprint["name"],
        is_custom=True,
    )
    write_history(call, issue_id=issue["id"], changes=[change])
    call.record("sprint_set", issue_id=issue["id"], sprint_id=None if after is None else str(after))


def _board(call: Call, name: str) -> sqlite3.Row:
    call.signed_in()
    board = find_board(call.rows, name)
    if board is None or not _is_visible(call, board):
        raise refuse(NO_BOARD, status=404)
    return board


def _is_visible(call: Call, board: sqlite3.Row) -> bool:
    query = "SELECT * FROM project WHERE id = ?"
    return can_browse(call, call.rows.execute(query, (board["project_id"],)).fetchone())


def _sprint(call: Call) -> sqlite3.Row:
    call.signed_in()
    sprint = find_sprint(call.rows, call.path_values["sprint"])
    if sprint is None:
        raise refuse(NO_SPRINT, status=404)
    board = find_board(call.rows, str(sprint["board_id"]))
    if board is None or not _is_visible(call, board):
        raise refuse(NO_SPRINT, status=404)
    return sprint


def _require_sprint_permission(call: Call, board: sqlite3.Row) -> None:
    permission = "MANAGE_SPRINTS_PERMISSION"
    if not has_permission(call, project_key=board["project_key"], permission=permission):
        raise refuse("You do not have permission to manage sprints.", status=403)


AGILE_ROUTES = (
    route("GET", "board", answer_boards),
    route("GET", "board/{board}", answer_board),
    route("GET", "board/{board}/sprint", answer_board_sprints),
    route("POST", "sprint", answer_create_sprint),
    route("GET", "sprint/{sprint}", answer_sprint),
    route("PUT", "sprint/{sprint}", answer_change_sprint),
    route("POST", "sprint/{sprint}", answer_change_sprint),
    route("GET", "sprint/{sprint}/issue", answer_sprint_issues),
    route("POST", "sprint/{sprint}/issue", answer_move_into_sprint),
    route("POST", "backlog/issue", answer_move_into_backlog),
)
