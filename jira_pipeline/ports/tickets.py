"""The roles of the store for tickets and for what validating them found."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from jira_pipeline.model.tickets import (
    ChangedCell,
    FieldValue,
    ListedTicket,
    Revision,
    SourceLines,
    Ticket,
    TicketDecision,
    TicketOutline,
    TicketProse,
    TicketTally,
)
from jira_pipeline.model.validations import (
    CheckedContents,
    TicketValidation,
    Validation,
    ValidationVerdict,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDraft(TicketOutline):
    """One generated ticket to be stored."""

    title: str
    prose: TicketProse
    facts_hash: str | None = None
    """What the sheets say of it: with other facts it is written again."""
    changed_cells: tuple[ChangedCell, ...] = ()
    """What differs from the sheets the stored ticket was generated from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationOutcome:
    """What storing generated tickets changed."""

    created: int
    rewritten: int
    unchanged: int
    withdrawals_proposed: int
    """Tickets of the generation before whose rows are gone."""
    dropped_dependencies: tuple[tuple[str, str], ...] = ()
    """Made by hand, and against what the sheets demand now: ids of a ticket and of the other."""


AnyTicket = TypeVar("AnyTicket", Ticket, ListedTicket)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketsRead(Generic[AnyTicket]):
    """Tickets of a session as they were at one moment."""

    sequence: int
    """Of the newest entry about the session in the audit trail then: what changes, adds one."""
    tickets: tuple[AnyTicket, ...]
    is_whole: bool
    """All tickets whose rows are in the sheets; else those of them that were changed."""


class TicketStore(Protocol):
    """Keeps tickets and their revisions."""

    def save_generated(
        self, session_key: str, drafts: Sequence[TicketDraft], *, at: datetime
    ) -> GenerationOutcome:
        """Store one generation in one step; audited.

        A ticket whose title and prose did not change keeps its revision and ready mark; else it
        gets a new revision of origin `generated` and loses the mark. Tickets that are not among
        the drafts are proposed for withdrawal. Tickets whose current revision was edited keep it.
        """
        ...

    def list_all(self, session_key: str) -> tuple[Ticket, ...]:
        """Return the tickets whose rows are in the sheets, by number."""
        ...

    def some(self, session_key: str, ticket_ids: Collection[str]) -> tuple[Ticket, ...]:
        """Return those of the same tickets that have one of these ids, by number."""
        ...

    def listed(
        self, session_key: str, *, offset: int = 0, limit: int | None = None
    ) -> tuple[ListedTicket, ...]:
        """Return the same tickets as lists show them, in the order people gave them: all or a page."""
        ...

    def read_since(self, session_key: str, sequence: int | None) -> TicketsRead[Ticket]:
        """Return the tickets that changed since an entry of the audit trail, by number.

        All of them without such an entry, and where what happened since may have changed any.
        """
        ...

    def listed_since(self, session_key: str, sequence: int | None) -> TicketsRead[ListedTicket]:
        """Return the same as lists show it, in the order people gave them."""
        ...

    def numbers(self, session_key: str) -> Mapping[str, int]:
        """Return the number of each of these tickets, by ticket id."""
        ...

    def exported_groups(self, session_key: str) -> tuple[str, ...]:
        """Return the group keys of these tickets that are not skipped, by number."""
        ...

    def source_lines(
        self, session_key: str, *, only: Collection[str] | None = None
    ) -> Mapping[str, tuple[SourceLines, ...]]:
        """Return the lines each of these tickets, or each of some, is made from, by ticket id."""
        ...

    def decisions(self, session_key: str) -> Mapping[str, TicketDecision]:
        """Return what people decided about each of these tickets, by ticket id."""
        ...

    def ready_sessions(self) -> frozenset[str]:
        """Return the keys of the sessions in which every ticket that is not skipped is ready."""
        ...

    def tally(self, session_key: str) -> TicketTally:
        """Count these tickets, and what waits for people in them."""
        ...

    def list_vanished(self, session_key: str) -> tuple[Ticket, ...]:
        """Return the tickets whose rows are gone, proposed for withdrawal or withdrawn, by number.

        Their numbers follow those of the others.
        """
        ...

    def get(self, session_key: str, number: int) -> Ticket:
        """Return the ticket with that number, or raise NotFoundError."""
        ...

    def revisions(self, ticket_id: str) -> tuple[Revision, ...]:
        """Return all revisions of a ticket, by number."""
        ...

    def mark_ready(
        self,
        session_key: str,
        rendered_hashes: Mapping[str, str],
        *,
        open_questions: Mapping[str, int] | None = None,
        by: str,
        at: datetime,
    ) -> int:
        """Mark tickets ready, each bound to the hash of what was validated; audited.

        The entry says how many questions those that it marks leave open, where they do.

        Returns how many were not ready with that hash before. Changed cells count as looked at.

        Raises:
            NotFoundError: One is no ticket of the session, or its rows are gone; none is marked.
        """
        ...

    def unmark_ready(
        self,
        session_key: str,
        ticket_ids: Collection[str],
        *,
        were: Mapping[str, FieldValue] | None = None,
        by: str,
        at: datetime,
    ) -> int:
        """Take ready marks away; audited. Returns how many were taken.

        Raises:
            FieldConflictError: A ticket has not what people saw; all marks stay.
            NotFoundError: One is no ticket of the session, or its rows are gone; all marks stay.
        """
        ...

    def skip(
        self,
        session_key: str,
        ticket_ids: Collection[str],
        *,
        reason: str,
        were: Mapping[str, FieldValue] | None = None,
        by: str,
        at: datetime,
    ) -> int:
        """Leave tickets out of exports, with a reason; audited. Returns how many changed.

        Raises:
            FieldConflictError: A ticket has not what people saw; none is skipped.
            NotFoundError: One is no ticket of the session, or its rows are gone; none is skipped.
        """
        ...

    def unskip(
        self,
        session_key: str,
        ticket_ids: Collection[str],
        *,
        were: Mapping[str, FieldValue] | None = None,
        by: str,
        at: datetime,
    ) -> int:
        """Take skipped tickets in again; audited. Returns how many changed.

        Raises:
            FieldConflictError: A ticket has not what people saw; none is taken in.
            NotFoundError: One is no ticket of the session, or its rows are gone; none is taken in.
        """
        ...

    def withdraw(
        self, session_key: str, ticket_ids: Collection[str], *, reason: str, by: str, at: datetime
    ) -> int:
        """Agree that tickets go whose rows are gone; audited. Returns how many were proposed.

        Raises:
            NotVanishedError: The rows of one are in the sheets; nothing is agreed.
        """
        ...

    def unwithdraw(
        self, session_key: str, ticket_ids: Collection[str], *, by: str, at: datetime
    ) -> int:
        """Take an agreement back: the tickets are proposed again; audited. Returns how many changed.

        Raises:
            NotVanishedError: The rows of one are in the sheets; nothing is changed.
        """
        ...


class ValidationStore(Protocol):
    """Keeps validations."""

    def record(self, validation: Validation) -> None:
        """Store a validation and set the session's `last_validated_at`; audited."""
        ...

    def amend(self, session_key: str, results: Sequence[TicketValidation], *, at: datetime) -> None:
        """Put what was found of some tickets in the place of older results; audited.

        They go into the last validation, which there must be; it is no younger by that.
        """
        ...

    def latest(self, session_key: str) -> Validation | None:
        """Return the last validation of a session, or None."""
        ...

    def checked(self, session_key: str) -> CheckedContents | None:
        """Return what the last validation of a session checked, or None: what the gate needs."""
        ...

    def verdict(self, session_key: str) -> ValidationVerdict | None:
        """Return what the last validation of a session said as a whole, or None."""
        ...
