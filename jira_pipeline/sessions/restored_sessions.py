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
    """Whether the copy of its upload is there and unchanged."""
    first: Action | None
    """The command that reads Jira before anything is sent; None where nothing ever was."""


def check_restored_sessions(pipeline: Pipeline) -> list[RestoredSession]:
    """Return each session with whether its copy is whole, and what to do first; Jira is not asked."""
    store = pipeline.store
    restored = []
    sent = store.ledger.targets_by_session()
    for session in sorted(store.sessions.list_all(), key=lambda session: session.session_key):
        folder = store.files.folder(upload_place(session.upload_path))
        is_copy_whole = folder.is_dir() and folder_content_sha256(folder) == session.content_sha256
        first = _first_action(session, sent)
        restored.append(RestoredSession(session=session, is_copy_whole=is_copy_whole, first=first))
    return restored


def _first_action(session: UploadSession, sent: Mapping[str, object]) -> Action | None:
    """Return the command that finds a session's issues in Jira before it creates any.

    None where nothing was sent.
    """
    is_export = session.stage is SessionStage.JIRA_EXPORT
    key = session.session_key
    if is_export and session.status in AT_WORK:
        return Action.of(ActionKind.RESUME, "{}", session_key=key, force=True)
    is_sent = is_export or key in sent
    return Action.of(ActionKind.EXPORT, "{}", session_key=key) if is_sent else None
