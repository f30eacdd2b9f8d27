"""How many hours tickets take: all of them, by group, kind, sprint, epic and assignee.

Belongs here: reading estimates and adding them up, as JSON and CSV too. Does not: where an estimate
comes from (`tickets/template`, docs/quality.md).
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
    name: str | None
    """What they have in common; None: no sprint, epic or assignee, or all tickets."""
    low: float
    high: float
    ticket_count: int
    unestimated_count: int
    """Of these, those that have no estimate; their hours are not in the sum."""

    @property
    def estimated_count(self) -> int:
        """How many tickets the hours are for."""
        return self.ticket_count - self.unestimated_count

    @property
    def hours(self) -> str:
        """The hours as people read them: `120-310`; empty where no ticket has an estimate."""
        if not self.estimated_count:
            return ""
        low = f"{_plain(self.low):,}"
        high = f"{_plain(self.high):,}"
        return low if low == high else f"{low}-{high}"

    @property
    def bounds(self) -> Mapping[str, float]:
        return {"hours_low": _plain(self.low), "hours_high": _plain(self.high)}


@json_fields(
    "**total.bounds tickets=total.ticket_count without_estimate=total.unestimated_count "
    "skipped=skipped_count **by"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class HourTotals:
    """The hours of a session, or of a part of its tickets."""

    total: HourSum
    skipped_count: int
    """Tickets that are left out of exports: they count nowhere."""
    sums: Mapping[str, tuple[HourSum, ...]]
    """By `group`, `kind`, `sprint`, `epic` and `assignee`; what has none comes last."""

    @property
    def summary(self) -> str:
        """The whole in a sentence: what is in the hours, and what is not."""
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
        """Those that tell tickets apart: where no ticket has a sprint, it says nothing."""
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
    """Add up by name: in the order of `places`, else of the alphabet, with numbers by what they count."""
    by_name = group_by(tickets, lambda ticket: name_of(ticket) or None)

    def place(name: str | None) -> tuple[bool, int, list[str | int]]:
        return (name is None, (places or {}).get(name or "", 0), by_numbers(name or ""))

    return tuple(hours_of(by_name[name], name=name) for name in sorted(by_name, key=place))


def by_numbers(name: str) -> list[str | int]:
    """Return what a name is ordered by: `Sprint 9` comes before `Sprint 10`."""
    ordered: list[str | int] = []
    for position, part in enumerate(re.split(r"([0-9]+)", name.casefold())):
        # Every second part is what the pattern matched: a number.
        ordered.append(int(part) if position % 2 else part)
    return ordered


def _plain(hours: float) -> float:
    return int(hours) if hours == int(hours) else round(hours, 2)


class CriticalPath(NamedTuple):
    """The tickets, each waiting for the one before, that take the most hours together."""

    tickets: tuple[ListedTicket, ...]
    """The first in the order of numbers, so that it is the same in every session of these sheets."""
    also: tuple[ListedTicket, ...]
    """The other tickets of paths that take as long."""


class _PathEnd(NamedTuple):
    """A ticket with the longest path of tickets that ends with it."""

    ticket: ListedTicket
    length: tuple[float, int]
    """Hours, and how many tickets: of paths with equal hours the one of more tickets is longer."""
    before: tuple[str, ...]
    """Ids of the tickets that may come right before it on such a path."""


def critical_path(tickets: Iterable[ListedTicket]) -> CriticalPath:
    """Find the critical path of tickets that come in an order of building.

    An estimate counts with its middle, and of paths with equal hours the one of more tickets; empty
    where no ticket waits for another.
    """
    ends = _path_ends(tickets)
    longest = max((end.length for end in ends.values()), default=(0.0, 0))
    if longest[1] <= 1:
        return CriticalPath((), ())

    # All longest paths have as many tickets, so a step back is one of every such path.
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
    """Return the longest path to each ticket by its id; those that it waits for come before it."""
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
