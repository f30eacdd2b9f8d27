"""The documents of the one large real specification: valid, and the same bytes in every run."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from jira_pipeline.adf import compact_json_bytes, validate_adf
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.stages.adf_validation import check_ticket
from jira_pipeline_tests.adf.oracle import Oracle
from jira_pipeline_tests.adf.schema_documents import SCHEMA_PATH
from jira_pipeline_tests.stages.uwec_documents import UWEC, lines_of, rendered_tickets

ROOT = Path(__file__).parents[2]
LIMIT = 32_767

pytestmark = pytest.mark.skipif(
    not UWEC.is_dir() or not SCHEMA_PATH.exists(),
    reason=f"{UWEC.name} and the ADF schema are not beside the checkout",
)


@cache
def tickets() -> tuple[RenderedTicket, ...]:
    """Every ticket, rendered once."""
    return rendered_tickets()


def test_every_ticket_is_valid_for_jira_for_the_schema_and_within_the_limit() -> None:
    oracle = Oracle()
    documents = [ticket.document for ticket in tickets()]

    assert len(documents) == 84
    assert [d for d in documents if validate_adf(d, "jira", max_bytes=LIMIT)] == []
    assert [d for d in documents if validate_adf(d, "full")] == []
    assert all(oracle.accepts(document) for document in documents)
    assert max(compact_json_bytes(document) for document in documents) <= LIMIT


def test_every_ticket_passes_its_check_with_its_attachment() -> None:
    results = [check_ticket(ticket, body_max_bytes=LIMIT) for ticket in tickets()]

    assert [result.title for result in results if not result.is_passed] == []
    attached = [result for result in results if result.is_attachment_checked]
    assert {str(result.attachment_status) for result in attached} == {"ok"}
    assert sum(result.character_reduction > 0 for result in attached) >= 10


@pytest.mark.parametrize("seed", ["1", "4294967295"])
def test_another_process_with_other_hashes_writes_the_same_bytes(seed: str) -> None:
    """A set that is written in the order of its hashes is another text in every run."""
    process = subprocess.run(
        [sys.executable, "-m", "jira_pipeline_tests.stages.uwec_documents"],
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )

    assert process.stdout.decode("utf-8").split("\n") == lines_of(tickets())
