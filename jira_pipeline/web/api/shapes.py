"""What every part of the API shares: problems as OpenAPI knows them, models, bounded values.

Belongs here: shapes of more than one module. Does not: which status an error has (`problems`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Path
from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from jira_pipeline.web.idempotency import ApiRoute
from jira_pipeline.web.problems import MEDIA_TYPE
from jira_pipeline.web.words import step_json, text_of

INTEGER_MAX = 2**31 - 1
"""Of a column of type integer, in both databases."""
NUMBERS_MAX = 10_000
"""Tickets named in one request."""
PAGE_MAX = 500
JsonObject: TypeAlias = dict[str, Any]


def like(example: JsonObject, *, is_open: bool = False) -> ConfigDict:
    """Configure a model with an example; an open one passes on fields that it does not name."""
    whole = dict[str, Any](example)
    if "session_id" in whole:
        whole["session_key"] = whole["session_id"]
    return ConfigDict(
        extra="allow" if is_open else "forbid",
        json_schema_extra={"examples": [whole]},
    )


class Shape(BaseModel):
    """What is asked or answered, and nothing else; an answer is read from the value of its verb.

    Its example is made of its fields (`web/examples`).
    """

    model_config = ConfigDict(
        extra="forbid", from_attributes=True, json_schema_serialization_defaults_required=True
    )


Time = Annotated[
    str, BeforeValidator(lambda at: at.isoformat() if isinstance(at, datetime) else at)
]
"""A moment, as ISO 8601 has it."""


class OfSession(Shape):
    """An answer of those whose source documents name the session `session_id`."""

    session_id: str = Field(validation_alias=AliasChoices("session_id", "session_key"))
    session_key: str = Field(default_factory=lambda read: str(read["session_id"]))
    """The same, as every other answer names it."""


ADVICE: JsonObject = {
    "kind": "advice",
    "text": "Start again when the site is back.",
    "method": None,
    "address": None,
}
"""A step that no request does, for examples."""
ACTIONS = "The same steps, with method and address where a request does one."


class Step(BaseModel):
    """What can be done next, as a sentence and, where a request does it, as that."""

    model_config = like(
        {
            "kind": "validate",
            "text": "Validate them again.",
            "method": "POST",
            "address": "/api/sessions/my_site/validate",
        },
        is_open=True,
    )

    kind: str
    text: str
    method: str | None
    address: str | None


Sentences = Annotated[list[str], BeforeValidator(lambda actions: [*map(text_of, actions)])]
"""Actions as people read them."""
Steps = Annotated[list[Step], BeforeValidator(lambda actions: [*map(step_json, actions)])]
"""Actions as programs take them."""


class ErrorInBrief(BaseModel, extra="allow"):
    """What keeps something from going on, with what to do about it."""

    code: str
    category: str
    message: str
    recovery_actions: list[str]
    actions: list[Step] = Field(description=ACTIONS)


class Problem(BaseModel):
    """An error as RFC 9457 has it, with the fields programs know."""

    model_config = like(
        {
            "type": "/docs/errors#stale",
            "title": "Conflict",
            "status": 409,
            "detail": "Re-validation required for session my_site: tickets were edited.",
            "code": "stale",
            "error_category": "user_fixable",
            "user_message": "Re-validation required for session my_site: tickets were edited.",
            "recovery_actions": ["Validate them again."],
        },
        is_open=True,
    )

    type: str
    title: str
    status: int
    detail: str
    code: str
    error_category: str
    user_message: str
    recovery_actions: list[str]
    actions: list[Step] = Field(default=[], description=ACTIONS)


_PROBLEM_DESCRIPTIONS: Mapping[int, str] = {
    400: "The request cannot be read.",
    401: "Nobody is signed in.",
    403: "The role does not allow it, or Jira does not.",
    404: "There is no such thing.",
    405: "The address takes other methods.",
    409: "Not now: stale, never validated, failed validation, at work, or changed meanwhile.",
    412: "`If-Match` names no revision.",
    413: "The body is too large.",
    422: "A rule or a value does not allow it.",
    428: "`If-Match` is missing.",
    429: "Asked too often; `Retry-After` says how long to wait.",
    503: "Jira, the model, Dagster or the store is out of reach; `Retry-After` says how long.",
    507: "The disk is full.",
}


def problems(*statuses: int) -> dict[int | str, JsonObject]:
    """Document the problems of an operation: those named, and those that each may have."""
    return {
        status: {
            "model": Problem,
            "description": _PROBLEM_DESCRIPTIONS[status],
            "content": {MEDIA_TYPE: {}},
        }
        for status in sorted({400, 401, 403, 404, 413, 422, 429, 503, 507, *statuses})
    }


def new_router(tag: str, *, prefix: str = "/api") -> APIRouter:
    """Make a router whose POST is done once for a key, and whose GET is not sent again unchanged."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=ApiRoute, responses=problems(409))


class Nothing(BaseModel):
    """A body without anything in it; it may be left out."""

    model_config = like({})


TicketNumber = Annotated[int, Path(ge=1, le=INTEGER_MAX, examples=[12])]
Line = Annotated[str, Field(max_length=300)]
"""One line that a person types."""
Numbers = Annotated[
    list[Annotated[int, Field(ge=1, le=INTEGER_MAX)]], Field(min_length=1, max_length=NUMBERS_MAX)
]


class RunStarted(OfSession):
    """A run that was asked for, or was there already."""

    task_id: str = Field(validation_alias="run_id")
    started_at: Time
    already_running: bool = Field(validation_alias="is_already_running")


class Changed(BaseModel, extra="allow"):
    """How many tickets a decision changed."""

    session_key: str
    chosen: int
    changed: int
