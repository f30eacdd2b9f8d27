"""Fixtures for the tests of this folder."""

from jira_pipeline_tests.crash.worlds import initialised_path, ready_folder, world
