"""Talks to models: the one place that imports pydantic-ai and the packages of the providers.

In: a `Question`. Out: the model's `Reply`, or a `Failure` that says why there is none and whether
asking again may help. No error of the packages gets out.

Belongs here: connections, one request at a time, every foreign error translated. Does not: asking
again and waiting (`asking_step`), what a reply is worth (`conversation`).
It is imported only when something is to be asked: that takes seconds, and the extra `llm`.
"""

import json
import logging
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, Literal, cast
from urllib.parse import parse_qsl, urlsplit

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

from jira_pipeline.model.network_failures import plain_words
from jira_pipeline.model.redacted_secrets import SECRET_LEAST_CHARACTERS, SecretRedaction
from jira_pipeline.writing.models.advice import Advice
from jira_pipeline.writing.models.bounded_answers import (
    READ_ENCODINGS,
    BrokenAnswerError,
    UnusableAnswerError,
    WebPageAnsweredError,
)
from jira_pipeline.writing.models.conversation import (
    ANSWER_MAX_TOKENS,
    CachedTokens,
    Failure,
    FailureKind,
    FormMemory,
    ModelChoice,
    Question,
    Reply,
    ReplyEnd,
)
from jira_pipeline.writing.models.request_form import (
    USUAL_FORM,
    RequestForm,
    RequestPart,
    form_without,
    is_about_limit_alone,
    refused_part,
    room_left,
)
from jira_pipeline.writing.models.server_answers import (
    UNKNOWN_FORM_ERRORS,
    ServerClient,
    message_in,
    title_of_page,
    words_in,
)

logger = logging.getLogger(__name__)

OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com"
CONNECT_TIMEOUT_SECONDS = 10.0
REASON_MAX_CHARACTERS = 300
NO_KEY = "none"
REDACTED_KEY = "[key]"
"""What is put in place of the key in errors and answers."""
"""A private server asks for no key, but the openai package insists on one."""
OUR_HEADERS = frozenset(  # with OUR_HEADER_STARTS, all that a server of another address gets
    {"authorization", "connection", "host", "transfer-encoding", "user-agent", "x-api-key"}
)
OUR_HEADER_STARTS = ("accept", "anthropic-", "content-", "x-stainless-")
_LEAST_ERROR_STATUS = 400
_NO_PAGES = frozenset({408, 413, 429})
"""Statuses that say enough, whoever words them."""
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
GATEWAY_GAVE_UP = frozenset({499, 502, 504, 524})
"""Statuses of a gateway that had passed the request on: nginx, cloud balancers, Cloudflare.

499 is nginx's for a caller that left, and Google's for a cancelled call: somebody between us and the
model hung up, as we waited.
"""
OVERLOADED = frozenset({503, 529})
"""Statuses of a service that did not begin."""
WAIT_MAX_SECONDS = 10.0**8
"""Three years: what a server asks for beyond it, no clock can add up."""
RETRIED_STATUSES = frozenset({408, 409, 425, 499})
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
        client: ServerClient | None = None,
        memory: FormMemory | None = None,
    ) -> None:
        """Store the model, whose client must not try again by itself.

        `has_cache` says that the provider keeps parts of requests; `api_key` is redacted in texts.
        `is_behind_gateway` says that the address is not the provider's own; `client` sends requests
        in the form that `memory` knows, and learns.
        """
        self._client = client
        self._memory = memory
        self._form = USUAL_FORM if memory is None else memory.recall()
        self._kept_form = self._form
        self._rooms: dict[str, int] = {}
        """The tokens that a prompt leaves for its answer, by what is asked."""
        self._is_behind_gateway = is_behind_gateway
        self._model = model
        self._has_cache = has_cache
        self._timeout_seconds = timeout_seconds
        self._key = redaction_of_key(api_key)
        self._has_schemas = bool(model.profile.get("supports_json_schema_output"))
        self._has_answered = False

    async def ask(self, question: Question) -> Reply | Failure:
        """Send a question once.

        Where the service refuses a part of the request's form, that is told as `FORM_REFUSED`, and
        from then on requests do without it.
        """
        sent_in = self._form
        try:
            reply = await self._sent(question)
        except foreign.AgentRunError as error:
            failure = failure_of(error, self._key, is_behind_gateway=self._is_behind_gateway)
            return self._learned_from(failure, error, question, sent_in)
        except UNKNOWN_FORM_ERRORS:
            logger.debug("An answer could not be read", exc_info=True)
            return Failure(
                kind=FailureKind.UNUSABLE,
                reason="The answer has a form that this program does not know.",
                may_be_paid=True,
            )
        self._has_answered = True
        if self._memory is not None and self._form != self._kept_form:
            self._kept_form = self._form
            self._memory.keep(self._form)
        return reply

    async def _sent(self, question: Question) -> Reply:
        """Send a question, its schema as one or in words, and translate what comes back."""
        room = self._rooms.get(question.request, question.answer_tokens_max)
        most = self._form.answer_tokens_max or question.answer_tokens_max
        answer_tokens_max = min(question.answer_tokens_max, room, most)
        messages = messages_of(question, has_cache=self._has_cache)
        # A `timeout` here would undo the one of the client for connecting.
        settings: dict[str, Any] = {
            "max_tokens": answer_tokens_max,
            "request_timeout": self._timeout_seconds,
            "framing_announcement": "never",
        }
        if question.effort and self._form.takes_effort:
            settings["openai_reasoning_effort"] = question.effort
            settings["anthropic_effort"] = question.effort
        parameters = ModelRequestParameters()
        if question.schema is not None:
            schema = OutputObjectDefinition(json_schema=question.schema, name="ticket", strict=True)
            takes_schema = self._has_schemas and self._form.takes_schema
            mode: Literal["native", "prompted"] = "native" if takes_schema else "prompted"
            parameters = ModelRequestParameters(output_mode=mode, output_object=schema)
        if self._client is not None:
            self._client.form = self._form
        response = await model_request(
            self._model,
            messages,
            model_settings=cast("ModelSettings", settings),
            model_request_parameters=parameters,
        )
        reply = reply_of(response, tokens_max=answer_tokens_max)
        return replace(reply, text=self._key.redacted(reply.text))

    def _learned_from(
        self,
        failure: Failure,
        error: foreign.AgentRunError,
        question: Question,
        sent_in: RequestForm,
    ) -> Failure:
        """Return a failure, as `FORM_REFUSED` where the next request leaves out what it names."""
        if failure.kind not in {FailureKind.REJECTED, FailureKind.TOO_LONG}:
            return failure
        refused_form = replace(failure, kind=FailureKind.FORM_REFUSED)
        if failure.kind is FailureKind.REJECTED and self._form != sent_in:
            return refused_form  # another request was refused meanwhile, and this one may be right
        body = sent_body(error)
        words = words_in(error.body) if isinstance(error, foreign.ModelHTTPError) else ""
        room = room_left(words, body)
        if room is not None and question.request not in self._rooms:
            self._rooms[question.request] = room
            return refused_form
        if failure.kind is FailureKind.TOO_LONG and not is_about_limit_alone(words):
            return failure
        part = refused_part(words, body)
        changed = None if part is None else form_without(part, self._form, words, body)
        is_with_schema = question.schema is not None and self._has_schemas
        if changed is None and is_with_schema and not self._has_answered:
            # It names nothing that can be left out: the schema is what most servers refuse.
            if self._form.takes_schema:
                part = RequestPart.SCHEMA
                changed = replace(self._form, takes_schema=False)
            else:
                # It is refused without a schema, too, so the schema was not the reason.
                self._form = replace(self._form, takes_schema=True)
        if changed is None:
            return replace(failure, advice=Advice.REQUEST if part is None else Advice(part.value))
        logger.info("The service refused %s; asking without", part)
        self._form = changed
        return refused_form


def sent_body(error: BaseException) -> Mapping[str, Any]:
    """Return the body of the request that failed; empty where it is not known."""
    cause = error.__cause__
    if not isinstance(cause, openai.APIStatusError | anthropic.APIStatusError):
        return {}
    with suppress(ValueError):
        body = json.loads(cause.request.content)
        return body if isinstance(body, Mapping) else {}
    return {}


@asynccontextmanager
async def open_channel(
    choice: ModelChoice,
    *,
    memory: FormMemory | None = None,
    connect_seconds: float = CONNECT_TIMEOUT_SECONDS,
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
        hooks = []
        if choice.base_url is not None:
            hooks.append(_drop_headers_of_packages)
        if choice.query and choice.provider != "anthropic":
            hooks.append(_send_key_as_azure_wants_it)
        client.event_hooks = {"request": hooks}
        yield PydanticAiChannel(
            _model_of(choice, key=key, client=client),
            timeout_seconds=choice.timeout_seconds,
            api_key=key,
            has_cache=bool(choice.provider),
            is_behind_gateway=choice.base_url is not None,
            client=client,
            memory=memory,
        )


async def _drop_headers_of_packages(request: httpx2.Request) -> None:
    """Delete the headers that the packages take from environment variables.

    `OPENAI_CUSTOM_HEADERS` and its like may hold credentials of the provider's account; a server at
    another address gets WRITER_API_KEY and nothing else.
    """
    for name in list(request.headers):
        if name.lower() not in OUR_HEADERS and not name.lower().startswith(OUR_HEADER_STARTS):
            del request.headers[name]


async def _send_key_as_azure_wants_it(request: httpx2.Request) -> None:
    """Send the key in `api-key`: where an address has an `api-version`, Azure reads no other.

    Source: Azure OpenAI REST API reference, authentication, 2026-11.
    """
    key = request.headers.pop("authorization", "").removeprefix("Bearer ")
    request.headers["api-key"] = key


def _model_of(choice: ModelChoice, *, key: str, client: httpx2.AsyncClient) -> Model:
    """Make the model with address and key of the choice: the packages would read the environment."""
    query = dict(parse_qsl(choice.query))
    if choice.provider == "anthropic":
        anthropic_client = anthropic.AsyncAnthropic(
            default_query=query,
            api_key=key or NO_KEY,
            base_url=choice.base_url or ANTHROPIC_URL,
            max_retries=0,
            http_client=client,
        )
        provider = AnthropicProvider(anthropic_client=anthropic_client)
        return AnthropicModel(choice.name, provider=provider)
    openai_client = openai.AsyncOpenAI(
        default_query=query,
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


def redaction_of_key(key: str) -> SecretRedaction:
    """Return what redacts a key; a short one is a placeholder, such as `EMPTY`, and is left.

    Redacting it would spoil words of errors and of tickets.
    """
    is_placeholder = len(key) < SECRET_LEAST_CHARACTERS
    return SecretRedaction(() if is_placeholder else (key,), mark=REDACTED_KEY)


def failure_of(
    error: foreign.AgentRunError, key: SecretRedaction, *, is_behind_gateway: bool = False
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
    advice = None
    if kind is FailureKind.ELSEWHERE:
        advice = Advice.REDIRECT if _redirect_of(error) else Advice.WEB_PAGE
    elif isinstance(_of_arrived(error), WebPageAnsweredError):
        advice = Advice.WEB_PAGE
    elif kind is FailureKind.UNKNOWN_MODEL and not _names_model(error):
        advice = Advice.ADDRESS
    return Failure(
        kind=kind,
        reason=reason,
        wait_seconds=wait_seconds,
        advice=advice,
        may_be_paid=_may_be_paid(error, kind, is_behind_gateway=is_behind_gateway),
    )


def _names_model(error: foreign.AgentRunError) -> bool:
    """Tell whether a failure names the model that was asked: else the address may be the fault."""
    name = sent_body(error).get("model")
    words = words_in(error.body) if isinstance(error, foreign.ModelHTTPError) else ""
    return isinstance(name, str) and name.casefold() in words.casefold()


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
    page = _title_of_page(error)
    if page and isinstance(error, foreign.ModelHTTPError):
        return f"HTTP {error.status_code}: a web page answered, not the service ({page})"
    if isinstance(error, foreign.ModelHTTPError):
        return f"HTTP {error.status_code}: {message_in(error.body) or 'no reason given'}"
    arrived = _of_arrived(error)
    if arrived is not None:
        return str(arrived)
    redirect_status = _redirect_of(error)
    if redirect_status:
        return (
            f"HTTP {redirect_status}: the address redirects to {_redirect_to(error)}, where no key "
            "is sent"
        )
    if isinstance(error, foreign.UnexpectedModelBehavior):
        return "The answer has a form that this program does not know"
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
    if _redirect_of(error) or _title_of_page(error):
        return FailureKind.ELSEWHERE
    if isinstance(error, foreign.ModelHTTPError):
        body_text = words_in(error.body)
        for statuses, words, kind in KINDS_BY_WORDS:
            if error.status_code in statuses and re.search(words, body_text, re.IGNORECASE):
                return kind
    arrived = _of_arrived(error)
    if arrived is not None:
        is_whole = isinstance(arrived, UnusableAnswerError)
        return FailureKind.UNUSABLE if is_whole else FailureKind.UNREADABLE
    if isinstance(error, foreign.ModelConnectionError) and error.phase is not None:
        return FailureKind.UNREADABLE if error.phase in SENT_PHASES else FailureKind.UNREACHABLE
    for cls, kind in KINDS_BY_ERROR:
        if isinstance(error, cls):
            return kind
    if not isinstance(error, foreign.ModelHTTPError) or error.status_code in RETRIED_STATUSES:
        return FailureKind.UNREADABLE
    return FailureKind.REJECTED


def _redirect_to(error: foreign.AgentRunError) -> str:
    """Return where a redirect leads, without what may be a secret in it."""
    cause = error.__cause__
    if not isinstance(cause, openai.APIStatusError | anthropic.APIStatusError):
        return "elsewhere"
    parts = urlsplit(cause.response.headers.get("location", ""))
    if not parts.hostname:
        return "elsewhere"
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"


def _title_of_page(error: foreign.AgentRunError) -> str:
    """Return the title of a web page that refused a request; empty where none did.

    Pages of a server that fails or has too much load say just that.
    """
    if not isinstance(error, foreign.ModelHTTPError) or not isinstance(error.body, str):
        return ""
    is_refusing = error.status_code < min(_FAILING) and error.status_code not in _NO_PAGES
    return title_of_page(error.body) if is_refusing else ""


def _of_arrived(error: BaseException) -> UnusableAnswerError | BrokenAnswerError | None:
    """Return what our client says of an answer that arrived; None where that is not the reason."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, UnusableAnswerError | BrokenAnswerError):
            return cause
        cause = cause.__cause__
    return None


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
    return plain_words(str(cause).strip().partition("\n")[0]) if cause is not None else ""
