"""The tables that a specification is read from: files, rows, cells that were copied down.

Belongs here: the values between a file and the entities. Does not: entities (`entities`), reading
files (`sheets/reading`), names of files and worksheets (`sheet_names`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.json_values import json_fields

SHEET_NAMES: Mapping[EntityKind, str] = {
    EntityKind.BUNDLE: "bundles",
    EntityKind.FIELD: "fields",
    EntityKind.VIEW: "views",
    EntityKind.VIEW_DISPLAY: "view displays",
    EntityKind.IMAGE_STYLE: "image styles",
    EntityKind.IMAGE_EFFECT: "image effects",
    EntityKind.RESPONSIVE_IMAGE_STYLE: "responsive image styles",
    EntityKind.VIEW_MODE: "view modes",
    EntityKind.USER_ROLE: "user roles",
    EntityKind.WORKFLOW: "workflows",
    EntityKind.WORKFLOW_STATE: "workflow states",
    EntityKind.WORKFLOW_TRANSITION: "workflow transitions",
    EntityKind.MIGRATION: "migrations",
    EntityKind.MIGRATION_MAPPING: "migration mappings",
    EntityKind.CUSTOM: "custom",
    EntityKind.COMPONENT: "components",
    EntityKind.COMPONENT_ITEM: "component entries",
}


@json_fields("name sheet=sheet_name rows=row_count sha256")
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """Bytes that were recognised as one sheet, or one worksheet of a workbook."""

    name: str
    """What it is cited as: `Spec.xlsx:Fields`, `views.csv · Displays`, `export.zip:form/intake`."""
    file_name: str
    """The file it came in, as it was received: what is copied and opened."""
    sheet: EntityKind
    row_count: int
    """Rows that describe something; separators are not counted."""
    sha256: str
    """Of the file it came in; all worksheets of a workbook share one."""
    size_bytes: int
    encoding: str
    delimiter: str

    @property
    def sheet_name(self) -> str:
        """What people call the sheet."""
        return SHEET_NAMES[self.sheet]


class SourceWord(StrEnum):
    """What sentences call the source of a session: sheets, or export packages of ShareDo."""

    SHEETS = "sheets"
    PACKAGES = "packages"

    @property
    def singular(self) -> str:
        return self.value.removesuffix("s")

    @property
    def parts(self) -> str:
        """What one sheet or package consists of, in the plural."""
        return "rows" if self is SourceWord.SHEETS else "components"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One record of a sheet."""

    line: int
    """First physical line of the record; the header is line 1."""
    record: int
    """Number of the CSV record; the header is record 1."""
    cells: tuple[str, ...]
    """Stripped text, one for each column of the table, in its order."""

    @property
    def texts(self) -> list[str]:
        """Those of its cells that hold something."""
        return [cell for cell in self.cells if cell]

    @property
    def filled_count(self) -> int:
        """How many of its cells hold something."""
        return len(self.cells) - self.cells.count("")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedCell:
    """A cell of a worksheet that a layout copied."""

    sheet: str
    """The worksheet, or the file without its suffix."""
    row: int
    column: int
    """Where it is; the first are 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedRow:
    """Where the cells of one row of a table were copied from, by a layout."""

    sheet: str
    """The worksheet, or the file without its suffix."""
    row: int
    """The row of the worksheet that most of them are in; the first is 0."""
    columns: Mapping[str, int]
    """Columns of the worksheet by column of the table, of cells copied whole from that row."""
    others: Mapping[str, tuple[CopiedCell, ...]]
    """Cells of worksheets by column of the table, of those copied from elsewhere, from several
    cells, or from a part of one."""

    def cells(self, column: str) -> tuple[CopiedCell, ...]:
        """Return the cells that the one in a column was copied from; none: it is constant or blank."""
        if column in self.columns:
            return (CopiedCell(sheet=self.sheet, row=self.row, column=self.columns[column]),)
        return self.others.get(column, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """One recognised sheet: one row for each thing it describes, without separators."""

    file: SourceFile
    columns: tuple[str, ...]
    """Canonical column names for known columns, the header as in the file for others."""
    rows: tuple[SourceRow, ...]
    headers: tuple[str, ...] = ()
    """Headers as in the file, in the order of `columns`, for messages; empty if the same."""
    header_line: int = 1
    """First physical line of the header."""
    headings: tuple[SourceRow, ...] = ()
    """Separators that hold text."""
    above: tuple[SourceRow, ...] = ()
    """Lines between another table and the header: a title, words with their values."""
    copied_from: tuple[CopiedRow, ...] = ()
    """Where the cells of each row were copied from, where a layout read the table; else empty."""
    is_declared: bool = False
    """People said what its columns mean. Their worksheets may say more about its things elsewhere,
    so what no row says is not known to be absent."""

    @property
    def shown_headers(self) -> tuple[str, ...]:
        """Headers as in the file, in the order of `columns`."""
        return self.headers or self.columns

    def positions(self, *names: str) -> list[int]:
        """Return where the columns of some names are."""
        return [at for at, column in enumerate(self.columns) if column in names]

    def cells_of(self, row: SourceRow) -> dict[str, str]:
        """Return the cells of one of its rows by column."""
        return dict(zip(self.columns, row.cells, strict=True))


def with_own_names(tables: Sequence[SourceTable]) -> list[SourceTable]:
    """Return the tables, each with a name that no other has, since a session keeps them by name.

    The second `Roles` becomes `Roles (2)`. Equal names come from a table that is made of the rows
    above another one, and from components whose names differ only in what is replaced in them.
    """
    renamed = []
    names: set[str] = set()
    for table in tables:
        name = table.file.name
        number = 1
        while name in names:
            number += 1
            name = f"{table.file.name} ({number})"
        names.add(name)
        renamed.append(replace(table, file=replace(table.file, name=name)))
    return renamed


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderReading:
    """What was read from a folder of sheets; usable only when no finding is an error."""

    tables: tuple[SourceTable, ...]
    """Sorted by kind in the order of `EntityKind`, then by file name."""
    findings: tuple[Finding, ...]
    """Sorted as `sorted_findings` does."""
    file_hashes: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of every file that was read by a layout, by name: of those without a table, too."""
    needs_layout: bool = False
    """People have to settle something about the layout of its worksheets, which findings name; the
    tables are what could be read without."""
