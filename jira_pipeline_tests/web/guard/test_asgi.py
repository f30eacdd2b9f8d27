"""The guard around an application: what passes is untouched, what does not never reaches it."""

import asyncio
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from jira_pipeline.web.guard import Guard

HOST = (b"host", b"localhost:3000")
FOREIGN = (b"origin", b"https://attacker.example")


class Application:
    """Answers everything and remembers what it saw."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        self.seen.append(scope["type"])
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept", "subprotocol": "graphql-ws"})
        elif scope["type"] == "http":
            headers = [(b"x-frame-options", b"SAMEORIGIN"), (b"x-own", b"1")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"page"})


def served(scope: dict[str, Any]) -> tuple[Application, list[Message]]:
    application = Application()
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("nothing is read of a request that is refused")

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Guard(application)(scope, receive, send))
    return application, sent


def http(*headers: tuple[bytes, bytes], path: str = "/runs", query: bytes = b"") -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query,
        "headers": list(headers),
    }


def websocket(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "websocket", "path": "/graphql", "query_string": b"", "headers": list(headers)}


def test_an_answer_gets_headers_that_keep_it_out_of_frames_and_keeps_its_own() -> None:
    application, (start, body) = served(http(HOST))

    assert application.seen == ["http"]
    assert start["headers"] == [
        (b"x-frame-options", b"SAMEORIGIN"),
        (b"x-own", b"1"),
        (b"referrer-policy", b"same-origin"),
        (b"content-security-policy", b"frame-ancestors 'none'"),
    ]
    assert body["body"] == b"page"


def test_an_answer_that_names_no_headers_gets_ours() -> None:
    sent: list[Message] = []

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204})

    async def keep(message: Message) -> None:
        sent.append(message)

    asyncio.run(Guard(answer)(http(HOST), asyncio.Event().wait, keep))  # type: ignore[arg-type] # nothing is read

    assert b"x-frame-options" in dict(sent[0]["headers"])


def test_a_refused_request_is_answered_with_the_reason_and_never_arrives() -> None:
    application, (start, body) = served(http(HOST, FOREIGN))

    assert application.seen == []
    assert start["status"] == 403
    assert b"another origin" in body["body"]


def test_a_subscription_passes_and_a_foreign_one_is_closed_before_it_is_accepted() -> None:
    ours, accepted = served(websocket(HOST, (b"origin", b"http://localhost:3000")))
    foreign, closed = served(websocket(HOST, FOREIGN))

    assert (ours.seen, [message["type"] for message in accepted]) == (
        ["websocket"],
        ["websocket.accept"],
    )
    assert (foreign.seen, [message["type"] for message in closed]) == ([], ["websocket.close"])


def test_a_query_in_an_address_is_found_however_it_is_written() -> None:
    queries = [b"query=%7Ba%7D", b"%71uery={a}", b"a=1&QUERY=x", b"query", b"a=&" * 2_000]

    answered = [served(http(HOST, path="/GraphQL", query=query))[1][0] for query in queries]

    assert [message["status"] for message in answered] == [403] * len(queries)


def test_starting_and_stopping_passes() -> None:
    application, sent = served({"type": "lifespan"})

    assert (application.seen, sent) == (["lifespan"], [])
