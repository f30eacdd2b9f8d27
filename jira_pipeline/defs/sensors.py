"""The sensors: gather facts, take a pure decision, ask for runs.

Belongs here: what is looked at and which runs follow. Does not: the decisions (`stages`).
"""

import json

import dagster as dg

from jira_pipeline.defs.jobs import csv_to_jira, generate_tickets
from jira_pipeline.defs.partitions import upload_sessions
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.defs.sharedo_jobs import SESSION_TAG
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.errors import PipelineError
from jira_pipeline.sessions.upload import is_inbox_settled, upload_from_inbox
from jira_pipeline.stages.inbox import folders_to_upload, inbox_standing, list_inbox

RUN_KEY_DIGITS = 12


@dg.sensor(
    jobs=[csv_to_jira, generate_tickets],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=10,
    description="Folders that arrive in the inbox become sessions; a half-copied folder waits.",
)
def upload_sensor(
    context: dg.SensorEvaluationContext, pipeline: PipelineResource
) -> dg.SensorResult | dg.SkipReason:
    """Upload the folders of the inbox that have settled and ask for their runs."""
    opened = pipeline.opened()
    try:
        folders = list_inbox(opened.settings.inbox_path)
    except OSError as error:
        return dg.SkipReason(f"The inbox cannot be listed: {error}")
    handled: dict[str, str] = json.loads(context.cursor) if context.cursor else {}
    chosen = folders_to_upload(
        folders,
        handled=handled,
        now_seconds=opened.clock.now().timestamp(),
        settle_seconds=opened.settings.upload_settle_seconds,
    )
    uploads = [
        (folder, upload_from_inbox(opened, folder, job_name_of=_job_name_of, log=context.log))
        for folder in chosen
    ]
    present = {folder.name for folder in folders}
    cursor = {name: sign for name, sign in handled.items() if name in present}
    cursor |= {
        folder.name: folder.signature for folder, upload in uploads if is_inbox_settled(upload)
    }
    registered = [upload for _, upload in uploads if isinstance(upload, UploadSession)]
    refusals = [
        f"inbox/{folder.shown_name} was not uploaded: {upload.message}"
        for folder, upload in uploads
        if isinstance(upload, PipelineError)
    ]
    return dg.SensorResult(
        run_requests=[run_request_of(session) for session in registered],
        dynamic_partitions_requests=[
            upload_sessions.build_add_request([s.session_key for s in registered])
        ]
        if registered
        else [],
        skip_reason=None
        if registered
        else dg.SkipReason(inbox_standing(folders, handled=cursor, refusals=refusals)),
        cursor=json.dumps(cursor, sort_keys=True),
    )


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    name="packages_sensor",
    request_jobs=[csv_to_jira, generate_tickets],
    monitor_all_code_locations=True,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sessions that a ShareDo job registered get their tickets.",
)
def packages_sensor(
    context: dg.RunStatusSensorContext, pipeline: PipelineResource
) -> dg.RunRequest | dg.SkipReason:
    """Ask for the run of a session that was registered by a run."""
    key = context.dagster_run.tags.get(SESSION_TAG, "")
    session = pipeline.opened().store.sessions.find(key)
    if session is None:
        return dg.SkipReason(f"Run {context.dagster_run.run_id} registered no session.")
    return run_request_of(session)


def run_request_of(session: UploadSession) -> dg.RunRequest:
    """Ask for the whole way where the session approves itself, else for its tickets.

    The run key holds the content: changed sheets run again, the same sheets never twice.
    """
    return dg.RunRequest(
        run_key=f"{session.session_key}:{session.content_sha256[:RUN_KEY_DIGITS]}",
        partition_key=session.session_key,
        job_name=_job_name_of(session),
    )


def _job_name_of(session: UploadSession) -> str:
    return csv_to_jira.name if session.manifest.auto_approve else generate_tickets.name
