"""What people decide about whether a ticket is exported: skipped, sent back, withdrawn.

Belongs here: the state of a ticket, each reason to leave one out with its verbs, its audit actions and
its columns. Does not: the verbs (`review/decisions`), which reason a ticket has (`tickets`).

A new reason is a class below `Exclusion`; lists, pages and columns follow from it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from jira_pipeline.model.audit_actions import AuditAction

APPROVED_AS_IT_IS = "as_it_is"
"""In the place of a hash: an older version marked the ticket, which was not written again since."""


class TicketState(StrEnum):
    """What became of a ticket on one target."""

    PENDING = "pending"
    IN_DOUBT = "in_doubt"
    EXPORTED = "exported"
    FAILED = "failed"
    SKIPPED = "skipped"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return "unconfirmed" if self is TicketState.IN_DOUBT else self.value.replace("_", " ")


class Withdrawal(StrEnum):
    """What becomes of a ticket whose rows are gone from the sheets."""

    PROPOSED = "proposed"
    """Nobody agreed yet: no export of the session before somebody does, or the rows are back."""
    AGREED = "agreed"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a ticket is in no export; `state.label` is what people read."""

    state: ClassVar[TicketState]
    """State of such a ticket while it has no issue."""
    taken_by: ClassVar[str]
    """The command that leaves a ticket out."""
    undone_by: ClassVar[str]
    """The command that includes it again."""
    actions: ClassVar[tuple[AuditAction, AuditAction]]
    """The actions of these two commands in the audit trail."""
    column: ClassVar[str] = ""
    """Attribute of a ticket that holds the reason, None where it is not left out; empty: none does."""
    word_columns: ClassVar[tuple[str, ...]] = ()
    """Attributes of a ticket that hold `about` and `to`; empty where there are none."""
    key: ClassVar[str] = ""
    """The key that presses its button on pages."""
    asks: ClassVar[str] = "Why it is left out of exports"
    """What pages ask people for a reason."""
    is_for_now: ClassVar[bool] = False
    """Somebody has to answer, and the ticket is reviewed again then: its ready mark goes, and an
    issue that it has stays as it is.
    """
    reason: str = ""
    about: str = ""
    """The line or cell of the ticket that is meant."""
    to: str = ""
    """Who has to answer; empty: whoever the ticket is assigned to."""


class Skipped(Exclusion):
    """People left a ticket out of exports."""

    state = TicketState.SKIPPED
    taken_by = "skip"
    undone_by = "unskip"
    actions = (AuditAction.TICKETS_SKIPPED, AuditAction.TICKETS_UNSKIPPED)
    column = "skipped_reason"
    key = "s"


class SentBack(Exclusion):
    """Somebody requested changes of a ticket, and nobody answered yet."""

    state = TicketState.SENT_BACK
    taken_by = "request-changes"
    undone_by = "resolve"
    actions = (AuditAction.TICKETS_SENT_BACK, AuditAction.TICKETS_RESOLVED)
    column = "sent_back"
    word_columns = ("sent_back_about", "sent_back_to")
    key = "c"
    asks = "What has to change"
    is_for_now = True


class Withdrawn(Exclusion):
    """The rows of a ticket are gone, and people agreed that it goes."""

    state = TicketState.WITHDRAWN
    taken_by = "withdraw"
    undone_by = "unwithdraw"
    actions = (AuditAction.WITHDRAWALS_AGREED, AuditAction.WITHDRAWALS_PROPOSED_AGAIN)


GIVEN_REASONS = tuple(kind for kind in Exclusion.__subclasses__() if kind.column)
"""Exclusions that people give a reason for, each in a column of its own."""
LEFT_OUT = " or ".join(kind.state.label for kind in GIVEN_REASONS)
"""What people read of tickets with one of these reasons."""
DECISION_COLUMNS = ("ready_hash", *(kind.column for kind in GIVEN_REASONS))
"""Of a ticket: whether it is exported, and as what."""
EXCLUSION_COLUMNS = tuple(
    name for kind in GIVEN_REASONS for name in (kind.column, *kind.word_columns)
)
"""Of a ticket: all that these exclusions say."""
