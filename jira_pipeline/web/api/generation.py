"""Writing the tickets of a session, and validating them: starting, following, retrying, stopping."""

import math
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from jira_pipeline.errors import ErrorCategory
from jira_pipeline.export.retrying import ResumedExport
from jira_pipeline.flow import starting
from jira_pipeline.flow.resume import BegunResume, ResumedGeneration, cancel
from jira_pipeline.kernel.sessions import SessionStage
from jira_pipeline.kernel.work_records import Work
from jira_pipeline.review.remarks import REMARK_MAX_CHARACTERS
from jira_pipeline.session.error_explanations import chosen_errors, error_json
from jira_pipeline.settings import PROVIDERS
from jira_pipeline.web.access import AnyReader, Exporter, Reader, Reviewer
from jira_pipeline.web.api.exports import (
    CancelledRuns,
    ExportRetried,
    export_retried,
    stated_refusals,
)
from jira_pipeline.web.api.paging import Paged
from jira_pipeline.web.api.shapes import (
    ACTIONS,
    INTEGER_MAX,
    NUMBERS_MAX,
    JsonObject,
    Nothing,
    OfSession,
    RunStarted,
    Step,
    like,
    new_router,
)
from jira_pipeline.web.context import Opened, TheWeb
from jira_pipeline.web.live import look_at, writing_status_json
from jira_pipeline.web.words import with_sentences
from jira_pipeline.writing.writers import WritingOrder, check

router = new_router("writing")


class StartGeneration(BaseModel):
    """Who is to write which tickets; usually an empty object."""

    model_config = like({"tickets": [3, 7], "remark": "Say what the archive filters by."})

    writer: str | None = Field(
        default=None,
        max_length=200,
        description="`template`, or a model as in WRITER_MODEL, from now on.",
    )
    tickets: list[Annotated[int, Field(ge=1, le=INTEGER_MAX)]] = Field(
        default=[],
        max_length=NUMBERS_MAX,
        description="Numbers of those to write again, the others stay; none: all tickets.",
    )
    remark: str | None = Field(
        default=None,
        max_length=REMARK_MAX_CHARACTERS,
        description="What a model is to do with these tickets, from now on; empty takes it back.",
    )


class GenerationStarted(OfSession, extra="forbid"):
    """The writing of tickets that begins, or is at work already."""

    task_id: str
    status: Literal["processing"]
    estimated_duration_minutes: int
    total_files: int
    estimated_tickets: int
    llm_provider: str


@router.post("/sessions/{key}/generate", status_code=202)
def generate(
    person: Reviewer, session: Opened, web: TheWeb, wanted: StartGeneration | None = None
) -> GenerationStarted:
    """Write the tickets of a session, or some of them again; where a run writes all, name it.

    The writer is asked first. Where it cannot be used, nothing is started: 503.
    """
    asked = wanted or StartGeneration()
    order = WritingOrder(numbers=tuple(asked.tickets), writer=asked.writer, remark=asked.remark)
    with stated_refusals(session, Work.WRITING):
        started = starting.start_generation(session, web.runs, by=person.name, order=order)
    provider = next((p[:-1] for p in PROVIDERS if started.writer.startswith(p)), started.writer)
    return GenerationStarted(
        task_id=started.task_id,
        session_id=started.session_key,
        status="processing",
        estimated_duration_minutes=math.ceil(started.estimated_minutes),
        total_files=started.files,
        estimated_tickets=started.estimated_tickets,
        llm_provider=provider,
    )


class ProcessingStatus(OfSession, extra="allow"):
    """Where the writing of tickets is; which fields there are depends on `status`."""

    task_id: str | None
    status: Literal["not_started", "processing", "completed", "failed", "cancelled"]
    retry_attempts_used: int


@router.get("/sessions/{key}/processing/status")
def processing_status(person: Reader, session: Opened, web: TheWeb) -> ProcessingStatus:
    """Say where the writing of tickets is; once in two seconds by caller and session."""
    web.status_pace.count(person.name, session.key)
    return ProcessingStatus.model_validate(writing_status_json(look_at(web, session.key)))


class GenerationRetried(OfSession, extra="forbid"):
    """The writing of tickets that carries on."""

    task_id: str
    status: Literal["processing"]
    retry_attempt: int
    remaining_retries: int
    resuming_from: str
    preserved_steps: list[str]


@router.post("/sessions/{key}/processing/retry", status_code=202)
def retry_processing(
    person: Reviewer, session: Opened, web: TheWeb, _nothing: Nothing | None = None
) -> GenerationRetried:
    """Carry on with the writing of tickets that did not end; three times at most."""
    with stated_refusals(session, Work.WRITING):
        retried = starting.retry_generation(session, web.runs, by=person.name)
    resumed = retried.begun.resumed
    assert isinstance(resumed, ResumedGeneration)  # noqa: S101 - of writing
    return _generation_retried(session, retried.run_id, resumed)


def _generation_retried(
    session: Opened, run_id: str, resumed: ResumedGeneration
) -> GenerationRetried:
    begun = {"task_id": run_id, "session_id": session.key, "status": "processing"}
    return GenerationRetried.model_validate(begun | resumed.to_json())


@router.post("/sessions/{key}/resume", status_code=202, tags=["export"])
def resume(
    person: Exporter, session: Opened, web: TheWeb, _nothing: Nothing | None = None
) -> ExportRetried | GenerationRetried | RunStarted:
    """Carry on with whatever did not end: the writing of tickets, an export, or an undo."""
    is_exporting = session.stored.stage is SessionStage.JIRA_EXPORT
    work = Work.EXPORT if is_exporting else Work.WRITING
    with stated_refusals(session, work):
        resumed = starting.resume_work(session, web.runs, by=person.name)
    match resumed:
        case starting.StartedRun():
            return RunStarted.model_validate(resumed)
        case starting.RetriedRun(
            run_id=run_id, begun=BegunResume(resumed=ResumedExport() as begun)
        ):
            return export_retried(session, run_id, begun)
        case starting.RetriedRun(run_id=run_id, begun=begun):
            assert isinstance(begun.resumed, ResumedGeneration)  # noqa: S101 - the other one
            return _generation_retried(session, run_id, begun.resumed)


@router.post("/sessions/{key}/processing/cancel")
def cancel_processing(
    person: Reviewer, session: Opened, web: TheWeb, _nothing: Nothing | None = None
) -> CancelledRuns:
    """Stop the writing of tickets; nothing that people wrote is lost.

    An export that is at work is not stopped by it.
    """
    starting.refuse_while_exporting(session, web.runs)
    return CancelledRuns.model_validate(cancel(session, web.runs, by=person.name))


class StoredErrorShown(BaseModel, extra="forbid"):
    """An error that was stored."""

    id: int
    at: str
    code: str
    category: str
    stage: str
    message: str
    recovery_actions: list[str]
    actions: list[Step] = Field(description=ACTIONS)
    ticket_id: str | None
    file: str | None
    line: int | None


class StoredErrors(BaseModel, extra="forbid"):
    """Errors of a session, oldest first."""

    total: int
    errors: list[StoredErrorShown]


@router.get("/sessions/{key}/processing/errors")
@router.get("/sessions/{key}/errors")
def errors(
    _person: Reader,
    session: Opened,
    *,
    category: ErrorCategory | None = None,
    stage: SessionStage | None = None,
    paging: Paged,
) -> StoredErrors:
    """List the errors of a session, oldest first; pages begin with the newest errors."""
    stored = chosen_errors(session.errors, category=category, stage=stage)
    shown = paging.page_of(stored[::-1], key_of=lambda error: error.error_id, usual_limit=100)
    return StoredErrors(
        total=len(stored),
        errors=[
            StoredErrorShown.model_validate(with_sentences(error_json(error)))
            for error in reversed(shown)
        ],
    )


class WriterHealthShown(BaseModel, extra="forbid"):
    """Whether tickets can be written now."""

    writer: str
    status: Literal["healthy", "degraded", "unavailable"]
    connectivity: str
    availability: str
    authentication: str
    quota: str
    model: str
    model_availability: str
    latency_seconds: float | None
    reason: str
    next_steps: list[str]
    next_actions: list[Step] = Field(description=ACTIONS)
    error: JsonObject | None


@router.get("/writer/health")
def writer_health(web: TheWeb, _person: AnyReader) -> WriterHealthShown:
    """Ask the configured writer whether it can be used now; a model is asked one small question."""
    health = check(web.pipeline).to_json()
    return WriterHealthShown.model_validate(
        with_sentences(health | {"model_availability": health["model"]})
    )


@router.post("/sessions/{key}/validate", status_code=202)
def validate(
    person: Reviewer, session: Opened, web: TheWeb, _nothing: Nothing | None = None
) -> RunStarted:
    """Validate all tickets; where a run does already, name it."""
    started = starting.start_validation(session, web.runs, by=person.name)
    return RunStarted.model_validate(started)
