"""What every step of an export works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from jira_pipeline.model.clock import Clock, Timer
from jira_pipeline.model.errors import NotFoundError, NotFoundKind
from jira_pipeline.model.kept_files import NO_FILES, KeptFiles
from jira_pipeline.model.runs import RunLiveness
from jira_pipeline.model.sharedo_jobs import ExportItem, ExportJob, JobState
from jira_pipeline.sources.sharedo.errors import ShareDoUnreachableError
from jira_pipeline.sources.sharedo.jobs.polling import (
    TRANSIENT_ERRORS_MAX,
    WatchLimits,
    backoff_seconds,
)
from jira_pipeline.sources.sharedo.roles import (
    ExportEvent,
    ExportEventKind,
    ExportJobStore,
    Listener,
    PackageCheck,
    ShareDo,
)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTools:
    """One environment, and what its jobs need."""

    sharedo: ShareDo
    jobs: ExportJobStore
    locks: RunLiveness
    clock: Clock
    timer: Timer
    new_id: Callable[[], str]
    packages_path: Path
    """Where packages are put together."""
    files: KeptFiles
    check_package: PackageCheck
    listener: Listener
    estimated_seconds: float
    settle_horizon_seconds: float
    limits: WatchLimits
    client_of: Callable[[str], ShareDo]
    """Opens the environment of a name, which this one is compared with."""
    needs: dict[tuple[str, str], tuple[ExportItem, ...] | str] = field(default_factory=dict)
    """By environment and component: what that needs, or how it was said that there is none.

    Shared by all jobs of a process: each is asked once.
    """

    def kept(self, job: ExportJob, contents: Mapping[str, bytes] = NO_FILES) -> ExportJob:
        """Store how a job is now, with what came of its package, and return it."""
        self.jobs.record(job, contents=contents)
        return job

    def report(self, kind: ExportEventKind, job: ExportJob, text: str = "") -> None:
        """Report an event to the listener."""
        self.listener(ExportEvent(kind=kind, job=job, text=text))

    def known(self, job_id: str) -> ExportJob:
        """Return a job as it is stored now.

        Raises:
            NotFoundError: There is none of that id.
        """
        job = self.jobs.get(job_id)
        if job is None:
            raise NotFoundError(f"There is no export job {job_id}.", kind=NotFoundKind.EXPORT_JOB)
        return job

    def retrying(self, read: Callable[[], Answer]) -> Answer:
        """Return what a call that changes nothing answers, asking again after transient errors.

        Raises:
            ShareDoError: It keeps failing, or for good.
        """
        failure_count = 0
        while True:
            try:
                return read()
            except ShareDoUnreachableError as error:
                failure_count += 1
                if failure_count > TRANSIENT_ERRORS_MAX:
                    raise
                self.timer.sleep(backoff_seconds(failure_count, asked_seconds=error.wait_seconds))

    def is_cancelled(self, job: ExportJob) -> bool:
        """Tell whether somebody wants it cancelled, or did so."""
        now = self.jobs.get(job.job_id)
        return now is None or (
            now.cancel_requested_at is not None or now.state is JobState.CANCELLED
        )


def lock_name(job: ExportJob) -> str:
    """Name the lock of whoever works on a job."""
    return f"sharedo export {job.job_id}"
