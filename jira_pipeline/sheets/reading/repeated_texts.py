"""What is made of a text once: sheets repeat their cells and headers.

Does not belong here: what is made of them.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Made = TypeVar("Made")
CHARACTERS_MAX, TEXTS_KEPT = 80, 8_192
"""Longer ones seldom come again, and would fill the memory."""


def once_each_text(make: Callable[[str], Made]) -> Callable[[str], Made]:
    """Have a function of nothing but a text remember what it made of short ones."""
    remembered = lru_cache(maxsize=TEXTS_KEPT)(make)

    @wraps(make)
    def look_up(text: str) -> Made:
        return remembered(text) if len(text) <= CHARACTERS_MAX else make(text)

    return look_up
