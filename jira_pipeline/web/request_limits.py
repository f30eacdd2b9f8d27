"""How large the body of a request may be, by who sends it and where.

Belongs here: counting. Does not: how often (`status_pace`), limits of single fields (the models of `api`), guesses of secrets
(`context`).
"""

from asyncio import wait_for

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_MAX_BYTES = 4_000_000
"""Five parts of a ticket at their limit, written as JSON with escapes."""
SIGN_IN_MAX_BYTES = 10_000
"""A link and the boundaries of its form: nobody is known yet."""
OPEN_FORMS = frozenset({"/sign-in", "/sign-out"})
"""The forms for which nobody has to be signed in."""
CLIENT_PAGES = "/client/"
"""Below it there are more of them."""
PROPOSAL_MAX_BYTES = 1_000_000
"""All answers of a client at once: sixteen of 5,000 characters that take four bytes, each written as
three characters. Of a link that opens nothing no body is read."""
SITE_ADDRESS = "/site"
"""It takes a configuration of a site."""
FORM_OVERHEAD_BYTES = 1_000_000
"""Of names and boundaries around the files of an upload."""
PART_SECONDS = 10.0
"""From one part of a body to the next."""


class BodyLimit:
    """Refuses bodies above a limit while they arrive, whatever length they state."""

    def __init__(self, app: ASGIApp, *, upload_max_bytes: int) -> None:
        """Serve an application; addresses of uploads take more than others."""
        self._app = app
        self._upload_max_bytes = upload_max_bytes + FORM_OVERHEAD_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; reading more of its body than the limit of its address is an error 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_upload = "upload" in scope["path"] or scope["path"].endswith(SITE_ADDRESS)
        most = self._upload_max_bytes if is_upload else BODY_MAX_BYTES
        if is_open_form(scope["path"]):
            most = SIGN_IN_MAX_BYTES if scope["path"] in OPEN_FORMS else PROPOSAL_MAX_BYTES
        stated = next((v for n, v in scope["headers"] if n == b"content-length"), b"")
        received = int(stated) if stated.isdigit() and len(stated) < 20 else 0  # noqa: PLR2004 - of 2**64
        is_over = received > most
        received = 0
        is_whole = False

        async def receive_bounded() -> Message:
            nonlocal received
            nonlocal is_whole
            message: Message = {"type": "http.request"}
            if not is_over:
                try:
                    message = await wait_for(receive(), None if is_whole else PART_SECONDS)
                except TimeoutError as error:
                    raise HTTPException(408, "The rest of the body did not come.") from error
            is_whole = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if is_over or received > most:
                raise HTTPException(413, f"The body has more than {most:,} bytes.")
            return message

        await self._app(scope, receive_bounded, send)


def is_open_form(path: str) -> bool:
    """Tell whether nobody has to be signed in to send a form there."""
    return path in OPEN_FORMS or is_of_client(path)


def is_of_client(path: str) -> bool:
    """Tell whether somebody of a client is there, who knows nothing of this program."""
    return path.startswith(CLIENT_PAGES)
