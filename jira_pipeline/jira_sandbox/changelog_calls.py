"""The call that shows the history of an issue.

Not here: writing it down and how it looks (`history`).
"""

from jira_pipeline.jira_sandbox.exchange import SandboxResponse, answer_json
from jira_pipeline.jira_sandbox.history import read_history, view_history
from jira_pipeline.jira_sandbox.issue_rows import visible_issue
from jira_pipeline.jira_sandbox.paging import page_bounds, value_page
from jira_pipeline.jira_sandbox.routing import Call, route

MAX_PAGE = 100
"""Source: Atlassian, "Get changelogs": the default and largest page."""


def answer_changelog(call: Call) -> SandboxResponse:
    """List what was changed on an issue, oldest first."""
    issue = visible_issue(call, call.path_values["issue"])
    found = read_history(call.rows, issue["id"])
    bounds = page_bounds(call, usual=MAX_PAGE, largest=MAX_PAGE)
    page = value_page(bounds, found, lambda row: view_history(call, row))
    return answer_json({"self": call.url(f"issue/{issue['id']}/changelog"), **page})


CHANGELOG_ROUTES = (route("GET", "issue/{issue}/changelog", answer_changelog),)
