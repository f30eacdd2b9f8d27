"""Starts runs, visible in the Dagster UI: in this process, or by the daemon.

Belongs here: the two adapters of `RunLauncher`, the configuration of a run. Does not: which run is
wanted (`sessions/starting`), the jobs (`defs`), starting what waits in the store (a sensor there),
how a run ended (`history`).
"""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, ClassVar

import dagster as dg
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import new_run_id
from jira_pipeline.dagster_port.history import DagsterRuns, end_dead_runs, end_run
from jira_pipeline.dagster_port.partitions import register_partition
from jira_pipeline.dagster_port.resources import MEMORY
from jira_pipeline.model.runs import (
    PERSON_TAG,
    RunJob,
    RunLauncher,
    WantedRun,
)
from jira_pipeline.review.open_session import open_session

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class _Launcher(DagsterRuns):
    """What both ways of starting a run begin with."""

    def _made_way(self, wanted: WantedRun) -> Mapping[str, Any]:
        """End what died before a run starts; return the configuration of that run."""
        open_session(self._pipeline, wanted.session_key)  # what is no session is refused
        register_partition(self.instance, wanted.session_key)
        end_dead_runs(self.instance, self._pipeline, wanted.session_key)
        before = self.instance.get_run_by_id(wanted.continued_run_id or "")
        if before is not None:
            end_run(self.instance, self._pipeline, before, is_carried_on=True)
        if before is None or wanted.is_from_start:
            return run_config_of(wanted)
        return before.run_config


class RunsHere(_Launcher, RunLauncher):
    """Starts runs in this process, and waits for their end; the first loads the definitions."""

    _turn: ClassVar[Lock] = Lock()
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
        with self._turn:
            shared = MEMORY.set(self._pipeline.memory)
            try:
                result = self._job_named(wanted.job.job_name).execute_in_process(
                    run_config={**self._made_way(wanted), **_QUIET},
                    instance=self.instance,
                    partition_key=wanted.session_key,
                    tags={PERSON_TAG: wanted.by},
                    raise_on_error=False,
                    run_id=wanted.run_id,
                )
            finally:
                MEMORY.reset(shared)
            return result.run_id


class QueuedRuns(_Launcher, RunLauncher):
    """Leaves runs to the daemon: what is asked for waits in the store until `requests_sensor` looks."""

    @override
    def start(self, wanted: WantedRun) -> str:
        """Ask for a run and return as soon as it waits."""
        request = self._pipeline.store.run_requests.request(
            wanted.session_key,
            run_config=self._made_way(wanted),
            job_name=wanted.job.job_name,
            task_id=new_run_id(),
            by=wanted.by,
            at=self._pipeline.clock.now(),
        )
        return request.task_id


def run_config_of(wanted: WantedRun) -> dict[str, object]:
    """Return the configuration of a run beyond its session."""
    match wanted.job:
        case RunJob.UNDO:
            keeps_rest = wanted.keeps_rest
            return action_config("undo", by=wanted.by, delete=True, keep_rest=keeps_rest)
        case RunJob.SETTLE:
            return action_config("settle", by=wanted.by)
        case RunJob.GENERATION if wanted.tickets:
            return {"ops": {"tickets": {"config": {"tickets": list(wanted.tickets)}}}}
        case _:
            chosen: dict[str, object] = {}
            if wanted.as_new_by is not None:
                chosen |= {"as_new": True, "by": wanted.as_new_by}
            if (update := wanted.update) is not None:
                lists = {"overwrite": list(update.overwrites), "leave": list(update.leaves)}
                chosen |= {"update": True, **lists}
            return {"ops": {"jira_issues": {"config": chosen}}} if chosen else {}


def action_config(action: str, *, by: str = "", **given: object) -> dict[str, Any]:
    return {"ops": {"act": {"config": {"action": {action: given}, "by": by}}}}
