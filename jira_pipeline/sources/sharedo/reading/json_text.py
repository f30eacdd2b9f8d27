"""JSON from outside, parsed within limits.

Belongs here: which JSON is refused, JSON inside text, line ends, the case of fields. Does not: what
the values mean.
"""

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from jira_pipeline.sources.sharedo.packages import JsonValue, WrittenNumber

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_CONFIGURATION_FIELD = re.compile(
    r"(?:config|configuration|json|settings|options|data)$", re.IGNORECASE
)
"""Fields whose text is JSON; elsewhere `[1]` may be a title."""
_CAMEL_CASE = re.compile(r"[a-z][A-Za-z0-9]*")
"""Another name, such as `case-owner`, is somebody's and no field of ShareDo's."""


class JsonRefusedError(Exception):
    """The text is no JSON that is read; the text says why, for people, without quoting it."""


@dataclass(slots=True, kw_only=True)
class JsonBudget:
    """How much may still be parsed; one budget for all texts of a package."""

    values_left: int
    depth_max: int = 100
    """Nesting, JSON inside text counted; real configuration has less than 20."""

    def parse(self, content: bytes) -> JsonValue:
        """Return the value of a JSON text in UTF-8, with JSON inside its text parsed too.

        The fields of an object in camelCase get the PascalCase that the rest of the program knows;
        those of JSON inside text stay: whoever configured ShareDo wrote them.

        Raises:
            JsonRefusedError: It is not UTF-8 or JSON, states a field twice, or exceeds the budget.
        """
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise JsonRefusedError("it is written in UTF-16, not UTF-8")
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise JsonRefusedError(f"byte {error.start + 1:,} is not UTF-8") from error
        value = self._parsed(text)
        is_camel_case = isinstance(value, dict) and not any(name[:1].isupper() for name in value)
        return self._expanded(value, field="", depth=0, is_camel_case=is_camel_case)

    def _parsed(self, text: str) -> JsonValue:
        try:
            value: JsonValue = json.loads(
                text,
                object_pairs_hook=_object_of,
                parse_constant=_refuse_constant,
                parse_float=_number_of,
                parse_int=_number_of,
            )
        except json.JSONDecodeError as error:
            raise JsonRefusedError(
                f"line {error.lineno}, column {error.colno} is no JSON ({error.msg})"
            ) from error
        except RecursionError as error:
            raise JsonRefusedError(f"it is nested deeper than {self.depth_max}") from error
        return value

    def _expanded(
        self, value: JsonValue, *, field: str, depth: int, is_camel_case: bool
    ) -> JsonValue:
        """Parse JSON inside text, make line ends LF, write fields in PascalCase, count everything."""
        self.values_left -= 1
        if self.values_left < 0:
            raise JsonRefusedError("it has more values than are read")
        if depth > self.depth_max:
            raise JsonRefusedError(f"it is nested deeper than {self.depth_max}")
        match value:
            case dict():
                return {
                    _clean(_in_pascal_case(name, value) if is_camel_case else name): self._expanded(
                        inner, field=name, depth=depth + 1, is_camel_case=is_camel_case
                    )
                    for name, inner in value.items()
                }
            case list():
                return [
                    self._expanded(inner, field=field, depth=depth + 1, is_camel_case=is_camel_case)
                    for inner in value
                ]
            case WrittenNumber():
                return value
            case str():
                inner = self._embedded(value, field)
                return (
                    _clean(value)
                    if inner is None
                    else self._expanded(inner, field=field, depth=depth + 1, is_camel_case=False)
                )
            case _:
                return value

    def _embedded(self, text: str, field: str) -> JsonValue:
        """Return the object or list that a text holds, None where it is only text."""
        stripped = text.strip()
        if not stripped.startswith(("{", "[")) or not stripped.endswith(("}", "]")):
            return None
        try:
            value = self._parsed(stripped)
        except JsonRefusedError:
            return None
        if isinstance(value, list) and not _CONFIGURATION_FIELD.search(field):
            return value if any(isinstance(inner, dict) for inner in value) else None
        return value


def _object_of(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise JsonRefusedError(f"an object states the field {_clean(twice)[:60]!r} twice")
    return found


def _in_pascal_case(name: str, fields: Mapping[str, object]) -> str:
    """Return a field in PascalCase, as it is where that is taken."""
    pascal = name[:1].upper() + name[1:]
    return pascal if _CAMEL_CASE.fullmatch(name) and pascal not in fields else name


def _refuse_constant(name: str) -> NoReturn:
    raise JsonRefusedError(f"{name} is no number of JSON")


def _number_of(text: str) -> int | float | WrittenNumber:
    """Return a number that Python writes as it was written, else its text: nothing is changed."""
    if len(text) > 40:  # noqa: PLR2004 - longer than any number that a float or identifier holds
        return WrittenNumber(text)
    if re.fullmatch(r"-?\d+", text):
        return int(text) if text != "-0" else WrittenNumber(text)
    return number if repr(number := float(text)) == text else WrittenNumber(text)


def _clean(text: str) -> str:
    """Make line ends LF and take out what no store can hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{SYMBOL FOR NULL}")
    return _LONE_SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
