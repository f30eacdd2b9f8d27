"""Jobs that begin with ShareDo: exports become a session, and its tickets.

Belongs here: run config, and what a run shows. Does not: exporting and registering (`sessions`), what
follows for a session (`jobs`).
"""

from collections.abc import Sequence

import dagster as dg
from pydantic import Field

from jira_pipeline.defs.failures import final_failure, run_id_of
from jira_pipeline.defs.previews import findings_metadata
from jira_pipeline.defs.reports import announce_upload
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.errors import PipelineError
from jira_pipeline.ports.sharedo import ExportEvent, Listener
from jira_pipeline.sessions.sharedo import item_of
from jira_pipeline.sessions.sharedo_comparison import compare_environments as compare
from jira_pipeline.sessions.sharedo_upload import (
    PackageSide,
    exported_side,
    side_of_exports,
    upload_packages,
)
from jira_pipeline.stages.upload_reading import UploadOutcome

SESSION_TAG = "jira_pipeline/registered_session"
"""Of a run that registered a session: the daemon starts what follows for it."""
ITEMS = Field(description="What is exported, as TYPE:NAME, such as `worktype:matter`.")


class TicketsConfig(dg.Config):
    """What is exported from where, and which session it becomes."""

    environment: str
    items: list[str] = ITEMS
    with_dependencies: bool = True
    session_key: str | None = None
    """Defaults to environment and name of the first item."""
    auto_approve: bool = False
    """Export valid tickets without a review."""


class EnvironmentsConfig(dg.Config):
    """Which environments are compared by what, and which session the difference becomes."""

    first: str
    """What is wanted."""
    second: str
    """What is to become like it."""
    items: list[str] = ITEMS
    with_dependencies: bool = True
    session_key: str | None = None
    auto_approve: bool = False


@dg.op(description="Exports from one environment, and registers the packages as a session.")
def register_packages(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: TicketsConfig
) -> None:
    """Export and upload one environment."""
    try:
        side = exported_side(
            pipeline.opened(),
            config.environment,
            [item_of(text) for text in config.items],
            includes_dependencies=config.with_dependencies,
            listener=_logging_events(context),
        )
        outcome = upload_packages(
            pipeline.opened(),
            side,
            session_key=config.session_key,
            auto_approve=config.auto_approve,
            actor=f"run {run_id_of(context)}",
        )
        announce_upload(context.instance, pipeline.opened(), outcome)
    except PipelineError as error:
        raise final_failure(error) from None
    _show(context, outcome, [side])


@dg.op(description="Exports from two environments, and registers what differs as a session.")
def register_differences(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: EnvironmentsConfig
) -> None:
    """Export both sides at once and upload their difference; without one there is no session."""
    try:
        exported = compare(
            pipeline.opened(),
            config.first,
            config.second,
            [item_of(text) for text in config.items],
            includes_dependencies=config.with_dependencies,
            listener=_logging_events(context),
        )
        counts = {outcome.value: count for outcome, count in exported.comparison.counts.items()}
        context.add_output_metadata(counts)
        if not exported.comparison.differs:
            return
        sides = [side_of_exports(exported.first), side_of_exports(exported.second)]
        outcome = upload_packages(
            pipeline.opened(),
            sides[0],
            against=sides[1],
            session_key=config.session_key or f"{config.first}-to-{config.second}",
            auto_approve=config.auto_approve,
            actor=f"run {run_id_of(context)}",
        )
        announce_upload(context.instance, pipeline.opened(), outcome)
    except PipelineError as error:
        raise final_failure(error) from None
    _show(context, outcome, sides)


@dg.job(
    description="Exports from a ShareDo environment and registers a session of tickets.",
    executor_def=dg.in_process_executor,
)
def sharedo_to_tickets() -> None:
    """Register one environment."""
    register_packages()


@dg.job(
    description="Exports from two ShareDo environments and registers a session of what differs.",
    executor_def=dg.in_process_executor,
)
def compare_environments() -> None:
    """Register a difference."""
    register_differences()


def _logging_events(context: dg.OpExecutionContext) -> Listener:
    def log(event: ExportEvent) -> None:
        context.log.info("%s %s %s", event.job.parameters.system_name, event.kind, event.text)

    return log


def _show(
    context: dg.OpExecutionContext, outcome: UploadOutcome, sides: Sequence[PackageSide]
) -> None:
    context.instance.add_run_tags(run_id_of(context), {SESSION_TAG: outcome.session.session_key})
    context.add_output_metadata(
        findings_metadata(outcome.findings)
        | {
            "session_key": outcome.session.session_key,
            "tickets": len(outcome.group_keys),
            "packages": ", ".join(name for side in sides for name in side.packages),
            "is_unchanged": outcome.is_unchanged,
        }
    )
