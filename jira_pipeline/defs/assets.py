"""The assets: one session on its way from sheets to a report.

Bodies read resources, call one stage, and return values, counts and metadata. `jira_issues` is
made of ops, see `export_ops`.
"""

import warnings
from typing import Any

import dagster as dg
from pydantic import Field

from jira_pipeline.defs.failures import run_id_of, working_on
from jira_pipeline.defs.partitions import upload_sessions
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
    SOURCE_FILES_CODE_VERSION,
    TICKETS,
    TICKETS_CODE_VERSION,
    tickets_data_version,
    validation_data_version,
)
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.model.entities import Entity, SourceTable
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.review import validating
from jira_pipeline.sessions.upload import contents_of_run, read_files
from jira_pipeline.writing import generation
from jira_pipeline.writing.writers import spending_of

OWNERS = ["team:web-development"]


class WritingConfig(dg.Config):
    """Who writes the tickets, and which."""

    writer: str | None = Field(
        default=None,
        description="`template`, or a model as in WRITER_MODEL, from now on; none: as before.",
    )
    tickets: list[int] = Field(
        default=[],
        description="Numbers of the tickets to write again, the others stay; none: all tickets.",
    )


@dg.asset(
    partitions_def=upload_sessions,
    group_name="intake",
    kinds={"csv"},
    owners=OWNERS,
    code_version=SOURCE_FILES_CODE_VERSION,
    description="Every sheet of the session, read and recognised; line numbers as in the file.",
)
def source_files(
    context: dg.AssetExecutionContext, pipeline: PipelineResource
) -> dg.Output[list[SourceTable]]:
    """Read the sheets of one session from their immutable copy."""
    with working_on(context, pipeline.opened(), stage=SessionStage.UPLOAD) as session:
        reading = read_files(session)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.Output(
            list(reading.tables),
            data_version=dg.DataVersion(session.stored.content_sha256),
            metadata=findings_metadata(reading.findings)
            | tables_metadata(reading.tables)
            | web_metadata(session, "/findings"),
        )


@dg.asset(
    partitions_def=upload_sessions,
    group_name="intake",
    kinds={"python"},
    owners=OWNERS,
    code_version="1",
    description="What the rows describe: typed entities with references resolved.",
)
def entities(
    context: dg.AssetExecutionContext,
    pipeline: PipelineResource,
    source_files: list[SourceTable],
) -> dg.Output[list[Entity]]:
    """Turn rows into entities."""
    with working_on(context, pipeline.opened(), stage=SessionStage.PROCESSING) as session:
        contents = contents_of_run(session, lambda read: list(read.tables) == source_files)
    found = contents.specification.entities
    return dg.Output(
        list(found),
        metadata=entities_metadata(found) | findings_metadata(contents.entity_findings),
    )


@dg.asset(
    partitions_def=upload_sessions,
    group_name="intake",
    kinds={"python"},
    owners=OWNERS,
    code_version="1",
    description="One group of entities per ticket, in build order, with what each waits for.",
)
def entity_groups(
    context: dg.AssetExecutionContext, pipeline: PipelineResource, entities: list[Entity]
) -> dg.Output[list[EntityGroup]]:
    """Group entities and order the groups."""
    with working_on(context, pipeline.opened(), stage=SessionStage.PROCESSING) as session:
        contents = contents_of_run(
            session, lambda read: list(read.specification.entities) == entities
        )
    return dg.Output(
        list(contents.groups),
        metadata=groups_metadata(contents.groups) | findings_metadata(contents.group_findings),
    )


@dg.asset(
    partitions_def=upload_sessions,
    group_name="tickets",
    kinds={"python"},
    owners=OWNERS,
    code_version=TICKETS_CODE_VERSION,
    description="One ticket per group: prose by the writer, tables and titles from the rows.",
)
def tickets(
    context: dg.AssetExecutionContext,
    pipeline: PipelineResource,
    config: WritingConfig,
    entity_groups: list[EntityGroup],
) -> dg.MaterializeResult[Any]:
    """Write the tickets."""
    with working_on(context, pipeline.opened(), stage=SessionStage.PROCESSING) as session:
        contents_of_run(session, lambda read: list(read.groups) == entity_groups)
        outcome = generation.generate(
            session,
            run_id=run_id_of(context),
            numbers=tuple(config.tickets),
            writer_name=config.writer,
            pass_on=passing_on(context, asset_key=TICKETS),
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


@dg.asset(
    partitions_def=upload_sessions,
    deps=[tickets],
    group_name="tickets",
    kinds={"json"},
    owners=OWNERS,
    code_version=ADF_VALIDATION_CODE_VERSION,
    description="Every ticket rendered as Jira would get it and checked against Jira's rules.",
)
def adf_validation(
    context: dg.AssetExecutionContext, pipeline: PipelineResource
) -> dg.MaterializeResult[Any]:
    """Render and validate every ticket of the session."""
    with working_on(context, pipeline.opened(), stage=SessionStage.REVIEW) as session:
        validation = validating.validate(session, run_id=run_id_of(context))
        rendered = session.again().rendered
    return dg.MaterializeResult(
        data_version=dg.DataVersion(validation_data_version(validation)),
        metadata=validation_metadata(validation, numbers=numbers_of(one.ticket for one in rendered))
        | tickets_text(rendered)
        | web_metadata(session),
    )


ALL_ASSETS = (source_files, entities, entity_groups, tickets, adf_validation)
