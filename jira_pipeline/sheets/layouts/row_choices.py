"""What a layout becomes where somebody says what rows are: left out, remarks, or by a fill.

Belongs here: rules for rows, fills of cells. Does not: what is offered (`row_offers`), lines that say
something of the rows below (`line_choices`), headers (`header_choices`).
"""

from collections.abc import Sequence
from typing import Any, TypeVar, assert_never

from jira_pipeline.model.columns import (
    STATUS_COLUMN,
)
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import (
    SetColour,
    SetRows,
)
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import NamedCells, cells_of
from jira_pipeline.sheets.layouts.layout import (
    Layout,
    LeftOutRows,
    Record,
    Region,
    RemarkRows,
    RowRule,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import changed, declared_sheet, sheets_with
from jira_pipeline.sheets.layouts.texts import normal, normals

Rule = TypeVar("Rule", bound=RowRule)
_REASON = "says nothing of what is to be built"


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


def with_colour(
    layout: Layout, grids: Sequence[Grid], choice: SetColour
) -> tuple[SheetLayout, ...]:
    chosen = declared_sheet(layout, choice.worksheet)
    sheet = changed(
        chosen,
        regions=tuple(
            _region_with_colour(region, grids, choice)
            if NamedCells(choice.header).are_among(cells_of(region))
            else region
            for region in chosen.regions
        ),
    )
    return sheets_with(layout, chosen, sheet)


def _region_with_colour(region: Region, grids: Sequence[Grid], choice: SetColour) -> Region:
    """Return a region in which a fill is the status of the record that takes the header."""
    fills = {colour for grid in grids for colour in grid.colours.values()}
    records: list[Record] = []
    for record in region.records:
        takes = any(
            NamedCells(choice.header).are_taken_by(value)
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
