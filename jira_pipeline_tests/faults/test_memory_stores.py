"""The stores of the schedules behave as those of the product do, as far as the export uses them."""

from dataclasses import replace

import pytest

from jira_pipeline.errors import LeaseBusyError, NotFoundError
from jira_pipeline.kernel.export_ledger import LedgerEvent
from jira_pipeline.kernel.manual_fixes import FixState
from jira_pipeline.kernel.sessions import SessionStage, SessionStatus
from jira_pipeline.ports.export import ExportLedger, ManualFixStore
from jira_pipeline.ports.sessions import SessionStore
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import (
    SHA,
    START,
    a_fix,
    a_target,
    a_validation,
    after,
    an_entry,
    an_upload,
)
from jira_pipeline_tests.faults.memory_stores import (
    MemoryFixes,
    MemoryLease,
    MemoryLedger,
    OneSession,
)


def test_the_ledgers_keep_the_same(sqlite_store: Store) -> None:
    assert kept_in(MemoryLedger()) == kept_in(sqlite_store.ledger)


def kept_in(ledger: ExportLedger) -> object:
    """Write two sessions on two targets and return all that can be read."""
    here, there = a_target(), a_target("https://example.org/2")
    for target in (there, here, replace(here, project_key="NEW")):
        ledger.record_target(target, at=START)
    written = [
        ledger.append(an_entry()),
        ledger.append(an_entry(LedgerEvent.RECEIPT)),
        ledger.append(an_entry(session_key="other")),
        ledger.append(an_entry(target_id=there.target_id)),
        ledger.append(an_entry(LedgerEvent.UNKNOWN, detail="no answer")),
        *(ledger.append(an_entry(LedgerEvent.RECEIPT, remote_id=number)) for number in "3455"),
        ledger.append(an_entry(LedgerEvent.REMOVED, remote_id="4")),
    ]
    pages = [
        ledger.entries(target_id=target.target_id, session_key=session_key)
        for target in (here, there)
        for session_key in ("site", "other", "none")
    ]
    used = [ledger.targets_of(session_key) for session_key in ("site", "other", "none")]
    last = ledger.last_issues(here.target_id, count=2)
    sent = ledger.tickets_sent(here.target_id)
    return written, pages, ledger.targets(), used, last, sent


def test_the_lists_of_fixes_keep_the_same(sqlite_store: Store) -> None:
    sqlite_store.sessions.register(an_upload(), at=START, actor="a test")

    assert listed_in(MemoryFixes()) == listed_in(sqlite_store.manual_fixes)


def listed_in(fixes: ManualFixStore) -> object:
    """Record fixes once, twice and anew, and return all that can be read."""
    first = fixes.record(a_fix())
    fixes.record(a_fix(title="told again"))
    fixes.record(a_fix(subject="sprint"))
    fixes.set_state("site", first.fix_id, FixState.OBSOLETE, by="a person", at=START)
    reported_again = fixes.record(a_fix(title="needed anew"))
    fixes.record(a_fix(target_id="https://example.org/2"))
    with pytest.raises(NotFoundError):
        fixes.set_state("site", 99, FixState.DONE, by="a person", at=START)
    return (
        reported_again,
        fixes.list_all("site"),
        fixes.list_all("site", target_id=a_target().target_id),
    )


def test_the_sessions_show_the_same_progress(sqlite_store: Store) -> None:
    sqlite_store.sessions.register(an_upload(), at=START, actor="a test")
    session = OneSession(a_validation(), content_sha256=SHA)

    shown = progress_shown_in(session)  # type: ignore[arg-type] # the part an export uses

    assert shown == progress_shown_in(sqlite_store.sessions)


def progress_shown_in(sessions: SessionStore) -> list[float]:
    """Move a session through an export and one more, and return the progress at every step."""
    running, done = SessionStatus.RUNNING, SessionStatus.COMPLETED
    shown = []
    for stage, status, percentage in (
        (SessionStage.JIRA_EXPORT, running, 40.0),
        (SessionStage.JIRA_EXPORT, running, 20.0),
        (SessionStage.JIRA_EXPORT, running, 99.0),
        (SessionStage.COMPLETED, done, 100.0),
        (SessionStage.JIRA_EXPORT, running, 95.0),
    ):
        sessions.set_stage("site", stage=stage, status=status, at=after(1))
        shown.append(sessions.get("site").progress_percentage)
        sessions.set_progress("site", percentage=percentage, text="on its way", at=after(2))
        shown.append(sessions.get("site").progress_percentage)
    return shown


def test_the_lease_is_of_one_process_and_free_after_a_crash() -> None:
    lease = MemoryLease()

    with lease.hold("a target", holder="one"), pytest.raises(LeaseBusyError):
        lease.hold("a target", holder="two").__enter__()
    with pytest.raises(KeyboardInterrupt), lease.hold("a target", holder="three"):
        raise KeyboardInterrupt

    with lease.hold("a target", holder="four"):
        pass
