"""The export of a session: starting, following, retrying, its results.

Belongs here: the rows of facts about exports. Does not: messages (`progress`), what may start
(`sessions/starting`).
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AliasPath, BeforeValidator, Field

from jira_pipeline.context.trackers import one_answer
from jira_pipeline.export import exporting
from jira_pipeline.export.adoption import AdoptedTicket, ProposedPair, pairs_in
from jira_pipeline.export.left_in_jira import record_of, required_results
from jira_pipeline.export.project_check import check_configured, unmet_requirements
from jira_pipeline.model.errors import (
    ErrorCategory,
    RetriesExhaustedError,
    WriterError,
    unknown_ticket,
)
from jira_pipeline.model.exports import ManualFix
from jira_pipeline.model.records import Work, time_json
from jira_pipeline.sessions import starting
from jira_pipeline.tickets.documents.adf_validation import check_tickets, result_object
from jira_pipeline.web.api.shapes import (
    NUMBERS_MAX,
    AsJson,
    OfSession,
    Sentences,
    Shape,
    Time,
    new_router,
)
from jira_pipeline.web.context import Exporter, Opened, Reader, Reviewer, TheWeb
from jira_pipeline.web.live import Look, Phase, counts_of_completed, export_state, look_at
from jira_pipeline.web.problems import DetailedProblemError

router = new_router("export")


class OfExport(OfSession):
    """What is said of an export that is at work."""

    task_id: str
    status: Literal["exporting"]


class ExportStarted(OfExport):
    """An export that begins."""

    total_tickets: int
    estimated_duration_minutes: Annotated[int, BeforeValidator(math.ceil)]
    jira_project_key: str = Field(validation_alias="project_key")
    started_at: Time


class ExportRunning(OfExport):
    """The export that is queued or at work already."""

    progress_percentage: float
    current_ticket_title: str
    started_at: Time


@router.post("/jira/export-session/{key}", status_code=202)
@router.post("/sessions/{key}/export", status_code=202)
def start_export(person: Exporter, session: Opened, web: TheWeb) -> ExportStarted | ExportRunning:
    """Create the issues of a session; where an export is at work already, name it.

    Jira is asked first: what it would refuse is the answer, and nothing is started. Starting an
    export that broke off is a retry of it.
    """
    with stated_refusals(session, Work.EXPORT):
        started = starting.start_export(session, web.runs, by=person.name)
    shape = ExportRunning if started.is_already_running else ExportStarted
    return shape.model_validate(started)


_PHASE: Any = Field(validation_alias=AliasPath("phase", "of_export"))


def _of_failure(name: str) -> Any:
    return Field(validation_alias=AliasPath("failure", name))


class ExportAtWork(OfSession):
    """An export at work, or that none was started: `status` says which."""

    task_id: str | None
    status: Literal["exporting", "not_started"] = _PHASE
    progress_percentage: float
    tickets_completed: int
    tickets_exported: int = Field(validation_alias=AliasPath("tickets_completed"))
    total_tickets: int
    current_ticket_title: str | None
    current_ticket: str | None = Field(validation_alias=AliasPath("current_ticket_title"))
    estimated_time_remaining_minutes: float | None = Field(validation_alias="remaining_minutes")
    current_stage: str
    run_status: str | None


class ExportCompleted(OfSession):
    """An export that is done."""

    task_id: str | None
    status: Literal["completed"]
    jira_tickets_created: int
    dependencies_created: int
    manual_fixes_needed: int
    total_processing_time_minutes: float
    completed_at: str | None


class ExportFailed(OfSession):
    """An export that broke off; what it created is kept."""

    task_id: str | None
    status: Literal["failed", "cancelled"] = _PHASE
    failed_at_ticket_order: int | None = _of_failure("failed_at_ticket_order")
    failed_at_ticket_number: int | None = _of_failure("failed_at_ticket_number")
    error_category: str = _of_failure("error_category")
    user_message: str = _of_failure("user_message")
    recovery_actions: Sentences = _of_failure("recovery_actions")
    code: str = _of_failure("code")
    retry_available: bool = _of_failure("retry_available")
    retry_attempts_used: int = Field(validation_alias=AliasPath("record", "retry_attempts_used"))


ExportStatus: TypeAlias = ExportAtWork | ExportCompleted | ExportFailed


@router.get("/jira/export-status/{key}")
@router.get("/sessions/{key}/export/status")
def export_status(person: Reader, session: Opened, web: TheWeb) -> ExportStatus:
    """Say where the export is; once in two seconds by caller and session."""
    web.status_pace.count(person.name, session.key)
    return export_status_of(look_at(web, session.key))


def export_status_of(look: Look) -> ExportStatus:
    state = export_state(look)
    if state.phase is Phase.COMPLETED:
        done = {
            "session_id": state.session_key,
            "task_id": state.task_id,
            "status": "completed",
            "completed_at": time_json(state.record.completed_at),
        }
        return ExportCompleted.model_validate(done | counts_of_completed(look))
    shape = ExportAtWork if state.failure is None else ExportFailed
    return shape.model_validate(state)


class ExportRetried(OfExport):
    """An export that carries on."""

    retry_attempt: int
    remaining_retries: int
    resuming_from_ticket_order: int | None = Field(
        description="Place in the order of creation, from 0; null: only links and files are left."
    )
    preserved_successful_tickets: int


@router.post("/jira/retry-failed/{key}", status_code=202)
def retry_failed(person: Exporter, session: Opened, web: TheWeb) -> ExportRetried:
    """Carry on with an export that failed; three times at most."""
    with stated_refusals(session, Work.EXPORT):
        run_id, resumed = starting.retry_export(session, web.runs, by=person.name)
    return ExportRetried(
        task_id=run_id,
        session_id=session.key,
        status="exporting",
        retry_attempt=resumed.retry_attempt,
        remaining_retries=resumed.remaining_retries,
        resuming_from_ticket_order=starting.place_of(session, resumed.resuming_from),
        preserved_successful_tickets=resumed.preserved_tickets,
    )


@contextmanager
def stated_refusals(session: Opened, work: Work) -> Iterator[None]:
    """Say with the fields that are stated for it what keeps work from being begun or carried on."""
    try:
        yield
    except WriterError as error:  # out of reach, whatever the reason
        raise DetailedProblemError(
            error,
            status=503,
            error_category=ErrorCategory.TEMPORARY.value,
            user_message=f"LLM service unavailable: {error.message}",
        ) from error
    except RetriesExhaustedError as error:
        record = record_of(session, work=work)
        raise DetailedProblemError(
            error,
            retry_attempts_used=record.retry_attempts_used,
            first_error_at=time_json(record.first_error_at),
        ) from error


class UserRequirements(Shape):
    """What people want of a project."""

    requires_sprint_assignment: bool = False
    requires_assignee: bool = False
    requires_priority_levels: bool = False


class ProjectToCheck(Shape):
    """A project, and what people want of it."""

    project_key: str = Field(pattern=r"^[A-Z][A-Z0-9_]{1,9}$")
    user_requirements: UserRequirements = UserRequirements()


class SprintOfProject(Shape):
    """A sprint issues can be put into."""

    id: str
    name: str
    state: str


class CheckedProject(Shape):
    """Whether a project can take the issues."""

    project_key: str
    project_name: str | None
    validation_status: Literal["valid", "invalid"]
    can_create_tasks: bool
    can_view_project: bool
    available_sprints: list[SprintOfProject]
    team_members: list[str]
    priority_levels: list[str]
    validation_warnings: list[str]
    blocking_issues: list[str]


@router.post("/jira/validate-project")
def validate_project(wanted: ProjectToCheck, web: TheWeb, _person: Reviewer) -> CheckedProject:
    """Check whether a project can take the issues; nothing is created there."""
    report = check_configured(web.pipeline, session_key=None, project_key=wanted.project_key)
    asked = wanted.user_requirements
    unmet = unmet_requirements(
        report,
        needs_sprint=asked.requires_sprint_assignment,
        needs_assignee=asked.requires_assignee,
        needs_priorities=asked.requires_priority_levels,
    )
    blocking = [*report.blocking_issues, *unmet]
    return CheckedProject(
        project_key=report.project_key,
        project_name=None if report.project is None else report.project.name,
        validation_status="invalid" if blocking else "valid",
        can_create_tasks=report.can_create,
        can_view_project=report.can_view,
        available_sprints=[
            SprintOfProject(id=s.sprint_id, name=s.name, state=s.state) for s in report.sprints
        ],
        team_members=[user.display_name for user in report.team_members],
        priority_levels=list(report.priorities),
        validation_warnings=list(report.warnings),
        blocking_issues=blocking,
    )


class TicketsToConvert(Shape):
    """Which tickets are converted; none named: all."""

    ticket_ids: list[Annotated[str, Field(max_length=64)]] = Field(
        default=[], max_length=NUMBERS_MAX
    )
    include_attachments: bool = True


class ConvertedTicket(Shape):
    """What converting one ticket found."""

    ticket_id: str
    ticket_title: str
    status: Literal["passed", "failed"]
    adf_size_bytes: int
    character_reduction: int
    error_message: str | None
    suggested_fix: str | None
    attachment_upload_tested: bool
    attachment_upload_status: Literal["passed", "failed", "skipped"]


class ConversionReport(OfSession):
    """What converting tickets to ADF found, fresh every time."""

    tickets_tested: int
    all_passed: bool
    passed: int
    failed: int
    results: list[ConvertedTicket]


@router.post("/jira/test-adf-conversion/{key}")
def convert_tickets(
    _person: Reviewer, session: Opened, wanted: TicketsToConvert | None = None
) -> ConversionReport:
    """Convert tickets as Jira would get them and check them; nothing is stored or sent."""
    request = wanted or TicketsToConvert()
    numbers = {r.ticket.ticket_id: r.ticket.number for r in session.rendered}
    for ticket_id in request.ticket_ids:
        if ticket_id not in numbers:
            raise unknown_ticket(session_key=session.key, ticket=ticket_id)
    results = check_tickets(
        session.rendered,
        numbers=[numbers[i] for i in request.ticket_ids] or list(numbers.values()),
        body_max_bytes=session.settings.adf_body_max_bytes,
    )
    failed = sum(not result.is_passed for result in results)
    converted = [result_object(r, number=numbers[r.ticket_id]) for r in results]
    if not request.include_attachments:
        skipped = {"attachment_upload_tested": False, "attachment_upload_status": "skipped"}
        converted = [one | skipped for one in converted]
    return ConversionReport(
        session_id=session.key,
        tickets_tested=len(results),
        all_passed=not failed,
        passed=len(results) - failed,
        failed=failed,
        results=[
            ConvertedTicket.model_validate({n: one[n] for n in ConvertedTicket.model_fields})
            for one in converted
        ],
    )


class CreatedIssue(Shape):
    """A ticket with its issue."""

    ticket_id: str
    jira_key: str
    jira_url: str
    title: str


class FixOfIssue(Shape):
    """Something a person still has to do in Jira."""

    ticket_id: str
    jira_key: str | None
    title: str
    issue_type: str = Field(validation_alias="fix_type")
    recommended_action: str
    jira_url: str | None


class ExportResultsShown(OfSession):
    """What an export left in Jira."""

    total_tickets_created: int
    jira_tickets: list[CreatedIssue]
    dependencies_created: int
    manual_fixes: list[FixOfIssue]
    total_processing_time_minutes: float


@router.get("/jira/export-results/{key}")
def export_results(_person: Reader, session: Opened) -> ExportResultsShown:
    """List the issues of a session, and what is left to people."""
    results = required_results(session)
    return ExportResultsShown(
        session_id=session.key,
        total_tickets_created=len(results.there),
        jira_tickets=[CreatedIssue.model_validate(one) for one in results.there],
        dependencies_created=results.dependencies_created,
        manual_fixes=[FixOfIssue.model_validate(one) for one in results.manual_fixes],
        total_processing_time_minutes=results.total_processing_time_minutes,
    )


class ManualFixes(Shape):
    """What is left to do by hand."""

    fixes: list[AsJson[ManualFix]]


@router.get("/sessions/{key}/export/manual-fixes")
def manual_fixes(_person: Reader, session: Opened) -> ManualFixes:
    """List what a person still has to do in Jira, done or not."""
    return ManualFixes(fixes=list(required_results(session).manual_fixes))


class IssueInSummary(Shape):
    """An issue in a few words."""

    key: str = Field(validation_alias="jira_key")
    title: str
    url: str = Field(validation_alias="jira_url")


class ExportSummary(OfSession):
    """An export in a few figures."""

    status: str
    tickets_exported: int
    tickets_with_errors: int
    manual_fixes_needed: int
    jira_tickets: list[IssueInSummary]


@router.get("/sessions/{key}/export/summary")
def export_summary(_person: Reader, session: Opened, web: TheWeb) -> ExportSummary:
    """Sum an export up."""
    status = export_state(look_at(web, session.key)).phase.of_export
    results = required_results(session)
    return ExportSummary(
        session_id=session.key,
        status=status,
        tickets_exported=len(results.there),
        tickets_with_errors=results.tickets_with_errors,
        manual_fixes_needed=results.open_fixes,
        jira_tickets=[IssueInSummary.model_validate(one) for one in results.there],
    )


class PairsProposed(OfSession):
    """Issues that people may have made for tickets."""

    scanned: int
    pairs: list[AsJson[ProposedPair]]
    unmatched: list[int]


@router.get("/sessions/{key}/adoption")
def propose_adoption(_person: Reader, session: Opened) -> PairsProposed:
    """Say which issues of the project may be those of tickets; Jira is read now."""
    found = exporting.propose_adoption(session, budget=one_answer())
    return PairsProposed(
        session_id=session.key,
        scanned=found.scanned,
        pairs=list(found.pairs),
        unmatched=list(found.unmatched),
    )


class PairsToAdopt(Shape):
    """Tickets and the issues to use as theirs."""

    pairs: list[Annotated[str, Field(max_length=300)]] = Field(
        min_length=1, max_length=100, description="Each such as `3=ABC-12`."
    )


class PairsAdopted(OfSession):
    """What became of each pair."""

    tickets: list[AsJson[AdoptedTicket]]


@router.post("/sessions/{key}/adoption")
def adopt(person: Exporter, session: Opened, wanted: PairsToAdopt) -> PairsAdopted:
    """Use issues that people made as the tickets' issues; each is checked in Jira first."""
    adopted = exporting.adopt(
        session, pairs=pairs_in(wanted.pairs), by=person.name, budget=one_answer()
    )
    return PairsAdopted(session_id=session.key, tickets=list(adopted))
