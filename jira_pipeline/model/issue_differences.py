"""How the issues of a session differ from what the ledger says, and what people may decide then.

Belongs here: the kinds of differences, which decisions each allows, what of them is still open.
Does not: finding them (`export/ledger_comparison`), doing what was decided
(`export/deciding`), words (`export/ledger_comparison`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Difference(StrEnum):
    """How an issue differs from what the ledger says, as the code of its finding."""

    GONE = "issue_gone"
    """Jira does not show it: deleted, or out of our account's sight; nobody can tell them apart."""
    TWIN = "issue_twin"
    """It is there, and another issue carries the same identity."""
    UNKNOWN = "issue_unknown"
    """It carries the identity of a ticket that has no issue."""
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
}
"""What may be decided about each; the others need no decision."""


DECISION_LABELS: Mapping[Decision, str] = {
    Decision.CREATE_AGAIN: "create it again with the next export",
    Decision.ADOPT: "take it for the ticket's",
    Decision.FORGET: "forget it",
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
    """Of that issue."""
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
        return self.is_wanted and self.kind in {Difference.GONE, Difference.TWIN}


def is_current(difference: IssueDifference, *, issue_ids: Mapping[str, str | None]) -> bool:
    """Tell whether the ledger still says of a ticket what it said when it was compared.

    `issue_ids` are the issues of tickets, by ticket id: what was removed, released or replaced
    since is no difference any more.
    """
    return (issue_ids.get(difference.ticket_id) or "") == difference.issue_id


def differences_text(differences: Collection[IssueDifference]) -> str:
    """Count open differences: `3 issues that are gone in Jira and 1 that is there twice`."""
    parts: list[str] = []
    for kind, one, many in (
        (Difference.GONE, "that is gone in Jira", "that are gone in Jira"),
        (Difference.TWIN, "that is there twice", "that are there twice"),
    ):
        count = sum(difference.kind is kind for difference in differences)
        if count:
            noun = "" if parts else "issue " if count == 1 else "issues "
            parts.append(f"{count} {noun}{one if count == 1 else many}")
    return " and ".join(parts)
