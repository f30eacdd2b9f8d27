"""Text as it is sent to models: how much it is, and JSON that nothing in it can leave.

Belongs here: both. Does not: sending (`models`), or what is sent (`completion`).
"""

import json

CHARACTERS_A_TOKEN = 4
"""Tokenizers download their data at run time, so characters are counted."""
_ESCAPED = frozenset("<>&`")


def tokens_of(text: str) -> int:
    """Estimate the tokens of a text."""
    return -(-len(text) // CHARACTERS_A_TOKEN)


def as_data(value: object) -> str:
    r"""Return JSON that no text in it can leave: brackets and invisible characters as \uXXXX."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    escaped = {ord(c): _escaped(c) for c in set(text) if c in _ESCAPED or not c.isprintable()}
    return text.translate(escaped)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
