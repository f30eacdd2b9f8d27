"""Tickets that a model completed, on their page: written again, a change taken back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.people import Role
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.starting import start_generation
from jira_pipeline.web.context import Web
from jira_pipeline.writing.writers import WritingOrder
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import opened_web, signed_in
from jira_pipeline_tests.writing.scripted_models import Say, ScriptedServer, always, scripted_server

pytestmark = [pytest.mark.xdist_group("models"), pytest.mark.small_site]
NUMBER = 3
PAGE = f"/sessions/{SESSION}/tickets/{NUMBER}"
REMARK = "Say what the archive filters by."


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A model on this machine that answers well."""
    with scripted_server(always(Say())) as listening:
        yield listening


@pytest.fixture
def completed_web(
    request: pytest.FixtureRequest,
    server: ScriptedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Web]:
    """A web whose ticket 3 a model completed, at the wish of a reviewer."""
    monkeypatch.setenv("WRITER_BASE_URL", server.base_url("compatible"))
    project = tmp_path / "project"
    shutil.copytree(projects.prepared(request, "reviewed_project"), project)
    order = WritingOrder(numbers=(NUMBER,), writer="qwen3:14b", remark=REMARK)
    with opened_web(project) as web:
        session = open_session(web.pipeline, SESSION)
        started = start_generation(session, web.runs, by="reviewer@example.org", order=order)
        assert started.estimated_tickets == 1
        yield web


def test_a_model_that_nobody_serves_any_more_is_named_where_it_should_write(fresh_web: Web) -> None:
    store = fresh_web.pipeline.store
    store.sessions.choose_writer(SESSION, "qwen3:14b", by="ab", at=fresh_web.pipeline.clock.now())
    wish = {"ticket_id": store.tickets.get(SESSION, NUMBER).ticket_id, "remark": REMARK}

    with signed_in(fresh_web, Role.REVIEWER) as client:
        shown = client.get(PAGE)
        client.follow_redirects = True
        refused = client.post(f"{PAGE}/write-again", data=wish)

    assert (shown.status_code, refused.status_code) == (200, 200)
    assert "qwen3:14b' cannot write tickets" in LexborHTMLParser(refused.text).text()


def test_a_ticket_is_written_again_and_a_change_taken_back_on_its_page(
    completed_web: Web, server: ScriptedServer
) -> None:
    with signed_in(completed_web, Role.REVIEWER) as client:
        client.follow_redirects = True
        page = LexborHTMLParser(client.get(PAGE).text)
        (shown,) = page.css("#write-again textarea")
        ticket_id = completed_web.pipeline.store.tickets.get(SESSION, NUMBER).ticket_id
        wish = {"ticket_id": ticket_id, "remark": "Name the roles."}
        written = client.post(f"{PAGE}/write-again", data=wish)
        taking = LexborHTMLParser(written.text).css("#changes form")[-1]
        fields = {str(n.attributes["name"]): n.attributes["value"] for n in taking.css("input")}
        taken = client.post(PAGE, data=fields)

    assert shown.text() == REMARK
    assert "queued to be written again, by qwen3:14b" in written.text
    assert "Name the roles." in server.asked[-1].last
    assert f"Ticket {NUMBER} is now at revision" in taken.text
    assert "People edited this ticket" in taken.text
