"""Answers of servers that speak OpenAI's protocol in their own way, put right before they are read.

Belongs here: what gateways and servers of one's own send instead. Does not: what a status means
(`model_calls`). The openai package and pydantic-ai refuse a whole answer for one field of another
type, and read an error that comes with status 200 as such an answer; tried, 3.52 and 2.68.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import httpx2
from typing_extensions import override

_GATEWAY_FAILED = 502
_ERROR = re.compile(r"[45]\d\d")
_THOUGHTS = ("reasoning_content", "reasoning")
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
        if not isinstance(answer, dict):
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


def as_meant(answer: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
    """Return the status that an answer has, and its body in OpenAI's form."""
    choices, error = answer.get("choices"), answer.get("error")
    if error and not choices:
        code = error.get("code") if isinstance(error, Mapping) else None
        status = _ERROR.fullmatch(str(code)[:4])  # some send it as a text
        return int(status[0]) if status else _GATEWAY_FAILED, {"error": error}
    if not isinstance(choices, list):
        return 200, answer
    created = answer.get("created")
    usage = answer.get("usage")
    return 200, {
        **answer,
        "id": str(answer.get("id") or "none"),
        "object": "chat.completion",
        "created": _whole(created) if isinstance(created, int | float) else 0,
        "usage": {name: _whole(n) for name, n in usage.items()}
        if isinstance(usage, Mapping)
        else None,
        "choices": [_choice(one) if isinstance(one, Mapping) else one for one in choices],
    }


def _whole(number: Any) -> Any:
    """Return a decimal as a whole number; JSON of some servers has `NaN` and `Infinity`."""
    if not isinstance(number, float):
        return number
    return int(number) if math.isfinite(number) else 0


def _choice(choice: Mapping[str, Any]) -> dict[str, Any]:
    message = choice.get("message")
    if isinstance(message, Mapping):
        content = message.get("content")
        thought = next((message[name] for name in _THOUGHTS if message.get(name)), None)
        is_answer = isinstance(thought, str) and "{" in thought
        message = {
            **message,
            "role": "assistant",
            "content": thought if not content and is_answer else content,
        }
    return {
        "index": 0,
        **choice,
        "finish_reason": choice.get("finish_reason") or None,
        "message": message,
    }
