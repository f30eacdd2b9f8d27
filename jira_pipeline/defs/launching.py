"""Starts runs from the command line, in this process, visible in the Dagster UI.

Belongs here: one job for one session, and its re-execution from failure. Does not: what is told of
it (`cli`), queued runs (sensors), whether a resume is allowed (`stages/jira_export/retrying`).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import dagster as dg

from jira_pipeline.defs.failures import MAX_RETRIES_TAG, RUN_RETRIES, recovery_actions_of
from jira_pipeline.defs.instances import opened_instance
from jira_pipeline.defs.partitions import PARTITION_TAG, register_partition
from jira_pipeline.defs.uploading import announce_upload
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.stages.jira_export.pace import CREATE_STEP
from jira_pipeline.stages.upload_reading import UploadOutcome

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """How a run ended."""

    run_id: str
    is_success: bool
    reason: str = ""
    """What the first failed step said, for errors that could not be stored."""
    recovery_actions: tuple[str, ...] = ()
    """What it said to do about it."""
    is_cancelled: bool = False
    """Somebody stopped it; a step may not have heard of that, or not been able to store it."""


def run_job(
    job_name: str,
    session_key: str,
    *,
    run_id: str | None = None,
    ops: Mapping[str, Mapping[str, object]] | None = None,
) -> RunOutcome:
    """Run a job for one session and wait for its end; `run_id` names the run beforehand.

    `ops` is run config, by name of the op or asset.
    """
    from jira_pipeline.defs.build import build_definitions  # noqa: PLC0415 - a second to import

    with opened_instance() as instance:
        register_partition(instance, session_key)
        job = build_definitions().resolve_job_def(job_name)
        result = job.execute_in_process(
            instance=instance,
            partition_key=session_key,
            run_config={
                **_QUIET,
                "ops": {name: {"config": dict(config)} for name, config in (ops or {}).items()},
            },
            raise_on_error=False,
            run_id=run_id,
        )
    return outcome_of(result)


def outcome_of(result: dg.ExecuteInProcessResult | dg.JobExecutionResult) -> RunOutcome:
    """Say how a run ended; of an error that is not ours only its kind: its text may hold more."""
    failures = [event for event in result.all_events if event.is_step_failure]
    reason, actions = next((said for said in map(_said_by, failures) if said[0]), ("", ()))
    return RunOutcome(
        run_id=result.run_id,
        is_success=result.success,
        reason=reason,
        recovery_actions=actions,
        is_cancelled=reason == dg.DagsterExecutionInterruptedError.__name__
        or any(event.event_type is dg.DagsterEventType.RUN_CANCELED for event in result.all_events),
    )


def _said_by(event: dg.DagsterEvent) -> tuple[str, tuple[str, ...]]:
    failure = event.step_failure_data
    told = failure.user_failure_data
    if told is not None and told.description:
        message = told.metadata.get("message")
        said = told.description if message is None else str(message.value)
        return said, recovery_actions_of(told.metadata)
    error = failure.error.cause or failure.error if failure.error else None
    return (error.cls_name if error else None) or "", ()


def new_run_id() -> str:
    """Return an id for a run, as Dagster makes them."""
    return str(uuid.uuid4())  # noqa: TID251 - a run is told before it begins


def resume_export(
    session_key: str, *, last_run_id: str | None, is_issue_missing: bool
) -> RunOutcome:
    """Carry on with an export: re-execute its last run from failure, else run the export again.

    Either way the ledger carries on; a re-execution also shows in Dagster which run it belongs to.
    Where issues are missing, one that failed behind their creation is none to go on from: it was
    at work on another target.
    """
    with opened_instance() as instance:
        register_partition(instance, session_key)
        parent = instance.get_run_by_id(last_run_id) if last_run_id else None
        if parent is not None and can_reexecute(
            instance, parent, is_issue_missing=is_issue_missing
        ):
            return reexecute(instance, parent, session_key)
    return run_job("export_to_jira", session_key)


def can_reexecute(
    instance: dg.DagsterInstance, parent: dg.DagsterRun, *, is_issue_missing: bool
) -> bool:
    """Tell whether the step to begin from failed; a killed run left none."""
    if parent.status is not dg.DagsterRunStatus.FAILURE or parent.job_name not in _EXPORTS:
        return False
    failures = instance.all_logs(parent.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    is_creation = any((entry.step_key or "").endswith(CREATE_STEP) for entry in failures)
    return is_creation if is_issue_missing else bool(failures)


def reexecute(instance: dg.DagsterInstance, parent: dg.DagsterRun, session_key: str) -> RunOutcome:
    """Run the failed steps of a run and what follows them; the tags must be given again."""
    with dg.execute_job(
        dg.reconstructable(RECONSTRUCTABLE[parent.job_name]),
        instance=instance,
        run_config={**parent.run_config, **_QUIET},
        reexecution_options=dg.ReexecutionOptions.from_failure(parent.run_id, instance),
        tags={PARTITION_TAG: session_key, MAX_RETRIES_TAG: RUN_RETRIES},
    ) as result:
        return outcome_of(result)


def export_job() -> dg.JobDefinition:
    """Return `export_to_jira`; a re-execution builds its job by this function's name."""
    return _job("export_to_jira")


def whole_job() -> dg.JobDefinition:
    """Return `csv_to_jira`; a re-execution builds its job by this function's name."""
    return _job("csv_to_jira")


def generation_job() -> dg.JobDefinition:
    """Return `generate_tickets`; a re-execution builds its job by this function's name."""
    return _job("generate_tickets")


def validation_job() -> dg.JobDefinition:
    """Return `validate_adf`; a re-execution builds its job by this function's name."""
    return _job("validate_adf")


def _job(name: str) -> dg.JobDefinition:
    from jira_pipeline.defs.build import build_definitions  # noqa: PLC0415 - a second to import

    return build_definitions().resolve_job_def(name)


_EXPORTS = {"export_to_jira": export_job, "csv_to_jira": whole_job}
RECONSTRUCTABLE = {
    **_EXPORTS,
    "generate_tickets": generation_job,
    "validate_adf": validation_job,
}
"""Jobs that can be re-executed, by name."""


def tell_of_upload(pipeline: Pipeline, outcome: UploadOutcome) -> None:
    """Tell the Dagster instance of this home of an upload."""
    with opened_instance() as instance:
        announce_upload(instance, pipeline, outcome)
