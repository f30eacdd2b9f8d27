"""What Dagster does about ShareDo: exports are carried on with, tickets made.

Belongs here: the jobs with their run config, when one is wanted, what a run shows. Does not:
exporting and registering (`export_jobs`, `upload`), what follows for a session
(`defs/sessions/jobs`), tickets of packages (`defs/tickets/ticket_assets`).
"""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import Settings
from jira_pipeline.dagster_port.dagster_runs import is_begun
from jira_pipeline.dagster_port.failures import failing_for_good, final_failure
from jira_pipeline.dagster_port.metadata import listed, show_result
from jira_pipeline.dagster_port.resources import PipelineResource, one_step_job, opened_pipeline
from jira_pipeline.defs.intake.intake_assets import RUN_KEY_DIGITS, show_registered
from jira_pipeline.model.errors import ErrorCategory

if TYPE_CHECKING:  # loaded by the steps: most runs are of sheets
    from jira_pipeline.sharedo.environment_comparison import ExportedSide
    from jira_pipeline.sharedo.export_answers import ExportEvent, Listener


def carry_on_with_exports(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
    """Adopt interrupted jobs by their ids; none is created twice."""
    from jira_pipeline.sharedo import export_jobs
    from jira_pipeline.sharedo.errors import ComponentMissingError

    results = export_jobs.recover_all(pipeline.opened(), listener=lambda _event: None)
    jobs = [job for result in results for job in result.jobs]
    failures = [failure for result in results for failure in result.errors]
    show_result(
        context,
        {
            "completed": listed([f"{job.job_id} {job.parameters.system_name}" for job in jobs]),
            "failed": listed([f"{one.item}: {one.error.sentence}" for one in failures]),
        },
    )
    lasting = [
        one.error
        for one in failures
        if one.error.category is not ErrorCategory.TEMPORARY
        and not isinstance(one.error, ComponentMissingError)  # an answer, kept with its job
    ]
    if lasting:
        first, *others = lasting
        if others:
            more = f"{len(others)} more failed; the step's metadata lists all"
            first.message = f"{first.message} ({more})"
        raise final_failure(first) from None


recover_sharedo_exports = one_step_job(
    carry_on_with_exports,
    name="recover_sharedo_exports",
    kind="upkeep",
    description="Resumes interrupted ShareDo exports, like `sharedo resume`.",
)


def recovery_wanted(pipeline: Pipeline) -> Sequence[dg.RunRequest]:
    """Ask for a run where jobs wait that nobody works on and nobody has to decide about.

    The same jobs are tried once an hour: what keeps failing is not asked for all the time.
    """
    from jira_pipeline.sharedo import export_jobs

    waiting = export_jobs.interrupted_exports(pipeline)
    if not waiting:
        return ()
    names = " ".join(f"{job.job_id}/{job.attempt}" for job in waiting)
    digits = hashlib.sha256(names.encode("utf-8")).hexdigest()[:RUN_KEY_DIGITS]
    run_key = f"sharedo-recovery:{digits}:{pipeline.clock.now():%Y-%m-%dT%H}"
    return [dg.RunRequest(run_key=run_key, job_name=recover_sharedo_exports.name)]


class PackagesConfig(dg.Config):
    """What is exported, and which session it becomes."""

    items: list[str] = Field(description="What to export, as TYPE:NAME, e.g. `worktype:matter`.")
    with_dependencies: bool = True
    session_key: str | None = Field(
        default=None, description="Default: environment and first item, or both environments."
    )
    auto_approve: bool = Field(default=False, description="Export valid tickets without a review.")


class TicketsConfig(PackagesConfig):
    """From which environment."""

    environment: str


class EnvironmentsConfig(PackagesConfig):
    """Which environments are compared."""

    first: str
    """What is wanted."""
    second: str
    """What is to become like it."""


@failing_for_good()
def register_packages(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: TicketsConfig
) -> None:
    """Export and upload one environment."""
    from jira_pipeline.sharedo import environment_comparison, export_jobs

    side = environment_comparison.export_environment(
        pipeline.opened(),
        config.environment,
        [export_jobs.item_of(text) for text in config.items],
        includes_dependencies=config.with_dependencies,
        listener=_logging_events(context),
    )
    _register(context, pipeline, config, [side])


@failing_for_good()
def register_differences(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: EnvironmentsConfig
) -> None:
    """Export both sides at once and upload their difference; without one there is no session."""
    from jira_pipeline.sharedo import environment_comparison, export_jobs

    exported = environment_comparison.compare_environments(
        pipeline.opened(),
        config.first,
        config.second,
        [export_jobs.item_of(text) for text in config.items],
        includes_dependencies=config.with_dependencies,
        listener=_logging_events(context),
    )
    counts = {outcome.value: count for outcome, count in exported.comparison.counts.items()}
    context.add_output_metadata(counts)
    if exported.comparison.differs:
        sides = [exported.first, exported.second]
        default_key = f"{config.first}-to-{config.second}"
        _register(context, pipeline, config, sides, default_key=default_key)


def _register(
    context: dg.OpExecutionContext,
    pipeline: PipelineResource,
    config: PackagesConfig,
    sides: Sequence["ExportedSide"],
    *,
    default_key: str | None = None,
) -> None:
    """Upload packages, or what the first of two sides has and the second lacks."""
    from jira_pipeline.sharedo.upload import upload_packages

    outcome = upload_packages(
        pipeline.opened(),
        sides[0],
        against=sides[1] if len(sides) > 1 else None,
        session_key=config.session_key or default_key,
        auto_approve=config.auto_approve,
        actor=f"run {context.run.run_id}",
    )
    packages = ", ".join(name for side in sides for name in side.paths)
    show_registered(
        context, pipeline.opened(), outcome, tickets=len(outcome.group_keys), packages=packages
    )


sharedo_to_tickets = one_step_job(
    register_packages,
    name="sharedo_to_tickets",
    kind="sharedo",
    description="Exports from a ShareDo environment and registers a session of tickets.",
)


compare_environments = one_step_job(
    register_differences,
    name="compare_environments",
    kind="sharedo",
    description="Exports from two ShareDo environments and registers the differences as a session.",
)


def _logging_events(context: dg.OpExecutionContext) -> "Listener":
    def log(event: "ExportEvent") -> None:
        context.log.info("%s %s %s", event.job.parameters.system_name, event.kind, event.text)

    return log


def definitions_at(settings: Settings) -> dg.Definitions:
    """Return the jobs and the schedule, which runs where environments are configured."""
    has_environments = settings.sharedo_environments_path.is_file()

    @dg.schedule(
        name="sharedo_schedule",
        job=recover_sharedo_exports,
        cron_schedule="* * * * *",
        execution_timezone=settings.schedule_timezone,
        default_status=dg.DefaultScheduleStatus("RUNNING" if has_environments else "STOPPED"),
        description="Every minute: resumes ShareDo exports that no process is working on.",
    )
    def sharedo_schedule(
        context: dg.ScheduleEvaluationContext,
    ) -> list[dg.RunRequest] | dg.SkipReason:
        with opened_pipeline() as pipeline:
            wanted = recovery_wanted(pipeline)
        new = [one for one in wanted if not is_begun(context.instance, one.run_key)]
        return new or dg.SkipReason("Nothing was interrupted.")

    jobs = [recover_sharedo_exports, sharedo_to_tickets, compare_environments]
    return dg.Definitions(jobs=jobs, schedules=[sharedo_schedule])
