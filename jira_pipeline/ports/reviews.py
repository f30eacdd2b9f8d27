"""The role of the store for what people change in a review."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from jira_pipeline.kernel.tickets import FieldValue, ProseParts, Revision


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRework:
    """What is changed of one ticket together with others."""

    ticket_id: str
    expected_revision: int
    title: str
    parts: ProseParts
    expected_fields: Mapping[str, FieldValue]
    """What those fields held that are set."""
    fields: Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvent:
    """A change of tickets that Dagster does not know yet."""

    event_id: int
    session_key: str
    at: datetime
    action: str
    """What people did, in a word: that of the command."""
    by: str


class ReviewStore(Protocol):
    """Keeps what people change about tickets; each change in one step, audited.

    A ticket that would show otherwise in Jira loses its ready mark, and the session is invalidated.
    """

    def edit(
        self,
        session_key: str,
        ticket_id: str,
        *,
        expected_revision: int,
        title: str,
        parts: ProseParts,
        like: Revision | None = None,
        by: str,
        at: datetime,
    ) -> Revision:
        """Add a revision of origin `edited` and return it; the same content adds none.

        Hours, questions and suggestions are those of `like`, else those it had.

        Raises:
            EditConflictError: Its current revision is not the expected one.
            NotFoundError: It is no ticket of the session, or its rows are gone.
        """
        ...

    def rework(
        self, session_key: str, works: Sequence[TicketRework], *, by: str, at: datetime
    ) -> tuple[str, ...]:
        """Change prose and fields of many tickets, of all or of none; returns whose changed.

        Raises:
            EditConflictError: The current revision of one is not the expected one.
            InputError: A field of one does not hold what is expected.
            NotFoundError: One is no ticket of the session, or its rows are gone.
        """
        ...

    def roll_back(
        self,
        session_key: str,
        ticket_id: str,
        *,
        to_revision: int,
        expected_revision: int,
        by: str,
        at: datetime,
    ) -> Revision:
        """Add a revision with the content of an earlier one, of origin `rolled_back`.

        Raises:
            EditConflictError: Its current revision is not the expected one.
            NotFoundError: It has no such revision.
            NotFoundError: It is no ticket of the session, or its rows are gone.
        """
        ...

    def assign(
        self,
        session_key: str,
        ticket_ids: Iterable[str],
        *,
        fields: Mapping[str, FieldValue],
        by: str,
        at: datetime,
    ) -> int:
        """Set fields of `ASSIGNABLE_FIELDS`, None to clear; returns how many tickets changed.

        A later generation leaves these fields of these tickets alone.

        Raises:
            NotFoundError: One is no ticket of the session, or its rows are gone; none is changed.
        """
        ...

    def reorder(self, session_key: str, ticket_ids: Sequence[str], *, by: str, at: datetime) -> int:
        """Put tickets into this order in the places they have; returns how many places changed.

        What Jira gets does not change: marks stay, nothing becomes stale.

        Raises:
            NotFoundError: One is no ticket of the session, or its rows are gone; none is moved.
        """
        ...

    def add_dependency(
        self, session_key: str, ticket_id: str, other_ticket_id: str, *, by: str, at: datetime
    ) -> bool:
        """Make a ticket wait for another one; tells whether that changed anything.

        Raises:
            DependencyCycleError: The other one waits for it already, or they are the same.
            NotFoundError: One is no ticket of the session, or its rows are gone.
        """
        ...

    def remove_dependency(
        self, session_key: str, ticket_id: str, other_ticket_id: str, *, by: str, at: datetime
    ) -> bool:
        """Let a ticket no longer wait for another one; tells whether that changed anything.

        Raises:
            NotFoundError: One is no ticket of the session, or its rows are gone.
        """
        ...

    def answer(
        self,
        session_key: str,
        answers: Mapping[str, Mapping[str, str]],
        *,
        by: str,
        at: datetime,
        were: Mapping[str, Mapping[str, str]] | None = None,
    ) -> int:
        """Keep answers by ticket id and question id, empty to take one back; returns how many changed.

        A cell of a form that is open, or that a model filled in, is a question, too. `were` are the answers that somebody saw,
        in the same shape, empty where there was none.

        Raises:
            AnswerConflictError: Somebody else answered one since it was seen; none is kept.
            NotFoundError: A ticket has no such question now; none is kept.
            NotFoundError: One is no ticket of the session, or its rows are gone; none is kept.
        """
        ...
