"""Pages about who may come in: signing in and out, people, links and tokens, one's own browsers.

Belongs here: lists and forms. Does not: who may be given what (`sessions/accounts`), who asks
(`web/context`).

A link or token is in the answer to the form that made it and nowhere else: an address or a cookie
with it would be kept by browsers. Opening a link that signs in changes nothing, since mail programs
and chats open links to preview them; its button posts the secret, which works once.
"""

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from jira_pipeline.model.errors import NotFoundError, NotSignedInError
from jira_pipeline.model.people import (
    NAME_CHARACTERS_MAX,
    TOKEN_LASTS_DAYS,
    TOKEN_LASTS_DAYS_MAX,
    Role,
)
from jira_pipeline.sessions import accounts
from jira_pipeline.web.context import Admin, Reader, TheWeb, Web
from jira_pipeline.web.pages.showing import Notice, go_to, refused_at, show

HERE = "/people"
LABEL_MAX = 100
router = APIRouter()
Name = Annotated[str, Form(max_length=NAME_CHARACTERS_MAX)]
CredentialId = Annotated[str, Form(max_length=64)]
WANTED_COOKIE = "jira_pipeline_wanted"
"""The page somebody wanted who was not signed in."""
WANTED_SECONDS = 3_600
WANTED_CHARACTERS_MAX = 2_000
_OURS = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""Addresses of this site alone: browsers take `//` and `/\\` for the beginning of another."""
Secret = accounts.SECRET_CHARACTERS_MAX


@router.get(HERE)
def people_page(request: Request, web: TheWeb, _person: Admin) -> Response:
    """Show who may come in, with what, and the forms that change it."""
    return _show_people(request, web)


@router.post(HERE)
def add(
    request: Request, web: TheWeb, person: Admin, *, name: Name, role: Annotated[Role, Form()]
) -> Response:
    """Give somebody access, or another role, and show a link that signs them in."""
    refused_at(request, HERE)
    added = accounts.add_person(web.pipeline, name, role, by=person.name)
    issued = accounts.invite(web.pipeline, added.name, by=person.name)
    base = web.pipeline.settings.web_base_url or str(request.base_url)
    link = f"{base.rstrip('/')}/sign-in?link={issued.secret}"
    return _show_people(request, web, issued=issued, secret_text=link)


@router.post(f"{HERE}/tokens")
def issue_token(
    request: Request,
    web: TheWeb,
    person: Admin,
    *,
    name: Name,
    role: Annotated[Role, Form()],
    label: Annotated[str, Form(max_length=LABEL_MAX)] = "",
    days: Annotated[int, Form(ge=1, le=TOKEN_LASTS_DAYS_MAX)] = TOKEN_LASTS_DAYS,
) -> Response:
    """Make a token for a program that acts as somebody, and show it."""
    refused_at(request, HERE, by=NotFoundError)
    issued = accounts.issue_token(
        web.pipeline, name, role=role, days=days, label=label or "token", by=person.name
    )
    return _show_people(request, web, issued=issued, secret_text=issued.secret)


@router.post(f"{HERE}/revoke")
def revoke(request: Request, web: TheWeb, person: Admin, *, name: Name) -> Response:
    """Take somebody's access away at once."""
    refused_at(request, HERE)
    revoked = accounts.revoke(web.pipeline, name, by=person.name)
    return go_to(request, HERE, f"{revoked.name} no longer has access.")


@router.post(f"{HERE}/tokens/revoke")
def revoke_token(
    request: Request, web: TheWeb, person: Admin, *, credential_id: CredentialId
) -> Response:
    """Make a token worthless at once."""
    refused_at(request, HERE)
    revoked = accounts.revoke_token(web.pipeline, credential_id, by=person.name)
    return go_to(request, HERE, f"The token of {revoked.name} is revoked.")


def _show_people(
    request: Request,
    web: Web,
    *,
    issued: accounts.IssuedSecret | None = None,
    secret_text: str = "",
) -> Response:
    """Answer with the page of people, and once with the link or token that was just `issued`."""
    return show(
        request,
        "people.html",
        listed=accounts.list_people(web.pipeline),
        roles=list(Role),
        issued=issued,
        made=secret_text,
        token_days=TOKEN_LASTS_DAYS,
        most={"name": NAME_CHARACTERS_MAX, "label": LABEL_MAX, "days": TOKEN_LASTS_DAYS_MAX},
    )


@router.get("/account")
def account(request: Request, web: TheWeb, person: Reader) -> Response:
    """Show somebody their own browsers, links and tokens."""
    credentials = accounts.own_credentials(web.pipeline, person.name)
    cookie = request.cookies.get(web.access.cookie_name, "")
    return show(request, "account.html", own=credentials, this=accounts.hash_of(cookie))


@router.post("/account/sign-out")
def sign_out_elsewhere(
    request: Request, web: TheWeb, person: Reader, *, credential_id: CredentialId
) -> Response:
    """Sign one of one's own browsers out, or make a token of one's own worthless."""
    if accounts.revoke_own(web.pipeline, person.name, credential_id):
        return go_to(request, "/account", "Signed out.")
    return go_to(request, "/account", Notice("It was already signed out.", "info"))


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
        person=web.access.person_or_none(request),
        is_bare=True,
        invited=web.access.invited(request, link),
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
    if not is_page:
        return
    address = quote(request.url.path, safe="/:@")
    if request.url.query:
        address = f"{address}?{request.url.query}"
    if address == "/sign-in" or not _is_ours(address):
        return
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
