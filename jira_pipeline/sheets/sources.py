"""The source that reads what people upload: sheets, or packages.

Belongs here: which reader is meant, within which limits. Does not: reading
(`sheets/reading`, `sharedo/reading/reading`). Every command loads this module, so a reader
is loaded when there is one to read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from jira_pipeline.context.settings import Settings
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.other_source import has_other_source, other_source
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.model.source_tables import FolderReading, SourceTable
from jira_pipeline.model.specification_source import EntityReading, SpecificationSource, is_package

if TYPE_CHECKING:
    from jira_pipeline.sheets.reading.limits import ReadingLimits


def reading_limits(settings: Settings) -> "ReadingLimits":
    """Return what a file and a session of sheets may hold at most."""
    from jira_pipeline.sheets.reading.limits import ReadingLimits  # noqa: PLC0415 - see above

    return ReadingLimits(
        file_max_bytes=settings.upload_max_file_bytes,
        session_max_bytes=settings.upload_max_session_bytes,
        files_max_count=settings.upload_max_files,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedSource(SpecificationSource):
    """ShareDo export packages where a folder holds one, else sheets of the Drupal Spec Tool."""

    settings: Settings

    @property
    def limits(self) -> "ReadingLimits":
        """What a file and a session of sheets may hold at most."""
        return reading_limits(self.settings)

    @override
    def read_folder(
        self,
        folder: Path,
        *,
        columns: ColumnMeanings,
        owner_blank: OwnerBlank | None = None,
        encoding: str | None = None,
        layout: bytes | None = None,
    ) -> FolderReading:
        """Read every file of a folder within the configured limits; sheets beside packages are refused.

        Worksheets are read by the layout, and by their known headers; whatever neither says is asked.
        """
        paths = folder.iterdir() if folder.is_dir() else [folder]
        if any(map(is_package, paths)) and (source := self._of_packages):
            return source.read_folder(
                folder, columns=columns, owner_blank=owner_blank, encoding=encoding, layout=layout
            )
        from jira_pipeline.sheets.layouts.folder_reading import read_folder_by_layout  # noqa: PLC0415 - see above

        return read_folder_by_layout(
            folder,
            layout,
            limits=self.limits,
            columns=columns,
            owner_blank=owner_blank,
            encoding=encoding,
        )

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        """Turn rows, or the values of components, into entities."""
        is_other = any(table.file.sheet is EntityKind.COMPONENT for table in tables)
        if is_other and (source := self._of_packages):
            return source.read_entities(tables)
        from jira_pipeline.sheets.reading.entities import read_entities  # noqa: PLC0415 - see above

        return read_entities(tables)

    @property
    def _of_packages(self) -> SpecificationSource | None:
        if not has_other_source():
            return None
        source: SpecificationSource = other_source("reading.reading").PackageSource(
            package_max_bytes=self.settings.upload_max_session_bytes
        )
        return source
