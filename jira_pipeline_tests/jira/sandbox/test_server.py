"""The sandbox served by its ASGI application."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from jira_pipeline.jira.sandbox.pages import MAX_BODY_BYTES, create_app, serve
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import SANDBOX_BASE_URL
from jira_pipeline.model.errors import ConfigurationError
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.sandbox.plain_issues import LEAST, NOW
from jira_pipeline_tests.jira.sandbox.served_sandboxes import served

AUTH = ("owner@sandbox.example", "token")
Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(sandbox: JiraSandbox) -> Ask:
    """Return a way to send one request to the application."""

    async def send(method: str, url: str, **parts: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(sandbox))
        async with httpx.AsyncClient(transport=transport, auth=AUTH) as client:
            return await client.request(method, url, **parts)

    def ask_once(method: str, url: str, **parts: Any) -> httpx.Response:
        return asyncio.run(send(method, url, **parts))

    return ask_once


def test_calls_and_pages_are_both_served(ask: Ask) -> None:
    fields = {**LEAST, "summary": "Served"}

    created = ask("POST", "http://127.0.0.1/rest/api/3/issue", json={"fields": fields})
    page = ask("GET", f"http://localhost/browse/{created.json()['key']}")

    assert created.status_code == 201
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Served" in page.text


def test_a_foreign_host_name_is_refused(ask: Ask) -> None:
    """A web page may point a name of its own at this machine (DNS rebinding)."""
    assert ask("GET", "http://evil.example/rest/api/3/serverInfo").status_code == 400


def test_an_encoded_path_arrives_as_it_was_sent(ask: Ask, sandbox: JiraSandbox) -> None:
    ask("GET", "http://127.0.0.1/rest/api/3/issue/SBX-1/properties/a%2Fb?x=%20y")

    [entry] = journal_of(sandbox)

    assert entry.path == "/rest/api/3/issue/SBX-1/properties/a%2Fb"
    assert entry.query == "x=%20y"


def test_links_lead_back_to_the_port_that_was_asked(ask: Ask) -> None:
    """Clients download attachments by the address in the answer; the identity stays the same."""
    project = ask("GET", "http://localhost:9999/rest/api/3/project/SBX").json()
    server = ask("GET", "http://localhost:9999/rest/api/3/serverInfo").json()

    assert project["self"] == "http://localhost:9999/rest/api/3/project/10000"
    assert server["baseUrl"] == SANDBOX_BASE_URL


def test_a_port_that_is_taken_is_reported_and_changes_nothing(
    sandbox: JiraSandbox, tmp_path: Path
) -> None:
    """The program ended with words of its web server, and had announced its address."""
    announced: list[str] = []

    with served(sandbox) as address:
        port = int(address.rpartition(":")[2])
        with pytest.raises(ConfigurationError, match=f"Port {port} of 127.0.0.1 cannot be used"):
            serve(tmp_path / "other.sqlite", port=port, announce=announced.append)

    assert announced == []
    assert not (tmp_path / "other.sqlite").exists()


def test_pages_are_only_read(ask: Ask) -> None:
    assert ask("POST", "http://127.0.0.1/projects/SBX").status_code == 405


def test_a_body_beyond_every_limit_is_not_even_read(ask: Ask, sandbox: JiraSandbox) -> None:
    answer = ask("POST", "http://127.0.0.1/rest/api/3/issue", content=b"x" * (MAX_BODY_BYTES + 1))

    assert answer.status_code == 413
    assert journal_of(sandbox) == ()


def test_a_busy_sandbox_answers_503(sandbox: JiraSandbox, tmp_path: Path) -> None:
    async def send(busy: JiraSandbox) -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(busy))
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.get("http://127.0.0.1/rest/api/3/serverInfo")

    path = tmp_path / "sandbox.sqlite"
    with (
        JiraSandbox(path, clock=lambda: NOW, busy_timeout_seconds=0) as busy,
        sandbox.state.writing(),
    ):
        answer = asyncio.run(send(busy))

    assert answer.status_code == 503
    assert "stays busy" in answer.json()["message"]
