"""Answers of servers that speak a protocol in their own way, put right before they are read.

Belongs here: what providers, gateways and servers of one's own send instead, streams nobody asked
for included. Does not: what a status means (`model_calls`). The openai package and pydantic-ai
refuse a whole answer for one field of another type, read an error that comes with status 200 as
such an answer, and stumble over a block of Anthropic's that has no text; tried, 3.52 and 2.68.
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

_GATEWAY_FAILED = 502
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
"""What gateways call an error that comes without a number."""
_ENDS = tuple(
    (re.compile(words, re.IGNORECASE), end)
    for words, end in (
        (r"error|fail", "error"),
        (r"length|max_?(?:output_?)?tokens|context_window", "length"),
        (
            r"filter|safety|sensitive|guardrail|block|prohibited|recitation|spii|refus|moderat",
            "content_filter",
        ),
    )
)
"""What servers call an end that is none; every other one is an answer."""
_REPEATED = frozenset({"body", "input", "messages", "prompt", "request"})
_WORDS_MAX = 1_000
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")
"""Where servers put what a model thought; some the whole answer."""
_IN_PIECES = frozenset({"content", "text", "arguments", "refusal", *_THOUGHTS})
"""What a stream sends piece by piece; of everything else the last is meant."""
_STREAM_END = re.compile(r'^data:\s*\[DONE\]|"(?:finish|stop)_reason":\s*"\w', re.MULTILINE)
UNFORESEEN = (AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What an answer of a form that nobody knows ends in, here and in pydantic-ai; tried, 2.68."""


class ServerClient(httpx2.AsyncClient):
    """Reads answers as their servers mean them."""

    @override
    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send a request; an answer that can be read is put right, also one in pieces."""
        response = await super().send(request, **options)
        if response.status_code != httpx2.codes.OK or options.get("stream"):
            return response
        try:
            status, body = as_meant(read_answer(response.content))
        except UNFORESEEN:  # the package says what is wrong with it
            return response
        headers = {
            name: value
            for name, value in response.headers.items()
            if name.lower() not in {"content-length", "content-encoding", "transfer-encoding"}
        }
        headers["content-type"] = "application/json"
        return httpx2.Response(
            status, headers=headers, content=json.dumps(body).encode(), request=request
        )


def read_answer(body: bytes) -> Any:
    """Return an answer as one value; the events of a stream make one, an error among them is all.

    Raises:
        ValueError: It is neither, or the stream ends before the answer does.
    """
    with suppress(ValueError):
        return json.loads(body)
    stream = body.decode()
    whole: Any = {}
    for line in stream.split("\n"):
        event = line.strip().removeprefix("data:").strip()
        if event.startswith("{"):
            whole = _joined(whole, json.loads(event))
    if error := whole.get("error"):
        return {"error": error}
    if not _STREAM_END.search(stream):
        raise ValueError("There is no end of an answer.")
    if "choices" in whole:
        return whole
    delta = whole["delta"]  # of Anthropic
    ended = {"stop_reason": delta["stop_reason"], "usage": whole.get("usage")}
    return _joined({**whole["message"], "content": delta.get("text")}, ended)


def _joined(earlier: Any, later: Any, name: str = "") -> Any:
    if isinstance(earlier, Mapping) and isinstance(later, Mapping):
        changed = {key: _joined(earlier.get(key), value, key) for key, value in later.items()}
        return {**earlier, **changed}
    if isinstance(earlier, list) and isinstance(later, list):
        return [_joined(*pair, name) for pair in zip_longest(earlier, later)]
    if isinstance(earlier, str) and isinstance(later, str) and name in _IN_PIECES:
        return earlier + later
    return earlier if later is None else later


def as_meant(answer: Any) -> tuple[int, Any]:
    """Return the status that an answer has, and its body in the form of its protocol.

    What holds a message and no choice is an error, however it is worded.
    """
    given = answer if isinstance(answer, Mapping) else {}
    if given.get("type") == "message":
        return 200, _message(given)
    choices = given.get("choices")
    error = given.get("error")
    choice = None
    if isinstance(choices, list) and choices and isinstance(choices[0], Mapping):
        choice = _choice(choices[0])
        is_empty = not any(choice["message"][name] for name in ("content", "refusal"))
        error = choices[0].get("error") or (error if is_empty else None)
    if choice is None and not error:
        if not message_in(answer):  # nobody knows what it is, and it may have been paid for
            return 200, answer
        error = answer
    if error or choice is None or choice["finish_reason"] == "error":
        body = {"error": error or "The model ended with an error"}
        return _status_of(body), body
    usage = given.get("usage")
    return 200, {
        **given,
        "id": str(given.get("id") or "none"),
        "model": str(given.get("model") or "none"),
        "object": "chat.completion",
        "created": _whole(given.get("created")),
        "usage": _usage(usage) if isinstance(usage, Mapping) else None,
        "choices": [choice],
    }


def message_in(body: Any) -> str:
    """Return the message of an error's body, however it is wrapped."""
    if isinstance(body, list):
        return message_in(body[0]) if body else ""
    if isinstance(body, Mapping):
        names = ("error", "errors", "message", "msg", "error_msg", "detail")
        return next((found for name in names if (found := message_in(body.get(name)))), "")
    return body if isinstance(body, str) else ""


def words_in(body: Any) -> str:
    """Return all that an error's body says, without what it repeats of the request."""
    if isinstance(body, Mapping):
        return words_in([value for name, value in body.items() if name not in _REPEATED])
    if isinstance(body, list):
        return " ".join(map(words_in, body))
    return body[:_WORDS_MAX] if isinstance(body, str) else ""


def _status_of(body: Any) -> int:
    """Return the status that an error names, by number or word, in itself or what it is in."""
    codes = [str(code)[:60] for code in _codes_in(body)]
    numbers = [int(code) for code in codes if _STATUS.fullmatch(code)]
    named = [status for words, status in _STATUS_NAMES for code in codes if words.search(code)]
    return next(iter([*numbers, *named]), _GATEWAY_FAILED)


def _codes_in(body: Any) -> Iterator[Any]:
    if isinstance(body, list):
        body = body[0] if body else None
    if isinstance(body, Mapping):
        for name in ("error", "errors"):
            yield from _codes_in(body.get(name))
        for name in ("code", "status", "status_code", "statusCode", "error_code", "type"):
            if isinstance(body.get(name), str | int):
                yield body[name]


def _whole(number: Any) -> int:
    """Return a number as a count; JSON of some servers has `NaN`, `Infinity`, -1 and texts."""
    is_number = isinstance(number, int | float) and math.isfinite(number)
    return max(0, int(number)) if is_number else 0


def _usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tokens of an answer, with those that a cache held wherever they are counted."""
    tokens_in = _whole(usage.get("prompt_tokens") or usage.get("input_tokens"))
    details = usage.get("prompt_tokens_details")
    counts = {**usage, **(details if isinstance(details, Mapping) else {})}
    held = {name: _whole(n) for name, n in counts.items() if "cache" in name and "miss" not in name}
    written = {name for name in held if "creat" in name or "writ" in name}
    read = max((n for name, n in held.items() if name not in written), default=0)
    apart = read + max((held[name] for name in written), default=0)
    return {
        "prompt_tokens": tokens_in + apart if apart > tokens_in else tokens_in,
        "completion_tokens": _whole(usage.get("completion_tokens") or usage.get("output_tokens")),
        "total_tokens": _whole(usage.get("total_tokens")),
        "prompt_tokens_details": {"cached_tokens": read},
    }


def _message(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer in Anthropic's form with its text as one block, whatever else it holds."""
    usage = answer.get("usage")
    counts = usage if isinstance(usage, Mapping) else {}
    tokens = {name: _whole(counts.get(name)) for name in ("input_tokens", "output_tokens")}
    return {
        "id": "none",
        "model": "none",
        "stop_reason": None,
        **answer,
        "content": [{"type": "text", "text": _text(answer.get("content"))}],
        "usage": {**counts, **tokens},
    }


def _choice(choice: Mapping[str, Any]) -> dict[str, Any]:
    """Return a choice with its text where OpenAI has it; what a model thought is no part of it."""
    found = choice.get("message") or choice.get("delta")
    message = found if isinstance(found, Mapping) else {"content": choice.get("text")}
    content = _text(message.get("content"))
    if not content.strip():
        calls = message.get("tool_calls") or [{"function": message.get("function_call")}]
        functions = [each.get("function") for each in calls if isinstance(each, Mapping)]
        other = [each.get("arguments") for each in functions if isinstance(each, Mapping)]
        other += [message.get(name) for name in _THOUGHTS]
        content = next((text for each in other if "{" in (text := _text(each))), content)
    end = str(choice.get("finish_reason") or "")
    ends = [meant for words, meant in _ENDS if words.search(end)]
    refusal = message.get("refusal")
    return {
        "index": 0,
        "finish_reason": next(iter(ends), "stop"),
        "message": {
            "role": "assistant",
            "content": content,
            "refusal": refusal if isinstance(refusal, str) else None,
        },
    }


def _text(content: Any) -> str:
    """Return the text of a message: one, an object that was read already, or parts."""
    if isinstance(content, list):
        parts = [one.get("text") if isinstance(one, Mapping) else one for one in content]
        return "".join(part for part in parts if isinstance(part, str))
    if isinstance(content, Mapping):
        return json.dumps(content)
    return content if isinstance(content, str) else ""
