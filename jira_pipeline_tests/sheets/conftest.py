"""Fixtures for the tests of this folder."""

from jira_pipeline_tests.contracts.open_stores import initialised_path, sqlite_store, store_folder
