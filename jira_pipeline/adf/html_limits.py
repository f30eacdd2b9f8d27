"""Limits that HTML must keep before it is parsed.

Belongs here: size, and shapes on which the parser's time or memory grows with the square of the
input. Does not: limits of documents (`limits`).
"""

import re
from collections import Counter
from typing import Final

from jira_pipeline.adf.limits import MAX_HTML_BYTES, AdfLimitError

MAX_HTML_DEPTH = 20_000
# Measured with selectolax 1.0.2 (lexbor 3.1): 0.5 s at 20,000 open elements, 13 s at 100,000.

MAX_STEPS = 400_000_000
# The same parser looks at each open element for each tag: some 2.5 ns a step.

MAX_ATTRIBUTES = 10_000
# The same parser: 0.2 s for 10,000 attributes on one element, 230 s for 300,000.

MAX_REOPENED = 3_000_000
# Marks left open are opened again in each block that follows, at some 100 bytes each.

_ALWAYS_FAST_TAGS = 3_000
_NEVER_DEEP: Final = (
    "area|base|body|br|col|colgroup|dd|dt|embed|head|hr|html|img|input|li|link|meta|optgroup|option"
    "|p|param|rb|rp|rt|rtc|source|tbody|td|tfoot|th|thead|tr|track|wbr"
)
# Elements without an end, and those whose end may be left out and is implied by the next.

_ATTRIBUTE: Final = (
    r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
)
_ONE_ATTRIBUTE: Final = re.compile(_ATTRIBUTE)
_SOME_ATTRIBUTES: Final = rf"(?:{_ATTRIBUTE}){{0,{MAX_ATTRIBUTES}}}+[\s/]*+"
_LEAVES: Final = (
    "b", "code", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "i", "s", "span", "strong", "sub",
    "sup", "u",
)  # fmt: skip
_RAW: Final = ("script", "style", "textarea", "xmp", "iframe", "noembed", "noframes")
_SKIPPED: Final = (
    r"[^<]++",
    rf"</?(?:{_NEVER_DEEP})>",
    "<(?:" + "|".join(rf"{name}>[^<]*+</{name}" for name in _LEAVES) + ")>",
    rf"<a(?=\s){_SOME_ATTRIBUTES}>[^<]*+</a>",
    rf"<code(?=\s){_SOME_ATTRIBUTES}>[^<]*+</code>",
    rf"</?(?:{_NEVER_DEEP})(?=[\s/]){_SOME_ATTRIBUTES}>",
    r"<!--(?:-?>|.*?--!?>|.*+)",
    "<(?:"
    + "|".join(rf"{name}(?=[\s/>]){_SOME_ATTRIBUTES}>(?:.*?</{name}|.*+)" for name in _RAW)
    + ")",
    r"<(?!/?[a-z])",
)
"""What cannot nest: text, such elements, some with nothing but text, comments, raw text."""

_NESTING_TAG: Final = re.compile(
    rf"(?:{'|'.join(_SKIPPED)})*+"
    rf"(?:<(?P<end>/?)(?P<name>[a-z][^\s/>]*+)(?P<rest>(?:{_ATTRIBUTE})*+[\s/]*+)(?:>|\Z)|\Z)",
    re.DOTALL,
)
# The next tag that can nest, with what the tokenizer takes for its attributes. There is no group in
# the part that repeats: Python 3.11 raises SystemError for some.

_VOID: Final = frozenset(_NEVER_DEEP.split("|"))
_SCOPES: Final = frozenset({"applet", "caption", "marquee", "object", "table", "template"})
_FORMATTING: Final = frozenset(
    {
        "a",
        "b",
        "big",
        "code",
        "em",
        "font",
        "i",
        "nobr",
        "s",
        "small",
        "strike",
        "strong",
        "tt",
        "u",
    }
)
_SPECIAL: Final = frozenset(
    {
        "address", "applet", "article", "aside", "blockquote", "button", "caption", "center",
        "details", "dir", "div", "dl", "fieldset", "figcaption", "figure", "footer", "form",
        "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "iframe", "listing",
        "main", "marquee", "menu", "nav", "noembed", "noframes", "noscript", "object", "ol",
        "plaintext", "pre", "script", "search", "section", "select", "style", "summary", "table",
        "template", "textarea", "title", "ul", "xmp",
    }
)  # fmt: skip
# Source: HTML Living Standard, tree construction; an end tag does not reach past these.

_FOREIGN: Final = frozenset({"svg", "math"})
_PLAIN_ENDS: Final = _SPECIAL - _SCOPES
_LOOK_BACK = 8
_NOAHS_ARK = 3
# Source: the same; of equal marks left open only three are opened again.


def require_html_limits(html: str) -> None:
    """Make sure that HTML is parsed in bounded time and memory.

    Raises:
        AdfLimitError: it is too large, nested too deep, or one element has too many attributes.
    """
    size_bytes = len(html) if html.isascii() else len(html.encode())
    if size_bytes > MAX_HTML_BYTES:
        raise AdfLimitError(what="The HTML", actual=size_bytes, limit=MAX_HTML_BYTES, unit="bytes")
    tag_count = html.count("<")
    if tag_count > _ALWAYS_FAST_TAGS or len(html) > MAX_ATTRIBUTES:
        _OpenElements(html.lower()).require_limits(tag_count)


def _require_attributes(name: str, rest: str) -> None:
    count = sum(1 for _ in _ONE_ATTRIBUTE.finditer(rest))
    if count > MAX_ATTRIBUTES:
        what = f"The element {name[:40]}"
        raise AdfLimitError(what=what, actual=count, limit=MAX_ATTRIBUTES, unit="attributes")


class _OpenElements:
    """A guess of the elements the parser has open, never lower than by the depth of some tags."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._names: list[str] = []
        self._foreign_count = 0
        self._marks: Counter[tuple[str, str]] = Counter()
        """Marks that are open, by name and attributes."""
        self._mark_count = 0
        self._reopened = 0

    def require_limits(self, tag_count: int) -> None:
        """Read every tag that can nest.

        Raises:
            AdfLimitError: one of the limits is passed.
        """
        html, names = self._html, self._names
        deepest = read_to = 0
        for match in _NESTING_TAG.finditer(html):
            end, name, rest = match.group("end", "name", "rest")
            if name is None:
                break
            if len(rest) > MAX_ATTRIBUTES:
                _require_attributes(name, rest)
            if self._mark_count:
                self._count_reopened(read_to, match.end())
            read_to = match.end()
            if end:
                if name in _PLAIN_ENDS and names and names[-1] == name:
                    names.pop()
                else:
                    self._close(name)
                continue
            self._open(name, rest)
            if len(names) > deepest:
                deepest = len(names)
                limit = min(MAX_HTML_DEPTH, max(MAX_STEPS // tag_count, 1))
                if deepest > limit:
                    raise AdfLimitError(
                        what="The HTML", actual=deepest, limit=limit, unit="levels of nesting"
                    )
        if self._mark_count:
            self._count_reopened(read_to, len(html))

    def _open(self, name: str, rest: str) -> None:
        if self._foreign_count:
            if name in _VOID or (
                rest.endswith("/") and name not in _SPECIAL and name not in _FORMATTING
            ):
                return
            if name in _SPECIAL:
                while self._foreign_count:
                    self._foreign_count -= self._names.pop() in _FOREIGN
        elif name in _VOID:
            return
        self._names.append(name)
        if name in _FOREIGN:
            self._foreign_count += 1
        elif name in _FORMATTING:
            self._marks[name, rest] += 1
            self._mark_count += self._marks[name, rest] <= _NOAHS_ARK

    def _close(self, name: str) -> None:
        """Take away the element an end tag reaches; of those above it, none."""
        names = self._names
        if name in _FORMATTING:
            self._close_mark(name)
        elif names and names[-1] == name and not self._foreign_count:
            names.pop()
            return
        for distance in range(1, min(_LOOK_BACK, len(names)) + 1):
            other = names[-distance]
            if other == name:
                del names[-distance]
                self._foreign_count -= name in _FOREIGN
                return
            if other in _SCOPES or (
                other in _SPECIAL and name not in _SPECIAL and name not in _FORMATTING
            ):
                return

    def _close_mark(self, name: str) -> None:
        for key in reversed(self._marks):
            if key[0] == name:
                self._mark_count -= self._marks[key] <= _NOAHS_ARK
                self._marks[key] -= 1
                if not self._marks[key]:
                    del self._marks[key]
                return

    def _count_reopened(self, start: int, end: int) -> None:
        self._reopened += self._mark_count * (1 + self._html.count("<", start, end))
        if self._reopened > MAX_REOPENED:
            raise AdfLimitError(
                what="The HTML", actual=self._reopened, limit=MAX_REOPENED, unit="reopened marks"
            )
