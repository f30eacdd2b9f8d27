"""Tickets: written from the groups, decided on by people, validated; and their checks.

The assets `tickets` and `adf_validation`, the checks `adf_valid` and `ticket_quality`.

The site, which people build by them, is an asset of `site_assets`.

Bodies read resources, call one stage, and return values, counts and metadata.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import dagster as dg
from pydantic import Field

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.trackers import answer_deadline
from jira_pipeline.dagster_port.asset_reports import AssetReport
from jira_pipeline.dagster_port.launchpad import next_line
from jira_pipeline.dagster_port.metadata import (
    format_list,
    numbers_of,
    pairs_text,
    progress_logger,
    tickets_metadata,
    tickets_text,
    validation_metadata,
    web_metadata,
)
from jira_pipeline.dagster_port.partitions import OWNERS, TAGS, StepContext, upload_sessions
from jira_pipeline.dagster_port.plain_values import plain_metadata
from jira_pipeline.dagster_port.reports import (
    ADF_VALIDATION,
    ADF_VALIDATION_CODE_VERSION,
    REVIEW,
    TICKETS,
    TICKETS_CODE_VERSION,
    report_out_of_date,
    tickets_data_version,
    validation_data_version,
)
from jira_pipeline.dagster_port.steps import PipelineResource, session_check, session_step
from jira_pipeline.dagster_port.tables import IO_MANAGER, table_metadata
from jira_pipeline.export import exporting
from jira_pipeline.export.adoption_proposals import Likeness
from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.runs import WRITING_JOBS, RunJob
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.review import approvals
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.waiting import quality_of, quality_rows, summary_of
from jira_pipeline.sheets.upload_preview import asked_by_tickets, ticket_changes
from jira_pipeline.sheets.upload_reading import refuse_errors
from jira_pipeline.tickets.documents.adf_validation import report_markdown

FAULTS_SHOWN = 20


class WritingConfig(dg.Config):
    """Who writes the tickets, and which."""

    writer: str | None = Field(
        default=None,
        description="`template`, or a model in the same format as WRITER_MODEL; default: as "
        "before.",
    )
    tickets: list[int] = Field(
        default=[],
        description="Numbers of the tickets to rewrite, leaving the others alone; default: all.",
    )


@dg.asset(
    partitions_def=upload_sessions,
    owners=OWNERS,
    tags=TAGS,
    deps=["entity_groups"],
    group_name="tickets",
    kinds={"python"},
    io_manager_key=IO_MANAGER,
    metadata=table_metadata("tickets"),
    code_version=TICKETS_CODE_VERSION,
    description="One ticket per group: text by the writer, tables and titles from the rows.",
)
def tickets(
    context: dg.AssetExecutionContext, pipeline: PipelineResource, config: WritingConfig
) -> dg.MaterializeResult[Any]:
    return write_tickets(context, pipeline.opened(), config).result


def write_tickets(
    context: StepContext,
    pipeline: Pipeline,
    config: WritingConfig,
    *,
    session_key: str | None = None,
) -> AssetReport:
    """Write the tickets of a session, and report them."""
    from jira_pipeline.writing import generation
    from jira_pipeline.writing.writers import spending_of

    with session_step(
        context, pipeline, stage=SessionStage.PROCESSING, session_key=session_key
    ) as session:
        # a re-execution from failure begins here, maybe with sheets that came since
        refuse_errors(session.findings, source=session.key)
        was = session.stored.generated_from_sha256
        is_same = was in {None, session.stored.content_sha256}
        before = None if is_same else session.earlier_groups(str(was))
        tickets_before = session.tickets
        outcome = generation.generate(
            session,
            run_id=context.run.run_id,
            numbers=tuple(config.tickets),
            writer_name=config.writer,
            pass_on=progress_logger(context),
        )
        written = session.reload()
        spending = spending_of(session)
        groups = [*written.groups.values()]
        changes = ticket_changes(
            before or {},
            groups if before else (),
            tickets=tickets_before,
            asked_after=asked_by_tickets(written.tickets),
        )
    return AssetReport(
        asset=TICKETS,
        data_version=tickets_data_version(session.stored, written.tickets),
        metadata=tickets_metadata(
            written.tickets,
            outcome,
            questions=written.questions,
            vanished=written.vanished_tickets,
            writer=written.writer_name,
            spending=spending,
            changes=changes,
        )
        | web_metadata(session, "/tickets"),
    )


class TextsConfig(dg.Config):
    """Whose texts are shown."""

    tickets: list[int] = Field(
        default=[],
        description="Numbers of the tickets whose texts are shown; default: those to approve, "
        "and those that changed since the last validation.",
    )


review = dg.AssetSpec(
    REVIEW,
    partitions_def=upload_sessions,
    owners=OWNERS,
    tags=TAGS,
    group_name="tickets",
    kinds={"table"},
    description="People's decisions about the tickets: texts, answers, fields and ready marks. "
    "Each is reported with its author; nothing here creates it.",
)


@dg.asset(
    partitions_def=upload_sessions,
    owners=OWNERS,
    tags=TAGS,
    deps=[tickets, review],
    automation_condition=dg.AutomationCondition.any_deps_updated()
    .allow(dg.AssetSelection.assets(review.key))
    .since(dg.AutomationCondition.newly_requested() | dg.AutomationCondition.newly_updated())
    & ~dg.AutomationCondition.in_progress()
    & ~dg.AutomationCondition.any_deps_in_progress(),
    group_name="tickets",
    kinds={"json"},
    io_manager_key=IO_MANAGER,
    metadata=table_metadata("adf_validation"),
    code_version=ADF_VALIDATION_CODE_VERSION,
    description="Every ticket, rendered as Jira would receive it and checked against Jira's rules.",
)
def adf_validation(
    context: dg.AssetExecutionContext, pipeline: PipelineResource, config: TextsConfig
) -> dg.MaterializeResult[Any]:
    # The job of the whole way goes on, and checks the issues after its export.
    job_name = context.run.job_name
    return validate_tickets(
        context,
        pipeline.opened(),
        config,
        has_written=job_name in WRITING_JOBS,
        is_last=job_name != RunJob.WHOLE,
    ).result


def validate_tickets(
    context: StepContext,
    pipeline: Pipeline,
    config: TextsConfig,
    *,
    has_written: bool,
    is_last: bool,
    session_key: str | None = None,
) -> AssetReport:
    """Validate the tickets of a session, and report them.

    A run that has written them says what it changed; the last step says what is next.
    """
    from jira_pipeline.writing import generation

    with session_step(
        context, pipeline, stage=SessionStage.REVIEW, session_key=session_key
    ) as session:
        named = {session.ticket(number).ticket_id for number in config.tickets}
        then = {} if session.last_validation is None else session.last_validation.rendered_hashes
        validation = approvals.validate(session, run_id=context.run.run_id)
        validated = session.reload()
        rendered = validated.rendered
        verdict = validated.verdict
        failed = 0 if verdict is None else verdict.failed_count
        lines = ["", f"{format_count(validated.tally.total, 'ticket')}, {failed} not valid."]
        if has_written:
            changes = generation.last_generation(validated)
            lines.append(f"{changes.created} written anew, {changes.rewritten} rewritten.")
        lines.append(
            "Metadata of adf_validation: the text of each to approve, changed, or named by `tickets`."
        )
        if is_last:
            lines.append(next_line(validated))
            report_out_of_date(context.instance, validated, run_id=context.run.run_id)
        context.log.info("\n".join(lines))
    return AssetReport(
        asset=ADF_VALIDATION,
        data_version=validation_data_version(validation),
        metadata=validation_metadata(
            validation, numbers=numbers_of(shown.ticket for shown in rendered)
        )
        | tickets_text(_shown(rendered, named=named, hashes_before=then))
        | web_metadata(session),
    )


def _shown(
    rendered: Sequence[RenderedTicket], *, named: Collection[str], hashes_before: Mapping[str, str]
) -> list[RenderedTicket]:
    """Choose whose text is shown: those that are named, else those to approve or changed since."""
    if named:
        return [document for document in rendered if document.ticket.ticket_id in named]
    shown = []
    for document in rendered:
        ticket = document.ticket
        is_changed = hashes_before.get(ticket.ticket_id) != document.rendered_hash
        if ticket.is_to_approve or is_changed:
            shown.append(document)
    return shown


@session_check(
    asset=tickets,
    stage=SessionStage.PROCESSING,
    blocking=True,
    description="Every cell of every row is in the row's ticket, word for word.",
)
def tables_match_rows(_context: StepContext, session: OpenSession) -> dg.AssetCheckResult:
    from jira_pipeline.tickets.documents.adf_validation import table_faults

    written = (
        (ticket.ticket, json.loads(session.whole_text_of(ticket))) for ticket in session.rendered
    )
    faults = table_faults(written, groups=session.groups)
    return dg.AssetCheckResult(
        passed=not faults,
        description=f"{format_count(len(faults), 'fault')}; the first: {faults[0]}."
        if faults
        else None,
        metadata=plain_metadata(
            {"faults": len(faults), "first_faults": format_list(faults[:FAULTS_SHOWN])}
        ),
    )


@session_check(
    asset=tickets,
    stage=SessionStage.PROCESSING,
    description="Before the first export: no issue that people made in the project looks like one "
    "of these tickets.",
)
def no_handmade_issues(_context: StepContext, session: OpenSession) -> dg.AssetCheckResult:
    warning = dg.AssetCheckSeverity.WARN
    settings = session.settings
    has_no_project = settings.is_sandbox and not settings.sandbox_path.exists()
    if session.entries or has_no_project:
        return dg.AssetCheckResult(
            passed=True, severity=warning, metadata=plain_metadata({"compared": 0})
        )
    try:
        proposed = exporting.propose_adoption(session, budget=answer_deadline())
    except PipelineError as error:
        metadata = {"compared": f"not known: {error.message}"}
        return dg.AssetCheckResult(passed=True, severity=warning, metadata=plain_metadata(metadata))
    pairs = [pair for pair in proposed.pairs if pair.likeness is not Likeness.UNCERTAIN]
    next_step = "Adopt them (job session_action); an export creates these once more."
    return dg.AssetCheckResult(
        passed=not pairs,
        severity=warning,
        metadata=plain_metadata(
            {
                "compared": proposed.scanned,
                "look_alike": len(pairs),
                "pairs": pairs_text(pairs[:FAULTS_SHOWN]),
                "next_step": next_step if pairs else "none",
            }
        ),
    )


@session_check(
    asset=adf_validation,
    stage=SessionStage.REVIEW,
    blocking=True,
    description="Every ticket is a document that Jira accepts, within its limits.",
)
def adf_valid(_context: StepContext, session: OpenSession) -> dg.AssetCheckResult:
    validation = session.store.validations.latest(session.key)
    results = validation.results if validation else ()
    failures = [
        f"{result.title}: {result.error_message}" for result in results if not result.is_passed
    ]
    report = report_markdown(results, numbers=numbers_of(session.tickets))
    metadata = {
        "tickets": len(results),
        "failed": format_list(failures),
        "report": dg.MetadataValue.md(report),
    }
    return dg.AssetCheckResult(
        passed=validation is not None and validation.is_passed,
        description=failures[0] if failures else None,
        metadata=plain_metadata(metadata),
    )


@session_check(
    asset=adf_validation,
    stage=SessionStage.REVIEW,
    description="No ticket is waiting for answers or fell back to the template (docs/quality.md).",
)
def ticket_quality(_context: StepContext, session: OpenSession) -> dg.AssetCheckResult:
    quality = quality_of(session.tickets)
    rows = quality_rows(quality.flagged[:FAULTS_SHOWN])
    return dg.AssetCheckResult(
        passed=not quality.flagged,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=plain_metadata(
            {
                "summary": summary_of(quality),
                "waiting_for_answers": quality.waiting_count,
                "fallbacks": quality.fallback_count,
                "to_look_at": format_list([": ".join((row[1], row[3])) for row in rows]),
            }
        ),
    )
