"""What arrives becomes a session, and is read: files, entities, groups of a ticket each.

Belongs here: what an inbox or a run registered, which job follows, the assets of the sheets. Does
not: which folders are settled (`sheets/inbox`), reading them (`sessions/upload`), who looks
(`defs/sessions/automation`).
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import MappingProxyType
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
from jira_pipeline.dagster_port.partitions import (
    OWNERS,
    PARTITION_TAG,
    TAGS,
    StepContext,
    upload_sessions,
)
from jira_pipeline.dagster_port.plain_values import plain_metadata, plain_tags
from jira_pipeline.dagster_port.reports import (
    ENTITIES,
    ENTITY_GROUPS,
    SOURCE_FILES,
    SOURCE_FILES_CODE_VERSION,
    announce_upload,
)
from jira_pipeline.dagster_port.steps import (
    PipelineResource,
    as_final_failure,
    check_spec,
    session_check,
    session_step,
)
from jira_pipeline.dagster_port.tables import IO_MANAGER, table_metadata
from jira_pipeline.export.project_check import project_warnings
from jira_pipeline.model.errors import LayoutNeededError, PipelineError
from jira_pipeline.model.findings import has_errors
from jira_pipeline.model.runs import INTAKE_STEP, RunJob
from jira_pipeline.model.sessions import SessionStage, UploadSession
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.upload import (
    read_files,
    upload_count,
    upload_from_inbox,
)
from jira_pipeline.sheets.inbox import (
    InboxArrival,
    InboxFolder,
    folders_to_upload,
    inbox_summary,
    list_inbox,
)
from jira_pipeline.sheets.upload_reading import UploadOutcome, refuse_errors

RUN_KEY_DIGITS = 12
DANGLING_CODES = frozenset({"reference_dangling", "reference_not_computed"})
REGISTERED_TAG = "jira_pipeline/registered"
"""Of a run that registered a session: its `run_key_of`, by which the daemon starts what follows."""
LOOK_SECONDS = 20.0
"""Then the rest is left to the next look: the runs of what was taken in begin meanwhile, and a
daemon that is killed loses no more than that. Of fifty folders on a busy machine, the first run
waited for the last upload."""

NO_SIGNATURES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxLook:
    registered: tuple[UploadSession, ...]
    summary: str
    """Why nothing was registered, for when nothing was."""


def look_into_inbox(
    pipeline: Pipeline,
    *,
    signatures_of_cursor: Mapping[str, str] = NO_SIGNATURES,
    log: logging.Logger,
) -> InboxLook:
    """Register the folders that have settled and look different from when they were handled.

    Where that takes long, some are left to the next look. `signatures_of_cursor` says by name how
    folders looked that version 9 or older handled, which kept that in the cursor of its sensor.
    """
    folders = list_inbox(pipeline.settings.inbox_path)
    _take_over(pipeline, folders, signatures_of_cursor)
    handled = pipeline.store.inbox.handled()
    chosen = folders_to_upload(
        folders,
        handled=handled,
        now_seconds=pipeline.clock.now().timestamp(),
        settle_seconds=pipeline.settings.upload_settle_seconds,
    )
    files: dict[str | None, tuple[str, ...]] = {}

    def project_warnings_of(session: UploadSession) -> tuple[str, ...]:
        """Ask for each project once: fifty folders do not wait fifty times for a dead Jira."""
        project_key = pipeline.known_project_key(session)
        if project_key not in files:
            files[project_key] = project_warnings(pipeline, session.session_key)
        return files[project_key]

    uploads = []
    until = pipeline.clock.now() + timedelta(seconds=LOOK_SECONDS)
    for folder in chosen:
        taken = upload_from_inbox(
            pipeline,
            InboxArrival(folder=folder, before=handled.get(folder.shown_name)),
            job_name_of=lambda session: job_of(session).value,
            run_key_of=partial(run_key_of, pipeline),
            text_of=job_text,
            project_warnings_of=project_warnings_of,
            log=log,
        )
        uploads.append((folder, taken))
        if pipeline.clock.now() > until:
            break
    if chosen:
        handled = pipeline.store.inbox.handled()
    refusals = [
        f"inbox/{folder.shown_name} was not uploaded: {taken.message}"
        for folder, taken in uploads
        if isinstance(taken, PipelineError)
    ]
    return InboxLook(
        registered=tuple(taken for _, taken in uploads if isinstance(taken, UploadSession)),
        summary=inbox_summary(folders, handled=handled, refusals=refusals),
    )


def _take_over(
    pipeline: Pipeline, folders: Sequence[InboxFolder], signatures: Mapping[str, str]
) -> None:
    """Remember in the store how folders looked when they were handled, unless it knows better."""
    if not signatures:
        return
    remembered = pipeline.store.inbox.handled()
    for folder in folders:
        if folder.name in signatures and folder.shown_name not in remembered:
            handled = InboxArrival(folder=folder, before=None).handled(
                None, signature=signatures[folder.name], at=pipeline.clock.now()
            )
            pipeline.store.inbox.note(handled)


def job_of(session: UploadSession) -> RunJob:
    """Return what follows an upload: the whole way where it approves itself, else its tickets."""
    return RunJob.WHOLE if session.manifest.auto_approve else RunJob.GENERATION


def run_key_of(pipeline: Pipeline, session: UploadSession) -> str:
    """Name a session with its content, and how often it got some: what comes back is run again."""
    key = session.session_key
    digits = session.content_sha256[:RUN_KEY_DIGITS]
    return f"{key}:{digits}:{upload_count(pipeline, key)}"


def show_registered(
    context: dg.OpExecutionContext,
    pipeline: Pipeline,
    outcome: UploadOutcome,
    **more: dg.MetadataValue | int | str,
) -> None:
    """Register the partition of what a run uploaded, have its tickets follow; show what was found."""
    show_uploaded(context, outcome, **more)
    leave_to_daemon(context, pipeline, outcome.session)


def leave_to_daemon(
    context: dg.OpExecutionContext, pipeline: Pipeline, session: UploadSession
) -> None:
    """Have the daemon start the run that follows the one that registered a session."""
    tags = {REGISTERED_TAG: run_key_of(pipeline, session)}
    context.instance.add_run_tags(context.run_id, plain_tags(tags))


def show_uploaded(
    context: dg.OpExecutionContext,
    outcome: UploadOutcome,
    **more: dg.MetadataValue | int | str,
) -> None:
    """Register the partition of what a run uploaded; tag the run with it, and show what was found."""
    announce_upload(context.instance, outcome)
    session = outcome.session
    tags = {PARTITION_TAG: session.session_key}
    context.instance.add_run_tags(context.run_id, plain_tags(tags))
    context.add_output_metadata(
        plain_metadata(
            {
                **findings_metadata(outcome.findings),
                "session_key": session.session_key,
                "is_unchanged": outcome.is_unchanged,
                "needs_layout": outcome.needs_layout,
                **more,
            }
        )
    )


files_readable = check_spec(
    "files_readable",
    asset=dg.AssetKey(SOURCE_FILES),
    blocking=True,
    description="Every file in the session is a readable sheet without blocking findings.",
)


def _intake_spec(
    name: str, *, deps: Sequence[str] = (), kind: str = "python", description: str
) -> dg.AssetSpec:
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
