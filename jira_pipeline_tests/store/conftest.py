"""Stores for the tests of this folder."""

from jira_pipeline_tests.contracts.open_stores import (
    initialised_path,
    initialised_url,
    postgres_store,
    postgres_url,
    sqlite_store,
    store,
    store_folder,
)
