"""One conversation with a model: what is asked, what came back, what is asked again, how it ended.

A `Question` goes through a `ModelChannel` and comes back as a `Reply` or a `Failure`. The
`Conversation` takes that in, and either has the changes of the ticket, or its next question, or an
end without changes, where the template's ticket stays. About a ticket there is at most one request,
two repairs of the form, one second request about changes that do not hold, and two shorter prompts:
six that were answered or refused for their content.

Belongs here: questions, replies, failures, the channel they go through; recording each request
before it is sent and after its answer; reading answers, repairs, shorter prompts. Does not: the
packages that talk to models (`model_calls`, imported when something is asked: it takes seconds, and
the extra `llm`), asking and waiting (`asking_step`), the words of the request
(`completion/prompt`), which changes hold (`completion/checking`), prices (`writing/cost_estimate`),
adding up and refusing (`store/writing_record`: other processes ask about the session too).
"""

import json
import re
from collections.abc import Awaitable, Callable, Container
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, Self, TypeAlias

from pydantic import BaseModel, SecretStr, ValidationError
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
from jira_pipeline.writing.answer_form import AnswerForm
from jira_pipeline.writing.completion.prompt import Prompt, TicketToComplete, tokens_of
from jira_pipeline.writing.models.advice import Advice
from jira_pipeline.writing.models.request_form import RequestForm
from jira_pipeline.writing.whole.request import WHOLE_FORM

CHARACTERS_A_TOKEN_LEAST = 2
"""For an upper bound of tokens: the sheets measured have 2.8 to 4.4 characters a token
(`cost_estimate`); other scripts have fewer."""
CHARACTERS_A_TOKEN_MOST = 7
"""For a lower bound. Of a prompt that exceeds its window Ollama keeps half a window, so that one
that it cut shows 7.3 and more. Source: ollama/ollama, issues 17427 and 17889, August 2026.
"""
_REPEATED = re.compile(r"(.)\1+", re.DOTALL)
"""A run of one character, which counts as one: a whole line of dashes may be one token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """Which model is asked, where, and for how long."""

    model: str
    """As in WRITER_MODEL: `openai:NAME`, `anthropic:NAME`, or a NAME that `base_url` serves."""
    base_url: str | None
    """The address of the server; None is the provider's own."""
    api_key: SecretStr | None
    timeout_seconds: float
    """The most for one request, from sending it to the last byte of the answer."""
    query: str = ""
    """What every request has after its path, such as `api-version=2024-10-21`; else empty."""

    @property
    def provider(self) -> str:
        """Return `openai` or `anthropic`; empty for a compatible server."""
        return provider_and_name(self.model)[0]

    @property
    def name(self) -> str:
        """Return the name by which its server knows it."""
        return provider_and_name(self.model)[1]


def provider_and_name(model: str) -> tuple[str, str]:
    """Split `openai:name` in two; of another name, such as `qwen3:8b`, the provider is empty."""
    provider, _, name = model.partition(":")
    return (provider, name) if model.startswith(PROVIDERS) else ("", model)


def answer_schema() -> dict[str, object]:
    """Return the JSON schema of an answer about a ticket of sheets."""
    return WHOLE_FORM.schema


ANSWER_MAX_TOKENS = 8_000
"""An answer of the largest ticket has some 2,000; models that think first need the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRoom:
    """How long a model may answer, and how much it shall think."""

    tokens: int = ANSWER_MAX_TOKENS
    effort: str = ""
    """As WRITER_EFFORT; empty leaves it to the model."""


USUAL_ROOM = AnswerRoom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request to a model: instructions, what is asked, and the last answer to it."""

    instructions: str
    context: str = ""
    """Sent before the request and the same for many questions: a provider's cache makes it cheaper."""
    request: str
    answered: str = ""
    """The model's last answer, sent back to it; empty at first."""
    complaint: str = ""
    """What was wrong with the last answer; empty at first."""
    answer_tokens_max: int = ANSWER_MAX_TOKENS
    effort: str = ""
    """How much the model shall think, as WRITER_EFFORT; empty leaves it to the model."""
    schema: dict[str, object] | None = field(default_factory=answer_schema)
    """The JSON schema of the answer; None where prose is wanted."""

    @property
    def tokens_most(self) -> int:
        """Return more tokens than it has in any tokenizer."""
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
    """Why a model stopped writing."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    """It reached the most tokens that an answer may have."""
    REFUSED = "refused"
    """The model or a filter refused the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedTokens:
    """The tokens of a request that have another price, as the provider's cache has a part in them."""

    read: int = 0
    """Held by the cache already."""
    written: int = 0
    """Stored in the cache by this request."""


NOTHING_CACHED = CachedTokens()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a model answered."""

    text: str
    """The answer; where it is a refusal, the reason, which may be empty."""
    end: ReplyEnd
    tokens_in: int
    """All tokens of the request, cached ones included; 0 where the server counts none."""
    tokens_out: int
    cached: CachedTokens = NOTHING_CACHED


class FailureKind(StrEnum):
    """Why there is no reply, with the outcome of the request and the error of a run that gives up."""

    outcome: RequestOutcome
    error: type[WriterError] | None
    """What a run ends with where this lasts; None where another question may be answered."""

    def __new__(cls, value: str, outcome: RequestOutcome, error: type[WriterError] | None) -> Self:
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.outcome = outcome
        kind.error = error
        return kind

    THROTTLED = "throttled", RequestOutcome.RATE_LIMITED, WriterUnavailableError
    """Too many requests, or too much load: fewer at once, later."""
    UNREACHABLE = "unreachable", RequestOutcome.FAILED, WriterUnavailableError
    """There was no connection to the service, and nothing was sent."""
    UNAVAILABLE = "unavailable", RequestOutcome.FAILED, WriterUnavailableError
    """The service was reached, and says that it fails."""
    UNREADABLE = "unreadable", RequestOutcome.UNSEEN, WriterUnavailableError
    """An answer arrived in part, too late, or as no JSON; it may have been paid for."""
    UNUSABLE = "unusable", RequestOutcome.UNSEEN, None
    """A whole answer arrived that nobody can use: too large, or of an unknown form."""
    TOO_LONG = "too_long", RequestOutcome.TOO_LONG, None
    """The request is more than the model can read."""
    CUT = "cut", RequestOutcome.TOO_LONG, WriterContextError
    """The server left out a part of the question and answered the rest."""
    REFUSED = "refused", RequestOutcome.REFUSED, None
    """A filter refused what was asked."""
    FORM_REFUSED = "form_refused", RequestOutcome.FAILED, None
    """The service refuses a part of the request's form; the next request leaves it out."""
    ELSEWHERE = "elsewhere", RequestOutcome.FAILED, WriterAccessError
    """Something else answered than the service: a redirect, or a web page."""
    REJECTED = "rejected", RequestOutcome.FAILED, WriterAccessError
    """The service does not take a request like this."""
    NO_ACCESS = "no_access", RequestOutcome.FAILED, WriterAccessError
    """The key is missing or wrong, or may not use the model."""
    UNKNOWN_MODEL = "unknown_model", RequestOutcome.FAILED, WriterAccessError
    """The server has no model of that name, or the address is wrong."""
    NO_CREDIT = "no_credit", RequestOutcome.FAILED, WriterQuotaError
    """The account has no credit or quota left; waiting does not help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no reply, in words that hold no credentials."""

    kind: FailureKind
    reason: str
    """One sentence."""
    wait_seconds: float | None = None
    """How long the service asked to wait; None where it did not."""
    advice: Advice | None = None
    """What a person can change; None: what its kind says."""
    may_be_paid: bool = False
    """The model may have answered all the same: a gateway in between failed afterwards."""

    @property
    def outcome(self) -> RequestOutcome:
        """Return what its request counts as."""
        is_unseen = self.may_be_paid and self.kind.outcome is RequestOutcome.FAILED
        return RequestOutcome.UNSEEN if is_unseen else self.kind.outcome


def cut_prompt_failure(question: Question, reply: Reply, *, tokens_read: int = 0) -> Failure | None:
    """Return a failure where a server answered only a part of a question; None otherwise.

    Its count of tokens shows it: fewer than the question has in any tokenizer. `tokens_read` is the
    most that the server counted of a question before.
    """
    if not reply.tokens_in:  # the server counts no tokens
        return None
    # Some servers count cached tokens apart.
    counted = reply.tokens_in + reply.cached.read + reply.cached.written
    # The cheap bound first: `tokens_least` reads the whole question.
    if counted >= sum(map(len, question.texts)) // CHARACTERS_A_TOKEN_MOST:
        return None
    tokens_least = question.tokens_least
    # It read as many before: then a cache that it does not tell of held the rest.
    if max(counted, tokens_read) >= tokens_least:
        return None
    return Failure(
        kind=FailureKind.CUT,
        reason=(
            f"It counted {counted:,} tokens of a prompt that has {tokens_least:,} at least: "
            "its context window is smaller, and it left out the rest without saying so."
        ),
    )


class ModelChannel(Protocol):
    """Carries questions to one model."""

    async def ask(self, question: Question) -> Reply | Failure:
        """Send a question once."""


class FormMemory(Protocol):
    """Remembers the form of requests that one server takes for one model."""

    def recall(self) -> RequestForm:
        """Return the form that it takes, as far as it refused something lately."""

    def keep(self, form: RequestForm) -> None:
        """Keep a form in which a request was answered."""

    def forget(self) -> None:
        """Forget what it refused: the next request is in the usual form."""


class PriceOf(Protocol):
    """Computes what one request to a certain model costs."""

    def __call__(
        self, *, tokens_in: int, tokens_out: int, cached: CachedTokens = NOTHING_CACHED
    ) -> Decimal | None:
        """Return US dollars; None where nobody knows the price."""


OpenChannel: TypeAlias = Callable[[], AbstractAsyncContextManager[ModelChannel]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterClock:
    """Time and chance as functions, so that tests can replace them."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    """Seconds since some moment, for durations."""
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]
    """A number between 0 and 1, evenly distributed."""


SHOWN_WAIT_SECONDS = 5.0
"""A shorter wait is over before anybody wonders."""
ANSWER_GRACE_SECONDS = 20.0
"""How long an interrupted step waits for answers under way: most take 5 to 45 s (`cost_estimate`), and
Kubernetes kills a container 30 s after asking it to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTools:
    """One model, how to reach it, and the limits of what a session may ask of it."""

    model: str
    """As WRITER_MODEL names it."""
    open_channel: OpenChannel
    """It raises a `WriterError` where packages or a key are missing."""
    record: WritingRecord
    """The requests and answers in the store, those of other processes among them."""
    clock: WriterClock
    price_of: PriceOf
    limits: WritingLimits
    concurrency_max: int
    grace_seconds: float = ANSWER_GRACE_SECONDS
    forget_form: Callable[[], None] = lambda: None
    """Forget what the server refused of the form of requests, so that it is found out again."""
    show_wait: Callable[[str, str, float], None] = lambda _session_key, _what, _seconds: None
    """Gets a longer wait of a session: what it is for, as text, and the seconds."""

    def begin(self, question: Question, *, session_key: str, group_key: str) -> int | SpendingLimit:
        """Record that a question is about to be sent, with the most it can cost.

        Return the id of the request, or the limit that leaves no room for it.
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
        """Record the outcome and the cost of a request that was begun.

        A request that is interrupted has no such record, and so counts with the most it can cost.
        One whose answer nobody saw, but which may be paid for, does, too. Where a server counts no
        tokens, they are estimated.
        """
        tokens_in = 0
        tokens_out = 0
        if isinstance(received, Reply):
            tokens_in = received.tokens_in or sum(map(tokens_of, question.texts))
            tokens_out = received.tokens_out or tokens_of(received.text)
            cost_usd = self.price_of(
                tokens_in=tokens_in, tokens_out=tokens_out, cached=received.cached
            )
        elif received.may_be_paid:
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


LEAST_EFFORT = "low"
"""Of a model that thought until there was no room: the one word for it that all services take."""
THOUGHTS_ALONE = "The model used up its room with thoughts, and wrote no answer, again and again."
PING_QUESTION = Question(
    instructions="You are asked whether you can be reached.",
    request="Answer with the word yes.",
    answer_tokens_max=256,
    schema=None,
)
"""The smallest question that needs every part. Models that think first refuse fewer tokens."""
TRUNCATED_FACTOR = 2
"""How many times the tokens an answer may have after one that was cut off."""
REPAIRS_MAX = 2
SHORTENINGS_MAX = 2
FAULTS_NAMED_MAX = 10
"""How many faults of an answer the model is told."""
OBJECTS_TRIED_MAX = 500
"""A bound on what a broken model can send: 500 open braces alone take a tenth of a second."""


@dataclass(kw_only=True)
class Conversation:
    """A question until it is answered, or until no answer can be expected."""

    question: Question
    """The next one to ask; `take` changes it."""
    group_key: str = NO_GROUP
    """The group of the ticket that it is about, if it is about one."""
    end: RequestOutcome | None = None
    """How it ended: answered, refused, or why there is no usable answer; None before the end."""
    form: AnswerForm[Any] = WHOLE_FORM
    """What the model is asked for."""
    answer: BaseModel | None = None
    """What the model answered; before the end, some of it does not hold yet."""
    reason: str = ""
    """What was wrong with the last answer, or why there is none: for people."""
    repairs: int = 0
    """How many answers did not fit the schema, or were cut off."""
    advice: Advice | None = None
    """What a person can change about `reason`; None where that is not known."""
    failure: Failure | None = None
    """Why the last request had no reply; None where it had one."""
    tries: int = 0
    """How often in a row the service failed at this question."""
    answer_tokens_first: int = 0
    """The room of the first answer, by which that of later ones is measured."""

    def __post_init__(self) -> None:
        """Note the room of the first answer."""
        self.answer_tokens_first = self.question.answer_tokens_max

    def give_up(self, reason: str) -> None:
        """End without an answer, where the service answers other questions and fails at this one."""
        self.failure = None
        self.end = RequestOutcome.UNSEEN
        self.reason = reason
        if self.answer is not None:
            self.end = RequestOutcome.ANSWERED

    def take(self, received: Reply | Failure, *, tokens_read: int = 0) -> RequestOutcome:
        """Take in a reply or failure, and return what its request counts as.

        Afterwards the conversation is at its end, or `question` is what to ask next. That is the
        same question after a failure of the service. `tokens_read` is the most tokens that the
        server counted of a question before.
        """
        is_repair = self.answer is not None
        if isinstance(received, Reply):
            received = (
                cut_prompt_failure(self.question, received, tokens_read=tokens_read) or received
            )
        if isinstance(received, Reply):
            self.failure = None
            self.tries = 0
            outcome = self._read(received)
        else:
            kind = received.kind
            reason = received.reason
            outcome = received.outcome
            self.failure = received
            self.tries = 0 if kind.error is None else self.tries + 1
            if kind is FailureKind.TOO_LONG:
                self._shorten(reason)
            elif kind is FailureKind.UNUSABLE:
                self._repair(self.question.complaint, reason=reason)
            elif kind is FailureKind.REFUSED:
                self._end(outcome, refusal_text(reason))
            elif kind is FailureKind.REJECTED:
                self.advice = received.advice
                self._end(outcome, f"The service did not take the request: {reason}")
            else:
                return outcome
        if is_repair:
            # One second request is all there is: what it did not repair is left out of the ticket.
            self.end = RequestOutcome.ANSWERED
        return outcome

    def _read(self, reply: Reply) -> RequestOutcome:
        """Take in a reply: prose as it is, changes where they fit the schema."""
        if reply.end is ReplyEnd.REFUSED:
            return self._end(RequestOutcome.REFUSED, refusal_text(reply.text))
        if self.question.schema is None:
            return self._end(RequestOutcome.ANSWERED)
        self.question = replace(self.question, answered=reply.text)
        is_blank = not reply.text.strip()
        if reply.end is ReplyEnd.TRUNCATED:
            # Half an answer is not shown to the model again.
            room = self.answer_tokens_first * TRUNCATED_FACTOR
            self.question = replace(self.question, answered="", answer_tokens_max=room)
            if is_blank:
                self.question = replace(self.question, effort=LEAST_EFFORT)
                self.advice = Advice.THOUGHTS
                return self._repair(
                    "You thought until your room was used up, and wrote no answer. "
                    "Write the answer now.",
                    reason=THOUGHTS_ALONE,
                )
            return self._repair(
                "Your answer was cut off. Write the whole answer again, and write less.",
                reason="The model's answer was longer than it may be, again and again.",
            )
        if is_blank:
            return self._repair(
                "You answered nothing. Write the answer as one JSON object.",
                reason="This model answers with nothing.",
            )
        try:
            model = self.form.model
            answer = model.model_validate_json(json_in(reply.text, model.model_fields))
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
        return self._judge(answer)

    def _repair(self, complaint: str, *, reason: str) -> RequestOutcome:
        """Ask again and say what was wrong; after `REPAIRS_MAX` times, end without an answer."""
        self.repairs += 1
        self.reason = reason
        self.question = replace(self.question, complaint=complaint)
        if self.repairs > REPAIRS_MAX:
            self.end = RequestOutcome.INVALID
        return RequestOutcome.INVALID

    def _judge(self, answer: BaseModel) -> RequestOutcome:
        """End with an answer that fits the schema."""
        self.answer = answer
        return self._end(RequestOutcome.ANSWERED)

    def _shorten(self, reason: str) -> None:
        """End, as there is nothing to leave out of the question."""
        self._end(RequestOutcome.TOO_LONG, reason)

    def _end(self, end: RequestOutcome, reason: str = "") -> RequestOutcome:
        """End the conversation; without a reason, the one of the last answer stays."""
        self.end = end
        if reason:
            self.reason = reason
        return end


@dataclass(kw_only=True)
class TicketConversation(Conversation):
    """A conversation about one ticket."""

    ticket: TicketToComplete
    prompt: Prompt
    answer_key: str
    """The key of a usable answer in the store: a hash of all that the answer depends on."""
    shortenings: int = 0

    @override
    def _judge(self, answer: BaseModel) -> RequestOutcome:
        """Ask once more about what does not hold; then it is left out of the ticket."""
        if self.answer is not None:  # this is the second answer
            return super()._judge(self.form.joined(self.answer, answer, self.ticket))
        complaint = self.form.complaint_about(answer, self.ticket)
        if complaint:
            self.answer = answer
            self.question = replace(self.question, complaint=complaint)
            return RequestOutcome.UNFOUNDED
        return super()._judge(answer)

    @override
    def _shorten(self, reason: str) -> None:
        """Ask again with half as many rows, twice at most, while that makes the prompt shorter."""
        self.shortenings += 1
        rule = replace(self.prompt.rule, context_tokens=tokens_of(self.prompt.context) // 2)
        shorter = self.form.prompt_of(self.ticket, rule)
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


def answer_key_of(
    prompt: Prompt, *, model: str, effort: str = "", form: AnswerForm[Any] = WHOLE_FORM
) -> str:
    """Return the key of the answer to a first prompt: a hash of all that the answer depends on.

    The address of the server is not among it: a model is the same wherever it is served. Nor is the
    room for the answer: an answer that arrived whole had enough.
    """
    key: dict[str, object] = {
        "facts": prompt.facts_hash,
        "prompt": form.version,
        "schema": canonical_hash(form.schema),
        "model": model,
        "tokens": ANSWER_MAX_TOKENS,
    }
    if effort:
        key["effort"] = effort
    return canonical_hash(key)


def json_in(text: str, names: Container[str]) -> str:
    """Return the last JSON object in a text that has any of these names, with these names alone.

    Models put words, a code fence, another object or a draft around it, break lines inside texts,
    write `null` for a value that is not there, and a comma after the last value. Where no object
    has any of the names, the text from the first brace to the last one is returned.
    """
    text = _BREAKS.sub(" ", text)
    begin = text.find("{")
    end = text.rfind("}")
    whole = text[begin : end + 1] if 0 <= begin < end else text
    return _answer_in(text, names) or _answer_in(_LAST_COMMA.sub(r"\1", whole), names) or whole


def _answer_in(text: str, names: Container[str]) -> str:
    """Return the last readable object with any of the names, as JSON; empty where there is none."""
    last_answer = ""
    at = text.find("{")
    for _ in range(OBJECTS_TRIED_MAX):
        if at < 0:
            break
        with suppress(ValueError, RecursionError):
            decoded, end = _DECODER.raw_decode(text, at)
            answer = {name: decoded[name] for name in decoded if name in names}
            if answer:
                last_answer = json.dumps(_without_nulls(answer))
                at = end - 1  # objects inside this one are no answers
        at = text.find("{", at + 1)
    return last_answer


def _without_nulls(value: Any) -> Any:
    """Return a JSON value without nulls, at any depth: they mean the same as no value."""
    if isinstance(value, list):
        return [_without_nulls(part) for part in value if part is not None]
    if isinstance(value, dict):
        return {name: _without_nulls(part) for name, part in value.items() if part is not None}
    return value


_DECODER = json.JSONDecoder(strict=False)
_BREAKS = re.compile(r"[\t\r\n]+")
"""Real line breaks, not escaped ones: between values they mean nothing, within a text a space."""
_LAST_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|,(?=\s*[\]}])', re.DOTALL)
r"""A comma before a closing bracket; texts match as group 1, so that commas in them stay.

A text without an end reaches to the end of all, and what matched is not tried again in parts: else
an answer of escaped quotes (`"\"\"\"…`) takes time by the square of its length.
"""


def refusal_text(reason: str) -> str:
    """Return the sentence for people about a refusal, with the model's reason if it gave one."""
    shortened = " ".join(reason.split())[:200]
    return (
        f"The model refused to answer: {shortened}" if shortened else "The model refused to answer."
    )
