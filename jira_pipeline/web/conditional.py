"""Answers that a program has already: an ETag for each, and 304 where nothing changed.

Belongs here: naming an answer, comparing. Does not: which revision a change is made on (`api/tickets`).
"""

import hashlib
import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

_TAG = re.compile(r'"([^"]*)"')
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def answered_if_changed(done: Handler) -> Handler:
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
