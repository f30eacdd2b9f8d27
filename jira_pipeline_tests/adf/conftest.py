"""The official schema, for every test that holds our word against it."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

SCHEMA_PATH = Path(__file__).parents[2].parent / "shared" / "data" / "adf" / "full.json"


@pytest.fixture(scope="session")
def official_schema():
    """Compile Atlassian's schema; only `is_valid` is fast on invalid documents."""
    if not SCHEMA_PATH.exists():
        pytest.skip(f"the official ADF schema is not at {SCHEMA_PATH}")
    return jsonschema_rs.validator_for(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))
