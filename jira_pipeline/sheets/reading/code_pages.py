"""Code pages of CSV files: which are known, by which names, and which a file may be in.

Belongs here: the closed set to choose from, names of any, what letters suggest. Does not: decoding a
file, and what is said of that (`csv_files`).

What letters suggest is shown and never certain: a detector takes French for Czech, and Japanese for
Korean. So a person chooses, and a suggestion counts by itself only where Windows-1252 has no letter.
"""

import codecs
import re
import unicodedata
from collections.abc import Mapping
from itertools import pairwise

from jira_pipeline.model.sessions import CodePage

CODE_PAGE_LABELS: Mapping[CodePage, str] = {
    CodePage.CP1250: "Central European (Windows-1250)",
    CodePage.CP1251: "Cyrillic (Windows-1251)",
    CodePage.CP1252: "Western European (Windows-1252)",
    CodePage.CP1253: "Greek (Windows-1253)",
    CodePage.CP1254: "Turkish (Windows-1254)",
    CodePage.CP1255: "Hebrew (Windows-1255)",
    CodePage.CP1256: "Arabic (Windows-1256)",
    CodePage.CP1257: "Baltic (Windows-1257)",
    CodePage.CP1258: "Vietnamese (Windows-1258)",
    CodePage.CP874: "Thai (Windows-874)",
    CodePage.CP932: "Japanese (Shift-JIS)",
    CodePage.GB18030: "Chinese, simplified (GBK, GB 18030)",
    CodePage.BIG5: "Chinese, traditional (Big5)",
    CodePage.CP949: "Korean (Windows-949)",
    CodePage.KOI8_R: "Cyrillic (KOI8-R)",
    CodePage.MAC_ROMAN: "Western European (older Macs)",
    CodePage.CP850: "Western European (DOS)",
    CodePage.CP852: "Central European (DOS)",
    CodePage.CP866: "Cyrillic (DOS)",
    CodePage.ISO8859_2: "Central European (ISO 8859-2)",
    CodePage.ISO8859_5: "Cyrillic (ISO 8859-5)",
    CodePage.ISO8859_7: "Greek (ISO 8859-7)",
    CodePage.ISO8859_9: "Turkish (ISO 8859-9)",
    CodePage.ISO8859_15: "Western European (ISO 8859-15)",
    CodePage.MAC_CYRILLIC: "Cyrillic (older Macs)",
    CodePage.EUC_JP: "Japanese (EUC-JP)",
    CodePage.ISO2022_JP: "Japanese (ISO-2022-JP)",
}
"""What spreadsheet programs write as CSV, on Windows, older Macs and in MS-DOS form; what others do."""
_OTHER_NAMES: Mapping[str, CodePage] = {
    "shift_jis": CodePage.CP932,
    "shift_jisx0213": CodePage.CP932,
    "gbk": CodePage.GB18030,
    "gb2312": CodePage.GB18030,
    "euc_kr": CodePage.CP949,
    "big5hkscs": CodePage.BIG5,
    "cp950": CodePage.BIG5,
    "iso8859-1": CodePage.CP1252,
    "mac-roman": CodePage.MAC_ROMAN,
    "koi8-r": CodePage.KOI8_R,
    "tis-620": CodePage.CP874,
}
"""Names of Python's codecs that are not the value of a code page, or of a part of it."""
_UNICODE = re.compile(r"utf[_-]?(?:8|16|32)\b.*")
_PREFIX_OF_NAME = re.compile(r"x-|windows-?(?=\d)")
"""What other programs write before a name that Python knows: `x-mac-cyrillic`, `windows-874`."""
_PLAIN = bytes(range(0x20, 0x7F)) + b"\\u\t\r\n"
"""Each character of ASCII that people type; the last but three begin an escape in some codecs."""
_SAME_EVERYWHERE = re.compile(r"[A-Za-z0-9 ,;\t|\"\r\n]")
"""What every code page has in the place of ASCII: else not even the header can be read."""
_EASTERN = frozenset({"HIRAGANA", "KATAKANA", "CJK", "HALFWIDTH", "FULLWIDTH"})
"""Scripts that one word of Japanese may have, by the names of their letters in Unicode."""
_SUGGESTED_MAX = 4
_NOT_ASCII = re.compile(rb"[^,;\t|\"\r\n]*[\x80-\xff][^,;\t|\"\r\n]*")
"""A cell with a letter that code pages differ in; the rest of a file only looks like English."""
_SAMPLE_MAX_BYTES = 20_000


def code_page_named(name: str) -> str | None:
    """Return a code page by any of its names, such as `windows-1251`, `Shift-JIS` or `EUC-JP`.

    None for Unicode, which files are tried in first. It is a `CodePage`, or the name of another codec
    that has plain letters, digits and commas where ASCII has them.

    Raises:
        ValueError: None is called so.
    """
    codec = _codec_named(name.strip().casefold())
    if _UNICODE.fullmatch(codec):
        return None
    if codec in _OTHER_NAMES:
        return _OTHER_NAMES[codec]
    if codec in {*CodePage}:
        return CodePage(codec)
    if not _has_plain_letters(codec):
        raise ValueError(f"no known code page; known are {', '.join(CodePage)}")
    return codec


def _codec_named(name: str) -> str:
    """Return what Python calls a codec; empty where it knows none of that name."""
    for known_as in (name, _PREFIX_OF_NAME.sub("", name), _PREFIX_OF_NAME.sub("cp", name)):
        try:
            return codecs.lookup(known_as).name
        except (LookupError, ValueError):
            continue
    return ""


def _has_plain_letters(codec: str) -> bool:
    """Tell whether a codec makes text of bytes, and plain letters of theirs."""
    try:
        text = _PLAIN.decode(codec)
    except (LookupError, ValueError):
        return False
    plain = _PLAIN.decode("ascii")
    if len(text) != len(plain):
        return False
    pairs = zip(text, plain, strict=True)
    return all(read == typed for read, typed in pairs if _SAME_EVERYWHERE.match(typed))


def label_of_code_page(code_page: str) -> str:
    """Return what people call a code page; one that is not in the list by its codec."""
    return code_pages_to_choose(code_page)[code_page]


def code_pages_to_choose(chosen: str) -> Mapping[str, str]:
    """Return the labels of all code pages of the list, and of the one that is chosen."""
    labels: dict[str, str] = {name.value: label for name, label in CODE_PAGE_LABELS.items()}
    if chosen:
        labels.setdefault(chosen, chosen)
    return labels


def is_code_page(encoding: str) -> bool:
    """Tell whether a file was read in a code page, and not in Unicode or as a workbook."""
    try:
        return code_page_named(encoding) is not None
    except ValueError:
        return False


def suggested_code_pages(content: bytes) -> list[str]:
    """Return the code pages that a file may be in by its letters, the likeliest first.

    One that mixes scripts, or letters and signs, within words is none of them where another does not:
    to a detector, French in another code page may be Arabic.
    """
    # It is loaded for the few files that are not UTF-8.
    from charset_normalizer import from_bytes  # noqa: PLC0415 - see above

    sample = b"\n".join(_NOT_ASCII.findall(content))[:_SAMPLE_MAX_BYTES]
    matches = from_bytes(
        sample, cp_isolation=[*CodePage], preemptive_behaviour=False, enable_fallback=False
    )
    breaks: dict[str, int] = {}
    for match in matches:
        code_page = code_page_named(match.encoding)
        if code_page is not None and can_read(content, code_page):
            breaks.setdefault(code_page, _breaks_within_words(sample.decode(code_page, "replace")))
    fewest = min(breaks.values(), default=0)
    suggested = [code_page for code_page, count in breaks.items() if count == fewest]
    return suggested[:_SUGGESTED_MAX]


def _breaks_within_words(text: str) -> int:
    """Count the places within words where a script ends, or a sign is beside a letter."""
    count = 0
    for character, following in pairwise(text):
        if character.isascii() and following.isascii():
            continue
        scripts = {_script_of(character), _script_of(following)} - {""}
        count += len(scripts) > 1 and not scripts <= _EASTERN
    return count


def _script_of(character: str) -> str:
    """Return the script of a letter, or `SIGN`; empty for blanks, digits, accents and what joins words."""
    if character.isalpha():
        return re.split("[ -]", unicodedata.name(character, "SIGN"), maxsplit=1)[0]
    is_joint = character.isspace() or character.isdigit() or character in "'\u2019-.()/&"
    return "" if is_joint or unicodedata.combining(character) else "SIGN"


def first_cell_apart(content: bytes) -> bytes:
    """Return the first cell of a file with a letter that code pages differ in."""
    found = _NOT_ASCII.search(content)
    return found[0].strip() if found else b""


def can_read(content: bytes, code_page: str) -> bool:
    """Tell whether a code page has a letter for every byte of a file."""
    try:
        content.decode(code_page)
    except UnicodeDecodeError:
        return False
    return True
