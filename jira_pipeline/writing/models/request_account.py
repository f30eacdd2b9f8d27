"""What a session may still ask and spend.

Belongs here: writing each request down before it is sent and after its answer, what it costs, and
what there is no room for. Does not: prices (`writing/cost_estimate`), adding up and refusing
(`store/writing`: other processes ask about the session too), waiting (`request_pace`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from jira_pipeline.model.model_requests import (
    RequestIntent,
    RequestOutcome,
    RequestReceipt,
    Spending,
    SpendingLimit,
    WritingLimits,
)
from jira_pipeline.store.writing import WritingRecord
from jira_pipeline.writing.completion.specification_text import tokens_of
from jira_pipeline.writing.models.model_exchange import (
    NOTHING_CACHED,
    CachedTokens,
    Failure,
    FailureKind,
    Question,
    Reply,
)


class PriceOf(Protocol):
    def __call__(
        self, tokens_in: int, tokens_out: int, cached: CachedTokens = NOTHING_CACHED
    ) -> Decimal | None:
        """Return the price of one request in US dollars; None where nobody knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSource:
    """Whom requests are written down for."""

    session_key: str
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunRequest:
    """A request that is written down and may be sent."""

    request_id: int
    question: Question
    most_usd: Decimal | None


class LimitReachedError(Exception):
    """No further request fits; not an error of ours, it becomes `WriterBudgetError`."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


class SessionAccount:
    def __init__(
        self,
        record: WritingRecord,
        *,
        source: RequestSource,
        limits: WritingLimits,
        price_of: PriceOf,
        now: Callable[[], datetime],
    ) -> None:
        """Keep the record, which counts what others ask too."""
        self._record = record
        self._source = source
        self._limits = limits
        self._price_of = price_of
        self._now = now
        self.under_way = 0
        """Requests of this step whose receipt is not noted."""

    @property
    def has_prices(self) -> bool:
        """Somebody knows what requests cost, so the budget binds."""
        return self._price_of(1, 1) is not None

    def begin(self, question: Question, *, group_key: str) -> BegunRequest | None:
        """Write down that a question is about to be sent, with the most it can cost.

        None: it must wait until others of this step leave room.

        Raises:
            LimitReachedError: There is no room, and nobody here who could leave any.
        """
        most_usd = self._price_of(question.tokens_most, question.answer_tokens_max)
        intent = RequestIntent(
            session_key=self._source.session_key,
            group_key=group_key,
            model=self._source.model,
            most_usd=most_usd,
            at=self._now(),
        )
        found = self._record.intend_request(intent, limits=self._limits)
        if not isinstance(found, SpendingLimit):
            self.under_way += 1
            return BegunRequest(request_id=found, question=question, most_usd=most_usd)
        if found is SpendingLimit.BUDGET and self.under_way:
            return None
        raise LimitReachedError(self._limit_text(found))

    def end(
        self,
        begun: BegunRequest,
        received: Reply | Failure,
        *,
        outcome: RequestOutcome,
        seconds: float,
    ) -> None:
        """Write down what came of a request; one that is cut short stays as it was begun."""
        tokens_in, tokens_out = _tokens(begun.question, received)
        receipt = RequestReceipt(
            outcome=outcome,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_usd=self._cost(begun, received),
            seconds=seconds,
        )
        self._record.note_receipt(begun.request_id, receipt)
        self.under_way -= 1

    @property
    def spent(self) -> str:
        """Say what was spent on the session so far, by whomever."""
        return spent_text(self._record.spending(self._source.session_key))

    def _cost(self, begun: BegunRequest, received: Reply | Failure) -> Decimal | None:
        """Return what a request cost; None where nobody knows the price.

        What could not be read counts with the most, in the next step too.
        """
        if isinstance(received, Reply):
            return self._price_of(*_tokens(begun.question, received), received.cached)
        if received.kind is FailureKind.UNREADABLE:
            return begun.most_usd
        return self._price_of(0, 0)

    def _limit_text(self, limit: SpendingLimit) -> str:
        match limit:
            case SpendingLimit.REQUESTS:
                return f"WRITER_MAX_REQUESTS ({self._limits.requests_max:,})"
            case SpendingLimit.BUDGET:
                return f"WRITER_BUDGET ({self._limits.budget_usd:f} US dollars)"


def spent_text(spending: Spending) -> str:
    """Say what was spent, and what of it may have been paid for without an answer."""
    spent = f"{spending.requests:,} requests and {spending.cost_usd:.2f} US dollars"
    if not spending.unseen_requests:
        return spent
    unseen = f"{spending.unseen_requests:,} whose response was not received"
    most = f", counted as up to {spending.unseen_usd:.2f}" if spending.unseen_usd else ""
    return f"{spent} ({unseen}{most})"


def _tokens(question: Question, received: Reply | Failure) -> tuple[int, int]:
    """Return the tokens in and out; servers that count none get an estimate."""
    if not isinstance(received, Reply):
        return 0, 0
    tokens_in = received.tokens_in or sum(map(tokens_of, question.texts))
    return tokens_in, received.tokens_out or tokens_of(received.text)
