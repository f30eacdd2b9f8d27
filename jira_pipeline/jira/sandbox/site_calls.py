"""Calls about the site: server, people, permissions, priorities, projects, boards and sprints.

Belongs here: also what may be created in a project. Does not: creating issues (`issue_calls`).
Source: Atlassian, platform v3 and agile API 1.0, 2025; texts of errors as clients recorded them.
"""

import sqlite3

from jira_pipeline.jira.sandbox.call import BROWSE, Call, Routes, read_id, refuse, text_list
from jira_pipeline.jira.sandbox.issue_fields import (
    FIELDS,
    Field,
    changes_between,
    create_screen,
    put_into_sprint,
    values_of,
    write_history,
)
from jira_pipeline.jira.sandbox.issue_views import (
    STATE_ORDER,
    stored_time,
    view_account,
    view_issue_type,
    view_link_type,
    view_priority,
    view_project,
    view_sprint,
)
from jira_pipeline.jira.sandbox.sandbox_site import (
    LINK_TYPES,
    PERMISSIONS,
    PRIORITIES,
    SITE_TITLE,
    SPRINT_FIELD,
    VERSION,
    IssueType,
)

MAX_CREATEMETA_PAGE = 200
MAX_PROJECT_PAGE = 100
MAX_MOVED = 50
"""Source: Atlassian, "Move issues to sprint": at most 50 issues in one operation."""
STATES = ("future", "active", "closed")
NO_BOARD = (
    "The requested board cannot be viewed because it either does not exist or you do not have"
    " permission to view it."
)
NO_SPRINT = "Sprint does not exist or you do not have permission to view it."

SITE_ROUTES = Routes()
AGILE_ROUTES = Routes()
_BOARDS = (
    "SELECT board.*, project.key AS project_key, project.name AS project_name FROM board"
    " JOIN project ON project.id = board.project_id"
)


@SITE_ROUTES.answer("GET", "serverInfo", is_open=True)
def answer_server(call: Call) -> object:
    """Say what this server is; nobody has to be signed in."""
    now = stored_time(call.now.isoformat())
    return {
        "baseUrl": call.site["base_url"],
        "displayUrl": call.site["base_url"],
        "version": VERSION,
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
        "buildNumber": 100_200,
        "buildDate": now,
        "serverTime": now,
        "scmInfo": "0" * 40,
        "serverTitle": SITE_TITLE,
    }


@SITE_ROUTES.answer("GET", "myself")
def answer_myself(call: Call) -> object:
    """Say who asks."""
    return {
        **(view_account(call, call.signed_in().account_id) or {}),
        "locale": "en_US",
        "groups": {"size": 0, "items": []},
        "applicationRoles": {"size": 0, "items": []},
        "expand": "groups,applicationRoles",
    }


@SITE_ROUTES.answer("GET", "mypermissions", is_open=True)
def answer_permissions(call: Call) -> object:
    """Say what the caller may do in a project, or without one in any of them."""
    names = call.names("permissions")
    if not names:
        raise refuse("The 'permissions' query parameter is required.")
    unknown = [name for name in names if name not in PERMISSIONS]
    if unknown:
        raise refuse(f"Unrecognized permissions: {', '.join(unknown)}.")
    project = call.parameter("projectKey") or call.parameter("projectId")
    keys = [row["key"] for row in call.rows.every("SELECT key FROM project")]
    if project and call.user:
        keys = [call.project(project)["key"]]
    return {
        "permissions": {
            name: {
                "id": str(PERMISSIONS.index(name) + 1),
                "key": name,
                "name": name.replace("_", " ").capitalize(),
                "type": "GLOBAL" if name == "ADMINISTER" else "PROJECT",
                "description": "",
                "havePermission": any(call.may(name, key) for key in keys),
            }
            for name in names
        }
    }


@SITE_ROUTES.answer("GET", "field", is_open=True)
def answer_fields(call: Call) -> object:
    """List the fields of screens."""
    return [
        {
            "id": field.id,
            "key": field.id,
            "name": call.name_of(field.name),
            "custom": bool(field.custom),
            "schema": field.schema,
        }
        for field in call.fields(FIELDS)
        if field.name
    ]


@SITE_ROUTES.answer("GET", "configuration")
def answer_configuration(_call: Call) -> object:
    """Say which optional features are on."""
    return {
        "attachmentsEnabled": True,
        "issueLinkingEnabled": True,
        "subTasksEnabled": True,
        "timeTrackingEnabled": True,
        "unassignedIssuesAllowed": True,
        "votingEnabled": True,
        "watchingEnabled": True,
    }


@SITE_ROUTES.answer("GET", "priority")
def answer_priorities(call: Call) -> object:
    """List the priorities as a bare array."""
    return [view_priority(call, priority) for priority in PRIORITIES]


@SITE_ROUTES.answer("GET", "issueLinkType")
def answer_link_types(call: Call) -> object:
    """List the link types."""
    return {"issueLinkTypes": [view_link_type(call, link_type) for link_type in LINK_TYPES]}


@SITE_ROUTES.answer("GET", "user/assignable/search")
def answer_assignable(call: Call) -> object:
    """Find people issues of a project may be assigned to, by a part of their name or e-mail."""
    if not {"project", "query"} <= call.query.keys():
        raise refuse("The query parameters 'project' and 'query' are required.")
    key = call.project(call.parameter("project"))["key"]
    part = call.parameter("query").casefold()
    account_ids = []
    for user in call.users.values():
        texts = f"{user.display_name}\n{user.email}".casefold()
        if part in texts and call.is_granted("ASSIGNABLE_USER", key, user):
            account_ids.append(user.account_id)
    page = call.page(account_ids, lambda account_id: view_account(call, account_id))
    return page["values"]


@SITE_ROUTES.answer("GET", "project/search", is_open=True)
def answer_projects(call: Call) -> object:
    """List the projects one may see as a page."""
    projects = call.rows.every("SELECT * FROM project ORDER BY key")
    visible = [row for row in projects if call.may(BROWSE, row["key"])]
    page = call.page(visible, lambda row: view_project(call, row), largest=MAX_PROJECT_PAGE)
    return {"self": call.url("project/search"), **page}


@SITE_ROUTES.answer("GET", "project/{project}", is_open=True)
def answer_project(call: Call) -> object:
    """Show one project."""
    project = call.project(call.path["project"])
    return {
        **view_project(call, project),
        "description": "",
        "lead": view_account(call, next(iter(call.users))),
        "components": [],
        "versions": [],
        "issueTypes": [view_issue_type(call, kind) for kind in call.issue_types(project["key"])],
        "assigneeType": "UNASSIGNED",
        "roles": {},
        "properties": {},
    }


@SITE_ROUTES.answer("GET", "issue/createmeta/{project}/issuetypes", is_open=True)
def answer_creatable_types(call: Call) -> object:
    """List the issue types that may be created in a project."""
    _, kinds = _creatable(call)
    return call.page(kinds, lambda kind: view_issue_type(call, kind), name="issueTypes")


@SITE_ROUTES.answer("GET", "issue/createmeta/{project}/issuetypes/{type}", is_open=True)
def answer_creatable_fields(call: Call) -> object:
    """List the fields on the create screen of an issue type."""
    project, kinds = _creatable(call)
    type_id = call.path["type"]
    kind = next((candidate for candidate in kinds if candidate.id == type_id), None)
    if kind is None:
        raise refuse(f"Issue type with id '{type_id}' does not exist.", status=404)
    priorities = call.priorities(project["key"])
    allowed: dict[str, list[object]] = {
        "priority": [view_priority(call, priority) for priority in priorities],
        "issuetype": [view_issue_type(call, kind)],
        "project": [view_project(call, project)],
    }
    for field in call.fields(FIELDS):
        if field.options:
            allowed[field.id] = [*field.options]

    def show(field: Field) -> object:
        is_parent_of_subtask = field.id == "parent" and kind.is_subtask
        view: dict[str, object] = {
            "fieldId": field.id,
            "key": field.id,
            "name": call.name_of(field.name),
            "required": field.is_required or is_parent_of_subtask,
            "hasDefaultValue": field.has_default,
            "operations": list(field.operations),
            "schema": field.schema,
        }
        if field.id in allowed:
            view["allowedValues"] = allowed[field.id]
        return view

    return call.page(create_screen(call, project["key"]), show, name="fields")


def _creatable(call: Call) -> tuple[sqlite3.Row, list[IssueType]]:
    """Return the project of the path and what may be created in it; refuse too large a page."""
    project = call.project(call.path["project"])
    if (read_id(call.parameter("maxResults")) or 0) > MAX_CREATEMETA_PAGE:
        raise refuse(f"The maximum page size is {MAX_CREATEMETA_PAGE}.")
    is_allowed = call.may("CREATE_ISSUES", project["key"])
    return project, call.issue_types(project["key"]) if is_allowed else []


@AGILE_ROUTES.answer("GET", "board")
def answer_boards(call: Call) -> object:
    """List the boards one may see, of a project if asked."""
    wanted = call.parameter("projectKeyOrId")
    project_id = call.project(wanted)["id"] if wanted else None
    boards = [
        board
        for board in call.rows.every(f"{_BOARDS} ORDER BY board.id")
        if call.may(BROWSE, board["project_key"]) and project_id in {None, board["project_id"]}
    ]
    return call.page(boards, lambda board: _view_board(call, board))


def _board(call: Call, board_id: int | None, *, refusal: str) -> sqlite3.Row:
    board = call.rows.first(f"{_BOARDS} WHERE board.id = ?", board_id)
    if board is None or not call.may(BROWSE, board["project_key"]):
        raise refuse(refusal, status=404)
    return board


@AGILE_ROUTES.answer("GET", "board/{board}/sprint")
def answer_board_sprints(call: Call) -> object:
    """List the sprints of a scrum board; a kanban board has none and says so."""
    board = _board(call, read_id(call.path["board"]), refusal=NO_BOARD)
    if board["type"] != "scrum":
        raise refuse("The board does not support sprints")
    states = call.names("state") or list(STATES)
    unknown = [state for state in states if state not in STATES]
    if unknown:
        raise refuse(f"The state '{unknown[0]}' is not one of future, active, closed.")
    query = f"SELECT * FROM sprint WHERE board_id = ? ORDER BY {STATE_ORDER}"  # noqa: S608 - our words
    sprints = [row for row in call.rows.every(query, board["id"]) if row["state"] in states]
    return call.page(
        sprints,
        lambda row: {
            **view_sprint(row, board="originBoardId", show_time=stored_time),
            "self": call.url(f"sprint/{row['id']}", "agile/1.0"),
        },
    )


@AGILE_ROUTES.answer("POST", "sprint/{sprint}/issue")
def answer_move_into_sprint(call: Call) -> None:
    """Move up to 50 issues into an open sprint: all of them or none."""
    sprint = call.rows.first("SELECT * FROM sprint WHERE id = ?", read_id(call.path["sprint"]))
    _board(call, None if sprint is None else sprint["board_id"], refusal=NO_SPRINT)
    if sprint is None or sprint["state"] == "closed":
        raise refuse("Issue can be assigned only active or future sprints.")
    names = text_list(call.body().get("issues"), name="issues")
    if not 0 < len(names) <= MAX_MOVED:
        raise refuse(f"'issues' has to hold 1 to {MAX_MOVED} issues.")
    for name in names:
        issue = call.issue(name)
        call.require("SCHEDULE_ISSUES", issue, "schedule this issue")
        before = values_of(call, issue)
        after = before | {SPRINT_FIELD: sprint["id"]}
        if before != after:  # where it is already is no change
            put_into_sprint(call.rows, issue["id"], sprint["id"])
            write_history(call, issue["id"], changes_between(call, before, after))
            call.record("sprint_set", issue_id=issue["id"], sprint_id=str(sprint["id"]))


def _view_board(call: Call, board: sqlite3.Row) -> dict[str, object]:
    name = f"{board['project_name']} ({board['project_key']})"
    return {
        "id": board["id"],
        "self": call.url(f"board/{board['id']}", "agile/1.0"),
        "name": board["name"],
        "type": board["type"],
        "location": {
            "projectId": board["project_id"],
            "projectKey": board["project_key"],
            "projectName": board["project_name"],
            "projectTypeKey": "software",
            "displayName": name,
            "name": name,
        },
    }
