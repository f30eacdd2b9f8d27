"""Talks to models: the one place that imports pydantic-ai and the packages of the providers.

In: a `Question`. Out: the model's `Reply`, or a `Failure` that says why there is none and whether
asking again may help. No error of the packages gets out.

Belongs here: connections, one request at a time, every foreign error translated. Does not: asking
again and waiting (`asking_step`), what a reply is worth (`conversation`).
It is imported only when something is to be asked: that takes seconds, and the extra `llm`.
"""

import logging
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Literal

import anthropic
import httpx2
import openai
from pydantic_ai import exceptions as foreign
from pydantic_ai.direct import model_request
from pydantic_ai.messages import (
    CachePoint,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserContent,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings

from jira_pipeline.writing.models.bounded_answers import READ_ENCODINGS, UnusableAnswerError
from jira_pipeline.writing.models.conversation import (
    ANSWER_MAX_TOKENS,
    CachedTokens,
    Failure,
    FailureKind,
    ModelChoice,
    Question,
    Reply,
    ReplyEnd,
)
from jira_pipeline.writing.models.redacted_key import KeyRedaction
from jira_pipeline.writing.models.server_answers import (
    UNKNOWN_FORM_ERRORS,
    ServerClient,
    message_in,
    words_in,
)

logger = logging.getLogger(__name__)

OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com"
CONNECT_TIMEOUT_SECONDS = 10.0
REASON_MAX_CHARACTERS = 300
NO_KEY = "none"
"""A private server asks for no key, but the openai package insists on one."""
OUR_HEADERS = frozenset(  # with OUR_HEADER_STARTS, all that a server of another address gets
    {"authorization", "connection", "host", "transfer-encoding", "user-agent", "x-api-key"}
)
OUR_HEADER_STARTS = ("accept", "anthropic-", "content-", "x-stainless-")
_LEAST_ERROR_STATUS = 400
_EXCEEDS = (
    r"(?:exceed|too (?:long|large|big)|(?:longer|larger|greater|more) than|up to \d"
    r"|must (?:be <=|have (?:less|fewer)))"
)
_WINDOW = (
    r"exceed_context|context_(?:length|window)_exceeded|ContextWindowExceeded"
    r"|context\W+(?:size|length|window|limit)|tokens?_limit_(?:reached|exceeded)"
)
_TOO_LONG = (
    r"reduce the (?:length|size|number)|range of input length|too many (?:input |prompt )?tokens"
    r"|(?:request|messages)(?: body| length| is| are)* too (?:long|large|big)"
    r"|maximum (?:prompt|input)[ \w]{0,20} length"
    rf"|\b(?:prompt|input|sequence)s?\b[^.;]{{0,80}}{_EXCEEDS}"
    rf"|\b(?:request|requested|message|total)s?\b[^.;]{{0,80}}{_EXCEEDS}[^.;]{{0,60}}(?:token|context)"
)
"""That the request is too long, in the words of some thirty servers, which the test has.

Not that `max_tokens` is too large. pydantic-ai itself knows two phrases and one code of servers that
speak OpenAI's protocol; tried with 2.68.
"""
_SCHEMA = r"grammar|response_?format|json_?schema|output_(?:config|format)"
_BUDGET = (
    r"(?<!thinking.)budget(?!_tokens)[^.;]{0,40}(?:exceed|exhaust|reached|crossed|used up)"
    r"|(?:exceed|exhaust|reached|crossed|over)[^.;]{0,25}(?<!thinking.)budget(?!_tokens)"
    r"|(?:spend(?:ing)?|usage|credit|cost)[\W_]?(?:limit|cap|threshold)|extra usage"
    r"|insufficient[\W_]?(?:quota|balance|credit|fund)|credit[\W_]?balance|key limit exceeded"
    r"|(?:credit|free (?:tier|quota))s?\b[^.;]{0,40}(?:exhaust|deplet|expire|used up)"
    r"|billing_(?:hard|not)|arrear|good standing|PerDayPer"
)
"""That nothing is left to spend, in the words of LiteLLM, OpenAI, Anthropic, OpenRouter, xAI,
DashScope, Gemini and Ollama's cloud."""
_FILTERED = r"content.?(?:filter|management|policy)|ResponsibleAI|data_inspection|flagged"
_REFUSING = frozenset(range(400, 500)) - {401, 402, 403, 404}
"""Statuses of a refused request; the four others never mean its size or its words."""
_FAILING = frozenset(range(500, 600))
"""Statuses of a server that fails."""
_PERIOD = r"(?:(\d{1,9}(?:\.\d{1,9})?) ?(ms|milli|[dhms])[a-z]* ?)"
_WAIT = (
    r"(?:retry|try|wait|again|reset)\w*\W{1,4}"
    rf"(?:(?:again|in|after|for|about|another) )*({_PERIOD}+)"
)
"""How long to wait, such as `Please retry in 34s.`; words of Gemini, Groq, Azure, GitHub."""
KINDS_BY_WORDS: tuple[tuple[frozenset[int], str, FailureKind], ...] = (
    (frozenset({413}), "", FailureKind.TOO_LONG),
    # More than a minute's limit takes, so waiting does not help (OpenAI, Groq).
    (frozenset({429}), "request too large|must be reduced", FailureKind.TOO_LONG),
    # Whatever the status: LiteLLM has 400, 401 and 429 for it, Anthropic 400, OpenRouter 403.
    (frozenset(range(400, 600)), _BUDGET, FailureKind.NO_CREDIT),
    (frozenset({403}), r"quota[^.;]{0,40}exceed", FailureKind.NO_CREDIT),  # Azure API Management
    (frozenset({429}), _WAIT, FailureKind.THROTTLED),
    # The limit of a day, where nothing says how much of it is left (Bedrock, Cerebras).
    (frozenset({429}), r"(?:per|a)\W?day\b|daily|current quota", FailureKind.NO_CREDIT),
    ((_REFUSING - {429}) | _FAILING, _WINDOW, FailureKind.TOO_LONG),
    # A schema that they cannot use, or that is too large for them: Anthropic, llama.cpp, vLLM.
    (_FAILING, _SCHEMA, FailureKind.REJECTED),
    (_REFUSING - {429}, rf"{_SCHEMA}|\bschemas?\b|structured.?output", FailureKind.REJECTED),
    ((_REFUSING - {429}) | _FAILING, _TOO_LONG, FailureKind.TOO_LONG),
    (_REFUSING, _FILTERED, FailureKind.REFUSED),
)
"""The kind of a failure by status and words anywhere in the body; the first that fits counts."""
_END_OF_THOUGHTS = re.compile(
    r"\A.*(?:(?:</|\[/|\u25c1/)\W?(?:\w+:)?(?:think(?:ing)?|thoughts?|reasoning)\W?[>\]\u25b7]"
    r"|<\|?end_of_thought\|?>|<unused95>|<\|?channel\|?>\W*final\W*<\|?message\|?>|<channel\|>)",
    re.DOTALL | re.IGNORECASE,
)
"""Everything up to the mark that ends a model's thoughts, where its server leaves them in the text.

The mark that begins them may be missing, as it was in the prompt: DeepSeek-R1, QwQ, Qwen3-Thinking.
Also of Magistral, Kimi, gpt-oss and Gemma.
"""
CHARACTERS_A_TOKEN_ANSWERED = 8
"""More than answers have, which are words and JSON; a run of blanks may be one token."""
GATEWAY_GAVE_UP = frozenset({502, 504, 524})
"""Statuses of a gateway that had passed the request on: nginx, cloud balancers, Cloudflare."""
OVERLOADED = frozenset({503, 529})
"""Statuses of a service that did not begin."""
WAIT_MAX_SECONDS = 10.0**8
"""Three years: what a server asks for beyond it, no clock can add up."""
RETRIED_STATUSES = frozenset({408, 409, 425})
"""Statuses that mean "try again", which neither package knows."""

SENT_PHASES = frozenset({"write", "read"})
"""httpx2's phases in which a connection broke after something was sent."""
UNSENT_PHASES = frozenset({"pool", "connect"})
"""Phases before anything was sent: there was no connection, or none in time."""

KINDS_BY_ERROR: tuple[tuple[type[foreign.AgentRunError], FailureKind], ...] = (
    (foreign.ModelQuotaExceededError, FailureKind.NO_CREDIT),
    (foreign.ModelRateLimitError, FailureKind.THROTTLED),
    (foreign.ModelOverloadedError, FailureKind.THROTTLED),
    (foreign.ModelUnavailableError, FailureKind.UNAVAILABLE),
    (foreign.ModelServerError, FailureKind.UNAVAILABLE),
    (foreign.ModelTimeoutError, FailureKind.UNREADABLE),
    (foreign.ModelConnectionError, FailureKind.UNREACHABLE),
    (foreign.ModelRequestTimeout, FailureKind.UNREADABLE),
    (foreign.ModelContextWindowExceededError, FailureKind.TOO_LONG),
    (foreign.ModelAuthenticationError, FailureKind.NO_ACCESS),
    (foreign.ModelNotFoundError, FailureKind.UNKNOWN_MODEL),
    (foreign.ModelRequestRejectedError, FailureKind.REJECTED),
    (foreign.ContentFilterError, FailureKind.REFUSED),
    (foreign.UnexpectedModelBehavior, FailureKind.UNREADABLE),
)
"""The kind of a failure by pydantic-ai's error, where no words say more; the first that fits counts."""

_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "milli": 0.001}


class PydanticAiChannel:
    """One model, called through pydantic-ai."""

    def __init__(
        self,
        model: Model,
        *,
        timeout_seconds: float,
        api_key: str = "",
        has_cache: bool = False,
        is_behind_gateway: bool = False,
    ) -> None:
        """Store the model, whose client must not try again by itself.

        `has_cache` says that the provider keeps parts of requests; `api_key` is redacted in texts.
        `is_behind_gateway` says that the address is not the provider's own.
        """
        self._is_behind_gateway = is_behind_gateway
        self._model = model
        self._has_cache = has_cache
        self._timeout_seconds = timeout_seconds
        self._key = KeyRedaction(api_key)
        self._has_schemas = bool(model.profile.get("supports_json_schema_output"))
        self._takes_schema = self._has_schemas
        self._has_answered = False

    async def ask(self, question: Question) -> Reply | Failure:
        """Send a question once.

        Some servers take no schema. Where a request with one is rejected before any was answered,
        that is told as `SCHEMA_REFUSED`, and from then on schemas are described in words.
        """
        with_schema = question.schema is not None and self._takes_schema
        answer = await self._request(question, takes_schema=with_schema)
        if isinstance(answer, Reply):
            self._has_answered = True
        elif answer.kind is FailureKind.REJECTED and not self._has_answered:
            if with_schema:
                self._takes_schema = False
                return replace(answer, kind=FailureKind.SCHEMA_REFUSED)
            # It is rejected without a schema, too, so the schema was not the reason.
            self._takes_schema = self._has_schemas
        return answer

    async def _request(self, question: Question, *, takes_schema: bool) -> Reply | Failure:
        """Send a question, its schema as one or in words, and translate what comes back."""
        messages = messages_of(question, has_cache=self._has_cache)
        # A `timeout` here would undo the one of the client for connecting.
        settings = ModelSettings(
            max_tokens=question.answer_tokens_max,
            request_timeout=self._timeout_seconds,
            framing_announcement="never",
        )
        parameters = ModelRequestParameters()
        if question.schema is not None:
            schema = OutputObjectDefinition(json_schema=question.schema, name="ticket", strict=True)
            mode: Literal["native", "prompted"] = "native" if takes_schema else "prompted"
            parameters = ModelRequestParameters(output_mode=mode, output_object=schema)
        try:
            response = await model_request(
                self._model, messages, model_settings=settings, model_request_parameters=parameters
            )
            reply = reply_of(response, tokens_max=question.answer_tokens_max)
        except foreign.AgentRunError as error:
            return failure_of(error, self._key, is_behind_gateway=self._is_behind_gateway)
        except UNKNOWN_FORM_ERRORS:
            logger.debug("An answer could not be read", exc_info=True)
            return Failure(
                kind=FailureKind.UNUSABLE,
                reason="The answer has a form that this program does not know.",
                may_be_paid=True,
            )
        return replace(reply, text=self._key.redacted(reply.text))


@asynccontextmanager
async def open_channel(
    choice: ModelChoice, *, connect_seconds: float = CONNECT_TIMEOUT_SECONDS
) -> AsyncIterator[PydanticAiChannel]:
    """Open the connections to a model and close them at the end.

    Redirects are not followed: one would carry the key to another server.
    """
    timeout = httpx2.Timeout(choice.timeout_seconds, connect=connect_seconds)
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    key = choice.api_key.get_secret_value() if choice.api_key is not None else ""
    async with ServerClient(
        timeout=timeout,
        limits=limits,
        follow_redirects=False,
        headers={"accept-encoding": READ_ENCODINGS},
    ) as client:
        if choice.base_url is not None:
            client.event_hooks = {"request": [_drop_headers_of_packages]}
        yield PydanticAiChannel(
            _model_of(choice, key=key, client=client),
            timeout_seconds=choice.timeout_seconds,
            api_key=key,
            has_cache=bool(choice.provider),
            is_behind_gateway=choice.base_url is not None,
        )


async def _drop_headers_of_packages(request: httpx2.Request) -> None:
    """Delete the headers that the packages take from environment variables.

    `OPENAI_CUSTOM_HEADERS` and its like may hold credentials of the provider's account; a server at
    another address gets WRITER_API_KEY and nothing else.
    """
    for name in list(request.headers):
        if name.lower() not in OUR_HEADERS and not name.lower().startswith(OUR_HEADER_STARTS):
            del request.headers[name]


def _model_of(choice: ModelChoice, *, key: str, client: httpx2.AsyncClient) -> Model:
    """Make the model with address and key of the choice: the packages would read the environment."""
    if choice.provider == "anthropic":
        anthropic_client = anthropic.AsyncAnthropic(
            api_key=key or NO_KEY,
            base_url=choice.base_url or ANTHROPIC_URL,
            max_retries=0,
            http_client=client,
        )
        provider = AnthropicProvider(anthropic_client=anthropic_client)
        return AnthropicModel(choice.name, provider=provider)
    openai_client = openai.AsyncOpenAI(
        api_key=key or NO_KEY,
        base_url=choice.base_url or OPENAI_URL,
        max_retries=0,
        http_client=client,
    )
    if choice.provider == "openai":
        return OpenAIChatModel(choice.name, provider=OpenAIProvider(openai_client=openai_client))
    return OpenAIChatModel(
        choice.name,
        provider=OpenAICompatibleProvider("compatible", openai_client=openai_client),
        profile=OpenAIModelProfile(
            openai_chat_supports_max_completion_tokens=False, supports_json_object_output=False
        ),
    )


def messages_of(question: Question, *, has_cache: bool = True) -> list[ModelMessage]:
    """Return a question as messages: the request, then the last answer and what was wrong with it.

    Without a last answer the complaint follows the request, as services refuse empty messages.
    Where the provider has a cache, a mark in the first message says up to where to keep it.
    """
    request = question.request
    if question.complaint and not question.answered:
        request = f"{question.request}\n\n{question.complaint}"
    content: str | list[UserContent] = request
    if question.context:
        parts: list[UserContent] = [question.context, CachePoint(), request]
        content = parts if has_cache else f"{question.context}\n\n{request}"
    first = ModelRequest(
        parts=[UserPromptPart(content=content)], instructions=question.instructions or None
    )
    if not (question.complaint and question.answered):
        return [first]
    return [
        first,
        ModelResponse(parts=[TextPart(content=question.answered)]),
        ModelRequest(
            parts=[UserPromptPart(content=question.complaint)],
            instructions=question.instructions or None,
        ),
    ]


def reply_of(response: ModelResponse, *, tokens_max: int = ANSWER_MAX_TOKENS) -> Reply:
    """Return what a model answered, without the thoughts in its text.

    What is longer than `tokens_max` tokens can be counts as cut off there.
    """
    texts: list[Any] = [part.content for part in response.parts if isinstance(part, TextPart)]
    text = "".join(filter(None, texts))
    end = ReplyEnd.COMPLETE
    if response.finish_reason == "content_filter":
        end = ReplyEnd.REFUSED
        text = text or str((response.provider_details or {}).get("refusal", ""))
    elif response.finish_reason == "length":
        end = ReplyEnd.TRUNCATED
    characters_max = tokens_max * CHARACTERS_A_TOKEN_ANSWERED
    if len(text) > characters_max:
        text = text[:characters_max]
        end = ReplyEnd.TRUNCATED
    return Reply(
        text=_encodable(_END_OF_THOUGHTS.sub("", text, count=1)),
        end=end,
        tokens_in=response.usage.input_tokens,
        tokens_out=response.usage.output_tokens,
        cached=CachedTokens(
            read=response.usage.cache_read_tokens, written=response.usage.cache_write_tokens
        ),
    )


def failure_of(
    error: foreign.AgentRunError, key: KeyRedaction, *, is_behind_gateway: bool = False
) -> Failure:
    """Translate an error of pydantic-ai into a failure, with the key redacted in its reason.

    `is_behind_gateway` says that the model is not at its provider's own address.
    """
    sentence = " ".join(_reason_of(error).split())
    reason = key.redacted(_encodable(sentence))
    if len(reason) > REASON_MAX_CHARACTERS:
        reason = f"{reason[:REASON_MAX_CHARACTERS]} …"
    if not reason.endswith((".", "!", "…")):
        reason = f"{reason}."
    wait_seconds = None
    if isinstance(error, foreign.ModelAPIError):
        wait_seconds = _wait_of(error)
    kind = _kind_of(error)
    may_be_paid = _may_be_paid(error, kind, is_behind_gateway=is_behind_gateway)
    return Failure(kind=kind, reason=reason, wait_seconds=wait_seconds, may_be_paid=may_be_paid)


def _may_be_paid(
    error: foreign.AgentRunError, kind: FailureKind, *, is_behind_gateway: bool
) -> bool:
    """Tell whether a model may have answered, although what arrived is no answer.

    A gateway that gives up has asked the model already, and the provider bills for it. Overload and
    refusals cost nothing.
    """
    if kind in {FailureKind.UNREADABLE, FailureKind.UNUSABLE}:
        return True
    if not isinstance(error, foreign.ModelHTTPError):
        return False
    if isinstance(error.body, Mapping) and error.body.get("usage"):
        return True
    status = error.status_code
    if status in GATEWAY_GAVE_UP:
        return True
    return is_behind_gateway and status in _FAILING and status not in OVERLOADED


def _reason_of(error: foreign.AgentRunError) -> str:
    """Return why a request failed, in words for people, with or without a full stop."""
    if isinstance(error, foreign.ModelHTTPError):
        return f"HTTP {error.status_code}: {message_in(error.body) or 'no reason given'}"
    unusable = _unusable_answer(error)
    if unusable:
        return unusable
    redirect_status = _redirect_of(error)
    if redirect_status:
        return f"HTTP {redirect_status}: the address redirects elsewhere, where no key is sent"
    if isinstance(error, foreign.ModelTimeoutError) and error.phase in UNSENT_PHASES:
        return "No connection was made in time"
    if isinstance(error, foreign.ModelRequestTimeout):
        return f"No answer within {error.timeout:g} s"
    first_line = error.message.partition("\n")[0]  # the other lines are pydantic's own fields
    cause = _root_of(error)
    return f"{first_line.rstrip('.')} ({cause})" if cause else first_line


def _wait_of(error: foreign.ModelAPIError) -> float | None:
    """Return how many seconds a service asks to wait, in a header or in words of its body."""
    if error.retry_after is not None:
        return min(error.retry_after, WAIT_MAX_SECONDS)
    words = re.search(_WAIT, str(error.body), re.IGNORECASE)
    if words is None:
        return None
    periods = re.findall(_PERIOD, words[1], re.IGNORECASE)
    seconds = sum(float(number) * _UNITS[unit.lower()] for number, unit in periods)
    return min(seconds, WAIT_MAX_SECONDS)


def _kind_of(error: foreign.AgentRunError) -> FailureKind:
    """Sort an error: by words of its body, by how its connection broke, by class, by status.

    What none of these sorts is an answer that could not be read.
    """
    if isinstance(error, foreign.ModelHTTPError):
        body_text = words_in(error.body)
        for statuses, words, kind in KINDS_BY_WORDS:
            if error.status_code in statuses and re.search(words, body_text, re.IGNORECASE):
                return kind
    if _unusable_answer(error):
        return FailureKind.UNUSABLE
    if isinstance(error, foreign.ModelConnectionError) and error.phase is not None:
        return FailureKind.UNREADABLE if error.phase in SENT_PHASES else FailureKind.UNREACHABLE
    for cls, kind in KINDS_BY_ERROR:
        if isinstance(error, cls):
            return kind
    if _redirect_of(error):
        return FailureKind.NO_ACCESS
    if not isinstance(error, foreign.ModelHTTPError) or error.status_code in RETRIED_STATUSES:
        return FailureKind.UNREADABLE
    return FailureKind.REJECTED


def _unusable_answer(error: BaseException) -> str:
    """Return why a whole answer could not be used; empty where that is not the reason."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, UnusableAnswerError):
            return str(cause)
        cause = cause.__cause__
    return ""


def _redirect_of(error: foreign.AgentRunError) -> int | None:
    """Return the status of a redirect, which pydantic-ai has no class for; None of other errors."""
    cause = error.__cause__
    if isinstance(cause, openai.APIStatusError | anthropic.APIStatusError):
        return cause.status_code if cause.status_code < _LEAST_ERROR_STATUS else None
    return None


def _encodable(text: str) -> str:
    r"""Replace half surrogate pairs, which JSON can hold as `\ud83d` but no UTF-8 text."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _root_of(error: BaseException) -> str:
    """Return the words of the first cause, as `Connection error.` alone helps nobody."""
    cause = error.__cause__
    while cause is not None and cause.__cause__ is not None:
        cause = cause.__cause__
    return str(cause).strip().partition("\n")[0] if cause is not None else ""
