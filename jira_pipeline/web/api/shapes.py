"""What every part of the API shares: bodies that are asked and answered, moments, sentences.

A value is answered with the fields that its class declares for `--json`, `AsJson` of the class, or
with those that the API names, `Fields`.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, TypeAlias, TypeVar, cast, get_args, get_origin, get_type_hints

from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    create_model,
)
from pydantic_core.core_schema import CoreSchema

from jira_pipeline.model.actions import Action
from jira_pipeline.model.json_values import DECLARED, FieldKind, fields_in
from jira_pipeline.web.labels import text_of

NUMBERS_MAX = 10_000
"""Tickets named in one request."""


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


class Fields:
    """Has a value answered with some of its fields: those that its class declares, or others.

    They are written as a declaration is. `name` and `about` are those of the answer, where they are
    not the class's; `hints` are types of fields that JSON says otherwise than the value.
    """

    def __init__(
        self, declared: str = "", *, name: str = "", about: str = "", **hints: Any
    ) -> None:
        self._declared = declared
        self._name = name
        self._about = about
        self._hints = hints

    def __get_pydantic_core_schema__(self, kind: Any, handler: Any) -> CoreSchema:
        name = self._name or kind.__name__
        about = self._about or kind.__doc__
        shape = _shape_of(kind, self._declared, name=name, about=about, **self._hints)
        return cast("CoreSchema", handler.generate_schema(shape))


Value = TypeVar("Value")
AsJson: TypeAlias = Annotated[Value, Fields()]


@cache
def _shape_of(kind: Any, declared: str, *, name: str, about: str, **hints: Any) -> type[Shape]:
    shown: dict[str, Any] = {}
    for field in fields_in(declared or DECLARED[kind]):
        hint: Any = kind
        for attribute in () if field.name in hints else field.path:
            holder = get_args(hint)[0] if get_origin(hint) is UnionType else hint
            known = get_type_hints(holder)
            if attribute not in known:
                known = {attribute: get_type_hints(getattr(holder, attribute).fget)["return"]}
            hint = known[attribute]
        hint = hints.get(field.name) or _shown(hint)
        if field.kind is FieldKind.OR_NULL:
            hint = Annotated[hint | None, BeforeValidator(lambda value: value or None)]
        if field.kind is FieldKind.COUNT:
            hint = Annotated[int, BeforeValidator(len)]
        shown[field.name] = (hint, Field(validation_alias=AliasPath(*field.path)))
    return create_model(name, __base__=Shape, __doc__=about, **shown)


def _shown(hint: Any) -> Any:
    """Return the type that JSON has for one of ours."""
    if hint is Action:
        return Sentence
    if hint is datetime:
        return Time
    if hint in DECLARED:
        return Annotated[hint, Fields()]
    if get_origin(hint) is UnionType:
        return reduce(or_, map(_shown, get_args(hint)))
    if get_origin(hint) in (tuple, Sequence):
        return list[_shown(get_args(hint)[0])]  # type: ignore[misc] # made here
    return hint
