"""How runs share what a service lets them ask: shares that lapse, and pauses that hold for all.

Belongs here: who gets how much, and how long. Does not: keeping it (`store/budgets`), counting
requests within a share (`jira_client/pacing`, `writing/models/request_pace`).

A run that is killed or has nothing to ask keeps nothing: its share lapses. The shares of all are
never more than the whole, in any second: what a run had a moment ago counts as well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

SHARE_SECONDS = 3.0
"""A run asks the store so seldom; one asking takes some milliseconds (`benchmarks/site_budget`). So
long a newcomer has the reserve alone, and a pause takes at most to reach the others."""
COUNTED_SECONDS = 1.0
"""As long as the windows whose counts are shared: what was sent in the last one still counts."""
RESERVE = 0.1
"""Left for the next run that comes, so that it can begin at once."""
SHARE_LEAST = 0.02
"""Of 45 requests a second about one. With more than fifty runs at once some wait."""
ASK_AGAIN_SECONDS = 0.5
"""When a run that got nothing asks again."""
ANSWERED = "answered "
"""Before the class of an answer; as words for what was used."""
WAITS, WAITED_SECONDS = "waits", "waited seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one run may use of a budget for a while."""

    fraction: float
    """Of every limit that all share; 0: nothing is free yet."""
    holder_count: int = 1
    """Runs that have a share now, this one included."""
    seconds: float
    """How long it holds."""
    pauses: Mapping[str, float] = field(default_factory=dict)
    """Seconds left, by scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A share that a run was given."""

    holder: str
    fraction: float
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedBudgetState:
    """What is kept of one budget; times are seconds of one clock, which all who share it read."""

    at: float = 0.0
    """When it was changed last."""
    grants: tuple[Grant, ...] = ()
    pauses: Mapping[str, float] = field(default_factory=dict)
    """Until when, by scope."""
    totals: Mapping[str, float] = field(default_factory=dict)
    """What all runs ever used of it, by what they call it."""

    def read_at(self, at: float) -> "SharedBudgetState":
        """Return it as it is at a time, without what is over.

        Where the clock was set back, the times go back with it: nobody waits longer for that.
        """
        back = min(0.0, at - self.at)
        grants = tuple(replace(each, until=each.until + back) for each in self.grants)
        pauses = {scope: until + back for scope, until in self.pauses.items()}
        return SharedBudgetState(
            at=at,
            grants=tuple(each for each in grants if each.until + COUNTED_SECONDS > at),
            pauses={scope: until for scope, until in pauses.items() if until > at},
            totals=self.totals,
        )

    @property
    def holders(self) -> frozenset[str]:
        """Who has a share now."""
        return frozenset(each.holder for each in self.grants if each.until > self.at)

    def shared_with(self, holder: str, *, at: float) -> tuple["SharedBudgetState", Share]:
        """Give a run an equal share with all who have one, as far as that is free."""
        now = self.read_at(at)
        holder_count = len(now.holders | {holder})
        others: dict[str, float] = {}
        for each in now.grants:
            if each.holder != holder:
                others[each.holder] = max(each.fraction, others.get(each.holder, 0.0))
        equal = max(SHARE_LEAST, (1.0 - RESERVE) / holder_count)
        fraction = min(equal, 1.0 - sum(others.values()))
        fraction = fraction if fraction >= SHARE_LEAST else 0.0
        kept = tuple(
            replace(each, until=min(each.until, at)) if each.holder == holder else each
            for each in now.grants
        )
        given = Grant(holder=holder, fraction=fraction, until=at + SHARE_SECONDS)
        share = Share(
            fraction=fraction,
            holder_count=holder_count,
            seconds=SHARE_SECONDS if fraction else ASK_AGAIN_SECONDS,
            pauses={scope: until - at for scope, until in now.pauses.items()},
        )
        return replace(now, grants=(*kept, given)), share

    def left_by(self, holder: str, *, at: float) -> "SharedBudgetState":
        """Take the share of a run back at once."""
        now = self.read_at(at)
        ended = (replace(each, until=min(each.until, at)) for each in now.grants)
        kept = zip(now.grants, ended, strict=True)
        return replace(now, grants=tuple(new if old.holder == holder else old for old, new in kept))

    def used(self, amounts: Mapping[str, float]) -> "SharedBudgetState":
        """Add what a run used since it said so last."""
        added = {name: self.totals.get(name, 0.0) + amount for name, amount in amounts.items()}
        return replace(self, totals={**self.totals, **added})

    def paused(self, scopes: Iterable[str], *, seconds: float, at: float) -> "SharedBudgetState":
        """Have all wait with something, at least so long."""
        now = self.read_at(at)
        longer = {scope: max(at + seconds, now.pauses.get(scope, 0.0)) for scope in scopes}
        return replace(now, pauses={**now.pauses, **longer})
