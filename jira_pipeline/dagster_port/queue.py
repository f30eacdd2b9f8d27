"""The queue of runs, which notes who asked for each; `dagster.yaml` names it.

Belongs here: person and project in the tags of a run; that of the runs made for one request only
one is queued; Terminate for runs of terminals. Does not: finding out who asks (`web/context`), other
limits of the queue (`dagster.yaml`), refusing what cannot run (`steps`).

Dagster's pages send any tags, and copy those of a run that is executed again. So the person is
written over: it comes from a header that the web program alone sets (`web/application`).
"""

import logging
from contextlib import suppress

import dagster as dg
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.partitions import PARTITION_TAG
from jira_pipeline.dagster_port.plain_values import plain_tags
from jira_pipeline.dagster_port.re_executions import RESUMABLE_JOBS, is_of_terminal
from jira_pipeline.dagster_port.requested_runs import requested_task_id
from jira_pipeline.dagster_port.run_jobs import job_name_of
from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.runs import EXPORT_JOBS, PERSON_HEADER, PERSON_TAG, person_in

logger = logging.getLogger(__name__)

BACKFILL_TAG = "dagster/backfill"
PROJECT_TAG = "jira_pipeline/project"
"""Of exports, by which `tag_concurrency_limits` has those to one project wait outside of a slot."""
SUPERFLUOUS = (
    "This run was not started: its request was cancelled, or already has another run, "
    "which the session page shows."
)
_TERMINATING = "Terminate in Dagster"
"""Who stopped a run, for the audit trail: Dagster does not say which person it was."""


class AttributedQueue(dg.QueuedRunCoordinator):
    """Queues runs under the person who asked for them, and stops those of terminals, too."""

    @override
    def submit_run(self, context: dg.SubmitRunContext) -> dg.DagsterRun:
        """Queue a run; the person in its tags is who sent the request, whatever the tags said."""
        from jira_pipeline.dagster_port.steps import opened_pipeline

        run = context.dagster_run
        instance = self._instance
        task_id = requested_task_id(run)
        if task_id is not None:
            # Every launch passes here, whoever makes it and however late: of two only one is bound.
            try:
                with opened_pipeline() as pipeline:
                    is_bound = _bind_run(instance, pipeline, task_id, run_id=run.run_id)
            except PipelineError as error:
                # An error raised here would fail the run; `requests_sensor` has it queued later.
                logger.warning("Run %s is not queued yet: %s", run.run_id, error.message)
                return run
            if not is_bound:
                instance.report_run_canceled(run, SUPERFLUOUS)
                return instance.get_run_by_id(run.run_id) or run
        # The daemon submits those of a backfill, with the tags that somebody gave it.
        backfill = f"backfill {run.tags[BACKFILL_TAG]}" if BACKFILL_TAG in run.tags else None
        if person := person_in(context.get_request_header(PERSON_HEADER)) or backfill:
            instance.add_run_tags(run.run_id, plain_tags({PERSON_TAG: person}))

        session_key = run.tags.get(PARTITION_TAG)
        if session_key and run.job_name in EXPORT_JOBS:
            # what fails here, the run says; its lease holds without the tag, too
            with suppress(PipelineError), opened_pipeline() as pipeline:
                project = pipeline.project_key(pipeline.store.sessions.find(session_key))
                instance.add_run_tags(run.run_id, plain_tags({PROJECT_TAG: project}))
        return super().submit_run(context)

    @override
    def cancel_run(self, run_id: str) -> bool:
        """Stop a run; one of a terminal, which no launcher reaches, before its next ticket.

        Dagster would show it as cancelling while it goes on to its end.
        """
        from jira_pipeline.dagster_port.steps import opened_pipeline

        run = self._instance.get_run_by_id(run_id)
        if run is None or not _stops_when_asked(run):
            return super().cancel_run(run_id)
        key = run.tags[PARTITION_TAG]
        try:
            with opened_pipeline() as pipeline:
                at = pipeline.clock.now()
                pipeline.store.sessions.request_cancel(key, at=at, by=_TERMINATING, run_id=run_id)
        except PipelineError:  # nothing was asked, and the page says that it is not terminated
            return False
        self._instance.report_run_canceling(run, "It stops before its next ticket.")
        return True


def _stops_when_asked(run: dg.DagsterRun) -> bool:
    """Tell whether a terminal works on a session, and looks whether somebody wants it to stop."""
    is_looking = job_name_of(run) in RESUMABLE_JOBS and PARTITION_TAG in run.tags
    return is_looking and is_of_terminal(run) and run.status is dg.DagsterRunStatus.STARTED


def _bind_run(
    instance: dg.DagsterInstance, pipeline: Pipeline, task_id: str, *, run_id: str
) -> bool:
    """Make a run the one of its request; one that was deleted, or is of a lost Dagster, gives way."""
    requests = pipeline.store.run_requests
    request = requests.find(task_id)
    bound_id = None if request is None else request.run_id
    is_gone = bound_id is not None and instance.get_run_by_id(bound_id) is None
    return requests.bind(task_id, run_id=run_id, instead_of=bound_id if is_gone else None)
