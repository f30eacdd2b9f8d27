"""The source that reads what people upload: sheets, or packages.

Belongs here: which reader is meant, within which limits. Does not: reading
(`sources/sheets/reading`, `sources/sharedo/reading`). Every command loads this module, so a reader
is loaded when there is one to read.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from jira_pipeline.context.settings import Settings
from jira_pipeline.model.entities import (
    PACKAGE_SUFFIX,
    WORKBOOK_SUFFIXES,
    EntityKind,
    FolderReading,
    SourceTable,
)
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.model.specification_source import EntityReading, SpecificationSource

if TYPE_CHECKING:
    from jira_pipeline.sources.sheets.reading.limits import ReadingLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class DrupalCsvSource(SpecificationSource):
    """Sheets of the Drupal Spec Tool as CSV files; the reader is loaded when there is one to read."""

    settings: Settings

    @property
    def limits(self) -> "ReadingLimits":
        """What a file and a session may hold at most."""
        from jira_pipeline.sources.sheets.reading.limits import ReadingLimits  # noqa: PLC0415 - see above

        return ReadingLimits(
            file_max_bytes=self.settings.upload_max_file_bytes,
            session_max_bytes=self.settings.upload_max_session_bytes,
            files_max_count=self.settings.upload_max_files,
        )

    @override
    def read_folder(
        self, folder: Path, *, columns: ColumnMeanings, owner_blank: OwnerBlank | None = None
    ) -> FolderReading:
        """Read every sheet of a folder within the configured limits."""
        from jira_pipeline.sources.sheets.reading.folders import read_folder  # noqa: PLC0415 - see above

        return read_folder(folder, limits=self.limits, columns=columns, owner_blank=owner_blank)

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        """Turn rows into entities."""
        from jira_pipeline.sources.sheets.reading.entities import read_entities  # noqa: PLC0415 - see above

        return read_entities(tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSource(SpecificationSource):
    """ShareDo export packages; the reader is loaded when there is one to read."""

    settings: Settings

    @override
    def read_folder(
        self, folder: Path, *, columns: ColumnMeanings, owner_blank: OwnerBlank | None = None
    ) -> FolderReading:
        """Read every package of a folder; sheets beside them are refused."""
        from jira_pipeline.sources.sharedo.reading.packages import PackageLimits  # noqa: PLC0415 - see above
        from jira_pipeline.sources.sharedo.reading.reading import read_packages  # noqa: PLC0415 - see above

        del columns, owner_blank
        return read_packages(
            folder,
            limits=PackageLimits(package_max_bytes=self.settings.upload_max_session_bytes),
            secret_key=secrets.token_bytes(32),  # tickets show no digits that depend on it
            others=_sheet_names(folder),
        )

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        """Turn the values of components into entities."""
        from jira_pipeline.sources.sharedo.reading.reading import read_components  # noqa: PLC0415 - see above

        entities, findings = read_components(tables)
        return EntityReading(entities=entities, findings=findings)


def _sheet_names(folder: Path) -> tuple[str, ...]:
    suffixes = {".csv", *WORKBOOK_SUFFIXES}
    if not folder.is_dir():
        return ()
    return tuple(sorted(p.name for p in folder.iterdir() if p.suffix.casefold() in suffixes))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnySource(SpecificationSource):
    """The source that fits: packages where a folder holds one, else sheets."""

    sheets: SpecificationSource
    packages: SpecificationSource

    @override
    def read_folder(
        self, folder: Path, *, columns: ColumnMeanings, owner_blank: OwnerBlank | None = None
    ) -> FolderReading:
        """Read a folder with the source its files are of."""
        paths = folder.iterdir() if folder.is_dir() else (folder,)
        holds_packages = any(
            path.suffix.casefold() == PACKAGE_SUFFIX and not path.name.startswith(".")
            for path in paths
        )
        source = self.packages if holds_packages else self.sheets
        return source.read_folder(folder, columns=columns, owner_blank=owner_blank)

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        """Turn rows into entities with the source that read them."""
        is_of_packages = any(table.file.sheet is EntityKind.COMPONENT for table in tables)
        return (self.packages if is_of_packages else self.sheets).read_entities(tables)


def source_of(settings: Settings) -> AnySource:
    """Return the source that reads what people upload."""
    return AnySource(
        sheets=DrupalCsvSource(settings=settings), packages=PackageSource(settings=settings)
    )
