"""The official schema, for every test that holds our word against it."""

import json

import jsonschema_rs
import pytest

from jira_pipeline_tests.jira.adf.schema_documents import SchemaDocuments
from jira_pipeline_tests.shared_data import shared_data


def _schema():
    return json.loads(shared_data("adf/full.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def official_schema():
    """Compile Atlassian's schema; only `is_valid` is fast on invalid documents."""
    return jsonschema_rs.validator_for(_schema())


@pytest.fixture(scope="session")
def official_documents():
    """Make some documents of everything that Jira can hold."""
    documents = SchemaDocuments(_schema())
    return [documents.document(seed) for seed in range(600)]
