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
    """Return the errors of a session, oldest first, or of a folder that never became one.

    Raises:
        NotFoundError: There are none, and no session of the key either.
    """
    return pipeline.store.errors.list_all(session_key) or _nothing_recorded(pipeline, session_key)


def explain_stored_error(
    pipeline: Pipeline, error_id: int, *, session_key: str | None = None
) -> ErrorExplanation:
    """Return the explanation of a stored error, with what it is about.

    Raises:
        NotFoundError: There is no such error, or it is not of the session that is named.
    """
    store = pipeline.store
    error = store.errors.get(error_id)
    key = error.session_key
    if session_key not in (None, key):
        raise NotFoundError(kind=NotFoundKind.ERROR, error_id=error_id)
    if key is None:
        return explain_error(error)
    stored = store.sessions.find(key)
    ticket_ids = [] if error.ticket_id is None else [error.ticket_id]
    tickets = (*store.tickets.some(key, ticket_ids), *store.tickets.list_vanished(key))
    return explain_error(
        error,
        ticket=next((ticket for ticket in tickets if ticket.ticket_id in ticket_ids), None),
        session=None if stored is None else open_for_current_target(pipeline, stored).stored,
        errors=store.errors.list_all(key),
    )


def audit_trail(pipeline: Pipeline, session_key: str) -> tuple[AuditEntry, ...]:
    """Return the audit entries of a session, oldest first, also of one that was removed.

    Raises:
        NotFoundError: There are none, and no session of the key either.
    """
    return pipeline.store.audit.entries(session_key) or _nothing_recorded(pipeline, session_key)


def _nothing_recorded(pipeline: Pipeline, session_key: str) -> tuple[()]:
    """Return an empty tuple where there is a session of the key.

    Raises:
        NotFoundError: There is no such session.
    """
    pipeline.store.sessions.get(session_key)
    return ()


def ticket_numbers(pipeline: Pipeline, session_key: str) -> Mapping[str, int]:
    """Return the numbers of a session's tickets by id, those without rows too.

    Empty for a session that was removed.
    """
    tickets = pipeline.store.tickets
    gone = {ticket.ticket_id: ticket.number for ticket in tickets.list_vanished(session_key)}
    return {**gone, **tickets.numbers(session_key)}
