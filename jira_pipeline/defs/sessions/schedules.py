"""Schedules: what happens at a time of the day, and to which sessions.

Belongs here: the times by settings, exports that are due. Does not: what the runs do (`jobs`), looking
for what arrives or ends (the sensors beside).
"""

import logging
from datetime import datetime, time
from typing import Any

import dagster as dg

from jira_pipeline.context.daemon_place import refusal_text, second_launcher_refusal
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.states import Step
from jira_pipeline.dagster_port.dagster_runs import has_run_in_flight
from jira_pipeline.dagster_port.partitions import with_partitions
from jira_pipeline.dagster_port.plain_values import plain_tags
from jira_pipeline.dagster_port.steps import opened_pipeline
from jira_pipeline.defs.sessions.comparison_job import compare_with_jira
from jira_pipeline.defs.sessions.jobs import export_to_jira, remove_expired_sessions
from jira_pipeline.model.actions import Action, ActionKind, action_text
from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.runs import EXPORT_SCHEDULE, REQUESTED_BY_TAG
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.session_tables import PORTFOLIO
from jira_pipeline.sessions.status import what_is_next

logger = logging.getLogger(__name__)

UNSET_EXPORT_AT = time(20, 0)
"""Shown of a schedule that is stopped; who starts it in the UI gets this."""


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
        description="Every night: announces and removes sessions with nothing open for "
        "RETENTION_DAYS, including their files; none where that is not set.",
        **nightly,
    )
    compared_at = ["0 4 * * *"]
    if compare_hours:
        compared_at.append(f"0 {compare_hours} * * 1-5")
    comparison = dg.ScheduleDefinition(
        name="comparison_schedule",
        job=compare_with_jira,
        cron_schedule=compared_at,
        description="Every night, and every hour of COMPARE_HOURS: compares Jira with what was sent; `status` and `results` show what differs.",
        **nightly,
    )

    overview = dg.ScheduleDefinition(
        name="portfolio_schedule",
        target=dg.AssetSelection.assets(PORTFOLIO.name),
        cron_schedule="15 4 * * *",
        description="Every night: shows all sessions side by side as the asset portfolio.",
        **nightly,
    )
    at = UNSET_EXPORT_AT
    export_status = dg.DefaultScheduleStatus.STOPPED
    if export_at is not None:
        at = export_at
        export_status = dg.DefaultScheduleStatus.RUNNING

    @dg.schedule(
        name="export_schedule",
        job=export_to_jira,
        cron_schedule=f"{at.minute} {at.hour} * * *",
        execution_timezone=timezone,
        default_status=export_status,
        description="Every day at EXPORT_AT: exports the sessions that are ready.",
    )
    def export_schedule(
        context: dg.ScheduleEvaluationContext,
    ) -> list[dg.RunRequest] | dg.SkipReason:
        with opened_pipeline() as opened:
            refusal = second_launcher_refusal(opened.store.leases)
            if refusal is not None:
                return dg.SkipReason(refusal_text(refusal))
            return exports_due(context.instance, opened, at=context.scheduled_execution_time)

    return retention, comparison, overview, export_schedule


def exports_due(
    instance: dg.DagsterInstance, pipeline: Pipeline, *, at: datetime
) -> list[dg.RunRequest] | dg.SkipReason:
    """Ask for the export of every session whose next step it is, as people marked it ready.

    What an undo took back is exported again by people, as its tickets may be ready still. One that
    cannot be judged, such as one whose kept copy is lost, is named with the reason.
    """
    due = []
    failed = []
    for stored in pipeline.store.sessions.list_all():
        key = stored.session_key
        session = OpenSession(pipeline=pipeline, stored=stored)
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
    requests = [
        dg.RunRequest(
            run_key=f"export-at:{key}:{at:%Y-%m-%dT%H:%M}",
            partition_key=key,
            tags=plain_tags({REQUESTED_BY_TAG: EXPORT_SCHEDULE}),
        )
        for key in due
    ]
    return [*with_partitions(instance, requests)]
