"""What a session waits for, in a few words: the column of lists of sessions.

Belongs here: the words, and whether they are urgent. Does not: the next step with its command
(`states`), gathering sessions (`sessions/listing`).
"""

from dataclasses import dataclass

from jira_pipeline.context.freshness import changes_since_validation, source_changed
from jira_pipeline.model.sessions import SessionStage, SessionStatus, UploadSession

_NEEDS_AFTER_FAILURE = {
    SessionStatus.FAILED: "see errors",
    SessionStatus.CANCELLED: "resume",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionNeeds:
    """What the row of a session alone says about what it needs."""

    stale: tuple[str, ...]
    needs_person: bool
    """Nothing goes on by itself."""
    what: str
    """In a few words; empty where nothing is needed."""


def needs_of(
    session: UploadSession,
    *,
    is_export_awaited: bool,
    is_ready: bool = False,
    is_undo_open: bool = False,
    to_decide: int = 0,
) -> SessionNeeds:
    """Tell what a session needs from its row, for lists; `next_step` looks closer.

    `is_ready`: no ticket of it waits for review. `to_decide` counts the issues that are gone in
    Jira or there twice.
    """
    stale = changes_since_validation(session)
    is_replaced = source_changed(session.source_word) in stale
    is_review = (session.stage, session.status) == (SessionStage.REVIEW, SessionStatus.WAITING)
    needs_person = True
    what = ""
    if session.status is SessionStatus.RUNNING:
        needs_person = False
    elif is_undo_open:
        what = "finish the undo"
    elif is_export_awaited and not is_replaced:
        needs_person = False
        what = "export requested"
    elif to_decide:
        what = "decide"
    elif session.waiting_sha256 is not None:
        what = "confirm the layout"
    elif session.status in _NEEDS_AFTER_FAILURE:
        what = _NEEDS_AFTER_FAILURE[session.status]
    elif is_replaced:
        what = "write the tickets"
    elif stale:
        needs_person = False
        what = "validate"
    elif is_review:
        what = "export" if is_ready else "review"
    else:
        needs_person = False
    return SessionNeeds(stale=stale, needs_person=needs_person, what=what)
