"""What every step of a ShareDo export works with, and how often a job is asked for.

Belongs here: the tools, what a job reports on its way, the limits and pauses of watching. Does not:
the download (`downloads`), waiting or asking (`jobs`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from jira_pipeline.model.clock import Clock, Timer
from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.kept_files import NO_FILES, KeptFiles
from jira_pipeline.model.runs import RunLiveness
from jira_pipeline.model.sharedo_jobs import ExportItem, ExportJob, JobState
from jira_pipeline.sharedo.errors import ShareDoError, ShareDoUnreachableError

if TYPE_CHECKING:  # adapters: loaded where they are opened
    from jira_pipeline.sharedo.client.client import ShareDoClient
    from jira_pipeline.store.sharedo_job_store import SqlExportJobStore

Answer = TypeVar("Answer")

FIRST_POLLS = 5
QUICK_SECONDS = 0.5
USUAL_SECONDS = 1.0
SLOW_SECONDS = 2.0
SLOW_BELOW_PERCENT = 50.0
QUICK_ABOVE_PERCENT = 90.0
POLLS_MAX = 120
TRANSIENT_ERRORS_MAX = 5
"""Consecutive ones; the next is reported."""
BACKOFF_SECONDS = 1.0
BACKOFF_MAX_SECONDS = 30.0
STALL_FACTOR = 2.0


def poll_delay_seconds(poll_number: int, percentage: float) -> float:
    """Return the wait before a poll, the first having number 1."""
    if poll_number <= FIRST_POLLS or percentage > QUICK_ABOVE_PERCENT:
        return QUICK_SECONDS
    return SLOW_SECONDS if percentage < SLOW_BELOW_PERCENT else USUAL_SECONDS


def backoff_seconds(failure_count: int, *, asked_seconds: float | None = None) -> float:
    """Return the wait after a transient error; what the server asked for is kept to."""
    grown = min(BACKOFF_MAX_SECONDS, BACKOFF_SECONDS * 2.0 ** (failure_count - 1))
    return max(grown, asked_seconds or 0.0)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTools:
    """One environment, and what its jobs need."""

    sharedo: "ShareDoClient"
    jobs: "SqlExportJobStore"
    locks: RunLiveness
    clock: Clock
    timer: Timer
    new_id: Callable[[], str]
    packages_path: Path
    """Where packages are put together."""
    files: KeptFiles
    listener: Listener
    needs: dict[ExportItem, tuple[ExportItem, ...]] = field(default_factory=dict)
    """What items depend on, shared by all jobs of a batch: each is asked once."""

    def kept(self, job: ExportJob, contents: Mapping[str, bytes] = NO_FILES) -> ExportJob:
        """Store how a job is now, with what came of its package, and return it."""
        self.jobs.record(job, contents=contents)
        return job

    def report(
        self,
        kind: ExportEventKind,
        job: ExportJob,
        text: str = "",
        *,
        error: PipelineError | None = None,
    ) -> None:
        self.listener(ExportEvent(kind=kind, job=job, text=text, error=error))

    def warn(self, job: ExportJob, text: str) -> None:
        """Report something odd that changes nothing."""
        self.report(ExportEventKind.WARNING, job, text)

    def retrying(
        self,
        call: Callable[[], Answer],
        *,
        after: tuple[type[ShareDoError], ...] = (ShareDoUnreachableError,),
        failures_max: int = TRANSIENT_ERRORS_MAX,
    ) -> Answer:
        """Return what a call answers, made again after such errors, with pauses that grow.

        Raises:
            ShareDoError: It keeps failing, or for good.
        """
        failure_count = 0
        while True:
            try:
                return call()
            except after as error:
                failure_count += 1
                if failure_count > failures_max:
                    raise
                self.timer.sleep(backoff_seconds(failure_count, asked_seconds=error.wait_seconds))

    def is_cancelled(self, job: ExportJob) -> bool:
        """Tell whether somebody wants it cancelled, or did so."""
        now = self.jobs.known(job.job_id)
        return now.cancel_requested_at is not None or now.state is JobState.CANCELLED


def lock_name(job: ExportJob) -> str:
    """Name the lock of whoever works on a job."""
    return f"sharedo export {job.job_id}"
