"""The parts of an `.xlsx` container: worksheets by name, texts, formats, cells, comments.

Belongs here: the XML of ECMA-376 (transitional and strict), as far as values need it. Does not:
what is made of a worksheet (`workbooks`), how numbers look (`number_formats`). Formulas, macros and
links are never run or followed; a document type, which could define entities, is refused.

Source: ECMA-376 part 1, 18 (SpreadsheetML), 5th edition, 2021.
"""

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from jira_pipeline.kernel.bounded_zip import BoundedZip

_SEPARATOR = "|"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FIRST_SURROGATE, _LAST_SURROGATE = 0xD800, 0xDFFF
_COUNT_MAX_DIGITS = 12
_SHOWN_ENTRY = "visible"
_ENCODINGS = frozenset({"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "iso-8859-1"})
"""What expat decodes itself; the standard allows the first two (part 2, "XML usage"). For any other
name expat asks Python's codecs, which raise what they like."""
_LOCALE_DATES = frozenset({14, 22, *range(27, 37), *range(50, 59)})
"""Built-in formats that each computer shows in its own way."""
BUILT_IN_FORMATS: Mapping[int, str] = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"$"#,##0_);\\("$"#,##0\\)',
    6: '"$"#,##0_);[Red]\\("$"#,##0\\)',
    7: '"$"#,##0.00_);\\("$"#,##0.00\\)',
    8: '"$"#,##0.00_);[Red]\\("$"#,##0.00\\)',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "m/d/yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yyyy h:mm",
    **dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), "m/d/yyyy"),
    **dict.fromkeys((*range(32, 36), 55, 56), "h:mm:ss"),
    37: "#,##0_);\\(#,##0\\)",
    38: "#,##0_);[Red]\\(#,##0\\)",
    39: "#,##0.00_);\\(#,##0.00\\)",
    40: "#,##0.00_);[Red]\\(#,##0.00\\)",
    41: '_(* #,##0_);_(* \\(#,##0\\);_(* "-"_);_(@_)',
    42: '_("$"* #,##0_);_("$"* \\(#,##0\\);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
}

Attributes = dict[str, str]


class WorkbookDamagedError(Exception):
    """A part does not say what the standard demands; the text says which and how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetEntry:
    """A sheet as the workbook lists it."""

    name: str
    part: str
    """Name of its part in the container."""
    is_hidden: bool
    is_worksheet: bool
    """Charts and macro sheets have no rows to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFormat:
    """How a cell shows its value."""

    code: str
    is_local_date: bool
    """A date whose order of day and month follows the computer, not the workbook."""
    is_struck: bool
    """Its text is struck through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCell:
    """A cell as stored; nothing is interpreted."""

    row: int
    """As shown beside the sheet; the first is 1."""
    column: int
    """0 is column A."""
    type: str
    style: int
    text: str
    """Empty where no value is stored."""
    is_formula: bool
    array: str
    """The range such as `D2:D9` that its formula fills; empty where it fills one cell."""
    is_struck: bool
    """Some of its own text is struck through, whatever its format says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookParts:
    """What all worksheets share."""

    sheets: tuple[SheetEntry, ...]
    texts: tuple[str, ...]
    struck_texts: frozenset[int]
    """Numbers of the texts of which some letters are struck through."""
    formats: tuple[CellFormat, ...]
    is_1904: bool
    is_to_be_computed: bool
    """Its writer stored no results and asks the program to compute when it opens the workbook."""


@dataclass(slots=True)
class SheetMarks:
    """What a worksheet says beside its cells."""

    merged: list[str] = field(default_factory=list)
    """Ranges such as `A1:B2`."""
    hidden_rows: int = 0
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    """First and last of each stretch; 0 is column A."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What people wrote beside a cell."""

    cell: str
    """Such as `B12`."""
    text: str


def read_parts(archive: BoundedZip) -> WorkbookParts:
    """Read what the worksheets need, in the order in which it is needed.

    Raises:
        WorkbookDamagedError: A part is missing or says what it must not.
        ZipRefusedError: The container does.
    """
    root = _targets(archive, "", "_rels/.rels")
    workbook = next((part for part, kind in root.values() if kind == "officeDocument"), "")
    if workbook not in archive.names:
        raise WorkbookDamagedError("no workbook is named in it")
    targets = _targets(archive, posixpath.dirname(workbook), _relations_of(workbook))
    texts = next((part for part, kind in targets.values() if kind == "sharedStrings"), None)
    styles = next((part for part, kind in targets.values() if kind == "styles"), None)
    sheets, switches = _sheets(archive, workbook, targets)
    listed = _TextReader()
    if texts in archive.names:
        parse(archive, texts, start=listed.start, end=listed.end, characters=listed.characters)
    return WorkbookParts(
        sheets=sheets,
        texts=tuple(listed.texts),
        struck_texts=frozenset(listed.struck),
        formats=_formats(archive, styles) if styles in archive.names else (),
        is_1904="date1904" in switches,
        is_to_be_computed="fullCalcOnLoad" in switches,
    )


def column_number(letters: str) -> int:
    """Return the position of a column: A is 0, Z is 25, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def column_letters(column: int) -> str:
    """Return the letters of a column: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_position(reference: str) -> tuple[int, int]:
    """Return row and column of a reference such as `B12`.

    Raises:
        WorkbookDamagedError: It is no reference.
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise WorkbookDamagedError(f"“{reference[:20]}” is no cell")
    return int(match.group(2)), column_number(match.group(1))


def _relations_of(part: str) -> str:
    return posixpath.join(posixpath.dirname(part), "_rels", f"{posixpath.basename(part)}.rels")


def _targets(archive: BoundedZip, folder: str, part: str) -> dict[str, tuple[str, str]]:
    """Map the ids of relations to the parts they name and their kinds; outside ones are left out."""
    found: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            path = target[1:] if target.startswith("/") else posixpath.join(folder, target)
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (posixpath.normpath(path), kind)

    parse(archive, part, start=start)
    return found


def _sheets(
    archive: BoundedZip, workbook: str, targets: Mapping[str, tuple[str, str]]
) -> tuple[tuple[SheetEntry, ...], frozenset[str]]:
    """Read which sheets there are, and which switches of the workbook are on."""
    sheets: list[SheetEntry] = []
    switches: set[str] = set()

    def start(name: str, attributes: Attributes) -> None:
        if name in {"workbookPr", "calcPr"}:
            switches.update(key for key in attributes if _is_on(attributes, key))
        elif name == "sheet":
            part, kind = targets.get(attributes.get("id", ""), ("", ""))
            sheets.append(
                SheetEntry(
                    name=attributes.get("name", ""),
                    part=part,
                    is_hidden=attributes.get("state", _SHOWN_ENTRY) != _SHOWN_ENTRY,
                    is_worksheet=kind == "worksheet",
                )
            )

    parse(archive, workbook, start=start)
    return tuple(sheets), frozenset(switches)


def _is_on(attributes: Attributes, key: str, *, default: str = "0") -> bool:
    return attributes.get(key, default) in {"1", "true"}


@dataclass(slots=True)
class _TextReader:
    """Reads the texts that cells refer to by number; runs are joined, furigana left out."""

    texts: list[str] = field(default_factory=list)
    struck: list[int] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    phonetic: int = 0
    is_text: bool = False

    def start(self, name: str, attributes: Attributes) -> None:
        """Enter an element."""
        if name == "si":
            self.pieces = []
        elif name == "rPh":
            self.phonetic += 1
        elif name == "t":
            self.is_text = self.phonetic == 0
        elif name == "strike" and _is_on(attributes, "val", default="1"):
            self.struck.append(len(self.texts))

    def end(self, name: str) -> None:
        """Leave an element; a text is complete when it is left."""
        if name == "si":
            self.texts.append(unescaped("".join(self.pieces)))
        elif name == "rPh":
            self.phonetic -= 1
        elif name == "t":
            self.is_text = False

    def characters(self, data: str) -> None:
        """Take text where it is shown."""
        if self.is_text:
            self.pieces.append(data)


def _formats(archive: BoundedZip, part: str) -> tuple[CellFormat, ...]:
    """Read the number format and font of each style that cells refer to by number."""
    codes = dict(BUILT_IN_FORMATS)
    struck_fonts: list[bool] = []
    formats: list[CellFormat] = []
    inside: list[str] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "numFmt" and "numFmts" in inside:
            codes[whole_number(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")
        elif name == "font" and "fonts" in inside:
            struck_fonts.append(False)
        elif name == "strike" and "fonts" in inside and struck_fonts:
            struck_fonts[-1] = _is_on(attributes, "val", default="1")
        elif name == "xf" and "cellXfs" in inside:
            number = whole_number(attributes.get("numFmtId", "0"))
            font = whole_number(attributes.get("fontId", "0"))
            formats.append(
                CellFormat(
                    code=codes.get(number, "General"),
                    is_local_date=number in _LOCALE_DATES,
                    is_struck=font < len(struck_fonts) and struck_fonts[font],
                )
            )
        inside.append(name)

    def end(_name: str) -> None:
        inside.pop()

    parse(archive, part, start=start, end=end)
    return tuple(formats)


def read_cells(
    archive: BoundedZip, part: str, take: Callable[[RawCell], None], marks: SheetMarks
) -> None:
    """Hand every stored cell of a worksheet to `take`, row by row, and note its marks.

    Raises:
        WorkbookDamagedError: The part is no worksheet, or its cells are in disorder.
        ZipRefusedError: The container is damaged or too large.
    """
    reader = _CellReader(take=take, marks=marks)
    parse(archive, part, start=reader.start, end=reader.end, characters=reader.characters)


def read_comments(archive: BoundedZip, part: str) -> tuple[Comment, ...]:
    """Read the comments of a worksheet, in the order in which they are stored.

    Raises:
        WorkbookDamagedError: The part that holds them is damaged.
        ZipRefusedError: The container is damaged or too large.
    """
    relations = _relations_of(part)
    if relations not in archive.names:
        return ()
    targets = _targets(archive, posixpath.dirname(part), relations).values()
    found: list[Comment] = []
    cells: list[str] = []
    reader = _TextReader()

    def start(name: str, attributes: Attributes) -> None:
        if name == "comment":
            cells.append(attributes.get("ref", ""))
        reader.start("si" if name == "comment" else name, attributes)

    def end(name: str) -> None:
        reader.end("si" if name == "comment" else name)
        if name == "comment":
            found.append(Comment(cell=cells[-1], text=reader.texts.pop().strip()))

    for target, kind in targets:
        if kind == "comments" and target in archive.names:
            parse(archive, target, start=start, end=end, characters=reader.characters)
    return tuple(found)


@dataclass(slots=True, kw_only=True)
class _CellReader:
    """Follows one worksheet from element to element."""

    take: Callable[[RawCell], None]
    marks: SheetMarks
    row: int = 0
    column: int = -1
    attributes: Attributes = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)
    has_value: bool = False
    is_formula: bool = False
    array: str = ""
    is_struck: bool = False
    is_text: bool = False
    phonetic: int = 0

    def start(self, name: str, attributes: Attributes) -> None:  # noqa: C901 - one arm an element
        """Enter an element."""
        if name == "c":
            row, column = self.row, self.column + 1
            if "r" in attributes:
                row, column = cell_position(attributes["r"])
            if row != self.row or column <= self.column:
                raise WorkbookDamagedError(f"cell {attributes.get('r')} is in the wrong place")
            self.column = column
            self.attributes = attributes
            self.pieces = []
            self.has_value = self.is_formula = self.is_struck = False
            self.array = ""
        elif name in {"v", "t"}:
            self.is_text = self.phonetic == 0
            self.has_value = self.has_value or self.is_text
        elif name == "f":
            self.is_formula = True
            if attributes.get("t") == "array" and ":" in attributes.get("ref", ""):
                self.array = attributes["ref"]
        elif name == "strike":
            self.is_struck = self.is_struck or _is_on(attributes, "val", default="1")
        elif name == "row":
            row = whole_number(attributes["r"]) if "r" in attributes else self.row + 1
            if row <= self.row:
                raise WorkbookDamagedError(f"row {row} comes after row {self.row}")
            self.row, self.column = row, -1
            self.marks.hidden_rows += _is_on(attributes, "hidden")
        elif name == "rPh":
            self.phonetic += 1
        elif name == "mergeCell":
            self.marks.merged.append(attributes.get("ref", ""))
        elif name == "col" and _is_on(attributes, "hidden"):
            first, last = (whole_number(attributes.get(key, "")) for key in ("min", "max"))
            self.marks.hidden_columns.append((first - 1, last - 1))

    def end(self, name: str) -> None:
        """Leave an element; a cell is complete when it is left."""
        if name in {"v", "t"}:
            self.is_text = False
        elif name == "rPh":
            self.phonetic -= 1
        elif name == "c" and (self.has_value or self.is_formula):
            self.take(
                RawCell(
                    row=self.row,
                    column=self.column,
                    type=self.attributes.get("t", "n"),
                    style=whole_number(self.attributes.get("s", "0")),
                    text="".join(self.pieces),
                    is_formula=self.is_formula,
                    array=self.array,
                    is_struck=self.is_struck,
                )
            )

    def characters(self, data: str) -> None:
        """Take text where it is a value."""
        if self.is_text:
            self.pieces.append(data)


def parse(
    archive: BoundedZip,
    part: str,
    *,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    characters: Callable[[str], None] | None = None,
) -> None:
    """Read a part element by element; names come without their namespace.

    Raises:
        WorkbookDamagedError: It is no XML, names a document type or an encoding that is not read.
        ZipRefusedError: The container is damaged or too large.
    """
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True

    def started(name: str, attributes: Attributes) -> None:
        start(_local(name), {_local(key): value for key, value in attributes.items()})

    def doctype(*_parts: object) -> None:
        raise WorkbookDamagedError(f"its part {part} names a document type")

    def declared(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.casefold() not in _ENCODINGS:
            raise WorkbookDamagedError(f"its part {part} is encoded as “{encoding[:20]}”")

    parser.XmlDeclHandler = declared
    parser.StartElementHandler = started
    parser.StartDoctypeDeclHandler = doctype
    if end is not None:
        parser.EndElementHandler = lambda name: end(_local(name))
    if characters is not None:
        parser.CharacterDataHandler = characters
    try:
        for chunk in archive.chunks(part):
            parser.Parse(chunk, False)  # noqa: FBT003 - positional in expat
        parser.Parse(b"", True)  # noqa: FBT003 - as above
    except expat.ExpatError as error:
        raise WorkbookDamagedError(f"its part {part} is damaged: {error}") from error


@lru_cache(maxsize=1_024)
def _local(name: str) -> str:
    return name.rpartition(_SEPARATOR)[2]


def unescaped(text: str) -> str:
    """Return text as people typed it: `_x000D_` escapes a character that XML cannot hold."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    """Return the character that is meant; a half of a pair is none."""
    number = int(match.group(1), 16)
    return "\ufffd" if _FIRST_SURROGATE <= number <= _LAST_SURROGATE else chr(number)


def whole_number(text: str) -> int:
    """Return a number that counts something.

    Raises:
        WorkbookDamagedError: It is none.
    """
    if not text.isascii() or not text.isdigit() or len(text) > _COUNT_MAX_DIGITS:
        raise WorkbookDamagedError(f"“{text[:20]}” is no number of its kind")
    return int(text)
