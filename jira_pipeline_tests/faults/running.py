"""Runs a schedule: one process after the other, until the export is done or says why it stops.

Belongs here: starting processes again, when to stop. Does not: what happens in one
(`fault_world`), whether all is well (`judging`).
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from jira_pipeline.model.errors import (
    GateError,
    GateRule,
    OrphanIssueError,
    RateLimitedError,
)
from jira_pipeline.model.exports import Decision, Difference, IssueDifference
from jira_pipeline_tests.faults.drawing import draw_schedule
from jira_pipeline_tests.faults.fault_world import (
    SETTLE_HORIZON_SECONDS,
    Build,
    FaultWorld,
    make_ready,
    open_fault_world,
)
from jira_pipeline_tests.faults.judging import (
    BLIND_WORLDS,
    OUTAGES,
    is_blind_stop,
    is_replaying,
    is_within_assumptions,
    violations_after,
)
from jira_pipeline_tests.faults.life_judging import wrong_after_life
from jira_pipeline_tests.faults.lives import LivedWorld, live
from jira_pipeline_tests.faults.processes import ProcessReport, run_in_process
from jira_pipeline_tests.faults.schedules import Schedule
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import faults_in_worlds

THE_EXPORTER = Build()
QUIET_RESTARTS = 2
"""How many processes in a row may stop without any fault before it is for good."""
PROCESSES_MAX = 24
IN_STEP_MAX = 10
"""After so many processes that ended alike others ask the site something in between, as they do:
else what strikes every so many requests meets each process at the same one."""
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - only where it exists; files in memory are faster


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one schedule."""

    schedule: Schedule
    violations: tuple[str, ...]
    process_count: int
    is_done: bool
    """False where it stopped for a person."""


@dataclass
class ScheduleRunner:
    """Runs schedules in folders of their own, each on a copy of one new site."""

    folder: Path
    build: Build = THE_EXPORTER

    def __post_init__(self) -> None:
        make_ready(self.folder / "ready")

    def run_seed(self, seed: int, *, world: str | None = None) -> Outcome:
        return self.run(draw_schedule(seed, world=world))

    def run(self, schedule: Schedule) -> Outcome:
        """Run a schedule and judge what came of it."""
        if schedule.life is not None:
            return self._live(schedule)
        with open_fault_world(self.folder, schedule, build=self.build, kind=FaultWorld) as world:
            reports, unexpected = _run_to_the_end(world)
            if world.sandbox.commit_due(is_everything=True):
                again, unexpected = _run_to_the_end(world)
                reports += again
            if is_replaying(schedule):
                world.compare_later()
            wrong = (*unexpected, *violations_after(world, reports))
        return Outcome(
            schedule=schedule,
            violations=wrong,
            process_count=len(reports),
            is_done=not reports[-1].is_crashed and reports[-1].error is None,
        )

    def _live(self, schedule: Schedule) -> Outcome:
        """Run a life and judge what came of it."""
        with open_fault_world(self.folder, schedule, build=self.build, kind=LivedWorld) as world:
            reports, unexpected = live(world)
            wrong = (*unexpected, *wrong_after_life(world, reports))
        return Outcome(
            schedule=schedule,
            violations=wrong,
            process_count=len(reports),
            is_done=reports[-1].error is None,
        )


@contextmanager
def open_runner(build: Build = THE_EXPORTER) -> Iterator[ScheduleRunner]:
    """Give a runner a folder, in memory where there is one."""
    parent = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="schedules-", dir=parent) as folder:
        yield ScheduleRunner(Path(folder), build)


def _run_to_the_end(world: FaultWorld) -> tuple[list[ProcessReport], tuple[str, ...]]:
    """Start processes until one is done, or nothing new happens; return how each ended.

    Where a restored ledger forgot what Jira was still working on, nothing can tell before it is
    there: the session is looked at once more.
    """
    reports: list[ProcessReport] = []
    quiet = 0
    is_to_look_again = world.schedule.is_forgetful
    while len(reports) < PROCESSES_MAX:
        lost = world.schedule.rolled_back(len(reports)) if reports else 0
        world.roll_back(lost)
        before, were_deleted = _mark_of(world), world.course.deletion is None
        report = run_in_process(world, world.run_process, is_rolled_back=lost > 0)
        reports.append(report)
        is_done = report.error is None and not report.is_crashed
        if world.other_site is not None:
            world.change_site()
            continue
        if isinstance(report.error, GateError) and report.error.rule in QUESTIONS_OF_SITES:
            world.answered_by = "a person"
            continue
        if is_done and world.schedule.are_issues_deleted and not were_deleted:
            world.delete_issues()  # where nobody did so while it was at work
            continue
        is_gone = isinstance(report.error, GateError) and report.error.rule is GateRule.ISSUES_GONE
        is_asked = is_gone or isinstance(report.error, OrphanIssueError)
        if (is_done or is_asked) and (decision := _decision_of_a_person(world)) is not None:
            reports.append(replace(run_in_process(world, decision), is_decision=True))
            continue
        if is_done and not is_to_look_again:
            return reports, ()
        if is_done:
            is_to_look_again = False
            world.time.sleep(SETTLE_HORIZON_SECONDS)
            continue
        now = _mark_of(world)
        is_left = isinstance(report.error, OrphanIssueError)
        is_still = now[:WRITTEN] == before[:WRITTEN] if is_left else now == before
        quiet = _quiet_after(report, quiet, is_still=is_still)
        if quiet >= QUIET_RESTARTS:
            return reports, ()
        _wait_after(world, reports)
    if is_blind_stop(reports[-1], world.schedule):
        return reports, ()
    return reports, (f"not done after {PROCESSES_MAX} processes: {reports[-1].error!r}",)


def _quiet_after(report: ProcessReport, quiet: int, *, is_still: bool) -> int:
    """Count the processes in a row that got nowhere; one that was only asked to wait says nothing."""
    if not is_still or report.is_crashed:
        return 0
    return quiet if isinstance(report.error, RateLimitedError) else quiet + 1


def _wait_after(world: FaultWorld, reports: Sequence[ProcessReport]) -> None:
    """Let the time until the next process pass, and others use the site meanwhile."""
    error = reports[-1].error
    wait = error.wait_seconds if isinstance(error, RateLimitedError) else 0.0
    world.time.sleep(max(world.schedule.downtime_seconds, wait))
    last = [str(report.error) for report in reports[-IN_STEP_MAX:]]
    if error is not None and last == [str(error)] * IN_STEP_MAX:
        world.ask_beside()


def _decision_of_a_person(world: FaultWorld) -> Callable[[], object] | None:
    """Return what a person does next as the program proposes it; None where nothing is asked.

    Where a security level hides what is created people know that nothing was deleted. Of two
    issues they delete one, or adopt the other and delete the first, or leave both, by the seed; of
    two that ought not to be there at all both are left to be judged.
    """
    asked, seed = world.open_differences(), world.schedule.seed
    gone = [d for d in asked if d.kind is Difference.GONE]
    twins = [d for d in asked if d.kind is Difference.TWIN]
    if twins and seed % 3 and not is_within_assumptions(world.schedule):
        return partial(_end_twin, world, twins[0], is_adopted=seed % 3 == 1)
    if gone and "security_level" not in world.schedule.worlds:
        return partial(_end_gone, world, gone)
    return None


def _end_twin(world: FaultWorld, twin: IssueDifference, *, is_adopted: bool) -> None:
    if not is_adopted:
        world.delete(int(twin.other_id))
    elif world.decide(Decision.ADOPT, names=[twin.other_key]).done:
        world.delete(int(twin.issue_id))


def _end_gone(world: FaultWorld, gone: Sequence[IssueDifference]) -> None:
    """Decide about all at once; then name those that the program would not take together."""
    report = world.decide(Decision.CREATE_AGAIN, names=None)
    if any(d.other_id for d in gone):
        world.decide(Decision.ADOPT, names=None)
    refused = [str(ticket.number) for ticket in report.tickets if ticket.refusal]
    if refused:
        world.decide(Decision.CREATE_AGAIN, names=refused)


QUESTIONS_OF_SITES = {GateRule.NEW_TARGET, GateRule.COPIED_ISSUES}
PASSING_WORLDS = OUTAGES | {"dated_waits", "plain_errors", "proxy"}
"""Worlds whose own faults pass: after one of them somebody starts again, and gets further.

On a site that shows nothing only an outage is worth another start.
"""
WRITTEN = 3
"""So many numbers of `_mark_of` tell what was written or deleted; where a person is asked nothing else counts."""


def _mark_of(world: FaultWorld) -> tuple[int, int, int, int, int]:
    """Return what changes when a process gets anywhere, or a fault strikes that passes."""
    worlds = set(world.schedule.worlds)
    passing = OUTAGES if worlds & BLIND_WORLDS else PASSING_WORLDS
    rules = (*world.schedule.rules, *faults_in_worlds(worlds & passing))
    names = {rule.name for rule in rules}
    strikes = sum(strike in names for strike in world.sandbox.faults.strikes())
    return (
        int(world.course.deletion is None),
        len(world.entries()),
        len(world.fixes()),
        strikes,
        world.course.store_strikes,
    )
