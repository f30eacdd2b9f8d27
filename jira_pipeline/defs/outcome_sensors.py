"""Sensors that close what ended runs left open, and notify somebody.

Belongs here: learning that a run failed, was cancelled, or died. Does not: what follows for its
session (`stages/run_outcomes`), the message (`sessions/runs`).

They look at runs of all code locations, because runs of `dagster job execute` belong to none.
"""

from datetime import UTC, datetime

import dagster as dg

from jira_pipeline.defs.partitions import PARTITION_TAG
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.defs.runs import end_dead_runs
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.sessions.runs import close_ended, notify
from jira_pipeline.stages.run_outcomes import EndedRun, RunEnd


@dg.run_failure_sensor(
    name="run_failure_sensor",
    monitor_all_code_locations=True,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Closes the session of a run that failed without saying so; notifies.",
)
def run_failure_sensor(
    context: dg.RunFailureSensorContext, pipeline: PipelineResource
) -> dg.SkipReason | None:
    """Close what a failed run left open."""
    return _close(context, pipeline.opened(), end=RunEnd.FAILED)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.CANCELED,
    name="run_cancel_sensor",
    monitor_all_code_locations=True,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Closes the session of a run that people terminated; notifies.",
)
def run_cancel_sensor(
    context: dg.RunStatusSensorContext, pipeline: PipelineResource
) -> dg.SkipReason | None:
    """Close what a cancelled run left open."""
    return _close(context, pipeline.opened(), end=RunEnd.CANCELLED)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    name="run_success_sensor",
    monitor_all_code_locations=True,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Notifies that tickets can be reviewed, or that an export is completed.",
)
def run_success_sensor(
    context: dg.RunStatusSensorContext, pipeline: PipelineResource
) -> dg.SkipReason | None:
    """Notify of a run that ended well."""
    run, opened = context.dagster_run, pipeline.opened()
    session = opened.store.sessions.find(run.tags.get(PARTITION_TAG, ""))
    if session is None:
        return dg.SkipReason(f"Run {run.run_id} is of no session.")
    ended = EndedRun(run_id=run.run_id, end=RunEnd.SUCCEEDED, ended_at=opened.clock.now())
    notify(OpenSession(pipeline=opened, stored=session), ended, job_name=run.job_name)
    return None


@dg.sensor(
    name="dead_run_sensor",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description="Finds runs whose process was killed and ends them, so that they can be resumed.",
)
def dead_run_sensor(
    context: dg.SensorEvaluationContext, pipeline: PipelineResource
) -> dg.SkipReason:
    """End the runs whose process is gone, also those that had not come to their session yet."""
    ended = end_dead_runs(context.instance, pipeline.opened())
    return dg.SkipReason(f"Ended: {', '.join(ended)}." if ended else "Every run at work is alive.")


def _close(
    context: dg.RunStatusSensorContext, pipeline: Pipeline, *, end: RunEnd
) -> dg.SkipReason | None:
    run = context.dagster_run
    stored = pipeline.store.sessions.find(run.tags.get(PARTITION_TAG, ""))
    if stored is None:
        return dg.SkipReason(f"Run {run.run_id} is of no session.")
    session = OpenSession(pipeline=pipeline, stored=stored)
    record = context.instance.get_run_record_by_id(run.run_id)
    ended_at = (
        pipeline.clock.now()
        if record is None or record.end_time is None
        else datetime.fromtimestamp(record.end_time, UTC)
    )
    ended = EndedRun(run_id=run.run_id, end=end, ended_at=ended_at)
    is_closed = close_ended(session, ended)
    context.log.info("run %s: session %s closed: %s", run.run_id, session.key, is_closed)
    notify(session.again(), ended, job_name=run.job_name)
    return None
