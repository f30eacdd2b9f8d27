"""Stores for the tests of this folder, and a session in them."""

import pytest

from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import (
    initialised_path,
    initialised_url,
    postgres_store,
    postgres_url,
    sqlite_store,
    store,
    store_folder,
)
from jira_pipeline_tests.contracts.stored_values import START, an_upload


@pytest.fixture
def session(store: Store) -> None:
    """The session `site`, as it is after its first upload."""
    store.sessions.register(an_upload(), at=START, actor="ab")
