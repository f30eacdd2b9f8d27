"""What arrives: folders of an inbox, and what runs register, become sessions.

Belongs here: what was registered, which job follows. Does not:
which folders are settled (`sources/sheets/inbox`), reading them (`sessions/upload`), who looks
(`sensors`).
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import dagster as dg

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.defs.partitions import PARTITION_TAG
from jira_pipeline.defs.previews import findings_metadata
from jira_pipeline.defs.reports import announce_upload
from jira_pipeline.export.trackers import project_warnings
from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.runs import RunJob
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.sessions.upload import is_inbox_settled, upload_from_inbox
from jira_pipeline.sources.sheets.inbox import folders_to_upload, inbox_summary, list_inbox
from jira_pipeline.sources.sheets.upload_reading import UploadOutcome

RUN_KEY_DIGITS = 12
REGISTERED_TAG = "jira_pipeline/registered"
"""Of a run that registered a session: its `run_key_of`, by which the daemon starts what follows."""
LOOK_SECONDS = 20.0
"""Then the rest is left to the next look: the runs of what was taken in begin meanwhile, and a
daemon that is killed loses no more than that. Of fifty folders on a busy machine, the first run
waited for the last upload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxLook:
    registered: tuple[UploadSession, ...]
    handled: Mapping[str, str]
    """How each folder looked that needs no further look, by name."""
    summary: str
    """Why nothing was registered, for when nothing was."""


def look_into_inbox(
    pipeline: Pipeline, handled: Mapping[str, str], *, log: logging.Logger
) -> InboxLook:
    """Register the folders that have settled and look different from when they were handled.

    Where that takes long, some are left to the next look.
    """
    folders = list_inbox(pipeline.settings.inbox_path)
    chosen = folders_to_upload(
        folders,
        handled=handled,
        now_seconds=pipeline.clock.now().timestamp(),
        settle_seconds=pipeline.settings.upload_settle_seconds,
    )
    found: dict[str | None, tuple[str, ...]] = {}

    def project_warnings_of(session: UploadSession) -> tuple[str, ...]:
        """Ask for each project once: fifty folders do not wait fifty times for a dead Jira."""
        project_key = pipeline.known_project_key(session)
        if project_key not in found:
            found[project_key] = project_warnings(pipeline, session.session_key)
        return found[project_key]

    uploads = []
    until = pipeline.clock.now() + timedelta(seconds=LOOK_SECONDS)
    for folder in chosen:
        upload = upload_from_inbox(
            pipeline,
            folder,
            job_name_of=lambda session: job_of(session).value,
            project_warnings_of=project_warnings_of,
            log=log,
        )
        uploads.append((folder, upload))
        if pipeline.clock.now() > until:
            break
    present = {folder.name for folder in folders}
    settled = {name: sign for name, sign in handled.items() if name in present}
    settled |= {
        folder.name: folder.signature for folder, upload in uploads if is_inbox_settled(upload)
    }
    refusals = [
        f"inbox/{folder.shown_name} was not uploaded: {upload.message}"
        for folder, upload in uploads
        if isinstance(upload, PipelineError)
    ]
    return InboxLook(
        registered=tuple(upload for _, upload in uploads if isinstance(upload, UploadSession)),
        handled=settled,
        summary=inbox_summary(folders, handled=settled, refusals=refusals),
    )


def job_of(session: UploadSession) -> RunJob:
    """Return what follows an upload: the whole way where it approves itself, else its tickets."""
    return RunJob.WHOLE if session.manifest.auto_approve else RunJob.GENERATION


def run_key_of(session: UploadSession) -> str:
    """Name a session with its content: the same packages or sheets are never run twice."""
    return f"{session.session_key}:{session.content_sha256[:RUN_KEY_DIGITS]}"


def show_registered(
    context: dg.OpExecutionContext, outcome: UploadOutcome, **more: dg.MetadataValue | int | str
) -> None:
    """Register the partition of what a run uploaded; tag the run with it, and show what was found."""
    announce_upload(context.instance, outcome)
    session = outcome.session
    tags = {PARTITION_TAG: session.session_key, REGISTERED_TAG: run_key_of(session)}
    context.instance.add_run_tags(context.run_id, tags)
    context.add_output_metadata(
        findings_metadata(outcome.findings)
        | {"session_key": session.session_key, "is_unchanged": outcome.is_unchanged}
        | more
    )
