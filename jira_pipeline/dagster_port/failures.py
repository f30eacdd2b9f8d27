"""What a failure means to Dagster: the one failure policy.

Temporary errors are retried inside the step after the wait the server asked for. Everything else
fails the run, with category, message and recovery actions where people look. Dagster starts again
only what lost its process: `run_retries` in dagster.yaml.

What is no error of ours is recorded as such with its place, never with its text, and goes on its
way: this is the run boundary. What a failure means for the session is in `context/failures`.

Next steps and recovery actions name the job that does them (`launchpad`).
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

import dagster as dg

from jira_pipeline.context.failures import (
    Attempt,
    RunOfSession,
    record_failure,
    record_interruption,
    show_waiting,
)
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import dead_if_unstored, unexpected_error
from jira_pipeline.dagster_port.launchpad import job_text, linked_job_text, next_line
from jira_pipeline.dagster_port.metadata import Metadata, findings_metadata
from jira_pipeline.dagster_port.partitions import StepContext
from jira_pipeline.model.actions import Action
from jira_pipeline.model.errors import (
    ErrorCategory,
    LeaseBusyError,
    PipelineError,
    RateLimitedError,
    SheetsRefusedError,
    StoreBusyError,
    StoreError,
    WriterUnavailableError,
)
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.review.open_session import OpenSession, open_session

MAX_STEP_RETRIES = 12
"""With the waits below: an outage of eight minutes."""
FIRST_WAIT_SECONDS = 2.0
LONGEST_RETRY_WAIT_SECONDS = 60.0
_DOUBLED_MAX = 10
"""Whoever waited for its turn all day tried a thousand times before: no float is so large."""
LONGEST_ASKED_WAIT_SECONDS = 3600.0
"""A site that asks for days, or until another century, is asked again before."""
LONGEST_MODEL_WAIT_SECONDS = 900.0
"""A step that waits holds its process; services that ask for hours are asked again before."""
LEASE_WAIT_SECONDS, LONGEST_LEASE_WAIT_SECONDS = 5.0, 15.0
LEASE_RETRIES = 2_000
"""Sessions of one project take turns for hours, and none of them fails by it: a holder that is
killed holds nothing."""


@contextmanager
def working_on(
    context: StepContext, pipeline: Pipeline, *, stage: SessionStage
) -> Iterator[OpenSession]:
    """Give the session that a step is about; store what fails, and say it as Dagster understands it.

    A wait is no failure: it shows in the session's progress, and is stored when it was in vain.
    """
    run_id = context.run.run_id
    run = RunOfSession(pipeline=pipeline, session_key=context.partition_key, run_id=run_id)
    with_traces()
    try:
        yield open_session(pipeline, context.partition_key)
    except PipelineError as error:
        is_temporary = error.category is ErrorCategory.TEMPORARY and not (
            # a writer that is not there before anything began: nobody waits
            isinstance(error, WriterUnavailableError)
            and not error.has_begun
            and context.retry_number == 0
        )
        wait = wait_seconds_of(error, retry_number=context.retry_number)
        retries = LEASE_RETRIES if isinstance(error, LeaseBusyError) else MAX_STEP_RETRIES
        if is_temporary and context.retry_number < retries:
            attempt = Attempt(number=context.retry_number + 1, wait_seconds=wait)
            with suppress(StoreError, StoreBusyError):  # nothing has ended yet
                show_waiting(run, error, attempt, stage=stage)
        else:
            with dead_if_unstored(pipeline, run_id):
                record_failure(run, error, stage=stage)
        if not is_temporary:
            raise final_failure(error) from None
        context.log.warning("%s Trying again in %g s.", error.message, wait)
        raise dg.RetryRequested(max_retries=retries, seconds_to_wait=wait) from error
    except dg.DagsterExecutionInterruptedError:
        with dead_if_unstored(pipeline, run_id):
            record_interruption(run, stage=stage)
            with suppress(PipelineError):  # the run ends as it was asked to, whatever is next
                context.log.info(next_line(open_session(pipeline, context.partition_key)))
        raise
    except (dg.Failure, dg.RetryRequested):
        raise
    except Exception as error:
        unexpected = unexpected_error(f"Stage {stage.value}", error)
        with dead_if_unstored(pipeline, run_id):
            record_failure(run, unexpected, stage=stage)
        raise


@contextmanager
def failing_for_good() -> Iterator[None]:
    """Turn every `PipelineError` of a step that is about no session yet into one for a person."""
    try:
        yield
    except PipelineError as error:
        raise final_failure(error) from None


def final_failure(error: PipelineError) -> dg.Failure:
    """Return an error that only a person can fix, with what it takes."""
    lines = [error.sentence, *_numbered(error, job_text)]
    return untraced("\n".join(lines), metadata=failure_metadata(error))


def untraced(description: str, *, metadata: Metadata | None = None) -> dg.Failure:
    """Return a failure for people, not to be tried again.

    Dagster keeps no trace of it, which would be the last that a shell shows; `with_traces` ends that.
    """
    sys.tracebacklimit = 0
    return dg.Failure(description=description, metadata=metadata, allow_retries=False)


def with_traces() -> None:
    """Have Dagster keep the traces of what fails from here on."""
    vars(sys).pop("tracebacklimit", None)


def failure_metadata(error: PipelineError) -> Metadata:
    metadata: Metadata = {
        "category": error.category.value,
        "code": error.code,
        "message": error.message,
        "recovery_actions": dg.MetadataValue.md("\n".join(_numbered(error, linked_job_text))),
    }
    if isinstance(error, SheetsRefusedError):
        findings = [f for f in error.findings if isinstance(f, Finding)]
        metadata |= findings_metadata(findings)
    return metadata


def _numbered(error: PipelineError, text_of: Callable[[Action], str]) -> list[str]:
    return [f"{n}. {text_of(action)}" for n, action in enumerate(error.recovery_actions, start=1)]


def wait_seconds_of(error: PipelineError, *, retry_number: int) -> float:
    """Wait as asked, within limits, else longer every time."""
    if isinstance(error, RateLimitedError):
        return min(error.wait_seconds, LONGEST_ASKED_WAIT_SECONDS)
    if isinstance(error, WriterUnavailableError) and error.wait_seconds is not None:
        return min(error.wait_seconds, LONGEST_MODEL_WAIT_SECONDS)
    if isinstance(error, LeaseBusyError):
        return min(LEASE_WAIT_SECONDS * (1 + retry_number), LONGEST_LEASE_WAIT_SECONDS)
    doubled = min(retry_number, _DOUBLED_MAX)
    return min(FIRST_WAIT_SECONDS * 2.0**doubled, LONGEST_RETRY_WAIT_SECONDS)
