"""Sensors of runs that ended: sessions are closed that a run left open, and people are notified.

Belongs here: what is looked at, and which end it was. Does not: what an end means for the session
(`context/ended_runs`), the message (`sessions/notifying`), ending dead runs (`dagster_port/dead_runs`).
"""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from jira_pipeline.context.ended_runs import close_ended
from jira_pipeline.context.run_statuses import EndedRun, RunEnd
from jira_pipeline.dagster_port.dagster_runs import DagsterRuns, is_final_failure
from jira_pipeline.dagster_port.dead_runs import end_dead_runs
from jira_pipeline.dagster_port.partitions import PARTITION_TAG
from jira_pipeline.dagster_port.reports import ADF_VALIDATION
from jira_pipeline.dagster_port.steps import opened_pipeline
from jira_pipeline.model.runs import RunJob
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.notifying import notify

_OF_ENDED_RUNS: dict[str, Any] = {
    "monitor_all_code_locations": True,
    "minimum_interval_seconds": 60,
}
"""Runs of `dagster job execute` belong to no code location. Runs close their own sessions; these
sensors are for those that could not, and for who is notified."""


def _ended_sensor(
    name: str,
    *,
    of: dg.DagsterRunStatus,
    end: RunEnd,
    description: str,
    status: dg.DefaultSensorStatus = dg.DefaultSensorStatus.RUNNING,
) -> dg.SensorDefinition:
    """Return a sensor that closes the sessions of runs which came to a status (`of`)."""

    @dg.run_status_sensor(
        name=name,
        run_status=of,
        default_status=status,
        description=description,
        **_OF_ENDED_RUNS,
    )
    def look(context: dg.RunStatusSensorContext) -> None:
        _close(context, end=end)

    return look


run_failure_sensor = _ended_sensor(
    "run_failure_sensor",
    of=dg.DagsterRunStatus.FAILURE,
    end=RunEnd.FAILED,
    description="Closes the session of a run that failed without reporting; notifies.",
)
run_cancel_sensor = _ended_sensor(
    "run_cancel_sensor",
    of=dg.DagsterRunStatus.CANCELED,
    end=RunEnd.CANCELLED,
    description="Closes the session of a run that was terminated; notifies.",
)


def success_sensor(*, is_notifying: bool) -> dg.SensorDefinition:
    """Return the sensor of runs that ended well; it runs only where somebody is to be notified."""
    return _ended_sensor(
        "run_success_sensor",
        of=dg.DagsterRunStatus.SUCCESS,
        end=RunEnd.SUCCEEDED,
        description="Notifies when tickets can be reviewed or an export is complete.",
        status=dg.DefaultSensorStatus("RUNNING" if is_notifying else "STOPPED"),
    )


@dg.sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description="Finds runs whose process was killed, and closes them and their sessions.",
)
def dead_run_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """End the runs whose process is gone, also those that had not come to their session yet."""
    with opened_pipeline() as pipeline:
        ended = end_dead_runs(context.instance, pipeline)
    return dg.SkipReason(f"Ended: {', '.join(ended)}." if ended else "Every active run is alive.")


def _close(context: dg.RunStatusSensorContext, *, end: RunEnd) -> None:
    """Close the session of a run, if there is anything to close, and say that it ended.

    It gives Dagster no reason for a skip: that would end the look at one run a minute, and beside a
    run that was closed in the same look it would fail that look, and each one after it.
    """
    run = context.dagster_run
    with opened_pipeline() as pipeline:
        stored = pipeline.store.sessions.find(run.tags.get(PARTITION_TAG, ""))
        if stored is None:
            return
        session = OpenSession(pipeline=pipeline, stored=stored)
        record = context.instance.get_run_record_by_id(run.run_id)
        is_failed = end is RunEnd.FAILED
        if record is not None and is_failed and not record.dagster_run.is_failure:
            return  # it began after it was given up
        if record is not None and is_failed and record.start_time is None:
            if not is_final_failure(record.dagster_run):
                return
            end = RunEnd.NOT_STARTED
        ended_at = (
            pipeline.clock.now()
            if record is None or record.end_time is None
            else datetime.fromtimestamp(record.end_time, UTC)
        )
        runs = DagsterRuns(context.instance, pipeline)
        failure = runs.unexpected_failure(run.run_id)
        ended = EndedRun(run_id=run.run_id, end=end, ended_at=ended_at, failure=failure)
        is_closed = end is not RunEnd.SUCCEEDED and close_ended(session, ended)
        context.log.info("run %s: session %s closed: %s", run.run_id, session.key, is_closed)
        is_validation = run.asset_selection == {dg.AssetKey(ADF_VALIDATION)}
        job_name = RunJob.VALIDATION if is_validation else run.job_name
        known_run = runs.find(run.run_id)
        task_id = None if known_run is None else known_run.task_id
        notify(session.reload(), ended, job_name=job_name, task_id=task_id)
