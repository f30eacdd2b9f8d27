"""Characters that nobody sees, which may tell a model or a program what no reader knows.

Belongs here: which they are, where they are part of what is shown, and text without them. Does not:
findings about them (`sheets/reading/csv_files`).

Source: Unicode 14 to 16, DerivedCoreProperties.txt (Default_Ignorable_Code_Point), with the marks
of interlinear annotations (FFF9 to FFFB). All other characters of category Cf are shown.
"""

import re

UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
"""Each of them, wherever it is."""
_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f"
    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
"""Blocks with emoji. Source: emoji-data.txt of Unicode 14, in whole blocks for those of later."""
_RIGHT_TO_LEFT = (
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001eeff]"
)
_JOINING = "[\u0600-\u109f\u1780-\u18af\u1a20-\u1cff\ua840-\uabff\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00011fff]"
"""Scripts whose letters join, or that break lines without spaces: Arabic, Indic, Thai, Khmer …"""
_SHOWN = "|".join(
    (
        "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f",  # flag of a region
        f"{_PICTURE}(?:[\ufe0e\ufe0f](?:\u200d(?={_PICTURE}))?|\u200d(?={_PICTURE}))",
        "[0-9#*]\ufe0f\u20e3",  # a key
        f"{_JOINING}[\u200b-\u200d]",
        "[\u1820-\u18aa][\u180b-\u180f]",  # another form of a Mongolian letter
        f"{_RIGHT_TO_LEFT}[\u061c\u200e\u200f]",
        f"[\u061c\u200e\u200f](?={_RIGHT_TO_LEFT})",
    )
)
"""Where one is part of a sign, or of how a word is spelled."""
_HIDDEN = re.compile(f"({_SHOWN})|{UNSEEN.pattern}")


def hidden_in(text: str) -> list[str]:
    """Return the characters of a text that nobody sees, in its order."""
    return [] if text.isascii() else [m[0] for m in _HIDDEN.finditer(text) if m[1] is None]


def without_hidden(text: str, *, shown: str = "") -> str:
    """Return a text without them, or with something to see in their place: `[U+{:04X}]`."""
    return (
        text
        if text.isascii()
        else _HIDDEN.sub(lambda match: match[1] or shown.format(ord(match[0])), text)
    )
