"""The role of what reads a specification."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from jira_pipeline.model.entities import Entity
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.model.sheet_names import PACKAGE_SUFFIX
from jira_pipeline.model.source_tables import FolderReading, SourceTable

LAYOUT_NAMES = ("layout.yaml", "layout.yml")
"""Of these one file beside the sheets says what their worksheets are; it is kept by the first name."""
LAYOUT_NAME = LAYOUT_NAMES[0]

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityReading:
    """What the rows of all tables describe."""

    entities: tuple[Entity, ...]
    findings: tuple[Finding, ...]
    captions: Mapping[tuple[str, int], Sequence[Entity]] = field(default_factory=dict)


def is_package(path: Path) -> bool:
    """Tell whether a file of a folder is for the other source than sheets."""
    is_shown = not path.name.startswith(".")
    return path.suffix.casefold() == PACKAGE_SUFFIX and is_shown and path.is_file()


class SpecificationSource(Protocol):
    """Reads folders of one kind of specification."""

    def read_folder(
        self,
        folder: Path,
        *,
        columns: ColumnMeanings,
        owner_blank: OwnerBlank | None = None,
        encoding: str | None = None,
        layout: bytes | None = None,
    ) -> FolderReading:
        """Read every file of a folder; faults are findings, never exceptions.

        `columns` are headers of the files to the columns they mean, and `owner_blank` is what rows
        belong to that do not say it, as people say. `encoding` is that of CSV files without Unicode. `layout` is the content of a `layout.yaml`.

        Raises:
            LayoutRefusedError: The layout cannot be used.
        """

    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        """Turn the rows of recognised sheets into entities with resolved references."""

    def run_in_subprocess(self, work: "Callable[[SpecificationSource], Read]") -> Read:
        """Return what work makes of this source; where it may take long for others, elsewhere."""
        return work(self)

    def close(self) -> None:
        """End what is read elsewhere; nothing more is read there."""
        return None  # noqa: RET501 - else mypy takes it for abstract
