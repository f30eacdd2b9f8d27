"""The way of one job: created, watched, downloaded; carried on with after whatever interrupted it.

Belongs here: the steps in their order, what an error means for the job, cancelling, retrying and
recovering. Does not: each step (`creation`, `watching`, `downloading`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from jira_pipeline.model.errors import LeaseBusyError
from jira_pipeline.model.sharedo_jobs import (
    ExportJob,
    ExportParameters,
    ExportRoute,
    ExportType,
    JobError,
    JobState,
)
from jira_pipeline.sources.sharedo.errors import (
    CreationInDoubtError,
    ExportFailedError,
    ExportJobStateError,
    ExportNotCreatedError,
    ExportTimeoutError,
    PackageInvalidError,
    PackageUnreadableError,
    ShareDoError,
)
from jira_pipeline.sources.sharedo.jobs.creation import created, unnamed_text, without_named
from jira_pipeline.sources.sharedo.jobs.downloading import downloaded
from jira_pipeline.sources.sharedo.jobs.tools import ExportTools, lock_name
from jira_pipeline.sources.sharedo.jobs.watching import cancelled, watched
from jira_pipeline.sources.sharedo.roles import ExportEvent, ExportEventKind

ALTERNATIVE_TYPES = frozenset({ExportType.WORKTYPE, ExportType.CONFIGURATION})
ENDING_ERRORS = (
    ExportNotCreatedError,
    ExportFailedError,
    PackageUnreadableError,
    PackageInvalidError,
)
"""After these, save for a doubt, the same job cannot go on; after all others it is kept as it is."""


def create_job(tools: ExportTools, parameters: ExportParameters) -> ExportJob:
    """Keep a new job, or return the open one that asks for the same; nothing is sent yet."""
    return tools.jobs.open_job(
        ExportJob(
            job_id=tools.new_id(),
            parameters=parameters,
            created_at=tools.clock.now(),
            estimated_seconds=tools.estimated_seconds,
        )
    )


def carried_out(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Return the job completed, or cancelled as somebody wished, from wherever it was.

    Raises:
        ShareDoError: It failed, or was interrupted; the error is stored with the job.
        LeaseBusyError: Another process of this host works on it.
    """
    with _held(tools, job):
        try:
            job = tools.known(job.job_id)
            if job.error is not None and not job.is_in_doubt:
                job = tools.kept(replace(job, error=None))  # it says how the last try ended
            job = _carried_on(tools, job)
        except ShareDoError as error:
            error.name(job=job.job_id)
            job = _with_error(tools, tools.known(job.job_id), error)
            tools.listener(
                ExportEvent(kind=ExportEventKind.ERROR, job=job, text=error.message, error=error)
            )
            raise
    if job.state is JobState.COMPLETED:
        tools.report(ExportEventKind.COMPLETE, job)
    return job


@contextmanager
def _held(tools: ExportTools, job: ExportJob) -> Iterator[None]:
    """Work on a job alone, as far as this host goes.

    Raises:
        LeaseBusyError: Another process works on it.
    """
    if tools.locks.is_alive(lock_name(job)):
        raise LeaseBusyError(
            target=f"Export job {job.job_id} in {tools.sharedo.name}", holder="another process"
        )
    with tools.locks.hold(lock_name(job)):
        yield


def _carried_on(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Do what is left of a job."""
    job = created(tools, job)
    if not job.is_open:
        return job
    try:
        job = _watched_for_longer(tools, job)
    except ExportFailedError as failure:
        less = without_named(job)
        if less.exported_items != job.exported_items:
            tools.report(ExportEventKind.WARNING, job, unnamed_text(job, failure.message))
            return _carried_on(tools, tools.kept(_restarted(less, route=job.route)))
        is_possible = (
            job.route is ExportRoute.PACKAGE
            and tools.sharedo.has_configuration_export
            and job.parameters.export_type in ALTERNATIVE_TYPES
        )
        if not is_possible:
            raise
        tools.report(
            ExportEventKind.WARNING, job, f"{failure.message} The configuration export is tried."
        )
        try:
            job = created(tools, tools.kept(_restarted(job, route=ExportRoute.CONFIGURATION)))
            if job.is_open:
                job = _watched_for_longer(tools, job)
        except ShareDoError as second:
            both = (
                f"{failure.message} The configuration export was tried after it. {second.message}"
            )
            if _is_over(second):
                raise ExportFailedError(both, details=failure.details) from second
            second.message = both
            raise
    return downloaded(tools, job) if job.is_open else job


def _watched_for_longer(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Watch a job, and once more for twice as long after a timeout."""
    try:
        return watched(tools, job, limits=tools.limits)
    except ExportTimeoutError as timeout:
        tools.report(ExportEventKind.WARNING, job, f"{timeout.message} It is watched for longer.")
        return watched(tools, tools.known(job.job_id), limits=tools.limits.longer())


def retried(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Create a failed job again, or carry on with one that is open.

    Raises:
        ExportJobStateError: It is completed or cancelled.
        ShareDoError: As `carried_out`.
    """
    return carried_out(tools, job if job.is_open else tools.kept(retryable(job)))


def retryable(job: ExportJob) -> ExportJob:
    """Return a failed job as it is before its next creation.

    Raises:
        ExportJobStateError: It did not fail.
    """
    if job.state is not JobState.FAILED:
        raise ExportJobStateError(f"Export job {job.job_id} is {job.state}: nothing is left.")
    # what it lacked may be there by now
    return replace(_restarted(job, route=ExportRoute.PACKAGE), items=())


def downloaded_again(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Fetch the package of a job again; the one that is here stays until the new one is proved.

    Raises:
        ExportJobStateError: ShareDo never had it, or it is cancelled.
        ShareDoError: It cannot be fetched; a completed job stays completed.
        LeaseBusyError: Another process of this host works on it.
    """
    if job.remote_id is None or job.state is JobState.CANCELLED:
        raise ExportJobStateError(f"Export job {job.job_id} is {job.state} without a package.")
    if job.is_open:
        return carried_out(tools, job)
    with _held(tools, job):
        try:
            return downloaded(tools, job)
        except ShareDoError as error:
            error.name(job=job.job_id)
            raise


def decided(tools: ExportTools, job: ExportJob, *, remote_id: str | None) -> ExportJob:
    """Keep what a person found out of a creation in doubt: its id, or that it is not there.

    Raises:
        ExportJobStateError: Its creation is not unconfirmed.
    """
    if not job.is_in_doubt or tools.locks.is_alive(lock_name(job)):
        raise ExportJobStateError(f"The creation of export job {job.job_id} is not unconfirmed.")
    if remote_id is None:
        return tools.kept(replace(job, sent_at=None, error=None))
    return tools.kept(
        replace(
            job,
            state=JobState.RUNNING,
            remote_id=remote_id,
            started_at=tools.clock.now(),
            error=None,
        )
    )


def cancel_job(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Cancel an open job; where another process works on it, that process does so.

    Raises:
        ExportJobStateError: It has ended.
    """
    if not job.is_open:
        raise ExportJobStateError(f"Export job {job.job_id} is {job.state} already.")
    tools.jobs.request_cancel(job.job_id, at=tools.clock.now())
    if tools.locks.is_alive(lock_name(job)):
        return tools.known(job.job_id)
    with _held(tools, job):
        return cancelled(tools, tools.known(job.job_id))


def interrupted_jobs(tools: ExportTools) -> tuple[ExportJob, ...]:
    """Return the open jobs of this environment that no process of this host works on."""
    return tuple(
        job
        for job in tools.jobs.list_all(environment=tools.sharedo.name)
        if job.is_open and not tools.locks.is_alive(lock_name(job))
    )


def _restarted(job: ExportJob, *, route: ExportRoute) -> ExportJob:
    """Return a job that failed as pending, under another name in ShareDo."""
    return replace(
        job,
        state=JobState.PENDING,
        attempt=job.attempt + 1,
        route=route,
        sent_at=None,
        remote_id=None,
        started_at=None,
        finished_at=None,
        stalled_at=None,
        progress_percentage=0.0,
        step="",
        result_url=None,
        error=None,
    )


def _is_over(error: ShareDoError) -> bool:
    """Tell whether the same job cannot go on after an error."""
    return isinstance(error, ENDING_ERRORS) and not isinstance(error, CreationInDoubtError)


def _with_error(tools: ExportTools, job: ExportJob, error: ShareDoError) -> ExportJob:
    """Keep what went wrong; a job that can go on stays open."""
    job_error = JobError(
        code=error.code,
        message=error.message,
        is_recoverable=error.is_recoverable,
        details={name: str(value) for name, value in error.details.items()},
    )
    if _is_over(error):
        job = replace(job, state=JobState.FAILED, finished_at=tools.clock.now())
    return tools.kept(replace(job, error=job_error))
