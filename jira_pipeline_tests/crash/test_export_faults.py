"""The export on a site that answers badly: lost answers, refusals, late commits, index lag.

A fault strikes once, at a numbered creation. Afterwards the export is started again on a site
without fault, as Dagster would, and the site is judged.
"""

from datetime import timedelta

import httpx
import pytest

from jira_pipeline.export.creation import create_issues
from jira_pipeline.model.errors import (
    CancelledError,
    GateError,
    UnavailableError,
)
from jira_pipeline.model.exports import FixType
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.crash.export_faults import (
    REFUSALS,
    StrikeOnce,
    let_be,
    while_the_index_lags,
)
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import SESSION_KEY
from jira_pipeline_tests.export.small_site import failing
from jira_pipeline_tests.export.whole_exports import restore_store
from jira_pipeline_tests.jira.journals import journal_of


def test_a_cancelled_export_does_not_wait_for_its_turn(world: ExportWorld) -> None:
    strike = StrikeOnce(REFUSALS["429"], at=1)
    world.answering, world.is_cancelled = strike, lambda: bool(strike.seen)

    with pytest.raises(CancelledError):
        world.export()

    assert world.time.slept == []


def test_an_edit_between_gate_and_lease_is_noticed(world: ExportWorld) -> None:
    def edited_meanwhile(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if request.url.path.endswith("/project/SBX"):
            with world.open_store() as store:
                later, fields = START + timedelta(days=1), {"priority": "Low"}
                store.reviews.assign(SESSION_KEY, ["t01"], fields=fields, by="ab", at=later)
        return site.handle_request(request)

    world.answering = edited_meanwhile

    with pytest.raises(GateError, match="Re-validation required"):
        world.export()

    assert not any(entry.changes for entry in journal_of(world.sandbox))


def test_nothing_is_created_from_a_restored_ledger_while_keys_cannot_be_read(
    world: ExportWorld,
) -> None:
    world.export()
    restore_store(world)
    world.answering = failing({"SBX-3"}, times=99)

    with pytest.raises(UnavailableError, match="nothing is created"):
        world.export()
    world.answering = None
    world.export()

    assert world.violations() == []


def test_a_replayed_request_is_listed_for_a_person(world: ExportWorld) -> None:
    """By the creation itself: linking, which compares everything, may never be reached.

    The index lags, so only the number of the second issue leads to it.
    """

    def replayed(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        site.handle_request(request)
        return site.handle_request(request)

    world.answering = while_the_index_lags(StrikeOnce(replayed, at=3))

    with world.process() as (tools, order):
        create_issues(tools, order)

    (fix,) = world.fixes()
    assert fix.fix_type is FixType.ORPHAN_ISSUE
    assert fix.jira_key is not None


def test_a_cancelled_export_stops_before_the_next_ticket_and_is_resumed(world: ExportWorld) -> None:
    strike = StrikeOnce(let_be)
    world.answering, world.is_cancelled = strike, lambda: strike.seen >= 2

    with pytest.raises(CancelledError):
        world.export()
    sent = strike.seen
    world.is_cancelled = lambda: False
    world.export()

    assert sent == 2
    assert world.violations() == []
