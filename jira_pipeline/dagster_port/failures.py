"""What a failure means to Dagster: the one failure policy.

Temporary errors are retried inside the step after the wait the server asked for. Everything else
fails the run, with category, message and recovery actions where people look. Dagster starts again
only what lost its process: `run_retries` in dagster.yaml.

What is no error of ours is recorded as such with its place, never with its text, and goes on its
way: this is the run boundary. What a failure means for the session is in `context/failures`.

Next steps and recovery actions name the job that does them, with its config and its Launchpad; what
they are called in a terminal is in `model/actions`.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import urlencode

import dagster as dg

from jira_pipeline.context.failures import (
    Attempt,
    RunOfSession,
    record_failure,
    record_interruption,
    show_waiting,
)
from jira_pipeline.context.pipeline import Pipeline, running_address
from jira_pipeline.context.runs import dead_if_unstored, unexpected_error
from jira_pipeline.context.settings import load_settings
from jira_pipeline.dagster_port.metadata import Metadata, findings_metadata
from jira_pipeline.dagster_port.partitions import PARTITION_TAG, StepContext
from jira_pipeline.model.actions import Action, ActionKind, sentence_with
from jira_pipeline.model.errors import (
    ConfigurationError,
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
from jira_pipeline.model.runs import ACTION_JOB, RunJob
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.review.open_session import OpenSession, open_session

LOCATION = "jira_pipeline.definitions"
"""As workspace.yaml names the module."""
DAGSTER_PATH = "/dagster"
"""Where `serve` has Dagster's pages; without it they are at the root."""


def _act(action: str) -> tuple[str, str]:
    return ACTION_JOB, f"ops: {{act: {{config: {{action: {{{action}}}}}}}}}"


def _review(verb: str) -> tuple[str, str]:
    return _act(f"review: {{decisions: [{{decision: {{{verb}}}}}]}}")


_JOBS: Mapping[ActionKind, tuple[str, str]] = {
    ActionKind.LINT: ("upload_session", ""),
    ActionKind.UPLOAD: ("upload_session", ""),
    ActionKind.REGENERATE: (RunJob.GENERATION, ""),
    ActionKind.VALIDATE: (RunJob.VALIDATION, ""),
    ActionKind.MARK_READY: _review("ready: {}"),
    ActionKind.SKIP_TICKET: _review("skip: {numbers: [NUMBER], reason: TEXT}"),
    ActionKind.WITHDRAW: _review("withdraw: {numbers: [NUMBER]}"),
    ActionKind.DEPEND: _review("depend: {number: NUMBER, on: [OTHER]}"),
    ActionKind.EXPORT: (RunJob.EXPORT, ""),
    ActionKind.SETTLE: _act("settle: {}"),
    ActionKind.UNDO: _act("undo: {delete: true}"),
    ActionKind.RESUME_SHAREDO_JOB: ("recover_sharedo_exports", ""),
    ActionKind.SHOW_SHAREDO_JOBS: ("recover_sharedo_exports", ""),
}
_SHOWN: Mapping[ActionKind, str] = {
    ActionKind.LIST_TICKETS: "the metadata of `tickets`",
    ActionKind.REVIEW: "the metadata of `adf_validation` in Dagster",
    ActionKind.SHOW_TICKET: "the metadata of `adf_validation`",
    ActionKind.SHOW_QUESTIONS: "the table `open_questions` in the metadata of `tickets`",
    ActionKind.SHOW_QUALITY: "the metadata of `ticket_quality`",
    ActionKind.SHOW_RESULTS: "the metadata of `jira_issues` and of its check `issues_match_tickets`",
    ActionKind.SHOW_FIXES: "the metadata of `export_report`",
    ActionKind.RESUME: "the same job again",
}
"""What is no job of its own: metadata of the asset or check that shows what a command would."""


def job_text(action: Action) -> str:
    """Return the sentence of an action with the job that does it; without one, with its command."""
    return _sentence_of(action, lambda name, _config: f"`{name}`")


def next_line(session: OpenSession) -> str:
    """Name the next step of a session, as of now."""
    return f"Next: {next_text(session, job_text)}"


def next_text(session: OpenSession, text_of: Callable[[Action], str]) -> str:
    from jira_pipeline.sessions.status import what_is_next

    return text_of(what_is_next(session.again()).action)


def linked_job_text(action: Action) -> str:
    """Return the same as Markdown that leads to the Launchpad, filled in."""
    pages = ""
    with suppress(ConfigurationError):  # that may be what failed
        if address := running_address(load_settings()):
            pages = f"{address}{DAGSTER_PATH}"
    session_key = action.arguments.get("session_key")

    def link(name: str, config: str) -> str:
        given = {"config": config} if config else {}
        if session_key:
            given |= {"tags[0][key]": PARTITION_TAG, "tags[0][value]": str(session_key)}
        setup = f"/setup?{urlencode(given)}" if given else ""
        return f"[{name}]({pages}/locations/{LOCATION}/jobs/{name}/playground{setup})"

    return _sentence_of(action, link)


def _sentence_of(action: Action, shown: Callable[[str, str], str]) -> str:
    sentence = sentence_with(action, lambda one: _called(one, shown))
    return sentence.replace("Run the metadata", "See the metadata")


def _called(action: Action, shown: Callable[[str, str], str]) -> str:
    if action.kind in _SHOWN:
        return _SHOWN[action.kind]
    name, config = _JOBS.get(action.kind, ("", ""))
    if not name:
        return ""
    chosen = {n: v for n, v in action.arguments.items() if n in {"update", "as_new"} and v}
    if action.kind is ActionKind.EXPORT and chosen:
        options = ", ".join(f"{n}: true" for n in chosen)
        config = f"ops: {{jira_issues: {{config: {{{options}}}}}}}"
    number = action.arguments.get("number")
    config = config.replace("NUMBER", str(number or "NUMBER"))
    return f"the job {shown(name, config)}" + (f" with `{config}`" if config else "")


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


def recovery_actions_of(metadata: Mapping[str, dg.MetadataValue]) -> tuple[str, ...]:
    """Return the recovery actions in what `failure_metadata` made."""
    shown = metadata.get("recovery_actions")
    lines = () if shown is None else str(shown.value).splitlines()
    return tuple(line.partition(". ")[2] for line in lines)


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
