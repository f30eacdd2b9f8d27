"""Runs one schedule: processes that end anywhere, then a site that is well and a person who helps.

Belongs here: what each process does, what a person does at the end. Does not: what has to hold
(`judging`), drawing (`schedules`).
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from jira_pipeline.errors import PipelineError
from jira_pipeline.kernel.sharedo_jobs import ExportJob, JobState
from jira_pipeline.sharedo.errors import ShareDoError
from jira_pipeline.sharedo.jobs.batches import recover_interrupted
from jira_pipeline.sharedo.jobs.downloading import swept
from jira_pipeline.sharedo.jobs.jobs import (
    cancel_job,
    carried_out,
    create_job,
    decided,
    interrupted_jobs,
    retried,
)
from jira_pipeline.sharedo.jobs.polling import WatchLimits
from jira_pipeline.sharedo.jobs.tools import ExportTools
from jira_pipeline.sharedo.sandbox.faults import FaultPlan
from jira_pipeline_tests.sharedo_faults.export_world import HORIZON_SECONDS, Crash, ExportWorld
from jira_pipeline_tests.sharedo_faults.judging import violations_in
from jira_pipeline_tests.sharedo_faults.memory_jobs import LossyExportJobs
from jira_pipeline_tests.sharedo_faults.schedules import ProcessPlan, Schedule, draw_schedule

LIMITS = WatchLimits(polls_max=30, deadline_seconds=1_000.0)
"""A quarter of the polls: what they add costs time and meets nothing new."""
HELPS_MAX = 6
"""A doubt, a failure, and each once more: nothing needs a person more often."""


@dataclass(slots=True)
class Outcome:
    """What came of a schedule."""

    schedule: Schedule
    process_count: int = 0
    crash_count: int = 0
    resend_count: int = 0
    """Creations that were sent again: refused for now, looked up and absent, or decided on."""
    doubt_count: int = 0
    """Doubts that were left to a person."""
    job_count: int = 0
    errors: list[PipelineError] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """What an exporter keeps to; a broken one does not, to prove that it is noticed."""

    horizon_seconds: float = HORIZON_SECONDS
    is_swept: bool = True
    keeps_intents: bool = True
    carries_on: bool = True
    """An open job is carried on with, not created anew under another name."""
    gives_up: bool = False
    """A job that did not come to its end at once is called cancelled."""


def run_seed(seed: int, conduct: Conduct = Conduct()) -> Outcome:
    """Run the schedule of a seed in a folder of its own."""
    with TemporaryDirectory(prefix="sharedo-schedule-") as folder:
        return run(draw_schedule(seed), Path(folder), conduct)


def run(schedule: Schedule, folder: Path, conduct: Conduct) -> Outcome:
    """Run a schedule to its end and judge it."""
    world = ExportWorld(
        folder,
        plan=schedule.plan,
        can_find=schedule.can_find,
        changes={"settle_horizon_seconds": conduct.horizon_seconds},
    )
    if not schedule.has_alternative:
        paths = world.environment.paths.model_copy(update={"configuration": None})
        world.environment = world.environment.model_copy(update={"paths": paths})
    if not conduct.keeps_intents:
        world.jobs = LossyExportJobs(world.wire.passed)
    outcome = Outcome(schedule=schedule)
    for process in schedule.processes:
        outcome.process_count += 1
        try:
            with world.process(crash_at=process.crash_at, limits=LIMITS) as tools:
                if conduct.is_swept:
                    swept(tools)
                _work(tools, schedule, process, outcome)
        except Crash:
            outcome.crash_count += 1
        except ShareDoError as error:
            outcome.errors.append(error)
    _recover(world, schedule, outcome, conduct)
    jobs = world.jobs.list_all()
    outcome.job_count = len(world.sandbox.jobs())
    outcome.resend_count = sum(max(0, job.intent_count - job.attempt) for job in jobs)
    outcome.violations += violations_in(world, schedule, outcome.errors)
    world.sandbox.close()
    return outcome


def _work(tools: ExportTools, schedule: Schedule, process: ProcessPlan, outcome: Outcome) -> None:
    match process.step:
        case "export":
            carried_out(tools, create_job(tools, schedule.parameters))
        case "recover":
            outcome.errors += [one.error for one in recover_interrupted(tools).errors]
        case "cancel":
            for job in interrupted_jobs(tools):
                cancel_job(tools, job)


def _recover(world: ExportWorld, schedule: Schedule, outcome: Outcome, conduct: Conduct) -> None:
    """Let the site be well again, and a person carry on with what is left, each as they would."""
    world.set_plan(FaultPlan())
    world.time.sleep(HORIZON_SECONDS)
    world.sandbox.commit_due(is_everything=True)
    with world.process(limits=LIMITS) as tools:
        if conduct.is_swept:
            swept(tools)
        if not world.jobs.list_all():  # it never came to be: the person types it again
            create_job(tools, schedule.parameters)
        for _ in range(HELPS_MAX):
            for job in world.jobs.list_all():
                try:
                    _help(world, tools, _misjudged(tools, job, conduct), outcome)
                except ShareDoError as error:
                    outcome.errors.append(error)


def _misjudged(tools: ExportTools, job: ExportJob, conduct: Conduct) -> ExportJob:
    """Return a job as an exporter leaves it that does not keep to the rules."""
    if job.is_open and conduct.gives_up:
        return tools.kept(replace(job, state=JobState.CANCELLED))
    if job.state is JobState.RUNNING and not conduct.carries_on:
        started_again = replace(job, state=JobState.PENDING, sent_at=None, remote_id=None)
        return tools.kept(replace(started_again, attempt=job.attempt + 1, started_at=None))
    return job


def _help(world: ExportWorld, tools: ExportTools, job: ExportJob, outcome: Outcome) -> None:
    """Do for a job what its error says."""
    if job.state in {JobState.COMPLETED, JobState.CANCELLED}:
        return
    is_named = job.is_in_doubt and job.error is not None and job.error.details.get("in_doubt")
    if is_named:
        outcome.doubt_count += 1
        there = remote_ids_of(world, job)
        job = decided(tools, job, remote_id=there[0] if there else None)
    retried(tools, job)


def remote_ids_of(world: ExportWorld, job: ExportJob) -> list[str]:
    """Look, as a person would in ShareDo, for the job of a creation in doubt.

    One of the configuration export has no name of ours: it is the one that no job here has.
    """
    found = [one for one in world.sandbox.jobs() if one.name == job.config_name]
    if job.route.value == "configuration":
        known = {other.remote_id for other in world.jobs.list_all()}
        found = [one for one in world.sandbox.jobs() if not one.name and one.job_id not in known]
    return [one.job_id for one in found]
