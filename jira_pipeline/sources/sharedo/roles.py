"""The roles of an export from ShareDo: an environment, the store of jobs, the listener to events."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias

from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.kept_files import NO_FILES
from jira_pipeline.model.sharedo_jobs import ExportItem, ExportJob, ExportParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCreated:
    remote_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobNotCreated:
    """ShareDo has not; the error says whether the same may be sent again."""

    error: PipelineError


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationUnknown:
    reason: str


CreationAnswer: TypeAlias = JobCreated | JobNotCreated | CreationUnknown


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteProgress:
    """What ShareDo says of a job."""

    state: str
    percentage: float
    step: str
    is_complete: bool
    is_package_available: bool
    error: str
    """Empty: it says of none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageStream:
    starts_at: int
    """The first byte that comes; 0 where the server starts again."""
    total_bytes: int | None
    """Of the whole package; None: the server does not say."""
    validator: str | None
    """Its strong ETag; with another one it is another package."""
    chunks: Iterator[bytes]


class ShareDo(Protocol):
    """One ShareDo environment.

    Whatever is read raises `ShareDoUnreachableError` where it may help to ask again, and
    `ShareDoAccessError` where it does not let us in.
    """

    @property
    def name(self) -> str:
        """Name of the environment."""

    @property
    def can_find(self) -> bool:
        """Jobs can be looked up by their name."""

    @property
    def has_configuration_export(self) -> bool:
        """There is another way to export a work type."""

    def account(self) -> str:
        """Return whom ShareDo takes us for."""

    def dependencies(self, item: ExportItem) -> tuple[ExportItem, ...]:
        """Return what a thing needs or recommends, without repetition."""

    def create(
        self, parameters: ExportParameters, *, config_name: str, items: Sequence[ExportItem]
    ) -> CreationAnswer:
        """Create a job; it is sent at most once."""

    def create_configuration(self, system_name: str) -> CreationAnswer:
        """Create a job the other way; it is sent at most once."""

    def find(self, config_name: str) -> tuple[str, ...]:
        """Return the ids of the jobs of that name."""

    def progress(self, remote_id: str) -> RemoteProgress | None:
        """Return how far a job is; None where ShareDo does not know it, or says nothing."""

    def result_url(self, remote_id: str) -> str:
        """Return where the package of a job is."""

    def open_package(
        self, job: ExportJob, *, from_byte: int, validator: str | None
    ) -> AbstractContextManager[PackageStream]:
        """Begin a download, where possible at a byte of the package with that validator.

        Raises:
            PackageDownloadError: There is no such package.
        """

    def cancel(self, remote_id: str) -> bool:
        """Ask to cancel a job; False where this environment cannot, or does not know the job."""


class ExportJobStore(Protocol):
    """Keeps export jobs, as `store/sharedo_jobs` says."""

    def open_job(self, job: ExportJob) -> ExportJob: ...
    def commit_intent(self, job: ExportJob) -> bool: ...
    def record(self, job: ExportJob, *, contents: Mapping[str, bytes] = NO_FILES) -> None: ...
    def request_cancel(self, job_id: str, *, at: datetime) -> None: ...
    def get(self, job_id: str) -> ExportJob | None: ...
    def list_all(self, *, environment: str | None = None) -> tuple[ExportJob, ...]: ...
    def remove(self, job_id: str) -> None: ...


class ExportEventKind(StrEnum):
    PROGRESS = "progress"
    STALLED = "stalled"
    COMPLETE = "complete"
    ERROR = "error"
    ITEM_COMPLETE = "item_complete"
    ITEM_ERROR = "item_error"
    WARNING = "warning"
    """Something odd that changes nothing, such as an unknown state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportEvent:
    """One thing that happened to a job."""

    kind: ExportEventKind
    job: ExportJob
    text: str = ""
    index: int | None = None
    """Place in the batch, from 0; None outside of one."""
    error: PipelineError | None = None
    downloaded_bytes: int | None = None
    total_bytes: int | None = None
    """Of the package; None: not known, or not being downloaded."""


Listener: TypeAlias = Callable[[ExportEvent], None]
PackageCheck: TypeAlias = Callable[[Path], Sequence[str]]
"""Returns the keys of a package's components; refuses one that cannot be read within limits, or has
no `manifest.json`."""
