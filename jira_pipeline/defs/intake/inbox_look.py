"""One look into the inbox: settled folders become sessions, and it is said which runs follow.

Belongs here: taking folders in, the key and the job of the run that follows, what a run shows of it.
Does not: which folders are settled (`sheets/inbox`), registering a session (`sessions/upload`), who
looks (`defs/sessions/upload_sensor`).
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import MappingProxyType

import dagster as dg

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.launchpad import job_text
from jira_pipeline.dagster_port.metadata import findings_metadata
from jira_pipeline.dagster_port.partitions import PARTITION_TAG
from jira_pipeline.dagster_port.plain_values import plain_metadata, plain_tags
from jira_pipeline.dagster_port.reports import announce_upload
from jira_pipeline.export.project_check import project_warnings
from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.runs import RunJob
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.sessions.upload import upload_count, upload_from_inbox
from jira_pipeline.sheets.inbox import (
    InboxArrival,
    InboxFolder,
    folders_to_upload,
    inbox_summary,
    list_inbox,
)
from jira_pipeline.sheets.upload_reading import UploadOutcome

RUN_KEY_DIGITS = 12
REGISTERED_TAG = "jira_pipeline/registered"
"""Of a run that registered a session: its `run_key_of`, by which the daemon starts what follows."""
LOOK_SECONDS = 20.0
"""Then the rest is left to the next look: the runs of what was taken in begin meanwhile, and a
daemon that is killed loses no more than that. Of fifty folders on a busy machine, the first run
waited for the last upload."""
NO_SIGNATURES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxLook:
    registered: tuple[UploadSession, ...]
    summary: str
    """Why nothing was registered, for when nothing was."""


def look_into_inbox(
    pipeline: Pipeline,
    *,
    signatures_of_cursor: Mapping[str, str] = NO_SIGNATURES,
    log: logging.Logger,
) -> InboxLook:
    """Register the folders that have settled and look different from when they were handled.

    Where that takes long, some are left to the next look. `signatures_of_cursor` says by name how
    folders looked that version 9 or older handled, which kept that in the cursor of its sensor.
    """
    folders = list_inbox(pipeline.settings.inbox_path)
    _take_over(pipeline, folders, signatures_of_cursor)
    handled = pipeline.store.inbox.handled()
    chosen = folders_to_upload(
        folders,
        handled=handled,
        now_seconds=pipeline.clock.now().timestamp(),
        settle_seconds=pipeline.settings.upload_settle_seconds,
    )
    files: dict[str | None, tuple[str, ...]] = {}

    def project_warnings_of(session: UploadSession) -> tuple[str, ...]:
        """Ask for each project once: fifty folders do not wait fifty times for a dead Jira."""
        project_key = pipeline.known_project_key(session)
        if project_key not in files:
            files[project_key] = project_warnings(pipeline, session.session_key)
        return files[project_key]

    uploads = []
    until = pipeline.clock.now() + timedelta(seconds=LOOK_SECONDS)
    for folder in chosen:
        taken = upload_from_inbox(
            pipeline,
            InboxArrival(folder=folder, before=handled.get(folder.shown_name)),
            job_name_of=lambda session: job_of(session).value,
            run_key_of=partial(run_key_of, pipeline),
            text_of=job_text,
            project_warnings_of=project_warnings_of,
            log=log,
        )
        uploads.append((folder, taken))
        if pipeline.clock.now() > until:
            break
    if chosen:
        handled = pipeline.store.inbox.handled()
    refusals = [
        f"inbox/{folder.shown_name} was not uploaded: {taken.message}"
        for folder, taken in uploads
        if isinstance(taken, PipelineError)
    ]
    return InboxLook(
        registered=tuple(taken for _, taken in uploads if isinstance(taken, UploadSession)),
        summary=inbox_summary(folders, handled=handled, refusals=refusals),
    )


def _take_over(
    pipeline: Pipeline, folders: Sequence[InboxFolder], signatures: Mapping[str, str]
) -> None:
    """Remember in the store how folders looked when they were handled, unless it knows better."""
    if not signatures:
        return
    remembered = pipeline.store.inbox.handled()
    for folder in folders:
        if folder.name in signatures and folder.shown_name not in remembered:
            handled = InboxArrival(folder=folder, before=None).handled(
                None, signature=signatures[folder.name], at=pipeline.clock.now()
            )
            pipeline.store.inbox.note(handled)


def job_of(session: UploadSession) -> RunJob:
    """Return what follows an upload: the whole way where it approves itself, else its tickets."""
    return RunJob.WHOLE if session.manifest.auto_approve else RunJob.GENERATION


def run_key_of(pipeline: Pipeline, session: UploadSession) -> str:
    """Name a session with its content, and how often it got some: what comes back is run again."""
    key = session.session_key
    digits = session.content_sha256[:RUN_KEY_DIGITS]
    return f"{key}:{digits}:{upload_count(pipeline, key)}"


def show_registered(
    context: dg.OpExecutionContext,
    pipeline: Pipeline,
    outcome: UploadOutcome,
    **more: dg.MetadataValue | int | str,
) -> None:
    """Register the partition of what a run uploaded, have its tickets follow; show what was found."""
    show_uploaded(context, outcome, **more)
    leave_to_daemon(context, pipeline, outcome.session)


def leave_to_daemon(
    context: dg.OpExecutionContext, pipeline: Pipeline, session: UploadSession
) -> None:
    """Have the daemon start the run that follows the one that registered a session."""
    tags = {REGISTERED_TAG: run_key_of(pipeline, session)}
    context.instance.add_run_tags(context.run_id, plain_tags(tags))


def show_uploaded(
    context: dg.OpExecutionContext,
    outcome: UploadOutcome,
    **more: dg.MetadataValue | int | str,
) -> None:
    """Register the partition of what a run uploaded; tag the run with it, and show what was found."""
    announce_upload(context.instance, outcome)
    session = outcome.session
    tags = {PARTITION_TAG: session.session_key}
    context.instance.add_run_tags(context.run_id, plain_tags(tags))
    context.add_output_metadata(
        plain_metadata(
            {
                **findings_metadata(outcome.findings),
                "session_key": session.session_key,
                "is_unchanged": outcome.is_unchanged,
                "needs_layout": outcome.needs_layout,
                **more,
            }
        )
    )
