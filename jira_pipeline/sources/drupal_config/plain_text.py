"""Texts as people read them: what differs in nothing else is the same, in sheets and on sites.

Belongs here: reducing a text or address to that. Does not: which columns are compared so
(`sources/verification/counterparts`).
"""

import html
import re

_TAG = re.compile(r"<[^>]*>")
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|code|em|i|mark|small|span|strong|sub|sup|u)\b[^>]*>", re.IGNORECASE
)
"""What no gap is at: `the <a>library</a>.` is read `the library.`"""
_ALIKE = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4`", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)
"""Kinds of quotation marks, accents typed as such, and dashes."""


def plain(text: str) -> str:
    """Reduce a text to what people read: no tags, entities, line breaks or kinds of quotes."""
    shown = _without_tags(html.unescape(_without_tags(text)))
    shown = shown.replace("\\/", "/").translate(_ALIKE)
    return " ".join(shown.split())


def _without_tags(text: str) -> str:
    return _TAG.sub(" ", _INLINE_TAG.sub("", text)) if "<" in text else text


def plain_address(text: str) -> str:
    """Reduce an address to what it leads to: the same without slashes at its ends."""
    return plain(text).strip("/ ")
