"""Answers of servers that speak a protocol in their own way, put right before they are read.

In: the body of an answer with status 200, as any provider, gateway or private server sends it, also
as a stream that nobody asked for. Out: the same answer in the form of OpenAI's chat completions or
Anthropic's messages, or an error with a status that fits it. A whole answer without a choice is one
that says nothing: it belongs to its question, as asking again may well give the same.

It is needed because the openai package and pydantic-ai refuse a whole answer for one field of
another type, read an error that comes with status 200 as an answer, and fail at a block of
Anthropic's that has no text; tried with 3.52 and 2.68. Does not belong here: what a status means
(`model_calls`), how much is read (`bounded_answers`).
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import zip_longest
from typing import Any

import httpx2
from typing_extensions import override

from jira_pipeline.writing.models.bounded_answers import (
    STREAM_EVENTS_MAX,
    BrokenAnswerError,
    UnusableAnswerError,
    WebPageAnsweredError,
    bounded_body,
    bounded_json,
    is_within_bounds,
)
from jira_pipeline.writing.models.request_form import USUAL_FORM, RequestForm, shaped_body

_GATEWAY_FAILED = 502
"""The status of an error that names none."""
_STATUS = re.compile(r"[45]\d\d")
_STATUS_NAMES = tuple(
    (re.compile(words, re.IGNORECASE), status)
    for words, status in (
        (r"api_?key|auth|permission", 401),
        (r"quota|balance|budget|credit|billing", 402),
        (r"not_?found", 404),
        (r"rate_?limit|too_many|exhausted|throttl", 429),
        (r"overload|unavailable", 503),
        (r"invalid|context|too_(?:long|large)", 400),
    )
)
"""The status for the words of an error that comes without a number."""
_ENDS = tuple(
    (re.compile(words, re.IGNORECASE), end)
    for words, end in (
        (r"error|fail", "error"),
        (r"context_window", "context_window"),
        (r"length|max_?(?:output_?)?tokens", "length"),
        (
            r"filter|safety|sensitive|guardrail|block|prohibited|recitation|spii|refus|moderat",
            "content_filter",
        ),
    )
)
"""OpenAI's finish reason for what servers call an incomplete end; any other word is a full answer.

`error` and `context_window` are ours: they become errors before a package reads them.
"""
_COUNTS_OF_ANTHROPIC = (
    "input_tokens",
    "output_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
)
_WINDOW_USED_UP = {
    "message": "The answer ended where the context window of the model was used up.",
    "code": "context_window_exceeded",
}
"""The error of an answer that had no room, in the words of servers that refuse before they answer."""
_COUNT_MAX = 10**9
"""More tokens than any request has; what a server counts above it is a mistake, and counts as none."""
_BROKEN = "The answer is no JSON, or only a part of it arrived"
_PAGE_READ_CHARACTERS = 5_000
_REPEATED = frozenset({"body", "input", "messages", "prompt", "request"})
"""Fields in which an error repeats the request, whose words say nothing about the error."""
_WORDS_MAX = 1_000
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")
"""Fields with the thoughts of a model; some servers put the whole answer there."""
_IN_PIECES = frozenset({"content", "text", "arguments", "refusal", *_THOUGHTS})
"""Fields that a stream sends piece by piece; of any other field the last value counts."""
_STREAM_END = re.compile(r'^data:\s*\[DONE\]|"(?:finish|stop)_reason":\s*"\w', re.MULTILINE)
UNKNOWN_FORM_ERRORS = (
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading an answer of an unknown form raises, here and in pydantic-ai; tried with 2.68."""


class ServerClient(httpx2.AsyncClient):
    """An HTTP client that puts requests and answers right between the packages and a server."""

    form = USUAL_FORM
    """The form of requests that the server takes."""

    @override
    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send a request; return its answer put right, or as it is where it cannot be read.

        Raises:
            UnusableAnswerError: The answer is whole, and too large or of an unknown form.
            BrokenAnswerError: It is a web page, no JSON, or only a part of it.
        """
        request = _shaped(request, self.form)
        response = await super().send(request, **{**options, "stream": True})
        if options.get("stream"):
            return response
        is_ok = response.is_success
        try:
            content = await bounded_body(response)
        except UnusableAnswerError:
            if is_ok:
                raise
            content = b""  # of an error its status is enough
        status = response.status_code
        headers = {
            name: value
            for name, value in response.headers.items()
            if name.lower() not in {"content-length", "content-encoding", "transfer-encoding"}
        }
        if is_ok:
            is_message = request.url.path.endswith("/messages")
            status, content = _put_right(content, is_message=is_message)
            headers["content-type"] = "application/json"
        elif not is_within_bounds(content):
            content = b""
        return httpx2.Response(status, headers=headers, content=content, request=request)


def _put_right(content: bytes, *, is_message: bool) -> tuple[int, bytes]:
    """Return the status and the body that a good answer should have had.

    An empty body says nothing, in the protocol that was spoken: in Anthropic's where `is_message`.

    Raises:
        UnusableAnswerError: Nothing in it is of an answer.
        BrokenAnswerError: It is a web page, no JSON, or only a part of it.
    """
    if not content.strip():
        nothing: Mapping[str, Any] = {"type": "message"} if is_message else {"choices": []}
        return httpx2.codes.OK, json.dumps(normalized_answer(nothing)[1]).encode()
    title = title_of_page(content.decode(errors="replace"))
    if title:
        raise WebPageAnsweredError(f"A web page answered, not the service ({title})")
    try:
        answer = read_answer(content)
    except UNKNOWN_FORM_ERRORS:
        raise BrokenAnswerError(_BROKEN) from None
    with suppress(*UNKNOWN_FORM_ERRORS):  # the package says what is wrong with it
        status, body = normalized_answer(answer)
        return status, json.dumps(body).encode()
    return httpx2.codes.OK, content


def title_of_page(body: str) -> str:
    """Return the title of a web page, in quotation marks; empty where a body is none."""
    body = body[:_PAGE_READ_CHARACTERS].strip()
    if not re.match(r"<(?:!doctype|html|head|body|\?xml)", body, re.IGNORECASE):
        return ""
    title = re.search(r"<title[^>]*>([^<]{1,100})", body, re.IGNORECASE)
    return f"“{' '.join(title[1].split())}”" if title else "without a title"


def _shaped(request: httpx2.Request, form: RequestForm) -> httpx2.Request:
    """Return a request whose body has the form that its server takes."""
    try:
        body = json.loads(request.content)
    except ValueError:
        return request
    content = json.dumps(shaped_body(body, form)).encode()
    headers = [pair for pair in request.headers.raw if pair[0].lower() != b"content-length"]
    return httpx2.Request(
        request.method,
        request.url,
        headers=headers,
        content=content,
        extensions=request.extensions,
    )


def read_answer(body: bytes) -> Any:
    """Return a body as one JSON value; the events of a stream are merged into one.

    Where one of the events is an error, only that is returned.

    Raises:
        ValueError: It is neither JSON nor a stream, or the stream ends before the answer does.
        UnusableAnswerError: It is nested too deeply, or a stream of too many events.
    """
    with suppress(ValueError):
        return bounded_json(body)
    stream = body.decode()
    lines = stream.split("\n")
    if len(lines) > 3 * STREAM_EVENTS_MAX:  # an event has a line, a name and a blank line after it
        raise UnusableAnswerError("The answer is a stream of too many events to be read.")
    whole: Any = {}
    for line in lines:
        event = line.strip().removeprefix("data:").strip()
        if event.startswith("{"):
            whole = _merged(whole, bounded_json(event))
    error = whole.get("error")
    if error:
        return {"error": error}
    if not _STREAM_END.search(stream):
        raise ValueError("There is no end of an answer.")
    if "choices" in whole:
        return whole
    delta = whole["delta"]  # Anthropic's form of a stream
    ended = {"stop_reason": delta["stop_reason"], "usage": whole.get("usage")}
    return _merged({**whole["message"], "content": delta.get("text")}, ended)


def _merged(earlier: Any, later: Any, name: str = "") -> Any:
    """Return the value of a field after one more event of a stream; `name` is the field's name."""
    if isinstance(earlier, Mapping) and isinstance(later, Mapping):
        changed = {key: _merged(earlier.get(key), value, key) for key, value in later.items()}
        return {**earlier, **changed}
    if isinstance(earlier, list) and isinstance(later, list):
        return [_merged(*pair, name) for pair in zip_longest(earlier, later)]
    if isinstance(earlier, str) and isinstance(later, str) and name in _IN_PIECES:
        return earlier + later
    return earlier if later is None else later


def normalized_answer(answer: Any) -> tuple[int, Any]:
    """Return the status that an answer should have had, and its body in the form of its protocol.

    A body that has a message for people but no choice is an error, however it is worded. One without
    either is an answer that says nothing.

    Raises:
        UnusableAnswerError: Nothing in it is of an answer.
    """
    fields = answer if isinstance(answer, Mapping) else {}
    if fields.get("type") == "message":
        is_window_used_up = "context_window" in str(fields.get("stop_reason"))
        return _without_room(fields) if is_window_used_up else (200, _message(fields))
    choices = fields.get("choices")
    error = fields.get("error")
    choice = None
    if isinstance(choices, list) and choices and isinstance(choices[0], Mapping):
        choice = _choice(choices[0])
        is_empty = not any(choice["message"][name] for name in ("content", "refusal"))
        error = choices[0].get("error") or (error if is_empty else None)
    usage = fields.get("usage")
    if choice is None and not error and message_in(answer):
        error = answer
    if choice is None and not error:
        if not isinstance(choices, list) and not isinstance(usage, Mapping):
            raise UnusableAnswerError("The answer has a form that this program does not know.")
        choice = _choice({})
    if error or choice is None or choice["finish_reason"] == "error":
        body = {"error": error or "The model ended with an error"}
        return _status_of(body), body
    if choice["finish_reason"] == "context_window":
        return _without_room(fields)
    return 200, {
        "id": str(fields.get("id") or "none"),
        "model": str(fields.get("model") or "none"),
        "object": "chat.completion",
        "created": _count_of(fields.get("created")),
        "usage": _usage(usage) if isinstance(usage, Mapping) else None,
        "choices": [choice],
    }


def _without_room(answer: Mapping[str, Any]) -> tuple[int, Any]:
    """Return an answer that ended for want of room as an error; its `usage` says that it is paid."""
    return 400, {"error": _WINDOW_USED_UP, "usage": answer.get("usage") or {}}


def message_in(body: Any) -> str:
    """Return the message of an error's body, however deep it is; empty where there is none."""
    if isinstance(body, list):
        return message_in(body[0]) if body else ""
    if isinstance(body, Mapping):
        for name in ("error", "errors", "message", "msg", "error_msg", "detail"):
            message = message_in(body.get(name))
            if message:
                return message
        return ""
    return body if isinstance(body, str) else ""


def words_in(body: Any) -> str:
    """Return all texts of an error's body in one, without those that repeat the request."""
    if isinstance(body, Mapping):
        return words_in([value for name, value in body.items() if name not in _REPEATED])
    if isinstance(body, list):
        return " ".join(map(words_in, body))
    return body[:_WORDS_MAX] if isinstance(body, str) else ""


def _status_of(body: Any) -> int:
    """Return the status that an error's body names, by a number or else by a word."""
    codes = [str(code)[:60] for code in _codes_in(body)]
    for code in codes:
        if _STATUS.fullmatch(code):
            return int(code)
    for words, status in _STATUS_NAMES:
        if any(words.search(code) for code in codes):
            return status
    return _GATEWAY_FAILED


def _codes_in(body: Any) -> Iterator[Any]:
    """Yield the codes of an error's body, those of nested errors first."""
    if isinstance(body, list):
        body = body[0] if body else None
    if isinstance(body, Mapping):
        for name in ("error", "errors"):
            yield from _codes_in(body.get(name))
        for name in ("code", "status", "status_code", "statusCode", "error_code", "type"):
            if isinstance(body.get(name), str | int):
                yield body[name]


def _count_of(number: Any) -> int:
    """Return a value as a count; servers send `NaN`, `Infinity`, -1, texts and truth values: 0."""
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    if not is_number or not math.isfinite(number) or number > _COUNT_MAX:
        return 0
    return max(0, int(number))


def _usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tokens of an answer in OpenAI's form, whatever the server calls them."""
    tokens_in = _count_of(usage.get("prompt_tokens") or usage.get("input_tokens"))
    details = usage.get("prompt_tokens_details")
    counts = {**usage, **(details if isinstance(details, Mapping) else {})}
    cache_reads = [0]
    cache_writes = [0]
    for name, number in counts.items():
        if "cache" not in name or "miss" in name:
            continue
        is_write = "creat" in name or "writ" in name
        (cache_writes if is_write else cache_reads).append(_count_of(number))
    # Several fields may count the same tokens, so the largest counts.
    read = max(cache_reads)
    cached = read + max(cache_writes)
    if cached > tokens_in:  # the server counts cached tokens apart; OpenAI includes them
        tokens_in += cached
    return {
        "prompt_tokens": tokens_in,
        "completion_tokens": _count_of(
            usage.get("completion_tokens") or usage.get("output_tokens")
        ),
        "total_tokens": _count_of(usage.get("total_tokens")),
        "prompt_tokens_details": {"cached_tokens": read},
    }


def _message(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer in Anthropic's form with all its text in one block."""
    usage = answer.get("usage")
    counts = usage if isinstance(usage, Mapping) else {}
    message: dict[str, Any] = {"type": "message", "role": "assistant", "stop_reason": None}
    for name in ("id", "model"):
        message[name] = str(answer.get(name) or "none")
    if isinstance(answer.get("stop_reason"), str):
        message["stop_reason"] = answer["stop_reason"]
    message["content"] = [{"type": "text", "text": _text(answer.get("content"))}]
    message["usage"] = {name: _count_of(counts.get(name)) for name in _COUNTS_OF_ANTHROPIC}
    return message


def _choice(choice: Mapping[str, Any]) -> dict[str, Any]:
    """Return a choice in OpenAI's form: its text as `content`, its end as a known finish reason."""
    message = choice.get("message") or choice.get("delta")
    if not isinstance(message, Mapping):
        message = {"content": choice.get("text")}
    content = _text(message.get("content"))
    if not content.strip():
        content = _json_elsewhere(message) or content
    end_words = str(choice.get("finish_reason") or "")
    finish_reasons = [reason for words, reason in _ENDS if words.search(end_words)]
    refusal = message.get("refusal")
    return {
        "index": 0,
        "finish_reason": finish_reasons[0] if finish_reasons else "stop",
        "message": {
            "role": "assistant",
            "content": content,
            "refusal": refusal if isinstance(refusal, str) else None,
        },
    }


def _json_elsewhere(message: Mapping[str, Any]) -> str:
    """Return an answer that is not in a message's content, but in a call or in thoughts.

    It is known by a brace, as it is JSON; empty where there is none.
    """
    places: list[Any] = []
    for call in message.get("tool_calls") or [{"function": message.get("function_call")}]:
        function = call.get("function") if isinstance(call, Mapping) else None
        if isinstance(function, Mapping):
            places.append(function.get("arguments"))
    places += [message.get(name) for name in _THOUGHTS]
    for place in places:
        text = _text(place)
        if "{" in text:
            return text
    return ""


def _text(content: Any) -> str:
    """Return a content as text: a list of parts, an object that was decoded already, or a text."""
    if isinstance(content, list):
        texts = []
        for part in content:
            text = part.get("text") if isinstance(part, Mapping) else part
            if isinstance(text, str):
                texts.append(text)
        return "".join(texts)
    if isinstance(content, Mapping):
        return json.dumps(content)
    return content if isinstance(content, str) else ""
