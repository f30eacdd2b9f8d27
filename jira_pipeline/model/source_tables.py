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
    EntityKind.RESPONSIVE_IMAGE_STYLE: "responsive image styles",
    EntityKind.VIEW_MODE: "view modes",
    EntityKind.USER_ROLE: "user roles",
    EntityKind.WORKFLOW: "workflows",
    EntityKind.WORKFLOW_STATE: "workflow states",
    EntityKind.WORKFLOW_TRANSITION: "workflow transitions",
    EntityKind.MIGRATION: "migrations",
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
    """What sentences about a session call that which it was made of."""

    SHEETS = "sheets"
    PACKAGES = "packages"

    @property
    def one(self) -> str:
        return self.value.removesuffix("s")

    @property
    def parts(self) -> str:
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
    """The cells that those of one row of a table were copied from."""

    sheet: str
    row: int
    columns: Mapping[str, int]
    """Of cells that were copied as they are: where they are in that row; blank ones may be among them."""
    others: Mapping[str, tuple[CopiedCell, ...]]
    """Of cells that were taken from elsewhere, from several, or in part."""

    def cells(self, column: str) -> tuple[CopiedCell, ...]:
        """Return the cells that one of its cells was copied from; none where it is constant or blank."""
        if column in self.columns:
            return (CopiedCell(sheet=self.sheet, row=self.row, column=self.columns[column]),)
        return self.others.get(column, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """One recognised sheet: one row per described thing, separators left out."""

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
    """Of each row, where a layout read it, the cells that its own were copied from."""
    is_declared: bool = False
    """People said what its columns mean: their worksheets may say more of its things elsewhere."""

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

    def by_column(self) -> dict[str, tuple[str, ...]]:
        """Return what its rows have in each column; nothing where it has no rows."""
        return dict(
            zip(self.columns, zip(*(row.cells for row in self.rows), strict=True), strict=False)
        )


def with_own_names(tables: Sequence[SourceTable]) -> list[SourceTable]:
    """Return the tables, each with a name that no other has; a session keeps them by name.

    A table may be called like one that is made of the rows above it, and components alike but for
    what is replaced in their names.
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
    """Everything `read_folder` found; usable only when no finding is an error."""

    tables: tuple[SourceTable, ...]
    """Sorted by kind in the order of `EntityKind`, then by file name."""
    findings: tuple[Finding, ...]
    """Sorted as `sorted_findings` does."""
    file_hashes: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of every file that was read by a layout, by name: of those without a table, too."""
    needs_layout: bool = False
    """Something is left to settle about the layout of its worksheets, named by findings; the tables
    are what could be read."""
