"""Worlds and stores for the tests of this folder."""

from jira_pipeline_tests.contracts.open_stores import store_folder
from jira_pipeline_tests.crash.worlds import exported_folder, initialised_path, ready_folder, world

__all__ = ["exported_folder", "initialised_path", "ready_folder", "store_folder", "world"]
