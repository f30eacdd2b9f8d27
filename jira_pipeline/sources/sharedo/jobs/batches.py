"""Many exports at once: at most five, each failure collected, none ending the others."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from jira_pipeline.model.errors import CancelledError, PipelineError
from jira_pipeline.model.sharedo_jobs import ExportJob, ExportParameters, JobState
from jira_pipeline.sources.sharedo.jobs.jobs import carried_out, create_job, interrupted_jobs
from jira_pipeline.sources.sharedo.jobs.tools import ExportTools
from jira_pipeline.sources.sharedo.roles import ExportEvent, ExportEventKind

AT_ONCE_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFailure:
    """One item that failed."""

    item: str
    error: PipelineError
    index: int
    """Place in the batch, from 0."""
    job: ExportJob | None
    """As it was kept last; None: nothing is known of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What came of a batch."""

    jobs: tuple[ExportJob, ...]
    """Those that completed, in the order of the items."""
    errors: tuple[ItemFailure, ...]
    duration_seconds: float

    @property
    def total(self) -> int:
        """How many items there were."""
        return len(self.jobs) + len(self.errors)


def export_batch(tools: ExportTools, wanted: Sequence[ExportParameters]) -> BatchResult:
    """Export each item once, at most five at the same time."""
    items = tuple(dict.fromkeys(wanted))
    return _each(
        tools,
        [parameters.system_name for parameters in items],
        lambda own, index: carried_out(own, create_job(own, items[index])),
    )


def recover_interrupted(tools: ExportTools) -> BatchResult:
    """Carry on with every job whose process is gone: it is adopted by its id, not sent again."""
    jobs = interrupted_jobs(tools)
    return _each(
        tools,
        [job.parameters.system_name for job in jobs],
        lambda own, index: carried_out(own, jobs[index]),
    )


def _each(
    tools: ExportTools, names: Sequence[str], work: Callable[[ExportTools, int], ExportJob]
) -> BatchResult:
    began = tools.timer.monotonic()

    def one(index: int) -> ExportJob | ItemFailure:
        last: list[ExportJob] = []

        def listen(event: ExportEvent) -> None:
            last[:] = [event.job]
            tools.listener(replace(event, index=index))

        try:
            job = work(replace(tools, listener=listen), index)
            if job.state is not JobState.COMPLETED:
                raise CancelledError(f"Export job {job.job_id} was {job.state}.")
        except PipelineError as error:
            if last:
                kind = ExportEventKind.ITEM_ERROR
                tools.listener(
                    ExportEvent(
                        kind=kind, job=last[0], text=error.message, index=index, error=error
                    )
                )
            return ItemFailure(
                item=names[index], error=error, index=index, job=last[0] if last else None
            )
        tools.listener(ExportEvent(kind=ExportEventKind.ITEM_COMPLETE, job=job, index=index))
        return job

    with ThreadPoolExecutor(max_workers=AT_ONCE_MAX) as pool:
        outcomes = list(pool.map(one, range(len(names))))
    return BatchResult(
        jobs=tuple(found for found in outcomes if isinstance(found, ExportJob)),
        errors=tuple(found for found in outcomes if isinstance(found, ItemFailure)),
        duration_seconds=tools.timer.monotonic() - began,
    )
