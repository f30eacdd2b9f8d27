"""What a layout becomes where somebody says what rows are: left out, remarks, beginnings, or by a fill.

Belongs here: rules for rows, lines that begin blocks, fills of cells. Does not: what is offered
(`row_offers`), headers (`header_choices`).
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar, assert_never

from jira_pipeline.model.columns import (
    STATUS_COLUMN,
    label_column_of,
    owner_column_of,
)
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.choices import (
    SetBlocks,
    SetColour,
    SetRows,
)
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import has_header, takes_header
from jira_pipeline.sheets.layouts.header_rows import HeaderRows
from jira_pipeline.sheets.layouts.layout import (
    Layout,
    LeftOutRows,
    Per,
    Record,
    Region,
    RemarkRows,
    RowRule,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import changed, declared_sheet
from jira_pipeline.sheets.layouts.row_rules import is_meant
from jira_pipeline.sheets.layouts.table_headers import (
    NamedColumn,
)
from jira_pipeline.sheets.layouts.table_shapes import (
    RecordDraft,
    columns_by_dictionary,
    keep_value,
    with_derived_cells,
)
from jira_pipeline.sheets.layouts.texts import normal, normals, template_of

Rule = TypeVar("Rule", bound=RowRule)
_NAME = "name"
"""The part of a line that names what the rows below belong to."""
_REASON = "says nothing of what is to be built"
_LABEL_CELLS_MAX = 2
"""In the row of a label: itself and its value."""


def with_rows(layout: Layout, choice: SetRows) -> tuple[SheetLayout, ...]:
    chosen = declared_sheet(layout, choice.worksheet)
    return tuple(
        _sheet_with_rows(sheet, choice)
        if sheet.ignore is None and (sheet is chosen or choice.everywhere)
        else sheet
        for sheet in layout.sheets
    )


def _sheet_with_rows(sheet: SheetLayout, choice: SetRows) -> SheetLayout:
    fields = _rule_fields(choice)
    regions: list[Region] = []
    for region in sheet.regions:
        skip = _rules_without(region.skip, fields)
        remarks = _rules_without(region.remarks, fields)
        if choice.become == "remarks":
            remarks = (*remarks, RemarkRows(**fields))
        else:
            skip = (*skip, LeftOutRows(**fields, reason=choice.reason or _REASON))
        regions.append(changed(region, skip=skip, remarks=remarks))
    leave = _rules_without(sheet.leave, fields)
    if choice.become == "left_out":
        leave = (*leave, LeftOutRows(**fields, reason=choice.reason or _REASON))
    return changed(sheet, regions=tuple(regions), leave=leave)


def _rule_fields(choice: SetRows) -> dict[str, Any]:
    match choice.rows:
        case "alone":
            return {"alone": True}
        case "struck":
            return {"struck": True}
        case "text":
            return {"texts": (choice.text,)}
        case "starts":
            return {"starts": (choice.text,)}
        case _:
            assert_never(choice.rows)


def _rules_without(rules: Sequence[Rule], fields: dict[str, Any]) -> tuple[Rule, ...]:
    """Return rules without what was said before of the rows of a new one."""
    others: list[Rule] = []
    for rule in rules:
        rule_fields = rule.model_dump(exclude_defaults=True, exclude={"reason", "about"})
        if rule_fields == fields:
            continue
        if rule_fields.keys() == fields.keys() == {"texts"}:
            texts = _texts_without(rule.texts, fields["texts"])
            if texts:
                others.append(changed(rule, texts=texts))
        else:
            others.append(rule)
    return tuple(others)


def _texts_without(texts: Sequence[str], gone: Sequence[str]) -> tuple[str, ...]:
    others = dict(zip(map(normal, texts), texts, strict=True))
    for text in normals(gone):
        others.pop(text, None)
    return tuple(others.values())


def with_blocks(
    layout: Layout, grids: Sequence[Grid], choice: SetBlocks
) -> tuple[SheetLayout, ...]:
    chosen = declared_sheet(layout, choice.worksheet)
    if _NAME not in _parts_of(choice.line):
        raise WrongUseError(f"“{choice.line}” needs {{{_NAME}}} where the name is.")
    alike = [grid for grid in grids if sheet_layout_of(layout, grid.title) is chosen]
    region = _region_with_blocks(chosen.regions[0], alike, choice.line)
    sheet = changed(chosen, regions=(region, *chosen.regions[1:]))
    return tuple(sheet if each is chosen else each for each in layout.sheets)


def _parts_of(line: str) -> Sequence[str]:
    try:
        return template_of(line).names
    except ValueError as error:
        raise WrongUseError(f"{error}.") from error


def _region_with_blocks(region: Region, grids: Sequence[Grid], line: str) -> Region:
    outer = region.records[0]
    if len(region.records) == 1:
        owner = owner_column_of(outer.into)
        if owner is None:
            raise WrongUseError("Its rows belong to nothing that a line above could name.")
        columns = {**outer.columns, owner.name: (Value(heading=_NAME),)}
        record = changed(outer, columns=columns)
        return changed(region, begins=RowRule(like=line), repeats=True, records=(record,))
    begins = RowRule(like=line)
    labels = [*dict.fromkeys(label for grid in grids for label in _labels(grid, region, begins))]
    label_column = label_column_of(outer.into)
    assert label_column is not None  # noqa: S101 - of a kind that others belong to
    columns = {name: values for name, values in outer.columns.items() if name != label_column}
    draft = RecordDraft(
        kind=outer.into,
        columns={**columns, label_column: (Value(heading=_NAME),)},
        own=[*outer.own],
        other_fields={"per": Per.BLOCK},
    )
    named = [NamedColumn(at, label, label, "") for at, label in enumerate(labels)]
    meant = columns_by_dictionary(outer.into, named)
    for name, values in meant.items():
        draft.columns.setdefault(name, tuple(Value(pair=value.column) for value in values))
    used = {value.pair for values in draft.columns.values() for value in values}
    for label in labels:
        if label not in used:
            keep_value(draft, Value(pair=label))
    return with_derived_cells(
        changed(
            region,
            begins=begins,
            repeats=True,
            pairs=tuple(labels),
            records=(draft.built(), *region.records[1:]),
        )
    )


def _labels(grid: Grid, region: Region, begins: RowRule) -> Iterator[str]:
    """Yield the labels between the line that a block begins with and its header."""
    headers = HeaderRows(region, grid, grid.rows)
    is_in_block = False
    for row, columns in grid.rows.items():
        if is_meant(begins, grid, row, {}, columns):
            is_in_block = True
        elif headers.is_header(row):
            is_in_block = False
        elif is_in_block and len(columns) <= _LABEL_CELLS_MAX:
            yield grid[row, columns[0]].text


def with_colour(
    layout: Layout, grids: Sequence[Grid], choice: SetColour
) -> tuple[SheetLayout, ...]:
    chosen = declared_sheet(layout, choice.worksheet)
    sheet = changed(
        chosen,
        regions=tuple(
            _region_with_colour(region, grids, choice)
            if has_header(region, choice.header)
            else region
            for region in chosen.regions
        ),
    )
    return tuple(sheet if each is chosen else each for each in layout.sheets)


def _region_with_colour(region: Region, grids: Sequence[Grid], choice: SetColour) -> Region:
    """Return a region in which a fill is the status of the record that takes the header."""
    fills = {colour for grid in grids for colour in grid.colours.values()}
    records: list[Record] = []
    for record in region.records:
        takes = any(
            takes_header(value, choice.header)
            for values in record.values.values()
            for value in values
        )
        before = record.columns.get(STATUS_COLUMN, ())
        if takes and any(value.colour is None for value in before):
            raise WrongUseError("A column says already how far each row is.")
        if takes:
            words = {**dict.fromkeys(sorted(fills), ""), **(before[0].words if before else {})}
            status = Value(colour=choice.header, words={**words, choice.colour: choice.means})
            records.append(changed(record, columns={**record.columns, STATUS_COLUMN: (status,)}))
        else:
            records.append(record)
    return changed(region, records=tuple(records))
