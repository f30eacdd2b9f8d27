"""Seeded schedules of updates in every test run: nobody's words are lost unnamed, nothing is twice.

Fifty of them, 500 in the long form; `--updates` of the command runs more.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

import pytest
from typing_extensions import override

from jira_pipeline.jira_client.client import JiraClient
from jira_pipeline.ports.issue_tracker import IssueComment, IssueText
from jira_pipeline_tests.faults.fault_world import Build
from jira_pipeline_tests.faults.update_running import UpdateRunner, open_update_runner
from jira_pipeline_tests.faults.update_schedules import EDITS, draw_update_schedule
from jira_pipeline_tests.long_form import SEED_COUNT, SEED_COUNT_LONG

SEEDS_PER_TEST = 25


@pytest.fixture(scope="module")
def runner() -> Iterator[UpdateRunner]:
    """Runs schedules with the product's exporter."""
    with open_update_runner() as opened:
        yield opened


@pytest.mark.parametrize("first", range(0, SEED_COUNT, SEEDS_PER_TEST))
def test_no_schedule_of_an_update_breaks_an_invariant(runner: UpdateRunner, first: int) -> None:
    wrong = {seed: runner.run_seed(seed) for seed in range(first, first + SEEDS_PER_TEST)}

    assert [f"{draw_update_schedule(s)}\n{v}" for s, v in wrong.items() if v] == []


def test_people_do_everything_in_the_schedules() -> None:
    drawn = [draw_update_schedule(seed) for seed in range(SEED_COUNT_LONG)]

    assert {p.what for one in drawn for p in one.people} == {*EDITS, "move", "delete"}


class WithoutHistory(JiraClient):
    """Shows no history of an issue: an edit just before a write goes unnoticed."""

    @override
    def issue_text(self, issue_id: str, *, properties: Collection[str] = ()) -> IssueText:
        return replace(super().issue_text(issue_id, properties=properties), changes=())


class WithoutComments(JiraClient):
    """Shows no comments: one whose answer was lost is sent again."""

    @override
    def comments(self, issue_id: str) -> tuple[IssueComment, ...]:
        del issue_id
        return ()


@pytest.mark.parametrize("client", [WithoutHistory, WithoutComments])
def test_an_exporter_that_does_not_look_is_caught(client: type[JiraClient]) -> None:
    with open_update_runner(Build(client=client)) as broken:
        assert any(broken.run_seed(seed) for seed in range(SEED_COUNT_LONG))
