"""All sessions in a list, with what each needs.

Belongs here: gathering it. Does not: a closer look at one (`status`).
"""

from dataclasses import dataclass

from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.stages.session_status import SessionNeeds, needs_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSession:
    """A session as lists show it."""

    session: UploadSession
    needs: SessionNeeds


def listed_sessions(pipeline: Pipeline) -> tuple[ListedSession, ...]:
    """Return all sessions, newest first."""
    awaited = {request.session_key for request in pipeline.store.export_requests.waiting()}
    return tuple(
        ListedSession(
            session=session,
            needs=needs_of(session, is_export_awaited=session.session_key in awaited),
        )
        for session in pipeline.store.sessions.list_all()
    )


def listed_json(listed: ListedSession) -> dict[str, object]:
    """Say a session of the list as programs get it."""
    session, needs = listed.session, listed.needs
    return {
        "session_key": session.session_key,
        "site_name": session.site_name,
        "stage": session.stage.value,
        "status": session.status.value,
        "updated_at": f"{session.updated_at:%F %H:%M}",
        "stale": list(needs.stale),
        "needs_person": needs.needs_person,
        "needs": needs.what,
    }
