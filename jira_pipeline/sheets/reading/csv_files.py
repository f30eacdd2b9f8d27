"""Reads the bytes of one CSV file strictly and cites whatever is wrong with it.

Belongs here: encoding, delimiter, header, widths, what cells may hold. Does not: which sheet it is
(`layouts`), nor files and folders (`folder_files`). No row is lost silently: a damaged one is cited and
the others survive. Cells are text and nothing is converted.

Encoding: byte order mark, then UTF-16 by its pattern of NULs, then strict UTF-8, then the code page
that people say, else Windows-1252 with a warning: detectors misread French Windows-1252 and even
valid UTF-8, so what they make of the letters is shown, and counts only where Windows-1252 has none.
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise

from jira_pipeline.model.entities import READ_CHARACTERS_MAX, is_read
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.hidden_characters import hidden_in, without_hidden
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.sessions import CodePage
from jira_pipeline.model.source_tables import SourceRow
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.code_pages import (
    can_read,
    first_cell_apart,
    label_of_code_page,
    suggested_code_pages,
)
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits
from jira_pipeline.sheets.reading.tokenizer import RecordSplitter

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_QUOTED = re.compile(r'"(?:[^"]|"")*+"')
_SEPARATOR_HINT = re.compile(r'"?sep=([,;|\t])"?[,;|]*')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NAMED_CODE_POINTS = 8
_SHOWN_BEFORE = 20
_SHOWN_CHARACTERS = 80
_PLAIN_NUMBER = re.compile(r"[-+]?[\d.,\s]+%?")
_FORMULA_STARTS = frozenset("=+-@")
_HEADER_SAMPLE_CHARACTERS = 20_000
"""So many make a line below a title more than a second title."""
ERROR_VALUES = frozenset(
    {"#N/A", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#ERROR!", "#SPILL!"}
    | {f"{word}:{number}" for word in ("Err", "Fehler", "Erreur ") for number in range(501, 541)}
    | {"#CALC!", "#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!"}
    | {"#BEZUG!", "#NV", "#WERT!", "#ZAHL!", "#ÜBERLAUF!", "#KALK!", "#FELD!"}
    | {"#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!", "#N/D", "#PROPAGATION!", "#CHAMP!"}
    | {"#¡REF!", "#¡VALOR!", "#¿NOMBRE?", "#¡NUM!", "#¡DIV/0!", "#¡NULO!", "#¡DESBORDAMIENTO!"}
    | {"#RIF!", "#VALORE!", "#NOME?", "#NULLO!", "#VALOR!", "#NULO!", "#NÚM!"}
    | {"#VERW!", "#WAARDE!", "#NAAM?", "#GETAL!", "#N/B", "#DEEL/0!", "#LEEG!"}
)
"""What spreadsheets show where a formula failed, in six languages; read as blank."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ESCAPE = b"\x1b"
_SAMPLE_BYTES = 4_096
_MANY_NULS = 0.25
"""Share of NULs among the high bytes above which text is UTF-16: prose in any Latin script has
nearly 1.0, UTF-8 with a few stray NULs nearly 0."""
_EXPORT_ADVICE = "Export the sheet again as CSV with the encoding UTF-8."


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A table below its header."""

    header: SourceRow
    rows: Iterable[SourceRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvReading:
    """One file as read; rows have one cell for each column."""

    encoding: str
    delimiter: str
    columns: tuple[str, ...] = ()
    """Headers as in the file; empty when the file holds no record."""
    header_line: int = 1
    rows: tuple[SourceRow, ...] = ()
    """Every record after the header, blank ones included."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsReading:
    """The records of one file, of which none is taken for a header."""

    encoding: str
    delimiter: str
    rows: tuple[SourceRow, ...]
    findings: tuple[Finding, ...]


def read_records(
    content: bytes,
    *,
    file: str,
    limits: ReadingLimits = DEFAULT_LIMITS,
    code_page: str | None = None,
) -> RecordsReading:
    """Read all records of a file as they stand; damage is cited, never raised.

    `code_page` is what people say of files that are neither UTF-8 nor UTF-16.
    """
    citations = Citations(file)
    decoded = decode(content, citations, code_page=code_page)
    delimiter, hint_lines = delimiter_of(decoded.text, citations)
    splitter = RecordSplitter(decoded.text, delimiter, limits, citations)
    splitter.skip_lines(hint_lines)
    nameless = SourceRow(line=1, record=1, cells=("",) * limits.columns_max_count)
    body = _Body(
        limits=limits, citations=citations, header=nameless, is_in_doubt=decoded.is_in_doubt
    )
    rows = tuple(body.counted(_with_width_of_header(splitter)))
    return RecordsReading(
        encoding=decoded.encoding, delimiter=delimiter, rows=rows, findings=citations.findings
    )


def _with_width_of_header(splitter: RecordSplitter) -> Iterator[SourceRow]:
    """Yield records; the first with several cells shows how many a damaged one may have."""
    for row in splitter:
        if not splitter.width and row.filled_count > 1:
            splitter.width = len(row.cells)
        yield row


def read_part(
    part: Part, *, limits: ReadingLimits, citations: Citations, encoding: str, delimiter: str = ""
) -> CsvReading:
    """Read a table of a file: its header, and the rows below with one cell for each column."""
    header = part.header
    body = _Body(limits=limits, citations=citations, header=header)
    rows = tuple(body.checked(part.rows))
    columns, rows = _named_columns(body.cleaned(header), rows, citations)
    cite_formulas(columns, rows, citations)
    return CsvReading(
        columns=columns,
        header_line=header.line,
        rows=rows,
        encoding=encoding,
        delimiter=delimiter,
    )


def cite_formulas(columns: Sequence[str], rows: Sequence[SourceRow], citations: Citations) -> None:
    """Cite cells that a spreadsheet would run, one finding for each column; they stay as they are."""
    for position, cells in enumerate(zip(*(row.cells for row in rows), strict=True)):
        likely = [c for c in {*cells} if c[:1] in _FORMULA_STARTS and len(c) > 1 and c.strip("-–")]
        formulas = {cell for cell in likely if not _is_plainly_text(cell)}
        if formulas:
            found = [row for row in rows if row.cells[position] in formulas]
            others = f" and {len(found) - 1} more" if len(found) > 1 else ""
            citations.inform(
                "formula_like",
                f"The cell{others} begin{'' if others else 's'} like a formula "
                "(=, +, - or @); kept as text.",
                "Nothing to do, unless the formula's result was meant.",
                row=found[0],
                column=columns[position],
                value=found[0].cells[position],
            )


def _is_plainly_text(cell: str) -> bool:
    """Tell whether a cell that begins like a formula is a number, or words between dashes.

    Drupal labels what is not chosen so: `- None -`, `-- Disabled --`.
    """
    return _PLAIN_NUMBER.fullmatch(cell) is not None or cell[:1] == cell[-1:] == "-"


def delimiter_of(text: str, citations: Citations) -> tuple[str, int]:
    """Choose the delimiter that the header holds most of; return it and the lines to pass over.

    The header is the first line whose delimiter is also in the next one: a title above it has none,
    or one in its text.
    """
    hint = _SEPARATOR_HINT.fullmatch(text.partition("\n")[0].strip(" "))
    if hint is not None:
        return hint.group(1), 1
    sample = _QUOTED.sub("", text[:_HEADER_SAMPLE_CHARACTERS]).lstrip("\n ")
    # a line of quoted cells is nothing but delimiters here, such as tabs
    lines = [line for line in sample.split("\n") if line.strip(" ")] or [""]
    header = lines[0]
    for line, next_line in pairwise(lines):
        if _most_frequent_delimiter(line) in line and _most_frequent_delimiter(line) in next_line:
            header = line
            break
    delimiter = _most_frequent_delimiter(header)
    if delimiter != ",":
        citations.inform(
            "delimiter_detected",
            f"The cells are separated by {DELIMITERS[delimiter]}s, as the header shows.",
            "Nothing to do.",
            line=1,
            value=header,
        )
    return delimiter, 0


def _most_frequent_delimiter(line: str) -> str:
    counts = {delimiter: line.count(delimiter) for delimiter in DELIMITERS}
    return max(counts, key=lambda candidate: counts[candidate])


@dataclass(slots=True, kw_only=True)
class _Body:
    """The rules for the records of one file."""

    limits: ReadingLimits
    citations: Citations
    header: SourceRow
    is_in_doubt: bool = False
    """The code page of the file is: a finding of it says so, and none of each cell."""
    surplus: list[tuple[SourceRow, int]] = field(default_factory=list)
    """Rows with blank cells beyond the header, and how many they have."""

    def checked(self, records: Iterable[SourceRow]) -> Iterator[SourceRow]:
        """Yield every record with as many cells as the header, up to the limit of rows."""
        width = len(self.header.cells)
        filled = 0
        for row in self._limited(records):
            filled += any(row.cells)
            sized = row if len(row.cells) == width else self._sized(row, width)
            yield self.cleaned(sized)

        # Cite rows with more blank cells beyond the header than every other row has. A comma
        # outside quotes shifts the cells of its row; where the last ones are blank, only their
        # number shows it. Some exports end every row with a delimiter.
        is_regular = len(self.surplus) == filled and filled > 1
        usual = min(count for _, count in self.surplus) if is_regular else 0
        for row, count in self.surplus:
            if count > usual:
                self.citations.warn(
                    "row_long",
                    f"The record has {len(row.cells)} cells, the header only {width}; the surplus "
                    "is blank, but a comma outside quotes may have shifted the cells.",
                    "Compare the row with its headers, and export the sheet again.",
                    row=row,
                    value=", ".join(row.texts),
                )

    def counted(self, records: Iterable[SourceRow]) -> Iterator[SourceRow]:
        """Yield every record with the cells it has, up to the limit of rows."""
        return map(self.cleaned, self._limited(records))

    def _limited(self, records: Iterable[SourceRow]) -> Iterator[SourceRow]:
        for count, row in enumerate(records, start=1):
            if count > self.limits.rows_max_count:
                self.citations.error(
                    "too_many_rows",
                    f"The file has more than {self.limits.rows_max_count} records; the rest was "
                    "not read.",
                    "Split the sheet, or raise the limit.",
                    row=row,
                )
                return
            yield row

    def cleaned(self, row: SourceRow) -> SourceRow:
        """Return the row without control characters; cite them and other cells that are not plain."""
        joined = "".join(row.cells)
        if self._is_plain(joined):
            return row  # nearly all of them
        for position, cell in enumerate(row.cells):
            if not self._is_plain(cell):
                self._cite_cell(row, position, cell)
        if not _CONTROL.search(joined):
            return row
        cells = tuple(_CONTROL.sub("", c.replace("\v", "\n")).strip() for c in row.cells)
        return replace(row, cells=cells)

    def _is_plain(self, text: str) -> bool:
        most = min(self.limits.cell_max_characters, READ_CHARACTERS_MAX)
        return text.isprintable() and text.isascii() and len(text) <= most

    def _cite_cell(self, row: SourceRow, position: int, cell: str) -> None:
        """Cite a cell that is too long, or whose letters are not those that people see, or wrote."""
        cite = self.citations
        most = self.limits.cell_max_characters
        column = self.header.cells[position] or unnamed(position)
        place: dict[str, object] = {"row": row, "column": column, "value": cell}
        if len(cell) > most:
            cite.error(
                "cell_too_long",
                f"The cell has {len(cell)} characters; the limit is {most}.",
                "Look for an unclosed quote, or shorten the text.",
                **place,
            )
        elif not is_read(cell):
            cite.warn(
                "cell_not_read",
                f"The cell has {len(cell)} characters; cells over {READ_CHARACTERS_MAX} "
                "appear unchanged in their ticket's table, and are not read for questions "
                "and text, which tickets say.",
                "Describe in a few sentences what to build, and link or attach the rest.",
                **place,
            )
        if not self.is_in_doubt and (before := undamaged(cell)) != cell:
            pairs = enumerate(zip(cell, before, strict=False))
            other = next((at for at, (read, meant) in pairs if read != meant), 0)
            start = max(other - _SHOWN_BEFORE, 0)
            cite.warn(
                "text_damaged",
                "A program read the text in a wrong encoding before it was exported; it was "
                f"probably “{before[start : start + _SHOWN_CHARACTERS].strip()}”. Tickets show it as it is.",
                "Correct it in the specification.",
                **place,
                cause=position,
            )
        if hidden := sorted(set(hidden_in(cell))):
            shown = {**place, "value": without_hidden(cell, shown="[U+{:04X}]")}
            cite.warn(
                "invisible_character",
                f"The cell has invisible characters ({_code_points(hidden)}). They stay in the ticket's table; "
                "names are compared, and sentences and models get the cell, without them.",
                "Remove them from the cell in the specification.",
                **shown,
            )
        control = _CONTROL.findall(cell)
        if "\0" in control:
            cite.error(
                "nul_character",
                f"The cell has {control.count(chr(0))} NUL character(s): the file is damaged.",
                "Export the sheet again; do not repair the file by hand.",
                **place,
            )
        elif control:
            cite.warn(
                "control_character",
                f"The cell has characters that cannot be shown ({_code_points(sorted(set(control)))}); "
                "they were left out.",
                "Remove them from the cell in the specification.",
                **place,
            )

    def _sized(self, row: SourceRow, width: int) -> SourceRow:
        count = len(row.cells)
        if count < width:
            if any(row.cells):
                self.citations.warn(
                    "row_short",
                    f"The record has {count} cells, the header {width}; "
                    "the missing cells were read as blank.",
                    "Check that no cell is missing in the middle of the row.",
                    row=row,
                    value=row.cells[0] or None,
                )
            return replace(row, cells=(*row.cells, *("",) * (width - count)))
        extra = next((cell for cell in row.cells[width:] if cell), None)
        if extra is not None:
            self.citations.error(
                "row_long",
                f"The record has {count} cells, the header only {width}; a cell is outside all "
                "columns.",
                "Look for a comma outside quotes or a missing header, and export again.",
                row=row,
                value=extra,
            )
        elif any(row.cells):
            self.surplus.append((row, count - width))
        return replace(row, cells=row.cells[:width])


def unnamed(position: int) -> str:
    """Return what a column without a header is called."""
    return f"Column {position + 1}"


def _code_points(characters: Sequence[str]) -> str:
    return first_named([f"U+{ord(character):04X}" for character in characters], _NAMED_CODE_POINTS)


def _named_columns(
    header: SourceRow, rows: tuple[SourceRow, ...], citations: Citations
) -> tuple[tuple[str, ...], tuple[SourceRow, ...]]:
    """Leave out columns without header and content; cite blank and repeated headers."""
    first_of: dict[str, int] = {}
    dropped: set[int] = set()
    names = list(header.cells)
    for position, name in enumerate(header.cells):
        is_repeated = bool(name) and first_of.setdefault(name.casefold(), position) != position
        if name and not is_repeated:
            continue
        filled = next((row for row in rows if row.cells[position]), None)
        if filled is None:
            dropped.add(position)
        elif is_repeated:
            citations.error(
                "header_repeated",
                f"The header “{name}” occurs more than once; it is not clear which column is meant.",
                "Rename or remove one of the columns.",
                row=header,
                column=name,
                value=filled.cells[position],
            )
            names[position] = f"{name} ({position + 1})"
        else:
            names[position] = unnamed(position)
            citations.warn(
                "header_blank",
                f"Column {position + 1} has no header but contains text; it is kept as "
                f"“{names[position]}”.",
                "Give the column a header, or clear it.",
                row=filled,
                column=names[position],
                value=filled.cells[position],
            )
    if not dropped:
        return tuple(names), rows
    kept = [position for position in range(len(names)) if position not in dropped]
    return (
        tuple(names[p] for p in kept),
        tuple(replace(row, cells=tuple([row.cells[p] for p in kept])) for row in rows),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedFile:
    """The text of a file, and what it was in."""

    text: str
    """Every line end, also inside cells, is one line feed."""
    encoding: str
    is_in_doubt: bool = False
    """By its letters it may be in another code page: then its words may be wrong for that alone."""


def decode(content: bytes, citations: Citations, *, code_page: str | None = None) -> DecodedFile:
    """Decode a sheet; cite what was assumed, and what cannot be decoded."""
    encoding = _encoding_of(content)
    is_in_doubt = False
    is_escaped = code_page is not None and _has_escapes(content, code_page)
    if code_page is not None and (encoding is None or is_escaped):
        encoding = code_page
        text = content.decode(encoding, errors="replace")
        citations.inform(
            "encoding_is_not_utf8",
            f"The file was read as {label_of_code_page(code_page)}, as the settings of the session say.",
            "Nothing to do. Exporting as UTF-8 avoids this message.",
            line=1,
        )
    elif encoding is None:
        assumed = _decode_by_letters(content, citations)
        text = assumed.text
        encoding = assumed.encoding
        is_in_doubt = assumed.is_in_doubt
    else:
        # Decode by name; what cannot be decoded is replaced and cited.
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            text = content.decode(encoding, errors="replace")
            before = content[: error.start].decode(encoding, errors="replace")
            citations.error(
                "encoding_broken",
                f"The file claims to be {encoding}, but byte {error.start + 1} is not valid.",
                _EXPORT_ADVICE,
                line=_with_line_feeds(before).count("\n") + 1,
            )
        if not encoding.startswith("utf-8"):
            citations.inform(
                "encoding_is_not_utf8",
                f"The file was read as {encoding}.",
                "Nothing to do. Exporting as UTF-8 avoids this message.",
                line=1,
            )
        text = text.removeprefix("\ufeff")
    if "\ufffd" in text:
        at = text.index("\ufffd")
        citations.warn(
            "text_damaged",
            f"The file contains {text.count(chr(0xFFFD))} replacement character(s) \ufffd: "
            "letters were lost before or while it was read.",
            "Compare with the specification. " + _EXPORT_ADVICE,
            line=_with_line_feeds(text[:at]).count("\n") + 1,
            value=text[max(0, at - 40) : at + 40],
        )
    return DecodedFile(text=_with_line_feeds(text), encoding=encoding, is_in_doubt=is_in_doubt)


def _has_escapes(content: bytes, code_page: str) -> bool:
    """Tell whether bytes that look like plain text begin other letters by escapes: ISO-2022-JP."""
    if _ESCAPE not in content or not content.isascii() or not can_read(content, code_page):
        return False
    return _ESCAPE.decode() not in content.decode(code_page)


def is_text(content: bytes) -> bool:
    """Tell whether bytes are text, and no markup: not those of a workbook, whatever its name."""
    sample = content[:_SAMPLE_BYTES].decode(_encoding_of(content) or "cp1252", "replace").strip()
    return bool(sample) and not sample.startswith("<") and not _CONTROL.search(sample)


def _encoding_of(content: bytes) -> str | None:
    """Name the encoding, or None where only Windows-1252 is left."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    if by_nuls := _utf16_by_nuls(content[:_SAMPLE_BYTES]):
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
    even = sample[0::2]
    odd = sample[1::2]
    even_share = even.count(0) / len(even)
    odd_share = odd.count(0) / len(odd)
    if odd_share > _MANY_NULS and even_share < _MANY_NULS / 4:
        return "utf-16-le"
    if even_share > _MANY_NULS and odd_share < _MANY_NULS / 4:
        return "utf-16-be"
    return None


def _decode_by_letters(content: bytes, citations: Citations) -> DecodedFile:
    """Decode as Windows-1252, or as the letters suggest where it has none; show what else they may be."""
    suggested = suggested_code_pages(content)
    read_as: str = CodePage.CP1252
    if suggested and not can_read(content, read_as):
        read_as = suggested[0]
    text = content.decode(read_as, errors="replace")
    first = next((i for i, character in enumerate(text) if ord(character) > ord("~")), 0)
    start = max(text.rfind("\n", 0, first), text.rfind("\r", 0, first)) + 1
    others: Sequence[str] = ()
    if suggested and content.decode(suggested[0], errors="replace") != text:
        others = _other_readings(content, read_as, suggested)
    doubt = "Umlauts, accents, dashes and curly quotes may be wrong."
    if others:
        doubt = f"By its letters it may be in another code page: {'; '.join(others)}."
    citations.warn(
        "encoding_assumed",
        f"The file is not valid UTF-8; it was read as {label_of_code_page(read_as)}. {doubt}",
        "Look at the value cited here. If it is wrong, choose the code page in the settings of the "
        f"session, or write it in session.yaml (`encoding: NAME`). Or: {_EXPORT_ADVICE}",
        line=_with_line_feeds(text[:first]).count("\n") + 1,
        value=text[max(start, first - 60) : first + 60].strip(),
    )
    return DecodedFile(text=text, encoding=str(read_as), is_in_doubt=bool(others))


def _other_readings(content: bytes, read_as: str, suggested: Sequence[str]) -> list[str]:
    """Return what the first cell that code pages differ in says in others, with their names."""
    cell = first_cell_apart(content)
    seen = {cell.decode(read_as, errors="replace")}
    readings = []
    for code_page in suggested:
        text = cell.decode(code_page, errors="replace")
        if text not in seen:
            seen.add(text)
            shown = text[:_SHOWN_CHARACTERS]
            readings.append(f"“{shown}” in {label_of_code_page(code_page)}, `{code_page}`")
    return readings


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


_ENCODINGS = ("cp1252", "mac_roman", "cp1250", "cp850")
"""Of Windows, of a Mac, of Windows in Central Europe, of DOS."""
_ABOVE_ASCII = range(0x80, 0x100)
_RUN = re.compile("(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+")
"""What has the form of UTF-8. Source: RFC 3629, section 4."""
_SIGN = re.compile("[\u2000-\u213f\u2180-\u2bff\ufb00-\ufb06\ufeff\ufffd\U00010000-\U0010ffff]")
_CLOSING, _AFTER_CAPITALS = frozenset("…’”“»\u203a–—"), frozenset("\xa0\xad®™©°ª²³º")
"""What people write directly after a letter, and after a word in capitals."""
_LATIN_1_END = "\u0100"
_LATIN_EXTENDED_END = "\u0180"
_C1_CONTROL = re.compile("[\x80-\x9f]")
_SUSPECT = re.compile("[^\x00-\x7f]{2}|[\x80-\x9f]")
"""Nearly no cell has any."""


def undamaged(text: str) -> str:
    """Return what a text was before it was read wrongly; the same text where nothing shows that.

    People write signs after capital letters, as in `CAFÉ’`, which may be a letter in UTF-8, too: a
    character alone counts only where it fits between its neighbours.
    """
    if not _SUSPECT.search(text):
        return text
    for encoding in _ENCODINGS:
        if (before := _before(text, encoding)) != text:
            return undamaged(before)  # some are read wrongly twice
    return _C1_CONTROL.sub(lambda one: one[0].encode("latin-1").decode("cp1252", "replace"), text)


@cache
def _bytes_of(encoding: str) -> Mapping[int, str]:
    """Return a table from characters to their bytes, written as Latin-1."""
    as_is = {byte: chr(byte) if encoding == "cp1252" else "\uffff" for byte in _ABOVE_ASCII}
    decoded = {bytes([byte]).decode(encoding, "ignore"): chr(byte) for byte in _ABOVE_ASCII}
    return as_is | {ord(sign): byte for sign, byte in decoded.items() if sign}


def _before(text: str, encoding: str) -> str:
    parts = []
    end = 0
    for run in _RUN.finditer(text.translate(_bytes_of(encoding))):
        start = run.start()
        read = text[run.start() : run.end()]
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
