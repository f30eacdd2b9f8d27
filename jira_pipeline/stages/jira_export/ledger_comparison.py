"""Whether Jira holds what the ledger says, issue by issue.

Belongs here: reading the issues of a session back and naming every difference. Does not: settling
doubts (`settle`), links, which the linking reads back itself.
"""

from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.domain.export_ledger import LedgerEntry
from jira_pipeline.domain.findings import Finding, Severity, sorted_findings
from jira_pipeline.ports.issue_tracker import FoundIssue
from jira_pipeline.stages.jira_export.export_run import (
    MARKER_PROPERTY,
    ExportOrder,
    ExportTools,
    marker_of,
)
from jira_pipeline.stages.jira_export.ledger_page import LedgerPage
from jira_pipeline.stages.jira_export.lookups import portions_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerComparison:
    """What was found; every tuple holds issue keys as the ledger or Jira names them."""

    confirmed: int
    """Issues that are there with the identity the ledger gave them."""
    gone: tuple[str, ...]
    """In the ledger, not in Jira: deleted, moved out of sight, or never visible to us."""
    unmarked: tuple[str, ...]
    """There, but without our identity or with another."""
    unreadable: tuple[str, ...]
    """Jira could not read them just now: they may be there."""
    unknown: tuple[str, ...]
    """Carry the identity of a ticket of this session, but the ledger does not know them."""

    @property
    def is_equal(self) -> bool:
        """Jira holds exactly what the ledger says."""
        return not (self.gone or self.unmarked or self.unreadable or self.unknown)


class Difference(StrEnum):
    """How an issue differs from what the ledger says, as the code of its finding."""

    GONE = "issue_gone"
    UNMARKED = "issue_unmarked"
    UNREADABLE = "issue_unreadable"
    UNKNOWN = "issue_unknown"


_TEXTS = {
    Difference.GONE: (
        Severity.WARNING,
        (
            "The ledger has this issue, and Jira does not show it: it was deleted, moved out of sight, "
            "or hidden from our account."
        ),
        "Look for it in Jira; it is not created again.",
    ),
    Difference.UNMARKED: (
        Severity.WARNING,
        "This issue does not carry the identity that the ledger gave it.",
        "Look whether somebody replaced it; an undo leaves it alone.",
    ),
    Difference.UNREADABLE: (
        Severity.INFO,
        "Jira could not read this issue just now.",
        "Nothing; the next comparison looks again.",
    ),
    Difference.UNKNOWN: (
        Severity.WARNING,
        (
            "This issue carries the identity of a ticket of the session, and the ledger does not know "
            "it."
        ),
        "Settle the session; that names issues that are there twice.",
    ),
}


def findings_of(comparison: LedgerComparison) -> tuple[Finding, ...]:
    """Say every difference as a finding; its value is the key of the issue."""
    keys = {
        Difference.GONE: comparison.gone,
        Difference.UNMARKED: comparison.unmarked,
        Difference.UNREADABLE: comparison.unreadable,
        Difference.UNKNOWN: comparison.unknown,
    }
    found = []
    for difference, issues in keys.items():
        severity, message, advice = _TEXTS[difference]
        found += [
            Finding(
                severity=severity,
                code=difference.value,
                value=key,
                message=message,
                advice=advice,
            )
            for key in issues
        ]
    return sorted_findings(found)


def compare_ledger(tools: ExportTools, order: ExportOrder, *, target_id: str) -> LedgerComparison:
    """Read every issue of the session back; only reads are sent.

    Raises:
        UpstreamError: Jira cannot be asked.
    """
    page = LedgerPage(
        tools.ledger, clock=tools.clock, target_id=target_id, session_key=order.session_key
    )
    receipts = {r.remote_id: r for r in page.issue_receipts() if r.remote_id is not None}
    found: dict[str, FoundIssue] = {}
    failed: set[str] = set()
    for some in portions_of(list(receipts)):
        answer = tools.tracker.bulk_fetch(some, fields=("summary",), properties=(MARKER_PROPERTY,))
        found |= {issue.issue_id: issue for issue in answer.issues}
        failed |= set(answer.failed)
    unmarked = [
        issue.key
        for issue_id, issue in found.items()
        if (marker := marker_of(issue)) is None or marker.identity != receipts[issue_id].identity
    ]
    missing = [r for issue_id, r in receipts.items() if issue_id not in found]
    return LedgerComparison(
        confirmed=len(found) - len(unmarked),
        gone=tuple(_name_of(r) for r in missing if r.remote_id not in failed),
        unmarked=tuple(unmarked),
        unreadable=tuple(_name_of(r) for r in missing if r.remote_id in failed),
        unknown=_unknown(
            tools, order, target_id=target_id, known_ids=frozenset(receipts) | page.removed_ids
        ),
    )


def _unknown(
    tools: ExportTools, order: ExportOrder, *, target_id: str, known_ids: frozenset[str]
) -> tuple[str, ...]:
    """Look through the session's label; the index may lag, so this finds, but proves nothing."""
    installation_id = tools.ledger.installation_id()
    copied = {  # such as by a copy of the site: issues of another target, not of this one
        entry.identity
        for target in tools.ledger.targets_of(order.session_key)
        if target.target_id != target_id
        for entry in tools.ledger.entries(target_id=target.target_id, session_key=order.session_key)
    }
    project_id = target_id.rpartition("/")[2]
    jql = f'project = {project_id} AND labels = "{order.session_label}" ORDER BY key'
    keys: list[str] = []
    token: str | None = None
    while True:
        page = tools.tracker.search(
            jql, fields=("summary",), properties=(MARKER_PROPERTY,), page_token=token
        )
        keys += [
            issue.key
            for issue in page.issues
            if issue.issue_id not in known_ids
            and (marker := marker_of(issue)) is not None
            and (marker.installation_id, marker.session_key) == (installation_id, order.session_key)
            and marker.identity not in copied
        ]
        token = page.next_page_token
        if token is None:
            return tuple(keys)


def _name_of(receipt: LedgerEntry) -> str:
    return receipt.remote_key or receipt.remote_id or receipt.identity
