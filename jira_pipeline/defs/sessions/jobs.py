"""The jobs that run several assets together, and the one that removes expired sessions.

Belongs here: selections of assets, what the daemon may do when a run fails. Does not: what a command
does for one session (`session_action`), comparing with Jira (`comparison_job`), taking files in
(`upload_job`), rules and steps (verbs, in the rooms of subjects).
"""

from functools import partial
from typing import Any

import dagster as dg

from jira_pipeline.dagster_port.dagster_runs import has_run_in_flight
from jira_pipeline.dagster_port.metadata import format_list, removals_table, show_result
from jira_pipeline.dagster_port.partitions import KIND_TAG, remove_partition
from jira_pipeline.dagster_port.steps import (
    PipelineResource,
    failing_for_good,
    in_process,
    one_step_job,
)
from jira_pipeline.model.other_source import has_other_source, other_source
from jira_pipeline.sessions import upload
from jira_pipeline.sessions.listing import known_targets
from jira_pipeline.sessions.retention import look_at_sessions

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


@failing_for_good()
def remove_expired(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
    """Announce and remove sessions as the rule says; carry on where an earlier run stopped."""
    from jira_pipeline.sessions import incoming
    from jira_pipeline.writing import writers

    opened = pipeline.opened()

    def remove(key: str, last_entry: int | None) -> bool:
        is_removed = not has_run_in_flight(context.instance, opened, key) and upload.remove_session(
            opened,
            key,
            remove_partition=partial(remove_partition, context.instance),
            last_entry=last_entry,
        )
        if is_removed:
            context.log.info("removed session %s", key)
        return is_removed

    finished = [key for key in upload.sessions_with_files_left(opened) if remove(key, None)]
    look = look_at_sessions(opened, targets=known_targets(opened), remove=remove)
    forgotten = writers.forget_answers(opened)
    opened.store.webhook_deliveries.forget_old(opened.clock.now())
    opened.store.keyed_requests.forget_old(opened.clock.now())
    expired = incoming.forget_incoming(opened)
    exports = other_source("export_jobs").forget_exports(opened) if has_other_source() else ()
    show_result(
        context,
        {
            "removed": format_list([*finished, *look.removed]),
            "announced": format_list(look.announced),
            "busy": format_list(look.busy),
            "sessions": removals_table(look.removals),
            "answers_of_models_forgotten": forgotten,
            "incoming_uploads_expired": expired,
            "sharedo_exports_removed": len(exports),
        },
    )


remove_expired_sessions = one_step_job(
    remove_expired,
    name="remove_expired_sessions",
    kind="upkeep",
    description="Announces and removes sessions with nothing open for RETENTION_DAYS, and removes "
    "unused responses.",
)
