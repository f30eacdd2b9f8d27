"""A process that pauses between the intent and the request asks for its lease again."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from typing_extensions import override

from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.roles import ExportLedger
from jira_pipeline.model.errors import LeaseLostError
from jira_pipeline.model.export_ledger import LedgerEntry, LedgerEvent, LedgerSubject
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import initialised_url, postgres_store, postgres_url
from jira_pipeline_tests.contracts.wrapped_ledger import WrappedLedger
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.store.session_locks import end_holders

__all__ = ["initialised_url", "postgres_store", "postgres_url"]

ASLEEP_SECONDS = 60.0


class InterruptedLedger(WrappedLedger):
    """The real ledger; something happens after each of the first intents of issues."""

    def __init__(
        self, ledger: ExportLedger, happens: Callable[[], object], *, times: int = 1
    ) -> None:
        super().__init__(ledger)
        self._happens = happens
        self._left = times

    @override
    def append(self, entry: LedgerEntry) -> LedgerEntry:
        written = self._ledger.append(entry)
        is_intent = (entry.subject, entry.event) == (LedgerSubject.ISSUE, LedgerEvent.INTENT)
        if is_intent and self._left:
            self._left -= 1
            self._happens()
        return written


def issues_created(world: ExportWorld) -> int:
    changes = [change for entry in world.sandbox.journal() for change in entry.changes]
    return sum(change.change == "issue_created" for change in changes)


def intents_of(ledger: ExportLedger) -> list[str]:
    """Return the tickets of all intents of issues, by sequence."""
    (target,) = ledger.targets()
    entries = ledger.entries(target_id=target.target_id, session_key="site")
    wanted = (LedgerSubject.ISSUE, LedgerEvent.INTENT)
    return [e.ticket_id for e in entries if (e.subject, e.event) == wanted]


@pytest.mark.postgres
def test_a_sleeper_whose_lease_is_gone_when_it_wakes_sends_nothing(
    world: ExportWorld, postgres_store: Store, postgres_url: str
) -> None:
    """The server ended the session of a machine that fell silent."""

    def fall_silent() -> None:
        assert end_holders(postgres_url) == 1
        world.time.sleep(ASLEEP_SECONDS)

    with world.process() as (tools, order):
        ledger = InterruptedLedger(postgres_store.ledger, fall_silent)
        on_postgres = replace(tools, ledger=ledger, lease=postgres_store.leases)

        with pytest.raises(LeaseLostError, match="is closed"):
            create_issues(on_postgres, order)

    assert issues_created(world) == 0
    assert len(intents_of(postgres_store.ledger)) == 1
