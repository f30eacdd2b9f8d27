"""Routes of programs: what is read again costs nothing, and what is sent again is not done twice.

An answer that is read has a tag (`ETag`); who asks again with the tag, and nothing has changed, gets
304 without a body. What is sent may have a key (`Idempotency-Key`): sent again within 24 hours it is
not done again, and answered as it was the first time. A parameter that a route does not know is
refused.

Belongs here: all three, for every route of the API. Does not: what becomes of a request that was sent
before (`context/repeated_requests`).
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header
from fastapi.dependencies.models import Dependant
from fastapi.params import Depends as Dependency
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from jira_pipeline.context.repeated_requests import (
    BegunRequest,
    begin_request,
    end_request,
    forget_request,
)
from jira_pipeline.context.runs import new_run_id
from jira_pipeline.model.keyed_requests import TASK_ID, KeyedRequest
from jira_pipeline.model.people import Role
from jira_pipeline.web.context import (
    KNOWN_PARAMETERS_ONLY,
    Needs,
    Reader,
    TheWeb,
    refuse_lower,
    web_of,
)

KEY_CHARACTERS_MAX = 255
READING = frozenset({"GET"})
REPLAYED_HEADER = "idempotency-replayed"
Handler = Callable[[Request], Awaitable[Response]]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=KEY_CHARACTERS_MAX,
        description="Chosen by the program, such as a UUID. The same request with the same key is "
        "done once in 24 hours, and answered again as the first time; by token and address.",
    ),
]


class _AnsweredBeforeError(Exception):
    """The request was done already: this is how it was answered."""

    def __init__(self, answer: Response) -> None:
        super().__init__("answered before")
        self.answer = answer


async def _begin_once(
    request: Request, web: TheWeb, person: Reader, idempotency_key: IdempotencyKey = None
) -> None:
    """Remember a request that has a key, unless the same was sent before.

    Raises:
        RoleTooLowError: Whoever sends it may not, or may not any more.
        KeyReusedError: The request before it with this key asked for something else.
        RequestUnderWayError: The same request is being done.
        RequestInterruptedError: It changed something, and its program was killed.
        _AnsweredBeforeError: It was done.
    """
    if idempotency_key is None:
        return
    # Also of an answer that is given again: a role may have been taken away since.
    refuse_lower(person, request.state.role_needed)
    sender = request.headers.get("authorization") or person.name
    content = f"{request.url.query}\n".encode() + await request.body()
    scope = [sender, request.method, request.url.path, idempotency_key]
    keyed = KeyedRequest(
        scope_sha256=_sha256(json.dumps(scope).encode()),
        content_sha256=_sha256(content),
        received_at=web.pipeline.clock.now(),
        task_id=new_run_id(),
    )
    begun = await run_in_threadpool(begin_request, web.pipeline, keyed)
    if isinstance(begun, KeyedRequest):
        raise _AnsweredBeforeError(_replayed(begun))
    request.state.begun_request = begun
    web.pipeline.store.keyed_requests.note_writes(begun.keyed)
    TASK_ID.set(begun.keyed.task_id)


_BEGIN_ONCE: Dependency = Depends(_begin_once)


def role_for(dependant: Dependant) -> Role:
    """Return the least role that a route needs: the highest that anything it depends on asks for."""
    needed = Role.READER
    pending = [dependant]
    for dependency in pending:
        pending.extend(dependency.dependencies)
        call = dependency.call
        if isinstance(call, Needs) and call.role.includes(needed):
            needed = call.role
    return needed


class RepeatableRoute(APIRoute):
    """A route of the API whose requests may be repeated."""

    @override
    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: set[str] | list[str] | None = None,
        dependencies: Sequence[Dependency] | None = None,
        **more: Any,
    ) -> None:
        needed = list(dependencies or ())
        if KNOWN_PARAMETERS_ONLY not in needed:
            needed.append(KNOWN_PARAMETERS_ONLY)
        if not READING.issuperset(methods or READING) and _BEGIN_ONCE not in needed:
            needed.append(_BEGIN_ONCE)
        super().__init__(path, endpoint, methods=methods, dependencies=needed, **more)

    @override
    def get_route_handler(self) -> Callable[[Request], Any]:
        answer = super().get_route_handler()
        if READING.issuperset(self.methods or READING):
            return partial(_answer_unless_known, answer)
        return partial(_answer_once, answer, role_for(self.dependant))


async def _answer_unless_known(answer: Handler, request: Request) -> Response:
    """Answer a request that reads, with a tag; 304 where whoever asks has that answer already."""
    response = await answer(request)
    body = _body_of(response)
    if body is None or response.status_code != HTTPStatus.OK:
        return response
    # Weak: a proxy, or we, may pack the same body in another way.
    tag = f'W/"{_sha256(body)[:32]}"'
    response.headers["etag"] = tag
    if not _is_known(request.headers.get("if-none-match", ""), tag):
        return response
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"etag": tag})


def _is_known(if_none_match: str, tag: str) -> bool:
    """Tell whether a header names a tag, compared weakly. Source: RFC 9110, 13.1.2."""
    opaque = tag.removeprefix("W/")
    named = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return opaque in named or named == {"*"}


async def _answer_once(answer: Handler, role: Role, request: Request) -> Response:
    """Answer a request that changes something; with a key that was sent before, as it was then."""
    request.state.role_needed = role
    request.state.begun_request = None
    response = None
    try:
        response = await answer(request)
    except _AnsweredBeforeError as error:
        return error.answer
    finally:
        begun: BegunRequest | None = request.state.begun_request
        if begun is not None:
            await _end(request, begun, response)
    return response


async def _end(request: Request, begun: BegunRequest, response: Response | None) -> None:
    """Remember the answer of a request with a key; one that was refused, or failed, is forgotten."""
    pipeline = web_of(request).pipeline
    pipeline.store.keyed_requests.note_no_writes()
    TASK_ID.set(None)
    if response is None or response.status_code >= HTTPStatus.BAD_REQUEST:
        await run_in_threadpool(forget_request, pipeline, begun)
        return
    body = _body_of(response) or b""
    await run_in_threadpool(
        end_request,
        pipeline,
        begun,
        status=response.status_code,
        location=response.headers.get("location"),
        answer=body.decode(),
    )


def _replayed(earlier: KeyedRequest) -> Response:
    headers = {REPLAYED_HEADER: "true"}
    if earlier.location is not None:
        headers["location"] = earlier.location
    return Response(
        earlier.answer,
        status_code=earlier.status or HTTPStatus.OK,
        headers=headers,
        media_type="application/json",
    )


def _body_of(response: Response) -> bytes | None:
    """Return the body of an answer; None where it is sent as it is read."""
    body = getattr(response, "body", None)
    return None if body is None else bytes(body)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
