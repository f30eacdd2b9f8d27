"""What somebody says with one choice of lines that are about the rows below them: several choices.

Belongs here: which they are, in order. Does not: what a layout becomes by each (`choices_applied`),
when lines are proposed (`block_offers`).
"""

from collections.abc import Iterator
from typing import assert_never

from jira_pipeline.drupal.columns import label_column_of
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.choices import (
    BlockLines,
    HeaderMeaning,
    SetBlocks,
    SetConstant,
    SetLines,
    SetMeaning,
    SetShape,
)
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.record_drafts import BUNDLE, FIELD
from jira_pipeline.sheets.layouts.table_shapes import Shape, offered_shape


def choices_of_blocks(
    layout: Layout, choice: SetBlocks
) -> Iterator[SetShape | SetConstant | SetLines | SetMeaning]:
    """Yield what is said of a worksheet, of its lines, and of what its rows are called.

    What somebody said of its headers before stays, where it lists the same already.
    """
    shape = _shape_of_lines(choice.says)
    bundle_type = choice.bundle_type if choice.says is BlockLines.TYPES else ""
    if not _lists(layout, choice.worksheet, shape):
        yield SetShape(
            worksheet=choice.worksheet,
            shape=shape,
            header_row=choice.header_row,
            bundle_type=bundle_type,
        )
    elif bundle_type and not _do_cells_say_kind(layout, choice.worksheet):
        yield SetConstant(worksheet=choice.worksheet, kind=BUNDLE, column="Type", text=bundle_type)
    lines = SetLines(
        worksheet=choice.worksheet,
        line=choice.line,
        is_first=choice.is_first,
        has_description=choice.has_description,
        kinds=choice.kinds,
        kind_before=choice.kind_before,
    )
    yield lines
    if choice.in_brackets:
        with_brackets = f"{choice.line} ({{{choice.in_brackets}}})"
        yield lines.model_copy(update={"line": with_brackets})
    if choice.names:
        kind = BUNDLE if choice.says is BlockLines.KINDS else FIELD
        meaning = HeaderMeaning(kind=kind, column=label_column_of(kind) or "")
        yield SetMeaning(worksheet=choice.worksheet, header=choice.names, meanings=(meaning,))


def _shape_of_lines(says: BlockLines) -> Shape:
    match says:
        case BlockLines.TYPES:
            return Shape.TYPES_WITH_FIELDS
        case BlockLines.OWNERS:
            return Shape.FIELDS
        case BlockLines.KINDS:
            return Shape.TYPES
        case _:
            assert_never(says)


def _lists(layout: Layout, worksheet: str, shape: Shape) -> bool:
    """Tell whether somebody said already that a worksheet lists such things, and nothing else."""
    sheet = sheet_layout_of(layout, worksheet)
    if sheet is None or len(sheet.regions) != 1 or sheet.regions[0].marks is not None:
        return False
    kinds = tuple(record.into for record in sheet.regions[0].records)
    return kinds == offered_shape(shape).kinds


def _do_cells_say_kind(layout: Layout, worksheet: str) -> bool:
    """Tell whether cells or lines say the kind of the types that a worksheet lists."""
    sheet = sheet_layout_of(layout, worksheet)
    for region in sheet.regions if sheet is not None else ():
        values = region.records[0].columns.get("Type", ())
        if not all(value.is_constant for value in values):
            return True
    return False
