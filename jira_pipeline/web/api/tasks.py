"""Tasks: what somebody asked to be done with a session, from the request to the end of its run.

Belongs here: one task by its id, and where a start says that it can be found. Does not: how far its
work is (`work`), requests and their runs (`sessions/starting`, `dagster_port`).
"""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from jira_pipeline.context.facts import link_of_run
from jira_pipeline.context.settings import Settings
from jira_pipeline.model.errors import NotFoundError, NotFoundKind
from jira_pipeline.model.runs import KnownRun, RunRequest
from jira_pipeline.web.api.repeatable_route import RepeatableRoute
from jira_pipeline.web.api.shapes import OfSession, Time
from jira_pipeline.web.context import Reader, TheWeb

router = APIRouter(prefix="/api/tasks", tags=["tasks"], route_class=RepeatableRoute)
ADDRESS = "/api/tasks/{task_id}"
TaskId = Annotated[str, Path(description="As a start answered it.", max_length=64)]


class TaskStatus(StrEnum):
    """How far a task is."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


_STATUSES = {
    "success": TaskStatus.SUCCEEDED,
    "failure": TaskStatus.FAILED,
    "canceled": TaskStatus.CANCELLED,
}
"""By Dagster's word for a run that is over; any other one is at work, or waits."""


class Task(OfSession):
    """What somebody asked for, and the run that does it or did it."""

    task_id: str
    job: str = Field(description="Name of the job in Dagster.")
    status: TaskStatus | None = Field(description="Null: Dagster does not have its run any more.")
    requested_at: Time
    requested_by: str | None = Field(
        description="Null: a run was launched, at a terminal or in Dagster, and nobody asked for it here."
    )
    run_id: str | None = Field(description="Of Dagster; null before there is a run.")
    run_url: str | None = Field(
        description="Its page; null before there is a run, or without a known address."
    )


@router.get("/{task_id}")
def show_task(_person: Reader, task_id: TaskId, web: TheWeb) -> Task:
    """Say what became of a task, also once there are later ones."""
    settings = web.pipeline.settings
    request = web.pipeline.store.run_requests.find(task_id)
    run = web.runs.find(task_id)
    if request is not None:
        return _task_of_request(request, run, settings)
    if run is None or not run.session_key:
        raise NotFoundError(kind=NotFoundKind.TASK, task_id=task_id)
    return _task_of_run(run, settings)


def _task_of_request(request: RunRequest, run: KnownRun | None, settings: Settings) -> Task:
    run_id = request.run_id if run is None else run.started_run_id
    return Task(
        session_id=request.session_key,
        task_id=request.task_id,
        job=request.job_name,
        status=_status_of_request(request, run),
        requested_at=request.requested_at,
        requested_by=request.requested_by,
        run_id=run_id,
        run_url=link_of_run(settings, run_id),
    )


def _task_of_run(run: KnownRun, settings: Settings) -> Task:
    return Task(
        session_id=run.session_key,
        task_id=run.task_id,
        job=run.job_name,
        status=_status_of_run(run),
        requested_at=run.created_at,
        requested_by=None,
        run_id=run.started_run_id,
        run_url=link_of_run(settings, run.started_run_id),
    )


def _status_of_request(request: RunRequest, run: KnownRun | None) -> TaskStatus | None:
    """Return how far a request is: by its run, or by itself before there is one."""
    if run is not None and run.started_run_id is not None:
        return _status_of_run(run)
    if request.cancelled_at is not None:
        return TaskStatus.CANCELLED
    return TaskStatus.QUEUED if request.run_id is None else None


def _status_of_run(run: KnownRun) -> TaskStatus:
    if run.is_queued:
        return TaskStatus.QUEUED
    return _STATUSES.get(run.status, TaskStatus.RUNNING)


def name_task(response: Response, task_id: str) -> None:
    """Say in the answer of a start where its task can be followed."""
    response.headers["location"] = ADDRESS.format(task_id=task_id)
