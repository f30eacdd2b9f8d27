"""Tells somebody outside that a run failed or was cancelled: one POST to a webhook.

Belongs here: the message, sending it once. Does not: deciding that there is something to tell
(`outcome_sensors`).

A notification never fails what it tells of: whatever goes wrong is logged, without the address,
which may hold a secret. The message holds what `errors KEY` shows and nothing of a ticket.
"""

import logging

import httpx

from jira_pipeline.defs.composition import Pipeline
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.stages.run_outcomes import EndedRun

TIMEOUT_SECONDS = 5.0
logger = logging.getLogger(__name__)


def notify(
    pipeline: Pipeline,
    session: UploadSession,
    ended: EndedRun,
    *,
    job_name: str,
    transport: httpx.BaseTransport | None = None,
) -> bool:
    """Post the end of a run to the webhook, where one is set; return whether it was taken."""
    url = pipeline.settings.notify_webhook_url
    if url is None:
        return False
    message = message_of(pipeline, session, ended, job_name=job_name)
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
    pipeline: Pipeline, session: UploadSession, ended: EndedRun, *, job_name: str
) -> dict[str, object]:
    """Return what is told of the end of a run."""
    key = session.session_key
    of_run = [e for e in pipeline.store.errors.list_all(key) if e.run_id == ended.run_id]
    return {
        "event": f"run_{ended.end.value}",
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
            "recovery_actions": list(of_run[-1].recovery_actions),
        },
    }
