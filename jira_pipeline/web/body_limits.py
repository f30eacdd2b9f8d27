"""How much of a request's body is read: nobody fills the disk or the memory with one.

Belongs here: counting what arrives, whatever the length that was stated. Does not: limits of sheets
(`sessions/incoming`) and of fields (each route).
"""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_MAX_BYTES = 2_000_000
"""Texts and answers: a part of a ticket takes 100 kB, a spreadsheet of answers some more."""
FORM_EXTRA_BYTES = 100_000
"""What a form has around its files."""


class BoundedBodies:
    """Stops reading a body that is longer than what its address takes."""

    def __init__(self, app: ASGIApp, *, upload_max_bytes: int) -> None:
        """Let files of so many bytes through where they are uploaded."""
        self._app = app
        self._upload_max_bytes = upload_max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = BODY_MAX_BYTES
        if scope["path"].rstrip("/").endswith(("/upload", "/uploads")):
            most = self._upload_max_bytes + FORM_EXTRA_BYTES
        stated = Request(scope).headers.get("content-length", "0")
        is_too_long = stated.isascii() and stated.isdigit() and int(stated) > most
        seen = 0

        async def bounded() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if is_too_long or seen > most:
                raise HTTPException(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {most:,} bytes are taken here."
                )
            return message

        await self._app(scope, bounded, send)
