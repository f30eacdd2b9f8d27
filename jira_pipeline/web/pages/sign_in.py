"""Signing in by link, and out again; the two pages nobody has to be signed in for.

Opening the link changes nothing, since mail programs and chats open links to preview them; its
button posts the secret, which works once.
"""

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from jira_pipeline.model.errors import NotSignedInError
from jira_pipeline.sessions import accounts
from jira_pipeline.web.context import TheWeb
from jira_pipeline.web.pages.showing import show

router = APIRouter()
WANTED_COOKIE = "jira_pipeline_wanted"
"""The page somebody wanted who was not signed in."""
WANTED_SECONDS = 3_600
WANTED_CHARACTERS_MAX = 2_000
_OURS = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""Addresses of this site alone: browsers take `//` and `/\\` for the beginning of another."""
Secret = accounts.SECRET_CHARACTERS_MAX


@router.get("/sign-in")
def sign_in_page(
    request: Request, web: TheWeb, link: Annotated[str, Query(max_length=Secret)] = ""
) -> Response:
    """Show the button that signs in; without a link, how to get one.

    Somebody may be sent the link of another person: it says whose it is.
    """
    if not link:
        raise NotSignedInError
    return show(
        request,
        "sign_in.html",
        link=link,
        person=web.access.known(request),
        is_bare=True,
        invited=accounts.invited(web.pipeline, link),
    )


@router.post("/sign-in")
def sign_in(
    request: Request, web: TheWeb, link: Annotated[str, Form(max_length=Secret)]
) -> Response:
    """Exchange a link for a cookie, and show the page that was wanted, or the sessions."""
    issued = web.access.sign_in(request, link)
    wanted = request.cookies.get(WANTED_COOKIE, "")  # the page that led here
    response = RedirectResponse(wanted if _is_ours(wanted) else "/", status_code=303)
    response.set_cookie(
        web.access.cookie_name,
        issued.secret,
        max_age=int(accounts.COOKIE_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=web.access.is_https,
    )
    if WANTED_COOKIE in request.cookies:
        response.delete_cookie(WANTED_COOKIE, path="/sign-in", httponly=True, samesite="lax")
    return response


@router.post("/sign-out")
def sign_out(request: Request, web: TheWeb) -> Response:
    """Forget the cookie here, and cookie and pages in the browser."""
    accounts.sign_out(web.pipeline, request.cookies.get(web.access.cookie_name, ""))
    forgetting = {"clear-site-data": '"cache"'}  # pages that were fetched ahead, too
    response = RedirectResponse("/sign-in", status_code=303, headers=forgetting)
    response.delete_cookie(
        web.access.cookie_name, httponly=True, samesite="lax", secure=web.access.is_https
    )
    return response


def keep_wanted(request: Request, response: Response) -> None:
    """Have the browser remember the page it asked for, until somebody signs in there."""
    is_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    query = f"?{request.url.query}" if request.url.query else ""
    address = quote(request.url.path, safe="/:@") + query
    if is_page and address != "/sign-in" and _is_ours(address):
        response.set_cookie(
            WANTED_COOKIE,
            address,
            max_age=WANTED_SECONDS,
            path="/sign-in",
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )


def _is_ours(address: str) -> bool:
    return len(address) <= WANTED_CHARACTERS_MAX and _OURS.fullmatch(address) is not None
