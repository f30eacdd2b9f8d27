"""What notes say by convention: `Options: a, b`, `Max length 20`, `Default: a`, `Path: /x`.

Belongs here: these shapes, each by one linear pattern. Does not: reading anything else of a note.
Source: docs/sheets.md, "Shapes of notes"; the notes of six specifications, 2026-11.
"""

import re
from dataclasses import dataclass

_OPTIONS = re.compile(
    r"(?:^|[.\n] *)options?(?P<mark>:| include| are) *(?P<list>[^\n]+)", re.IGNORECASE
)
_MAX_LENGTH = re.compile(r"\bmax(?:imum|\.)? length:? (?P<count>\d{1,6})\b", re.IGNORECASE)
_DEFAULT = re.compile(r"\bdefault(?::| is) *(?P<value>[^\n.,;]+)", re.IGNORECASE)
_PATH = re.compile(r"(?:^|[\n.;] *)path: *(?P<path>/[^\s,;]*)", re.IGNORECASE)
_END_OF_LIST = re.compile(r"\.(?=\s+[A-Z(])|\.\s*$")
_OPEN_END = re.compile(r"\betc\b|…|\.\.\.", re.IGNORECASE)
_QUOTES = "'\"\u2018\u2019“”"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The values of a list as its note gives them."""

    text: str
    """All of them, as in the cell; empty where they hold markup, whose end nobody sees."""
    items: tuple[str, ...]
    """One by one; empty where nobody can tell them apart, or whether a single one is a list."""


def options_in(note: str) -> Options | None:
    """Return the options a note gives; None where it has no such list, or one with an open end."""
    match = _OPTIONS.search(note)
    if match is None:
        return None
    listed = _END_OF_LIST.split(match["list"], maxsplit=1)[0].strip()
    if not listed or _OPEN_END.search(listed):
        return None
    if not match["mark"].endswith(":"):  # `Options include A and B`
        listed = ", ".join(listed.rsplit(" and ", maxsplit=1))
    is_markup = "<" in listed
    return Options(text="" if is_markup else listed, items=() if is_markup else _items_of(listed))


def max_length_in(note: str) -> str:
    """Return the most characters that a note allows; empty where it says nothing of it."""
    match = _MAX_LENGTH.search(note)
    return match["count"] if match else ""


def default_in(note: str) -> str:
    """Return the option that a note says new items have; empty where none of its options is it."""
    match, options = _DEFAULT.search(note), options_in(note)
    value = match["value"].strip(f" {_QUOTES}").casefold() if match else ""
    return next((item for item in options.items if item.casefold() == value), "") if options else ""


def path_in(note: str) -> str:
    """Return the path that a note gives after `Path:`; empty where it has none."""
    match = _PATH.search(note)
    return match["path"].rstrip(".") if match else ""


def is_shapes_only(note: str) -> bool:
    """Tell whether a note says nothing but shapes: it is blank without them."""
    rest = _MAX_LENGTH.sub("", _DEFAULT.sub("", _PATH.sub("", note)))
    if match := _OPTIONS.search(rest):
        end = _END_OF_LIST.search(match["list"])
        rest = rest[: match.start()] + (match["list"][end.end() :] if end else "")
    return not rest.strip(" .;,\n")


def _items_of(listed: str) -> tuple[str, ...]:
    """Split a list at its semicolons or bars, else at commas outside parentheses."""
    mark = next((mark for mark in (";", "|") if mark in listed), "")
    if mark:
        return tuple(filter(None, (item.strip(f" {_QUOTES}") for item in listed.split(mark))))
    items = [item.strip() for item in _at_commas(listed)]
    begin_small = {item[:1].islower() for item in items if item[:1].isalpha()}
    if len(items) == 1 or len(begin_small) > 1 or not all(items):
        return ()
    return tuple(item.strip(_QUOTES) for item in items)


def _at_commas(listed: str) -> list[str]:
    items, depth = [""], 0
    for letter in listed:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth <= 0:
            items.append("")
        else:
            items[-1] += letter
    return items
