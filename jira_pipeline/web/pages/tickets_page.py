"""Page 3, Tickets: the list with its filters and orders, the way through a review of it, and decisions.

Belongs here: where somebody is in the list they came from, what was decided last, the page at its end;
reading any form that decides, saying on its page what it came to, the way back for a minute. Does not:
which tickets a query means (`review/ticket_selection`), what may be decided (`review/decisions`), edits
and answers, which people write (`ticket_page`, `questions_page`), what a ticket says (`ticket_page`).

The address carries the list and the last decision, so the way is the same with and without scripts, in
two windows, and for whoever gets the link. A form names verbs of `review/verbs`, and its fields are what
these take; a page takes its forms at its own address, with the list that it asks for.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import Parameter
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from jira_pipeline.export.outdated_issues import changes_in_jira
from jira_pipeline.export.project_check import look_names_up, refuse_unknown
from jira_pipeline.model.audit_actions import CONTENT_ACTIONS
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.people import Role
from jira_pipeline.model.ticket_decisions import GIVEN_REASONS, TicketState
from jira_pipeline.model.tickets import NAMED_IN_JIRA, ListedTicket
from jira_pipeline.review import approvals
from jira_pipeline.review.decisions import decide, refuse_decided, undo
from jira_pipeline.review.hours import hours_of
from jira_pipeline.review.marks import seconds_a_ticket
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.outcomes import NOTHING, Fields, labels_in
from jira_pipeline.review.ticket_reading import ticket_of_id
from jira_pipeline.review.ticket_selection import (
    CONDITIONS,
    Condition,
    SeenTicket,
    TicketOrder,
    next_waiting,
    progress_of,
)
from jira_pipeline.review.verbs import VERBS, Verb
from jira_pipeline.web.context import Opened, Reader, Reviewer, TheWeb, allowed, refuse_lower
from jira_pipeline.web.labels import about, person_of
from jira_pipeline.web.pages.questions_page import PLACE_MAX_CHARACTERS, PLACE_PATTERN, anchor_of
from jira_pipeline.web.pages.showing import (
    NOBODY,
    Asked,
    AskedOf,
    Notice,
    address_with,
    asked_tickets,
    go_to,
    hollow_ids_of,
    list_query,
    page_of,
    refused_at,
    show,
)

TICKETS_SHOWN = 100
NUMBERS_NAMED = 20
HOLLOW_SHOWN_MAX = 2_000
"""Which tickets are hollow is in the sheets: larger ones are read only where somebody asks."""
AHEAD = {"cache-control": "private, max-age=300"}
"""Of a page that is fetched ahead: a browser asks again for what it may not keep while one reads."""
router = APIRouter(prefix="/sessions/{key}")
LEADS_ON = {"ready": "ready"} | {kind.taken_by: kind.state.value for kind in GIVEN_REASONS}
"""What addresses call the decisions after which the next ticket comes, by verb."""
Did = Annotated[str, Query(pattern=rf"^(({'|'.join(LEADS_ON.values())})-[\w-]{{1,64}})?$")]
"""The last decision: what was decided, and the id of the ticket."""


@router.get("/tickets")
def tickets(request: Request, person: Reader, opened: Opened, asked: AskedOf) -> Response:
    """List the tickets that the address asks for."""
    every_ticket = opened.listed
    seen_at = approvals.last_seen_at(opened, by=person.name)
    is_hollow_shown = len(every_ticket) <= HOLLOW_SHOWN_MAX or bool(asked.query.is_hollow)
    chosen = asked_tickets(opened, asked, by=person.name)
    listed = page_of(request, chosen, number=asked.page, size=TICKETS_SHOWN)
    order = asked.query.order
    is_down = asked.query.is_descending
    states = {opened.places[ticket.ticket_id].state for ticket in every_ticket}
    states.update(asked.query.states)
    state_labels = {state: state.label for state in TicketState if state in states}
    have_issues = {opened.places[ticket.ticket_id].jira_key is not None for ticket in chosen}
    labelled_conditions = {
        field: condition for field, condition in CONDITIONS.items() if condition.label
    }

    def sorting(name: str) -> str:
        """Return the address that sorts by a column, the other way where it does already."""
        is_again = order == name and not is_down
        return address_with(request, sort=name, down="1" if is_again else None, page=None)

    return show(
        request,
        "tickets.html",
        opened=opened,
        asked=asked,
        listed=listed,
        places=opened.places,
        have_issues=have_issues,
        hollow_ids=hollow_ids_of(opened) if is_hollow_shown else frozenset(),
        known_count=len(every_ticket),
        hours=hours_of(chosen),
        list_query=list_query(request),
        lost_ids=opened.lost_marks,
        seen_at=seen_at,
        states=state_labels,
        **facets_in(opened),
        sorting=sorting,
        vanished_count=len(opened.vanished_tickets),
        is_ordered=order is TicketOrder.PLACE and not is_down,
        nobody=NOBODY,
        chosen_by=labelled_conditions,
    )


@router.get("/review.html")
@router.get("/quality")
def bookmarked(_person: Reader) -> Response:
    """Lead to the list from addresses of earlier versions."""
    return RedirectResponse("tickets")


@router.post("/tickets/seen")
def seen(request: Request, person: Reader, opened: Opened) -> Response:
    """Note that somebody looked at the tickets as they are now, and show the list as it was."""
    approvals.note_seen(opened, by=person.name)
    address = address_with(request).removeprefix(request.url.path)
    return go_to(
        request,
        f"/sessions/{opened.key}/tickets{address}",
        "Marked as seen. Changes from now on count as new.",
    )


def facets_in(opened: OpenSession) -> Mapping[str, Any]:
    """Return what the page says of all tickets of a session, by name."""
    listed = opened.listed
    return opened.pipeline.memory.as_of(listed, "facets", opened.key, lambda: _facets_of(listed))


def _facets_of(tickets: Sequence[ListedTicket]) -> Mapping[str, Any]:
    labels = {ticket.labels for ticket in tickets}
    return {
        "numbers": {ticket.ticket_id: ticket.number for ticket in tickets},
        "progress": progress_of(tickets),
        "fallback_count": sum(ticket.is_fallback for ticket in tickets),
        "choices": {
            condition.name: _held(condition, tickets)
            for condition in CONDITIONS.values()
            if condition.label
        },
        # Said once: under each title those of all made the list twice as long.
        "common_labels": sorted(set.intersection(*map(set, labels))) if len(tickets) > 1 else [],
    }


def _held(condition: Condition, listed: Sequence[ListedTicket]) -> list[str]:
    values = {condition.value_of(SeenTicket(ticket, TicketState.PENDING)) for ticket in listed}
    values_of_tickets = (value if isinstance(value, tuple) else (value,) for value in values)
    return sorted({text for texts in values_of_tickets for text in texts if text})


@router.get("/review")
def review(
    request: Request, person: Reader, opened: Opened, asked: AskedOf, *, did: Did = ""
) -> Response:
    """Open the first ticket of a list that waits; where none does, say what is next."""
    waiting = next_waiting(asked_tickets(opened, asked, by=person.name))
    if waiting is not None:
        address = f"/sessions/{opened.key}/tickets/{waiting.number}{list_query(request)}"
        return go_to(request, address)
    included = [ticket for ticket in opened.listed if ticket.exclusion is None]
    to_create = any(opened.places[ticket.ticket_id].jira_key is None for ticket in included)
    list_address = f"/sessions/{opened.key}/tickets"
    asking_query = list_query(request, readiness="ready", questions="1")
    skipped_query = list_query(request, readiness="skipped")
    return show(
        request,
        "review.html",
        opened=opened,
        review=place_in_review(request, opened, asked, "", did=did, by=person.name),
        elsewhere=next_waiting(opened.listed),
        tally=opened.tally,
        updates=[change for change in changes_in_jira(opened) if change.is_text],
        to_create=to_create,
        asking_address=f"{list_address}{asking_query}",
        skipped_address=f"{list_address}{skipped_query}",
    )


def next_address(
    request: Request, opened: OpenSession, listed: Sequence[ListedTicket], *, after: str, did: str
) -> str:
    """Return where a decision about a ticket leads: to the next that waits, else to the end."""
    waiting = next_waiting(listed, after=after)
    where = "review" if waiting is None else f"tickets/{waiting.number}"
    return f"/sessions/{opened.key}/{where}{list_query(request, did=f'{did}-{after}')}"


def is_ahead(request: Request) -> bool:
    """Tell whether a browser fetches a page before somebody wants it."""
    return "prefetch" in request.headers.get("sec-purpose", "")


def place_in_review(
    request: Request, opened: OpenSession, asked: Asked, ticket_id: str, *, did: str, by: str
) -> Mapping[str, Any]:
    """Say where a ticket is in the list that the address asks for."""
    listed = asked_tickets(opened, asked, by=by, staying=ticket_id)
    place = _place_in(listed, ticket_id)
    decision, _, decided_id = did.partition("-")
    reviewed = listed
    if asked.query.readiness:
        anyhow = replace(asked, query=replace(asked.query, readiness=()))
        reviewed = asked_tickets(opened, anyhow, by=by)
    if is_ahead(request) and decision == "ready":  # it will be, once somebody gets here
        reviewed = [
            ticket._replace(is_ready=ticket.is_ready or ticket.ticket_id == decided_id)
            for ticket in reviewed
        ]
    among = reviewed if is_ahead(request) else opened.listed
    decided = _decided_ticket(among, decided_id, decision=decision)
    query = list_query(request)
    along_query = query
    if decided is not None:
        along_query = list_query(request, did=did)
    waiting = next_waiting(listed, after=ticket_id)
    ahead_address = ""
    if waiting is not None:
        ahead_address = next_address(request, opened, listed, after=ticket_id, did="ready")
    progress = progress_of(reviewed)
    remaining = ""
    pace = seconds_a_ticket(opened.ready_marks.values(), by=by)
    if pace and progress.waiting:
        remaining = about(pace * progress.waiting)
    return {
        "list_query": query,  # of addresses that stay in the list
        "along_query": along_query,  # what was decided, too
        "list_address": f"/sessions/{opened.key}/tickets{_query_of_place(query, place)}",
        "is_whole": asked.is_whole,
        "progress": progress,  # of the list, whatever it asks about readiness
        "remaining": remaining,
        "position": None if place is None else place.position,
        "count": len(listed),
        "earlier": None if place is None else place.earlier,
        "later": None if place is None else place.later,
        "waiting": waiting,  # the next that nobody decided about
        "ahead_address": ahead_address,
        "decided": decided,  # what the last decision was about, where it still holds
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlaceInList:
    """A ticket in a list, and those beside it."""

    ticket: ListedTicket
    position: int
    """From 1."""
    earlier: ListedTicket | None
    later: ListedTicket | None


def _place_in(listed: Sequence[ListedTicket], ticket_id: str) -> _PlaceInList | None:
    for at, ticket in enumerate(listed):
        if ticket.ticket_id == ticket_id:
            return _PlaceInList(
                ticket=ticket,
                position=at + 1,
                earlier=listed[at - 1] if at > 0 else None,
                later=listed[at + 1] if at + 1 < len(listed) else None,
            )
    return None


def _query_of_place(query: str, place: _PlaceInList | None) -> str:
    """Return the query of a list, with the page and the row of a ticket in it."""
    if place is None:
        return query
    page = (place.position - 1) // TICKETS_SHOWN + 1
    if page > 1:
        separator = "&" if query else "?"
        query = f"{query}{separator}page={page}"
    return f"{query}#ticket-{place.ticket.number}"


def _decided_ticket(
    tickets: Sequence[ListedTicket], ticket_id: str, *, decision: str
) -> ListedTicket | None:
    """Return the ticket that a decision was about, if it still holds."""
    ticket = next((ticket for ticket in tickets if ticket.ticket_id == ticket_id), None)
    if ticket is None:
        return None
    is_ready = decision == "ready" and ticket.is_ready
    is_excluded = ticket.exclusion is not None and decision == ticket.exclusion.state
    return ticket if is_ready or is_excluded else None


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
    return go_to(request, address, f"Undone for {format_count(count, 'ticket')}.")


@router.post("")
@router.post("/tickets")
@router.post("/tickets/{ticket}")
def decide_by_form(
    request: Request, person: Reviewer, opened: Opened, *, web: TheWeb, asked: AskedOf, sent: Sent
) -> Response:
    """Decide what a form says, and show its page as it was, or the next ticket that waits."""
    person = allowed(web.access, request, Role.REVIEWER)  # again: a form may take its time
    by = person.name
    at = f"#{sent['at']}" if sent.get("at") else ""
    address = refused_at(request, address_with(request) + at)
    opened.stored.refuse_others(str(sent.get("sheets", "")))
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
    given = {name: values for name, values in read.items() if values.keys() - {"numbers"}}
    if not given and sent.get("was"):
        return go_to(request, address, Notice(NOTHING, "info"))
    _check_names(opened, given.values())
    ticket_id = str(sent.get("ticket_id", ""))
    undone = ""
    before = [*_approved_before(opened, ticket_id, words)]
    outcomes = [decide(opened, name, values, by=by) for name, values in (given or read).items()]
    effective = [outcome for outcome in outcomes if outcome.numbers]
    left = " ".join(outcome.left for outcome in outcomes if outcome.left)
    if ticket_id and words in LEADS_ON and not left:
        listed = asked_tickets(opened, asked, by=by, staying=ticket_id)
        leads = next_address(request, opened, listed, after=ticket_id, did=LEADS_ON[words])
        replaced = [Notice(text, "warn") for outcome in outcomes for text in outcome.replaced]
        return go_to(request, leads, *before, *replaced)
    if not ticket_id:
        undone = web.undo_steps.keep(
            tuple(step for outcome in outcomes for step in outcome.undo), of=opened, by=by
        )
    sentences = dict.fromkeys(
        text for outcome in effective or outcomes[:1] for text in outcome.sentences
    )
    text_shown = " ".join(filter(None, (*sentences, left)))
    kind: Literal["warn", "ok", "info"] = "warn" if left else "ok" if effective else "info"
    if effective and any(values.get(field) for values in given.values() for field in NAMED_IN_JIRA):
        unknown = look_names_up(opened, by=by)
        text_shown, kind = f"{text_shown} {unknown}".rstrip(), "warn" if unknown else kind
    return go_to(request, address, Notice(text_shown, kind, undo=undone))


def _check_names(opened: OpenSession, given: Iterable[Mapping[str, object]]) -> None:
    """Refuse names that Jira does not know, before many tickets have them."""
    for values in given:
        named = {field: str(values.get(field) or "") for field in NAMED_IN_JIRA}
        numbers = values.get("numbers")
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
    was = dict(str(pair).split(" ", 1) for pair in sent.getlist("was") if " " in str(pair))
    arguments = dict(_meant(verb, sent, opened, asked, by=by))
    for word, parameter in verb.parameters.items():
        # A form with several dialogs has a field of each: its name begins with that of the verb.
        named = (word, f"{name}.{word}")
        texts = [str(text) for field_name in named for text in sent.getlist(field_name)]
        if word in arguments or word in {"seen", "were"}:
            continue
        if isinstance(parameter.default, bool):
            arguments[word] = bool(texts)
        elif word == "on":
            arguments[word] = texts
        elif not texts:
            if parameter.default is Parameter.empty:
                arguments[word] = ""
        elif word not in _LEFT_EMPTY or texts[0].strip() != was.get(word, "").strip():
            text = next(filter(None, texts), "")
            arguments[word] = "" if text.strip() == NOBODY else text
    if "were" in verb.parameters and (changed := was.keys() & arguments):
        arguments["were"] = {
            word: labels_in(was[word]) if word == "labels" else was[word] or None
            for word in changed
        }
    return arguments


def _meant(
    verb: Verb, sent: FormData, opened: OpenSession, asked: Asked, *, by: str
) -> Mapping[str, object]:
    """Return the numbers a form means: of its ticket, of those chosen, or of all that it lists.

    A list says which entry was the last it shows: `since` then others may have changed its tickets.
    """
    if verb.parameters.keys().isdisjoint({"number", "numbers"}):
        return {}
    if ticket_id := str(sent.get("ticket_id", "")):
        number = ticket_of_id(opened, ticket_id).number
        if "number" in verb.parameters:
            return {"number": number}
        seen = str(sent.get("seen", ""))
        is_seen = bool(seen) and "seen" in verb.parameters
        return {"numbers": [number]} | ({"seen": {number: seen}} if is_seen else {})
    chosen = {str(number) for number in sent.getlist("number")}
    if sent.get("every"):
        chosen = {str(ticket.number) for ticket in asked_tickets(opened, asked, by=by)}
    chosen_tickets = [
        ticket
        for ticket in (*opened.tickets, *opened.vanished_tickets)
        if str(ticket.number) in chosen
    ]
    if not chosen_tickets:
        raise WrongUseError("No ticket selected: select at least one.")
    numbers = verb.chosen_numbers(chosen_tickets, are_named=False)
    since = str(sent.get("since", ""))[:18]
    if "seen" in verb.parameters and since.isdecimal():
        refuse_decided(
            opened, numbers, CONTENT_ACTIONS, since=int(since), but_by=by, left="approved"
        )
    return {"numbers": numbers}
