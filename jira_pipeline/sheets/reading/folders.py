"""Reads a folder of exported sheets into tables.

Belongs here: which files are read, limits on files, two sheets of one kind, lists of what another
sheet may say, the order in which tables are read with the others. Does not: one sheet
(`table_kinds`), what its rows mean (`entities`).
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from jira_pipeline.model.columns import MACHINE_NAME_COLUMN, OWNER_COLUMNS, Holds, columns_holding
from jira_pipeline.model.entities import (
    OTHER_WORKBOOK_SUFFIXES,
    WORKBOOK_SUFFIXES,
    WORKBOOK_SUFFIXES_TEXT,
    EntityKind,
    FolderReading,
    SourceTable,
    containing_file,
    with_own_names,
)
from jira_pipeline.model.errors import system_message
from jira_pipeline.model.findings import Finding, sorted_findings
from jira_pipeline.model.sessions import LOGO_SUFFIXES, ColumnMeanings, OwnerBlank
from jira_pipeline.model.specification_source import LAYOUT_NAMES
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
from jira_pipeline.sheets.reading.labels import split_names
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits
from jira_pipeline.sheets.reading.missing_columns import missing_column_findings
from jira_pipeline.sheets.reading.owners import with_owners
from jira_pipeline.sheets.reading.role_matrices import with_permissions
from jira_pipeline.sheets.reading.sheet_kinds import NO_COLUMNS_MAPPED, header_mapping, normalised
from jira_pipeline.sheets.reading.table_kinds import (
    EXPORT_ADVICE,
    WORKBOOK_STARTS,
    cite_information,
    read_sheet,
    without_mere_likeness,
)
from jira_pipeline.sheets.reading.workbooks import read_workbook

SHEET_SUFFIXES = frozenset({".csv", ".tsv"}) | WORKBOOK_SUFFIXES
_LOCK_PREFIX = "~$"
"""Office keeps such a file beside a workbook that is open."""
_SILENT_NAMES = frozenset({"session.yaml", "session.yml", *LAYOUT_NAMES})
_SILENT_SUFFIXES = frozenset({".md"}) | LOGO_SUFFIXES
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
    files = _folder_contents(path, limits, cited)
    return _reading_of(files, limits, columns, owner_blank, cited)


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """The files of a folder that may hold sheets."""

    contents: Mapping[str, bytes]
    """By name; none where the folder as a whole cannot be read."""
    findings: tuple[Finding, ...]


def files_of_folder(path: Path, limits: ReadingLimits = DEFAULT_LIMITS) -> FolderFiles:
    """Read the files of a folder, or one workbook, within limits; nothing of them is understood yet."""
    cited = CitedFiles()
    contents = _folder_contents(path, limits, cited)
    return FolderFiles(contents=contents, findings=tuple(cited.findings))


def _folder_contents(path: Path, limits: ReadingLimits, cited: CitedFiles) -> Mapping[str, bytes]:
    """Return the bytes of the files that are to be read, by name; say of the others why not."""
    citations = cited.of(None)
    is_workbook = path.suffix.casefold() in WORKBOOK_SUFFIXES and path.is_file()
    folder = path.parent if is_workbook else path
    entries: list[os.DirEntry[str]] = []
    if not folder.is_dir():
        citations.error(
            "folder_missing",
            f"{path.name or path} is not a readable folder.",
            "Name the folder with the exported sheets.",
        )
    else:
        try:
            listed = (e for e in os.scandir(folder) if not is_workbook or e.name == path.name)
            entries = sorted(listed, key=lambda entry: entry.name)
        except OSError as error:
            citations.error(
                "folder_missing",
                f"{path.name or path} cannot be listed: {system_message(error)}.",
                "Check the permissions of the folder.",
            )
    if citations.findings:
        return {}
    sizes: dict[str, int] = {}
    for entry in entries:
        try:
            size = _size_to_read(entry, cited)
        except OSError as error:
            _cite_unreadable(entry.name, error, cited)
            continue
        if size is not None:
            sizes[entry.name] = size
    return _contents(folder, _within_limits(sizes, limits, cited), limits, cited)


def read_files(
    files: Mapping[str, bytes],
    limits: ReadingLimits = DEFAULT_LIMITS,
    *,
    columns: ColumnMeanings = NO_COLUMNS_MAPPED,
    owner_blank: OwnerBlank | None = None,
) -> FolderReading:
    """Read sheets from their bytes, by file name; the order of the files changes nothing."""
    cited = CitedFiles()
    names = _within_limits({name: len(files[name]) for name in files}, limits, cited)
    kept = {name: files[name] for name in names}
    return _reading_of(kept, limits, columns, owner_blank, cited)


def _size_to_read(entry: os.DirEntry[str], cited: CitedFiles) -> int | None:
    """Return the size of a folder's entry if it is to be read; else say why not."""
    name = entry.name.casefold()
    suffix = Path(entry.name).suffix.casefold()
    is_note = suffix in _SILENT_SUFFIXES and not entry.is_symlink()
    if is_note or name in _SILENT_NAMES or name.startswith((".", _LOCK_PREFIX)):
        return None  # manifest, notes, what programs leave
    citations = cited.of(entry.name.encode("utf-8", "replace").decode("utf-8"))
    if citations.file != entry.name:
        citations.error(
            "file_name_invalid",
            "The file name has bytes that are not UTF-8.",
            "Rename the file using plain letters.",
        )
    elif containing_file(entry.name) != entry.name:
        citations.error(
            "file_name_invalid",
            "The file name looks like that of a worksheet in a workbook.",
            "Rename the file without the colon.",
        )
    elif entry.is_symlink():
        citations.error(
            "file_is_link",
            "The entry is a symbolic link; links are never followed.",
            "Put a copy of the file in the folder.",
        )
    elif entry.is_dir():
        citations.warn(
            "folder_ignored", "Subfolders are not read.", "Put all sheets directly in the folder."
        )
    elif not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
        citations.error(
            "file_not_regular",
            "The entry is a device, pipe or socket and cannot be a sheet.",
            "Remove it from the folder.",
        )
    elif suffix in SHEET_SUFFIXES:
        return entry.stat(follow_symlinks=False).st_size
    elif suffix in OTHER_WORKBOOK_SUFFIXES:
        citations.error(
            "file_is_workbook",
            f"The file is a workbook of the kind {suffix}, which is not read.",
            "Save it as .xlsx (Excel workbook) in the spreadsheet program, or export each sheet "
            "as CSV.",
        )
    else:
        citations.warn(
            "file_ignored",
            f"The file is neither a CSV export nor a workbook ({WORKBOOK_SUFFIXES_TEXT}) and was "
            "not read.",
            EXPORT_ADVICE,
        )
    return None


def _within_limits(sizes: Mapping[str, int], limits: ReadingLimits, cited: CitedFiles) -> list[str]:
    """Name the files that may be read, none of them if the folder as a whole is too much."""
    citations = cited.of(None)
    if not sizes:
        citations.error(
            "folder_empty",
            "No sheet was found in the folder.",
            f"Put the sheets into it, or name another folder. {EXPORT_ADVICE}",
        )
    if len(sizes) > limits.files_max_count:
        citations.error(
            "too_many_files",
            f"There are {len(sizes)} sheets; the limit per session is {limits.files_max_count}.",
            "Split the specification, or raise UPLOAD_MAX_FILES.",
        )
    if (total := sum(sizes.values())) > limits.session_max_bytes:
        citations.error(
            "session_too_large",
            f"The sheets have {total:,} bytes; the limit per session is "
            f"{limits.session_max_bytes:,}.",
            "Remove what is not part of the specification, or raise UPLOAD_MAX_SESSION_BYTES.",
        )
    small = [name for name in sorted(sizes) if sizes[name] <= limits.file_max_bytes]
    for name, size in sizes.items():
        if size > limits.file_max_bytes:
            _cite_large(name, size, limits, cited)
    return [] if citations.findings else small


def _cite_large(name: str, size: int, limits: ReadingLimits, cited: CitedFiles) -> None:
    cited.of(name).error(
        "file_too_large",
        f"The file has {size:,} bytes; the limit per sheet is {limits.file_max_bytes:,}.",
        "Remove what is not part of the sheet, or raise UPLOAD_MAX_FILE_BYTES.",
    )


def _contents(
    path: Path, names: Sequence[str], limits: ReadingLimits, cited: CitedFiles
) -> dict[str, bytes]:
    """Read files; one that cannot be read, or grew meanwhile, is an error of its own."""
    files: dict[str, bytes] = {}
    for name in names:
        try:
            with open(
                path / name,
                "rb",
                opener=lambda at, flags: os.open(at, flags | getattr(os, "O_NOFOLLOW", 0)),
            ) as file:  # no link, even if it became one after the folder was listed
                content = file.read(limits.file_max_bytes + 1)
        except OSError as error:
            _cite_unreadable(name, error, cited)
            continue
        if len(content) > limits.file_max_bytes:
            _cite_large(name, len(content), limits, cited)
        else:
            files[name] = content
    return files


def _cite_unreadable(name: str, error: OSError, cited: CitedFiles) -> None:
    cited.of(name).error(
        "file_unreadable",
        f"The file cannot be read: {system_message(error)}.",
        "Check its permissions, and that nobody removed it.",
    )


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
