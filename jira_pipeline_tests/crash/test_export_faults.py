"""The export on a site that answers badly: lost answers, refusals, late commits, index lag.

A fault strikes once, at a numbered creation. Afterwards the export is started again on a site
without fault, as Dagster would, and the site is judged.
"""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.text_writes import CHANGED_THERE
from jira_pipeline.model.errors import CancelledError, GateError, UnavailableError
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.crash.export_faults import (
    REFUSALS,
    StrikeOnce,
    is_commenting,
    is_creation,
    is_update,
    is_upload,
    let_be,
    limited_by_gateway,
    while_the_index_lags,
)
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import DRAFTS, SESSION_KEY, WITH_FILES, with_files
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


@pytest.mark.parametrize("is_committed", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("matches", [is_creation, is_upload])
def test_what_a_gateway_limits_is_looked_up_before_it_is_sent_again(
    world: ExportWorld, matches: Callable[[httpx.Request], bool], *, is_committed: bool
) -> None:
    """It limited the answer: Jira had done it, and it was done again."""
    world.horizon_seconds = 600.0
    strike = StrikeOnce(limited_by_gateway(is_committed=is_committed), at=2, matches=matches)
    world.answering = strike

    with world.process() as (tools, given):
        order = with_files(given)
        create_issues(tools, order)
        attach_files(tools, order)

    assert strike.has_begun
    assert sum(world.time.slept) < world.horizon_seconds, "a gateway is not waited for so long"
    assert world.fixes() == ()
    assert len(world.titles()) == len(set(world.titles())) == len(DRAFTS)
    assert len(world.files_of()) == len(WITH_FILES)


@pytest.mark.parametrize("is_committed", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("matches", [is_update, is_commenting])
def test_a_text_that_a_gateway_limits_is_read_before_it_is_sent_again(
    changed: ExportWorld, matches: Callable[[httpx.Request], bool], *, is_committed: bool
) -> None:
    """Also where the issue does not remember which text is ours."""
    changed.forget_blocks()
    changed.horizon_seconds = 600.0
    strike = StrikeOnce(limited_by_gateway(is_committed=is_committed), at=1, matches=matches)
    changed.answering = strike

    report = changed.update()

    assert strike.has_begun
    assert sum(changed.time.slept) < changed.horizon_seconds
    assert (report.updated, report.left) == ((1, 4), {2: CHANGED_THERE})
    assert changed.violations_of_update(edited={"t02"}) == []


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
