"""Posting what waits in the outbox to the team's webhook, signed, until it is accepted or too old.

Belongs here: one look at the outbox, the headers, what an answer means, when it is tried again. Does
not: the message (`notifying`), its form (`webhook_shapes`), rows (`store/webhook_delivery_store`).

Each attempt is written before it is made. A process that is killed after it sent a message and before
it noted the answer leaves it due: it is sent again under the same id, by which a receiver tells it.
"""

import json
import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Thread

import httpx
from standardwebhooks.webhooks import Webhook

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import Settings
from jira_pipeline.model.clock import Timer, asked_seconds, http_date
from jira_pipeline.model.errors import ErrorCategory
from jira_pipeline.model.network_failures import failure_words
from jira_pipeline.model.user_agent import user_agent
from jira_pipeline.model.webhook_deliveries import WebhookDelivery
from jira_pipeline.sessions.webhook_shapes import format_payload

TIMEOUT_SECONDS = 5.0
"""For each part of an exchange: connection, request, the head of the answer."""
ATTEMPT_SECONDS = 15.0
"""For the whole of it: a receiver that sends its head byte by byte keeps within each part."""
LOOK_SECONDS = 20.0
"""No attempt begins later in a look: the sensors of a daemon take turns."""
DELIVERIES_OF_LOOK = 50
BACKOFF_BASE_SECONDS = 30.0
BACKOFF_MAX_SECONDS = 3600.0
JITTER_MIN = 0.7
JITTER_MAX = 1.3
"""Messages that failed together are not all sent again together."""
_TEMPORARY_STATUSES = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The webhook has the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAccepted:
    """The webhook was out of reach or refused the message."""

    failure: str
    """In words that repeat nothing of the address, which is a secret."""
    category: ErrorCategory
    wait_seconds: float = 0.0
    """How long its answer asks to wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLook:
    """What one look at the outbox did."""

    delivered: int = 0
    failed: int = 0


def deliver_due(
    pipeline: Pipeline,
    *,
    timer: Timer,
    random: Callable[[], float],
    transport: httpx.BaseTransport | None = None,
    attempt_seconds: float = ATTEMPT_SECONDS,
) -> DeliveryLook:
    """Send what is due, give up what is too old, and forget what is older than the log."""
    outbox = pipeline.store.webhook_deliveries
    outbox.forget_old(pipeline.clock.now())
    if pipeline.settings.notify_webhook_url is None:
        return DeliveryLook()
    until = timer.monotonic() + LOOK_SECONDS
    delivered = 0
    failed = 0
    for delivery in outbox.due(pipeline.clock.now(), limit=DELIVERIES_OF_LOOK):
        if timer.monotonic() >= until:
            break
        now = pipeline.clock.now()
        wait = _backoff_seconds(delivery.attempt_count, random)
        if not outbox.claim(delivery, next_attempt_at=now + timedelta(seconds=wait)):
            continue
        outcome = _post_in_time(
            delivery, pipeline.settings, now=now, transport=transport, seconds=attempt_seconds
        )
        match outcome:
            case Accepted():
                outbox.mark_delivered(delivery.delivery_id, at=pipeline.clock.now())
                delivered += 1
            case NotAccepted():
                wait = max(wait, min(outcome.wait_seconds, BACKOFF_MAX_SECONDS))
                _note(pipeline, delivery, outcome, wait_seconds=wait)
                failed += 1
    return DeliveryLook(delivered=delivered, failed=failed)


def _note(
    pipeline: Pipeline, delivery: WebhookDelivery, outcome: NotAccepted, *, wait_seconds: float
) -> None:
    """Store and log why an attempt failed; after its last one the message is given up."""
    next_attempt_at = pipeline.clock.now() + timedelta(seconds=wait_seconds)
    is_given_up = next_attempt_at >= delivery.tried_until
    logger.warning(
        "Message %s of session %s (%s) was not delivered: %s; %s",
        delivery.delivery_id,
        delivery.session_key,
        delivery.event.value,
        outcome.failure,
        "it is given up" if is_given_up else f"tried again at {next_attempt_at:%H:%M:%S} UTC",
    )
    pipeline.store.webhook_deliveries.note_failure(
        delivery.delivery_id,
        failure=outcome.failure,
        category=outcome.category,
        next_attempt_at=None if is_given_up else next_attempt_at,
    )


def _backoff_seconds(attempts_before: int, random: Callable[[], float]) -> float:
    """Return a wait that doubles with each attempt up to a cap, with jitter."""
    # The exponent is bounded too: a float ends at 2 ** 1024.
    doubled = BACKOFF_BASE_SECONDS * 2.0 ** min(attempts_before, 16)
    jitter = JITTER_MIN + (JITTER_MAX - JITTER_MIN) * random()
    return min(BACKOFF_MAX_SECONDS, doubled) * jitter


def _post_in_time(
    delivery: WebhookDelivery,
    settings: Settings,
    *,
    now: datetime,
    transport: httpx.BaseTransport | None,
    seconds: float,
) -> Accepted | NotAccepted:
    """Post one message in a thread of its own, and wait no longer than so many seconds.

    The sensors of a daemon take turns: one that waits for a receiver starts no run meanwhile.
    """
    client = httpx.Client(
        transport=transport, timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False
    )
    attempt: Future[Accepted | NotAccepted] = Future()

    def post() -> None:
        try:
            attempt.set_result(_post(client, delivery, settings, now=now))
        except BaseException as error:  # noqa: BLE001 - raised again by who waits
            attempt.set_exception(error)

    Thread(target=post, name="webhook", daemon=True).start()
    try:
        return attempt.result(timeout=seconds)
    except TimeoutError:
        return NotAccepted(
            failure=f"the webhook took longer than {seconds:g} s", category=ErrorCategory.TEMPORARY
        )
    finally:
        client.close()  # where the thread still reads, its next read fails


def _post(
    client: httpx.Client, delivery: WebhookDelivery, settings: Settings, *, now: datetime
) -> Accepted | NotAccepted:
    """Post one message; of the answer only the head is read."""
    assert settings.notify_webhook_url is not None  # noqa: S101 - `deliver_due` looked
    assert delivery.message is not None  # noqa: S101 - it is due
    body = json.dumps(format_payload(delivery.message, settings.notify_webhook_shape))
    url = settings.notify_webhook_url.get_secret_value()
    headers = _headers_of(delivery, body, settings, now=now)
    try:
        with client.stream("POST", url, content=body, headers=headers) as response:
            return _outcome_of(response)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # Its own words may repeat the address, which is a secret.
        return NotAccepted(failure=failure_words(error), category=ErrorCategory.TEMPORARY)


def _headers_of(
    delivery: WebhookDelivery, body: str, settings: Settings, *, now: datetime
) -> dict[str, str]:
    """Return the headers of one attempt, signed where there is a secret.

    Source: https://github.com/standard-webhooks/standard-webhooks, the specification, read
    1 December 2026: the time is that of the attempt, and the id is that of the message.
    """
    headers = {
        "content-type": "application/json",
        "user-agent": user_agent(),
        "webhook-id": delivery.delivery_id,
        "webhook-timestamp": str(int(now.timestamp())),
    }
    if settings.notify_webhook_secret is not None:
        webhook = Webhook(settings.notify_webhook_secret.get_secret_value())
        headers["webhook-signature"] = webhook.sign(delivery.delivery_id, now, body)
    return headers


def _outcome_of(response: httpx.Response) -> Accepted | NotAccepted:
    """Return what the head of an answer means: everything but success is tried again.

    Who changes the address or the secret within a day still gets the message.
    """
    status = response.status_code
    if response.is_success:
        return Accepted()
    is_temporary = response.is_server_error or status in _TEMPORARY_STATUSES
    answered_at = http_date(response.headers.get("Date", ""))
    wait = asked_seconds(response.headers.get("Retry-After", ""), answered_at=answered_at)
    return NotAccepted(
        failure=f"the webhook answered {status}",
        category=ErrorCategory.TEMPORARY if is_temporary else ErrorCategory.ADMIN_REQUIRED,
        wait_seconds=wait or 0.0,
    )
