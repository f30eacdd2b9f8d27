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
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.json_values import json_fields, json_object
from jira_pipeline.model.tickets import LEFT_OUT, ListedTicket
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
        estimated = total.estimated_count
        apart = (
            [f"{total.unestimated_count} without an estimate"] if total.unestimated_count else []
        )
        apart += [f"{self.skipped_count} {LEFT_OUT}"] if self.skipped_count else []
        others = f"; not counted: {' and '.join(apart)}" if apart else ""
        noun = "ticket" if estimated == 1 else "tickets"
        return f"{total.hours or 'No'} hours for {estimated} {noun}{others}."

    @property
    def distinguishing(self) -> Mapping[str, tuple[HourSum, ...]]:
        """Those that tell tickets apart: where no ticket has a sprint, it says nothing."""
        return {by: sums for by, sums in self.sums.items() if sums and sums[0].name is not None}

    @property
    def by(self) -> Mapping[str, tuple[HourSum, ...]]:
        return {f"by_{by}": sums for by, sums in self.sums.items()}

    def to_csv(self) -> str:
        """Return a row for each sum, the total first."""
        rows = [
            ("total", self.total),
            *((by, one) for by, sums in self.sums.items() for one in sums),
        ]
        return csv_text(
            _COLUMNS,
            [
                {"by": by}
                | json_object(one)
                | {"name": one.name or ("" if by == "total" else "none")}
                for by, one in rows
            ],
        )


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
    ranges = [one for one in estimates if one is not None]
    return HourSum(
        name=name,
        low=sum(low for low, _ in ranges),
        high=sum(high for _, high in ranges),
        ticket_count=len(estimates),
        unestimated_count=len(estimates) - len(ranges),
    )


def hour_totals(tickets: Iterable[ListedTicket]) -> HourTotals:
    """Add up the hours of tickets, and those of each group, kind, sprint, epic and assignee."""
    known = [ticket for ticket in tickets if ticket.withdrawal is None]
    counted = [ticket for ticket in known if ticket.exclusion is None]
    places = {group.value: place for place, group in enumerate(DisplayGroup)}
    return HourTotals(
        total=hours_of(counted),
        skipped_count=len(known) - len(counted),
        sums={
            "group": _sums(counted, lambda t: t.display_group.value, places),
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
    found = grouped(tickets, lambda ticket: name_of(ticket) or None)

    def place(name: str | None) -> tuple[bool, int, list[str | int]]:
        return (name is None, (places or {}).get(name or "", 0), by_numbers(name or ""))

    return tuple(hours_of(found[name], name=name) for name in sorted(found, key=place))


def by_numbers(name: str) -> list[str | int]:
    """Return what a name is ordered by: `Sprint 9` comes before `Sprint 10`."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [int(part) if at % 2 else part for at, part in enumerate(parts)]


def _plain(hours: float) -> float:
    return int(hours) if hours == int(hours) else round(hours, 2)


class CriticalPath(NamedTuple):
    """The tickets, each waiting for the one before, that take the most hours together."""

    tickets: tuple[ListedTicket, ...]
    """The first in the order of numbers, so that it is the same in every session of these sheets."""
    also: tuple[ListedTicket, ...]
    """The other tickets of paths that take as long."""


def critical_path(tickets: Iterable[ListedTicket]) -> CriticalPath:
    """Find the critical path of tickets that come in an order of building.

    An estimate counts with its middle, and of paths with equal hours the one of more tickets; empty
    where no ticket waits for another.
    """
    by_id: dict[str, ListedTicket] = {}
    length: dict[str, tuple[float, int]] = {}
    before: dict[str, list[str]] = {}
    for ticket in tickets:
        earlier = [name for name in ticket.depends_on if name in by_id]
        hours, count = most = max((length[name] for name in earlier), default=(0.0, 0))
        low, high = hours_in(ticket.estimated_hours) or (0.0, 0.0)
        by_id[ticket.ticket_id] = ticket
        length[ticket.ticket_id] = (hours + (low + high) / 2, count + 1)
        before[ticket.ticket_id] = [name for name in earlier if length[name] == most]
    whole = max(length.values(), default=(0.0, 0))
    if whole[1] <= 1:
        return CriticalPath((), ())

    def first_of(names: Iterable[str]) -> list[ListedTicket]:
        return sorted((by_id[name] for name in names), key=lambda one: one.number)

    chain = list[ListedTicket]()
    also = set[str]()
    ahead = beside = {name for name, one in length.items() if one == whole}
    while ahead:  # paths as long have as many tickets: each step back is one of every path
        chain.insert(0, first_of(ahead)[0])
        also |= beside
        ahead = {*before[chain[0].ticket_id]}
        beside = {name for other in beside for name in before[other]}
    return CriticalPath((*chain,), (*first_of(also - {one.ticket_id for one in chain}),))
