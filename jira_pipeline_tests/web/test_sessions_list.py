"""The list of sessions, as a page and as a resource."""

from jira_pipeline.domain.people import Role
from jira_pipeline_tests.web.browsers import NAMES, ClientOf


def test_the_api_lists_what_the_command_lists(client_of: ClientOf) -> None:
    answer = client_of(Role.READER).get("/api/sessions")

    assert answer.status_code == 200
    assert [(s["session_key"], s["needs"]) for s in answer.json()] == [("museum", "review")]


def test_the_page_lists_the_sessions_and_who_looks(client_of: ClientOf) -> None:
    answer = client_of(Role.READER).get("/")

    assert answer.status_code == 200
    assert 'href="/sessions/museum"' in answer.text
    assert NAMES[Role.READER] in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]


def test_without_a_sign_in_the_api_answers_a_problem_and_the_page_says_how(
    client_of: ClientOf,
) -> None:
    problem = client_of(None).get("/api/sessions")
    page = client_of(None).get("/")

    assert (problem.status_code, page.status_code) == (401, 401)
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == "not_signed_in"
    assert "serve" in page.text


def test_every_page_finds_its_style_sheets_and_its_script(client_of: ClientOf) -> None:
    client = client_of(Role.READER)

    for name in ("look.css", "web.css", "web.js", "icon.svg"):
        assert f'"/static/{name}"' in client.get("/").text
        assert client.get(f"/static/{name}").status_code == 200
