"""Issues: an asset made of ops, the report that follows it, and whether Jira agrees.

A re-execution from failure starts at the op that failed and skips everything before it, checks
included. So each op takes the lease and passes the gate itself, and they hand nothing on: what was
done is in the ledger.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import dagster as dg
from pydantic import Field

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.asset_reports import AssetReport
from jira_pipeline.dagster_port.dagster_runs import DATA_VERSION_TAG
from jira_pipeline.dagster_port.launchpad import job_text, next_line, without_repeated_places
from jira_pipeline.dagster_port.metadata import (
    format_list,
    progress_logger,
    report_metadata,
    results_metadata,
    sandbox_text,
    web_metadata,
)
from jira_pipeline.dagster_port.partitions import OWNERS, TAGS, StepContext, upload_sessions
from jira_pipeline.dagster_port.plain_values import plain_metadata, plain_tags
from jira_pipeline.dagster_port.re_executions import is_retry
from jira_pipeline.dagster_port.reports import (
    EXPORT_REPORT,
    JIRA_ISSUES,
    out_of_date,
    report_check,
    report_out_of_date,
)
from jira_pipeline.dagster_port.steps import PipelineResource, session_check, session_step
from jira_pipeline.dagster_port.tables import IO_MANAGER, table_metadata
from jira_pipeline.defs.tickets.ticket_assets import adf_validation
from jira_pipeline.export import exporting
from jira_pipeline.export.agreed_content import refuse_other_export
from jira_pipeline.export.durations import StartedExport
from jira_pipeline.export.session_results import required_results
from jira_pipeline.model.differences import Difference, FiledComparison, differences_text
from jira_pipeline.model.errors import GateError, GateRule
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.line_numbers import format_count, line_ranges
from jira_pipeline.model.runs import RunJob, person_of
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.model.tickets import canonical_hash
from jira_pipeline.model.update_choices import chosen_update
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.status import agreement_of, what_is_next

ISSUES_NAMED = 100
"""In the log of a run, for whoever starts jobs in a shell."""
_DECIDED_BY_PEOPLE = frozenset({GateRule.NOT_READY, GateRule.QUESTIONS_OF_WITHDRAWAL})
"""Rules by which a session waits for people, though nothing is wrong with it."""


class ExportConfig(dg.Config):
    """What people decide for one run of the export."""

    auto_approve: bool | None = Field(
        default=None,
        description="Mark valid tickets ready; default: as in session.yaml. For a real Jira, "
        "only if session.yaml names the project.",
    )
    as_new: bool = Field(
        default=False,
        description="Create issues even if the session has some on another target or as copies, "
        "or another session has issues for the same specification; audited.",
    )
    update: bool = Field(
        default=False,
        description="Update the summary and description of issues whose tickets have changed, "
        "unless somebody has edited the issue in Jira.",
    )
    overwrite: list[str] = Field(
        default=[],
        description="Texts of issues to replace even though somebody has edited them, each as "
        "shown in the plan: 12:1a2b3c4d.",
    )
    leave: list[int] = Field(
        default=[],
        description="Numbers of tickets whose issues an update must not change or comment on.",
    )
    agreed_hash: str | None = Field(
        default=None,
        description="Hash of the tickets and choices that somebody agreed to in a plan: the run sends "
        "nothing if they are others now.",
    )
    by: str | None = Field(
        default=None, description="Who requested as_new, for the audit trail; default: the run."
    )


@contextmanager
def _verdicts_kept(context: dg.OpExecutionContext, session: OpenSession) -> Iterator[None]:
    """Show the checks of an export that a gate refused as they were; Dagster shows them as failed.

    One that failed under way has changed Jira: nothing is said of it before it is compared.
    """
    try:
        yield
    except GateError:
        run_id = context.run.run_id
        report_out_of_date(context.instance, session, run_id=run_id)
        if (comparison := session.comparison) is not None:
            report_check(context.instance, session.key, compared(comparison), run_id=run_id)
        raise


@dg.op(
    ins={"validated": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing, is_required=False),
    description="Creates one issue per ready ticket that has none, dependencies first; then, if "
    "requested, updates issues whose tickets have changed. In csv_to_jira, tickets that wait for a "
    "review end the run well: nothing is created, and the steps after it are skipped.",
)
def create_issues(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: ExportConfig
) -> Iterator[dg.Output[None]]:
    may_wait = context.run.job_name == RunJob.WHOLE
    if create(context, pipeline.opened(), config, may_wait=may_wait):
        yield dg.Output(None)


def create(
    context: dg.OpExecutionContext,
    pipeline: Pipeline,
    config: ExportConfig,
    *,
    may_wait: bool,
    session_key: str | None = None,
) -> bool:
    """Create the issues of a session; False where it waits for people and `may_wait`."""
    with session_step(
        context, pipeline, stage=SessionStage.JIRA_EXPORT, session_key=session_key
    ) as session:
        try:
            with _verdicts_kept(context, session):
                counts = _created(context, session, config)
        except GateError as error:
            if not (may_wait and error.rule in _DECIDED_BY_PEOPLE):
                raise
            _show_waiting_for_people(context, session.reload(), error)
            return False
    context.add_output_metadata(plain_metadata(counts))
    context.log_event(
        dg.AssetObservation(
            asset_key=JIRA_ISSUES, partition=session.key, metadata=plain_metadata(counts)
        )
    )
    return True


def _created(
    context: dg.OpExecutionContext, session: OpenSession, config: ExportConfig
) -> dict[str, str | int]:
    """Create the issues, and update those that people chose; return what was done in figures."""
    run_id = context.run.run_id
    person = person_of(context.run.tags)
    update = chosen_update(is_wanted=config.update, overwrite=config.overwrite, leave=config.leave)
    exporting.refuse_unknown_tickets(session, update)
    # Also where the daemon tries again: the first attempt may have been killed before this line.
    if config.agreed_hash is not None:
        refuse_other_export(
            session, update=update, is_as_new=config.as_new, agreed_hash=config.agreed_hash
        )
    as_new_by = None
    if config.as_new:
        as_new_by = config.by or f"run {run_id}"

    def log_start(started: StartedExport) -> None:
        context.log.info(
            "Exporting %d tickets to project %s; issues that exist are kept.",
            started.total_tickets,
            started.project_key,
        )

    report = exporting.create_issues(
        session,
        run_id=run_id,
        by=person,
        auto_approve=config.auto_approve,
        as_new_by=as_new_by,
        is_retry=is_retry(context.run),
        on_started=log_start,
        pass_on=progress_logger(context),
    )
    counts: dict[str, str | int] = {
        "created": report.created,
        "found_again": report.settled,
        "existing": report.existing,
        "skipped": report.skipped,
    }
    if update is not None:
        updated = exporting.update_issues(
            session.reload(),
            run_id=run_id,
            choice=update,
            by=person,
            pass_on=progress_logger(context),
        )
        counts["updated"] = line_ranges(updated.updated) or "none"
        counts["left_as_they_are"] = line_ranges(updated.left.keys()) or "none"
    return counts


def _show_waiting_for_people(
    context: dg.OpExecutionContext, session: OpenSession, error: GateError
) -> None:
    """Say in the log and at the asset what the session waits for, and what is next."""
    next_action = what_is_next(session).action
    actions = without_repeated_places((next_action, *error.recovery_actions))
    lines = [f"{error.message} No issue was created."]
    for action in actions:
        if not next_action.does(action):
            lines.append(job_text(action))
    lines.append(f"Next: {job_text(next_action)}")
    context.log.info("\n".join(lines))
    observation = dg.AssetObservation(
        asset_key=JIRA_ISSUES,
        partition=session.key,
        description=error.message,
        metadata=plain_metadata({"waits_for": error.code, "created": 0}),
    )
    context.log_event(observation)


@dg.op(
    ins={"created": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing),
    description="Attaches the full text of tickets that are too long for an issue.",
)
def attach_files(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
    attach(context, pipeline.opened())


def attach(
    context: dg.OpExecutionContext, pipeline: Pipeline, *, session_key: str | None = None
) -> None:
    """Attach the files of a session's issues."""
    with session_step(
        context, pipeline, stage=SessionStage.JIRA_EXPORT, session_key=session_key
    ) as session:
        report = exporting.attach_files(
            session, run_id=context.run.run_id, pass_on=progress_logger(context)
        )
    context.add_output_metadata(
        plain_metadata({"attached": report.attached, "failed": report.failed})
    )


@dg.op(
    ins={"attached": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing, io_manager_key=IO_MANAGER),
    description="Links the issues and reads every link back.",
)
def link_issues(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
    context.add_output_metadata(plain_metadata(link(context, pipeline.opened()).metadata))


def link(
    context: dg.OpExecutionContext, pipeline: Pipeline, *, session_key: str | None = None
) -> AssetReport:
    """Link the issues of a session, and report all of them."""
    with session_step(
        context, pipeline, stage=SessionStage.JIRA_EXPORT, session_key=session_key
    ) as session:
        report = exporting.link_issues(
            session, run_id=context.run.run_id, pass_on=progress_logger(context)
        )
        results = required_results(session.reload())
    return AssetReport(
        asset=JIRA_ISSUES,
        metadata={
            **results_metadata(results),
            **sandbox_text(session, results),
            **web_metadata(session, "/results"),
            "linked_now": report.linked,
            "links_refused": report.failed,
            "jira": agreement_of(report.comparison),
            "to_decide": differences_text([d for d in report.comparison.differences if d.is_open])
            or "nothing",
        },
    )


@dg.config_mapping
def to_creation(config: ExportConfig) -> dict[str, Any]:
    """Hand what people decide to the step that creates issues."""
    return {"create_issues": {"config": config.model_dump()}}


@dg.graph_asset(
    partitions_def=upload_sessions,
    owners=OWNERS,
    tags=TAGS,
    config=to_creation,
    ins={"validated": dg.AssetIn(adf_validation.key, dagster_type=dg.Nothing)},
    group_name="jira",
    kinds={"jira"},
    metadata=table_metadata("jira_issues"),
    description="One issue per ready ticket, with attachments and links; created only once, "
    "whatever crashes.",
)
def jira_issues(validated: Any) -> Any:
    return link_issues(attached=attach_files(created=create_issues(validated)))


@dg.asset(
    partitions_def=upload_sessions,
    owners=OWNERS,
    tags=TAGS,
    deps=[jira_issues],
    group_name="jira",
    kinds={"file"},
    code_version="1",
    description="What was created, what is left to do by hand, build order and open questions.",
)
def export_report(
    context: dg.AssetExecutionContext, pipeline: PipelineResource
) -> dg.MaterializeResult[Any]:
    return report_export(context, pipeline.opened()).result


def report_export(
    context: StepContext, pipeline: Pipeline, *, session_key: str | None = None
) -> AssetReport:
    """Write the report of a session's export, and say in the log what was created."""
    from jira_pipeline.sessions.export_report import write_report

    with session_step(
        context, pipeline, stage=SessionStage.COMPLETED, session_key=session_key
    ) as session:
        results = required_results(session)
        write_report(session, results)
        issues = [f"{ticket.jira_key}  {ticket.title}" for ticket in results.tickets]
        lines = ["", *issues[:ISSUES_NAMED]]
        if len(issues) > ISSUES_NAMED:
            lines.append(f"… and {len(issues) - ISSUES_NAMED} more")
        links = format_count(results.dependencies_created, "link")
        written = f"{format_count(len(issues), 'issue')} and {links}"
        lines += [
            f"{written} in {results.target.name}, {results.open_fixes} left to do by hand.",
            f"Report: {session.report_link}",
            next_line(session),
        ]
        context.log.info("\n".join(lines))
    return AssetReport(
        asset=EXPORT_REPORT,
        metadata=report_metadata(results, report=session.report_link)
        | web_metadata(session, "/results"),
    )


jira_state = dg.AssetSpec(
    "jira_state",
    deps=[jira_issues],
    partitions_def=upload_sessions,
    owners=OWNERS,
    tags=TAGS,
    group_name="jira",
    kinds={"jira"},
    freshness_policy=dg.FreshnessPolicy.time_window(
        fail_window=timedelta(hours=49), warn_window=timedelta(hours=25)
    ),
    description="How far people are with the issues, as each comparison with Jira reads it, by night "
    "at the latest: a new version where an issue moved to another stage. Nothing here makes it.",
)


@session_check(
    asset=jira_issues,
    stage=SessionStage.COMPLETED,
    description="Every recorded issue, and no other, is in Jira with its identity.",
)
def ledger_matches_jira(context: StepContext, session: OpenSession) -> dg.AssetCheckResult:
    if not session.entries:  # nothing was to build
        return dg.AssetCheckResult(passed=True, metadata=plain_metadata({"confirmed": 0}))
    comparison = exporting.comparison_of_run(session, run_id=context.run.run_id)
    _observe(context.instance, comparison)
    return compared(comparison)


@session_check(
    asset=jira_issues,
    stage=SessionStage.COMPLETED,
    description="Every issue matches its ticket; if sheets or tickets have changed, an update or "
    "somebody in Jira has to change the issue.",
)
def issues_match_tickets(_context: StepContext, session: OpenSession) -> dg.AssetCheckResult:
    return out_of_date(session)


def report_comparison(
    instance: dg.DagsterInstance, comparison: FiledComparison, *, run_id: str
) -> None:
    """Show a comparison outside of an export as its check, and how far people were."""
    report_check(instance, comparison.session_key, compared(comparison), run_id=run_id)
    _observe(instance, comparison)


def _observe(instance: dg.DagsterInstance, comparison: FiledComparison) -> None:
    """Materialize `jira_state` of a session: how many issues are in each stage, as compared.

    Its data version changes only where the stage of an issue does.
    """
    states = comparison.states or ()
    counts = Counter(issue.stage for issue in states)
    version = canonical_hash({issue.issue_id: issue.stage for issue in states})
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            asset_key=jira_state.key,
            partition=comparison.session_key,
            metadata=plain_metadata(
                {
                    "to_do": counts[IssueStage.TO_DO],
                    "doing": counts[IssueStage.DOING],
                    "done": counts[IssueStage.DONE],
                    "other": counts[None],
                }
            ),
            tags=plain_tags({DATA_VERSION_TAG: version}),
        )
    )


def compared(comparison: FiledComparison) -> dg.AssetCheckResult:
    """Return a comparison as the check `ledger_matches_jira` of its session."""
    metadata: dict[str, object] = {"confirmed": comparison.confirmed}
    for kind in Difference:
        names = [
            difference.name for difference in comparison.differences if difference.kind is kind
        ]
        metadata[kind.value.removeprefix("issue_")] = format_list(names)
    metadata["compared_at"] = comparison.compared_at.isoformat()
    return dg.AssetCheckResult(
        asset_key=jira_issues.key,
        check_name=ledger_matches_jira.check_key.name,
        passed=comparison.is_equal,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata=plain_metadata(metadata),
    )
