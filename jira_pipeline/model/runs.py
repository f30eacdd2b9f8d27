"""Runs that work on sessions: their jobs, how one ended, who asked for it.

Belongs here: the roles of what starts runs, knows of them, and sees whether their processes live,
without Dagster, which is slow to import; the tag that says who asked for a run, and the header in
which Dagster learns it. Does not: which issues an export updates (`update_choices`), what a session
is (`sessions`), setting the tag (`dagster_port/queue`), finding out who asks (`web/context`).
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import quote, unquote

from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.update_choices import UpdateChoice

PIPELINE = "pipeline"
"""Actor of what no person did."""
AUTO_APPROVAL = "auto_approve"
"""Actor where a session approves itself, as its manifest says."""
RETENTION = "retention"
"""Actor of what the clock does: announcing and removing old sessions."""
UPLOAD_SENSOR = "upload_sensor"
EXPORT_SCHEDULE = "export_schedule"
MANIFEST_ACTOR = "session.yaml"
"""Actor of what the manifest answers, where nobody knows who uploaded it."""
DAEMON = "daemon"
"""Name of the lease of the program that runs Dagster's daemon."""
PERSON_TAG = "jira_pipeline/person"
REQUESTED_BY_TAG = "requested_by"
"""Of a run that the daemon started: who asked for it before, or the schedule."""
PERSON_HEADER = "x-jira-pipeline-person"
"""Percent-encoded: a header holds no other letters safely."""
ACTION_JOB = "session_action"
UPLOAD_JOB = "upload_session"
INTAKE_STEP = "intake"
TICKETS_STEP = "tickets"
LAST_STEP = "adf_validation"
GENERATION_STEPS = (INTAKE_STEP, TICKETS_STEP, LAST_STEP)
"""Of the jobs that write tickets, in their order."""


class RunEvent(StrEnum):
    """What somebody outside can be notified of."""

    RUN_FAILED = "run_failed"
    RUN_CANCELLED = "run_cancelled"
    READY_FOR_REVIEW = "ready_for_review"
    EXPORT_COMPLETED = "export_completed"
    ANSWERS_ARRIVED = "answers_arrived"
    REMOVAL_ANNOUNCED = "removal_announced"
    LAYOUT_NEEDED = "layout_needed"


class RunJob(StrEnum):
    WHOLE = "csv_to_jira"
    GENERATION = "generate_tickets"
    VALIDATION = "validate_adf"
    EXPORT = "export_to_jira"
    UNDO = "undo"
    SETTLE = "settle"

    @property
    def job_name(self) -> str:
        """Return the name of its job in Dagster: of actions there is one for all."""
        return ACTION_JOB if self in {RunJob.UNDO, RunJob.SETTLE} else self.value


FOLLOWING_JOBS: Mapping[str, RunJob] = {"generate": RunJob.GENERATION, "export": RunJob.WHOLE}
"""Whose work follows an upload, by what its run was told."""
EXPORT_JOBS = {RunJob.EXPORT, RunJob.WHOLE}
WRITING_JOBS = {RunJob.GENERATION, RunJob.WHOLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRun:
    """A run somebody asks for."""

    session_key: str
    job: RunJob
    by: str
    """Who asks for it; a tag of the run names them."""
    run_id: str | None = None
    """Its id where it was announced already; of runs of this process."""
    tickets: tuple[int, ...] = ()
    """For writing: numbers of the tickets to be written; empty: all of them."""
    as_new_by: str | None = None
    """For exports: who wants new issues although others exist already."""
    update: UpdateChoice | None = None
    """For exports: what becomes of issues whose tickets changed; None: they stay as they are."""
    agreed_hash: str | None = None
    """For exports: hash of the tickets and choices that somebody agreed to; None: as they are then."""
    agreed_issue_ids: tuple[str, ...] | None = None
    """For undos: ids of the issues whose deletion somebody agreed to; None: those that may go then."""
    keeps_rest: bool = False
    """For undos: whether issues that an earlier undo could not delete stay for good."""
    continued_run_id: str | None = None
    """The run whose work it carries on, with its configuration; what that finished is not done twice.
    It is ended where it is not over.
    """
    is_from_start: bool = False
    """It carries a run on from the start, with a configuration of its own: other sheets came since."""


@json_fields("request_id requested_at requested_by")
@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """A run that somebody asked for, and the daemon starts, once."""

    request_id: int
    session_key: str
    requested_at: datetime
    requested_by: str
    task_id: str
    """What the person knows it by, before there is a run and afterwards."""
    job_name: str
    """Name of the job in Dagster."""
    run_config: Mapping[str, Any]
    """Configuration of the run in Dagster."""
    cancelled_at: datetime | None = None
    """When somebody cancelled it: it never begins, or its run is stopped."""
    run_id: str | None = None
    """The one run of this request that was queued, or is about to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexpectedFailure:
    """An error that is not ours by which a run failed: its kind and place, never its text."""

    step: str
    """Name of the step; empty: the run failed outside of its steps."""
    kind: str
    """Name of the class of the error."""
    place: str
    """File and line where it was raised."""
    is_of_database: bool
    """A database could not be reached or was busy, so the same may work later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """How a run ended."""

    run_id: str
    is_success: bool
    reason: str = ""
    """Message of the first failed step, for errors that could not be stored."""
    recovery_actions: tuple[str, ...] = ()
    """Next steps of that error."""
    failure: UnexpectedFailure | None = None
    """The error by which it failed, where that is none of ours."""
    is_cancelled: bool = False
    """Somebody stopped it; a step may not have noticed, or not been able to store it."""


class RunLauncher(Protocol):
    """Starts runs, which may be of this process or of another one."""

    def start(self, wanted: WantedRun) -> str:
        """Start a run and return its id; a run of this process has ended by then.

        Before that, runs of the session whose process died are ended.
        """

    def outcome(self, run_id: str) -> RunOutcome | None:
        """Return how a run ended, or None while it waits or is at work."""


def run_or_request(*, run_id: str | None, task_id: str) -> str:
    """Return what people read of a run, or of the request where there is no run yet: `run 3f2a…`."""
    return f"request {task_id}" if run_id is None else f"run {run_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRun:
    """A run, or a request that has no run yet."""

    run_id: str
    """Its id in Dagster; before there is a run, the task id of the request."""
    task_id: str
    """Id of the run or request that a person asked for; it stays when the daemon re-executes the run
    under another id."""
    job_name: str
    status: str
    """The word of Dagster's status, in lower case."""
    created_at: datetime
    update: UpdateChoice | None = None
    """What becomes of issues whose tickets changed; None: they stay, or it is no export."""
    session_key: str = ""
    """Empty: it is of no single session."""
    is_requested: bool = False
    """It waits in the store, and Dagster has no run for it yet."""

    @property
    def started_run_id(self) -> str | None:
        """Its id in Dagster; None before there is a run."""
        return None if self.is_requested else self.run_id

    @property
    def shown_name(self) -> str:
        return run_or_request(run_id=self.started_run_id, task_id=self.task_id)

    @property
    def is_queued(self) -> bool:
        """It waits in the queue, or to be put there."""
        return self.status == "queued" or self.is_not_queued_yet

    @property
    def is_not_queued_yet(self) -> bool:
        """It was created and is not in the queue: its creator is about to queue it, or was killed."""
        return self.status == "not_started"

    @property
    def is_starting(self) -> bool:
        """It left the queue, and its process has not begun."""
        return self.status == "starting"

    @property
    def is_failed(self) -> bool:
        """It failed; one that was cancelled did not."""
        return self.status == "failure"

    @property
    def is_cancelled(self) -> bool:
        """Somebody stopped it, at work or before."""
        return self.status == "canceled"

    @property
    def is_finished(self) -> bool:
        """It is over, however it ended."""
        return self.status in {"success", "failure", "canceled"}


class RunHistory(Protocol):
    """Knows the runs of sessions."""

    def in_flight(self, session_key: str) -> Sequence[KnownRun]:
        """Return the runs of a session that wait or are at work, newest first."""

    def latest(self, session_key: str) -> KnownRun | None:
        """Return the newest run of a session, however it ended."""

    def find(self, run_id: str) -> KnownRun | None:
        """Return a run, or None where it is not known."""

    def unexpected_failure(self, run_id: str) -> UnexpectedFailure | None:
        """Return the error that is not ours by which a run failed; None: ours, or none is known."""

    def unfinished_steps(self, run_id: str) -> frozenset[str]:
        """Return the names of steps a run has not finished; empty for a run without a plan."""

    def dequeue(self, run_id: str) -> None:
        """End a run before it begins: one that waits in the queue, or whose process has not begun."""


class Runs(RunLauncher, RunHistory, Protocol):
    """Starts runs and knows them."""


class RunLiveness(Protocol):
    """Tells whether the process of a run lives: by a lock, never by a clock."""

    def hold(self, run_id: str) -> AbstractContextManager[None]:
        """Show that this process works on a run, until the block or the process ends.

        Raises:
            StoreError: Locks cannot be kept, such as in a folder that cannot be written.
            StoreBusyError: The server that keeps locks cannot be reached.
        """

    def is_alive(self, run_id: str) -> bool:
        """Tell whether a process works on a run now: on this host, or anywhere on PostgreSQL."""

    def find_dead_runs(self, run_ids: Iterable[str]) -> Mapping[str, bool]:
        """Return the runs whose process is gone, of these.

        The value is True where the run ended and could not store how (`leave`), False where its
        process was killed.
        """

    def is_dead(self, run_id: str) -> bool:
        return run_id in self.find_dead_runs([run_id])

    def leave(self, run_id: str) -> None:
        """Have a run count as dead once its process releases it: how it ended could not be stored."""

    def forget(self, run_id: str) -> None:
        """Remove the traces of a dead run."""


def person_header_of(name: str) -> str:
    return quote(name, safe="")


def person_in(header: str | None) -> str | None:
    """Return the name of a person from the header; None where no web program of ours sent it."""
    return unquote(header) if header else None


def person_of(tags: Mapping[str, str]) -> str:
    """Return who asked for a run with these tags: a person, a schedule, or the pipeline itself."""
    return tags.get(PERSON_TAG) or tags.get(REQUESTED_BY_TAG) or PIPELINE
