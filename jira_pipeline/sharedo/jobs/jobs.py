"""The way of one job: created, watched, downloaded; carried on with after whatever interrupted it.

Belongs here: the steps in their order, asking until the package is there, what an error means for
the job, cancelling, retrying and recovering; many exports at once, each failure collected, none
ending the others. Does not: fetching the package, how long to wait (`tools`).

A job is created effectively once. The intent is committed before the call. Where the answer is lost
the job is in doubt: nothing in ShareDo is known to list jobs, so it is never sent again on a guess,
and a person decides.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

from jira_pipeline.model.errors import CancelledError, LeaseBusyError, PipelineError
from jira_pipeline.model.sharedo_jobs import (
    ExportItem,
    ExportJob,
    ExportParameters,
    ExportRoute,
    ExportType,
    JobError,
    JobState,
    wants_person,
)
from jira_pipeline.sharedo.errors import (
    ComponentMissingError,
    CreationInDoubtError,
    ExportFailedError,
    ExportJobStateError,
    ExportNotCreatedError,
    ExportTimeoutError,
    PackageInvalidError,
    PackageUnreadableError,
    PersonMissingError,
    ShareDoError,
    ShareDoUnreachableError,
)
from jira_pipeline.sharedo.jobs.downloads import downloaded
from jira_pipeline.sharedo.jobs.tools import (
    POLLS_MAX,
    STALL_FACTOR,
    TRANSIENT_ERRORS_MAX,
    ExportEventKind,
    ExportTools,
    backoff_seconds,
    lock_name,
    poll_delay_seconds,
)

ALTERNATIVE_TYPES = frozenset({ExportType.WORKTYPE, ExportType.CONFIGURATION})
ENDING_ERRORS = (
    ExportNotCreatedError,
    ExportFailedError,
    PackageUnreadableError,
    PackageInvalidError,
)
"""After these, save for a doubt, the same job cannot go on; after all others it is kept as it is."""

AT_ONCE_MAX = 5
ITEMS_MAX_COUNT = 200
"""Of one job. The graph of dependencies is cyclic, and all of a site could be reached."""


def create_job(tools: ExportTools, parameters: ExportParameters) -> ExportJob:
    """Keep a new job, or return the open one that asks for the same; nothing is sent yet."""
    return tools.jobs.open_job(
        ExportJob(
            job_id=tools.new_id(),
            parameters=parameters,
            created_at=tools.clock.now(),
            estimated_seconds=tools.sharedo.environment.estimated_seconds,
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
            job = tools.jobs.known(job.job_id)
            if job.is_open:  # else another process ended it while it waited for its turn
                if job.error is not None and not job.is_in_doubt:
                    job = tools.kept(replace(job, error=None))  # it says how the last try ended
                job = _carried_on(tools, job)
        except ShareDoError as error:
            error.name(job=job.job_id)
            job_error = JobError(
                code=error.code,
                message=error.message,
                is_recoverable=error.is_recoverable,
                details={name: str(value) for name, value in error.details.items()},
            )
            job = tools.jobs.known(job.job_id)
            if _is_over(error):  # one that can go on stays open
                job = replace(job, state=JobState.FAILED, finished_at=tools.clock.now())
            job = tools.kept(replace(job, error=job_error))
            tools.report(ExportEventKind.ERROR, job, error.message, error=error)
            raise
    if job.state is JobState.COMPLETED:
        tools.report(ExportEventKind.COMPLETE, job)
    return job


@contextmanager
def _held(tools: ExportTools, job: ExportJob) -> Iterator[None]:
    """Work on a job alone, as far as this host goes."""
    if tools.locks.is_alive(lock_name(job)):
        raise LeaseBusyError(
            target=f"Export job {job.job_id} in {tools.sharedo.name}", holder="another process"
        )
    with tools.locks.hold(lock_name(job)):
        yield


def _carried_on(tools: ExportTools, job: ExportJob) -> ExportJob:
    try:
        job = _ready(tools, job)
    except ExportFailedError as failure:
        job = tools.jobs.known(job.job_id)
        is_possible = (
            job.route is ExportRoute.PACKAGE
            and tools.sharedo.environment.paths.configuration is not None
            and job.parameters.export_type in ALTERNATIVE_TYPES
        )
        if not is_possible:
            raise
        tools.warn(job, f"{failure.message} Trying the configuration export instead.")
        try:
            job = _ready(tools, tools.kept(_restarted(job, route=ExportRoute.CONFIGURATION)))
        except ShareDoError as second:
            tried = "The configuration export was tried next."
            second.message = f"{failure.message} {tried} {second.message}"
            if _is_over(second):
                raise ExportFailedError(second.message, details=failure.details) from second
            raise
    return downloaded(tools, job) if job.is_open else job


def _ready(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Create a job and watch it, once more for twice as long after a timeout."""
    job = created(tools, job)
    if not job.is_open:
        return job
    try:
        return watched(tools, job)
    except ExportTimeoutError as timeout:
        tools.warn(job, f"{timeout.message} It is still being watched.")
        return watched(tools, tools.jobs.known(job.job_id), times=2)


def created(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Return the job as ShareDo has it; one that somebody cancelled meanwhile as it is.

    Raises:
        CreationInDoubtError: Whether ShareDo has it is not known.
        ExportNotCreatedError: ShareDo refused it.
        ShareDoError: ShareDo cannot be asked.
        LeaseBusyError: Another process sends it now.
    """
    if job.remote_id is not None:
        return job
    if job.is_in_doubt:
        raise CreationInDoubtError(job, reason="no response arrived.")
    if not job.items:
        job = _with_items(tools, job)
    return tools.retrying(partial(_sent, tools, job.job_id))


def _sent(tools: ExportTools, job_id: str) -> ExportJob:
    """Send a job once; where nothing was created it may be sent again."""
    job = tools.jobs.known(job_id)
    if tools.is_cancelled(job):
        return tools.kept(replace(job, state=JobState.CANCELLED, finished_at=tools.clock.now()))
    job = replace(job, intent_count=job.intent_count + 1, sent_at=tools.clock.now())
    if not tools.jobs.commit_intent(job):
        raise LeaseBusyError(
            target=f"Export job {job_id} in {tools.sharedo.name}", holder="another process"
        )
    try:
        remote_id = tools.sharedo.create(job)
    except ShareDoError as error:
        if not isinstance(error, CreationInDoubtError):
            tools.kept(replace(job, sent_at=None))
        raise
    return adopted(tools, job, remote_id)


def adopted(tools: ExportTools, job: ExportJob, remote_id: str) -> ExportJob:
    """Keep the id that ShareDo gave the job."""
    return tools.kept(
        replace(
            job,
            state=JobState.RUNNING,
            remote_id=remote_id,
            started_at=tools.clock.now(),
            progress_percentage=0.0,
            error=None,
        )
    )


def _with_items(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Keep what a job exports: the item, and where asked all it depends on, each once.

    Each is asked once, so the cycles of the graph end; beyond the cap dependencies stay out, and
    the packages name them as such.

    Raises:
        ComponentMissingError: The environment does not have the item.
        ShareDoError: ShareDo cannot be asked.
    """
    first = job.parameters.item
    if not job.parameters.includes_dependencies:
        return tools.kept(replace(job, items=(first,)))
    job = tools.kept(replace(job, step=f"Asking {tools.sharedo.name} what it depends on"))
    tools.report(ExportEventKind.PROGRESS, job)
    items: list[ExportItem] = []
    waiting = [first]
    seen = {first.key.casefold()}
    while waiting and len(items) < ITEMS_MAX_COUNT:
        export_item = waiting.pop(0)
        try:
            if export_item not in tools.needs:
                tools.needs[export_item] = tools.retrying(
                    partial(tools.sharedo.dependencies, export_item)
                )
        except ComponentMissingError as error:
            if export_item is first:
                raise
            tools.warn(job, f"{error.message} It is left out.")
            continue
        items.append(export_item)
        for other in tools.needs[export_item]:
            if other.key.casefold() not in seen:
                seen.add(other.key.casefold())
                waiting.append(other)
    if waiting:
        text = f"More than {ITEMS_MAX_COUNT} things depend on each other; the rest are left out."
        tools.warn(job, text)
    return tools.kept(replace(job, items=tuple(items)))


def retried(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Create a failed job again, or carry on with one that is open.

    Raises:
        ExportJobStateError: It is completed or cancelled.
        ShareDoError: As `carried_out`.
    """
    if job.is_open:
        return carried_out(tools, job)
    if job.state is not JobState.FAILED:
        raise ExportJobStateError(f"Export job {job.job_id} is {job.state}: nothing to resume.")
    again = replace(_restarted(job, route=ExportRoute.PACKAGE), items=())  # asked anew
    return carried_out(tools, tools.kept(again))


def decided(tools: ExportTools, job: ExportJob, *, remote_id: str | None) -> ExportJob:
    """Keep what a person found out of a creation in doubt: its id, or that it is not there."""
    if not job.is_in_doubt or tools.locks.is_alive(lock_name(job)):
        raise ExportJobStateError(f"Export job {job.job_id} needs no decision: it is known.")
    if remote_id is None:
        return tools.kept(replace(job, sent_at=None, error=None))
    return adopted(tools, job, remote_id)


def cancel_job(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Cancel an open job; where another process works on it, that process does so."""
    tools.jobs.request_cancel(job.job_id, at=tools.clock.now())
    if tools.locks.is_alive(lock_name(job)):
        return tools.jobs.known(job.job_id)
    with _held(tools, job):
        return cancelled(tools, tools.jobs.known(job.job_id))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFailure:
    wanted: ExportParameters
    error: PipelineError
    index: int
    """Place in the batch, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    jobs: tuple[ExportJob, ...]
    """Those that completed, in the order of the items."""
    errors: tuple[ItemFailure, ...]
    duration_seconds: float

    @property
    def total(self) -> int:
        return len(self.jobs) + len(self.errors)


def export_batch(tools: ExportTools, wanted: Sequence[ExportParameters]) -> BatchResult:
    """Export each item once, at most five at the same time.

    All are kept before the first is sent: who resumes a batch that was killed misses none.
    """
    return _each(tools, [create_job(tools, parameters) for parameters in dict.fromkeys(wanted)])


def recover_interrupted(tools: ExportTools) -> BatchResult:
    """Carry on with every job whose process is gone: it is adopted by its id, not sent again."""
    jobs = tools.jobs.list_all(environment=tools.sharedo.name)
    return _each(
        tools,
        [job for job in jobs if job.is_open and not tools.locks.is_alive(lock_name(job))],
    )


def _each(tools: ExportTools, jobs: Sequence[ExportJob]) -> BatchResult:
    began = tools.timer.monotonic()

    def export_one(index: int, job: ExportJob) -> ExportJob | ItemFailure:
        with_index = replace(
            tools, listener=lambda event: tools.listener(replace(event, index=index))
        )
        try:
            done = carried_out(with_index, job)
            if done.state is not JobState.COMPLETED:
                raise CancelledError(f"Export job {job.job_id} was {done.state}.")
        except PipelineError as error:
            now = tools.jobs.known(job.job_id)
            with_index.report(ExportEventKind.ITEM_ERROR, now, error.message, error=error)
            return ItemFailure(wanted=job.parameters, error=error, index=index)
        with_index.report(ExportEventKind.ITEM_COMPLETE, done)
        return done

    with ThreadPoolExecutor(max_workers=AT_ONCE_MAX) as pool:
        outcomes = list(pool.map(export_one, count(), jobs))
    return BatchResult(
        jobs=tuple(outcome for outcome in outcomes if isinstance(outcome, ExportJob)),
        errors=tuple(outcome for outcome in outcomes if isinstance(outcome, ItemFailure)),
        duration_seconds=tools.timer.monotonic() - began,
    )


def watched(  # noqa: C901 - one poll in the order things happen
    tools: ExportTools, job: ExportJob, *, times: int = 1
) -> ExportJob:
    """Return a running job once its package can be downloaded, or cancelled as somebody wished.

    Polls or the environment's deadline end it, whichever comes first, `times` over. Progress is
    reported only when it rises, a stall once in the life of the job.

    Raises:
        ExportTimeoutError: Polls or time are used up; the job goes on there.
        ExportFailedError: ShareDo says that it failed, or knows no such job.
        PersonMissingError: It failed because the token names no person.
        ShareDoUnreachableError: Too many transient errors in a row.
        ShareDoAccessError: ShareDo does not let us in.
    """
    remote_id = job.remote_id or ""
    polls_max = times * POLLS_MAX
    deadline_seconds = times * tools.sharedo.environment.deadline_seconds
    began = tools.timer.monotonic()
    failure_count = 0
    for poll_number in range(1, polls_max + 1):
        tools.timer.sleep(poll_delay_seconds(poll_number, job.progress_percentage))
        if tools.timer.monotonic() - began > deadline_seconds:
            break
        if tools.is_cancelled(job):
            return cancelled(tools, job)
        now = tools.clock.now()
        elapsed_seconds = (now - (job.started_at or now)).total_seconds()
        if job.stalled_at is None and elapsed_seconds > STALL_FACTOR * job.estimated_seconds:
            job = tools.kept(replace(job, stalled_at=now))
            text = (
                f"It has taken {elapsed_seconds:.0f} s so far, more than twice the estimate of "
                f"{job.estimated_seconds:.0f} s."
            )
            tools.report(ExportEventKind.STALLED, job, text)
        try:
            progress = tools.sharedo.progress(remote_id)
        except ShareDoUnreachableError as error:
            failure_count += 1
            if failure_count > TRANSIENT_ERRORS_MAX:
                raise
            tools.timer.sleep(backoff_seconds(failure_count, asked_seconds=error.wait_seconds))
            continue
        if progress is None:  # so a job that was just created answers, too
            failure_count += 1
            if failure_count > TRANSIENT_ERRORS_MAX:
                raise _failed(job, "ShareDo does not know it, or no longer does.")
            continue
        failure_count = 0
        if progress.has_failed:
            raise _failed(job, progress.error_text or f"its state is {progress.state!r}.")
        if progress.is_ready:
            url = tools.sharedo.result_url(remote_id)
            return tools.kept(
                replace(job, progress_percentage=100.0, step="Package ready", result_url=url)
            )
        if progress.percentage > job.progress_percentage:
            percentage = min(100.0, progress.percentage)
            step = progress.step or job.step
            job = tools.kept(replace(job, progress_percentage=percentage, step=step))
            tools.report(ExportEventKind.PROGRESS, job, job.step)
    raise ExportTimeoutError(
        f"Export job {job.job_id} ({job.parameters.system_name}) was not ready after "
        f"{polls_max} polls or {deadline_seconds:g} s; it was at "
        f"{job.progress_percentage:.0f} %. It continues in {tools.sharedo.name}.",
        details={"job_id": job.job_id, "remote_id": remote_id},
    )


def cancelled(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Cancel a job here, and in ShareDo where that is possible."""
    step = "Cancelled"
    if job.remote_id is not None:
        is_done = tools.sharedo.cancel(job.remote_id)
        step = "Cancelled" if is_done else "Cancelled here; ShareDo may continue it"
    elif job.is_in_doubt:
        step = f"Cancelled here; ShareDo may have it as {job.config_name!r}"
    return tools.kept(
        replace(job, state=JobState.CANCELLED, step=step, finished_at=tools.clock.now())
    )


def _failed(job: ExportJob, reason: str) -> ShareDoError:
    message = (
        f"Export job {job.job_id} ({job.parameters.system_name}) failed in "
        f"{job.parameters.environment}: {reason}"
    )
    details = {"job_id": job.job_id, "remote_id": job.remote_id or ""}
    if wants_person(reason):  # the other way to export would fail for the same reason
        return PersonMissingError(message, details=details)
    return ExportFailedError(message, details=details)
