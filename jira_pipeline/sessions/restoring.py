"""Looks at a store that was restored: is it whole, and which sessions have to ask Jira first.

Belongs here: that look. Does not: putting a backup in place (`cli/store`), asking Jira
(`export/settle`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.kept_files import content_sha256, file_hashes_of, upload_place
from jira_pipeline.model.sessions import AT_WORK, SessionStage, UploadSession


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredSession:
    """A session of a store that may be older than Jira."""

    session: UploadSession
    is_copy_whole: bool
    """What it was uploaded with is there, as it was."""
    first: Action | None
    """What looks at Jira before anything else is sent; None where nothing was sent."""


def look_at_restored(pipeline: Pipeline) -> list[RestoredSession]:
    """Hash every copy, and say what to do first with each session; Jira is not asked."""
    store, restored = pipeline.store, []
    sent = store.ledger.targets_by_session()
    for session in sorted(store.sessions.list_all(), key=lambda one: one.session_key):
        folder = store.files.folder(upload_place(session.upload_path))
        is_copy_whole = (
            folder.is_dir() and content_sha256(file_hashes_of(folder)) == session.content_sha256
        )
        first = _first_for(session, sent)
        restored.append(RestoredSession(session=session, is_copy_whole=is_copy_whole, first=first))
    return restored


def _first_for(session: UploadSession, sent: Mapping[str, object]) -> Action | None:
    """Name the command that looks at what exists in Jira before it creates."""
    is_export = session.stage is SessionStage.JIRA_EXPORT
    if is_export and session.status in AT_WORK:
        return Action.of(ActionKind.RESUME, "{}", session_key=session.session_key, force=True)
    if is_export or session.session_key in sent:
        return Action.of(ActionKind.EXPORT, "{}", session_key=session.session_key)
    return None
