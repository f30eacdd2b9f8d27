"""An empty store for the tests of this folder."""

from jira_pipeline_tests.contracts.open_stores import initialised_path

__all__ = ["initialised_path"]
