"""What is written of tickets at once, and what reading them since some moment found: the values.

Belongs here: drafts of a generation and its outcome. Does not: tickets themselves
(`model/tickets`), writing them (`store/generations`).
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from jira_pipeline.model.tickets import (
    ChangedCell,
    ListedTicket,
    Ticket,
    TicketOutline,
    TicketProse,
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
