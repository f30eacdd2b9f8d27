"""ShareDo export packages as a specification that people upload.

Belongs here: what the rooms that read uploads ask of any source, within the limits of the settings.
Does not: reading a folder of packages, or their rows (`reading/reading`).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from jira_pipeline.context.settings import Settings
from jira_pipeline.model.entities import WORKBOOK_SUFFIXES, FolderReading, SourceTable
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.model.specification_source import EntityReading, SpecificationSource, is_package
from jira_pipeline.sharedo.comparison import COMPARISON_FILE
from jira_pipeline.sharedo.reading.packages import PackageLimits
from jira_pipeline.sharedo.reading.reading import read_components, read_packages


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSource(SpecificationSource):
    """Export packages, and which of them a comparison names."""

    settings: Settings

    @override
    def read_folder(
        self, folder: Path, *, columns: ColumnMeanings, owner_blank: OwnerBlank | None = None
    ) -> FolderReading:
        """Read the packages of a folder; sheets beside them are refused."""
        paths = sorted(folder.iterdir()) if folder.is_dir() else [folder]
        suffixes = {".csv", *WORKBOOK_SUFFIXES}
        return read_packages(
            [path for path in paths if is_package(path)],
            comparison=next((path for path in paths if path.name == COMPARISON_FILE), None),
            limits=PackageLimits(package_max_bytes=self.settings.upload_max_session_bytes),
            secret_key=secrets.token_bytes(32),  # tickets show no digits that depend on it
            others=tuple(path.name for path in paths if path.suffix.casefold() in suffixes),
        )

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        """Turn the values of components into entities."""
        entities, findings = read_components(tables)
        return EntityReading(entities=entities, findings=findings)
