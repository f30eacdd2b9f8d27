"""The form of a view in the text of a ticket: its columns, its cells, and answers put into them.

Belongs here: reading the form in a text and writing answers into it. Does not: what the rows fill
in (`drupal/view/form`), where answers come from (`review/forms`).
"""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape

DISPLAY = "Display"
LISTS = "Lists"
PATH = "Path or place"
COLUMNS: Mapping[str, str] = {
    LISTS: "lists",
    "Shows": "format",
    PATH: "path",
    "Filters": "filters",
    "Sort": "sort",
    "Items per page": "pager",
    "Access": "access",
    "When empty": "empty",
}
"""The columns, which the sheet of displays may have too, to the settings they hold."""
FORM_COLUMNS = tuple(COLUMNS)
OPEN = "?"
"""What a cell ends with that somebody has to fill in."""
_ASKS_FOR_CELLS = f"cells marked “{OPEN}”"
"""What the question of a form says; a question about another cell may quote a “?” of it."""
NOT_APPLICABLE = "–"
CELL_START = "cell:"
"""Before the id of a cell, where an answer is kept: ids of questions have no such start."""
_TABLE = re.compile(r"<table\b[^>]*>.*?</table>", re.DOTALL)
_ROW = re.compile(r"<tr\b[^>]*>.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", re.DOTALL)
_CODE = re.compile(r"<code>(.*?)</code>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenCell:
    """A cell of a form as the text of a ticket has it."""

    display: str
    """As `display_names`."""
    column: str
    text: str
    start: int
    """Where its content is in the text, in characters."""
    end: int

    @property
    def cell_id(self) -> str:
        """The id under which its answer is kept, the same in every generation: `cell:…`."""
        digest = hashlib.sha256(f"{self.display}\n{self.column}".encode()).hexdigest()
        return f"{CELL_START}{digest[:16]}"

    @property
    def is_open(self) -> bool:
        """Somebody has to fill it in."""
        return is_open_cell(self.text)

    @property
    def asks(self) -> str:
        """What it asks for, in words: ``Filters of `page_1` ``."""
        return f"{self.column} of `{self.display}`"


def is_open_cell(text: str) -> bool:
    """Return whether somebody has to fill in a cell: it is `?`, or ends in a `?` after a space.

    One right after a word belongs to the word, such as the label of a field.
    """
    return text == OPEN or text.endswith(f" {OPEN}")


def display_names(names: Iterable[str]) -> Iterator[str]:
    """Yield the names of displays, so that no two of a form are equal: the second gets ` 2`."""
    times: Counter[str] = Counter()
    for name in names:
        times[name] += 1
        yield name if times[name] == 1 else f"{name} {times[name]}"


def parse_cells(analysis_html: str) -> tuple[WrittenCell, ...]:
    """Return the cells of the form in a text, row by row."""
    return tuple(cell for row in form_rows_in(analysis_html) for cell in row)


def with_answers(
    analysis_html: str, cells: Sequence[WrittenCell], answers: Mapping[str, str]
) -> str:
    """Return a text with answers in its cells; `answers` are by cell id, `cells` those that take one."""
    text = analysis_html
    for cell in reversed(cells):  # from the end, so that positions of the others stay
        answer = answers.get(cell.cell_id)
        if answer:
            html = "<br>".join(map(escape, answer.splitlines()))
            text = f"{text[: cell.start]}{html}{text[cell.end :]}"
    return text


def is_filled_in(analysis_html: str, answered: Collection[str]) -> bool:
    """Return whether people filled in the form of a text: all open cells are among `answered`, by id.

    False where it has no open cell.
    """
    open_ids = {cell.cell_id for cell in parse_cells(analysis_html) if cell.is_open}
    return bool(open_ids) and open_ids <= set(answered)


def is_about_form(question: str) -> bool:
    """Return whether a question asks for the open cells of a form, which answer it once filled in."""
    return _ASKS_FOR_CELLS in question


def is_waiting_for_answers(analysis_html: str) -> bool:
    """Return whether a text has a form in which nothing is filled in but what is listed and where."""
    cells = parse_cells(analysis_html)
    return bool(cells) and all(
        cell.text in {"", NOT_APPLICABLE} or cell.is_open
        for cell in cells
        if cell.column not in {LISTS, PATH}
    )


def form_rows_in(analysis_html: str) -> Iterator[list[WrittenCell]]:
    """Yield the rows of the form in a text as lists of cells, without the cell of the display's name."""
    if PATH not in analysis_html:  # so for most tickets, and a session may have thousands
        return
    for table in _TABLE.finditer(analysis_html):
        rows = [
            _cells_in(analysis_html, row) for row in _ROW.finditer(analysis_html, *table.span())
        ]
        if not rows:
            continue
        headers = [_plain(cell[1]) for cell in rows[0]]
        if headers != [DISPLAY, *FORM_COLUMNS]:
            continue
        rows_of_displays = [row for row in rows[1:] if row]
        displays = display_names(_display_written(row[0]) for row in rows_of_displays)
        for display, row in zip(displays, rows_of_displays, strict=True):
            written_cells: list[WrittenCell] = []
            # People may have taken cells out of a row.
            for column, cell in zip(FORM_COLUMNS, row[1:], strict=False):
                written = WrittenCell(
                    display=display,
                    column=column,
                    text=_plain(cell[1]),
                    start=cell.start(1),
                    end=cell.end(1),
                )
                written_cells.append(written)
            yield written_cells


def _cells_in(analysis_html: str, row: re.Match[str]) -> list[re.Match[str]]:
    """Return the cells of a row of a table, as they are written."""
    return list(_CELL.finditer(analysis_html, *row.span()))


def _display_written(cell: re.Match[str]) -> str:
    """Return the name of a display from the first cell of its row: its code, where it has one."""
    code = _CODE.search(cell[1]) or cell
    return _plain(code[1])


def _plain(cell: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", cell)).split())
