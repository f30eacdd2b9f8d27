"""Worlds and stores for the tests of this folder."""

from jira_pipeline_tests.contracts.open_stores import store_folder
from jira_pipeline_tests.crash.worlds import (
    changed,
    changed_folder,
    exported,
    exported_folder,
    initialised_path,
    ready_folder,
    world,
)
