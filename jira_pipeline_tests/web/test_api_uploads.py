"""Uploads by programs: the form of the API says what it takes, and refuses what it does not know."""

from typing import Any

import pytest

from jira_pipeline.model.people import Role
from jira_pipeline.web.context import Web
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf, signed_in
from jira_pipeline_tests.web.test_upload_pages import UNKNOWN

pytestmark = pytest.mark.small_site
UPLOADS = "/api/uploads"
ROLES = [("files", ("Roles.csv", b"Name,Machine name,X\nKeeper,keeper,a\n", "text/csv"))]


def test_files_become_a_session_that_its_address_shows(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)

    taken = client.post(UPLOADS, files=ROLES, data={"session_key": "pier", "site_name": "Pier"})
    again = client.post(UPLOADS, files=ROLES, data={"session_key": "pier"})

    status = client.get(taken.headers["location"]).json()
    entry = fresh_web.pipeline.store.audit.entries("pier")[0]
    assert (taken.status_code, taken.json()["session_key"]) == (201, "pier")
    assert (taken.json()["is_unchanged"], again.json()["is_unchanged"]) == (False, True)
    assert status["session_key"] == "pier"
    assert (entry.action, entry.actor) == ("session_registered", "reviewer@example.org")
    assert fresh_web.pipeline.store.sessions.get("pier").site_name == "Pier"


def test_worksheets_that_nobody_knows_wait_for_their_layout(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)

    taken = client.post(UPLOADS, files=UNKNOWN, data={"session_key": "pier"})

    assert (taken.status_code, taken.json()["needs_layout"]) == (201, True)
    assert client.get("/api/sessions/pier/layout").status_code == 200


@each(
    ("form", "code"),
    [
        ({"files": ROLES}, "input_refused"),
        ({"data": {"session_key": "pier"}}, "input_refused"),
        (
            {"files": ROLES, "data": {"session_key": "pier", "auto_approve": "true"}},
            "input_refused",
        ),
        (
            {"files": ROLES, "data": {"session_key": "pier", "replaces_all": "perhaps"}},
            "input_refused",
        ),
        ({"files": ROLES, "data": {"session_key": ["pier", "quay"]}}, "input_refused"),
        ({"files": ROLES, "data": {"session_key": "Not a key!"}}, "session_key_refused"),
        (
            {"files": [("sheets", *ROLES[0][1:])], "data": {"session_key": "pier"}},
            "input_refused",
        ),
    ],
)
def test_a_form_that_cannot_be_meant_is_refused_and_nothing_is_kept(
    client_of: ClientOf, web: Web, form: dict[str, Any], code: str
) -> None:
    refused = client_of(Role.REVIEWER).post(UPLOADS, **form)

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert web.pipeline.store.sessions.find("pier") is None


def test_a_reader_sends_nothing(client_of: ClientOf) -> None:
    refused = client_of(Role.READER).post(UPLOADS, files=ROLES, data={"session_key": "pier"})

    assert (refused.status_code, refused.json()["code"]) == (403, "role_too_low")
