"""Downloads the package of a job, whole and checked, or leaves nothing of it.

It comes in chunks into a temporary folder of the job's own, is taken up again at the byte where it
was cut where the server allows that, and is moved to its place only when it is proved. A folder
that a killed process left is removed by the next start.
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import system_message
from jira_pipeline.model.kept_files import PACKAGES
from jira_pipeline.model.sharedo_jobs import (
    ExportJob,
    ExportRoute,
    JobState,
    Package,
    PackageFormat,
)
from jira_pipeline.sources.sharedo.errors import (
    PackageDownloadError,
    PackageInvalidError,
    PackageUnreadableError,
    ShareDoAccessError,
    ShareDoUnreachableError,
)
from jira_pipeline.sources.sharedo.export_answers import ExportEvent, ExportEventKind, PackageStream
from jira_pipeline.sources.sharedo.jobs.tools import ExportTools, backoff_seconds, lock_name
from jira_pipeline.sources.sharedo.packages import is_named

TRIES_MAX = 3
PACKAGE_MAX_BYTES = 50_000_000
"""Packages that were seen have 6 to 18 kB."""
TEMPORARY_PREFIX = "sharedo-export-"
PACKAGE_PREFIX = "export_"
ZIP_SIGNATURE = b"PK\x03\x04"
_LONGEST_SIGN = 512
_HELD_NAMED_MAX = 5
"""Components named of a package that is not the one requested."""


@dataclass(slots=True)
class _Part:
    """What has come of a package so far."""

    path: Path
    size_bytes: int = 0
    total_bytes: int | None = None
    validator: str | None = None
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def restart(self) -> None:
        self.path.unlink(missing_ok=True)
        self.size_bytes, self.total_bytes, self.validator = 0, None, None
        self.digest = hashlib.sha256()


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
        part = _Part(path=folder / f"{PACKAGE_PREFIX}{job.job_id}.{suffix}")
        _fetch(tools, job, part)
        contents = tools.files.placed_file(PACKAGES, part.path)
    except OSError as error:
        raise PackageDownloadError(
            f"The package of export job {job.job_id} cannot be stored in {folder}: "
            f"{system_message(error)}."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    package = Package(
        file_name=part.path.name, sha256=part.digest.hexdigest(), size_bytes=part.size_bytes
    )
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


def swept(tools: ExportTools) -> int:
    """Remove what killed processes left; return how many folders and files.

    That is the temporary folder of a job, and a package in its place whose job never completed:
    its process ended between the move and the record.
    """
    count = 0
    for folder in sorted(tools.packages_path.glob(f"{TEMPORARY_PREFIX}*")):
        job = tools.jobs.get(folder.name.removeprefix(TEMPORARY_PREFIX))
        if job is None or not tools.locks.is_alive(lock_name(job)):
            shutil.rmtree(folder, ignore_errors=True)
            count += 1
    for path in sorted(tools.packages_path.glob(f"{PACKAGE_PREFIX}*")):
        job = tools.jobs.get(path.stem.removeprefix(PACKAGE_PREFIX))
        if job is None or job.package is not None:
            continue
        if not tools.locks.is_alive(lock_name(job)):
            path.unlink(missing_ok=True)
            count += 1
    return count


def _fetch(tools: ExportTools, job: ExportJob, part: _Part) -> None:
    """Try until the part is a whole package."""
    for number in range(1, TRIES_MAX + 1):
        try:
            with tools.sharedo.open_package(
                job, from_byte=part.size_bytes, validator=part.validator
            ) as stream:
                _take(tools, job, part, stream)
            _check(tools, job, part)
        except (PackageDownloadError, PackageUnreadableError) as error:
            if isinstance(error, PackageUnreadableError):
                part.restart()
            if number == TRIES_MAX:
                raise
            tools.timer.sleep(backoff_seconds(number))
        except ShareDoUnreachableError as error:
            if number == TRIES_MAX:
                raise
            tools.timer.sleep(backoff_seconds(number, asked_seconds=error.wait_seconds))
        else:
            return


def _take(tools: ExportTools, job: ExportJob, part: _Part, stream: PackageStream) -> None:
    """Append what comes to what is there; where the server starts over, so does the file."""
    if stream.starts_at != part.size_bytes:
        part.restart()
    if stream.starts_at != part.size_bytes:
        raise _cut(job, f"it began at byte {stream.starts_at}, which was not requested")
    part.total_bytes, part.validator = stream.total_bytes, stream.validator
    try:
        with part.path.open("ab") as file:
            for chunk in stream.chunks:
                if part.size_bytes == 0:
                    _refuse_page(job, chunk)
                part.size_bytes += len(chunk)
                if part.size_bytes > PACKAGE_MAX_BYTES:
                    raise PackageInvalidError(
                        f"The package of export job {job.job_id} is larger than "
                        f"{PACKAGE_MAX_BYTES:,} bytes."
                    )
                file.write(chunk)
                part.digest.update(chunk)
                tools.listener(
                    ExportEvent(
                        kind=ExportEventKind.PROGRESS,
                        job=job,
                        text="Downloading",
                        downloaded_bytes=part.size_bytes,
                        total_bytes=part.total_bytes,
                    )
                )
    except PackageDownloadError:
        if part.validator is None or part.total_bytes is None:
            part.restart()  # without them two halves could be of two packages
        raise
    if part.total_bytes is not None and part.size_bytes != part.total_bytes:
        received = f"{part.size_bytes:,} of {part.total_bytes:,} bytes arrived"
        if part.validator is None or part.size_bytes > part.total_bytes:
            part.restart()
        raise _cut(job, received)


def _check(tools: ExportTools, job: ExportJob, part: _Part) -> None:
    """Refuse what is empty, or not what was asked for."""
    if part.size_bytes == 0:
        raise _cut(job, "nothing arrived")
    if job.parameters.package_format is PackageFormat.JSON:
        try:
            found = json.loads(part.path.read_bytes())
        except (ValueError, RecursionError) as error:
            raise PackageUnreadableError(
                f"The export of job {job.job_id} is not valid JSON: {error}."
            ) from error
        if not isinstance(found, dict) or not found:
            raise PackageInvalidError(
                f"The export of job {job.job_id} is not a JSON object, or is empty."
            )
        return
    with part.path.open("rb") as file:
        if file.read(len(ZIP_SIGNATURE)) != ZIP_SIGNATURE:
            raise PackageUnreadableError(f"Export job {job.job_id}: the file is not a zip file.")
    _refuse_foreign(job, tools.check_package(part.path))


def _refuse_foreign(job: ExportJob, held: Sequence[str]) -> None:
    """Refuse a package without what was requested: its id is of another job, or it was left out."""
    wanted = next(iter(job.exported_items), job.parameters.item)
    if job.route is ExportRoute.CONFIGURATION:
        wanted = job.parameters.item
    if any(is_named(key, wanted.provider, wanted.system_name) for key in held):
        return
    shown = [*held[:_HELD_NAMED_MAX]]
    if len(held) > len(shown):
        shown.append(f"{len(held) - len(shown)} more")
    raise PackageInvalidError(
        f"The package of export job {job.job_id}, {job.remote_id} in ShareDo, does not hold "
        f"{wanted.key}. It holds {', '.join(shown)}.",
        details={"job_id": job.job_id, "remote_id": job.remote_id or ""},
        recovery_actions=(
            f"Check in ShareDo whether {job.remote_id} is the job named {job.config_name!r}.",
            Action.of(ActionKind.RESUME_SHAREDO_JOB, "To create it again, run {}."),
        ),
    )


def _refuse_page(job: ExportJob, chunk: bytes) -> None:
    """Refuse a page: it asks a browser to log in, whatever its status and type say."""
    if chunk[:_LONGEST_SIGN].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise ShareDoAccessError(
            f"The download of export job {job.job_id} returned a web page instead of a package; "
            "it may want a browser that is logged in."
        )


def _cut(job: ExportJob, what: str) -> PackageDownloadError:
    return PackageDownloadError(
        f"The package of export job {job.job_id} did not arrive completely: {what}.",
        details={"job_id": job.job_id},
    )
