"""The export: an asset made of ops, and the report that follows it.

A re-execution from failure starts at the op that failed and skips everything before it, checks
included. So each op takes the lease and passes the gate itself, and they hand nothing on: what was
done is in the ledger.
"""

from functools import partial
from typing import Any

import dagster as dg
from pydantic import Field

from jira_pipeline.defs.assets import OWNERS, adf_validation
from jira_pipeline.defs.failures import run_id_of, working_on
from jira_pipeline.defs.partitions import upload_sessions
from jira_pipeline.defs.previews import (
    observe,
    passing_on,
    report_metadata,
    results_metadata,
    web_metadata,
)
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.defs.runs import is_retry
from jira_pipeline.export import exporting
from jira_pipeline.export.durations import StartedExport
from jira_pipeline.export.left_in_jira import required_results
from jira_pipeline.model.exports import differences_text
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.runs import chosen_update, person_of
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.sessions.status import agreement_of

ISSUES = "jira_issues"


class ExportConfig(dg.Config):
    """What people decide for one run of the export."""

    auto_approve: bool | None = None
    as_new: bool = False
    update: bool = False
    overwrite: list[str] = Field(default_factory=list)
    leave: list[int] = Field(default_factory=list)
    by: str = ""


@dg.op(
    ins={"validated": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing),
    description="Creates one issue per ready ticket that has none, dependencies first; then updates "
    "issues whose tickets changed, where that is asked for.",
)
def create_issues(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: ExportConfig
) -> None:
    """Create the issues of the session, and update those that are there."""
    updated: dict[str, object] = {}
    with working_on(context, pipeline.opened(), stage=SessionStage.JIRA_EXPORT) as session:
        run_id = run_id_of(context)
        update = chosen_update(
            is_wanted=config.update, overwrite=config.overwrite, leave=config.leave
        )
        exporting.refuse_unknown_tickets(session, update)
        report = exporting.create_issues(
            session,
            run_id=run_id,
            by=person_of(context.run.tags),
            auto_approve=config.auto_approve,
            as_new_by=(config.by or f"run {run_id}") if config.as_new else None,
            is_retry=is_retry(context.run),
            on_started=partial(report_start, context),
            pass_on=passing_on(context, asset_key=ISSUES),
        )
        if update is not None:
            found = exporting.update_issues(
                session.again(),
                run_id=run_id,
                choice=update,
                pass_on=passing_on(context, asset_key=ISSUES),
            )
            updated = {"updated": len(found.updated), "left as they are": len(found.left)}
    context.add_output_metadata(
        {
            "created": report.created,
            "found again": report.settled,
            "existing": report.existing,
            "skipped": report.skipped,
            **updated,
        }
    )


@dg.op(
    ins={"created": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing),
    description="Attaches the full text of tickets that are longer than an issue can hold.",
)
def attach_files(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
    """Attach the files of the session."""
    with working_on(context, pipeline.opened(), stage=SessionStage.JIRA_EXPORT) as session:
        pass_on = passing_on(context, asset_key=ISSUES)
        report = exporting.attach_files(session, run_id=run_id_of(context), pass_on=pass_on)
    context.add_output_metadata({"attached": report.attached, "failed": report.failed})


@dg.op(
    ins={"attached": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing),
    description="Links the issues and reads every link back.",
)
def link_issues(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
    """Link the issues of the session."""
    with working_on(context, pipeline.opened(), stage=SessionStage.JIRA_EXPORT) as session:
        pass_on = passing_on(context, asset_key=ISSUES)
        report = exporting.link_issues(session, run_id=run_id_of(context), pass_on=pass_on)
        results = required_results(session.again())
    context.add_output_metadata(
        {
            **results_metadata(results),
            **web_metadata(session, "/results"),
            "linked now": report.linked,
            "links refused": report.failed,
            "jira": agreement_of(report.comparison),
            "to decide": differences_text([d for d in report.comparison.differences if d.is_open])
            or "nothing",
        }
    )


def report_start(context: dg.OpExecutionContext, started: StartedExport) -> None:
    """Report what has begun, in the log and to whoever follows the run."""
    context.log.info(
        "Exporting %d tickets to project %s, about %g minutes.",
        started.total_tickets,
        started.project_key,
        started.estimated_duration_minutes,
    )
    observe(context, json_object(started), asset_key=ISSUES)


@dg.graph_asset(
    partitions_def=upload_sessions,
    config=dg.ConfigMapping(
        config_schema={
            "auto_approve": dg.Field(
                dg.Noneable(bool),
                default_value=None,
                description="Mark valid tickets ready; none: as session.yaml says. Against a real "
                "Jira only where session.yaml names the project.",
            ),
            "as_new": dg.Field(
                bool,
                default_value=False,
                description="Create issues even where the session has some on another target, "
                "copies of them are there, or another session has issues of the same "
                "specification; audited.",
            ),
            "update": dg.Field(
                bool,
                default_value=False,
                description="Update summary and description of issues whose tickets changed, where "
                "nobody changed them in Jira.",
            ),
            "overwrite": dg.Field(
                [str],
                default_value=[],
                description="Texts of issues that are replaced though somebody edited them, each "
                "as the plan names it: 12:1a2b3c4d.",
            ),
            "leave": dg.Field(
                [int],
                default_value=[],
                description="Numbers of tickets whose issues an update neither changes nor comments "
                "on.",
            ),
            "by": dg.Field(
                str,
                default_value="",
                description="Who asks for as_new, for the audit trail; empty: the run.",
            ),
        },
        config_fn=lambda given: {"create_issues": {"config": given}},
    ),
    ins={"validated": dg.AssetIn(adf_validation.key, dagster_type=dg.Nothing)},
    group_name="jira",
    kinds={"jira"},
    owners=OWNERS,
    description="One issue per ready ticket, with attachments and links; created once, whatever "
    "crashes when.",
)
def jira_issues(validated: Any) -> Any:
    """Create, attach, link."""
    return link_issues(attached=attach_files(created=create_issues(validated)))


@dg.asset(
    partitions_def=upload_sessions,
    deps=[jira_issues],
    group_name="jira",
    kinds={"html"},
    owners=OWNERS,
    code_version="1",
    description="What was created, what is left to do by hand, the build order, the open questions.",
)
def export_report(
    context: dg.AssetExecutionContext, pipeline: PipelineResource
) -> dg.MaterializeResult[Any]:
    """Write the report of the session's export."""
    with working_on(context, pipeline.opened(), stage=SessionStage.COMPLETED) as session:
        results = required_results(session)
        exporting.write_report(session, results)
    return dg.MaterializeResult(
        metadata=report_metadata(results, report=session.report_link)
        | web_metadata(session, "/results")
    )
