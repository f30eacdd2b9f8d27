"""Limits that HTML must keep before it is parsed.

Belongs here: size, and shapes on which the parser's time grows with the square of the input.
Does not: limits of documents (`limits`).
"""

import re
from typing import Final

from jira_pipeline.adf.limits import MAX_HTML_BYTES, AdfLimitError

MAX_HTML_DEPTH = 20_000
# Measured with selectolax 1.0.2 (lexbor 3.1): 0.5 s at 20,000 open elements, 13 s at 100,000.

MAX_ATTRIBUTES = 10_000
# The same parser: 0.2 s for 10,000 attributes on one element, 230 s for 300,000.

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)([^<>]*)")
_ATTRIBUTE = re.compile(r"[^\s/>=]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]*))?")
_FOREIGN = re.compile(r"<(?:svg|math)\b", re.IGNORECASE)
_NEVER_DEEP: Final = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
        "source", "track", "wbr", "p", "li", "dt", "dd", "option", "optgroup", "tr", "td", "th",
        "tbody", "thead", "tfoot", "colgroup", "rb", "rp", "rt", "rtc", "body", "html", "head",
    }
)  # fmt: skip
# Elements without an end, and those whose end may be left out and is implied by the next.


def require_html_limits(html: str) -> None:
    """Make sure that HTML is parsed in bounded time.

    Raises:
        AdfLimitError: it is too large, nested too deep, or one element has too many attributes.
    """
    size_bytes = len(html) if html.isascii() else len(html.encode())
    if size_bytes > MAX_HTML_BYTES:
        raise AdfLimitError(what="The HTML", actual=size_bytes, limit=MAX_HTML_BYTES, unit="bytes")
    if len(html) > MAX_ATTRIBUTES or html.count("<") > MAX_HTML_DEPTH:
        _require_depth_and_attributes(html)


def _require_depth_and_attributes(html: str) -> None:
    has_foreign = _FOREIGN.search(html) is not None
    depth = 0
    for closing, name, rest in _TAG.findall(html):
        if len(rest) > MAX_ATTRIBUTES:
            _require_attributes(name, rest)
        if name.lower() in _NEVER_DEEP or (has_foreign and rest.endswith("/")):
            continue
        depth = max(depth - 1, 0) if closing else depth + 1
        if depth > MAX_HTML_DEPTH:
            raise AdfLimitError(
                what="The HTML", actual=depth, limit=MAX_HTML_DEPTH, unit="levels of nesting"
            )


def _require_attributes(name: str, rest: str) -> None:
    count = len(_ATTRIBUTE.findall(rest))
    if count > MAX_ATTRIBUTES:
        what = f"The element {name}"
        raise AdfLimitError(what=what, actual=count, limit=MAX_ATTRIBUTES, unit="attributes")
