"""The worksheets of a workbook as a page lists them: which are alike, what each lists, what is read.

Belongs here: groups of worksheets that one choice is about, and names of kinds for people. Does not:
their headers (`header_offers`) and rows (`row_offers`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.source_tables import SHEET_NAMES
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.coverage import LayoutFinding
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    KINDS,
    Layout,
    Record,
    Region,
    SheetLayout,
)
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, needed_columns
from jira_pipeline.sheets.layouts.table_headers import (
    first_shown_header,
    has_headers_of,
    worksheets_alike,
)
from jira_pipeline.sheets.layouts.table_shapes import shape_of


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
    def missing(self) -> tuple[str, ...]:
        """Columns without which nothing can be built, and that no header means."""
        names = (name for region in self.regions for name in _missing_columns(region))
        return tuple(dict.fromkeys(names))

    @property
    def regions(self) -> tuple[Region, ...]:
        return () if self.sheet is None else self.sheet.regions

    @property
    def lists(self) -> str:
        """What they list, for people."""
        if self.sheet is None:
            return ""
        if self.sheet.ignore is not None:
            return "not part of the specification"
        return "; ".join(map(_lists, self.sheet.regions))


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
    first_titles: dict[str, str] = {}
    for group in members.values():
        first_titles |= dict.fromkeys((grid.title for grid in group), group[0].title)
    # Not all that is unsettled is among the findings: known headers have checks of their own.
    unsettled_by_group = group_by(unsettled, lambda finding: first_titles.get(finding.worksheet))
    unsettled_set = frozenset(unsettled)
    faults = [finding for finding in checked.findings if finding not in unsettled_set]
    faults_by_group = group_by(faults, lambda finding: first_titles.get(finding.worksheet))
    counts_by_group: dict[str | None, Counter[str]] = defaultdict(Counter)
    for row in checked.applied.rows:
        counts_by_group[first_titles.get(row.worksheet)][row.kind] += 1
    groups: list[WorksheetGroup] = []
    for group in members.values():
        title = group[0].title
        groups.append(
            WorksheetGroup(
                grids=tuple(group),
                sheet=sheet_layout_of(layout, title),
                counts=counts_by_group[title],
                unsettled=tuple(unsettled_by_group.get(title, ())),
                faults=tuple(faults_by_group.get(title, ())),
            )
        )
    positions = {grid.title: at for at, grid in enumerate(grids)}
    return sorted(groups, key=lambda group: positions[group.title])


def worksheets_to_be_like(
    group: WorksheetGroup, groups: Sequence[WorksheetGroup]
) -> list[WorksheetGroup]:
    """Return declared worksheets that others may be like.

    Those whose headers they have come first; of what is declared itself, no others are offered.
    """
    declared = [other for other in groups if other.regions and other is not group]
    header = _shown_names(group)
    if group.sheet is not None:
        return [other for other in declared if header and _shown_names(other) == header]
    return sorted(declared, key=partial(_unlikeness, group))


def _unlikeness(group: WorksheetGroup, other: WorksheetGroup) -> int:
    """Return how little worksheets look like others of which something is said; 0 is most alike."""
    if _shown_names(group) == _shown_names(other):
        return 0
    has_headers = other.sheet is not None and has_headers_of(other.sheet, group.grids[0])
    return 1 if has_headers else 2


def _shown_names(group: WorksheetGroup) -> Sequence[str]:
    header = first_shown_header(group.grids[0])
    return () if header is None else header.names


def _missing_columns(region: Region) -> Iterator[str]:
    """Yield the columns that the things of a table need and nothing says; names can be chosen later."""
    for record in region.records:
        yield from missing_of_record(record)


def missing_of_record(record: Record) -> Iterator[str]:
    """Yield the columns that what a record lists needs, and that nothing says."""
    for name in needed_columns(record.into):
        values = record.columns.get(name, ())
        if not any(value.text != "" for value in values):
            yield name


def _lists(region: Region) -> str:
    """Say what a table lists."""
    shape = shape_of(region)
    if shape is not None:
        return shape.label
    kinds = dict.fromkeys(kind_name(record.into) for record in region.records)
    return ", ".join(kinds).capitalize()


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
