"""Sensors and the schedule that look after sessions while nobody does.

Belongs here: gathering facts and asking for runs. Does not: the decisions
(`stages/session_upkeep`), removing (`retention`), folders that arrive (`sensors`).
"""

import dagster as dg

from jira_pipeline.defs.composition import Pipeline
from jira_pipeline.defs.daemon_ticks import note_tick
from jira_pipeline.defs.jobs import export_to_jira, remove_expired_sessions, validate_adf
from jira_pipeline.defs.partitions import register_partition
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.defs.retention import has_run_in_flight
from jira_pipeline.defs.reviewing import tickets_data_version
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.stages.session_upkeep import Upkeep, upkeep_of

RUN_KEY_DIGITS = 12
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
    requests = [_validation_of(opened, session) for session in needed[Upkeep.VALIDATE]]
    for session in needed[Upkeep.VALIDATE]:
        register_partition(context.instance, session.session_key)
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else dg.SkipReason(_said(needed)),
    )


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


@dg.schedule(
    name="retention_schedule",
    job=remove_expired_sessions,
    cron_schedule="30 3 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every night: removes sessions that were completed long ago, files and all.",
)
def retention_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Ask for one run a night."""
    return dg.RunRequest(run_key=f"retention:{context.scheduled_execution_time:%Y-%m-%d}")


def _validation_of(pipeline: Pipeline, session: UploadSession) -> dg.RunRequest:
    key = session.session_key
    version = tickets_data_version(session, pipeline.store.tickets.list_all(key))
    edited_at = session.last_invalidated_at or session.updated_at  # back to old text is an edit
    return dg.RunRequest(
        run_key=f"validate:{key}:{version[:RUN_KEY_DIGITS]}:{edited_at:%Y%m%dT%H%M%S.%f}",
        partition_key=key,
        job_name=validate_adf.name,
    )


def _said(needed: dict[Upkeep, list[UploadSession]]) -> str:
    """Say what is waited for, and which sessions only a person can bring further."""
    parts = []
    if needed[Upkeep.PERSON]:
        names = ", ".join(session.session_key for session in needed[Upkeep.PERSON])
        parts.append(f"The sheets changed, `jira-pipeline regenerate` is needed: {names}.")
    if needed[Upkeep.WAIT]:
        names = ", ".join(session.session_key for session in needed[Upkeep.WAIT])
        parts.append(f"Edited a moment ago, or at work: {names}.")
    return " ".join(parts) or "Everything validated is as it was validated."
