"""Which entries of the ledger need the lease where a connection holds it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection

from jira_pipeline.model.errors import LeaseLostError
from jira_pipeline.model.exports import LedgerEvent
from jira_pipeline.store.ledger import SqlExportLedger
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_target, an_entry

LEASED = {
    LedgerEvent.INTENT,
    LedgerEvent.REMOVAL_INTENT,
    LedgerEvent.DETACH_INTENT,
    LedgerEvent.UPDATE_INTENT,
    LedgerEvent.UPDATE_LEFT,
    LedgerEvent.UNDO_BEGUN,
    LedgerEvent.UNDO_ENDED,
}


@pytest.mark.parametrize("event", LedgerEvent)
def test_intents_and_the_span_of_an_undo_are_committed_under_the_lease(
    sqlite_store: Store, event: LedgerEvent
) -> None:
    @contextmanager
    def leased(target_id: str) -> Iterator[Connection]:
        asked.append(target_id)
        with sqlite_store.database.writing() as connection:
            yield connection

    asked: list[str] = []
    ledger = SqlExportLedger(sqlite_store.database, intending=leased)
    ledger.record_target(a_target(), at=START)

    written = ledger.append(an_entry(event))

    assert asked == ([a_target().target_id] if event in LEASED else [])
    assert ledger.entries(target_id=written.target_id, session_key="site") == (written,)


def test_an_outcome_is_written_though_the_lease_is_gone(sqlite_store: Store) -> None:
    """It was sent: forgetting what was answered would be worse."""

    def lost(target_id: str) -> Iterator[Connection]:
        raise LeaseLostError(target=target_id, reason="the connection is gone")

    ledger = SqlExportLedger(sqlite_store.database, intending=contextmanager(lost))
    ledger.record_target(a_target(), at=START)

    with pytest.raises(LeaseLostError):
        ledger.append(an_entry())
    receipt = ledger.append(an_entry(LedgerEvent.RECEIPT))

    assert ledger.entries(target_id=receipt.target_id, session_key="site") == (receipt,)
