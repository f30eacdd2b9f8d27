"""What people say beside a ticket: comments.

Belongs here: adding, removing and listing them. Does not: keeping them (`store/reviews`), who may
(`web/pages/ticket_page`).
"""

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.records import Comment
from jira_pipeline.review.open_session import OpenSession


def add_comment(session: OpenSession, ticket_id: str, text: str, *, by: str) -> Comment:
    """Keep a comment on a ticket.

    Raises:
        NotFoundError: It is no ticket of the session; one without rows is one.
        WrongUseError: It is empty.
    """
    comment = text.strip().replace("\r\n", "\n")
    if not comment:
        raise WrongUseError("The comment is empty.")
    return session.store.comments.add(
        session.key, ticket_id, text=comment, by=by, at=session.clock.now()
    )


def remove_comment(session: OpenSession, comment_id: int, *, by: str) -> bool:
    """Remove a comment of one's own; tell whether it was one."""
    return session.store.comments.remove(session.key, comment_id, by=by, at=session.clock.now())


def comments_on(session: OpenSession, ticket_id: str) -> tuple[Comment, ...]:
    """Return the comments on a ticket, oldest first."""
    return session.store.comments.of_ticket(ticket_id)
