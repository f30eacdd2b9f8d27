"""Messages to the team's webhook: the outbox of those that wait, and the log of the others.

Belongs here: statements. Does not: the message (`sessions/notifying`), posting it and when it is
tried again (`sessions/delivering`).

A message is added in the transaction of its event, and claimed before each attempt: whoever is
killed between sending and noting the answer leaves it to be sent again, under the same id.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, update

from jira_pipeline.model.errors import ErrorCategory
from jira_pipeline.model.runs import PIPELINE
from jira_pipeline.model.webhook_deliveries import LOGGED_FOR, TRIED_FOR, WebhookDelivery
from jira_pipeline.store import tables
from jira_pipeline.store.changes import SessionPart
from jira_pipeline.store.mapping import Rows, delete_rows, has_cells, update_rows
from jira_pipeline.store.transactions import repeated

_DELIVERY = Rows(tables.webhook_deliveries, WebhookDelivery)
_DELIVERIES = tables.webhook_deliveries.c


class WebhookDeliveryStore(SessionPart):
    """Keeps each message until it is delivered or given up, and after that what became of it."""

    @repeated
    def add(self, delivery: WebhookDelivery) -> bool:
        """Keep a message to be delivered; False where there is one with its id already.

        Raises:
            NotFoundError: There is no such session.
        """
        key = {"delivery_id": delivery.delivery_id}
        with self._begin_change(
            delivery.session_key, by=PIPELINE, at=delivery.created_at
        ) as change:
            if _DELIVERY.read(change.connection, **key):
                return False
            _DELIVERY.insert_one(change.connection, delivery)
            return True

    def due(self, at: datetime, *, limit: int) -> tuple[WebhookDelivery, ...]:
        """Return messages whose next attempt is due and that are not too old, the longest due first."""
        is_due = _DELIVERIES.next_attempt_at <= at
        return self._values(
            _DELIVERY,
            is_due,
            _DELIVERIES.created_at > at - TRIED_FOR,
            order_by=[_DELIVERIES.next_attempt_at, _DELIVERIES.delivery_id],
            limit=limit,
        )

    def claim(self, delivery: WebhookDelivery, *, next_attempt_at: datetime) -> bool:
        """Count an attempt that begins, and say when the next one is due if nobody notes its outcome.

        False: another process has begun it, or it is over.
        """
        as_read = has_cells(
            tables.webhook_deliveries,
            delivery_id=delivery.delivery_id,
            attempt_count=delivery.attempt_count,
            next_attempt_at=delivery.next_attempt_at,
        )
        begun = {"attempt_count": delivery.attempt_count + 1, "next_attempt_at": next_attempt_at}
        return self._execute(update(tables.webhook_deliveries).where(as_read).values(begun))

    def mark_delivered(self, delivery_id: str, *, at: datetime) -> None:
        """Remember that the webhook accepted a message, and forget the message."""
        self._update({"delivered_at": at, "next_attempt_at": None, "message": None}, delivery_id)

    def note_failure(
        self,
        delivery_id: str,
        *,
        failure: str,
        category: ErrorCategory,
        next_attempt_at: datetime | None,
    ) -> None:
        """Remember why the last attempt failed, and when the next one is due; without one, give it up."""
        noted: dict[str, object] = {
            "failure": failure,
            "failure_category": category,
            "next_attempt_at": next_attempt_at,
        }
        if next_attempt_at is None:
            noted["message"] = None
        # One that was given up meanwhile has no message any more, and is not begun again.
        self._update(noted, delivery_id, _DELIVERIES.message.is_not(None))

    @repeated
    def _update(
        self, values: dict[str, object], delivery_id: str, *conditions: ColumnElement[bool]
    ) -> None:
        with self._database.writing() as connection:
            table = tables.webhook_deliveries
            update_rows(connection, table, values, *conditions, delivery_id=delivery_id)

    @repeated
    def forget_old(self, at: datetime) -> None:
        """Give up what was tried for `TRIED_FOR`, with its text; what is older than the log leaves it."""
        over = {"next_attempt_at": None, "message": None}
        is_waiting = _DELIVERIES.next_attempt_at.is_not(None)
        is_too_old = _DELIVERIES.created_at <= at - TRIED_FOR
        is_out_of_log = _DELIVERIES.created_at <= at - LOGGED_FOR
        with self._database.writing() as connection:
            update_rows(connection, tables.webhook_deliveries, over, is_waiting, is_too_old)
            delete_rows(connection, tables.webhook_deliveries, is_out_of_log)

    def of_session(self, session_key: str, *, limit: int) -> tuple[WebhookDelivery, ...]:
        """Return the newest messages of a session, newest first."""
        newest_first = [_DELIVERIES.created_at.desc(), _DELIVERIES.delivery_id]
        return self._values(_DELIVERY, order_by=newest_first, limit=limit, session_key=session_key)
