"""What people said of a worksheet, apart from what is proposed for it unasked.

Belongs here: the rule of what counts as said, and the parts of a layout that it is told by. Does not:
what a choice takes away of it (`choice_changes`), what is proposed (`proposing`, `table_shapes`).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from jira_pipeline.drupal.column_words import label_of
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.choices import AddTable, SetShape, TableChoice
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import header_of_region
from jira_pipeline.sheets.layouts.header_offers import keeps_in_its_words, meanings_of
from jira_pipeline.sheets.layouts.layout import (
    Layout,
    Region,
    RowRule,
    SheetLayout,
)
from jira_pipeline.sheets.layouts.layout_parts import changed, grids_of_sheet, sheets_without
from jira_pipeline.sheets.layouts.mark_choices import (
    field_of_components,
    marks_in,
    workflow_of_steps,
)
from jira_pipeline.sheets.layouts.named_cells import cells_of
from jira_pipeline.sheets.layouts.table_shapes import (
    TITLE,
    TYPED_SHAPES,
    Shape,
    shape_of,
    type_of_all,
)
from jira_pipeline.sheets.layouts.texts import normal, spelling
from jira_pipeline.sheets.layouts.word_choices import declared_words
from jira_pipeline.sheets.layouts.worksheet_choices import with_worksheet_choice

_KEPT = "kept as a note"
"""In place of a column: the header stays in the sheet's own words."""


class DeclaredKind(StrEnum):
    """What a layout says of a worksheet, part by part."""

    LISTED = "listed"
    """What a table lists."""
    TABLE = "table"
    """A further table."""
    HEADER = "header"
    """What a header or label means."""
    IGNORED = "ignored"
    """A header that is left out."""
    WORD = "word"
    MARK = "mark"
    CONSTANT = "constant"
    """What all things of a table have in common."""
    ROWS = "rows"
    """Rows that are left out, or quoted."""
    LINES = "lines"
    """Lines that say something of the rows below them."""
    LEFT_OUT = "left out"
    """The worksheet is not part of the specification."""


@dataclass(frozen=True, slots=True)
class DeclaredPart:
    """One thing that a layout says of a worksheet."""

    kind: DeclaredKind
    about: str
    """The header, word, mark or row, as it is compared."""
    says: str = ""
    """What of it, as it is compared."""
    name: str = field(default="", compare=False)
    """What it is about, as people read it in their sheet."""
    means: str = field(default="", compare=False)
    """What is said of it, as people read it."""

    @property
    def is_note(self) -> bool:
        """A header is only kept, in the sheet's own words."""
        return self.kind is DeclaredKind.HEADER and self.says == _KEPT


def declared_by_people(
    layout: Layout, grids: Sequence[Grid], worksheet: str, *, proposed: Layout
) -> tuple[DeclaredPart, ...]:
    """Return what people said of a worksheet: what its layout says, and nobody would propose.

    Not said, but proposed, is what `proposed` has without being asked (known sheets, the dictionary),
    and what follows of the choice of what a table lists alone: its headers by the dictionary, and by
    what other worksheets say of such headers and words. A further table counts as said; what is
    proposed for its headers does not. Who put a part there, or confirmed it, makes no difference.
    """
    sheet = sheet_layout_of(layout, worksheet)
    if sheet is None:
        return ()
    unsaid = set(parts_declared(sheet_layout_of(proposed, worksheet)))
    unsaid |= _parts_following_from_shapes(layout, grids, sheet)
    return tuple(part for part in parts_declared(sheet) if part not in unsaid)


def _parts_following_from_shapes(
    layout: Layout, grids: Sequence[Grid], sheet: SheetLayout
) -> set[DeclaredPart]:
    """Return what would be said of worksheets where somebody only chose what their tables list."""
    alike = grids_of_sheet(layout, grids, sheet)
    if not alike or not sheet.regions:
        return set()
    title = alike[0].title
    others = sheets_without(layout, [grid.title for grid in alike])
    only_shapes = changed(layout, sheets=tuple(others))
    for number, region in enumerate(sheet.regions):
        choice = _choice_of_shape(region, alike[0], is_further=number > 0)
        if choice is None:
            continue
        try:
            said_anew = with_worksheet_choice(only_shapes, grids, choice)
        except WrongUseError:
            continue  # nobody could choose it as it is now, so that nothing follows from it
        only_shapes = changed(only_shapes, sheets=said_anew)
    chosen = {DeclaredKind.LISTED, DeclaredKind.TABLE}
    parts = parts_declared(sheet_layout_of(only_shapes, title))
    return {part for part in parts if part.kind not in chosen}


def _choice_of_shape(region: Region, grid: Grid, *, is_further: bool) -> SetShape | AddTable | None:
    """Return the choice of what a table lists, by which it would be proposed anew."""
    offered = shape_of(region)
    header = header_of_region(region, grid)
    marks = region.marks
    is_matrix = marks is not None and marks.rows is not None
    if offered is None or (offered.shape is Shape.MATRIX and not is_matrix):
        return None
    of_table = TableChoice(
        worksheet=grid.title,
        shape=offered.shape,
        bundle_type=type_of_all(region) if offered.shape.value in TYPED_SHAPES else "",
        rows=None if marks is None else marks.rows,
        across=None if marks is None else marks.across,
        names_in=region.row_of_names - region.header_rows,
        called=field_of_components(region) or workflow_of_steps(region),
        header_rows=region.header_rows,
        header_below=region.header_below,
    ).model_dump()
    if header is None:
        return None if is_further else SetShape(**of_table)
    row = header.span.names_row + 1
    choice = AddTable if is_further else SetShape
    return choice(**of_table, header_row=row)


# ---------------------------------------------------------------- what a layout says


def parts_declared(sheet: SheetLayout | None) -> tuple[DeclaredPart, ...]:
    """Return all that a layout says of worksheets, part by part, once each."""
    if sheet is None:
        return ()
    if sheet.ignore is not None:
        return (DeclaredPart(DeclaredKind.LEFT_OUT, "", name=sheet.ignore),)
    parts: dict[DeclaredPart, None] = {}
    for number, region in enumerate(sheet.regions):
        parts |= dict.fromkeys(_parts_declared_table(region, is_further=number > 0))
    parts |= dict.fromkeys(_of_rows(sheet.leave))
    for word in declared_words(Layout(sheets=(sheet,))):
        targets = ", ".join(word.refers_to)
        says = f"{word.means}|{targets}|{word.count}"
        means = targets or word.means
        parts[DeclaredPart(DeclaredKind.WORD, spelling(word.word), says, word.word, means)] = None
    return (*parts,)


def _parts_declared_table(region: Region, *, is_further: bool) -> Iterator[DeclaredPart]:
    for record in region.records:
        yield DeclaredPart(DeclaredKind.LISTED, "", record.into)
    if is_further:
        headers = region.header or region.pairs
        yield DeclaredPart(
            DeclaredKind.TABLE, "|".join(map(normal, headers)), name=", ".join(headers)
        )
    yield from _of_headers(region)
    yield from _of_marks(region)
    yield from _of_constants(region)
    yield from _of_rows((*region.skip, *region.remarks))
    begins = () if region.begins is None else (region.begins,)
    for rule in (*begins, *region.headings):
        like = rule.like or " ".join((*rule.starts, *rule.texts))
        if like:
            yield DeclaredPart(DeclaredKind.LINES, like, name=like)


def _of_headers(region: Region) -> Iterator[DeclaredPart]:
    for cells in cells_of(region):
        for kind, column in meanings_of(region.records, cells):
            means = label_of(kind, column)
            yield DeclaredPart(DeclaredKind.HEADER, cells.key, column, cells.name, means)
        if any(keeps_in_its_words(record, cells) for record in region.records):
            yield DeclaredPart(DeclaredKind.HEADER, cells.key, _KEPT, cells.name, _KEPT)
    for header, reason in region.unused.items():
        yield DeclaredPart(DeclaredKind.IGNORED, normal(header), name=header, means=reason)


def _of_marks(region: Region) -> Iterator[DeclaredPart]:
    """Yield the marks of a matrix of which something is said."""
    if region.marks is not None:
        for text in marks_in(region):
            yield DeclaredPart(DeclaredKind.MARK, normal(text), name=text)


def _of_constants(region: Region) -> Iterator[DeclaredPart]:
    for record in region.records:
        for column, values in record.columns.items():
            for value in values:
                # A blank one only keeps the place of what nothing says yet.
                if value.is_constant and (value.title or value.text):
                    text = value.text or TITLE
                    label = label_of(record.into, column)
                    yield DeclaredPart(DeclaredKind.CONSTANT, column, text, label, value.text or "")


def _of_rows(rules: Collection[RowRule]) -> Iterator[DeclaredPart]:
    for rule in rules:
        texts = (*rule.texts, *rule.starts)
        of_look = (
            "rows that are struck through" if rule.struck else "rows with a single filled cell"
        )
        name = ", ".join(texts) or rule.like or of_look
        says = rule.model_dump_json(exclude={"reason", "about", "cells"}, exclude_none=True)
        yield DeclaredPart(DeclaredKind.ROWS, says, name=name)
