"""Fixtures for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline_tests.contracts.open_stores import sqlite_store, store_folder
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
def site(tmp_path: Path) -> Iterator[SmallSite]:
    """A project without any issue, five tickets, and a ledger that knows nothing."""
    with JiraSandbox(tmp_path / "sandbox.sqlite", clock=SteadyClock().now) as sandbox:
        yield SmallSite(sandbox)
