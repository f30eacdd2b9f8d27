"""The page of the ledger an export reads: bounds, receipts, sequences."""

from datetime import datetime

import pytest

from jira_pipeline.domain.export_ledger import LedgerEvent, LedgerSubject
from jira_pipeline.stages.jira_export.book import ExportBook, WriteSubject
from jira_pipeline_tests.contracts.stored_values import START, a_target, an_entry
from jira_pipeline_tests.faults.memory_stores import MemoryLedger

ISSUE = WriteSubject(ticket_id="t01", subject=LedgerSubject.ISSUE, identity="c0ffee")
INTENT, UNKNOWN, ABSENT = LedgerEvent.INTENT, LedgerEvent.UNKNOWN, LedgerEvent.ABSENT


class OneTime:
    """It is always the same time."""

    def now(self) -> datetime:
        """Return it."""
        return START


def book_of(ledger: MemoryLedger) -> ExportBook:
    """Open the page of the session."""
    return ExportBook(ledger, clock=OneTime(), target_id=a_target().target_id, session_key="site")


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


def test_a_ticket_sent_twice_is_looked_for_from_its_first_attempt_on(ledger: MemoryLedger) -> None:
    """The first attempt may have been done late, below the bound of the second."""
    book = book_of(ledger)
    for event, bound in ((INTENT, 3), (ABSENT, None), (INTENT, 40), (UNKNOWN, None)):
        book.write(ISSUE, event, low_bound=bound)

    assert book.low_bound(ISSUE.identity) == 3
    assert book_of(ledger).low_bound(ISSUE.identity) == 3


def test_an_issue_that_was_found_nowhere_is_still_looked_for(ledger: MemoryLedger) -> None:
    """It may come late, before it is sent again."""
    book = book_of(ledger)
    for event, bound in ((INTENT, 3), (ABSENT, None)):
        book.write(ISSUE, event, low_bound=bound)

    assert book.low_bound(ISSUE.identity) == 3


def test_a_ticket_that_was_refused_is_looked_for_nowhere(ledger: MemoryLedger) -> None:
    book = book_of(ledger)
    book.write(ISSUE, INTENT, low_bound=3)
    book.write(ISSUE, LedgerEvent.NOTHING_DONE)

    assert book.low_bound(ISSUE.identity) is None


def test_the_issues_of_a_session_are_above_its_first_bound(ledger: MemoryLedger) -> None:
    """An issue that was found without an intent counts by its key, one that moved by its intent."""
    ledger.append(an_entry(INTENT, identity="a", low_bound=20))
    ledger.append(an_entry(LedgerEvent.RECEIPT, identity="a", remote_key="MOVED-2"))
    ledger.append(an_entry(LedgerEvent.RECEIPT, identity="b", remote_key="SITE-15"))

    assert book_of(ledger).first_bound("SITE") == 14


def test_the_number_of_an_issue_in_another_project_says_nothing(ledger: MemoryLedger) -> None:
    """It was moved there; taken for one of ours, it would end the search for ours too high."""
    ledger.append(an_entry(LedgerEvent.RECEIPT, identity="a", remote_key="SITE-15"))
    ledger.append(an_entry(LedgerEvent.RECEIPT, identity="b", remote_key="SITEMAP-2"))
    ledger.append(an_entry(LedgerEvent.RECEIPT, identity="c", remote_key="MOVED-900"))

    book = book_of(ledger)

    assert (book.first_bound("SITE"), book.highest_issue_number("SITE")) == (14, 15)


def test_a_session_without_issues_has_no_first_bound(ledger: MemoryLedger) -> None:
    assert book_of(ledger).first_bound("SITE") is None
    assert book_of(ledger).last_sequence() == 0


def test_the_last_sequence_is_that_of_the_newest_entry(ledger: MemoryLedger) -> None:
    book = book_of(ledger)
    book.write(ISSUE, INTENT, low_bound=3)
    book.write(ISSUE, UNKNOWN)

    assert book.last_sequence() == 2
