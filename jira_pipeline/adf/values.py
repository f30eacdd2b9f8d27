"""Judging one JSON value against a value rule of the grammar.

Belongs here: strings, numbers, choices, arrays and objects; a quick test of each, and what is
wrong with a value that fails it. Does not: nodes, marks and where they are (`judging`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, assert_never

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

Predicate: TypeAlias = Callable[[Any], bool]
"""Says whether a value is right; it never raises."""

_SHOWN_LENGTH = 40
_SHOWN_BITS = 128
_INFINITY: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a value, and where below it."""

    segments: tuple[str | int, ...]
    rule: str
    message: str
    suggested_fix: str


def faults_of(value: object, rule: ValueRule) -> list[Fault]:
    """Find everything wrong with a value; as deep as the rule, however deep the value.

    Of an object or array in which nothing is right, several faults are one: the whole of it.
    """
    return list(_faults(value, rule))


def faults_of_object(value: object, alternatives: tuple[ObjectValue, ...]) -> list[Fault]:
    """Judge a value by the alternative that it comes closest to."""
    best: list[Fault] | None = None
    for rule in alternatives:
        faults = faults_of(value, rule)
        if not faults:
            return faults
        if best is None or _weight(faults) < _weight(best):
            best = faults
    return best or []


def right_member_count(value: object, alternatives: tuple[ObjectValue, ...]) -> int:
    """Count the members that are right under the alternative with the most."""
    if not isinstance(value, dict):
        return 0
    return max((_right_members(value, rule) for rule in alternatives), default=0)


def shown(value: object) -> str:
    """Write a value for a message, cut to a readable length."""
    if isinstance(value, int) and value.bit_length() > _SHOWN_BITS:
        return f"a number of {value.bit_length()} bits"
    written = repr(value) if isinstance(value, str | int | float | None) else type(value).__name__
    return written if len(written) <= _SHOWN_LENGTH else f"{written[:_SHOWN_LENGTH]}…"


def _weight(faults: Sequence[Fault]) -> tuple[bool, int]:
    """Order by: the value itself is right in part, then by the count of faults."""
    return any(not fault.segments for fault in faults), len(faults)


def _faults(value: object, rule: ValueRule) -> Iterator[Fault]:  # noqa: C901, PLR0912 - a case for each rule
    match rule:
        case AnyValue():
            return
        case StringValue():
            if not isinstance(value, str):
                yield _wrong_type(value, "a string")
            elif len(value) < rule.minimum_length:
                message = "The value may not be empty."
                yield Fault((), "empty_value", message, "Fill it or leave it out.")
            elif rule.pattern is not None and not rule.pattern.search(value):
                yield _wrong_value(value, rule.hint)
        case HrefValue():
            if not isinstance(value, str):
                yield _wrong_type(value, "a string")
            elif not is_safe_href(value):
                message = f"{shown(value)} is not an address that may be linked to."
                fix = (
                    "Use an http, https or mailto address without a user name, or take the link "
                    "away."
                )
                yield Fault((), "unsafe_link", message, fix)
        case NumberValue():
            least, most = rule.minimum, rule.maximum
            if isinstance(value, bool) or not isinstance(value, int | float):
                yield _wrong_type(value, "a number")
            elif not -_INFINITY < value < _INFINITY:
                yield _wrong_value(value, "a finite number")
            elif (least is not None and value < least) or (most is not None and value > most):
                upwards = f"a number from {least:g}"
                yield _wrong_value(value, upwards if most is None else f"{upwards} to {most:g}")
            elif rule.is_integer and value != int(value):
                yield _wrong_value(value, "a whole number")
        case BooleanValue():
            if not isinstance(value, bool):
                yield _wrong_type(value, "true or false")
        case ChoiceValue():
            if not isinstance(value, str) or value not in rule.choices:
                yield _wrong_value(value, "one of " + ", ".join(repr(c) for c in rule.choices))
        case ArrayValue():
            yield from _array_faults(value, rule)
        case ObjectValue():
            yield from _object_faults(value, rule)
        case _:
            assert_never(rule)


def _array_faults(value: object, rule: ArrayValue) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield _wrong_type(value, "an array")
    elif len(value) < rule.minimum_length:
        yield Fault((), "too_few", "The array may not be empty.", "Add an element.")
    else:
        below = [(i, faults_of(item, rule.items)) for i, item in enumerate(value)]
        if len(value) > 1 and all(faults for _, faults in below):
            message = "No element of the array is right."
            yield Fault((), "wrong_value", message, below[0][1][0].suggested_fix)
        else:
            for index, faults in below:
                yield from _below(index, faults)


def _object_faults(value: object, rule: ObjectValue) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield _wrong_type(value, "an object")
        return
    faults = [*_member_faults(value, rule)]
    known, missing = value.keys() & rule.members.keys(), rule.required - value.keys()
    is_other = len(known) < len(missing) or not known
    if len(faults) > 1 and is_other and not _right_members(value, rule):
        needed = ", ".join(sorted(rule.required))
        wanted = f"an object with {needed}" if needed else "an object of what is known here"
        yield Fault(
            (), "wrong_value", f"Nothing in it is right: this is not {wanted}.", f"Use {wanted}."
        )
    else:
        yield from faults


def _member_faults(value: dict[Any, Any], rule: ObjectValue) -> Iterator[Fault]:
    for name in sorted(rule.required - value.keys()):
        yield Fault((name,), "missing", f"{name!r} is missing.", f"Add {name!r}.")
    for name, member in value.items():
        member_rule = rule.members.get(name)
        if member_rule is None:
            found = shown(name)
            yield Fault((name,), "unexpected", f"{found} is not known here.", f"Delete {found}.")
        else:
            yield from _below(name, faults_of(member, member_rule))


def _right_members(value: dict[Any, Any], rule: ObjectValue) -> int:
    return sum(
        name in rule.members and not faults_of(member, rule.members[name])
        for name, member in value.items()
    )


def _below(segment: str | int, faults: Sequence[Fault]) -> Iterator[Fault]:
    for fault in faults:
        yield Fault((segment, *fault.segments), fault.rule, fault.message, fault.suggested_fix)


def _wrong_type(value: object, wanted: str) -> Fault:
    return Fault((), "wrong_type", f"{shown(value)} is not {wanted}.", f"Use {wanted}.")


def _wrong_value(value: object, wanted: str) -> Fault:
    return Fault((), "wrong_value", f"{shown(value)} is not {wanted}.", f"Use {wanted}.")


def predicate_of(rule: ValueRule) -> Predicate:
    """Make the quick test of a rule; it says yes only where `faults_of` finds nothing."""
    if isinstance(rule, StringValue) and not rule.minimum_length and rule.pattern is None:
        return _is_string
    if isinstance(rule, ObjectValue):
        return _predicate_of_one_object(rule)
    if isinstance(rule, ChoiceValue):
        return _predicate_of_choice(rule)

    def has_no_faults(value: object) -> bool:
        return not faults_of(value, rule)

    return has_no_faults


def predicate_of_object(alternatives: tuple[ObjectValue, ...]) -> Predicate:
    """Make the quick test of alternatives; without any, nothing is right."""
    tests = [_predicate_of_one_object(rule) for rule in alternatives]
    if len(tests) == 1:
        return tests[0]

    def is_right(value: object) -> bool:
        return any(test(value) for test in tests)

    return is_right


def _is_string(value: object) -> bool:
    return isinstance(value, str)


def _predicate_of_choice(rule: ChoiceValue) -> Predicate:
    choices = frozenset(rule.choices)

    def is_right(value: object) -> bool:
        return isinstance(value, str) and value in choices

    return is_right


def _predicate_of_one_object(rule: ObjectValue) -> Predicate:
    tests = {name: predicate_of(member) for name, member in rule.members.items()}
    required = rule.required

    def is_right(value: object) -> bool:
        if not isinstance(value, dict) or not required <= value.keys():
            return False
        for name, member in value.items():
            test = tests.get(name)
            if test is None or not test(member):
                return False
        return True

    return is_right
