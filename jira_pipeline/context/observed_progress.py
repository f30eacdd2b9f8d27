"""Progress of the work on a session, passed on to somebody who follows it, such as Dagster's log.

Belongs here: passing on a part of what is stored, not too often. Does not: what is stored
(`store/session_store`), the log (`dagster_port/metadata`).
"""

import time
from collections.abc import Callable
from datetime import datetime

from typing_extensions import override

from jira_pipeline.model.sessions import TicketProgress, UploadSession, Wait
from jira_pipeline.store.session_store import SessionStore
from jira_pipeline.store.store import Store

PASS_ON_INTERVAL_SECONDS = 5.0
"""Dagster keeps each line of a log for good."""
PassOn = Callable[[UploadSession], None]


class ObservedSessions(SessionStore):
    """Passes a part of the stored progress on to somebody who follows the work on a session."""

    def __init__(
        self, store: Store, pass_on: PassOn, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(store.database)
        self._pass_on = pass_on
        self._monotonic = monotonic
        self._passed_on_at: float | None = None

    @override
    def set_progress(
        self,
        session_key: str,
        *,
        percentage: float,
        text: str,
        at: datetime,
        details: TicketProgress | None = None,
        wait: Wait | None = None,
    ) -> None:
        """Store progress; pass it on as it is stored, which never goes backwards."""
        super().set_progress(
            session_key, percentage=percentage, text=text, at=at, details=details, wait=wait
        )
        now = self._monotonic()
        if self._passed_on_at is None or now - self._passed_on_at >= PASS_ON_INTERVAL_SECONDS:
            self._passed_on_at = now
            self._pass_on(self.get(session_key))
