"""What is asked of language models, what they answered, and what bounds it: the values.

Belongs here: answers that were kept, requests that were made, spending and its limits, in words and
for programs. Does not: asking (`writing/models`), prices (`writing/cost_estimate`), keeping and
counting (`store/writing_record`).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import format_count


class RequestOutcome(StrEnum):
    """What became of one request to a model."""

    ANSWERED = "answered"
    """It fits the schema and the sheets."""
    INVALID = "invalid"
    """It does not fit the schema."""
    UNFOUNDED = "unfounded"
    """It names what the sheets don't say."""
    REFUSED = "refused"
    """The model would not answer."""
    TOO_LONG = "too_long"
    """The model cannot read that much."""
    RATE_LIMITED = "rate_limited"
    FAILED = "failed"
    """An error of the service, or no way to it: there is nothing to pay."""
    UNSEEN = "unseen"
    """No readable answer was seen: it is under way, was torn, late or cut short, or whoever asked is
    gone. It may be paid for."""


NO_GROUP = ""
"""In the place of a group: a request about a session that is about none of its tickets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReceipt:
    """What came of one request, and what it cost."""

    outcome: RequestOutcome
    tokens_in: int
    tokens_out: int
    cost_usd: Decimal | None
    """Where no readable answer was seen, the most it can be; None: nobody knows the price."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """The outcome of asking a model about one group, paid for once and used for the same facts.

    It is a usable answer, or the fact that the model twice invented what the sheets do not say.
    """

    answer_key: str
    """Hash of the group's facts, the version of the prompt, the model and its settings."""
    writer: str
    answer_json: str
    """The answer in the closed schema; empty where no answer was usable."""
    fallback_reason: str
    """Why the template's prose is used instead; empty where the answer is."""
    at: datetime


FORM_KEPT_DAYS = 7
"""How long it counts what a server refused: it may have been set up otherwise since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedForm:
    """The form of requests that a server takes, as its refusals showed."""

    address: str
    """The address of the server; empty for the provider's own."""
    model: str
    form_json: str
    """What is left out or called otherwise (`writing/models/request_form`)."""
    learned_at: datetime


@json_fields(
    "writer_requests=requests writer_tokens_in=tokens_in writer_tokens_out=tokens_out "
    "writer_cost_usd=known_cost_usd writer_unpriced_requests=unpriced_requests "
    "writer_unseen_requests=unseen_requests writer_unseen_usd=unseen_usd"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Requests to models, counted."""

    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: Decimal = Decimal(0)
    """Of the requests whose price is known."""
    unpriced_requests: int = 0
    unseen_requests: int = 0
    """Those without a readable answer, under way or for good."""
    unseen_usd: Decimal = Decimal(0)
    """The most that these can cost; `cost_usd` includes it."""

    @property
    def known_cost_usd(self) -> Decimal | None:
        """The cost; None where the price of no request is known."""
        return None if 0 < self.requests == self.unpriced_requests else self.cost_usd


NOTHING_SPENT = Spending()


class SpendingLimit(StrEnum):
    """What bounds the spending on a session."""

    REQUESTS = "requests"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingLimits:
    """What one session may use up over all its generations, whoever asks."""

    requests_max: int
    budget_usd: Decimal

    def exceeded_limit(self, spent: Spending, *, most_usd: Decimal | None) -> SpendingLimit | None:
        """Return the limit that one more request could exceed; None where it fits."""
        if spent.requests >= self.requests_max:
            return SpendingLimit.REQUESTS
        is_affordable = spent.cost_usd + (most_usd or 0) <= self.budget_usd
        return None if is_affordable else SpendingLimit.BUDGET


def spending_text(spending: Spending) -> str:
    """Return what was asked and paid: `3 requests to models, 4,100 tokens in, …, 0.0021 US dollars`."""
    if not spending.requests:
        return "no requests to models"
    sentence = (
        f"{format_count(spending.requests, 'request')} to models, {spending.tokens_in:,} tokens in, "
        f"{spending.tokens_out:,} out"
    )
    unpriced = spending.unpriced_requests
    if spending.requests == unpriced:
        sentence += "; price unknown"
    else:
        sentence += f", {_dollars(spending.cost_usd)}"
        sentence += f", excluding {unpriced:,} of unknown price" if unpriced else ""
    if spending.unseen_requests:  # they may have been paid for without an answer
        sentence += (
            f"; {format_count(spending.unseen_requests, 'request')} whose response was not received"
        )
        most = spending.unseen_usd
        sentence += f", counted as up to {_dollars(most)}" if most else ""
    return sentence


def _dollars(usd: Decimal) -> str:
    """Write a sum of money: cents, and where it is less than a dollar four digits."""
    return f"{usd:.{2 if usd >= 1 else 4}f} US dollars"
