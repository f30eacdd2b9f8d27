"""Which role each route needs. A route that is not listed here fails `test_routes_and_roles`.

One line per route, sorted by path; None is open to everybody, and says why.
"""

import re

from jira_pipeline.model.people import Role
from jira_pipeline.web.api.verb_routes import WRITTEN_BY_HAND, address_of, tools_of_programs

ROUTES: dict[tuple[str, str], Role | None] = {
    ("GET", "/"): Role.READER,
    ("GET", "/account"): Role.READER,
    ("POST", "/account/sign-out"): Role.READER,
    ("GET", "/api/jira/export-results/{key}"): Role.READER,
    ("POST", "/api/jira/export-session/{key}"): Role.EXPORTER,
    ("GET", "/api/jira/export-status/{key}"): Role.READER,
    ("WS", "/api/jira/export/progress/{key}"): Role.READER,
    ("POST", "/api/jira/retry-failed/{key}"): Role.EXPORTER,
    ("POST", "/api/jira/test-adf-conversion/{key}"): Role.REVIEWER,
    ("POST", "/api/jira/validate-project"): Role.REVIEWER,
    ("GET", "/api/openapi.json"): None,  # the shapes of the API, which are in the source
    ("GET", "/api/sessions/{key}/adoption"): Role.READER,
    ("POST", "/api/sessions/{key}/adoption"): Role.EXPORTER,
    ("POST", "/api/sessions/{key}/export"): Role.EXPORTER,
    ("GET", "/api/sessions/{key}/export/manual-fixes"): Role.READER,
    ("GET", "/api/sessions/{key}/export/status"): Role.READER,
    ("GET", "/api/sessions/{key}/export/summary"): Role.READER,
    ("POST", "/api/sessions/{key}/generate"): Role.REVIEWER,
    ("GET", "/api/sessions/{key}/layout"): Role.READER,
    ("PUT", "/api/sessions/{key}/layout"): Role.REVIEWER,
    ("DELETE", "/api/sessions/{key}/layout"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/layout/undo"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/layout/check"): Role.READER,
    ("POST", "/api/sessions/{key}/layout/confirm"): Role.REVIEWER,
    ("GET", "/api/sessions/{key}/layout/proposal"): Role.READER,
    ("POST", "/api/sessions/{key}/processing/cancel"): Role.REVIEWER,
    ("GET", "/api/sessions/{key}/processing/errors"): Role.READER,
    ("WS", "/api/sessions/{key}/processing/progress"): Role.READER,
    ("POST", "/api/sessions/{key}/processing/retry"): Role.REVIEWER,
    ("GET", "/api/sessions/{key}/processing/status"): Role.READER,
    ("GET", "/api/sessions/{key}/questions/file"): Role.READER,
    ("GET", "/api/sessions/{key}/tickets/{number}/sentences"): Role.READER,
    ("GET", "/api/sessions/{key}/writer/health"): Role.READER,
    ("GET", "/api/tasks/{task_id}"): Role.READER,
    ("POST", "/api/uploads"): Role.REVIEWER,
    ("GET", "/api/writer/health"): Role.READER,
    ("GET", "/client/{secret}"): None,  # whoever has the link
    ("POST", "/client/{secret}"): None,  # as above
    ("GET", "/docs/errors"): Role.READER,
    ("POST", "/example"): Role.REVIEWER,
    ("GET", "/health"): None,  # a load balancer asks; says that the process answers
    ("POST", "/mcp"): Role.READER,  # each tool says which role it needs
    ("GET", "/logo"): Role.READER,
    ("GET", "/people"): Role.ADMIN,
    ("POST", "/people"): Role.ADMIN,
    ("POST", "/people/revoke"): Role.ADMIN,
    ("POST", "/people/tokens"): Role.ADMIN,
    ("POST", "/people/tokens/revoke"): Role.ADMIN,
    ("GET", "/ready"): None,  # as /health; says what there is, and names nothing
    ("GET", "/sandbox"): Role.READER,
    ("GET", "/sandbox/{address:path}"): Role.READER,
    ("GET", "/search"): Role.READER,
    ("GET", "/search/hits"): Role.READER,
    ("GET", "/sessions/{key}"): Role.READER,
    ("GET", "/sessions/{key}/export"): Role.READER,
    ("POST", "/sessions/{key}/export"): Role.EXPORTER,
    ("GET", "/sessions/{key}/export/adopt"): Role.READER,
    ("POST", "/sessions/{key}/export/adopt"): Role.EXPORTER,
    ("GET", "/sessions/{key}/export/live"): Role.READER,
    ("WS", "/sessions/{key}/export/live"): Role.READER,
    ("POST", "/sessions/{key}/export/resume"): Role.EXPORTER,
    ("GET", "/sessions/{key}/findings"): Role.READER,
    ("GET", "/sessions/{key}/findings.csv"): Role.READER,
    ("POST", "/sessions/{key}/generate"): Role.REVIEWER,
    ("GET", "/sessions/{key}/graph"): Role.READER,
    ("GET", "/sessions/{key}/history"): Role.READER,
    ("GET", "/sessions/{key}/history.csv"): Role.READER,
    ("GET", "/sessions/{key}/hours.csv"): Role.READER,
    ("GET", "/sessions/{key}/layout"): Role.READER,
    ("POST", "/sessions/{key}/layout"): Role.REVIEWER,
    ("GET", "/sessions/{key}/layout/model"): Role.REVIEWER,
    ("POST", "/sessions/{key}/layout/model"): Role.REVIEWER,
    ("POST", "/sessions/{key}/layout/confirm"): Role.REVIEWER,
    ("POST", "/sessions/{key}/layout/discard"): Role.REVIEWER,
    ("POST", "/sessions/{key}/layout/leave"): Role.REVIEWER,
    ("POST", "/sessions/{key}/layout/undo"): Role.REVIEWER,
    ("POST", "/sessions/{key}/layout/use"): Role.REVIEWER,
    ("GET", "/sessions/{key}/live"): Role.READER,
    ("GET", "/sessions/{key}/logo"): Role.READER,
    ("WS", "/sessions/{key}/live"): Role.READER,
    ("GET", "/sessions/{key}/questions"): Role.READER,
    ("POST", "/sessions/{key}/questions"): Role.REVIEWER,
    ("POST", "/sessions/{key}/questions/card"): Role.REVIEWER,
    ("POST", "/sessions/{key}/questions/stranded"): Role.REVIEWER,
    ("GET", "/sessions/{key}/questions/suggestions"): Role.REVIEWER,
    ("POST", "/sessions/{key}/questions/suggestions"): Role.REVIEWER,
    ("GET", "/sessions/{key}/questions/forms"): Role.REVIEWER,
    ("POST", "/sessions/{key}/questions/forms"): Role.REVIEWER,
    ("POST", "/sessions/{key}/questions/link"): Role.REVIEWER,
    ("POST", "/sessions/{key}/questions/undo"): Role.REVIEWER,
    ("POST", "/sessions/{key}/questions/upload"): Role.REVIEWER,
    ("GET", "/sessions/{key}/report.html"): Role.READER,
    ("GET", "/sessions/{key}/results"): Role.READER,
    ("POST", "/sessions/{key}/results/decide"): Role.EXPORTER,
    ("POST", "/sessions/{key}/results/fixes"): Role.REVIEWER,
    ("POST", "/sessions/{key}/results/settle"): Role.EXPORTER,
    ("POST", "/sessions/{key}/results/undo"): Role.EXPORTER,
    ("GET", "/sessions/{key}/review"): Role.READER,
    ("GET", "/sessions/{key}/review.html"): Role.READER,
    ("GET", "/sessions/{key}/quality"): Role.READER,
    ("GET", "/sessions/{key}/settings"): Role.READER,
    ("POST", "/sessions/{key}/settings"): Role.REVIEWER,
    ("GET", "/sessions/{key}/site"): Role.READER,
    ("POST", "/sessions/{key}/site"): Role.REVIEWER,
    ("POST", "/sessions/{key}/stop"): Role.REVIEWER,
    ("GET", "/sessions/{key}/tickets"): Role.READER,
    ("POST", "/sessions/{key}/tickets"): Role.REVIEWER,
    ("POST", "/sessions/{key}/tickets/seen"): Role.READER,
    ("POST", "/sessions/{key}/tickets/undo"): Role.REVIEWER,
    ("GET", "/sessions/{key}/tickets/{ticket}"): Role.READER,
    ("POST", "/sessions/{key}/tickets/{ticket}"): Role.REVIEWER,
    ("POST", "/sessions/{key}/tickets/{ticket}/answers"): Role.REVIEWER,
    ("POST", "/sessions/{key}/tickets/{ticket}/comments"): Role.REVIEWER,
    ("POST", "/sessions/{key}/tickets/{ticket}/comments/{comment_id}/remove"): Role.REVIEWER,
    ("POST", "/sessions/{key}/tickets/{ticket}/edit"): Role.REVIEWER,
    ("POST", "/sessions/{key}/tickets/{ticket}/undo"): Role.REVIEWER,
    ("POST", "/sessions/{key}/tickets/{ticket}/write-again"): Role.REVIEWER,
    ("GET", "/sessions/{key}/tickets/{ticket}/description"): Role.READER,
    ("GET", "/sessions/{key}/tickets/{ticket}/file"): Role.READER,
    ("POST", "/sessions/{key}/validate"): Role.REVIEWER,
    ("POST", "/sessions/{key}"): Role.REVIEWER,
    ("GET", "/sign-in"): None,  # nobody is signed in yet
    ("POST", "/sign-in"): None,  # as above
    ("POST", "/sign-out"): None,  # does nothing without a cookie
    ("GET", "/static"): None,  # style sheets, scripts
    ("GET", "/upload"): Role.REVIEWER,
    ("POST", "/upload"): Role.REVIEWER,
    ("GET", "/upload/{upload_id}"): Role.REVIEWER,
    ("GET", "/upload/{upload_id}/findings.csv"): Role.REVIEWER,
    ("POST", "/upload/{upload_id}/code-page"): Role.REVIEWER,
    ("POST", "/upload/{upload_id}/take"): Role.REVIEWER,
}

ROUTES |= {
    address_of(name, tool): tool.role
    for name, tool in tools_of_programs()
    if name not in WRITTEN_BY_HAND
}
"""The verbs of a session, whose role is that of the tool."""
COMMENTING = {route for route in ROUTES if re.search("/tickets/.*/comments", route[1])}
"""Readers comment where the settings allow it: not in these tests."""
