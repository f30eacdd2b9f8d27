"""The download of a package: whole and proved, or not there at all.

Belongs here: fetching it in chunks, again from its beginning where it was cut, and removing what a
killed process left. Does not: waiting for the package (`jobs`).

A package comes into a temporary folder of the job's own, and is moved to its place only when it is
proved. A folder that a killed process left is removed by the next start.
"""

import hashlib
import json
import secrets
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.bounded_zip import ZipRefusedError
from jira_pipeline.model.errors import system_message
from jira_pipeline.model.kept_files import PACKAGES
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.sharedo_jobs import ExportJob, JobState, Package, PackageFormat
from jira_pipeline.sharedo.errors import (
    PackageDownloadError,
    PackageInvalidError,
    PackageRefusedError,
    PackageUnreadableError,
    ShareDoAccessError,
    ShareDoUnreachableError,
)
from jira_pipeline.sharedo.packages import is_named
from jira_pipeline.sharedo.reading.packages import read_package_file

if TYPE_CHECKING:  # adapters: loaded where they are opened
    pass
from jira_pipeline.sharedo.jobs.tools import ExportEvent, ExportEventKind, ExportTools, lock_name

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
