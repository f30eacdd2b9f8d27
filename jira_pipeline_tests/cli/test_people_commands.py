"""`people`: who may use the web, from the shell."""

from pathlib import Path

import pytest

from jira_pipeline.cli.serving import single_server
from jira_pipeline.model.people import CredentialKind, Role
from jira_pipeline.sessions import accounts
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run


def test_a_person_is_let_in_listed_and_shut_out(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_BASE_URL", "https://review.example.org/")

    added = run("people", "add", "anna@example.org", "--role", "reviewer", "--json")
    token = run(
        *("people", "token", "Anna@example.org", "--role", "reader", "--label", "ci", "--json")
    )
    listed = run("people", "list", "--json")
    shown = run("people", "list")
    with projects.opened(project) as pipeline:
        person = accounts.authenticate(pipeline, token.json["token"], CredentialKind.TOKEN)
    revoked = run("people", "revoke", "anna@example.org", "--json")
    again = run("people", "revoke", "anna@example.org")

    (anna,) = listed.json
    assert added.json["link"].startswith("https://review.example.org/sign-in?link=")
    assert (anna["name"], anna["role"], anna["last_seen_at"]) == (
        "anna@example.org",
        "reviewer",
        None,
    )
    assert [(t["label"], t["role"]) for t in anna["tokens"]] == [("ci", "reader")]
    assert "ci (reader, until" in shown.words
    assert person is not None
    assert (person.name, person.role) == ("anna@example.org", Role.READER)
    assert revoked.json == {"name": "anna@example.org", "is_revoked": True}
    assert again.exit_code == 2
    assert "anna@example.org may not use" in again.words


@pytest.mark.usefixtures("project")
def test_a_link_and_a_token_are_printed_on_one_line_to_copy() -> None:
    added = run("people", "add", "A Person With A Name", "--role", "admin")
    token = run("people", "token", "A Person With A Name")

    assert added.out.splitlines()[-1].startswith("http://127.0.0.1:3000/sign-in?link=")
    assert len(token.out.splitlines()[1]) == 43


def test_a_link_leads_to_the_program_that_runs(project: Path) -> None:
    """It named port 3000 whatever `serve --port` was."""
    with projects.opened(project) as pipeline, single_server(pipeline.settings, "http://here:4567"):
        beside = run("people", "add", "anna@example.org", "--role", "reader", "--json")
    alone = run("people", "add", "anna@example.org", "--role", "reader", "--json")

    assert beside.json["link"].startswith("http://here:4567/sign-in?link=")
    assert alone.json["link"].startswith("http://127.0.0.1:3000/sign-in?link=")
