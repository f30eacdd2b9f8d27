"""How often the rare branches of an export were taken, by what the ledger says.

Belongs here: the branches that a whole enumeration has to take, and how they are told from entries.
Does not: the enumeration (`single_faults`), whether what came of a branch is right
(`site_judging`).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from jira_pipeline.export.text_writes import CHANGED_SINCE
from jira_pipeline.model.exports import LedgerEntry, LedgerEvent, LedgerSubject
from jira_pipeline_tests.faults.people import OTHER_PARENT

TIMES_MIN = 3
"""So often an enumeration takes each branch, else it does not show that the branch is right."""

Known = Sequence[LedgerEntry]
"""The entries of one identity, by sequence."""


def _said(subject: LedgerSubject, event: LedgerEvent, detail: str) -> Callable[[Known], int]:
    """Count entries whose detail has these words."""

    def count(known: Known) -> int:
        return sum(
            (entry.subject, entry.event) == (subject, event) and detail in entry.detail
            for entry in known
        )

    return count


def _then(
    subject: LedgerSubject, first: LedgerEvent, second: LedgerEvent
) -> Callable[[Known], int]:
    """Count an event that follows another one about the same thing."""

    def count(known: Known) -> int:
        return sum(
            (before.subject, before.event, after.event) == (subject, first, second)
            for before, after in pairwise(known)
        )

    return count


_ISSUE, _LINK, _FILE = LedgerSubject.ISSUE, LedgerSubject.LINK, LedgerSubject.ATTACHMENT
_PARENT, _SPRINT, _COMMENT = LedgerSubject.PARENT, LedgerSubject.SPRINT, LedgerSubject.COMMENT
_INTENT, _RECEIPT = LedgerEvent.INTENT, LedgerEvent.RECEIPT
_DETACH = LedgerEvent.DETACH_INTENT

BRANCHES: Mapping[str, Callable[[Known], int]] = {
    "an issue found by its marker": _said(_ISSUE, _RECEIPT, "found by its marker"),
    "an absent issue sent once more": _then(_ISSUE, LedgerEvent.ABSENT, _INTENT),
    "an issue given up": _said(_ISSUE, LedgerEvent.GIVEN_UP, ""),
    "an issue lost in an outage": _said(_ISSUE, LedgerEvent.LOST_IN_OUTAGE, ""),
    "an update in doubt, written": _then(_ISSUE, LedgerEvent.UPDATE_UNKNOWN, LedgerEvent.UPDATED),
    "an update without an outcome, written": _then(
        _ISSUE, LedgerEvent.UPDATE_INTENT, LedgerEvent.UPDATED
    ),
    "an update in doubt, not written": _said(_ISSUE, LedgerEvent.UPDATE_REFUSED, "settled"),
    "an update in doubt, changed since": _said(_ISSUE, LedgerEvent.UPDATE_GIVEN_UP, CHANGED_SINCE),
    "an issue left that somebody edited": _said(_ISSUE, LedgerEvent.UPDATE_LEFT, ""),
    "a comment found by its last line": _said(_COMMENT, _RECEIPT, "found by its last line"),
    "an absent comment sent once more": _then(_COMMENT, LedgerEvent.ABSENT, _INTENT),
    "a file found by name and size": _said(_FILE, _RECEIPT, "found by name and size"),
    "an absent file sent once more": _then(_FILE, LedgerEvent.ABSENT, _INTENT),
    "a file given up": _said(_FILE, LedgerEvent.GIVEN_UP, ""),
    "a link in doubt made again": _then(_LINK, LedgerEvent.UNKNOWN, _INTENT),
    "a link without an outcome made again": _then(_LINK, _INTENT, _INTENT),
    "an old link in doubt taken off again": _then(_LINK, LedgerEvent.UNKNOWN, _DETACH),
    "an old link without an outcome taken off again": _then(_LINK, _DETACH, _DETACH),
    "an old link in doubt, gone": _then(_LINK, LedgerEvent.UNKNOWN, LedgerEvent.DETACHED),
    "an old file in doubt deleted again": _then(_FILE, LedgerEvent.UNKNOWN, _DETACH),
    "an old file in doubt, gone": _then(_FILE, LedgerEvent.UNKNOWN, LedgerEvent.DETACHED),
    "a parent set by somebody meanwhile": _said(_PARENT, _RECEIPT, f"read back: {OTHER_PARENT}"),
    "a sprint looked up": _said(_SPRINT, _RECEIPT, "its history has a change of the sprint"),
    "a removal in doubt, not shown": _then(
        _ISSUE, LedgerEvent.REMOVAL_UNKNOWN, LedgerEvent.REMOVAL_UNCONFIRMED
    ),
    "a removal in doubt, sent again": _then(
        _ISSUE, LedgerEvent.REMOVAL_UNKNOWN, LedgerEvent.REMOVAL_INTENT
    ),
    "a removal in doubt, still there": _said(
        _ISSUE, LedgerEvent.REMOVAL_REFUSED, "settled: it still exists"
    ),
}
"""What the entries of one identity show, and how often."""

REASONS: Mapping[str, str] = {
    "comment": "an issue kept for a comment",
    "worklog": "an issue kept for a worklog",
    "subtask": "an issue kept for a subtask",
    "link from": "an issue kept for a foreign link",
    "attachment from": "an issue kept for a foreign file",
    "its field description": "an issue kept for its text",
    "Jira does not show it": "an issue kept that is not shown",
    "identity it was given": "an issue kept that lacks our marker",
}
"""Words of a reason for which an undo keeps an issue, and the branch."""


def branches_in(entries: Sequence[LedgerEntry], kept_for: Sequence[str]) -> Counter[str]:
    """Count the branches that one schedule took."""
    by_identity: dict[str, list[LedgerEntry]] = {}
    for entry in entries:
        by_identity.setdefault(entry.identity, []).append(entry)
    counts = Counter(
        {
            name: sum(count(known) for known in by_identity.values())
            for name, count in BRANCHES.items()
        }
    )
    counts.update(name for reason in kept_for for words, name in REASONS.items() if words in reason)
    return counts


def seldom_taken(counts: Mapping[str, int], *, times: int = TIMES_MIN) -> Iterator[str]:
    for name in (*BRANCHES, *REASONS.values()):
        if counts.get(name, 0) < times:
            yield f"{name}: {counts.get(name, 0)} times"
