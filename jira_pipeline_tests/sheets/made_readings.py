"""What is read of sheets, by the names that tests ask for.

Belongs here: reading sheets made by a test, and what can be asked of that. Does not: making
workbooks (`made_workbooks`) or specifications of rows (`made_specifications`).
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from jira_pipeline.model.entities import Entity, EntityKind, Specification
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.model.sheet_names import sheet_title
from jira_pipeline.model.source_tables import FolderReading
from jira_pipeline.sheets.layouts.folder_reading import read_files_by_layout, read_folder_by_layout
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.manifest import parse_manifest
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits
from jira_pipeline.sheets.reading.sheet_kinds import NO_COLUMNS_MAPPED
from jira_pipeline_tests.sheets.made_workbooks import workbook_of

Rows = Sequence[Sequence[str]]
Sheets = Mapping[str, str | bytes | Rows]
MANIFEST = "session.yaml"


def files_of_sheets(sheets: Sheets) -> dict[str, bytes]:
    """Return the files of sheets: texts are CSV files, rows are worksheets of one workbook."""
    texts = {name: text for name, text in sheets.items() if isinstance(text, str | bytes)}
    files = {name: t.encode() if isinstance(t, str) else t for name, t in texts.items()}
    if rows := {n: rows for n, rows in sheets.items() if not isinstance(rows, str | bytes)}:
        files["s.xlsx"] = workbook_of(rows)
    return files


def read_files(
    files: Mapping[str, bytes],
    *,
    limits: ReadingLimits = DEFAULT_LIMITS,
    columns: ColumnMeanings = NO_COLUMNS_MAPPED,
    owner_blank: OwnerBlank | None = None,
) -> FolderReading:
    """Read sheets from their bytes, by file name, without a layout."""
    return read_files_by_layout(
        files, Layout(sheets=()), limits=limits, columns=columns, owner_blank=owner_blank
    )


def read_folder(folder: Path, *, limits: ReadingLimits = DEFAULT_LIMITS) -> FolderReading:
    """Read the sheets of a folder without a layout."""
    return read_folder_by_layout(folder, None, limits=limits)


class Reading:
    """Sheets as they were read: texts are CSV files, rows are worksheets of one workbook.

    What people say of the sheets may be among them, as the text of `session.yaml`.
    """

    def __init__(self, sheets: Sheets) -> None:
        files = files_of_sheets(sheets)
        said = parse_manifest(files.pop(MANIFEST, b""), file_name=MANIFEST)
        self.folder = read_files(files, columns=said.columns, owner_blank=said.owner_blank)

    @cached_property
    def specification(self) -> Specification:
        return self._read[0]

    @cached_property
    def entities(self) -> Sequence[Entity]:
        return self.specification.entities

    @cached_property
    def findings(self) -> Sequence[Finding]:
        return (*self.folder.findings, *self._read[1])

    @cached_property
    def _read(self) -> tuple[Specification, Sequence[Finding]]:
        read = read_entities(self.folder.tables)
        specification = Specification(entities=read.entities, captions=read.captions)
        return specification, read.findings

    def of(self, kind: EntityKind) -> list[Entity]:
        return [entity for entity in self.entities if entity.kind is kind]

    def found(self, code: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.code == code]

    def only(self, code: str) -> Finding:
        (finding,) = self.found(code)
        return finding

    @property
    def kinds(self) -> dict[str, EntityKind]:
        """What each table was taken for, by its title."""
        return {sheet_title(table.file.name): table.file.sheet for table in self.folder.tables}
