"""The sensors: gather facts, take a pure decision, ask for runs.

Belongs here: what is looked at and which runs follow. Does not: the decisions (`stages`).
"""

import json

import dagster as dg

from jira_pipeline.defs.composition import Pipeline
from jira_pipeline.defs.jobs import csv_to_jira, generate_tickets
from jira_pipeline.defs.partitions import upload_sessions
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.domain.sessions import SessionStage, UploadSession
from jira_pipeline.errors import PipelineError
from jira_pipeline.stages.inbox import (
    InboxFolder,
    folders_to_upload,
    inbox_standing,
    list_inbox,
    refuse_rivals,
)
from jira_pipeline.stages.upload_reading import upload_inbox_folder

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
    uploads = [_upload(context, opened, folder) for folder in chosen]
    present = {folder.name for folder in folders}
    cursor = {name: sign for name, sign in handled.items() if name in present}
    cursor |= {folder.name: folder.signature for folder in chosen}
    registered = [session for session in uploads if isinstance(session, UploadSession)]
    refusals = [refusal for refusal in uploads if isinstance(refusal, str)]
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


def run_request_of(session: UploadSession) -> dg.RunRequest:
    """Ask for the whole way where the session approves itself, else for its tickets.

    The run key holds the content: changed sheets run again, the same sheets never twice.
    """
    job = csv_to_jira if session.manifest.auto_approve else generate_tickets
    return dg.RunRequest(
        run_key=f"{session.session_key}:{session.content_sha256[:RUN_KEY_DIGITS]}",
        partition_key=session.session_key,
        job_name=job.name,
    )


def _upload(
    context: dg.SensorEvaluationContext, pipeline: Pipeline, folder: InboxFolder
) -> UploadSession | str:
    """Register one folder; one that cannot be is told, stored and left until it changes."""
    try:
        refuse_rivals(folder)
        return upload_inbox_folder(
            pipeline.settings.inbox_path / folder.name,
            source=pipeline.source,
            sessions=pipeline.store.sessions,
            ledger=pipeline.store.ledger,
            uploads_path=pipeline.settings.uploads_path,
            now=pipeline.clock.now(),
        ).session
    except PipelineError as error:
        pipeline.store.errors.record(
            error,
            session_key=folder.session_key,
            stage=SessionStage.UPLOAD.value,
            at=pipeline.clock.now(),
        )
        refusal = f"inbox/{folder.name} was not uploaded: {error.message}"
        context.log.warning(refusal)
        return refusal
