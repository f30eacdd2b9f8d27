"""The key of a service, made unreadable wherever a server repeats it.

Belongs here: the forms in which a gateway may show a key (as it is, percent-encoded, as escapes of JSON,
in hexadecimal or base64), and their redaction. Does not: sending it (`model_calls`).
"""

import base64
import re
from collections.abc import Iterator

REDACTED = "[key]"
"""What is put in place of the key in errors and answers."""
SECRET_LEAST_CHARACTERS = 8
"""What is shorter is a placeholder for a server that asks for no key, such as `EMPTY`: redacting it
would spoil words of errors and of tickets. Keys of services have 20 and more."""
_BITS_OF_BYTE = 8
_BITS_OF_CHARACTER = 6
"""Of base64."""


class KeyRedaction:
    """Replaces one key in texts, in each of its forms."""

    def __init__(self, key: str) -> None:
        """Prepare the patterns of a key; a placeholder is left as it is."""
        self._pattern: re.Pattern[str] | None = None
        if len(key) >= SECRET_LEAST_CHARACTERS:
            self._pattern = re.compile("|".join(_patterns_of(key)))

    def redacted(self, text: str) -> str:
        """Return a text without the key, also where it is inside a word."""
        return text if self._pattern is None else self._pattern.sub(REDACTED, text)


def _patterns_of(key: str) -> Iterator[str]:
    """Yield a pattern for each form; the first has the key as it is, or escaped in part."""
    characters = []
    for character in key:
        percent = "".join(f"%(?:25)*{byte:02x}" for byte in character.encode())
        of_json = rf"\\+u{ord(character):04x}"
        characters.append(f"(?:{re.escape(character)}|(?i:{percent}|{of_json}))")
    yield "".join(characters)
    yield f"(?i:{key.encode().hex()})"
    for place in range(3):
        yield _base64_pattern(key.encode(), place=place)


def _base64_pattern(key: bytes, *, place: int) -> str:
    """Return a pattern of a key within base64, where it begins at this byte of a group of three.

    Characters that also depend on what comes before or after the key are not part of it.
    """
    encoded = base64.b64encode(bytes(place) + key).decode()
    begin = -(-_BITS_OF_BYTE * place // _BITS_OF_CHARACTER)
    end = _BITS_OF_BYTE * (place + len(key)) // _BITS_OF_CHARACTER
    pattern = encoded[begin:end]
    pattern = pattern.replace("+", "(?:[+-]|%2[Bb])")
    return pattern.replace("/", "(?:[/_]|%2[Ff])")
