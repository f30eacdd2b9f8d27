"""Code pages of CSV files: which are known, by which names, and which a file may be in.

Belongs here: the closed set, names of it, what letters suggest. Does not: decoding a file, and what is
said of that (`csv_files`).

What letters suggest is shown and never certain: a detector takes French for Czech, and Japanese for
Korean. So a person chooses, and a suggestion counts by itself only where Windows-1252 has no letter.
"""

import codecs
import re
from collections.abc import Mapping

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
}
"""What spreadsheet programs write as CSV, on Windows, older Macs and in MS-DOS form."""
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
}
"""Names of Python's codecs that are not the value of a code page."""
_SUGGESTED_MAX = 4
_NOT_ASCII = re.compile(rb"[^,;\t|\"\r\n]*[\x80-\xff][^,;\t|\"\r\n]*")
"""A cell with a letter that code pages differ in; the rest of a file only looks like English."""
_SAMPLE_MAX_BYTES = 20_000


def code_page_named(name: str) -> CodePage:
    """Return a code page by any of its names, such as `windows-1251` or `Shift-JIS`.

    Raises:
        ValueError: None of those that are known is called so.
    """
    try:
        codec = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        codec = ""
    if codec in _OTHER_NAMES:
        return _OTHER_NAMES[codec]
    try:
        return CodePage(codec)
    except ValueError:
        raise ValueError(f"no known code page; known are {', '.join(CodePage)}") from None


def suggested_code_pages(content: bytes) -> list[CodePage]:
    """Return the code pages that a file may be in by its letters, the likeliest first."""
    # It is loaded for the few files that are not UTF-8.
    from charset_normalizer import from_bytes  # noqa: PLC0415 - see above

    sample = b"\n".join(_NOT_ASCII.findall(content))[:_SAMPLE_MAX_BYTES]
    matches = from_bytes(
        sample, cp_isolation=[*CodePage], preemptive_behaviour=False, enable_fallback=False
    )
    suggested = []
    for match in matches:
        code_page = code_page_named(match.encoding)
        if code_page not in suggested and can_read(content, code_page):
            suggested.append(code_page)
    return suggested[:_SUGGESTED_MAX]


def first_cell_apart(content: bytes) -> bytes:
    """Return the first cell of a file with a letter that code pages differ in."""
    found = _NOT_ASCII.search(content)
    return found[0].strip() if found else b""


def can_read(content: bytes, code_page: CodePage) -> bool:
    """Tell whether a code page has a letter for every byte of a file."""
    try:
        content.decode(code_page)
    except UnicodeDecodeError:
        return False
    return True
