"""Page 3, Tickets: the list with its filters and orders, and what people do with many at once.

Belongs here: reading an address into a query, the forms of the list. Does not: which tickets a
query means (`review/ticket_selection`), what may be done (`review/validating`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from inspect import signature
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.errors import PipelineError, StoreError, WrongUseError
from jira_pipeline.model.look.rendering import counted
from jira_pipeline.model.tickets import FieldValue, ListedTicket, Ticket, TicketState
from jira_pipeline.review import decisions, validating
from jira_pipeline.review.decisions import Decided, Step
from jira_pipeline.review.fields import labels_in
from jira_pipeline.review.hours import hours_of
from jira_pipeline.review.ticket_selection import (
    Readiness,
    ReviewProgress,
    TicketOrder,
    TicketQuery,
    progress_of,
    selected_tickets,
)
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.web.access import Reader, Reviewer
from jira_pipeline.web.context import Opened, TheWeb, Web
from jira_pipeline.web.pages.paging import BLANK_IS_NONE, PAGE_MAX, address_with, page_of
from jira_pipeline.web.pages.showing import Notice, go_to, notice_of, refused_at, show

TICKETS_SHOWN = 100
NUMBERS_NAMED = 20
HOLLOW_SHOWN_MAX = 2_000
"""Which tickets are hollow is in the sheets: larger ones are read only where somebody asks."""
NOBODY = "-"
"""In an address or a form: the field is empty."""
VALUE_MAX = 300
router = APIRouter(prefix="/sessions/{key}/tickets")
Text = Annotated[str, Query(max_length=VALUE_MAX)]
Flag = Annotated[bool | None, BLANK_IS_NONE, Query()]


class Decision(StrEnum):
    """What is done with the chosen tickets."""

    READY = "ready"
    UNREADY = "unready"
    SKIP = "skip"
    UNSKIP = "unskip"
    ASSIGN = "assign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an address of the list asks for."""

    query: TicketQuery
    is_unseen: bool
    page: int

    @property
    def is_whole(self) -> bool:
        """It asks for all tickets, in the order people gave them."""
        return self.query == TicketQuery() and not self.is_unseen


def asked_of(
    *,
    text: Text = "",
    group: Annotated[DisplayGroup | None, BLANK_IS_NONE, Query()] = None,
    state: Annotated[TicketState | None, BLANK_IS_NONE, Query()] = None,
    readiness: Annotated[Readiness | None, BLANK_IS_NONE, Query()] = None,
    assignee: Text = "",
    sprint: Text = "",
    label: Text = "",
    questions: Flag = None,
    hollow: Flag = None,
    changed: Flag = None,
    fallback: Flag = None,
    lost: Flag = None,
    unseen: bool = False,
    sort: TicketOrder = TicketOrder.PLACE,
    down: bool = False,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Asked:
    """Read the address of a list."""
    return Asked(
        query=TicketQuery(
            text=text,
            groups=() if group is None else (group,),
            states=() if state is None else (state,),
            readiness=() if readiness is None else (readiness,),
            assignee=_wanted(assignee),
            sprint=_wanted(sprint),
            label=_wanted(label),
            has_questions=questions,
            is_hollow=hollow,
            is_source_changed=changed,
            is_fallback=fallback,
            has_lost_mark=lost,
            order=sort,
            is_descending=down,
        ),
        is_unseen=unseen,
        page=page,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What the page says of all tickets of a session."""

    numbers: Mapping[str, int]
    """By ticket id."""
    progress: ReviewProgress
    fallback_count: int
    choices: Mapping[str, Sequence[str]]
    """What fields hold, each once, by field."""
    common_labels: Sequence[str]
    """Of every ticket, said once: under each title they made the list twice as long."""


AskedOf = Annotated[Asked, Depends(asked_of)]
LIST_NAMES = frozenset(signature(asked_of).parameters) - {"page"}


def list_query(request: Request, **more: str) -> str:
    """Return what an address says of the list somebody goes along; empty for the whole list."""
    given = request.query_params.multi_items()
    kept = {name: value for name, value in given if name in LIST_NAMES and value} | more
    return f"?{urlencode(kept)}" if kept else ""


@router.get("")
def tickets(request: Request, person: Reader, opened: Opened, asked: AskedOf) -> Response:
    """List the tickets that the address asks for."""
    known, seen_at = opened.listed, validating.seen_at(opened, by=person.name)
    is_hollow_shown = len(known) <= HOLLOW_SHOWN_MAX or bool(asked.query.is_hollow)
    found = asked_tickets(opened, asked, by=person.name)
    listed = page_of(request, found, number=asked.page, size=TICKETS_SHOWN)
    order, is_down = asked.query.order, asked.query.is_descending
    states = {*asked.query.states, *(opened.places[one.ticket_id].state for one in known)}
    facets = opened.pipeline.memory.as_of(known, "facets", opened.key, lambda: _facets_of(known))

    def sorting(name: str) -> str:
        """Return the address that sorts by a column, the other way where it does already."""
        is_again = order == name and not is_down
        return address_with(request, sort=name, down="1" if is_again else None, page=None)

    return show(
        request,
        "tickets.html",
        person=person,
        opened=opened,
        asked=asked,
        listed=listed,
        places=opened.places,
        have_issues={opened.places[one.ticket_id].jira_key is not None for one in found},
        numbers=facets.numbers,
        hollow_ids=_hollow_ids(opened) if is_hollow_shown else frozenset(),
        known_count=len(known),
        hours=hours_of(found).hours,
        progress=facets.progress,
        list_query=list_query(request),
        fallback_count=facets.fallback_count,
        lost_ids=opened.lost_marks,
        seen_at=seen_at,
        choices=facets.choices,
        groups=groups_of(known, *asked.query.groups),
        states=[one for one in TicketState if one in states],
        readinesses=list(Readiness),
        common_labels=facets.common_labels,
        sorting=sorting,
        vanished_count=len(opened.vanished),
        is_ordered=order is TicketOrder.PLACE and not is_down,
        nobody=NOBODY,
    )


@router.post("")
def decide(
    request: Request,
    person: Reviewer,
    opened: Opened,
    asked: AskedOf,
    web: TheWeb,
    *,
    do: Annotated[str, Form(max_length=50)],
    number: Annotated[list[int] | None, Form(max_length=TICKETS_SHOWN)] = None,
    reason: Annotated[str, Form(max_length=1_000)] = "",
    assignee: Annotated[str, Form(max_length=VALUE_MAX)] = "",
    sprint: Annotated[str, Form(max_length=VALUE_MAX)] = "",
    priority: Annotated[str, Form(max_length=VALUE_MAX)] = "",
    labels_added: Annotated[str, Form(max_length=5_000)] = "",
    labels_removed: Annotated[str, Form(max_length=5_000)] = "",
    every: Annotated[bool, Form()] = False,
    with_questions: Annotated[bool, Form()] = False,
) -> Response:
    """Do something with the chosen tickets, or move one, and show the list as it was."""
    address = address_with(request)
    name, _, moved = do.partition(":")
    refused_at(request, address)
    if name == "move":
        return _moved(request, opened, moved, address=address, by=person.name)
    given = {"assignee": assignee, "sprint": sprint, "priority": priority}
    fields: dict[str, FieldValue] = {
        field: "" if value.strip() == NOBODY else value
        for field, value in given.items()
        if value.strip()
    }
    if every:
        wanted = {one.number for one in asked_tickets(opened, asked, by=person.name)}
    else:
        wanted = set(number or ())
    chosen = [ticket for ticket in opened.tickets if ticket.number in wanted]
    if not chosen:
        raise WrongUseError("No ticket was chosen: tick at least one.")
    notice, steps = _decided(
        opened,
        Decision(name),
        chosen,
        reason=reason,
        fields=fields,
        labels=(labels_in(labels_added), labels_in(labels_removed)),
        with_questions=with_questions,
        by=person.name,
    )
    undo = web.undo_steps.keep(steps, session_key=opened.key, by=person.name)
    return go_to(request, address, replace(notice, undo=undo))


@router.post("/undo")
def take_back(
    request: Request,
    person: Reviewer,
    opened: Opened,
    web: TheWeb,
    undo: Annotated[str, Form(max_length=50)],
) -> Response:
    """Take back what somebody decided about many tickets in the last minute."""
    query = address_with(request).removeprefix(request.url.path)
    address = f"/sessions/{opened.key}/tickets{query}"
    return go_to(request, address, taken_back(opened, web, undo, by=person.name))


def taken_back(opened: OpenSession, web: Web, undo: str, *, by: str) -> Notice:
    """Take back what somebody decided in the last minute, and say what that came to."""
    steps = web.undo_steps.take(undo, session_key=opened.key, by=by)
    if not steps:
        return Notice("That can be taken back for a minute only.", "warn")
    try:
        count = decisions.undo(opened, steps, by=by)
    except PipelineError as error:
        return notice_of(error)
    return Notice(f"Taken back for {counted(count, 'ticket')}.")


@router.post("/seen")
def seen(request: Request, person: Reader, opened: Opened) -> Response:
    """Note that somebody looked at the tickets as they are now, and show the list as it was."""
    validating.note_seen(opened, by=person.name)
    address = address_with(request).removeprefix(request.url.path)
    return go_to(
        request,
        f"/sessions/{opened.key}/tickets{address}",
        "Noted. What changes from now on is new to you.",
    )


def _decided(
    opened: OpenSession,
    decision: Decision,
    chosen: Sequence[Ticket],
    *,
    reason: str,
    fields: Mapping[str, FieldValue],
    labels: tuple[Sequence[str], Sequence[str]],
    with_questions: bool,
    by: str,
) -> tuple[Notice, tuple[Step, ...]]:
    """Do what was decided, say what that came to and what takes it back."""
    numbers = [ticket.number for ticket in chosen]
    done: Decided
    match decision:
        case Decision.READY:
            wanted = [t.number for t in chosen if t.skipped_reason is None]
            marked = decisions.mark_ready(opened, wanted, with_questions=with_questions, by=by)
            text = f"{counted(marked.count, 'ticket')} marked ready."
            left = Notice(f"{text} {_left(marked.left)}", "warn") if marked.left else Notice(text)
            return left, marked.undo
        case Decision.UNREADY:
            done = decisions.unmark_ready(opened, numbers, by=by)
            return Notice(f"{counted(done.count, 'ready mark')} removed."), done.undo
        case Decision.SKIP:
            free = [t.number for t in chosen if opened.places[t.ticket_id].jira_key is None]
            done = decisions.skip(opened, free or numbers, reason=reason, by=by)
            text = f"{counted(done.count, 'ticket')} skipped."
            if kept := len(chosen) - len(free):
                text += f" {counted(kept, 'ticket')} with an issue left as they are."
            return Notice(text), done.undo
        case Decision.UNSKIP:
            done = decisions.unskip(opened, numbers, by=by)
            return Notice(f"{counted(done.count, 'ticket')} included again."), done.undo
        case Decision.ASSIGN:
            added, removed = labels
            if not fields and not added and not removed:
                raise WrongUseError(f"No field was given; {NOBODY} clears one.")
            changes: list[Decided] = []
            if added or removed:  # first: of both, labels are refused
                changes.append(
                    decisions.change_labels(opened, numbers, added=added, removed=removed, by=by)
                )
            if fields:
                changes.append(decisions.assign(opened, numbers, fields=fields, by=by))
            changed = max(one.count for one in changes)
            notice = Notice(f"{counted(changed, 'ticket')} of {len(chosen):,} changed.")
            return notice, tuple(step for one in changes for step in one.undo)


def _left(asking: Sequence[Ticket]) -> str:
    """Say which tickets are not ready because questions of them are open."""
    numbers = ", ".join(str(ticket.number) for ticket in asking[:NUMBERS_NAMED])
    more = f" and {len(asking) - NUMBERS_NAMED:,} more" if len(asking) > NUMBERS_NAMED else ""
    are = "has open questions and is" if len(asking) == 1 else "have open questions and are"
    return (
        f"{counted(len(asking), 'ticket')} {are} not: {numbers}{more}. Answer them, or tick "
        "“with open questions” to mark them ready all the same."
    )


def _moved(request: Request, opened: OpenSession, moved: str, *, address: str, by: str) -> Response:
    """Move one ticket among those of its group; the list opens at it."""
    number, _, places = moved.partition(":")
    if not number.isdecimal() or places not in {"-1", "1"}:
        raise WrongUseError("That moves no ticket.")
    decisions.move(opened, int(number), places=int(places), by=by)
    return go_to(request, f"{address}#ticket-{number}")


def asked_tickets(
    opened: OpenSession, asked: Asked, *, by: str, kept: str = ""
) -> Sequence[ListedTicket]:
    """Return all tickets the address asks for, and the one that is `kept`."""
    if asked.is_whole:
        return opened.listed
    seen_at = validating.seen_at(opened, by=by) if asked.is_unseen else None
    return selected_tickets(
        opened.listed,
        replace(asked.query, revised_since=seen_at),
        places=opened.places,
        hollow_ids=_hollow_ids(opened) if asked.query.is_hollow is not None else frozenset(),
        lost_ids=opened.lost_marks if asked.query.has_lost_mark is not None else (),
        kept=kept,
    )


def groups_of(listed: Sequence[ListedTicket], *asked: DisplayGroup) -> list[DisplayGroup]:
    """Return the groups a filter offers: those that tickets are in, and what is asked for."""
    held = {*asked, *(one.display_group for one in listed)}
    return [one for one in DisplayGroup if one in held]


def _hollow_ids(opened: OpenSession) -> frozenset[str]:
    """Return the tickets that the sheets say nothing to configure for; none where they are gone."""
    try:
        return opened.hollow_ids
    except StoreError:
        return frozenset()


def _wanted(value: str) -> str | None:
    """Return what a field has to hold: None asks nothing, an empty text for nobody."""
    return "" if value == NOBODY else value or None


def _facets_of(known: Sequence[ListedTicket]) -> Facets:
    labels = {ticket.labels for ticket in known}
    return Facets(
        numbers={ticket.ticket_id: ticket.number for ticket in known},
        progress=progress_of(known),
        fallback_count=sum(ticket.is_fallback for ticket in known),
        choices={
            "assignee": _held(ticket.assignee for ticket in known),
            "sprint": _held(ticket.sprint for ticket in known),
            "label": _held(label for several in labels for label in several),
        },
        common_labels=sorted(set.intersection(*map(set, labels))) if len(known) > 1 else [],
    )


def _held(values: Iterable[str | None]) -> list[str]:
    """Return what fields hold, each once."""
    return sorted({value for value in values if value})
