"""Which role each route needs. A route that is not listed here fails `test_routes_and_roles`.

One line per route, sorted by path; None is open to everybody, and says why.
"""

from jira_pipeline.domain.people import Role

ROUTES: dict[tuple[str, str], Role | None] = {
    ("GET", "/"): Role.READER,
    ("GET", "/api/openapi.json"): None,  # the shapes of the API, which are in the source
    ("GET", "/api/sessions"): Role.READER,
    ("GET", "/sessions/{key}/tickets"): Role.READER,
    ("POST", "/sessions/{key}/tickets"): Role.REVIEWER,
    ("POST", "/sessions/{key}/tickets/seen"): Role.REVIEWER,
    ("GET", "/sign-in"): None,  # nobody is signed in yet
    ("POST", "/sign-in"): None,  # as above
    ("POST", "/sign-out"): None,  # does nothing without a cookie
    ("GET", "/static"): None,  # style sheets, scripts
    ("GET", "/upload"): Role.REVIEWER,
    ("POST", "/upload"): Role.REVIEWER,
    ("GET", "/upload/{upload_id}"): Role.REVIEWER,
    ("POST", "/upload/{upload_id}/take"): Role.REVIEWER,
}
