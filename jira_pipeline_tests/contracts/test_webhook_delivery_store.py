"""What every WebhookDeliveryStore does: no message is lost, and none is begun by two at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jira_pipeline.model.errors import ErrorCategory
from jira_pipeline.model.runs import RunEvent
from jira_pipeline.model.webhook_deliveries import DeliveryState, WebhookDelivery
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, after

pytestmark = pytest.mark.usefixtures("session")
DELIVERY = WebhookDelivery(
    delivery_id="msg_1",
    session_key="site",
    event=RunEvent.ANSWERS_ARRIVED,
    task_id=None,
    run_id=None,
    created_at=START,
    message={"result": {"by": "Jonas Weber"}},
    next_attempt_at=START,
)


def logged(store: Store) -> WebhookDelivery:
    [delivery] = store.webhook_deliveries.of_session("site", limit=9)
    return delivery


def test_a_message_is_kept_once_however_often_its_event_is_seen(store: Store) -> None:
    outbox = store.webhook_deliveries

    is_kept = [outbox.add(DELIVERY), outbox.add(replace(DELIVERY, created_at=after(5)))]

    assert is_kept == [True, False]
    assert outbox.due(after(1), limit=9) == (DELIVERY,)


def test_an_attempt_is_begun_by_one_and_due_again_where_nobody_notes_its_outcome(
    store: Store,
) -> None:
    outbox = store.webhook_deliveries
    outbox.add(DELIVERY)

    begun = [outbox.claim(DELIVERY, next_attempt_at=after(2)) for _ in range(2)]

    assert begun == [True, False]
    assert outbox.due(after(1), limit=9) == ()
    [again] = outbox.due(after(2), limit=9)
    assert (again.delivery_id, again.attempt_count) == ("msg_1", 1)
    assert again.message == DELIVERY.message


def test_what_was_delivered_leaves_a_log_without_its_text(store: Store) -> None:
    outbox = store.webhook_deliveries
    outbox.add(DELIVERY)
    outbox.claim(DELIVERY, next_attempt_at=after(2))

    outbox.mark_delivered("msg_1", at=after(1))
    outbox.note_failure(  # by a process that was slow
        "msg_1", failure="late", category=ErrorCategory.TEMPORARY, next_attempt_at=after(3)
    )

    assert logged(store).state is DeliveryState.DELIVERED
    assert (logged(store).message, logged(store).failure) == (None, "")
    assert outbox.due(after(60), limit=9) == ()


def test_what_fails_for_a_day_is_given_up_and_leaves_the_log_after_a_month(store: Store) -> None:
    outbox = store.webhook_deliveries
    outbox.add(DELIVERY)
    day = START + timedelta(days=1)
    outbox.note_failure(
        "msg_1", failure="away", category=ErrorCategory.TEMPORARY, next_attempt_at=day
    )
    due_on_last_minute = outbox.due(day - timedelta(minutes=1), limit=9)

    outbox.forget_old(day)

    assert due_on_last_minute == ()
    assert outbox.due(day, limit=9) == ()
    assert (logged(store).state, logged(store).message) == (DeliveryState.GIVEN_UP, None)
    assert (logged(store).failure, logged(store).failure_category) == (
        *("away", ErrorCategory.TEMPORARY),
    )
    outbox.forget_old(START + timedelta(days=30))
    assert outbox.of_session("site", limit=9) == ()
