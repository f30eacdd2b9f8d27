"""Errors and audit entries of a session, as people ask for them.

Belongs here: which of what is stored belongs to the session and the ticket that somebody names. Does
not: what an error means (`context/error_explanations`), showing them (`cli/stored_errors`,
`cli/audit`).
"""

from collections.abc import Mapping

from jira_pipeline.context.error_explanations import ErrorExplanation, explain_error
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import NotFoundError, NotFoundKind
from jira_pipeline.model.records import AuditEntry, StoredError
from jira_pipeline.review.open_session import open_for_current_target


def errors_of(pipeline: Pipeline, session_key: str) -> tuple[StoredError, ...]:
    """Return what failed in a session, oldest first; also of a folder that never became one."""
    return pipeline.store.errors.list_all(session_key) or _none_of(pipeline, session_key)


def explained(
    pipeline: Pipeline, error_id: int, *, session_key: str | None = None
) -> ErrorExplanation:
    """Explain a stored error; of a session, where one is named."""
    store = pipeline.store
    error = store.errors.get(error_id)
    key = error.session_key
    if session_key not in (None, key):
        raise NotFoundError(kind=NotFoundKind.ERROR, error_id=error_id)
    if key is None:
        return explain_error(error)
    stored = store.sessions.find(key)
    about = [] if error.ticket_id is None else [error.ticket_id]
    tickets = (*store.tickets.some(key, about), *store.tickets.list_vanished(key))
    return explain_error(
        error,
        ticket=next((t for t in tickets if t.ticket_id in about), None),
        session=None if stored is None else open_for_current_target(pipeline, stored).stored,
        errors=store.errors.list_all(key),
    )


def audit_trail(pipeline: Pipeline, session_key: str) -> tuple[AuditEntry, ...]:
    """Return who did what to a session, oldest first; also to one that was removed."""
    return pipeline.store.audit.entries(session_key) or _none_of(pipeline, session_key)


def _none_of(pipeline: Pipeline, session_key: str) -> tuple[()]:
    """Return nothing where there is such a session.

    Raises:
        NotFoundError: There is none.
    """
    pipeline.store.sessions.get(session_key)
    return ()


def ticket_numbers(pipeline: Pipeline, session_key: str) -> Mapping[str, int]:
    """Return the numbers of all tickets by id, of those without rows too; none of a removed session."""
    tickets = pipeline.store.tickets
    gone = {ticket.ticket_id: ticket.number for ticket in tickets.list_vanished(session_key)}
    return {**gone, **tickets.numbers(session_key)}
