"""The job that goes from a folder to a session, and on to its tickets and issues where that is wanted.

Belongs here: what follows an upload, and who does it. Does not: what the steps do, which are those of
the assets (`defs/intake`, `defs/tickets`, `defs/jira`).

No run executes a run: a job of assets works on a partition that is there when it starts. Under a code
location this job asks for the session's run, and ends. In a terminal nothing would take that up, so its
own ops do what the assets do, and report each asset and check for the partition.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, cast

import dagster as dg
from pydantic import Field

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.states import confirming_layout
from jira_pipeline.dagster_port.asset_reports import AssetReport
from jira_pipeline.dagster_port.launchpad import job_text
from jira_pipeline.dagster_port.metadata import format_list
from jira_pipeline.dagster_port.partitions import (
    KIND_TAG,
    MAX_RETRIES_TAG,
    PARTITION_TAG,
    register_partition,
)
from jira_pipeline.dagster_port.plain_values import plain_tags
from jira_pipeline.dagster_port.re_executions import is_of_terminal
from jira_pipeline.dagster_port.reports import report_check
from jira_pipeline.dagster_port.run_launchers import QueuedRuns
from jira_pipeline.dagster_port.steps import (
    PipelineResource,
    failing_for_good,
    final_failure,
    in_process,
    session_check_of,
)
from jira_pipeline.defs.intake.inbox_look import job_of, leave_to_daemon, show_uploaded
from jira_pipeline.defs.intake.intake_assets import read_sheets, references_resolved
from jira_pipeline.defs.jira.jira_assets import (
    ExportConfig,
    attach,
    create,
    issues_match_tickets,
    ledger_matches_jira,
    link,
    report_export,
)
from jira_pipeline.defs.tickets.ticket_assets import (
    TextsConfig,
    WritingConfig,
    adf_valid,
    no_handmade_issues,
    tables_match_rows,
    ticket_quality,
    validate_tickets,
    write_tickets,
)
from jira_pipeline.export.target_questions import duplicate_sessions_of
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.runs import FOLLOWING_JOBS, WantedRun, person_of
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions import upload
from jira_pipeline.sessions.composition import reading_apart
from jira_pipeline.sessions.notifying import notify_of_layout

Then = Literal["by_session_yaml", "nothing", "generate", "export"]
"""What follows an upload. Dagster takes an enumeration by the names of its members, so it is none."""


class UploadConfig(dg.Config):
    """Which folder becomes which session, and what follows."""

    folder: str = Field(
        default="",
        description="Absolute path of a folder of sheets, a workbook or a package, on the machine of "
        "the run; empty: the session of `session_key`, which exists.",
    )
    session_key: str | None = Field(
        default=None, description="Default: the name of the folder or workbook as a slug."
    )
    auto_approve: bool = Field(default=False, description="Export valid tickets without a review.")
    as_new: bool = Field(
        default=False,
        description="Create issues even where another session has some of the same specification.",
    )
    replaces_all: bool = Field(
        default=False,
        description="Replace the sheets of a session even where it loses all of its tickets.",
    )
    layout: str = Field(
        default="",
        description="Text of a layout.yaml, in place of one in the folder: what its worksheets hold.",
    )
    then: Then = Field(
        default="by_session_yaml",
        description="What follows: `nothing`, `generate` (its tickets), `export` (its issues, once "
        "people approved the tickets), or by session.yaml, which the daemon starts.",
    )


@dg.op(
    out={
        "session_key": dg.Out(
            str, is_required=False, description="The session whose tickets this run writes."
        )
    },
    description="Uploads a folder as a session, or names one; asks for the run that follows, unless "
    "this run goes on itself.",
)
def register_session(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: UploadConfig
) -> Iterator[dg.Output[str]]:
    opened = pipeline.opened()
    with failing_for_good():
        stored = _register(context, opened, config)
        is_of_folder = config.folder is not None
        if not stored.has_sheets or (is_of_folder and stored.waiting_sha256 is not None):
            _show_waiting_for_layout(context, stored)
            return
        if _continues_here(context, config):
            yield dg.Output(stored.session_key, "session_key")
            return
        _request_following_run(context, opened, stored, config.then)


def _continues_here(context: dg.OpExecutionContext, config: UploadConfig) -> bool:
    """Tell whether the steps of this run do what follows, as in a terminal, which may have no daemon."""
    return is_of_terminal(context.run) and config.then in FOLLOWING_JOBS


def _register(
    context: dg.OpExecutionContext, pipeline: Pipeline, config: UploadConfig
) -> UploadSession:
    """Upload the folder, or open the session that is named; either way it is a partition after it."""
    if not config.folder:
        return _register_existing(context, pipeline, config)
    with reading_apart(pipeline) as opened:
        outcome = upload.upload(
            opened,
            Path(config.folder),
            session_key=config.session_key,
            auto_approve=config.auto_approve,
            as_new=config.as_new,
            replaces_all=config.replaces_all,
            layout=config.layout.encode() if config.layout else None,
            actor=f"run {context.run.run_id}",
        )
    session = OpenSession(pipeline=pipeline, stored=outcome.session)
    same = duplicate_sessions_of(session, outcome.group_keys)
    show_uploaded(
        context, outcome, same_specification=format_list([session.summary for session in same])
    )
    notify_of_layout(session, outcome)
    came = upload.uploaded(pipeline, outcome)
    context.log.info("Session %s %s.", session.key, came.became)
    for other in came.same_specification:
        context.log.warning("%s", job_text(other.advice.on(session_key=session.key)))
    return outcome.session


def _show_waiting_for_layout(context: dg.OpExecutionContext, stored: UploadSession) -> None:
    """Say that nothing follows an upload before somebody says what its worksheets hold."""
    context.log.info(
        "Session %s waits for a layout; nothing follows by itself. %s",
        stored.session_key,
        job_text(confirming_layout(stored).action),
    )


def _register_existing(
    context: dg.OpExecutionContext, pipeline: Pipeline, config: UploadConfig
) -> UploadSession:
    """Make a session that exists a partition, for a run that names no folder, and tag the run so."""
    if config.session_key is None:
        raise WrongUseError(
            "The run names neither a folder nor a session.",
            recovery_actions=(
                "Give it `ops: {register_session: {config: {folder: /path/of/sheets}}}`.",
                "For a session that exists, give its `session_key` in place of the folder.",
            ),
        )
    stored = open_session(pipeline, config.session_key).stored
    register_partition(context.instance, stored.session_key)
    tags = {PARTITION_TAG: stored.session_key}
    context.instance.add_run_tags(context.run_id, plain_tags(tags))
    context.log.info("Session %s is a partition.", stored.session_key)
    return stored


def _request_following_run(
    context: dg.OpExecutionContext, pipeline: Pipeline, stored: UploadSession, then: Then
) -> None:
    """Request the run of the partition that follows, or leave it to the daemon."""
    key = stored.session_key
    match then:
        case "by_session_yaml":
            leave_to_daemon(context, pipeline, stored)
            context.log.info(
                "The daemon starts %s, or you do if there is no daemon.", job_of(stored).value
            )
        case "nothing":
            context.log.info("Nothing follows by itself.")
        case "generate" | "export":
            job = FOLLOWING_JOBS[then]
            runs = QueuedRuns(context.instance, pipeline)
            task_id = runs.start(
                WantedRun(session_key=key, job=job, by=person_of(context.run.tags))
            )
            context.log.info(
                "Run of %s for session %s is requested (task %s).", job.value, key, task_id
            )


def _report_checks(
    context: dg.OpExecutionContext,
    pipeline: Pipeline,
    session_key: str,
    *checks: dg.AssetChecksDefinition,
) -> None:
    """Judge the session, and show each verdict at its asset; a blocking one ends the run."""
    for check in checks:
        session_check = session_check_of(check)
        result = session_check.carry_out(context, pipeline, session_key=session_key)
        shown = result._replace(asset_key=check.check_key.asset_key, check_name=session_check.name)
        report_check(context.instance, session_key, shown, run_id=context.run_id)
        if session_check.is_blocking and not result.passed:
            raise final_failure(session_check.refusal(session_key, result))


@dg.op(
    ins={"session_key": dg.In(str)},
    out=dg.Out(str),
    description="Reads the sheets of the session, and groups what their rows describe.",
)
def read_uploaded(
    context: dg.OpExecutionContext, pipeline: PipelineResource, session_key: str
) -> str:
    opened = pipeline.opened()
    for report in read_sheets(context, opened, session_key=session_key):
        if isinstance(report, AssetReport):
            context.log_event(report.materialization(session_key))
        else:
            report_check(context.instance, session_key, report, run_id=context.run_id)
    _report_checks(context, opened, session_key, references_resolved)
    return session_key


@dg.op(
    ins={"session_key": dg.In(str)},
    out=dg.Out(str),
    description="Writes the tickets of the session.",
)
def write_uploaded(
    context: dg.OpExecutionContext,
    pipeline: PipelineResource,
    config: WritingConfig,
    session_key: str,
) -> str:
    opened = pipeline.opened()
    report = write_tickets(context, opened, config, session_key=session_key)
    context.log_event(report.materialization(session_key))
    _report_checks(context, opened, session_key, tables_match_rows, no_handmade_issues)
    return session_key


@dg.op(
    ins={"session_key": dg.In(str)},
    out=dg.Out(str, is_required=False),
    description="Validates the tickets of the session; the export follows where that is wanted.",
)
def validate_uploaded(
    context: dg.OpExecutionContext,
    pipeline: PipelineResource,
    config: TextsConfig,
    session_key: str,
) -> Iterator[dg.Output[str]]:
    opened = pipeline.opened()
    is_last = not _is_export_wanted(context.run)
    report = validate_tickets(
        context, opened, config, has_written=True, is_last=is_last, session_key=session_key
    )
    context.log_event(report.materialization(session_key))
    _report_checks(context, opened, session_key, adf_valid, ticket_quality)
    if not is_last:
        yield dg.Output(session_key)


def _is_export_wanted(run: dg.DagsterRun) -> bool:
    """Tell whether the first op was told to have issues created."""
    ops = cast("Mapping[str, Any]", run.run_config["ops"])
    return bool(ops["register_session"]["config"].get("then") == "export")


@dg.op(
    ins={"session_key": dg.In(str)},
    out=dg.Out(str, is_required=False),
    description="Creates the issues of the session; where its tickets wait for a review, none.",
)
def create_for_uploaded(
    context: dg.OpExecutionContext,
    pipeline: PipelineResource,
    config: ExportConfig,
    session_key: str,
) -> Iterator[dg.Output[str]]:
    if create(context, pipeline.opened(), config, may_wait=True, session_key=session_key):
        yield dg.Output(session_key)


@dg.op(
    ins={"session_key": dg.In(str)},
    out=dg.Out(str),
    description="Attaches the full text of tickets that are too long for an issue.",
)
def attach_for_uploaded(
    context: dg.OpExecutionContext, pipeline: PipelineResource, session_key: str
) -> str:
    attach(context, pipeline.opened(), session_key=session_key)
    return session_key


@dg.op(
    ins={"session_key": dg.In(str)},
    out=dg.Out(str),
    description="Links the issues and reads every link back.",
)
def link_for_uploaded(
    context: dg.OpExecutionContext, pipeline: PipelineResource, session_key: str
) -> str:
    report = link(context, pipeline.opened(), session_key=session_key)
    context.log_event(report.materialization(session_key))
    return session_key


@dg.op(
    ins={"session_key": dg.In(str)},
    out=dg.Out(dg.Nothing),
    description="Writes what was created and what is left to do by hand; looks whether Jira agrees.",
)
def report_for_uploaded(
    context: dg.OpExecutionContext, pipeline: PipelineResource, session_key: str
) -> None:
    opened = pipeline.opened()
    report = report_export(context, opened, session_key=session_key)
    context.log_event(report.materialization(session_key))
    _report_checks(context, opened, session_key, ledger_matches_jira, issues_match_tickets)


@dg.job(
    executor_def=in_process,
    tags={KIND_TAG: "upload", MAX_RETRIES_TAG: "0"},
    resource_defs={"pipeline": PipelineResource()},
    description="Registers a folder of sheets as an upload session; `then` goes on to its tickets or "
    "its issues.",
)
def upload_session() -> None:
    # Steps have the names of those of the assets, by which it is known what a run left to do.
    key = read_uploaded.alias("intake")(register_session())
    key = write_uploaded.alias("tickets")(key)
    key = validate_uploaded.alias("adf_validation")(key)
    key = create_for_uploaded.alias("create_issues")(key)
    key = attach_for_uploaded.alias("attach_files")(key)
    key = link_for_uploaded.alias("link_issues")(key)
    report_for_uploaded.alias("export_report")(key)
