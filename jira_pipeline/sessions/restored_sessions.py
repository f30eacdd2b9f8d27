"""Sessions of a store that was restored from a backup: what each has to do first.

Belongs here: looking at them. Does not: putting a backup in place (`cli/homes`), asking Jira
(`export/settle`).

Jira may have issues that the backup does not know, so each session that was exported is settled
before anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.kept_files import folder_content_sha256, upload_place
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
    store = pipeline.store
    restored = []
    sent = store.ledger.targets_by_session()
    for session in sorted(store.sessions.list_all(), key=lambda session: session.session_key):
        folder = store.files.folder(upload_place(session.upload_path))
        is_copy_whole = folder.is_dir() and folder_content_sha256(folder) == session.content_sha256
        first = _first_for(session, sent)
        restored.append(RestoredSession(session=session, is_copy_whole=is_copy_whole, first=first))
    return restored


def _first_for(session: UploadSession, sent: Mapping[str, object]) -> Action | None:
    """Name the command that looks at what exists in Jira before it creates."""
    is_export = session.stage is SessionStage.JIRA_EXPORT
    key = session.session_key
    if is_export and session.status in AT_WORK:
        return Action.of(ActionKind.RESUME, "{}", session_key=key, force=True)
    is_sent = is_export or key in sent
    return Action.of(ActionKind.EXPORT, "{}", session_key=key) if is_sent else None
