"""Opens the web of a project, and browsers in which people of each role are signed in."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser, LexborNode
from sqlalchemy import event
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from jira_pipeline.cli.context import opened_runs
from jira_pipeline.dagster_port.reports import report_upload
from jira_pipeline.model.people import Role
from jira_pipeline.model.runs import Runs
from jira_pipeline.sessions import accounts, upload as uploading
from jira_pipeline.web.application import Switch, guarded_web
from jira_pipeline.web.context import Access, LateDagster, Web
from jira_pipeline.web.guard import Guard
from jira_pipeline_tests import projects
from jira_pipeline_tests.web.declared_answers import Declared, WatchingClient

ORIGIN = "http://127.0.0.1:3000"
SOCKET_ORIGIN = "ws://127.0.0.1:3000"
"""The client knows no address of its own for WebSockets."""
NAMES = {role: f"{role.value}@example.org" for role in Role}
_SERVED: dict[int, tuple[Web, ASGIApp]] = {}
_ROUTERS: dict[str, APIRouter] = {}
_DECLARED: list[Declared] = []
ClientOf = Callable[[Role | None], TestClient]


@contextmanager
def opened_copy(prepared: Path, folder: Path) -> Iterator[Web]:
    with opened_web(shutil.copytree(prepared, folder / "project")) as web:
        yield web


@contextmanager
def opened_with_sheets(
    prepared: Path, folder: Path, session_key: str, sheets: Mapping[str, str]
) -> Iterator[Web]:
    """Open the web of a copy of a project, with a session of CSV files by the names of their sheets."""
    sheets_folder = folder / "sheets" / session_key
    sheets_folder.mkdir(parents=True)
    for name, text in sheets.items():
        (sheets_folder / f"{name}.csv").write_text(text, encoding="utf-8")
    with opened_copy(prepared, folder) as web:
        uploading.upload(
            web.pipeline, sheets_folder, session_key=session_key, auto_approve=False, actor="test"
        )
        yield web


@contextmanager
def opened_web(project: Path) -> Iterator[Web]:
    """Open the web of a project, with a person of each role, as the home of this process."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAGSTER_HOME", str(project))
        with projects.opened(project) as pipeline, opened_runs(pipeline) as runs:
            for role, name in NAMES.items():
                accounts.add_person(pipeline, name, role, by="test")
            web = Web(
                pipeline=pipeline,
                dagster=LateDagster(),
                access=Access(pipeline),
                report_to_dagster=report_upload,
            )
            yield with_runs(web, runs)


def with_runs(web: Web, runs: Runs) -> Web:
    """Return a web beside a Dagster that is there, and that has these runs."""
    dagster = LateDagster()
    dagster.arrive(dagster_in_test, runs)
    return replace(web, dagster=dagster)


@contextmanager
def asked_of_store(web: Web) -> Iterator[list[tuple[str, str]]]:
    """Note each statement, with its values, that is sent to the store of a web."""
    asked: list[tuple[str, str]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, str(parameters)))

    engine = web.pipeline.store.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def dagster_in_test(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as Dagster's place would, with the path and the headers that reached it."""
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).accept()
        await receive()
        await receive()
        return
    answer = JSONResponse({"path": scope["path"], "headers": headers})
    await answer(scope, receive, send)


def browser(web: Web, *, address: str = "127.0.0.1") -> TestClient:
    """Return a browser in which nobody is signed in, at an address of the network."""
    return WatchingClient(
        application_of(web),
        declared_by(web),
        base_url=ORIGIN,
        follow_redirects=False,
        client=(address, 50_000),
    )


def application_of(web: Web) -> ASGIApp:
    """Return what is served of a web, with the routes of the first one in this process.

    The framework reads the signatures of 170 routes at the first request to an application: half a
    second. The routes hold nothing of a web; each request takes it from its application.
    """
    if id(web) not in _SERVED:
        guarded = guarded_web(web)
        assert isinstance(guarded, Guard)
        assert isinstance(guarded.application, Switch)
        ours = guarded.application.ours
        ours.router = _ROUTERS.setdefault("ours", ours.router)
        _SERVED[id(web)] = web, guarded
    return _SERVED[id(web)][1]


def declared_by(web: Web) -> Declared:
    """Return what the document of a web declares, which is made once in this process."""
    if not _DECLARED:
        guarded = application_of(web)
        assert isinstance(guarded, Guard)
        assert isinstance(guarded.application, Switch)
        _DECLARED.append(Declared(guarded.application.ours.openapi))
    return _DECLARED[0]


def signed_in(web: Web, role: Role | None) -> TestClient:
    """Return a browser in which a person of this role signed in by link."""
    client = browser(web)
    if role is not None:
        link = accounts.invite(web.pipeline, NAMES[role], by="test").secret
        assert client.post("/sign-in", data={"link": link}).status_code == 303
    return client


def slow_browser(web: Web, client: TestClient, *, meanwhile: Callable[[], object]) -> TestClient:
    """Return the same browser where something happens before what a form says arrives."""
    application = application_of(web)

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        async def received() -> Message:
            await run_in_threadpool(meanwhile)
            return await receive()

        await application(scope, received, send)

    return TestClient(served, base_url=ORIGIN, cookies=client.cookies, follow_redirects=False)


def token_of(web: Web, name: str) -> dict[str, str]:
    """Return what a program sends that has a token of this person."""
    issued = accounts.issue_token(web.pipeline, name, role=None, days=1, label="ci", by="test")
    return {"Authorization": f"Bearer {issued.secret}"}


def texts(page: str, selector: str) -> list[str]:
    found = LexborHTMLParser(page).css(selector)
    return [" ".join(node.text(separator=" ").split()) for node in found]


def text_of(page: str, selector: str) -> str:
    return " ".join(texts(page, selector))


def page_at(client: TestClient, address: str) -> LexborHTMLParser:
    """Return a page that is there."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return LexborHTMLParser(answer.text)


def one(page: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    """Return the first that a selector finds."""
    found = page.css_first(selector)
    assert found is not None, selector
    return found


def value_of(page: LexborHTMLParser | LexborNode, selector: str) -> str:
    """Return what the first field of a selector would send."""
    return str(one(page, selector).attributes["value"])


def hidden_in(form: LexborNode) -> dict[str, str]:
    """Return what a form sends that nobody sees."""
    hidden = [field.attributes for field in form.css("input[type=hidden]")]
    return {str(field["name"]): field["value"] or "" for field in hidden}


def address_of(node: LexborHTMLParser | LexborNode, selector: str) -> str:
    """Return where the first link of a selector leads."""
    return str(one(node, selector).attributes["href"])
