"""The one resource: the pipeline with its settings, store and adapters; what is declared with it.

Belongs here: how a job of one step and a check of a session are declared. Does not: steps and checks,
which are beside their assets. The gate inside `jira_issues` is the law; a re-execution from failure
skips checks.

It holds no setting itself: Dagster shows and stores the fields of resources, and an unset
environment variable would fail a run even for an optional field.

While a run is at work it holds its lock: a process that is killed leaves a lock nobody holds.
"""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import PrivateAttr
from typing_extensions import override

from jira_pipeline.context.failures import RunOfSession, record_failure
from jira_pipeline.context.logs import begin_logs, logs_about
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import load_settings
from jira_pipeline.dagster_port.dagster_runs import MEMORY
from jira_pipeline.dagster_port.failures import failing_for_good, with_traces, working_on
from jira_pipeline.dagster_port.partitions import (
    KIND_TAG,
    MAX_RETRIES_TAG,
    PARTITION_TAG,
    PARTITIONS_NAME,
    never_again,
    no_such_session,
    upload_sessions,
)
from jira_pipeline.dagster_port.reports import ADF_VALIDATION, report_reviews
from jira_pipeline.model.errors import CheckFailedError, PipelineError
from jira_pipeline.model.runs import INTAKE_STEP, WRITING_JOBS, RunJob
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.validating import unreported
from jira_pipeline.sessions.composition import open_pipeline

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
        if (run := context.run) is not None:
            about = logs_about(run=run.run_id, session=run.tags.get(PARTITION_TAG))
            self._held.enter_context(about)
        with failing_for_good():
            self._pipeline = self.opened()
        self._held.enter_context(self._pipeline.store)
        if run is not None:
            self._held.enter_context(self._pipeline.store.run_locks.hold(run.run_id))
            self._report_review(run, context.instance)

    def _report_review(self, run: dg.DagsterRun, instance: dg.DagsterInstance | None) -> None:
        """Report what people changed before the steps look up which versions they are given.

        Others than runs that validate leave it to the sensor, which waits for their end.
        """
        pipeline, key = self.opened(), run.tags.get(PARTITION_TAG)
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
            if events := unreported(pipeline, key):
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
        run, instance = plan_context.dagster_run, plan_context.instance
        key, is_about_one = run.tags.get(PARTITION_TAG), run.tags.get(KIND_TAG, "") in _ABOUT_ONE
        may_name_it = INTAKE_STEP in execution_plan.step_keys_to_execute
        is_there = (
            may_name_it if key is None else instance.has_dynamic_partition(PARTITIONS_NAME, key)
        )
        if is_about_one and not is_there:
            never_again(instance, run.run_id)
            with failing_for_good(), opened_pipeline() as pipeline:
                raise no_such_session(pipeline, key)
        yield from self._inner.execute(plan_context, execution_plan)


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


SessionCheck = Callable[[dg.AssetCheckExecutionContext, OpenSession], dg.AssetCheckResult]


def session_check(
    *,
    asset: dg.AssetsDefinition | dg.AssetKey,
    stage: SessionStage,
    description: str,
    blocking: bool = False,
) -> Callable[[SessionCheck], dg.AssetChecksDefinition]:
    """Make a check of one session; that checks of partitions are a preview is known.

    What a blocking one finds is stored as the error by which the run ends.
    """

    def check_of(body: SessionCheck) -> dg.AssetChecksDefinition:
        def check(
            context: dg.AssetCheckExecutionContext, pipeline: PipelineResource
        ) -> dg.AssetCheckResult:
            with working_on(context, pipeline.opened(), stage=stage) as session:
                result = body(context, session)
                if blocking and not result.passed:
                    run = RunOfSession(
                        pipeline=session.pipeline,
                        session_key=session.key,
                        run_id=context.run.run_id,
                    )
                    refused = CheckFailedError(
                        session_key=session.key,
                        check=body.__name__,
                        meant=description,
                        first=result.description or "its metadata in Dagster say what it found.",
                    )
                    record_failure(run, refused, stage=stage)
                return result

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.PreviewWarning)
            return dg.asset_check(
                name=body.__name__,
                asset=asset,
                blocking=blocking,
                partitions_def=upload_sessions,
                description=description,
            )(check)

    return check_of
