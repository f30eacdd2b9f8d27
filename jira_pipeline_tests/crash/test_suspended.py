"""A process that pauses between an intent and its request looks again before it sends."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from typing_extensions import override

from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.undo import undo_export
from jira_pipeline.model.errors import LeaseLostError
from jira_pipeline.model.exports import LedgerEntry, LedgerEvent
from jira_pipeline.store.ledger import SqlExportLedger
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import (
    initialised_url,
    postgres_store,
    postgres_url,
    store_with,
)
from jira_pipeline_tests.crash.export_world import ExportWorld, WrappedLedger
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.store.session_locks import end_holders

__all__ = ["initialised_url", "postgres_store", "postgres_url"]

ASLEEP_SECONDS = 60.0
NIGHT_SECONDS = 8 * 3600.0


class InterruptedLedger(WrappedLedger):
    """The ledger; something happens once, after the first intent."""

    def __init__(self, ledger: SqlExportLedger, happens: Callable[[LedgerEntry], object]) -> None:
        super().__init__(ledger)
        self._happens: Callable[[LedgerEntry], object] | None = happens

    @override
    def append(self, entry: LedgerEntry) -> LedgerEntry:
        written = super().append(entry)
        is_intent = entry.event in {LedgerEvent.INTENT, LedgerEvent.REMOVAL_INTENT}
        if is_intent and self._happens is not None:
            happens, self._happens = self._happens, None
            happens(written)
        return written


@pytest.mark.postgres
def test_a_sleeper_whose_lease_is_gone_when_it_wakes_sends_nothing(
    world: ExportWorld, postgres_store: Store, postgres_url: str
) -> None:
    """The server ended the session of a machine that fell silent."""
    intents: list[str] = []

    def fall_silent(intent: LedgerEntry) -> None:
        intents.append(intent.ticket_id)
        assert end_holders(postgres_url) == 1
        world.time.sleep(ASLEEP_SECONDS)

    with world.process() as (tools, order):
        ledger = InterruptedLedger(postgres_store.ledger, fall_silent)
        on_postgres = replace(
            tools, store=store_with(tools.store, ledger=ledger, leases=postgres_store.leases)
        )

        with pytest.raises(LeaseLostError, match="is closed"):
            create_issues(on_postgres, order)

    (target,) = postgres_store.ledger.targets()
    entries = postgres_store.ledger.entries(target_id=target.target_id, session_key="site")
    changes = [change.change for entry in journal_of(world.sandbox) for change in entry.changes]
    assert "issue_created" not in changes
    assert [e.ticket_id for e in entries if e.event is LedgerEvent.INTENT] == intents


def test_what_was_commented_on_while_the_machine_slept_stays(exported: ExportWorld) -> None:
    touched: list[str] = []

    def sleep(intent: LedgerEntry) -> None:
        exported.time.sleep(NIGHT_SECONDS)
        touched.append(intent.remote_key or "")
        exported.comment(touched[0])

    with exported.process() as (tools, order):
        ledger = InterruptedLedger(tools.store.ledger, sleep)
        sleeping = replace(tools, store=store_with(tools.store, ledger=ledger))
        report = undo_export(sleeping, order, by="a test")

    assert [issue.key for issue in report.kept] == touched
    assert list(exported.keys_by_title().values()) == touched
