"""Creates a job in ShareDo effectively once.

The intent is committed before the call. Where the answer is lost the job is in doubt: it is looked
up by its name where the environment can do that, and sent again only once it was not there after
the horizon. Where it cannot be looked up, a person decides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from jira_pipeline.model.errors import LeaseBusyError, PipelineError
from jira_pipeline.model.sharedo_jobs import ExportItem, ExportJob, ExportRoute, ItemPart, JobState
from jira_pipeline.sharedo.errors import (
    ComponentMissingError,
    CreationInDoubtError,
    ExportNotCreatedError,
    PersonMissingError,
    ShareDoUnreachableError,
)
from jira_pipeline.sharedo.export_answers import (
    CreationUnknown,
    ExportEventKind,
    JobCreated,
    JobNotCreated,
)
from jira_pipeline.sharedo.jobs.tools import (
    TRANSIENT_ERRORS_MAX,
    ExportTools,
    backoff_seconds,
)

if TYPE_CHECKING:  # an adapter: loaded where it is opened
    from jira_pipeline.sharedo.client.client import ShareDoClient

ITEMS_MAX_COUNT = 200
"""Of one job. The graph of dependencies is cyclic, and all of a site could be reached."""
FIRST_PROBE_SECONDS, PROBE_MAX_SECONDS = 5.0, 60.0


def created(  # noqa: C901, PLR0912 - one story
    tools: ExportTools, job: ExportJob
) -> ExportJob:
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
        job = _settled(tools, job, reason="no response arrived.")
    elif not job.exported_items:
        job = _with_items(tools, job)
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
                job.parameters, config_name=job.config_name, items=job.exported_items
            )
        else:
            answer = tools.sharedo.create_configuration(job.parameters.system_name)
        match answer:
            case JobCreated():
                job = adopted(tools, job, answer.remote_id)
            case JobNotCreated():
                job = tools.kept(replace(job, sent_at=None))
                error = answer.error
                less = without_named(job)
                if less.exported_items != job.exported_items and _is_about_items(error):
                    tools.warn(job, unnamed_text(job, error.message))
                    job = tools.kept(less)
                    continue
                failure_count += 1
                is_transient = isinstance(error, ShareDoUnreachableError)
                if not is_transient or failure_count > TRANSIENT_ERRORS_MAX:
                    raise error
                asked = error.wait_seconds if isinstance(error, ShareDoUnreachableError) else None
                tools.timer.sleep(backoff_seconds(failure_count, asked_seconds=asked))
            case CreationUnknown():
                job = _settled(tools, job, reason=answer.reason)
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
            tools.warn(
                job,
                f"{tools.sharedo.name} has {len(found)} jobs named {job.config_name!r}: "
                f"{', '.join(found)}. The first one is used.",
            )
        if found:
            return adopted(tools, job, found[0])
        if is_past_horizon:
            return tools.kept(replace(job, sent_at=None))
        left_seconds = (horizon - tools.clock.now()).total_seconds()
        tools.warn(
            job,
            f"It is unclear whether the job was created ({reason}) It is looked up for another "
            f"{max(0.0, left_seconds):.0f} s before it is sent again.",
        )
        tools.timer.sleep(max(0.0, min(wait_seconds, left_seconds)))
        wait_seconds = min(PROBE_MAX_SECONDS, 2 * wait_seconds)


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


def without_named(job: ExportJob) -> ExportJob:
    """Return a job without what was only named by the environment it is compared with.

    Where no item is left that was asked for here, it is returned as it is.
    """
    left = tuple(item for item in job.items if item.part is not ItemPart.NAMED)
    less = replace(job, items=left)
    return less if less.exported_items else job


def unnamed_text(job: ExportJob, reason: str) -> str:
    """Say that a job is tried without what the other environment named, and why."""
    return (
        f"{reason} Retrying without what only {job.parameters.compared_with} uses, which is then "
        "not compared."
    )


def _is_about_items(error: PipelineError) -> bool:
    """Tell whether fewer items may be taken where these were refused."""
    return isinstance(error, ExportNotCreatedError) and not isinstance(error, PersonMissingError)


def _with_items(tools: ExportTools, job: ExportJob) -> ExportJob:
    """Keep what a job exports: the item, and where asked all it depends on, each once.

    Of two environments that are compared, each is asked by name for what the other one reaches, so
    that what it lacks is known, and not taken for what it does not use.

    Raises:
        ComponentMissingError: The environment has nothing of it.
        ShareDoError: ShareDo cannot be asked.
    """
    first, other = job.parameters.item, job.parameters.compared_with
    if not job.parameters.includes_dependencies:
        return tools.kept(replace(job, items=(first,)))
    job = tools.kept(replace(job, step=f"Asking {tools.sharedo.name} what it depends on"))
    tools.report(ExportEventKind.PROGRESS, job)
    items = _reached(tools, tools.sharedo, job)
    if other is not None:
        job = tools.kept(replace(job, step=f"Asking for what {other} reaches"))
        tools.report(ExportEventKind.PROGRESS, job)
        try:
            reached = _reached(tools, tools.client_of(other), job)
            for item in _named(tools, job, known=tuple(items), reached=reached):
                items.append(item)  # what was asked before a failure is kept
        except PipelineError as error:
            tools.warn(job, f"What only {other} uses is not compared: {error.message}")
    job = tools.kept(replace(job, items=tuple(items)))
    if not job.exported_items:
        said = _needs_of(tools, tools.sharedo, first)
        raise ComponentMissingError(
            said if isinstance(said, str) else f"{tools.sharedo.name} has no {first.key}.",
            details={"item": first.key},
        )
    return job


def _reached(tools: ExportTools, sharedo: "ShareDoClient", job: ExportJob) -> list[ExportItem]:
    """Follow what a thing depends on in an environment; what it names and lacks is marked.

    Each is asked once, so the cycles of the graph end; beyond the cap dependencies stay out, and
    the packages name them as such.
    """
    first = job.parameters.item
    found, waiting, seen, room = [], [first], {first.key.casefold()}, ITEMS_MAX_COUNT
    while waiting and room:
        item = waiting.pop(0)
        needed = _needs_of(tools, sharedo, item)
        if isinstance(needed, str):
            found.append(replace(item, part=ItemPart.LACKING))
            continue
        found.append(item)
        room -= 1
        for other in needed:
            if other.key.casefold() not in seen:
                seen.add(other.key.casefold())
                waiting.append(other)
    if waiting:
        tools.warn(job, _TOO_MANY)
    return found


def _named(
    tools: ExportTools,
    job: ExportJob,
    *,
    known: Sequence[ExportItem],
    reached: Sequence[ExportItem],
) -> Iterator[ExportItem]:
    """Ask this environment for what another one reaches and it does not; nothing is followed."""
    own = {item.key.casefold() for item in known}
    room = ITEMS_MAX_COUNT - sum(item.part is not ItemPart.LACKING for item in known)
    for item in reached:
        if item.part is ItemPart.LACKING or item.key.casefold() in own:
            continue
        is_lacking = isinstance(_needs_of(tools, tools.sharedo, item), str)
        if not is_lacking and not room:
            tools.warn(job, _TOO_MANY)
            return
        room -= not is_lacking
        yield replace(item, part=ItemPart.LACKING if is_lacking else ItemPart.NAMED)


_TOO_MANY = f"More than {ITEMS_MAX_COUNT} things depend on each other; the rest are left out."


def _needs_of(
    tools: ExportTools, sharedo: "ShareDoClient", item: ExportItem
) -> tuple[ExportItem, ...] | str:
    asked = (sharedo.name, item.key)
    if asked not in tools.needs:
        try:
            tools.needs[asked] = tools.retrying(partial(sharedo.dependencies, item))
        except ComponentMissingError as error:
            tools.needs[asked] = error.message
    return tools.needs[asked]
