"""What people say about the tickets: statements."""

from datetime import datetime

from sqlalchemy import delete, select

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import unknown_ticket
from jira_pipeline.model.records import Comment
from jira_pipeline.store import tables
from jira_pipeline.store.changes import SessionPart
from jira_pipeline.store.mapping import Rows
from jira_pipeline.store.transactions import repeated

_COMMENT, _COMMENTS = Rows(tables.comments, Comment), tables.comments.c
_TICKETS = tables.tickets.c


class CommentStore(SessionPart):
    """Keeps what people say about tickets; audited."""

    @repeated
    def add(self, session_key: str, ticket_id: str, *, text: str, by: str, at: datetime) -> Comment:
        """Keep a comment of a session, or of one of its tickets; one without rows is one."""
        is_it = (_TICKETS.session_key == session_key) & (_TICKETS.ticket_id == ticket_id)
        said = Comment(comment_id=0, ticket_id=ticket_id, author=by, text=text, at=at)
        with self._changing(session_key, by=by, at=at) as change:
            if change.connection.execute(select(_TICKETS.ticket_id).where(is_it)).first() is None:
                raise unknown_ticket(session_key=session_key, ticket=ticket_id)
            kept = change.add(_COMMENT, said, but=["comment_id"], session_key=session_key)
            change.note(AuditAction.COMMENT_ADDED, ticket_id=ticket_id, comment_id=kept.comment_id)
            return kept

    def of_ticket(self, ticket_id: str) -> tuple[Comment, ...]:
        """Return the comments on a ticket, oldest first."""
        is_of = _COMMENTS.ticket_id == ticket_id
        return self._values(_COMMENT, is_of, by=[_COMMENTS.comment_id])

    @repeated
    def remove(self, session_key: str, comment_id: int, *, by: str, at: datetime) -> bool:
        """Remove a comment of this person; tell whether there was one."""
        is_it = (_COMMENTS.session_key == session_key) & (_COMMENTS.comment_id == comment_id)
        gone = delete(tables.comments).where(is_it, _COMMENTS.author == by)
        with self._changing(session_key, by=by, at=at) as change:
            removed = change.connection.execute(gone.returning(_COMMENTS.ticket_id))
            ticket_ids = removed.scalars().all()
            for ticket_id in ticket_ids:
                change.note(AuditAction.COMMENT_REMOVED, ticket_id=ticket_id, comment_id=comment_id)
            return bool(ticket_ids)
