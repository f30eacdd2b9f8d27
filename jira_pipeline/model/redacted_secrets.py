"""Secrets (keys, tokens, passwords), made unreadable wherever a server repeats them.

Belongs here: the forms in which a server or a gateway may show a secret (as it is, percent-encoded,
escaped as in JSON, in a program or in HTML, in hexadecimal or base64), and their redaction. Does
not: which secrets there are, and sending them (`jira/client/connection`, `writing/models/model_calls`,
`sharedo/client/exchange`).
"""

import base64
import re
from collections.abc import Iterable, Iterator
from functools import cache
from html.entities import html5

SECRET_LEAST_CHARACTERS = 8
"""A shorter secret is looked for as it is only: its other forms are so short that words contain them.
Keys and tokens of services have 20 and more."""
_BITS_OF_BYTE = 8
_BITS_OF_CHARACTER = 6
"""Of base64."""
_ESCAPES = r"\\{0,7}+"
"""Backslashes before a character that is escaped up to three times. Without a bound, each place of
a text of nothing but backslashes would be read to its end."""


class SecretRedaction:
    """Replaces secrets in texts, in each of their forms."""

    def __init__(self, secrets: Iterable[str], *, mark: str) -> None:
        """Prepare the patterns; `mark` is put in place of each secret, the longest first."""
        self._mark = mark
        self._patterns = [
            re.compile("|".join(_patterns_of(secret)))
            for secret in sorted({*secrets} - {""}, key=lambda secret: (-len(secret), secret))
        ]

    def redacted(self, text: str) -> str:
        """Return a text without the secrets, also where one is inside a word."""
        for pattern in self._patterns:
            text = pattern.sub(self._mark, text)
        return text


def _patterns_of(secret: str) -> Iterator[str]:
    """Yield a pattern for each form."""
    if len(secret) < SECRET_LEAST_CHARACTERS:
        yield re.escape(secret)
        return
    # How many backslashes show depends on how often the secret is escaped.
    one_backslash = re.sub(r"\\+", r"\\", secret)
    characters = "".join(map(_character_pattern, one_backslash))
    yield f"(?i:{characters})"
    yield f"(?i:{secret.encode().hex()})"
    for place in range(3):
        yield _base64_pattern(secret.encode(), place=place)


def _character_pattern(character: str) -> str:
    """Return a pattern of one character: as it is, escaped, percent-encoded, or an HTML entity."""
    if character == "\\":
        as_it_is = r"\\{1,8}+"
    elif character in " +":
        as_it_is = f"{_ESCAPES}[ +]"  # a blank of a form is a plus, and is read back as one
    else:
        as_it_is = _ESCAPES + re.escape(character)
    units = character.encode("utf-16-be").hex()
    escaped = "".join(f"\\\\{{1,8}}+u{units[at : at + 4]}" for at in range(0, len(units), 4))
    percent = "".join(f"%(?:25)*{byte:02x}" for byte in character.encode())
    number = ord(character)
    entities = [f"#0{{0,7}}{number}", f"#x0{{0,7}}{number:x}", *_entity_names().get(character, ())]
    entity = f"&(?:amp;)*(?:{'|'.join(entities)});"
    return f"(?:{as_it_is}|{escaped}|{percent}|{entity})"


@cache
def _entity_names() -> dict[str, list[str]]:
    """Return the names that HTML has for each character, such as `plus`."""
    names: dict[str, list[str]] = {}
    for name, character in html5.items():
        if name.endswith(";"):
            names.setdefault(character, []).append(re.escape(name.removesuffix(";")))
    return names


def _base64_pattern(secret: bytes, *, place: int) -> str:
    """Return a pattern of a secret within base64, where it begins at this byte of a group of three.

    Characters that also depend on what comes before or after the secret are not part of it.
    """
    encoded = base64.b64encode(bytes(place) + secret).decode()
    begin = -(-_BITS_OF_BYTE * place // _BITS_OF_CHARACTER)
    end = _BITS_OF_BYTE * (place + len(secret)) // _BITS_OF_CHARACTER
    pattern = encoded[begin:end]
    pattern = pattern.replace("+", r"(?:[+ -]|%(?:25)*2[Bb]|\\{1,8}+u002[Bb]|&#(?:43|x2[Bb]);)")
    return pattern.replace("/", r"(?:\\{0,7}+/|_|%(?:25)*2[Ff]|\\{1,8}+u002[Ff]|&#(?:47|x2[Ff]);)")
