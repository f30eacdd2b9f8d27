"""What a session may still ask and spend.

Belongs here: counting, and reserving the most a request can cost until its price is known, so that
many at once cannot exceed the budget together. Does not: prices (`costs`), waiting (`request_pace`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from jira_pipeline.domain.writing import Spending
from jira_pipeline.writers.asking.model_exchange import Question

PriceOf: TypeAlias = Callable[[int, int], Decimal | None]
"""Price of one request in US dollars, by tokens in and out; None where nobody knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingLimits:
    """What one session may use up over all its generations."""

    requests_max: int
    budget_usd: Decimal


class LimitReachedError(Exception):
    """No further request fits; not an error of ours, it becomes `WriterBudgetError`."""

    def __init__(self, limit: str) -> None:
        """Name the limit, as a setting and its value."""
        super().__init__(limit)
        self.limit = limit


class SessionAccount:
    """The account of one session in one step."""

    def __init__(self, spent: Spending, *, limits: WritingLimits, price_of: PriceOf) -> None:
        """Begin with what was spent before."""
        self._limits = limits
        self._price_of = price_of
        self._requests = spent.requests
        self._spent_usd = spent.cost_usd
        self._reserved_usd = Decimal(0)
        self._running = 0

    @property
    def has_prices(self) -> bool:
        """Somebody knows what requests cost, so the budget binds."""
        return self._price_of(1, 1) is not None

    def price_of(self, tokens_in: int, tokens_out: int) -> Decimal | None:
        """Return what one request costs."""
        return self._price_of(tokens_in, tokens_out)

    def most_of(self, question: Question) -> Decimal:
        """Return the most a question can cost; 0 where nobody knows the price."""
        return self._price_of(question.tokens_most, question.answer_tokens_max) or Decimal(0)

    def is_affordable(self, most_usd: Decimal) -> bool:
        """Tell whether a request may start now; it must wait while others may leave room.

        Raises:
            LimitReachedError: It can never start.
        """
        if self._requests >= self._limits.requests_max:
            raise LimitReachedError(f"WRITER_MAX_REQUESTS ({self._limits.requests_max:,})")
        if self._spent_usd + self._reserved_usd + most_usd <= self._limits.budget_usd:
            return True
        if not self._running:
            raise LimitReachedError(f"WRITER_BUDGET ({self._limits.budget_usd:f} US dollars)")
        return False

    def begin(self, most_usd: Decimal) -> None:
        """Count a request and reserve what it can cost."""
        self._requests += 1
        self._running += 1
        self._reserved_usd += most_usd

    def end(self, most_usd: Decimal, *, cost_usd: Decimal | None) -> None:
        """Put what it cost in the place of what was reserved; unknown costs stay the most."""
        self._running -= 1
        self._reserved_usd -= most_usd
        self._spent_usd += most_usd if cost_usd is None else cost_usd

    @property
    def spent(self) -> str:
        """Say what was spent on the session so far."""
        return f"{self._requests:,} requests and {self._spent_usd:.2f} US dollars"
