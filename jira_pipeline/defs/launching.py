"""Starts runs, visible in the Dagster UI: in this process, or through the queue.

Belongs here: the two adapters of `RunLauncher`. Does not: which run is wanted
(`sessions/starting`), how one ended (`runs`).

Only Dagster's webserver has the workspace without which nothing is queued, so it gets the request
that its own pages send.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import httpx
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.defs.actions import action_config
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.code_servers import LOCATION
from jira_pipeline.defs.failures import MAX_RETRIES_TAG, RUN_RETRIES
from jira_pipeline.defs.inbox import RUN_KEY_TAG
from jira_pipeline.defs.partitions import PARTITION_TAG, register_partition
from jira_pipeline.defs.runs import DagsterRuns, end_dead_runs_of, end_for_good, opened_instance
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import StoreError
from jira_pipeline.model.runs import (
    PERSON_HEADER,
    PERSON_TAG,
    RunJob,
    RunLauncher,
    WantedRun,
    person_header_of,
)
from jira_pipeline.review.open_session import open_session

REPOSITORY = "__repository__"
"""As Dagster names the definitions of a module."""
FROM_FAILURE_TAG = "dagster/is_resume_retry"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_LAUNCH = """
mutation Launch($wanted: ExecutionParams!) {
  launchRun(executionParams: $wanted) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on Error { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}
"""


class _Launcher(DagsterRuns):
    """What both ways of starting a run begin with."""

    def __init__(self, instance: dg.DagsterInstance, pipeline: Pipeline) -> None:
        """Start runs of this instance; what died is closed in the store, too."""
        super().__init__(instance, clock=pipeline.clock)
        self._pipeline = pipeline

    def _made_way(self, wanted: WantedRun) -> dg.DagsterRun | None:
        """End what died before a run starts; return the run to re-execute, where one is."""
        open_session(self._pipeline, wanted.session_key)  # what is no session is refused
        register_partition(self.instance, wanted.session_key)
        end_dead_runs_of(self.instance, self._pipeline, wanted.session_key)
        if wanted.continued_run_id is None:
            return None
        parent = self.instance.get_run_by_id(wanted.continued_run_id)
        if parent is not None:
            end_for_good(self.instance, self._pipeline, parent)
        return parent if wanted.is_from_failure else None


class RunsHere(_Launcher, RunLauncher):
    """Starts runs in this process, and waits for their end."""

    @override
    def start(self, wanted: WantedRun) -> str:
        """Run a job, or the steps of a run that failed and what follows them."""
        parent = self._made_way(wanted)
        if parent is not None:
            tags = {
                PARTITION_TAG: wanted.session_key,
                MAX_RETRIES_TAG: RUN_RETRIES,
                PERSON_TAG: wanted.by,
            }
            with dg.execute_job(
                dg.reconstructable(_JOBS[RunJob(parent.job_name)]),
                instance=self.instance,
                run_config={**parent.run_config, **_QUIET},
                reexecution_options=dg.ReexecutionOptions.from_failure(
                    parent.run_id, self.instance
                ),
                tags=tags,  # they are not inherited
            ) as repeated:
                return repeated.run_id

        result = _job(wanted.job).execute_in_process(
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
    """Open what knows and starts the runs of this home.

    Raises:
        StoreError: The home cannot be written.
    """
    with opened_instance() as instance:
        yield RunsHere(instance, pipeline)


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


def _job(job: RunJob) -> dg.JobDefinition:
    return build_definitions().resolve_job_def(job.job_name)


def export_job() -> dg.JobDefinition:
    """Return `export_to_jira`; a re-execution builds its job by this function's name."""
    return _job(RunJob.EXPORT)


def whole_job() -> dg.JobDefinition:
    """Return `csv_to_jira`; a re-execution builds its job by this function's name."""
    return _job(RunJob.WHOLE)


def generation_job() -> dg.JobDefinition:
    """Return `generate_tickets`; a re-execution builds its job by this function's name."""
    return _job(RunJob.GENERATION)


def validation_job() -> dg.JobDefinition:
    """Return `validate_adf`; a re-execution builds its job by this function's name."""
    return _job(RunJob.VALIDATION)


_JOBS = {
    RunJob.EXPORT: export_job,
    RunJob.WHOLE: whole_job,
    RunJob.GENERATION: generation_job,
    RunJob.VALIDATION: validation_job,
}


class QueuedRuns(_Launcher, RunLauncher):
    """Puts runs into the queue, from where the daemon starts them."""

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
        job, config = wanted.job, run_config_of(wanted)
        tags = {PARTITION_TAG: wanted.session_key, PERSON_TAG: wanted.by}
        if wanted.run_key is not None:
            tags[RUN_KEY_TAG] = wanted.run_key
        metadata = dict[str, object]()
        if parent is not None:
            job, config = RunJob(parent.job_name), dict(parent.run_config)
            tags |= {FROM_FAILURE_TAG: "true", MAX_RETRIES_TAG: RUN_RETRIES}
            root_run_id = parent.root_run_id or parent.run_id
            metadata = {"parentRunId": parent.run_id, "rootRunId": root_run_id}
        metadata["tags"] = [{"key": key, "value": value} for key, value in tags.items()]

        selector = {
            "repositoryLocationName": LOCATION,
            "repositoryName": REPOSITORY,
            "jobName": job.job_name,
        }
        wanted_json = {
            "selector": selector,
            "runConfigData": config,
            "executionMetadata": metadata,
        }
        request = {"query": _LAUNCH, "variables": {"wanted": wanted_json}}
        try:
            asked = self._webserver.post(
                "/graphql",
                json=request,
                headers={PERSON_HEADER: person_header_of(wanted.by)},
            )
            answer = asked.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise _refused(type(error).__name__) from error
        found = (answer.get("data") or {}).get("launchRun") or {}
        if "run" in found:
            return str(found["run"]["runId"])
        faults = found.get("errors") or answer.get("errors") or [found]
        raise _refused("; ".join(str(fault.get("message", "no reason")) for fault in faults))


def _refused(reason: str) -> StoreError:
    return StoreError(
        f"No run can be queued: Dagster's webserver answered: {reason}.",
        recovery_actions=(
            Action.of(
                ActionKind.RUN_DAEMON, "Look whether it runs, with its daemon: {} starts both."
            ),
            Action.of(ActionKind.EXPORT, "{} runs an export without them."),
        ),
    )
