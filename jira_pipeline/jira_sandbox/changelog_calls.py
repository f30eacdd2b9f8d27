"""The call that shows the history of an issue.

Not here: writing it down and how it looks (`history`).
"""

from jira_pipeline.jira_sandbox.exchange import SandboxResponse, answer_json
from jira_pipeline.jira_sandbox.history import read_history, view_history
from jira_pipeline.jira_sandbox.issue_rows import visible_issue
from jira_pipeline.jira_sandbox.routing import Call, route

MAX_PAGE = 100
"""Source: Atlassian, "Get changelogs": the default and largest page."""


def answer_changelog(call: Call) -> SandboxResponse:
    """List what was changed on an issue, oldest first."""
    issue = visible_issue(call, call.path_values["issue"])
    found = read_history(call.rows, issue["id"])
    start = call.query_number("startAt", default=0)
    limit = min(call.query_number("maxResults", default=MAX_PAGE), MAX_PAGE)
    return answer_json(
        {
            "self": call.url(f"issue/{issue['id']}/changelog"),
            "startAt": start,
            "maxResults": limit,
            "total": len(found),
            "isLast": start + limit >= len(found),
            "values": [view_history(call, row) for row in found[start : start + limit]],
        }
    )


CHANGELOG_ROUTES = (route("GET", "issue/{issue}/changelog", answer_changelog),)
