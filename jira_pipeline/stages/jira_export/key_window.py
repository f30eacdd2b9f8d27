"""Whether a run of issue numbers was really read: only then is what was not seen not there.

Belongs here: reading numbers with sentinels, what makes a reading prove nothing. Does not: which
numbers (`lookout`), what an absence leads to (`settling`).

Jira leaves out what one may not see, and answers so too when it does not know us any more. So
every request carries sentinels: issues that we must be able to see.
Source: docs/export.md, rules 5 and 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jira_pipeline.ports.issue_tracker import BulkFetchAnswer, FoundIssue, IssueTracker
from jira_pipeline.stages.jira_export.order import MARKER_PROPERTY, OpenTarget, marker_of

FETCH_SIZE = 100
WINDOW_MARGIN = 100
"""How many numbers beyond the highest known one are looked at."""
UNWITNESSED_MARGIN = 5_000
"""So many where nothing is sent after this look but a resend, and no number is known to be above
what is looked for: others would have to take them all, unseen by us, within the horizon."""
READS_MAX = 2
"""Of the same numbers, where Jira says that it could not read some of them just now."""
PROBE_FIELDS = ("summary", "labels")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIssues:
    """What we know to be there before anything is read."""

    sentinel_ids: tuple[str, ...]
    """Ids of issues that we must be able to see."""
    own_ids: frozenset[str]
    """Ids of the issues with a receipt: each must carry its marker."""
    earlier_ids: tuple[str, ...] = ()
    """Ids of issues of ours from other sessions: they may be gone, and prove something if not."""


class KeyWindow:
    """One reading of a run of issue numbers, 100 at a time, each time with sentinels."""

    def __init__(self, tracker: IssueTracker, opened: OpenTarget, *, known: KnownIssues) -> None:
        """Read nothing yet."""
        self._tracker = tracker
        self._opened = opened
        self._known = known
        self._asked_too = tuple(dict.fromkeys([*known.sentinel_ids, *known.earlier_ids]))
        self.issues: list[FoundIssue] = []
        self.is_conclusive = True
        """What was not seen was not there."""
        self.is_calibrated = True
        """What is known to be ours came back, and with its marker."""
        self.is_proven = False
        """Something of ours did come back with its marker; else nothing tells that it would."""

    def read(self, *, above: int, up_to: int, margin: int = WINDOW_MARGIN) -> None:
        """Read until a whole margin beyond the highest number, or beyond any seen, shows nothing.

        A wide margin needs a sentinel: where no issue is known an absence proves nothing anyway.
        """
        margin = margin if self._known.sentinel_ids else WINDOW_MARGIN
        step = FETCH_SIZE - len(self._asked_too)
        first = above + 1
        while first <= max([up_to, *self.numbers()]) + margin:
            self._read_numbers(range(first, first + step))
            first += step

    def read_range(self, numbers: range) -> None:
        """Read these numbers and no others."""
        step = FETCH_SIZE - len(self._asked_too)
        for first in range(numbers.start, numbers.stop, step):
            self._read_numbers(range(first, min(first + step, numbers.stop)))

    def numbers(self) -> list[int]:
        """Return the numbers of the issues in this project that were seen."""
        prefix = f"{self._opened.target.project_key}-"
        return [issue.number for issue in self.issues if issue.key.startswith(prefix)]

    def _read_numbers(self, numbers: range) -> None:
        keys = [f"{self._opened.target.project_key}-{number}" for number in numbers]
        answer = self._fetch([*self._asked_too, *keys])
        seen = {issue.issue_id for issue in answer.issues}
        self.issues.extend(answer.issues)
        if answer.failed or not self._is_sighted(seen):
            self.is_conclusive = False
        if self._is_marker_missing(answer.issues) or self._is_own_hidden(seen):
            self.is_calibrated = False
        if self._is_ours_shown(answer.issues):
            self.is_proven = True

    def _fetch(self, ids_or_keys: Sequence[str]) -> BulkFetchAnswer:
        """Read once more what Jira could not read just now."""
        for _again in range(READS_MAX - 1):
            answer = self._read_once(ids_or_keys)
            if not answer.failed:
                return answer
        return self._read_once(ids_or_keys)

    def _read_once(self, ids_or_keys: Sequence[str]) -> BulkFetchAnswer:
        return self._tracker.bulk_fetch(
            ids_or_keys, fields=PROBE_FIELDS, properties=(MARKER_PROPERTY,)
        )

    def _is_sighted(self, seen: set[str]) -> bool:
        """Tell whether the account still sees the project.

        In a project without any issue there is no sentinel; then Jira is asked who we are, which
        it refuses where authentication is lost.
        """
        if self._known.sentinel_ids:
            return not seen.isdisjoint(self._known.sentinel_ids)
        return self._opened.is_known_as(self._tracker.whoami())

    def _is_marker_missing(self, issues: Sequence[FoundIssue]) -> bool:
        return any(i.issue_id in self._known.own_ids and marker_of(i) is None for i in issues)

    def _is_ours_shown(self, issues: Sequence[FoundIssue]) -> bool:
        markers = (marker_of(issue) for issue in issues)
        return any(
            m is not None and m.installation_id == self._opened.installation_id for m in markers
        )

    def _is_own_hidden(self, seen: set[str]) -> bool:
        own_sentinels = self._known.own_ids.intersection(self._known.sentinel_ids)
        return bool(own_sentinels) and own_sentinels.isdisjoint(seen)
