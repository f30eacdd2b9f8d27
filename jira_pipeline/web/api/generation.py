"""Writing the tickets of a session: starting, following, retrying, stopping."""

import math
from typing import Annotated, Literal

from fastapi import Query

from jira_pipeline.context.runs import chosen_errors
from jira_pipeline.context.settings import PROVIDERS
from jira_pipeline.model.errors import ErrorCategory
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.records import StoredError, Work
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.sessions import starting
from jira_pipeline.sessions.starting import CancelledRun, cancel
from jira_pipeline.web.api.export_api import stated_refusals
from jira_pipeline.web.api.shapes import AsJson, OfSession, Shape, new_router
from jira_pipeline.web.context import Opened, Reader, Reviewer, TheWeb
from jira_pipeline.web.live import look_at, writing_status_json
from jira_pipeline.writing.models.health import WriterHealth
from jira_pipeline.writing.writers import check

router = new_router("writing")


class GenerationStarted(OfSession):
    """The writing of tickets that begins, or is at work already."""

    task_id: str
    status: Literal["processing"]
    estimated_duration_minutes: int
    total_files: int
    estimated_tickets: int
    llm_provider: str


@router.post("/sessions/{key}/generate", status_code=202)
def generate(person: Reviewer, session: Opened, web: TheWeb) -> GenerationStarted:
    """Write the tickets of a session; where a run writes them, name it.

    The writer is asked first. Where it cannot be used, nothing is started: 503.
    """
    with stated_refusals(session, Work.WRITING):
        started = starting.start_generation(session, web.runs, by=person.name)
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


class GenerationRetried(OfSession):
    """The writing of tickets that carries on."""

    task_id: str
    status: Literal["processing"]
    retry_attempt: int
    remaining_retries: int
    resuming_from: str
    preserved_steps: list[str]


@router.post("/sessions/{key}/processing/retry", status_code=202)
def retry_processing(person: Reviewer, session: Opened, web: TheWeb) -> GenerationRetried:
    """Carry on with the writing of tickets that did not end; three times at most."""
    with stated_refusals(session, Work.WRITING):
        run_id, resumed = starting.retry_generation(session, web.runs, by=person.name)
    run = {"task_id": run_id, "session_id": session.key, "status": "processing"}
    return GenerationRetried.model_validate(run | json_object(resumed))


class CancelledRuns(OfSession):
    """What became of the runs of a session."""

    runs: list[AsJson[CancelledRun]]


@router.post("/sessions/{key}/processing/cancel")
def cancel_processing(person: Reviewer, session: Opened, web: TheWeb) -> CancelledRuns:
    """Stop the writing of tickets; nothing that people wrote is lost.

    An export that is at work is not stopped by it.
    """
    starting.refuse_while_exporting(session, web.runs)
    return CancelledRuns.model_validate(cancel(session, web.runs, by=person.name))


class StoredErrors(Shape):
    """Errors of a session, oldest first."""

    total: int
    errors: list[AsJson[StoredError]]


@router.get("/sessions/{key}/processing/errors")
def errors(
    _person: Reader,
    session: Opened,
    *,
    category: ErrorCategory | None = None,
    stage: SessionStage | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> StoredErrors:
    """List the newest errors of a session, oldest first."""
    stored = chosen_errors(session.errors, category=category, stage=stage)
    return StoredErrors(total=len(stored), errors=list(stored[-limit:]))


@router.get("/writer/health")
def writer_health(web: TheWeb, _person: Reader) -> AsJson[WriterHealth]:
    """Ask the configured writer whether it can be used now; a model is asked one small question."""
    return check(web.pipeline)
