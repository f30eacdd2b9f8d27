"""What people say about the tickets: how it is kept; the store reads and removes it."""

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.records import Comment
from jira_pipeline.review.open_session import OpenSession


def add_comment(session: OpenSession, ticket_id: str, text: str, *, by: str) -> Comment:
    """Keep a comment on a ticket.

    Raises:
        NotFoundError: It is no ticket of the session; one without rows is one.
        WrongUseError: It is empty.
    """
    said = text.strip().replace("\r\n", "\n")
    if not said:
        raise WrongUseError("The comment is empty.")
    at = session.clock.now()
    return session.store.comments.add(session.key, ticket_id, text=said, by=by, at=at)
