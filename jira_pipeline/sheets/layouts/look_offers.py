"""Fills, colours of texts and lines through them that a page asks about, once for the workbook.

Belongs here: which looks cells have that may say something, where, what a legend says of them. Does
not: what things become by a look (`cell_looks`).
"""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass, field

from jira_pipeline.sheets.layouts.applying import Applied, sheet_layout_of
from jira_pipeline.sheets.layouts.coverage import SeenLook, looks_asked
from jira_pipeline.sheets.layouts.explaining_lines import ExplainingLines, Explanation
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.known_headers import known_titles, propose_known
from jira_pipeline.sheets.layouts.layout import Layout, LookMeaning, LookOf, SheetLayout
from jira_pipeline.sheets.layouts.texts import line_shortened

_EXAMPLES_MAX_COUNT = 3
_EXAMPLE_MAX_CHARACTERS = 40
_HEX_DIGITS = frozenset("0123456789ABCDEF")
_GREY_SATURATION = 0.15
"""Less of it is grey to the eye."""
_WHITE_LIGHTNESS = 0.98
_HUES = (
    (0.04, "red"),
    (0.13, "orange"),
    (0.19, "yellow"),
    (0.45, "green"),
    (0.70, "blue"),
    (0.83, "purple"),
    (0.95, "pink"),
    (1.01, "red"),
)
"""Where on the colour circle a colour ends, and what people call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookOffer:
    """A look that cells have, and what it may mean."""

    look: LookOf
    colour: str
    count: int
    worksheets: tuple[str, ...]
    examples: tuple[str, ...]
    means: LookMeaning | None
    """None where nobody said it yet."""
    explanations: Sequence[Explanation]

    @property
    def rgb(self) -> str:
        """The colour as pages show it; blank where only a theme knows it."""
        return rgb_of(self.colour)

    @property
    def words(self) -> str:
        """What people call it: `Grey fill`, `Red text`."""
        match self.look:
            case LookOf.STRUCK:
                return "Text that is crossed out"
            case LookOf.FILL:
                return f"{_name_of(self.colour)} fill"
            case LookOf.TEXT:
                return f"{_name_of(self.colour)} text"


def rgb_of(colour: str) -> str:
    """Return the six digits of a colour such as `FFD9D9D9`; blank of one by a theme."""
    digits = colour[-6:]
    return digits if len(colour) in {6, 8} and {*digits} <= _HEX_DIGITS else ""


def _name_of(colour: str) -> str:
    rgb = rgb_of(colour)
    if not rgb:
        return "Coloured"
    parts = [int(rgb[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    hue, lightness, saturation = colorsys.rgb_to_hls(*parts)
    if lightness > _WHITE_LIGHTNESS:
        return "White"
    if saturation < _GREY_SATURATION:
        return "Grey"
    return next(name for end, name in _HUES if hue < end).capitalize()


@dataclass(slots=True)
class _SeenCells:
    """The cells with one look."""

    count: int = 0
    worksheets: dict[str, None] = field(default_factory=dict)
    examples: dict[str, None] = field(default_factory=dict)
    means: LookMeaning | None = None

    def add(self, grid: Grid, place: Place) -> None:
        self.count += 1
        self.worksheets[grid.title] = None
        text = line_shortened(grid.cells.get(place, ""), max_characters=_EXAMPLE_MAX_CHARACTERS)
        self.examples[text] = None


def look_offers(layout: Layout, grids: Sequence[Grid], applied: Applied) -> list[LookOffer]:
    """Return the looks of cells that are read, those of which nobody said what they mean first."""
    cells: dict[tuple[LookOf, str], _SeenCells] = {}
    known_names = known_titles(layout, propose_known(grids), grids)
    for grid in grids:
        sheet = sheet_layout_of(layout, grid.title)
        if sheet is None or sheet.ignore is not None or grid.title in known_names:
            continue
        for seen in looks_asked(grid, applied.uses[grid.title]):
            of_look = cells.setdefault((seen.look, seen.colour), _SeenCells())
            of_look.add(grid, seen.place)
            of_look.means = _meaning_in(sheet, seen) or of_look.means
    lines = ExplainingLines(layout, grids)
    offers: list[LookOffer] = []
    for (look, colour), of_look in cells.items():
        offer = LookOffer(
            look=look,
            colour=colour,
            count=of_look.count,
            worksheets=tuple(of_look.worksheets),
            examples=tuple(of_look.examples)[:_EXAMPLES_MAX_COUNT],
            means=of_look.means,
            explanations=lines.of_look(look, colour),
        )
        offers.append(offer)
    order = [*LookOf]
    return sorted(offers, key=lambda offer: (offer.means is not None, order.index(offer.look)))


def _meaning_in(sheet: SheetLayout, seen: SeenLook) -> LookMeaning | None:
    """Return what a look was said to mean in a worksheet; None where nobody said it."""
    for look in sheet.looks:
        if (look.look, look.colour) == (seen.look, seen.colour):
            return look.means
    silence = sheet.struck if seen.look is LookOf.STRUCK else sheet.colours
    return None if silence is None else LookMeaning.DECORATION
