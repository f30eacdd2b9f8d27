"""Messages to the team's webhook: what waits to be delivered, and the log of what was.

Belongs here: the value, how long it is tried and kept. Does not: which events are wanted
(`context/run_statuses`), the message (`sessions/notifying`), posting it (`sessions/delivering`).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from jira_pipeline.model.errors import ErrorCategory
from jira_pipeline.model.runs import RunEvent

TRIED_FOR = timedelta(hours=24)
"""A message is not sent later than so long after its event: it would be about another day."""
LOGGED_FOR = timedelta(days=30)


class DeliveryState(StrEnum):
    """Where a message is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery:
    """A message to the webhook, from its event until it leaves the log."""

    delivery_id: str
    """The same in each attempt, so that a receiver can tell a repetition."""
    session_key: str
    event: RunEvent
    task_id: str | None
    """What somebody asked for, as the API answers it; None: the event is of no run."""
    run_id: str | None
    created_at: datetime
    message: Mapping[str, Any] | None
    """What is posted; None once it is delivered or given up, so that the log holds no text of people."""
    next_attempt_at: datetime | None
    """None: it is delivered or given up."""
    attempt_count: int = 0
    delivered_at: datetime | None = None
    failure: str = ""
    """What became of the last attempt that failed, without the address; empty: none did."""
    failure_category: ErrorCategory | None = None
    """Who can act on that failure."""

    @property
    def state(self) -> DeliveryState:
        if self.delivered_at is not None:
            return DeliveryState.DELIVERED
        return DeliveryState.GIVEN_UP if self.next_attempt_at is None else DeliveryState.WAITING

    @property
    def tried_until(self) -> datetime:
        return self.created_at + TRIED_FOR


def delivery_id_of(
    *, installation_id: str, session_key: str, event: RunEvent, occasion: str
) -> str:
    """Return the id of the message about one occasion of an event: the same however often it is seen.

    `occasion` tells it from others of the session, such as by the id of a run.
    """
    name = f"{session_key}\n{event.value}\n{occasion}"
    return f"msg_{uuid.uuid5(uuid.UUID(installation_id), name).hex}"
