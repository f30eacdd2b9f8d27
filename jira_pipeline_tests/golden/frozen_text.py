"""What a frozen file is made of: items with a head and a text, without what changes by itself.

Belongs here: the rules by which texts become comparable, and how items are written and sealed.
Does not: what is frozen (`specifications`, `journals`, `commands`, `surfaces`).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

HASH_LENGTH = 12
LONG_CHARACTERS = 240
"""Of a longer text its beginning and its hash are kept."""
BEGINNING_CHARACTERS = 60
LINE_CHARACTERS = 120
ALIKE = 3
"""Of more values the first with each set of names, and the hash of all, are kept."""
LONG_LIST = 12
"""Of more texts the first, the last and their hash are kept."""

PATTERNS = {
    re.compile(
        r"\d{4}-\d\d-\d\d(?:[T ]|%20|\+)\d\d(?::|%3A)\d\d"
        r"(?:(?::|%3A)\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
    ): "«time»",
    re.compile(r"\b20\d\d-\d\d-\d\d\b"): "«day»",
    re.compile(r"(?<=/ex/jira/)[0-9a-f-]{36}"): "«site»",
    # The name of a file has the hash of its text, and that may name the day of an answer.
    re.compile(r"(?<=-)[0-9a-f]{8}(?=\.md\b)"): "«hash»",
    re.compile(r"\[masked:[0-9a-f]+\]"): "[masked]",  # hashed with a key of this process
}
_UUID = re.compile(r"\b[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}\b")
"""Of version 4: drawn by chance. Other ids follow from content and stay."""
DRAWN = frozenset(
    ("id", "job_id", "run_id", "site_id", "installation", "identity", "token", "link",
     "place")
)  # fmt: skip
"""Fields whose values are drawn, or follow from what was."""
MEASURED = frozenset(
    ("seconds", "duration_seconds", "total_processing_time_minutes", "bytes",
     "package", "hash", "head", "rendered_hashes")
)  # fmt: skip
"""Fields that tell of time and size, or hash what does: a document names the day of an answer."""
FEW_NAMES = 4
"""An object of fewer is told whole each time."""
NAME_LENGTH_MIN = 8
"""Shorter ids are numbers."""


class Item(NamedTuple):
    """One thing that may differ."""

    head: str
    """Names the item, and holds nothing of a specification: it is kept where texts are not."""
    text: str


class Plain:
    """Takes out of the texts of one subject what changes by itself from one run to the next.

    - A folder becomes its word.
    - A time becomes «time», a day «day», what was measured «measured».
    - A name that was drawn becomes «name 1», «name 2» … in the order of appearance: a uuid of
      version 4 wherever it is, and from then on whatever a field of `DRAWN` held.
    """

    def __init__(self, words: Mapping[str, str] | None = None) -> None:
        self._words = dict(words or {})
        self._told: dict[frozenset[str], dict[str, Any]] = {}

    def __call__(self, text: str) -> str:
        for pattern, word in PATTERNS.items():
            text = pattern.sub(word, text)
        for volatile in sorted(self._words, key=len, reverse=True):
            text = text.replace(volatile, self._words[volatile])
        return _UUID.sub(lambda match: self._named(match[0]), text)

    def answer(self, value: Any) -> Any:
        """Return a JSON value without what was measured, and know from now on what was drawn."""
        match value:
            case dict():
                for name in value:
                    if (
                        name in DRAWN
                        and isinstance(value[name], str)
                        and len(value[name]) >= NAME_LENGTH_MIN
                    ):
                        self._named(value[name])
                measured = {
                    name for name, held in value.items() if name in MEASURED and held is not None
                }
                return {
                    n: "«measured»" if n in measured else self.answer(h) for n, h in value.items()
                }
            case list():
                return [self.answer(held) for held in value]
            case _:
                return value

    def shortened(self, value: Any) -> Any:
        """Return a JSON value in which long texts, lists and documents are short, with a hash."""
        return self._shortened(self.answer(value))

    def _shortened(self, value: Any) -> Any:
        match value:
            case dict() if value.get("type") == "doc":
                return f"document · {hash_of(self(one_line(value)))}"
            case dict():
                return {name: self._shortened(held) for name, held in value.items()}
            case list() if len(value) > LONG_LIST and all(isinstance(held, str) for held in value):
                return f"{value[0]} … {value[-1]} · {len(value)} · {hash_of(self(one_line(value)))}"
            case list() if len(value) > ALIKE and all(isinstance(held, dict) for held in value):
                kinds = {frozenset(held): held for held in reversed(value)}
                first = [self._shortened(held) for held in reversed(kinds.values())]
                whole = hash_of(self(one_line(value)))  # holds times and names that were drawn
                return [*first, f"all · {len(value)} · {whole}"]
            case list():
                return [self._shortened(held) for held in value]
            case str() if len(value) > LONG_CHARACTERS:
                return f"{value[:BEGINNING_CHARACTERS]}… · {len(value)} · {hash_of(self(value))}"
            case _:
                return value

    def news(self, value: Any) -> Any:
        """Leave out of an object what the last one of these names held, too, and say of how much."""
        match value:
            case dict() if len(value) >= FEW_NAMES:
                before = self._told.get(names := frozenset(value), {})
                self._told[names] = value
                told = {n: self.news(h) for n, h in value.items() if before.get(n, ...) != h}
                return {"as before": len(value) - len(told), **told} if before else told
            case dict():
                return {name: self.news(held) for name, held in value.items()}
            case list():
                return [self.news(held) for held in value]
            case _:
                return value

    def _named(self, drawn: str) -> str:
        return self._words.setdefault(drawn, f"«name {len(self._words)}»")


def hash_of(text: str) -> str:
    """Return the first digits of a hash."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_LENGTH]


def one_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def indented(value: Any, *, margin: str = "") -> str:
    """Return a JSON value on as many lines as a reader of differences needs."""
    whole = one_line(value)
    if not isinstance(value, (dict, list)) or len(margin) + len(whole) <= LINE_CHARACTERS:
        return whole
    inner = f"{margin} "
    if isinstance(value, dict):
        lines = [f"{one_line(k)}: {indented(v, margin=inner)}" for k, v in value.items()]
    else:
        lines = [indented(held, margin=inner) for held in value]
    begin, end = "{}" if isinstance(value, dict) else "[]"
    return "\n".join((begin, *(f"{inner}{line}" for line in lines), f"{margin}{end}"))


def written(items: Iterable[Item]) -> str:
    """Return a frozen file with the whole texts."""
    return "".join(f"== {item.head}\n{item.text.rstrip()}\n\n" for item in items)


def sealed(items: Iterable[Item]) -> str:
    """Return a frozen file with a hash for each text, which may not be copied."""
    return "".join(f"{item.head} · {hash_of(item.text.rstrip())}\n" for item in items)
