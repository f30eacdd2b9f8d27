"""The assets: one session on its way from sheets to a report.

Bodies read resources, call one stage, and return values, counts and metadata. `jira_issues` is
made of ops, see `export_ops`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg
from pydantic import Field

from jira_pipeline.context.commands import line_of
from jira_pipeline.defs.failures import run_id_of, working_on
from jira_pipeline.defs.launchpad import next_line
from jira_pipeline.defs.partitions import check_spec, upload_sessions
from jira_pipeline.defs.previews import (
    entities_metadata,
    findings_metadata,
    groups_metadata,
    numbers_of,
    passing_on,
    tables_metadata,
    tickets_metadata,
    tickets_text,
    validation_metadata,
    web_metadata,
)
from jira_pipeline.defs.reports import (
    ADF_VALIDATION_CODE_VERSION,
    REVIEW,
    SOURCE_FILES,
    SOURCE_FILES_CODE_VERSION,
    TICKETS_CODE_VERSION,
    report_out_of_date,
    tickets_data_version,
    validation_data_version,
)
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.defs.runs import DagsterRuns
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.findings import has_errors
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.model.runs import RunJob
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.review import validating
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.resume import INTAKE_STEP
from jira_pipeline.sessions.upload import read_files, refuse_other_sheets
from jira_pipeline.sources.sheets.upload_reading import refuse_errors
from jira_pipeline.writing import generation
from jira_pipeline.writing.writers import spending_of

OWNERS = ["team:web-development"]
ENTITIES = "entities"

files_readable = check_spec(
    "files_readable",
    asset=dg.AssetKey(SOURCE_FILES),
    blocking=True,
    description="Every file in the session is a readable sheet without blocking findings.",
)


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


def _intake_spec(
    name: str, *, deps: Sequence[str] = (), kind: str = "python", description: str
) -> dg.AssetSpec:
    return dg.AssetSpec(
        name,
        deps=deps,
        group_name="intake",
        kinds={kind},
        owners=OWNERS,
        code_version=SOURCE_FILES_CODE_VERSION,
        description=description,
    )


@dg.multi_asset(
    name=INTAKE_STEP,
    partitions_def=upload_sessions,
    specs=[
        _intake_spec(
            SOURCE_FILES,
            kind="csv",
            description="Every sheet in the session, read and recognised; line numbers as in the "
            "file.",
        ),
        _intake_spec(
            ENTITIES,
            deps=[SOURCE_FILES],
            description="What the rows describe: typed entities with resolved references.",
        ),
        _intake_spec(
            "entity_groups",
            deps=[ENTITIES],
            description="One group of entities per ticket, in build order, with its dependencies.",
        ),
    ],
    check_specs=[files_readable],
)
def intake(
    context: dg.AssetExecutionContext, pipeline: PipelineResource
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """Read the sheets of one session from their immutable copy; group what their rows describe."""
    with working_on(context, pipeline.opened(), stage=SessionStage.UPLOAD) as session:
        reading = read_files(session)
        is_readable = not has_errors(reading.findings)
        yield dg.MaterializeResult(
            asset_key=SOURCE_FILES,
            data_version=dg.DataVersion(session.stored.content_sha256),
            metadata=findings_metadata(reading.findings)
            | tables_metadata(reading.tables)
            | web_metadata(session, "/findings"),
        )
        yield dg.AssetCheckResult(
            asset_key=SOURCE_FILES,
            check_name=files_readable.name,
            passed=is_readable,
            metadata=findings_metadata(reading.findings),
        )
        refuse_errors(reading.findings, source=session.key)
    with working_on(context, pipeline.opened(), stage=SessionStage.PROCESSING):
        found, groups = reading.specification.entities, reading.groups
        yield dg.MaterializeResult(
            asset_key=ENTITIES,
            metadata=entities_metadata(found) | findings_metadata(reading.entity_findings),
        )
        yield dg.MaterializeResult(
            asset_key="entity_groups",
            metadata=groups_metadata(groups) | findings_metadata(reading.group_findings),
        )


@dg.asset(
    partitions_def=upload_sessions,
    deps=["entity_groups"],
    group_name="tickets",
    kinds={"python"},
    owners=OWNERS,
    code_version=TICKETS_CODE_VERSION,
    description="One ticket per group: text by the writer, tables and titles from the rows.",
)
def tickets(
    context: dg.AssetExecutionContext, pipeline: PipelineResource, config: WritingConfig
) -> dg.MaterializeResult[Any]:
    """Write the tickets."""
    with working_on(context, pipeline.opened(), stage=SessionStage.PROCESSING) as session:
        refuse_other_sheets(
            session, read=DagsterRuns(context.instance, session.pipeline).sheets_read(session.key)
        )
        outcome = generation.generate(
            session,
            run_id=run_id_of(context),
            numbers=tuple(config.tickets),
            writer_name=config.writer,
            pass_on=passing_on(context),
        )
        written = session.again()
        spending = spending_of(session)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(tickets_data_version(session.stored, written.tickets)),
        metadata=tickets_metadata(
            written.tickets,
            outcome,
            vanished=written.vanished,
            writer=written.writer_name,
            spending=spending,
        )
        | web_metadata(session, "/tickets"),
    )


review = dg.AssetSpec(
    REVIEW,
    partitions_def=upload_sessions,
    group_name="tickets",
    kinds={"review"},
    owners=OWNERS,
    description="People's decisions about the tickets: texts, answers, fields and ready marks. "
    "Each is reported with its author; nothing here creates it.",
)


@dg.asset(
    partitions_def=upload_sessions,
    deps=[tickets, review],
    automation_condition=dg.AutomationCondition.any_deps_updated()
    .allow(dg.AssetSelection.assets(review.key))
    .since(dg.AutomationCondition.newly_requested() | dg.AutomationCondition.newly_updated())
    & ~dg.AutomationCondition.in_progress()
    & ~dg.AutomationCondition.any_deps_in_progress(),
    group_name="tickets",
    kinds={"json"},
    owners=OWNERS,
    code_version=ADF_VALIDATION_CODE_VERSION,
    description="Every ticket, rendered as Jira would receive it and checked against Jira's rules.",
)
def adf_validation(
    context: dg.AssetExecutionContext, pipeline: PipelineResource
) -> dg.MaterializeResult[Any]:
    """Render and validate every ticket of the session."""
    with working_on(context, pipeline.opened(), stage=SessionStage.REVIEW) as session:
        validation = validating.validate(session, run_id=run_id_of(context))
        validated = session.again()
        rendered = validated.rendered
        lines = ["", *_written_lines(validated)]
        if context.run.job_name != RunJob.WHOLE:  # that one goes on
            lines.append(next_line(validated))
        context.log.info("\n".join(lines))
        if context.run.job_name != RunJob.WHOLE:  # that one checks it after its export
            report_out_of_date(context.instance, validated, run_id=run_id_of(context))
    return dg.MaterializeResult(
        data_version=dg.DataVersion(validation_data_version(validation)),
        metadata=validation_metadata(validation, numbers=numbers_of(one.ticket for one in rendered))
        | tickets_text(rendered)
        | web_metadata(session),
    )


def _written_lines(session: OpenSession) -> Iterator[str]:
    verdict, changes = session.verdict, generation.last_generation(session)
    failed = 0 if verdict is None else verdict.failed_count
    yield (
        f"{counted(session.tally.total, 'ticket')}, {failed} not valid: {changes.created} new, "
        f"{changes.rewritten} rewritten by the last run."
    )
    show = Action.of(ActionKind.SHOW_TICKET, "{}", session_key=session.key, number="N")
    yield f"See the metadata of adf_validation, or run {line_of(show)}"
