"""Page 4, a ticket: what Jira will show, the rows beside it, and everything people do with it.

Belongs here: what the page shows, its forms. Does not: what becomes of a text that somebody typed
(`review/revisions`), decisions about many tickets (`tickets_page`).

Its address has the number, as people say it. Its forms have the id: another upload may give the
number to another ticket while the page is open.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query, Request
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
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.people import Person, Role
from jira_pipeline.model.records import COMMENT_MAX_CHARACTERS, AuditEntry
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
from jira_pipeline.verification.reports import VERDICT_LABELS, difference, ticket_verdict_text
from jira_pipeline.web.context import Opened, Reader, Reviewer, TheWeb
from jira_pipeline.web.labels import HISTORY_LABELS
from jira_pipeline.web.pages.questions_page import AboutQuestion, decide_question
from jira_pipeline.web.pages.showing import (
    Asked,
    AskedOf,
    Notice,
    go_to,
    list_query,
    refused_at,
    show,
)
from jira_pipeline.web.pages.ticket_body import body_of, description_html, file_of
from jira_pipeline.web.pages.tickets_page import (
    AHEAD,
    Did,
    Sent,
    facets_in,
    is_ahead,
    place_in_review,
)
from jira_pipeline.writing.sentence_sources import sentence_sources
from jira_pipeline.writing.writers import WritingOrder, reads_remarks

NUMBER_DIGITS_MAX = 9
"""Of an integer column."""
OTHERS_SHOWN = 40
QUESTIONS_NAMED = 5
"""Where somebody approves a ticket; the page has them all."""
FINDINGS_SHOWN = 20
FIELDS_TEXT_MAX = 5_000
"""Of all labels together; each field is limited by `checked_fields`."""
router = APIRouter(prefix="/sessions/{key}/tickets/{ticket}")
sentences_router = APIRouter(prefix="/api/sessions/{key}/tickets/{number}")
TicketId = Annotated[str, Form(max_length=64)]


@router.get("")
def ticket_page(
    request: Request,
    person: Reader,
    opened: Opened,
    asked: AskedOf,
    ticket: str,
    *,
    before: Annotated[int | None, Query(ge=1)] = None,
    after: Annotated[int | None, Query(ge=1)] = None,
    edit: bool = False,
    did: Did = "",
) -> Response:
    """Show a ticket, in the list that the address asks for; `did` is what was decided before."""
    return _page(
        request,
        person,
        opened,
        _found(opened, ticket),
        asked,
        did=did,
        before=before,
        after=after,
        is_editing=edit,
    )


@router.get("/description")
def description(request: Request, _person: Reader, opened: Opened, ticket: str) -> Response:
    """Show what the issue of a ticket will hold, where that is less than the ticket."""
    target = _found(opened, ticket)
    [rendered] = opened.rendered_of([target])
    return show(
        request,
        "ticket_description.html",
        opened=opened,
        ticket=target,
        body_html=description_html(opened, rendered),
        file_name=rendered.attachment[0] if rendered.attachment else "",
    )


@sentences_router.get("/sentences")
def sentences(
    _person: Reader, session: Opened, number: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> list[dict[str, Any]]:
    """Say where each sentence of a ticket comes from."""
    return [json_object(source) for source in sentence_sources(session, session.ticket(number))]


@router.get("/file")
def file(_person: Reader, opened: Opened, ticket: str) -> Response:
    """Download the file that the issue of a ticket gets beside its description."""
    return file_of(opened, _found(opened, ticket))


def _page(
    request: Request,
    person: Person,
    opened: OpenSession,
    ticket: Ticket,
    asked: Asked,
    *,
    did: str = "",
    before: int | None = None,
    after: int | None = None,
    is_editing: bool = False,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    base_revision: int | None = None,
    conflicts: Sequence[PartConflict] = (),
    notices: Sequence[Notice] = (),
) -> Response:
    """Show a ticket; `typed` parts are kept nowhere yet.

    What is typed is brought in as if it was typed on `base_revision`, else on the current one.
    """
    tables = opened.find_tables(ticket) if ticket.withdrawal is None else None
    group = None if tables is None else tables.group
    rows = {source.file: {*source.lines} for source in ticket.source_lines}
    by_id = {ticket.ticket_id: ticket for ticket in opened.listed}
    revisions = opened.revisions(ticket)
    place = opened.places_of([ticket])[ticket.ticket_id]
    rendered = shown = None
    if tables is not None:
        [rendered] = opened.rendered_of([ticket])
        shown = body_of(opened, rendered, tables)
    (asked_here,) = with_routes([questions_of(ticket)], opened.routes)
    questions = opened.asked.in_ticket(asked_here)
    events = history_of_ticket(opened, ticket)
    mark = opened.ready_marks.get(ticket.ticket_id) if ticket.is_ready else None
    shown_revisions = _two_revisions(ticket, revisions, before=before, after=after)
    differences = compare_revisions(*shown_revisions) if shown_revisions else ()
    ready_at = None if mark is None else mark.at
    is_ready_today = ready_at is not None and ready_at.date() == opened.clock.now().date()
    findings = []
    for finding in opened.ranked_findings:
        if finding.lines & rows.get(finding.file or "", set()):
            findings.append(finding)
    deciding = [
        question for question in questions if question.is_open and question.asked.decides_scope
    ]
    gone_with_words = [
        gone for gone in opened.words_without_rows if has_same_kind(gone.ticket, ticket)
    ]
    waited_for_by = [other for other in by_id.values() if ticket.ticket_id in other.depends_on]
    return show(
        request,
        "ticket.html",
        status=status,
        headers=AHEAD if is_ahead(request) else None,
        notices=notices,
        opened=opened,
        ticket=ticket,
        review=place_in_review(request, opened, asked, ticket.ticket_id, did=did, by=person.name),
        group=group,
        place=place,
        rendered=rendered,
        shown=shown,
        parts=_edited_parts(ticket, typed or {}, conflicts),
        base_revision=base_revision or ticket.revision.number,
        is_editing=is_editing or bool(typed),
        part_titles={TITLE_PART: "Title", **PART_TITLES},
        is_waiting=is_waiting_for_answers(ticket.analysis),
        questions=questions,
        findings=findings,
        deciding=deciding,
        comments=comments_on(opened, ticket.ticket_id),
        gone_with_words=gone_with_words,
        taken_over=tickets_taken_over(opened, ticket),
        events=events,
        site=opened.site_verification,
        verdicts={} if group is None else verdicts_on_rows(opened, group),
        since=difference_to_approved(opened, ticket, group=group),
        changes=shown_changes(ticket),
        revisions=tuple(reversed(revisions)),
        is_outdated=is_outdated(opened),
        ticket_verdict_text=ticket_verdict_text,
        difference=difference,
        verdict_labels=VERDICT_LABELS,
        ready_at=ready_at,
        **_request_of(ticket, events),
        is_ready_today=is_ready_today,
        **HISTORY_LABELS,
        remark=opened.remarks.get(ticket.ticket_id),
        is_written_again=group is not None and reads_remarks(opened),
        is_of_people=is_of_people(revisions),
        shown_revisions=shown_revisions,
        differences=differences,
        depends_on=[by_id[i] for i in ticket.depends_on if i in by_id],
        relates_to=[by_id[i] for i in ticket.relates_to if i in by_id],
        waited_for_by=waited_for_by,
        choices=facets_in(opened)["choices"],
        may_comment=may_comment(person, opened.settings),
        limits={
            "answer": ANSWER_MAX_CHARACTERS,
            "remark": REMARK_MAX_CHARACTERS,
            "comment": COMMENT_MAX_CHARACTERS,
            "field": FIELDS_TEXT_MAX,
            "others": OTHERS_SHOWN,
            "asked": QUESTIONS_NAMED,
            "events": EVENTS_OF_TICKET,
            "findings": FINDINGS_SHOWN,
        },
    )


def _request_of(ticket: Ticket, events: Sequence[HistoryEvent]) -> Mapping[str, Any]:
    """Return the last request of changes, and what resolved it; none that an approval followed."""
    since = list[AuditEntry]()
    for event in events:  # newest first
        if event.entry.action == AuditAction.TICKETS_MARKED_READY:
            break
        since.append(event.entry)
    sent, resolved = (
        next((event for event in since if event.action == action), None)
        for action in SentBack.actions
    )
    return {"requested": sent, "resolved": resolved if ticket.sent_back is None else None}


@router.post("/edit")
def edit(
    request: Request,
    person: Reviewer,
    opened: Opened,
    asked: AskedOf,
    *,
    ticket_id: TicketId,
    sent: Sent,
    revision: Annotated[int, Form(ge=1, le=2**31 - 1)],
    do: Annotated[str, Form(max_length=20)] = "keep",
) -> Response:
    """Keep what a form says as one revision, which goes on from the `revision` that it showed.

    Nothing is kept where a part cannot be, or where somebody else changed it meanwhile: then the
    page shows both texts. To `preview` it, it shows what they become.
    """
    texts = {name: str(sent[name]).replace("\r\n", "\n") for name in EDITED_PARTS if name in sent}
    ticket = _found(opened, ticket_id)
    by_number = {revision.number: revision for revision in opened.revisions(ticket)}
    merged = merge_texts(texts, base=by_number.get(revision), current=ticket.revision)
    typed = {name: text for name, text in texts.items() if name in merged.changed}
    again = partial(_page, request, person, opened, ticket, asked, typed=typed)
    if do == "preview":
        return again(base_revision=revision, is_editing=True)
    if ticket.withdrawal is not None:
        message = (
            f"The {opened.stored.source_word} no longer hold this ticket. What you typed is below."
        )
        return again(status=409, notices=[Notice(message, "warn")])
    if merged.conflicts or merged.faults:
        changed = ", ".join(conflict.part for conflict in merged.conflicts)
        sentence = (
            f"Somebody else changed {changed} meanwhile: both texts are below." if changed else ""
        )
        notice = Notice(
            " ".join(["Nothing is saved yet.", sentence, *merged.faults.values()]), "warn"
        )
        return again(status=409 if changed else 422, conflicts=merged.conflicts, notices=[notice])
    try:
        outcome = revisions.edit(
            opened, ticket, merged.edit, revision=ticket.revision.number, by=person.name
        )
    except EditConflictError:
        message = "Somebody else changed this ticket at the same moment: save again."
        return again(status=409, base_revision=revision, notices=[Notice(message, "warn")])
    notice = Notice(" ".join(outcome.sentences), "ok" if outcome.changed else "info")
    return go_to(request, _address(request, opened, ticket.number), notice)


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
    """Do what somebody wants about a question."""
    notice = decide_question(web, opened, form, by=person.name)
    return go_to(request, f"{_address(request, opened, ticket)}#questions", notice)


def may_comment(person: Person, settings: Settings) -> bool:
    """Tell whether somebody may comment: reviewers, and readers where the settings allow it."""
    return person.role is not Role.READER or settings.web_readers_comment


def _commenting(person: Reader, web: TheWeb) -> Person:
    if not may_comment(person, web.pipeline.settings):
        raise RoleTooLowError(name=person.name, has=person.role.value, role=Role.REVIEWER.value)
    return person


Commenter = Annotated[Person, Depends(_commenting)]


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
    """Keep a comment."""
    address = refused_at(request, f"{_address(request, opened, ticket)}#comments", by=WrongUseError)
    add_comment(opened, ticket_id, text, by=person.name)
    return go_to(request, address, "Comment kept.")


@router.post("/comments/{comment_id}/remove")
def take_comment_back(
    request: Request, person: Commenter, opened: Opened, ticket: str, comment_id: int
) -> Response:
    """Remove a comment of one's own."""
    is_removed = remove_comment(opened, comment_id, by=person.name)
    refused = Notice("Only its author can remove a comment.", "warn")
    address = f"{_address(request, opened, ticket)}#comments"
    return go_to(request, address, "Comment removed." if is_removed else refused)


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
    """Have this ticket written again, with what somebody wants of it."""
    address = f"{_address(request, opened, ticket)}#write-again"
    order = WritingOrder(numbers=(_found(opened, ticket_id).number,), remark=remark)
    refused_at(request, address)
    begun = starting.start_generation(opened, web.runs, by=person.name, order=order)
    return go_to(request, address, Notice(f"Queued to be regenerated by {begun.writer}.", "info"))


def _found(opened: OpenSession, ticket: str) -> Ticket:
    """Return a ticket by its number or id, also one whose rows are gone."""
    is_number = ticket.isascii() and ticket.isdecimal() and len(ticket) <= NUMBER_DIGITS_MAX
    try:
        return opened.ticket(int(ticket)) if is_number else ticket_of_id(opened, ticket)
    except NotFoundError:
        for gone in opened.vanished_tickets:
            if ticket in {str(gone.number), gone.ticket_id}:
                return gone
        raise


def _address(request: Request, opened: OpenSession, ticket: str | int, **more: str) -> str:
    return f"/sessions/{opened.key}/tickets/{ticket}{list_query(request, **more)}"


def _two_revisions(
    ticket: Ticket, revisions: Sequence[Revision], *, before: int | None, after: int | None
) -> tuple[Revision, Revision] | None:
    """Return the revisions to compare: those asked for, else the one before and the current one."""
    by_number = {revision.number: revision for revision in revisions}
    last = by_number.get(after or ticket.revision.number, ticket.revision)
    first = by_number.get(before or last.number - 1)
    return None if first is None or first.number == last.number else (first, last)


def _edited_parts(
    ticket: Ticket, typed: Mapping[str, str], conflicts: Sequence[PartConflict]
) -> Sequence[Mapping[str, object]]:
    """Return the parts for the form: what was typed now, else what the ticket says, `current`."""
    by_part = {conflict.part: conflict for conflict in conflicts}
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
                "conflict": by_part.get(name),
                "preview_html": html,
                "fault": fault,
            }
        )
    return parts


def _preview(part: str, text: str) -> tuple[str, str]:
    """Return the HTML a text becomes, or why it cannot be kept; a title becomes none."""
    try:
        if part == TITLE_PART:
            checked_title(text)
            return "", ""
        return html_of_text(text.strip(), part=part), ""
    except InputError as error:
        return "", error.message
