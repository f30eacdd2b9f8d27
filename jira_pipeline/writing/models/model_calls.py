"""Talks to models: the one place that imports pydantic-ai and the packages of the providers.

Belongs here: connections, one request at a time, every foreign error translated. Does not: asking
again and waiting (`asking_step`), what a reply is worth (`conversation`).
Imported when something is to be asked only: it takes seconds, and an extra.
"""

import logging
import re
from collections.abc import AsyncIterator
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

from jira_pipeline.writing.models.conversation import (
    CachedTokens,
    Failure,
    FailureKind,
    ModelChoice,
    Question,
    Reply,
    ReplyEnd,
)
from jira_pipeline.writing.models.server_answers import (
    UNFORESEEN,
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
"""Servers of one's own ask for no key; the package insists on one."""
REDACTED = "[key]"
SECRET_LEAST_CHARACTERS = 8
"""What is shorter is a placeholder for a server that asks for no key, such as `EMPTY`: redacting it
would spoil words of errors and of tickets. Keys of services have 20 and more."""
OUR_HEADERS = frozenset(
    {"authorization", "connection", "host", "transfer-encoding", "user-agent", "x-api-key"}
)
OUR_HEADER_STARTS = ("accept", "anthropic-", "content-", "x-stainless-")
_LEAST_ERROR_STATUS = 400
_MORE = (
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
    rf"|\b(?:prompt|input|sequence)s?\b[^.;]{{0,80}}{_MORE}"
    rf"|\b(?:request|requested|message|total)s?\b[^.;]{{0,80}}{_MORE}[^.;]{{0,60}}(?:token|context)"
)
"""Of what was asked, not of `max_tokens` alone; the test has the words of some thirty servers.

Of servers that speak OpenAI's protocol pydantic-ai knows two phrases and one code; tried, 2.68.
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
"""Of LiteLLM, OpenAI, Anthropic, OpenRouter, xAI, DashScope, Gemini and Ollama's cloud."""
_FILTERED = r"content.?(?:filter|management|policy)|ResponsibleAI|data_inspection|flagged"
_REFUSING = frozenset(range(400, 500)) - {401, 402, 403, 404}
"""What is refused with these four is refused neither for its size nor for its words."""
_FAILING = frozenset(range(500, 600))
_PERIOD = r"(?:(\d{1,9}(?:\.\d{1,9})?) ?(ms|milli|[dhms])[a-z]* ?)"
_WAIT = (
    r"(?:retry|try|wait|again|reset)\w*\W{1,4}"
    rf"(?:(?:again|in|after|for|about|another) )*({_PERIOD}+)"
)
"""How long to wait, in the words of a body: `Please retry in 34s.` of Gemini, Groq, Azure, GitHub."""
WORDS: tuple[tuple[frozenset[int], str, FailureKind], ...] = (
    (frozenset({413}), "", FailureKind.TOO_LONG),
    # More than a minute's limit takes, so waiting does not help (OpenAI, Groq).
    (frozenset({429}), "request too large|must be reduced", FailureKind.TOO_LONG),
    # Whatever the status: LiteLLM has 400, 401 and 429 for it, Anthropic 400, OpenRouter 403.
    (frozenset(range(400, 600)), _BUDGET, FailureKind.NO_CREDIT),
    (frozenset({403}), r"quota[^.;]{0,40}exceed", FailureKind.NO_CREDIT),  # Azure API Management
    (frozenset({429}), _WAIT, FailureKind.THROTTLED),
    # The limit of a day, where nothing says how long is left of it (Bedrock, Cerebras).
    (frozenset({429}), r"(?:per|a)\W?day\b|daily|current quota", FailureKind.NO_CREDIT),
    ((_REFUSING - {429}) | _FAILING, _WINDOW, FailureKind.TOO_LONG),
    # A schema that they cannot use, or that is too large for them: Anthropic, llama.cpp, vLLM.
    (_FAILING, _SCHEMA, FailureKind.REJECTED),
    (_REFUSING - {429}, rf"{_SCHEMA}|\bschemas?\b|structured.?output", FailureKind.REJECTED),
    ((_REFUSING - {429}) | _FAILING, _TOO_LONG, FailureKind.TOO_LONG),
    (_REFUSING, _FILTERED, FailureKind.REFUSED),
)
"""What servers say, by status, in words wherever in the body; the first that fits counts."""
_END_OF_THOUGHTS = re.compile(
    r"\A.*(?:(?:</|\[/|\u25c1/)\W?(?:\w+:)?(?:think(?:ing)?|thoughts?|reasoning)\W?[>\]\u25b7]"
    r"|<\|?end_of_thought\|?>|<unused95>|<\|?channel\|?>\W*final\W*<\|?message\|?>|<channel\|>)",
    re.DOTALL | re.IGNORECASE,
)
"""Its beginning may have been in the prompt: DeepSeek-R1, QwQ, Qwen3-Thinking.

Also of Magistral, Kimi, gpt-oss and Gemma, where their server does not take thoughts apart.
"""
RETRIED_STATUSES = frozenset({408, 409, 425})
"""Neither package sorts these; the services say: try again."""

SENT_PHASES = frozenset({"write", "read"})
"""Of a connection that broke after something was sent."""
UNSENT_PHASES = frozenset({"pool", "connect"})
"""Of one that was not made, in time or at all."""

KINDS: tuple[tuple[type[foreign.AgentRunError], FailureKind], ...] = (
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
"""Where no words say more; the first that fits counts."""

_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "milli": 0.001}


class PydanticAiChannel:
    """One model, called through pydantic-ai."""

    def __init__(
        self, model: Model, *, timeout_seconds: float, api_key: str = "", has_cache: bool = False
    ) -> None:
        """Take a model whose client does not try again by itself."""
        self._model = model
        self._has_cache = has_cache
        self._timeout_seconds = timeout_seconds
        self._api_key = api_key
        self._has_schemas = bool(model.profile.get("supports_json_schema_output"))
        self._takes_schema = self._has_schemas
        self._has_answered = False

    async def ask(self, question: Question) -> Reply | Failure:
        """Send a question once; after a schema was refused, schemas are sent in words."""
        with_schema = question.schema is not None and self._takes_schema
        answer = await self._asked(question, takes_schema=with_schema)
        if isinstance(answer, Reply):
            self._has_answered = True
        elif answer.kind is FailureKind.REJECTED and not self._has_answered:
            if with_schema:
                self._takes_schema = False
                return replace(answer, kind=FailureKind.SCHEMA_REFUSED)
            self._takes_schema = self._has_schemas  # it is refused without one, too
        return answer

    async def _asked(self, question: Question, *, takes_schema: bool) -> Reply | Failure:
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
            reply = reply_of(response)
        except foreign.AgentRunError as error:
            return failure_of(error, api_key=self._api_key)
        except UNFORESEEN as error:
            logger.warning("An answer could not be read: %s", type(error).__name__)
            return Failure(
                kind=FailureKind.UNREADABLE,
                reason=f"An answer has a form that nobody knows ({type(error).__name__}).",
            )
        return replace(reply, text=_without(self._api_key, reply.text))


@asynccontextmanager
async def opened_channel(
    choice: ModelChoice, *, connect_seconds: float = CONNECT_TIMEOUT_SECONDS
) -> AsyncIterator[PydanticAiChannel]:
    """Open the connections to a model and close them at the end.

    Redirects are not followed: one would carry the key to another server.
    """
    timeout = httpx2.Timeout(choice.timeout_seconds, connect=connect_seconds)
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    key = choice.api_key.get_secret_value() if choice.api_key is not None else ""
    async with ServerClient(timeout=timeout, limits=limits, follow_redirects=False) as client:
        if choice.base_url is not None:
            client.event_hooks = {"request": [_without_headers_of_others]}
        yield PydanticAiChannel(
            _model_of(choice, key=key, client=client),
            timeout_seconds=choice.timeout_seconds,
            api_key=key,
            has_cache=bool(choice.provider),
        )


async def _without_headers_of_others(request: httpx2.Request) -> None:
    """Take out what the packages read from the environment of this shell.

    `OPENAI_CUSTOM_HEADERS` and its like may hold credentials of the provider's account; another
    server gets what WRITER_API_KEY says and nothing else.
    """
    for name in list(request.headers):
        if name.lower() not in OUR_HEADERS and not name.lower().startswith(OUR_HEADER_STARTS):
            del request.headers[name]


def _model_of(choice: ModelChoice, *, key: str, client: httpx2.AsyncClient) -> Model:
    """Make the model with an address of ours: the packages would look into the environment."""
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
    """Lay a question out as a conversation; an empty answer is none, services refuse those.

    Providers are told where what many questions share ends; other servers get one text.
    """
    asked = question.request
    if question.complaint and not question.answered:
        asked = f"{question.request}\n\n{question.complaint}"
    content: str | list[UserContent] = asked
    if question.context:
        parts: list[UserContent] = [question.context, CachePoint(), asked]
        content = parts if has_cache else f"{question.context}\n\n{asked}"
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


def reply_of(response: ModelResponse) -> Reply:
    """Read what a model answered; what it thought aloud is no part of it."""
    texts: list[Any] = [part.content for part in response.parts if isinstance(part, TextPart)]
    text = "".join(filter(None, texts))
    text = _END_OF_THOUGHTS.sub("", text, count=1)
    end = ReplyEnd.COMPLETE
    if response.finish_reason == "content_filter":
        end = ReplyEnd.REFUSED
        text = text or str((response.provider_details or {}).get("refusal", ""))
    elif response.finish_reason == "length":
        end = ReplyEnd.TRUNCATED
    return Reply(
        text=_encodable(text),
        end=end,
        tokens_in=response.usage.input_tokens,
        tokens_out=response.usage.output_tokens,
        cached=CachedTokens(
            read=response.usage.cache_read_tokens, written=response.usage.cache_write_tokens
        ),
    )


def failure_of(error: foreign.AgentRunError, *, api_key: str) -> Failure:
    """Translate an error of pydantic-ai."""
    reason = error.message.partition("\n")[0]  # more lines are of pydantic, about its own fields
    if isinstance(error, foreign.ModelHTTPError):
        reason = f"HTTP {error.status_code}: {message_in(error.body) or 'no reason given'}"
    elif status := _redirect_of(error):
        reason = f"HTTP {status}: the address redirects elsewhere, where no key is sent"
    elif isinstance(error, foreign.ModelTimeoutError) and error.phase in UNSENT_PHASES:
        reason = "No connection was made in time"
    elif isinstance(error, foreign.ModelRequestTimeout):
        reason = f"No answer within {error.timeout:g} s"
    elif cause := _root_of(error):
        reason = f"{reason.rstrip('.')} ({cause})"
    reason = _without(api_key, _encodable(" ".join(reason.split())))
    if len(reason) > REASON_MAX_CHARACTERS:
        reason = f"{reason[:REASON_MAX_CHARACTERS]} …"
    return Failure(
        kind=_kind_of(error),
        reason=reason if reason.endswith((".", "!", "…")) else f"{reason}.",
        wait_seconds=_wait_of(error) if isinstance(error, foreign.ModelAPIError) else None,
    )


def _wait_of(error: foreign.ModelAPIError) -> float | None:
    """Return how long a service asks to wait, in a header or in words of its body."""
    found = re.search(_WAIT, str(error.body), re.IGNORECASE)
    if error.retry_after is not None or found is None:
        return error.retry_after
    parts = re.findall(_PERIOD, found[1], re.IGNORECASE)
    return sum(float(number) * _UNITS[unit.lower()] for number, unit in parts)


def _kind_of(error: foreign.AgentRunError) -> FailureKind:
    """Sort an error; what has neither class nor status is an answer nobody could read."""
    if isinstance(error, foreign.ModelHTTPError):
        said = words_in(error.body)
        for statuses, words, kind in WORDS:
            if error.status_code in statuses and re.search(words, said, re.IGNORECASE):
                return kind
    if isinstance(error, foreign.ModelConnectionError) and error.phase is not None:
        return FailureKind.UNREADABLE if error.phase in SENT_PHASES else FailureKind.UNREACHABLE
    for cls, kind in KINDS:
        if isinstance(error, cls):
            return kind
    if _redirect_of(error):
        return FailureKind.NO_ACCESS
    if not isinstance(error, foreign.ModelHTTPError) or error.status_code in RETRIED_STATUSES:
        return FailureKind.UNREADABLE
    return FailureKind.REJECTED


def _redirect_of(error: foreign.AgentRunError) -> int | None:
    """Return the status of a redirect; pydantic-ai has no class for it."""
    cause = error.__cause__
    if isinstance(cause, openai.APIStatusError | anthropic.APIStatusError):
        return cause.status_code if cause.status_code < _LEAST_ERROR_STATUS else None
    return None


def _without(api_key: str, text: str) -> str:
    """Redact the key, also within a word: a gateway may show it, in errors and in answers."""
    is_secret = len(api_key) >= SECRET_LEAST_CHARACTERS
    return text.replace(api_key, REDACTED) if is_secret else text


def _encodable(text: str) -> str:
    r"""Replace halves of surrogate pairs: they arrive as `\ud83d` in JSON, and nothing takes them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _root_of(error: BaseException) -> str:
    """Return the words of the first cause: `Connection error.` alone helps nobody."""
    cause = error.__cause__
    while cause is not None and cause.__cause__ is not None:
        cause = cause.__cause__
    return str(cause).strip().partition("\n")[0] if cause is not None else ""
