"""Creates a job in ShareDo effectively once.

The intent is committed before the call. Where the answer is lost the job is in doubt: it is looked
up by its name where the environment can do that, and sent again only once it was not there after
the horizon. Where it cannot be looked up, a person decides.
"""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import assert_never

from jira_pipeline.domain.sharedo_jobs import ExportItem, ExportJob, ExportRoute, JobState
from jira_pipeline.errors import CreationInDoubtError, LeaseBusyError, ShareDoUnreachableError
from jira_pipeline.ports.sharedo import (
    CreationUnknown,
    ExportEventKind,
    JobCreated,
    JobNotCreated,
)
from jira_pipeline.stages.sharedo_export.polling import TRANSIENT_ERRORS_MAX, backoff_seconds
from jira_pipeline.stages.sharedo_export.tools import ExportTools

ITEMS_MAX_COUNT = 200
"""Of one job. The graph of dependencies is cyclic, and all of a site could be reached."""
FIRST_PROBE_SECONDS, PROBE_MAX_SECONDS = 5.0, 60.0


def created(tools: ExportTools, job: ExportJob) -> ExportJob:  # noqa: PLR0912 - one story
    """Return the job as ShareDo has it; one that somebody cancelled meanwhile as it is.

    Raises:
        CreationInDoubtError: Whether ShareDo has it cannot be found out.
        ExportNotCreatedError: ShareDo refused it.
        ShareDoError: ShareDo cannot be asked.
        LeaseBusyError: Another process sends it now.
    """
    if job.remote_id is not None:
        return job
    failure_count = 0
    if job.is_in_doubt:
        job = _settled(tools, job, reason="its answer never came.")
    elif not job.items:
        job = tools.kept(replace(job, items=_items_of(tools, job)))
    while job.remote_id is None:
        if tools.is_cancelled(job):
            return tools.kept(replace(job, state=JobState.CANCELLED, finished_at=tools.clock.now()))
        intended = replace(job, intent_count=job.intent_count + 1, sent_at=tools.clock.now())
        if not tools.jobs.commit_intent(intended):
            raise LeaseBusyError(
                target=f"Export job {job.job_id} in {tools.sharedo.name}", holder="another process"
            )
        job = intended
        if job.route is ExportRoute.PACKAGE:
            answer = tools.sharedo.create(
                job.parameters, config_name=job.config_name, items=job.items
            )
        else:
            answer = tools.sharedo.create_configuration(job.parameters.system_name)
        match answer:
            case JobCreated():
                job = _adopted(tools, job, answer.remote_id)
            case JobNotCreated():
                job = tools.kept(replace(job, sent_at=None))
                failure_count += 1
                error = answer.error
                is_transient = isinstance(error, ShareDoUnreachableError)
                if not is_transient or failure_count > TRANSIENT_ERRORS_MAX:
                    raise error
                asked = error.wait_seconds if isinstance(error, ShareDoUnreachableError) else None
                tools.timer.sleep(backoff_seconds(failure_count, asked_seconds=asked))
            case CreationUnknown():
                job = _settled(tools, job, reason=answer.reason)
            case _:
                assert_never(answer)
    return job


def _settled(tools: ExportTools, job: ExportJob, *, reason: str) -> ExportJob:
    """Look a job in doubt up: found it is adopted, absent after the horizon it may be sent again.

    Raises:
        CreationInDoubtError: It cannot be looked up.
        ShareDoError: ShareDo cannot be asked.
    """
    if job.sent_at is None:
        return job
    if not tools.sharedo.can_find or job.route is not ExportRoute.PACKAGE:
        raise CreationInDoubtError(
            job_id=job.job_id,
            environment=tools.sharedo.name,
            config_name=job.config_name,
            reason=reason,
        )
    horizon = job.sent_at + timedelta(seconds=tools.settle_horizon_seconds)
    wait_seconds = FIRST_PROBE_SECONDS
    while True:
        is_past_horizon = tools.clock.now() >= horizon
        found = tools.retrying(partial(tools.sharedo.find, job.config_name))
        if len(found) > 1:
            tools.report(
                ExportEventKind.WARNING,
                job,
                f"{tools.sharedo.name} has {len(found)} jobs named {job.config_name!r}: "
                f"{', '.join(found)}. The first is carried on with.",
            )
        if found:
            return _adopted(tools, job, found[0])
        if is_past_horizon:
            return tools.kept(replace(job, sent_at=None))
        left_seconds = (horizon - tools.clock.now()).total_seconds()
        tools.report(
            ExportEventKind.WARNING,
            job,
            f"Whether the job was created is not known ({reason}) It is looked up again for "
            f"{max(0.0, left_seconds):.0f} s before it is sent again.",
        )
        tools.timer.sleep(max(0.0, min(wait_seconds, left_seconds)))
        wait_seconds = min(PROBE_MAX_SECONDS, 2 * wait_seconds)


def _adopted(tools: ExportTools, job: ExportJob, remote_id: str) -> ExportJob:
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


def _items_of(tools: ExportTools, job: ExportJob) -> tuple[ExportItem, ...]:
    """Name what a job exports: the item, and where asked all it depends on, each once.

    Each is asked once, so the cycles of the graph end; beyond the cap dependencies stay out, and
    the packages name them as such.
    """
    first = job.parameters.item
    if not job.parameters.includes_dependencies:
        return (first,)
    known, waiting = {first: None}, [first]
    while waiting and len(known) < ITEMS_MAX_COUNT:
        item = waiting.pop(0)
        for needed in tools.retrying(partial(tools.sharedo.dependencies, item)):
            if needed not in known and len(known) < ITEMS_MAX_COUNT:
                known[needed] = None
                waiting.append(needed)
    if waiting:
        tools.report(
            ExportEventKind.WARNING,
            job,
            f"More than {ITEMS_MAX_COUNT} things depend on each other; the others stay out.",
        )
    return tuple(known)
