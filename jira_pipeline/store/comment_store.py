"""What people say about the tickets: statements."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, delete, insert, select

from jira_pipeline.model.comments import Comment
from jira_pipeline.model.errors import unknown_ticket
from jira_pipeline.store import tables
from jira_pipeline.store.record_store import append_audit
from jira_pipeline.store.session_rows import lock_session
from jira_pipeline.store.transactions import StorePart, repeated

_COMMENTS = tables.comments.c
_COMMENT_COLUMNS = tuple(_COMMENTS[name] for name in Comment.__dataclass_fields__)


class CommentStore(StorePart):
    """Keeps what people say about tickets; audited."""

    @repeated
    def add(self, session_key: str, ticket_id: str, *, text: str, by: str, at: datetime) -> Comment:
        """Keep a comment.

        Raises:
            NotFoundError: It is no ticket of the session; one without rows is one.
        """
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            known = tables.tickets.c
            chosen = select(known.ticket_id).where(
                known.session_key == session_key, known.ticket_id == ticket_id
            )
            if connection.execute(chosen).first() is None:
                raise unknown_ticket(session_key=session_key, ticket=ticket_id)
            values = {
                "session_key": session_key,
                "ticket_id": ticket_id,
                "author": by,
                "text": text,
                "at": at,
            }
            made = connection.execute(insert(tables.comments).values(values))
            (comment_id,) = made.inserted_primary_key or (0,)
            _note(connection, session_key, "comment_added", ticket_id, comment_id, by=by, at=at)
            kept = select(*_COMMENT_COLUMNS).where(_COMMENTS.comment_id == comment_id)
            return Comment(**connection.execute(kept).mappings().one())

    def of_ticket(self, ticket_id: str) -> tuple[Comment, ...]:
        """Return the comments on a ticket, oldest first."""
        chosen = select(*_COMMENT_COLUMNS).where(_COMMENTS.ticket_id == ticket_id)
        rows = self._database.asked(chosen.order_by(_COMMENTS.comment_id))
        return tuple(Comment(**row._asdict()) for row in rows)

    @repeated
    def remove(self, session_key: str, comment_id: int, *, by: str, at: datetime) -> bool:
        """Remove a comment of this person; tell whether there was one."""
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            own = and_(
                _COMMENTS.session_key == session_key,
                _COMMENTS.comment_id == comment_id,
                _COMMENTS.author == by,
            )
            row: RowMapping | None = (
                connection.execute(select(_COMMENTS.ticket_id).where(own)).mappings().first()
            )
            if row is None:
                return False
            connection.execute(delete(tables.comments).where(own))
            _note(
                connection,
                session_key,
                "comment_removed",
                row["ticket_id"],
                comment_id,
                by=by,
                at=at,
            )
            return True


def _note(
    connection: Connection,
    session_key: str,
    action: str,
    ticket_id: str,
    comment_id: int,
    *,
    by: str,
    at: datetime,
) -> None:
    append_audit(
        connection,
        at=at,
        session_key=session_key,
        actor=by,
        action=action,
        details={"ticket_id": ticket_id, "comment_id": comment_id},
    )
