"""The outbox of reviews: what people changed and Dagster does not know yet.

Belongs here: keeping events until somebody reported them. Does not: which changes there are
(`record_store` adds an event in the transaction of each), reporting (`defs/reports`).
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, delete, insert

from jira_pipeline.model.records import ReviewEvent
from jira_pipeline.store import tables
from jira_pipeline.store.mapping import Rows
from jira_pipeline.store.transactions import StorePart, repeated

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "dependency_added": "depend",
        "dependency_removed": "depend",
        "fields_assigned": "assign",
        "questions_answered": "answer",
        "ticket_edited": "edit",
        "ticket_rolled_back": "rollback",
        "tickets_marked_ready": "ready",
        "tickets_reordered": "order",
        "tickets_skipped": "skip",
        "tickets_unmarked_ready": "unready",
        "tickets_unskipped": "unskip",
        "withdrawals_agreed": "withdraw",
        "withdrawals_proposed_again": "unwithdraw",
    }
)
"""The word of a change by its action in the audit trail; of others there are no events."""

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


def append_event(
    connection: Connection, *, at: datetime, session_key: str | None, action: str, by: str
) -> None:
    """Add an event for an entry of the audit trail, where people changed tickets."""
    if action in ACTIONS:
        connection.execute(
            insert(tables.review_events).values(
                at=at, session_key=session_key, action=ACTIONS[action], by=by
            )
        )
