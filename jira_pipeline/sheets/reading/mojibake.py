"""Text that a program read in a wrong encoding before it was exported, and what it was.

Belongs here: telling such text from what people write. Does not: the bytes of a file, and findings
about its cells (`csv_files`). People write signs after capital letters, as in `CAFÉ’`, which may be
a letter in UTF-8, too: a character alone counts only where it fits between its neighbours.
"""

import re
from collections.abc import Mapping
from functools import cache

_ENCODINGS = ("cp1252", "mac_roman", "cp1250", "cp850")
"""Of Windows, of a Mac, of Windows in Central Europe, of DOS."""
_ABOVE_ASCII = range(0x80, 0x100)
_RUN = re.compile("(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+")
"""What has the form of UTF-8. Source: RFC 3629, section 4."""
_SIGN = re.compile("[\u2000-\u213f\u2180-\u2bff\ufb00-\ufb06\ufeff\ufffd\U00010000-\U0010ffff]")
_CLOSING, _AFTER_CAPITALS = frozenset("…’”“»\u203a–—"), frozenset("\xa0\xad®™©°ª²³º")
"""What people write directly after a letter, and after a word in capitals."""
_LATIN_1_END, _LATIN_EXTENDED_END = "\u0100", "\u0180"
_CONTROL = re.compile("[\x80-\x9f]")
_SUSPECT = re.compile("[^\x00-\x7f]{2}|[\x80-\x9f]")
"""Nearly no cell has any."""


def undamaged(text: str) -> str:
    """Return what a text was before it was read wrongly; the same text where nothing shows that."""
    if not _SUSPECT.search(text):
        return text
    for encoding in _ENCODINGS:
        if (before := _before(text, encoding)) != text:
            return undamaged(before)  # some are read wrongly twice
    return _CONTROL.sub(lambda one: one[0].encode("latin-1").decode("cp1252", "replace"), text)


@cache
def _bytes_of(encoding: str) -> Mapping[int, str]:
    """Return a table from characters to their bytes, written as Latin-1."""
    as_is = {byte: chr(byte) if encoding == "cp1252" else "\uffff" for byte in _ABOVE_ASCII}
    decoded = {bytes([byte]).decode(encoding, "ignore"): chr(byte) for byte in _ABOVE_ASCII}
    return as_is | {ord(sign): byte for sign, byte in decoded.items() if sign}


def _before(text: str, encoding: str) -> str:
    parts, end = [], 0
    for run in _RUN.finditer(text.translate(_bytes_of(encoding))):
        start, read = run.start(), text[run.start() : run.end()]
        decoded = run[0].encode("latin-1").decode("utf-8", "ignore")
        around = text[max(start - 1, 0) : start], text[run.end() : run.end() + 1]
        is_likely = decoded and _is_likely(decoded, read[1], *around)
        parts += [text[end:start], decoded if is_likely else read]
        end = run.end()
    return "".join([*parts, text[end:]])


def _is_likely(decoded: str, second: str, before: str, after: str) -> bool:
    """Tell whether characters are no others; `second` is what people may have written as a sign."""
    if len(decoded) > 1 or decoded >= _LATIN_EXTENDED_END:
        return len(decoded) > 1 or _SIGN.fullmatch(decoded) is not None
    if before.islower():
        return True
    if before.isupper() and after.isupper() and decoded.islower() and decoded != "ß":
        return False
    is_sign = second in _CLOSING or (second in _AFTER_CAPITALS and before.isupper())
    if decoded < _LATIN_1_END:
        return not is_sign or after.isalpha()
    return not is_sign and (before.isalpha() or after.isalpha())
