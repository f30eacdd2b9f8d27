"""A session that lives for days: other times of day, a run that is killed, and what is where.

Belongs here: doing a step of a scripted week at its time, and reading store, sandbox and Dagster
after it. Does not: the script itself (`test_week`).
"""

import os
import signal
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr
from typing_extensions import override

from jira_pipeline.defs.partitions import PARTITIONS_NAME
from jira_pipeline.defs.reports import announce_upload, report_reviews
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.defs.runs import DagsterRuns
from jira_pipeline.export import left_in_jira
from jira_pipeline.export.retrying import ResumedExport
from jira_pipeline.flow import status
from jira_pipeline.flow import upload as uploading
from jira_pipeline.flow.composition import open_pipeline
from jira_pipeline.flow.open_session import OpenSession, open_session
from jira_pipeline.flow.resume import begin_resume
from jira_pipeline.kernel.sessions import UploadSession
from jira_pipeline.kernel.tickets import Ticket
from jira_pipeline.review.decisions import mark_ready
from jira_pipeline.review.editing import TicketEdit, edit_ticket
from jira_pipeline.session.commands import line_of
from jira_pipeline.session.pipeline import Pipeline, SystemClock
from jira_pipeline.settings import load_settings
from jira_pipeline_tests import projects
from jira_pipeline_tests.crash.export_world import TrippedLedger, Tripwire
from jira_pipeline_tests.end_to_end.reading_back import count_changes
from jira_pipeline_tests.forking import CHILDREN

KEY = projects.SESSION
ASSETS = (
    *("source_files", "entities", "entity_groups", "tickets", "adf_validation"),
    *("jira_issues", "export_report"),
)


class LaterClock:
    """The clock of this machine, some time ahead."""

    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        """Return the time it is then."""
        return SystemClock().now() + self._ahead


class LaterPipeline(PipelineResource):
    """The pipeline of a project at a later time; its ledger may kill the process."""

    hours_ahead: float = 0.0
    dies_before_receipt: int = 0
    """Number of the issue whose receipt is not written any more; 0 for a long life."""
    _later: Pipeline | None = PrivateAttr(default=None)

    @override
    def opened(self, *, is_serving: bool = False) -> Pipeline:
        """Return the pipeline, opened once."""
        del is_serving
        if self._later is None:
            clock = LaterClock(timedelta(hours=self.hours_ahead))
            self._later = open_pipeline(load_settings(Path(str(self.project_path))), clock=clock)
            if self.dies_before_receipt:
                wire = DeadlyReceipt(number=self.dies_before_receipt)
                ledger = TrippedLedger(self._later.store.ledger, wire)
                self._later = replace(self._later, store=replace(self._later.store, ledger=ledger))
        return self._later


@dataclass
class DeadlyReceipt(Tripwire):
    """Kills its process when an issue exists and nobody wrote that down; nothing is cleaned up."""

    number: int = 0

    @override
    def step(self, name: str) -> None:
        """Pass a point, or die there."""
        self.passed.append(name)
        receipts = sum(passed.startswith("before receipt of issue") for passed in self.passed)
        if receipts == self.number:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekState:
    """The state of the session, in the store, in the sandbox and in Dagster."""

    stage: tuple[str, str] | None = None
    """Stage and status; None where there is no session."""
    is_stale: bool = False
    """For the gate, by the store."""
    ready: int = 0
    states: dict[str, int] = field(default_factory=dict)
    """Tickets by what became of them."""
    site: dict[str, int] = field(default_factory=dict)
    """What the sandbox ever changed, by its journal."""
    materialized: dict[str, int] = field(default_factory=dict)
    """Events by asset."""
    shows_stale: bool = False
    """Dagster: `adf_validation` was made from other tickets than there are now."""
    has_partition: bool = False
    runs: tuple[tuple[str, str], ...] = ()
    """Job and status of each run, oldest first."""


@dataclass
class Week:
    """One session, at a time that only steps forward."""

    project: Path
    sheets: Path
    instance: dg.DagsterInstance
    hours: float = 0.0

    def later(self, *, hours: float = 0.0, days: float = 0.0) -> "Week":
        """Let time pass."""
        self.hours += hours + 24 * days
        return self

    @property
    def resource(self) -> LaterPipeline:
        """The pipeline of now, as a resource of Dagster."""
        return LaterPipeline(project_path=str(self.project), hours_ahead=self.hours)

    def pipeline(self) -> Pipeline:
        """The pipeline of now."""
        return self.resource.opened()

    def upload(self) -> None:
        """Upload the sheets as they are, and tell Dagster."""
        pipeline = self.pipeline()
        outcome = uploading.upload(
            pipeline, self.sheets, session_key=KEY, auto_approve=False, actor="ab"
        )
        announce_upload(self.instance, pipeline, outcome)

    def run(self, job_name: str, *, tags: Mapping[str, str] | None = None) -> str:
        """Run a job to its end and return its status."""
        result = projects.execute(
            self.instance,
            self.project,
            job_name,
            session_key=KEY,
            is_registered=False,
            raise_on_error=False,
            pipeline=self.resource,
            tags=tags,
        )
        return "SUCCESS" if result.success else "FAILURE"

    def run_unpartitioned(self, job_name: str) -> str:
        """Run a job that is of no session."""
        from jira_pipeline.defs.build import build_definitions  # noqa: PLC0415 - a second to import

        definitions = build_definitions(project_path=self.project, pipeline=self.resource)
        job = definitions.resolve_job_def(job_name)
        result = job.execute_in_process(instance=self.instance, raise_on_error=False)
        return "SUCCESS" if result.success else "FAILURE"

    def export_until_killed(self, *, before_receipt: int) -> int:
        """Export in a process of its own that is killed; return how it ended."""
        child = CHILDREN.Process(
            target=_export_and_die,
            args=(self.project, self.hours, before_receipt, dict(os.environ)),  # noqa: TID251
        )
        child.start()
        child.join()
        assert child.exitcode is not None
        return child.exitcode

    def tick(self, sensor: dg.SensorDefinition) -> tuple[dg.RunRequest, ...]:
        """Evaluate a sensor once and return what it asks for."""
        resources = {"pipeline": self.resource}
        with dg.build_sensor_context(instance=self.instance, resources=resources) as context:
            result = sensor(context)
        if isinstance(result, dg.SkipReason):
            return ()
        assert isinstance(result, dg.SensorResult)
        return tuple(result.run_requests or ())

    def run_requested(self, request: dg.RunRequest) -> str:
        """Run what a sensor asked for, as the daemon does."""
        tags = {**request.tags, "dagster/run_key": str(request.run_key)}
        return self.run(str(request.job_name), tags=tags)

    def edit(self, number: int, **parts: str) -> None:
        """Edit a ticket, and tell Dagster."""
        pipeline = self.pipeline()
        edit_ticket(
            self.ticket(number),
            TicketEdit(parts=parts),
            reviews=pipeline.store.reviews,
            by="ab",
            at=pipeline.clock.now(),
        )
        report_reviews(self.instance, pipeline, pipeline.store.outbox.pending(KEY))

    def mark_ready(self) -> int:
        """Mark every ticket ready; return how many were not."""
        pipeline = self.pipeline()
        return mark_ready(open_session(pipeline, KEY), by="ab").count

    def resume(self) -> tuple[ResumedExport, str]:
        """Carry on as `resume` does after a kill: count it, then export; return how both went."""
        pipeline = self.pipeline()
        session, runs = open_session(pipeline, KEY), DagsterRuns(self.instance)
        killed = self.instance.get_run_by_id(str(session.stored.run_id))
        begun = begin_resume(session, runs, by="ab", is_forced=False)
        assert killed is not None
        assert not begun.wanted.is_from_failure
        assert isinstance(begun.resumed, ResumedExport)
        return begun.resumed, self.run("export_to_jira")

    def ticket(self, number: int) -> Ticket:
        """Return a ticket."""
        return self.pipeline().store.tickets.get(KEY, number)

    def changes(self) -> dict[str, tuple[str, ...]]:
        """Return the changes people have to make in Jira: columns of cells, by issue."""
        pipeline = self.pipeline()
        found = left_in_jira.required_results(open_session(pipeline, KEY))
        return {
            change.jira_key: tuple(cell.column for cell in change.cells) for change in found.changes
        }

    @property
    def next_step(self) -> str:
        """What `status` tells to do next."""
        pipeline = self.pipeline()
        return line_of(status.status(open_session(pipeline, KEY)).next.action)

    @property
    def last_error(self) -> str:
        """What was stored of the last error."""
        return self.pipeline().store.errors.list_all(KEY)[-1].message

    @property
    def sandbox_path(self) -> Path:
        """The sandbox's file."""
        return self.pipeline().settings.sandbox_path

    @property
    def state(self) -> WeekState:
        """Look at everything."""
        pipeline = self.pipeline()
        found = pipeline.store.sessions.find(KEY)
        of_store = WeekState() if found is None else _state_in_store(pipeline, found)
        events = {name: len(self._events(name)) for name in ASSETS}
        return replace(
            of_store,
            site=count_changes(self.sandbox_path) if self.sandbox_path.exists() else {},
            materialized={name: count for name, count in events.items() if count},
            shows_stale=self._shows_stale(),
            has_partition=self.instance.has_dynamic_partition(PARTITIONS_NAME, KEY),
            runs=tuple(
                (record.dagster_run.job_name, record.dagster_run.status.value)
                for record in self.instance.get_run_records(ascending=True)
            ),
        )

    def _events(self, asset: str) -> list[tuple[str, dict[str, str]]]:
        """Return storage id and tags of the materializations of an asset, the latest first."""
        chosen = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[KEY])
        records = self.instance.fetch_materializations(chosen, limit=100).records
        return [
            (str(record.storage_id), dict(record.asset_materialization.tags or {}))
            for record in records
            if record.asset_materialization is not None
        ]

    def _shows_stale(self) -> bool:
        """Compare versions as Dagster does: the one that was used with the latest one."""
        validations, tickets = self._events("adf_validation"), self._events("tickets")
        if not validations:
            return False
        used = validations[0][1]["dagster/input_event_pointer/tickets"]
        return (
            dict(tickets)[used]["dagster/data_version"] != (tickets[0][1]["dagster/data_version"])
        )


def _state_in_store(pipeline: Pipeline, session: UploadSession) -> WeekState:
    report = status.status(OpenSession(pipeline=pipeline, stored=session))
    places = OpenSession(pipeline=pipeline, stored=session).places.values()
    return WeekState(
        stage=(session.stage.value, session.status.value),
        is_stale=bool(report.stale),
        ready=report.situation.ready_count,
        states=dict(Counter(place.state.value for place in places)),
    )


def _export_and_die(
    project: Path, hours: float, before_receipt: int, environment: Mapping[str, str]
) -> None:
    """Export in the environment of the test: the server that forks has one of an earlier test."""
    os.environ.clear()  # noqa: TID251 - a process of its own
    os.environ.update({**environment, "DAGSTER_HOME": str(project)})  # noqa: TID251 - as above
    resource = LaterPipeline(
        project_path=str(project), hours_ahead=hours, dies_before_receipt=before_receipt
    )
    with dg.DagsterInstance.get() as instance:
        projects.execute(instance, project, "export_to_jira", session_key=KEY, pipeline=resource)
