"""The course of a review as a line: how many tickets were open on each day, and when it may end.

Belongs here: the points of the line. Does not: how it looks (`model/look/templates/pictures.html`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

COURSE_WIDTH = 400
COURSE_HEIGHT = 110
ACTS_DRAWN_MIN = 3
"""With fewer approvals there is no course to draw."""
WEEK_DAYS = 6
"""Up to so many days away, the name of a weekday means one day only."""
AHEAD_MAX = timedelta(days=365)
"""An end that is further away is not shown: no pace holds so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCourse:
    """How many tickets waited to be approved since they were written, and when none will."""

    total: int
    left: int
    """How many tickets still wait."""
    path: str
    """The SVG path of the line, within `COURSE_WIDTH` and `COURSE_HEIGHT`."""
    now: tuple[float, float]
    """Where the line ends: across and down."""
    began: str
    """When the review began, for people."""
    done: str | None
    """When the last ticket was, or at this pace will be, approved; None where that is too far away."""


def course_of(
    decided: Sequence[datetime], *, total: int, written_at: datetime | None, now: datetime
) -> ReviewCourse | None:
    """Return the course of a review; `decided` has the times of approvals, the earliest first.

    None where there are too few.
    """
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
        """Return the point of a time and a number of waiting tickets."""
        across = COURSE_WIDTH * ((time - began) / (done_at - began))
        down = COURSE_HEIGHT * (1 - waiting / total)
        return round(across), round(down, 1)

    waiting_at = [(began, total)]
    for count, time in enumerate(decided, start=1):
        waiting_at.append((time, total - count))
    waiting_at.append((seen_at, left))
    # Only the last point of each pixel counts, so that ten thousand tickets make no longer path.
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
    """Return a time as people say it: the hour today, the weekday within a week, else the date."""
    if time.date() == seen.date():
        return f"{time:%H:%M}"
    if abs((time - seen).days) < WEEK_DAYS:
        return f"{time:%A}"
    return f"{time.day} {time:%B}" + (f" {time.year}" if time.year != seen.year else "")
