"""Telling a team how a run ended, that a client answered, that a session waits or will be removed.

Belongs here: the message, posting it. Does not: which ends are wanted (`context/run_statuses`).
"""

import html
import logging
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from jira_pipeline.context.run_statuses import EndedRun, notification_for
from jira_pipeline.context.settings import WebhookShape
from jira_pipeline.context.states import confirming_layout
from jira_pipeline.export.session_results import results
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.network_failures import failure_words
from jira_pipeline.model.runs import RunEvent, RunJob
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sheets.upload_reading import UploadOutcome

if TYPE_CHECKING:
    import httpx

WEBHOOK_TIMEOUT_SECONDS = 5.0
logger = logging.getLogger(__name__)
_EVENT_TEXTS = {
    RunEvent.READY_FOR_REVIEW: (
        "{tickets} tickets can be reviewed, {open_questions} questions are open"
    ),
    RunEvent.EXPORT_COMPLETED: (
        "the export is completed: {tickets_created} issues, {manual_fixes_needed} left to do by hand"
    ),
    RunEvent.ANSWERS_ARRIVED: "{by} answered: {answers_arrived} new answers wait to be accepted",
    RunEvent.REMOVAL_ANNOUNCED: "it will be removed on {removed_on}, unless somebody acts",
    RunEvent.LAYOUT_NEEDED: "an upload needs a layout before its tickets are written",
    RunEvent.RUN_CANCELLED: "{job} was cancelled",
    RunEvent.RUN_FAILED: "{job} failed",
}


def notify(
    session: OpenSession,
    ended: EndedRun,
    *,
    job_name: str,
    transport: "httpx.BaseTransport | None" = None,
) -> bool:
    """Post the end of a run to the webhook, if that is wanted; return whether it was accepted."""
    event = notification_for(session.stored, ended, is_validation=job_name == RunJob.VALIDATION)
    if event is None:
        return False
    message = partial(message_of, session, ended, event=event, job_name=job_name)
    return _post(session, event, message, about=f"run {ended.run_id}", transport=transport)


def notify_of_answers(
    session: OpenSession, *, by: str, transport: "httpx.BaseTransport | None" = None
) -> bool:
    """Post that a client sent answers, as `notify` does the end of a run."""
    event = RunEvent.ANSWERS_ARRIVED
    count = len(session.questions_with_proposals)
    message = {
        "event": event.value,
        "session_key": session.key,
        "site_name": session.stored.site_name,
        "at": session.clock.now().isoformat(),
        "error": None,
        "result": {"by": by, "answers_arrived": count},
    }
    return _post(session, event, lambda: message, about="answers", transport=transport)


def notify_of_removal(
    session: OpenSession, *, removed_on: date, transport: "httpx.BaseTransport | None" = None
) -> bool:
    """Post that a session will be removed, as `notify` does the end of a run."""
    event = RunEvent.REMOVAL_ANNOUNCED
    message = {
        "event": event.value,
        "session_key": session.key,
        "site_name": session.stored.site_name,
        "at": session.clock.now().isoformat(),
        "error": None,
        "result": {"removed_on": removed_on.isoformat()},
    }
    return _post(session, event, lambda: message, about="a removal", transport=transport)


def notify_of_layout(
    session: OpenSession,
    outcome: UploadOutcome,
    *,
    transport: "httpx.BaseTransport | None" = None,
) -> bool:
    """Post that an upload waits for its layout, once, as `notify` does the end of a run."""
    if outcome.is_unchanged or not outcome.needs_layout:
        return False
    event = RunEvent.LAYOUT_NEEDED
    message = {
        "event": event.value,
        "session_key": session.key,
        "site_name": session.stored.site_name,
        "at": session.clock.now().isoformat(),
        "error": None,
        "result": {"next": action_text(confirming_layout(session.stored).action)},
    }
    return _post(session, event, lambda: message, about="a layout", transport=transport)


def _post(
    session: OpenSession,
    event: RunEvent,
    message: Callable[[], Mapping[str, Any]],
    *,
    about: str,
    transport: "httpx.BaseTransport | None",
) -> bool:
    """Post a message, if its event is wanted; return whether the webhook accepted it.

    `message` is called only then. A failure is logged without the address, which may have a secret;
    `about` names the message there.
    """
    settings = session.settings
    if event not in settings.notified_events or not settings.notify_webhook_url:
        return False
    import httpx  # noqa: PLC0415 - slow, and only who is notified needs it

    url = settings.notify_webhook_url.get_secret_value()
    try:
        with httpx.Client(
            transport=transport,
            timeout=WEBHOOK_TIMEOUT_SECONDS,
            follow_redirects=False,
            trust_env=False,
        ) as client:
            body = format_payload(message(), settings.notify_webhook_shape)
            status_code = client.post(url, json=body).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # Its own words may repeat the address, which is a secret.
        logger.warning("%s could not be notified: %s", about, failure_words(error))
        return False
    if not httpx.codes.is_success(status_code):
        logger.warning("%s: the webhook answered %d", about, status_code)
        return False
    return True


def format_payload(message: Mapping[str, Any], shape: WebhookShape) -> Mapping[str, object]:
    """Return the body to post: the message itself, or one sentence in the form of Slack or Teams."""
    what = _what_happened(message)
    sentence = f"{message['site_name']} ({message['session_key']}): {what}."
    match shape:
        case "json":
            return message
        case "slack":
            return {"text": html.escape(sentence, quote=False)}
        case "teams":
            text = {"type": "TextBlock", "text": sentence, "wrap": True}
            card = {"type": "AdaptiveCard", "version": "1.4", "body": [text]}
            kind = "application/vnd.microsoft.card.adaptive"
            return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def _what_happened(message: Mapping[str, Any]) -> str:
    """Return the clause about the event, without the site and without a full stop."""
    event = RunEvent(message["event"])
    result = message["result"]
    error = message["error"]
    if event is RunEvent.EXPORT_COMPLETED and not result:
        return "the export is completed"
    what = _EVENT_TEXTS[event].format_map({**message, **(result or {})})
    return f"{what}: {error['code']}" if event is RunEvent.RUN_FAILED and error else what


def message_of(
    session: OpenSession, ended: EndedRun, *, event: RunEvent, job_name: str
) -> dict[str, object]:
    """Return the message about the end of a run, with its last error and its counts."""
    stored = session.stored
    return {
        "event": event.value,
        "session_key": session.key,
        "site_name": stored.site_name,
        "job": job_name,
        "run_id": ended.run_id,
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
        "tickets_created": len(exported.there),
        "dependencies_created": exported.dependencies_created,
        "manual_fixes_needed": exported.open_fixes,
        "total_processing_time_minutes": exported.total_processing_time_minutes,
        "jql": exported.jql,
    }
