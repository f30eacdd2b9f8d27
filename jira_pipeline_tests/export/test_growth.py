"""An export grows with the tickets, not with their square."""

from collections import Counter
from types import CodeType

import pytest

from benchmarks import export_load
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.growth import called_too_often, calls_of
from jira_pipeline_tests.jira.journals import journal_of


def calls_of_export(
    tickets: int, *, batch_size: int, monkeypatch: pytest.MonkeyPatch
) -> Counter[CodeType]:
    """Count the calls while so many tickets are exported, with their links and files."""
    monkeypatch.setattr(export_load, "TICKETS", tickets)
    monkeypatch.setattr(export_load, "BLOCKING_LINKS", tickets // 2)
    monkeypatch.setattr(export_load, "RELATING_LINKS", tickets // 10)
    monkeypatch.setattr(export_load, "ATTACHMENTS", tickets // 10)
    return calls_of(lambda: export_load.export(batch_size=batch_size))


def test_nothing_to_do_is_learnt_by_few_requests(world: ExportWorld) -> None:
    """One for the site, one for the project; issues by id, by number, by label."""
    world.export()
    before = len(journal_of(world.sandbox))

    world.export()

    sent = [entry.path.rpartition("/")[2] for entry in journal_of(world.sandbox)[before:]]
    assert sent == ["tenant_info", "SBX", "bulkfetch", "bulkfetch", "jql"]


@pytest.mark.parametrize("batch_size", [1, 50])
def test_no_step_looks_at_all_tickets_for_each_ticket(
    batch_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = (
        calls_of_export(tickets, batch_size=batch_size, monkeypatch=monkeypatch)
        for tickets in (30, 120)
    )

    assert called_too_often(small, large, times=4) == {}
