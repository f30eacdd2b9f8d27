"""Single faults in every test run: each kind of fault, and each kind of request, at least once.

`--single` of the command runs each kind at every request, and counts the rare branches; `--pairs`
and `--acts` draw more.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pytest
from typing_extensions import override

from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.model.issue_tracker import BulkFetchAnswer, IssueComment, IssueText, IssueTraces
from jira_pipeline_tests.faults.fault_world import Build
from jira_pipeline_tests.faults.rare_branches import BRANCHES, seldom_taken
from jira_pipeline_tests.faults.running import ScheduleRunner, open_runner
from jira_pipeline_tests.faults.single_faults import (
    ACTS,
    Way,
    act_plan,
    run_plans,
    single_plans,
    spread_plans,
    ways,
)
from jira_pipeline_tests.long_form import IS_LONG

SEEDS = 200 if IS_LONG else 3
EXPORT, UPDATE, UNDO = range(3)


class WithoutHistory(JiraClient):
    """Shows no history of an issue: an edit right before a write goes unnoticed."""

    @override
    def issue_text(self, issue_id: str, *, properties: Collection[str] = ()) -> IssueText:
        return replace(super().issue_text(issue_id, properties=properties), changes=())

    @override
    def issue_texts(
        self, issue_ids: Sequence[str], *, properties: Collection[str]
    ) -> Mapping[str, IssueText]:
        texts = super().issue_texts(issue_ids, properties=properties)
        return {issue_id: replace(text, changes=()) for issue_id, text in texts.items()}


class WithoutComments(JiraClient):
    """Shows no comments: one whose answer was lost is sent again."""

    @override
    def comments(self, issue_id: str) -> tuple[IssueComment, ...]:
        del issue_id
        return ()


class WithoutFiles(JiraClient):
    """Shows no files: one whose answer was lost is sent again."""

    @override
    def bulk_fetch(
        self,
        ids_or_keys: Sequence[str],
        *,
        fields: Collection[str],
        properties: Collection[str] = (),
    ) -> BulkFetchAnswer:
        answer = super().bulk_fetch(ids_or_keys, fields=fields, properties=properties)
        return replace(answer, issues=tuple(replace(i, attachments=()) for i in answer.issues))


class WithoutTraces(JiraClient):
    """Shows nothing that people did: an undo deletes what they worked with."""

    @override
    def traces_of_one_moment(
        self, issue_id: str, *, properties: Collection[str] = ()
    ) -> IssueTraces:
        found = super().traces_of_one_moment(issue_id, properties=properties)
        return replace(found, comments=(), changes=(), worklog_count=0, links=(), attachments=())


@pytest.fixture(scope="module")
def found(runner: ScheduleRunner) -> tuple[Way, ...]:
    """What each verb sends."""
    return ways(runner)


@pytest.mark.parametrize("place", [EXPORT, UPDATE, UNDO], ids=["export", "update", "undo"])
def test_no_single_fault_doubles_loses_or_hides_anything(
    runner: ScheduleRunner, found: tuple[Way, ...], place: int
) -> None:
    plans = (single_plans if IS_LONG else spread_plans)(found[place])

    assert run_plans(runner, plans).wrong == []


def test_an_undo_whose_deletions_are_lost_for_good_says_what_it_does_not_know(
    runner: ScheduleRunner, found: tuple[Way, ...]
) -> None:
    """Each process sends them again, which was taken for progress without an end."""
    plans = [
        plan
        for plan in single_plans(found[UNDO])
        if plan.what == "each of its kind lost" and plan.where.startswith("DELETE")
    ]

    assert len(plans) > 1
    assert run_plans(runner, plans[-1:]).wrong == []


def test_nothing_that_people_do_meanwhile_is_undone_unsaid(
    runner: ScheduleRunner, found: tuple[Way, ...]
) -> None:
    """A tool replaced the property of an issue while an undo read it (138): it was deleted."""
    plans = [act_plan(way, seed) for seed in (*range(SEEDS), 138) for way in found]

    assert run_plans(runner, plans).wrong == []


def test_the_fixed_part_has_every_kind_of_fault_and_of_request(found: tuple[Way, ...]) -> None:
    every = [plan for way in found for plan in single_plans(way)]
    some = [plan for way in found for plan in spread_plans(way)]

    assert {plan.what for plan in every} == {plan.what for plan in some}
    assert {plan.where for plan in every} == {plan.where for plan in some}


def test_the_drawn_acts_are_of_every_kind(found: tuple[Way, ...]) -> None:
    drawn = {act_plan(way, seed).what.partition(",")[0] for seed in range(100) for way in found}

    assert drawn == set(ACTS)


def test_a_branch_that_was_not_taken_is_named() -> None:
    taken = dict.fromkeys(BRANCHES, 3) | {"a sprint looked up": 2}

    named = [text for text in seldom_taken(taken) if not text.startswith("an issue kept")]

    assert named == ["a sprint looked up: 2 times"]


@pytest.mark.parametrize(
    ("client", "place", "what", "where"),
    [
        (WithoutHistory, UPDATE, "before_us first", ""),
        (WithoutComments, UPDATE, "lost after the commit", "/comment"),
        (WithoutFiles, EXPORT, "lost after the commit", "/attachments"),
        (WithoutTraces, UNDO, "comment first", ""),
        (WithoutTraces, UNDO, "log_work first", ""),
    ],
)
def test_an_exporter_that_does_not_look_is_caught(
    found: tuple[Way, ...], client: type[JiraClient], place: int, what: str, where: str
) -> None:
    plans = [p for p in single_plans(found[place]) if p.what == what and p.where.endswith(where)]

    with open_runner(Build(client=client)) as broken:
        assert run_plans(broken, plans).wrong
