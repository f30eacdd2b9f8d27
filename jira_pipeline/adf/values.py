"""Judging one JSON value against a value rule of the grammar.

Belongs here: strings, numbers, choices, arrays and objects. Does not: nodes, marks and where they
stand (`validation`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from jira_pipeline.adf.grammar import (
    AnyValue,
    ArrayValue,
    BooleanValue,
    ChoiceValue,
    HrefValue,
    NumberValue,
    ObjectValue,
    StringValue,
    ValueRule,
)
from jira_pipeline.adf.links import is_safe_href

_SHOWN_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a value, and where below it."""

    segments: tuple[str | int, ...]
    rule: str
    message: str
    suggested_fix: str


def faults_of(value: object, rule: ValueRule) -> Iterator[Fault]:
    """Find everything wrong with a value; as deep as the rule, however deep the value."""
    yield from _CHECKS[type(rule)](value, rule)


def faults_of_object(value: object, alternatives: tuple[ObjectValue, ...]) -> list[Fault]:
    """Judge a value by the alternative that it comes closest to."""
    best: list[Fault] | None = None
    for rule in alternatives:
        faults = list(faults_of(value, rule))
        if not faults:
            return faults
        if best is None or len(faults) < len(best):
            best = faults
    return best or []


def shown(value: object) -> str:
    """Write a value for a message, cut to a readable length."""
    written = repr(value) if isinstance(value, str | int | float | None) else type(value).__name__
    return written if len(written) <= _SHOWN_LENGTH else f"{written[:_SHOWN_LENGTH]}…"


def _any_faults(value: object, rule: Any) -> Iterator[Fault]:
    del value, rule
    return iter(())


def _string_faults(value: object, rule: StringValue) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield _wrong_type(value, "a string")
    elif len(value) < rule.minimum_length:
        yield Fault((), "empty_value", "The value may not be empty.", "Fill it or leave it out.")
    elif rule.pattern is not None and not rule.pattern.search(value):
        yield _wrong_value(value, rule.hint)


def _href_faults(value: object, rule: HrefValue) -> Iterator[Fault]:
    del rule
    if not isinstance(value, str):
        yield _wrong_type(value, "a string")
    elif not is_safe_href(value):
        yield Fault(
            (),
            "unsafe_link",
            f"{shown(value)} is not an address that may be linked to.",
            "Use an http, https or mailto address without a user name, or take the link away.",
        )


def _number_faults(value: object, rule: NumberValue) -> Iterator[Fault]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield _wrong_type(value, "a number")
        return
    is_low = rule.minimum is not None and value < rule.minimum
    is_high = rule.maximum is not None and value > rule.maximum
    if is_low or is_high:
        yield _wrong_value(value, _range(rule))
    elif rule.is_integer and value != int(value):
        yield _wrong_value(value, "a whole number")


def _range(rule: NumberValue) -> str:
    if rule.maximum is None:
        return f"a number from {rule.minimum:g}"
    return f"a number from {rule.minimum:g} to {rule.maximum:g}"


def _boolean_faults(value: object, rule: BooleanValue) -> Iterator[Fault]:
    del rule
    if not isinstance(value, bool):
        yield _wrong_type(value, "true or false")


def _choice_faults(value: object, rule: ChoiceValue) -> Iterator[Fault]:
    if not isinstance(value, str) or value not in rule.choices:
        yield _wrong_value(value, "one of " + ", ".join(repr(c) for c in rule.choices))


def _array_faults(value: object, rule: ArrayValue) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield _wrong_type(value, "an array")
        return
    if len(value) < rule.minimum_length:
        yield Fault((), "too_few", "The array may not be empty.", "Add an element.")
    for index, item in enumerate(value):
        yield from _below(index, faults_of(item, rule.items))


def _object_faults(value: object, rule: ObjectValue) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield _wrong_type(value, "an object")
        return
    for name in sorted(rule.required - value.keys()):
        yield Fault((name,), "missing", f"{name!r} is missing.", f"Add {name!r}.")
    for name, member in value.items():
        member_rule = rule.members.get(name)
        if member_rule is None:
            yield Fault((name,), "unexpected", f"{name!r} is not known here.", f"Delete {name!r}.")
        else:
            yield from _below(name, faults_of(member, member_rule))


def _below(segment: str | int, faults: Iterator[Fault]) -> Iterator[Fault]:
    for fault in faults:
        yield Fault((segment, *fault.segments), fault.rule, fault.message, fault.suggested_fix)


def _wrong_type(value: object, wanted: str) -> Fault:
    return Fault((), "wrong_type", f"{shown(value)} is not {wanted}.", f"Use {wanted}.")


def _wrong_value(value: object, wanted: str) -> Fault:
    return Fault((), "wrong_value", f"{shown(value)} is not {wanted}.", f"Use {wanted}.")


_CHECKS: Final[dict[type, Callable[[object, Any], Iterator[Fault]]]] = {
    AnyValue: _any_faults,
    StringValue: _string_faults,
    HrefValue: _href_faults,
    NumberValue: _number_faults,
    BooleanValue: _boolean_faults,
    ChoiceValue: _choice_faults,
    ArrayValue: _array_faults,
    ObjectValue: _object_faults,
}
