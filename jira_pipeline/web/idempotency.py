"""Requests that come twice: done once for an Idempotency-Key, answered 304 where nothing changed.

Belongs here: comparing, naming an answer by its ETag, answering again. Does not: keeping answers
(`store/records`), how long (`session/upkeep`), which revision a change is made on (`api/tickets`).

What was done is answered again. A refusal did nothing, so it is not kept: the same request may
succeed once a person acted. Where the process dies before its answer is kept, the request is done
again; what POST does here changes nothing the second time, or says that it is done already.
"""

import hashlib
import json
import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from jira_pipeline.errors import IdempotencyKeyError
from jira_pipeline.flow.records import answered_request, keep_answer
from jira_pipeline.kernel.people import Role
from jira_pipeline.kernel.records import AnsweredRequest
from jira_pipeline.web.access import Needs
from jira_pipeline.web.context import Web, web_of

HEADER = "idempotency-key"
REPLAYED = "idempotent-replayed"
"""Header of an answer that was given before."""
_TAG = re.compile(r'"([^"]*)"')
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_FORM = "multipart/form-data"
_KEPT_HEADERS = ("content-type", "etag", "location")


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ApiRoute(APIRoute):
    """A route whose POST is done once for a key, and whose GET is not sent again unchanged."""

    @override
    def get_route_handler(self) -> Handler:
        done = super().get_route_handler()
        if "GET" in (self.methods or ()):
            return _answered_if_changed(done)
        if "POST" not in (self.methods or ()):
            return done
        needs = _needs_of(self.dependant)

        async def handle(request: Request) -> Response:
            keys = request.headers.getlist(HEADER)
            if not keys:
                return await done(request)
            web = web_of(request)
            person = await run_in_threadpool(needs.admits, request)
            if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
                raise IdempotencyKeyError("it is not one word of 1 to 255 printable characters")
            try:
                request_sha256 = await _sha256_of(request)
                with web.under_way.of(person.name, keys[0]):
                    known = await run_in_threadpool(
                        answered_request, web.pipeline, person.name, keys[0]
                    )
                    if known is None:
                        response = await done(request)
                        known = await run_in_threadpool(
                            _kept, web, response, person.name, keys[0], request_sha256
                        )
                        if known is None:
                            return response
            finally:
                await request.close()
            if known.request_sha256 != request_sha256:
                raise IdempotencyKeyError("another request had it")
            return Response(
                known.body,
                status_code=known.status_code,
                headers={**known.headers, REPLAYED: "true"},
            )

        return handle


def _answered_if_changed(done: Handler) -> Handler:
    """Give each answer an ETag of all it says, and leave out a body that the caller has.

    An ETag that the route gave stays its beginning: the revision of a ticket, for `If-Match`.
    """

    async def handle(request: Request) -> Response:
        response = await done(request)
        if response.status_code != 200:  # noqa: PLR2004 - the only one with something to keep
            return response
        said_sha256 = hashlib.sha256(bytes(response.body)).hexdigest()[:16]
        given = response.headers.get("etag", '""').strip('"')
        tag = f"{given}-{said_sha256}" if given else said_sha256
        response.headers["etag"] = json.dumps(tag)
        known = request.headers.get("if-none-match", "")
        if known.strip() != "*" and tag not in _TAG.findall(known):
            return response
        return Response(status_code=304, headers={"etag": json.dumps(tag)})

    return handle


def _kept(
    web: Web, response: Response, caller: str, key: str, request_sha256: str
) -> AnsweredRequest | None:
    """Keep what was done; return what is kept of another process that was faster, else None."""
    if not 200 <= response.status_code < 300:  # noqa: PLR2004 - what HTTP calls success
        return None
    answered = AnsweredRequest(
        caller=caller,
        idempotency_key=key,
        request_sha256=request_sha256,
        status_code=response.status_code,
        headers={
            name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers
        },
        body=bytes(response.body).decode("utf-8"),
        at=web.pipeline.clock.now(),
    )
    kept = keep_answer(web.pipeline, answered)
    return None if kept is answered else kept


async def _sha256_of(request: Request) -> str:
    """Return the hash of what is asked: of a form its parts, since each sending has a boundary."""
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    found = hashlib.sha256(
        f"{request.method} {request.url.path}?{request.url.query}\n{kind}\n".encode()
    )
    if kind != _FORM:
        found.update(body)
        return found.hexdigest()
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            content_sha256 = hashlib.sha256(await value.read()).hexdigest()
            part = [name, value.filename, content_sha256]
            await value.seek(0)
        else:
            part = [name, value]
        found.update(f"{json.dumps(part)}\n".encode())
    return found.hexdigest()


def _needs_of(dependant: Dependant) -> Needs:
    """Return what a route needs, by its dependencies."""
    found = [d.call for d in _all_of(dependant) if isinstance(d.call, Needs)]
    return max(found, key=lambda needs: list(Role).index(needs.role))


def _all_of(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _all_of(inner)
