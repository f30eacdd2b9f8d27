"""Calls about the site: server, people, permissions, fields, priorities, link types.

Not here: what belongs to one project (`project_calls`) or one issue (`issue_calls`).
"""

from jira_pipeline.jira.sandbox.access import (
    has_permission,
    is_granted,
    project_key_of,
    visible_issue,
)
from jira_pipeline.jira.sandbox.issue_part_calls import require_linking
from jira_pipeline.jira.sandbox.issue_views import (
    jira_time,
    view_link_type,
    view_priority,
    view_user,
)
from jira_pipeline.jira.sandbox.project_calls import find_project
from jira_pipeline.jira.sandbox.request_reading import refuse, split_names
from jira_pipeline.jira.sandbox.routing import Call, Routes, page_bounds, value_page
from jira_pipeline.jira.sandbox.sandbox_site import (
    DEFAULT_PRIORITY_ID,
    LINK_TYPES,
    PRIORITIES,
    SITE_TITLE,
    VERSION,
    find_users,
)
from jira_pipeline.jira.sandbox.screens import project_priorities, site_fields

PERMISSIONS = (
    "ADD_COMMENTS", "ADMINISTER", "ASSIGNABLE_USER", "ASSIGN_ISSUES", "BROWSE_PROJECTS",
    "CLOSE_ISSUES", "CREATE_ATTACHMENTS", "CREATE_ISSUES", "DELETE_ALL_ATTACHMENTS",
    "DELETE_ALL_COMMENTS", "DELETE_ISSUES", "DELETE_OWN_ATTACHMENTS", "DELETE_OWN_COMMENTS",
    "EDIT_ALL_COMMENTS", "EDIT_OWN_COMMENTS", "EDIT_ISSUES", "LINK_ISSUES",
    "MANAGE_SPRINTS_PERMISSION", "MODIFY_REPORTER", "SCHEDULE_ISSUES", "TRANSITION_ISSUES",
    "WORK_ON_ISSUES",
)  # fmt: skip

SITE_ROUTES = Routes()


@SITE_ROUTES.answer("GET", "serverInfo")
def answer_server(call: Call) -> object:
    """Say what this server is; nobody has to be signed in."""
    return {
        "baseUrl": call.base_url,
        "displayUrl": call.base_url,
        "version": VERSION,
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
        "buildNumber": 100_200,
        "buildDate": jira_time(call.now),
        "serverTime": jira_time(call.now),
        "scmInfo": "0" * 40,
        "serverTitle": SITE_TITLE,
    }


@SITE_ROUTES.answer("GET", "myself")
def answer_myself(call: Call) -> object:
    """Say who asks."""
    return {
        **view_user(call, call.signed_in()),
        "locale": "en_US",
        "groups": {"size": 0, "items": []},
        "applicationRoles": {"size": 0, "items": []},
        "expand": "groups,applicationRoles",
    }


@SITE_ROUTES.answer("GET", "mypermissions")
def answer_permissions(call: Call) -> object:
    """Say what the caller may do in a project, or without one in any of them."""
    names = split_names(call.request.query_values().get("permissions", []))
    if not names:
        raise refuse("The 'permissions' query parameter is required.")
    unknown = [name for name in names if name not in PERMISSIONS]
    if unknown:
        raise refuse(f"Unrecognized permissions: {', '.join(unknown)}.")
    project = call.query("projectKey") or call.query("projectId")
    keys = [row["key"] for row in call.rows.execute("SELECT key FROM project ORDER BY key")]
    if project and call.user:
        keys = [find_project(call, project)["key"]]
    return {"permissions": {name: _view_permission(call, name, keys) for name in names}}


@SITE_ROUTES.answer("GET", "field")
def answer_fields(call: Call) -> object:
    """List the fields of issues."""
    return [
        {
            "id": one.id,
            "key": one.id,
            "name": call.rules.name_of(one.name),
            "custom": one.is_custom,
            "orderable": True,
            "navigable": True,
            "searchable": True,
            "clauseNames": list(one.clause_names),
            "schema": one.schema,
        }
        for one in site_fields(call.rules)
    ]


@SITE_ROUTES.answer("GET", "configuration")
def answer_configuration(call: Call) -> object:
    """Say which optional features are on."""
    call.signed_in()
    rules = call.rules
    return {
        "attachmentsEnabled": rules.attachments.is_enabled,
        "issueLinkingEnabled": rules.is_linking_on,
        "subTasksEnabled": True,
        "timeTrackingEnabled": rules.is_time_tracking_on,
        "unassignedIssuesAllowed": True,
        "votingEnabled": True,
        "watchingEnabled": True,
    }


@SITE_ROUTES.answer("GET", "priority")
def answer_priorities(call: Call) -> object:
    """List the priorities as a bare array."""
    call.signed_in()
    return [view_priority(call, one) for one in PRIORITIES]


@SITE_ROUTES.answer("GET", "priority/search")
def answer_priority_search(call: Call) -> object:
    """List the priorities as a page, of a project if asked."""
    call.signed_in()
    project_id = call.query("projectId")
    key = find_project(call, project_id)["key"] if project_id else ""
    priorities = project_priorities(call.rules, key)
    return value_page(
        page_bounds(call),
        priorities,
        lambda one: {**view_priority(call, one), "isDefault": one.id == DEFAULT_PRIORITY_ID},
    )


@SITE_ROUTES.answer("GET", "issueLinkType")
def answer_link_types(call: Call) -> object:
    """List the link types."""
    call.signed_in()
    require_linking(call)
    return {"issueLinkTypes": [view_link_type(call, one) for one in LINK_TYPES]}


@SITE_ROUTES.answer("GET", "user/assignable/search")
def answer_assignable(call: Call) -> object:
    """Find people issues of a project may be assigned to."""
    call.signed_in()
    project, issue_key = call.query("project"), call.query("issueKey")
    if project:
        key = find_project(call, project)["key"]
    elif issue_key:
        key = project_key_of(visible_issue(call, issue_key))
    else:
        raise refuse("Either the 'project' or the 'issueKey' query parameter is required.")
    text, account_id = call.query("query"), call.query("accountId")
    if (text is None) == (account_id is None):
        raise refuse("Exactly one of the query parameters 'query' and 'accountId' is required.")
    users = find_users(call.rows)
    part = (text or "").casefold()
    found = [
        user
        for user in users
        if user.account_id == account_id
        or (
            text is not None
            and (part in user.display_name.casefold() or part in user.email.casefold())
        )
    ]
    assignable = [
        user
        for user in found
        if is_granted(call.rules, user=user, project_key=key, permission="ASSIGNABLE_USER")
    ]
    return [view_user(call, one) for one in page_bounds(call).part_of(assignable)]


def _view_permission(call: Call, name: str, project_keys: list[str]) -> dict[str, object]:
    return {
        "id": str(PERMISSIONS.index(name) + 1),
        "key": name,
        "name": name.replace("_", " ").capitalize(),
        "type": "GLOBAL" if name == "ADMINISTER" else "PROJECT",
        "description": "",
        "havePermission": any(
            has_permission(call, project_key=key, permission=name) for key in project_keys
        ),
    }
