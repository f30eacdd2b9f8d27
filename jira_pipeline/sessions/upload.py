"""Uploading sheets: a folder becomes a session, its sheets are read.

Belongs here: calling the stage with what the process works with. Does not: rules
(`stages/upload_reading`, `stages/inbox`).
"""

from pathlib import Path

from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.stages.upload_reading import (
    SpecificationReading,
    UploadOutcome,
    read_session,
    upload_folder,
)


def upload(
    pipeline: Pipeline,
    folder: Path,
    *,
    session_key: str | None,
    auto_approve: bool,
    actor: str,
    as_new: bool = False,
) -> UploadOutcome:
    """Register a folder as a pipeline."""
    return upload_folder(
        folder,
        session_key=session_key,
        auto_approve=auto_approve,
        as_new=as_new,
        source=pipeline.source,
        sessions=pipeline.store.sessions,
        ledger=pipeline.store.ledger,
        uploads_path=pipeline.settings.uploads_path,
        now=pipeline.clock.now(),
        actor=actor,
    )


def read_files(session: OpenSession) -> SpecificationReading:
    """Read the sheets of a session and store its findings."""
    return read_session(
        session.stored,
        source=session.pipeline.source,
        sessions=session.store.sessions,
        uploads_path=session.settings.uploads_path,
    )
