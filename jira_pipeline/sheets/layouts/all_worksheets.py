"""What somebody says of all worksheets, which counts for those of which something is said later, too.

Belongs here: keeping it beside the worksheets, and saying it of a new one. Does not: the choices
(`choices`), what they make of the worksheets that are there (`row_choices`, `header_choices`).
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from jira_pipeline.sheets.layouts.cell_mark_choices import looks_with
from jira_pipeline.sheets.layouts.choices import (
    Choice,
    KeepHeader,
    LeaveOutComments,
    LeaveOutHeader,
    QuoteComments,
    SetDitto,
    SetLooks,
    SetMeaning,
    SetRows,
)
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import with_dittos, with_header_left_out
from jira_pipeline.sheets.layouts.layout import AllWorksheets, Layout, Region, RowRule, SheetLayout
from jira_pipeline.sheets.layouts.layout_parts import changed
from jira_pipeline.sheets.layouts.named_cells import NamedCells
from jira_pipeline.sheets.layouts.row_choices import rules_with, texts_of_rows
from jira_pipeline.sheets.layouts.texts import normal

Rule = TypeVar("Rule")
RowsRule = TypeVar("RowsRule", bound=RowRule)


def all_worksheets_with(layout: Layout, choice: Choice) -> AllWorksheets | None:
    """Return what is said of all worksheets with a choice, where that is about all of them."""
    before = layout.all_worksheets or AllWorksheets()
    after = _with_choice(before, choice)
    return after if after != AllWorksheets() else None


def _with_choice(everywhere: AllWorksheets, choice: Choice) -> AllWorksheets:
    match choice:
        case SetRows(everywhere=True):
            leave, remarks = rules_with(everywhere.leave, everywhere.remarks, choice)
            return changed(everywhere, leave=leave, remarks=remarks)
        case LeaveOutHeader(everywhere=True, is_label=False):
            unused = _unused_without(everywhere, choice.header)
            return changed(everywhere, unused={**unused, choice.header: choice.reason})
        case SetMeaning(everywhere=True) | KeepHeader(everywhere=True):
            return changed(everywhere, unused=_unused_without(everywhere, choice.header))
        case SetDitto(everywhere=True):
            return changed(everywhere, ditto=_ditto_with(everywhere, choice))
        case SetLooks():
            return changed(everywhere, looks=looks_with(everywhere.looks, choice.looks))
        case QuoteComments():
            return changed(everywhere, quotes_comments=True)
        case LeaveOutComments():
            return changed(everywhere, comments=choice.reason)
        case _:
            return everywhere


def _unused_without(everywhere: AllWorksheets, header: str) -> dict[str, str]:
    return {
        name: reason for name, reason in everywhere.unused.items() if normal(name) != normal(header)
    }


def _ditto_with(everywhere: AllWorksheets, choice: SetDitto) -> Mapping[str, tuple[str, ...]]:
    """Return the texts that mean the cell above, with further ones below a header."""
    ditto: dict[str, tuple[str, ...]] = {}
    texts = choice.texts
    for header, texts_before in everywhere.ditto.items():
        if normal(header) == normal(choice.header):
            texts = tuple(dict.fromkeys((*texts_before, *choice.texts)))
        else:
            ditto[header] = texts_before
    return {**ditto, choice.header: texts}


def with_rules_of_all(
    sheet: SheetLayout, grids: Sequence[Grid], everywhere: AllWorksheets | None
) -> SheetLayout:
    """Return what is said of new worksheets with what is said of all of them."""
    if everywhere is None or sheet.ignore is not None:
        return sheet
    left_out = _with_cells(everywhere.leave, grids)
    quoted = _with_cells(everywhere.remarks, grids)
    regions: list[Region] = []
    for region in sheet.regions:
        skip = _joined(region.skip, left_out)
        remarks = _joined(region.remarks, quoted)
        with_rules = changed(region, skip=skip, remarks=remarks)
        with_marks = with_dittos(with_rules, grids, everywhere.ditto)
        regions.append(_without_unused(with_marks, grids, everywhere.unused))
    return changed(
        sheet,
        regions=tuple(regions),
        leave=_joined(sheet.leave, left_out),
        comments=sheet.comments or everywhere.comments,
        quotes_comments=sheet.quotes_comments or everywhere.quotes_comments,
        colours=sheet.colours or everywhere.colours,
        struck=sheet.struck or everywhere.struck,
        looks=looks_with(everywhere.looks, sheet.looks),
    )


def _with_cells(rules: tuple[RowsRule, ...], grids: Sequence[Grid]) -> tuple[RowsRule, ...]:
    """Return rules that name rows by their text with all that such rows say in new worksheets."""
    return tuple(changed(rule, cells=texts_of_rows(rule.texts, grids)) for rule in rules)


def _without_unused(region: Region, grids: Sequence[Grid], unused: Mapping[str, str]) -> Region:
    for header, reason in unused.items():
        region = with_header_left_out(region, grids, NamedCells(header), reason)
    return region


def _joined(rules: tuple[Rule, ...], others: tuple[Rule, ...]) -> tuple[Rule, ...]:
    return (*rules, *(rule for rule in others if rule not in rules))
