"""The page of a client: the open questions of one session, for whoever has its link.

Belongs here: what it shows, proposing an answer on it. Does not: the link
(`sessions/client_links`).

Nobody is signed in here, and nothing of the session is shown but its site, and of each question
its words, the cell it is about and the title of its ticket. The addresses on it are relative, so
that it does not hold the secret.
"""

import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from jira_pipeline.model.errors import NotFoundError, NotFoundKind, WrongUseError
from jira_pipeline.model.open_questions import CALL_ME, ClientLink
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.questions import ANSWER_MAX_CHARACTERS, AskedQuestion
from jira_pipeline.sessions import client_links
from jira_pipeline.web.context import TheWeb
from jira_pipeline.web.pages.showing import rendered

WHICH_MAX = 129
_MACHINE_NAME = re.compile(r"(?<=”) \(`\w+`\)")
"""After a label, which says the same to a client."""
router = APIRouter(prefix="/client/{secret}")
Text = Annotated[str, Form(max_length=2 * ANSWER_MAX_CHARACTERS)]
"""Browsers send two characters for a line break."""


def _opened_by(request: Request, web: TheWeb, secret: str) -> ClientLink:
    link = web.access.client_link(request, secret)
    if link is None:
        raise NotFoundError("This link is no longer valid.", kind=NotFoundKind.LINK)
    return link


Link = Annotated[ClientLink, Depends(_opened_by)]


@router.get("")
def page(
    web: TheWeb, link: Link, which: Annotated[str, Query(max_length=WHICH_MAX)] = ""
) -> Response:
    """Show one question, named or the first without an answer, and what was proposed by the link."""
    session = open_session(web.pipeline, link.session_key)
    asked = _asked_of_client(session)
    proposed = client_links.proposed_by(session, link)
    each = ((one.key, proposed.get(key, ())) for one in asked for key in one.keys_of_rows)
    said = {key: texts for key, texts in each if texts}
    left = [one for one in asked if one.key not in said]
    now = next((one for one in asked if _name(one) == which), next(iter(left), None))
    text = rendered(
        "client.html",
        site_name=session.stored.site_name,
        until=link.expires_at,
        count=len(asked),
        answered_count=len(asked) - len(left),
        number=asked.index(now) + 1 if now else 0,
        now=now,
        skip=_after(now, asked) if now else "",
        said=said.get(now.key, []) if now else [],
        answered=[(one, _name(one), said[one.key][-1]) for one in asked if one.key in said],
        most=ANSWER_MAX_CHARACTERS,
        call_me=CALL_ME,
        plain=lambda asked: _MACHINE_NAME.sub("", asked),
    )
    return HTMLResponse(text)


@router.post("")
def propose(
    request: Request,
    web: TheWeb,
    link: Link,
    *,
    which: Annotated[str, Form(max_length=WHICH_MAX)],
    choice: Text = "",
    text: Text = "",
    call_me: Annotated[bool, Form()] = False,
) -> Response:
    """Keep what is proposed to one question, and show the next."""
    session = open_session(web.pipeline, link.session_key)
    asked = _asked_of_client(session)
    one = next((one for one in asked if _name(one) == which), None)
    if one is None:
        raise WrongUseError("This question has been answered or is no longer open.")
    typed = [part.replace("\r\n", "\n").strip() for part in (choice, text)]
    answer = CALL_ME if call_me else ": ".join(filter(None, typed))
    if len(answer) > ANSWER_MAX_CHARACTERS:
        raise WrongUseError(f"An answer has at most {ANSWER_MAX_CHARACTERS:,} characters.")
    if answer and not client_links.propose(session, link, one, answer):
        _opened_by(request, web, request.path_params["secret"])  # it was revoked just now
    where = _after(one, asked) if answer else which
    return RedirectResponse(f"{request.url.path}?which={where}", status_code=303)


def _asked_of_client(session: OpenSession) -> Sequence[AskedQuestion]:
    """Return the open questions that a sentence can answer, each once."""
    once = (one.asked for one in session.asked.once if one.is_open)
    return [asked for asked in once if not asked.is_about_form]


def _name(one: AskedQuestion) -> str:
    return ".".join(one.key)


def _after(one: AskedQuestion, asked: Sequence[AskedQuestion]) -> str:
    return _name(asked[(asked.index(one) + 1) % len(asked)])
