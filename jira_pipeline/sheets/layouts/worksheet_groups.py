"""The worksheets of a workbook as a page lists them: which are alike, what each lists, what is read.

Belongs here: groups of worksheets that one choice is about, and names of kinds for people. Does not:
their headers (`header_offers`) and rows (`row_offers`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.model.entities import SHEET_NAMES, EntityKind
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.coverage import LayoutFinding
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import CUSTOM, HELPER, KINDS, Layout, SheetLayout
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout
from jira_pipeline.sheets.layouts.table_headers import worksheets_alike
from jira_pipeline.sheets.layouts.table_shapes import OFFERED_SHAPES, OfferedShape


@dataclass(frozen=True, kw_only=True)
class WorksheetGroup:
    """Worksheets of which a layout says the same, or that look alike and of which it says nothing."""

    grids: tuple[Grid, ...]
    sheet: SheetLayout | None
    counts: Mapping[str, int]
    """Things that are read from them, by kind."""
    unsettled: tuple[LayoutFinding, ...]
    faults: tuple[LayoutFinding, ...]
    """What may be a fault of the sheet."""

    @property
    def title(self) -> str:
        return self.grids[0].title

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(grid.title for grid in self.grids)

    @property
    def is_left_out(self) -> bool:
        return self.sheet is not None and self.sheet.ignore is not None

    @property
    def shape(self) -> OfferedShape | None:
        """What they list, of what is offered."""
        return None if self.sheet is None else shape_of(self.sheet)

    @property
    def lists(self) -> str:
        """What they list, for people."""
        if self.sheet is None:
            return ""
        if self.sheet.ignore is not None:
            return "not part of the specification"
        if self.shape is not None:
            return self.shape.label
        kinds = (record.into for region in self.sheet.regions for record in region.records)
        return ", ".join(dict.fromkeys(kind_name(kind) for kind in kinds)).capitalize()


def worksheet_groups(
    layout: Layout,
    grids: Sequence[Grid],
    checked: CheckedLayout,
    *,
    unsettled: Sequence[LayoutFinding],
) -> list[WorksheetGroup]:
    """Return all worksheets in their order, those that one choice is about together.

    `unsettled` is what of the findings somebody has to settle.
    """
    members: dict[object, list[Grid]] = {}
    for alike in worksheets_alike(grids):
        for grid in alike:
            sheet = sheet_layout_of(layout, grid.title)
            is_alone = sheet is None or sheet.ignore is not None
            key: object = (sheet is None, alike[0].title) if is_alone else id(sheet)
            members.setdefault(key, []).append(grid)
    groups = [
        _group(tuple(group), sheet_layout_of(layout, group[0].title), checked, unsettled)
        for group in members.values()
    ]
    positions = {grid.title: at for at, grid in enumerate(grids)}
    return sorted(groups, key=lambda group: positions[group.title])


def _group(
    grids: tuple[Grid, ...],
    sheet: SheetLayout | None,
    checked: CheckedLayout,
    unsettled: Sequence[LayoutFinding],
) -> WorksheetGroup:
    titles = {grid.title for grid in grids}
    findings = [finding for finding in checked.findings if finding.worksheet in titles]
    rows = [row for row in checked.applied.rows if row.worksheet in titles]
    return WorksheetGroup(
        grids=grids,
        sheet=sheet,
        counts=Counter(row.kind for row in rows),
        unsettled=tuple(finding for finding in findings if finding in unsettled),
        faults=tuple(finding for finding in findings if finding not in unsettled),
    )


def shape_of(sheet: SheetLayout) -> OfferedShape | None:
    """Return which of the shapes that are offered a worksheet is declared as."""
    if len(sheet.regions) != 1:
        return None
    records = sheet.regions[0].records
    kinds = tuple(record.into for record in records)
    is_matrix = sheet.regions[0].marks is not None
    for offered in OFFERED_SHAPES:
        if offered.kinds == kinds and offered.is_matrix == is_matrix:
            return offered
    return None


def kind_name(kind: str) -> str:
    """Return what people call things of a kind."""
    if kind == HELPER:
        return "details of others"
    if kind == CUSTOM:
        return "rows to quote"
    return SHEET_NAMES[EntityKind(kind)].replace("bundles", "types")


def counted_things(counts: Mapping[str, int]) -> str:
    """Say how many things there are of each kind: `9 types, 37 fields`."""
    kinds = sorted(counts, key=KINDS.index)
    return ", ".join(
        f"{counts[kind]} {things_word(kind, counts[kind])}" for kind in kinds if counts[kind]
    )


def things_word(kind: str, count: int) -> str:
    """Return what people call so many things of a kind."""
    name = kind_name(kind)
    return name.replace("rows ", "row ").removesuffix("s") if count == 1 else name
