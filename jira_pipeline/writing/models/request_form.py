"""The form of a request to a model: what of it a server refuses, and the form that it takes.

Servers that speak the same protocol take other names for the limit of an answer, allow fewer tokens,
know no system message or no schema. Their refusals name what they mean; the next request leaves
that out. No table of models says it: it would be out of date, and wrong behind a gateway.

In: the JSON body of a request and the words of its refusal. Out: a `RequestForm`, and the body in
that form. Does not belong here: which failures are refusals (`model_calls`), remembering a form
(`store/writing_record`).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

LEAST_ANSWER_TOKENS = 500
"""With a smaller limit no answer fits, so a number below it means something else."""
USUAL_ANSWER_TOKENS = 2_000
"""An answer of the largest ticket has so many; with less room fewer rows are sent instead."""


class LimitName(StrEnum):
    """How a server calls the most tokens that an answer may have."""

    AS_USUAL = ""
    """As the protocol has it."""
    MAX_TOKENS = "max_tokens"
    MAX_COMPLETION_TOKENS = "max_completion_tokens"
    NONE = "none"
    """It takes no limit at all."""


class RequestPart(StrEnum):
    """What of a request a server may refuse."""

    LIMIT = "the limit of tokens"
    SYSTEM = "the system message"
    SCHEMA = "the schema"
    EFFORT = "the effort of thinking"
    CACHE = "the marks for its cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestForm:
    """What a server takes, as far as it refused something."""

    limit_name: LimitName = LimitName.AS_USUAL
    answer_tokens_max: int | None = None
    """The most that it allows; None where it did not say."""
    takes_system: bool = True
    takes_schema: bool = True
    takes_effort: bool = True
    takes_cache_marks: bool = True

    @property
    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @property
    def left_out(self) -> tuple[str, ...]:
        """What requests do without, for people."""
        parts = []
        if self.limit_name is not LimitName.AS_USUAL:
            parts.append(f"the limit of an answer is called {self.limit_name.value}")
        if self.answer_tokens_max is not None:
            parts.append(f"an answer may have {self.answer_tokens_max:,} tokens")
        if not self.takes_system:
            parts.append("instructions go into the first message, as it takes no system message")
        if not self.takes_schema:
            parts.append("the schema is put into words")
        if not self.takes_effort:
            parts.append("no effort of thinking is asked for")
        if not self.takes_cache_marks:
            parts.append("nothing is marked for its cache")
        return tuple(parts)


USUAL_FORM = RequestForm()


def form_of_json(text: str) -> RequestForm:
    """Return a form as it was kept; what this version does not know of it is left out."""
    stored = json.loads(text)
    fields = {name: stored[name] for name in asdict(USUAL_FORM) if name in stored}
    return RequestForm(**{**fields, "limit_name": LimitName(fields.get("limit_name", ""))})


_LIMIT = re.compile(
    r"max\w{0,12}_?tokens|max(?:imum)? (?:number of )?(?:\w+ )?tokens you requested"
    r"|(?:output|completion) tokens|maximum (?:number of )?(?:output |completion )?tokens",
    re.IGNORECASE,
)
_LIMIT_BY_NAME = re.compile(r"max_\w{0,12}tokens", re.IGNORECASE)
_OF_PROMPT = re.compile(r"context|window|input|prompt|message|length", re.IGNORECASE)
_UNKNOWN = re.compile(
    r"unsupported|not (?:be )?(?:supported|permitted|allowed|recogni[sz]ed)|does not support"
    r"|unrecogni[sz]ed|unknown|unexpected|extra inputs|extra_forbidden|deprecated|instead"
    r"|cannot both|both .{0,60} set",
    re.IGNORECASE,
)
_SYSTEM = re.compile(
    r"\b(?:system|developer)\W{0,3}(?:message|role|prompt|instruction)"
    r"|\brole\w*\W+(?:of )?(?:system|developer)\b|roles? must alternate"
    r"|[^\w\s](?:system|developer)[^\w\s]"
    r"|only (?:user|supports? user)|first message must be (?:from )?(?:a |the )?user",
    re.IGNORECASE,
)
_EFFORT = re.compile(r"effort|reasoning|thinking", re.IGNORECASE)
_CACHE = re.compile(r"cache_?control|prompt.?caching|cachePoint", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.,-])\d{1,3}(?:[,_]\d{3})+(?![\w-])|(?<![\w.-])\d+(?![\w-]|\.\d)")
_BELOW = re.compile(
    r"(?:lower|less|smaller|fewer) than (?!or )[^.;]{0,30}$|below\s*$", re.IGNORECASE
)
_ROOM = (
    re.compile(
        r"context length is (?P<window>\d{1,12})\b.{0,80}?\b(?P<prompt>\d{1,12}) (?:input|prompt)",
        re.DOTALL,
    ),
    re.compile(
        r"context length is (?P<window>\d{1,12})\b.{0,80}?\((?P<prompt>\d{1,12}) in the (?:messages|prompt)",
        re.DOTALL,
    ),
    re.compile(r"\b(?P<window>\d{1,12}) - (?P<prompt>\d{1,12})\b"),
    re.compile(r"\b(?P<prompt>\d{1,12}) \+ \d{1,12} > (?P<window>\d{1,12})\b"),
)
"""How some servers say how much of the window the prompt leaves: vLLM, Anthropic."""


def refused_part(words: str, body: Mapping[str, Any]) -> RequestPart | None:
    """Return which part of a request its refusal names; None where it names none that was sent."""
    if _limit_in(body) is not None and _LIMIT.search(words):
        return RequestPart.LIMIT
    if _CACHE.search(words) and "cache_control" in json.dumps(body):
        return RequestPart.CACHE
    if _has_effort(body) and _EFFORT.search(words):
        return RequestPart.EFFORT
    if _has_system(body) and _SYSTEM.search(words):
        return RequestPart.SYSTEM
    return None


def form_without(
    part: RequestPart, form: RequestForm, words: str, body: Mapping[str, Any]
) -> RequestForm | None:
    """Return the form to ask in once more; None where nothing is left to leave out."""
    if part is RequestPart.LIMIT:
        return _form_with_other_limit(form, words, body)
    changed = _form_leaving_out(part, form)
    return None if changed == form else changed


def _form_leaving_out(part: RequestPart, form: RequestForm) -> RequestForm:
    match part:
        case RequestPart.SYSTEM:
            return replace(form, takes_system=False)
        case RequestPart.EFFORT:
            return replace(form, takes_effort=False)
        case RequestPart.CACHE:
            return replace(form, takes_cache_marks=False)
        case RequestPart.SCHEMA:
            return replace(form, takes_schema=False)
        case RequestPart.LIMIT:  # takes another number or name
            return form


def _form_with_other_limit(
    form: RequestForm, words: str, body: Mapping[str, Any]
) -> RequestForm | None:
    """Return a form with the limit that a refusal names, or else with another name for it."""
    sent = _limit_in(body)
    if sent is None:
        return None
    name, tokens = sent
    largest = _largest_allowed(words, below=tokens)
    if largest is not None:
        return replace(form, answer_tokens_max=largest)
    if not _UNKNOWN.search(words) or "system" in body:  # Anthropic's protocol has one name
        return None
    if form.limit_name is not LimitName.AS_USUAL:
        return (
            None if form.limit_name is LimitName.NONE else replace(form, limit_name=LimitName.NONE)
        )
    other = LimitName.MAX_TOKENS
    if name == LimitName.MAX_TOKENS:
        other = LimitName.MAX_COMPLETION_TOKENS
    return replace(form, limit_name=other)


def _largest_allowed(words: str, *, below: int) -> int | None:
    """Return the largest number of a refusal that is below what was asked for: the limit."""
    largest = None
    for match in _NUMBER.finditer(words):
        number = int(match.group().replace(",", "").replace("_", "")[:12])
        if _BELOW.search(words[: match.start()]):
            number -= 1
        if LEAST_ANSWER_TOKENS <= number < below and (largest is None or number > largest):
            largest = number
    return largest


def is_about_limit_alone(words: str) -> bool:
    """Tell a refusal of the limit by its name from one of the whole prompt, which names it too."""
    return bool(_LIMIT_BY_NAME.search(words)) and not _OF_PROMPT.search(words)


def room_left(words: str, body: Mapping[str, Any]) -> int | None:
    """Return how many tokens a prompt leaves for its answer, as a refusal says it.

    None where it does not say it, or where it is too little for an answer.
    """
    sent = _limit_in(body)
    if sent is None or not (_LIMIT.search(words) or "context length" in words):
        return None
    for pattern in _ROOM:
        match = pattern.search(words)
        if match:
            room = int(match["window"]) - int(match["prompt"])
            return room if USUAL_ANSWER_TOKENS <= room < sent[1] else None
    return None


def _limit_in(body: Mapping[str, Any]) -> tuple[str, int] | None:
    for name in (LimitName.MAX_COMPLETION_TOKENS.value, LimitName.MAX_TOKENS.value):
        tokens = body.get(name)
        if isinstance(tokens, int):
            return name, tokens
    return None


def _has_system(body: Mapping[str, Any]) -> bool:
    messages = body.get("messages") or [{}]
    return bool(body.get("system")) or _is_system(messages[0])


def _is_system(message: Mapping[str, Any]) -> bool:
    return message.get("role") in {"system", "developer"}


def _has_effort(body: Mapping[str, Any]) -> bool:
    return "reasoning_effort" in body or "effort" in (body.get("output_config") or {})


def shaped_body(body: Mapping[str, Any], form: RequestForm) -> dict[str, Any]:
    """Return the body of a request in a form.

    There is at most one system message, and it comes first: many templates take no other.
    """
    shaped = dict(body)
    _shape_limit(shaped, form)
    if not form.takes_effort:
        _leave_out_effort(shaped)
    if not form.takes_schema:
        shaped.pop("response_format", None)  # also one that asks for JSON without a schema
    if not form.takes_cache_marks:
        shaped = _without_cache_marks(shaped)
    messages = list(shaped.get("messages") or [])
    instructions = [_text_of(message) for message in messages if _is_system(message)]
    role = next((message["role"] for message in messages if _is_system(message)), "system")
    messages = [message for message in messages if not _is_system(message)]
    if not form.takes_system and shaped.get("system"):
        instructions.append(_text_of({"content": shaped.pop("system")}))
    text = "\n\n".join(filter(None, instructions))
    if text and form.takes_system:
        messages.insert(0, {"role": role, "content": text})
    elif text and messages:
        messages[0] = _beginning_with(text, messages[0])
    shaped["messages"] = messages
    return shaped


def _shape_limit(body: dict[str, Any], form: RequestForm) -> None:
    """Give the limit of a body the name and the size that its server takes."""
    sent = _limit_in(body)
    if sent is None:
        return
    name, tokens = sent
    if form.answer_tokens_max is not None:
        tokens = min(tokens, form.answer_tokens_max)
    body.pop(name)
    if form.limit_name is not LimitName.NONE:
        body[form.limit_name.value or name] = tokens


def _leave_out_effort(body: dict[str, Any]) -> None:
    body.pop("reasoning_effort", None)
    output_config = dict(body.get("output_config") or {})
    output_config.pop("effort", None)
    body.pop("output_config", None)
    if output_config:
        body["output_config"] = output_config


def _without_cache_marks(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_cache_marks(part) for part in value]
    if isinstance(value, dict):
        return {
            name: _without_cache_marks(part)
            for name, part in value.items()
            if name != "cache_control"
        }
    return value


def _text_of(message: Mapping[str, Any]) -> str:
    """Return the text of a message, whose content is a text or a list of parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, Mapping)]
    return "\n\n".join(text for text in texts if text)


def _beginning_with(text: str, message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message whose content begins with a text."""
    content = message.get("content")
    if isinstance(content, str):
        return {**message, "content": f"{text}\n\n{content}"}
    return {**message, "content": [{"type": "text", "text": text}, *(content or [])]}
