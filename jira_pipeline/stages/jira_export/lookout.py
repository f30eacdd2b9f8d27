"""What Jira holds of a session: looked up by number, and through the search index.

Belongs here: where to look, and that what is found there is ours. Does not: what makes a reading
prove nothing (`key_window`), what a find or an absence means for the ledger (`settling`).

The index lags and its labels only nominate: what it shows is there, what it lacks may be too.
Source: docs/export.md, rules 5 and 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jira_pipeline.errors import ConfigurationError
from jira_pipeline.ports.issue_tracker import FoundIssue
from jira_pipeline.stages.jira_export.book import ExportBook
from jira_pipeline.stages.jira_export.key_window import (
    PROBE_FIELDS,
    WINDOW_MARGIN,
    KeyWindow,
    KnownIssues,
)
from jira_pipeline.stages.jira_export.order import (
    MARKER_PROPERTY,
    ExportOrder,
    ExportTools,
    OpenTarget,
    marker_of,
)
from jira_pipeline.stages.jira_export.sighting import Sighting

SWEEP_DEPTH = 500
"""How many of the newest numbers are read without any doubt about them: the index may still miss
some. What is older is found by its label."""
OWN_SENTINELS_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """Whose issues are looked for, with what."""

    tools: ExportTools
    order: ExportOrder
    opened: OpenTarget
    book: ExportBook

    def look(self, low_bound: int | None, *, margin: int = WINDOW_MARGIN) -> Sighting:
        """Look through the key window above a number, then through the search index.

        None stands for the highest number known, or what is a sweep's depth below the newest. The
        window of a doubt reaches to the highest number that any session of ours had here.

        Raises:
            ConfigurationError: Another installation exported a session of this name here.
        """
        newest = self._newest()
        newest_number = newest.number if newest is not None else 0
        target = self.opened.target
        highest = self.book.highest_issue_number(target.project_key)
        if low_bound is None:
            low_bound = max(highest, newest_number - SWEEP_DEPTH)
        else:
            of_all = self.tools.ledger.highest_issue_number(
                target.target_id, project_key=target.project_key
            )
            highest = max(highest, of_all)
        window = KeyWindow(self.tools.tracker, self.opened, known=self._known_issues(newest))
        up_to = max(low_bound, highest, newest_number)
        window.read(above=low_bound, up_to=up_to, margin=margin)
        return self._sighting(window, newest_number=newest_number)

    def look_through(self, ranges: Sequence[range]) -> Sighting:
        """Look through these numbers, then through the search index.

        Raises:
            ConfigurationError: Another installation exported a session of this name here.
        """
        newest = None if self.known_ids() else self._newest()
        window = KeyWindow(self.tools.tracker, self.opened, known=self._known_issues(newest))
        for numbers in ranges:
            window.read_range(numbers)
        return self._sighting(window, newest_number=newest.number if newest is not None else 0)

    def _sighting(self, window: KeyWindow, *, newest_number: int) -> Sighting:
        by_id = {
            issue.issue_id: issue
            for issue in (*self._labelled(), *window.issues)
            if issue.issue_id not in self.book.removed_ids
        }
        issues = tuple(sorted(by_id.values(), key=lambda issue: int(issue.issue_id)))
        self._refuse_foreign(issues)
        return Sighting(
            issues=issues,
            is_conclusive=window.is_conclusive,
            is_calibrated=window.is_calibrated,
            is_proven=window.is_proven,
            highest_number=max([newest_number, *window.numbers()]),
        )

    def known_ids(self) -> frozenset[str]:
        """Return the ids of all issues with a receipt."""
        receipts = self.book.issue_receipts()
        return frozenset(r.remote_id for r in receipts if r.remote_id is not None)

    def _known_issues(self, newest: FoundIssue | None) -> KnownIssues:
        """Return what must come back: the last issues of ours and the newest are the sentinels."""
        own = [
            receipt.remote_id
            for receipt in self.book.issue_receipts()
            if receipt.remote_id is not None and self.book.open_removal(receipt.identity) is None
        ]
        others = [newest.issue_id] if newest is not None else []
        earlier = (
            ()
            if own
            else self.tools.ledger.last_issues(
                self.opened.target.target_id, count=OWN_SENTINELS_MAX
            )
        )
        return KnownIssues(
            sentinel_ids=tuple(dict.fromkeys([*own[-OWN_SENTINELS_MAX:], *others])),
            own_ids=self.known_ids(),
            earlier_ids=earlier,
        )

    def _newest(self) -> FoundIssue | None:
        """Return the newest issue the index knows: too old where it lags, which is safe."""
        page = self.tools.tracker.search(
            f"project = {self.opened.target.project_id} ORDER BY key DESC",
            fields=PROBE_FIELDS,
            page_size=1,
        )
        return next(iter(page.issues), None)

    def _labelled(self) -> tuple[FoundIssue, ...]:
        """Return what the index has under the session's label: nominated, not proven."""
        jql = (
            f"project = {self.opened.target.project_id} "
            f'AND labels = "{self.order.session_label}" ORDER BY key'
        )
        issues: list[FoundIssue] = []
        token: str | None = None
        while True:
            page = self.tools.tracker.search(
                jql, fields=PROBE_FIELDS, properties=(MARKER_PROPERTY,), page_token=token
            )
            issues.extend(page.issues)
            token = page.next_page_token
            if token is None:
                return tuple(issues)

    def _refuse_foreign(self, issues: Sequence[FoundIssue]) -> None:
        for issue in issues:
            marker = marker_of(issue)
            if (
                marker is not None
                and marker.session_key == self.order.session_key
                and marker.installation_id != self.opened.installation_id
            ):
                raise ConfigurationError(
                    f"Another installation exported a session {self.order.session_key} to "
                    f"{self.opened.target.name}: {issue.key} is not ours.",
                    recovery_actions=(
                        "Use the store of that installation (JIRA_PIPELINE_DATABASE_URL).",
                        "Or upload these files under another session key.",
                    ),
                )
