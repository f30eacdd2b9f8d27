"""What every step of an export works with, how often a job is asked for, how its package comes.

Belongs here: the tools, what a job reports on its way, the limits and pauses of watching, the
download. Does not: waiting or asking (`jobs`).

A package comes in chunks into a temporary folder of the job's own, again from its beginning where it
was cut, and is moved to its place only when it is proved. A folder that a killed process left is
removed by the next start.
"""

import hashlib
import json
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.bounded_zip import ZipRefusedError
from jira_pipeline.model.clock import Clock, Timer
from jira_pipeline.model.errors import PipelineError, system_message
from jira_pipeline.model.kept_files import NO_FILES, PACKAGES, KeptFiles
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.runs import RunLiveness
from jira_pipeline.model.sharedo_jobs import (
    ExportItem,
    ExportJob,
    JobState,
    Package,
    PackageFormat,
)
from jira_pipeline.sharedo.errors import (
    PackageDownloadError,
    PackageInvalidError,
    PackageRefusedError,
    PackageUnreadableError,
    ShareDoAccessError,
    ShareDoError,
    ShareDoUnreachableError,
)
from jira_pipeline.sharedo.packages import is_named
from jira_pipeline.sharedo.reading.packages import read_package_file

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


TRIES_MAX = 3
_TRIED_AGAIN = (PackageDownloadError, PackageUnreadableError, ShareDoUnreachableError)
PACKAGE_MAX_BYTES = 50_000_000
"""Packages that were seen have 6 to 18 kB."""
TEMPORARY_PREFIX = "sharedo-export-"
PACKAGE_PREFIX = "export_"
_LONGEST_SIGN = 512
_BEFORE_SIGN = b"\xef\xbb\xbf \t\r\n"
_HELD_NAMED_MAX = 5
"""Components named of a package that is not the one requested."""


def downloaded(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Return the job completed, its package checked and kept.

    Raises:
        PackageDownloadError: It did not come whole in three tries.
        PackageUnreadableError: It came whole and cannot be unpacked.
        PackageInvalidError: It came whole and is no package, or one without what was requested.
        ShareDoAccessError: ShareDo asks for a login instead.
        ShareDoUnreachableError: ShareDo could not be reached three times.
        StoreError: It cannot be put in its place.
    """
    suffix = job.parameters.package_format.value
    folder = tools.packages_path / f"{TEMPORARY_PREFIX}{job.job_id}"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        # packages hold the secrets of configurations: they are for this account alone
        tools.packages_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        path = folder / f"{PACKAGE_PREFIX}{job.job_id}.{suffix}"
        package = tools.retrying(
            partial(_fetched, tools, job, path), after=_TRIED_AGAIN, failures_max=TRIES_MAX - 1
        )
        contents = tools.files.placed_file(PACKAGES, path)
    except OSError as error:
        raise PackageDownloadError(
            f"The package of export job {job.job_id} cannot be stored in {folder}: "
            f"{system_message(error)}."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tools.kept(
        replace(
            job,
            state=JobState.COMPLETED,
            step="Downloaded",
            progress_percentage=100.0,
            finished_at=tools.clock.now(),
            package=package,
            error=None,
        ),
        contents,
    )


def swept(tools: ExportTools) -> None:
    """Remove what killed processes left.

    That is the temporary folder of a job, and a package in its place whose job never completed:
    its process ended between the move and the record.
    """
    for folder in sorted(tools.packages_path.glob(f"{TEMPORARY_PREFIX}*")):
        job = tools.jobs.get(folder.name.removeprefix(TEMPORARY_PREFIX))
        if job is None or not tools.locks.is_alive(lock_name(job)):
            shutil.rmtree(folder, ignore_errors=True)
    for path in sorted(tools.packages_path.glob(f"{PACKAGE_PREFIX}*")):
        job = tools.jobs.get(path.stem.removeprefix(PACKAGE_PREFIX))
        if job and job.package is None and not tools.locks.is_alive(lock_name(job)):
            path.unlink(missing_ok=True)


def _fetched(tools: ExportTools, job: ExportJob, path: Path) -> Package:
    """Write what comes, count it, and refuse what is not what was asked for."""
    digest = hashlib.sha256()
    size = 0
    with tools.sharedo.open_package(job) as (total, chunks), path.open("wb") as file:
        for chunk in chunks:
            # a page asks a browser to log in, whatever its status and type say
            if not size and chunk[:_LONGEST_SIGN].lstrip(_BEFORE_SIGN).startswith(b"<"):
                raise ShareDoAccessError(
                    f"The download of export job {job.job_id} returned a web page instead of a "
                    "package; it may want a browser that is logged in."
                )
            size += len(chunk)
            if size > PACKAGE_MAX_BYTES:
                raise PackageInvalidError(
                    f"The package of export job {job.job_id} is larger than "
                    f"{PACKAGE_MAX_BYTES:,} bytes."
                )
            file.write(chunk)
            digest.update(chunk)
            tools.listener(
                ExportEvent(
                    kind=ExportEventKind.PROGRESS,
                    job=job,
                    text="Downloading",
                    downloaded_bytes=size,
                    total_bytes=total,
                )
            )
    if not size or total not in {None, size}:
        of = "" if total is None else f" of {total:,}"
        raise PackageDownloadError(
            f"The package of export job {job.job_id} did not arrive completely: {size:,}{of} "
            "bytes arrived.",
            details={"job_id": job.job_id},
        )
    _check(job, path)
    return Package(file_name=path.name, sha256=digest.hexdigest(), size_bytes=size)


def _check(job: ExportJob, path: Path) -> None:
    """Refuse what is not what was asked for.

    Raises:
        PackageUnreadableError: It cannot be unpacked, or is no JSON.
        PackageInvalidError: It is of another form, or holds something else: its id is of another
            job, or ShareDo left the item out.
    """
    if job.parameters.package_format is PackageFormat.JSON:
        try:
            content = json.loads(path.read_bytes())
        except (ValueError, RecursionError) as error:
            raise PackageUnreadableError(
                f"The export of job {job.job_id} is not valid JSON: {error}."
            ) from error
        if not isinstance(content, dict) or not content:
            raise PackageInvalidError(
                f"The export of job {job.job_id} is not a JSON object, or is empty."
            )
        return
    try:
        package = read_package_file(path, secret_key=secrets.token_bytes(16))
    except PackageRefusedError as error:
        is_unreadable = isinstance(error.__cause__, ZipRefusedError)
        refusal = PackageUnreadableError if is_unreadable else PackageInvalidError
        raise refusal(error.message) from error
    wanted = job.parameters.item
    if any(is_named(key, wanted.provider, wanted.system_name) for key in package.by_key):
        return
    raise PackageInvalidError(
        f"The package of export job {job.job_id}, {job.remote_id} in ShareDo, does not hold "
        f"{wanted.key}. It holds {first_named([*package.by_key], _HELD_NAMED_MAX)}.",
        details={"job_id": job.job_id, "remote_id": job.remote_id or ""},
        recovery_actions=(
            f"Check in ShareDo whether {job.remote_id} is the job named {job.config_name!r}.",
            Action.of(ActionKind.RESUME_SHAREDO_JOB, "To create it again, run {}."),
        ),
    )
