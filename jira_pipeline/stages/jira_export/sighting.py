"""What was seen of a session on a target, and which issue in it may be whose.

Belongs here: questions to what was seen. Does not: looking (`lookout`), what a find or an absence
means for the ledger (`settling`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.ports.issue_tracker import FoundIssue
from jira_pipeline.stages.jira_export.order import marker_of


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What was seen of a session on a target."""

    issues: tuple[FoundIssue, ...]
    """Everything in the key window or with the session's label; by id."""
    is_conclusive: bool
    """What was not seen was not there."""
    is_calibrated: bool
    """What is known to be ours came back, and with its marker."""
    is_proven: bool
    """Something of ours did come back with its marker; else nothing tells that it would."""
    highest_number: int

    def with_identity(self, identity: str) -> tuple[FoundIssue, ...]:
        """Return the issues that carry an identity, the lowest id first."""
        return tuple(self._by_identity.get(identity, ()))

    @cached_property
    def _by_identity(self) -> Mapping[str, list[FoundIssue]]:
        found: dict[str, list[FoundIssue]] = {}
        for issue in self.issues:
            marker = marker_of(issue)
            if marker is not None:
                found.setdefault(marker.identity, []).append(issue)
        return found

    def last_sequence(self, session_key: str) -> int:
        """Return the highest ledger sequence any marker of the session carries, or 0."""
        markers = (marker_of(issue) for issue in self.issues)
        return max((m.sequence for m in markers if m and m.session_key == session_key), default=0)

    def suspects(
        self, rendered: RenderedTicket, *, known_ids: frozenset[str], label: str | None = None
    ) -> tuple[str, ...]:
        """Return the keys of issues that may be the ticket's though they carry no marker.

        A given label narrows them.
        """
        return tuple(
            issue.key
            for issue in self.issues
            if issue.issue_id not in known_ids
            and marker_of(issue) is None
            and issue.summary == rendered.summary
            and (label is None or label in issue.labels)
        )
