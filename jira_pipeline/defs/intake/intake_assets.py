"""What arrives becomes a session, and is read: files, entities, groups of a ticket each.

Belongs here: what an inbox or a run registered, which job follows, the assets of the sheets. Does
not: which folders are settled (`sheets/inbox`), reading them (`sessions/upload`), who looks
(`defs/sessions/automation`).
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.dagster_runs import RETRY_NUMBER_TAG
from jira_pipeline.dagster_port.launchpad import job_text, next_line
from jira_pipeline.dagster_port.metadata import (
    entities_metadata,
    findings_metadata,
    groups_metadata,
    tables_metadata,
    web_metadata,
)
from jira_pipeline.dagster_port.partitions import (
    MAX_RETRIES_TAG,
    OWNERS,
    PARTITION_TAG,
    TAGS,
    disable_retries,
    no_such_session,
    register_partition,
    upload_sessions,
)
from jira_pipeline.dagster_port.reports import (
    ENTITIES,
    SOURCE_FILES,
    SOURCE_FILES_CODE_VERSION,
    announce_upload,
)
from jira_pipeline.dagster_port.steps import (
    PipelineResource,
    check_spec,
    failing_for_good,
    session_check,
    untraced,
    working_on,
)
from jira_pipeline.dagster_port.tables import IO_MANAGER, table_metadata
from jira_pipeline.export.project_check import project_warnings
from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.findings import has_errors
from jira_pipeline.model.sessions import INTAKE_STEP, RunJob, SessionStage, UploadSession
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions.upload import (
    is_inbox_settled,
    read_files,
    upload,
    upload_count,
    upload_from_inbox,
    uploaded,
)
from jira_pipeline.sheets.inbox import folders_to_upload, inbox_summary, list_inbox
from jira_pipeline.sheets.upload_reading import UploadOutcome, refuse_errors

RUN_KEY_DIGITS = 12
DANGLING_CODES = frozenset({"reference_dangling", "reference_not_computed"})
REGISTERED_TAG = "jira_pipeline/registered"
"""Of a run that registered a session: its `run_key_of`, by which the daemon starts what follows."""
LOOK_SECONDS = 20.0
"""Then the rest is left to the next look: the runs of what was taken in begin meanwhile, and a
daemon that is killed loses no more than that. Of fifty folders on a busy machine, the first run
waited for the last upload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxLook:
    registered: tuple[UploadSession, ...]
    handled: Mapping[str, str]
    """How each folder looked that needs no further look, by name."""
    summary: str
    """Why nothing was registered, for when nothing was."""


def look_into_inbox(
    pipeline: Pipeline, handled: Mapping[str, str], *, log: logging.Logger
) -> InboxLook:
    """Register the folders that have settled and look different from when they were handled.

    Where that takes long, some are left to the next look.
    """
    folders = list_inbox(pipeline.settings.inbox_path)
    chosen = folders_to_upload(
        folders,
        handled=handled,
        now_seconds=pipeline.clock.now().timestamp(),
        settle_seconds=pipeline.settings.upload_settle_seconds,
    )
    found: dict[str | None, tuple[str, ...]] = {}

    def project_warnings_of(session: UploadSession) -> tuple[str, ...]:
        """Ask for each project once: fifty folders do not wait fifty times for a dead Jira."""
        project_key = pipeline.known_project_key(session)
        if project_key not in found:
            found[project_key] = project_warnings(pipeline, session.session_key)
        return found[project_key]

    uploads = []
    until = pipeline.clock.now() + timedelta(seconds=LOOK_SECONDS)
    for folder in chosen:
        taken = upload_from_inbox(
            pipeline,
            folder,
            job_name_of=lambda session: job_of(session).value,
            text_of=job_text,
            project_warnings_of=project_warnings_of,
            log=log,
        )
        uploads.append((folder, taken))
        if pipeline.clock.now() > until:
            break
    present = {folder.name for folder in folders}
    settled = {name: sign for name, sign in handled.items() if name in present}
    settled |= {
        folder.name: folder.signature for folder, taken in uploads if is_inbox_settled(taken)
    }
    refusals = [
        f"inbox/{folder.shown_name} was not uploaded: {taken.message}"
        for folder, taken in uploads
        if isinstance(taken, PipelineError)
    ]
    return InboxLook(
        registered=tuple(taken for _, taken in uploads if isinstance(taken, UploadSession)),
        handled=settled,
        summary=inbox_summary(folders, handled=settled, refusals=refusals),
    )


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
    """Register the partition of what a run uploaded; tag the run with it, and show what was found."""
    announce_upload(context.instance, outcome)
    session = outcome.session
    tags = {PARTITION_TAG: session.session_key, REGISTERED_TAG: run_key_of(pipeline, session)}
    context.instance.add_run_tags(context.run_id, tags)
    context.add_output_metadata(
        findings_metadata(outcome.findings)
        | {"session_key": session.session_key, "is_unchanged": outcome.is_unchanged}
        | more
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
    """What a run without a partition is about: a folder, or a session that exists."""

    folder: str | None = Field(
        default=None,
        description="Of a run without a partition: absolute path of a folder of sheets, a workbook "
        "or a package to upload.",
    )
    session_key: str | None = Field(
        default=None,
        description="Key of its session; without a folder, of one that exists. Default: the name "
        "of the folder as a slug.",
    )
    auto_approve: bool = Field(default=False, description="Export valid tickets without a review.")


def _run_for_session(
    context: dg.AssetExecutionContext, pipeline: Pipeline, config: IntakeConfig
) -> str:
    """Upload a folder, and run this job for its session: a run cannot get a partition under way.

    Its own steps are skipped; it ends as that run ends, whose id is returned, and sends nothing. Where
    their process is lost, the daemon executes this one again, and nobody that one, which is known to
    no code location.
    """
    with failing_for_good():
        if config.folder:
            outcome = upload(
                pipeline,
                Path(config.folder),
                session_key=config.session_key,
                auto_approve=config.auto_approve,
                actor=f"run {context.run.run_id}",
            )
            announce_upload(context.instance, outcome)
            key = outcome.session.session_key
            came = uploaded(pipeline, outcome)
            context.log.info("Session %s %s.", key, came.became)
            for other in came.same_specification:
                context.log.warning("%s", job_text(other.advice.on(session_key=key)))
        elif config.session_key is None:
            raise no_such_session(pipeline, None)
        else:
            key = config.session_key
            open_session(pipeline, key)
            register_partition(context.instance, key)
    run_config: dict[str, Any] = {**context.run.run_config}
    ops = {name: one for name, one in run_config.get("ops", {}).items() if name != INTAKE_STEP}
    retried = {name: value for name, value in context.run.tags.items() if name == RETRY_NUMBER_TAG}
    result = context.job_def.execute_in_process(
        instance=context.instance,
        partition_key=key,
        tags={**retried, MAX_RETRIES_TAG: "0"},
        run_config=run_config | {"ops": ops},
        raise_on_error=False,
    )
    if not result.success:
        failures = (e.step_failure_data for e in result.all_events if e.is_step_failure)
        first = next((one.user_failure_data for one in failures), None)
        next_step = f"its log says why. {next_line(open_session(pipeline, key))}"
        why = next_step if first is None else first.description
        begun, outer = map(context.instance.get_run_by_id, (result.run_id, context.run.run_id))
        if begun and outer and outer.status is dg.DagsterRunStatus.CANCELING:
            context.instance.report_run_canceled(begun)  # who stops one stops both
        raise untraced(f"Run {result.run_id} of session {key}: {why}")
    context.log.info("Run %s of session %s did it.", result.run_id, key)
    return result.run_id


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
            "entity_groups",
            deps=[ENTITIES],
            description="One group of entities per ticket, in build order, with its dependencies.",
        ),
    ],
    check_specs=[files_readable],
)
def intake(
    context: dg.AssetExecutionContext, pipeline: PipelineResource, config: IntakeConfig
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """Read the sheets of one session from their immutable copy; group what their rows describe."""
    if not context.has_partition_key:
        try:
            run_id = _run_for_session(context, pipeline.opened(), config)
        except dg.Failure:  # it ended: no process was lost
            disable_retries(context.instance, context.run.run_id)
            raise
        yield dg.AssetCheckResult(  # which a step may not leave out, unlike its assets
            asset_key=SOURCE_FILES,
            check_name=files_readable.name,
            passed=True,
            metadata={"run": run_id},
        )
        return
    if config.folder or config.session_key not in {None, context.partition_key}:
        another = config.folder or config.session_key
        raise untraced(
            f"This run is of session {context.partition_key}, and its config names {another}: nothing "
            "was read. To upload the folder, leave out the partition; else the config of `intake`."
        )
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
        found = reading.specification.entities
        groups = reading.groups
        yield dg.MaterializeResult(
            asset_key=ENTITIES,
            metadata=entities_metadata(found) | findings_metadata(reading.entity_findings),
        )
        yield dg.MaterializeResult(
            asset_key="entity_groups",
            metadata=groups_metadata(groups) | findings_metadata(reading.group_findings),
        )


@session_check(
    asset=dg.AssetKey(ENTITIES),
    stage=SessionStage.PROCESSING,
    description="Every reference points to something that exists.",
)
def references_resolved(
    _context: dg.AssetCheckExecutionContext, session: OpenSession
) -> dg.AssetCheckResult:
    findings = [finding for finding in session.findings if finding.code in DANGLING_CODES]
    return dg.AssetCheckResult(
        passed=not findings,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=findings_metadata(findings),
    )
