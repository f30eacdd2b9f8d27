"""Answers of servers that speak OpenAI's protocol in their own way, put right before they are read.

Belongs here: what gateways and servers of one's own send instead. Does not: what a status means
(`model_calls`). The openai package and pydantic-ai refuse a whole answer for one field of another
type, and read an error that comes with status 200 as such an answer; tried, 3.52 and 2.68.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
from typing_extensions import override

_GATEWAY_FAILED = 502
_STATUS = re.compile(r"[45]\d\d")
_STATUS_NAMES = tuple(
    (re.compile(words, re.IGNORECASE), status)
    for words, status in (
        (r"api_?key|auth|permission", 401),
        (r"quota|balance|credit|billing", 402),
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


class ServerClient(httpx2.AsyncClient):
    """Reads answers as their servers mean them."""

    @override
    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send a request; an answer in JSON is put right."""
        response = await super().send(request, **options)
        if response.status_code != httpx2.codes.OK or options.get("stream"):
            return response
        try:
            answer = json.loads(response.content)
        except (ValueError, RecursionError):  # the package says what is wrong with it
            return response
        status, body = as_meant(answer)
        headers = {
            name: value
            for name, value in response.headers.items()
            if name.lower() not in {"content-length", "content-encoding", "transfer-encoding"}
        }
        return httpx2.Response(
            status, headers=headers, content=json.dumps(body).encode(), request=request
        )


def as_meant(answer: Any) -> tuple[int, Any]:
    """Return the status that an answer has, and its body in OpenAI's form.

    What holds a message and no choice is an error, however it is worded.
    """
    given = answer if isinstance(answer, Mapping) else {}
    if given.get("type") == "message":
        return 200, answer  # of Anthropic
    choices, error, choice = given.get("choices"), given.get("error"), None
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
    """Return a number as a whole one; JSON of some servers has `NaN`, `Infinity` and texts."""
    is_number = isinstance(number, int | float) and math.isfinite(number)
    return int(number) if is_number else 0


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


def _choice(choice: Mapping[str, Any]) -> dict[str, Any]:
    """Return a choice with its text where OpenAI has it; what a model thought is no part of it."""
    found = choice.get("message") or choice.get("delta")
    message = found if isinstance(found, Mapping) else {"content": choice.get("text")}
    content = _text(message.get("content"))
    if not content.strip():
        calls = message.get("tool_calls") or [{"function": message.get("function_call")}]
        functions = [one.get("function") for one in calls if isinstance(one, Mapping)]
        other = [one.get("arguments") for one in functions if isinstance(one, Mapping)]
        other += [message.get(name) for name in _THOUGHTS]
        content = next((text for one in other if "{" in (text := _text(one))), content)
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
