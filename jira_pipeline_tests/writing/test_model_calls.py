"""The edge to the packages of the providers: every error has its kind, and none is imported early."""

import asyncio
import json
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import WriterAccessError, WriterMissingError
from jira_pipeline.store.store import Store
from jira_pipeline.writing.models.conversation import (
    PING_QUESTION,
    CachedTokens,
    Failure,
    FailureKind,
    ModelChoice,
    Question,
    Reply,
    ReplyEnd,
    cut_prompt_failure,
)
from jira_pipeline.writing.writers import open_model_channel
from jira_pipeline_tests.late import Late
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.asked_models import MODELS, SESSION, model_writer, some_briefs
from jira_pipeline_tests.writing.scripted_models import Raw, Say, always, scripted_server

pytestmark = pytest.mark.xdist_group("models")

if TYPE_CHECKING:
    from pydantic_ai import exceptions as foreign, messages, usage

    from jira_pipeline.writing.models import model_calls, server_answers
else:
    foreign = Late("pydantic_ai.exceptions")
    messages = Late("pydantic_ai.messages")
    usage = Late("pydantic_ai.usage")
    model_calls = Late("jira_pipeline.writing.models.model_calls")
    server_answers = Late("jira_pipeline.writing.models.server_answers")

NO_KEY = model_calls.redaction_of_key("")
EXPECTED = {
    "ModelAPIError": FailureKind.UNREADABLE,
    "ModelHTTPError": FailureKind.REJECTED,
    "ModelRateLimitError": FailureKind.THROTTLED,
    "ModelQuotaExceededError": FailureKind.NO_CREDIT,
    "ModelUnavailableError": FailureKind.UNAVAILABLE,
    "ModelOverloadedError": FailureKind.THROTTLED,
    "ModelServerError": FailureKind.UNAVAILABLE,
    "ModelConnectionError": FailureKind.UNREACHABLE,
    "ModelTimeoutError": FailureKind.UNREADABLE,
    "ModelRequestTimeout": FailureKind.UNREADABLE,
    "ModelContextWindowExceededError": FailureKind.TOO_LONG,
    "ModelRequestRejectedError": FailureKind.REJECTED,
    "ModelAuthenticationError": FailureKind.NO_ACCESS,
    "ModelNotFoundError": FailureKind.UNKNOWN_MODEL,
}


def errors_of_models(cls: "type[foreign.ModelAPIError]") -> "Iterator[type[foreign.ModelAPIError]]":
    """Every class that a model may raise; those that are made on the fly are two of these."""
    if cls.__module__ == "pydantic_ai.exceptions" and "_" not in cls.__name__:
        yield cls
        for child in cls.__subclasses__():
            yield from errors_of_models(child)


def an_error(cls: "type[foreign.ModelAPIError]") -> "foreign.ModelAPIError":
    if cls is foreign.ModelHTTPError:
        return foreign.ModelHTTPError(418, "m")
    if cls is foreign.ModelRequestTimeout:
        return foreign.ModelRequestTimeout("m", 3.0)
    return cls("m", "It failed")


def test_every_error_of_the_package_has_a_kind() -> None:
    found = {
        cls.__name__: model_calls.failure_of(an_error(cls), NO_KEY).kind
        for cls in errors_of_models(foreign.ModelAPIError)
        if not issubclass(cls, foreign.ModelHTTPError) or cls is foreign.ModelHTTPError
    }

    assert found == EXPECTED


@each(
    ("status", "kind"),
    [
        (408, FailureKind.UNREADABLE),
        (409, FailureKind.UNREADABLE),
        (413, FailureKind.TOO_LONG),
        (425, FailureKind.UNREADABLE),
        (451, FailureKind.REJECTED),
    ],
)
def test_a_status_without_a_class_is_sorted(status: int, kind: FailureKind) -> None:
    assert model_calls.failure_of(foreign.ModelHTTPError(status, "m"), NO_KEY).kind is kind


@each(
    ("status", "message"),
    [
        (
            400,
            "request (9 tokens) exceeds the available context size (4 tokens), try increasing it",
        ),
        (500, "Context size has been exceeded."),
        (400, "tokens to keep from the initial prompt is greater than the context length"),
        (400, "prompt is too long: 9 tokens > 8 maximum"),
        (
            400,
            "input length and `max_tokens` exceed context limit: 1 + 2 > 2, decrease `max_tokens`",
        ),
        (400, "Input is too long for requested model."),
        (400, "The input token count (9) exceeds the maximum number of tokens allowed (8)."),
        (400, "input token count is 9 but model only supports up to 8"),
        (400, "Prompt contains 9 tokens and 0 draft tokens, too large for model with 8"),
        (422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096"),
        (422, "Input validation error: `inputs` must have less than 4095 tokens."),
        (400, "litellm.ContextWindowExceededError: litellm.BadRequestError"),
        (400, "Please reduce the length of the messages or completion."),
        (413, "Request too large for model `m` on tokens per minute (TPM): Limit 6, Requested 9"),
        (429, "Request too large for m on tokens per min (TPM): Limit 30000, Requested 35000."),
        (400, "This model's maximum prompt length is 8 but the request contains 9 tokens."),
        (400, "The input (9 tokens) is longer than the model's context length (8 tokens)."),
        (400, "Invalid request: Your request exceeded model token limit: 262144"),
        (400, "InvalidParameter: Range of input length should be [1, 30720]"),
        (502, 'Provider returned error: {"error":{"message":"too many tokens"}}'),
        (400, "The maximum context length is 8 tokens, yours has 9, 2 in response_format."),
    ],
)
def test_a_refusal_about_size_is_known_by_its_words(status: int, message: str) -> None:
    """It was taken for a refused schema, then for a key that is wrong."""
    body = [{"error": {"message": message, "type": "invalid_request_error"}}]

    failure = model_calls.failure_of(foreign.ModelHTTPError(status, "m", body), NO_KEY)

    assert failure.kind is FailureKind.TOO_LONG
    assert failure.reason.startswith(f"HTTP {status}: {message[:20]}")


@each(
    ("status", "message", "kind"),
    [
        (400, "max_tokens is too large: 9. This model supports 8 completion tokens.", "rejected"),
        (400, "Invalid schema for response_format: schema is too large", "rejected"),
        (400, "temperature must be <= 1", "rejected"),
        (400, "max_tokens exceeds the thinking budget", "rejected"),
        (400, "thinking.budget_tokens exceed what the model takes", "rejected"),
        (500, "Failed to parse grammar", "rejected"),
        (500, "The request exceeded its deadline", "rejected"),
        (429, "Rate limit reached: Limit 30000 tokens, Used 29000, Requested 5000.", "rejected"),
        (403, "no context window for you", "rejected"),
        (422, {"input": "A prompt is too long where its input is flagged."}, "rejected"),
        (402, "You requested up to 9 tokens, and can afford 8: more than your balance", "rejected"),
        (400, "filtered due to the prompt triggering the content management policy.", "refused"),
        (400, "The compiled grammar is too large. Reduce the number of strict tools.", "rejected"),
        (400, "Schema is too complex: too many tokens in its names", "rejected"),
        (400, "The specified schema has too many states: input more than it takes", "rejected"),
        (400, "output_config.format: the request is too large to compile", "rejected"),
        (422, "Expected at most 9 properties in the schema; reduce the number", "rejected"),
        (500, "Failed to compile json_schema: the input is too large", "rejected"),
    ],
)
def test_another_refusal_is_not_taken_for_one_about_size(
    status: int, message: object, kind: str
) -> None:
    """A schema was asked for again with half of the rows, and then the template wrote everything."""
    error = foreign.ModelHTTPError(status, "m", {"error": {"message": message}})

    assert model_calls.failure_of(error, NO_KEY).kind.value == kind


@each(
    ("status", "message"),
    [
        (429, "Budget has been exceeded! Current cost: 5.1, Max budget: 5.0"),
        (400, "Crossed the budget of provider m: 3 >= 2"),
        (401, "Authentication Error, ExceededTokenBudget: Current spend for token: 0.1"),
        (500, "litellm.BudgetExceededError: a key"),
        (400, "You have reached your specified API usage limits. You will regain access on 1 May."),
        (400, "You have reached your specified workspace API usage limits."),
        (429, "Too many tokens per day, please wait before trying again."),
        (429, "you (ab) have reached your weekly usage limit, please wait or upgrade to continue"),
        (429, "you have reached your session usage limit, upgrade for higher limits"),
        (403, "Key limit exceeded (total limit). Manage it using the settings"),
        (403, "Your team has either used all available credits or reached its spending limit."),
        (403, "The quota of this subscription is exceeded. Try again in 3 days."),
        (403, "The free tier of the model has been exhausted."),
        (400, "Access denied, please make sure your account is in good standing."),
        (429, "You exceeded your current quota, please check your plan and billing details."),
        (429, "Rate limit exceeded: free-models-per-day"),
        (429, "Quota of m is used up: GenerateRequestsPerDayPerProject. Please retry in 34.1s."),
        (400, "Your credit balance is too low: the prompt is too long for it by 9 tokens"),
    ],
)
def test_a_budget_that_is_used_up_is_known_by_its_words(status: int, message: str) -> None:
    """It was waited for without end, or told as a wrong name."""
    body = {"error": {"message": message, "type": "invalid_request_error"}}
    error = foreign.ModelHTTPError.for_category(
        foreign.ModelRateLimitError if status == 429 else None,
        status_code=status,
        model_name="m",
        body=body,
    )

    failure = model_calls.failure_of(error, NO_KEY)

    assert failure.kind is FailureKind.NO_CREDIT
    assert message[:20] in failure.reason


@each(
    ("message", "header", "seconds"),
    [
        ("You exceeded your current quota, check your plan. Please retry in 34.5s.", None, 34.5),
        ("Rate limit reached: tokens per day (TPD). Please try again in 7m12.5s.", None, 432.5),
        ("Please try again in 20ms.", None, 0.02),
        ("You exceeded the call rate limit. Please retry after 1 minute and be patient.", None, 60),
        ("Rate limit of 9 per 86400s exceeded. Please wait 33000 seconds.", None, 33_000.0),
        ({"details": [{"retryDelay": "12s"}], "message": "Resource exhausted"}, None, 12.0),
        ("Please try again in 20s.", "3", 3.0),
        ("This would exceed the limit of 30,000 input tokens per minute.", None, None),
        ("Too many tokens, please wait before trying again.", None, None),
        ("Set max_tokens above thinking.budget_tokens, where it exceeds it", None, None),
    ],
)
def test_a_wait_is_read_in_the_words_of_a_body_too(
    message: object, header: str | None, seconds: float | None
) -> None:
    error = foreign.ModelHTTPError.for_category(
        foreign.ModelRateLimitError,
        status_code=429,
        model_name="m",
        body={"error": message},
        headers={} if header is None else {"retry-after": header},
    )

    failure = model_calls.failure_of(error, NO_KEY)

    assert (failure.kind, failure.wait_seconds) == (FailureKind.THROTTLED, seconds)


GOOD = {"role": "assistant", "content": "{}"}
PARTS = [{"type": "thinking", "thinking": [{"text": "Hm."}]}, {"type": "text", "text": "{1}"}]
CALLS = [{"function": {"arguments": "{1}"}}]


@each(
    ("changes", "status", "content"),
    [
        ({"id": None, "created": 1.5, "object": "x", "usage": {"prompt_tokens": 3.0}}, 200, "{}"),
        ({"created": float("nan"), "usage": {"prompt_tokens": float("inf")}}, 200, "{}"),
        ({"usage": {"input_tokens": 3, "output_tokens": None}, "error": {}}, 200, "{}"),
        ({"choices": [{"finish_reason": "", "message": {"content": "{}"}}]}, 200, "{}"),
        ({"choices": [{"finish_reason": "eos", "delta": {"content": "{}"}}]}, 200, "{}"),
        ({"choices": [{"finish_reason": "end_turn", "text": "{}"}]}, 200, "{}"),
        ({"choices": [{"message": {"content": None, "reasoning_content": "{1}"}}]}, 200, "{1}"),
        ({"choices": [{"message": {"content": "\n", "thinking": "{1}"}}]}, 200, "{1}"),
        ({"choices": [{"message": {"content": "", "reasoning": "Hm."}}]}, 200, ""),
        ({"choices": [{"message": {"content": {"a": 1}}}]}, 200, '{"a": 1}'),
        ({"choices": [{"message": {"content": PARTS}}]}, 200, "{1}"),
        ({"choices": [{"message": {"tool_calls": CALLS}}]}, 200, "{1}"),
        ({"choices": None, "error": {"message": "later", "code": 429}}, 429, None),
        ({"choices": [], "error": {"message": "broke", "code": "402"}}, 402, None),
        ({"choices": None, "error": {"message": "later", "type": "rate_limit_error"}}, 429, None),
        ({"choices": None, "error": "down"}, 502, None),
        ({"choices": None, "error": {"code": 10**4000}}, 502, None),
        ({"choices": None, "message": "Too busy", "status_code": 503}, 503, None),
        ({"choices": None, "errors": [{"message": "who?", "code": "invalid_api_key"}]}, 401, None),
        ({"choices": [{"finish_reason": "error", "error": {"code": 503}}]}, 503, None),
        ({"choices": [{"finish_reason": "network_error", "message": GOOD}]}, 502, None),
    ],
)
def test_an_answer_in_a_servers_own_form_is_put_right(
    changes: dict[str, object], status: int, content: str | None
) -> None:
    answer: dict[str, object] = {
        "id": "1",
        "created": 1,
        "choices": [{"finish_reason": "stop", "message": GOOD}],
    }

    found, body = server_answers.normalized_answer(answer | changes)

    assert found == status
    if status == 200:
        (choice,) = body["choices"]
        assert (choice["message"]["role"], choice["message"]["content"]) == ("assistant", content)
        assert (type(body["id"]), type(body["created"])) == (str, int)
        assert choice["finish_reason"] == "stop"
    else:
        assert set(body) == {"error"}


@each(
    ("end", "meant"),
    [
        ("max_tokens", "length"),
        ("SAFETY", "content_filter"),
        ("sensitive", "content_filter"),
        ("guardrail_intervened", "content_filter"),
        ("refusal", "content_filter"),
        ("STOP", "stop"),
        ("tool_calls", "stop"),
    ],
)
def test_an_end_has_the_name_that_openai_gives_it(end: str, meant: str) -> None:
    answer = {"choices": [{"finish_reason": end, "message": {"content": "I will not."}}]}

    assert server_answers.normalized_answer(answer)[1]["choices"][0]["finish_reason"] == meant


@each(
    ("usage_of_server", "tokens_in", "cached"),
    [
        ({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}}, 9, 4),
        ({"prompt_tokens": 9, "prompt_cache_hit_tokens": 4, "prompt_cache_miss_tokens": 5}, 9, 4),
        ({"prompt_tokens": 2, "cache_read_input_tokens": 4}, 6, 4),
        ({"input_tokens": 2, "cache_creation_input_tokens": 4}, 6, 0),
    ],
)
def test_tokens_of_a_cache_count_wherever_they_are_counted(
    usage_of_server: dict[str, object], tokens_in: int, cached: int
) -> None:
    answer = {"choices": [{"message": GOOD}], "usage": usage_of_server}

    found = server_answers.normalized_answer(answer)[1]["usage"]

    assert found["prompt_tokens"] == tokens_in
    assert found["prompt_tokens_details"] == {"cached_tokens": cached}


WORD = {"type": "text", "text": "yes"}
OF_ANTHROPIC = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [WORD],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 9, "output_tokens": 1},
}
FORMS: list[tuple[str, dict[str, object]]] = [
    ("anthropic", {"content": "yes"}),
    ("anthropic", {"content": [{"type": "fallback", "from": {"model": "m"}}, WORD]}),
    ("anthropic", {"content": [WORD, {"type": "audio", "text": None}, None]}),
    ("anthropic", {"content": [{"type": "redacted_thinking"}, WORD], "id": None, "model": None}),
    ("anthropic", {"usage": {"input_tokens": None, "output_tokens": "1"}, "stop_reason": 3}),
    ("anthropic", {"usage": None}),
    ("anthropic", {"content": None}),
    ("openai", {"content": [{"type": "novel", "data": 1}, WORD]}),
    ("openai", {"content": [{"type": "novel", "text": 3}, "yes"]}),
    ("compatible", {"content": [None, WORD], "role": None}),
    ("compatible", {"content": 3}),
]


def test_an_answer_of_any_form_is_read_or_is_none() -> None:
    """Blocks without text ended `check-writer` and `generate` with a traceback."""
    for provider, changes in FORMS:
        body: dict[str, object] = {"choices": [{"message": {"role": "assistant"} | changes}]}
        if provider == "anthropic":
            body = OF_ANTHROPIC | changes

        answer = answer_to(provider, Raw(body=json.dumps(body).encode()))

        assert isinstance(answer, Reply), (provider, changes)
        assert answer.text == ("" if changes.get("content", "") in (None, 3) else "yes"), changes


def test_what_only_the_package_makes_of_an_answer_is_read_too() -> None:
    nothing: Any = None  # pydantic-ai 2.68 makes it of `null`
    parts = [messages.TextPart(content="yes"), messages.TextPart(content=nothing)]

    assert model_calls.reply_of(messages.ModelResponse(parts=parts)).text == "yes"


def events(*bodies: object) -> str:
    return "".join(f"data: {json.dumps(body)}\n\n" for body in bodies)


def piece(end: str | None = None, **delta: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": end}]}


PIECES = events(piece(role="assistant", content="y"), piece(content="e"), piece(content="s"))
BEGUN = {"type": "message_start", "message": OF_ANTHROPIC | {"content": [], "stop_reason": None}}
SAID = [
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "y"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "es"}},
]
ENDED = {
    "type": "message_delta",
    "delta": {"stop_reason": "max_tokens"},
    "usage": {"output_tokens": 7},
}
STREAMS: list[tuple[str, str, object]] = [
    ("compatible", PIECES + events(piece("stop")), ("yes", "complete", 0)),
    ("compatible", f": PROCESSING\r\n\r\n{PIECES}data: [DONE]\n\n", ("yes", "complete", 0)),
    (
        "compatible",
        PIECES + events(piece("length"), {"choices": [], "usage": {"completion_tokens": 5}}),
        ("yes", "truncated", 5),
    ),
    (
        "compatible",
        events(piece(reasoning_content="{"), piece(reasoning_content="}"), piece("stop")),
        ("{}", "complete", 0),
    ),
    ("compatible", (PIECES + events(piece("stop"))).replace("data: ", ""), ("yes", "complete", 0)),
    ("compatible", PIECES.replace("null", '""'), "unreadable"),
    ("compatible", PIECES, "unreadable"),
    ("compatible", f"{PIECES}data: {{", "unreadable"),
    ("compatible", "data: [DONE]\n\n", "unreadable"),
    ("compatible", PIECES + events({"error": {"message": "later", "code": 429}}), "throttled"),
    ("openai", PIECES + events(piece("stop")), ("yes", "complete", 0)),
    ("anthropic", "event: x\n" + events(BEGUN, *SAID, ENDED), ("yes", "truncated", 7)),
    ("anthropic", events(BEGUN, *SAID), "unreadable"),
    (
        "anthropic",
        events(BEGUN, {"type": "error", "error": {"type": "overloaded_error"}}),
        "throttled",
    ),
]


def test_an_answer_in_pieces_that_nobody_asked_for_is_put_together() -> None:
    """It was unreadable, asked for six times, and waited for."""
    for provider, stream, expected in STREAMS:
        answer = answer_to(provider, Raw(body=stream.encode(), content_type="text/event-stream"))

        if isinstance(answer, Reply):
            assert (answer.text, answer.end.value, answer.tokens_out) == expected, stream
        else:
            assert answer.kind.value == expected, (stream, answer)


def answer_to(provider: str, raw: Raw) -> Reply | Failure:
    with scripted_server(always(raw)) as server:
        return answer_at(server.base_url(provider), MODELS[provider])


def answer_at(
    base_url: str, model: str, *, connect_seconds: float = model_calls.CONNECT_TIMEOUT_SECONDS
) -> Reply | Failure:
    async def asked() -> Reply | Failure:
        choice = ModelChoice(model=model, base_url=base_url, api_key=None, timeout_seconds=5.0)
        async with model_calls.open_channel(choice, connect_seconds=connect_seconds) as channel:
            return await channel.ask(PING_QUESTION)

    return asyncio.run(asked())


@each(
    ("error", "phase", "kind"),
    [
        ("ModelConnectionError", "pool", FailureKind.UNREACHABLE),
        ("ModelConnectionError", "connect", FailureKind.UNREACHABLE),
        ("ModelConnectionError", None, FailureKind.UNREACHABLE),
        ("ModelConnectionError", "write", FailureKind.UNREADABLE),
        ("ModelConnectionError", "read", FailureKind.UNREADABLE),
        ("ModelTimeoutError", "connect", FailureKind.UNREACHABLE),
    ],
)
def test_a_connection_that_broke_after_something_was_sent_may_have_cost_something(
    error: str, phase: "foreign.TransportPhase | None", kind: FailureKind
) -> None:
    broken = getattr(foreign, error)("m", "It failed", phase=phase)

    assert model_calls.failure_of(broken, NO_KEY).kind is kind


@each("model", MODELS.values())
def test_a_server_that_takes_no_connection_is_given_up_before_the_time_of_an_answer(
    model: str,
) -> None:
    """The time for an answer counted for connecting too: two minutes for every request."""
    with full_server() as base_url:
        answer = answer_at(base_url, model, connect_seconds=0.05)

    assert isinstance(answer, Failure)
    assert answer.kind is FailureKind.UNREACHABLE


@contextmanager
def full_server() -> Iterator[str]:
    """Give the address of a server whose queue of connections is full, and stays so."""
    with ExitStack() as sockets:
        server = sockets.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(3):
            client = sockets.enter_context(socket.socket())
            client.settimeout(0)
            client.connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"


@each(
    ("body", "message"),
    [
        ({"error": {"message": "No."}}, "HTTP 418: No."),
        ({"message": "No"}, "HTTP 418: No."),
        ({"detail": [{"loc": ["body"]}]}, "HTTP 418: no reason given."),
        ("plain", "HTTP 418: plain."),
        (None, "HTTP 418: no reason given."),
        ({"error": "k3y-0f-0urs is wrong"}, "HTTP 418: [key] is wrong."),
        ({"error": "?key=k3y-0f-0ursx"}, "HTTP 418: ?key=[key]x."),
        ({"error": "a\n\n  b"}, "HTTP 418: a b."),
        ({"error": "x" * 400}, f"HTTP 418: {'x' * 290} …"),
        ({"error": "x" * 288 + "k3y-0f-0urs"}, f"HTTP 418: {'x' * 288}[k …"),
    ],
)
def test_the_message_of_a_service_is_reported_short_and_without_the_key(
    body: object, message: str
) -> None:
    failure = model_calls.failure_of(
        foreign.ModelHTTPError(418, "m", body), model_calls.redaction_of_key("k3y-0f-0urs")
    )

    assert failure.reason == message


@each("placeholder", ["k", "EMPTY", "ollama"])
def test_a_placeholder_for_a_key_spoils_no_word_of_a_service(placeholder: str) -> None:
    """`WRITER_API_KEY=k` made a message read "bad [key]ey"."""
    message = "bad key k, asked of ollama; EMPTY"

    failure = model_calls.failure_of(
        foreign.ModelHTTPError(401, "m", message), model_calls.redaction_of_key(placeholder)
    )

    assert failure.reason == f"HTTP 401: {message}."


@each(
    "thoughts",
    [
        "So {rows} it is.</think>",
        "<thinking>So {rows} it is.</thinking>\n",
        "So</think> {rows}.</thought>",
        "[THINK]So {rows}[/THINK]",
        "<seed:think>So {rows}</seed:think>",
        "<|channel|>analysis<|message|>So {rows}<|end|><|start|>assistant<|channel|>final<|message|>",
        "",
    ],
)
def test_what_a_model_thinks_aloud_is_no_answer(thoughts: str) -> None:
    response = messages.ModelResponse(
        parts=[
            messages.ThinkingPart(content="{hm}"),
            messages.TextPart(content=f'{thoughts}{{"a":'),
            messages.TextPart(content="1}"),
        ],
        usage=usage.RequestUsage(input_tokens=3, output_tokens=4),
        finish_reason="stop",
    )

    reply = model_calls.reply_of(response)

    assert (reply.text.strip(), reply.end) == ('{"a":1}', ReplyEnd.COMPLETE)
    assert (reply.tokens_in, reply.tokens_out) == (3, 4)


@each(
    ("text", "tokens", "cached", "is_cut"),
    [
        ("A boat of the fleet. " * 400, 2_050, 0, False),
        ("A boat of the fleet. " * 400, 1_100, 0, True),
        ("A boat of the fleet. " * 400, 100, 1_900, False),
        ("A boat of the fleet. " * 400, 0, 0, False),
        ("船の名前と港。" * 400, 1_900, 0, False),
        ("船の名前と港。" * 400, 100, 0, True),
        ("=" * 20_000, 400, 0, False),
        ("short", 1, 0, False),
    ],
)
def test_a_prompt_was_cut_where_no_tokenizer_makes_so_few_tokens_of_it(
    text: str, tokens: int, cached: int, is_cut: bool
) -> None:
    reply = Reply(
        text="{}",
        end=ReplyEnd.COMPLETE,
        tokens_in=tokens,
        tokens_out=1,
        cached=CachedTokens(read=cached),
    )

    found = cut_prompt_failure(a_question(request=text), reply)

    assert (found is not None) == is_cut
    assert found is None or f"It counted {tokens:,} tokens" in found.reason


def a_question(**changes: str) -> Question:
    given = {"instructions": "Be good.", "request": "Write."} | changes
    return Question(**given, answer_tokens_max=10, schema=None)


@each(
    ("question", "expected"),
    [
        pytest.param(a_question(), ["Write."], id="first"),
        pytest.param(
            a_question(answered="{", complaint="Again."), ["Write.", "{", "Again."], id="again"
        ),
        pytest.param(a_question(complaint="Again."), ["Write.\n\nAgain."], id="nothing to show"),
    ],
)
def test_a_question_is_a_conversation_without_empty_turns(
    question: Question, expected: list[str]
) -> None:
    found = model_calls.messages_of(question)

    texts = [getattr(m.parts[0], "content", None) for m in found]
    assert texts == expected
    assert {m.instructions for m in found if isinstance(m, messages.ModelRequest)} == {"Be good."}


def test_without_the_extra_the_error_says_how_to_install_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "jira_pipeline.writing.models.model_calls", raising=False)
    monkeypatch.setitem(sys.modules, "pydantic_ai", None)
    with scripted_server(always(Say())) as server, pytest.raises(WriterMissingError) as caught:
        list(model_writer(server, store.writing).write_all(some_briefs(1), session_key=SESSION))

    assert "pip install" in action_text(caught.value.recovery_actions[0])
    assert server.asked == []


def test_a_mistake_in_an_import_of_ours_is_not_taken_for_the_missing_extra(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jira_pipeline.writing.models.model_calls", None)
    with scripted_server(always(Say())) as server, pytest.raises(ModuleNotFoundError):
        list(model_writer(server, store.writing).write_all(some_briefs(1), session_key=SESSION))


@each("model", ["openai:gpt-5-mini", "anthropic:claude-haiku-4-5"])
def test_a_provider_is_not_asked_without_a_key(model: str) -> None:
    choice = ModelChoice(model=model, base_url=None, api_key=None, timeout_seconds=1.0)

    with pytest.raises(WriterAccessError, match="WRITER_API_KEY"):
        open_model_channel(choice)
