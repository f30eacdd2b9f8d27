"""What every ComparisonStore does."""

from dataclasses import replace

import pytest

from jira_pipeline.model.differences import (
    ComparedIssue,
    Difference,
    FiledComparison,
    IssueDifference,
)
from jira_pipeline.model.errors import NotFoundError
from jira_pipeline.model.issue_tracker import IssueProgress, IssueStage
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, after, an_upload

FOUND = FiledComparison(
    session_key="site",
    target_id="sandbox/1",
    compared_at=START,
    confirmed=3,
    differences=(
        IssueDifference(
            kind=Difference.GONE, ticket_id="t07", issue_id="10007", key="SBX-7", seen_at=START
        ),
        IssueDifference(
            kind=Difference.GONE, ticket_id="t08", issue_id="10008", key="SBX-8", is_wanted=False
        ),
    ),
)

pytestmark = pytest.mark.usefixtures("session")


def test_the_last_comparison_takes_the_place_of_the_one_before_and_goes_with_its_session(
    store: Store,
) -> None:
    store.comparisons.record(FOUND)
    first = store.comparisons.latest("site", target_id="sandbox/1")
    later = replace(FOUND, compared_at=after(60), confirmed=4, differences=())
    store.comparisons.record(later)

    assert first == FOUND
    assert store.comparisons.compared_at(["site", "other"]) == {"site": after(60)}
    assert store.comparisons.latest("site", target_id="sandbox/1") == later
    assert store.comparisons.latest("site", target_id="elsewhere/1") is None
    store.sessions.remove("site", at=after(1), by="ab")
    assert store.comparisons.latest("site", target_id="sandbox/1") is None
    with pytest.raises(NotFoundError):
        store.comparisons.record(FOUND)


def test_what_people_have_to_decide_and_how_far_they_are_is_counted_for_lists(
    store: Store,
) -> None:
    doing = IssueProgress(
        status="In Review", stage=IssueStage.DOING, assignee="Ada", resolution=None
    )
    states = (
        ComparedIssue(ticket_id="t01", issue_id="10001", key="SBX-1", progress=doing),
        ComparedIssue(ticket_id="t02", issue_id="10002", key="SBX-2", progress=None),
    )
    store.sessions.register(an_upload("other"), at=START, actor="ab")
    store.comparisons.record(replace(FOUND, states=states))
    store.comparisons.record(replace(FOUND, session_key="other", differences=()))

    found = store.comparisons.latest("site", target_id="sandbox/1")
    counts = [store.comparisons.stage_counts(key) for key in ("site", "other")]

    assert found is not None
    assert found.states == states
    assert counts == [{IssueStage.DOING: 1, None: 1}, {}]
    assert store.comparisons.open_counts() == {("site", "sandbox/1"): 1}
