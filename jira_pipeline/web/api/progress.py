"""WebSockets that follow an export to Jira, or the writing of tickets.

Belongs here: connections, those of pages too. Does not: what a message says (`live`, and the part
of a page that `pages` shows), who may connect (`context`).

A connection gets the state as a message when it opens, and another message whenever that differs. Nothing
is lost with a connection: the next one begins with the state as it is then. It stays open when the work
ends, since the work may begin again.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from jira_pipeline.model.errors import PipelineError, StoreBusyError
from jira_pipeline.model.people import Person, Role
from jira_pipeline.web.context import Web, allowed, web_of
from jira_pipeline.web.live import Look, export_message, look_at, writing_message
from jira_pipeline.web.pages import export_page, session_page
from jira_pipeline.web.problems import close_websocket, deny_websocket, problem_of

router = APIRouter(prefix="/api", tags=["progress"])
page_router = APIRouter(prefix="/sessions/{key}")
LOOK_SECONDS = 1.0
CONNECTIONS_MAX = 20
"""Of one person at once: tabs of a browser, not a leak."""

Message: TypeAlias = Mapping[str, object] | str
"""A mapping is sent as JSON, a text (a part of a page) as it is."""


@router.websocket("/jira/export/progress/{key}")
async def export_progress(websocket: WebSocket, key: str) -> None:
    """Follow the export of a session."""
    await _follow(websocket, key, lambda look, _: export_message(look))


@router.websocket("/sessions/{key}/processing/progress")
async def processing_progress(websocket: WebSocket, key: str) -> None:
    """Follow the writing of the tickets of a session."""
    await _follow(websocket, key, lambda look, _: writing_message(look))


@page_router.websocket("/live")
async def session_live(websocket: WebSocket, key: str) -> None:
    """Show what is at work in a session, and whatever differs from then on."""
    await _follow(websocket, key, session_page.live_part)


@page_router.websocket("/export/live")
async def export_live(websocket: WebSocket, key: str) -> None:
    """Show where an export is, and whatever differs from then on."""
    await _follow(websocket, key, export_page.live_part)


async def _follow(
    websocket: WebSocket,
    key: str,
    message_of: Callable[[Look, Person], Message],
) -> None:
    """Send a connection the message of a session's state, now and whenever it differs, until it closes."""
    web = web_of(websocket)
    try:
        person = await run_in_threadpool(allowed, web.access, websocket, Role.READER)
        look = await run_in_threadpool(look_at, web, key)
        web.followers.add(person.name, most=CONNECTIONS_MAX)
    except PipelineError as error:
        await deny_websocket(websocket.scope, websocket.receive, websocket.send, error)
        return
    try:
        await websocket.accept()
        closed = asyncio.ensure_future(_wait_until_closed(websocket))
        try:
            await _send_changes(websocket, web, person, key, look, message_of, closed)
        finally:
            closed.cancel()
    except (WebSocketDisconnect, RuntimeError):  # it closed while something was sent
        return
    finally:
        web.followers.remove(person.name)


async def _send_changes(  # noqa: PLR0917 - of one connection
    websocket: WebSocket,
    web: Web,
    person: Person,
    key: str,
    look: Look,
    message_of: Callable[[Look, Person], Message],
    closed: "asyncio.Future[None]",
) -> None:
    """Send a message for a look, then look again every second and send what differs, until it closes.

    `closed` is done when the connection is. An error of a later look is the last message.
    """
    mark_before: object = None
    sent: Message | None = None
    while not closed.done():
        try:
            # A message takes longer to make than a mark to compare.
            mark = look.mark
            if mark != mark_before:
                message = await run_in_threadpool(message_of, look, person)
                mark_before = mark
                if message != sent:
                    await _send(websocket, message)
                    sent = message
            await asyncio.wait({closed}, timeout=LOOK_SECONDS)
            look = await run_in_threadpool(web.looks.at, key, partial(look_at, web, key))
        except StoreBusyError:  # the next look tries again; the last message still counts
            continue
        except PipelineError as error:  # such as a session that was removed
            await websocket.send_json({"type": "error", "problem": problem_of(error)})
            await close_websocket(websocket.send, error)
            return


async def _send(websocket: WebSocket, message: Message) -> None:
    if isinstance(message, str):
        await websocket.send_text(message)
    else:
        await websocket.send_json(message)


async def _wait_until_closed(websocket: WebSocket) -> None:
    """Wait until a connection closes; what it sends meanwhile is dropped."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
