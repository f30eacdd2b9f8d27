"""What is sent to a model and what comes back, whoever serves it, and what it may still cost.

Belongs here: questions, replies, failures, the channel they go through and opening it; writing each
request down before it is sent and after its answer, what there is no room for. Does not: the packages
that talk to models (`model_calls`, imported when something is asked: it takes seconds, and the extra
`llm`), what a reply is worth (`conversation`), prices (`writing/cost_estimate`), adding up and
refusing (`store/run_records`: other processes ask about the session too), waiting (`asking_step`).
"""

import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, Self, TypeAlias

from pydantic import SecretStr

from jira_pipeline.context.settings import PROVIDERS
from jira_pipeline.model.errors import (
    WriterAccessError,
    WriterContextError,
    WriterError,
    WriterQuotaError,
    WriterUnavailableError,
)
from jira_pipeline.model.model_requests import (
    RequestOutcome,
    RequestReceipt,
    SpendingLimit,
    WritingLimits,
)
from jira_pipeline.store.run_records import WritingRecord
from jira_pipeline.writing.completion.specification_text import tokens_of

CHARACTERS_A_TOKEN_LEAST, CHARACTERS_A_TOKEN_MOST = 2, 7
"""For bounds: texts of the sheets measured have 2.8 to 4.4 characters a token (`cost_estimate`).

Other scripts have fewer. Ollama keeps half of its window of a prompt that exceeds it, so that one
that it cut shows 7.3 and more. Source: ollama/ollama, issues 17427 and 17889, August 2026.
"""
_REPEATED = re.compile(r"(.)\1+", re.DOTALL)
"""One token may be a whole line of one character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """Which model is asked, where, and for how long."""

    model: str
    """As in WRITER_MODEL: `openai:NAME`, `anthropic:NAME`, or a NAME that `base_url` serves."""
    base_url: str | None
    """None: the provider's own."""
    api_key: SecretStr | None
    timeout_seconds: float
    """Of one request, from sending it to the last byte of the answer."""

    @property
    def provider(self) -> str:
        """Return `openai` or `anthropic`; empty for a compatible server."""
        return provider_and_name(self.model)[0]

    @property
    def name(self) -> str:
        """Return the name by which its server knows it."""
        return provider_and_name(self.model)[1]


def provider_and_name(model: str) -> tuple[str, str]:
    """Split `openai:name`; other names, such as `qwen3:8b`, may hold a colon too."""
    provider, _, name = model.partition(":")
    return (provider, name) if model.startswith(PROVIDERS) else ("", model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: instructions, a request, and the conversation about it so far."""

    instructions: str
    context: str = ""
    """Comes before the request, the same for many questions: what a provider may keep of it costs less."""
    request: str
    answered: str = ""
    """What the model answered last; empty at first."""
    complaint: str = ""
    """What was wrong with that."""
    answer_tokens_max: int
    schema: dict[str, object] | None
    """Of the answer; None: it is prose."""

    @property
    def tokens_most(self) -> int:
        characters = sum(map(len, self.texts)) + len(str(self.schema or ""))
        return characters // CHARACTERS_A_TOKEN_LEAST

    @property
    def tokens_least(self) -> int:
        """Return fewer tokens than it has in any tokenizer."""
        characters = sum(len(_REPEATED.sub(r"\1", text)) for text in self.texts)
        return characters // CHARACTERS_A_TOKEN_MOST

    @property
    def texts(self) -> tuple[str, ...]:
        """Return all that is sent but the schema."""
        return (self.instructions, self.context, self.request, self.answered, self.complaint)


class ReplyEnd(StrEnum):
    COMPLETE = "complete"
    TRUNCATED = "truncated"
    """It reached the most tokens an answer may have."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedTokens:
    """Of the tokens in, those with another price."""

    read: int = 0
    written: int = 0


NOTHING_CACHED = CachedTokens()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a model answered."""

    text: str
    """Of a refusal, its reason where one was given."""
    end: ReplyEnd
    tokens_in: int
    """All of them, those that a cache held included."""
    tokens_out: int
    cached: CachedTokens = NOTHING_CACHED


class FailureKind(StrEnum):
    """Why there is no reply, what the request counts as, and what a run ends with in the end."""

    outcome: RequestOutcome
    error: type[WriterError] | None
    """None: another question may fare better."""

    def __new__(cls, value: str, outcome: RequestOutcome, error: type[WriterError] | None) -> Self:
        kind = str.__new__(cls, value)
        kind._value_, kind.outcome, kind.error = value, outcome, error
        return kind

    THROTTLED = "throttled", RequestOutcome.RATE_LIMITED, WriterUnavailableError
    """Too many requests, or too much load: fewer at once, later."""
    UNREACHABLE = "unreachable", RequestOutcome.FAILED, WriterUnavailableError
    """The way to the service failed: there was no connection, and nothing was sent."""
    UNAVAILABLE = "unavailable", RequestOutcome.FAILED, WriterUnavailableError
    """The service was reached, and says that it fails."""
    UNREADABLE = "unreadable", RequestOutcome.UNSEEN, WriterUnavailableError
    """An answer arrived torn, or late, or in a form nobody knows; it may have been paid for."""
    TOO_LONG = "too_long", RequestOutcome.TOO_LONG, None
    """More than the model can read."""
    CUT = "cut", RequestOutcome.TOO_LONG, WriterContextError
    """The server left out a part of the question and answered the rest."""
    REFUSED = "refused", RequestOutcome.REFUSED, None
    """A filter refused what was asked."""
    SCHEMA_REFUSED = "schema_refused", RequestOutcome.FAILED, None
    """The service takes no schema; the next request says it in words."""
    REJECTED = "rejected", RequestOutcome.FAILED, WriterAccessError
    """The service does not take a request like this."""
    NO_ACCESS = "no_access", RequestOutcome.FAILED, WriterAccessError
    """Credentials or permissions."""
    UNKNOWN_MODEL = "unknown_model", RequestOutcome.FAILED, WriterAccessError
    """Nobody knows it there, or the address is another one."""
    NO_CREDIT = "no_credit", RequestOutcome.FAILED, WriterQuotaError


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no reply, in words that hold no credentials."""

    kind: FailureKind
    reason: str
    """One sentence."""
    wait_seconds: float | None = None
    """What the service asked for."""


def cut_of(question: Question, reply: Reply, *, tokens_read: int = 0) -> Failure | None:
    """Tell that a server answered a part of a question, by the tokens that it counted.

    None where it counted none, where what it counts apart as cached makes up for the rest, or where
    it read as many before: then a cache held the rest.
    """
    counted = reply.tokens_in + reply.cached.read + reply.cached.written
    most = sum(map(len, question.texts)) // CHARACTERS_A_TOKEN_MOST
    if not reply.tokens_in or counted >= most or counted >= (least := question.tokens_least):
        return None
    if least <= tokens_read:
        return None
    return Failure(
        kind=FailureKind.CUT,
        reason=(
            f"It counted {counted:,} tokens of a prompt that has {least:,} at least: "
            "its context window is smaller, and it left out the rest without saying so."
        ),
    )


class ModelChannel(Protocol):
    """Carries questions to one model."""

    async def ask(self, question: Question) -> Reply | Failure:
        """Send a question once."""


class PriceOf(Protocol):
    """Computes what one request to a certain model costs."""

    def __call__(
        self, *, tokens_in: int, tokens_out: int, cached: CachedTokens = NOTHING_CACHED
    ) -> Decimal | None:
        """Return US dollars; None where nobody knows the price."""


OpenChannel: TypeAlias = Callable[[], AbstractAsyncContextManager[ModelChannel]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterClock:
    """Time and chance, given from outside."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]
    """Evenly between 0 and 1."""


ANSWER_GRACE_SECONDS = 20.0
"""How long an interrupted step waits for answers under way: most take 5 to 45 s (`cost_estimate`), and
Kubernetes kills a container 30 s after asking it to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTools:
    """One model, the way to it, and what a session may ask of it."""

    model: str
    """As WRITER_MODEL names it."""
    open_channel: OpenChannel
    """It raises a `WriterError` where there is no way."""
    record: WritingRecord
    """It counts what others ask too."""
    clock: WriterClock
    price_of: PriceOf
    limits: WritingLimits
    concurrency_max: int
    grace_seconds: float = ANSWER_GRACE_SECONDS

    def begin(self, question: Question, *, session_key: str, group_key: str) -> int | SpendingLimit:
        """Write down that a question is about to be sent, with the most it can cost.

        Return the number of the request, or the limit that leaves no room for it.
        """
        return self.record.intend_request(
            session_key,
            group_key=group_key,
            model=self.model,
            most_usd=self._most_usd(question),
            limits=self.limits,
            at=self.clock.now(),
        )

    def end(
        self,
        request_id: int,
        question: Question,
        received: Reply | Failure,
        *,
        outcome: RequestOutcome,
        seconds: float,
    ) -> None:
        """Write down what came of a request; one that is cut short stays as it was begun.

        What could not be read counts with the most, in the next step too; servers that count no
        tokens get an estimate.
        """
        tokens_in = tokens_out = 0
        if isinstance(received, Reply):
            tokens_in = received.tokens_in or sum(map(tokens_of, question.texts))
            tokens_out = received.tokens_out or tokens_of(received.text)
            cost_usd = self.price_of(
                tokens_in=tokens_in, tokens_out=tokens_out, cached=received.cached
            )
        elif received.kind is FailureKind.UNREADABLE:
            cost_usd = self._most_usd(question)
        else:
            cost_usd = self.price_of(tokens_in=0, tokens_out=0)
        receipt = RequestReceipt(
            outcome=outcome,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_usd=cost_usd,
            seconds=seconds,
        )
        self.record.note_receipt(request_id, receipt)

    def _most_usd(self, question: Question) -> Decimal | None:
        return self.price_of(tokens_in=question.tokens_most, tokens_out=question.answer_tokens_max)
