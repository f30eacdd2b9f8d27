"""A store whose disk is full: nothing is sent that was not kept before, and nothing twice after.

SQLite says two things of it. It finds that it may not grow (SQLITE_FULL), or the system refuses a
write (SQLITE_IOERR). Each comes at every possible moment by a limit that is a little higher.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text

from jira_pipeline.errors import StoreError
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import START, a_target, an_entry
from jira_pipeline_tests.crash.export_world import DRAFTS, ExportWorld, SteadyClock, violations_of
from jira_pipeline_tests.crash.killing import KillingGround
from jira_pipeline_tests.crash.processes import ended, resume, start
from jira_pipeline_tests.crash.small_disks import Ended, export_with_limit
from jira_pipeline_tests.crash.undo_world import titles
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.long_form import IS_LONG

pytestmark = pytest.mark.xdist_group("processes")
ENTRIES_OF_A_PAGE = 42
"""So many of another session move the moment at which a page is full through a whole page."""
FILE_BYTES = (40_000, 60_000, 80_000, 100_000, 150_000, 220_000, 300_000, 400_000)
"""Sizes at which the write-ahead log of an export ends; a whole one needs some 450,000."""
FILE_BYTES_ENOUGH = 1_000_000


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KillingGround]:
    """Makes a store and a site for every export."""
    with KillingGround(tmp_path_factory.mktemp("disks") / "ground") as opened:
        yield opened


def fill(store: Store, entries: int) -> None:
    """Put entries of another session into the ledger, from the beginning of a new page on."""
    store.ledger.record_target(a_target(), at=START)
    count = page_count(store)
    while page_count(store) == count:
        store.ledger.append(an_entry(session_key="other"))
    for _ in range(entries):
        store.ledger.append(an_entry(session_key="other"))


def page_count(store: Store) -> int:
    """Return how many pages the store has."""
    with store.database.reading() as connection:
        return int(connection.execute(text("PRAGMA page_count")).scalar_one())


def take_all_room(store: Store) -> None:
    """Let a store grow by no page."""
    count = page_count(store)
    engine = store.database.engine
    engine.dispose()
    event.listen(engine, "connect", lambda c, _: c.execute(f"PRAGMA max_page_count={count}"))


def created_before_the_disk_was_full(world: ExportWorld, entries: int) -> int:
    """Export into a store without room; return how many issues there are then."""
    with open_in(world.folder) as store:
        fill(store, entries)
    world.prepare_store = take_all_room
    with pytest.raises(StoreError, match="the disk is full"):
        world.export()
    return len(titles(world))


def test_an_export_that_fills_the_disk_at_any_moment_says_so_and_is_carried_on(
    ready_folder: Path, tmp_path: Path
) -> None:
    created, wrong = set(), []

    for entries in range(0, ENTRIES_OF_A_PAGE, 4 if IS_LONG else 14):
        with open_world(ready_folder, tmp_path / str(entries)) as world:
            created.add(created_before_the_disk_was_full(world, entries))
            world.prepare_store = lambda _store: None
            world.export()
            wrong += world.violations()

    assert wrong == []
    assert min(created) < len(DRAFTS) == max(created)


def test_an_export_whose_writes_are_refused_says_so_and_is_carried_on(
    ground: KillingGround,
) -> None:
    """One with room enough is done."""
    for file_bytes_max in FILE_BYTES[:: 1 if IS_LONG else 4]:
        with ground.place() as (place, sandbox_path):
            code = ended(start(export_with_limit, place, file_bytes_max))
            resume(place)
            with JiraSandbox(sandbox_path, clock=SteadyClock().now) as sandbox:
                wrong = violations_of(sandbox, DRAFTS)

        assert (code, wrong) == (Ended.STORE_FAILED, []), file_bytes_max

    with ground.place() as (place, _sandbox_path):
        assert ended(start(export_with_limit, place, FILE_BYTES_ENOUGH)) == Ended.DONE
