"""What a step of a run works with: the pipeline, its session, and what a failure means to Dagster.

Belongs here: the one resource, the pipeline with its settings, store and adapters; the one failure
policy; how a job of one step and a check of a session are declared. Does not: steps and checks,
which are beside their assets; what a failure means for the session (`context/run_errors`). The gate
inside `jira_issues` is the law; a re-execution from failure skips checks.

The resource holds no setting itself: Dagster shows and stores the fields of resources, and an unset
environment variable would fail a run even for an optional field. While a run is at work it holds its
lock: a process that is killed leaves a lock nobody holds.

Temporary errors are retried inside the step after the wait the server asked for. Everything else
fails the run, with category, message and recovery actions where people look. Dagster starts again
only what lost its process: `run_retries` in dagster.yaml. What is no error of ours is recorded as
such with its place, never with its text, and goes on its way: this is the run boundary.

Next steps and recovery actions name the job that does them (`launchpad`).
"""

import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import PrivateAttr
from typing_extensions import override

from jira_pipeline.context.ended_runs import close_failed
from jira_pipeline.context.interruptions import noticed_interruptions
from jira_pipeline.context.logs import begin_logs, logs_about
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.run_errors import (
    RunOfSession,
    record_failure,
    record_interruption,
    show_waiting,
    unexpected_error,
)
from jira_pipeline.context.settings import load_settings
from jira_pipeline.context.waits import say_wait, text_of_wait
from jira_pipeline.dagster_port.failure_events import failure_text, unexpected_failure
from jira_pipeline.dagster_port.launchpad import (
    job_text,
    linked_job_text,
    next_line,
    without_repeated_places,
)
from jira_pipeline.dagster_port.metadata import findings_metadata
from jira_pipeline.dagster_port.partitions import (
    KIND_TAG,
    MAX_RETRIES_TAG,
    PARTITION_TAG,
    PARTITIONS_NAME,
    StepContext,
    disable_retries,
    no_such_session,
    upload_sessions,
)
from jira_pipeline.dagster_port.plain_values import Metadata, plain_metadata, plain_tags
from jira_pipeline.dagster_port.re_executions import (
    instead_for,
    is_of_terminal,
    is_re_executed_by_person,
    sentence_instead,
    tags_of_terminal,
)
from jira_pipeline.dagster_port.reports import ADF_VALIDATION, JIRA_ISSUES, TICKETS, report_reviews
from jira_pipeline.dagster_port.run_jobs import config_of_op, job_name_of
from jira_pipeline.dagster_port.run_launchers import MEMORY
from jira_pipeline.model.actions import Action
from jira_pipeline.model.errors import (
    CheckFailedError,
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
from jira_pipeline.model.runs import (
    EXPORT_JOBS,
    INTAKE_STEP,
    WRITING_JOBS,
    RunJob,
    UnexpectedFailure,
    person_of,
)
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.model.work_records import Retried
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions.composition import open_pipeline

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
LEASE_WAIT_SECONDS = 5.0
LONGEST_LEASE_WAIT_SECONDS = 15.0
LEASE_RETRIES = 2_000
"""Sessions of one project take turns for hours, and none of them fails by it: a holder that is
killed holds nothing."""
_ABOUT_ONE = {"session", "action", ""}
"""Kinds of jobs; what is materialized without a job has none."""
_VALIDATING = {*WRITING_JOBS, RunJob.VALIDATION}

logger = logging.getLogger(__name__)


class PipelineResource(dg.ConfigurableResource["PipelineResource"]):
    """Opens the pipeline when a run starts."""

    project_path: str | None = None
    """Folder of dagster.yaml; None finds it. Tests name another."""

    _pipeline: Pipeline | None = PrivateAttr(default=None)
    _held: ExitStack = PrivateAttr(default_factory=ExitStack)

    @override
    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Read the settings, open the store and show that this process works on the run."""
        run = context.run
        with ExitStack() as held:
            if run is not None:
                about = logs_about(run=run.run_id, session=run.tags.get(PARTITION_TAG))
                held.enter_context(about)
            with failing_for_good():
                self._pipeline = self.opened()
            held.enter_context(self._pipeline.store)
            if run is not None:
                held.enter_context(self._pipeline.store.run_locks.hold(run.run_id))
                self._report_review(run, context.instance)
            # Dagster ends only what began: what fails before this line is let go here.
            self._held = held.pop_all()

    def _report_review(self, run: dg.DagsterRun, instance: dg.DagsterInstance | None) -> None:
        """Report what people changed before the steps look up which versions they are given.

        Others than runs that validate leave it to the sensor, which waits for their end.
        """
        pipeline = self.opened()
        key = run.tags.get(PARTITION_TAG)
        is_validating = run.job_name in _VALIDATING or dg.AssetKey(ADF_VALIDATION) in (
            run.asset_selection or ()
        )
        if (
            instance is None
            or key is None
            or not is_validating
            or not instance.has_dynamic_partition(PARTITIONS_NAME, key)
        ):
            return
        try:
            if events := pipeline.store.outbox.pending(key):
                report_reviews(instance, pipeline, events)
        except PipelineError as error:
            logger.warning("People's changes will be reported later: %s", error.message)

    @override
    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Let go of the run and close the store."""
        self._held.close()
        with_traces()

    def opened(self) -> Pipeline:
        """Return the pipeline, opened once."""
        if self._pipeline is None:
            self._pipeline = _opened(Path(self.project_path) if self.project_path else None)
        return self._pipeline


@contextmanager
def opened_pipeline() -> Iterator[Pipeline]:
    """Open the pipeline for one look of a sensor or schedule.

    They take no resource: for one, Dagster opens its own storages at every tick and reads all their
    migrations, most of what a tick costs.
    """
    pipeline = _opened(None, is_serving=True)
    with pipeline.store:
        yield pipeline


def _opened(project_path: Path | None, *, is_serving: bool = False) -> Pipeline:
    settings = load_settings(project_path)
    begin_logs(settings)
    return open_pipeline(settings, is_serving=is_serving, memory=MEMORY.get())


@contextmanager
def session_step(
    context: StepContext,
    pipeline: Pipeline,
    *,
    stage: SessionStage,
    session_key: str | None = None,
) -> Iterator[OpenSession]:
    """Give the session that a step is about; store what fails, and say it as Dagster understands it.

    It is that of the partition, unless `session_key` names it: a job of ops has none. A wait is no
    failure: it shows in the session's progress, and is stored when it was in vain.
    """
    run_id = context.run.run_id
    key = session_key or context.partition_key
    run = RunOfSession(pipeline=pipeline, session_key=key, run_id=run_id)
    with_traces()
    try:
        yield open_session(pipeline, key)
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
            with suppress(StoreError, StoreBusyError):  # nothing has ended yet
                show_waiting(
                    run, error, stage=stage, tried_count=context.retry_number + 1, wait_seconds=wait
                )
        else:
            record_failure(run, error, stage=stage)
        if not is_temporary:
            raise final_failure(error) from None
        text = text_of_wait(error, seconds=wait, clock=pipeline.clock)
        context.log.warning("%s", text)
        say_wait(text)
        raise dg.RetryRequested(max_retries=retries, seconds_to_wait=wait) from error
    except dg.DagsterExecutionInterruptedError:
        record_interruption(run, stage=stage)
        next_step = ""
        with suppress(PipelineError):  # the run ends as it was asked to, whatever is next
            next_step = next_line(open_session(pipeline, key))
        without_traces()
        raise dg.DagsterExecutionInterruptedError(next_step) from None
    except (dg.Failure, dg.RetryRequested):
        raise
    except Exception as error:
        record_failure(run, unexpected_error(f"Stage {stage.value}", error), stage=stage)
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
    return as_final_failure("\n".join(lines), metadata=failure_metadata(error))


def as_final_failure(description: str, *, metadata: Metadata | None = None) -> dg.Failure:
    """Return a failure for people, not to be tried again, of which no trace is kept."""
    without_traces()
    return dg.Failure(
        description=description, metadata=plain_metadata(metadata), allow_retries=False
    )


def without_traces() -> None:
    """Have Dagster keep no trace of what fails: a shell would show it last. `with_traces` ends that."""
    sys.tracebacklimit = 0


def with_traces() -> None:
    """Have Dagster keep the traces of what fails from here on."""
    vars(sys).pop("tracebacklimit", None)


def failure_metadata(error: PipelineError) -> Metadata:
    """Return an error as metadata of a failure, with the findings of refused sheets."""
    metadata: Metadata = {
        "category": error.category.value,
        "code": error.code,
        "message": error.message,
        "recovery_actions": dg.MetadataValue.md("\n".join(_numbered(error, linked_job_text))),
    }
    if isinstance(error, SheetsRefusedError):
        metadata |= findings_metadata([f for f in error.findings if isinstance(f, Finding)])
    return metadata


def _numbered(error: PipelineError, text_of: Callable[[Action], str]) -> list[str]:
    actions = without_repeated_places(error.recovery_actions)
    return [f"{n}. {text_of(action)}" for n, action in enumerate(actions, start=1)]


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


class _OfSessions(dg.Executor):
    """Dagster's own executor; a run without a session that is a partition has no steps."""

    def __init__(self, inner: dg.Executor) -> None:
        self._inner = inner

    @property
    @override
    def retries(self) -> Any:
        return self._inner.retries

    @override
    def execute(self, plan_context: Any, execution_plan: Any) -> Iterator[Any]:
        """Execute the steps of a run, and close its session where none of them did.

        Raises:
            dg.Failure: The run needs a session and names none that is a partition, or a step failed
                in a run of a terminal.
        """
        run = plan_context.dagster_run
        instance = plan_context.instance
        key = run.tags.get(PARTITION_TAG)
        needs_session = _is_about_session(run, plan_context.job.get_definition())
        is_partition = key is not None and instance.has_dynamic_partition(PARTITIONS_NAME, key)
        if needs_session and not is_partition:
            disable_retries(instance, run.run_id)
            raise _failure_without_session(run)
        if is_of_terminal(run):
            instance.add_run_tags(run.run_id, plain_tags(tags_of_terminal(instead_for(run))))
        if key is not None and is_re_executed_by_person(run):
            _count_re_execution(instance, run)
        failed_step = None
        failure = None
        try:
            with noticed_interruptions(_say_at_terminal):
                for event in self._inner.execute(plan_context, execution_plan):
                    if event.is_step_failure and failed_step is None:
                        failed_step = event
                        failure = unexpected_failure(event)
                    yield event
        except dg.DagsterExecutionInterruptedError as interruption:
            _close_session(key, run.run_id, is_cancelled=True)
            without_traces()  # the end of the resource had Dagster keep traces again
            if not is_of_terminal(run):
                raise
            text = f"{interruption}\n{_instead_sentence(instance, run)}".strip()
            raise dg.DagsterExecutionInterruptedError(text) from None
        if failure is not None:
            _close_session(key, run.run_id, failure=failure)
        if failed_step is not None and is_of_terminal(run):
            # So the last event of the run, which a terminal shows, says why it failed and what to do.
            reason = failure_text(failed_step)
            step = failed_step.step_key
            raise as_final_failure(
                f"Step {step} failed: {reason}\n{_instead_sentence(instance, run)}"
            )


def _say_at_terminal(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - for whoever pressed Ctrl-C


def _works_of(run: dg.DagsterRun) -> frozenset[Retried]:
    """Return what a run does of which retries are counted, whether by a job or by its assets."""
    assets = {key.to_user_string() for key in run.asset_selection or ()}
    job_name = job_name_of(run)
    works = set[Retried]()
    if job_name in EXPORT_JOBS or JIRA_ISSUES in assets:
        works.add("export")
    if job_name in WRITING_JOBS or TICKETS in assets:
        works.add("generation")
    return frozenset(works)


def _failure_without_session(run: dg.DagsterRun) -> dg.Failure:
    """Return the failure of a run without a session: which job uploads one, or what is wrong."""
    key = run.tags.get(PARTITION_TAG)
    upload = config_of_op(run.run_config, INTAKE_STEP)
    if key is None and (upload.get("folder") or upload.get("session_key")):
        return as_final_failure(_upload_job_text(upload))
    try:
        with opened_pipeline() as pipeline:
            return final_failure(no_such_session(pipeline, key))
    except PipelineError as error:
        return final_failure(error)


def _upload_job_text(upload: Mapping[str, Any]) -> str:
    """Say which job uploads what a run of a session was told to."""
    named = {name: upload.get(name) for name in ("folder", "session_key")}
    given = ", ".join(f"{name}: {value}" for name, value in named.items() if value)
    return (
        "This job works on the session of its partition, and uploads nothing: launch the job "
        "upload_session, such as by `dagster job execute -m jira_pipeline.definitions -j "
        f"upload_session`, with `ops: {{register_session: {{config: {{{given}, then: export}}}}}}` "
        "(`then: generate` stops before the export)."
    )


def _instead_sentence(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """Say what carries on with a run as it is now, such as with the session that it registered."""
    instead = instead_for(instance.get_run_by_id(run.run_id) or run)
    instance.add_run_tags(run.run_id, plain_tags(tags_of_terminal(instead)))
    return sentence_instead(instead)


def _count_re_execution(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Count that a person has a run of a session executed again, which may not be too often."""
    from jira_pipeline.sessions.starting import count_re_execution

    with failing_for_good(), opened_pipeline() as pipeline:
        try:
            session = open_session(pipeline, run.tags[PARTITION_TAG])
            count_re_execution(session, works=_works_of(run), by=person_of(run.tags))
        except PipelineError:
            disable_retries(instance, run.run_id)
            raise


def _close_session(
    session_key: str | None,
    run_id: str,
    *,
    is_cancelled: bool = False,
    failure: UnexpectedFailure | None = None,
) -> None:
    """Close the session of a run that ended outside of what its steps do, such as in Dagster.

    Where a step could store its error, or that it was interrupted, that stays. A run without a session
    has nothing to close.
    """
    if session_key is None:
        return
    try:
        with opened_pipeline() as pipeline:
            stored = pipeline.store.sessions.find(session_key)
            if stored is not None:
                session = OpenSession(pipeline=pipeline, stored=stored)
                close_failed(session, run_id=run_id, is_cancelled=is_cancelled, failure=failure)
    except PipelineError as error:  # how the run ended must not be hidden by this
        logger.warning("How run %s ended could not be stored: %s", run_id, error.message)


def _is_about_session(run: dg.DagsterRun, job: dg.JobDefinition) -> bool:
    """Tell whether a run needs a session: what it makes has partitions, or its job says so."""
    if run.tags.get(KIND_TAG, "") not in _ABOUT_ONE:
        return False
    assets = job.asset_layer
    keys = run.asset_selection or assets.selected_asset_keys
    if not keys:  # a job of steps alone
        return True
    return any(assets.get(key).partitions_def is not None for key in keys)


_DAGSTERS: Any = dg.in_process_executor
in_process = dg.ExecutorDefinition(
    name=_DAGSTERS.name,
    config_schema=_DAGSTERS.config_schema,
    executor_creation_fn=lambda context: _OfSessions(_DAGSTERS.executor_creation_fn(context)),
    description="Runs steps in the process of their run, once its session is a partition: a step whose "
    "assets have partitions cannot say that there is none, as Dagster asks before.",
)


def one_step_job(
    step: Callable[..., None], *, name: str, description: str, kind: str, **more: Any
) -> dg.JobDefinition:
    """Make a job of one step, which runs in the process of its run.

    It has its resource by itself: to give it one, Dagster would copy each sensor that starts it,
    with a warning of what is in beta.
    """
    op = dg.op(description=description)(step)

    def steps() -> None:
        op()

    made = dg.job(
        name=name,
        description=description,
        executor_def=in_process,
        tags={KIND_TAG: kind, MAX_RETRIES_TAG: "0"},
        resource_defs={"pipeline": PipelineResource()},
        **more,
    )
    return made(steps)


def check_spec(
    name: str, *, asset: dg.AssetKey, description: str, blocking: bool = False, **metadata: str
) -> dg.AssetCheckSpec:
    """Specify a check of each session; that checks of partitions are a preview is known."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return dg.AssetCheckSpec(
            name,
            asset=asset,
            blocking=blocking,
            partitions_def=upload_sessions,
            description=description,
            metadata=metadata,
        )


SessionCheckBody = Callable[[StepContext, OpenSession], dg.AssetCheckResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCheck:
    """A check of one session, whichever step carries it out."""

    name: str
    body: SessionCheckBody
    stage: SessionStage
    description: str
    is_blocking: bool

    def carry_out(
        self, context: StepContext, pipeline: Pipeline, *, session_key: str | None = None
    ) -> dg.AssetCheckResult:
        """Judge the session; what a blocking check finds is stored as the error that ends the run."""
        with session_step(context, pipeline, stage=self.stage, session_key=session_key) as session:
            result = self.body(context, session)
            if self.is_blocking and not result.passed:
                run = RunOfSession(
                    pipeline=pipeline, session_key=session.key, run_id=context.run.run_id
                )
                record_failure(run, self.refusal(session.key, result), stage=self.stage)
            return result

    def refusal(self, session_key: str, result: dg.AssetCheckResult) -> CheckFailedError:
        """Return the error that a blocking check that did not pass is."""
        return CheckFailedError(
            session_key=session_key,
            check=self.name,
            meant=self.description,
            first=result.description or "its metadata in Dagster say what it found.",
        )


_SESSION_CHECKS = dict[dg.AssetCheckKey, SessionCheck]()


def session_check_of(check: dg.AssetChecksDefinition) -> SessionCheck:
    """Return what a check of a session is, for steps that carry it out themselves."""
    return _SESSION_CHECKS[check.check_key]


def session_check(
    *,
    asset: dg.AssetsDefinition | dg.AssetKey,
    stage: SessionStage,
    description: str,
    blocking: bool = False,
) -> Callable[[SessionCheckBody], dg.AssetChecksDefinition]:
    """Make a check of one session; that checks of partitions are a preview is known."""

    def check_of(body: SessionCheckBody) -> dg.AssetChecksDefinition:
        session_check = SessionCheck(
            name=body.__name__,
            body=body,
            stage=stage,
            description=description,
            is_blocking=blocking,
        )

        def check(
            context: dg.AssetCheckExecutionContext, pipeline: PipelineResource
        ) -> dg.AssetCheckResult:
            return session_check.carry_out(context, pipeline.opened())

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.PreviewWarning)
            definition = dg.asset_check(
                name=session_check.name,
                asset=asset,
                blocking=blocking,
                partitions_def=upload_sessions,
                description=description,
            )(check)
        _SESSION_CHECKS[definition.check_key] = session_check
        return definition

    return check_of
