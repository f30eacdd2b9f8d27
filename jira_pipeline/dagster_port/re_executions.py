"""Runs that are executed again: by whom, and what is done instead where Dagster's pages cannot.

Belongs here: what a run of no code location says of that. Does not: counting what people execute again
(`sessions/starting`), starting runs (`run_launchers`), which runs the daemon executes again
(`run_retries` in dagster.yaml).

The webserver and the daemon find the job of a run by its origin, which Dagster gives to the runs of a
code location alone: a run of a terminal has none, and no public call gives it one.
"""

import dagster as dg

from jira_pipeline.dagster_port.partitions import MAX_RETRIES_TAG, PARTITION_TAG
from jira_pipeline.dagster_port.run_jobs import job_name_of
from jira_pipeline.model.actions import Action, ActionKind, command_of
from jira_pipeline.model.runs import EXPORT_JOBS, WRITING_JOBS

ASSETS_WITHOUT_JOB = "__ASSET_JOB"
"""The job of what is materialized without one. Source: Dagster's runs, 1.13."""
RETRY_NUMBER_TAG = "dagster/retry_number"
"""Tag of what the daemon re-executes, and nobody else."""
INSTEAD_TAG = "jira_pipeline/instead_of_re_execution"
"""Of a run of no code location: what carries on with its work."""
RESUMABLE_JOBS = {*EXPORT_JOBS, *WRITING_JOBS}


def is_of_terminal(run: dg.DagsterRun) -> bool:
    """Tell whether a run is of no code location, such as one of `dagster job execute`."""
    return run.remote_job_origin is None


def is_retry(run: dg.DagsterRun) -> bool:
    """Tell whether the daemon started it in place of one that failed, and nobody else did."""
    return RETRY_NUMBER_TAG in run.tags


def is_re_executed_by_person(run: dg.DagsterRun) -> bool:
    return run.parent_run_id is not None and not is_retry(run)


def instead_for(run: dg.DagsterRun) -> str:
    """Return the command and the job that carry on with the work of a run."""
    if run.job_name == ASSETS_WITHOUT_JOB:
        return "materialize its assets again"
    job_name = job_name_of(run)
    is_resumable = job_name in RESUMABLE_JOBS
    key = run.tags.get(PARTITION_TAG)
    return instead_of_re_execution(job_name if is_resumable else run.job_name, key)


def instead_of_re_execution(job_name: str, session_key: str | None) -> str:
    """Return the command and the job that carry on with the work of a run of this job."""
    if session_key is None:
        return f"launch {job_name} again"
    if job_name in RESUMABLE_JOBS:
        resume = command_of(Action.of(ActionKind.RESUME, "{}", session_key=session_key))
        return f"{resume}, or launch {job_name} for its partition"
    return f"launch {job_name} again for the partition {session_key}"


def tags_of_terminal(instead: str) -> dict[str, str]:
    """Return the tags of a run of no code location; the daemon, which cannot, does not retry it."""
    return {INSTEAD_TAG: instead, MAX_RETRIES_TAG: "0"}


def sentence_instead(instead: str) -> str:
    """Say to people what carries on with the work of a run of no code location."""
    return (
        "Dagster's pages cannot re-execute this run, which was started in a terminal. "
        f"Instead: {instead}."
    )
