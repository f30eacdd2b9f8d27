"""Keys of sessions: the short names, such as `city-museum`, that addresses and commands use.

Belongs here: which keys are valid, and making one of the name of a folder or site. Does not: whether
a key is taken (`sessions/upload`), sessions (`sessions`).
"""

import hashlib
import re
import unicodedata

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import SessionKeyError

SESSION_KEY_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_KEY_CHARACTERS = 64
_STROKES = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ħ": "h",
        "\u0131": "i",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
    }
)
"""Letters that Unicode does not take apart."""


def checked_session_key(text: str) -> str:
    """Return `text` if it is a session key.

    Raises:
        SessionKeyError: It does not match `[a-z0-9][a-z0-9_-]{0,63}`.
    """
    if SESSION_KEY_PATTERN.fullmatch(text):
        return text
    raise SessionKeyError(
        f"{text!r} is not a session key: use 1 to 64 of a-z, 0-9, _ and -, starting with a letter "
        "or digit.",
        recovery_actions=(Action.of(ActionKind.UPLOAD, "Try {}.", session=session_key_from(text)),),
    )


def session_key_from(name: str) -> str:
    """Make a session key out of a folder's name: lower case, other characters become `-`.

    Accents fold. Where letters are lost, a short hash of the name tells keys apart.
    """
    slug = re.sub(r"[^a-z0-9_-]+", "-", _plain(name)).strip("-_")
    if not loses_letters(name) and 0 < len(slug) <= _KEY_CHARACTERS:
        return slug
    same = unicodedata.normalize("NFC", name).casefold().encode("utf-8", "surrogateescape")
    digest = hashlib.sha256(same).hexdigest()[:6]
    return f"{slug[: _KEY_CHARACTERS - 7].strip('-_') or 'session'}-{digest}"


def loses_letters(name: str) -> bool:
    """Tell whether a name has letters or pictures that no session key has."""
    for character in _plain(name):
        is_letter_or_picture = character.isalnum() or unicodedata.category(character) == "So"
        if is_letter_or_picture and not character.isascii():
            return True
    return False


def _plain(name: str) -> str:
    parts = unicodedata.normalize("NFKD", name).casefold().translate(_STROKES)
    parts = unicodedata.normalize("NFKD", parts)
    return "".join(part for part in parts if not unicodedata.combining(part))
