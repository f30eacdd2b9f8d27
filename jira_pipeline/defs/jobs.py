"""The jobs: what runs together, and what the daemon may do when one fails."""

from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.defs.asset_checks import report_comparison
from jira_pipeline.defs.failures import MAX_RETRIES_TAG, RUN_RETRIES, final_failure, run_id_of
from jira_pipeline.defs.partitions import remove_partition
from jira_pipeline.defs.previews import findings_metadata, listed
from jira_pipeline.defs.reports import announce_upload
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.defs.runs import has_run_in_flight
from jira_pipeline.defs.session_jobs import SESSION_JOBS
from jira_pipeline.defs.sharedo_jobs import compare_environments, sharedo_to_tickets
from jira_pipeline.domain.sessions import SessionStatus
from jira_pipeline.errors import PipelineError, UpstreamError
from jira_pipeline.sessions import export, incoming, sharedo_comparison, upload
from jira_pipeline.sessions.commands import words_of
from jira_pipeline.sessions.open_session import OpenSession, open_session
from jira_pipeline.sessions.results import same_specifications
from jira_pipeline.stages.session_upkeep import (
    REQUESTS_KNOWN,
    answers_used_since,
    expired_sessions,
)

_GENERATION = dg.AssetSelection.assets(
    "source_files", "entities", "entity_groups", "tickets", "adf_validation"
)
_EXPORT = dg.AssetSelection.assets("jira_issues", "export_report")


_SESSION_JOB: dict[str, Any] = {
    "executor_def": dg.in_process_executor,
    "tags": {MAX_RETRIES_TAG: RUN_RETRIES},
}

csv_to_jira = dg.define_asset_job(
    "csv_to_jira",
    selection=_GENERATION | _EXPORT,
    description="The whole way: sheets of a session to issues in Jira, with a report.",
    **_SESSION_JOB,
)
generate_tickets = dg.define_asset_job(
    "generate_tickets",
    selection=_GENERATION,
    description="Sheets to validated tickets, ready to be reviewed.",
    **_SESSION_JOB,
)
validate_adf = dg.define_asset_job(
    "validate_adf",
    selection=dg.AssetSelection.assets("adf_validation"),
    description="Render and check the tickets again, after edits.",
    **_SESSION_JOB,
)
export_to_jira = dg.define_asset_job(
    "export_to_jira",
    selection=_EXPORT,
    description="Reviewed tickets to issues in Jira, with a report.",
    **_SESSION_JOB,
)


class UploadConfig(dg.Config):
    """Which folder becomes which session."""

    folder: str
    """Absolute path of a folder of sheets, or of an .xlsx workbook, on the machine the run is on."""
    session_key: str | None = None
    """Defaults to the name of the folder or workbook as a slug."""
    auto_approve: bool = False
    """Export valid tickets without a review."""
    as_new: bool = False
    """Create issues even where another session has issues of the same specification."""


@dg.op(description="Reads the sheets, keeps a copy, registers the session and its partition.")
def register_session(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: UploadConfig
) -> None:
    """Upload one folder."""
    try:
        outcome = upload.upload(
            pipeline.opened(),
            Path(config.folder),
            session_key=config.session_key,
            auto_approve=config.auto_approve,
            as_new=config.as_new,
            actor=f"run {run_id_of(context)}",
        )
        announce_upload(context.instance, pipeline.opened(), outcome)
    except PipelineError as error:
        raise final_failure(error) from None
    session = OpenSession(pipeline=pipeline.opened(), stored=outcome.session)
    same = same_specifications(session, outcome.group_keys)
    context.add_output_metadata(
        findings_metadata(outcome.findings)
        | {
            "session_key": session.key,
            "is_unchanged": outcome.is_unchanged,
            "same_specification": listed([one.summary for one in same]),
        }
    )


@dg.job(
    description="Registers a folder of sheets as an upload session, for people who use Dagster only.",
    executor_def=dg.in_process_executor,
)
def upload_session() -> None:
    """Upload one folder."""
    register_session()


@dg.op(
    description="Removes sessions completed long ago, and answers of models nobody used for long."
)
def remove_expired(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
    """Remove what is old enough and has no run in flight; carry on where an earlier run stopped."""
    opened = pipeline.opened()
    old = expired_sessions(
        opened.store.sessions.list_all(),
        now=opened.clock.now(),
        keep_days=opened.settings.retention_days,
    )
    old_since = {session.session_key: session.updated_at for session in old}
    removed, kept = [], []
    try:
        for key in dict.fromkeys((*upload.removed_but_for_files(opened), *old_since)):
            if has_run_in_flight(context.instance, key) or not upload.remove_session(
                opened,
                key,
                remove_partition=partial(remove_partition, context.instance),
                unchanged_since=old_since.get(key),
            ):
                kept.append(key)
                continue
            removed.append(key)
            context.log.info("removed session %s", key)
        since = answers_used_since(opened.clock.now(), keep_days=opened.settings.retention_days)
        forgotten = opened.store.writing.forget_answers(unused_since=since)
        expired = incoming.forget_incoming(opened)
        exports = sharedo_comparison.forget_exports(opened)
        opened.store.answered_requests.forget(until=opened.clock.now() - REQUESTS_KNOWN)
    except PipelineError as error:
        raise final_failure(error) from None
    context.add_output_metadata(
        {
            "removed": ", ".join(removed),
            "busy": ", ".join(kept),
            "answers_of_models_forgotten": forgotten,
            "incoming_uploads_expired": expired,
            "sharedo_exports_removed": len(exports),
        }
    )


@dg.job(
    description="Removes sessions completed longer ago than RETENTION_DAYS, and unused answers.",
    executor_def=dg.in_process_executor,
)
def remove_expired_sessions() -> None:
    """Remove old sessions."""
    remove_expired()


class ComparisonConfig(dg.Config):
    """Which sessions are compared."""

    session_keys: list[str] = Field(
        default=[],
        description="Empty: every session that was exported to the current target and is at rest.",
    )


@dg.op(description="Reads the issues of sessions back and files what differs from the ledger.")
def compare_sessions(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: ComparisonConfig
) -> None:
    """Compare every session by itself; one that cannot be compared does not stop the others."""
    opened = pipeline.opened()
    wanted = config.session_keys or [
        session.session_key
        for session in opened.store.sessions.list_all()
        if session.status is not SessionStatus.RUNNING
        and OpenSession(pipeline=opened, stored=session).target is not None
    ]
    differing: list[str] = []
    failed: list[PipelineError] = []
    for key in wanted:
        try:
            comparison = export.compare_with_jira(open_session(opened, key))
        except PipelineError as error:
            context.log.warning("session %s: %s", key, error.message)
            failed.append(error)
            if isinstance(error, UpstreamError):
                break  # the site itself: the next session would hear the same
            continue
        report_comparison(context.instance, key, comparison)
        if not comparison.is_equal:
            differing.append(key)
            shown = Action.of(ActionKind.SHOW_RESULTS, "{} shows where.", session_key=key)
            context.log.warning("session %s differs; %s", key, words_of(shown))
    if failed:
        raise final_failure(failed[0]) from None
    context.add_output_metadata({"compared": len(wanted), "differing": ", ".join(differing)})


@dg.job(
    description="Compares ledger and Jira and files the findings of each session.",
    executor_def=dg.in_process_executor,
)
def compare_with_jira() -> None:
    """Compare ledger and Jira."""
    compare_sessions()


ALL_JOBS = (
    *SESSION_JOBS,
    compare_environments,
    compare_with_jira,
    csv_to_jira,
    generate_tickets,
    validate_adf,
    export_to_jira,
    upload_session,
    remove_expired_sessions,
    sharedo_to_tickets,
)
