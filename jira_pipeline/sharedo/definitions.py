"""The Dagster jobs of ShareDo: one resumes interrupted exports, one exports and makes a session.

Belongs here: the jobs with their run config, what a run shows. Does not:
exporting and registering (`export_jobs`), what follows for a session
(`defs/sessions/jobs`), tickets of packages (`defs/tickets/ticket_assets`).
"""

from typing import Any

import dagster as dg
from pydantic import Field

from jira_pipeline.dagster_port.metadata import format_list, show_result
from jira_pipeline.dagster_port.plain_values import plain_metadata
from jira_pipeline.dagster_port.steps import (
    PipelineResource,
    failing_for_good,
    final_failure,
    one_step_job,
)
from jira_pipeline.defs.intake.inbox_look import show_registered
from jira_pipeline.model.errors import ErrorCategory, WrongUseError
from jira_pipeline.sessions.composition import reading_apart


def carry_on_with_exports(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
    """Resume all interrupted exports; none is created twice. A lasting failure fails the run."""
    from jira_pipeline.sharedo import export_jobs
    from jira_pipeline.sharedo.errors import ComponentMissingError

    results = export_jobs.recover_all(pipeline.opened(), listener=lambda _event: None)
    jobs = [job for result in results for job in result.jobs]
    failures = [failure for result in results for failure in result.errors]
    show_result(
        context,
        {
            "completed": format_list(
                [f"{job.job_id} {job.parameters.system_name}" for job in jobs]
            ),
            "failed": format_list(
                [f"{failure.wanted.system_name}: {failure.error.sentence}" for failure in failures]
            ),
        },
    )
    lasting = [
        failure.error
        for failure in failures
        if failure.error.category is not ErrorCategory.TEMPORARY
        and not isinstance(failure.error, ComponentMissingError)  # an answer, kept with its job
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


class PackagesConfig(dg.Config):
    """What is exported, and which session it becomes."""

    environment: str = Field(description="From which environment; of two, the one to be like.")
    against: str | None = Field(
        default=None, description="What is to become like it: only the differences are registered."
    )
    items: list[str] = Field(description="What to export, as TYPE:NAME, e.g. `worktype:matter`.")
    with_dependencies: bool = True
    session_key: str | None = Field(
        default=None, description="Default: environment and first item, or both environments."
    )
    auto_approve: bool = Field(default=False, description="Export valid tickets without a review.")


@failing_for_good()
def register_packages(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: PackagesConfig
) -> None:
    """Export one environment, or compare two, and upload the packages as a session.

    Where two environments do not differ, nothing is uploaded.
    """
    from jira_pipeline.sharedo import export_jobs

    opened = pipeline.opened()
    items = [export_jobs.item_of(text) for text in config.items]
    if not items:
        raise WrongUseError("`items` is empty: name what to export as TYPE:NAME.")
    exporting: dict[str, Any] = {
        "includes_dependencies": config.with_dependencies,
        "listener": lambda event: context.log.info(
            "%s %s %s", event.job.parameters.system_name, event.kind, event.text
        ),
    }
    session_key = config.session_key
    against = None
    if config.against is None:
        side = export_jobs.export_environment(opened, config.environment, items, **exporting)
    else:
        exported = export_jobs.compare_environments(
            opened, config.environment, config.against, items, **exporting
        )
        counts = exported.comparison.counts.items()
        context.add_output_metadata(
            plain_metadata({outcome.value: count for outcome, count in counts})
        )
        if not exported.comparison.differs:
            return
        side = exported.first
        against = exported.second
        session_key = session_key or f"{config.environment}-to-{config.against}"
    # As in every run that uploads: a file that takes all memory must not end the run's process.
    with reading_apart(opened) as reading_pipeline:
        outcome = export_jobs.upload_packages(
            reading_pipeline,
            side,
            against=against,
            session_key=session_key,
            auto_approve=config.auto_approve,
            actor=f"run {context.run.run_id}",
        )
    packages = ", ".join([*side.paths, *(against.paths if against else ())])
    show_registered(context, opened, outcome, tickets=len(outcome.group_keys), packages=packages)


sharedo_to_tickets = one_step_job(
    register_packages,
    name="sharedo_to_tickets",
    kind="sharedo",
    description="Exports from a ShareDo environment, or from two that are compared, and registers "
    "a session of tickets.",
)


def definitions() -> dg.Definitions:
    """Return the jobs."""
    return dg.Definitions(jobs=[recover_sharedo_exports, sharedo_to_tickets])
