"""The outbox of reviews: what people changed and Dagster does not know yet.

Belongs here: keeping events until somebody reported them. Does not: which changes there are
(`record_store` adds an event in the transaction of each), reporting (`defs/reports`).
"""

from sqlalchemy import delete

from jira_pipeline.model.records import ReviewEvent
from jira_pipeline.store import tables
from jira_pipeline.store.mapping import Rows
from jira_pipeline.store.transactions import StorePart, repeated

_EVENT, _EVENTS = Rows(tables.review_events, ReviewEvent), tables.review_events.c


class ReviewOutbox(StorePart):
    """Keeps the event of every change of tickets until somebody reported it."""

    def pending(self, session_key: str | None = None) -> tuple[ReviewEvent, ...]:
        """Return the events nobody reported, of all sessions or of one, oldest first."""
        chosen = _EVENT.chosen.order_by(_EVENTS.event_id)
        if session_key is not None:
            chosen = chosen.where(_EVENTS.session_key == session_key)
        return _EVENT.of(self._database.asked(chosen))

    @repeated
    def mark_reported(self, event: ReviewEvent) -> None:
        """Remove an event and those of its session before it.

        None of them can appear later: the changes of a session wait for each other.
        """
        with self._database.writing() as connection:
            connection.execute(
                delete(tables.review_events).where(
                    _EVENTS.session_key == event.session_key, _EVENTS.event_id <= event.event_id
                )
            )
