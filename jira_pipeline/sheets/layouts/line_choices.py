"""What a layout becomes where lines say something of the rows below them: a name, a kind, a status.

Belongs here: the parts of such a line, lines below one header and lines that begin blocks with their
own. Does not: which lines are offered (`line_offers`), other rules for rows (`row_choices`).
"""

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import replace
from enum import StrEnum
from typing import assert_never

from jira_pipeline.drupal.columns import columns_of, label_column_of, owner_column_of
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import SetLabels, SetLines
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import takes_cells
from jira_pipeline.sheets.layouts.header_rows import HeaderRows
from jira_pipeline.sheets.layouts.layout import (
    Heading,
    Layout,
    Per,
    Region,
    RemarkRows,
    RowRule,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import (
    changed,
    declared_sheet,
    grid_called,
    grids_of_sheet,
    sheets_with_table,
)
from jira_pipeline.sheets.layouts.named_cells import cells_of
from jira_pipeline.sheets.layouts.record_drafts import (
    RecordDraft,
    columns_by_dictionary,
    draft_of,
    keep_value,
    note_column,
)
from jira_pipeline.sheets.layouts.row_rules import is_meant
from jira_pipeline.sheets.layouts.table_headers import NamedColumn, letters_name
from jira_pipeline.sheets.layouts.table_shapes import with_derived_cells
from jira_pipeline.sheets.layouts.texts import NUMBER, normal, normals, template_of

LABEL_CELLS_COUNT = 2
"""In the row of a label: itself and its value."""


class LinePart(StrEnum):
    """What a part of a line says; a part without a name, `{}`, says nothing."""

    NAME = "name"
    KIND = "kind"
    MACHINE_NAME = "machine_name"
    STATUS = "status"
    DESCRIPTION = "description"
    """It is in the row right below the line, or in a further cell of it."""
    QUOTED = "quoted"
    """A further cell of the line is a note."""


PARTS: Mapping[LinePart, str] = {
    LinePart.NAME: "the name",
    LinePart.KIND: "the kind",
    LinePart.MACHINE_NAME: "the machine name",
    LinePart.STATUS: "how far it is",
    LinePart.DESCRIPTION: "the description",
    LinePart.QUOTED: "a note",
}
"""What people are told of each."""


def line_parts(line: str) -> tuple[LinePart, ...]:
    """Return what the parts of a line say.

    Raises:
        WrongUseError: It has none, or one that nobody knows.
    """
    try:
        names = [name for name in template_of(line).names if name not in {"", NUMBER}]
    except ValueError as error:
        raise WrongUseError(f"{error}.") from error
    of_cells = {LinePart.DESCRIPTION, LinePart.QUOTED}
    known = [part.value for part in LinePart if part not in of_cells]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        offered = ", ".join(f"{{{name}}}" for name in known)
        what = f"has “{{{unknown[0]}}}”" if unknown else "has no part"
        raise WrongUseError(
            f"“{line}” {what}: a line says {offered}; {{#}} stands for a number, and {{}} for what "
            "is left over."
        )
    return tuple(map(LinePart, names))


def columns_of_line(kind: str, *, has_owner: bool) -> Mapping[LinePart, str]:
    """Return which column of things of a kind each part of a line is.

    `has_owner` is whether the line names what these things belong to, and not the things themselves.
    """
    names = {column.name for column in columns_of(kind)}
    owner = owner_column_of(kind)
    columns: dict[LinePart, str | None] = {LinePart.STATUS: STATUS_COLUMN}
    if has_owner and owner is not None:
        columns[LinePart.NAME] = owner.name
        columns[LinePart.KIND] = "Bundle type"
        columns[LinePart.MACHINE_NAME] = "View ID" if "View ID" in names else "Bundle machine name"
    else:
        columns[LinePart.NAME] = label_column_of(kind)
        columns[LinePart.KIND] = "Type"
        columns[LinePart.MACHINE_NAME] = MACHINE_NAME_COLUMN
        columns[LinePart.DESCRIPTION] = "Description"
        columns[LinePart.QUOTED] = note_column(kind)
    return {part: name for part, name in columns.items() if name in names}


def with_lines_or_labels(
    layout: Layout, grids: Sequence[Grid], choice: SetLines | SetLabels
) -> tuple[SheetLayout, ...]:
    match choice:
        case SetLines():
            return _with_lines(layout, grids, choice)
        case SetLabels():
            return _with_labels_above(layout, grids, choice)
        case _:
            assert_never(choice)


def _with_lines(layout: Layout, grids: Sequence[Grid], choice: SetLines) -> tuple[SheetLayout, ...]:
    """Let lines say something of the rows below, down to the next such line."""
    chosen = declared_sheet(layout, choice.worksheet)
    parts = (*line_parts(choice.line), *map(LinePart, choice.further_parts))
    alike = grids_of_sheet(layout, grids, chosen)
    rule = _rule_of_lines(choice)
    if not any(True for grid in alike for _ in _lines_in(grid, rule)):
        raise WrongUseError(f"No line of “{choice.worksheet}” looks like “{choice.line}”.")

    def with_lines(region: Region) -> Region:
        return _region_with_lines(region, alike, rule, _columns_of_parts(region, choice, parts))

    return sheets_with_table(layout, choice.worksheet, choice.table, with_lines)


def with_lines_of(region: Region, before: Region, grids: Sequence[Grid]) -> Region:
    """Return a table that is said anew with the lines of what was said before, as far as they fit."""
    # Lines between the rows may begin the blocks of the table now: they are no headings then.
    rules = [
        RowRule.model_validate(heading.model_dump(exclude_unset=True, by_alias=True))
        for heading in before.headings
    ]
    rules += [before.begins] if before.begins is not None else []
    for rule in rules:
        parts = [part for part in LinePart if part in rule.part_names]
        is_alone = len(region.records) == 1
        has_owner = is_alone and owner_column_of(region.records[0].into) is not None
        columns = dict(columns_of_line(region.records[0].into, has_owner=has_owner))
        if is_alone and not has_owner:
            columns.pop(LinePart.NAME, None)  # its rows belong to nothing that a line could name
        values = _values_of_parts(before)
        fitting: dict[str, tuple[Value, ...]] = {}
        for part in parts:
            if part in columns and part in values:
                fitting[columns[part]] = (values[part],)
        is_there = any(True for grid in grids for _ in _lines_in(grid, rule))
        if fitting and is_there:
            region = _region_with_lines(region, grids, rule, fitting)
    return region


def _values_of_parts(region: Region) -> Mapping[LinePart, Value]:
    """Return what a table takes of each part of its lines."""
    values: dict[LinePart, Value] = {}
    for value in region.all_values:
        for part in LinePart:
            if value.heading == part.value:
                values.setdefault(part, value)
    return values


def _rule_of_lines(choice: SetLines) -> RowRule:
    fields: dict[str, object] = {"like": choice.line}
    if choice.further_parts:
        fields["further_parts"] = choice.further_parts
        fields["filled"] = 1 + len(choice.further_parts)
        looks, _, fill = choice.bar_sign.partition(":")
        if fill:
            fields["fill"] = fill
        elif looks:
            fields["after_blank"] = True
    elif choice.alone:
        fields["alone"] = True
    if choice.is_first:
        fields["after_alone"] = False
    if choice.has_description:
        fields["below"] = LinePart.DESCRIPTION.value
    return RowRule.model_validate(fields)


def _columns_of_parts(
    region: Region, choice: SetLines, parts: Sequence[LinePart]
) -> dict[str, tuple[Value, ...]]:
    """Return which columns of the first record of a table the parts of lines are."""
    columns = columns_of_line(region.records[0].into, has_owner=_names_owner(region, parts))
    values: dict[str, tuple[Value, ...]] = {}
    for part in parts:
        if part not in columns:
            raise WrongUseError(f"The rows of the table have nothing that {{{part}}} could say.")
        fields: dict[str, object] = {"heading": part.value}
        if part is LinePart.KIND and choice.kinds:
            fields["words"] = choice.kinds
        if part is LinePart.KIND and choice.kind_before:
            fields["otherwise"] = choice.kind_before
        values[columns[part]] = (Value.model_validate(fields),)
    if choice.has_description and LinePart.DESCRIPTION in columns:
        values[columns[LinePart.DESCRIPTION]] = (Value(heading=LinePart.DESCRIPTION.value),)
    return values


def _names_owner(region: Region, parts: Sequence[LinePart]) -> bool:
    """Tell whether a line is about what the rows belong to, which another table lists."""
    return len(region.records) == 1 and _has_owner(region.records[0].into, parts)


def _with_labels_above(
    layout: Layout, grids: Sequence[Grid], choice: SetLabels
) -> tuple[SheetLayout, ...]:
    """Let labels above a table say what its rows belong to, beginning with one of them."""
    chosen = declared_sheet(layout, choice.worksheet)
    grid = grid_called(grids, choice.worksheet)
    columns = grid.rows.get(choice.row - 1, ())
    if len(columns) != LABEL_CELLS_COUNT:
        raise WrongUseError(f"Row {choice.row} of “{choice.worksheet}” is no label with its value.")
    label = grid[choice.row - 1, columns[0]].text
    begins = RowRule(column=letters_name(columns[0]), texts=(label,))
    alike = grids_of_sheet(layout, grids, chosen)

    def with_labels(region: Region) -> Region:
        if len(region.records) == 1:
            raise WrongUseError(
                "The table lists things that belong to nothing which labels describe."
            )
        return _region_in_blocks(region, alike, begins)

    return sheets_with_table(layout, choice.worksheet, choice.table, with_labels)


def _region_in_blocks(region: Region, grids: Sequence[Grid], begins: RowRule) -> Region:
    """Return a table each block of which begins with a row, and has labels down to its header."""
    placed = changed(region, begins=begins, repeats=True)
    labels: dict[str, None] = {}
    for grid in grids:
        labels |= dict.fromkeys(_labels(grid, placed))
    outer = replace(draft_of(region.records[0]), other_fields={"per": Per.BLOCK})
    outer = _with_labels(outer, [*labels])
    records = (outer.built(), *region.records[1:])
    return with_derived_cells(changed(placed, pairs=tuple(labels), records=records))


def _lines_in(grid: Grid, rule: RowRule) -> Iterator[int]:
    for row, columns in grid.rows.items():
        if is_meant(rule, grid, row, {}, columns):
            yield row


def _region_with_lines(
    region: Region,
    grids: Sequence[Grid],
    rule: RowRule,
    columns: Mapping[str, tuple[Value, ...]],
) -> Region:
    """Return a table in which lines say some columns of the things below, or of what these are of."""
    outer = draft_of(region.records[0])
    has_inner = len(region.records) > 1
    if not _is_below_header(region, grids, rule):
        outer.columns.update(columns)
        named = changed(region, records=(outer.built(), *region.records[1:]))
        if has_inner:
            return _region_in_blocks(named, grids, rule)
        return with_derived_cells(changed(named, begins=rule, repeats=True))
    heading = Heading.model_validate(rule.model_dump(exclude_unset=True, by_alias=True))
    drafts = [outer, *map(draft_of, region.records[1:])]
    label = label_column_of(outer.kind) or ""
    if has_inner and label in columns:
        drafts[0] = RecordDraft(
            kind=outer.kind,
            columns={**_columns_without_rows(outer), **columns},
            other_fields={"per": Per.HEADING, "needs": (label,)},
        )
    else:
        outer.columns.update(columns)
    remarks = region.remarks
    if rule.below is not None and not has_inner:
        remarks = (*remarks, RemarkRows(alone=True, after_alone=True))
    _keep_values(drafts[-1], _values_gone(region, drafts))
    placed = changed(
        region,
        headings=_with_heading(region.headings, heading),
        # What was said of any lone row before does not hold for these lines.
        skip=tuple(other for other in region.skip if not _is_of_same_rows(other, rule)),
        remarks=tuple(other for other in remarks if not _is_of_same_rows(other, rule)),
        records=tuple(draft.built() for draft in drafts),
    )
    return with_derived_cells(placed)


def _is_of_same_rows(other: RowRule, rule: RowRule) -> bool:
    """Tell whether a rule is of any row with one filled cell, and so are lines that say a name alone."""
    is_any_line = rule.template is not None and not any(rule.template.texts)
    is_of_any = other.alone is True and not (other.compares_text or other.after_alone)
    return is_any_line and rule.alone is True and is_of_any


def _with_heading(headings: Sequence[Heading], heading: Heading) -> tuple[Heading, ...]:
    """Return headings with one more; a line with a name ends none that says the kind of several."""
    others = [other for other in headings if other.like != heading.like]
    together = [*others, heading]
    return tuple(sorted(together, key=_names_something))


def _names_something(heading: Heading) -> bool:
    return LinePart.NAME in heading.part_names


def _columns_without_rows(draft: RecordDraft) -> dict[str, tuple[Value, ...]]:
    """Return what lines say of a record, or somebody of all of them."""
    columns: dict[str, tuple[Value, ...]] = {}
    for name, values in draft.columns.items():
        is_stated = all(value.heading is not None or value.is_constant for value in values)
        if is_stated:
            columns[name] = values
    return columns


def _values_gone(region: Region, drafts: Sequence[RecordDraft]) -> Iterator[Value]:
    """Yield what was taken of headers of a table, and no longer is."""
    for header in cells_of(region):
        is_taken = any(takes_cells(draft, header) for draft in drafts)
        is_left_out = normal(header.name) in normals([*region.unused])
        if not header.is_label and not is_taken and not is_left_out:
            yield Value(column=header.name)


def _keep_values(draft: RecordDraft, values: Iterator[Value]) -> None:
    for value in values:
        keep_value(draft, value)


def _has_owner(kind: str, parts: Sequence[LinePart]) -> bool:
    """Tell whether a line is about what the rows belong to; types belong to nothing."""
    owner = owner_column_of(kind)
    if owner is None and LinePart.NAME in parts:
        raise WrongUseError("The rows of the table belong to nothing that a line could name.")
    return owner is not None


def _is_below_header(region: Region, grids: Sequence[Grid], rule: RowRule) -> bool:
    """Tell whether one header counts for the rows below several lines; else each block has its own.

    A line above that header is a title, and one with no row below it says nothing of any. Where each
    worksheet has a line above its header and at most one below, it is the one above that names something.
    """
    below_counts: list[int] = []
    are_all_above = True
    for grid in grids:
        headers = HeaderRows(region, grid, grid.rows)
        header_rows = [row for row in grid.rows if headers.needed and headers.is_header(row)]
        if len(header_rows) != 1:
            continue
        lines = [*_lines_in(grid, rule)]
        are_all_above = are_all_above and bool(lines) and lines[0] < header_rows[0]
        below = [line for line in lines if line > header_rows[0]]
        below_counts.append(_count_with_rows_below(grid, {*below}))
    most = max(below_counts, default=0)
    # A line of several cells below the header is no remark, so that each begins something.
    is_name_above = are_all_above and LinePart.NAME in rule.part_names and not rule.further_parts
    return most > 1 or (most == 1 and not is_name_above)


def _count_with_rows_below(grid: Grid, lines: AbstractSet[int]) -> int:
    """Return how many lines have rows with several cells below them, above the next line."""
    count = 0
    is_below_line = False
    for row, columns in grid.rows.items():
        if row in lines:
            is_below_line = True
        elif is_below_line and len(columns) > 1:
            count += 1
            is_below_line = False
    return count


def _with_labels(outer: RecordDraft, labels: Sequence[str]) -> RecordDraft:
    """Return what a block describes with the labels between its line and its header."""
    named = [NamedColumn(at, label, label, "") for at, label in enumerate(labels)]
    for name, values in columns_by_dictionary(outer.kind, named).items():
        outer.columns.setdefault(name, tuple(Value(pair=value.column) for value in values))
    used = {value.pair for values in outer.columns.values() for value in values}
    for label in labels:
        if label not in used:
            keep_value(outer, Value(pair=label))
    return outer


def _labels(grid: Grid, region: Region) -> Iterator[str]:
    """Yield the labels between the line that a block begins with and its header."""
    headers = HeaderRows(region, grid, grid.rows)
    last_header = max(filter(headers.is_header, grid.rows), default=-1)
    is_in_block = False
    for row, columns in grid.rows.items():
        if row > last_header:
            return  # what begins below it has no header that labels could be above
        is_begin = region.begins is not None and is_meant(region.begins, grid, row, {}, columns)
        is_in_block = is_in_block or is_begin
        if is_begin and len(columns) != LABEL_CELLS_COUNT:
            continue
        if headers.is_header(row):
            is_in_block = False
        elif is_in_block and len(columns) == LABEL_CELLS_COUNT:
            yield grid[row, columns[0]].text
