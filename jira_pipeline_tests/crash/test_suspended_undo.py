"""An undo that pauses between the intent of a deletion and its request judges the issue again."""

from collections.abc import Callable
from dataclasses import replace

from typing_extensions import override

from jira_pipeline.export.roles import ExportLedger
from jira_pipeline.export.undo import undo_export
from jira_pipeline.model.export_ledger import LedgerEntry, LedgerEvent
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.wrapped_ledger import WrappedLedger
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.undo_world import comment, keys_by_title

NIGHT_SECONDS = 8 * 3600.0


class InterruptedLedger(WrappedLedger):
    """The real ledger; something happens once, after the first intent of a deletion."""

    def __init__(self, ledger: ExportLedger, happens: Callable[[LedgerEntry], object]) -> None:
        super().__init__(ledger)
        self._happens: Callable[[LedgerEntry], object] | None = happens

    @override
    def append(self, entry: LedgerEntry) -> LedgerEntry:
        written = self._ledger.append(entry)
        if entry.event is LedgerEvent.REMOVAL_INTENT and self._happens is not None:
            happens, self._happens = self._happens, None
            happens(written)
        return written


def test_what_was_commented_on_while_the_machine_slept_stays(exported: ExportWorld) -> None:
    touched: list[str] = []

    def sleep(intent: LedgerEntry) -> None:
        exported.time.sleep(NIGHT_SECONDS)
        touched.append(intent.remote_key or "")
        comment(exported, touched[0])

    with exported.process() as (tools, order), open_in(exported.folder) as store:
        sleeping = replace(tools, ledger=InterruptedLedger(tools.ledger, sleep))
        report = undo_export(sleeping, order, tickets=store.tickets, by="a test")

    assert [issue.key for issue in report.kept] == touched
    assert list(keys_by_title(exported).values()) == touched
