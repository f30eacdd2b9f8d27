"""Turns the bytes of a sheet into text.

Belongs here: the encoding rule. Byte order mark, then UTF-16 by its pattern of NULs, then strict
UTF-8, then Windows-1252 with a warning: detectors misread French Windows-1252 and even valid UTF-8,
so nothing is guessed from letter statistics. Does not: what the text means (`tokenizer`,
`csv_files`).
"""

import codecs
from dataclasses import dataclass

from jira_pipeline.sources.sheets.reading.citations import Citations

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE_BYTES = 4_096
_MANY_NULS = 0.25
"""Share of NULs among the high bytes above which text is UTF-16: prose in any Latin script has
nearly 1.0, UTF-8 with a few stray NULs nearly 0."""
_EXPORT_ADVICE = "Export the sheet again as CSV with the encoding UTF-8."


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedText:
    """Text with line feeds only, and how it was encoded."""

    text: str
    encoding: str


def decode(content: bytes, citations: Citations) -> DecodedText:
    r"""Decode a sheet; every line end, also inside cells, becomes one `\n`."""
    encoding = _encoding_of(content)
    if encoding is None:
        text, encoding = _decode_windows(content, citations), "cp1252"
    else:
        # Decode by name; what cannot be decoded is replaced and cited.
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            text = content.decode(encoding, errors="replace")
            before = content[: error.start].decode(encoding, errors="replace")
            citations.error(
                "encoding_broken",
                f"The file says it is {encoding}, but byte {error.start + 1} cannot be read as that.",
                _EXPORT_ADVICE,
                line=_with_line_feeds(before).count("\n") + 1,
            )
        if not encoding.startswith("utf-8"):
            citations.inform(
                "encoding_is_not_utf8",
                f"The file is encoded as {encoding}; it was read as that.",
                "Nothing to do. Exports in UTF-8 avoid the question.",
                line=1,
            )
        text = text.removeprefix("\ufeff")
    if "\ufffd" in text:
        at = text.index("\ufffd")
        citations.warn(
            "text_damaged",
            f"The file holds {text.count(chr(0xFFFD))} replacement character(s) \ufffd: "
            "letters were lost before or while it was read.",
            "Compare with the specification. " + _EXPORT_ADVICE,
            line=_with_line_feeds(text[:at]).count("\n") + 1,
            value=text[max(0, at - 40) : at + 40],
        )
    return DecodedText(text=_with_line_feeds(text), encoding=encoding)


def _encoding_of(content: bytes) -> str | None:
    """Name the encoding, or None where only Windows-1252 is left."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    by_nuls = _utf16_by_nuls(content[:_SAMPLE_BYTES])
    if by_nuls is not None:
        return by_nuls
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _utf16_by_nuls(sample: bytes) -> str | None:
    """Name the UTF-16 whose high bytes are NULs, if the sample looks like that."""
    if b"\0" not in sample or len(sample) < len("ab") * 2:
        return None
    even, odd = sample[0::2], sample[1::2]
    even_share, odd_share = even.count(0) / len(even), odd.count(0) / len(odd)
    if odd_share > _MANY_NULS and even_share < _MANY_NULS / 4:
        return "utf-16-le"
    if even_share > _MANY_NULS and odd_share < _MANY_NULS / 4:
        return "utf-16-be"
    return None


def _decode_windows(content: bytes, citations: Citations) -> str:
    """Decode as Windows-1252, and show the first line for which that mattered."""
    text = content.decode("cp1252", errors="replace")
    first = next((i for i, character in enumerate(text) if ord(character) > ord("~")), 0)
    start = max(text.rfind("\n", 0, first), text.rfind("\r", 0, first)) + 1
    citations.warn(
        "encoding_assumed",
        "The file is not valid UTF-8; it was read as Windows-1252. "
        "Umlauts, accents, dashes and curly quotes may be wrong.",
        f"Look at the value cited here. If it is wrong: {_EXPORT_ADVICE}",
        line=_with_line_feeds(text[:first]).count("\n") + 1,
        value=text[max(start, first - 60) : first + 60].strip(),
    )
    return text


def _with_line_feeds(text: str) -> str:
    if "\r" not in text:
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n")
