"""Which role each route needs. A route that is not listed here fails `test_routes_and_roles`.

One line per route, sorted by path; None is open to everybody, and says why.
"""

from jira_pipeline.domain.people import Role

ROUTES: dict[tuple[str, str], Role | None] = {
    ("GET", "/"): Role.READER,
    ("GET", "/api/docs"): Role.READER,
    ("GET", "/api/jira/export-results/{key}"): Role.READER,
    ("POST", "/api/jira/export-session/{key}"): Role.EXPORTER,
    ("GET", "/api/jira/export-status/{key}"): Role.READER,
    ("WS", "/api/jira/export/progress/{key}"): Role.READER,
    ("POST", "/api/jira/retry-failed/{key}"): Role.EXPORTER,
    ("POST", "/api/jira/test-adf-conversion/{key}"): Role.REVIEWER,
    ("POST", "/api/jira/validate-project"): Role.REVIEWER,
    ("GET", "/api/openapi.json"): None,  # the shapes of the API, which are in the source
    ("GET", "/api/sessions"): Role.READER,
    ("GET", "/api/sessions/{key}"): Role.READER,
    ("GET", "/api/sessions/{key}/audit"): Role.READER,
    ("POST", "/api/sessions/{key}/cancel"): Role.EXPORTER,
    ("GET", "/api/sessions/{key}/errors"): Role.READER,
    ("GET", "/api/sessions/{key}/errors/{error_id}"): Role.READER,
    ("POST", "/api/sessions/{key}/export"): Role.EXPORTER,
    ("POST", "/api/sessions/{key}/export/cancel"): Role.EXPORTER,
    ("GET", "/api/sessions/{key}/export/manual-fixes"): Role.READER,
    ("GET", "/api/sessions/{key}/export/plan"): Role.REVIEWER,
    ("WS", "/api/sessions/{key}/export/progress"): Role.READER,
    ("POST", "/api/sessions/{key}/export/settle"): Role.EXPORTER,
    ("GET", "/api/sessions/{key}/export/status"): Role.READER,
    ("GET", "/api/sessions/{key}/export/summary"): Role.READER,
    ("GET", "/api/sessions/{key}/export/undo"): Role.EXPORTER,
    ("POST", "/api/sessions/{key}/export/undo"): Role.EXPORTER,
    ("GET", "/api/sessions/{key}/findings"): Role.READER,
    ("POST", "/api/sessions/{key}/fixes/{fix_id}/done"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/generate"): Role.REVIEWER,
    ("GET", "/api/sessions/{key}/graph"): Role.READER,
    ("POST", "/api/sessions/{key}/processing/cancel"): Role.REVIEWER,
    ("GET", "/api/sessions/{key}/processing/errors"): Role.READER,
    ("WS", "/api/sessions/{key}/processing/progress"): Role.READER,
    ("POST", "/api/sessions/{key}/processing/retry"): Role.REVIEWER,
    ("GET", "/api/sessions/{key}/processing/status"): Role.READER,
    ("GET", "/api/sessions/{key}/quality"): Role.READER,
    ("GET", "/api/sessions/{key}/questions"): Role.READER,
    ("POST", "/api/sessions/{key}/questions/answers"): Role.REVIEWER,
    ("GET", "/api/sessions/{key}/questions/file"): Role.READER,
    ("POST", "/api/sessions/{key}/questions/upload"): Role.REVIEWER,
    ("GET", "/api/sessions/{key}/runs"): Role.READER,
    ("GET", "/api/sessions/{key}/tickets"): Role.READER,
    ("POST", "/api/sessions/{key}/tickets/assign"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/tickets/labels"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/tickets/order"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/tickets/ready"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/tickets/skip"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/tickets/unready"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/tickets/unskip"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/tickets/unwithdraw"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/tickets/withdraw"): Role.REVIEWER,
    ("GET", "/api/sessions/{key}/tickets/{number}"): Role.READER,
    ("PATCH", "/api/sessions/{key}/tickets/{number}"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/tickets/{number}/dependencies"): Role.REVIEWER,
    ("DELETE", "/api/sessions/{key}/tickets/{number}/dependencies/{other}"): Role.REVIEWER,
    ("GET", "/api/sessions/{key}/tickets/{number}/quality"): Role.READER,
    ("GET", "/api/sessions/{key}/tickets/{number}/revisions"): Role.READER,
    ("GET", "/api/sessions/{key}/tickets/{number}/revisions/{after}/difference"): Role.READER,
    ("POST", "/api/sessions/{key}/tickets/{number}/rollback"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/uploads"): Role.REVIEWER,
    ("GET", "/api/sessions/{key}/uploads/{upload_id}"): Role.READER,
    ("POST", "/api/sessions/{key}/uploads/{upload_id}/take"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/validate"): Role.REVIEWER,
    ("GET", "/api/sessions/{key}/withdrawals"): Role.READER,
    ("GET", "/api/writer/health"): Role.REVIEWER,
    ("GET", "/sign-in"): None,  # nobody is signed in yet
    ("POST", "/sign-in"): None,  # as above
    ("POST", "/sign-out"): None,  # does nothing without a cookie
    ("GET", "/static"): None,  # style sheets, scripts
    ("GET", "/static/api-docs"): None,  # scripts of the documentation
}
