"""The size of an image style where its name says one: `Card 800x600`.

Its effects make the images; a name that says another size than they do misleads whoever chooses the
style, or the row is wrong. A multiplier of pixels in the name belongs to its size: *Portrait 100x200
1.5x* is made 150x300.

Source: Drupal core, Responsive Image, multipliers of breakpoints.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import image_styles_to_build
from jira_pipeline.drupal.image_style.name import filled_columns_beside_names
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.model.entities import Entity

_SIZE = re.compile(r"(?<!\d)(\d{2,4}) ?[x×] ?(\d{2,4})(?!\d)")
_MULTIPLIER = re.compile(r"(?i)(?<![\d.])(\d(?:\.\d)?)x(?!\d)")
_ROUNDED_PIXELS = 1
"""A size times its multiplier may be off by so many."""


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels of a name or a row."""

    width: int
    height: int

    @property
    def text(self) -> str:
        return f"{self.width}x{self.height}"


# The fact: whether the name of a style and its row say the same size.


@dataclass(frozen=True, slots=True)
class TwoSizes:
    """The name says one size and a cell another one."""

    in_name: Size
    in_cell: Size
    column: str
    """The column of that cell."""


@dataclass(frozen=True, slots=True)
class NoSecondSize:
    """The name and the row say the same size, or one of them says none or several."""


SizeFact: TypeAlias = TwoSizes | NoSecondSize


def size_of(style: Entity) -> SizeFact:
    """Read the size in the name of a style beside the one in its other cells."""
    columns_by_size = {}
    for column in reversed(filled_columns_beside_names(style)):  # the first one stays
        for size in _sizes_in(style.cell(column)):
            columns_by_size[size] = column
    in_name = _sizes_in(style.label) or _sizes_in(style.machine_name)
    label_without_size = _SIZE.sub("", style.label)
    multipliers = {float(factor) for factor in _MULTIPLIER.findall(label_without_size)} or {1.0}
    if not (len(columns_by_size) == len(in_name) == len(multipliers) == 1):
        return NoSecondSize()
    ((cell_size, column),) = columns_by_size.items()
    name_size = in_name.pop()
    if cell_size == name_size or _is_multiple(cell_size, name_size, multipliers.pop()):
        return NoSecondSize()
    return TwoSizes(in_name=name_size, in_cell=cell_size, column=column)


def _sizes_in(text: str) -> set[Size]:
    return {Size(int(width), int(height)) for width, height in _SIZE.findall(text)}


def _is_multiple(cell_size: Size, name_size: Size, multiplier: float) -> bool:
    """Tell whether the size in a cell is that in the name times a multiplier."""
    width_off = abs(name_size.width * multiplier - cell_size.width)
    height_off = abs(name_size.height * multiplier - cell_size.height)
    return max(width_off, height_off) <= _ROUNDED_PIXELS


# What follows from it.


def ask(style: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask which size is right where the name of a style says another one than its cells.

    `The name of “Card 800x600” says 800 × 600, its row 400 × 300: which size is right?`
    """
    match size_of(style):
        case TwoSizes(in_name, in_cell, column):
            is_in_machine_name = in_cell.text in style.machine_name
            yield question_about(
                "lists.size",
                style,
                column,
                disputes=column,
                answer=in_cell.text if is_in_machine_name else "",
                named=in_name.text,
                made=in_cell.text,
            )
        case NoSecondSize():
            return


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the size of each style where its name says one."""
    return facts_by_row(size_of, ticket.to_build)


RULE = Rule(
    key="image_style.size",
    facts=facts,
    asked_rows=image_styles_to_build,
    ask=ask,
)
