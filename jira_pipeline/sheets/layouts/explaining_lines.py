"""What worksheets of text say of abbreviations and colours of the others: their legends.

Belongs here: finding the line that explains a word or a look. Does not: which worksheets are text
(`text_worksheets`). Nothing follows from such a line: people read it where they are asked.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.cell_looks import looks_at
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.layout import Layout, LookOf
from jira_pipeline.sheets.layouts.text_worksheets import is_text
from jira_pipeline.sheets.layouts.texts import line_shortened, normal, spelling

_BETWEEN = (" = ", " – ", " - ", ": ")
"""What is between a word and what it means, in one cell."""
_OR = "/"
"""Between words of one meaning: `T / TL`."""
_SHOWN_MAX_COUNT = 2
_LINE_MAX_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Explanation:
    """A line that explains a word or a look."""

    worksheet: str
    text: str


class ExplainingLines:
    """The lines of worksheets that explain others, or are text of which nobody said what it is."""

    def __init__(self, layout: Layout, grids: Sequence[Grid]) -> None:
        self._grids = [grid for grid in grids if _may_explain(layout, grid)]

    def of_word(self, word: str) -> Sequence[Explanation]:
        """Return the lines that begin with a word as it is spelled, else in any letter case."""
        by_spelling = self._by_word.get(normal(word), {})
        if spelling(word) in by_spelling:
            return by_spelling[spelling(word)]
        explanations: dict[Explanation, None] = {}
        for lines in by_spelling.values():
            explanations |= dict.fromkeys(lines)
        return tuple(explanations)[:_SHOWN_MAX_COUNT]

    def of_look(self, look: LookOf, colour: str) -> Sequence[Explanation]:
        """Return the lines with a cell that looks so."""
        lines: dict[Explanation, None] = {}
        for grid in self._grids:
            for place in grid.cells:
                if (look, colour) in looks_at(grid, place):
                    lines[Explanation(grid.title, _line_at(grid, place))] = None
        return [*lines][:_SHOWN_MAX_COUNT]

    @cached_property
    def _by_word(self) -> Mapping[str, Mapping[str, list[Explanation]]]:
        """The lines that begin with a word in any letter case, by how they spell it."""
        lines: dict[str, dict[str, list[Explanation]]] = defaultdict(dict)
        for grid in self._grids:
            for place, text in sorted(grid.cells.items()):
                for word, meaning in _words_explained(grid, place, text):
                    shown = line_shortened(meaning, max_characters=_LINE_MAX_CHARACTERS)
                    of_word = lines[normal(word)].setdefault(spelling(word), [])
                    if len(of_word) < _SHOWN_MAX_COUNT:
                        of_word.append(Explanation(grid.title, shown))
        return lines


def _may_explain(layout: Layout, grid: Grid) -> bool:
    sheet = sheet_layout_of(layout, grid.title)
    return is_text(grid) if sheet is None else sheet.explains


def _words_explained(grid: Grid, place: Place, text: str) -> Iterator[tuple[str, str]]:
    """Yield the words that a cell begins a line with, and what is beside or behind them."""
    text_beside = _text_beside(grid, place)
    if text_beside:
        for word in {text, *text.split(_OR)}:
            yield word.strip(), text_beside
    for between in _BETWEEN:
        word, separator, meaning = text.partition(between)
        if separator:
            yield word.strip(), meaning.strip()


def _text_beside(grid: Grid, place: Place) -> str:
    """Return the next text right of a cell."""
    columns = [column for column in grid.rows.get(place.row, ()) if column > place.column]
    return grid.cells.get(Place(place.row, columns[0]), "") if columns else ""


def _line_at(grid: Grid, place: Place) -> str:
    text_beside = _text_beside(grid, place)
    text = grid.cells[place]
    if text_beside:
        text = f"{text}: {text_beside}"
    return line_shortened(text, max_characters=_LINE_MAX_CHARACTERS)
