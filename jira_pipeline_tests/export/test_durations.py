"""How long an export takes, by what was measured."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jira_pipeline.export.durations import Pace, measured_pace, seconds_left
from jira_pipeline.model.exports import LedgerEntry, LedgerEvent, LedgerSubject
from jira_pipeline_tests.contracts.stored_values import START, STEP, an_entry
from jira_pipeline_tests.tables import each

PACE = Pace(seconds_per_issue=2.0, seconds_per_link=0.5)


def a_creation(seconds: float, *, issue_count: int = 1) -> list[LedgerEntry]:
    at = START + timedelta(seconds=seconds)
    intents = [an_entry(LedgerEvent.INTENT, at=at)] * issue_count
    return [*intents, an_entry(LedgerEvent.RECEIPT, at=at)]


def a_link(seconds: float, *, event: LedgerEvent = LedgerEvent.INTENT) -> LedgerEntry:
    at = START + timedelta(seconds=seconds)
    return an_entry(event, subject=LedgerSubject.LINK, at=at, identity=f"link/{seconds}")


def test_the_pace_of_earlier_steps_is_their_time_by_what_they_wrote() -> None:
    steps = [
        replace(STEP, step="create_issues", seconds=10.0, done_count=8),
        replace(STEP, step="create_issues", seconds=5.0, done_count=0),
        replace(STEP, step="create_issues", seconds=2.0, done_count=4),
        replace(STEP, step="link_issues", seconds=3.0, done_count=6),
    ]

    assert measured_pace(steps) == Pace(seconds_per_issue=1.0, seconds_per_link=0.5)


def test_links_of_a_first_export_take_what_its_issues_take() -> None:
    """Half a second was assumed of each of 78 links: 8 s were "about 43 s left" to the end."""
    entries = [entry for s in (0, 0.1, 0.2) for entry in a_creation(s)]

    left = seconds_left(entries, pace=measured_pace([]), issue_count=1, link_count=9)

    assert left == pytest.approx(1.0)


OVER_NIGHT = (0, 3, 6, 40_000, 40_003, 40_006)
"""Somebody cancelled in the evening and resumed in the morning."""


@each(
    ("entries", "issue_count", "link_count", "expected"),
    [
        ([entry for s in OVER_NIGHT for entry in a_creation(s)], 1, 0, 3.0),
        ([e for s in (0, 50, 100) for e in a_creation(s, issue_count=50)], 10, 0, 10.0),
        ([a_link(s) for s in (0, 1, 2)], 1, 13, 12.0),
        ([a_link(0), a_link(1), a_link(1, event=LedgerEvent.RECEIPT)], 0, 2, 0.0),
    ],
    ids=["a pause is no pace", "a bulk shares its time", "links have their own", "a link was sent"],
)
def test_what_is_left_takes_what_was_measured(
    entries: list[LedgerEntry], issue_count: int, link_count: int, expected: float
) -> None:
    left = seconds_left(entries, pace=PACE, issue_count=issue_count, link_count=link_count)

    assert left == expected


@each(("delay", "expected"), [(0.0, 25.0), (1.5, 25.0), (3.0, 35.0)])
def test_an_estimate_is_issues_by_pace_or_delay_and_links(delay: float, expected: float) -> None:
    found = seconds_left([], pace=PACE, issue_count=10, link_count=10, create_delay_seconds=delay)

    assert found == expected
