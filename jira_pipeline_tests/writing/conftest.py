"""Stores for the tests of this folder, and what must not outlive one."""

import threading
from collections.abc import Iterator

import pytest

from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import initialised_path, sqlite_store, store_folder
from jira_pipeline_tests.writing.asked_models import register


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    register(sqlite_store)
    return sqlite_store


@pytest.fixture
def no_threads_left() -> Iterator[None]:
    """Nothing of a writer outlives the test."""
    yield
    assert [t.name for t in threading.enumerate() if t.name.startswith("asking")] == []
