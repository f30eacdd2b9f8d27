"""What every AskedComparisonStore does."""

from dataclasses import replace

from jira_pipeline.model.sharedo_jobs import AskedComparison
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, after

ASKED = AskedComparison(
    comparison_id="c2",
    first="development",
    second="test",
    first_job_ids=("a1", "a2"),
    second_job_ids=("b1", "b2"),
    ignored_fields=("Colour",),
    asked_at=START,
    asked_by="anna@example.org",
)


def test_a_comparison_is_read_as_it_was_kept(store: Store) -> None:
    store.sharedo_comparisons.keep(ASKED)

    assert store.sharedo_comparisons.get("c2") == ASKED
    assert store.sharedo_comparisons.get("c1") is None


def test_comparisons_are_listed_oldest_first(store: Store) -> None:
    later = replace(ASKED, comparison_id="c1", asked_at=after(1))

    for one in (later, ASKED):
        store.sharedo_comparisons.keep(one)

    assert store.sharedo_comparisons.list_all() == (ASKED, later)


def test_a_comparison_can_be_forgotten(store: Store) -> None:
    store.sharedo_comparisons.keep(ASKED)

    store.sharedo_comparisons.remove("c2")

    assert store.sharedo_comparisons.list_all() == ()
