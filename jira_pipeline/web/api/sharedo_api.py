"""Exports from ShareDo and comparisons of environments: asked for, and looked at.

Belongs here: shapes and messages. Does not: carrying exports out, which the daemon does
(`defs/sharedo_assets`), connections (`progress`), what differs
(`sources/sharedo/environment_comparison`).
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.sharedo_jobs import Compression, ExportJob, JobState, PackageFormat
from jira_pipeline.sessions.sharedo_upload import SeenComparison, see_comparison
from jira_pipeline.sources.sharedo import environment_comparison, export_jobs
from jira_pipeline.sources.sharedo.environment_comparison import ComparisonState
from jira_pipeline.web.access import Exporter, Reader
from jira_pipeline.web.api.shapes import AsJson, Shape
from jira_pipeline.web.context import TheWeb, Web

router = APIRouter(prefix="/api/sharedo", tags=["sharedo"])
BATCH_MAX = 200
_NAME = Field(min_length=1, max_length=200)
JobId = Annotated[str, Path(min_length=1, max_length=64)]


class WantedExport(Shape):
    """What is to be exported."""

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


class WantedBatch(Shape):
    """Many things to export."""

    items: list[WantedExport] = Field(min_length=1, max_length=BATCH_MAX)


class JobsShown(Shape):
    """Export jobs, oldest first."""

    jobs: list[AsJson[ExportJob]]


@router.post("/exports", status_code=202)
def ask_for_export(person: Exporter, web: TheWeb, wanted: WantedExport) -> AsJson[ExportJob]:
    """Ask for an export; the daemon carries it out. An open one that asks for the same is it."""
    return _asked(web, wanted, by=person.name)


@router.post("/exports/batch", status_code=202)
def ask_for_exports(person: Exporter, web: TheWeb, wanted: WantedBatch) -> JobsShown:
    """Ask for many exports; each fails or succeeds by itself."""
    return JobsShown(jobs=[_asked(web, item, by=person.name) for item in wanted.items])


@router.post("/exports/recover", status_code=202)
def recover_exports(_person: Exporter, web: TheWeb) -> JobsShown:
    """Name the interrupted jobs, which the daemon carries on with."""
    return JobsShown(jobs=list(export_jobs.interrupted_exports(web.pipeline)))


@router.get("/exports/{job_id}")
def show_export(_person: Reader, web: TheWeb, job_id: JobId) -> AsJson[ExportJob]:
    """Show one export job."""
    return export_jobs.known_job(web.pipeline, job_id)


@router.post("/exports/{job_id}/cancel")
def cancel_export(person: Exporter, web: TheWeb, job_id: JobId) -> AsJson[ExportJob]:
    """Cancel an open job, here and where possible in ShareDo."""
    return export_jobs.cancel(web.pipeline, job_id, by=person.name)


@router.post("/exports/{job_id}/retry", status_code=202)
def retry_export(person: Exporter, web: TheWeb, job_id: JobId) -> AsJson[ExportJob]:
    """Have a failed job created again."""
    return export_jobs.ask_for_retry(web.pipeline, job_id, by=person.name)


def _asked(web: Web, wanted: WantedExport, *, by: str) -> ExportJob:
    parameters = export_jobs.wanted_export(
        export_jobs.find_environment(web.pipeline.settings, wanted.environment),
        kind=wanted.type,
        system_name=wanted.system_name,
        includes_dependencies=wanted.include_dependencies,
        includes_history=wanted.history,
        package_format=wanted.format,
        compression=wanted.compression,
    )
    return export_jobs.ask_for_export(web.pipeline, parameters, by=by)


ComparisonId = Annotated[str, Path(min_length=1, max_length=64)]


class WantedItem(Shape):
    """One thing that is exported of both environments."""

    type: str = Field(default="worktype", min_length=1, max_length=200)
    system_name: str = _NAME


class WantedComparison(Shape):
    """Which environments are compared by what; `first` is what is wanted."""

    first: str = _NAME
    second: str = _NAME
    items: list[WantedItem] = Field(min_length=1, max_length=BATCH_MAX // 2)
    include_dependencies: bool = False
    ignored_fields: list[Annotated[str, _NAME]] = Field(default=[], max_length=100)


class ComparisonShown(Shape):
    """A comparison with its exports and, once it is completed, what `sharedo compare --json` says.

    One of packages that were sent has no exports.
    """

    comparison_id: str
    first: str
    second: str
    status: ComparisonState
    progress_percentage: float
    asked_at: str | None
    asked_by: str | None
    exports: list[AsJson[ExportJob]]
    result: dict[str, Any] | None


@router.post("/comparisons", status_code=202)
def ask_for_comparison(person: Exporter, web: TheWeb, wanted: WantedComparison) -> ComparisonShown:
    """Have the same things of two environments exported, and compared once they are here."""
    look = environment_comparison.ask_for_comparison(
        web.pipeline,
        wanted.first,
        wanted.second,
        [(item.type, item.system_name) for item in wanted.items],
        includes_dependencies=wanted.include_dependencies,
        ignored_fields=frozenset(wanted.ignored_fields),
        by=person.name,
    )
    return _seen(see_comparison(web.pipeline, look.asked.comparison_id))


@router.get("/comparisons/{comparison_id}")
def show_comparison(_person: Reader, web: TheWeb, comparison_id: ComparisonId) -> ComparisonShown:
    """Show a comparison, of environments or of packages that were sent."""
    return _seen(see_comparison(web.pipeline, comparison_id))


def _seen(seen: SeenComparison) -> ComparisonShown:
    look = seen.look
    return ComparisonShown(
        comparison_id=seen.comparison_id,
        first=seen.first,
        second=seen.second,
        status=seen.state,
        progress_percentage=100.0 if look is None else round(look.progress_percentage, 1),
        asked_at=None if look is None else look.asked.asked_at.isoformat(),
        asked_by=None if look is None else look.asked.asked_by,
        exports=[] if look is None else list(look.jobs),
        result=seen.result and json_object(seen.result),
    )


def look_at_job(web: Web, job_id: str) -> ExportJob:
    return export_jobs.known_job(web.pipeline, job_id)


def job_message(job: ExportJob) -> Mapping[str, object]:
    """Return the message of `WS /api/sharedo/exports/{job}/progress` that says all there is now."""
    return {"type": _event_of(job), "job": json_object(job)}


def _event_of(job: ExportJob) -> Literal["onProgress", "onComplete", "onError", "onStalled"]:
    if job.state is JobState.COMPLETED:
        return "onComplete"
    if job.error is not None or not job.is_open:
        return "onError"
    return "onStalled" if job.stalled_at is not None else "onProgress"
