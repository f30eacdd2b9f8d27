"""What a layout becomes where somebody says what rows are: left out, or remarks.

Belongs here: rules for rows. Does not: what is offered (`row_offers`), lines that say something of the
rows below (`line_choices`), fills and comments of cells (`cell_mark_choices`).
"""

from collections.abc import Sequence
from typing import Any, TypeVar, assert_never

from jira_pipeline.sheets.layouts.choices import (
    SetRows,
)
from jira_pipeline.sheets.layouts.layout import (
    Layout,
    LeftOutRows,
    Region,
    RemarkRows,
    RowRule,
    SheetLayout,
)
from jira_pipeline.sheets.layouts.layout_parts import changed, declared_sheet
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
    regions: list[Region] = []
    for region in sheet.regions:
        skip = rules_without(region.skip, choice)
        remarks = rules_without(region.remarks, choice)
        if choice.become == "remarks":
            remarks = (*remarks, remark_rows(choice))
        else:
            skip = (*skip, left_out_rows(choice))
        regions.append(changed(region, skip=skip, remarks=remarks))
    leave = rules_without(sheet.leave, choice)
    if choice.become == "left_out":
        leave = (*leave, left_out_rows(choice))
    return changed(sheet, regions=tuple(regions), leave=leave)


def left_out_rows(choice: SetRows) -> LeftOutRows:
    return LeftOutRows(**_rule_fields(choice), reason=choice.reason or _REASON)


def remark_rows(choice: SetRows) -> RemarkRows:
    return RemarkRows(**_rule_fields(choice))


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


def rules_without(rules: Sequence[Rule], choice: SetRows) -> tuple[Rule, ...]:
    """Return rules without what was said before of the rows of a choice."""
    fields = _rule_fields(choice)
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
