"""How many hours tickets take: all together, and by group, kind, sprint, epic and assignee.

A ticket has its estimate as text: `2-6`, or `12`. The sums have both bounds. The critical path is
the chain of tickets, each waiting for the one before, that takes the most hours.

Belongs here: reading estimates and adding them up, as JSON and CSV too; the critical path. Does not:
where an estimate comes from (`tickets/template`, docs/quality.md).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import json_fields, json_object
from jira_pipeline.model.ticket_decisions import LEFT_OUT
from jira_pipeline.model.tickets import ListedTicket
from jira_pipeline.review.cells import csv_text

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_COLUMNS = ("by", "name", "hours_low", "hours_high", "tickets", "without_estimate")


@json_fields("name **bounds tickets=ticket_count without_estimate=unestimated_count")
@dataclass(frozen=True, slots=True, kw_only=True)
class HourSum:
    """The hours of some tickets together."""

    name: str | None
    """What the tickets have in common, such as a sprint; None for those without one, and for all."""
    low: float
    high: float
    ticket_count: int
    unestimated_count: int
    """How many of the tickets have no estimate and so are not in the hours."""

    @property
    def estimated_count(self) -> int:
        """How many tickets the hours are for."""
        return self.ticket_count - self.unestimated_count

    @property
    def hours(self) -> str:
        """The hours as people read them: `120-310`; empty where no ticket has an estimate."""
        if not self.estimated_count:
            return ""
        low = f"{_without_trailing_zero(self.low):,}"
        high = f"{_without_trailing_zero(self.high):,}"
        return low if low == high else f"{low}-{high}"

    @property
    def bounds(self) -> Mapping[str, float]:
        return {
            "hours_low": _without_trailing_zero(self.low),
            "hours_high": _without_trailing_zero(self.high),
        }


@json_fields(
    "**total.bounds tickets=total.ticket_count without_estimate=total.unestimated_count "
    "skipped=skipped_count **by"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class HourTotals:
    """The hours of a session, or of a part of its tickets."""

    total: HourSum
    skipped_count: int
    """How many tickets are left out of exports, and so of all sums."""
    sums: Mapping[str, tuple[HourSum, ...]]
    """The sums by `group`, `kind`, `sprint`, `epic` and `assignee`; tickets without one come last."""

    @property
    def summary(self) -> str:
        """A sentence with the total, and with the tickets that are not counted."""
        total = self.total
        not_counted = []
        if total.unestimated_count:
            not_counted.append(f"{total.unestimated_count} without an estimate")
        if self.skipped_count:
            not_counted.append(f"{self.skipped_count} {LEFT_OUT}")
        others = f"; not counted: {' and '.join(not_counted)}" if not_counted else ""
        noun = "ticket" if total.estimated_count == 1 else "tickets"
        return f"{total.hours or 'No'} hours for {total.estimated_count} {noun}{others}."

    @property
    def distinguishing(self) -> Mapping[str, tuple[HourSum, ...]]:
        """The sums without those in which no ticket has a name, such as sprints nobody set."""
        return {by: sums for by, sums in self.sums.items() if sums and sums[0].name is not None}

    @property
    def by(self) -> Mapping[str, tuple[HourSum, ...]]:
        return {f"by_{by}": sums for by, sums in self.sums.items()}

    def to_csv(self) -> str:
        """Return a row for each sum, the total first."""
        rows = [{"by": "total", **json_object(self.total), "name": ""}]
        for by, sums in self.sums.items():
            for hour_sum in sums:
                rows.append({"by": by, **json_object(hour_sum), "name": hour_sum.name or "none"})
        return csv_text(_COLUMNS, rows)


@lru_cache(maxsize=1_000)  # ten thousand tickets have some ten estimates
def hours_in(estimate: str) -> tuple[float, float] | None:
    """Read an estimate such as `2-6` or `12`; None where it has no number."""
    numbers = [float(number.replace(",", ".")) for number in _NUMBER.findall(estimate)[:2]]
    return (numbers[0], numbers[-1]) if numbers else None


def hours_of(tickets: Iterable[ListedTicket], *, name: str | None = None) -> HourSum:
    """Add up the hours of tickets, without those that are skipped or no longer in the sheets."""
    estimates = [
        hours_in(ticket.estimated_hours)
        for ticket in tickets
        if ticket.exclusion is None and ticket.withdrawal is None
    ]
    ranges = [estimate for estimate in estimates if estimate is not None]
    return HourSum(
        name=name,
        low=sum(low for low, _ in ranges),
        high=sum(high for _, high in ranges),
        ticket_count=len(estimates),
        unestimated_count=len(estimates) - len(ranges),
    )


def hour_totals(tickets: Iterable[ListedTicket]) -> HourTotals:
    """Add up the hours of tickets, and those of each group, kind, sprint, epic and assignee."""
    with_rows = [ticket for ticket in tickets if ticket.withdrawal is None]
    counted = [ticket for ticket in with_rows if ticket.exclusion is None]
    places = {group.value: place for place, group in enumerate(DisplayGroup)}
    return HourTotals(
        total=hours_of(counted),
        skipped_count=len(with_rows) - len(counted),
        sums={
            "group": _sums(counted, lambda ticket: ticket.display_group.value, places),
            "kind": _sums(counted, lambda ticket: ticket.kind),
            "sprint": _sums(counted, lambda ticket: ticket.sprint),
            "epic": _sums(counted, lambda ticket: ticket.parent),
            "assignee": _sums(counted, lambda ticket: ticket.assignee),
        },
    )


def _sums(
    tickets: Iterable[ListedTicket],
    name_of: Callable[[ListedTicket], str | None],
    places: Mapping[str, int] | None = None,
) -> tuple[HourSum, ...]:
    """Add up the hours of tickets by a name that each has; tickets without one come last.

    Names are in the order of `places`, or else in natural order.
    """
    by_name = group_by(tickets, lambda ticket: name_of(ticket) or None)

    def sort_key(name: str | None) -> tuple[bool, int, list[str | int]]:
        return (name is None, (places or {}).get(name or "", 0), natural_sort_key(name or ""))

    return tuple(hours_of(by_name[name], name=name) for name in sorted(by_name, key=sort_key))


def natural_sort_key(name: str) -> list[str | int]:
    """Return a sort key that puts `Sprint 9` before `Sprint 10`."""
    sort_key: list[str | int] = []
    for position, part in enumerate(re.split(r"([0-9]+)", name.casefold())):
        # Every second part is what the pattern matched: a number.
        sort_key.append(int(part) if position % 2 else part)
    return sort_key


def _without_trailing_zero(hours: float) -> float:
    return int(hours) if hours == int(hours) else round(hours, 2)


class CriticalPath(NamedTuple):
    """The chain of tickets, each waiting for the one before, that takes the most hours."""

    tickets: tuple[ListedTicket, ...]
    """The chain; of several that take as long, the one with the lowest numbers from its end."""
    also: tuple[ListedTicket, ...]
    """The tickets of the other chains that take as long."""


class _PathEnd(NamedTuple):
    """A ticket, with the length of the longest path that ends with it."""

    ticket: ListedTicket
    length: tuple[float, int]
    """Hours and tickets: of paths with equal hours the one with more tickets is longer."""
    before: tuple[str, ...]
    """Ids of the tickets that come right before it on one of its longest paths."""


def critical_path(tickets: Iterable[ListedTicket]) -> CriticalPath:
    """Find the critical path of tickets, which are in build order: dependencies come first.

    An estimate counts with its middle; of paths with equal hours the one with more tickets is taken.
    It is empty where no ticket waits for another.
    """
    ends = _path_ends(tickets)
    longest = max((end.length for end in ends.values()), default=(0.0, 0))
    if longest[1] <= 1:
        return CriticalPath((), ())

    # All longest paths have as many tickets, so each step back reaches the next ticket of each.
    last_ids = {ticket_id for ticket_id, end in ends.items() if end.length == longest}
    on_any_path = set[str]()
    reached = last_ids
    while reached:
        on_any_path |= reached
        reached = {earlier for ticket_id in reached for earlier in ends[ticket_id].before}

    chain: list[ListedTicket] = []
    candidates = last_ids
    while candidates:
        first = _by_number(ends, candidates)[0]
        chain.insert(0, first)
        candidates = set(ends[first.ticket_id].before)
    others = on_any_path - {ticket.ticket_id for ticket in chain}
    return CriticalPath(tuple(chain), tuple(_by_number(ends, others)))


def _path_ends(tickets: Iterable[ListedTicket]) -> Mapping[str, _PathEnd]:
    """Return the end of the longest path to each ticket, by its id.

    Tickets are in build order; a dependency that comes later, in a circle, is ignored.
    """
    ends: dict[str, _PathEnd] = {}
    for ticket in tickets:
        earlier_ids = [ticket_id for ticket_id in ticket.depends_on if ticket_id in ends]
        longest_before = (0.0, 0)
        for ticket_id in earlier_ids:
            longest_before = max(longest_before, ends[ticket_id].length)
        before = [key for key in earlier_ids if ends[key].length == longest_before]
        hours_before, count_before = longest_before
        low, high = hours_in(ticket.estimated_hours) or (0.0, 0.0)
        hours = hours_before + (low + high) / 2
        end = _PathEnd(ticket, length=(hours, count_before + 1), before=tuple(before))
        ends[ticket.ticket_id] = end
    return ends


def _by_number(ends: Mapping[str, _PathEnd], ticket_ids: Iterable[str]) -> list[ListedTicket]:
    tickets = [ends[ticket_id].ticket for ticket_id in ticket_ids]
    return sorted(tickets, key=lambda ticket: ticket.number)
