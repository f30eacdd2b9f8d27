"""The documents of the one large real specification are the same bytes in every run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jira_pipeline_tests.adf.schema_documents import SCHEMA_PATH
from jira_pipeline_tests.documents.uwec_documents import UWEC, lines_of, rendered_tickets

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    not UWEC.is_dir() or not SCHEMA_PATH.exists(),
    reason=f"{UWEC.name} and the ADF schema are not beside the checkout",
)


def test_another_process_with_other_hashes_writes_the_same_bytes() -> None:
    """A set that is written in the order of its hashes is another text in every run."""
    process = subprocess.run(
        [sys.executable, "-m", "jira_pipeline_tests.documents.uwec_documents"],
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )

    assert process.stdout.decode("utf-8").split("\n") == lines_of(rendered_tickets())
