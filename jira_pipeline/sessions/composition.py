"""Connects settings, store, source and Jira: what one process works with.

Belongs here: which adapter implements which port. Does not: Jira (`trackers`), writers
(`writers`), one session (`open_session`). Every command loads this module, so what only some need
is loaded there.
"""

import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.domain.entities import (
    PACKAGE_SUFFIX,
    WORKBOOK_SUFFIX,
    EntityKind,
    FolderReading,
    SourceTable,
)
from jira_pipeline.domain.sessions import ColumnMeanings, UploadSession
from jira_pipeline.errors import ConfigurationError, system_words
from jira_pipeline.ports.clock import Clock
from jira_pipeline.ports.specification import EntityReading, SpecificationSource
from jira_pipeline.sessions.background import Background
from jira_pipeline.sessions.documents import Renderer
from jira_pipeline.sessions.memory import SessionMemory
from jira_pipeline.settings import Settings
from jira_pipeline.stages.jira_export.jira_names import JiraNames
from jira_pipeline.store.engine import open_store
from jira_pipeline.store.store import Store

if TYPE_CHECKING:
    from jira_pipeline.sources.drupal_csv import ReadingLimits

SANDBOX_PROJECT_KEY = "SBX"


class SystemClock(Clock):
    """The clock of this machine."""

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one clock


@dataclass(frozen=True, slots=True, kw_only=True)
class DrupalCsvSource(SpecificationSource):
    """Sheets of the Drupal Spec Tool as CSV files; the reader is loaded when there is one to read."""

    settings: Settings

    @property
    def limits(self) -> "ReadingLimits":
        """What a file and a session may hold at most."""
        from jira_pipeline.sources.drupal_csv import ReadingLimits  # noqa: PLC0415 - see above

        return ReadingLimits(
            file_max_bytes=self.settings.upload_max_file_bytes,
            session_max_bytes=self.settings.upload_max_session_bytes,
            files_max_count=self.settings.upload_max_files,
        )

    @override
    def read_folder(self, folder: Path, *, columns: ColumnMeanings) -> FolderReading:
        """Read every sheet of a folder within the configured limits."""
        from jira_pipeline.sources.drupal_csv import read_folder  # noqa: PLC0415 - see above

        return read_folder(folder, limits=self.limits, columns=columns)

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        """Turn rows into entities."""
        from jira_pipeline.sources.drupal_csv import read_entities  # noqa: PLC0415 - see above

        return read_entities(tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSource(SpecificationSource):
    """ShareDo export packages; the reader is loaded when there is one to read."""

    settings: Settings

    @override
    def read_folder(self, folder: Path, *, columns: ColumnMeanings) -> FolderReading:
        """Read every package of a folder; sheets beside them are refused."""
        from jira_pipeline.sources.sharedo.packages import PackageLimits  # noqa: PLC0415 - see above
        from jira_pipeline.sources.sharedo.reading import read_packages  # noqa: PLC0415 - see above

        del columns
        return read_packages(
            folder,
            limits=PackageLimits(package_max_bytes=self.settings.upload_max_session_bytes),
            secret_key=secrets.token_bytes(32),  # tickets show no digits that depend on it
            others=_sheet_names(folder),
        )

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        """Turn the values of components into entities."""
        from jira_pipeline.sources.sharedo.reading import read_components  # noqa: PLC0415 - see above

        entities, findings = read_components(tables)
        return EntityReading(entities=entities, findings=findings)


def _sheet_names(folder: Path) -> tuple[str, ...]:
    suffixes = {".csv", WORKBOOK_SUFFIX}
    if not folder.is_dir():
        return ()
    return tuple(sorted(p.name for p in folder.iterdir() if p.suffix.casefold() in suffixes))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnySource(SpecificationSource):
    """The source that fits: packages where a folder holds one, else sheets."""

    sheets: SpecificationSource
    packages: SpecificationSource

    @override
    def read_folder(self, folder: Path, *, columns: ColumnMeanings) -> FolderReading:
        """Read a folder with the source its files are of."""
        paths = folder.iterdir() if folder.is_dir() else (folder,)
        holds_packages = any(
            path.suffix.casefold() == PACKAGE_SUFFIX and not path.name.startswith(".")
            for path in paths
        )
        source = self.packages if holds_packages else self.sheets
        return source.read_folder(folder, columns=columns)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Everything one process works with."""

    settings: Settings
    store: Store
    source: SpecificationSource
    clock: Clock
    memory: SessionMemory
    renderer: Renderer
    background: Background | None = None
    """Of a process that serves: what nobody who asked has to wait for."""

    @property
    def rendering(self) -> str:
        """Name the code that renders tickets, with the one setting it depends on."""
        return self.renderer.code

    def known_project_key(self, session: UploadSession | None) -> str | None:
        """Return the project of a session, else the configured one; None where nobody named one."""
        manifest_key = session.manifest.jira_project_key if session is not None else None
        sandbox_key = SANDBOX_PROJECT_KEY if self.settings.is_sandbox else None
        return manifest_key or self.settings.jira_project_key or sandbox_key

    def project_key(self, session: UploadSession | None) -> str:
        """Return the project of a session, or without one the configured project.

        Raises:
            ConfigurationError: A real Jira is configured and nobody named a project.
        """
        known = self.known_project_key(session)
        if known is not None:
            return known
        whose = f"Session {session.session_key} names" if session is not None else "Nobody named"
        raise ConfigurationError(
            f"{whose} {'no' if session is not None else 'a'} Jira project.",
            recovery_actions=(
                "Set JIRA_PROJECT_KEY, or `jira_project_key` in session.yaml.",
                Action(
                    kind=ActionKind.CHECK_PROJECT,
                    sentence="{} shows the projects.",
                    arguments={"list": True},
                ),
            ),
        )

    def jira_names(self, session: UploadSession | None) -> JiraNames:
        """Return what the session or the settings name of Jira's issue types and link types."""
        settings = self.settings
        own_type = session.manifest.issue_type if session is not None else None
        return JiraNames(
            issue_type=own_type or settings.jira_issue_type,
            blocks_link_type=settings.jira_blocks_link_type,
            relates_link_type=settings.jira_relates_link_type,
        )

    @property
    def settle_horizon_seconds(self) -> float:
        """How long after sending a doubt may be settled as absent.

        The sandbox answers within this process: when nobody runs it, nothing is under way.
        """
        return 0.0 if self.settings.is_sandbox else self.settings.jira_settle_horizon_seconds


def holder_name(who: str) -> str:
    """Name who holds a lease, for people who find it taken: what it is, the host, the process."""
    return f"{who} on {socket.gethostname()}, process {os.getpid()}"


def open_pipeline(
    settings: Settings,
    *,
    clock: Clock | None = None,
    is_serving: bool = False,
    renderer: Renderer | None = None,
) -> Pipeline:
    """Open the store and choose the adapters that the settings ask for.

    A process that serves others has sheets read in another one.
    """
    make_data_home(settings)
    source: SpecificationSource = source_of(settings)
    background = Background() if is_serving else None
    if is_serving:
        from jira_pipeline.sessions.reading_apart import ReadingApart  # noqa: PLC0415 - few serve

        source = ReadingApart(source)
    renderer = renderer or Renderer(body_max_bytes=settings.adf_body_max_bytes)
    store = open_store(
        settings.database_url, lock_path=settings.home_path / "store.lock", renderer=renderer
    )
    return Pipeline(
        settings=settings,
        store=store,
        source=source,
        clock=clock or SystemClock(),
        background=background,
        memory=SessionMemory(
            source=source,
            registered_files=store.sessions.files,
            uploads_path=settings.uploads_path,
        ),
        renderer=renderer,
    )


def make_data_home(settings: Settings) -> None:
    """Make the folder of our data, for this account alone; the mode of one that is there is kept.

    Raises:
        ConfigurationError: It cannot be made.
    """
    try:
        settings.home_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.inbox_path.mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The data folder {settings.home_path} cannot be used: {system_words(error)}.",
            recovery_actions=(
                "Set JIRA_PIPELINE_HOME to a folder that this account may write to.",
            ),
        ) from error
