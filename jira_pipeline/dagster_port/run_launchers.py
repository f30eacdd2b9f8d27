"""Starting runs in Dagster: in this process, or by the daemon.

Belongs here: the two adapters of `RunLauncher`, the configuration of a run. Does not: which run is
wanted (`sessions/starting`), the jobs (`defs`), starting what waits in the store (a sensor there).
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from threading import Lock
from typing import Any, ClassVar

import dagster as dg
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import new_run_id
from jira_pipeline.context.session_memory import SessionMemory
from jira_pipeline.dagster_port.dagster_runs import DagsterRuns
from jira_pipeline.dagster_port.dead_runs import end_dead_runs, end_run
from jira_pipeline.dagster_port.partitions import register_partition
from jira_pipeline.dagster_port.plain_values import plain_tags
from jira_pipeline.dagster_port.re_executions import (
    instead_of_re_execution,
    sentence_instead,
    tags_of_terminal,
)
from jira_pipeline.model.keyed_requests import TASK_ID
from jira_pipeline.model.runs import PERSON_TAG, RunJob, RunLauncher, WantedRun

MEMORY: ContextVar[SessionMemory | None] = ContextVar("memory", default=None)
"""What a command read that starts a run in its process: the run reads none of it again."""
_NO_CONSOLE_LOG = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class InProcessRuns(DagsterRuns, RunLauncher):
    """Starts runs in this process, and waits for their end; the first loads the definitions."""

    _one_at_a_time: ClassVar[Lock] = Lock()
    """Of two runs in threads of one process Dagster ends neither."""

    def __init__(
        self,
        instance: dg.DagsterInstance,
        pipeline: Pipeline,
        job_named: Callable[[str], dg.JobDefinition],
    ) -> None:
        super().__init__(instance, pipeline)
        self._job_named = job_named

    @override
    def start(self, wanted: WantedRun) -> str:
        """Run a job."""
        with self._one_at_a_time:
            token = MEMORY.set(self._pipeline.memory)
            try:
                job = self._job_named(wanted.job.job_name)
                run_config = _prepare_run(self.instance, self._pipeline, wanted)
                instead = instead_of_re_execution(wanted.job.job_name, wanted.session_key)
                result = job.execute_in_process(
                    run_config={**run_config, **_NO_CONSOLE_LOG},
                    instance=self.instance,
                    partition_key=wanted.session_key,
                    tags=plain_tags({PERSON_TAG: wanted.by, **tags_of_terminal(instead)}),
                    raise_on_error=False,
                    run_id=wanted.run_id,
                )
            finally:
                MEMORY.reset(token)
            if not result.success:
                self.instance.report_engine_event(sentence_instead(instead), result.dagster_run)
            return result.run_id


class QueuedRuns(DagsterRuns, RunLauncher):
    """Leaves runs to the daemon: a request waits in the store until `requests_sensor` looks."""

    def __init__(
        self,
        instance: dg.DagsterInstance,
        pipeline: Pipeline,
        *,
        wake: Callable[[], None] | None = None,
    ) -> None:
        """Leave them to a daemon that `wake` has look now, else at its next look."""
        super().__init__(instance, pipeline)
        self._wake = wake

    @override
    def start(self, wanted: WantedRun) -> str:
        """Ask for a run and return as soon as it waits."""
        request = self._pipeline.store.run_requests.request(
            wanted.session_key,
            run_config=_prepare_run(self.instance, self._pipeline, wanted),
            job_name=wanted.job.job_name,
            task_id=TASK_ID.get() or new_run_id(),
            by=wanted.by,
            at=self._pipeline.clock.now(),
        )
        if self._wake is not None:
            self._wake()
        return request.task_id


def _prepare_run(
    instance: dg.DagsterInstance, pipeline: Pipeline, wanted: WantedRun
) -> Mapping[str, Any]:
    """End what died before a run starts; return the configuration of that run."""
    # First, for it refuses what is no session, which must not become a partition.
    end_dead_runs(instance, pipeline, wanted.session_key)
    register_partition(instance, wanted.session_key)
    continued = instance.get_run_by_id(wanted.continued_run_id or "")
    if continued is None:
        return run_config_of(wanted)
    end_run(instance, pipeline, continued, is_carried_on=True)
    # That of an upload which went on by itself is of another job.
    is_of_its_job = continued.job_name == wanted.job.job_name
    is_as_before = is_of_its_job and not wanted.is_from_start
    return continued.run_config if is_as_before else run_config_of(wanted)


def run_config_of(wanted: WantedRun) -> dict[str, object]:
    """Return the configuration of a run beyond its session."""
    match wanted.job:
        case RunJob.UNDO:
            return _undo_config(wanted)
        case RunJob.SETTLE:
            return action_config("settle", by=wanted.by)
        case RunJob.GENERATION if wanted.tickets:
            return _op_config("tickets", {"tickets": list(wanted.tickets)})
        case _:
            return _export_config(wanted)


def _undo_config(wanted: WantedRun) -> dict[str, object]:
    agreed: dict[str, object] = {}
    if wanted.agreed_issue_ids is not None:
        agreed["agreed_issue_ids"] = list(wanted.agreed_issue_ids)
    return action_config("undo", by=wanted.by, delete=True, keep_rest=wanted.keeps_rest, **agreed)


def _export_config(wanted: WantedRun) -> dict[str, object]:
    """Return the run configuration for choices about an export; empty where there are none."""
    config: dict[str, object] = {}
    if wanted.as_new_by is not None:
        config["as_new"] = True
        config["by"] = wanted.as_new_by
    if wanted.update is not None:
        config["update"] = True
        config["overwrite"] = list(wanted.update.overwrites)
        config["leave"] = list(wanted.update.leaves)
    if wanted.agreed_hash is not None:
        config["agreed_hash"] = wanted.agreed_hash
    return _op_config("jira_issues", config) if config else {}


def action_config(action: str, *, by: str = "", **arguments: object) -> dict[str, Any]:
    return _op_config("act", {"action": {action: arguments}, "by": by})


def _op_config(op: str, config: Mapping[str, object]) -> dict[str, Any]:
    return {"ops": {op: {"config": config}}}
