"""The jobs: what runs together, and what the daemon may do when one fails.

Belongs here: selections of assets, run config, what a run shows, and the jobs that do for one
session what a command does, for people who use nothing but Dagster. Does not: rules and steps,
which the commands take too (verbs, in the rooms of subjects).

A run that is refused leaves the session as the command would: only what was begun shows.
"""

from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from jira_pipeline.context.upkeep import expired_sessions
from jira_pipeline.dagster_port.dagster_runs import has_run_in_flight
from jira_pipeline.dagster_port.launchpad import job_text
from jira_pipeline.dagster_port.metadata import listed, show_result
from jira_pipeline.dagster_port.partitions import KIND_TAG, remove_partition
from jira_pipeline.dagster_port.steps import (
    PipelineResource,
    failing_for_good,
    final_failure,
    in_process,
    one_step_job,
)
from jira_pipeline.defs.intake.intake_assets import job_of, show_registered
from jira_pipeline.defs.jira.jira_assets import report_comparison
from jira_pipeline.export import exporting
from jira_pipeline.export.left_in_jira import same_specifications
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import PipelineError, UpstreamError
from jira_pipeline.model.other_source import has_other_source, other_source
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline.review.open_session import OpenSession, open_session, opened_from_here
from jira_pipeline.sessions import upload
from jira_pipeline.sessions.listing import known_targets

_GENERATION = dg.AssetSelection.assets(
    "source_files", "entities", "entity_groups", "tickets", "adf_validation"
)
_EXPORT = dg.AssetSelection.assets("jira_issues", "export_report")

_SESSION_JOB: dict[str, Any] = {
    "executor_def": in_process,
    "tags": {KIND_TAG: "session"},
}

csv_to_jira = dg.define_asset_job(
    "csv_to_jira",
    selection=_GENERATION | _EXPORT,
    description="The whole pipeline: from a session's sheets to issues in Jira, with a report.",
    **_SESSION_JOB,
)
generate_tickets = dg.define_asset_job(
    "generate_tickets",
    selection=_GENERATION,
    description="From sheets to validated tickets, ready for review.",
    **_SESSION_JOB,
)
validate_adf = dg.define_asset_job(
    "validate_adf",
    selection=dg.AssetSelection.assets("adf_validation"),
    description="Renders and validates the tickets again after edits.",
    **_SESSION_JOB,
)
export_to_jira = dg.define_asset_job(
    "export_to_jira",
    selection=_EXPORT,
    description="From reviewed tickets to issues in Jira, with a report.",
    **_SESSION_JOB,
)


class UploadConfig(dg.Config):
    """Which folder becomes which session."""

    folder: str = Field(
        description="Absolute path of a folder of sheets or of a workbook, on the daemon's machine."
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


@failing_for_good()
def register_session(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: UploadConfig
) -> None:
    """Upload one folder."""
    outcome = upload.upload(
        pipeline.opened(),
        Path(config.folder),
        session_key=config.session_key,
        auto_approve=config.auto_approve,
        as_new=config.as_new,
        replaces_all=config.replaces_all,
        actor=f"run {context.run.run_id}",
    )
    session = OpenSession(pipeline=pipeline.opened(), stored=outcome.session)
    same = same_specifications(session, outcome.group_keys)
    show_registered(
        context, session.pipeline, outcome, same_specification=listed([one.summary for one in same])
    )
    context.log.info(
        "Session %s is uploaded; the daemon starts %s, or you do if there is no daemon.",
        session.key,
        job_of(session.stored).value,
    )


upload_session = one_step_job(
    register_session,
    name="upload_session",
    kind="upload",
    description="Registers a folder of sheets as an upload session, for people who use only "
    "Dagster.",
)


@failing_for_good()
def remove_expired(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
    """Remove what is old enough and has no run in flight; carry on where an earlier run stopped."""
    from jira_pipeline.sessions import incoming
    from jira_pipeline.writing import writers

    opened = pipeline.opened()
    targets = known_targets(opened)
    old = [
        session
        for session in expired_sessions(
            opened.store.sessions.list_all(),
            now=opened.clock.now(),
            keep_days=opened.settings.retention_days,
        )
        # what was completed on another target, such as in a test, may still wait for this one
        if opened_from_here(opened, session, known=targets).elsewhere is None
    ]
    old_since = {session.session_key: session.updated_at for session in old}
    removed, busy = [], []
    for key in dict.fromkeys((*upload.removed_but_for_files(opened), *old_since)):
        if has_run_in_flight(context.instance, opened, key) or not upload.remove_session(
            opened,
            key,
            remove_partition=partial(remove_partition, context.instance),
            unchanged_since=old_since.get(key),
        ):
            busy.append(key)
            continue
        removed.append(key)
        context.log.info("removed session %s", key)
    forgotten = writers.forget_answers(opened)
    expired = incoming.forget_incoming(opened)
    exports = other_source("export_jobs").forget_exports(opened) if has_other_source() else ()
    show_result(
        context,
        {
            "removed": listed(removed),
            "busy": listed(busy),
            "answers_of_models_forgotten": forgotten,
            "incoming_uploads_expired": expired,
            "sharedo_exports_removed": len(exports),
        },
    )


remove_expired_sessions = one_step_job(
    remove_expired,
    name="remove_expired_sessions",
    kind="upkeep",
    description="Removes sessions completed more than RETENTION_DAYS ago, and unused responses.",
)


class ComparisonConfig(dg.Config):
    """Which sessions are compared."""

    session_keys: list[str] = Field(
        default=[],
        description="Default: every idle session that was exported to the current target.",
    )


def compare_sessions(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: ComparisonConfig
) -> None:
    """Compare each by itself; one that cannot be compared stops no other.

    A site that cannot be asked does: each would hear the same.
    """
    opened, run_id = pipeline.opened(), context.run.run_id
    keys = config.session_keys or [
        stored.session_key
        for stored in opened.store.sessions.list_all()
        if stored.status is not SessionStatus.RUNNING
        and OpenSession(pipeline=opened, stored=stored).target is not None
    ]
    looked_at, failed, differing = list[str](), list[PipelineError](), list[str]()
    for key in keys:
        looked_at.append(key)
        try:
            found = exporting.compare_with_jira(open_session(opened, key), run_id=run_id)
        except PipelineError as error:
            context.log.warning("session %s: %s", key, error.message)
            failed.append(error)
            if isinstance(error, UpstreamError):
                break
            continue
        report_comparison(context.instance, found, run_id=run_id)
        if not found.is_equal:
            differing.append(key)
            shown = Action.of(ActionKind.SHOW_RESULTS, "{} shows where.", session_key=key)
            context.log.warning("session %s differs; %s", key, job_text(shown))
    if failed:
        raise final_failure(failed[0]) from None
    show_result(context, {"compared": len(looked_at), "differing": listed(differing)})


compare_with_jira = one_step_job(
    compare_sessions,
    name="compare_with_jira",
    kind="upkeep",
    description="Compares Jira with what was sent and records differences by session.",
)
