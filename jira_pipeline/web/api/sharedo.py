"""Exports from ShareDo and comparisons of environments: asked for, looked at, made tickets of.

Belongs here: shapes and messages. Does not: carrying exports out, which the daemon does
(`defs/sharedo`), connections (`progress`), what differs (`sharedo/environment_comparison`).
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from fastapi import File, Form, Path, UploadFile
from pydantic import BaseModel, Field

from jira_pipeline.errors import SheetsRefusedError, WrongUseError
from jira_pipeline.flow.sharedo_upload import (
    SeenComparison,
    receive_comparison,
    see_comparison,
    upload_comparison,
)
from jira_pipeline.kernel.sharedo_jobs import Compression, ExportJob, JobState, PackageFormat
from jira_pipeline.sharedo import environment_comparison, export_jobs
from jira_pipeline.sharedo.comparison_page import comparison_json
from jira_pipeline.sharedo.environment_comparison import (
    ComparisonLook,
    ComparisonState,
    list_comparisons,
)
from jira_pipeline.web.access import Exporter, Reader, Reviewer
from jira_pipeline.web.api.paging import Paged, Paging, in_parts
from jira_pipeline.web.api.shapes import JsonObject, Nothing, like, new_router
from jira_pipeline.web.api.uploads import FILES_MAX, Taken, taken, with_findings
from jira_pipeline.web.context import TheWeb, Web

router = new_router("sharedo")
BATCH_MAX = 200
_NAME = Field(min_length=1, max_length=200)
JobId = Annotated[str, Path(min_length=1, max_length=64, examples=["49bf75f785"])]


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


class JobShown(BaseModel, extra="allow"):
    """An export job; more fields say what was asked for."""

    job_id: str
    environment: str
    system_name: str
    state: JobState
    in_doubt: bool
    progress_percentage: float
    current_step: str
    error: JsonObject | None
    package: JsonObject | None


class JobsShown(BaseModel, extra="forbid"):
    """Export jobs, oldest first."""

    jobs: list[JobShown]


@router.get("/sharedo/exports")
def list_exports(_person: Reader, web: TheWeb, paging: Paged) -> JobsShown:
    """List all export jobs."""
    jobs = export_jobs.list_jobs(web.pipeline)
    return _all_shown(paging.page_of(jobs, key_of=lambda job: job.job_id))


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
    return _all_shown(export_jobs.interrupted_exports(web.pipeline))


@router.get("/sharedo/exports/{job_id}")
def show_export(_person: Reader, web: TheWeb, job_id: JobId) -> JobShown:
    """Show one export job."""
    return _shown(export_jobs.known_job(web.pipeline, job_id))


@router.post("/sharedo/exports/{job_id}/cancel")
def cancel_export(
    person: Exporter, web: TheWeb, job_id: JobId, _nothing: Nothing | None = None
) -> JobShown:
    """Cancel an open job, here and where possible in ShareDo."""
    return _shown(export_jobs.cancel(web.pipeline, job_id, by=person.name))


@router.post("/sharedo/exports/{job_id}/retry", status_code=202)
def retry_export(
    person: Exporter, web: TheWeb, job_id: JobId, _nothing: Nothing | None = None
) -> JobShown:
    """Have a failed job created again."""
    return _shown(export_jobs.ask_for_retry(web.pipeline, job_id, by=person.name))


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


def _shown(job: ExportJob) -> JobShown:
    return JobShown.model_validate(export_jobs.job_json(job))


def _all_shown(jobs: Sequence[ExportJob]) -> JobsShown:
    return JobsShown(jobs=[_shown(job) for job in jobs])


ComparisonId = Annotated[str, Path(min_length=1, max_length=64, examples=["7c1e09b4d2"])]


class WantedItem(BaseModel):
    """One thing that is exported of both environments."""

    model_config = like({"type": "worktype", "system_name": "matter"})

    type: str = Field(default="worktype", min_length=1, max_length=200)
    system_name: str = _NAME


class WantedComparison(BaseModel):
    """Which environments are compared by what; `first` is what is wanted."""

    model_config = like(
        {
            "first": "development",
            "second": "test",
            "items": [{"type": "worktype", "system_name": "matter"}],
        }
    )

    first: str = _NAME
    second: str = _NAME
    items: list[WantedItem] = Field(min_length=1, max_length=BATCH_MAX // 2)
    include_dependencies: bool = False
    ignored_fields: list[Annotated[str, _NAME]] = Field(default=[], max_length=100)


class ComparisonListed(BaseModel, extra="forbid"):
    """A comparison of two environments, and how far its exports are."""

    comparison_id: str
    first: str
    second: str
    status: ComparisonState
    progress_percentage: float
    asked_at: str | None
    asked_by: str | None


class ComparisonsListed(BaseModel, extra="forbid"):
    """Comparisons, newest first."""

    comparisons: list[ComparisonListed]


class ComparisonShown(ComparisonListed, extra="forbid"):
    """A comparison with its exports and, once it is completed, what `sharedo compare --json` says.

    One of packages that were sent has no exports.
    """

    exports: list[JobShown]
    result: JsonObject | None


class WantedTickets(BaseModel, extra="forbid"):
    """Which session the difference becomes."""

    session_key: str = Field(min_length=1, max_length=100)
    auto_approve: bool = Field(default=False, description="Export valid tickets without a review.")


@router.get("/sharedo/comparisons")
def comparisons(_person: Reader, web: TheWeb, paging: Paged) -> ComparisonsListed:
    """List the comparisons of environments."""
    shown = paging.page_of(
        list_comparisons(web.pipeline), key_of=lambda one: one.asked.comparison_id
    )
    return ComparisonsListed(comparisons=[_listed(one) for one in shown])


@router.post("/sharedo/comparisons", status_code=202)
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


@router.post("/sharedo/comparisons/uploads", status_code=201)
def compare_packages(
    *,
    web: TheWeb,
    person: Reviewer,
    first: Annotated[list[UploadFile], File(max_length=FILES_MAX)],
    second: Annotated[list[UploadFile], File(max_length=FILES_MAX)],
    first_name: Annotated[str, Form(max_length=64)] = "source",
    second_name: Annotated[str, Form(max_length=64)] = "target",
) -> ComparisonShown:
    """Compare export packages that are sent; they are kept for a day."""
    received = receive_comparison(
        web.pipeline,
        [(file.filename or "", file.file) for file in first],
        [(file.filename or "", file.file) for file in second],
        names=(first_name, second_name),
        by=person.name,
    )
    return _seen(see_comparison(web.pipeline, received.upload_id))


@router.get("/sharedo/comparisons/{comparison_id}")
def show_comparison(
    _person: Reader, web: TheWeb, comparison_id: ComparisonId, paging: Paged
) -> ComparisonShown:
    """Show a comparison, of environments or of packages that were sent; components by pages."""
    return _seen(see_comparison(web.pipeline, comparison_id), paging)


@router.post("/sharedo/comparisons/{comparison_id}/tickets", status_code=201)
def make_tickets(
    person: Reviewer, web: TheWeb, comparison_id: ComparisonId, wanted: WantedTickets
) -> Taken:
    """Make what differs a session of migration tickets; `…/generate` writes them."""
    try:
        outcome = upload_comparison(
            web.pipeline,
            comparison_id,
            session_key=wanted.session_key,
            auto_approve=wanted.auto_approve,
            actor=person.name,
        )
    except SheetsRefusedError as error:
        raise with_findings(error) from error
    return taken(web, outcome)


def _listed(look: ComparisonLook) -> ComparisonListed:
    return ComparisonListed(
        comparison_id=look.asked.comparison_id,
        first=look.asked.first,
        second=look.asked.second,
        status=look.state,
        progress_percentage=round(look.progress_percentage, 1),
        asked_at=look.asked.asked_at.isoformat(),
        asked_by=look.asked.asked_by,
    )


def _seen(seen: SeenComparison, paging: Paging | None = None) -> ComparisonShown:
    look = seen.look
    here = f"/api/sharedo/comparisons/{seen.comparison_id}"
    result = (
        None
        if seen.result is None
        else in_parts(
            comparison_json(seen.result), {"components": here}, paging=paging, paged="components"
        )
    )
    return ComparisonShown(
        comparison_id=seen.comparison_id,
        first=seen.first,
        second=seen.second,
        status=seen.state,
        progress_percentage=100.0 if look is None else round(look.progress_percentage, 1),
        asked_at=None if look is None else look.asked.asked_at.isoformat(),
        asked_by=None if look is None else look.asked.asked_by,
        exports=[] if look is None else [_shown(job) for job in look.jobs],
        result=result,
    )


def look_at_job(web: Web, job_id: str) -> ExportJob:
    """Look at a job.

    Raises:
        NotFoundError: There is none of that id.
    """
    return export_jobs.known_job(web.pipeline, job_id)


def job_message(job: ExportJob) -> Mapping[str, object]:
    """Return the message of `WS /api/sharedo/exports/{job}/progress` that says all there is now."""
    return {"type": _event_of(job), "job": export_jobs.job_json(job)}


def look_at_batch(web: Web, job_ids: Sequence[str]) -> Sequence[ExportJob]:
    """Look at the jobs that a batch was answered with, in the order of its items.

    Raises:
        WrongUseError: None is named, or too many are.
        NotFoundError: One is none.
    """
    if not 1 <= len(job_ids) <= BATCH_MAX:
        raise WrongUseError(f"Name 1 to {BATCH_MAX} jobs, each as `job=`.")
    return [export_jobs.known_job(web.pipeline, job_id) for job_id in job_ids]


def batch_messages(jobs: Sequence[ExportJob]) -> Sequence[Mapping[str, object]]:
    """Return a message for each item of a batch, and once all have ended one for the batch."""
    messages: list[Mapping[str, object]] = []
    for index, job in enumerate(jobs):
        event = _event_of(job)
        messages.append(
            {
                "type": _OF_ITEMS.get(event, event),
                "index": index,
                "item": job.parameters.system_name,
                "job": export_jobs.job_json(job),
            }
        )
    if not any(job.is_open for job in jobs):
        succeeded = sum(job.state is JobState.COMPLETED for job in jobs)
        count = len(jobs)
        summary = {"total": count, "succeeded": succeeded, "failed": count - succeeded}
        messages.append({"type": "onComplete", **summary})
    return messages


_OF_ITEMS: Mapping[str, str] = {"onComplete": "onItemComplete", "onError": "onItemError"}


def _event_of(job: ExportJob) -> Literal["onProgress", "onComplete", "onError", "onStalled"]:
    """Name the event that the state of a job is."""
    if job.state is JobState.COMPLETED:
        return "onComplete"
    if job.error is not None or not job.is_open:
        return "onError"
    return "onStalled" if job.stalled_at is not None else "onProgress"
