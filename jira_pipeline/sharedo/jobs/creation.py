"""Creates a job in ShareDo effectively once.

The intent is committed before the call. Where the answer is lost the job is in doubt: nothing in
ShareDo is known to list jobs, so it is never sent again on a guess, and a person decides.
"""

from dataclasses import replace
from functools import partial

from jira_pipeline.model.errors import LeaseBusyError
from jira_pipeline.model.sharedo_jobs import ExportItem, ExportJob, JobState
from jira_pipeline.sharedo.errors import (
    ComponentMissingError,
    CreationInDoubtError,
    ShareDoError,
)
from jira_pipeline.sharedo.export_answers import ExportEventKind
from jira_pipeline.sharedo.jobs.tools import ExportTools

ITEMS_MAX_COUNT = 200
"""Of one job. The graph of dependencies is cyclic, and all of a site could be reached."""


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
    except CreationInDoubtError:
        raise
    except ShareDoError:
        tools.kept(replace(job, sent_at=None))
        raise
    return adopted(tools, job, remote_id)


def adopted(tools: ExportTools, job: ExportJob, remote_id: str) -> ExportJob:
    """Keep the id that ShareDo gave the job."""
    running = replace(
        job,
        state=JobState.RUNNING,
        remote_id=remote_id,
        started_at=tools.clock.now(),
        progress_percentage=0.0,
        error=None,
    )
    return tools.kept(running)


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
    waiting, seen = [first], {first.key.casefold()}
    while waiting and len(items) < ITEMS_MAX_COUNT:
        item = waiting.pop(0)
        try:
            if item not in tools.needs:
                tools.needs[item] = tools.retrying(partial(tools.sharedo.dependencies, item))
        except ComponentMissingError as error:
            if item is first:
                raise
            tools.warn(job, f"{error.message} It is left out.")
            continue
        items.append(item)
        for other in tools.needs[item]:
            if other.key.casefold() not in seen:
                seen.add(other.key.casefold())
                waiting.append(other)
    if waiting:
        text = f"More than {ITEMS_MAX_COUNT} things depend on each other; the rest are left out."
        tools.warn(job, text)
    return tools.kept(replace(job, items=tuple(items)))
