"""The list of all sessions with the search in them, and the pages of one session beside its tickets.

A session is the work on one site: its sheets, the tickets made of them, their export. The overview says
what is next and what waits; other pages list what was found in the sheets (findings), what happened
(history, made of the entries of the audit) and which ticket waits for which (build order: the tickets of
a wave wait only for those of earlier waves).

Belongs here: what these pages show; how a hit of the search is shown, as one types and as a page; the
forms that start and stop work on a session. Does not: which tickets are found (`sessions/search`), the
history (`review/ticket_history`), which wave a ticket is in (`sessions/pictures`), what is next
(`context/states`), whether work may start (`sessions/starting`), progress (`web/live`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from jira_pipeline.export.session_results import required_results
from jira_pipeline.export.work_history import export_outcomes
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.audit_actions import AuditAction, EventKind
from jira_pipeline.model.errors import ErrorCategory
from jira_pipeline.model.findings import Finding, Severity, causes_of
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.line_numbers import format_count, lines_of_file
from jira_pipeline.model.people import Person, Role
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.runs import RunJob
from jira_pipeline.model.search_words import NameRole, Passage, PlaceKind
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline.model.tickets import ListedTicket
from jira_pipeline.review.approved_difference import ApprovedDifference, difference_to_approved
from jira_pipeline.review.cells import csv_text, findings_csv
from jira_pipeline.review.hours import hours_of
from jira_pipeline.review.marks import ReadyMark, seconds_a_ticket
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.question_cards import count_asked
from jira_pipeline.review.revisions import PART_TITLES, TITLE_PART
from jira_pipeline.review.ticket_history import (
    KINDS,
    HistoryEvent,
    acts_of,
    events_of,
    history_of,
    latest_acts,
)
from jira_pipeline.review.ticket_selection import progress_by_name
from jira_pipeline.sessions import cancelling, starting
from jira_pipeline.sessions.accounts import links_of, logo_in, logo_of
from jira_pipeline.sessions.build_order import WaveTicket
from jira_pipeline.sessions.export_report import report_of
from jira_pipeline.sessions.listing import list_sessions, session_lines
from jira_pipeline.sessions.pictures import pictures_of
from jira_pipeline.sessions.search import QUERY_MAX, Hit, search
from jira_pipeline.sessions.status import SessionReport, status
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
"""As many as fit below the field of the search on a small screen."""
SearchText = Annotated[str, Query(alias="q", max_length=QUERY_MAX)]
SessionKey = Annotated[str, Query(max_length=64)]
"""Blank where the search is in all sessions."""
_ROLE_TAGS = {NameRole.CREATES: " ok", NameRole.REUSES: " info"}
"""The class of the tag that says what a ticket does with a name, each with a blank before it."""


@sessions_router.get("/logo")
def agency_logo(web: TheWeb, _person: Reader) -> Response:
    """Send the logo of the agency; it is 404 where there is none."""
    return picture_file(logo_in(web.pipeline.settings.logo_path))


@sessions_router.get("/")
def sessions(
    request: Request,
    web: TheWeb,
    person: Reader,
    text: Annotated[str, Query(max_length=100)] = "",
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """List the sessions whose key or site name has a text, newest first; all of them for no text."""
    every_session = list_sessions(web.pipeline)
    text_wanted = text.strip().casefold()
    matching = []
    for session in every_session:
        is_in_key = text_wanted in session.session.session_key
        if is_in_key or text_wanted in session.session.site_name.casefold():
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
def search_page(
    request: Request,
    web: TheWeb,
    _person: Reader,
    *,
    search_text: SearchText = "",
    session_key: SessionKey = "",
) -> Response:
    """Show what a search finds; the number or the issue key of one ticket leads to that ticket."""
    hits = search(web.pipeline, search_text, session_key=session_key or None)
    if hits.exact_match is not None:
        return go_to(request, _address_of(hits.exact_match))
    values = {"found": hits, "searched": hits.query, **_search_words()}
    if session_key:  # the page is one of the session then, with its tabs
        values["opened"] = open_session(web.pipeline, session_key)
    return show(request, "search.html", **values)


@sessions_router.get("/search/hits")
def search_hits(
    web: TheWeb,
    _person: Reader,
    *,
    search_text: SearchText = "",
    session_key: SessionKey = "",
) -> Response:
    """Send the first hits of a search as a part of a page, while somebody types."""
    hits = search(
        web.pipeline,
        search_text,
        session_key=session_key or None,
        most=HITS_WHILE_TYPING,
        is_typing=True,
    )
    return HTMLResponse(
        rendered("search_hits.html", found=hits, is_within=bool(session_key), **_search_words())
    )


def _search_words() -> dict[str, Any]:
    """Return what the templates of a search call to show a hit."""
    return {
        "marked": marked,
        "address_of": _address_of,
        "where": place_words,
        "role_tags": _ROLE_TAGS,
    }


def _address_of(hit: Hit) -> str:
    return f"/sessions/{hit.ticket.session_key}/tickets/{hit.ticket.number}"


def marked(text: str, marks: Sequence[tuple[int, int]]) -> Markup:
    """Return a text as HTML with what was searched for marked.

    `marks` are the begin and the end of each stretch, in order; the end is no part of it.
    """
    html = Markup()
    end_before = 0
    for begin, end in marks:
        html += Markup("{}<mark>{}</mark>").format(text[end_before:begin], text[begin:end])
        end_before = end
    return html + escape(text[end_before:])


def place_words(passage: Passage) -> str:
    """Say where in its ticket, or in its sheet, a passage is; blank where its ticket says enough."""
    line = passage.line
    cited_line = ""
    if line is not None:
        cited_line = lines_of_file(passage.file, [line], [passage.record or line])
    match passage.kind:
        case PlaceKind.CELL:
            return f"{passage.part}, {cited_line}"
        case PlaceKind.PROSE:
            return PART_TITLES[passage.part]
        case PlaceKind.ANSWER:
            return f"Answer to “{passage.part}”"
        case PlaceKind.NAME:
            return cited_line or PART_TITLES.get(passage.part, "")
        case _:
            return ", ".join(filter(None, [passage.kind.value.capitalize(), cited_line]))


ERRORS_SHOWN = 10
CHANGED_SHOWN = 5
"""Tickets that changed since they were approved, each with what changed: the first of them."""
FINDINGS_PER_PAGE = 100
TEXT_MAX = 200
SHAPES_MAX = 1_000
"""A shape for each ticket is drawn up to so many; of more, a bar says how many are approved."""
router = APIRouter(prefix="/sessions/{key}")
_FORMS_OF_STEPS: Mapping[ActionKind, str] = {
    ActionKind.REGENERATE: "generate",
    ActionKind.VALIDATE: "validate",
}
"""Steps that a form of the overview takes, and the address that it is sent to; others have a page."""
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
"""Who mends an error, by its category."""
EVENTS_PER_PAGE = 100
COLUMNS = ("time", "person", "about", "what", "tickets", "particulars")
By = Annotated[str, Query(max_length=200)]
Kind = Annotated[EventKind | None, BLANK_IS_NONE, Query()]


@router.get("")
def overview(request: Request, web: TheWeb, person: Reader, key: str) -> Response:
    """Show how far a session is and what is next."""
    look = look_at(web, key)
    session = look.session
    report = replace(status(session), run=look.run)
    pictures = pictures_of(session)
    return show(
        request,
        "session.html",
        opened=session,
        report=report,
        left_words=[sentence_of(step) for step in report.left.actions(session.key)],
        at_work=at_work_of(look),
        tally=session.tally,
        waits_count=_waits_count(pictures.waves),
        hours=session.hours,
        pictures=pictures,
        shapes_max=SHAPES_MAX,
        about=about,
        client_links=links_of(session),
        vanished=session.vanished_tickets,
        **_next_step_values(report.next.action.on(session_key=session.key)),
        **_fault_values(session, report),
        **_approval_values(session, pictures.marks),
        **_review_values(session, pictures.marks, reviewer=person.name),
        **_history_values(session),
    )


def _waits_count(waves: Sequence[Sequence[WaveTicket]]) -> int:
    """Count how often a ticket waits for another one."""
    count = 0
    for wave in waves:
        count += sum(len(waiting.waits_for) for waiting in wave)
    return count


def _fault_values(session: OpenSession, report: SessionReport) -> dict[str, Any]:
    """Return what the overview shows of errors, the newest first, and of findings in the sheets."""
    error_actions = []
    if report.error is not None:
        error_actions = [sentence_of(step) for step in report.error.recovery_actions]
    return {
        "error_actions": error_actions,
        "errors": session.errors[: -ERRORS_SHOWN - 1 : -1],
        "error_count": len(session.errors),
        "helpers": _HELPERS,
        "causes": causes_of(session.ranked_findings),
        "finding_count": len(session.ranked_findings),
    }


def _next_step_values(action: Action) -> dict[str, Any]:
    """Return what the overview shows of the next step: a sentence, and a button or a form where it has one.

    A step that no page takes is a command, which is part of its sentence.
    """
    words = sentence_of(action)
    label = ""
    address = address_of(action)
    if address:
        words = statement_of(action)
        label = PLACES[action.kind][0]
    return {
        "next_words": words,
        "next_label": label,
        "next_address": address,
        "next_form": _FORMS_OF_STEPS.get(action.kind, ""),
        "is_review": action.kind is ActionKind.MARK_READY,
    }


def _approval_values(session: OpenSession, marks: Mapping[str, ReadyMark]) -> dict[str, Any]:
    """Return what the overview shows of who approved tickets, and of those that changed since."""
    approved_by = Counter[str]()
    for ticket in session.listed:
        if ticket.is_ready and ticket.ticket_id in marks:
            approved_by[person_of(marks[ticket.ticket_id].by)] += 1
    return {
        "approved_by": approved_by.most_common(),
        "changed": _changed_tickets(session),
        "part_titles": {TITLE_PART: "Title", **PART_TITLES},
    }


def _review_values(
    session: OpenSession, marks: Mapping[str, ReadyMark], *, reviewer: str
) -> dict[str, Any]:
    """Return what the overview shows of what is left to review, and how fast the reviewer is."""
    sent_back = [ticket for ticket in session.listed if ticket.sent_back is not None]
    return {
        "pace": seconds_a_ticket(marks.values(), by=reviewer),
        "asked_of": count_asked(session.asked.once),
        "kinds_reviewed": progress_by_name(session.listed, lambda ticket: ticket.kind),
        "people_reviewed": progress_by_name(session.listed, lambda ticket: ticket.assignee),
        "sent_back": group_by(
            sent_back, lambda ticket: ticket.sent_back_to or ticket.assignee or ""
        ),
    }


def _history_values(session: OpenSession) -> dict[str, Any]:
    """Return what the overview shows of what happened last."""
    acts = latest_acts(session)
    return {
        "acts": acts,
        "outcomes": outcomes_of(session, [event.entry for act in acts for event in act]),
        **HISTORY_LABELS,
    }


def _changed_tickets(session: OpenSession) -> list[tuple[ListedTicket, ApprovedDifference]]:
    """Return the first tickets that changed since somebody approved them, with what changed."""
    changed: list[tuple[ListedTicket, ApprovedDifference]] = []
    for listed in session.listed:
        if len(changed) == CHANGED_SHOWN:
            break
        if listed.ticket_id not in session.lost_marks:
            continue
        ticket = session.ticket(listed.number)
        tables = session.find_tables(ticket)
        group = None if tables is None else tables.group
        difference = difference_to_approved(session, ticket, group=group)
        if difference is not None:
            changed.append((listed, difference))
    return changed


@router.get("/logo")
def logo(_person: Reader, opened: Opened) -> Response:
    """Send the logo of the site's agency; it is 404 where there is none."""
    return picture_file(logo_of(opened))


@router.get("/live")
def live(web: TheWeb, person: Reader, key: str) -> Response:
    """Send the part of the page that says what is at work, to take the place of an older one."""
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
    """List what was found in the sheets, what matters most first; findings of one cause are together."""
    filters = _FindingFilters(severity=severity, file=file, text=text)
    by_cause = _ordered_by_cause(filters.matching(opened.ranked_findings))
    listed = page_of(request, by_cause, number=page, size=FINDINGS_PER_PAGE)
    return show(
        request,
        "findings.html",
        opened=opened,
        listed=listed,
        numbers=numbers_by_row(opened),
        causes=causes_of(listed.items),
        csv_address=f"/sessions/{opened.key}/findings.csv?{filters.query}",
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
    """Send the findings as a table, cell by cell, for the author of the sheets."""
    filters = _FindingFilters(severity=severity, file=file, text=text)
    findings = filters.matching(opened.findings)
    return csv_file(f"{opened.key}-findings.csv", findings_csv(findings))


def _ordered_by_cause(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with those of one cause together, a cause where its first finding was."""
    ordered: list[Finding] = []
    for cause in causes_of(findings):
        ordered += cause.findings
    return ordered


@dataclass(frozen=True, slots=True, kw_only=True)
class _FindingFilters:
    """Which findings an address asks for; a filter that is blank or None asks for all of them."""

    severity: Severity | None
    file: str
    text: str
    """Part of the message, the value or the place, in upper or lower case."""

    @property
    def query(self) -> str:
        """The query of an address that asks for the same findings."""
        severity = self.severity.value if self.severity else ""
        return urlencode({"severity": severity, "file": self.file, "text": self.text})

    def matching(self, findings: Iterable[Finding]) -> list[Finding]:
        text = self.text.strip().casefold()
        matching: list[Finding] = []
        for finding in findings:
            if self.severity is not None and finding.severity is not self.severity:
                continue
            if self.file and finding.file != self.file:
                continue
            if text in f"{finding.message} {finding.value or ''} {finding.place}".casefold():
                matching.append(finding)
        return matching


@router.get("/hours.csv")
def hours_csv(_person: Reader, opened: Opened) -> Response:
    """Send the estimated hours as a table for spreadsheet programs."""
    return csv_file(f"{opened.key}-hours.csv", opened.hours.to_csv())


@router.get("/report.html")
def report(_person: Reader, opened: Opened) -> Response:
    """Send the report of the export as it is now, as one file that needs no server to be read."""
    headers = {"content-disposition": f'attachment; filename="{opened.key}-report.html"'}
    return HTMLResponse(report_of(opened, required_results(opened)), headers=headers)


@router.post("/generate")
def generate(request: Request, web: TheWeb, person: Reviewer, opened: Opened) -> Response:
    """Queue the writing of the tickets, and say whether they are being written already."""
    refused_at(request, f"/sessions/{opened.key}")
    generation = starting.start_generation(opened, web.runs, by=person.name)
    words = "are queued to be written"
    if generation.is_already_running:
        words = "are already being written"
    tickets = format_count(generation.estimated_tickets, "ticket")
    text = f"{tickets} {words}, by {person_of(generation.writer)}."
    return go_to(request, f"/sessions/{opened.key}", Notice(text, "info"))


@router.post("/validate")
def validate(request: Request, web: TheWeb, person: Reviewer, opened: Opened) -> Response:
    """Queue the validation of the tickets, and say whether it is running already."""
    refused_at(request, f"/sessions/{opened.key}")
    is_new = starting.start_validation(opened, web.runs, by=person.name)
    words = "queued" if is_new else "already running"
    return go_to(request, f"/sessions/{opened.key}", Notice(f"Validation is {words}.", "info"))


@router.post("/stop")
def stop(request: Request, web: TheWeb, person: Reviewer, opened: Opened) -> Response:
    """Stop the runs of a session that are queued or at work, and say what became of each.

    Only those who may export stop a session while it exports.
    """
    if not person.role.includes(Role.EXPORTER):
        starting.refuse_while_exporting(opened, web.runs)
    cancelled_runs = cancelling.cancel(opened, web.runs, by=person.name).runs
    notices: list[Notice] = []
    for run in cancelled_runs:
        notices.append(Notice(f"{_name_of(run)} {run.sentence}.", "info"))
    return go_to(request, f"/sessions/{opened.key}", *notices)


def _name_of(run: cancelling.CancelledRun) -> str:
    if run.run_id is None:
        return f"Request `{run.task_id[:8]}`"
    return f"Run `{run.run_id[:8]}`"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningWork:
    """What a page says of a run that is queued or at work."""

    what: str
    """What it does: `Writing the tickets`."""
    is_export: bool
    text: str
    """What it does now, or that it waits; blank where nobody knows."""
    percentage: float | None
    """How much is done; None where the run does not say so, or not yet."""
    ticket_title: str = ""
    """The ticket that it is at; blank where the run does not say so."""
    remaining_minutes: float | None = None


def at_work_of(look: Look) -> RunningWork | None:
    """Return what is at work in a session; None where nothing is."""
    run = next(iter(look.runs), None)
    writing = writing_state(look)
    exporting = export_state(look)
    state = next((state for state in (writing, exporting) if state.phase is Phase.AT_WORK), None)
    is_export = state is exporting
    if run is not None:
        what = _JOB_LABELS.get(run.job_name, run.job_name)
    else:
        what = "Exporting" if is_export else "Writing the tickets"
    if state is not None:
        return RunningWork(
            what=what,
            is_export=is_export,
            text=state.current_stage,
            percentage=state.progress_percentage or None,
            ticket_title=state.current_ticket_title or "",
            remaining_minutes=state.remaining_minutes,
        )
    if run is None:
        return None
    # Neither writing nor an export: such as a validation, or an undo, which keeps its progress.
    stored = look.session.stored
    text = ""
    percentage = None
    if run.run_id == stored.run_id and stored.status is SessionStatus.RUNNING:
        text = stored.progress_text
        percentage = stored.progress_percentage or None
    if not text and (run.is_queued or run.is_starting):
        text = beginning_of(run)
    return RunningWork(what=what, is_export=is_export, text=text, percentage=percentage)


def live_part(look: Look, person: Person) -> str:
    """Return the part of a page that says what is at work, as HTML."""
    return rendered("live.html", opened=look.session, person=person, at_work=at_work_of(look))


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
    """Send what happened to a session as a table for spreadsheet programs."""
    entries, _ = history_of(opened, person=by, kind=kind)
    rows = [_csv_row(event) for event in events_of(opened, entries)]
    return csv_file(f"{opened.key}-history.csv", csv_text(COLUMNS, rows))


def _csv_row(event: HistoryEvent) -> dict[str, str]:
    return {
        "time": event.entry.at.isoformat(timespec="seconds"),
        "person": event.entry.actor,
        "about": KINDS[event.entry.action].value,
        "what": change_of(event.entry, event.changed),
        "tickets": " ".join(str(ticket.number) for ticket in event.tickets),
        "particulars": "; ".join(particulars_of(event)),
    }


def outcomes_of(opened: OpenSession, entries: Iterable[AuditEntry]) -> Mapping[int, str]:
    """Return what each export that began among some entries came to, in words, by the number of the entry."""
    begun = [entry for entry in entries if entry.action == AuditAction.EXPORT_STARTED]
    return export_outcomes(opened, begun)


@router.get("/graph")
def graph(
    request: Request,
    _person: Reader,
    opened: Opened,
    *,
    ticket: Annotated[int | None, BLANK_IS_NONE, Query(ge=1, le=1_000_000)] = None,
) -> Response:
    """Show what is built in which wave; for one ticket also what it waits for and what waits for it."""
    pictures = pictures_of(opened)
    chosen = next((listed for listed in opened.listed if listed.number == ticket), None)
    highlighted = set[int]()
    if chosen is not None:
        highlighted = _connected_numbers(chosen.number, pictures.waves)
    skipped = [listed for listed in opened.listed if listed.exclusion is not None]
    return show(
        request,
        "graph.html",
        opened=opened,
        pictures=pictures,
        chosen=chosen,
        lit=highlighted,
        chain_hours=hours_of(pictures.critical_path.tickets).hours,
        skipped=skipped,
    )


def _connected_numbers(number: int, waves: Sequence[Sequence[WaveTicket]]) -> set[int]:
    """Return a ticket with all that it waits for, directly or not, and all that wait for it."""
    numbers_before: dict[int, list[int]] = {}
    numbers_after: dict[int, list[int]] = defaultdict(list)
    for wave in waves:
        for waiting in wave:
            awaited_numbers = [awaited.number for awaited in waiting.waits_for]
            numbers_before[waiting.ticket.number] = awaited_numbers
            for awaited_number in awaited_numbers:
                numbers_after[awaited_number].append(waiting.ticket.number)
    return _reachable(number, numbers_before) | _reachable(number, numbers_after)


def _reachable(start: int, next_numbers: Mapping[int, Sequence[int]]) -> set[int]:
    """Return the numbers that steps lead to from a start, itself among them."""
    reached = {start}
    pending = [start]
    while pending:
        new_numbers = set(next_numbers.get(pending.pop(), ())) - reached
        reached |= new_numbers
        pending += new_numbers
    return reached
