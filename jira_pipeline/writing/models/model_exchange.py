"""What is sent to a model and what comes back, whoever serves it.

Belongs here: questions, replies, failures, and the channel they go through. Does not: the
packages that talk to models (`model_calls`), what a reply is worth (`ticket_conversation`).
"""

import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

from pydantic import SecretStr

PROVIDERS = ("openai", "anthropic")
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
        provider, colon, _ = self.model.partition(":")
        return provider if colon and provider in PROVIDERS else ""

    @property
    def name(self) -> str:
        """Return the name by which its server knows it."""
        return self.model.removeprefix(f"{self.provider}:") if self.provider else self.model


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
    wait_seconds: float = 0.0
    """Until a request of that size fits the limits of the service, as its headers say."""


class FailureKind(StrEnum):
    """Why there is no reply."""

    THROTTLED = "throttled"
    """Too many requests, or too much load: fewer at once, later."""
    UNREACHABLE = "unreachable"
    """The way to the service failed: there was no connection, and nothing was sent."""
    UNAVAILABLE = "unavailable"
    """The service was reached, and says that it fails."""
    UNREADABLE = "unreadable"
    """An answer arrived torn, or late, or in a form nobody knows; it may have been paid for."""
    TOO_LONG = "too_long"
    """More than the model can read."""
    CUT = "cut"
    """The server left out a part of the question and answered the rest."""
    REFUSED = "refused"
    """A filter refused what was asked."""
    SCHEMA_REFUSED = "schema_refused"
    """The service takes no schema; the next request says it in words."""
    REJECTED = "rejected"
    """The service does not take a request like this."""
    NO_ACCESS = "no_access"
    """Credentials or permissions."""
    UNKNOWN_MODEL = "unknown_model"
    """Nobody knows it there, or the address is another one."""
    NO_CREDIT = "no_credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no reply, in words that hold no credentials."""

    kind: FailureKind
    reason: str
    """One sentence."""
    wait_seconds: float | None = None
    """What the service asked for."""


def cut_of(question: Question, reply: Reply) -> Failure | None:
    """Tell that a server answered a part of a question, by the tokens that it counted.

    None where it counted none, or where what it counts apart as cached makes up for the rest.
    """
    counted = reply.tokens_in + reply.cached.read + reply.cached.written
    characters = sum(map(len, question.texts))
    if not reply.tokens_in or counted >= characters // CHARACTERS_A_TOKEN_MOST:
        return None
    if counted >= (least := question.tokens_least):
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


OpenChannel: TypeAlias = Callable[[], AbstractAsyncContextManager[ModelChannel]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterClock:
    """Time and chance, given from outside."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]
    """Evenly between 0 and 1."""
