"""The list of tickets with its filters and orders, the way through a review of it, and decisions.

A review goes through a list: after a decision comes the next ticket that waits for one. The address
carries the filters of the list and the last decision (`did=ready-TICKET_ID`), so that the way is the
same with and without scripts, in two windows, and for whoever gets the link.

A form that decides names verbs of `review/verbs` in its field `do` (`skip`, or `assign label` for two),
and its other fields are the arguments that these verbs take. A page takes its forms at its own address.

Belongs here: where somebody is in the list they came from, what was decided last, the page at the end of
the list; reading any form that decides, saying on its page what came of it, undo for a minute. Does not:
which tickets a query means (`review/ticket_selection`), what may be decided (`review/decisions`), edits
and answers, which people write (`ticket_page`, `questions_page`), what a ticket says (`ticket_page`).
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
from jira_pipeline.review.outcomes import NOTHING, Fields, Outcome, Step, labels_in
from jira_pipeline.review.ticket_reading import ticket_of_id
from jira_pipeline.review.ticket_selection import (
    CONDITIONS,
    Condition,
    ReviewProgress,
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
    FiltersInAddress,
    ListFilters,
    Notice,
    address_with,
    go_to,
    hollow_ids_of,
    list_query,
    page_of,
    refused_at,
    show,
    tickets_matching,
)

TICKETS_PER_PAGE = 100
HOLLOW_SHOWN_MAX = 2_000
"""Tickets of a session up to which the list marks hollow ones, for which the sheets have nothing to
configure. That is in the sheets: those of larger sessions are read only where somebody asks."""
CACHE_HEADERS_AHEAD = {"cache-control": "private, max-age=300"}
"""Of a page that is fetched ahead: a browser asks again for what it may not keep while one reads."""
router = APIRouter(prefix="/sessions/{key}")
DECISIONS_IN_ADDRESS = {"ready": "ready"} | {
    kind.taken_by: kind.state.value for kind in GIVEN_REASONS
}
"""The verbs after which the next ticket comes, and how `did` calls what was decided."""
LastDecision = Annotated[
    str, Query(pattern=rf"^(({'|'.join(DECISIONS_IN_ADDRESS.values())})-[\w-]{{1,64}})?$")
]
"""The last decision in a review, such as `ready-TICKET_ID`; blank where there is none."""


@router.get("/tickets")
def tickets(
    request: Request, person: Reader, opened: Opened, filters: FiltersInAddress
) -> Response:
    """List the tickets that the address asks for."""
    every_ticket = opened.listed
    matching = tickets_matching(opened, filters, by=person.name)
    order = filters.query.order
    is_down = filters.query.is_descending

    def sorting(name: str) -> str:
        """Return the address that sorts by a column, the other way where the list is sorted by it."""
        is_again = order == name and not is_down
        return address_with(request, sort=name, down="1" if is_again else None, page=None)

    return show(
        request,
        "tickets.html",
        opened=opened,
        asked=filters,
        listed=page_of(request, matching, number=filters.page, size=TICKETS_PER_PAGE),
        places=opened.places,
        have_issues={opened.places[ticket.ticket_id].jira_key is not None for ticket in matching},
        hollow_ids=_marked_hollow_ids(opened, filters),
        known_count=len(every_ticket),
        hours=hours_of(matching),
        list_query=list_query(request),
        lost_ids=opened.lost_marks,
        seen_at=approvals.last_seen_at(opened, by=person.name),
        states=_offered_states(opened, filters),
        **facets_in(opened),
        sorting=sorting,
        vanished_count=len(opened.vanished_tickets),
        is_ordered=order is TicketOrder.PLACE and not is_down,
        nobody=NOBODY,
        chosen_by={field: condition for field, condition in CONDITIONS.items() if condition.label},
    )


def _marked_hollow_ids(opened: OpenSession, filters: ListFilters) -> frozenset[str]:
    """Return the tickets that the list marks as hollow: none in a large session, unless asked for."""
    if len(opened.listed) <= HOLLOW_SHOWN_MAX or filters.query.is_hollow:
        return hollow_ids_of(opened)
    return frozenset()


def _offered_states(opened: OpenSession, filters: ListFilters) -> dict[TicketState, str]:
    """Return the labels of the states to filter by: those of any ticket, and those filtered by now."""
    states = {opened.places[ticket.ticket_id].state for ticket in opened.listed}
    states.update(filters.query.states)
    return {state: state.label for state in TicketState if state in states}


@router.get("/review.html")
@router.get("/quality")
def redirect_to_list(_person: Reader) -> Response:
    """Lead to the list from addresses of earlier versions, which people may have bookmarked."""
    return RedirectResponse("tickets")


@router.post("/tickets/seen")
def mark_seen(request: Request, person: Reader, opened: Opened) -> Response:
    """Note that somebody looked at the tickets as they are now, and return to the same list."""
    approvals.note_seen(opened, by=person.name)
    query = address_with(request).removeprefix(request.url.path)
    return go_to(
        request,
        f"/sessions/{opened.key}/tickets{query}",
        "Marked as seen. Changes from now on count as new.",
    )


def facets_in(opened: OpenSession) -> Mapping[str, Any]:
    """Return what the list says of all tickets of a session, by the names of its template.

    It is found out once for the tickets as they are.
    """
    listed = opened.listed
    return opened.pipeline.memory.as_of(listed, "facets", opened.key, lambda: _facets_of(listed))


def _facets_of(tickets: Sequence[ListedTicket]) -> Mapping[str, Any]:
    choices: dict[str, list[str]] = {}
    for condition in CONDITIONS.values():
        if condition.label:
            choices[condition.name] = _texts_of_tickets(condition, tickets)
    return {
        "numbers": {ticket.ticket_id: ticket.number for ticket in tickets},
        "progress": progress_of(tickets),
        "fallback_count": sum(ticket.is_fallback for ticket in tickets),
        "choices": choices,
        "common_labels": _common_labels(tickets),
    }


def _common_labels(tickets: Sequence[ListedTicket]) -> list[str]:
    """Return the labels that all tickets have; none of a single one.

    They are said once: below each title they made the list twice as long.
    """
    if len(tickets) < 2:  # noqa: PLR2004 - of one ticket all labels would be common
        return []
    return sorted(set.intersection(*(set(ticket.labels) for ticket in tickets)))


def _texts_of_tickets(condition: Condition, listed: Sequence[ListedTicket]) -> list[str]:
    """Return the texts that tickets have in the field of a condition, which has one text or several."""
    texts: set[str] = set()
    for ticket in listed:
        # The state is none of these fields, so that any does.
        value = condition.value_of(SeenTicket(ticket, TicketState.PENDING))
        texts.update(value if isinstance(value, tuple) else (value,))
    return sorted(filter(None, texts))


@router.get("/review")
def review(
    request: Request,
    person: Reader,
    opened: Opened,
    filters: FiltersInAddress,
    *,
    did: LastDecision = "",
) -> Response:
    """Open the first ticket of a list that waits for a decision; where none does, say what is next."""
    waiting = next_waiting(tickets_matching(opened, filters, by=person.name))
    if waiting is not None:
        address = f"/sessions/{opened.key}/tickets/{waiting.number}{list_query(request)}"
        return go_to(request, address)
    included = [ticket for ticket in opened.listed if ticket.exclusion is None]
    list_address = f"/sessions/{opened.key}/tickets"
    asking_query = list_query(request, readiness="ready", questions="1")
    skipped_query = list_query(request, readiness="skipped")
    return show(
        request,
        "review.html",
        opened=opened,
        review=place_in_review(request, opened, filters, "", did=did, by=person.name),
        elsewhere=next_waiting(opened.listed),
        tally=opened.tally,
        updates=[change for change in changes_in_jira(opened) if change.is_text],
        to_create=any(opened.places[ticket.ticket_id].jira_key is None for ticket in included),
        asking_address=f"{list_address}{asking_query}",
        skipped_address=f"{list_address}{skipped_query}",
    )


def next_address(
    request: Request, opened: OpenSession, listed: Sequence[ListedTicket], *, after: str, did: str
) -> str:
    """Return where a decision about a ticket leads: to the next that waits, or to the end of the list.

    `after` is the id of that ticket, and `did` a value of `DECISIONS_IN_ADDRESS`.
    """
    waiting = next_waiting(listed, after=after)
    page = "review" if waiting is None else f"tickets/{waiting.number}"
    return f"/sessions/{opened.key}/{page}{list_query(request, did=f'{did}-{after}')}"


def is_ahead(request: Request) -> bool:
    """Tell whether a browser fetches a page before somebody wants it."""
    return "prefetch" in request.headers.get("sec-purpose", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceInReview:
    """Where somebody is in a list that they go through, for the page of a ticket and for the end."""

    list_query: str
    """The query of addresses that stay in the list."""
    along_query: str
    """The same with the last decision, for links that only look around."""
    list_address: str
    """Of the list, at the row of the ticket."""
    is_whole: bool
    """The list has all tickets, in the order people gave them."""
    progress: ReviewProgress
    """How much of the list is decided, whatever the list asks about readiness."""
    remaining: str
    """How long the rest takes somebody at their pace, in words; blank where nobody knows."""
    position: int | None
    """Of the ticket in the list, from 1; None at the end of the list."""
    count: int
    """How many tickets the list has."""
    earlier: ListedTicket | None
    later: ListedTicket | None
    waiting: ListedTicket | None
    """The next ticket that nobody decided about."""
    ahead_address: str
    """Of its page after an approval, to be fetched ahead; blank where no ticket waits."""
    decided: ListedTicket | None
    """The ticket of the last decision, where that still holds."""


def place_in_review(
    request: Request,
    opened: OpenSession,
    filters: ListFilters,
    ticket_id: str,
    *,
    did: str,
    by: str,
) -> PlaceInReview:
    """Return where a ticket is in the list that the address asks for; blank `ticket_id` for its end."""
    listed = tickets_matching(opened, filters, by=by, kept_id=ticket_id)
    place = _place_in(listed, ticket_id)
    decision, _, decided_id = did.partition("-")
    # A list of tickets to review gets shorter with each decision: progress is that of the longer list.
    reviewed = listed
    if filters.query.readiness:
        whatever_readiness = replace(filters, query=replace(filters.query, readiness=()))
        reviewed = tickets_matching(opened, whatever_readiness, by=by)
    decidable: Sequence[ListedTicket] = opened.listed
    if is_ahead(request):
        if decision == "ready":  # the ticket before will be approved once somebody gets here
            reviewed = [
                ticket._replace(is_ready=ticket.is_ready or ticket.ticket_id == decided_id)
                for ticket in reviewed
            ]
        decidable = reviewed
    decided = _decided_ticket(decidable, decided_id, decision=decision)
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
    return PlaceInReview(
        list_query=query,
        along_query=along_query,
        list_address=f"/sessions/{opened.key}/tickets{_query_of_place(query, place)}",
        is_whole=filters.is_whole,
        progress=progress,
        remaining=remaining,
        position=None if place is None else place.position,
        count=len(listed),
        earlier=None if place is None else place.earlier,
        later=None if place is None else place.later,
        waiting=waiting,
        ahead_address=ahead_address,
        decided=decided,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlaceInList:
    """A ticket in a list, and those beside it."""

    ticket: ListedTicket
    position: int
    """From 1."""
    earlier: ListedTicket | None
    """The one before it; None where it is the first."""
    later: ListedTicket | None
    """The one after it; None where it is the last."""


def _place_in(listed: Sequence[ListedTicket], ticket_id: str) -> _PlaceInList | None:
    """Return where a ticket is in a list; None where it is not."""
    for index, ticket in enumerate(listed):
        if ticket.ticket_id == ticket_id:
            return _PlaceInList(
                ticket=ticket,
                position=index + 1,
                earlier=listed[index - 1] if index > 0 else None,
                later=listed[index + 1] if index + 1 < len(listed) else None,
            )
    return None


def _query_of_place(query: str, place: _PlaceInList | None) -> str:
    """Return the query of a list with the page that a ticket is on, and the anchor of its row."""
    if place is None:
        return query
    page = (place.position - 1) // TICKETS_PER_PAGE + 1
    page_query = query
    if page > 1:
        separator = "&" if query else "?"
        page_query = f"{query}{separator}page={page}"
    return f"{page_query}#ticket-{place.ticket.number}"


def _decided_ticket(
    tickets: Sequence[ListedTicket], ticket_id: str, *, decision: str
) -> ListedTicket | None:
    """Return the ticket that a decision was about; None where it does not hold any more."""
    ticket = next((ticket for ticket in tickets if ticket.ticket_id == ticket_id), None)
    if ticket is None:
        return None
    is_ready = decision == "ready" and ticket.is_ready
    is_excluded = ticket.exclusion is not None and decision == ticket.exclusion.state
    return ticket if is_ready or is_excluded else None


_FIELDS_THAT_STAY = {*Fields.__annotations__, "added", "removed"}
"""Fields in which an empty text asks nothing, unless the form showed something there: it stays then."""


async def _read_form(request: Request) -> FormData:
    return await request.form()


SentForm = Annotated[FormData, Depends(_read_form)]


@router.post("/tickets/undo")
@router.post("/tickets/{ticket}/undo")
@router.post("/questions/undo")
def undo_decision(
    request: Request,
    person: Reviewer,
    opened: Opened,
    web: TheWeb,
    *,
    undo_name: Annotated[str, Form(max_length=50, alias="undo")],
    place: Annotated[str, Form(max_length=PLACE_MAX_CHARACTERS, pattern=PLACE_PATTERN)] = "",
) -> Response:
    """Undo what somebody decided in the last minute, and return to the page of the decision.

    `undo_name` is what the notice of the decision had, and `place` that of a question to return to.
    """
    path = request.url.path
    address = address_with(request).replace(path, path.removesuffix("/undo"), 1) + anchor_of(place)
    steps, last_entry = web.undo_steps.take(undo_name, session_key=opened.key, by=person.name)
    if not steps:
        return go_to(request, address, Notice("This can be undone for a minute only.", "warn"))
    refused_at(request, address)
    count = undo(opened, steps, since=last_entry, by=person.name)
    return go_to(request, address, f"Undone for {format_count(count, 'ticket')}.")


@router.post("")
@router.post("/tickets")
@router.post("/tickets/{ticket}")
def decide_by_form(
    request: Request,
    _person: Reviewer,
    opened: Opened,
    *,
    web: TheWeb,
    filters: FiltersInAddress,
    sent: SentForm,
) -> Response:
    """Decide what a form says, and show its page again, or the next ticket that waits.

    Its field `do` is one verb or several (`skip`, `assign label`), or that of a button in a row of the
    list, with the arguments of the verb (`unskip:12`).

    Raises:
        WrongUseError: The form names no verb, or no ticket.
        RoleTooLowError: Its verbs need a higher role.
    """
    # Asked again, since a form may take long to arrive: somebody may have signed out meanwhile.
    person_now = allowed(web.access, request, Role.REVIEWER)
    by = person_now.name
    anchor = f"#{sent['at']}" if sent.get("at") else ""
    address = refused_at(request, address_with(request) + anchor)
    opened.stored.refuse_others(str(sent.get("sheets", "")))
    decision, *arguments_of_row = str(sent.get("do", "")).split(":")
    names = decision.split()
    if not names or not set(names) <= VERBS.keys():
        raise WrongUseError("That decides nothing.")
    for name in names:
        refuse_lower(person_now, VERBS[name].permission)
    if arguments_of_row:
        arguments = dict(zip(VERBS[names[0]].parameters, arguments_of_row, strict=False))
        decide(opened, names[0], arguments, by=by)
        return go_to(request, f"{address}#ticket-{arguments_of_row[0]}")
    arguments_by_verb = {name: _arguments(name, sent, opened, filters, by=by) for name in names}
    # A verb of which only the tickets are known: the form leaves what it would change as it is.
    changes_by_verb = {
        name: arguments
        for name, arguments in arguments_by_verb.items()
        if arguments.keys() - {"numbers"}
    }
    if not changes_by_verb and sent.get("was"):
        return go_to(request, address, Notice(NOTHING, "info"))
    _refuse_unknown_names(opened, changes_by_verb.values())
    ticket_id = str(sent.get("ticket_id", ""))
    earlier_approvals = [*_earlier_approvals(opened, ticket_id, decision)]
    outcomes = [
        decide(opened, name, arguments, by=by)
        for name, arguments in (changes_by_verb or arguments_by_verb).items()
    ]
    is_done_whole = not any(outcome.left for outcome in outcomes)
    if ticket_id and decision in DECISIONS_IN_ADDRESS and is_done_whole:
        listed = tickets_matching(opened, filters, by=by, kept_id=ticket_id)
        did = DECISIONS_IN_ADDRESS[decision]
        next_page = next_address(request, opened, listed, after=ticket_id, did=did)
        warnings: list[Notice] = []
        for outcome in outcomes:
            warnings += (Notice(text, "warn") for text in outcome.replaced)
        return go_to(request, next_page, *earlier_approvals, *warnings)
    undo_name = ""
    if not ticket_id:  # many tickets: undoing each by itself would take long
        steps: list[Step] = []
        for outcome in outcomes:
            steps += outcome.undo
        undo_name = web.undo_steps.keep(tuple(steps), of=opened, by=by)
    notice = _outcome_notice(opened, outcomes, changes_by_verb.values(), by=by)
    return go_to(request, address, replace(notice, undo=undo_name))


def _outcome_notice(
    opened: OpenSession,
    outcomes: Sequence[Outcome],
    changes: Iterable[Mapping[str, object]],
    *,
    by: str,
) -> Notice:
    """Return the notice of what verbs did; names that Jira does not know are looked up for it."""
    effective = [outcome for outcome in outcomes if outcome.numbers]
    sentences: dict[str, None] = {}  # each once, in order
    for outcome in effective or outcomes[:1]:
        sentences |= dict.fromkeys(outcome.sentences)
    left = " ".join(outcome.left for outcome in outcomes if outcome.left)
    text = " ".join(filter(None, (*sentences, left)))
    kind: Literal["warn", "ok", "info"] = "info"
    if effective:
        kind = "ok"
    if left:
        kind = "warn"
    if effective and any(map(_is_about_names, changes)):
        unknown_names = look_names_up(opened, by=by)
        if unknown_names:
            text = f"{text} {unknown_names}"
            kind = "warn"
    return Notice(text, kind)


def _is_about_names(arguments: Mapping[str, object]) -> bool:
    """Tell whether a verb sets a field whose text is a name in Jira, such as an assignee."""
    return any(arguments.get(field) for field in NAMED_IN_JIRA)


def _refuse_unknown_names(opened: OpenSession, changes: Iterable[Mapping[str, object]]) -> None:
    """Refuse to give several tickets a name that Jira does not know.

    Of one ticket the page says so afterwards: that is quickly put right.
    """
    for arguments in changes:
        names = {field: str(arguments.get(field) or "") for field in NAMED_IN_JIRA}
        numbers = arguments.get("numbers")
        if any(names.values()) and isinstance(numbers, list) and len(numbers) > 1:
            refuse_unknown(opened, **names)


def _earlier_approvals(opened: OpenSession, ticket_id: str, decision: str) -> Iterator[Notice]:
    """Yield the notice that a ticket was approved already: the page of the form may not show it yet."""
    if decision != "ready" or not ticket_id:
        return
    ticket = ticket_of_id(opened, ticket_id)
    if ticket.is_ready and ticket.ready_by:
        yield Notice(
            f"{ticket.number} was approved already, by {person_of(ticket.ready_by)}.", "info"
        )


def _arguments(
    name: str, sent: FormData, opened: OpenSession, filters: ListFilters, *, by: str
) -> Mapping[str, object]:
    """Return the arguments of a verb that a form gives; a field that asks nothing gives none.

    A field is called as its parameter. What the form showed in it is in a field `was`, each such as
    `assignee ann@example.org`: the verb gets these as `were`, to refuse where they changed meanwhile.
    """
    verb = VERBS[name]
    texts_shown = _texts_shown(sent)
    arguments = dict(_tickets_meant(verb, sent, opened, filters, by=by))
    for field, parameter in verb.parameters.items():
        if field in arguments or field in {"seen", "were"}:
            continue
        # A form with several dialogs has a field of each: its name begins with that of the verb.
        texts = [*map(str, sent.getlist(field)), *map(str, sent.getlist(f"{name}.{field}"))]
        if isinstance(parameter.default, bool):
            arguments[field] = bool(texts)
        elif field == "on":
            arguments[field] = texts
        elif not texts:
            if parameter.default is Parameter.empty:
                arguments[field] = ""
        elif field not in _FIELDS_THAT_STAY or not _is_same(texts[0], texts_shown.get(field, "")):
            text = next(filter(None, texts), "")
            arguments[field] = "" if text.strip() == NOBODY else text
    changed_fields = texts_shown.keys() & arguments
    if "were" in verb.parameters and changed_fields:
        arguments["were"] = {
            field: _value_shown(field, texts_shown[field]) for field in changed_fields
        }
    return arguments


def _texts_shown(sent: FormData) -> dict[str, str]:
    """Return what a form showed in its fields, by their names."""
    texts: dict[str, str] = {}
    for field_and_text in map(str, sent.getlist("was")):
        field, separator, text = field_and_text.partition(" ")
        if separator:
            texts[field] = text
    return texts


def _is_same(text: str, text_shown: str) -> bool:
    return text.strip() == text_shown.strip()


def _value_shown(field: str, text: str) -> object:
    """Return the value of a ticket's field that a form showed as a text."""
    if field == "labels":
        return labels_in(text)
    return text or None


def _tickets_meant(
    verb: Verb, sent: FormData, opened: OpenSession, filters: ListFilters, *, by: str
) -> Mapping[str, object]:
    """Return the arguments of a verb that say which tickets a form means.

    That is the ticket of its page (`ticket_id`), or in a list those that are ticked (`number`) or all
    that it has (`every`). A list also says which entry of the history was the last when it was shown
    (`since`): an approval is refused where others changed one of its tickets after that.

    Raises:
        WrongUseError: No ticket is ticked.
        EditConflictError: Somebody else changed one of the tickets since.
    """
    if verb.parameters.keys().isdisjoint({"number", "numbers"}):
        return {}
    ticket_id = str(sent.get("ticket_id", ""))
    if ticket_id:
        number = ticket_of_id(opened, ticket_id).number
        if "number" in verb.parameters:
            return {"number": number}
        content_seen = str(sent.get("seen", ""))
        if content_seen and "seen" in verb.parameters:
            return {"numbers": [number], "seen": {number: content_seen}}
        return {"numbers": [number]}
    numbers_meant = {str(number) for number in sent.getlist("number")}
    if sent.get("every"):
        matching = tickets_matching(opened, filters, by=by)
        numbers_meant = {str(ticket.number) for ticket in matching}
    tickets_meant = [
        ticket
        for ticket in (*opened.tickets, *opened.vanished_tickets)
        if str(ticket.number) in numbers_meant
    ]
    if not tickets_meant:
        raise WrongUseError("No ticket selected: select at least one.")
    numbers = verb.chosen_numbers(tickets_meant, are_named=False)
    since = str(sent.get("since", ""))[:18]  # 18 digits are a number that the store can hold
    if "seen" in verb.parameters and since.isdecimal():
        refuse_decided(
            opened, numbers, CONTENT_ACTIONS, since=int(since), but_by=by, left="approved"
        )
    return {"numbers": numbers}
