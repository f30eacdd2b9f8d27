"""Runs that write tickets: the one at work, the one that did not end, carrying on with it.

Belongs here: asking Dagster which steps a run has done, and re-executing it from there. Does not:
the steps (`sessions/generation`), runs of exports (`launching`), terminal words (`cli`).

What a run finished is not done again: its values are in the artefacts, and answers of models in
the store.
"""

from dataclasses import dataclass

import dagster as dg

from jira_pipeline.defs.dead_runs import end_for_good
from jira_pipeline.defs.instances import opened_instance
from jira_pipeline.defs.launching import (
    RECONSTRUCTABLE,
    RunOutcome,
    reexecute,
    run_job,
)
from jira_pipeline.defs.partitions import PARTITION_TAG, register_partition
from jira_pipeline.defs.retention import IN_FLIGHT
from jira_pipeline.domain.sessions import SessionStatus
from jira_pipeline.domain.work_records import RETRIES_MAX
from jira_pipeline.errors import GateError, GateRule, RetriesExhaustedError
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.sessions.runs import close_dead
from jira_pipeline.sessions.writers import require_writer

FIRST_STEP, WRITING_STEP, LAST_STEP = "source_files", "tickets", "adf_validation"
GENERATION_STEPS = (FIRST_STEP, "entities", "entity_groups", WRITING_STEP, LAST_STEP)
READINGS_LOOKED_AT = 50
"""The newest come first; only uploads that nobody ran stand before the last reading."""
_DATA_VERSION = "dagster/data_version"
_GENERATING_JOB = "generate_tickets"
_JOB_THAT_EXPORTS = "csv_to_jira"
_ENDED = {SessionStatus.FAILED, SessionStatus.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedGeneration:
    """A run that was to write tickets and did not come to its end."""

    run_id: str
    job_name: str
    left: tuple[str, ...]
    """Steps it did not finish, in order."""
    done: tuple[str, ...]
    """Steps of a generation that are done and are not run again, in order."""
    is_same_sheets: bool
    """What it read is what the session has now; else everything is read again."""
    is_exporting: bool
    """It was to create issues afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumedGeneration:
    """The answer to a resume of a generation."""

    retry_attempt: int
    remaining_retries: int
    resuming_from: str
    """Name of the first step that is run again."""
    preserved_steps: tuple[str, ...]
    """Steps that are not."""

    def to_json(self) -> dict[str, object]:
        """Return the shape `resume --json` has under `resumed`."""
        return {
            "retry_attempt": self.retry_attempt,
            "remaining_retries": self.remaining_retries,
            "resuming_from": self.resuming_from,
            "preserved_steps": list(self.preserved_steps),
        }


def running_generation(session: OpenSession) -> dg.RunRecord | None:
    """Return the run that writes the tickets of a session now, or None (S1-2).

    The lock of the run tells: it is held by a live process of this host only.
    """
    with opened_instance() as instance:
        for record in _runs_of(instance, session.key, statuses=IN_FLIGHT):
            run = record.dagster_run
            if not session.store.run_locks.is_alive(run.run_id):
                continue
            if WRITING_STEP in _steps_left(instance, run):
                return record
    return None


def unfinished_generation(session: OpenSession, *, is_forced: bool) -> UnfinishedGeneration | None:
    """Return the last run of a session where it was to write tickets and did not end well.

    By force also one whose process may have died on another host.

    Raises:
        GateError: It is queued or at work.
    """
    with opened_instance() as instance:
        record = next(iter(_runs_of(instance, session.key, limit=1)), None)
        if record is None:
            return None
        run = record.dagster_run
        left = [step for step in GENERATION_STEPS if step in _steps_left(instance, run)]
        if LAST_STEP not in left:
            return None
        if not run.is_finished:
            _refuse_live(session, run, is_forced=is_forced)
        return UnfinishedGeneration(
            run_id=run.run_id,
            job_name=run.job_name,
            left=tuple(left),
            done=GENERATION_STEPS[: GENERATION_STEPS.index(left[0])],
            is_exporting=run.job_name == _JOB_THAT_EXPORTS,
            is_same_sheets=left[0] == FIRST_STEP or _is_read(instance, session),
        )


def begin_resume(
    session: OpenSession,
    unfinished: UnfinishedGeneration,
    *,
    by: str,
    is_forced: bool,
) -> ResumedGeneration:
    """Count a resume and say what it carries on from; a session whose run died is closed.

    One whose writer cannot be used is not counted.

    Raises:
        WriterError: The writer cannot be used (S1-3).
        RetriesExhaustedError: People retried three times already (S1-10).
    """
    runs, key = session.store.export_runs, session.key
    close_dead(session)
    if runs.retry_count(key, what="generation") >= RETRIES_MAX and not is_forced:
        raise RetriesExhaustedError(session_key=key, retries_max=RETRIES_MAX, what="the tickets")
    if WRITING_STEP in unfinished.left:
        require_writer(session)
    attempt = runs.add_retry(
        key, by=by, at=session.clock.now(), is_forced=is_forced, what="generation"
    )
    is_carried_on = _can_reexecute(unfinished)
    return ResumedGeneration(
        retry_attempt=attempt,
        remaining_retries=max(0, RETRIES_MAX - attempt),
        resuming_from=unfinished.left[0] if is_carried_on else FIRST_STEP,
        preserved_steps=unfinished.done if is_carried_on else (),
    )


def carry_on(pipeline: Pipeline, session_key: str, unfinished: UnfinishedGeneration) -> RunOutcome:
    """Re-execute a run from what it did not finish; where it read other sheets, as a new run."""
    with opened_instance() as instance:
        register_partition(instance, session_key)
        run = instance.get_run_by_id(unfinished.run_id)
        if run is not None:
            end_for_good(instance, pipeline, run)
            if _can_reexecute(unfinished):
                return reexecute(instance, run, session_key)
    is_ours = unfinished.job_name in RECONSTRUCTABLE
    return run_job(unfinished.job_name if is_ours else _GENERATING_JOB, session_key)


def _can_reexecute(unfinished: UnfinishedGeneration) -> bool:
    return unfinished.is_same_sheets and unfinished.job_name in RECONSTRUCTABLE


def _refuse_live(session: OpenSession, run: dg.DagsterRun, *, is_forced: bool) -> None:
    locks, key = session.store.run_locks, session.key
    is_told = session.stored.run_id == run.run_id and session.stored.status in _ENDED
    is_over = (is_told or is_forced) and not locks.is_alive(run.run_id)
    if is_over or locks.is_dead(run.run_id):
        return
    raise GateError(
        f"Run {run.run_id} of session {key} is {run.status.value.lower()}; it goes on by itself.",
        rule=GateRule.GENERATION_RUNNING,
        recovery_actions=(
            f"Watch it: `jira-pipeline status {key} --watch`.",
            f"Where its host is gone: `jira-pipeline resume {key} --force`.",
        ),
    )


def _runs_of(
    instance: dg.DagsterInstance,
    session_key: str,
    *,
    statuses: tuple[dg.DagsterRunStatus, ...] = (),
    limit: int | None = None,
) -> list[dg.RunRecord]:
    """Return the runs of a session, newest first."""
    wanted = dg.RunsFilter(tags={PARTITION_TAG: session_key}, statuses=list(statuses) or None)
    return list(instance.get_run_records(wanted, limit=limit))


def _steps_left(instance: dg.DagsterInstance, run: dg.DagsterRun) -> set[str]:
    """Return the steps a run was to do and did not finish."""
    plan = (
        instance.get_execution_plan_snapshot(run.execution_plan_snapshot_id)
        if run.execution_plan_snapshot_id
        else None
    )
    if plan is None:
        return set()
    succeeded = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_SUCCESS)
    return set(plan.step_keys_to_execute) - {entry.step_key or "" for entry in succeeded}


def _is_read(instance: dg.DagsterInstance, session: OpenSession) -> bool:
    """Tell whether the sheets that a run read last are those the session has now.

    Uploads report what they bring, too, without a run; nobody has read that yet.
    """
    found = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey(FIRST_STEP), asset_partitions=[session.key]),
        limit=READINGS_LOOKED_AT,
    )
    for record in found.records:
        materialization = record.asset_materialization
        if record.run_id and materialization is not None:
            return (materialization.tags or {}).get(_DATA_VERSION) == session.stored.content_sha256
    return False
