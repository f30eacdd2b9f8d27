"""Sensors and schedules that look after sessions while nobody does.

Belongs here: gathering facts and asking for runs. Does not: the decisions
(`stages/session_upkeep`), removing (`sessions/upload`), folders that arrive (`sensors`).
"""

from datetime import datetime, time

import dagster as dg

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.defs.jobs import (
    compare_with_jira,
    export_to_jira,
    remove_expired_sessions,
    validate_adf,
)
from jira_pipeline.defs.partitions import register_partition
from jira_pipeline.defs.reports import report_reviews, tickets_data_version
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.defs.runs import has_run_in_flight
from jira_pipeline.defs.sharedo_jobs import compare_environments, register_differences
from jira_pipeline.domain.next_step import Step
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.ports.reviews import ReviewEvent
from jira_pipeline.sessions.commands import words_of
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.sessions.runs import note_tick
from jira_pipeline.sessions.status import what_is_next
from jira_pipeline.stages.session_upkeep import Upkeep, upkeep_of

RUN_KEY_DIGITS = 12
UNSET_EXPORT_AT = time(20, 0)
UNSET_COMPARE_AT = time(2, 0)
"""Shown of a schedule that is stopped; who starts it in the UI gets this."""
_RUN_KEY_TAG = "dagster/run_key"


@dg.sensor(
    name="staleness_sensor",
    jobs=[validate_adf],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description="Validates edited tickets again once nobody edits; names what needs a person.",
)
def staleness_sensor(
    context: dg.SensorEvaluationContext, pipeline: PipelineResource
) -> dg.SensorResult:
    """Ask for a validation of every stale session that rests, once for each content."""
    opened = pipeline.opened()
    note_tick(opened)
    now, settle = opened.clock.now(), opened.settings.validate_settle_seconds
    needed: dict[Upkeep, list[UploadSession]] = {kind: [] for kind in Upkeep}
    for session in opened.store.sessions.list_all():
        has_run = has_run_in_flight(context.instance, session.session_key)
        needed[upkeep_of(session, has_run=has_run, now=now, settle_seconds=settle)].append(session)
    requests = []
    for session in needed[Upkeep.VALIDATE]:
        key = session.session_key
        register_partition(context.instance, key)
        version = tickets_data_version(session, opened.store.tickets.list_all(key))
        edited_at = session.last_invalidated_at or session.updated_at  # back to old text is an edit
        run_key = f"validate:{key}:{version[:RUN_KEY_DIGITS]}:{edited_at:%Y%m%dT%H%M%S.%f}"
        requests.append(
            dg.RunRequest(run_key=run_key, partition_key=key, job_name=validate_adf.name)
        )
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else dg.SkipReason(_said(needed)),
    )


@dg.sensor(
    name="review_sensor",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=5,
    description="Reports what people changed in a review, once no run of the session is at work.",
)
def review_sensor(context: dg.SensorEvaluationContext, pipeline: PipelineResource) -> dg.SkipReason:
    """Report the changes of every session that rests; a run reports those of its own."""
    opened = pipeline.opened()
    waiting: dict[str, list[ReviewEvent]] = {}
    for event in opened.store.outbox.pending():
        waiting.setdefault(event.session_key, []).append(event)
    resting = [key for key in waiting if not has_run_in_flight(context.instance, key)]
    for key in resting:
        register_partition(context.instance, key)
        report_reviews(context.instance, opened, waiting[key])
    return dg.SkipReason(f"Changes reported of {len(resting)} sessions." if resting else "Nothing.")


@dg.sensor(
    name="export_request_sensor",
    jobs=[export_to_jira],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=5,
    description="Starts the exports that people asked for with `export --queue`.",
)
def export_request_sensor(
    context: dg.SensorEvaluationContext, pipeline: PipelineResource
) -> dg.SensorResult | dg.SkipReason:
    """Ask for the run of every waiting request; a request is done with once its run exists."""
    opened = pipeline.opened()
    requests = []
    for request in opened.store.export_requests.waiting():
        run_key = f"export:{request.session_key}:{request.request_id}"
        if context.instance.get_run_records(dg.RunsFilter(tags={_RUN_KEY_TAG: run_key}), limit=1):
            opened.store.export_requests.mark_started(request.request_id, at=opened.clock.now())
            continue
        # of a store that was restored beside a new Dagster: one unknown partition stops them all
        register_partition(context.instance, request.session_key)
        requests.append(
            dg.RunRequest(
                run_key=run_key,
                partition_key=request.session_key,
                job_name=export_to_jira.name,
                tags={"requested_by": request.requested_by},
            )
        )
    return dg.SensorResult(run_requests=requests) if requests else dg.SkipReason("Nothing asked.")


def schedules_at(
    *,
    export_at: time | None,
    timezone: str,
    compare_at: time | None = None,
    compare: str | None = None,
) -> tuple[dg.ScheduleDefinition, ...]:
    """Return the schedules; exports and comparisons of ShareDo run only where a time is set.

    `compare` names two ShareDo environments and what is exported of both.
    """

    @dg.schedule(
        name="retention_schedule",
        job=remove_expired_sessions,
        cron_schedule="30 3 * * *",
        execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every night: removes sessions that were completed long ago, files and all.",
    )
    def retention_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(run_key=f"retention:{context.scheduled_execution_time:%Y-%m-%d}")

    @dg.schedule(
        name="comparison_schedule",
        job=compare_with_jira,
        cron_schedule="0 4 * * *",
        execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every night: compares ledger and Jira; `status` and `results` show findings.",
    )
    def comparison_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(run_key=f"comparison:{context.scheduled_execution_time:%Y-%m-%d}")

    at = compare_at or UNSET_COMPARE_AT

    @dg.schedule(
        name="sharedo_comparison_schedule",
        job=compare_environments,
        cron_schedule=f"{at.minute} {at.hour} * * *",
        execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.STOPPED
        if compare_at is None
        else dg.DefaultScheduleStatus.RUNNING,
        description="Every day at SHAREDO_COMPARE_AT: compares two ShareDo environments.",
    )
    def sharedo_comparison_schedule(
        context: dg.ScheduleEvaluationContext,
    ) -> dg.RunRequest | dg.SkipReason:
        if compare is None:
            return dg.SkipReason("SHAREDO_COMPARE does not say what is compared.")
        first, second, *items = compare.split()
        config = {"first": first, "second": second, "items": items}
        return dg.RunRequest(
            run_key=f"sharedo-comparison:{context.scheduled_execution_time:%Y-%m-%d}",
            run_config={"ops": {register_differences.name: {"config": config}}},
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
        description="Every day at EXPORT_AT: exports the sessions that wait for nothing else.",
    )
    def export_schedule(
        context: dg.ScheduleEvaluationContext, pipeline: PipelineResource
    ) -> list[dg.RunRequest] | dg.SkipReason:
        at = context.scheduled_execution_time
        return exports_due(context.instance, pipeline.opened(), at=at)

    return retention_schedule, comparison_schedule, sharedo_comparison_schedule, export_schedule


def exports_due(
    instance: dg.DagsterInstance, pipeline: Pipeline, *, at: datetime
) -> list[dg.RunRequest] | dg.SkipReason:
    """Ask for the export of every session whose next step it is; people marked it ready."""
    due = [
        session.session_key
        for session in pipeline.store.sessions.list_all()
        if session.generated_at is not None
        and not has_run_in_flight(instance, session.session_key)
        and what_is_next(OpenSession(pipeline=pipeline, stored=session)).step is Step.EXPORT
    ]
    if not due:
        return dg.SkipReason("No session waits for its export.")
    for key in due:
        register_partition(instance, key)
    return [
        dg.RunRequest(
            run_key=f"export-at:{key}:{at:%Y-%m-%dT%H:%M}",
            partition_key=key,
            tags={"requested_by": "export_schedule"},
        )
        for key in due
    ]


def _said(needed: dict[Upkeep, list[UploadSession]]) -> str:
    """Say what is waited for, and which sessions only a person can bring further."""
    parts = []
    if needed[Upkeep.PERSON]:
        names = ", ".join(session.session_key for session in needed[Upkeep.PERSON])
        said = f"The sheets changed, {{}} is needed: {names}."
        parts.append(words_of(Action.of(ActionKind.REGENERATE, said)))
    if needed[Upkeep.WAIT]:
        names = ", ".join(session.session_key for session in needed[Upkeep.WAIT])
        parts.append(f"Edited a moment ago, or at work: {names}.")
    return " ".join(parts) or "Everything validated is as it was validated."
