"""What ShareDo answers about an export, and what an export reports on its way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.sharedo_jobs import ExportJob


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
