"""Jobs that do for one session what a command does, for people who use nothing but Dagster.

Belongs here: run config, and what a run shows. Does not: rules and steps, which the commands take
too (`sessions`).

A run that is refused leaves the session as the command would: only what was begun shows.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from pydantic import Field

from jira_pipeline.defs.failures import final_failure, run_id_of
from jira_pipeline.defs.partitions import session_of, upload_sessions
from jira_pipeline.defs.previews import listed, results_metadata
from jira_pipeline.defs.reports import report_reviews, report_undo
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.domain.sessions import SessionStage
from jira_pipeline.errors import PipelineError
from jira_pipeline.sessions import export, review
from jira_pipeline.sessions.commands import line_of
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.failures import RunOfSession, record_interruption
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.sessions.rehearsal import rehearse
from jira_pipeline.sessions.status import what_is_next

BY = Field(default="", description="Who asks for it, for the audit trail; empty: the run.")


class ReadyConfig(dg.Config):
    """Which tickets are ready."""

    numbers: list[int] = Field(
        default=[], description="Numbers of tickets; empty: every one that is not skipped."
    )
    by: str = BY


class UndoConfig(dg.Config):
    """Whether issues are deleted."""

    delete: bool = Field(
        default=False, description="Delete the issues; without it the run shows which would go."
    )
    by: str = BY


class SettleConfig(dg.Config):
    """How long is looked."""

    wait: bool = Field(
        default=False,
        description="Wait JIRA_SETTLE_HORIZON_SECONDS, so that an absence counts too.",
    )
    by: str = BY


@dg.op(name="mark_tickets_ready", description="Marks tickets ready, bound to what was validated.")
def mark_tickets_ready(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: ReadyConfig
) -> None:
    """Mark the tickets of a session ready."""
    opened = pipeline.opened()
    with _refused_in_words(context, opened) as session:
        key, by = session.key, config.by or f"run {run_id_of(context)}"
        count = review.mark_ready(session, numbers=config.numbers or None, by=by)
        if events := opened.store.outbox.pending(key):
            report_reviews(context.instance, opened, events)
        marked = session.again()
        tally = marked.tally
        context.add_output_metadata(
            {
                "marked": count,
                "ready": tally.ready,
                "tickets": tally.exportable,
                "open_questions": tally.questions.count,
                "next_step": line_of(what_is_next(marked).action),
            }
        )


@dg.op(description="Deletes the issues of a session that nobody touched, or shows which.")
def undo_issues(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: UndoConfig
) -> None:
    """Take the export of a session back."""
    opened = pipeline.opened()
    with _refused_in_words(context, opened) as session:
        found = export.plan_undoing(session)
        if found.plan.blocked is not None:
            raise found.plan.blocked
        kept = listed([f"{issue.key}: {'; '.join(issue.reasons)}" for issue in found.kept])
        if not config.delete:
            numbers = [str(number) for number in found.plan.remove]
            context.add_output_metadata(
                {"would_delete_issues_of_tickets": listed(numbers), "would_keep": kept}
            )
            return
        run_id = run_id_of(context)
        by = config.by or f"run {run_id}"
        report = export.undo(session, by=by, run_id=run_id)
        report_undo(context.instance, opened, session.key, by=by)
        context.add_output_metadata(
            {
                "deleted": listed([issue.key for issue in report.removed]),
                "kept": listed([f"{i.key}: {'; '.join(i.reasons)}" for i in report.kept]),
                "in_doubt": listed([str(number) for number in report.in_doubt]),
            }
        )


@dg.op(description="Looks up what is in doubt; only reads are sent.")
def look_up_doubts(
    context: dg.OpExecutionContext, pipeline: PipelineResource, config: SettleConfig
) -> None:
    """Settle what is in doubt in a session."""
    opened = pipeline.opened()
    with _refused_in_words(context, opened) as session:
        run_id = run_id_of(context)
        by = config.by or f"run {run_id}"
        report = export.settle(session, is_waiting=config.wait, by=by, run_id=run_id)
        context.add_output_metadata(
            {
                "is_settled": report.is_settled,
                "is_conclusive": report.is_conclusive,
                "tickets": listed(
                    [f"{t.number} {t.title}: {t.outcome.value}. {t.advice}" for t in report.tickets]
                ),
            }
        )


@dg.op(
    description="Exports into a new project of the embedded sandbox; the session stays as it is."
)
def rehearse_in_sandbox(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
    """Rehearse the export of a session."""
    opened = pipeline.opened()
    with _refused_in_words(context, opened) as session:
        results = rehearse(session, run_id=run_id_of(context))
        context.add_output_metadata(results_metadata(results))


@contextmanager
def _refused_in_words(context: dg.OpExecutionContext, pipeline: Pipeline) -> Iterator[OpenSession]:
    """Give the session, and end the run with what an error says; it is stored once."""
    key, run_id = context.partition_key, run_id_of(context)
    try:
        yield session_of(context, pipeline)
    except PipelineError as error:
        if all(stored.run_id != run_id for stored in pipeline.store.errors.list_all(key)):
            pipeline.store.errors.record(
                error,
                session_key=key,
                stage=SessionStage.REVIEW.value,
                at=pipeline.clock.now(),
                run_id=run_id,
            )
        raise final_failure(error) from None
    except dg.DagsterExecutionInterruptedError:
        session = pipeline.store.sessions.find(key)
        if session is not None and session.run_id == run_id:
            run = RunOfSession(pipeline=pipeline, session_key=key, run_id=run_id)
            record_interruption(run, stage=session.stage)
        raise


@dg.job(
    partitions_def=upload_sessions,
    executor_def=dg.in_process_executor,
    description="Marks the tickets of a session ready for export, as `tickets ready` does.",
)
def mark_ready() -> None:
    """Mark tickets ready."""
    mark_tickets_ready()


@dg.job(
    partitions_def=upload_sessions,
    executor_def=dg.in_process_executor,
    description="Takes the export of a session back, as `undo` does; shows only, unless asked to "
    "delete.",
)
def undo_export() -> None:
    """Take an export back."""
    undo_issues()


@dg.job(
    partitions_def=upload_sessions,
    executor_def=dg.in_process_executor,
    description="Looks up issues in doubt, as `settle` does.",
)
def settle_doubts() -> None:
    """Settle doubts."""
    look_up_doubts()


@dg.job(
    partitions_def=upload_sessions,
    executor_def=dg.in_process_executor,
    description="Rehearses the export of a session in the embedded sandbox.",
)
def rehearse_export() -> None:
    """Rehearse an export."""
    rehearse_in_sandbox()


SESSION_JOBS = (mark_ready, undo_export, settle_doubts, rehearse_export)
