"""What a layout becomes where somebody says what rows are: left out, or remarks.

Belongs here: rules for rows. Does not: what is offered (`row_offers`), lines that say something of the
rows below (`line_choices`), fills and comments of cells (`cell_mark_choices`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, assert_never

from jira_pipeline.sheets.layouts.choices import SetRows
from jira_pipeline.sheets.layouts.layout import (
    Layout,
    LeftOutRows,
    Region,
    RemarkRows,
    RowRule,
    SheetLayout,
)
from jira_pipeline.sheets.layouts.layout_parts import changed, declared_sheet
from jira_pipeline.sheets.layouts.texts import texts_without

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
    regions: list[Region] = []
    for region in sheet.regions:
        skip, remarks = rules_with(region.skip, region.remarks, choice)
        regions.append(changed(region, skip=skip, remarks=remarks))
    leave, _ = rules_with(sheet.leave, (), choice)
    return changed(sheet, regions=tuple(regions), leave=leave)


def rules_with(
    left_out: Sequence[LeftOutRows], remarks: Sequence[RemarkRows], choice: SetRows
) -> tuple[tuple[LeftOutRows, ...], tuple[RemarkRows, ...]]:
    """Return rules with what a choice says of rows, in place of what was said of them before."""
    fields = _rule_fields(choice)
    other_left_out = _rules_without(left_out, fields)
    other_remarks = _rules_without(remarks, fields)
    if choice.become == "remarks":
        return other_left_out, (*other_remarks, RemarkRows(**fields))
    rule = LeftOutRows(**fields, reason=choice.reason or _REASON)
    return (*other_left_out, rule), other_remarks


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


def _rules_without(rules: Sequence[Rule], fields: Mapping[str, Any]) -> tuple[Rule, ...]:
    """Return rules without those about the rows that some fields of a rule are about."""
    others: list[Rule] = []
    for rule in rules:
        rule_fields = rule.model_dump(exclude_defaults=True, exclude={"reason", "about"})
        if rule_fields == fields:
            continue
        if rule_fields.keys() == fields.keys() == {"texts"}:
            texts = texts_without(rule.texts, fields["texts"])
            if texts:
                others.append(changed(rule, texts=texts))
        else:
            others.append(rule)
    return tuple(others)
