"""A hostile site: it answers some requests with the credentials it was sent, in every place.

Belongs here: the answers, and which requests get them. Does not: what is looked for afterwards.
"""

import base64
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """An answer that holds the credentials."""

    status: int
    is_html: bool = False

    def answer(self, request: Request) -> Response:
        """Repeat the token, the header, and both together wherever an answer has room."""
        header = request.headers.get("authorization", "")
        token = base64.b64decode(header.partition(" ")[2]).decode().partition(":")[2]
        headers = {"location": f"/login?token={token}", "ratelimit-reason": f"no {token}"}
        if self.is_html:
            page = f"<html>{header} {token}</html>"
            return Response(page, self.status, headers, media_type="text/html")
        body = {"errorMessages": [f"{header} is {token}"], "errors": {token: f"not {header}"}}
        return Response(json.dumps(body), self.status, headers, media_type="application/json")


def mirroring(
    app: ASGIApp, mirrors: Sequence[Mirror], *, is_struck: Callable[[str, str], bool]
) -> ASGIApp:
    """Put a mirror before a site: requests it strikes get the answers in turn, the last for ever."""
    answers = itertools.chain(mirrors, itertools.repeat(mirrors[-1]))

    async def mirrored(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_struck(scope["method"], scope["path"]):
            response = next(answers).answer(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await app(scope, receive, send)

    return mirrored
