"""validate: the ADF test report of a session and of some of its tickets."""

import pytest

from jira_pipeline_tests.cli.terminal import run_json

pytestmark = pytest.mark.usefixtures("reviewed")


def test_some_tickets_are_checked_by_numbers_and_ranges() -> None:
    answer = run_json("validate", "museum", "--tickets", "3,7-9, 7")

    assert [result["number"] for result in answer["results"]] == [3, 7, 8, 9]
    assert (answer["tickets_tested"], answer["passed"], answer["failed"]) == (4, 4, 0)
    assert all(len(result["content_hash"]) == 64 for result in answer["results"])
    assert all(result["violations"] == [] for result in answer["results"])


def test_checking_some_tickets_stores_nothing() -> None:
    before = len(run_json("audit", "museum"))

    run_json("validate", "museum", "--tickets", "1")

    assert len(run_json("audit", "museum")) == before
