"""A ledger around another one, for tests in which something happens at a write.

Belongs here: passing everything on. Does not: what happens (`crash`, `faults`).
"""

from datetime import datetime

from jira_pipeline.export.roles import ExportLedger
from jira_pipeline.model.export_ledger import Destination, LedgerEntry, Target


class WrappedLedger:
    def __init__(self, ledger: ExportLedger) -> None:
        self._ledger = ledger
        self.installation_id = ledger.installation_id
        self.entries = ledger.entries
        self.last_issues = ledger.last_issues
        self.tickets_sent = ledger.tickets_sent
        self.highest_issue_number = ledger.highest_issue_number
        self.targets = ledger.targets
        self.targets_of = ledger.targets_of
        self.destinations = ledger.destinations

    def append(self, entry: LedgerEntry) -> LedgerEntry:
        return self._ledger.append(entry)

    def record_target(
        self, target: Target, *, at: datetime, destination: Destination | None = None
    ) -> None:
        self._ledger.record_target(target, at=at, destination=destination)
