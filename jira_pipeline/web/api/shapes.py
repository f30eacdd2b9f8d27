"""What every part of the API shares: bodies that are asked and answered, moments, sentences.

A value whose fields are declared for `--json` is answered as it is: `AsJson` of its class.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from fastapi import APIRouter
from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, create_model
from pydantic_core.core_schema import CoreSchema, no_info_before_validator_function

from jira_pipeline.model.actions import Action
from jira_pipeline.model.json_values import DECLARED, FieldKind, fields_in, json_object
from jira_pipeline.web.labels import text_of

NUMBERS_MAX = 10_000
"""Tickets named in one request."""


def new_router(tag: str) -> APIRouter:
    """Make the router of a part of the API."""
    return APIRouter(prefix="/api", tags=[tag])


class Shape(BaseModel):
    """What is asked or answered, and nothing else; an answer is read from the value of its verb."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class OfSession(Shape):
    """An answer that names its session as the source documents do."""

    session_id: str = Field(validation_alias=AliasChoices("session_id", "session_key"))


Time = Annotated[
    str, BeforeValidator(lambda at: at.isoformat() if isinstance(at, datetime) else at)
]
"""A moment, as ISO 8601 has it."""
Sentence = Annotated[str, BeforeValidator(text_of)]
Sentences = list[Sentence]
"""Actions as people read them."""


class _JsonFields:
    """Has a value answered with the fields that its class declares."""

    def __get_pydantic_core_schema__(self, kind: Any, handler: Any) -> CoreSchema:
        shape = handler.generate_schema(_shape_of(kind))
        return no_info_before_validator_function(json_object, shape)


Value = TypeVar("Value")
AsJson: TypeAlias = Annotated[Value, _JsonFields()]


@cache
def _shape_of(kind: Any) -> type[Shape]:
    shown: dict[str, Any] = {}
    for field in fields_in(DECLARED[kind]):
        hint: Any = kind
        for name in field.path:
            known = get_type_hints(hint)
            hint = (
                known[name] if name in known else get_type_hints(getattr(hint, name).fget)["return"]
            )
        is_null = field.kind is FieldKind.OR_NULL
        shown[field.name] = (_shown(hint) | None if is_null else _shown(hint), ...)
    return create_model(kind.__name__, __base__=Shape, __doc__=kind.__doc__, **shown)


def _shown(hint: Any) -> Any:
    """Return the type that JSON has for one of ours."""
    if hint is Action:
        return Sentence
    if hint is datetime:
        return str
    if hint in DECLARED:
        return _shape_of(hint)
    if get_origin(hint) is UnionType:
        return reduce(or_, map(_shown, get_args(hint)))
    if get_origin(hint) in (tuple, Sequence):
        return list[_shown(get_args(hint)[0])]  # type: ignore[misc] # made here
    return hint
