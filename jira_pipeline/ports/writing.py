"""What ticket writers are given, what they return, and what their work costs: the ports of writing.

Belongs here: briefs, answers that were kept, requests that were made, what bounds them, and the
roles around them.
Does not: prose itself (`model/tickets`), wording or models (`writing`), tables (`store`).
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from jira_pipeline.model.entities import Specification
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.tickets import TicketProse


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketBrief:
    """What a writer is given for one ticket."""

    group: EntityGroup
    groups: Mapping[str, EntityGroup]
    """All groups of the session by key, for titles and numbers of what is referred to."""
    specification: Specification
    site_name: str
    site_description: str
    remark: str = ""
    """What a person wants of this ticket; empty where nobody said anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTicket:
    """The prose of one group, as it arrives."""

    group_key: str
    prose: TicketProse


class TicketWriter(Protocol):
    """Writes the prose of tickets."""

    name: str
    """With version, such as `template/1`: part of what a ticket was made from."""

    def write_all(
        self, briefs: Sequence[TicketBrief], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        """Write the tickets of a session; each is yielded when it is finished, in any order.

        Closing the iterator stops what is under way. Whatever was paid for is kept as it
        arrives, so that the same briefs cost nothing twice.

        Raises:
            WriterError: The writer cannot go on (service, access, quota, budget), after those
                that were finished have been yielded.
        """
        ...


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
class RequestIntent:
    """One request to a model that is about to be sent."""

    session_key: str
    group_key: str
    model: str
    """Provider and name, such as `openai:gpt-5-mini`."""
    most_usd: Decimal | None
    """The most it can cost; None: nobody knows the price of this model."""
    at: datetime


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
    """What is kept of asking a model about one group: paid for once, used for the same facts.

    It is a usable answer, or that the model invented twice what the sheets do not say.
    """

    answer_key: str
    """Hash of the group's facts, the version of the prompt, the model and its settings."""
    writer: str
    answer_json: str
    """The answer in the closed schema; empty where no answer was usable."""
    fallback_reason: str
    """Why the template's prose is used instead; empty where the answer is."""
    at: datetime


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
    """What these count with: the most they can cost, part of `cost_usd`."""


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

    def reached_by(self, spent: Spending, *, most_usd: Decimal | None) -> SpendingLimit | None:
        """Return the limit that one more request could exceed; None where it fits."""
        if spent.requests >= self.requests_max:
            return SpendingLimit.REQUESTS
        is_affordable = spent.cost_usd + (most_usd or 0) <= self.budget_usd
        return None if is_affordable else SpendingLimit.BUDGET


class WritingRecord(Protocol):
    """Remembers what models answered and what was asked of them; each call is one transaction."""

    def answer(self, answer_key: str, *, used_at: datetime | None = None) -> KeptAnswer | None:
        """Return what came of these facts before, or None.

        `used_at` says when a ticket is made from it: what nobody uses any more is forgotten after
        some time. None only looks, as an estimate does.
        """
        ...

    def keep_answer(self, answer: KeptAnswer) -> None:
        """Keep an answer; the first one of a key stays."""
        ...

    def forget_answers(self, *, unused_since: datetime) -> int:
        """Forget answers that no ticket was made from since then; returns how many."""
        ...

    def intend_request(
        self, intent: RequestIntent, *, limits: WritingLimits
    ) -> int | SpendingLimit:
        """Count a request before it is sent, with the most it can cost; returns its number.

        Where it does not fit the limits beside all that was asked and is under way, by whatever
        process, nothing is written and the limit is returned. Until its receipt is noted, its
        outcome is `unseen`.

        Raises:
            NotFoundError: There is no such session.
        """
        ...

    def note_receipt(self, request_id: int, receipt: RequestReceipt) -> None:
        """Put what came of a request in the place of the most it could cost.

        Raises:
            SessionKeyError: Its session was removed meanwhile.
        """
        ...

    def spending(self, session_key: str) -> Spending:
        """Return all that was spent on a session, over all its generations."""
        ...

    def spending_by_group(self, session_key: str) -> Mapping[str, Spending]:
        """Return the same, by group key, of the groups something was asked about."""
        ...
