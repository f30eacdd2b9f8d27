"""Exports from ShareDo: asked for, looked at, cancelled, tried again.

Belongs here: shapes and messages. Does not: carrying exports out, which the daemon does
(`defs/sharedo`), connections (`progress`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, Field

from jira_pipeline.domain.sharedo_jobs import Compression, ExportJob, JobState, PackageFormat
from jira_pipeline.sessions import sharedo
from jira_pipeline.web.access import Exporter, Reader
from jira_pipeline.web.api.shapes import JsonObject, Nothing, like, new_router
from jira_pipeline.web.context import TheWeb, Web

router = new_router("sharedo")
BATCH_MAX = 200
_NAME = Field(min_length=1, max_length=200)
JobId = Annotated[str, Path(min_length=1, max_length=64, examples=["49bf75f785"])]
_JOB: JsonObject = {
    "job_id": "49bf75f785",
    "environment": "development",
    "type": "worktype",
    "provider": "sharedo-type",
    "system_name": "matter",
    "state": "running",
    "in_doubt": False,
    "progress_percentage": 62.5,
    "current_step": "Collecting roles",
    "created_at": "2026-11-21T05:30:00+00:00",
    "error": None,
    "package": None,
}


class WantedExport(BaseModel):
    """What is to be exported."""

    model_config = like({"type": "worktype", "system_name": "matter", "environment": "development"})

    type: str = Field(
        min_length=1,
        max_length=200,
        description="worktype, workflow, form, configuration, or the provider as ShareDo names it.",
    )
    system_name: str = _NAME
    environment: str = _NAME
    include_dependencies: bool = False
    history: bool = False
    format: PackageFormat = PackageFormat.ZIP
    compression: Compression = Compression.NONE


class WantedBatch(BaseModel):
    """Many things to export."""

    model_config = like(
        {"items": [{"type": "form", "system_name": "intake", "environment": "development"}]}
    )

    items: list[WantedExport] = Field(min_length=1, max_length=BATCH_MAX)


class JobShown(BaseModel):
    """An export job; more fields say what was asked for."""

    model_config = like(_JOB, is_open=True)

    job_id: str
    environment: str
    system_name: str
    state: JobState
    in_doubt: bool
    progress_percentage: float
    current_step: str
    error: JsonObject | None
    package: JsonObject | None


class JobsShown(BaseModel):
    """Export jobs, oldest first."""

    model_config = like({"jobs": [_JOB]})

    jobs: list[JobShown]


@router.get("/sharedo/exports")
def list_exports(_person: Reader, web: TheWeb) -> JobsShown:
    """List all export jobs."""
    return _all_shown(web.pipeline.store.sharedo_jobs.list_all())


@router.post("/sharedo/exports", status_code=202)
def ask_for_export(person: Exporter, web: TheWeb, wanted: WantedExport) -> JobShown:
    """Ask for an export; the daemon carries it out. An open one that asks for the same is it."""
    return _shown(_asked(web, wanted, by=person.name))


@router.post("/sharedo/exports/batch", status_code=202)
def ask_for_exports(person: Exporter, web: TheWeb, wanted: WantedBatch) -> JobsShown:
    """Ask for many exports; each fails or succeeds by itself."""
    return _all_shown([_asked(web, item, by=person.name) for item in wanted.items])


@router.post("/sharedo/exports/recover", status_code=202)
def recover_exports(_person: Exporter, web: TheWeb, _nothing: Nothing | None = None) -> JobsShown:
    """Name the interrupted jobs, which the daemon carries on with."""
    return _all_shown(sharedo.interrupted_exports(web.pipeline))


@router.get("/sharedo/exports/{job_id}")
def show_export(_person: Reader, web: TheWeb, job_id: JobId) -> JobShown:
    """Show one export job."""
    return _shown(sharedo.known_job(web.pipeline, job_id))


@router.post("/sharedo/exports/{job_id}/cancel")
def cancel_export(
    person: Exporter, web: TheWeb, job_id: JobId, _nothing: Nothing | None = None
) -> JobShown:
    """Cancel an open job, here and where possible in ShareDo."""
    return _shown(sharedo.cancel(web.pipeline, job_id, by=person.name))


@router.post("/sharedo/exports/{job_id}/retry", status_code=202)
def retry_export(
    person: Exporter, web: TheWeb, job_id: JobId, _nothing: Nothing | None = None
) -> JobShown:
    """Have a failed job created anew."""
    return _shown(sharedo.ask_for_retry(web.pipeline, job_id, by=person.name))


def _asked(web: Web, wanted: WantedExport, *, by: str) -> ExportJob:
    parameters = sharedo.wanted_export(
        sharedo.find_environment(web.pipeline.settings, wanted.environment),
        kind=wanted.type,
        system_name=wanted.system_name,
        includes_dependencies=wanted.include_dependencies,
        includes_history=wanted.history,
        package_format=wanted.format,
        compression=wanted.compression,
    )
    return sharedo.ask_for_export(web.pipeline, parameters, by=by)


def _shown(job: ExportJob) -> JobShown:
    return JobShown.model_validate(sharedo.job_json(job))


def _all_shown(jobs: "list[ExportJob] | tuple[ExportJob, ...]") -> JobsShown:
    return JobsShown(jobs=[_shown(job) for job in jobs])


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLook:
    """A job, seen at one moment."""

    job: ExportJob

    @property
    def mark(self) -> object:
        """What differs wherever any message would."""
        return self.job


def look_at_job(web: Web, job_id: str) -> JobLook:
    """Look at a job.

    Raises:
        UnknownExportJobError: There is none of that id.
    """
    return JobLook(job=sharedo.known_job(web.pipeline, job_id))


def job_message(look: JobLook) -> Mapping[str, object]:
    """Return the message of `WS /api/sharedo/exports/{job}/progress` that says all there is now."""
    return {"type": _event_of(look.job), "job": sharedo.job_json(look.job)}


def _event_of(job: ExportJob) -> Literal["onProgress", "onComplete", "onError", "onStalled"]:
    """Name the event that the state of a job is, as S4-12 names them."""
    if job.state is JobState.COMPLETED:
        return "onComplete"
    if job.error is not None or not job.is_open:
        return "onError"
    return "onStalled" if job.stalled_at is not None else "onProgress"
