"""One conversation with a model: what is asked, what came back, what is asked again, how it ended.

Belongs here: questions, replies, failures, the channel they go through and opening it; writing each
request down before it is sent and after its answer, what there is no room for; reading answers,
repairs, shorter prompts, when the template takes over; stopping where the budget is spent. Does not: the packages that talk to models
(`model_calls`, imported when something is asked: it takes seconds, and the extra `llm`), asking and
waiting (`asking_step`), the words of the request (`completion/prompt`), which changes hold
(`completion/checking`), prices (`writing/cost_estimate`), adding up and refusing
(`store/writing_record`: other processes ask about the session too).

About a ticket at most one request, two repairs of the form, one second request about changes that
do not hold, and two shorter prompts: six that were answered or refused for their content.
"""

import json
import re
from collections.abc import Awaitable, Callable, Container
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, Self, TypeAlias

from pydantic import SecretStr, ValidationError
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import override

from jira_pipeline.context.settings import PROVIDERS
from jira_pipeline.model.errors import (
    WriterAccessError,
    WriterContextError,
    WriterError,
    WriterQuotaError,
    WriterUnavailableError,
)
from jira_pipeline.model.model_requests import (
    NO_GROUP,
    RequestOutcome,
    RequestReceipt,
    SpendingLimit,
    WritingLimits,
)
from jira_pipeline.model.tickets import canonical_hash
from jira_pipeline.store.writing_record import WritingRecord
from jira_pipeline.writing.completion.checking import joined, judged_changes, second_request
from jira_pipeline.writing.completion.prompt import (
    PROMPT_VERSION,
    Changes,
    Prompt,
    TicketToComplete,
    prompt_of,
    tokens_of,
)

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


class WithoutTitles(GenerateJsonSchema):
    """A schema without titles, which say the names of values again, each at its price."""

    @override
    def field_title_should_be_set(self, schema: object) -> bool:
        return False


@cache
def answer_schema() -> dict[str, object]:
    return Changes.model_json_schema(schema_generator=WithoutTitles)


ANSWER_MAX_TOKENS = 8_000
"""An answer of the largest ticket has some 2,000; models that think first need the rest."""


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
    answer_tokens_max: int = ANSWER_MAX_TOKENS
    schema: dict[str, object] | None = field(default_factory=answer_schema)
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
        kind._value_ = value
        kind.outcome = outcome
        kind.error = error
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
    known = max(counted, tokens_read)
    if not reply.tokens_in or counted >= most or known >= (least := question.tokens_least):
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


TRUNCATED_FACTOR = 2
REPAIRS_MAX = 2
SHORTENINGS_MAX = 2
FAULTS_NAMED_MAX = 10
OBJECTS_TRIED_MAX = 500
"""A bound on what a broken model can send: of braces alone they take a tenth of a second."""


@dataclass(kw_only=True)
class Conversation:
    """A question until it is answered, or until no answer can be expected."""

    question: Question
    """What is asked next."""
    group_key: str = NO_GROUP
    """Of the ticket that it is about."""
    end: RequestOutcome | None = None
    """What it ended with: answered, refused, or else what the model or the service fails at."""
    changes: Changes | None = None
    """What was answered; before the end, some of it has to be repaired."""
    reason: str = ""
    """What was wrong with the last answer, or why there is none: for people."""
    repairs: int = 0
    failure: Failure | None = None
    """Where the last request had no reply."""
    tries: int = 0
    """How often in turn the service failed at this question."""

    def take(self, received: Reply | Failure, *, tokens_read: int = 0) -> RequestOutcome:
        """Take in what came of the question, and return what the request counts as.

        After a failure of the service the same question may be asked again. `tokens_read` is the
        most that the server read of one question before.
        """
        is_repair = self.changes is not None
        if isinstance(received, Reply):
            received = cut_of(self.question, received, tokens_read=tokens_read) or received
        if isinstance(received, Reply):
            self.failure = None
            self.tries = 0
            outcome = self._read(received)
        else:
            kind = received.kind
            reason = received.reason
            outcome = received.kind.outcome
            self.failure = received
            self.tries = 0 if kind.error is None else self.tries + 1
            if kind is FailureKind.TOO_LONG:
                self._shorten(reason)
            elif kind is FailureKind.REFUSED:
                self._end(outcome, declined(reason))
            elif kind is FailureKind.REJECTED:
                self._end(outcome, f"The service did not take the request: {reason}")
            else:
                return outcome
        if is_repair:
            self.end = RequestOutcome.ANSWERED  # without what had to be repaired
        return outcome

    def _read(self, reply: Reply) -> RequestOutcome:
        if reply.end is ReplyEnd.REFUSED:
            return self._end(RequestOutcome.REFUSED, declined(reply.text))
        if self.question.schema is None:
            return self._end(RequestOutcome.ANSWERED)
        self.question = replace(self.question, answered=reply.text)
        if reply.end is ReplyEnd.TRUNCATED:
            # Ask for less; half an answer is not shown to the model again.
            room = ANSWER_MAX_TOKENS * TRUNCATED_FACTOR
            self.question = replace(self.question, answered="", answer_tokens_max=room)
            return self._repair(
                "Your answer was cut off. Write the whole answer again, and write less.",
                reason="The model's answer was longer than it may be, again and again.",
            )
        try:
            changes = Changes.model_validate_json(json_in(reply.text, Changes.model_fields))
        except ValidationError as error:
            # Name what does not fit, by place and rule, without what is there.
            faults = [
                {"where": ".".join(map(str, fault["loc"])) or "answer", "fault": fault["msg"]}
                for fault in error.errors(
                    include_url=False, include_context=False, include_input=False
                )
            ]
            named = json.dumps(faults[:FAULTS_NAMED_MAX], ensure_ascii=False)
            return self._repair(
                "Your answer does not fit the schema. Write the whole answer again as one JSON "
                f"object and nothing else. What does not fit: {named}",
                reason=f"The model's answer does not fit its schema ({faults[0]['where']}).",
            )
        return self._judge(changes)

    def _repair(self, complaint: str, *, reason: str) -> RequestOutcome:
        """Ask again with what was wrong, as often as is sensible."""
        self.repairs += 1
        self.reason = reason
        self.question = replace(self.question, complaint=complaint)
        if self.repairs > REPAIRS_MAX:
            self.end = RequestOutcome.INVALID
        return RequestOutcome.INVALID

    def _judge(self, changes: Changes) -> RequestOutcome:
        """Take changes that fit the schema."""
        self.changes = changes
        return self._end(RequestOutcome.ANSWERED)

    def _shorten(self, reason: str) -> None:
        """Ask with less, where something can be left out."""
        self._end(RequestOutcome.TOO_LONG, reason)

    def _end(self, end: RequestOutcome, reason: str = "") -> RequestOutcome:
        self.end, self.reason = end, reason or self.reason
        return end


@dataclass(kw_only=True)
class TicketConversation(Conversation):
    """What a model is asked about one ticket, and what it changes of it."""

    ticket: TicketToComplete
    prompt: Prompt
    answer_key: str
    """What a usable answer is kept under."""
    shortenings: int = 0

    @override
    def _judge(self, changes: Changes) -> RequestOutcome:
        """Ask once more about changes that do not hold; then they are left out of the ticket."""
        if self.changes is not None:
            changes = joined(self.changes, changes, self.ticket)
        elif refused := [one for one in judged_changes(changes, self.ticket) if one.refused]:
            self.changes = changes
            self.question = replace(self.question, complaint=second_request(refused))
            return RequestOutcome.UNFOUNDED
        return super()._judge(changes)

    @override
    def _shorten(self, reason: str) -> None:
        """Ask again with half the facts, while that leaves something out."""
        self.shortenings += 1
        rule = replace(self.prompt.rule, context_tokens=tokens_of(self.prompt.context) // 2)
        shorter = prompt_of(self.ticket, rule)
        if self.shortenings > SHORTENINGS_MAX or len(shorter.context) >= len(self.prompt.context):
            self._end(
                RequestOutcome.TOO_LONG, f"This ticket is more than the model can read: {reason}"
            )
            return
        self.prompt = shorter
        self.question = replace(
            self.question,
            context=shorter.context,
            request=shorter.request,
            answered="",
            complaint="",
        )


def answer_key_of(prompt: Prompt, *, model: str) -> str:
    """Name the answer to a first prompt by everything it depends on, wherever the model is."""
    return canonical_hash(
        {
            "facts": prompt.facts_hash,
            "prompt": PROMPT_VERSION,
            "schema": canonical_hash(answer_schema()),
            "model": model,
            "tokens": ANSWER_MAX_TOKENS,
        }
    )


def json_in(text: str, names: Container[str]) -> str:
    """Return the last object in a text that is an answer, by its names and with no other ones.

    Models put words, a fence, another object or a draft around it, break lines within it, write
    `null` for nothing and a comma after the last one.
    """
    text = _BREAKS.sub(" ", text)
    begin = text.find("{")
    end = text.rfind("}")
    whole = text[begin : end + 1] if 0 <= begin < end else text
    return _answer_in(text, names) or _answer_in(_LAST_COMMA.sub(r"\1", whole), names) or whole


def _answer_in(text: str, names: Container[str]) -> str:
    found = ""
    at = text.find("{")
    for _ in range(OBJECTS_TRIED_MAX):
        if at < 0:
            break
        with suppress(ValueError, RecursionError):
            read, end = _DECODER.raw_decode(text, at)
            answer = {name: read[name] for name in read if name in names}
            if answer:
                found = json.dumps(_without_nulls(answer))
                at = end - 1
        at = text.find("{", at + 1)
    return found


def _without_nulls(read: Any) -> Any:
    """Leave out what is null, at any depth: it says what nothing says."""
    if isinstance(read, list):
        return [_without_nulls(one) for one in read if one is not None]
    if isinstance(read, dict):
        return {name: _without_nulls(one) for name, one in read.items() if one is not None}
    return read


_DECODER = json.JSONDecoder(strict=False)
_BREAKS = re.compile(r"[\t\r\n]+")
"""As they are, not escaped: between values they mean nothing, and within a text a space."""
_LAST_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[\]}])', re.DOTALL)
"""With the texts that it is not looked for in."""


def declined(reason: str) -> str:
    shortened = " ".join(reason.split())[:200]
    return (
        f"The model refused to answer: {shortened}" if shortened else "The model refused to answer."
    )
