"""Calls about projects: read, list, and what may be created in them.

Not here: creating the issues themselves (`issue_calls`).
"""

import sqlite3
from functools import partial

from jira_pipeline.jira.sandbox.access import BROWSE, has_permission
from jira_pipeline.jira.sandbox.agile_rows import add_first_board
from jira_pipeline.jira.sandbox.issue_views import (
    view_issue_type,
    view_priority,
    view_project,
    view_user,
)
from jira_pipeline.jira.sandbox.request_reading import read_id, refuse
from jira_pipeline.jira.sandbox.routing import (
    Call,
    PageBounds,
    Routes,
    named_page,
    page_bounds,
    value_page,
)
from jira_pipeline.jira.sandbox.sandbox_site import PROJECT_KEY, Field, IssueType, find_users
from jira_pipeline.jira.sandbox.screens import (
    create_screen,
    project_issue_types,
    project_priorities,
)
from jira_pipeline.jira.sandbox_http.sqlite_rows import Rows

MAX_CREATEMETA_PAGE = 200
MAX_PROJECT_PAGE = 100

PROJECT_ROUTES = Routes()


def find_project(call: Call, id_or_key: str) -> sqlite3.Row:
    found = look_up_project(call.rows, id_or_key)
    if found is None or not can_browse(call, found):
        kind = "id" if id_or_key.isdecimal() else "key"
        raise refuse(f"No project could be found with {kind} '{id_or_key}'.", status=404)
    return found


def can_browse(call: Call, project: sqlite3.Row) -> bool:
    return has_permission(call, project_key=project["key"], permission=BROWSE)


def look_up_project(rows: Rows, id_or_key: str) -> sqlite3.Row | None:
    number = read_id(id_or_key)
    column, value = ("key", id_or_key.upper()) if number is None else ("id", number)
    return rows.first(f"SELECT * FROM project WHERE {column} = ?", value)  # noqa: S608 - one of two


def create_project(rows: Rows, *, key: str, name: str | None) -> str:
    """Create a project unless its key is taken; return its id either way."""
    if not PROJECT_KEY.fullmatch(key):
        raise refuse(
            f"Project key {key!r}: keys start with a capital letter, followed by one to nine"
            " capital letters, digits or underscores."
        )
    added = rows.first(
        "INSERT INTO project (key, name) VALUES (?, ?) ON CONFLICT (key) DO NOTHING RETURNING id",
        key,
        name or key,
    )
    if added is not None:
        add_first_board(rows, project_id=added["id"], key=key)
    found = rows.one("SELECT id FROM project WHERE key = ?", key)
    return str(found["id"])


@PROJECT_ROUTES.answer("GET", "project")
def answer_projects(call: Call) -> object:
    """List the projects as a bare array: deprecated, and what clients still ask."""
    return [_view_project(call, row) for row in _visible_projects(call)]


@PROJECT_ROUTES.answer("GET", "project/search")
def answer_project_search(call: Call) -> object:
    """List the projects as a page."""
    part = (call.query("query") or "").casefold()
    keys = call.request.query_values().get("keys", [])
    chosen = [
        row
        for row in _visible_projects(call)
        if (part in row["key"].casefold() or part in row["name"].casefold())
        and (not keys or row["key"] in keys)
    ]
    bounds = page_bounds(call, largest=MAX_PROJECT_PAGE)
    page = value_page(bounds, chosen, lambda row: _view_project(call, row))
    return {"self": call.url("project/search"), **page}


@PROJECT_ROUTES.answer("GET", "project/{project}")
def answer_project(call: Call) -> object:
    """Show one project."""
    project = find_project(call, call.path_values["project"])
    lead = find_users(call.rows)[0]
    return {
        **_view_project(call, project),
        "description": "",
        "lead": view_user(call, lead),
        "components": [],
        "versions": [],
        "issueTypes": [
            view_issue_type(call, kind) for kind in project_issue_types(call.rules, project["key"])
        ],
        "assigneeType": "UNASSIGNED",
        "roles": {},
        "properties": {},
    }


@PROJECT_ROUTES.answer("GET", "issue/createmeta/{project}/issuetypes")
def answer_creatable_types(call: Call) -> object:
    """List the issue types that may be created in a project."""
    project = find_project(call, call.path_values["project"])
    kinds = _creatable_types(call, project)
    bounds = _createmeta_page(call)
    return named_page(bounds, kinds, lambda kind: view_issue_type(call, kind), name="issueTypes")


@PROJECT_ROUTES.answer("GET", "issue/createmeta/{project}/issuetypes/{type}")
def answer_creatable_fields(call: Call) -> object:
    """List the fields on the create screen of an issue type."""
    project = find_project(call, call.path_values["project"])
    type_id = call.path_values["type"]
    kind = next((one for one in _creatable_types(call, project) if one.id == type_id), None)
    if kind is None:
        raise refuse(f"Issue type with id '{type_id}' does not exist.", status=404)
    bounds = _createmeta_page(call)

    show = partial(_view_creatable_field, call, kind=kind, project=project)
    on_screen = create_screen(call.rules, project["key"])
    return named_page(bounds, on_screen, show, name="fields")


def _visible_projects(call: Call) -> list[sqlite3.Row]:
    found = call.rows.every("SELECT * FROM project ORDER BY key")
    return [row for row in found if can_browse(call, row)]


def _creatable_types(call: Call, project: sqlite3.Row) -> tuple[IssueType, ...]:
    if not has_permission(call, project_key=project["key"], permission="CREATE_ISSUES"):
        return ()
    return project_issue_types(call.rules, project["key"])


def _createmeta_page(call: Call) -> PageBounds:
    """Return which part is asked for; one that is too large is refused, not cut."""
    bounds = page_bounds(call)
    if bounds.limit > MAX_CREATEMETA_PAGE:
        raise refuse(f"The maximum page size is {MAX_CREATEMETA_PAGE}.")
    return bounds


def _view_project(call: Call, project: sqlite3.Row) -> dict[str, object]:
    return {
        "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
        **view_project(call, project),
        "style": "next-gen" if call.rules.is_team_managed(project["key"]) else "classic",
        "isPrivate": False,
    }


def _view_creatable_field(
    call: Call, field: Field, *, kind: IssueType, project: sqlite3.Row
) -> dict[str, object]:
    view: dict[str, object] = {
        "fieldId": field.id,
        "key": field.id,
        "name": call.rules.name_of(field.name),
        "required": field.is_required or (field.id == "parent" and kind.is_subtask),
        "hasDefaultValue": field.has_default,
        "operations": list(field.operations),
        "schema": field.schema,
    }
    match field.id:
        case "priority":
            view["allowedValues"] = [
                view_priority(call, one) for one in project_priorities(call.rules, project["key"])
            ]
        case "issuetype":
            view["allowedValues"] = [view_issue_type(call, kind)]
        case "project":
            view["allowedValues"] = [_view_project(call, project)]
        case "security":
            view["allowedValues"] = [{"id": n, "name": n} for n in call.rules.security_levels]
        case _:
            for one in call.rules.custom_fields:
                if one.id == field.id and one.kind == "option":
                    view["allowedValues"] = [
                        {"id": str(number), "value": option}
                        for number, option in enumerate(one.options, start=1)
                    ]
    return view
