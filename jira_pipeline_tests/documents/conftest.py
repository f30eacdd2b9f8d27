"""Fixtures for the tests of this folder."""

from jira_pipeline_tests.adf.conftest import official_schema

__all__ = ["official_schema"]
