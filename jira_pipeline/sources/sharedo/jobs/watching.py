"""Watches a job until its package is there, it fails, or the time is over."""

from dataclasses import replace
from typing import assert_never

from jira_pipeline.model.sharedo_jobs import ExportJob, JobState, wants_person
from jira_pipeline.sources.sharedo.errors import (
    ExportFailedError,
    ExportTimeoutError,
    PersonMissingError,
    ShareDoError,
    ShareDoUnreachableError,
)
from jira_pipeline.sources.sharedo.jobs.polling import (
    MISSING_MAX,
    STALL_FACTOR,
    TRANSIENT_ERRORS_MAX,
    Verdict,
    WatchLimits,
    backoff_seconds,
    is_known_state,
    poll_delay_seconds,
    verdict_on,
)
from jira_pipeline.sources.sharedo.jobs.tools import ExportTools
from jira_pipeline.sources.sharedo.roles import ExportEventKind


def watched(  # noqa: C901, PLR0912 - one poll in the order things happen
    tools: ExportTools, job: ExportJob, *, limits: WatchLimits
) -> ExportJob:
    """Return a running job once its package can be downloaded, or cancelled as somebody wished.

    Progress is reported only when it rises, a stall once in the life of the job.

    Raises:
        ExportTimeoutError: Polls or time are used up; the job goes on there.
        ExportFailedError: ShareDo says that it failed, or knows no such job.
        PersonMissingError: It failed because the token names no person.
        ShareDoUnreachableError: Too many transient errors in a row.
        ShareDoAccessError: ShareDo does not let us in.
    """
    remote_id = job.remote_id
    if remote_id is None:
        raise ValueError("only a job that ShareDo has can be watched")
    began, failure_count, missing_count, odd_states = tools.timer.monotonic(), 0, 0, set()
    for poll_number in range(1, limits.polls_max + 1):
        tools.timer.sleep(poll_delay_seconds(poll_number, job.progress_percentage))
        if tools.timer.monotonic() - began > limits.deadline_seconds:
            break
        if tools.is_cancelled(job):
            return cancelled(tools, job)
        job = _with_stall_reported(tools, job)
        try:
            progress = tools.sharedo.progress(remote_id)
        except ShareDoUnreachableError as error:
            failure_count += 1
            if failure_count > TRANSIENT_ERRORS_MAX:
                raise
            tools.timer.sleep(backoff_seconds(failure_count, asked_seconds=error.wait_seconds))
            continue
        failure_count = 0
        if progress is None:
            missing_count += 1
            if missing_count > MISSING_MAX:
                raise _failed(job, "ShareDo does not know it (any more).")
            continue
        missing_count = 0
        if not is_known_state(progress.state) and progress.state not in odd_states:
            odd_states.add(progress.state)
            tools.report(
                ExportEventKind.WARNING, job, f"Unknown state {progress.state!r}: it is watched on."
            )
        match verdict_on(progress):
            case Verdict.FAILED:
                raise _failed(job, progress.error or f"its state is {progress.state!r}.")
            case Verdict.READY:
                url = tools.sharedo.result_url(remote_id)
                return tools.kept(
                    replace(job, progress_percentage=100.0, step="Package ready", result_url=url)
                )
            case Verdict.GOING_ON:
                if progress.percentage > job.progress_percentage:
                    percentage = min(100.0, progress.percentage)
                    step = progress.step or job.step
                    job = tools.kept(replace(job, progress_percentage=percentage, step=step))
                    tools.report(ExportEventKind.PROGRESS, job, job.step)
            case never:
                assert_never(never)
    raise ExportTimeoutError(
        f"Export job {job.job_id} ({job.parameters.system_name}) was not ready after "
        f"{limits.polls_max} polls or {limits.deadline_seconds:g} s; it was at "
        f"{job.progress_percentage:.0f} %. It goes on in {tools.sharedo.name}.",
        details={"job_id": job.job_id, "remote_id": remote_id},
    )


def cancelled(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Cancel a job here, and in ShareDo where that is possible."""
    step = "Cancelled"
    if job.remote_id is not None:
        try:
            is_done = tools.sharedo.cancel(job.remote_id)
        except ShareDoUnreachableError:
            is_done = False
        step = "Cancelled" if is_done else "Cancelled here; ShareDo may carry on with it"
    elif job.is_in_doubt:
        step = f"Cancelled here; ShareDo may have it as {job.config_name!r}"
    return tools.kept(
        replace(job, state=JobState.CANCELLED, step=step, finished_at=tools.clock.now())
    )


def _with_stall_reported(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Report, once, a job that takes more than twice as long as was estimated."""
    now = tools.clock.now()
    if job.stalled_at is not None or job.started_at is None:
        return job
    elapsed_seconds = (now - job.started_at).total_seconds()
    if elapsed_seconds <= STALL_FACTOR * job.estimated_seconds:
        return job
    job = tools.kept(replace(job, stalled_at=now))
    tools.report(
        ExportEventKind.STALLED,
        job,
        f"It takes {elapsed_seconds:.0f} s already, more than twice the estimate of "
        f"{job.estimated_seconds:.0f} s.",
    )
    return job


def _failed(job: ExportJob, reason: str) -> ShareDoError:
    message = (
        f"Export job {job.job_id} ({job.parameters.system_name}) failed in "
        f"{job.parameters.environment}: {reason}"
    )
    details = {"job_id": job.job_id, "remote_id": job.remote_id or ""}
    if wants_person(reason):  # the other way to export would fail for the same reason
        return PersonMissingError(message, details=details)
    return ExportFailedError(message, details=details)
