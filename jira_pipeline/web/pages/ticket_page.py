"""The page of a ticket: what Jira will show, the rows beside it, and everything people do with it.

The address of the page has the number of the ticket, as people say it. Its forms have the id: another
upload may give the number to another ticket while the page is open. Each change of a ticket is a
revision; a form says on which one it was typed, so that what somebody else changed meanwhile stays.

Belongs here: what the page shows, and its forms. Does not: what becomes of a text that somebody typed
(`review/revisions`), decisions about many tickets (`tickets_page`), the body of the page (`ticket_body`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from jira_pipeline.context.settings import Settings
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import (
    EditConflictError,
    InputError,
    NotFoundError,
    RoleTooLowError,
    WrongUseError,
)
from jira_pipeline.model.forms_in_text import is_waiting_for_answers
from jira_pipeline.model.people import Person, Role
from jira_pipeline.model.records import COMMENT_MAX_CHARACTERS, AuditEntry
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.revisions import Revision, is_of_people
from jira_pipeline.model.ticket_decisions import SentBack
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review import revisions
from jira_pipeline.review.approved_difference import difference_to_approved
from jira_pipeline.review.comments import add_comment, comments_on, remove_comment
from jira_pipeline.review.marks import REMARK_MAX_CHARACTERS
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.questions import ANSWER_MAX_CHARACTERS, questions_of, with_routes
from jira_pipeline.review.revisions import (
    EDITED_PARTS,
    PART_TITLES,
    TITLE_PART,
    PartConflict,
    checked_title,
    compare_revisions,
    html_of_text,
    merge_texts,
    shown_changes,
    text_of_part,
)
from jira_pipeline.review.successors import has_same_kind
from jira_pipeline.review.ticket_history import (
    EVENTS_OF_TICKET,
    HistoryEvent,
    history_of_ticket,
    tickets_taken_over,
)
from jira_pipeline.review.ticket_reading import ticket_of_id
from jira_pipeline.sessions import starting
from jira_pipeline.sessions.site_verifying import is_outdated, verdicts_on_rows
from jira_pipeline.tickets.documents.rendering import WrittenTables
from jira_pipeline.verification.reports import VERDICT_LABELS, difference, ticket_verdict_text
from jira_pipeline.web.context import Opened, Reader, Reviewer, TheWeb
from jira_pipeline.web.labels import HISTORY_LABELS
from jira_pipeline.web.pages.questions_page import AboutQuestion, decide_question
from jira_pipeline.web.pages.showing import (
    FiltersInAddress,
    ListFilters,
    Notice,
    go_to,
    list_query,
    refused_at,
    show,
)
from jira_pipeline.web.pages.ticket_body import TicketBody, body_of, description_html, file_of
from jira_pipeline.web.pages.tickets_page import (
    CACHE_HEADERS_AHEAD,
    LastDecision,
    SentForm,
    facets_in,
    is_ahead,
    place_in_review,
)
from jira_pipeline.writing.writers import WritingOrder, reads_remarks

NUMBER_DIGITS_MAX = 9
"""More digits are no number that an integer column of the store can hold."""
OTHERS_SHOWN = 40
"""Tickets that this one waits for, or that wait for it."""
QUESTIONS_NAMED = 5
"""Open questions that the button to approve the ticket names; the page has all of them."""
FINDINGS_SHOWN = 20
FIELDS_TEXT_MAX = 5_000
"""Of all labels together; each field is limited by `checked_fields`."""
router = APIRouter(prefix="/sessions/{key}/tickets/{ticket}")
TicketId = Annotated[str, Form(max_length=64)]


@router.get("")
def ticket_page(
    request: Request,
    person: Reader,
    opened: Opened,
    filters: FiltersInAddress,
    ticket: str,
    *,
    before: Annotated[int | None, Query(ge=1)] = None,
    after: Annotated[int | None, Query(ge=1)] = None,
    edit: bool = False,
    did: LastDecision = "",
) -> Response:
    """Show a ticket in the list that the address asks for, after the decision `did` of a review.

    `before` and `after` are the numbers of the revisions to compare; with `edit` the form is open.
    """
    return _show_ticket(
        request,
        person,
        opened,
        _find_ticket(opened, ticket),
        filters,
        did=did,
        before=before,
        after=after,
        editing=_Editing(is_open=edit),
    )


@router.get("/description")
def description(request: Request, _person: Reader, opened: Opened, ticket: str) -> Response:
    """Show the description that the issue of a ticket gets, where that has less than the ticket."""
    ticket_shown = _find_ticket(opened, ticket)
    [rendered] = opened.rendered_of([ticket_shown])
    return show(
        request,
        "ticket_description.html",
        opened=opened,
        ticket=ticket_shown,
        body_html=description_html(opened, rendered),
        file_name=rendered.attachment[0] if rendered.attachment else "",
    )


@router.get("/file")
def file(_person: Reader, opened: Opened, ticket: str) -> Response:
    """Download the file that the issue of a ticket gets beside its description."""
    return file_of(opened, _find_ticket(opened, ticket))


_LIMITS = {
    "answer": ANSWER_MAX_CHARACTERS,
    "remark": REMARK_MAX_CHARACTERS,
    "comment": COMMENT_MAX_CHARACTERS,
    "field": FIELDS_TEXT_MAX,
    "others": OTHERS_SHOWN,
    "asked": QUESTIONS_NAMED,
    "events": EVENTS_OF_TICKET,
    "findings": FINDINGS_SHOWN,
}
"""How many characters a field of the page takes, and how much of each list it shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Editing:
    """The form in which people edit a ticket, as the page shows it."""

    is_open: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)
    """Texts by the names of their parts, which are saved nowhere yet."""
    base_revision: int | None = None
    """The number of the revision that they were typed on; None for the current one."""
    conflicts: Sequence[PartConflict] = ()
    """Parts that somebody else changed meanwhile."""


def _show_ticket(
    request: Request,
    person: Person,
    opened: OpenSession,
    ticket: Ticket,
    filters: ListFilters,
    *,
    did: str = "",
    before: int | None = None,
    after: int | None = None,
    editing: _Editing,
    status: int = 200,
    notices: Sequence[Notice] = (),
) -> Response:
    """Answer with the page of a ticket, and with what somebody typed in its form."""
    tables = _find_tables(opened, ticket)
    revisions = opened.revisions(ticket)
    return show(
        request,
        "ticket.html",
        status=status,
        headers=CACHE_HEADERS_AHEAD if is_ahead(request) else None,
        notices=notices,
        opened=opened,
        ticket=ticket,
        review=place_in_review(request, opened, filters, ticket.ticket_id, did=did, by=person.name),
        place=opened.places_of([ticket])[ticket.ticket_id],
        comments=comments_on(opened, ticket.ticket_id),
        remark=opened.remarks.get(ticket.ticket_id),
        is_waiting=is_waiting_for_answers(ticket.analysis),
        part_titles={TITLE_PART: "Title", **PART_TITLES},
        choices=facets_in(opened)["choices"],
        may_comment=may_comment(person, opened.settings),
        limits=_LIMITS,
        **_body_values(opened, ticket, tables),
        **_form_values(ticket, editing),
        **_question_values(opened, ticket),
        **_finding_values(opened, ticket),
        **_history_values(opened, ticket),
        **_revision_values(ticket, revisions, before=before, after=after),
        **_approval_values(opened, ticket, tables),
        **_verdict_values(opened, tables),
        **_neighbour_values(opened, ticket),
    )


def _find_tables(opened: OpenSession, ticket: Ticket) -> WrittenTables | None:
    """Return the tables of a ticket; None where its rows or the copy of the sheets are gone."""
    return opened.find_tables(ticket) if ticket.withdrawal is None else None


def _body_values(
    opened: OpenSession, ticket: Ticket, tables: WrittenTables | None
) -> dict[str, Any]:
    """Return what the page shows of the document of a ticket; nothing where its rows are gone."""
    rendered: RenderedTicket | None = None
    body: TicketBody | None = None
    if tables is not None:
        [rendered] = opened.rendered_of([ticket])
        body = body_of(opened, rendered, tables)
    return {
        "group": None if tables is None else tables.group,
        "rendered": rendered,
        "shown": body,
        "is_written_again": tables is not None and reads_remarks(opened),
    }


def _form_values(ticket: Ticket, editing: _Editing) -> dict[str, Any]:
    """Return what the page shows of the form in which people edit a ticket."""
    return {
        "parts": _edited_parts(ticket, editing.typed, editing.conflicts),
        "base_revision": editing.base_revision or ticket.revision.number,
        "is_editing": editing.is_open or bool(editing.typed),
    }


def _question_values(opened: OpenSession, ticket: Ticket) -> dict[str, Any]:
    """Return the questions of a ticket, and those of them that decide how much there is to do."""
    (questions_here,) = with_routes([questions_of(ticket)], opened.routes)
    questions = opened.asked.in_ticket(questions_here)
    deciding = [
        question for question in questions if question.is_open and question.asked.decides_scope
    ]
    return {"questions": questions, "deciding": deciding}


def _finding_values(opened: OpenSession, ticket: Ticket) -> dict[str, Any]:
    """Return what was found in the rows of a ticket."""
    lines_by_file = {source.file: {*source.lines} for source in ticket.source_lines}
    findings = []
    for finding in opened.ranked_findings:
        if finding.lines & lines_by_file.get(finding.file or "", set()):
            findings.append(finding)
    return {"findings": findings}


def _history_values(opened: OpenSession, ticket: Ticket) -> dict[str, Any]:
    """Return what happened to a ticket, and which others its words come from or may go to."""
    events = history_of_ticket(opened, ticket)
    gone_with_words = [
        gone for gone in opened.words_without_rows if has_same_kind(gone.ticket, ticket)
    ]
    return {
        "events": events,
        "gone_with_words": gone_with_words,
        "taken_over": tickets_taken_over(opened, ticket),
        **_request_of(ticket, events),
        **HISTORY_LABELS,
    }


def _request_of(ticket: Ticket, events: Sequence[HistoryEvent]) -> dict[str, AuditEntry | None]:
    """Return the last request for changes, and what resolved it; None where an approval came after."""
    entries_since_approval: list[AuditEntry] = []
    for event in events:  # newest first
        if event.entry.action == AuditAction.TICKETS_MARKED_READY:
            break
        entries_since_approval.append(event.entry)
    sent_action, resolved_action = SentBack.actions
    resolved = None
    if ticket.sent_back is None:
        resolved = _first_of(resolved_action, entries_since_approval)
    return {"requested": _first_of(sent_action, entries_since_approval), "resolved": resolved}


def _first_of(action: AuditAction, entries: Sequence[AuditEntry]) -> AuditEntry | None:
    return next((entry for entry in entries if entry.action == action), None)


def _revision_values(
    ticket: Ticket, revisions: Sequence[Revision], *, before: int | None, after: int | None
) -> dict[str, Any]:
    """Return the revisions of a ticket, newest first, and the two that are compared."""
    shown_revisions = _two_revisions(ticket, revisions, before=before, after=after)
    differences: Sequence[object] = ()
    if shown_revisions is not None:
        differences = compare_revisions(*shown_revisions)
    return {
        "revisions": tuple(reversed(revisions)),
        "changes": shown_changes(ticket),
        "is_of_people": is_of_people(revisions),
        "shown_revisions": shown_revisions,
        "differences": differences,
    }


def _approval_values(
    opened: OpenSession, ticket: Ticket, tables: WrittenTables | None
) -> dict[str, Any]:
    """Return when a ticket was approved, and what changed in it since."""
    ready_at: datetime | None = None
    mark = opened.ready_marks.get(ticket.ticket_id)
    if ticket.is_ready and mark is not None:
        ready_at = mark.at
    group = None if tables is None else tables.group
    return {
        "ready_at": ready_at,
        "is_ready_today": ready_at is not None and ready_at.date() == opened.clock.now().date(),
        "since": difference_to_approved(opened, ticket, group=group),
    }


def _verdict_values(opened: OpenSession, tables: WrittenTables | None) -> dict[str, Any]:
    """Return how the rows of a ticket compare to the configuration of the site that was verified last."""
    return {
        "site": opened.site_verification,
        "verdicts": {} if tables is None else verdicts_on_rows(opened, tables.group),
        "is_outdated": is_outdated(opened),
        "ticket_verdict_text": ticket_verdict_text,
        "difference": difference,
        "verdict_labels": VERDICT_LABELS,
    }


def _neighbour_values(opened: OpenSession, ticket: Ticket) -> dict[str, Any]:
    """Return the tickets that a ticket waits for or relates to, and those that wait for it."""
    by_id = {listed.ticket_id: listed for listed in opened.listed}
    return {
        "depends_on": [by_id[other] for other in ticket.depends_on if other in by_id],
        "relates_to": [by_id[other] for other in ticket.relates_to if other in by_id],
        "waited_for_by": [
            listed for listed in opened.listed if ticket.ticket_id in listed.depends_on
        ],
    }


@router.post("/edit")
def edit(
    request: Request,
    person: Reviewer,
    opened: Opened,
    filters: FiltersInAddress,
    *,
    ticket_id: TicketId,
    sent: SentForm,
    revision: Annotated[int, Form(ge=1, le=2**31 - 1)],
    do: Annotated[str, Form(max_length=20)] = "keep",
) -> Response:
    """Save the parts that were edited as one revision, or show the page with what was typed once more.

    The form was made of the `revision` that the page showed. Nothing is saved for a preview
    (`do=preview`), where a part has a fault, or where somebody else changed it meanwhile.
    """
    texts = {name: str(sent[name]).replace("\r\n", "\n") for name in EDITED_PARTS if name in sent}
    ticket = _find_ticket(opened, ticket_id)
    by_number = {revision.number: revision for revision in opened.revisions(ticket)}
    merged = merge_texts(texts, base=by_number.get(revision), current=ticket.revision)
    typed = {name: text for name, text in texts.items() if name in merged.changed}
    show_again = partial(_show_ticket, request, person, opened, ticket, filters)
    if do == "preview":
        return show_again(editing=_Editing(is_open=True, typed=typed, base_revision=revision))
    if ticket.withdrawal is not None:
        message = (
            f"The {opened.stored.source_word} no longer hold this ticket. What you typed is below."
        )
        return show_again(
            editing=_Editing(typed=typed), status=409, notices=[Notice(message, "warn")]
        )
    if merged.conflicts or merged.faults:
        # Both texts are on the page now: the next form is made of the current revision.
        return show_again(
            editing=_Editing(typed=typed, conflicts=merged.conflicts),
            status=409 if merged.conflicts else 422,
            notices=[_unsaved_notice(merged.conflicts, merged.faults.values())],
        )
    try:
        outcome = revisions.edit(
            opened, ticket, merged.edit, revision=ticket.revision.number, by=person.name
        )
    except EditConflictError:
        message = "Someone else changed this ticket at the same moment. Save again."
        return show_again(
            editing=_Editing(typed=typed, base_revision=revision),
            status=409,
            notices=[Notice(message, "warn")],
        )
    notice = Notice(" ".join(outcome.sentences), "ok" if outcome.changed else "info")
    return go_to(request, _address(request, opened, ticket.number), notice)


def _unsaved_notice(conflicts: Sequence[PartConflict], faults: Iterable[str]) -> Notice:
    """Say why nothing was saved of what somebody typed: parts that others changed, and faults."""
    parts = ", ".join(PART_TITLES.get(conflict.part, conflict.part) for conflict in conflicts)
    conflict_sentence = ""
    if parts:
        conflict_sentence = f"Someone else changed {parts} meanwhile. Both texts are below."
    return Notice(" ".join(["Nothing is saved yet.", conflict_sentence, *faults]), "warn")


@router.post("/answers")
def answer(
    request: Request,
    person: Reviewer,
    opened: Opened,
    *,
    web: TheWeb,
    ticket: str,
    form: AboutQuestion,
) -> Response:
    """Do what a form says about a question of the ticket, and return to its questions."""
    notice = decide_question(web, opened, form, by=person.name)
    return go_to(request, f"{_address(request, opened, ticket)}#questions", notice)


def may_comment(person: Person, settings: Settings) -> bool:
    """Tell whether somebody may comment: reviewers, and readers where the settings allow it."""
    return person.role is not Role.READER or settings.web_readers_comment


def _commenter(person: Reader, web: TheWeb) -> Person:
    """Return who asks, where they may comment.

    Raises:
        RoleTooLowError: They may not.
    """
    if not may_comment(person, web.pipeline.settings):
        raise RoleTooLowError(name=person.name, has=person.role.value, role=Role.REVIEWER.value)
    return person


Commenter = Annotated[Person, Depends(_commenter)]


@router.post("/comments")
def comment(
    request: Request,
    person: Commenter,
    opened: Opened,
    ticket: str,
    *,
    ticket_id: TicketId,
    text: Annotated[str, Form(max_length=COMMENT_MAX_CHARACTERS)] = "",
) -> Response:
    """Save a comment on the ticket."""
    address = refused_at(request, f"{_address(request, opened, ticket)}#comments", by=WrongUseError)
    add_comment(opened, ticket_id, text, by=person.name)
    return go_to(request, address, "Comment added.")


@router.post("/comments/{comment_id}/remove")
def remove_own_comment(
    request: Request, person: Commenter, opened: Opened, ticket: str, comment_id: int
) -> Response:
    """Remove a comment of the person who asks; that of anybody else stays."""
    address = f"{_address(request, opened, ticket)}#comments"
    if remove_comment(opened, comment_id, by=person.name):
        return go_to(request, address, "Comment removed.")
    return go_to(request, address, Notice("Only its author can remove a comment.", "warn"))


@router.post("/write-again")
def write_again(
    request: Request,
    web: TheWeb,
    person: Reviewer,
    opened: Opened,
    ticket: str,
    *,
    ticket_id: TicketId,
    remark: Annotated[str, Form(max_length=2 * REMARK_MAX_CHARACTERS)] = "",
) -> Response:
    """Queue this ticket to be written again, with a remark for its writer."""
    address = f"{_address(request, opened, ticket)}#write-again"
    order = WritingOrder(numbers=(_find_ticket(opened, ticket_id).number,), remark=remark)
    refused_at(request, address)
    generation = starting.start_generation(opened, web.runs, by=person.name, order=order)
    text = f"Queued to be regenerated by {generation.writer}."
    return go_to(request, address, Notice(text, "info"))


def _find_ticket(opened: OpenSession, number_or_id: str) -> Ticket:
    """Return a ticket by its number or its id, also one whose rows are gone.

    Raises:
        NotFoundError: There is none.
    """
    is_decimal = number_or_id.isascii() and number_or_id.isdecimal()
    try:
        if is_decimal and len(number_or_id) <= NUMBER_DIGITS_MAX:
            return opened.ticket(int(number_or_id))
        return ticket_of_id(opened, number_or_id)
    except NotFoundError:
        for gone in opened.vanished_tickets:
            if number_or_id in {str(gone.number), gone.ticket_id}:
                return gone
        raise


def _address(request: Request, opened: OpenSession, number_or_id: str | int) -> str:
    """Return the address of a ticket's page in the list that the request came from."""
    return f"/sessions/{opened.key}/tickets/{number_or_id}{list_query(request)}"


def _two_revisions(
    ticket: Ticket, revisions: Sequence[Revision], *, before: int | None, after: int | None
) -> tuple[Revision, Revision] | None:
    """Return the older and the newer of two revisions to compare, by the numbers that are asked for.

    Without numbers these are the current one and the one before it. None where there are not two.
    """
    by_number = {revision.number: revision for revision in revisions}
    last = by_number.get(after or ticket.revision.number, ticket.revision)
    first = by_number.get(before or last.number - 1)
    if first is None or first.number == last.number:
        return None
    return first, last


def _edited_parts(
    ticket: Ticket, typed: Mapping[str, str], conflicts: Sequence[PartConflict]
) -> Sequence[Mapping[str, object]]:
    """Return the parts of a ticket as the form shows them: what was typed, or what the ticket says."""
    conflicts_by_part = {conflict.part: conflict for conflict in conflicts}
    parts: list[Mapping[str, object]] = []
    for name in EDITED_PARTS:
        html = ""
        fault = ""
        if name in typed:
            html, fault = _preview(name, typed[name])
        current = text_of_part(ticket.revision, name)
        parts.append(
            {
                "name": name,
                "called": "Title" if name == TITLE_PART else PART_TITLES[name],
                "text": typed.get(name, current),
                "current": current,
                "conflict": conflicts_by_part.get(name),
                "preview_html": html,
                "fault": fault,
            }
        )
    return parts


def _preview(part: str, text: str) -> tuple[str, str]:
    """Return the HTML that a text becomes and a blank, or a blank and why it cannot be saved.

    A title becomes no HTML.
    """
    try:
        if part == TITLE_PART:
            checked_title(text)
            return "", ""
        return html_of_text(text.strip(), part=part), ""
    except InputError as error:
        return "", error.message
