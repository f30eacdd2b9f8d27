"""Commands about ShareDo: export jobs, how they are shown while they run, and comparisons."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from jira_pipeline.cli.console import (
    ExitCode,
    Screen,
    error_object,
    exit_code_of,
    key_values,
    literal,
    show_failure,
)
from jira_pipeline.cli.context import JsonOption, current_person, run_pipeline_command
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.sharedo_jobs import Compression, ExportJob, JobState, PackageFormat
from jira_pipeline.sharedo import export_jobs
from jira_pipeline.sharedo.comparison import Comparison, side_text
from jira_pipeline.sharedo.errors import ComponentMissingError
from jira_pipeline.sharedo.jobs.jobs import BatchResult
from jira_pipeline.sharedo.jobs.tools import ExportEvent, ExportEventKind, Listener
from jira_pipeline.sharedo.packages import JsonValue
from jira_pipeline.tickets.grouping.component_rows import Outcome

ITEMS_HELP = (
    "What to export. TYPE is worktype (the default), workflow, form, configuration, or ShareDo's own "
    "name for the provider, such as sharedo-type."
)

DependenciesOption = Annotated[bool, "--dependencies", "Include all dependencies."]
STEP_CHARACTERS = 44
"""Bars, counts and times need the rest of a line."""
SPOKEN = {
    ExportEventKind.STALLED,
    ExportEventKind.WARNING,
    ExportEventKind.ERROR,
    ExportEventKind.COMPLETE,
}
"""What gets a line of its own; that an item of a batch ended says the same of its job again."""


def export(
    screen: Screen,
    pipeline: Pipeline,
    items: Annotated[list[str], "TYPE:NAME…", ITEMS_HELP],
    *,
    environment: Annotated[str, "--environment,-e NAME", "As `sharedo.yaml` names it."],
    with_dependencies: DependenciesOption = False,
    with_history: Annotated[bool, "--history", "Include the history."] = False,
    package_format: Annotated[
        PackageFormat, "--format", "Format of the packages."
    ] = PackageFormat.ZIP,
    compression: Annotated[
        Compression, "--compression", "Compression during the download."
    ] = Compression.NONE,
) -> None:
    """Export items, up to five at a time: each job is watched and its package downloaded.

    If one fails, the others continue. For example:

    jira-pipeline sharedo export worktype:matter form-builder:intake --environment development
    """
    exported_from = export_jobs.find_environment(pipeline.settings, environment)
    wanted = []
    for typed in items:
        kind, name = export_jobs.item_of(typed)
        wanted.append(
            export_jobs.wanted_export(
                exported_from,
                kind=kind,
                system_name=name,
                includes_dependencies=with_dependencies,
                includes_history=with_history,
                package_format=package_format,
                compression=compression,
            )
        )
    with shown_exports(screen) as listener:
        result = export_jobs.export_all(pipeline, wanted, listener=listener)
    _show_batch(screen, pipeline, result)


def status(
    screen: Screen,
    pipeline: Pipeline,
    job_id: Annotated[str | None, "[JOB]", "Id of a job; by default, all are listed."] = None,
    *,
    environment: Annotated[
        str | None, "--environment,-e NAME", "Only jobs for this environment."
    ] = None,
) -> None:
    """Show an export job, or list all of them, oldest first."""
    if job_id is not None:
        job = pipeline.store.sharedo_jobs.known(job_id)
        screen.answer(job_object(pipeline, job))
        _show_job(screen, pipeline, job)
        return
    jobs = pipeline.store.sharedo_jobs.list_all(environment=environment)
    screen.answer([job_object(pipeline, job) for job in jobs])
    rows = [_job_row(job) for job in jobs]
    screen.table(("job", "environment", "what", "state", "done", "step"), rows, wide="step")
    if not jobs:
        screen.say("There are no export jobs yet.")


def cancel(
    screen: Screen,
    pipeline: Pipeline,
    job_id: Annotated[str, "JOB", "Id of an export job."],
) -> None:
    """Cancel an open job, here and, where possible, in ShareDo."""
    job = export_jobs.cancel(pipeline, job_id, by=current_person())
    screen.answer(job_object(pipeline, job))
    waits = "" if job.state is JobState.CANCELLED else ", once its process sees it"
    screen.say(f"Export job {job.job_id}: {job.step or 'cancelled'}{waits}.")


def resume(
    screen: Screen,
    pipeline: Pipeline,
    job_id: Annotated[
        str | None, "[JOB]", "Id of a job; by default, all that were interrupted."
    ] = None,
    *,
    remote_id: Annotated[
        str | None, "--remote-id ID", "The job is in ShareDo, under this id."
    ] = None,
    is_sent_again: Annotated[
        bool, "--send-again", "The job is not in ShareDo: create it again."
    ] = False,
) -> None:
    """Resume interrupted jobs; a job you name is resumed even if it failed.

    A job that exists in ShareDo is found by its id and never created again.
    """
    if job_id is None and (remote_id is not None or is_sent_again):
        raise WrongUseError("--remote-id and --send-again need a JOB.")
    if remote_id is not None and is_sent_again:
        raise WrongUseError(
            "--remote-id means that the job exists, --send-again that it does not: use one."
        )
    if job_id is not None:
        with shown_exports(screen) as listener:
            job = export_jobs.resume(
                pipeline,
                job_id,
                listener=listener,
                by=current_person(),
                remote_id=remote_id,
                is_sent_again=is_sent_again,
            )
        screen.answer(job_object(pipeline, job))
        _show_job(screen, pipeline, job)
        if job.state is not JobState.COMPLETED:
            raise typer.Exit(ExitCode.FAILED)
        return
    with shown_exports(screen) as listener:
        results = export_jobs.recover_all(pipeline, listener=listener)
    if not results:
        screen.answer({"total": 0, "succeeded": 0, "failed": 0, "jobs": [], "errors": []})
        screen.say("No jobs were interrupted.")
    for result in results:
        _show_batch(screen, pipeline, result)


def job_object(pipeline: Pipeline, job: ExportJob) -> dict[str, object]:
    """Say a job as programs of this machine get it: with the path of its package."""
    if job.package is None:
        return json_object(job)
    place = {"path": str(export_jobs.package_path(pipeline, job.package))}
    return json_object(job) | {"package": json_object(job.package) | place}


def _job_row(job: ExportJob) -> tuple[object, ...]:
    state = "unconfirmed" if job.is_in_doubt else job.state
    step = job.error.sentence if job.error else job.step
    return (
        job.job_id,
        job.parameters.environment,
        job.parameters.item.key,
        state,
        f"{job.progress_percentage:.0f} %",
        step,
    )


def _show_job(screen: Screen, pipeline: Pipeline, job: ExportJob) -> None:
    package = job.package
    shown: dict[str, object] = {
        "job": f"{job.job_id} ({job.parameters.item.key} of {job.parameters.environment})",
        "state": f"{'unconfirmed' if job.is_in_doubt else job.state}, "
        f"{job.progress_percentage:.0f} %, {job.step or 'not started'}",
        "exports": f"{len(job.items)} things" if len(job.items) > 1 else "",
        "error": job.error and job.error.sentence,
        "package": package and export_jobs.package_path(pipeline, package),
        "SHA-256": package and f"{package.sha256} ({package.size_bytes:,} bytes)",
    }
    screen.show(key_values(shown))


def _show_batch(screen: Screen, pipeline: Pipeline, result: BatchResult) -> None:
    """Show what came of many jobs; any that failed ends the command with its code."""
    failures = [
        {
            "item": failure.wanted.system_name,
            "error": error_object(failure.error),
            "index": failure.index,
        }
        for failure in result.errors
    ]
    screen.answer(
        {
            "total": result.total,
            "succeeded": len(result.jobs),
            "failed": len(result.errors),
            "duration_seconds": result.duration_seconds,
            "jobs": [job_object(pipeline, job) for job in result.jobs],
            "errors": failures,
        }
    )
    for job in result.jobs:
        _show_job(screen, pipeline, job)
    if not screen.is_json:
        for failure in result.errors:
            sentence = f"{failure.wanted.system_name}: {failure.error.sentence}"
            actions = [action_text(action) for action in failure.error.recovery_actions]
            show_failure(screen, sentence, actions=actions)
    screen.say(
        f"{result.total} exports: {len(result.jobs)} succeeded, {len(result.errors)} failed, "
        f"{result.duration_seconds:.1f} s."
    )
    if result.errors:
        codes = {exit_code_of(failure.error) for failure in result.errors}
        raise typer.Exit(codes.pop() if len(codes) == 1 else ExitCode.FAILED)


def compare(
    first: Annotated[str, "A", "The environment with the desired state."],
    second: Annotated[str, "B", "The environment that should match A."],
    items: Annotated[
        list[str],
        "TYPE:NAME…",
        "What to export from both environments and compare; TYPE defaults to worktype.",
    ],
    *,
    with_dependencies: DependenciesOption = False,
    session: Annotated[
        str | None, "--session KEY", "Register the differences as a session."
    ] = None,
    is_json: JsonOption = False,
) -> None:
    """Export from two environments at once, and compare what came.

    List order, ids, times and versions are not compared. For example:

    jira-pipeline sharedo compare development test worktype:matter --dependencies
    """
    from jira_pipeline.cli.intake import show_upload, write_tickets_if_wanted
    from jira_pipeline.dagster_port.reports import report_upload

    wanted = None
    with run_pipeline_command(is_json=is_json) as (screen, pipeline):
        with shown_exports(screen) as listener:
            exported = export_jobs.compare_environments(
                pipeline,
                first,
                second,
                [export_jobs.item_of(argument) for argument in items],
                includes_dependencies=with_dependencies,
                listener=listener,
            )
        comparison = exported.comparison
        show_comparison(screen, comparison)
        if session is None:
            screen.answer(json_object(comparison))
            return
        outcome = export_jobs.upload_packages(
            pipeline,
            exported.first,
            against=exported.second,
            session_key=session,
            auto_approve=False,
            actor=current_person(),
        )
        if is_json:
            screen.answer(json_object(comparison) | {"session_key": outcome.session.session_key})
            report_upload(pipeline, outcome)
        else:
            wanted = show_upload(screen, pipeline, lambda: outcome, session_key=session)
    write_tickets_if_wanted(wanted)


def show_comparison(screen: Screen, comparison: Comparison) -> None:
    """Show people a comparison: warnings, counts, and each field that differs."""
    first = comparison.first
    second = comparison.second
    outcomes = {
        Outcome.ADDED: f"only in {first}",
        Outcome.REMOVED: f"only in {second}",
        Outcome.MODIFIED: "different",
        Outcome.UNCHANGED: "alike",
        Outcome.NOT_COMPARED: "not compared",
    }
    screen.say(
        f"What has to change in {second} to match {first}: “before” is the value in {second}, "
        f"“after” the one in {first}. List order, ids, times and versions are not compared."
    )
    screen.say(*(f"Warning: {warning}" for warning in comparison.warnings))
    for component in comparison.with_outcome(Outcome.MODIFIED):
        rows = []
        for difference in component.differences:
            path = difference.path
            if difference.is_environments_own:
                path = f"{path} (the environment's own)"
            rows.append((path, _value_text(difference.before), _value_text(difference.after)))
        title = f"{component.title} ({component.key})"
        screen.table(("field", "before", "after"), rows, title=title)
    for outcome in (Outcome.ADDED, Outcome.REMOVED, Outcome.NOT_COMPARED):
        components = comparison.with_outcome(outcome)
        if components:
            columns = ("group", "title", "key", "why" if outcome is Outcome.NOT_COMPARED else "")
            component_rows = [
                (component.group.value, component.title, component.key, component.reason)
                for component in components
            ]
            screen.table(columns, component_rows, title=outcomes[outcome].capitalize())
    counts = (f"{count} {outcomes[outcome]}" for outcome, count in comparison.counts.items())
    screen.say(f"{', '.join(counts)}.")


def _value_text(value: JsonValue) -> str:
    """Say one side of a difference: a dash where it is not there."""
    return "–" if value is None else side_text(value) or "(empty)"


@contextmanager
def shown_exports(screen: Screen) -> Iterator[Listener]:
    """Show what jobs report while the block runs: percentage, count, step, elapsed, remaining."""
    if screen.is_json:
        yield lambda _event: None
        return
    if not screen.err.is_terminal:
        yield lambda event: _print_event(screen, event)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[count]}", markup=False),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    tasks: dict[str, TaskID] = {}
    turn = threading.Lock()
    with Progress(*columns, console=screen.err, transient=True) as progress:

        def show(event: ExportEvent) -> None:
            job = event.job
            with turn:
                if job.job_id not in tasks:
                    tasks[job.job_id] = progress.add_task(job.job_id, total=100, count="")
                is_over = event.kind in {ExportEventKind.ERROR, ExportEventKind.ITEM_ERROR}
                step = "failed" if is_over else event.text or job.step or event.kind
                progress.update(
                    tasks[job.job_id],
                    completed=job.progress_percentage,
                    description=literal(f"{job.parameters.system_name}: {step}").plain[
                        :STEP_CHARACTERS
                    ],
                    count=_count(event),
                )
                if event.kind in SPOKEN:
                    progress.console.print(literal(_line(event)))

        yield show


def _print_event(screen: Screen, event: ExportEvent) -> None:
    if event.kind in SPOKEN or event.kind is ExportEventKind.PROGRESS:
        screen.err.print(literal(_line(event)))


def _line(event: ExportEvent) -> str:
    job = event.job
    name = f"{job.job_id} {job.parameters.system_name}"
    if isinstance(event.error, ComponentMissingError):  # an answer, which a comparison counts on
        missing_key = event.error.details.get("item")
        if missing_key == job.parameters.item.key:
            return f"{name}: not in {job.parameters.environment}"
        return f"{name}: {event.error.message}"
    parts = [f"{name}: {job.progress_percentage:.0f} %"]
    if event.kind in SPOKEN:
        parts.append(event.kind)
    if event.error:
        parts.append(event.error.sentence)
    else:
        parts.append(event.text or job.step)
    parts.append(_count(event))
    return " ".join(part for part in parts if part)


def _count(event: ExportEvent) -> str:
    if event.downloaded_bytes is None:
        count = len(event.job.items)
        return f"{count} items" if count > 1 else ""
    total = f" of {event.total_bytes:,}" if event.total_bytes is not None else ""
    return f"{event.downloaded_bytes:,}{total} bytes"
