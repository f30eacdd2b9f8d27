"""Which job's work a run does, by its name and what it was told.

Belongs here: reading the configuration of a run. Does not: making one (`run_launchers`).
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from jira_pipeline.model.runs import ACTION_JOB, FOLLOWING_JOBS, UPLOAD_JOB


def job_name_of(run: dg.DagsterRun) -> str:
    """Return the name of the job of a run, or of the one whose work it does itself.

    What an upload in a terminal goes on to is the work of another job; under a code location it asks
    for the run of that job.
    """
    if run.job_name == UPLOAD_JOB and run.remote_job_origin is None:
        then = config_of_op(run.run_config, "register_session").get("then", "")
        return FOLLOWING_JOBS.get(then, run.job_name)
    return job_name_with(run.job_name, run.run_config)


def job_name_with(job_name: str, run_config: Mapping[str, Any]) -> str:
    """Return the name of a job; of the one for all actions, the name of its action."""
    if job_name != ACTION_JOB:
        return job_name
    action = config_of_op(run_config, "act").get("action", {})
    return next(iter(action), job_name)


def config_of_op(run_config: Mapping[str, Any], op: str) -> Mapping[str, Any]:
    config: Mapping[str, Any] = run_config.get("ops", {}).get(op, {}).get("config", {})
    return config
