"""What a failure means to Dagster: the one failure policy.

Temporary errors are retried inside the step after the wait the server asked for, then by run
retries; everything else fails the run for good, with category, message and recovery actions where
people look. It does not rest on job tags, because "Materialize" in the UI uses none.

What is no error of ours is recorded as such with its place, never with its text, and goes on its
way: this is the run boundary.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import dagster as dg

from jira_pipeline.defs.partitions import RunPlace, StepContext
from jira_pipeline.defs.previews import findings_metadata
from jira_pipeline.domain.findings import Finding
from jira_pipeline.domain.sessions import SessionStage, SessionStatus, UploadSession
from jira_pipeline.errors import (
    CancelledError,
    ErrorCategory,
    GateError,
    LeaseBusyError,
    PipelineError,
    RateLimitedError,
    SessionKeyError,
    SheetsRefusedError,
    StoreBusyError,
    StoreError,
    UpstreamError,
    WriterUnavailableError,
)
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.runs import dead_if_unstored, unexpected_error

MAX_STEP_RETRIES = 6
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 60.0
LONGEST_MODEL_WAIT_SECONDS = 900.0
"""A step that waits holds its process; services that ask for hours are asked again before."""
LEASE_WAIT_SECONDS = 5.0
MAX_RETRIES_TAG = "dagster/max_retries"
RUN_RETRIES = "3"
"""For outages longer than a step waits: each is a re-execution from failure, about 5 s later."""


@contextmanager
def translated_failures(
    context: StepContext, pipeline: Pipeline, *, stage: SessionStage
) -> Iterator[None]:
    """Turn every `PipelineError` into what Dagster understands, and store it.

    A wait is no failure: it shows in the session's progress, and is stored when it was in vain.
    """
    try:
        yield
    except PipelineError as error:
        if _is_waited_for(error, context):
            with suppress(StoreError, StoreBusyError):  # nothing has ended that could be untold
                show_waiting(context, pipeline, error=error, stage=stage)
        else:
            with dead_if_unstored(pipeline, run_id_of(context)):
                record_failure(context, pipeline, error=error, stage=stage)
        if error.category is ErrorCategory.TEMPORARY:
            allow_run_retries(context)
            if _is_refused_at_once(error, context):
                raise final_failure(error) from error
            raise _retry(context, error) from error
        stop_run_retries(context)
        raise final_failure(error) from None
    except dg.DagsterExecutionInterruptedError:
        with dead_if_unstored(pipeline, run_id_of(context)):
            record_interruption(context, pipeline, stage=stage)
        raise
    except (dg.Failure, dg.RetryRequested):
        raise
    except Exception as error:
        unexpected = unexpected_error(f"Stage {stage.value}", error)
        with dead_if_unstored(pipeline, run_id_of(context)):
            stop_session(context, pipeline, error=unexpected, stage=stage)
        raise


def _is_waited_for(error: PipelineError, context: StepContext) -> bool:
    """Tell whether the step tries again by itself."""
    is_temporary = error.category is ErrorCategory.TEMPORARY
    is_left = context.retry_number < MAX_STEP_RETRIES
    return is_temporary and is_left and not _is_refused_at_once(error, context)


def _is_refused_at_once(error: PipelineError, context: StepContext) -> bool:
    """Tell whether a writer is not there before anything began (S1-3): nobody waits for it."""
    is_absent = isinstance(error, WriterUnavailableError) and not error.has_begun
    return is_absent and context.retry_number == 0


def show_waiting(
    context: StepContext, pipeline: Pipeline, *, error: PipelineError, stage: SessionStage
) -> None:
    """Show what a session waits for."""
    session = _move_session(context, pipeline, error=error, stage=stage)
    if session is not None:
        pipeline.store.sessions.set_progress(
            session.session_key,
            percentage=session.progress_percentage if session.stage is stage else 0.0,
            text=error.message,
            at=pipeline.clock.now(),
            details=session.progress_details if session.stage is stage else None,
        )


def record_interruption(context: StepContext, pipeline: Pipeline, *, stage: SessionStage) -> None:
    """Store that people terminated the run; it can be resumed."""
    if pipeline.store.sessions.find(context.partition_key) is not None:
        pipeline.store.sessions.set_stage(
            context.partition_key,
            stage=stage,
            status=SessionStatus.CANCELLED,
            at=pipeline.clock.now(),
            run_id=run_id_of(context),
        )


def final_failure(error: PipelineError) -> dg.Failure:
    """Say an error that only a person can mend, as it is to be raised `from None`.

    Dagster prints the whole stack below a failure, its own frames first: forty lines in which the
    reason is lost. Until the run ends (`with_stacks`) none is printed.
    """
    sys.tracebacklimit = 0
    actions = "".join(f"\n{line}" for line in _numbered(error))
    return dg.Failure(
        description=f"{error.message}{actions}",
        metadata=failure_metadata(error),
        allow_retries=False,
    )


def with_stacks() -> None:
    """Print stacks again, once a run has ended."""
    if hasattr(sys, "tracebacklimit"):
        del sys.tracebacklimit


def failure_metadata(error: PipelineError) -> dict[str, dg.MetadataValue]:
    """Say who can act on an error and how."""
    metadata: dict[str, dg.MetadataValue] = {
        "category": dg.MetadataValue.text(error.category.value),
        "code": dg.MetadataValue.text(error.code),
        "message": dg.MetadataValue.text(error.message),
        "recovery_actions": dg.MetadataValue.md("\n".join(_numbered(error))),
    }
    if isinstance(error, SheetsRefusedError):
        findings = [f for f in error.findings if isinstance(f, Finding)]
        metadata |= findings_metadata(findings)
    return metadata


def recovery_actions_of(metadata: Mapping[str, dg.MetadataValue]) -> tuple[str, ...]:
    """Return the recovery actions that `failure_metadata` said."""
    said = metadata.get("recovery_actions")
    lines = () if said is None else str(said.value).splitlines()
    return tuple(line.partition(". ")[2] for line in lines)


def _numbered(error: PipelineError) -> list[str]:
    return [f"{n}. {action}" for n, action in enumerate(error.recovery_actions, start=1)]


def record_failure(
    context: RunPlace,
    pipeline: Pipeline,
    *,
    error: PipelineError,
    stage: SessionStage,
) -> None:
    """Store an error and what it means for the session."""
    pipeline.store.errors.record(
        error,
        session_key=context.partition_key,
        stage=stage.value,
        at=pipeline.clock.now(),
        run_id=run_id_of(context),
        ticket_id=_ticket_id_of(error, pipeline, session_key=context.partition_key),
    )
    _move_session(context, pipeline, error=error, stage=stage)


def _move_session(
    context: RunPlace, pipeline: Pipeline, *, error: PipelineError, stage: SessionStage
) -> UploadSession | None:
    """Put the session where an error leaves it; return it as it was."""
    session = pipeline.store.sessions.find(context.partition_key)
    if isinstance(error, SessionKeyError) or session is None:
        return None
    pipeline.store.sessions.set_stage(
        session.session_key,
        stage=_stage_after(error, session=session, stage=stage),
        status=_status_after(error),
        at=pipeline.clock.now(),
        run_id=run_id_of(context),
        failed_at_ticket_number=_failure_point_of(error),
    )
    return session


def _status_after(error: PipelineError) -> SessionStatus:
    if isinstance(error, CancelledError):
        return SessionStatus.CANCELLED
    if error.category is ErrorCategory.TEMPORARY or isinstance(error, GateError):
        return SessionStatus.WAITING
    return SessionStatus.FAILED


def _stage_after(
    error: PipelineError, *, session: UploadSession, stage: SessionStage
) -> SessionStage:
    """Go back to the review where people must act; without tickets there is none to go to."""
    if not isinstance(error, GateError):
        return stage
    return session.stage if session.generated_at is None else SessionStage.REVIEW


def _failure_point_of(error: PipelineError) -> int | None:
    """Return the number of the ticket the export stopped at (S0-17)."""
    return error.failed_at_ticket_number if isinstance(error, UpstreamError) else None


def _ticket_id_of(error: PipelineError, pipeline: Pipeline, *, session_key: str) -> str | None:
    """Return the ticket the export stopped at; None where it was none of the session's."""
    number = _failure_point_of(error)
    if number is None:
        return None
    tickets = pipeline.store.tickets.list_all(session_key)
    return next((ticket.ticket_id for ticket in tickets if ticket.number == number), None)


def wait_seconds_of(error: PipelineError, *, retry_number: int) -> float:
    """Wait as asked, else longer every time."""
    if isinstance(error, RateLimitedError):
        return error.wait_seconds
    if isinstance(error, WriterUnavailableError) and error.wait_seconds is not None:
        return min(error.wait_seconds, LONGEST_MODEL_WAIT_SECONDS)
    if isinstance(error, LeaseBusyError):
        return LEASE_WAIT_SECONDS
    return min(FIRST_WAIT_SECONDS * 2.0**retry_number, LONGEST_WAIT_SECONDS)


def _retry(context: StepContext, error: PipelineError) -> dg.RetryRequested:
    wait = wait_seconds_of(error, retry_number=context.retry_number)
    context.log.warning("%s Trying again in %g s.", error.message, wait)
    return dg.RetryRequested(max_retries=MAX_STEP_RETRIES, seconds_to_wait=wait)


def run_id_of(context: RunPlace) -> str:
    """Return the id of the run a step belongs to."""
    return context.run.run_id


def stop_session(
    context: RunPlace, pipeline: Pipeline, *, error: PipelineError, stage: SessionStage
) -> None:
    """Record a failure that only a person can mend, and keep the daemon from trying again."""
    record_failure(context, pipeline, error=error, stage=stage)
    stop_run_retries(context)


def stop_run_retries(context: RunPlace) -> None:
    """Take the tag away that asks the daemon for another run: nothing would be different."""
    context.instance.add_run_tags(run_id_of(context), {MAX_RETRIES_TAG: "0"})


def allow_run_retries(context: StepContext) -> None:
    """Put the tag back: a re-execution inherits the 0 of the run it goes on from."""
    context.instance.add_run_tags(run_id_of(context), {MAX_RETRIES_TAG: RUN_RETRIES})
