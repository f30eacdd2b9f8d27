"""Tells somebody outside how a run ended: one POST to a webhook.

Belongs here: the message, sending it once. Does not: deciding that there is something to tell
(`outcome_sensors`).

A notification never fails what it tells of: whatever goes wrong is logged, without the address,
which may hold a secret. The message holds what `errors KEY` shows, counts, and nothing of a ticket.
"""

import logging

import httpx

from jira_pipeline.domain.sessions import RunEvent, UploadSession
from jira_pipeline.sessions import session_results
from jira_pipeline.sessions.commands import words_of
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.stages.run_outcomes import EndedRun, event_of

TIMEOUT_SECONDS = 5.0
VALIDATION_JOB = "validate_adf"
logger = logging.getLogger(__name__)


def notify(
    pipeline: Pipeline,
    session: UploadSession,
    ended: EndedRun,
    *,
    job_name: str,
    transport: httpx.BaseTransport | None = None,
) -> bool:
    """Post the end of a run to the webhook, where it is wanted; return whether it was taken."""
    url, wanted = pipeline.settings.notify_webhook_url, pipeline.settings.notified_events
    event = event_of(session, ended, is_validation=job_name == VALIDATION_JOB)
    if url is None or event is None or event not in wanted:
        return False
    message = message_of(pipeline, session, ended, event=event, job_name=job_name)
    try:
        with httpx.Client(
            transport=transport, timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False
        ) as client:
            status_code = client.post(url.get_secret_value(), json=message).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        logger.warning("run %s could not be notified: %s", ended.run_id, type(error).__name__)
        return False
    if not httpx.codes.is_success(status_code):
        logger.warning("run %s: the webhook answered %d", ended.run_id, status_code)
        return False
    return True


def message_of(
    pipeline: Pipeline,
    session: UploadSession,
    ended: EndedRun,
    *,
    event: RunEvent,
    job_name: str,
) -> dict[str, object]:
    """Return what is told of the end of a run."""
    key = session.session_key
    of_run = [e for e in pipeline.store.errors.list_all(key) if e.run_id == ended.run_id]
    return {
        "event": event.value,
        "session_key": key,
        "site_name": session.site_name,
        "job": job_name,
        "run_id": ended.run_id,
        "at": ended.ended_at.isoformat(),
        "stage": session.stage.value,
        "status": session.status.value,
        "progress_percentage": session.progress_percentage,
        "error": None
        if not of_run
        else {
            "code": of_run[-1].code,
            "category": of_run[-1].category,
            "message": of_run[-1].message,
            "recovery_actions": [words_of(a) for a in of_run[-1].recovery_actions],
        },
        "result": _result_of(pipeline, session, event),
    }


def _result_of(
    pipeline: Pipeline, session: UploadSession, event: RunEvent
) -> dict[str, object] | None:
    """Count what came of a run; None where it failed or was cancelled."""
    if event is RunEvent.READY_FOR_REVIEW:
        tally = pipeline.store.tickets.tally(session.session_key)
        return {
            "ready_for_review": True,
            "tickets": tally.exportable,
            "open_questions": tally.questions.count,
        }
    if event is not RunEvent.EXPORT_COMPLETED:
        return None
    results = session_results.results(pipeline, session)
    if results is None:
        return None
    return {
        "tickets_created": len(results.tickets),
        "dependencies_created": results.dependencies_created,
        "manual_fixes_needed": results.open_fixes,
        "total_processing_time_minutes": results.total_processing_time_minutes,
        "jql": results.jql,
    }
