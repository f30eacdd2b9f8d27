"""The session store, with somebody who follows the progress (S0-10).

Belongs here: passing progress on while it is stored. Does not: what is told of it
(`progress_events`).
Dagster keeps every event for good, and one costs as much as a request to the sandbox: so they are
told once a second, and the store has them all.
"""

import time
from collections.abc import Callable
from datetime import datetime

from jira_pipeline.domain.sessions import TicketProgress, UploadSession
from jira_pipeline.ports.sessions import SessionStore

TELL_INTERVAL_SECONDS = 1.0
Tell = Callable[[UploadSession], None]


class ObservedSessions:
    """Does what a session store does, and tells progress on."""

    def __init__(
        self,
        sessions: SessionStore,
        tell: Tell,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep both."""
        self._sessions = sessions
        self._tell = tell
        self._monotonic = monotonic
        self._told_at: float | None = None
        self.find = sessions.find
        self.get = sessions.get
        self.list_all = sessions.list_all
        self.register = sessions.register
        self.record_reading = sessions.record_reading
        self.answer_as_new = sessions.answer_as_new
        self.files = sessions.files
        self.findings = sessions.findings
        self.set_stage = sessions.set_stage
        self.choose_writer = sessions.choose_writer
        self.mark_generated = sessions.mark_generated
        self.mark_invalidated = sessions.mark_invalidated
        self.remove = sessions.remove
        self.request_cancel = sessions.request_cancel
        self.is_cancel_requested = sessions.is_cancel_requested

    def set_progress(
        self,
        session_key: str,
        *,
        percentage: float,
        text: str,
        at: datetime,
        details: TicketProgress | None = None,
    ) -> None:
        """Store progress; tell it as it is stored, which never goes backwards."""
        self._sessions.set_progress(
            session_key, percentage=percentage, text=text, at=at, details=details
        )
        now = self._monotonic()
        if self._told_at is None or now - self._told_at >= TELL_INTERVAL_SECONDS:
            self._told_at = now
            self._tell(self._sessions.get(session_key))
