"""Runs a schedule of an export, an update or an undo with people at work, to its end.

Belongs here: the session before and after its tickets changed, the world each verb begins in,
starting processes again until one is done or a person has to act. Does not: the world around
(`fault_world`), what people do (`people`), judging (`site_judging`), exports on sites that
misbehave for good, and decisions of people (`running`).
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import assert_never

from typing_extensions import override

from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.links import link_issues
from jira_pipeline.export.undo import undo_export
from jira_pipeline.export.updating import update_issues
from jira_pipeline.model.errors import (
    PipelineError,
    RateLimitedError,
)
from jira_pipeline.model.exports import LedgerEntry
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.sessions import UpdateChoice
from jira_pipeline.store.store import Store
from jira_pipeline_tests.crash.export_world import fill_store
from jira_pipeline_tests.crash.update_world import changes_of, consent_in
from jira_pipeline_tests.faults.fault_world import (
    SETTLE_HORIZON_SECONDS,
    SITE_FILE,
    STORE_FILE,
    Build,
    FaultWorld,
    drafts_of,
    make_ready,
)
from jira_pipeline_tests.faults.judging import violations_after
from jira_pipeline_tests.faults.people import Deed
from jira_pipeline_tests.faults.processes import ProcessReport, is_for_people, run_in_process
from jira_pipeline_tests.faults.running import (
    MEMORY_FOLDER,
    QUIET_RESTARTS,
    THE_EXPORTER,
)
from jira_pipeline_tests.faults.schedules import Act, ByPerson, Schedule, Verb
from jira_pipeline_tests.faults.site_judging import Judgement, judge
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultPlan

PROCESSES_MAX = 24
PROCESSES_MAX_FOR_GOOD = 4
"""Where something goes wrong for good; then it does not any more."""
FINAL_PROCESSES_MAX = 6
REQUESTS_BESIDE = 5
"""Fewer than this others ask the site between two processes, in turns."""
EDITED = 1
"""The ticket whose issue somebody edited before an undo."""

OTHER_DEPENDENCIES: Mapping[str, tuple[str, ...]] = {"t02": ("t01",), "t03": ("t02",)}
"""Some links fall away, one is new."""
OTHER_FILES = {"t02": ("full text.md", "All of it, later.\n")}


def change_tickets(store: Store, count: int) -> None:
    """Change all tickets of the session; they are validated and ready again."""
    drafts = [
        replace(
            draft,
            title=f"{draft.title}, later",
            depends_on=OTHER_DEPENDENCIES.get(draft.ticket_id, draft.depends_on),
        )
        for draft in drafts_of(count)
    ]
    fill_store(store, tuple(drafts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What a verb begins with: a site and a store in a folder, and what people know of it."""

    folder: Path
    former: tuple[RenderedTicket, ...] = ()
    """What the tickets said when they were exported; nothing where they were not."""
    deeds: tuple[Deed, ...] = ()


class VerbWorld(FaultWorld):
    """A session at the beginning of an export, an update or an undo, in which a schedule happens."""

    def __init__(
        self, folder: Path, schedule: Schedule, beginning: Beginning, *, build: Build
    ) -> None:
        """Copy site and store into the folder and open them."""
        for name in (SITE_FILE, STORE_FILE):
            shutil.copy(beginning.folder / name, folder / name)
        super().__init__(folder, schedule, build=build)
        self.former = beginning.former or self.tickets
        """What each ticket said before the update."""
        self.people.titles = {r.ticket.number: r.summary for r in self.former}
        if beginning.former:
            self.tickets = tuple(
                replace(one, attachment=OTHER_FILES.get(one.ticket.ticket_id, one.attachment))
                for one in self.tickets
            )
        self.people.deeds.extend(replace(deed) for deed in beginning.deeds)
        self.first_end = (0, 0)
        """How many requests and writes the first process came to."""
        self.kept_for: list[str] = []
        """Why undos kept issues."""
        self.named_by_undos: set[str] = set()
        """Keys of the issues that undos say they kept."""

    @override
    def run_process(self) -> None:
        """Run an export, an update or an undo in a process of its own, to its end."""
        match self.schedule.verb:
            case Verb.EXPORT:
                super().run_process()
            case Verb.UPDATE:
                self._update()
            case Verb.UNDO:
                tools, order = self._process()
                report = undo_export(tools, order, by="a schedule")
                self.kept_for += [reason for issue in report.kept for reason in issue.reasons]
                self.named_by_undos |= {issue.key for issue in report.kept}
            case Verb.ADOPT | Verb.GIVE_BACK:  # pragma: no cover
                raise AssertionError(self.schedule.verb)
            case _:
                assert_never(self.schedule.verb)

    def _update(self) -> None:
        tools, given = self._process()
        # somebody looks at the plan before each start
        chosen = UpdateChoice(
            overwrites=tuple(self._consents()), leaves=tuple(self.schedule.leaves)
        )
        order = replace(given, update=chosen)
        create_issues(tools, order)
        update_issues(tools, order, changes=lambda: changes_of(order, self.entries()))
        attach_files(tools, order)
        link_issues(tools, order)

    def _consents(self) -> Iterator[str]:
        for number in self.schedule.overwrites:
            for deed in self.people.edits_of(f"t{number:02}"):
                deed.is_given_up = True
            issue_id = self.people.issue_id(number)
            if issue_id is not None:
                yield consent_in(self.sandbox, str(issue_id), number=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbOutcome:
    """What came of one schedule."""

    schedule: Schedule
    judgement: Judgement
    is_stopped: bool
    """A person has to decide."""
    entries: tuple[LedgerEntry, ...]
    kept_for: tuple[str, ...]
    requests: tuple[str, ...]
    """Method and path of those of the first process."""
    requests_before_writes: tuple[int, ...]
    """How many of them there were before each of its writes into the ledger."""

    @property
    def violations(self) -> tuple[str, ...]:
        return self.judgement.violations


@dataclass
class VerbRunner:
    """Runs schedules in folders of their own, each on a copy of the site its verb begins with."""

    folder: Path
    build: Build = THE_EXPORTER
    _beginnings: dict[tuple[Verb, int], Beginning] = field(default_factory=dict)

    def __post_init__(self) -> None:
        make_ready(self.folder / "ready")

    def run(self, schedule: Schedule) -> VerbOutcome:
        """Run a schedule to its end, once more when nothing goes wrong any more, and judge."""
        beginning = self._beginning(schedule.verb, schedule.ticket_count)
        own = self.folder / "world"
        own.mkdir()
        world = VerbWorld(own, schedule, beginning, build=self.build)
        try:
            reports, unexpected = _run_to_the_end(world)
            is_stopped = reports[-1].error is not None
            judgement = judge(world, is_stopped=is_stopped)
            wrong = (*unexpected, *judgement.violations)
            if schedule.verb is Verb.EXPORT and not schedule.people:
                wrong = (*wrong, *violations_after(world, reports))
            return VerbOutcome(
                schedule=schedule,
                judgement=replace(judgement, violations=wrong),
                is_stopped=is_stopped,
                entries=world.entries(),
                kept_for=tuple(world.kept_for),
                requests=tuple(world.requests[: world.first_end[0]]),
                requests_before_writes=tuple(world.requests_before_writes[: world.first_end[1]]),
            )
        finally:
            world.close()
            shutil.rmtree(own)

    def _beginning(self, verb: Verb, count: int) -> Beginning:
        """Return what schedules of a verb begin with; made once."""
        if (verb, count) not in self._beginnings:
            self._beginnings[verb, count] = self._begin(verb, count)
        return self._beginnings[verb, count]

    def _begin(self, verb: Verb, count: int) -> Beginning:
        if verb is Verb.EXPORT:
            return Beginning(folder=self.folder / "ready" / str(count))
        folder = self.folder / f"{verb} {count}"
        folder.mkdir()
        before = Verb.EXPORT if verb is Verb.UPDATE else Verb.UPDATE
        edits = (ByPerson(request_number=0, ticket=EDITED, what=Act.EDIT),)
        quiet = Schedule(
            seed=0,
            verb=before,
            ticket_count=count,
            downtime_seconds=0.0,
            events=edits if verb is Verb.UNDO else (),
        )
        world = VerbWorld(folder, quiet, self._beginning(before, count), build=Build())
        world.run_process()
        if verb is Verb.UPDATE:
            change_tickets(world.store, count)
        world.close()
        return Beginning(folder=folder, former=world.former, deeds=tuple(world.people.deeds))


@contextmanager
def open_verb_runner(build: Build = THE_EXPORTER) -> Iterator[VerbRunner]:
    parent = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="verbs-", dir=parent) as folder:
        yield VerbRunner(Path(folder), build)


def _run_to_the_end(world: VerbWorld) -> tuple[list[ProcessReport], tuple[str, ...]]:
    """Start processes until one is done; then what is late comes, and one looks without faults."""
    reports: list[ProcessReport] = []
    quiet = 0
    is_for_good = any(rule.times is None for rule in world.schedule.rules)
    processes_max = PROCESSES_MAX_FOR_GOOD if is_for_good else PROCESSES_MAX
    while len(reports) < processes_max and quiet < QUIET_RESTARTS:
        if reports:
            world.roll_back(world.schedule.rolled_back(len(reports)))
        before = len(world.entries())
        report = run_in_process(world, world.run_process)
        reports.append(report)
        if len(reports) == 1:
            world.first_end = (len(world.requests), len(world.requests_before_writes))
        if report.error is None and not report.is_crashed:
            break
        is_still = len(world.entries()) == before
        quiet = quiet + 1 if is_still and is_for_people(report.error) else 0
        for _request in range(len(reports) % REQUESTS_BESIDE):
            world.ask_beside()  # else what strikes every so many requests meets each process at one
        wait = report.error.wait_seconds if isinstance(report.error, RateLimitedError) else 0.0
        world.time.sleep(max(world.schedule.downtime_seconds, wait))
    if len(reports) == PROCESSES_MAX:
        return reports, (f"not done after {PROCESSES_MAX} processes: {reports[-1].error!r}",)
    world.time.sleep(SETTLE_HORIZON_SECONDS)
    world.sandbox.commit_due(is_everything=True)
    world.sandbox.faults.set_plan(FaultPlan(worlds=("rewritten",)))
    error: PipelineError | None = None
    for _left in range(FINAL_PROCESSES_MAX):  # the schedule may still end some
        reports.append(run_in_process(world, world.run_process))
        error = reports[-1].error
        if not reports[-1].is_crashed and (error is None or is_for_people(error)):
            return reports, ()
    return reports, (f"stopped without a fault: {error!r}",)
