"""Pages 1 and 2, Sessions: all, and the search in them; one: what is next, what waits, what was found.

Belongs here: how far each session is and what it needs; how a hit is shown, in the frame of every
page as one types and as a page; of one session its history, its build order, the forms that start and
stop work on it. Does not: which tickets are found (`sessions/search`), its history (`review/ticket_history`),
which wave a ticket is in (`sessions/pictures`), what is next (`context/states`), whether work may
start (`sessions/starting`), progress (`web/live`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from jira_pipeline.export.session_results import required_results
from jira_pipeline.export.work_history import export_outcomes
from jira_pipeline.model.actions import ActionKind
from jira_pipeline.model.errors import ErrorCategory
from jira_pipeline.model.findings import Finding, Severity, causes_of
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.line_numbers import format_count, lines_of_file
from jira_pipeline.model.people import Person, Role
from jira_pipeline.model.records import AuditAction, AuditEntry, EventKind
from jira_pipeline.model.runs import RunJob
from jira_pipeline.model.search_words import NameRole, Passage, PlaceKind
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline.model.tickets import ListedTicket
from jira_pipeline.review.approved_difference import ApprovedDifference, difference_to_approved
from jira_pipeline.review.cells import csv_text, findings_csv
from jira_pipeline.review.hours import hours_of
from jira_pipeline.review.marks import seconds_a_ticket
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.question_cards import count_asked
from jira_pipeline.review.revisions import PART_TITLES, TITLE_PART
from jira_pipeline.review.ticket_history import KINDS, acts_of, events_of, history_of, latest_acts
from jira_pipeline.review.ticket_selection import progress_by_name
from jira_pipeline.sessions import cancelling, starting
from jira_pipeline.sessions.accounts import links_of, logo_in, logo_of
from jira_pipeline.sessions.export_report import report_of
from jira_pipeline.sessions.listing import listed_sessions, session_lines
from jira_pipeline.sessions.pictures import pictures_of
from jira_pipeline.sessions.search import QUERY_MAX, Hit, search
from jira_pipeline.sessions.status import status
from jira_pipeline.web.context import Opened, Reader, Reviewer, TheWeb
from jira_pipeline.web.labels import (
    HISTORY_LABELS,
    PLACES,
    about,
    address_of,
    ago,
    change_of,
    particulars_of,
    person_of,
    sentence_of,
    statement_of,
)
from jira_pipeline.web.live import Look, Phase, beginning_of, export_state, look_at, writing_state
from jira_pipeline.web.pages.showing import (
    BLANK_IS_NONE,
    PAGE_MAX,
    Notice,
    csv_file,
    go_to,
    page_of,
    picture_file,
    refused_at,
    rendered,
    show,
)
from jira_pipeline.web.pages.site_page import numbers_by_row

SESSIONS_SHOWN = 50
sessions_router = APIRouter()
HITS_WHILE_TYPING = 8
Words = Annotated[str, Query(max_length=QUERY_MAX)]
SessionKey = Annotated[str, Query(max_length=64)]
_ROLE_TAGS = {NameRole.CREATES: " ok", NameRole.REUSES: " info"}


@sessions_router.get("/logo")
def agency_logo(web: TheWeb, _person: Reader) -> Response:
    """Send the picture of who builds the sites."""
    return picture_file(logo_in(web.pipeline.settings.logo_path))


@sessions_router.get("/")
def sessions(
    request: Request,
    web: TheWeb,
    person: Reader,
    text: Annotated[str, Query(max_length=100)] = "",
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """List all sessions, newest first."""
    every_session = listed_sessions(web.pipeline)
    wanted = text.strip().casefold()
    matching = []
    for session in every_session:
        is_key = wanted in session.session.session_key
        if is_key or wanted in session.session.site_name.casefold():
            matching.append(session)
    listed = page_of(request, matching, number=page, size=SESSIONS_SHOWN)

    def ago_from_now(at: datetime) -> str:
        return ago((web.pipeline.clock.now() - at).total_seconds())

    return show(
        request,
        "sessions.html",
        listed=listed,
        lines=session_lines(web.pipeline, listed.items, by=person.name),
        known_count=len(every_session),
        **HISTORY_LABELS,
        ago=ago_from_now,
        text=text,
        agency=web.pipeline.settings.agency,
        has_example=web.pipeline.settings.is_sandbox,
    )


@sessions_router.get("/search")
def found_page(
    request: Request, web: TheWeb, _person: Reader, *, q: Words = "", session_key: SessionKey = ""
) -> Response:
    """Show what was found; a number or an issue of one ticket leads to that ticket."""
    hits = search(web.pipeline, q, session_key=session_key or None)
    if hits.exact_match is not None:
        return go_to(request, _address_of(hits.exact_match))
    within: dict[str, Any] = (
        {"opened": open_session(web.pipeline, session_key)} if session_key else {}
    )
    return show(request, "search.html", found=hits, searched=hits.query, **_words(), **within)


@sessions_router.get("/search/hits")
def found_hits(
    web: TheWeb, _person: Reader, *, q: Words = "", session_key: SessionKey = ""
) -> Response:
    """Return the first hits as a part of a page."""
    hits = search(
        web.pipeline, q, session_key=session_key or None, most=HITS_WHILE_TYPING, is_typing=True
    )
    return HTMLResponse(
        rendered("search_hits.html", found=hits, is_within=bool(session_key), **_words())
    )


def _words() -> dict[str, Any]:
    return {"marked": marked, "address_of": _address_of, "where": where, "role_tags": _ROLE_TAGS}


def _address_of(hit: Hit) -> str:
    return f"/sessions/{hit.ticket.session_key}/tickets/{hit.ticket.number}"


def marked(text: str, marks: Sequence[tuple[int, int]]) -> Markup:
    """Show a text with what was searched for marked."""
    shown = Markup()
    end = 0
    for begin, after in marks:
        shown += Markup("{}<mark>{}</mark>").format(text[end:begin], text[begin:after])
        end = after
    return shown + escape(text[end:])


def where(passage: Passage) -> str:
    """Say where in its ticket, or its sheet, a passage is."""
    line = passage.line
    cited = "" if line is None else lines_of_file(passage.file, [line], [passage.record or line])
    match passage.kind:
        case PlaceKind.CELL:
            return f"{passage.part}, {cited}"
        case PlaceKind.PROSE:
            return PART_TITLES[passage.part]
        case PlaceKind.ANSWER:
            return f"Answer to “{passage.part}”"
        case PlaceKind.NAME:
            return cited or PART_TITLES.get(passage.part, "")
        case _:
            return ", ".join(filter(None, [passage.kind.value.capitalize(), cited]))


ERRORS_SHOWN = 10
CHANGED_SHOWN = 5
FINDINGS_PER_PAGE = 100
TEXT_MAX = 200
SHAPES_MAX = 1_000
"""Of more tickets than a person can tell apart, a bar says how many are approved."""
router = APIRouter(prefix="/sessions/{key}")
_STARTS: Mapping[ActionKind, str] = {
    ActionKind.REGENERATE: "generate",
    ActionKind.VALIDATE: "validate",
}
"""Steps that a form of this page takes; all others are on pages of their own."""
_JOB_LABELS: Mapping[str, str] = {
    RunJob.WHOLE: "Writing the tickets and exporting them",
    RunJob.GENERATION: "Writing the tickets",
    RunJob.VALIDATION: "Validating",
    RunJob.EXPORT: "Exporting",
    RunJob.UNDO: "Undoing in Jira",
    RunJob.SETTLE: "Asking Jira about unconfirmed issues",
}
_HELPERS: Mapping[str, str] = {
    ErrorCategory.USER_FIXABLE: "you",
    ErrorCategory.ADMIN_REQUIRED: "an administrator",
    ErrorCategory.TEMPORARY: "it may pass",
}
EVENTS_PER_PAGE = 100
COLUMNS = ("time", "person", "about", "what", "tickets", "particulars")
By = Annotated[str, Query(max_length=200)]
Kind = Annotated[EventKind | None, BLANK_IS_NONE, Query()]


@router.get("")
def overview(request: Request, web: TheWeb, person: Reader, key: str) -> Response:
    """Show where a session is and what is next."""
    look = look_at(web, key)
    session = look.session
    report = replace(status(session), run=look.run)
    errors = session.errors
    action = report.next.action.on(session_key=session.key)
    acts = latest_acts(session)
    pictures = pictures_of(session)
    pace = seconds_a_ticket(pictures.marks.values(), by=person.name)
    approved_by = Counter[str]()
    for ticket in session.listed:
        if ticket.is_ready and ticket.ticket_id in pictures.marks:
            approved_by[person_of(pictures.marks[ticket.ticket_id].by)] += 1
    waits_count = 0
    for wave in pictures.waves:
        waits_count += sum(len(waiting.waits_for) for waiting in wave)
    next_words = sentence_of(action)
    next_label = ""
    next_address = address_of(action)
    if next_address:
        next_words = statement_of(action)
        next_label = PLACES[action.kind][0]
    error_actions = []
    if report.error is not None:
        error_actions = [sentence_of(step) for step in report.error.recovery_actions]
    return show(
        request,
        "session.html",
        opened=session,
        report=report,
        next_words=next_words,
        next_label=next_label,
        next_address=next_address,
        next_form=_STARTS.get(action.kind, ""),
        left_words=[sentence_of(step) for step in report.left.actions(session.key)],
        error_actions=error_actions,
        at_work=at_work_of(look),
        tally=session.tally,
        waits_count=waits_count,
        hours=session.hours,
        pictures=pictures,
        shapes_max=SHAPES_MAX,
        pace=pace,
        about=about,
        asked_of=count_asked(session.asked.once),
        errors=errors[: -ERRORS_SHOWN - 1 : -1],
        error_count=len(errors),
        helpers=_HELPERS,
        kinds_reviewed=progress_by_name(session.listed, lambda ticket: ticket.kind),
        people_reviewed=progress_by_name(session.listed, lambda ticket: ticket.assignee),
        approved_by=approved_by.most_common(),
        client_links=links_of(session),
        sent_back=group_by(
            [ticket for ticket in session.listed if ticket.sent_back is not None],
            lambda ticket: ticket.sent_back_to or ticket.assignee or "",
        ),
        is_review=action.kind is ActionKind.MARK_READY,
        changed=_changed(session),
        part_titles={TITLE_PART: "Title", **PART_TITLES},
        acts=acts,
        outcomes=outcomes_of(session, [event.entry for act in acts for event in act]),
        **HISTORY_LABELS,
        causes=causes_of(session.ranked_findings),
        finding_count=len(session.ranked_findings),
        vanished=session.vanished_tickets,
    )


def _changed(session: OpenSession) -> list[tuple[ListedTicket, ApprovedDifference]]:
    """Return the first tickets that changed since somebody approved them, with what changed."""
    changed: list[tuple[ListedTicket, ApprovedDifference]] = []
    for listed in session.listed:
        if listed.ticket_id in session.lost_marks and len(changed) < CHANGED_SHOWN:
            ticket = session.ticket(listed.number)
            tables = session.find_tables(ticket)
            group = None if tables is None else tables.group
            difference = difference_to_approved(session, ticket, group=group)
            changed += [(listed, difference)] if difference is not None else []
    return changed


@router.get("/logo")
def logo(_person: Reader, opened: Opened) -> Response:
    """Send the picture of who builds the site."""
    return picture_file(logo_of(opened))


@router.get("/live")
def live(web: TheWeb, person: Reader, key: str) -> Response:
    """Show what is at work alone: what a page puts in place of what it showed before."""
    return HTMLResponse(live_part(look_at(web, key), person))


@router.get("/findings")
def findings(
    request: Request,
    _person: Reader,
    opened: Opened,
    *,
    severity: Annotated[Severity | None, BLANK_IS_NONE, Query()] = None,
    file: Annotated[str, Query(max_length=TEXT_MAX)] = "",
    text: Annotated[str, Query(max_length=TEXT_MAX)] = "",
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """List what was found in the sheets by its causes, what matters most first."""
    causes = causes_of(_wanted(opened.ranked_findings, severity=severity, file=file, text=text))
    listed = page_of(
        request,
        [finding for cause in causes for finding in cause.findings],
        number=page,
        size=FINDINGS_PER_PAGE,
    )
    query = urlencode({"severity": severity.value if severity else "", "file": file, "text": text})
    return show(
        request,
        "findings.html",
        opened=opened,
        listed=listed,
        numbers=numbers_by_row(opened),
        causes=causes_of(listed.items),
        csv_address=f"/sessions/{opened.key}/findings.csv?{query}",
        known_count=len(opened.ranked_findings),
        files=sorted({finding.file for finding in opened.findings if finding.file}),
        severities=list(Severity),
        severity=severity,
        file=file,
        text=text,
    )


@router.get("/findings.csv")
def findings_table(
    _person: Reader,
    opened: Opened,
    *,
    severity: Annotated[Severity | None, BLANK_IS_NONE, Query()] = None,
    file: Annotated[str, Query(max_length=TEXT_MAX)] = "",
    text: Annotated[str, Query(max_length=TEXT_MAX)] = "",
) -> Response:
    """Send every cell that was found as a table for the author of the sheets."""
    findings = _wanted(opened.findings, severity=severity, file=file, text=text)
    return csv_file(f"{opened.key}-findings.csv", findings_csv(findings))


@router.get("/hours.csv")
def hours_csv(_person: Reader, opened: Opened) -> Response:
    """Send the hours as a table for spreadsheet programs."""
    return csv_file(f"{opened.key}-hours.csv", opened.hours.to_csv())


@router.get("/report.html")
def report(_person: Reader, opened: Opened) -> Response:
    """Send the report of the export as it is now, to be read without the web."""
    headers = {"content-disposition": f'attachment; filename="{opened.key}-report.html"'}
    return HTMLResponse(report_of(opened, required_results(opened)), headers=headers)


@router.post("/generate")
def generate(request: Request, web: TheWeb, person: Reviewer, opened: Opened) -> Response:
    """Have the tickets written."""
    refused_at(request, f"/sessions/{opened.key}")
    begun = starting.start_generation(opened, web.runs, by=person.name)
    words = "are already being written" if begun.is_already_running else "are queued to be written"
    text = (
        f"{format_count(begun.estimated_tickets, 'ticket')} {words}, by {person_of(begun.writer)}."
    )
    return go_to(request, f"/sessions/{opened.key}", Notice(text, "info"))


@router.post("/validate")
def validate(request: Request, web: TheWeb, person: Reviewer, opened: Opened) -> Response:
    """Have the tickets validated."""
    refused_at(request, f"/sessions/{opened.key}")
    is_new = starting.start_validation(opened, web.runs, by=person.name)
    words = "queued" if is_new else "already running"
    return go_to(request, f"/sessions/{opened.key}", Notice(f"Validation is {words}.", "info"))


@router.post("/stop")
def stop(request: Request, web: TheWeb, person: Reviewer, opened: Opened) -> Response:
    """Stop what is queued or at work; an export only by those who may export."""
    if not person.role.includes(Role.EXPORTER):
        starting.refuse_while_exporting(opened, web.runs)
    stopped = cancelling.cancel(opened, web.runs, by=person.name).runs
    notices = (Notice(f"{_name_of(run)} {run.sentence}.", "info") for run in stopped)
    return go_to(request, f"/sessions/{opened.key}", *notices)


def _name_of(stopped: cancelling.CancelledRun) -> str:
    if stopped.run_id is None:
        return f"Request `{stopped.task_id[:8]}`"
    return f"Run `{stopped.run_id[:8]}`"


def at_work_of(look: Look) -> Mapping[str, Any] | None:
    """Say what is at work in a session, in words; None where nothing is.

    The percentage is None where it says nothing of its progress, or not yet.
    """
    run = next(iter(look.runs), None)
    writing = writing_state(look)
    exporting = export_state(look)
    state = next((step for step in (writing, exporting) if step.phase is Phase.AT_WORK), None)
    is_export = state is exporting
    otherwise = "Exporting" if is_export else "Writing the tickets"
    shown: dict[str, Any] = {
        "what": _JOB_LABELS.get(run.job_name, run.job_name) if run else otherwise,
        "ticket_title": "",
        "remaining_minutes": None,
        "is_export": is_export,
    }
    if state is not None:
        return shown | {
            "text": state.current_stage,
            "ticket_title": state.current_ticket_title or "",
            "percentage": state.progress_percentage or None,
            "remaining_minutes": state.remaining_minutes,
        }
    if run is None:
        return None
    stored = look.session.stored
    is_told = run.run_id == stored.run_id and stored.status is SessionStatus.RUNNING  # as an undo
    begins = beginning_of(run) if run.is_queued or run.is_starting else ""
    return shown | {
        "text": (stored.progress_text if is_told else "") or begins,
        "percentage": (stored.progress_percentage or None) if is_told else None,
    }


def live_part(look: Look, person: Person) -> str:
    """Return what is at work as a part of a page."""
    return rendered("live.html", opened=look.session, person=person, at_work=at_work_of(look))


def _wanted(
    findings: Iterable[Finding], *, severity: Severity | None, file: str, text: str
) -> list[Finding]:
    words = text.strip().casefold()
    return [
        finding
        for finding in findings
        if severity in (None, finding.severity)
        and file in ("", finding.file)
        and words in f"{finding.message} {finding.value or ''} {finding.place}".casefold()
    ]


@router.get("/history")
def history_page(
    request: Request,
    _person: Reader,
    opened: Opened,
    *,
    by: By = "",
    kind: Kind = None,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """List what happened to a session, newest first."""
    entries, people = history_of(opened, person=by, kind=kind)
    listed = page_of(request, entries, number=page, size=EVENTS_PER_PAGE)
    query = urlencode({"by": by, "kind": kind.value if kind else ""})
    return show(
        request,
        "history.html",
        opened=opened,
        people=people,
        listed=listed,
        acts=acts_of(events_of(opened, listed.items)),
        outcomes=outcomes_of(opened, listed.items),
        csv_address=f"/sessions/{opened.key}/history.csv?{query}",
        kinds=list(EventKind),
        by=by,
        kind=kind,
        **HISTORY_LABELS,
    )


@router.get("/history.csv")
def history_csv(_person: Reader, opened: Opened, *, by: By = "", kind: Kind = None) -> Response:
    """Send the same as a table for spreadsheet programs."""
    entries, _ = history_of(opened, person=by, kind=kind)
    rows = [
        {
            "time": event.entry.at.isoformat(timespec="seconds"),
            "person": event.entry.actor,
            "about": KINDS[event.entry.action].value,
            "what": change_of(event.entry, event.changed),
            "tickets": " ".join(str(ticket.number) for ticket in event.tickets),
            "particulars": "; ".join(particulars_of(event)),
        }
        for event in events_of(opened, entries)
    ]
    return csv_file(f"{opened.key}-history.csv", csv_text(COLUMNS, rows))


def outcomes_of(opened: OpenSession, entries: Iterable[AuditEntry]) -> Mapping[int, str]:
    """Say what the exports among these entries came to."""
    return export_outcomes(opened, [e for e in entries if e.action == AuditAction.EXPORT_STARTED])


@router.get("/graph")
def graph(
    request: Request,
    _person: Reader,
    opened: Opened,
    *,
    ticket: Annotated[int | None, BLANK_IS_NONE, Query(ge=1, le=1_000_000)] = None,
) -> Response:
    """Show what is built in which wave, and the paths through one ticket."""
    pictures = pictures_of(opened)
    shown = [box for wave in pictures.waves for box in wave]
    waits = {box.ticket.number: [other.number for other in box.waits_for] for box in shown}
    waited_for = defaultdict[int, list[int]](list)
    for number, before in waits.items():
        for other in before:
            waited_for[other].append(number)
    chosen = next((candidate for candidate in opened.listed if candidate.number == ticket), None)
    lit = set[int]()
    if chosen is not None:
        lit = _reached(chosen.number, waits) | _reached(chosen.number, waited_for)
    return show(
        request,
        "graph.html",
        opened=opened,
        pictures=pictures,
        chosen=chosen,
        lit=lit,
        chain_hours=hours_of(pictures.critical_path.tickets).hours,
        skipped=[listed for listed in opened.listed if listed.exclusion is not None],
    )


def _reached(start: int, steps: Mapping[int, Sequence[int]]) -> set[int]:
    reached = {start}
    pending = [start]
    while pending:
        new = set(steps.get(pending.pop(), ())) - reached
        reached |= new
        pending += new
    return reached
