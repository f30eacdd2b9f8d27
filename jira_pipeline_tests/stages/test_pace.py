"""How long an export takes, by what was measured."""

from datetime import timedelta

import pytest

from jira_pipeline.domain.export_ledger import LedgerEvent, LedgerSubject
from jira_pipeline.ports.export import MeasuredStep
from jira_pipeline.stages.jira_export.pace import (
    ASSUMED_SECONDS,
    Pace,
    current_pace,
    estimated_seconds,
    in_minutes,
    measured_pace,
)
from jira_pipeline_tests.contracts.stored_values import START, an_entry

PACE = Pace(seconds_per_issue=2.0, seconds_per_link=0.5)


def a_step(step: str, seconds: float, done_count: int) -> MeasuredStep:
    return MeasuredStep(
        session_key="site",
        target_id="t",
        step=step,
        run_id=None,
        started_at=START,
        seconds=seconds,
        done_count=done_count,
        requests={},
    )


def test_before_anything_was_measured_the_pace_is_assumed() -> None:
    expected = Pace(seconds_per_issue=ASSUMED_SECONDS, seconds_per_link=ASSUMED_SECONDS)

    assert measured_pace([]) == expected


def test_the_pace_of_earlier_steps_is_their_time_by_what_they_wrote() -> None:
    steps = [
        a_step("create_issues", 10.0, 8),
        a_step("create_issues", 5.0, 0),
        a_step("create_issues", 2.0, 4),
        a_step("link_issues", 3.0, 6),
    ]

    assert measured_pace(steps) == Pace(seconds_per_issue=1.0, seconds_per_link=0.5)


def test_a_pause_is_no_pace() -> None:
    """Somebody cancelled in the evening and resumed in the morning."""
    seconds = [0, 3, 6, 40_000, 40_003, 40_006]
    entries = [an_entry(LedgerEvent.INTENT, at=START + timedelta(seconds=s)) for s in seconds]

    assert current_pace(entries, PACE) == Pace(seconds_per_issue=3.0, seconds_per_link=0.5)


def test_links_have_a_pace_of_their_own() -> None:
    entries = [
        an_entry(LedgerEvent.INTENT, subject=LedgerSubject.LINK, at=START + timedelta(seconds=s))
        for s in (0, 1, 2)
    ]

    assert current_pace(entries, PACE) == Pace(seconds_per_issue=2.0, seconds_per_link=1.0)


@pytest.mark.parametrize(("delay", "expected"), [(0.0, 25.0), (1.5, 25.0), (3.0, 35.0)])
def test_an_estimate_is_issues_by_pace_or_delay_and_links(delay: float, expected: float) -> None:
    found = estimated_seconds(PACE, issue_count=10, link_count=10, create_delay_seconds=delay)

    assert found == expected


def test_minutes_have_two_digits() -> None:
    assert in_minutes(100) == 1.67
