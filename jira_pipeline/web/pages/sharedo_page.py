"""Page 8, ShareDo: environments, exports and how far they are, comparisons and tickets of them.

Belongs here: what the pages show, their forms. Does not: exporting, which the daemon does
(`defs/sharedo_assets`), what differs (`sources/sharedo/environment_comparison`), sessions
(`sessions/sharedo_upload`).
"""

import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.datastructures import FormData
from starlette.responses import FileResponse, HTMLResponse, Response

from jira_pipeline.model.errors import ConfigurationError, PipelineError, WrongUseError
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.model.people import Person, Role
from jira_pipeline.model.sessions import session_key_from
from jira_pipeline.model.sharedo_jobs import ExportJob
from jira_pipeline.sessions.sharedo_upload import (
    SeenComparison,
    name_in_session,
    receive_comparison,
    see_comparison,
    upload_comparison,
    upload_export,
)
from jira_pipeline.sources.sharedo import export_jobs
from jira_pipeline.sources.sharedo.client.environments import Environment
from jira_pipeline.sources.sharedo.environment_comparison import (
    ComparisonLook,
    ask_for_comparison,
    list_comparisons,
)
from jira_pipeline.sources.sharedo.export_jobs import (
    check_environments,
    configured_environments,
    item_of,
)
from jira_pipeline.sources.sharedo.package_pages import (
    comparison_view,
    package_facts,
    package_tables,
    title_of,
)
from jira_pipeline.sources.sharedo.reading.packages import read_package_file
from jira_pipeline.sources.sheets.upload_reading import UploadOutcome
from jira_pipeline.web.access import Exporter, Reader, Reviewer
from jira_pipeline.web.context import TheWeb, Web
from jira_pipeline.web.pages.showing import Notice, go_to, refused_at, rendered, sent_files, show

HERE = "/sharedo"
SHOWN = 50
"""Exports and comparisons of the list, the newest; components, and fields of each, of a comparison."""
ITEMS_MAX = 100
NAME_MAX = 100
SECRET_KEY_BYTES = 32
FILES_MAX = 100
router = APIRouter(prefix=HERE)
Name = Annotated[str, Form(max_length=NAME_MAX)]
Items = Annotated[str, Form(max_length=ITEMS_MAX * 200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentLine:
    """An environment as the page lists it."""

    environment: Environment
    answer: str
    """Whom it takes us for, or why it could not be asked; empty: it was not asked."""
    is_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestWork:
    """Exports and comparisons, the newest first."""

    jobs: Sequence[ExportJob]
    job_count: int
    comparisons: Sequence[ComparisonLook]
    comparison_count: int
    is_busy: bool
    """An export is at work."""


@router.get("")
def overview(request: Request, web: TheWeb, person: Reader, *, check: bool = False) -> Response:
    """List environments, exports and comparisons; environments are asked only where wanted."""
    fault: PipelineError | None = None
    environments: list[EnvironmentLine] = []
    try:
        known = configured_environments(web.pipeline.settings)
        is_asked = check and person.role.includes(Role.EXPORTER)
        environments = [_line_of(web, known[name], is_asked=is_asked) for name in known]
    except ConfigurationError as error:
        fault = error
    return show(
        request,
        "sharedo.html",
        environments=environments,
        fault=fault,
        file_max=web.pipeline.settings.upload_max_session_bytes // 1_000_000,
        newest=look_at_newest(web),
    )


@router.get("/live")
def live(web: TheWeb, person: Reader) -> Response:
    """Show exports and comparisons alone: what the page puts in place of what it showed."""
    return HTMLResponse(live_part(look_at_newest(web), person))


def live_part(newest: NewestWork, person: Person) -> str:
    """Return exports and comparisons as a part of a page."""
    return rendered("sharedo_live.html", person=person, newest=newest)


@router.post("/exports")
def export(
    request: Request,
    web: TheWeb,
    person: Exporter,
    environment: Name,
    items: Items,
    *,
    dependencies: Annotated[bool, Form()] = False,
) -> Response:
    """Ask for exports."""
    refused_at(request, HERE)
    found = export_jobs.find_environment(web.pipeline.settings, environment)
    wanted = [
        export_jobs.wanted_export(
            found, kind=kind, system_name=name, includes_dependencies=dependencies
        )
        for kind, name in _items_of(items)
    ]
    for parameters in wanted:
        export_jobs.ask_for_export(web.pipeline, parameters, by=person.name)
    return go_to(
        request,
        HERE,
        f"{counted(len(wanted), 'export')} requested; the daemon begins within a minute.",
    )


@router.post("/exports/{job_id}/cancel")
def cancel(request: Request, web: TheWeb, person: Exporter, job_id: str) -> Response:
    """Cancel an open export."""
    refused_at(request, HERE)
    job = export_jobs.cancel(web.pipeline, job_id, by=person.name)
    return go_to(
        request,
        HERE,
        f"Export job {job.job_id}: {job.step or 'it is cancelled once its process sees it'}.",
    )


@router.post("/exports/{job_id}/retry")
def retry(request: Request, web: TheWeb, person: Exporter, job_id: str) -> Response:
    """Have a failed export created again."""
    refused_at(request, HERE)
    job = export_jobs.ask_for_retry(web.pipeline, job_id, by=person.name)
    return go_to(request, HERE, f"Export job {job.job_id} was restarted.")


@router.get("/exports/{job_id}")
def inspect(request: Request, web: TheWeb, _person: Reader, job_id: str) -> Response:
    """Show what the package of a completed export holds; its secrets are masked."""
    job, path = export_jobs.package_of(web.pipeline, job_id)
    package = read_package_file(path, secret_key=secrets.token_bytes(SECRET_KEY_BYTES))
    return show(
        request,
        "sharedo_export.html",
        job=job,
        facts=package_facts(package),
        tables=package_tables(package),
        session_key=Path(name_in_session(job)).stem,
    )


@router.get("/exports/{job_id}/package")
def download(web: TheWeb, _person: Exporter, job_id: str) -> Response:
    """Send the package of a completed export as ShareDo made it, with its secrets."""
    _, path = export_jobs.package_of(web.pipeline, job_id)
    return FileResponse(path, media_type="application/octet-stream", filename=path.name)


@router.post("/exports/{job_id}/tickets")
def make_tickets_of_export(
    request: Request, web: TheWeb, person: Reviewer, job_id: str, session: Name
) -> Response:
    """Make the package of a completed export a session, and show it."""
    refused_at(request, f"{HERE}/exports/{job_id}")
    outcome = upload_export(web.pipeline, job_id, session_key=session.strip(), actor=person.name)
    return _session_made(request, web, outcome)


@router.post("/comparisons")
def compare(
    request: Request,
    web: TheWeb,
    person: Exporter,
    *,
    first: Name,
    second: Name,
    items: Items,
    dependencies: Annotated[bool, Form()] = False,
) -> Response:
    """Ask for a comparison of two environments, and show how far it is."""
    refused_at(request, HERE)
    look = ask_for_comparison(
        web.pipeline,
        first,
        second,
        _items_of(items),
        includes_dependencies=dependencies,
        by=person.name,
    )
    return go_to(request, f"{HERE}/comparisons/{look.asked.comparison_id}")


async def _form_of(request: Request, _person: Reviewer) -> AsyncIterator[FormData]:
    """Read the form of an upload, once it is known that somebody may send one."""
    async with request.form(max_files=2 * FILES_MAX, max_fields=4) as form:
        yield form


@router.post("/comparisons/upload")
def compare_packages(
    request: Request, web: TheWeb, person: Reviewer, form: Annotated[FormData, Depends(_form_of)]
) -> Response:
    """Keep the packages of two sides for a day, and show what differs."""

    def name(side: str, otherwise: str) -> str:
        return str(form.get(f"{side}_name") or "").strip()[:NAME_MAX] or otherwise

    refused_at(request, HERE)
    received = receive_comparison(
        web.pipeline,
        sent_files(form, "first"),
        sent_files(form, "second"),
        names=(name("first", "source"), name("second", "target")),
        by=person.name,
    )
    return go_to(request, f"{HERE}/comparisons/{received.upload_id}")


@router.get("/comparisons/{comparison_id}")
def comparison(request: Request, web: TheWeb, _person: Reader, comparison_id: str) -> Response:
    """Show what differs, or how far the exports are."""
    seen = see_comparison(web.pipeline, comparison_id)
    view = None if seen.result is None else comparison_view(seen.result)
    return show(
        request,
        "sharedo_comparison.html",
        seen=seen,
        view=view,
        title=f"{seen.first} compared with {seen.second}"
        if seen.result is None
        else title_of(seen.result),
        session_key=session_key_from(f"{seen.first}-to-{seen.second}"),
        shown=SHOWN,
    )


@router.get("/comparisons/{comparison_id}/live")
def comparison_live(web: TheWeb, person: Reader, comparison_id: str) -> Response:
    """Show how far a comparison is alone."""
    return HTMLResponse(comparison_live_part(look_at_comparison(web, comparison_id), person))


def look_at_comparison(web: Web, comparison_id: str) -> SeenComparison:
    return see_comparison(web.pipeline, comparison_id)


def comparison_live_part(seen: SeenComparison, person: Person) -> str:
    """Return how far a comparison is as a part of a page."""
    return rendered("sharedo_comparison_live.html", person=person, seen=seen)


@router.post("/comparisons/{comparison_id}/tickets")
def make_tickets(
    request: Request, web: TheWeb, person: Reviewer, comparison_id: str, session: Name
) -> Response:
    """Make what differs a session of migration tickets, and show it."""
    refused_at(request, f"{HERE}/comparisons/{comparison_id}")
    outcome = upload_comparison(
        web.pipeline, comparison_id, session_key=session.strip(), actor=person.name
    )
    return _session_made(request, web, outcome)


def _session_made(request: Request, web: Web, outcome: UploadOutcome) -> Response:
    web.report_upload(outcome)
    key = outcome.session.session_key
    notice = Notice(f"Session `{key}` registered: {counted(len(outcome.group_keys), 'ticket')}.")
    return go_to(request, f"/sessions/{key}", notice)


def _line_of(web: Web, environment: Environment, *, is_asked: bool) -> EnvironmentLine:
    if not is_asked:
        return EnvironmentLine(environment=environment, answer="", is_in=False)
    try:
        [found] = check_environments(web.pipeline, [environment.name])
    except PipelineError as error:
        return EnvironmentLine(environment=environment, answer=error.sentence, is_in=False)
    return EnvironmentLine(environment=environment, answer=found.account, is_in=True)


def look_at_newest(web: Web) -> NewestWork:
    """Look at exports and comparisons."""
    jobs = web.pipeline.store.sharedo_jobs.list_all()[::-1]
    comparisons = list_comparisons(web.pipeline)
    return NewestWork(
        jobs=jobs[:SHOWN],
        job_count=len(jobs),
        comparisons=comparisons[:SHOWN],
        comparison_count=len(comparisons),
        is_busy=any(job.is_open for job in jobs),
    )


def _items_of(text: str) -> list[tuple[str, str]]:
    """Return what a form names, one TYPE:NAME after the other."""
    items = [item_of(word) for word in text.split()]
    if not items or len(items) > ITEMS_MAX:
        raise WrongUseError(f"Name 1 to {ITEMS_MAX} things to export, as TYPE:NAME.")
    return items
