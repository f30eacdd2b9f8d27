"""Schedules: what happens at a time of the day.

Belongs here: when, and which sessions are due. Does not: what runs do then (`jobs`), what is next for
a session (`sessions/status`).
"""

import logging
from datetime import datetime, time
from typing import Any

import dagster as dg

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.states import Step
from jira_pipeline.dagster_port.dagster_runs import has_run_in_flight
from jira_pipeline.dagster_port.partitions import register_partition
from jira_pipeline.dagster_port.resources import opened_pipeline
from jira_pipeline.defs.sessions.jobs import (
    compare_with_jira,
    export_to_jira,
    remove_expired_sessions,
)
from jira_pipeline.model.actions import Action, ActionKind, action_text
from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.runs import REQUESTED_BY_TAG
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.status import what_is_next

UNSET_EXPORT_AT = time(20, 0)
"""Shown of a schedule that is stopped; who starts it in the UI gets this."""
logger = logging.getLogger(__name__)


def schedules_at(
    *,
    export_at: time | None,
    timezone: str,
    compare_hours: str | None = None,
) -> tuple[dg.ScheduleDefinition, ...]:
    """Return the schedules; exports run only where a time is set."""
    nightly: dict[str, Any] = {
        "execution_timezone": timezone,
        "default_status": dg.DefaultScheduleStatus.RUNNING,
    }
    retention = dg.ScheduleDefinition(
        name="retention_schedule",
        job=remove_expired_sessions,
        cron_schedule="30 3 * * *",
        description="Every night: removes old completed sessions, including their files.",
        **nightly,
    )
    comparison = dg.ScheduleDefinition(
        name="comparison_schedule",
        job=compare_with_jira,
        cron_schedule=["0 4 * * *", *([f"0 {compare_hours} * * 1-5"] if compare_hours else [])],
        description="Every night, and every hour of COMPARE_HOURS: compares Jira with what was sent; `status` and `results` show what differs.",
        **nightly,
    )

    at = export_at or UNSET_EXPORT_AT

    @dg.schedule(
        name="export_schedule",
        job=export_to_jira,
        cron_schedule=f"{at.minute} {at.hour} * * *",
        execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.STOPPED
        if export_at is None
        else dg.DefaultScheduleStatus.RUNNING,
        description="Every day at EXPORT_AT: exports the sessions that are ready.",
    )
    def export_schedule(
        context: dg.ScheduleEvaluationContext,
    ) -> list[dg.RunRequest] | dg.SkipReason:
        with opened_pipeline() as opened:
            return exports_due(context.instance, opened, at=context.scheduled_execution_time)

    return retention, comparison, export_schedule


def exports_due(
    instance: dg.DagsterInstance, pipeline: Pipeline, *, at: datetime
) -> list[dg.RunRequest] | dg.SkipReason:
    """Ask for the export of every session whose next step it is, as people marked it ready.

    What an undo took back is exported again by people, as its tickets may be ready still. One that
    cannot be judged, such as one whose kept copy is lost, is named with the reason.
    """
    due, failed = [], []
    for stored in pipeline.store.sessions.list_all():
        key, session = stored.session_key, OpenSession(pipeline=pipeline, stored=stored)
        if stored.generated_at is None or has_run_in_flight(instance, pipeline, key):
            continue
        try:
            if what_is_next(session).step is Step.EXPORT and not session.ledger_marks.is_undone:
                due.append(key)
        except PipelineError as error:
            shown = Action.of(ActionKind.SHOW_STATUS, "{} says what to do next.", session_key=key)
            failed.append(f"Session {key} is not exported: {error.message} {action_text(shown)}")
            logger.warning("%s", failed[-1])
    if not due:
        return dg.SkipReason(" ".join(failed) or "No session is waiting to be exported.")
    for key in due:
        register_partition(instance, key)
    return [
        dg.RunRequest(
            run_key=f"export-at:{key}:{at:%Y-%m-%dT%H:%M}",
            partition_key=key,
            tags={REQUESTED_BY_TAG: "export_schedule"},
        )
        for key in due
    ]
