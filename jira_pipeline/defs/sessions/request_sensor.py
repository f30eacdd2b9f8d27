"""The sensor of requested runs: those that people ask for on the web pages or with `export --queue`.

Belongs here: starting them once, and stopping those that were cancelled as they began. Does not: the
requests themselves (`store/run_request_store`), that only one is queued (`dagster_port/queue`).
"""

import os
from socket import gethostname

import dagster as dg

from jira_pipeline.context.daemon_place import refusal_text, second_launcher_refusal
from jira_pipeline.dagster_port.dagster_runs import DagsterRuns
from jira_pipeline.dagster_port.partitions import register_partition
from jira_pipeline.dagster_port.plain_values import plain_tags
from jira_pipeline.dagster_port.requested_runs import run_key_of_task
from jira_pipeline.dagster_port.steps import opened_pipeline
from jira_pipeline.defs.sessions.jobs import (
    csv_to_jira,
    export_to_jira,
    generate_tickets,
    validate_adf,
)
from jira_pipeline.defs.sessions.session_action import session_action
from jira_pipeline.model.runs import PERSON_TAG, RunRequest
from jira_pipeline.review.open_session import open_session


@dg.sensor(
    jobs=[csv_to_jira, generate_tickets, validate_adf, export_to_jira, session_action],
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=1,  # at each look of the daemon, which that of `serve` takes when woken
    description="Starts the runs requested on the web pages or with `export --queue`.",
)
def requests_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Ask for the run of every request that waits; stop those that were cancelled as they began.

    A daemon beside the one of `serve` starts nothing, and its ticks say so.

    A request is done with once its run is queued. A daemon that made a run may be killed before it
    queues it: the next look asks again, and Dagster finds that run by its key, and queues it.
    """
    from jira_pipeline.sessions.cancelling import stop_run

    to_launch = list[RunRequest]()
    with opened_pipeline() as pipeline:
        refusal = second_launcher_refusal(pipeline.store.leases)
        if refusal is not None:
            return dg.SkipReason(refusal_text(refusal))
        requests = pipeline.store.run_requests
        for request in requests.unstarted():
            # asked for where a request waits: it opens Dagster's storages
            runs = DagsterRuns(context.instance, pipeline)
            run = runs.started_run_of(request)
            if request.cancelled_at is None and (run is None or run.is_not_queued_yet):
                register_partition(context.instance, request.session_key)
                to_launch.append(request)
                continue
            if run is not None and request.cancelled_at is not None and not run.is_finished:
                session = open_session(pipeline, request.session_key)
                stop_run(session, runs, run, by=request.requested_by)
            requests.mark_started(request.request_id, at=pipeline.clock.now())
        # Claims come last: what fails above keeps no request waiting until a claim is over.
        owner = f"requests_sensor on {gethostname()}, process {os.getpid()}"
        now = pipeline.clock.now()
        wanted = [
            _run_of_request(request)
            for request in to_launch
            if requests.claim(request.request_id, by=owner, at=now)
        ]
    if not wanted:
        return dg.SkipReason("No run is requested.")
    return dg.SensorResult(run_requests=wanted)


def _run_of_request(request: RunRequest) -> dg.RunRequest:
    """Return the run for a request of a person, whose key keeps it from being started twice."""
    return dg.RunRequest(
        run_key=run_key_of_task(request.task_id),
        partition_key=request.session_key,
        job_name=request.job_name,
        run_config=request.run_config,
        tags=plain_tags({PERSON_TAG: request.requested_by}),
    )
