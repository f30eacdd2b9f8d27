"""Comments on tickets: adding, removing and listing them.

Belongs here: what a comment may be. Does not: storing them (`store/reviews`), who may comment
(`web/pages/ticket_page`).
"""

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.records import Comment
from jira_pipeline.review.open_session import OpenSession


def add_comment(session: OpenSession, ticket_id: str, text: str, *, by: str) -> Comment:
    """Store a comment on a ticket, which may be one whose rows are gone.

    Raises:
        NotFoundError: The session has no such ticket.
        WrongUseError: The comment is empty.
    """
    comment = text.strip().replace("\r\n", "\n")
    if not comment:
        raise WrongUseError("The comment is empty.")
    return session.store.comments.add(
        session.key, ticket_id, text=comment, by=by, at=session.clock.now()
    )


def remove_comment(session: OpenSession, comment_id: int, *, by: str) -> bool:
    """Remove a comment that `by` wrote; return whether there was one of theirs."""
    return session.store.comments.remove(session.key, comment_id, by=by, at=session.clock.now())


def comments_on(session: OpenSession, ticket_id: str) -> tuple[Comment, ...]:
    """Return the comments on a ticket, oldest first."""
    return session.store.comments.of_ticket(ticket_id)
