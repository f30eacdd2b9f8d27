"""Removing what is no longer kept of a session: rows, files, partition.

Belongs here: the order of removing, so that a crash leaves nothing that cannot be removed later.
Does not: which sessions are old enough (`stages/session_upkeep`), when to look (`upkeep_sensors`).

The audit trail, the ledger and the history of runs stay. Files go last: a session in the store
always has its files.
"""

import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg

from jira_pipeline.defs.partitions import PARTITIONS_NAME
from jira_pipeline.errors import StoreError
from jira_pipeline.sessions.composition import Pipeline

RETENTION = "retention"
UNDER_WAY = timedelta(minutes=10)
"""A folder that is younger may be of an upload whose session is not registered yet."""


def remove_session(
    instance: dg.DagsterInstance,
    pipeline: Pipeline,
    session_key: str,
    *,
    unchanged_since: datetime | None = None,
) -> bool:
    """Remove a session, its partition and its files; what is gone already is no fault.

    Tells whether it is gone: a session that somebody took up again since stays, and so does what
    is uploaded anew while it is removed. Without `unchanged_since` only what was left behind goes.

    Raises:
        StoreError: A file cannot be removed; removing again carries on.
    """
    sessions = pipeline.store.sessions
    if sessions.find(session_key) is not None:
        is_removed = unchanged_since is not None and sessions.remove(
            session_key, at=pipeline.clock.now(), by=RETENTION, unchanged_since=unchanged_since
        )
        if not is_removed:
            return False
    if instance.has_dynamic_partition(PARTITIONS_NAME, session_key):
        instance.delete_dynamic_partition(PARTITIONS_NAME, session_key)
    for path in files_of_session(pipeline, session_key):
        if sessions.find(session_key) is not None:
            return False
        try:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StoreError(
                f"{path} cannot be removed: {error.strerror}.",
                recovery_actions=("Give this account the right to remove it; it is tried again.",),
            ) from error
    return True


def left_behind(pipeline: Pipeline) -> Sequence[str]:
    """Return the keys of sessions that are gone and whose files are not."""
    known = {session.session_key for session in pipeline.store.sessions.list_all()}
    uploads = pipeline.settings.uploads_path
    if not uploads.is_dir():
        return ()
    settled = (pipeline.clock.now() - UNDER_WAY).timestamp()
    kept = {
        path.name for path in uploads.iterdir() if path.is_dir() and path.stat().st_mtime < settled
    }
    removed = {key for key in kept - known if _was_removed(pipeline, key)}
    return tuple(sorted(removed))


def files_of_session(pipeline: Pipeline, session_key: str) -> tuple[Path, ...]:
    """Return what is kept of a session outside the store: copies, pages, artefacts."""
    settings = pipeline.settings
    folders = [settings.uploads_path / session_key, settings.pages_path / session_key]
    artefacts = Path(settings.artefacts_path)
    files = artefacts.glob(f"*/{session_key}.json") if artefacts.is_dir() else ()
    return tuple(path for path in (*folders, *sorted(files)) if path.exists())


def _was_removed(pipeline: Pipeline, session_key: str) -> bool:
    """Tell whether the audit trail says so: a folder of a first upload is left alone."""
    entries = pipeline.store.audit.entries(session_key)
    return bool(entries) and entries[-1].action == "session_removed"
