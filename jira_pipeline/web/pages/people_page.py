"""Pages about who may come in: people, their links and tokens (admins), and one's own browsers.

Belongs here: lists and forms. Does not: who may be given what (`sessions/accounts`), signing in and
out (`sign_in`).

A link or token is in the answer to the form that made it and nowhere else: an address or a cookie
with it would be kept by browsers.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from jira_pipeline.model.errors import NotFoundError
from jira_pipeline.model.people import (
    NAME_CHARACTERS_MAX,
    TOKEN_LASTS_DAYS,
    TOKEN_LASTS_DAYS_MAX,
    Role,
)
from jira_pipeline.sessions import accounts
from jira_pipeline.web.access import Admin, Reader
from jira_pipeline.web.context import TheWeb, Web
from jira_pipeline.web.pages.showing import Notice, go_to, refused_at, show

HERE = "/people"
LABEL_MAX = 100
router = APIRouter()
Name = Annotated[str, Form(max_length=NAME_CHARACTERS_MAX)]
Days = Annotated[int, Form(ge=1, le=TOKEN_LASTS_DAYS_MAX)]
CredentialId = Annotated[str, Form(max_length=64)]


@router.get(HERE)
def people_page(request: Request, web: TheWeb, _person: Admin) -> Response:
    """Show who may come in, with what, and the forms that change it."""
    return _people(request, web)


@router.post(HERE)
def add(
    request: Request, web: TheWeb, person: Admin, *, name: Name, role: Annotated[Role, Form()]
) -> Response:
    """Give somebody access, or another role, and show a link that signs them in."""
    refused_at(request, HERE)
    added = accounts.add_person(web.pipeline, name, role, by=person.name)
    issued = accounts.invite(web.pipeline, added.name, by=person.name)
    base = web.pipeline.settings.web_base_url or str(request.base_url)
    made = f"{base.rstrip('/')}/sign-in?link={issued.secret}"
    return _people(request, web, issued=issued, made=made)


@router.post(f"{HERE}/tokens")
def issue_token(
    request: Request,
    web: TheWeb,
    person: Admin,
    *,
    name: Name,
    role: Annotated[Role, Form()],
    label: Annotated[str, Form(max_length=LABEL_MAX)] = "",
    days: Days = TOKEN_LASTS_DAYS,
) -> Response:
    """Make a token for a program that acts as somebody, and show it."""
    refused_at(request, HERE, by=NotFoundError)
    issued = accounts.issue_token(
        web.pipeline, name, role=role, days=days, label=label or "token", by=person.name
    )
    return _people(request, web, issued=issued, made=issued.secret)


@router.post(f"{HERE}/revoke")
def revoke(request: Request, web: TheWeb, person: Admin, *, name: Name) -> Response:
    """Take somebody's access away at once."""
    refused_at(request, HERE)
    gone = accounts.revoke(web.pipeline, name, by=person.name)
    return go_to(request, HERE, f"{gone.name} no longer has access.")


@router.post(f"{HERE}/tokens/revoke")
def revoke_token(
    request: Request, web: TheWeb, person: Admin, *, credential_id: CredentialId
) -> Response:
    """Make a token worthless at once."""
    refused_at(request, HERE)
    gone = accounts.revoke_token(web.pipeline, credential_id, by=person.name)
    return go_to(request, HERE, f"The token of {gone.name} is revoked.")


def _people(
    request: Request, web: Web, *, issued: accounts.Issued | None = None, made: str = ""
) -> Response:
    return show(
        request,
        "people.html",
        listed=accounts.list_people(web.pipeline),
        roles=list(Role),
        issued=issued,
        made=made,
        token_days=TOKEN_LASTS_DAYS,
        most={"name": NAME_CHARACTERS_MAX, "label": LABEL_MAX, "days": TOKEN_LASTS_DAYS_MAX},
    )


@router.get("/account")
def account(request: Request, web: TheWeb, person: Reader) -> Response:
    """Show somebody their own browsers, links and tokens."""
    own = accounts.own_credentials(web.pipeline, person.name)
    this = accounts.hash_of(request.cookies.get(web.access.cookie_name, ""))
    return show(request, "account.html", own=own, this=this)


@router.post("/account/sign-out")
def sign_out_elsewhere(
    request: Request, web: TheWeb, person: Reader, *, credential_id: CredentialId
) -> Response:
    """Sign one of one's own browsers out, or make a token of one's own worthless."""
    is_gone = accounts.revoke_own(web.pipeline, person.name, credential_id)
    already = Notice("It was already signed out.", "info")
    return go_to(request, "/account", "Signed out." if is_gone else already)
