"""The export of a session: starting, following, retrying, its results, undo.

Belongs here: the rows of facts about exports, and plans. Does not: messages (`progress`), what may
start (`flow/starting`).
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import Path, Query
from pydantic import AliasChoices, AliasPath, BeforeValidator, Field

from jira_pipeline.documents.adf_validation import check_tickets
from jira_pipeline.documents.validation_report import result_object
from jira_pipeline.errors import (
    ErrorCategory,
    RetriesExhaustedError,
    WriterError,
    unknown_ticket,
)
from jira_pipeline.export import exporting
from jira_pipeline.export.left_in_jira import (
    finish_changes,
    finish_fixes,
    record_of,
    required_results,
)
from jira_pipeline.export.project_check import unmet_requirements
from jira_pipeline.export.rehearsal import required_rehearsal
from jira_pipeline.export.results import ExportResults, TicketDifference
from jira_pipeline.export.retrying import ResumedExport
from jira_pipeline.export.trackers import check_configured, offered_fields, one_answer
from jira_pipeline.flow import starting
from jira_pipeline.flow.resume import cancel
from jira_pipeline.kernel.issue_differences import Decision, Difference
from jira_pipeline.kernel.work_records import Work, time_json
from jira_pipeline.ports.runs import chosen_update
from jira_pipeline.web.access import Exporter, Reader, Reviewer
from jira_pipeline.web.api.paging import OfLists, Paged, Paging, in_parts
from jira_pipeline.web.api.parts import CancelledRunShown, IssueChange
from jira_pipeline.web.api.shapes import (
    ACTIONS,
    INTEGER_MAX,
    NUMBERS_MAX,
    PAGE_MAX,
    ErrorInBrief,
    Nothing,
    Numbers,
    OfSession,
    RunStarted,
    Sentences,
    Shape,
    Steps,
    Time,
    like,
    new_router,
)
from jira_pipeline.web.context import Opened, TheWeb
from jira_pipeline.web.live import Look, Phase, completed_json, export_state, look_at
from jira_pipeline.web.problems import DetailedProblemError
from jira_pipeline.web.words import with_sentences

router = new_router("export")


class StartExport(Shape):
    """What an export is to do beyond the usual; usually an empty object."""

    as_new: bool = Field(
        default=False,
        description="Create issues although the session has some on another site or as copies, or "
        "another session has issues of the same specification.",
    )
    update: bool = Field(
        default=False,
        description="Update summary and description of issues whose tickets changed, where nobody "
        "changed them in Jira.",
    )
    overwrite: list[int] = Field(
        default_factory=list,
        description="With `update`: numbers of tickets whose issues are updated though somebody "
        "edited them.",
    )
    leave: list[int] = Field(
        default_factory=list,
        description="With `update`: numbers of tickets whose issues are neither updated nor "
        "commented on.",
    )


class ExportStarted(OfSession):
    """An export that begins."""

    task_id: str
    status: Literal["exporting"]
    total_tickets: int
    estimated_duration_minutes: Annotated[int, BeforeValidator(math.ceil)]
    jira_project_key: str = Field(validation_alias="project_key")
    started_at: Time


class ExportRunning(OfSession):
    """The export that is queued or at work already."""

    task_id: str
    status: Literal["exporting"]
    progress_percentage: float
    current_ticket_title: str
    started_at: Time


@router.post("/jira/export-session/{key}", status_code=202)
@router.post("/sessions/{key}/export", status_code=202)
def start_export(
    person: Exporter, session: Opened, web: TheWeb, wanted: StartExport | None = None
) -> ExportStarted | ExportRunning:
    """Create the issues of a session; where an export is at work already, name it.

    Jira is asked first: what it would refuse is the answer, and nothing is started. Starting an
    export that broke off is a retry of it.
    """
    asked = wanted or StartExport()
    update = chosen_update(is_wanted=asked.update, overwrite=asked.overwrite, leave=asked.leave)
    with stated_refusals(session, Work.EXPORT):
        started = starting.start_export(
            session, web.runs, by=person.name, is_as_new=asked.as_new, update=update
        )
    shape = ExportRunning if started.is_already_running else ExportStarted
    return shape.model_validate(started)


_PHASE: Any = Field(validation_alias=AliasPath("phase", "of_export"))


def _of_failure(name: str, **more: Any) -> Any:
    return Field(validation_alias=AliasPath("failure", name), **more)


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
    actions: Steps = _of_failure("recovery_actions", description=ACTIONS)
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
    """Say where the export is that somebody looked at."""
    state = export_state(look)
    if state.phase is Phase.COMPLETED:
        done = {"session_id": state.session_key, "task_id": state.task_id, "status": "completed"}
        return ExportCompleted.model_validate(done | completed_json(look, state))
    shape = ExportAtWork if state.failure is None else ExportFailed
    return shape.model_validate(state)


class ExportRetried(OfSession):
    """An export that carries on."""

    task_id: str
    status: Literal["exporting"]
    retry_attempt: int
    remaining_retries: int
    resuming_from_ticket_order: int | None = Field(
        description="Place in the order of creation, from 0; null: only links and files are left."
    )
    preserved_successful_tickets: int


@router.post("/jira/retry-failed/{key}", status_code=202)
def retry_failed(
    person: Exporter, session: Opened, web: TheWeb, _nothing: Nothing | None = None
) -> ExportRetried:
    """Carry on with an export that failed; three times at most."""
    with stated_refusals(session, Work.EXPORT):
        retried = starting.retry_export(session, web.runs, by=person.name)
    resumed = retried.begun.resumed
    assert isinstance(resumed, ResumedExport)  # noqa: S101 - of an export
    return export_retried(session, retried.run_id, resumed)


def export_retried(session: Opened, run_id: str, resumed: ResumedExport) -> ExportRetried:
    """Say what an export carries on with."""
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


class FieldOffersShown(Shape):
    """What the project of a session offers for the fields of its tickets."""

    assignees: list[str]
    sprints: list[str]
    priorities: list[str]
    labels: list[str] = Field(description="Those that the newest issues of the project have.")
    faults: dict[str, str] = Field(description="Why a value cannot be taken, by field.")


FieldValue = Annotated[str, Query(max_length=300)]


@router.get("/sessions/{key}/fields")
def fields(
    _person: Reviewer,
    session: Opened,
    *,
    assignee: FieldValue = "",
    sprint: FieldValue = "",
    priority: FieldValue = "",
    label: Annotated[list[FieldValue], Query(max_length=50)] = [],  # noqa: B006 - FastAPI copies it
) -> FieldOffersShown:
    """Say whom and what the project of a session offers, and check values against it."""
    values = {"assignee": assignee, "sprint": sprint, "priority": priority}
    return FieldOffersShown.model_validate(offered_fields(session, values, labels=label))


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
    asked = wanted or TicketsToConvert()
    numbers = {r.ticket.ticket_id: r.ticket.number for r in session.rendered}
    for ticket_id in asked.ticket_ids:
        if ticket_id not in numbers:
            raise unknown_ticket(session_key=session.key, ticket=ticket_id)
    results = check_tickets(
        session.rendered,
        numbers=[numbers[i] for i in asked.ticket_ids] or list(numbers.values()),
        body_max_bytes=session.settings.adf_body_max_bytes,
    )
    failed = sum(not result.is_passed for result in results)
    converted = [result_object(r, number=numbers[r.ticket_id]) for r in results]
    if not asked.include_attachments:
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


ResultsList: TypeAlias = Literal["jira_tickets", "changes", "removed"]


class ExportResultsShown(OfSession, OfLists, extra="allow"):
    """What an export left in Jira."""

    total_tickets_created: int
    jira_tickets: list[CreatedIssue]
    dependencies_created: int
    manual_fixes: list[FixOfIssue]
    total_processing_time_minutes: float


@router.get("/jira/export-results/{key}")
def export_results(
    _person: Reader,
    session: Opened,
    paging: Paged,
    list: ResultsList = "jira_tickets",  # noqa: A002 - the name in the address
) -> ExportResultsShown:
    """List the issues of a session, and what is left to people; `list` comes page by page."""
    found = required_results(session)
    is_of_issues = list == "jira_tickets"
    issues = (
        paging.page_of(found.there, key_of=lambda one: one.ticket_id)
        if is_of_issues
        else found.there[:PAGE_MAX]
    )
    answer = {
        "session_id": session.key,
        "total_tickets_created": len(found.there),
        "jira_tickets": issues,
        "dependencies_created": found.dependencies_created,
        "manual_fixes": found.manual_fixes,
        "total_processing_time_minutes": found.total_processing_time_minutes,
        "jql": found.jql,
        "target": found.target.name,
        "changes": with_sentences([change.to_json() for change in found.changes]),
        "removed": [ticket.to_json() for ticket in found.removed],
        "compared_at": time_json(found.comparison.compared_at if found.comparison else None),
        "differences": [one.to_json() for one in found.differences],
    }
    addresses = {
        "manual_fixes": f"/api/sessions/{session.key}/export/manual-fixes",
        "differences": f"/api/sessions/{session.key}/export/differences",
        "changes": f"/api/jira/export-results/{session.key}?list=changes",
        "removed": f"/api/jira/export-results/{session.key}?list=removed",
    }
    return ExportResultsShown.model_validate(
        in_parts(answer, addresses, paging=paging, paged=None if is_of_issues else list)
    )


class ManualFixShown(Shape):
    """Something a person still has to do in Jira, by its number."""

    fix_id: int
    ticket_id: str
    fix_type: str
    jira_key: str | None
    description: str = Field(validation_alias=AliasChoices("recommended_action"))
    title: str
    original_value: str
    recommended_action: str
    jira_url: str | None
    done: bool = Field(validation_alias="is_done")


class ManualFixes(Shape):
    """What is left to do by hand."""

    fixes: list[ManualFixShown]


@router.get("/sessions/{key}/export/manual-fixes")
def manual_fixes(_person: Reader, session: Opened, paging: Paged) -> ManualFixes:
    """List what a person still has to do in Jira, done or not."""
    fixes = required_results(session).manual_fixes
    shown = paging.page_of(fixes, key_of=lambda fix: fix.fix_id)
    return ManualFixes.model_validate({"fixes": shown})


@router.post("/sessions/{key}/fixes/{fix_id}/done")
def finish_manual_fix(
    person: Reviewer,
    session: Opened,
    fix_id: Annotated[int, Path(ge=1, le=INTEGER_MAX, examples=[3])],
    _nothing: Nothing | None = None,
) -> ManualFixShown:
    """Say that a manual fix was done."""
    (fix,) = finish_fixes(session, [fix_id], by=person.name)
    return ManualFixShown.model_validate(fix)


class MadeChanges(Shape):
    """Which tickets' issues somebody changed in Jira; without numbers, all that are listed.

    `content_hashes` are those the changes were shown with: what changed again since is refused.
    """

    model_config = like({"numbers": [12], "content_hashes": {"12": "0a1b2c3d4e5f6071"}})

    numbers: Numbers | None = None
    content_hashes: dict[int, str] = Field(default={}, max_length=NUMBERS_MAX)


class ChangesMade(Shape):
    """What is noted as changed in Jira now."""

    changes: list[IssueChange]


@router.post("/sessions/{key}/changes/done")
def finish_changes_in_jira(person: Reviewer, session: Opened, made: MadeChanges) -> ChangesMade:
    """Say that issues were changed in Jira to what their tickets say."""
    done = finish_changes(session, made.numbers, by=person.name, seen=made.content_hashes)
    return ChangesMade.model_validate(
        {"changes": with_sentences([change.to_json() for change in done])}
    )


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
def export_summary(_person: Reader, session: Opened, web: TheWeb, paging: Paged) -> ExportSummary:
    """Sum an export up; its issues come page by page."""
    status = export_state(look_at(web, session.key)).phase.of_export
    return _summary(required_results(session), paging, status=status)


def _summary(found: ExportResults, paging: Paging, *, status: str) -> ExportSummary:
    shown = {
        "session_id": found.session_key,
        "status": status,
        "tickets_exported": len(found.there),
        "tickets_with_errors": found.tickets_with_errors,
        "manual_fixes_needed": found.open_fixes,
        "jira_tickets": paging.page_of(found.there, key_of=lambda one: one.ticket_id),
    }
    return ExportSummary.model_validate(shown)


class Plan(Shape, extra="allow"):
    """What an export or an undo would do now; numbers are those of tickets."""

    target: dict[str, str]
    create: list[int]
    link: int
    skip: list[int]
    remove: list[int]
    blocked: ErrorInBrief | None


@router.get("/sessions/{key}/export/plan")
def export_plan(
    _person: Reader,
    session: Opened,
    *,
    as_new: bool = False,
    update: bool = False,
    overwrite: Annotated[list[int] | None, Query()] = None,
    leave: Annotated[list[int] | None, Query()] = None,
) -> Plan:
    """Say what an export would do: where, as whom, what, and why it would not start."""
    choice = chosen_update(is_wanted=update, overwrite=overwrite or (), leave=leave or ())
    plan = exporting.plan(session, is_as_new=as_new, update=choice, budget=one_answer())
    return Plan.model_validate(with_sentences(plan.to_json()))


@router.get("/sessions/{key}/export/undo")
def undo_plan(_person: Reader, session: Opened, *, update: bool = False) -> Plan:
    """Say which issues an undo would delete, and which it would keep, and why.

    Of an update: which would say again what they said before it.
    """
    planned = exporting.plan_taking_update_back if update else exporting.plan_undoing
    return Plan.model_validate(with_sentences(planned(session, budget=one_answer()).to_json()))


class StartUndo(Shape):
    """What an undo takes back, and how it is to end; usually an empty object."""

    update: bool = Field(
        default=False,
        description="Only take the last update back: issues say again what they said before it.",
    )
    keep_rest: bool = Field(
        default=False, description="End an undo that was interrupted: what is left stays."
    )


@router.post("/sessions/{key}/export/undo", status_code=202)
def undo(
    person: Exporter, session: Opened, web: TheWeb, wanted: StartUndo | None = None
) -> RunStarted:
    """Delete the issues that nobody has changed, and return the session to the review.

    Of an update: write the former texts back, where nobody changed them since.
    """
    asked = wanted or StartUndo()
    started = starting.start_undo(
        session,
        web.runs,
        by=person.name,
        keeps_rest=asked.keep_rest,
        is_of_update=asked.update,
    )
    return RunStarted.model_validate(started)


@router.post("/sessions/{key}/export/settle", status_code=202)
def settle(
    person: Exporter, session: Opened, web: TheWeb, _nothing: Nothing | None = None
) -> RunStarted:
    """Look up issues whose creation has no known outcome."""
    return RunStarted.model_validate(starting.start_settling(session, web.runs, by=person.name))


class DifferenceShown(Shape):
    """An issue that Jira does not hold as the ledger says, and its ticket."""

    kind: Difference
    number: int | None
    title: str
    jira_key: str | None = Field(description="Of the ticket's issue; null: it has none.")
    other_key: str | None = Field(description="Of the other issue that carries its identity.")
    url: str
    message: str
    seen_at: str | None = Field(description="Of what is gone: when Jira showed it last.")
    decisions: list[Decision] = Field(description="What may be decided.")
    is_open: bool = Field(description="A person has to decide.")


class DifferencesShown(OfSession):
    """What differed when Jira was asked last."""

    compared_at: str | None
    issues_there: int | None
    differences: list[DifferenceShown]


@router.get("/sessions/{key}/export/differences")
def differences(_person: Reader, session: Opened, paging: Paged) -> DifferencesShown:
    """Say which issues Jira does not hold as the ledger says, as asked last; settling asks again."""
    found = required_results(session)
    compared = found.comparison
    return DifferencesShown(
        session_id=session.key,
        compared_at=time_json(compared.compared_at if compared else None),
        issues_there=compared.there_count if compared else None,
        differences=[
            DifferenceShown.model_validate(one.to_json())
            for one in paging.page_of(found.differences, key_of=_key_of_difference)
        ],
    )


def _key_of_difference(one: TicketDifference) -> str:
    found = one.difference
    return f"{found.kind}:{found.ticket_id}:{found.issue_id}:{found.other_id}"


class WantedDecision(Shape):
    """What is decided, about which tickets."""

    model_config = like({"decision": "create_again", "tickets": ["3", "5"]})

    decision: Decision
    tickets: list[Annotated[str, Field(max_length=255)]] = Field(
        default=[],
        max_length=NUMBERS_MAX,
        description="Numbers of tickets, or keys of issues where a ticket has several.",
    )
    all: bool = Field(default=False, description="All tickets about which this has to be decided.")


class DecidedShown(Shape):
    """What became of a decision about one ticket."""

    ticket_id: str
    number: int
    title: str
    jira_key: str | None
    is_done: bool
    refusal: str | None = Field(description="What Jira, asked once more, shows instead.")


class DecisionMade(Shape):
    """What became of a decision."""

    decision: Decision
    tickets: list[DecidedShown]
    left: int = Field(description="How many issues are still to be decided about.")


@router.post("/sessions/{key}/export/decide")
def decide(person: Exporter, session: Opened, wanted: WantedDecision) -> DecisionMade:
    """Decide about issues that are gone in Jira or there twice; Jira is asked once more."""
    report = exporting.decide(
        session,
        decision=wanted.decision,
        names=wanted.tickets,
        is_all=wanted.all,
        by=person.name,
        budget=one_answer(),
    )
    return DecisionMade.model_validate(report.to_json())


@router.post("/sessions/{key}/export/rehearse", status_code=202)
def rehearse(
    person: Exporter, session: Opened, web: TheWeb, _nothing: Nothing | None = None
) -> RunStarted:
    """Export into a new project of the sandbox; the session and its Jira stay as they are."""
    return RunStarted.model_validate(starting.start_rehearsal(session, web.runs, by=person.name))


@router.get("/sessions/{key}/export/rehearsal")
def rehearsal(_person: Reader, session: Opened, paging: Paged) -> ExportSummary:
    """Sum the last rehearsal up; its issues come page by page."""
    return _summary(required_rehearsal(session), paging, status="completed")


class CancelledRuns(OfSession):
    """What became of the runs of a session."""

    runs: list[CancelledRunShown]


@router.post("/sessions/{key}/export/cancel")
@router.post("/sessions/{key}/cancel")
def cancel_runs(
    person: Exporter, session: Opened, web: TheWeb, _nothing: Nothing | None = None
) -> CancelledRuns:
    """Stop what is queued or at work; an export stops before its next ticket."""
    return CancelledRuns.model_validate(cancel(session, web.runs, by=person.name))
