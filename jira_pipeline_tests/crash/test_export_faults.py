"""The export on a site that answers badly: lost answers, refusals, late commits, index lag.

A fault strikes once, at a numbered creation. Afterwards the export is started again on a site
without fault, as Dagster would, and the site is judged.
"""

import json
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from jira_pipeline.export.creation import create_issues
from jira_pipeline.model.errors import (
    AccessError,
    CancelledError,
    GateError,
    InDoubtError,
    OrphanIssueError,
    UnavailableError,
)
from jira_pipeline.model.exports import FixType
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.crash.export_faults import (
    DOUBTS,
    REFUSALS,
    StrikeOnce,
    index_that_lags,
    is_search,
    is_upload,
    let_be,
    lost,
    while_the_index_lags,
)
from jira_pipeline_tests.crash.export_world import Crash, ExportWorld, Tripwire
from jira_pipeline_tests.crash.sessions import SESSION_KEY
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.export.whole_exports import where
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.long_form import IS_LONG, each_at_a_place


def test_a_gateway_that_says_no_after_the_commit_stops_and_nothing_is_created_twice(
    ready_folder: Path, tmp_path: Path
) -> None:
    """Its status says that nothing was done; were it wrong, the next sweep finds the issue."""
    gateways = {str(status): lost(status, is_committed=True) for status in (401, 403)}
    wrong: dict[str, list[str]] = {}

    for name, fault, number in each_at_a_place(gateways, (1, 5, 2)):
        with open_world(ready_folder, tmp_path / name) as world:
            world.answering = StrikeOnce(fault, at=number)
            with pytest.raises(AccessError):
                world.export()
            world.export()
            wrong[name] = world.violations()

    assert not any(wrong.values()), wrong


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


@pytest.mark.parametrize("kept", [10, 20, 40, 60] if IS_LONG else [10, 40])
def test_a_ledger_restored_from_a_backup_creates_nothing_twice(
    world: ExportWorld, kept: int, tmp_path: Path
) -> None:
    """The search index shows nothing yet, so only reading the next keys can tell."""
    restore_a_backup(world, tmp_path / "backup.sqlite", kept=kept)
    world.answering = index_that_lags

    world.export()

    assert world.violations() == []


def test_nothing_is_created_from_a_restored_ledger_while_keys_cannot_be_read(
    world: ExportWorld, tmp_path: Path
) -> None:
    restore_a_backup(world, tmp_path / "backup.sqlite", kept=40)
    unreadable = PartlyUnreadable(StrikeOnce(index_that_lags, at=0))
    world.answering = unreadable

    with pytest.raises(UnavailableError, match="nothing is created"):
        world.export()
    world.answering = None
    world.export()

    assert world.violations() == []


def test_an_element_that_could_not_be_read_never_reads_as_absence(world: ExportWorld) -> None:
    world.answering = PartlyUnreadable(StrikeOnce(DOUBTS["read timeout after commit"], at=3))

    with pytest.raises((InDoubtError, UnavailableError)):
        world.export()
    world.answering = None
    world.export()

    assert world.violations() == []


@pytest.mark.parametrize("number", [1, 3])
def test_a_site_that_drops_markers_gets_no_second_issue(world: ExportWorld, number: int) -> None:
    world.answering = MarkersDropped(StrikeOnce(DOUBTS["read timeout after commit"], at=number))

    with pytest.raises(OrphanIssueError, match="It is not clear whether"):
        world.export()

    titles = world.titles()
    assert [fix.fix_type for fix in world.fixes()] == [FixType.ORPHAN_ISSUE]
    assert len(titles) == len(set(titles))


def test_a_file_that_never_arrives_is_left_to_a_person(world: ExportWorld) -> None:
    lost_files = StrikeOnce(DOUBTS["read timeout before commit"], at=range(99), matches=is_upload)
    world.answering = lost_files

    world.export()
    world.export()

    assert [fix.fix_type for fix in world.fixes()] == [FixType.ATTACHMENT_UPLOAD] * 2
    assert lost_files.seen == 4


def test_files_wait_while_issues_cannot_be_read(world: ExportWorld) -> None:
    body = {"issues": [], "issueErrors": [{"id": "10001", "errorMessage": "Later."}]}
    world.answering = where(
        lambda r: b'"attachment"' in r.read() and r.url.path.endswith("/bulkfetch"),
        httpx.Response(200, json=body),
    )

    with pytest.raises(UnavailableError, match="nothing is written to them"):
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


def restore_a_backup(world: ExportWorld, backup_path: Path, *, kept: int) -> None:
    """Export everything, then put back the store as it was after so many points."""
    with pytest.raises(Crash):
        world.export(Tripwire(crash_at=kept))
    shutil.copy(world.folder / "store.sqlite", backup_path)
    world.export()
    for file in world.folder.glob("store.sqlite*"):
        file.unlink()
    shutil.copy(backup_path, world.folder / "store.sqlite")


@dataclass
class PartlyUnreadable:
    """After a lost creation, bulkfetch leaves the newest issues out and says it failed."""

    strike: StrikeOnce

    def __call__(self, request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if is_search(request) and self.strike.has_begun:
            return index_that_lags(request, site)
        response = self.strike(request, site)
        if not self.strike.has_begun or not request.url.path.endswith("/bulkfetch"):
            return response
        body = json.loads(response.read())
        failed = body["issues"].pop()
        body["issueErrors"] = [{"id": failed["id"], "errorMessage": "Try again."}]
        return httpx.Response(200, json=body)


@dataclass
class MarkersDropped:
    """A site that takes properties and never shows them."""

    strike: StrikeOnce

    def __call__(self, request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        response = self.strike(request, site)
        if not (request.url.path.endswith("/bulkfetch") or is_search(request)):
            return response
        body = json.loads(response.read())
        for issue in body["issues"]:
            issue["properties"] = {}
        return httpx.Response(200, json=body)
