"""When the clock removes a session, decided of facts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from jira_pipeline.context.retention import (
    KEPT_FOR_GOOD,
    Announced,
    Announcement,
    Due,
    OpenMatter,
    Removal,
    Rests,
    RetentionFacts,
    StayReason,
    Stays,
    ToBeAnnounced,
    decide_removal,
    removal_json,
    removal_text,
)
from jira_pipeline_tests.tables import each

ACTED_AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
NOTHING_OPEN = RetentionFacts(open=(), last_act_at=ACTED_AT, announcement=None)


def day(number: float) -> datetime:
    """A moment so many days after the last act."""
    return ACTED_AT + timedelta(days=number)


def announced(number: float, *, keep_days: float = 30) -> RetentionFacts:
    return replace(NOTHING_OPEN, announcement=Announcement(at=day(number), keep_days=keep_days))


@each(
    ("facts", "keep_days", "now", "expected"),
    [
        (announced(-100), None, day(10_000), KEPT_FOR_GOOD),
        (NOTHING_OPEN, 30, day(22.9), Rests(day(23))),
        (NOTHING_OPEN, 30, day(23), ToBeAnnounced()),
        (NOTHING_OPEN, 30, day(400), ToBeAnnounced()),
        (NOTHING_OPEN, 7, day(0), ToBeAnnounced()),
        (NOTHING_OPEN, 0, day(1), ToBeAnnounced()),
        (announced(23.7), 30, day(29.7), Announced(date(2026, 4, 1))),
        (announced(23.7), 30, day(30.699), Due()),
        (announced(400), 30, day(406.5), Announced(date(2027, 4, 12))),
        (announced(400), 30, day(407), Due()),
        # somebody acted after it was announced, at the same moment too
        (announced(-0.1), 30, day(40), ToBeAnnounced()),
        (announced(0), 30, day(40), ToBeAnnounced()),
        # people were told another number
        (announced(23, keep_days=60), 30, day(40), ToBeAnnounced()),
    ],
)
def test_a_session_is_announced_a_week_before_it_is_removed(
    facts: RetentionFacts, keep_days: float | None, now: datetime, expected: Removal
) -> None:
    assert decide_removal(facts, keep_days=keep_days, now=now) == expected


@each("matter", list(OpenMatter))
def test_whatever_is_open_keeps_a_session_however_old_it_is_and_says_why(
    matter: OpenMatter,
) -> None:
    reason = StayReason(matter=matter, count=2)

    found = decide_removal(replace(announced(100), open=(reason,)), keep_days=0, now=day(10_000))

    assert found == Stays((reason,))
    assert removal_text(found) == f"stays: {reason.text}"
    assert removal_json(found)["reasons"] == (reason,)


def test_what_is_not_limited_says_nothing() -> None:
    assert removal_text(KEPT_FOR_GOOD) == ""
    assert removal_json(KEPT_FOR_GOOD)["state"] == "kept"
