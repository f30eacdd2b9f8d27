"""What a layout becomes where somebody says what rows are: left out, or remarks.

Belongs here: rules for rows. Does not: what is offered (`row_offers`), lines that say something of the
rows below (`line_choices`), fills and comments of cells (`cell_mark_choices`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, assert_never

from jira_pipeline.sheets.layouts.choices import SetRows
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import (
    LIST_MAX_COUNT,
    TEXT_MAX_CHARACTERS,
    Layout,
    LeftOutRows,
    Region,
    RemarkRows,
    RowRule,
    SheetLayout,
)
from jira_pipeline.sheets.layouts.layout_parts import changed, declared_sheet, grids_of_sheet
from jira_pipeline.sheets.layouts.named_cells import NamedCells
from jira_pipeline.sheets.layouts.texts import normal, normals, texts_without

Rule = TypeVar("Rule", bound=RowRule)
_REASON = "says nothing of what is to be built"


def with_rows(layout: Layout, grids: Sequence[Grid], choice: SetRows) -> tuple[SheetLayout, ...]:
    chosen = declared_sheet(layout, choice.worksheet)
    others = [declared_sheet(layout, worksheet) for worksheet in choice.also]
    sheets: list[SheetLayout] = []
    for sheet in layout.sheets:
        is_meant_too = choice.everywhere or sheet in others
        if sheet.ignore is None and (sheet is chosen or is_meant_too):
            alike = grids_of_sheet(layout, grids, sheet)
            sheets.append(_sheet_with_rows(sheet, alike, choice))
        else:
            sheets.append(sheet)
    return tuple(sheets)


def _sheet_with_rows(sheet: SheetLayout, grids: Sequence[Grid], choice: SetRows) -> SheetLayout:
    cells = texts_of_rows((choice.text,), grids) if choice.rows == "text" else ()
    regions: list[Region] = []
    for region in sheet.regions:
        if choice.rows == "brackets" and not NamedCells(choice.text).are_named_in(region):
            regions.append(region)
            continue
        skip, remarks = rules_with(region.skip, region.remarks, choice, cells=cells)
        regions.append(changed(region, skip=skip, remarks=remarks))
    if choice.rows == "brackets":
        return changed(sheet, regions=tuple(regions))  # outside of tables, no row has the header
    leave, _ = rules_with(sheet.leave, (), choice, cells=cells)
    return changed(sheet, regions=tuple(regions), leave=leave)


def texts_of_rows(first_texts: Sequence[str], grids: Sequence[Grid]) -> tuple[str, ...]:
    """Return all that rows say that begin with one of some texts, in some worksheets; numbers apart.

    A row that says more in a later version is not the one that somebody looked at.
    """
    named_texts = normals(tuple(first_texts))
    texts: dict[str, None] = {}
    for grid in grids:
        for texts_of_row in grid.texts_by_row.values():
            own_texts = [*texts_of_row.values()]
            if own_texts and normal(own_texts[0]) in named_texts:
                texts |= dict.fromkeys(text for text in own_texts if not text.isdecimal())
    within = [text for text in texts if len(text) <= TEXT_MAX_CHARACTERS]
    return tuple(within[:LIST_MAX_COUNT])


def rules_with(
    left_out: Sequence[LeftOutRows],
    remarks: Sequence[RemarkRows],
    choice: SetRows,
    *,
    cells: Sequence[str] = (),
) -> tuple[tuple[LeftOutRows, ...], tuple[RemarkRows, ...]]:
    """Return rules with what a choice says of rows, in place of what was said of them before.

    `cells` are all that such rows say now; where none are given, they may say anything.
    """
    fields = _rule_fields(choice)
    other_left_out = _rules_without(left_out, fields)
    other_remarks = _rules_without(remarks, fields)
    with_cells = {**fields, "cells": tuple(cells)} if cells else fields
    match choice.become:
        case "things":
            return other_left_out, other_remarks
        case "remarks":
            return other_left_out, (*other_remarks, RemarkRows(**with_cells))
        case "left_out":
            rule = LeftOutRows(**with_cells, reason=choice.reason or _REASON)
            return (*other_left_out, rule), other_remarks
        case _:
            assert_never(choice.become)


def _rule_fields(choice: SetRows) -> dict[str, Any]:
    match choice.rows:
        case "alone":
            return {"alone": True}
        case "struck":
            return {"struck": True}
        case "text":
            return {"texts": (choice.text,)}
        case "alone_text":
            return {"texts": (choice.text, *choice.further_texts), "alone": True}
        case "starts":
            return {"starts": (choice.text,)}
        case "brackets":
            return {"column": choice.text, "starts": ("(",), "ends_with": (")",)}
        case _:
            assert_never(choice.rows)


def _rules_without(rules: Sequence[Rule], fields: Mapping[str, Any]) -> tuple[Rule, ...]:
    """Return rules without those about the rows that some fields of a rule are about."""
    others: list[Rule] = []
    for rule in rules:
        rule_fields = rule.model_dump(exclude_defaults=True, exclude={"reason", "about", "cells"})
        if rule_fields == fields:
            continue
        # What is said of all rows with a text takes the place of what was said of those alone.
        is_narrower = fields.keys() <= rule_fields.keys() <= {"texts", "alone"}
        if "texts" in fields and is_narrower:
            texts = texts_without(rule.texts, fields["texts"])
            if texts:
                others.append(changed(rule, texts=texts))
        else:
            others.append(rule)
    return tuple(others)
