"""What ShareDo answers about an export, and what an export reports on its way."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.sharedo_jobs import ExportJob


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
    total_bytes: int | None
    """Of the whole package; None: the server does not say."""
    chunks: Iterator[bytes]


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
