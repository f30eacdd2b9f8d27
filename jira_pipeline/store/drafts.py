"""What people write beside the tickets: drafts of edits, and comments.

Belongs here: statements. Does not: what becomes of a draft (`review/drafts`).
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, insert, select

from jira_pipeline.errors import unknown_ticket
from jira_pipeline.kernel.drafts import Comment, Draft
from jira_pipeline.store import tables
from jira_pipeline.store.column_types import storable_text
from jira_pipeline.store.records import append_audit
from jira_pipeline.store.session_rows import lock_session
from jira_pipeline.store.transactions import StorePart, repeated

_DRAFTS = tables.drafts.c
_COMMENTS = tables.comments.c
_DRAFT_COLUMNS = tuple(_DRAFTS[name] for name in Draft.__dataclass_fields__)
_COMMENT_COLUMNS = tuple(_COMMENTS[name] for name in Comment.__dataclass_fields__)


class DraftStore(StorePart):
    """Keeps what people wrote and did not finish, one text per person, ticket and part.

    No audit entry, since no ticket changes.
    """

    @repeated
    def save(self, session_key: str, draft: Draft, *, known_hash: str) -> Draft:
        """Keep a draft and return it, or return the one that is there and keep that.

        It is kept where the person has none for the part, or one whose text has the hash
        `known_hash`: else another window of theirs wrote something since.

        Raises:
            NotFoundError: It is no ticket of the session; one without rows is one.
        """
        with self._database.writing() as connection:
            _lock_ticket(connection, session_key, draft.ticket_id)
            same = _is_place_of(draft)
            row = connection.execute(select(*_DRAFT_COLUMNS).where(same)).mappings().first()
            if row is not None and Draft(**row).text_hash != known_hash:
                return Draft(**row)
            connection.execute(delete(tables.drafts).where(same))
            connection.execute(
                insert(tables.drafts).values(
                    session_key=session_key,
                    **{name: getattr(draft, name) for name in Draft.__dataclass_fields__},
                )
            )
            kept = connection.execute(select(*_DRAFT_COLUMNS).where(same)).mappings().one()
            return Draft(**kept)

    def of_ticket(self, ticket_id: str) -> tuple[Draft, ...]:
        """Return the drafts of a ticket by person and part."""
        return self._chosen(_DRAFTS.ticket_id == ticket_id)

    def of_session(self, session_key: str) -> tuple[Draft, ...]:
        """Return the drafts of a session by ticket, person and part."""
        return self._chosen(_DRAFTS.session_key == session_key)

    def drafted_by(self, session_key: str, person: str) -> tuple[str, ...]:
        """Return the ids of the tickets of a session where a person has a draft."""
        chosen = (
            select(_DRAFTS.ticket_id)
            .where(_DRAFTS.session_key == session_key, _DRAFTS.person == person)
            .distinct()
            .order_by(_DRAFTS.ticket_id)
        )
        return tuple(ticket_id for (ticket_id,) in self._database.asked(chosen))

    def _chosen(self, condition: ColumnElement[bool]) -> tuple[Draft, ...]:
        chosen = select(*_DRAFT_COLUMNS).where(condition)
        ordered = chosen.order_by(_DRAFTS.ticket_id, _DRAFTS.person, _DRAFTS.part)
        return tuple(Draft(**row._asdict()) for row in self._database.asked(ordered))

    @repeated
    def remove(self, drafts: Iterable[Draft]) -> int:
        """Remove drafts that still have the same text and base; return how many."""
        with self._database.writing() as connection:
            return sum(
                connection.execute(
                    delete(tables.drafts).where(
                        _is_place_of(draft),
                        _DRAFTS.text == storable_text(draft.text),
                        _DRAFTS.base_revision == draft.base_revision,
                    )
                ).rowcount
                for draft in drafts
            )


class CommentStore(StorePart):
    """Keeps what people say about tickets; audited."""

    @repeated
    def add(self, session_key: str, ticket_id: str, *, text: str, by: str, at: datetime) -> Comment:
        """Keep a comment.

        Raises:
            NotFoundError: It is no ticket of the session; one without rows is one.
        """
        with self._database.writing() as connection:
            _lock_ticket(connection, session_key, ticket_id)
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
            chosen = select(*_COMMENT_COLUMNS).where(_COMMENTS.comment_id == comment_id)
            return Comment(**connection.execute(chosen).mappings().one())

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


def _is_place_of(draft: Draft) -> ColumnElement[bool]:
    return and_(
        _DRAFTS.ticket_id == draft.ticket_id,
        _DRAFTS.person == draft.person,
        _DRAFTS.part == draft.part,
    )


def _lock_ticket(connection: Connection, session_key: str, ticket_id: str) -> None:
    """Lock the session, and refuse what is no ticket of it; its rows may be gone."""
    lock_session(connection, session_key)
    known = tables.tickets.c
    chosen = select(known.ticket_id).where(
        known.session_key == session_key, known.ticket_id == ticket_id
    )
    if connection.execute(chosen).first() is None:
        raise unknown_ticket(session_key=session_key, ticket=ticket_id)


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
