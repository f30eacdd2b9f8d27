"""The course of a review as a line: how many tickets were open on each day, and when it may end.

Belongs here: the points of the line. Does not: how it looks (`model/look/templates/pictures.html`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

COURSE_WIDTH = 400
COURSE_HEIGHT = 110
ACTS_DRAWN_MIN = 3
"""Of fewer approvals there is no course."""
WEEK_DAYS = 6
"""Within them a weekday names one day."""
AHEAD_MAX = timedelta(days=365)
"""Beyond it a pace foretells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCourse:
    """How many tickets waited from the writing until now, and when none will, at this pace."""

    total: int
    left: int
    path: str
    """Of the line, within `COURSE_WIDTH` and `COURSE_HEIGHT`."""
    now: tuple[float, float]
    began: str
    done: str | None
    """When the last will be, or was, approved; None where that is too far ahead."""


def course_of(
    decided: Sequence[datetime], *, total: int, written_at: datetime | None, now: datetime
) -> ReviewCourse | None:
    """Return the course of a review by when tickets were approved, in order."""
    if len({*decided}) < ACTS_DRAWN_MIN:
        return None
    left = total - len(decided)
    began = min(written_at or decided[0], decided[0])
    # A review that is over ended with its last approval.
    seen_at = now if left else decided[-1]
    ahead = (seen_at - decided[0]) * (left / len(decided))
    done_at = seen_at
    done_on = None
    if ahead <= AHEAD_MAX:
        done_at = seen_at + ahead
        done_on = _day(done_at, seen=now)

    def at(time: datetime, waiting: int) -> tuple[float, float]:
        across = COURSE_WIDTH * ((time - began) / (done_at - began))
        down = COURSE_HEIGHT * (1 - waiting / total)
        return round(across), round(down, 1)

    waiting_at = [(began, total)]
    for count, time in enumerate(decided, start=1):
        waiting_at.append((time, total - count))
    waiting_at.append((seen_at, left))
    # One step for each pixel: of ten thousand tickets it is no longer.
    steps = dict(at(time, waiting) for time, waiting in waiting_at)
    lines = [f"H{across}V{down}" for across, down in steps.items()]
    return ReviewCourse(
        total=total,
        left=left,
        path="M0 0" + "".join(lines),
        now=at(seen_at, left),
        began=_day(began, seen=now),
        done=done_on,
    )


def _day(time: datetime, *, seen: datetime) -> str:
    """Name a time as people would: by the hour today, by its weekday within a week, else by date."""
    if time.date() == seen.date():
        return f"{time:%H:%M}"
    if abs((time - seen).days) < WEEK_DAYS:
        return f"{time:%A}"
    return f"{time.day} {time:%B}" + (f" {time.year}" if time.year != seen.year else "")
