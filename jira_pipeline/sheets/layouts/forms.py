"""Blocks with labels on the left: the cells beside the labels, and the things inside of a block.

Belongs here: which rows of a block have a label, and which of them are about one display of a view.
Does not: where blocks begin (`regions`), which table such blocks become (`form_choices`).
"""

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, field
from string import digits

from jira_pipeline.sheets.layouts.grid import NO_CELL, Cell, Grid
from jira_pipeline.sheets.layouts.layout import Record, Region
from jira_pipeline.sheets.layouts.texts import label_key


@dataclass(frozen=True, slots=True)
class FormCell:
    """What is beside a label of a form; no cell where nothing is."""

    row: int
    label: Cell
    cell: Cell

    @property
    def key(self) -> str:
        return label_key(self.label.text)


@dataclass(slots=True)
class FormThing:
    """A thing inside of a block: one display of a view, with the labels that say more of it."""

    labelled: list[FormCell]
    of_block: Mapping[str, Sequence[Cell]]
    """What labels say of the block, and so of each thing in it."""
    naming_columns: set[str] = field(default_factory=set)
    """Columns that name such a thing, of those that its labels say."""

    @property
    def rows(self) -> list[int]:
        return [form_cell.row for form_cell in self.labelled]

    @property
    def pairs(self) -> Mapping[str, Sequence[Cell]]:
        return {**self.of_block, **cells_by_label(self.labelled)}


def labelled_cells(
    grid: Grid,
    rows: Sequence[int],
    filled: Mapping[int, Sequence[int]],
    keys: AbstractSet[str],
) -> Iterator[FormCell]:
    """Yield what is beside the labels of some rows; a label is the first cell of its row."""
    for row in rows:
        columns = filled.get(row, ())
        label = grid[row, columns[0]] if columns else NO_CELL
        if columns and label_key(label.text) in keys:
            yield FormCell(row, label, grid[row, columns[1]] if len(columns) > 1 else NO_CELL)


def cells_by_label(labelled: Sequence[FormCell]) -> Mapping[str, Sequence[Cell]]:
    cells: dict[str, list[Cell]] = {}
    for form_cell in labelled:
        cells.setdefault(form_cell.key, []).append(form_cell.cell)
    return cells


def things_of_labels(
    region: Region, record: Record, labelled: Sequence[FormCell]
) -> list[FormThing]:
    """Return the things that a record makes of the labels of a block.

    A label that names such a thing begins one, unless the thing before lacks that name; the labels
    down to the next are about it. Where things are named one right below the other, labels below them
    are about all of them if they were named by the same label, numbered or not, and else about the
    first: the others are additions to it. What labels say of the block is of each of them.
    """
    columns = _columns_by_label(record)
    of_block: set[str] = set()
    for other in region.records:
        if other is not record:
            of_block |= _columns_by_label(other).keys()
    naming = {*record.needs_any, *record.needs}
    shared = cells_by_label([form_cell for form_cell in labelled if form_cell.key in of_block])
    things: list[FormThing] = []
    named_together: list[FormThing] = []
    above: list[FormCell] = []
    is_after_name = False
    for form_cell in labelled:
        if form_cell.key not in columns or form_cell.key in of_block:
            continue
        names = columns[form_cell.key] & naming
        if names and (not things or names & things[-1].naming_columns):
            things.append(FormThing([form_cell, *above], shared, {*names}))
            if not is_after_name:
                named_together = []
            named_together.append(things[-1])
            above = []
            is_after_name = True
        elif not things:
            above.append(form_cell)
        else:
            for thing in _things_meant(named_together):
                thing.labelled.append(form_cell)
                thing.naming_columns |= names
            is_after_name = False
    return things


def _things_meant(named: Sequence[FormThing]) -> Sequence[FormThing]:
    """Return which of the things that are named one below the other a label below them is about."""
    labels = {label_without_number(thing.labelled[0].label.text) for thing in named}
    return named if len(labels) == 1 else named[:1]


def label_without_number(label: str) -> str:
    """Return what labels have in common that are numbered: `Display` of `Display 2`."""
    return label_key(label).rstrip(f"{digits}.)# ") or label_key(label)


def _columns_by_label(record: Record) -> Mapping[str, set[str]]:
    """Return the columns that each label says of the things of a record."""
    columns: dict[str, set[str]] = {}
    for name, values in record.columns.items():
        for value in values:
            for part in value.with_parts:
                if part.pair is not None:
                    columns.setdefault(label_key(part.pair), set()).add(name)
    return columns
