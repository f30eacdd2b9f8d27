"""Fixtures for the tests of this folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.store.ledger import SqlExportLedger
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import open_in, sqlite_store, store_folder
from jira_pipeline_tests.contracts.stored_values import START, a_target
from jira_pipeline_tests.crash.export_world import SteadyClock
from jira_pipeline_tests.crash.worlds import (
    exported,
    exported_folder,
    initialised_path,
    ready_folder,
    world,
)
from jira_pipeline_tests.export.small_site import SmallSite


@pytest.fixture
def site(tmp_path: Path, ready_folder: Path) -> Iterator[SmallSite]:
    """A project without any issue, five tickets, and a ledger that knows nothing."""
    shutil.copytree(ready_folder, tmp_path, dirs_exist_ok=True)
    clock = SteadyClock()
    with (
        JiraSandbox(tmp_path / "sandbox.sqlite", clock=clock.now) as site,
        open_in(tmp_path) as store,
    ):
        yield SmallSite(site, store)


@pytest.fixture
def ledger(sqlite_store: Store) -> SqlExportLedger:
    """A ledger that knows a target and nothing more."""
    sqlite_store.ledger.record_target(a_target(), at=START)
    return sqlite_store.ledger
