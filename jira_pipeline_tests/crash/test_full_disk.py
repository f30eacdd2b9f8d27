"""A store whose disk is full: nothing is sent that was not kept before, and nothing twice after.

SQLite finds that it may not grow, at every possible moment by a limit that is a little higher.
"""

from pathlib import Path

import pytest
from sqlalchemy import event, text

from jira_pipeline.errors import StoreError
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import START, a_target, an_entry
from jira_pipeline_tests.crash.export_world import DRAFTS, ExportWorld
from jira_pipeline_tests.crash.undo_world import titles
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.long_form import IS_LONG

ENTRIES_OF_A_PAGE = 42
"""So many of another session move the moment at which a page is full through a whole page."""


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
