"""Things that are described above a table, in words with their values: `Machine name | course`.

Belongs here: such a block as a row of the sheet that lists things like it. Does not: where blocks
and tables begin (`layouts`), which rows belong to the thing (`owners`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from jira_pipeline.model.columns import MACHINE_NAME_COLUMN, owner_column_of
from jira_pipeline.model.entities import (
    EntityKind,
    SourceRow,
    SourceTable,
    containing_file,
    part_name,
    sheet_title,
    whole_sheet,
)
from jira_pipeline.model.findings import Finding
from jira_pipeline.sheets.reading.cells import says_nothing
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.csv_files import unnamed
from jira_pipeline.sheets.reading.labels import bundle_type_of, folded
from jira_pipeline.sheets.reading.layouts import titles_above
from jira_pipeline.sheets.reading.sheets import (
    SHEET_RULES,
    SheetRule,
    canonical_columns,
    is_word_of_headers,
    rule_called,
    rule_of,
)

_PAIR = 2
_COLUMNS_MIN = 2
_OF_VIEWS = frozenset({EntityKind.VIEW, EntityKind.VIEW_DISPLAY})


def pairs_of(rows: Sequence[SourceRow]) -> list[tuple[SourceRow, str, str]]:
    """Return the rows that are a word and its value."""
    filled = ((row, [cell for cell in row.cells if cell]) for row in rows)
    return [(row, cells[0], cells[1]) for row, cells in filled if len(cells) == _PAIR]


def with_described(
    tables: Sequence[SourceTable],
) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables, and what blocks above them describe as rows of the sheets that list it.

    A thing that such a sheet has already gets the columns that its row leaves blank.
    """
    read, findings = _without_blocks_of_views(tables)
    for table in tuple(read):
        owner = owner_column_of(table.file.sheet)
        rule = None if owner is None else rule_of(EntityKind(owner.names))
        if rule is None or not (pairs := pairs_of(table.above)):
            continue
        names = canonical_columns(rule, [word for _, word, _ in pairs])
        cells = {name: value for name, (_, _, value) in zip(names, pairs, strict=True)}
        if not {rule.label_column, MACHINE_NAME_COLUMN} & cells.keys():
            continue
        citations = Citations(table.file.name)
        rows = ((at, _row_of(_by_name(each, rule), rule, cells)) for at, each in enumerate(read))
        at, row = next(((at, row) for at, row in rows if row is not None), (0, None))
        if row is None:
            read.append(_table_of(table, rule, cells, pairs[0][0]))
            where = f"a row of {read[-1].file.sheet_name}"
        else:
            read[at] = _completed(read[at], {id(row): cells})
            where = f"line {row.line} of {sheet_title(read[at].file.name)}, which it completes"
        citations.inform(
            "block_read",
            f"Lines {pairs[0][0].line} to {pairs[-1][0].line} describe "
            f"“{cells.get(rule.label_column) or cells[MACHINE_NAME_COLUMN]}”; they were read as {where}.",
            "Nothing to do, unless they describe something else.",
            row=pairs[0][0],
        )
        findings.extend(citations.findings)
    return _with_shared_blocks(read), findings


def _without_blocks_of_views(
    tables: Sequence[SourceTable],
) -> tuple[list[SourceTable], list[Finding]]:
    """Leave out sheets with a block of tables for each view; say how to write them down."""
    blocks = {
        whole_sheet(table.file.name): table.header_line
        for table in tables
        if _is_pivoted(table)
        or (table.file.sheet is EntityKind.VIEW_DISPLAY and pairs_of(table.above))
    }
    kept = [table for table in tables if whole_sheet(table.file.name) not in blocks]
    return kept, [_cite_layout(name, line) for name, line in blocks.items()]


def _is_pivoted(table: SourceTable) -> bool:
    """Tell whether a sheet called like views has a column for each, and a row for each setting."""
    titles = (*titles_above(table.above), sheet_title(table.file.name))
    called = [rule_called(title, SHEET_RULES) for title in titles]
    is_of_views = any(rule is not None and rule.kind in _OF_VIEWS for rule in called)
    is_unnamed = table.columns[0] == unnamed(0) and len(table.columns) > _COLUMNS_MIN
    return table.file.sheet is EntityKind.CUSTOM and is_of_views and is_unnamed


def _cite_layout(file: str, line: int) -> Finding:
    citations = Citations(file)
    citations.error(
        "views_in_blocks",
        "Each view is described in a block or column of its own; this layout is not read.",
        "Write one row for each view (View name, Machine name, Base table, Description) in a sheet "
        "Views, and one for each display (View, Title, Machine name, Display plugin, Path, Filters, "
        "Sort, Items per page) in a sheet Displays; the command `sheets --blank FILE.xlsx` writes "
        "both. Or hide or delete the sheet: then no ticket is about its views.",
        line=line,
    )
    return citations.findings[0]


def with_completed(tables: Sequence[SourceTable]) -> tuple[list[SourceTable], list[Finding]]:
    """Have a list of things that another list of the workbook has too complete its rows.

    Only where it has other columns, and contradicts no cell; else both stay.
    """
    read: list[SourceTable] = []
    findings: list[Finding] = []
    for table in tables:
        rule = rule_of(table.file.sheet)
        at = None if rule is None else _completed_by(table, rule, read)
        if rule is None or at is None:
            read.append(table)
            continue
        named = _by_name(read[at], rule)
        found = ((_row_of(named, rule, cells), cells) for cells in _cells_of(table))
        read[at] = _completed(read[at], {id(row): cells for row, cells in found})
        citations = Citations(table.file.name)
        citations.inform(
            "list_completes",
            f"Its {len(table.rows)} rows are about things that {sheet_title(read[at].file.name)} "
            "lists; what those rows leave blank was taken from here.",
            "Nothing to do, unless these are other things of the same name.",
            line=table.header_line,
        )
        findings.extend(citations.findings)
    return read, findings


def _completed_by(table: SourceTable, rule: SheetRule, others: Sequence[SourceTable]) -> int | None:
    """Return where the list is that a table completes: in its workbook, with all of its things."""
    for at, other in enumerate(others) if rule.kind in _LISTED and table.rows else ():
        is_same_file = containing_file(other.file.name) == containing_file(table.file.name)
        has_new = not {*table.columns} <= {*other.columns}
        if not (is_same_file and has_new and other.file.sheet is rule.kind):
            continue
        named = _by_name(other, rule)
        rows = [_row_of(named, rule, cells) for cells in _cells_of(table)]
        is_each_once = len({*map(id, rows)}) == len(rows)
        if is_each_once and all(map(partial(_agree, other), rows, _cells_of(table))):
            return at
    return None


def _cells_of(table: SourceTable) -> list[dict[str, str]]:
    return [dict(zip(table.columns, row.cells, strict=True)) for row in table.rows]


_LISTED = frozenset({EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.USER_ROLE})


def _agree(table: SourceTable, row: SourceRow | None, cells: dict[str, str]) -> bool:
    """Tell whether a row is there, and no cell of it says something else."""
    own = {} if row is None else dict(zip(table.columns, row.cells, strict=True))
    both = [(own[n], c) for n, c in cells.items() if n in own and n != "Type"]
    return row is not None and all(
        says_nothing(one) or says_nothing(other) or folded(one) == folded(other)
        for one, other in both
    )


def _with_shared_blocks(tables: Sequence[SourceTable]) -> list[SourceTable]:
    """Have a block count for the tables below it that have none, up to the next one."""
    blocks: dict[tuple[str, str], tuple[SourceRow, ...]] = {}
    lines = {id(table): table.header_line for table in tables}
    found = {}
    for table in sorted(tables, key=lambda each: (each.file.name, lines[id(each)])):
        owner = owner_column_of(table.file.sheet)
        key = (whole_sheet(table.file.name), "" if owner is None else owner.names)
        pairs = tuple(row for row, word, _ in pairs_of(table.above) if is_word_of_headers(word))
        above = table.above if pairs or owner is None else (*blocks.get(key, ()), *table.above)
        blocks[key] = pairs or blocks.get(key, ())
        found[id(table)] = replace(table, above=above)
    return [found[id(table)] for table in tables]


_Named: TypeAlias = Mapping[tuple[str, str], Sequence[tuple[SourceRow, Mapping[str, str]]]]
"""Rows with their cells, by a column and the name in it."""


def _by_name(table: SourceTable, rule: SheetRule) -> _Named:
    """Return the rows of a table by machine name and by label; none where it lists other things."""
    named: dict[tuple[str, str], list[tuple[SourceRow, Mapping[str, str]]]] = {}
    for row in table.rows if table.file.sheet is rule.kind else ():
        cells = dict(zip(table.columns, row.cells, strict=True))
        for column in {MACHINE_NAME_COLUMN, rule.label_column} & cells.keys():
            if name := folded(cells[column]):
                named.setdefault((column, name), []).append((row, cells))
    return named


def _row_of(named: _Named, rule: SheetRule, cells: Mapping[str, str]) -> SourceRow | None:
    """Return the row that names the same thing, by machine name, else by label."""
    wanted = bundle_type_of(cells.get("Type", ""))

    def is_of_type(own: Mapping[str, str]) -> bool:
        return wanted is None or "Type" not in own or bundle_type_of(own["Type"]) is wanted

    for column in (MACHINE_NAME_COLUMN, rule.label_column):
        alike = named.get((column, folded(cells.get(column, ""))), ())
        rows = [row for row, own in alike if is_of_type(own)]
        if len(rows) == 1:
            return rows[0]
    return None


def _completed(table: SourceTable, found: Mapping[int, Mapping[str, str]]) -> SourceTable:
    """Return the table with cells that some of its rows leave blank, in new columns where it has none."""
    names = dict.fromkeys(name for cells in found.values() for name in cells)
    new = tuple(name for name in names if name not in table.columns)
    columns = (*table.columns, *new)

    def completed(each: SourceRow) -> SourceRow:
        own, cells = (*each.cells, *("" for _ in new)), found.get(id(each), {})
        pairs = zip(columns, own, strict=True)
        return replace(
            each, cells=tuple(cells.get(n, c) if says_nothing(c) else c for n, c in pairs)
        )

    headers = (*table.headers, *new) if table.headers else ()
    rows = tuple(map(completed, table.rows))
    return replace(table, columns=columns, headers=headers, rows=rows)


def _table_of(
    table: SourceTable, rule: SheetRule, cells: dict[str, str], first: SourceRow
) -> SourceTable:
    name = cells.get(rule.label_column) or cells[MACHINE_NAME_COLUMN]
    row = replace(first, cells=(*cells.values(),))
    file = replace(
        table.file,
        name=part_name(whole_sheet(table.file.name), name),
        sheet=rule.kind,
        row_count=1,
    )
    return SourceTable(file=file, columns=(*cells,), rows=(row,), header_line=first.line)
