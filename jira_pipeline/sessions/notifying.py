"""Telling a team how a run ended, that a client answered, that a session waits or will be removed.

A message is put into the outbox of the store, so that it is delivered whatever happens to the process
and to the webhook, and no run waits for it.

Belongs here: the message, whether it is wanted, and its place in the outbox. Does not: which ends are
wanted (`context/run_statuses`), posting it (`delivering`), the forms of Slack and Teams
(`webhook_shapes`).
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from jira_pipeline.context.run_statuses import EndedRun, notification_for
from jira_pipeline.context.settings import Settings
from jira_pipeline.context.states import confirming_layout
from jira_pipeline.export.session_results import results
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.runs import RunEvent, RunJob
from jira_pipeline.model.webhook_deliveries import WebhookDelivery, delivery_id_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sheets.upload_reading import UploadOutcome


def notify(session: OpenSession, ended: EndedRun, *, job_name: str, task_id: str | None) -> bool:
    """Have the end of a run posted to the webhook, if that is wanted; return whether it will be.

    Word of one end may come twice; it is posted once.
    """
    event = notification_for(session.stored, ended, is_validation=job_name == RunJob.VALIDATION)
    if event is None:
        return False
    return _put_into_outbox(
        session,
        event,
        lambda: _details_of_run(session, ended, event=event, job_name=job_name),
        occasion=ended.run_id,
        task_id=task_id or ended.run_id,
        run_id=ended.run_id,
    )


def notify_of_answers(session: OpenSession, *, by: str) -> bool:
    """Have it posted that a client sent answers, as `notify` does the end of a run."""

    def read_details() -> Mapping[str, object]:
        count = len(session.questions_with_proposals)
        return {"result": {"by": by, "answers_arrived": count}}

    return _put_into_outbox(session, RunEvent.ANSWERS_ARRIVED, read_details)


def notify_of_removal(session: OpenSession, *, removed_on: date) -> bool:
    """Have it posted that a session will be removed on a day, once for each day."""
    details = {"result": {"removed_on": removed_on.isoformat()}}
    return _put_into_outbox(
        session, RunEvent.REMOVAL_ANNOUNCED, lambda: details, occasion=removed_on.isoformat()
    )


def notify_of_layout(session: OpenSession, outcome: UploadOutcome) -> bool:
    """Have it posted that an upload waits for its layout, once for the same files.

    A folder that is taken again after a crash is one whose files are known already.
    """
    if not outcome.needs_layout:
        return False
    stored = session.stored
    details = {"result": {"next": action_text(confirming_layout(stored).action)}}
    files = stored.waiting_sha256 or stored.content_sha256
    return _put_into_outbox(session, RunEvent.LAYOUT_NEEDED, lambda: details, occasion=files)


def _put_into_outbox(
    session: OpenSession,
    event: RunEvent,
    read_details: Callable[[], Mapping[str, object]],
    *,
    occasion: str = "",
    task_id: str | None = None,
    run_id: str | None = None,
) -> bool:
    """Keep a message to be delivered, if its event is wanted; return whether it was not kept before.

    `read_details` returns what the message says besides what all say; it is called only where it is
    wanted. `occasion` tells it from other messages of the event; the time does, where it is empty.
    """
    if not _is_wanted(event, session.settings):
        return False
    now = session.clock.now()
    delivery_id = _delivery_id_of(session, event, occasion or now.isoformat())
    message: dict[str, Any] = {
        "event": event.value,
        "delivery_id": delivery_id,
        "session_key": session.key,
        "site_name": session.stored.site_name,
        "task_id": task_id,
        "run_id": run_id,
        "at": now.isoformat(),
        "error": None,
    }
    message |= read_details()
    delivery = WebhookDelivery(
        delivery_id=delivery_id,
        session_key=session.key,
        event=event,
        task_id=task_id,
        run_id=run_id,
        created_at=now,
        message=message,
        next_attempt_at=now,
    )
    return session.store.webhook_deliveries.add(delivery)


def _delivery_id_of(session: OpenSession, event: RunEvent, occasion: str) -> str:
    return delivery_id_of(
        installation_id=session.store.ledger.installation_id(),
        session_key=session.key,
        event=event,
        occasion=occasion,
    )


def _is_wanted(event: RunEvent, settings: Settings) -> bool:
    return settings.notify_webhook_url is not None and event in settings.notified_events


def _details_of_run(
    session: OpenSession, ended: EndedRun, *, event: RunEvent, job_name: str
) -> dict[str, object]:
    """Return what the message about the end of a run says of it, with its last error and its counts."""
    stored = session.stored
    return {
        "job": job_name,
        "at": ended.ended_at.isoformat(),
        "stage": stored.stage.value,
        "status": stored.status.value,
        "progress_percentage": stored.progress_percentage,
        "error": _last_error_of_run(session, ended.run_id),
        "result": _result_of(session, event),
    }


def _last_error_of_run(session: OpenSession, run_id: str) -> dict[str, object] | None:
    errors = [
        error for error in session.store.errors.list_all(session.key) if error.run_id == run_id
    ]
    if not errors:
        return None
    last = errors[-1]
    return {
        "code": last.code,
        "category": last.category,
        "message": last.message,
        "recovery_actions": [action_text(action) for action in last.recovery_actions],
    }


def _result_of(session: OpenSession, event: RunEvent) -> dict[str, object] | None:
    """Return the counts of what a run did; None where it failed or was cancelled."""
    if event is RunEvent.READY_FOR_REVIEW:
        tally = session.tally
        return {
            "ready_for_review": True,
            "tickets": tally.exportable,
            "open_questions": tally.questions.count,
        }
    if event is not RunEvent.EXPORT_COMPLETED:
        return None
    exported = results(session)
    if exported is None:
        return None
    return {
        "tickets_created": len(exported.created),
        "dependencies_created": exported.dependencies_created,
        "manual_fixes_needed": exported.open_fixes,
        "total_processing_time_minutes": exported.total_processing_time_minutes,
        "jql": exported.jql,
    }
