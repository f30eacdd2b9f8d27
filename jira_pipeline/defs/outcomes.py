"""The result of a run, said in its log where it ends: for whoever starts jobs in a shell.

Belongs here: the sentences, and which step is the last of a job. Does not: what is next
(`sessions/status`), metadata of assets (`previews`).
"""

from collections.abc import Iterator, Mapping

import dagster as dg

from jira_pipeline.context.commands import line_of
from jira_pipeline.defs.partitions import PARTITION_TAG
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.export.left_in_jira import required_results
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.look.rendering import counted
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions.status import what_is_next
from jira_pipeline.writing.generation import last_generation

WRITTEN, EXPORTED = "adf_validation", "export_report"
LAST_STEPS: Mapping[str, str] = {
    "generate_tickets": WRITTEN,
    "validate_adf": WRITTEN,
    "csv_to_jira": EXPORTED,
    "export_to_jira": EXPORTED,
    "mark_ready": "mark_tickets_ready",
    "review_tickets": "decide_about_tickets",
    "undo_export": "undo_issues",
    "settle_doubts": "look_up_doubts",
}
"""By job; checks of its asset may follow."""
ISSUES_NAMED = 100


@dg.success_hook(required_resource_keys={"pipeline"})
def say_outcome(context: dg.HookContext) -> None:
    """Write into the log what the run came to, after its last step."""
    run = context.instance.get_run_by_id(context.run_id)
    if run is None or LAST_STEPS.get(context.job_name) != context.op.name:
        return
    pipeline: PipelineResource = context.resources.pipeline
    session = open_session(pipeline.opened(), run.tags[PARTITION_TAG])
    says = {WRITTEN: _written, EXPORTED: _exported}.get(context.op.name)
    lines = [] if says is None else says(session)
    step = line_of(what_is_next(session).action)
    context.log.info("\n".join(["", *lines, f"Next: {step}"]))


def _written(session: OpenSession) -> Iterator[str]:
    verdict, changes = session.verdict, last_generation(session)
    failed = 0 if verdict is None else verdict.failed_count
    yield (
        f"{counted(session.tally.total, 'ticket')}, {failed} not valid: {changes.created} new, "
        f"{changes.rewritten} written again by the last generation."
    )
    show = Action.of(ActionKind.SHOW_TICKET, "{}", session_key=session.key, number="N")
    yield f"Read them in the metadata of {WRITTEN}, or: {line_of(show)}"


def _exported(session: OpenSession) -> Iterator[str]:
    results = required_results(session)
    for ticket in results.tickets[:ISSUES_NAMED]:
        yield f"{ticket.jira_key}  {ticket.title}"
    if len(results.tickets) > ISSUES_NAMED:
        yield f"… and {len(results.tickets) - ISSUES_NAMED} more"
    yield (
        f"{counted(len(results.tickets), 'issue')} and "
        f"{counted(results.dependencies_created, 'link')} in {results.target.name}, "
        f"{results.open_fixes} left to do by hand."
    )
    yield f"Report: {session.report_link}"
