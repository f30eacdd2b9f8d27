"""The roles of the store for drafts of edits, and for comments."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from jira_pipeline.kernel.drafts import Comment, Draft


class DraftStore(Protocol):
    """Keeps what people wrote and did not finish, one text per person, ticket and part."""

    def save(self, session_key: str, draft: Draft, *, known_hash: str) -> Draft:
        """Keep a draft and return it, or return the one that is there and keep that.

        It is kept where the person has none for the part, or one whose text has the hash
        `known_hash`: else another window of theirs wrote something since.

        Raises:
            NotFoundError: It is no ticket of the session; one without rows is one.
        """
        ...

    def of_ticket(self, ticket_id: str) -> tuple[Draft, ...]:
        """Return the drafts of a ticket by person and part."""
        ...

    def of_session(self, session_key: str) -> tuple[Draft, ...]:
        """Return the drafts of a session by ticket, person and part."""
        ...

    def drafted_by(self, session_key: str, person: str) -> tuple[str, ...]:
        """Return the ids of the tickets of a session where a person has a draft."""
        ...

    def remove(self, drafts: Iterable[Draft]) -> int:
        """Remove drafts that still have the same text and base; return how many."""
        ...


class CommentStore(Protocol):
    """Keeps what people say about tickets; audited."""

    def add(self, session_key: str, ticket_id: str, *, text: str, by: str, at: datetime) -> Comment:
        """Keep a comment.

        Raises:
            NotFoundError: It is no ticket of the session; one without rows is one.
        """
        ...

    def of_ticket(self, ticket_id: str) -> tuple[Comment, ...]:
        """Return the comments on a ticket, oldest first."""
        ...

    def remove(self, session_key: str, comment_id: int, *, by: str, at: datetime) -> bool:
        """Remove a comment of this person; tell whether there was one."""
        ...
