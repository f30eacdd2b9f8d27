"""The official schema, for every test that holds our word against it."""

import json

import jsonschema_rs
import pytest

from jira_pipeline_tests.jira.adf.schema_documents import SCHEMA_PATH, SchemaDocuments


def _schema():
    if not SCHEMA_PATH.exists():
        pytest.skip(f"the official ADF schema is not at {SCHEMA_PATH}")
    return json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def official_schema():
    """Compile Atlassian's schema; only `is_valid` is fast on invalid documents."""
    return jsonschema_rs.validator_for(_schema())


@pytest.fixture(scope="session")
def official_documents():
    """Make some documents of everything that Jira can hold."""
    documents = SchemaDocuments(_schema())
    return [documents.document(seed) for seed in range(600)]
