"""Servers of models on loopback that do what a script says: OpenAI's protocol and Anthropic's.

Belongs here: the wire, and every way to fail. Does not: what a writer makes of it.
"""

import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

from typing_extensions import override

GOOD_STORY = "The site needs what the table lists."
GOOD: dict[str, Any] = {
    "story": {"text": GOOD_STORY},
    "analysis": [{"text": "The table holds what is to be built."}],
    "checks": [{"text": "What the table lists can be seen on the site."}],
    "questions": [],
    "answered": [],
    "cells": [],
    "estimated_hours": None,
}
"""An answer that is true of every ticket."""
TOKENS_IN, TOKENS_OUT = 3_000, 200
"""In: of every ticket; longer questions have as many as their length says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as the server sees it."""

    number: int
    attempt: int
    """How often this ticket was asked about, from 1."""
    protocol: str
    """`openai` or `anthropic`."""
    path: str
    """Of the address that was asked; what comes before the protocol's own says who asked."""
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def request(self) -> str:
        return request_in(self.body)

    @property
    def last(self) -> str:
        return text_of(self.body["messages"][-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    text: str = json.dumps(GOOD)
    end: str = "stop"
    """`stop`, `length` or `refusal`."""
    tokens_in: int | None = None
    """None: as many as were sent."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """An error as the services word it."""

    status: int
    kind: str = "server_error"
    message: str = "Something went wrong"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A body as it is, with any length announced."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    encoding: str = "identity"
    missing_bytes: int = 0
    """So many more are announced than are sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """The connection breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nothing, until the server is closed."""


NO_CREDIT = Fail(status=429, kind="insufficient_quota", message="You exceeded your quota")
TOO_LATE = Fail(status=429, kind="rate_limit_error", headers={"Retry-After": "3600"})

Act: TypeAlias = Say | Fail | Raw | Reset | Silence
Script: TypeAlias = Callable[[Asked], Act]


def always(act: Act) -> Script:
    return lambda _asked: act


def in_turn(*acts: Act) -> Script:
    return lambda asked: acts[min(asked.attempt, len(acts)) - 1]


class ScriptedServer(ThreadingHTTPServer):
    """Answers by a script and remembers what it was asked."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script
        self.asked: list[Asked] = []
        self.running = self.running_most = 0
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._attempts: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def base_url(self, provider: str) -> str:
        return self.url if provider == "anthropic" else f"{self.url}/v1"

    def take(
        self, *, protocol: str, path: str, headers: Mapping[str, str], body: Mapping[str, Any]
    ) -> Asked:
        with self._lock:
            self._attempts[request_in(body)] += 1
            asked = Asked(
                number=len(self.asked) + 1,
                attempt=self._attempts[request_in(body)],
                protocol=protocol,
                path=path,
                headers=headers,
                body=body,
            )
            self.asked.append(asked)
            self.running += 1
            self.running_most = max(self.running_most, self.running)
            return asked

    def leave(self) -> None:
        with self._lock:
            self.running -= 1

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away: tests end requests on purpose."""


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        protocol = "anthropic" if self.path.endswith("/messages") else "openai"
        asked = self.server.take(
            protocol=protocol, path=self.path, headers=dict(self.headers), body=body
        )
        try:
            act = self.server.script(asked)
        finally:
            self.server.leave()
        match act:
            case Say():
                self._send(200, json.dumps(reply_body(asked, act)).encode(), headers=act.headers)
            case Fail():
                failure = json.dumps(failed(asked.protocol, act)).encode()
                self._send(act.status, failure, headers=act.headers)
            case Raw():
                self._send_raw(act)
            case Reset():
                self._reset()
            case Silence():
                self.server.closing.wait()
                self._reset()

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _send_raw(self, raw: Raw) -> None:
        self.send_response(raw.status)
        self.send_header("Content-Type", raw.content_type)
        self.send_header("Content-Encoding", raw.encoding)
        self.send_header("Content-Length", str(len(raw.body) + raw.missing_bytes))
        self.end_headers()
        self.wfile.write(raw.body)
        self.close_connection = raw.missing_bytes > 0

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def request_in(body: Mapping[str, Any]) -> str:
    first = next(m for m in body["messages"] if m["role"] == "user")
    return text_of(first).rpartition("<ticket>")[2].partition("</ticket>")[0]


def text_of(message: Mapping[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text", "")) for part in content)


def reply_body(asked: Asked, say: Say) -> dict[str, Any]:
    sent = max(TOKENS_IN, len(str(asked.body["messages"])) // 5)
    tokens_in = sent if say.tokens_in is None else say.tokens_in
    if asked.protocol == "anthropic":
        ends = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"}
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": asked.body["model"],
            "content": [{"type": "text", "text": say.text}] if say.text else [],
            "stop_reason": ends[say.end],
            "stop_sequence": None,
            "usage": {"input_tokens": tokens_in, "output_tokens": TOKENS_OUT},
        }
    is_refusal = say.end == "refusal"
    message = {
        "role": "assistant",
        "content": None if is_refusal else say.text,
        "refusal": say.text if is_refusal else None,
    }
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_800_000_000,
        "model": asked.body["model"],
        "choices": [
            {"index": 0, "message": message, "finish_reason": "stop" if is_refusal else say.end}
        ],
        "usage": {
            "prompt_tokens": tokens_in,
            "completion_tokens": TOKENS_OUT,
            "total_tokens": tokens_in + TOKENS_OUT,
        },
    }


def failed(protocol: str, fail: Fail) -> dict[str, Any]:
    if protocol == "anthropic":
        return {"type": "error", "error": {"type": fail.kind, "message": fail.message}}
    error = {"message": fail.message, "type": fail.kind, "code": fail.kind, "param": None}
    return {"error": error}


@contextmanager
def scripted_server(script: Script) -> Iterator[ScriptedServer]:
    server = ScriptedServer(script)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
