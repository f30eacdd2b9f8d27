"""The job that compares sessions with Jira, all or those that are named.

Belongs here: its config, and what its run shows. Does not: comparing (`export/exporting`), when it
runs (`schedules`).
"""

import dagster as dg
from pydantic import Field

from jira_pipeline.dagster_port.metadata import format_list, show_result
from jira_pipeline.dagster_port.steps import PipelineResource, final_failure, one_step_job
from jira_pipeline.defs.jira.jira_assets import report_comparison
from jira_pipeline.export import exporting
from jira_pipeline.model.errors import PipelineError, UpstreamError
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline.review.open_session import OpenSession, open_session


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
    opened = pipeline.opened()
    run_id = context.run.run_id
    keys = config.session_keys or [
        stored.session_key
        for stored in opened.store.sessions.list_all()
        if stored.status is not SessionStatus.RUNNING
        and OpenSession(pipeline=opened, stored=stored).target is not None
    ]
    failed = list[PipelineError]()
    differing = list[str]()
    for key in keys:
        try:
            comparison = exporting.compare_with_jira(open_session(opened, key), run_id=run_id)
        except PipelineError as error:
            context.log.warning("session %s: %s", key, error.message)
            failed.append(error)
            if isinstance(error, UpstreamError):
                break
            continue
        report_comparison(context.instance, comparison, run_id=run_id)
        if not comparison.is_equal:
            differing.append(key)
            context.log.warning(
                "Session %s differs; the check `ledger_matches_jira` of `jira_issues` shows where, "
                "and `session_action` with `compare` what to decide.",
                key,
            )
    if failed:
        raise final_failure(failed[0]) from None
    show_result(context, {"compared": len(keys), "differing": format_list(differing)})


compare_with_jira = one_step_job(
    compare_sessions,
    name="compare_with_jira",
    kind="upkeep",
    description="Compares Jira with what was sent and records differences by session.",
)
