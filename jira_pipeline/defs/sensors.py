"""The sensors: gather facts, take a pure decision, ask for runs.

Belongs here: what is looked at and which runs follow. Does not: the decisions (`stages`).
"""

import json

import dagster as dg

from jira_pipeline.defs.failures import unexpected_error
from jira_pipeline.defs.jobs import csv_to_jira, generate_tickets
from jira_pipeline.defs.partitions import upload_sessions
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.domain.sessions import SessionStage, UploadSession
from jira_pipeline.errors import ErrorCategory, PipelineError
from jira_pipeline.sessions.commands import words_of
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.sessions.results import same_specifications
from jira_pipeline.stages.inbox import (
    InboxFolder,
    folders_to_upload,
    inbox_standing,
    list_inbox,
    refuse_unusable,
    said_of_accepted,
    said_of_refused,
    write_beside,
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
    uploads = [(folder, _upload(context, opened, folder)) for folder in chosen]
    present = {folder.name for folder in folders}
    cursor = {name: sign for name, sign in handled.items() if name in present}
    cursor |= {folder.name: folder.signature for folder, upload in uploads if _is_settled(upload)}
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


def _is_settled(upload: UploadSession | PipelineError) -> bool:
    """Tell whether a folder waits for a change now; what is temporary is tried at the next tick."""
    return isinstance(upload, UploadSession) or upload.category is not ErrorCategory.TEMPORARY


def _upload(
    context: dg.SensorEvaluationContext, pipeline: Pipeline, folder: InboxFolder
) -> UploadSession | PipelineError:
    """Register one folder; whatever it raises is its refusal, and the other folders go on."""
    refusal: PipelineError
    try:
        refuse_unusable(folder)
        outcome = upload_inbox_folder(
            pipeline.settings.inbox_path / folder.name,
            source=pipeline.source,
            sessions=pipeline.store.sessions,
            ledger=pipeline.store.ledger,
            uploads_path=pipeline.settings.uploads_path,
            now=pipeline.clock.now(),
        )
    except PipelineError as error:
        refusal = error
    except Exception as error:
        context.log.exception("inbox/%s was not uploaded", folder.shown_name)
        refusal = unexpected_error(f"Reading inbox/{folder.shown_name}", error)
    else:
        job_name = run_request_of(outcome.session).job_name or ""
        at = pipeline.clock.now()
        same = same_specifications(
            OpenSession(pipeline=pipeline, stored=outcome.session), outcome.group_keys
        )
        said = said_of_accepted(
            folder, outcome, job_name=job_name, at=at, same=same, wording=words_of
        )
        _write_beside(context, pipeline, folder, said)
        return outcome.session
    context.log.warning("inbox/%s was not uploaded: %s", folder.shown_name, refusal.message)
    if _is_settled(refusal):
        at = pipeline.clock.now()
        pipeline.store.errors.record(
            refusal, session_key=folder.session_key, stage=SessionStage.UPLOAD.value, at=at
        )
        _write_beside(
            context, pipeline, folder, said_of_refused(folder, refusal, at=at, wording=words_of)
        )
    return refusal


def _write_beside(
    context: dg.SensorEvaluationContext, pipeline: Pipeline, folder: InboxFolder, text: str
) -> None:
    """Say beside a folder what became of it; an inbox that may only be read is no reason to stop."""
    try:
        write_beside(pipeline.settings.inbox_path, folder, text)
    except OSError as error:
        context.log.warning(
            "nothing could be written beside inbox/%s: %s", folder.shown_name, error
        )
