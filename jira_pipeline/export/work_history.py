"""When the work on a session began and ended, and what its latest exports came to.

Belongs here: the record of one kind of work, such as the export, and one line for each of the latest
exports (“12 created, 3 updated, 40 s”). Does not: the audit trail itself (`store/changes`), how long
an export will take (`durations`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.exports import LedgerEntry, LedgerEvent, LedgerSubject
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.work_records import COMPLETED, NO_RECORD, Work, WorkRecord, work_record
from jira_pipeline.review.open_session import OpenSession

EXPORTS_SHOWN = 5
SHORT_SECONDS = 90
"""What takes less is said in seconds."""


def record_of(session: OpenSession, *, work: Work | None = None) -> WorkRecord:
    """Return when one work on a session, or the latest, began and ended, and what was retried.

    An export to another target than the settings name does not count.
    """
    if session.elsewhere is not None and work is Work.EXPORT:
        return NO_RECORD
    return work_record(
        session.stored,
        entries=session.work_entries,
        errors=session.errors,
        retry_count_of=session.retry_count,
        work=Work.WRITING if session.elsewhere is not None else work,
    )


def latest_exports(session: OpenSession) -> tuple[AuditEntry, ...]:
    """Return the entries that say its latest exports began, newest first."""
    actions = {AuditAction.EXPORT_STARTED}
    return session.store.audit.latest(session.key, actions=actions, most=EXPORTS_SHOWN)


def export_outcomes(session: OpenSession, begun: Iterable[AuditEntry]) -> Mapping[int, str]:
    """Say what exports came to, by the numbers of the entries that say they began.

    Those that have not ended, or went to another target, are not among them.
    """
    outcomes = {}
    completed = [
        entry for entry in session.work_entries if entry.details.get("to") == list(COMPLETED)
    ]
    creation_sequences = _creation_sequences(session.entries)
    for start in begun:
        later = [entry for entry in completed if entry.sequence > start.sequence]
        if not later or later[0].details.get("run_id") != start.details.get("run_id"):
            continue
        end = later[0]
        during = [entry for entry in session.entries if start.at <= entry.at <= end.at]
        created = sum(entry.sequence in creation_sequences for entry in during)
        updated = sum(entry.event is LedgerEvent.UPDATED for entry in during)
        phrases = []
        if created or not updated:
            phrases.append(f"{created} created")
        if updated:
            phrases.append(f"{updated} updated")
        phrases.append(_described_duration(end.at - start.at))
        outcomes[start.sequence] = ", ".join(phrases)
    return outcomes


def _creation_sequences(entries: Sequence[LedgerEntry]) -> frozenset[int]:
    """Return the sequences of the first receipts of issues: what is read back later has more."""
    first_by_issue: dict[str | None, int] = {}
    for entry in entries:
        if entry.subject is LedgerSubject.ISSUE and entry.event is LedgerEvent.RECEIPT:
            first_by_issue.setdefault(entry.remote_id, entry.sequence)
    return frozenset(first_by_issue.values())


def _described_duration(duration: timedelta) -> str:
    seconds = max(1, round(duration.total_seconds()))
    return f"{seconds} s" if seconds < SHORT_SECONDS else f"{round(seconds / 60)} min"
