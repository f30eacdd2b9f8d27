"""Endpoints of work on a session: export, results, fixes, the writing of its tickets; retry, stop.

Belongs here: what programs ask for and are answered. Does not: messages (`progress`), what may
start (`sessions/starting`).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from jira_pipeline.context.error_explanations import chosen_errors
from jira_pipeline.context.settings import PROVIDERS
from jira_pipeline.context.states import refuse_without_tickets
from jira_pipeline.context.trackers import answer_deadline
from jira_pipeline.export import exporting
from jira_pipeline.export.adoption import AdoptedTicket, parse_pairs
from jira_pipeline.export.adoption_proposals import ProposedPair
from jira_pipeline.export.agreed_content import agreed_export_hash
from jira_pipeline.export.project_check import ProjectCheck, check_configured, unmet_requirements
from jira_pipeline.export.results import ExportedTicket, ExportResults
from jira_pipeline.export.session_results import required_results
from jira_pipeline.export.work_history import record_of
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import (
    ErrorCategory,
    GateError,
    GateRule,
    RetriesExhaustedError,
    WriterError,
    WrongUseError,
    unknown_ticket,
)
from jira_pipeline.model.issue_tracker import Account, FieldOption, Sprint
from jira_pipeline.model.json_values import DECLARED, json_object
from jira_pipeline.model.manual_fixes import ManualFix
from jira_pipeline.model.records import StoredError, time_json
from jira_pipeline.model.sessions import SessionStage, WaitCause, WaitTarget
from jira_pipeline.model.ticket_validations import AttachmentStatus, TicketValidation
from jira_pipeline.model.update_choices import UpdateChoice
from jira_pipeline.model.work_records import Work
from jira_pipeline.sessions import cancelling, starting
from jira_pipeline.tickets.documents.adf_validation import check_tickets
from jira_pipeline.web.agent_tools import PlanChangedError, plan_with_hash, refuse_other_plan
from jira_pipeline.web.api.repeatable_route import RepeatableRoute
from jira_pipeline.web.api.shapes import (
    NUMBERS_MAX,
    AsJson,
    Fields,
    Flag,
    Nothing,
    OfSession,
    Shape,
    Steps,
    Time,
    Value,
)
from jira_pipeline.web.api.tasks import name_task
from jira_pipeline.web.context import Caller, Exporter, Opened, Reader, Reviewer, TheWeb
from jira_pipeline.web.live import (
    Look,
    Phase,
    WorkState,
    counts_of_completed,
    export_state,
    look_at,
    writing_status_json,
)
from jira_pipeline.web.problems import DetailedProblemError
from jira_pipeline.web.program_steps import ProgramStep
from jira_pipeline.writing.generation import StartedGeneration
from jira_pipeline.writing.models.health import WriterHealth
from jira_pipeline.writing.writers import check as check_writer

router, writing_router = (
    APIRouter(prefix="/api", tags=[tag], route_class=RepeatableRoute)
    for tag in ("export", "writing")
)
WholeMinutes = Annotated[int, BeforeValidator(math.ceil)]


RUN_ID: Any = Field(default=None, description="Of Dagster; null before there is a run.")
RUN_URL: Any = Field(
    default=None, description="Its page; null before there is a run, or without a known address."
)


WAITING_FOR: Any = Field(
    description="What the run waits for before it tries again by itself; null: for nothing."
)
RETRY_AT: Any = Field(description="When it tries again.")
CAUSE: Any = Field(description="The error that makes it wait.")


class ExportProgress(OfSession):
    """What is said of an export that is at work."""

    task_id: str
    run_id: str | None = RUN_ID
    run_url: str | None = RUN_URL
    status: Literal["exporting"]


class ExportStarted(ExportProgress):
    """An export that begins."""

    total_tickets: int = Field(description="Tickets of the session that are exported.")
    tickets_to_create: int = Field(description="Those of them that have no issue yet.")
    estimated_duration_minutes: WholeMinutes
    jira_project_key: str = Field(validation_alias="project_key")
    started_at: Time


class ExportRunning(ExportProgress):
    """The export that is queued or at work already."""

    progress_percentage: float
    current_ticket_title: str
    started_at: Time


class ExportWanted(Shape):
    """What an export is to do; without a body it creates the issues that are absent."""

    plan_hash: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="Of the plan that was read."
    )
    update: Flag = Field(
        default=False, description="Also update issues whose tickets changed; needs `plan_hash`."
    )
    as_new: Flag = Field(
        default=False,
        description="Create new issues although there are some, or on another target; needs "
        "`plan_hash`.",
    )


@router.post("/jira/export-session/{key}", status_code=202)
@router.post("/sessions/{key}/export", status_code=202, deprecated=True)
def start_export(
    person: Exporter,
    session: Opened,
    web: TheWeb,
    response: Response,
    wanted: ExportWanted | None = None,
) -> ExportStarted | ExportRunning:
    """Create the issues of a session; where an export is at work already, name it.

    Jira is asked first: what it would refuse is the answer, and nothing is started. Starting an
    export that broke off is a retry of it.

    With `plan_hash`, only what that plan said is started: where something changed since, the answer
    is 409 with the new plan, as it is where that plan was read without this `update` or `as_new`.
    Where tickets change later, before its run begins, the run sends nothing and fails with the code
    `decision_changed`.
    """
    choice = wanted or ExportWanted()
    update = UpdateChoice() if choice.update else None
    agreed_hash = None
    if choice.plan_hash is not None:
        agreed_hash = agreed_export_hash(session, update=update, is_as_new=choice.as_new)
    _refuse_unseen_plan(session, choice)
    start = partial(
        starting.start_export,
        session,
        web.runs,
        by=person.name,
        is_as_new=choice.as_new,
        update=update,
        agreed_hash=agreed_hash,
    )
    started = _stating_refusals(session, Work.EXPORT, start)
    name_task(response, started.task_id)
    shape = ExportRunning if started.is_already_running else ExportStarted
    return shape.model_validate(started)


def _refuse_unseen_plan(session: Opened, choice: ExportWanted) -> None:
    """Stop where somebody agrees to what no plan showed them, or to a plan that is no more.

    Raises:
        WrongUseError: More than new issues is wanted, and no plan was read.
        DetailedProblemError: The plan is another one now, which it shows.
    """
    if choice.plan_hash is None:
        if choice.update or choice.as_new:
            raise WrongUseError(
                "An update, or new issues beside others, needs the plan that was read.",
                recovery_actions=(
                    Action.of(
                        ActionKind.EXPORT,
                        f"Read GET /api/sessions/{session.key}/plan, and send its plan_hash.",
                        session_key=session.key,
                        plan=True,
                        update=choice.update,
                        as_new=choice.as_new,
                    ),
                ),
            )
        return
    plan = plan_with_hash(session, update=choice.update, as_new=choice.as_new)
    try:
        refuse_other_plan(plan, choice.plan_hash, session.key)
    except PlanChangedError as error:
        raise DetailedProblemError(error, plan=error.plan) from error


ExportAtWork: TypeAlias = Annotated[
    WorkState,
    Fields(
        "session_id=session_key task_id run_id run_url status=phase.of_export progress_percentage "
        "tickets_completed tickets_exported=tickets_completed total_tickets current_ticket_title "
        "current_ticket=current_ticket_title "
        "estimated_time_remaining_minutes=whole_minutes current_stage=short_stage "
        "waiting_for retry_at problem run_status",
        name="ExportAtWork",
        about="An export at work, or that none was started: `status` says which.",
        status=Literal["exporting", "not_started"],
    ),
]


class ExportCompleted(OfSession):
    """An export that is done."""

    task_id: str | None
    run_id: str | None = RUN_ID
    run_url: str | None = RUN_URL
    status: Literal["completed"]
    jira_tickets_created: int = Field(description="Issues that this program created.")
    tickets_adopted: int = Field(description="Tickets whose issues people made.")
    dependencies_created: int
    manual_fixes_needed: int
    total_processing_time_minutes: float
    completed_at: Time | None


ExportFailed: TypeAlias = Annotated[
    WorkState,
    Fields(
        "session_id=session_key task_id run_id run_url status=phase.of_export "
        "failed_at_ticket_order=failure.failed_at_ticket_order "
        "failed_at_ticket_number=failure.failed_at_ticket_number "
        "error_category=failure.error_category user_message=failure.user_message "
        "recovery_actions=failure.recovery_actions actions=steps_out "
        "code=failure.code "
        "retry_available=failure.retry_available "
        "retry_attempts_used=record.retry_attempts_used",
        name="ExportFailed",
        about="An export that broke off; what it created is kept.",
        status=Literal["failed", "cancelled"],
    ),
]
ExportStatus: TypeAlias = ExportAtWork | ExportCompleted | ExportFailed


@router.get("/jira/export-status/{key}")
@router.get("/sessions/{key}/export/status", deprecated=True)
def export_status(_person: Reader, session: Opened, web: TheWeb, caller: Caller) -> ExportStatus:
    """Say where the export is; once in two seconds by token and session."""
    web.status_pace.count(caller, "export", session.key)
    return export_status_of(look_at(web, session.key))


def export_status_of(look: Look) -> ExportStatus:
    """Return the answer about an export: with its counts once it is completed."""
    state = export_state(look)
    if state.phase is Phase.COMPLETED:
        done = {
            "session_id": state.session_key,
            "task_id": state.task_id,
            "run_id": state.run_id,
            "run_url": state.run_url,
            "status": "completed",
            "completed_at": time_json(state.record.completed_at),
        }
        return ExportCompleted.model_validate(done | counts_of_completed(look))
    return state


class ExportRetried(ExportProgress):
    """An export that carries on."""

    retry_attempt: int
    remaining_retries: int
    resuming_from_ticket_order: int | None = Field(
        description="Place in the order of creation, from 0; null: only links and files are left."
    )
    preserved_successful_tickets: int


@router.post("/jira/retry-failed/{key}", status_code=202)
def retry_failed(
    person: Exporter,
    session: Opened,
    web: TheWeb,
    response: Response,
    _nothing: Nothing | None = None,
) -> ExportRetried:
    """Carry on with an export that failed; three times at most."""
    task_id, resumed = _stating_refusals(
        session, Work.EXPORT, lambda: starting.retry_export(session, web.runs, by=person.name)
    )
    name_task(response, task_id)
    return ExportRetried(
        task_id=task_id,
        session_id=session.key,
        status="exporting",
        retry_attempt=resumed.retry_attempt,
        remaining_retries=resumed.remaining_retries,
        resuming_from_ticket_order=starting.creation_place_of(session, resumed.resuming_from),
        preserved_successful_tickets=resumed.preserved_tickets,
    )


def _stating_refusals(session: Opened, work: Work, begin: Callable[[], Value]) -> Value:
    """Begin or carry on with work; what keeps it from that is said with the fields stated for it."""
    try:
        return begin()
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

    requires_sprint_assignment: Flag = False
    requires_assignee: Flag = False
    requires_priority_levels: Flag = False


class ProjectToCheck(Shape):
    """A project, and what people want of it."""

    project_key: str = Field(pattern=r"^[A-Z][A-Z0-9_]{1,9}$")
    user_requirements: UserRequirements = UserRequirements()


SprintOfProject: TypeAlias = Annotated[
    Sprint,
    Fields(
        "id=sprint_id name state",
        name="SprintOfProject",
        about="A sprint issues can be put into.",
    ),
]


TeamMemberOption: TypeAlias = Annotated[
    Account,
    Fields(
        "account_id display_name",
        name="TeamMemberOption",
        about="Somebody issues can be assigned to; two people may have one name.",
    ),
]
PriorityOption: TypeAlias = Annotated[
    FieldOption,
    Fields("id=option_id name", name="PriorityOption", about="A priority issues can have."),
]


class ValidationWarning(Shape):
    """Something that keeps no issue from being created."""

    message: str


CheckedProject: TypeAlias = Annotated[
    ProjectCheck,
    Fields(
        "project_key project_name=project validation_status=is_usable can_create_tasks=can_create "
        "can_view_project=can_view available_sprints=sprints team_members "
        "priority_levels=priorities validation_warnings=warnings blocking_issues",
        name="CheckedProject",
        about="Whether a project can take the issues.",
        project_key=str,
        project_name=Annotated[
            str | None, BeforeValidator(lambda project: project and project.name)
        ],
        validation_status=Annotated[
            Literal["valid", "invalid"],
            BeforeValidator(lambda is_usable: "valid" if is_usable else "invalid"),
        ],
        can_create_tasks=bool,
        can_view_project=bool,
        available_sprints=list[SprintOfProject],
        team_members=list[TeamMemberOption],
        priority_levels=list[PriorityOption],
        validation_warnings=list[
            Annotated[ValidationWarning, BeforeValidator(lambda text: {"message": text})]
        ],
        blocking_issues=list[str],
    ),
]


@router.post("/jira/validate-project")
def validate_project(wanted: ProjectToCheck, web: TheWeb, _person: Reviewer) -> CheckedProject:
    """Check whether a project can take the issues; nothing is created there."""
    report = check_configured(web.pipeline, session_key=None, project_key=wanted.project_key)
    requirements = wanted.user_requirements
    report.blocking_issues += unmet_requirements(
        report,
        needs_sprint=requirements.requires_sprint_assignment,
        needs_assignee=requirements.requires_assignee,
        needs_priorities=requirements.requires_priority_levels,
    )
    return report


class TicketsToConvert(Shape):
    """Which tickets are converted."""

    ticket_ids: list[Annotated[str, Field(max_length=64)]] | None = Field(
        default=None, max_length=NUMBERS_MAX, description="By default all that would be exported."
    )
    include_attachments: Flag = True


ConvertedTicket: TypeAlias = Annotated[
    TicketValidation,
    Fields(
        "ticket_id ticket_title=title status adf_size_bytes character_reduction error_message? "
        "suggested_fix? attachment_upload_tested=is_attachment_checked attachment_upload_status",
        name="ConvertedTicket",
        about="What converting one ticket found.",
        status=Literal["passed", "failed"],
        character_reduction=Annotated[
            int,
            Field(
                description="By how many characters the description is shorter than the whole "
                "text, which then is attached; negative where short forms of tables repeat labels."
            ),
        ],
        attachment_upload_status=Literal["passed", "failed", "skipped"],
    ),
]


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
    numbers = _numbers_to_convert(session, request.ticket_ids)
    body_max_bytes = session.settings.adf_body_max_bytes
    results = list(check_tickets(session.rendered, numbers=numbers, body_max_bytes=body_max_bytes))
    failed = sum(not result.is_passed for result in results)
    if not request.include_attachments:
        skipped = AttachmentStatus.NONE
        results = [
            replace(result, is_attachment_checked=False, attachment_status=skipped)
            for result in results
        ]
    return ConversionReport(
        session_id=session.key,
        tickets_tested=len(results),
        all_passed=not failed,
        passed=len(results) - failed,
        failed=failed,
        results=results,
    )


def _numbers_to_convert(session: Opened, ticket_ids: list[str] | None) -> list[int]:
    """Return the numbers of the tickets that are named, or else of all that are not skipped.

    Raises:
        NotFoundError: A ticket does not exist.
        GateError: There is none to convert; that all of none passed would be believed.
    """
    refuse_without_tickets(session.stored)
    if ticket_ids is None:
        numbers = [ticket.number for ticket in session.tickets if ticket.exclusion is None]
    else:
        by_id = {ticket.ticket_id: ticket.number for ticket in session.tickets}
        numbers = []
        for ticket_id in ticket_ids:
            if ticket_id not in by_id:
                raise unknown_ticket(session_key=session.key, ticket=ticket_id)
            numbers.append(by_id[ticket_id])
    if not numbers and ticket_ids is not None:
        raise GateError(
            "No ticket is named.",
            rule=GateRule.NO_TICKETS,
            recovery_actions=(
                _correct("Name tickets in `ticket_ids`, or leave it out to convert all."),
            ),
        )
    if not numbers:
        raise GateError(
            f"No ticket of session {session.key} would be exported: all are skipped or withdrawn.",
            rule=GateRule.NO_TICKETS,
            recovery_actions=(_correct("Name the tickets to convert in `ticket_ids`."),),
        )
    return numbers


def _correct(sentence: str) -> Action:
    return Action.of(ActionKind.CORRECT, sentence)


CreatedIssue = Annotated[
    ExportedTicket,
    Fields(
        "ticket_id jira_key jira_url title", name="CreatedIssue", about="A ticket with its issue."
    ),
]
FixOfIssue = Annotated[
    ManualFix,
    Fields(
        "ticket_id jira_key title issue_type=fix_type recommended_action jira_url",
        name="FixOfIssue",
        about="Something a person still has to do in Jira.",
        issue_type=str,
    ),
]


@router.get("/jira/export-results/{key}")
def export_results(
    _person: Reader, session: Opened
) -> Annotated[
    ExportResults,
    Fields(
        "session_id=session_key total_tickets_created=len(created) "
        "tickets_adopted=len(adopted) jira_tickets=there differences "
        "dependencies_created manual_fixes total_processing_time_minutes",
        name="ExportResultsShown",
        about="What an export left in Jira.",
        jira_tickets=list[CreatedIssue],
        manual_fixes=list[FixOfIssue],
    ),
]:
    """List the issues of a session, and what is left to people."""
    return required_results(session)


@router.get("/sessions/{key}/export/manual-fixes")
def manual_fixes(
    _person: Reader, session: Opened
) -> Annotated[
    ExportResults,
    Fields("fixes=manual_fixes", name="ManualFixes", about="What is left to do by hand."),
]:
    """List what a person still has to do in Jira, done or not."""
    return required_results(session)


IssueInSummary: TypeAlias = Annotated[
    ExportedTicket,
    Fields(
        "key=jira_key title url=jira_url", name="IssueInSummary", about="An issue in a few words."
    ),
]


class ExportSummary(OfSession):
    """An export in a few figures."""

    status: str
    tickets_exported: int = Field(description="Tickets that have an issue.")
    tickets_adopted: int = Field(description="Those of them whose issues people made.")
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
        tickets_adopted=len(results.adopted),
        tickets_with_errors=results.tickets_with_errors,
        manual_fixes_needed=results.open_fixes,
        jira_tickets=list(results.there),
    )


class PairsProposed(OfSession):
    """Issues that people may have made for tickets."""

    scanned: int
    pairs: list[AsJson[ProposedPair]]
    unmatched: list[int]


@router.get("/sessions/{key}/adoption")
def propose_adoption(_person: Reader, session: Opened) -> PairsProposed:
    """Say which issues of the project may be those of tickets; Jira is read now."""
    proposal = exporting.propose_adoption(session, budget=answer_deadline())
    return PairsProposed(
        session_id=session.key,
        scanned=proposal.scanned,
        pairs=list(proposal.pairs),
        unmatched=list(proposal.unmatched),
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
        session, pairs=parse_pairs(wanted.pairs), by=person.name, budget=answer_deadline()
    )
    return PairsAdopted(session_id=session.key, tickets=list(adopted))


def _provider_of(writer: str) -> str:
    return next((prefix[:-1] for prefix in PROVIDERS if writer.startswith(prefix)), writer)


GenerationStarted: TypeAlias = Annotated[
    StartedGeneration,
    Fields(
        "session_id=session_key task_id run_id run_url status estimated_duration_minutes=estimated_minutes "
        "total_files=files estimated_tickets llm_provider=writer",
        name="GenerationStarted",
        about="The writing of tickets that begins, or is at work already.",
        status=Literal["processing"],
        estimated_duration_minutes=WholeMinutes,
        llm_provider=Annotated[str, BeforeValidator(_provider_of)],
    ),
]


@writing_router.post("/sessions/{key}/generate", status_code=202)
def generate(
    person: Reviewer,
    session: Opened,
    web: TheWeb,
    response: Response,
    _nothing: Nothing | None = None,
) -> GenerationStarted:
    """Write the tickets of a session; where a run writes them, name it.

    The writer is asked first. Where it cannot be used, nothing is started: 503.
    """
    started = _stating_refusals(
        session, Work.WRITING, lambda: starting.start_generation(session, web.runs, by=person.name)
    )
    name_task(response, started.task_id)
    return started


class OfWriting(OfSession):
    """What is said of the writing of tickets, wherever it is."""

    task_id: str | None
    run_id: str | None = RUN_ID
    run_url: str | None = RUN_URL
    run_status: str | None = Field(description="Dagster's word for a run in flight.")
    retry_attempts_used: int
    needs_layout: bool = Field(
        description="Somebody has to say what worksheets hold, of the sheets of the session or of "
        "newer ones."
    )


class WritingDetails(Shape):
    """The ticket and the display group that the writing is at."""

    entity_group: str | None
    entities_in_group: int | None
    current_ticket_title: str | None
    tickets_completed: int
    total_tickets: int


class ProcessingAtWork(OfWriting):
    """The writing of tickets at work, or that none was started: `status` says which."""

    status: Literal["not_started", "processing"]
    progress_percentage: float
    current_stage: str
    details: WritingDetails
    waiting_for: WaitTarget | None = WAITING_FOR
    retry_at: Time | None = RETRY_AT
    problem: AsJson[WaitCause] | None = CAUSE
    estimated_time_remaining_minutes: int | None


class ProcessingCompleted(OfWriting):
    """All tickets are written and validated."""

    status: Literal["completed"]
    progress_percentage: float
    ready_for_review: bool
    tickets: int


class ProcessingFailed(OfWriting):
    """The writing of tickets broke off; what was there before is kept."""

    status: Literal["failed", "cancelled"]
    error_category: ErrorCategory
    error_message: str
    recovery_actions: list[str]
    actions: list[ProgramStep]
    code: str
    retry_available: bool


ProcessingStatus: TypeAlias = ProcessingAtWork | ProcessingCompleted | ProcessingFailed
_PROCESSING_SHAPES: Mapping[object, type[ProcessingStatus]] = {
    "not_started": ProcessingAtWork,
    "processing": ProcessingAtWork,
    "completed": ProcessingCompleted,
    "failed": ProcessingFailed,
    "cancelled": ProcessingFailed,
}


@writing_router.get("/sessions/{key}/processing/status")
def processing_status(
    _person: Reader, session: Opened, web: TheWeb, caller: Caller
) -> ProcessingStatus:
    """Say where the writing of tickets is; once in two seconds by token and session."""
    web.status_pace.count(caller, "writing", session.key)
    answer = writing_status_json(look_at(web, session.key))
    return _PROCESSING_SHAPES[answer["status"]].model_validate(answer)


class GenerationRetried(OfSession):
    """The writing of tickets that carries on."""

    task_id: str
    run_id: str | None = RUN_ID
    run_url: str | None = RUN_URL
    status: Literal["processing"]
    retry_attempt: int
    remaining_retries: int
    resuming_from: str
    preserved_steps: list[str]


@writing_router.post("/sessions/{key}/processing/retry", status_code=202)
def retry_processing(
    person: Reviewer,
    session: Opened,
    web: TheWeb,
    response: Response,
    _nothing: Nothing | None = None,
) -> GenerationRetried:
    """Carry on with the writing of tickets that did not end; three times at most."""
    task_id, resumed = _stating_refusals(
        session, Work.WRITING, lambda: starting.retry_generation(session, web.runs, by=person.name)
    )
    name_task(response, task_id)
    run = {"task_id": task_id, "session_id": session.key, "status": "processing"}
    return GenerationRetried.model_validate(run | json_object(resumed))


@writing_router.post("/sessions/{key}/processing/cancel")
def cancel_processing(
    person: Reviewer, session: Opened, web: TheWeb, _nothing: Nothing | None = None
) -> Annotated[
    cancelling.Cancelled,
    Fields(
        "session_id=session_key runs",
        name="CancelledRuns",
        about="What became of the runs of a session.",
    ),
]:
    """Stop the writing of tickets; nothing that people wrote is lost.

    An export that is at work is not stopped by it.
    """
    starting.refuse_while_exporting(session, web.runs)
    return cancelling.cancel(session, web.runs, by=person.name)


StoredErrorShown: TypeAlias = Annotated[
    StoredError,
    Fields(
        f"{DECLARED[StoredError]} actions=recovery_actions",
        name="StoredError",
        actions=Steps,
    ),
]


class StoredErrors(Shape):
    """Errors of a session, oldest first."""

    total: int
    errors: list[StoredErrorShown]
    next_before: int | None = Field(
        description="`before` of the request for the errors before these; null: there are none."
    )


@writing_router.get("/sessions/{key}/processing/errors")
def errors(
    _person: Reader,
    session: Opened,
    *,
    category: ErrorCategory | None = None,
    stage: SessionStage | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[
        int | None, Query(ge=1, le=2**53, description="Only errors with a smaller `id`.")
    ] = None,
) -> StoredErrors:
    """List the newest errors of a session, or those before an error, oldest first."""
    stored = chosen_errors(session.errors, category=category, stage=stage)
    earlier = stored
    if before is not None:
        earlier = tuple(error for error in stored if error.error_id < before)
    shown = earlier[-limit:]
    return StoredErrors(
        total=len(stored),
        errors=list(shown),
        next_before=shown[0].error_id if len(shown) < len(earlier) else None,
    )


@writing_router.get("/sessions/{key}/writer/health")
def writer_health_of_session(_person: Reader, session: Opened, web: TheWeb) -> AsJson[WriterHealth]:
    """Ask the writer of a session, which may be another one than the configured one, the same."""
    return check_writer(web.pipeline, writer=session.writer_name)


@writing_router.get("/writer/health")
def writer_health(web: TheWeb, _person: Reader) -> AsJson[WriterHealth]:
    """Ask the configured writer whether it can be used now; a model is asked one small question."""
    return check_writer(web.pipeline)
