"""What every part of the API shares: types of bodies, of moments and of sentences.

A handler returns a value of ours, and its return type says which fields of it are answered. `AsJson[Value]`
has the fields that the class declares for `--json` (`@json_fields`). `Annotated[Value, Fields("…")]` has
those that it names, such as `Fields("session_id=session_key run_id")`: a name in the answer, and the
attribute it comes from where that is called otherwise.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import (
    Annotated,
    Any,
    TypeAlias,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from annotated_types import Ge, Gt, Le, Lt
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    create_model,
)
from pydantic.fields import FieldInfo
from pydantic_core.core_schema import CoreSchema

from jira_pipeline.model.actions import Action, action_text
from jira_pipeline.model.json_values import DECLARED, FieldKind, fields_in
from jira_pipeline.web.program_steps import ProgramStep, steps_of

NUMBERS_MAX = 10_000
"""Tickets named in one request."""


class Shape(BaseModel):
    """What is asked or answered, and nothing else; an answer is read from the value of its verb."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Nothing(Shape):
    """A body that may be left out: whatever it holds is refused, so that no wish is ignored."""


class OfSession(Shape):
    """An answer that names its session as the source documents do."""

    session_id: str = Field(validation_alias=AliasChoices("session_id", "session_key"))


Flag = Annotated[bool, Strict()]
"""Yes or no as JSON has them: `1` and `"true"` are refused."""
INTEGER_MAX = 2**31 - 1
"""No number of a ticket, an issue or a fix is larger; the store would refuse it otherwise."""


def strict_type(hint: Any) -> Any:
    """Return the type of a field in a body: JSON's own truth values and numbers, within limits."""
    return _within_limits(hint, is_strict=True)


def bounded_type(hint: Any) -> Any:
    """Return the type of a parameter in an address, where all comes as text, within limits."""
    return _within_limits(hint, is_strict=False)


def _within_limits(hint: Any, *, is_strict: bool) -> Any:
    """Return a type whose numbers and lists are bounded, also within lists and unions."""
    arguments = get_args(hint)
    origin = get_origin(hint)
    if origin is Annotated and arguments[0] is int:
        return _limited_integer(hint.__metadata__, is_strict=is_strict)
    if origin is Annotated and _is_number_or_else(arguments[0]):
        # What limits a number that may be absent limits the number.
        parts = set(get_args(arguments[0])) - {int}
        limited = _limited_integer(hint.__metadata__, is_strict=is_strict)
        return reduce(or_, parts, limited)
    if origin is Annotated:
        return Annotated[(_within_limits(arguments[0], is_strict=is_strict), *hint.__metadata__)]
    if origin in {UnionType, Union}:
        return reduce(or_, (_within_limits(part, is_strict=is_strict) for part in arguments))
    if origin is Sequence:
        part = _within_limits(arguments[0], is_strict=is_strict)
        return Annotated[Sequence[part], Field(max_length=NUMBERS_MAX)]  # type: ignore[valid-type] # made here
    if hint is bool and is_strict:
        return Flag
    if hint is int:
        return _limited_integer((), is_strict=is_strict)
    return hint


def _is_number_or_else(hint: Any) -> bool:
    return get_origin(hint) in {UnionType, Union} and int in get_args(hint)


def _limited_integer(limits: tuple[object, ...], *, is_strict: bool) -> Any:
    """Return the type of a number with limits of its own, within those of all numbers."""
    given: list[object] = []
    for limit in limits:
        given += limit.metadata if isinstance(limit, FieldInfo) else [limit]
    # The document has one limit of a kind: a second one is in it under a name that no tool knows.
    bounds: list[object] = []
    if not any(isinstance(limit, Ge | Gt) for limit in given):
        bounds.append(Ge(-INTEGER_MAX))
    if not any(isinstance(limit, Le | Lt) for limit in given):
        bounds.append(Le(INTEGER_MAX))
    # It has the limits only where nothing is between them and the number.
    of_json = (BeforeValidator(_json_number),) if is_strict else ()
    return Annotated[(int, *bounds, *limits, *of_json)]


def _json_number(value: object) -> object:
    """Return a value that JSON has as a number: 1.0 is one, `"1"` and `true` are none."""
    if isinstance(value, str | bool):
        raise ValueError("Input should be a number")  # noqa: TRY004 - Pydantic expects it
    return value


Time = Annotated[
    str,
    BeforeValidator(lambda at: at.isoformat() if isinstance(at, datetime) else at),
    Field(json_schema_extra={"format": "date-time"}),
]
"""A moment, as ISO 8601 has it."""
Sentence = Annotated[str, BeforeValidator(action_text)]
Steps = Annotated[list[ProgramStep], BeforeValidator(steps_of)]
"""Actions as data."""


class Fields:
    """Says in a return type which fields of a value are answered.

    `declared` names them as `@json_fields` does; blank for those that the class declares. `name` and
    `about` are the name and the description of the answer in the documentation of the API, where they
    are not those of the class. `hints` are types of fields whose type in JSON is another than its own.
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
    """Return the Pydantic model of an answer that has some fields of a class `kind`."""
    model_fields: dict[str, Any] = {}
    for field in fields_in(declared or DECLARED[kind]):
        hint = hints.get(field.name) or _json_type(_type_at(kind, field.path))
        if field.kind is FieldKind.OR_NULL:
            hint = Annotated[hint | None, BeforeValidator(lambda value: value or None)]
        if field.kind is FieldKind.COUNT:
            hint = Annotated[int, BeforeValidator(len)]
        model_fields[field.name] = (hint, Field(validation_alias=AliasPath(*field.path)))
    return create_model(name, __base__=Shape, __doc__=about, **model_fields)


def _type_at(kind: Any, path: Sequence[str]) -> Any:
    """Return the type of an attribute of an attribute … of a class; one of a union is its first type."""
    hint = kind
    for attribute in path:
        holder = get_args(hint)[0] if get_origin(hint) is UnionType else hint
        hints_of_holder = get_type_hints(holder)
        if attribute in hints_of_holder:
            hint = hints_of_holder[attribute]
        else:  # a property
            hint = get_type_hints(getattr(holder, attribute).fget)["return"]
    return hint


def _json_type(hint: Any) -> Any:
    """Return the type by which JSON has a value of one of our types."""
    if hint is Action:
        return Sentence
    if hint is datetime:
        return Time
    if hint in DECLARED:
        return Annotated[hint, Fields()]
    if get_origin(hint) is UnionType:
        return reduce(or_, map(_json_type, get_args(hint)))
    if get_origin(hint) in (tuple, Sequence):
        return list[_json_type(get_args(hint)[0])]  # type: ignore[misc] # made here
    return hint
