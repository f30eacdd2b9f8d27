"""Which role each route needs. A route that is not listed here fails `test_routes_and_roles`.

One line per route, sorted by path; None is open to everybody, and says why.
"""

from jira_pipeline.domain.people import Role

ROUTES: dict[tuple[str, str], Role | None] = {
    ("GET", "/"): Role.READER,
    ("GET", "/api/openapi.json"): None,  # the shapes of the API, which are in the source
    ("GET", "/api/sessions"): Role.READER,
    ("GET", "/api/sessions/{key}/drafts/{ticket_id}"): Role.REVIEWER,
    ("POST", "/api/sessions/{key}/drafts/{ticket_id}/keep"): Role.REVIEWER,
    ("DELETE", "/api/sessions/{key}/drafts/{ticket_id}/{part}"): Role.REVIEWER,
    ("PUT", "/api/sessions/{key}/drafts/{ticket_id}/{part}"): Role.REVIEWER,
    ("GET", "/sessions/{key}/export"): Role.READER,
    ("POST", "/sessions/{key}/export"): Role.EXPORTER,
    ("POST", "/sessions/{key}/export/cancel"): Role.EXPORTER,
    ("GET", "/sessions/{key}/export/live"): Role.READER,
    ("POST", "/sessions/{key}/export/resume"): Role.EXPORTER,
    ("GET", "/sessions/{key}/questions"): Role.READER,
    ("POST", "/sessions/{key}/questions"): Role.REVIEWER,
    ("POST", "/sessions/{key}/questions/upload"): Role.REVIEWER,
    ("GET", "/sessions/{key}/results"): Role.READER,
    ("POST", "/sessions/{key}/results/fixes"): Role.REVIEWER,
    ("GET", "/sessions/{key}/results/report"): Role.READER,
    ("POST", "/sessions/{key}/results/settle"): Role.EXPORTER,
    ("POST", "/sessions/{key}/results/undo"): Role.EXPORTER,
    ("GET", "/sessions/{key}/tickets"): Role.READER,
    ("POST", "/sessions/{key}/tickets"): Role.REVIEWER,
    ("POST", "/sessions/{key}/tickets/seen"): Role.REVIEWER,
    ("GET", "/sessions/{key}/tickets/{ticket}"): Role.READER,
    ("POST", "/sessions/{key}/tickets/{ticket}/answers"): Role.REVIEWER,
    ("POST", "/sessions/{key}/tickets/{ticket}/comments"): Role.READER,
    ("POST", "/sessions/{key}/tickets/{ticket}/comments/{comment_id}/remove"): Role.READER,
    ("POST", "/sessions/{key}/tickets/{ticket}/decide"): Role.REVIEWER,
    ("POST", "/sessions/{key}/tickets/{ticket}/depend"): Role.REVIEWER,
    ("POST", "/sessions/{key}/tickets/{ticket}/drop"): Role.REVIEWER,
    ("POST", "/sessions/{key}/tickets/{ticket}/edit"): Role.REVIEWER,
    ("GET", "/sessions/{key}/tickets/{ticket}/quality"): Role.READER,
    ("POST", "/sessions/{key}/tickets/{ticket}/roll-back"): Role.REVIEWER,
    ("GET", "/sessions/{key}/tickets/{ticket}/text"): Role.REVIEWER,
    ("POST", "/sessions/{key}/tickets/{ticket}/text"): Role.REVIEWER,
    ("GET", "/sign-in"): None,  # nobody is signed in yet
    ("POST", "/sign-in"): None,  # as above
    ("POST", "/sign-out"): None,  # does nothing without a cookie
    ("GET", "/static"): None,  # style sheets, scripts
    ("GET", "/upload"): Role.REVIEWER,
    ("POST", "/upload"): Role.REVIEWER,
    ("GET", "/upload/{upload_id}"): Role.REVIEWER,
    ("POST", "/upload/{upload_id}/take"): Role.REVIEWER,
}
