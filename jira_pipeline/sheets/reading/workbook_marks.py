"""What a workbook says of its cells besides their values, and whether it may be opened at all.

Belongs here: formats of numbers, failed and missing results, struck text, comments, addresses behind
words, what is hidden, and limits. Does not: values, which a library reads, and what is made of marks
(`workbooks`), an `.xls` (`older_workbooks`). A document type, which could define entities, is refused.

Source: ECMA-376 part 1, 18 (SpreadsheetML), 5th edition, 2021; OpenDocument 1.3 part 3.
"""

import posixpath
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, product
from xml.parsers import expat

from jira_pipeline.model.bounded_zip import BoundedZip, open_zip
from jira_pipeline.sheets.reading.formula_texts import text_taken_for_formula
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits

CELLS_MAX_COUNT = 2_000_000
"""From A1 to the last cell; the library holds every one of them. Our largest workbook has 40,000."""
TEXT_MAX_CHARACTERS = 20_000_000
"""Of all worksheets of an `.ods`, which the library holds at once, with what it repeats."""
SHEETS_MAX_COUNT = 200
"""Of one workbook, the hidden ones, too."""
_ROWS_MAX_COUNT = 2**20
_COLUMNS_MAX_COUNT = 2**14
_NAMES_KEPT = 1_024
"""Of elements, columns and numbers of styles, which a worksheet repeats in each cell."""
GENERAL = "General"
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_SHARED_TEXT = re.compile(r'<c [^>]*?t="s"[^>]*+><v>([0-9]{1,9})</v>')
"""Of a plain row: the number of a text that a cell shares with others."""
_BLANK_TEXT = re.compile(r"<v></v>|<t[^>]*+></t>|<t[^>]*?/>")
"""Of a plain row: a value that is there and blank. Of a text, the library holds it as a cell."""
_WITHOUT_TEXT = frozenset({"n", "b", "e"})
"""Types of cells of which the library holds nothing where their value is blank."""
_PLAIN_ROW = re.compile(
    r'<row r="([1-9][0-9]{0,6})"(?: (?!hidden)[A-Za-z0-9:]+="[^"&<]*+")*+ ?(?:/>|>((?:'
    r'<c r="[A-Z]{1,3}[1-9][0-9]{0,6}"(?: s="[0-9]{1,5}")?+(?: t="(?:s|n|str|b|inlineStr)")?+ ?+(?:/>|>'
    r'(?:<v>[^<]*+</v>|<is><t(?: xml:space="preserve")?(?: ?/>|>[^<]*+</t>)</is>)?</c>))*+)</row>)\s*'
)
"""Cells with nothing but a value and the number of a style, as nearly all are written."""
_HELD_CELL = re.compile(
    r'<c r="([A-Z]+)([0-9]+)"(?: s="([0-9]+)")?+[^/>]*+>(?:<v|<is><t[^/>]*+)>[^<]'
)
"""Of such a row: column, row and style of a cell that holds something."""
_BUILT_IN_FORMATS: Mapping[str, str] = {
    **{str(number): GENERAL for number in (0, *range(14, 23), *range(27, 37), *range(45, 59))},
    "48": "##0.0E+0",
    "49": "@",
    "1": "0",
    "2": "0.00",
    "3": "#,##0",
    "4": "#,##0.00",
    "9": "0%",
    "10": "0.00%",
    "37": "#,##0_);(#,##0)",
    "38": "#,##0_);[Red](#,##0)",
    "39": "#,##0.00_);(#,##0.00)",
    "40": "#,##0.00_);[Red](#,##0.00)",
}
"""Those of dates count as general: the library makes dates of them."""

_LINKED = re.compile(r'(?i)\s*HYPERLINK\(\s*"([^"]+)"')
"""A formula that puts an address behind words."""
_WHITE_SPACE = {"line-break": "\n", "tab": " ", "s": " "}
_VALUES = ("string-value", "date-value", "time-value")
"""Attributes of a cell of OpenDocument that the library takes for its text."""
_IN_LINES = frozenset({"span", "a", *_WHITE_SPACE})
"""Elements in the lines of a text of OpenDocument."""
Place = tuple[int, int]
"""Row and column; the first are 0."""
Attributes = dict[str, str]


class WorkbookRefusedError(Exception):
    """The text says what is wrong with a workbook."""


class WorkbookLockedError(Exception):
    """A workbook has a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellStyle:
    """What a style of an `.xlsx` says of its cells."""

    format_code: str = GENERAL
    is_struck: bool = False
    fill: str = ""
    """The colour behind its text."""
    text_colour: str = ""
    """The colour of its text, where that is not the usual one."""


PLAIN_STYLE = CellStyle()


@dataclass(slots=True, kw_only=True)
class Marks:
    """What is said of the cells of one worksheet."""

    is_known: bool = True
    """False where nothing is known of it."""
    shown: dict[Place, str] = field(default_factory=dict)
    """What cells show, where that is not their value: error values; in OpenDocument, numbers."""
    formats: dict[Place, str] = field(default_factory=dict)
    """Codes of formats other than General."""
    uncomputed: list[Place] = field(default_factory=list)
    """Formulas without a result."""
    struck: list[Place] = field(default_factory=list)
    fills: dict[Place, str] = field(default_factory=dict)
    """Colours behind the texts of cells, as `FFD9D9D9`; of an `.xlsx`."""
    text_colours: dict[Place, str] = field(default_factory=dict)
    """Colours of the texts themselves, where these are not the usual one; of an `.xlsx`."""
    comments: dict[Place, str] = field(default_factory=dict)
    links: dict[Place, str] = field(default_factory=dict)
    """Addresses that cells lead to; those in the workbook begin with `#`."""
    merged: list[tuple[Place, Place]] = field(default_factory=list)
    """First and last; of an `.xlsx` the library tells."""
    characters: int = 0
    """Of texts that are written once and repeated or shared, as often as cells have them.

    One more for each of these cells. The size of the workbook bounds all others.
    """
    totals: set[int] = field(default_factory=set)
    """Rows that add up the columns of a table."""
    hidden_rows: int = 0
    hidden_columns: set[int] = field(default_factory=set)


def read_marks(content: bytes, limits: ReadingLimits = DEFAULT_LIMITS) -> dict[str, Marks]:
    """Return the marks of worksheets by name; a workbook that is too large is refused.

    Of a worksheet with more characters than a sheet may have, not all marks are returned.

    Raises:
        WorkbookLockedError: It has a password.
        WorkbookRefusedError: It is damaged or too large.
        ZipRefusedError: Its container is.
    """
    archive = open_zip(content)
    archive.unpack_once()
    parts = {name.casefold(): name for name in archive.names}
    if "content.xml" not in parts:
        return _WorkbookParts(archive, parts).marks()
    if b"encryption-data" in archive.read(parts.get("meta-inf/manifest.xml", "content.xml")):
        raise WorkbookLockedError
    document = _OpenDocument(limits=limits)
    for element in _elements(archive.chunks(parts["content.xml"]), parts["content.xml"]):
        document.take(*element)
    return document.found


def _elements(chunks: Iterable[bytes], part: str) -> Iterator[tuple[str, Attributes, str]]:
    """Yield name, attributes and text of every element where it ends, the inner ones first.

    What is in a line of text belongs to the text of what it is in, too.
    """
    opened: list[tuple[Attributes, list[str]]] = []
    ended: list[tuple[str, Attributes, str]] = []

    def start(_name: str, attributes: Attributes) -> None:
        opened.append(({_local(key): one for key, one in attributes.items()}, []))

    def take(text: str) -> None:
        opened[-1][1].append(text)

    def end(name: str) -> None:
        element = _local(name)
        (attributes, pieces) = opened.pop()
        text = "".join(pieces) or _WHITE_SPACE.get(element, "")
        ended.append((element, attributes, text))
        if element in _IN_LINES and opened:
            take(text)

    def refuse(*_: object) -> None:
        raise WorkbookRefusedError(f"its part {part} names a document type")

    parser = expat.ParserCreate("utf-8", namespace_separator="|")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = take
    parser.StartDoctypeDeclHandler = refuse
    try:
        for chunk in chain(chunks, (b"",)):
            parser.Parse(chunk, not chunk)
            yield from ended
            ended.clear()
    except expat.ExpatError as error:
        raise WorkbookRefusedError(f"its part {part} is damaged: {error}") from error


@lru_cache(maxsize=_NAMES_KEPT)
def _local(name: str) -> str:
    """Return a name of an element or attribute without its namespace."""
    return name.rpartition("|")[2]


def _is_on(attributes: Attributes, key: str, *, default: str = "0") -> bool:
    return attributes.get(key, default) in {"1", "true"}


_USUAL_TEXT_COLOURS = frozenset({"theme 1", "FF000000", "00000000", "indexed 8", "indexed 64"})
"""Black, and what the theme has for text."""
_LINK_COLOURS = frozenset({"theme 10", "theme 11", "FF0563C1", "FF0000FF", "indexed 12"})
"""What spreadsheet programs give to links by themselves; the third is that of the usual theme."""


def _text_colour(colour: str) -> str:
    """Return the colour of a text, blank where it is one that programs give by themselves."""
    return "" if colour in _USUAL_TEXT_COLOURS | _LINK_COLOURS else colour


def _colour(attributes: Attributes) -> str:
    """Return what tells a colour from others: `FFD9D9D9`, `theme 4`, `theme 4 tint 0.6`."""
    if "rgb" in attributes:
        return attributes["rgb"].upper()
    names = ("theme", "indexed", "tint")
    return " ".join(f"{name} {attributes[name]}" for name in names if name in attributes)


def _number(attributes: Attributes, key: str, default: str) -> int:
    return _whole(attributes.get(key, default))


@lru_cache(maxsize=_NAMES_KEPT)
def _whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise WorkbookRefusedError(f"“{text[:20]}” is not a valid number")
    return int(text)


def _place(reference: str) -> Place:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise WorkbookRefusedError(f"“{reference[:20]}” is not a cell")
    return int(match[2]) - 1, _column(match[1])


@lru_cache(maxsize=_NAMES_KEPT)
def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def limit_cells(rows: int, columns: int, *, on_others: int = 0) -> None:
    """Refuse a worksheet of so many rows and columns that hold something.

    Cells `on_others` count with them, where a library holds several worksheets at once.
    """
    if rows > _ROWS_MAX_COUNT or rows * columns > CELLS_MAX_COUNT:
        raise WorkbookRefusedError(
            f"its cells reach to row {rows:,} and column {columns:,}, which are more than "
            f"{CELLS_MAX_COUNT:,}; delete those far from the table"
        )
    if rows * columns + on_others > CELLS_MAX_COUNT:
        raise WorkbookRefusedError(
            f"its worksheets have {rows * columns + on_others:,} cells up to the last ones, more "
            f"than {CELLS_MAX_COUNT:,}; delete those far from the tables"
        )


def limit_span(rows: int, columns: int) -> None:
    """Refuse a worksheet with merged cells beyond the last row or column that there can be."""
    if rows > _ROWS_MAX_COUNT or columns > _COLUMNS_MAX_COUNT:
        raise WorkbookRefusedError(
            f"merged cells reach to row {rows:,} and column {columns:,}, beyond the last that a "
            "worksheet can have"
        )


def limit_text(characters: int, *, most: int) -> None:
    """Refuse a workbook of so many characters, with those that it repeats."""
    if characters > most:
        raise WorkbookRefusedError(
            f"its cells hold {characters:,} characters, repeated ones included; at most {most:,} "
            "are read"
        )


def _is_blank_text(attributes: Attributes, elements: Mapping[str, str]) -> bool:
    """Tell whether a cell holds a blank text, which the library counts as a cell all the same."""
    return attributes.get("t", "n") not in _WITHOUT_TEXT and not elements.keys().isdisjoint(
        {"v", "t", "is"}
    )


class _WorkbookParts:
    """An `.xlsx` container."""

    def __init__(self, archive: BoundedZip, parts: Mapping[str, str]) -> None:
        """Read what all worksheets share: formats of cells, and which texts are struck through."""
        self._archive = archive
        self._parts = parts
        self._workbook = next(self._targets("", "officeDocument"), "")
        if not self._workbook:
            raise WorkbookRefusedError("no workbook is named in it")
        styles = [
            one for part in self._targets(self._workbook, "styles") for one in self._styles(part)
        ]
        self._marking = {str(at): style for at, style in enumerate(styles) if style != PLAIN_STYLE}
        """Styles of cells that say something, by their number."""
        self._struck_texts: set[str] = set()
        self._shared_lengths = array("L")
        """Characters of texts that cells share, by their number."""
        for part in self._targets(self._workbook, "sharedStrings"):
            self._shared_texts(part)
        self._sheets: list[Attributes] = []
        self._is_to_be_computed = False
        """Whoever wrote it stored no results of formulas, or noughts in all of them."""
        self._noughts: list[tuple[Marks, Place]] = []
        self._is_computed = False
        self._defined_names: set[str] = set()
        for name, attributes, _ in self._elements(self._workbook):
            self._sheets.extend([attributes] if name == "sheet" else [])
            if name == "definedName":
                self._defined_names.add(attributes.get("name", "").casefold())
            self._is_to_be_computed |= name == "calcPr" and _is_on(attributes, "fullCalcOnLoad")

    def _elements(self, part: str) -> Iterator[tuple[str, Attributes, str]]:
        return _elements(self._archive.chunks(part), part)

    def _shared_texts(self, part: str) -> None:
        """Note how long each text is that cells share, and whether it is struck through."""
        length = 0
        for name, attributes, text in self._elements(part):
            match name:
                case "t":
                    length += len(text)
                case "strike" if _is_on(attributes, "val", default="1"):
                    self._struck_texts.add(str(len(self._shared_lengths)))
                case "si":
                    self._shared_lengths.append(length)
                    length = 0
                    if len(self._shared_lengths) > CELLS_MAX_COUNT:
                        raise WorkbookRefusedError(
                            f"it has more than {CELLS_MAX_COUNT:,} texts for its cells"
                        )
                case _:
                    pass

    def _shared_length(self, number: str) -> int:
        """Return how many characters a cell holds that has the text of this number."""
        is_known = number.isdecimal() and int(number) < len(self._shared_lengths)
        return 1 + (self._shared_lengths[int(number)] if is_known else 0)

    def marks(self) -> dict[str, Marks]:
        """Return the marks of each worksheet, by its name."""
        found: dict[str, Marks] = {}
        for sheet in self._sheets:
            marks = found[sheet.get("name", "")] = Marks()
            for part in self._targets(self._workbook, "worksheet", sheet.get("id", "")):
                self._cells(part, marks)
                for comments in self._targets(part, "comments"):
                    self._comments(comments, marks)
                for table in self._targets(part, "table"):
                    for name, of, _ in self._elements(table):
                        if name == "table" and _is_on(of, "totalsRowCount"):
                            marks.totals.add(_place(of.get("ref", "").rpartition(":")[2])[0])
        for marks, place in (
            self._noughts if self._is_to_be_computed and not self._is_computed else ()
        ):
            marks.uncomputed.append(place)
        return found

    def _targets(self, part: str, kind: str, relation: str = "") -> Iterator[str]:
        """Yield the parts of a kind that a part names; letter case and slashes may differ."""
        for name, target in self._relations(part, kind):
            near = posixpath.join("/", posixpath.dirname(part), target.replace("\\", "/"))
            path = posixpath.normpath(near)[1:].casefold()
            if path in self._parts and relation in {"", name}:
                yield self._parts[path]

    def _relations(self, part: str, kind: str) -> Iterator[tuple[str, str]]:
        """Yield what a part names of a kind: its name there, and where it is."""
        folder, name = posixpath.split(part)
        relations = self._parts.get(posixpath.join(folder, "_rels", f"{name}.rels").casefold())
        for _, attributes, _ in self._elements(relations) if relations else ():
            if attributes.get("Type", "").endswith(f"/{kind}"):
                yield attributes.get("Id", ""), attributes.get("Target", "")

    def _styles(self, part: str) -> list[CellStyle]:
        """Return each style of cells, in the order of their numbers."""
        codes = dict(_BUILT_IN_FORMATS)
        are_fonts_struck: list[bool] = []
        text_colours: list[str] = []
        text_colour = ""
        fills = [*self._fills(part)]
        styles: list[CellStyle] = []
        is_struck = False
        for name, attributes, _ in self._elements(part):
            match name:
                case "numFmt":
                    codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
                case "strike":
                    is_struck = _is_on(attributes, "val", default="1")
                case "color":
                    text_colour = _text_colour(_colour(attributes))
                case "font":
                    are_fonts_struck.append(is_struck)
                    text_colours.append(text_colour)
                    is_struck = False
                    text_colour = ""
                case "xf":
                    number = attributes.get("numFmtId", "0")
                    font_at = _number(attributes, "fontId", "0")
                    fill_at = _number(attributes, "fillId", "0")
                    has_font = font_at < len(are_fonts_struck)
                    styles.append(
                        CellStyle(
                            format_code=codes.get(number, f"built-in format {number}"),
                            is_struck=has_font and are_fonts_struck[font_at],
                            fill=fills[fill_at] if fill_at < len(fills) else "",
                            text_colour=text_colours[font_at] if has_font else "",
                        )
                    )
                case "cellStyleXfs":
                    styles.clear()
                case "cellXfs":
                    break
                case _:
                    pass
        return styles

    def _fills(self, part: str) -> Iterator[str]:
        """Yield the colour of each fill, in the order of their numbers; blank where it is not solid."""
        colour = ""
        fill = ""
        for name, attributes, _ in self._elements(part):
            match name:
                case "fgColor":
                    colour = _colour(attributes)
                case "patternFill":
                    fill = colour if attributes.get("patternType") == "solid" else ""
                    colour = ""
                case "fill":
                    yield fill
                    fill = ""
                case "fills":
                    return
                case _:
                    pass

    def _cells(self, part: str, marks: Marks) -> None:
        """Note what is said of the cells of a worksheet, and refuse disorder and too many."""
        row = column = -1
        width = 0
        inside: dict[str, str] = {}
        cells: list[tuple[int, Attributes, dict[str, str]]] = []
        addresses = dict(self._relations(part, "hyperlink"))
        content = self._archive.read(part)
        head, _, rest = content.partition(b"<sheetData>")
        rows, end, tail = rest.rpartition(b"</sheetData>")
        if end and self._are_plain(rows.decode("latin-1"), marks):
            content = head + tail
        for name, attributes, text in _elements([content], part):
            match name:
                case "v" | "t" | "f" | "is":
                    inside[name] = text
                case "strike" if _is_on(attributes, "val", default="1"):
                    inside[name] = text
                case "c":
                    before = column
                    column = _place(attributes["r"])[1] if "r" in attributes else column + 1
                    if column <= before:
                        raise WorkbookRefusedError(f"cell {attributes['r']} is in the wrong place")
                    cells.append((column, attributes, inside))
                    inside = {}
                case "row":
                    before, row = row, _number(attributes, "r", str(row + 2)) - 1
                    if row <= before:
                        raise WorkbookRefusedError(f"row {row + 1} comes after row {before + 1}")
                    marks.hidden_rows += _is_on(attributes, "hidden")
                    filled = [
                        at
                        for at, of, elements in cells
                        if self._cell((row, at), of, elements, marks)
                        or _is_blank_text(of, elements)
                    ]
                    width = max(width, *(at + 1 for at in filled), 0)
                    limit_cells(row + 1 if filled else 0, width)
                    column = -1
                    cells = []
                case _:
                    self._beside_cells(name, attributes, marks, addresses)

    @staticmethod
    def _beside_cells(
        name: str, attributes: Attributes, marks: Marks, addresses: Mapping[str, str]
    ) -> None:
        """Note hidden columns, and addresses that cells lead to, by their names in the worksheet."""
        if name == "col" and _is_on(attributes, "hidden"):
            first, last = (_number(attributes, key, "1") for key in ("min", "max"))
            marks.hidden_columns.update(range(first - 1, min(last, _COLUMNS_MAX_COUNT)))
        elif name == "hyperlink" and (first_cell := _REFERENCE.match(attributes.get("ref", ""))):
            inside = f"#{attributes['location']}" if "location" in attributes else ""
            address = addresses.get(attributes.get("id", ""), "")
            marks.links[_place(first_cell[0])] = f"{address}{inside}"

    def _are_plain(self, rows: str, marks: Marks) -> bool:
        """Note the formats of plainly written cells; else tell that every element is to be read."""
        before = end = height = width = 0
        styled: list[tuple[Place, str]] = []
        if _BLANK_TEXT.search(rows):
            return False
        for found in () if self._struck_texts else _PLAIN_ROW.finditer(rows):
            number = int(found[1])
            cells = _HELD_CELL.findall(found[2] or "")
            columns = [_column(letters) for letters, _, _ in cells]
            is_ordered = columns == sorted({*columns}) and {of for _, of, _ in cells} <= {found[1]}
            if found.start() != end or number <= before or not is_ordered:
                return False
            before = number
            end = found.end()
            if cells:
                height, width = number, max(width, columns[-1] + 1)
            styled += [
                ((number - 1, column), style)
                for column, (_, _, style) in zip(columns, cells, strict=True)
                if style in self._marking
            ]
        if end == len(rows):
            limit_cells(height, width)
            for shared in _SHARED_TEXT.finditer(rows):
                marks.characters += self._shared_length(shared[1])
            for place, style in styled:
                self._note_style(place, style, marks)
        return end == len(rows)

    def _note_style(
        self, place: Place, style: str, marks: Marks, *, is_struck: bool = False
    ) -> None:
        of_style = self._marking.get(style, PLAIN_STYLE)
        if of_style.fill:
            marks.fills[place] = of_style.fill
        if of_style.text_colour:
            marks.text_colours[place] = of_style.text_colour
        if of_style.format_code != GENERAL:
            marks.formats[place] = of_style.format_code
        if is_struck or of_style.is_struck:
            marks.struck.append(place)

    def _cell(
        self, place: Place, attributes: Attributes, elements: Mapping[str, str], marks: Marks
    ) -> bool:
        """Note what is said of one cell; tell whether it holds something."""
        kind = attributes.get("t", "n")
        value = elements.get("v") or elements.get("t")
        written = ""
        if kind == "e" or (not value and kind != "str"):  # such a text is a blank result
            written = text_taken_for_formula(elements.get("f", ""), self._defined_names)
        if written:
            marks.shown[place] = written
            marks.characters += len(written)
        elif "f" in elements and kind == "n" and value == "0":
            self._noughts.append((marks, place))
        elif "f" in elements and (value or kind == "str"):
            self._is_computed = True
        elif "f" in elements:
            marks.uncomputed.append(place)
        if not value and not written:
            return False
        if kind == "s" and value:
            marks.characters += self._shared_length(value)
        if kind == "e" and value and not written:
            marks.shown[place] = value
        if linked := _LINKED.match(elements.get("f", "")):
            marks.links[place] = linked[1]
        is_struck = "strike" in elements or (kind == "s" and value in self._struck_texts)
        style = str(_number(attributes, "s", "0"))
        self._note_style(place, style, marks, is_struck=is_struck)
        return True

    def _comments(self, part: str, marks: Marks) -> None:
        pieces: list[str] = []
        for name, attributes, text in self._elements(part):
            if name == "t":
                pieces.append(text)
            elif name == "comment":
                marks.comments[_place(attributes.get("ref", ""))] = "".join(pieces).strip()
                pieces.clear()


@dataclass(slots=True, kw_only=True)
class _OpenCell:
    """A cell of an `.ods`, and those right of it that are the same."""

    columns: range = range(0)
    attributes: Attributes = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    """Its paragraphs: what it shows."""
    has_breaks: bool = False
    """In its paragraphs, which the library leaves out."""
    comment: str = ""
    link: str = ""
    is_struck: bool = False
    space_count: int = 0
    """Spaces in its paragraphs that are only counted there, each of which counts as one."""

    @property
    def is_held(self) -> bool:
        """The library holds something of it, each time that it is repeated."""
        return "value-type" in self.attributes or "formula" in self.attributes

    @property
    def characters(self) -> int:
        """How many the library holds of its value each time; a number shows at least one."""
        values = (len(self.attributes.get(name, "")) for name in _VALUES)
        return 1 + max(1, *values, sum(map(len, self.texts)) + self.space_count)


@dataclass(slots=True, kw_only=True)
class _OpenDocument:
    """Follows an `.ods`, where cells hold what they show and the same ones are written once."""

    limits: ReadingLimits
    found: dict[str, Marks] = field(default_factory=dict)
    struck_styles: set[str | None] = field(default_factory=set)
    marks: Marks = field(default_factory=Marks)
    """Of the worksheet that is read; so is what follows."""
    cell: _OpenCell = field(default_factory=_OpenCell)
    cells: list[_OpenCell] = field(default_factory=list)
    row: int = 0
    column: int = 0
    width: int = 0
    height: int = 0
    """Rows up to the last with a cell that the library holds."""
    cells_before: int = 0
    """Of the worksheets before, up to their last ones."""
    characters: int = 0
    """Of all worksheets, with their formulas."""

    def take(self, name: str, attributes: Attributes, text: str) -> None:
        match name:
            case "text-properties":
                self.cell.is_struck = attributes.get("text-line-through-style", "none") != "none"
            case "style" if self.cell.is_struck:
                self.struck_styles.add(attributes.get("name"))
                self.cell = _OpenCell()
            case "p" | "span" | "a" | "line-break" | "tab" | "s":
                self._take_text(name, attributes, text)
            case "annotation":
                self.cell = _OpenCell(comment="\n".join(filter(None, self.cell.texts)))
            case "table-cell" | "covered-table-cell":
                end = self.column + _number(attributes, "number-columns-repeated", "1")
                self.cell.columns, self.cell.attributes = range(self.column, end), attributes
                self.column = end
                self.cell.is_struck |= attributes.get("style-name") in self.struck_styles
                self.cells.append(self.cell)
                self.cell = _OpenCell()
            case "table-row":
                end = self.row + _number(attributes, "number-rows-repeated", "1")
                for cell in self.cells:
                    self._note(cell, range(self.row, end))
                if attributes.get("visibility", "visible") != "visible":
                    self.marks.hidden_rows += end - self.row
                self.row = end
                self.column = 0
                self.cells = []
            case "table":
                self.found[attributes.get("name", "")] = self.marks
                self.marks = Marks()
                self.cells_before += self.height * self.width
                self.row = 0
                self.column = 0
                self.width = 0
                self.height = 0
            case _:
                pass

    def _take_text(self, name: str, attributes: Attributes, text: str) -> None:
        """Note a paragraph of a cell, or what is in its lines."""
        if name == "s":
            self.cell.space_count += _number(attributes, "c", "1")
            return
        self.cell.link = attributes.get("href", self.cell.link)
        self.cell.texts += [text] if name == "p" else []
        self.cell.has_breaks |= name in _WHITE_SPACE
        self.cell.is_struck |= attributes.get("style-name") in self.struck_styles

    def _count(self, cell: _OpenCell, rows: range) -> None:
        """Refuse the workbook where the library would hold too much, before anything is repeated."""
        self.width = max(self.width, cell.columns.stop)
        self.height = rows.stop
        limit_cells(self.height, self.width, on_others=self.cells_before)
        count = len(rows) * len(cell.columns)
        self.marks.characters += count * cell.characters
        self.characters += count * (cell.characters + len(cell.attributes.get("formula", "")))
        limit_text(self.characters, most=max(TEXT_MAX_CHARACTERS, self.limits.file_max_bytes))

    def _note_result(self, cell: _OpenCell, rows: range) -> None:
        """Note what a cell shows, where that is not its value, and a formula without a result."""
        first = (rows.start, cell.columns.start)
        kind = cell.attributes.get("value-type")
        is_failed = cell.texts and cell.attributes.get("string-value") == ""
        written = ""
        if kind in {None, "error"} or is_failed:
            written = text_taken_for_formula(cell.attributes.get("formula", ""), ())
        if cell.is_struck and (kind is not None or written):
            self.marks.struck.append(first)
        if kind is None and "formula" in cell.attributes and not written:
            self.marks.uncomputed.append(first)
        if written:
            self.marks.shown[first] = written
        elif kind in {"float", "percentage", "currency", "error"} or cell.has_breaks or is_failed:
            self.marks.shown |= dict.fromkeys(product(rows, cell.columns), "\n".join(cell.texts))

    def _note(self, cell: _OpenCell, rows: range) -> None:
        first = (rows.start, cell.columns.start)
        if cell.is_held:
            self._count(cell, rows)
            if self.marks.characters > self.limits.file_max_bytes:
                return  # it is not read, and its marks would be as many
        self._note_result(cell, rows)
        if cell.comment:
            self.marks.comments[first] = cell.comment
        if cell.link:
            self.marks.links[first] = cell.link
        down, right = (
            _number(cell.attributes, f"number-{each}-spanned", "1") - 1
            for each in ("rows", "columns")
        )
        if down or right:
            limit_span(first[0] + down + 1, first[1] + right + 1)
            self.marks.merged.append((first, (first[0] + down, first[1] + right)))
