"""Fixtures for the tests of this folder."""

from jira_pipeline_tests.contracts.open_stores import (
    initialised_path,
    initialised_url,
    postgres_url,
)
from jira_pipeline_tests.jira.adf.conftest import official_schema
