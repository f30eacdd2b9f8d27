"""The source that reads what people upload: sheets, or packages.

Belongs here: which reader is meant, within which limits. Does not: reading
(`sheets/reading`, `sharedo/reading`). Every command loads this module, so a reader
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
    from jira_pipeline.sheets.reading.limits import ReadingLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedSource(SpecificationSource):
    """ShareDo export packages where a folder holds one, else sheets of the Drupal Spec Tool."""

    settings: Settings

    @property
    def limits(self) -> "ReadingLimits":
        """What a file and a session of sheets may hold at most."""
        from jira_pipeline.sheets.reading.limits import ReadingLimits  # noqa: PLC0415 - see above

        return ReadingLimits(
            file_max_bytes=self.settings.upload_max_file_bytes,
            session_max_bytes=self.settings.upload_max_session_bytes,
            files_max_count=self.settings.upload_max_files,
        )

    @override
    def read_folder(
        self, folder: Path, *, columns: ColumnMeanings, owner_blank: OwnerBlank | None = None
    ) -> FolderReading:
        """Read every file of a folder within the configured limits; sheets beside packages are refused."""
        paths = sorted(folder.iterdir()) if folder.is_dir() else [folder]
        packages = [
            path
            for path in paths
            if path.suffix.casefold() == PACKAGE_SUFFIX and path.name[0] != "." and path.is_file()
        ]
        if not packages:
            from jira_pipeline.sheets.reading.folders import read_folder  # noqa: PLC0415 - see above

            return read_folder(folder, limits=self.limits, columns=columns, owner_blank=owner_blank)
        from jira_pipeline.sharedo.comparison import COMPARISON_FILE  # noqa: PLC0415 - see above
        from jira_pipeline.sharedo.reading.packages import PackageLimits  # noqa: PLC0415 - see above
        from jira_pipeline.sharedo.reading.reading import read_packages  # noqa: PLC0415 - see above

        suffixes = {".csv", *WORKBOOK_SUFFIXES}
        return read_packages(
            packages,
            comparison=next((path for path in paths if path.name == COMPARISON_FILE), None),
            limits=PackageLimits(package_max_bytes=self.settings.upload_max_session_bytes),
            secret_key=secrets.token_bytes(32),  # tickets show no digits that depend on it
            others=tuple(path.name for path in paths if path.suffix.casefold() in suffixes),
        )

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        """Turn rows, or the values of components, into entities."""
        if any(table.file.sheet is EntityKind.COMPONENT for table in tables):
            from jira_pipeline.sharedo.reading.reading import read_components  # noqa: PLC0415 - see above

            entities, findings = read_components(tables)
            return EntityReading(entities=entities, findings=findings)
        from jira_pipeline.sheets.reading.entities import read_entities  # noqa: PLC0415 - see above

        return read_entities(tables)
