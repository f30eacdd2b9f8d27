"""The reader of programs without layouts: a folder of exported sheets into tables, with its guesses.

Belongs here: two sheets of one kind, lists of what another sheet may say, the order in which tables
are read with the others. Does not: one sheet (`table_kinds`), what its rows mean (`entities`), which
files are read (`folder_files`).

Uploads are read by layouts. This serves sessions alone that an older program read, once each.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from jira_pipeline.model.columns import MACHINE_NAME_COLUMN, OWNER_COLUMNS, Holds, columns_holding
from jira_pipeline.model.entities import (
    WORKBOOK_SUFFIXES,
    EntityKind,
    FolderReading,
    SourceTable,
    with_own_names,
)
from jira_pipeline.model.findings import Finding, sorted_findings
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.sheets.reading.bundles_of_fields import with_named_bundles
from jira_pipeline.sheets.reading.captions_and_headings import with_groups, with_rows_put_off
from jira_pipeline.sheets.reading.citations import CitedFiles
from jira_pipeline.sheets.reading.completed_fields import with_fields_alike, with_targets
from jira_pipeline.sheets.reading.completed_things import (
    with_blocks,
    with_second_lists,
    with_terms_and_ways,
)
from jira_pipeline.sheets.reading.csv_files import is_text
from jira_pipeline.sheets.reading.displays_in_views import with_displays, without_blocks_of_views
from jira_pipeline.sheets.reading.folder_files import folder_contents, names_within_limits
from jira_pipeline.sheets.reading.labels import split_names
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits
from jira_pipeline.sheets.reading.missing_columns import missing_column_findings
from jira_pipeline.sheets.reading.owners import with_owners
from jira_pipeline.sheets.reading.role_matrices import with_permissions
from jira_pipeline.sheets.reading.sheet_kinds import NO_COLUMNS_MAPPED, header_mapping, normalised
from jira_pipeline.sheets.reading.table_kinds import (
    WORKBOOK_STARTS,
    cite_information,
    read_sheet,
    without_mere_likeness,
)
from jira_pipeline.sheets.reading.workbooks import read_workbook

Step = Callable[[Sequence[SourceTable], CitedFiles], Iterable[SourceTable]]
"""Reads what tables say beside the cells of rows, or of each other: what they are afterwards."""
_PAIR = 2
_OF_NAMES = frozenset({"ID", MACHINE_NAME_COLUMN, "Field label", *OWNER_COLUMNS})
_OF_SETS = frozenset(columns_holding(Holds.FIELD_TYPE, Holds.FLAG, Holds.COUNT, Holds.BUNDLE_TYPE))
_KIND_ORDER = {kind: position for position, kind in enumerate(EntityKind)}


def read_folder(
    path: Path,
    limits: ReadingLimits = DEFAULT_LIMITS,
    *,
    columns: ColumnMeanings = NO_COLUMNS_MAPPED,
    owner_blank: OwnerBlank | None = None,
) -> FolderReading:
    """Read every sheet of a folder; whatever is wrong is among the findings, all of it.

    The path of a workbook is read like a folder that holds nothing else. `columns` are headers
    used in place of usual columns, and `owner_blank` is what rows belong to that do not say it, as
    `session.yaml` says.
    """
    cited = CitedFiles()
    files = folder_contents(path, limits, cited)
    return _reading_of(files, limits, columns, owner_blank, cited)


def read_files(
    files: Mapping[str, bytes],
    limits: ReadingLimits = DEFAULT_LIMITS,
    *,
    columns: ColumnMeanings = NO_COLUMNS_MAPPED,
    owner_blank: OwnerBlank | None = None,
) -> FolderReading:
    """Read sheets from their bytes, by file name; the order of the files changes nothing."""
    cited = CitedFiles()
    names = names_within_limits({name: len(files[name]) for name in files}, limits, cited)
    kept = {name: files[name] for name in names}
    return _reading_of(kept, limits, columns, owner_blank, cited)


def _reading_of(
    files: Mapping[str, bytes],
    limits: ReadingLimits,
    columns: ColumnMeanings,
    owner_blank: OwnerBlank | None,
    cited: CitedFiles,
) -> FolderReading:
    """Read files into tables; what was found before is cited already."""
    read_with = partial(_tables_of, files, limits, owner_blank)
    tables, findings = read_with(columns)
    missing, unknown = missing_column_findings(
        (tables, findings), mapped=columns, read_with=read_with
    )
    return FolderReading(
        tables=tuple(tables),
        findings=sorted_findings([*cited.findings, *findings, *missing]),
        unknown_headers=unknown,
    )


def _tables_of(
    files: Mapping[str, bytes],
    limits: ReadingLimits,
    owner_blank: OwnerBlank | None,
    columns: ColumnMeanings,
) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables of all files, and what was found in them."""
    tables: list[SourceTable] = []
    findings: list[Finding] = []
    cited = CitedFiles()
    for name in sorted(files):
        is_so_called = Path(name).suffix.casefold() in WORKBOOK_SUFFIXES
        content = files[name]
        if is_so_called and (content.startswith(WORKBOOK_STARTS) or not is_text(content)):
            read, about_file = read_workbook(content, file=name, limits=limits, columns=columns)
        else:
            read, about_file = read_sheet(content, file=name, limits=limits, columns=columns)
            if is_so_called:
                cited.of(name).inform(
                    "file_is_text",
                    "The file has the name of a workbook and is text; it was read as a CSV export.",
                    "Rename it to .csv: spreadsheet programs may refuse to open it.",
                )
        tables.extend(read)
        findings.extend(about_file)

    kind_as_read = {table.file.name: table.file.sheet for table in tables}
    steps: tuple[Step, ...] = (
        partial(_with_legends, mapped=columns),
        partial(with_owners, owner_blank=owner_blank, are_types=True),
        with_rows_put_off,
        with_fields_alike,
        with_second_lists,
        with_displays,
        with_groups,
        without_blocks_of_views,
        with_blocks,
        with_permissions,
        partial(with_terms_and_ways, is_filled=owner_blank is not None),
        with_named_bundles,
        with_targets,
        partial(with_owners, owner_blank=owner_blank),
        without_mere_likeness,
    )
    for step in steps:
        tables.sort(key=lambda table: _KIND_ORDER[table.file.sheet])  # owners first
        tables = [*step(tables, cited)]
    # What was made of a table's rows or headers has its name, too, and gives way to it.
    tables.sort(key=lambda table: kind_as_read.get(table.file.name) is not table.file.sheet)
    tables = with_own_names(tables)
    tables.sort(key=lambda table: (_KIND_ORDER[table.file.sheet], table.file.name))
    return tables, [*findings, *cited.findings]


def _with_legends(
    tables: Sequence[SourceTable], cited: CitedFiles, *, mapped: ColumnMeanings
) -> Iterator[SourceTable]:
    """Yield the tables; the rows of one that lists what cells of fields may say only inform.

    Not where somebody says of a header of its sheet what it is.
    """
    of_fields = [table for table in tables if table.file.sheet is EntityKind.FIELD]
    for table in tables:
        meanings = header_mapping(mapped, file=table.file.name).values()
        is_free = not any(meaning.is_of_sheet for meaning in meanings)
        is_free &= table.file.sheet is EntityKind.CUSTOM
        if not (is_free and any(_lists_values(table, fields) for fields in of_fields)):
            yield table
            continue
        cite_information(
            cited.of(table.file.name),
            name=table.file.name,
            headers=table.shown_headers,
            row_count=len(table.rows),
            line=table.header_line,
        )
        explaining = table.rows if len(table.columns) == _PAIR else ()  # or else lists
        file = replace(table.file, row_count=0)
        headings = (*table.headings, *explaining)
        yield replace(table, file=file, rows=(), headings=headings)


def _lists_values(table: SourceTable, fields: SourceTable) -> bool:
    """Tell whether all columns but one list, once each, what cells of fields below that header say.

    One of them is of a closed set, such as types of fields; none says what rows are or belong to.
    """
    below = {
        normalised(header): {name for row in fields.rows for name in split_names(row.cells[at])}
        for at, (header, column) in enumerate(
            zip(fields.shown_headers, fields.columns, strict=True)
        )
        if column not in _OF_NAMES
    }
    pairs = zip(fields.shown_headers, fields.columns, strict=True)
    closed = {normalised(header) for header, column in pairs if column in _OF_SETS}
    headers = [*map(normalised, table.shown_headers)]
    columns = zip(*(row.cells for row in table.rows), strict=True)
    shared = [
        (below[header], [cell for cell in cells if cell])
        for header, cells in zip(headers, columns, strict=False)
        if header in below
    ]
    return (
        headers[0] in below
        and len(shared) >= len(headers) - 1
        and not closed.isdisjoint(headers)
        and len(table.rows) > 1
        and all(
            len({*listed}) == len(listed) <= 2 * len(said.intersection(listed))
            for said, listed in shared
        )
    )
