"""Starts runs, visible in the Dagster UI: in this process, or by the daemon.

Belongs here: the two adapters of `RunLauncher`. Does not: which run is wanted
(`sessions/starting`), starting what waits in the store (`sensors`), how a run ended (`history`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any, ClassVar

import dagster as dg
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import new_run_id
from jira_pipeline.defs.actions import run_config_of
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.history import DagsterRuns, end_dead_runs, end_run, opened_instance
from jira_pipeline.defs.partitions import register_partition
from jira_pipeline.model.runs import (
    PERSON_TAG,
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
            if wanted.is_same_again:
                return before.run_config
        return run_config_of(wanted)


class RunsHere(_Launcher, RunLauncher):
    """Starts runs in this process, and waits for their end."""

    _turn: ClassVar[Lock] = Lock()
    """Of two runs in threads of one process Dagster ends neither."""

    @override
    def start(self, wanted: WantedRun) -> str:
        """Run a job."""
        with self._turn:
            result = job_named(wanted.job.job_name).execute_in_process(
                run_config={**self._made_way(wanted), **_QUIET},
                instance=self.instance,
                partition_key=wanted.session_key,
                tags={PERSON_TAG: wanted.by},
                raise_on_error=False,
                run_id=wanted.run_id,
            )
            return result.run_id


@contextmanager
def opened_runs(pipeline: Pipeline) -> Iterator[RunsHere]:
    """Open what knows and starts the runs of this home."""
    with opened_instance() as instance:
        yield RunsHere(instance, pipeline)


def job_named(name: str) -> dg.JobDefinition:
    return build_definitions().resolve_job_def(name)


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
