"""The validator against the official schema: verdicts, places, several faults at once.

The same comparison runs on 100,000 documents by `make adf-oracle`.
"""

import random

import pytest

from jira_pipeline.adf import validate_adf
from jira_pipeline_tests.adf.oracle import (
    Figures,
    compare_verdicts,
    judge_single_faults,
    judge_three_faults,
    through_json,
)
from jira_pipeline_tests.adf.spoiling import SORTS, random_edit, spoiled
from jira_pipeline_tests.long_form import IS_LONG

FIRST = 2_000_000
"""Seeds from here on are those of no other run."""
PARTS = range(4 if IS_LONG else 1)
SPOILT = 250 if IS_LONG else 100
BASES = 60 if IS_LONG else 12


def test_random_documents_made_from_the_schema_alone_are_valid_for_it_and_for_us(oracle):
    documents = [oracle.base(seed) for seed in range(300)]

    assert all(oracle.accepts(document) for document in documents)
    assert [d for d in documents if validate_adf(d, "full")] == []


@pytest.mark.parametrize("part", PARTS)
def test_of_500_documents_the_full_profile_says_what_the_schema_says(oracle, part):
    figures = Figures()

    compare_verdicts(oracle, range(part * 500, part * 500 + 500), figures)

    assert figures.disagreements == []
    assert figures.wrongly_valid_for_jira == []
    assert figures.walks_apart == []
    assert 50 < figures.valid < 450


@pytest.mark.parametrize("profile", ["full", "jira"])
def test_a_single_fault_is_one_violation_at_a_smallest_place_that_fixes_it(oracle, profile):
    figures = Figures()

    judge_single_faults(oracle, range(FIRST, FIRST + SPOILT), figures, profile=profile)

    assert figures.single_faults[profile] > 0.4 * SPOILT
    assert len(figures.missed) <= 0.01 * figures.single_faults[profile], figures.missed


def test_three_faults_in_nodes_of_their_own_are_all_reported_and_nothing_else(oracle):
    figures = Figures()

    judge_three_faults(oracle, range(FIRST, FIRST + SPOILT // 2), figures, are_nodes_apart=True)

    assert figures.three_faults["nodes"] > SPOILT // 8
    assert figures.all_three["nodes"] == figures.three_faults["nodes"]
    assert figures.nothing_else["nodes"] >= 0.95 * figures.three_faults["nodes"]


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort[0].replace(" ", "-"))
def test_each_sort_of_edit_makes_faults_that_both_refuse(oracle, sort):
    """An operator that never spoils anything would let the other tests pass for nothing."""
    chooser = random.Random(7)  # noqa: S311 - edits to reproduce, not secrets
    bases = [oracle.base(seed) for seed in range(BASES)]
    edits = [(base, random_edit(base, chooser, sorts=[sort])) for base in bases]
    documents = [through_json(spoiled(base, [edit])) for base, edit in edits if edit is not None]

    refused = [document for document in documents if not oracle.accepts(document)]

    assert refused
    assert [document for document in refused if not validate_adf(document, "full")] == []
