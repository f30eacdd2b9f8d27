"""What forms decide: each names verbs of `review/verbs`, and its fields are what these take.

Belongs here: reading any such form, saying on its page what it came to, the way back for a minute.
Does not: what may be decided (`review/decisions`), edits and answers, which people write (`ticket_page`,
`questions_page`).

A page takes its forms at its own address, with the list that it asks for.
"""

from collections.abc import Iterable, Iterator, Mapping
from inspect import Parameter
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from jira_pipeline.export.projects import look_names_up, refuse_unknown
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.model.tickets import NAMED_IN_JIRA
from jira_pipeline.review.decisions import decide, undo
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.outcomes import NOTHING, Fields
from jira_pipeline.review.ticket_reading import ticket_of_id
from jira_pipeline.review.verbs import VERBS, Verb
from jira_pipeline.web.access import Reviewer, refuse_lower
from jira_pipeline.web.context import Opened, TheWeb
from jira_pipeline.web.labels import person_of
from jira_pipeline.web.pages.list_addresses import (
    NOBODY,
    Asked,
    AskedOf,
    address_with,
    asked_tickets,
)
from jira_pipeline.web.pages.questions_page import PLACE_MAX_CHARACTERS, PLACE_PATTERN, anchor_of
from jira_pipeline.web.pages.showing import Notice, go_to, refused_at
from jira_pipeline.web.pages.tickets_page import LEADS_ON, next_address

router = APIRouter(prefix="/sessions/{key}")
_LEFT_EMPTY = {*Fields.__annotations__, "added", "removed"}
"""An empty one asks nothing, unless the form showed something there."""


async def _sent(request: Request) -> FormData:
    return await request.form()


Sent = Annotated[FormData, Depends(_sent)]


@router.post("/tickets/undo")
@router.post("/tickets/{ticket}/undo")
@router.post("/questions/undo")
def take_back(
    request: Request,
    person: Reviewer,
    opened: Opened,
    web: TheWeb,
    *,
    undone: Annotated[str, Form(max_length=50, alias="undo")],
    place: Annotated[str, Form(max_length=PLACE_MAX_CHARACTERS, pattern=PLACE_PATTERN)] = "",
) -> Response:
    """Take back what somebody decided in the last minute, and return to where it was."""
    path = request.url.path
    address = address_with(request).replace(path, path.removesuffix("/undo"), 1) + anchor_of(place)
    steps, last = web.undo_steps.take(undone, session_key=opened.key, by=person.name)
    if not steps:
        return go_to(request, address, Notice("This can be undone for a minute only.", "warn"))
    refused_at(request, address)
    count = undo(opened, steps, since=last, by=person.name)
    return go_to(request, address, f"Undone for {counted(count, 'ticket')}.")


@router.post("")
@router.post("/tickets")
@router.post("/tickets/{ticket}")
def decide_by_form(
    request: Request, person: Reviewer, opened: Opened, *, web: TheWeb, asked: AskedOf, sent: Sent
) -> Response:
    """Decide what a form says, and show its page as it was, or the next ticket that waits."""
    by, at = person.name, f"#{sent['at']}" if sent.get("at") else ""
    address = refused_at(request, address_with(request) + at)
    words, *places = str(sent.get("do", "")).split(":")
    names = words.split()
    if not names or not set(names) <= VERBS.keys():
        raise WrongUseError("That decides nothing.")
    for name in names:
        refuse_lower(person, VERBS[name].permission)
    if places:  # the button of a row
        decide(opened, names[0], dict(zip(VERBS[names[0]].parameters, places, strict=False)), by=by)
        return go_to(request, f"{address}#ticket-{places[0]}")
    read = {name: _arguments(name, sent, opened, asked, by=by) for name in names}
    given = {name: each for name, each in read.items() if each.keys() - {"numbers"}}
    if not given and sent.get("was"):
        return go_to(request, address, Notice(NOTHING, "info"))
    _check_names(opened, given.values())
    ticket_id, undone = str(sent.get("ticket_id", "")), ""
    before = [*_approved_before(opened, ticket_id, words)]
    outcomes = [decide(opened, name, each, by=by) for name, each in (given or read).items()]
    effective = [each for each in outcomes if each.numbers]
    left = " ".join(each.left for each in outcomes if each.left)
    if ticket_id and words in LEADS_ON and not left:
        listed = asked_tickets(opened, asked, by=by, staying=ticket_id)
        leads = next_address(request, opened, listed, after=ticket_id, did=LEADS_ON[words])
        return go_to(request, leads, *before)
    if not ticket_id:
        undone = web.undo_steps.keep(
            tuple(step for each in outcomes for step in each.undo), of=opened, by=by
        )
    sentences = dict.fromkeys(text for each in effective or outcomes[:1] for text in each.sentences)
    text_shown = " ".join(filter(None, (*sentences, left)))
    kind: Literal["warn", "ok", "info"] = "warn" if left else "ok" if effective else "info"
    if effective and any(each.get(field) for each in given.values() for field in NAMED_IN_JIRA):
        unknown = look_names_up(opened, by=by)
        text_shown, kind = f"{text_shown} {unknown}".rstrip(), "warn" if unknown else kind
    return go_to(request, address, Notice(text_shown, kind, undo=undone))


def _check_names(opened: OpenSession, given: Iterable[Mapping[str, object]]) -> None:
    """Refuse names that Jira does not know, before many tickets have them."""
    for one in given:
        named = {field: str(one.get(field) or "") for field in NAMED_IN_JIRA}
        numbers = one.get("numbers")
        if any(named.values()) and isinstance(numbers, list) and numbers[1:]:
            refuse_unknown(opened, **named)


def _approved_before(opened: OpenSession, ticket_id: str, decision: str) -> Iterator[Notice]:
    """Say whose approval there is already, which another window did not show."""
    if decision != "ready" or not ticket_id:
        return
    ticket = ticket_of_id(opened, ticket_id)
    if ticket.is_ready and ticket.ready_by:
        yield Notice(
            f"{ticket.number} was approved already, by {person_of(ticket.ready_by)}.", "info"
        )


def _arguments(
    name: str, sent: FormData, opened: OpenSession, asked: Asked, *, by: str
) -> Mapping[str, object]:
    verb = VERBS[name]
    was = dict(str(each).split(" ", 1) for each in sent.getlist("was") if " " in str(each))
    arguments = dict(_meant(verb, sent, opened, asked, by=by))
    for word, each in verb.parameters.items():
        texts = [str(text) for text in sent.getlist(word)]
        if word in arguments or word in {"seen", "were"}:
            continue
        if isinstance(each.default, bool):
            arguments[word] = bool(texts)
        elif word == "on":
            arguments[word] = texts
        elif not texts:
            if each.default is Parameter.empty:
                arguments[word] = ""
        elif word not in _LEFT_EMPTY or texts[0].strip() != was.get(word, "").strip():
            text = next(filter(None, texts), "")
            arguments[word] = "" if text.strip() == NOBODY else text
    return arguments


def _meant(
    verb: Verb, sent: FormData, opened: OpenSession, asked: Asked, *, by: str
) -> Mapping[str, object]:
    """Return the numbers a form means: of its ticket, of those chosen, or of all that it lists."""
    if verb.parameters.keys().isdisjoint({"number", "numbers"}):
        return {}
    if ticket_id := str(sent.get("ticket_id", "")):
        number = ticket_of_id(opened, ticket_id).number
        if "number" in verb.parameters:
            return {"number": number}
        seen = str(sent.get("seen", ""))
        is_seen = bool(seen) and "seen" in verb.parameters
        return {"numbers": [number]} | ({"seen": {number: seen}} if is_seen else {})
    chosen = {str(each) for each in sent.getlist("number")}
    if sent.get("every"):
        chosen = {str(each.number) for each in asked_tickets(opened, asked, by=by)}
    meant = [each for each in (*opened.tickets, *opened.vanished) if str(each.number) in chosen]
    if not meant:
        raise WrongUseError("No ticket selected: select at least one.")
    return {"numbers": verb.meant(meant, are_named=False)}
