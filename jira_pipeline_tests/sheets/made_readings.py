"""What is read of sheets, by the names that tests ask for.

Belongs here: reading sheets made by a test, and what can be asked of that. Does not: making
workbooks (`made_workbooks`) or specifications of rows (`made_specifications`).
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from jira_pipeline.model.entities import Entity, EntityKind, Specification, sheet_title
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.sheets.manifest import parse_manifest
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline_tests.sheets.made_workbooks import workbook_of

Rows = Sequence[Sequence[str]]
Sheets = Mapping[str, str | bytes | Rows]
Expected = Mapping[str, object]


MANIFEST = "session.yaml"


class Reading:
    """Sheets as they were read: texts are CSV files, rows are worksheets of one workbook.

    What people say of the sheets may be among them, as the text of `session.yaml`.
    """

    def __init__(
        self,
        sheets: Sheets,
        *,
        columns: ColumnMeanings | None = None,
        owner_blank: OwnerBlank | None = None,
    ) -> None:
        texts = {name: text for name, text in sheets.items() if isinstance(text, str | bytes)}
        files = {name: t.encode() if isinstance(t, str) else t for name, t in texts.items()}
        if rows := {n: rows for n, rows in sheets.items() if not isinstance(rows, str | bytes)}:
            files["s.xlsx"] = workbook_of(rows)
        said = parse_manifest(files.pop(MANIFEST, b""), file_name=MANIFEST)
        self.folder = read_files(
            files, columns=columns or said.columns, owner_blank=owner_blank or said.owner_blank
        )

    @cached_property
    def specification(self) -> Specification:
        return self._read[0]

    @cached_property
    def entities(self) -> Sequence[Entity]:
        return self.specification.entities

    @cached_property
    def findings(self) -> Sequence[Finding]:
        return (*self.folder.findings, *self.entity_findings)

    @property
    def entity_findings(self) -> Sequence[Finding]:
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[Specification, Sequence[Finding]]:
        read = read_entities(self.folder.tables)
        specification = Specification(
            entities=read.entities, captions=read.captions, explained=read.explained
        )
        return specification, read.findings

    def of(self, kind: EntityKind) -> list[Entity]:
        return [entity for entity in self.entities if entity.kind is kind]

    def found(self, code: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.code == code]

    def only(self, code: str) -> Finding:
        (finding,) = self.found(code)
        return finding

    def codes(self, severity: Severity) -> list[str]:
        return [finding.code for finding in self.findings if finding.severity is severity]

    @property
    def errors(self) -> list[str]:
        return self.codes(Severity.ERROR)

    @property
    def fields(self) -> list[str]:
        """The fields, each after its bundle: `boat/field_length`, `boat/Length` without a name."""
        fields = self.of(EntityKind.FIELD)
        return [
            f"{(e.owner_key or '').rpartition('/')[2]}/{e.machine_name or e.label}" for e in fields
        ]

    @property
    def bundles(self) -> list[str]:
        """The machine names of bundles, or else their labels."""
        return [entity.machine_name or entity.label for entity in self.of(EntityKind.BUNDLE)]

    @property
    def kinds(self) -> dict[str, EntityKind]:
        """What each table was taken for, by its title."""
        return {sheet_title(table.file.name): table.file.sheet for table in self.folder.tables}

    @property
    def quoted(self) -> dict[str, list[str]]:
        """The first cells of the tables that are no known sheet, by title."""
        tables = [t for t in self.folder.tables if t.file.sheet is EntityKind.CUSTOM]
        return {sheet_title(t.file.name): [row.cells[0] for row in t.rows] for t in tables}

    @property
    def notes(self) -> dict[str, str]:
        """The notes of known things, by label."""
        return {
            entity.label.partition(" (")[0]: entity.note
            for entity in self.entities
            if entity.note and entity.kind is not EntityKind.CUSTOM
        }

    @property
    def statuses(self) -> dict[str, str]:
        return {entity.label.partition(" (")[0]: entity.status.value for entity in self.entities}

    def asked(self, names: Iterable[str]) -> dict[str, object]:
        """Return what a case expects something of: a property, labels of a kind, places of a code."""
        return {name: self._asked(name) for name in names}

    def _asked(self, name: str) -> object:
        if name in {*EntityKind}:
            return [entity.label for entity in self.of(EntityKind(name))]
        if hasattr(type(self), name):
            return getattr(self, name)
        return [f"{one.severity} {one.line or ''}".strip() for one in self.found(name)]
