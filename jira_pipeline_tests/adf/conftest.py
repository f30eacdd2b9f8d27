"""The official schema, for every test that holds our word against it."""

import json

import jsonschema_rs
import pytest

from jira_pipeline_tests.adf.oracle import Oracle
from jira_pipeline_tests.adf.schema_documents import SCHEMA_PATH


@pytest.fixture(scope="session")
def official_schema():
    """Compile Atlassian's schema; only `is_valid` is fast on invalid documents."""
    if not SCHEMA_PATH.exists():
        pytest.skip(f"the official ADF schema is not at {SCHEMA_PATH}")
    return jsonschema_rs.validator_for(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def oracle():
    """Open what judges by the official schema."""
    if not SCHEMA_PATH.exists():
        pytest.skip(f"the official ADF schema is not at {SCHEMA_PATH}")
    return Oracle()
