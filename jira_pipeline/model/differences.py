"""Differences between Jira and the ledger: what is wrong with an issue, and what people may decide.

Belongs here: the kinds of difference, the decisions that each allows, what of them is still open,
one comparison as it is filed. Does not: finding differences and their words
(`export/ledger_comparison`), doing what was decided (`export/issue_decisions`).

Example: the ledger says that PROJ-7 was created, and Jira no longer shows it: the difference is
`GONE`, and people may have the issue created again or forget it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jira_pipeline.model.issue_tracker import IssueProgress, IssueStage


class Difference(StrEnum):
    """How an issue differs from what the ledger says, as the code of its finding."""

    GONE = "issue_gone"
    """Jira does not show it: deleted, or out of our account's sight; nobody can tell them apart."""
    TWIN = "issue_twin"
    """It is there, and another issue carries the same identity."""
    UNKNOWN = "issue_unknown"
    """It carries the identity of a ticket that has no issue."""
    UNCLAIMED = "issue_unclaimed"
    """The same, but an undo deleted it, or somebody else created it."""
    MOVED = "issue_moved"
    """It is in another project, under another key and with the same id."""
    UNMARKED = "issue_unmarked"
    """It does not carry the identity that the ledger gave it."""
    UNREADABLE = "issue_unreadable"
    """Jira could not read it just now."""


class Decision(StrEnum):
    """What people decide about a difference."""

    CREATE_AGAIN = "create_again"
    """The issue counts no more; the next export creates another."""
    ADOPT = "adopt"
    """The other issue is the ticket's from now on; links and files follow."""
    FORGET = "forget"
    """What is gone, or too many, counts no more, and nothing is created for it."""


DECISIONS: Mapping[Difference, tuple[Decision, ...]] = {
    Difference.GONE: (Decision.CREATE_AGAIN, Decision.FORGET),
    Difference.TWIN: (Decision.ADOPT, Decision.FORGET),
    Difference.UNKNOWN: (Decision.ADOPT, Decision.FORGET),
    Difference.UNCLAIMED: (Decision.ADOPT, Decision.FORGET),
}
"""What may be decided about each; the others need no decision."""
_TO_DECIDE = frozenset({Difference.GONE, Difference.TWIN, Difference.UNCLAIMED})
DECISION_LABELS: Mapping[Decision, str] = {
    Decision.CREATE_AGAIN: "create it again in the next export",
    Decision.ADOPT: "use it as the ticket's issue",
    Decision.FORGET: "stop counting it",
}
"""What each decision comes to, as a person says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDifference:
    """One issue that is not as the ledger says, and its ticket."""

    kind: Difference
    ticket_id: str
    """Empty in comparisons of earlier versions."""
    issue_id: str = ""
    """The ticket's by the ledger; empty where the ticket has none."""
    key: str = ""
    other_id: str = ""
    """The other issue that carries the ticket's identity; empty where there is none."""
    other_key: str = ""
    note: str = ""
    """For people: which of two we would keep, and why."""
    seen_at: datetime | None = None
    """Of what is gone: when Jira showed it last; None: never, as far as anybody looked."""
    is_wanted: bool = True
    """Its ticket is to have an issue; nothing is left to decide about the others."""

    @property
    def name(self) -> str:
        """The key people know it by: of two, that of the other one."""
        return self.other_key or self.key

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What may be decided: one that is gone is replaced by the other, where there is one."""
        if self.kind is Difference.GONE and self.other_id:
            return (Decision.ADOPT, Decision.FORGET)
        return DECISIONS.get(self.kind, ())

    @property
    def is_open(self) -> bool:
        """A person has to decide; an export takes by itself what no ticket has."""
        return self.is_wanted and self.kind in _TO_DECIDE


def is_current(difference: IssueDifference, *, issue_ids: Mapping[str, str | None]) -> bool:
    """Return whether the ticket of a difference still has the issue that it had when compared.

    `issue_ids` has the current issue of tickets by ticket id. A difference about an issue that was
    removed, released or replaced since does not count any more.
    """
    return (issue_ids.get(difference.ticket_id) or "") == difference.issue_id


def differences_text(differences: Collection[IssueDifference]) -> str:
    """Count open differences: `3 issues missing from Jira and 1 duplicated`."""
    parts: list[str] = []
    words = {
        Difference.GONE: "missing from Jira",
        Difference.TWIN: "duplicated",
        Difference.UNCLAIMED: "in Jira again or cloned",
    }
    for kind, what in words.items():
        count = sum(difference.kind is kind for difference in differences)
        if not count:
            continue
        if parts:  # the noun is said once
            parts.append(f"{count} {what}")
        else:
            parts.append(f"{count} {'issue' if count == 1 else 'issues'} {what}")
    return " and ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedIssue:
    """How far people were with the issue of a ticket when it was read."""

    ticket_id: str
    issue_id: str
    key: str
    progress: IssueProgress | None
    """None: Jira did not show it."""

    @property
    def stage(self) -> IssueStage | None:
        return self.progress.stage if self.progress else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledComparison:
    """What the last comparison of ledger and Jira found of a session."""

    session_key: str
    target_id: str
    compared_at: datetime
    confirmed: int
    """Issues that are there with the identity the ledger gave them."""
    differences: tuple[IssueDifference, ...]
    """One for each issue that is not as the ledger says."""
    states: tuple[ComparedIssue, ...] | None = None
    """How far people were with each issue; None: an older version did not read that."""

    @property
    def there_count(self) -> int:
        """Issues that Jira showed, whether they carry our marker or not."""
        return self.confirmed + self._count(Difference.UNMARKED)

    @property
    def issue_count(self) -> int:
        """Issues the ledger had."""
        unseen = self._count(Difference.GONE) + self._count(Difference.UNREADABLE)
        return self.there_count + unseen

    def _count(self, kind: Difference) -> int:
        return sum(difference.kind is kind for difference in self.differences)

    @property
    def is_equal(self) -> bool:
        """Jira held what the ledger says; an issue that was moved is still ours."""
        return all(d.kind is Difference.MOVED for d in self.differences)
