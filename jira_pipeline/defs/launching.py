"""Starts runs, visible in the Dagster UI: in this process, or by the daemon.

Belongs here: the two adapters of `RunLauncher`. Does not: which run is wanted
(`sessions/starting`), starting what waits in the store (`sensors`), how a run ended (`history`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import ClassVar

import dagster as dg
import httpx
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import new_run_id
from jira_pipeline.defs.actions import run_config_of
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.history import DagsterRuns, end_dead_runs, end_run, opened_instance
from jira_pipeline.defs.partitions import MAX_RETRIES_TAG, PARTITION_TAG, register_partition
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import StoreError
from jira_pipeline.model.runs import (
    PERSON_HEADER,
    PERSON_TAG,
    RunLauncher,
    WantedRun,
    person_header_of,
)
from jira_pipeline.review.open_session import open_session

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_EXECUTE_AGAIN = """
mutation ExecuteAgain($params: ReexecutionParams!) {
  launchRunReexecution(reexecutionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on Error { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}
"""


class _Launcher(DagsterRuns):
    """What both ways of starting a run begin with."""

    def _made_way(self, wanted: WantedRun) -> dg.DagsterRun | None:
        """End what died before a run starts; return the run to re-execute, where one is."""
        open_session(self._pipeline, wanted.session_key)  # what is no session is refused
        register_partition(self.instance, wanted.session_key)
        end_dead_runs(self.instance, self._pipeline, wanted.session_key)
        if wanted.continued_run_id is None:
            return None
        parent = self.instance.get_run_by_id(wanted.continued_run_id)
        if parent is not None:
            end_run(self.instance, self._pipeline, parent, is_carried_on=True)
        return parent if wanted.is_from_failure else None


class RunsHere(_Launcher, RunLauncher):
    """Starts runs in this process, and waits for their end."""

    _turn: ClassVar[Lock] = Lock()
    """Of two runs in threads of one process Dagster ends neither."""

    @override
    def start(self, wanted: WantedRun) -> str:
        """Run a job, or the steps of a run that failed and what follows them."""
        with self._turn:
            parent = self._made_way(wanted)
            if parent is not None:
                tags = {PARTITION_TAG: wanted.session_key, PERSON_TAG: wanted.by}
                with dg.execute_job(
                    dg.build_reconstructable_job(__name__, job_named.__name__, (parent.job_name,)),
                    instance=self.instance,
                    run_config={**parent.run_config, **_QUIET},
                    reexecution_options=dg.ReexecutionOptions.from_failure(
                        parent.run_id, self.instance
                    ),
                    tags=tags,  # they are not inherited
                ) as repeated:
                    return repeated.run_id

            result = job_named(wanted.job.job_name).execute_in_process(
                instance=self.instance,
                partition_key=wanted.session_key,
                tags={PERSON_TAG: wanted.by},
                run_config={**_QUIET, **run_config_of(wanted)},
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
    """Return a job; a re-execution builds its job by this function's name and its argument."""
    return build_definitions().resolve_job_def(name)


class QueuedRuns(_Launcher, RunLauncher):
    """Leaves runs to the daemon: what is asked for waits in the store until `requests_sensor` looks.

    A run that failed is executed again through Dagster's webserver, which alone can.
    """

    def __init__(
        self, instance: dg.DagsterInstance, pipeline: Pipeline, webserver: httpx.Client
    ) -> None:
        """Ask this webserver, whose address is the base of the client's."""
        super().__init__(instance, pipeline)
        self._webserver = webserver

    @override
    def start(self, wanted: WantedRun) -> str:
        """Ask for a run and return as soon as it waits.

        Raises:
            StoreError: The webserver cannot be asked, or refuses the run.
        """
        parent = self._made_way(wanted)
        if parent is not None and parent.remote_job_origin is not None:
            return self._executed_again(parent, by=wanted.by)
        request = self._pipeline.store.run_requests.request(
            wanted.session_key,
            job_name=wanted.job.job_name if parent is None else parent.job_name,
            run_config=run_config_of(wanted) if parent is None else parent.run_config,
            task_id=new_run_id(),
            by=wanted.by,
            at=self._pipeline.clock.now(),
        )
        return request.task_id

    def _executed_again(self, parent: dg.DagsterRun, *, by: str) -> str:
        retries = self.instance.run_retries_max_retries  # its own may have been taken away
        params = {
            "parentRunId": parent.run_id,
            "strategy": "FROM_FAILURE",
            "useParentRunTags": True,
            "extraTags": [{"key": MAX_RETRIES_TAG, "value": str(retries)}],
        }
        try:
            asked = self._webserver.post(
                "/graphql",
                json={"query": _EXECUTE_AGAIN, "variables": {"params": params}},
                headers={PERSON_HEADER: person_header_of(by)},
            )
            answer = asked.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise _refused(type(error).__name__) from error
        found = (answer.get("data") or {}).get("launchRunReexecution") or {}
        if "run" in found:
            return str(found["run"]["runId"])
        faults = found.get("errors") or answer.get("errors") or [found]
        raise _refused("; ".join(str(fault.get("message", "no reason")) for fault in faults))


def _refused(reason: str) -> StoreError:
    return StoreError(
        f"No run can be queued: Dagster's webserver responded: {reason}.",
        recovery_actions=(
            Action.of(
                ActionKind.RUN_DAEMON, "Check that it and its daemon are running: {} starts both."
            ),
            Action.of(ActionKind.EXPORT, "{} runs an export without them."),
        ),
    )
