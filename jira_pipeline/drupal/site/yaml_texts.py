"""Reads one text of YAML as Drupal exports it, without following what could be endless.

Belongs here: what is refused, what is taken out to read a text, what plain words mean. Does not: which
files are read and what an object of them has to have (`configuration`).

Source: Drupal reads YAML 1.2 and exports neither anchors nor tags, so `yes` is a text here and an alias
is refused: small files with aliases can stand for endless data.
"""

import re
from typing import Any, NamedTuple

import yaml

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML without libyaml: some six times slower
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment] # same methods

DEPTH_MAX = 64
"""The deepest of 9,980 exported files has 17 levels."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
"""What YAML does not allow and editors paste nevertheless: NEL, tab and line ends are allowed."""
_MAYBE_DEEP = re.compile(rb"^[ \t?:-]{%d,}" % DEPTH_MAX, re.MULTILINE)
_MAYBE_ALIAS = re.compile(rb"(?:^|[\s\[{,:-])\*\w", re.MULTILINE)


class YamlRefusedError(Exception):
    """A text is no YAML that is read; the message says why, for people."""


class _Loader(_SafeLoader):
    """Safe, and with the plain scalars of YAML 1.2: no dates, no yes, no base 60."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML copies it


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", [*"-+0123456789"]),
    ("float", r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)?", [*"-+0123456789"]),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first
    )


class YamlText(NamedTuple):
    """A text that was read."""

    data: Any
    cleaned_count: int
    """Characters that were taken out to read it."""


def parse_yaml(content: bytes, *, max_bytes: int) -> YamlText:
    """Read a text.

    Raises:
        YamlRefusedError: It is too long, no YAML, nested too deep, or holds aliases or tags.
    """
    if len(content) > max_bytes:
        raise YamlRefusedError(f"it has {len(content):,} bytes; the limit is {max_bytes:,}")
    try:
        text, cleaned_count = _CONTROL.subn("", content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise YamlRefusedError(f"it is not UTF-8 (byte {error.start:,})") from error
    try:
        _refuse_endless(content, text)
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - derived from the safe loader
    except yaml.YAMLError as error:
        raise YamlRefusedError(_message_of(error)) from error
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits
        raise YamlRefusedError(f"a value cannot be read ({error})") from error
    return YamlText(data, cleaned_count)


def _refuse_endless(content: bytes, text: str) -> None:
    """Look at the events of a text that may be deep or refer to itself; few are."""
    brackets_count = content.count(b"[") + content.count(b"{")
    if not (
        brackets_count >= DEPTH_MAX or _MAYBE_DEEP.search(content) or _MAYBE_ALIAS.search(content)
    ):
        return
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise YamlRefusedError("it uses a YAML alias (*name)")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX:
            raise YamlRefusedError(f"it is nested more than {DEPTH_MAX} levels deep")


def _message_of(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1:,}: {error.problem}"
    return " ".join(str(error).split())[:200]
