"""Runs a schedule: step after step, one process after the other, until it is done or says why it stops.

Belongs here: starting processes again, when to stop, what people decide where the program asks them.
Does not: what happens in a process (`fault_world`), whether all is well (`judging`).
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

from jira_pipeline.model.differences import Decision, Difference, IssueDifference
from jira_pipeline.model.errors import GateError, GateRule, OrphanIssueError, RateLimitedError
from jira_pipeline.model.exports import LedgerEntry
from jira_pipeline_tests.faults.beginnings import Beginning, make_new
from jira_pipeline_tests.faults.drawing import draw_schedule
from jira_pipeline_tests.faults.fault_world import (
    SETTLE_HORIZON_SECONDS,
    Build,
    FaultWorld,
    ProcessReport,
    open_fault_world,
)
from jira_pipeline_tests.faults.home_running import HomeRunner
from jira_pipeline_tests.faults.judging import (
    BLIND_WORLDS,
    OUTAGES,
    is_blind_stop,
    is_for_people,
    is_replaying,
    is_stopped_for_good,
    is_within_assumptions,
    violations_after,
)
from jira_pipeline_tests.faults.schedules import (
    AtHome,
    Deleted,
    LifeWorld,
    Meanwhile,
    Schedule,
    Verb,
)
from jira_pipeline_tests.faults.site_judging import Judgement, judge
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultPlan
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import faults_in_worlds

THE_EXPORTER = Build()
QUIET_MAX = 2
"""How many processes in a row may stop without anything new before it is for good."""
PROCESSES_MAX = 24
"""Of a step, decisions of people included."""
CALM_PROCESSES_MAX = 6
IN_STEP_MAX = 10
"""After so many processes that ended alike others ask the site something in between, as they do:
else what strikes every so many requests meets each process at the same one."""
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - only where it exists; files in memory are faster
QUESTIONS_OF_SITES = {GateRule.NEW_TARGET, GateRule.COPIED_ISSUES}
PASSING_WORLDS = OUTAGES | {"dated_waits", "plain_errors", "proxy"}
"""Worlds whose own faults pass: after one of them somebody starts again, and gets further.

On a site that shows nothing only an outage is worth another start.
"""
WRITTEN = 3
"""So many numbers of `_mark_of` tell what was written or deleted; where a person is asked nothing else counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one schedule."""

    schedule: Schedule
    judgement: Judgement
    process_count: int
    is_done: bool
    """False where it stopped for a person."""
    entries: tuple[LedgerEntry, ...]
    kept_for: tuple[str, ...]
    """Why undos kept issues."""
    requests: tuple[str, ...]
    """Method and path of those of the first process."""
    requests_before_writes: tuple[int, ...]
    """How many of them there were before each of its writes into the ledger."""

    @property
    def violations(self) -> tuple[str, ...]:
        return self.judgement.violations


@dataclass
class ScheduleRunner:
    """Runs schedules in folders of their own, each on a copy of what it begins with."""

    folder: Path
    build: Build = THE_EXPORTER
    _beginnings: dict[object, Beginning] = field(default_factory=dict)

    def close(self) -> None:
        self._homes.close()

    @cached_property
    def _homes(self) -> HomeRunner:
        return HomeRunner(self.folder)

    def run_seed(self, seed: int, *, world: str | None = None) -> Outcome:
        return self.run(draw_schedule(seed, world=world))

    def run(self, schedule: Schedule) -> Outcome:
        """Run a schedule and judge what came of it."""
        if schedule.life is LifeWorld.WORDS_AT_HOME:
            return self._run_at_home(schedule)
        beginning = self._beginning(schedule)
        own = self.folder / "world"
        with open_fault_world(own, schedule, beginning, build=self.build) as world:
            reports: list[ProcessReport] = []
            unexpected = _run_to_the_end(world, reports)
            judgement = _judge(world, reports)
            first, last = reports[0], reports[-1]
            return Outcome(
                schedule=schedule,
                judgement=replace(judgement, violations=(*unexpected, *judgement.violations)),
                process_count=len(reports),
                is_done=last.is_done,
                entries=world.entries(),
                kept_for=tuple(reason for issue in world.kept for reason in issue.reasons),
                requests=tuple(world.requests[: first.request_count]),
                requests_before_writes=tuple(world.requests_before_writes[: first.write_count]),
            )

    def _run_at_home(self, schedule: Schedule) -> Outcome:
        acts = schedule.every(AtHome)
        return Outcome(
            schedule=schedule,
            judgement=Judgement(violations=self._homes.run(acts), acts=len(acts)),
            process_count=len(acts),
            is_done=True,
            entries=(),
            kept_for=(),
            requests=(),
            requests_before_writes=(),
        )

    def wrong_after(self, schedules: Mapping[int, Schedule]) -> dict[int, tuple[str, ...]]:
        """Run schedules, and return what is wrong after those where something is."""
        wrong = {number: self.run(schedule).violations for number, schedule in schedules.items()}
        return {number: violations for number, violations in wrong.items() if violations}

    def _beginning(self, schedule: Schedule) -> Beginning:
        """Return what a schedule begins with; made once."""
        steps, count = schedule.steps[: schedule.begins_at + 1], schedule.ticket_count
        before = [e for e in schedule.every(Meanwhile) if e.step < schedule.begins_at]
        known = (count, *(steps if schedule.begins_at else ()), *before)
        if known not in self._beginnings:
            new = Schedule(seed=0, ticket_count=count, downtime_seconds=0.0, events=())
            earlier = self._beginning(new) if schedule.begins_at else None
            folder = self.folder / f"beginning {len(self._beginnings)}"
            self._beginnings[known] = (
                make_new(folder, count)
                if earlier is None
                else _after_steps(folder, replace(schedule, events=tuple(before)), earlier)
            )
        return self._beginnings[known]


def _after_steps(folder: Path, schedule: Schedule, new: Beginning) -> Beginning:
    """Take the steps before a schedule begins, and change the tickets as it finds them."""
    shutil.copytree(new.folder, folder)
    world = FaultWorld(folder, replace(schedule, begins_at=0, seed=0), new, build=THE_EXPORTER)
    for step in range(schedule.begins_at):
        world.begin(step)
        world.run_process()
    world.step = schedule.begins_at
    world.change_tickets()
    world.close()
    return Beginning(folder=folder, former=world.former, deeds=tuple(world.people.deeds))


@contextmanager
def open_runner(build: Build = THE_EXPORTER) -> Iterator[ScheduleRunner]:
    """Give a runner a folder, in memory where there is one."""
    parent = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else None
    with (
        tempfile.TemporaryDirectory(prefix="schedules-", dir=parent) as folder,
        closing(ScheduleRunner(Path(folder), build)) as runner,
    ):
        yield runner


def _judge(world: FaultWorld, reports: Sequence[ProcessReport]) -> Judgement:
    schedule = world.schedule
    if schedule.life is None and not schedule.is_calm_at_end:
        return Judgement(violations=tuple(violations_after(world, reports)))
    judgement = judge(world, reports)
    is_plain = schedule.life is None and not schedule.every(Meanwhile)
    if schedule.verb is not Verb.EXPORT or not is_plain:
        return judgement
    wrong = (*judgement.violations, *violations_after(world, reports))
    return replace(judgement, violations=wrong)


def _run_to_the_end(world: FaultWorld, reports: list[ProcessReport]) -> tuple[str, ...]:
    """Take one step after the other, and see what comes late; return what is unexpected."""
    schedule = world.schedule
    for step in range(schedule.begins_at, len(schedule.steps)):
        world.begin(step)
        if unexpected := _take_step(world, reports):
            return unexpected
        if schedule.life is not None or schedule.is_calm_at_end:
            world.time.sleep(SETTLE_HORIZON_SECONDS)
        if schedule.life is not None and reports[-1].error is not None:
            return ()
        is_late = world.sandbox.commit_due(is_everything=True)
        if schedule.is_calm_at_end:
            return _calm_down(world, reports)
        if is_late and (unexpected := _take_step(world, reports)):
            return unexpected
    if is_replaying(schedule) and schedule.life is None:
        world.compare_later()
    return ()


def _take_step(world: FaultWorld, reports: list[ProcessReport]) -> tuple[str, ...]:
    """Start processes until one is done, or nothing new happens.

    Where a restored ledger forgot what Jira was still working on, nothing can tell before it is
    there: the session is looked at once more.
    """
    schedule, quiet, began_with = world.schedule, 0, len(reports)
    is_to_look_again, is_decided = schedule.is_forgetful, False
    while len(reports) < began_with + PROCESSES_MAX:
        if lost := schedule.rolled_back(len(reports)):
            world.roll_back(lost)
        before = _mark_of(world)
        report = world.run()
        reports.append(report)
        if _is_another_beginning(world, report, were_deleted=bool(before[0])):
            continue
        quiet = _quiet_after(report, quiet, before=before, now=_mark_of(world))
        if schedule.life is None:
            decisions = _decisions_about_an_export(world, report)
        else:
            decisions = [] if quiet < QUIET_MAX or is_decided else _decisions_in_a_life(world)
        if decisions:
            reports += [world.run(decision, is_decision=True) for decision in decisions]
            quiet, is_decided = 0, True
        elif report.is_done and is_to_look_again:
            is_to_look_again = False
            world.time.sleep(SETTLE_HORIZON_SECONDS)
        elif report.is_done or quiet == QUIET_MAX:
            return ()
        else:
            _wait_after(world, reports)
    if is_blind_stop(reports[-1], schedule) or is_stopped_for_good(reports[-1], schedule):
        return ()
    return (f"not done after {PROCESSES_MAX} processes: {reports[-1].error!r}",)


def _calm_down(world: FaultWorld, reports: list[ProcessReport]) -> tuple[str, ...]:
    """Let nothing go wrong any more; the schedule may still end some processes."""
    world.sandbox.faults.set_plan(FaultPlan(worlds=("rewritten",)))
    for _left in range(CALM_PROCESSES_MAX):
        report = world.run()
        reports.append(report)
        if report.is_done or is_for_people(report.error):
            return ()
    return (f"stopped without a fault: {reports[-1].error!r}",)


def _is_another_beginning(world: FaultWorld, report: ProcessReport, *, were_deleted: bool) -> bool:
    """Tell whether the next process finds another site, an answer about it, or issues deleted."""
    if world.other_site is not None:
        world.change_site()
        return True
    if isinstance(report.error, GateError) and report.error.rule in QUESTIONS_OF_SITES:
        world.answered_by = "a person"
        return True
    if report.is_done and world.schedule.every(Deleted) and not were_deleted:
        world.delete_issues()  # where nobody did so while it was at work
        return True
    return False


Mark = tuple[int, int, int, int, int]


def _mark_of(world: FaultWorld) -> Mark:
    """Return what changes when a process gets anywhere, or a fault strikes that passes."""
    worlds = set(world.schedule.worlds)
    passing = OUTAGES if worlds & BLIND_WORLDS else PASSING_WORLDS
    own = (rule for rule in world.schedule.rules if rule.times is not None)
    names = {rule.name for rule in (*own, *faults_in_worlds(worlds & passing))}
    strikes = sum(strike in names for strike in world.sandbox.faults.strikes())
    return (
        int(world.course.deletion is None),
        len(world.entries()),
        len(world.fixes()),
        strikes,
        world.course.store_strikes,
    )


def _quiet_after(report: ProcessReport, quiet: int, *, before: Mark, now: Mark) -> int:
    """Count the processes in a row that got nowhere; one that was only asked to wait says nothing."""
    is_left = isinstance(report.error, OrphanIssueError)
    is_still = now[:WRITTEN] == before[:WRITTEN] if is_left else now == before
    if not is_still or report.is_crashed or report.is_done:
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


def _decisions_about_an_export(
    world: FaultWorld, report: ProcessReport
) -> list[Callable[[], object]]:
    """Return what a person does next as the program proposes it; nothing where nothing is asked.

    Where a security level hides what is created people know that nothing was deleted. Of two
    issues they delete one, or adopt the other and delete the first, or leave both, by the seed; of
    two that ought not to be there at all both are left to be judged.
    """
    is_gone = isinstance(report.error, GateError) and report.error.rule is GateRule.ISSUES_GONE
    is_asked = report.is_done or is_gone or isinstance(report.error, OrphanIssueError)
    if world.schedule.is_calm_at_end or not is_asked:
        return []
    asked, seed = world.open_differences(), world.schedule.seed
    gone = [d for d in asked if d.kind is Difference.GONE]
    twins = [d for d in asked if d.kind is Difference.TWIN]
    if twins and seed % 3 and not is_within_assumptions(world.schedule):
        return [partial(_end_twin, world, twins[0], is_adopted=seed % 3 == 1)]
    if gone and "security_level" not in world.schedule.worlds:
        return [partial(_end_gone, world, gone)]
    return []


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


def _decisions_in_a_life(world: FaultWorld) -> list[Callable[[], object]]:
    """Return what a person decides of what the program asks; nothing where they wait.

    What is hidden is there, as people know, and a clone is none of ours.
    """
    hidden = {str(issue_id) for issue_id in world.hidden.values()}
    asked = [d for d in world.open_differences() if hidden.isdisjoint({d.issue_id, d.other_id})]
    gone = [d for d in asked if Decision.CREATE_AGAIN in d.decisions]
    doubtful = [d for d in asked if d not in gone]
    is_clone = world.schedule.life in {LifeWorld.PROPERTY_CLONES, LifeWorld.HANDMADE_ISSUES}
    way = Decision.ADOPT if world.schedule.seed % 2 and not is_clone else Decision.FORGET
    return [
        partial(_decide, world, decision, some)
        for decision, some in ((Decision.CREATE_AGAIN, gone), (way, doubtful))
        if some
    ]


def _decide(world: FaultWorld, decision: Decision, some: Sequence[IssueDifference]) -> None:
    deciding = partial(world.decide, decision, names=[d.name for d in some])
    if world.adoptions is None:
        deciding()
        return
    numbers = [int(d.ticket_id.removeprefix("t")) for d in some if d.kind is Difference.GONE]
    world.adoptions.giving_back(numbers, deciding)
