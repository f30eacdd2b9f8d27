"""The assets of the sheets: files, entities, groups of a ticket each; and their checks.

Belongs here: reading the sheets of a session in a run. Does not: registering sessions
(`inbox_look`), reading files (`sessions/upload`).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg
from pydantic import Field

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.asset_reports import AssetReport
from jira_pipeline.dagster_port.launchpad import job_text
from jira_pipeline.dagster_port.metadata import (
    entities_metadata,
    findings_metadata,
    groups_metadata,
    tables_metadata,
    web_metadata,
)
from jira_pipeline.dagster_port.partitions import OWNERS, TAGS, StepContext, upload_sessions
from jira_pipeline.dagster_port.plain_values import plain_metadata
from jira_pipeline.dagster_port.reports import (
    ENTITIES,
    ENTITY_GROUPS,
    SOURCE_FILES,
    SOURCE_FILES_CODE_VERSION,
)
from jira_pipeline.dagster_port.steps import (
    PipelineResource,
    as_final_failure,
    check_spec,
    session_check,
    session_step,
)
from jira_pipeline.dagster_port.tables import IO_MANAGER, table_metadata
from jira_pipeline.model.errors import LayoutNeededError
from jira_pipeline.model.findings import has_errors
from jira_pipeline.model.runs import INTAKE_STEP
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.upload import read_files
from jira_pipeline.sheets.upload_reading import refuse_errors

DANGLING_CODES = frozenset({"reference_dangling", "reference_not_computed"})


files_readable = check_spec(
    "files_readable",
    asset=dg.AssetKey(SOURCE_FILES),
    blocking=True,
    description="Every file in the session is a readable sheet without blocking findings.",
)


def _intake_spec(
    name: str, *, deps: Sequence[str] = (), kind: str = "python", description: str
) -> dg.AssetSpec:
    """Return the specification of an asset that the reading of sheets makes, one for each session."""
    return dg.AssetSpec(
        name,
        partitions_def=upload_sessions,
        owners=OWNERS,
        tags=TAGS,
        deps=deps,
        group_name="intake",
        kinds={kind},
        code_version=SOURCE_FILES_CODE_VERSION,
        description=description,
        skippable=True,
        metadata=table_metadata(name),
    ).with_io_manager_key(IO_MANAGER)


class IntakeConfig(dg.Config):
    """What older run configs name: no run of a session uploads a folder any more."""

    folder: str | None = Field(
        default=None, description="Not taken any more: the job upload_session uploads a folder."
    )
    session_key: str | None = Field(
        default=None, description="Not taken any more: the partition names the session."
    )
    auto_approve: bool = Field(
        default=False, description="Not taken any more: the job upload_session takes it."
    )


def read_sheets(
    context: dg.AssetExecutionContext | dg.OpExecutionContext,
    pipeline: Pipeline,
    *,
    session_key: str | None = None,
) -> Iterator[AssetReport | dg.AssetCheckResult]:
    """Read the sheets of one session from their immutable copy; group what their rows describe.

    Where they need a layout nothing is read, and the run ends well with what it waits for.

    Raises:
        dg.Failure: They have blocking findings, which are stored.
    """
    with session_step(
        context, pipeline, stage=SessionStage.UPLOAD, session_key=session_key
    ) as session:
        if session.sheets_need_layout:
            yield _waiting_for_layout(context, session)
            return
        reading = read_files(session)
        yield AssetReport(
            asset=SOURCE_FILES,
            data_version=session.stored.content_sha256,
            metadata=findings_metadata(reading.findings)
            | tables_metadata(reading.tables)
            | web_metadata(session, "/findings"),
        )
        yield dg.AssetCheckResult(
            asset_key=SOURCE_FILES,
            check_name=files_readable.name,
            passed=not has_errors(reading.findings),
            metadata=plain_metadata(findings_metadata(reading.findings)),
        )
        refuse_errors(reading.findings, source=session.key)
    with session_step(context, pipeline, stage=SessionStage.PROCESSING, session_key=session_key):
        entities = reading.specification.entities
        yield AssetReport(
            asset=ENTITIES,
            metadata=entities_metadata(entities) | findings_metadata(reading.entity_findings),
        )
        yield AssetReport(
            asset=ENTITY_GROUPS,
            metadata=groups_metadata(reading.groups) | findings_metadata(reading.group_findings),
        )


def _waiting_for_layout(
    context: dg.AssetExecutionContext | dg.OpExecutionContext, session: OpenSession
) -> dg.AssetCheckResult:
    """Say in the log and at the asset that the sheets of a session wait for a layout."""
    error = LayoutNeededError(session_key=session.key)
    metadata = {"waits_for": error.code}
    context.log.info("%s %s", error.message, " ".join(map(job_text, error.recovery_actions)))
    context.log_event(
        dg.AssetObservation(
            asset_key=SOURCE_FILES,
            partition=session.key,
            description=error.message,
            metadata=plain_metadata(metadata),
        )
    )
    return dg.AssetCheckResult(
        asset_key=SOURCE_FILES,
        check_name=files_readable.name,
        passed=False,
        severity=dg.AssetCheckSeverity.WARN,
        description=error.message,
        metadata=plain_metadata(metadata),
    )


@dg.multi_asset(
    name=INTAKE_STEP,
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
            ENTITY_GROUPS,
            deps=[ENTITIES],
            description="One group of entities per ticket, in build order, with its dependencies.",
        ),
    ],
    check_specs=[files_readable],
)
def intake(
    context: dg.AssetExecutionContext, pipeline: PipelineResource, config: IntakeConfig
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """Read the sheets of the partition's session; group what their rows describe."""
    if config.folder or config.session_key not in {None, context.partition_key}:
        another = config.folder or config.session_key
        raise as_final_failure(
            f"This run is of session {context.partition_key}, and its config names {another}: nothing "
            "was read. The job upload_session uploads a folder; leave out the config of `intake`."
        )
    for report in read_sheets(context, pipeline.opened()):
        yield report.result if isinstance(report, AssetReport) else report


@session_check(
    asset=dg.AssetKey(ENTITIES),
    stage=SessionStage.PROCESSING,
    description="Every reference points to something that exists.",
)
def references_resolved(_context: StepContext, session: OpenSession) -> dg.AssetCheckResult:
    findings = [finding for finding in session.findings if finding.code in DANGLING_CODES]
    return dg.AssetCheckResult(
        passed=not findings,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=plain_metadata(findings_metadata(findings)),
    )
