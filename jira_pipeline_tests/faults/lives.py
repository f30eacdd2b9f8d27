"""Runs a life of a session: exports, updates and undos one after the other, while much befalls it.

Belongs here: the steps and what happens in between, the token of each process, what people decide
where the program asks them. Does not: what one step sends (`fault_world`), what people do (`people`),
judging (`life_judging`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx
from typing_extensions import override

from jira_pipeline.export.adoption import adopt_issues
from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.links import link_issues
from jira_pipeline.export.settle import decide_differences
from jira_pipeline.export.undo import undo_export
from jira_pipeline.export.updating import update_issues
from jira_pipeline.model.errors import RateLimitedError
from jira_pipeline.model.exports import Decision, Difference, IssueDifference, issues_in
from jira_pipeline_tests.crash.export_world import ACCOUNT, SESSION_KEY, fill_store, render
from jira_pipeline_tests.crash.update_world import changes_of
from jira_pipeline_tests.faults.adoptions import Adoptions, make_by_hand
from jira_pipeline_tests.faults.fault_world import (
    SETTLE_HORIZON_SECONDS,
    Build,
    FaultWorld,
    drafts_of,
)
from jira_pipeline_tests.faults.people import LATER
from jira_pipeline_tests.faults.processes import ProcessReport, run_in_process
from jira_pipeline_tests.faults.schedules import (
    Act,
    AnotherAccount,
    ByPerson,
    Dependencies,
    InLife,
    LifeWorld,
    Schedule,
    SiteAct,
    Verb,
)
from jira_pipeline_tests.jira.sandbox_faults import site_acts

ANOTHER_ACCOUNT = ("grace@sandbox.example", "canary-token-9c1d")
BACKUP_FILE = "backup.sqlite"
PROCESSES_MAX = 24
QUIET_MAX = 2
"""How many processes of a step may stop in a row without anything new: then a person has to act."""
DELETION = re.compile(r"/rest/api/3/issue/[0-9]+")
WAITS_FOR: Mapping[Dependencies, Mapping[str, tuple[str, ...]]] = {
    Dependencies.FIRST: {},
    Dependencies.OTHER: {"t02": ("t01",), "t03": ("t02",)},
    Dependencies.TURNED: {"t02": ("t03",), "t03": ("t01",)},
    Dependencies.NONE: {"t03": ()},
}
"""What tickets wait for where that is not as at the beginning: then the third waits for both others."""


class LivedWorld(FaultWorld):
    """A session, a site and all processes of a life."""

    def __init__(self, folder: Path, schedule: Schedule, *, build: Build) -> None:
        super().__init__(folder, schedule, build=build)
        self.left: dict[int, str] = {}
        """Why the last update left issues, by number of ticket."""
        self.words: list[str] = []
        """All that processes stopped with, and undos kept issues for."""
        self.adoptions: Adoptions | None = None
        if schedule.life is LifeWorld.HANDMADE_ISSUES:
            titles, deeds = make_by_hand(self.sandbox)
            self.people.titles = {**self.people.titles, **titles}
            self.people.deeds += deeds
            self.adoptions = Adoptions(self.people, lambda: self.sandbox)
        self._step = 0
        self._due: list[InLife] = []
        self._requests_before = self._deletions = self._deeds_kept = 0
        self._hidden: dict[int, int] = {}
        """Issues that are hidden, by number of their ticket."""

    @property
    def verb(self) -> Verb:
        return self.schedule.steps[self._step].verb

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts whose tokens processes use."""
        is_two = any(isinstance(event, AnotherAccount) for event in self.schedule.events)
        return (ACCOUNT[0], ANOTHER_ACCOUNT[0]) if is_two else ACCOUNT[:1]

    def begin(self, step: int) -> None:
        """Come to a step: what befell the site before it, and what people decided about tickets."""
        self._step = step
        self._requests_before, self._deletions = len(self.requests), 0
        self._due += [e for e in self.schedule.events if isinstance(e, InLife) and e.step == step]
        self._let_happen()
        if self.adoptions is not None:
            self.adoptions.begin(self.schedule.steps[step].pairs)
        if step:
            self._change_tickets()

    def _change_tickets(self) -> None:
        """Give the tickets the dependencies of the step, and other titles for each update."""
        steps = self.schedule.steps[: self._step + 1]
        chosen = [step.dependencies for step in steps if step.dependencies]
        waits_for = WAITS_FOR[chosen[-1]] if chosen else {}
        updates = sum(step.verb is Verb.UPDATE for step in steps)
        drafts = [
            replace(
                draft,
                title=f"{draft.title}{f'{LATER} {updates}' if updates else ''}",
                depends_on=waits_for.get(draft.ticket_id, draft.depends_on),
            )
            for draft in drafts_of(self.schedule.ticket_count)
        ]
        fill_store(self.store, tuple(drafts))
        self.tickets = tuple(map(render, self.store.tickets.list_all(SESSION_KEY)))

    @override
    def run_process(self) -> None:
        """Run the step in a process of its own, to its end."""
        tools, order = self._process()
        if self.verb is Verb.UNDO:
            report = undo_export(tools, order, by="a life")
            self.words += [issue.key for issue in report.kept]
            return
        if self.adoptions is not None and self.verb is Verb.ADOPT:
            pairs = self.adoptions.pairs
            self.adoptions.note(adopt_issues(tools, order, pairs=pairs, by="a life"))
            return
        if self.adoptions is not None and self.verb is Verb.GIVE_BACK:
            names = [str(number) for number in self.adoptions.pairs]
            forgetting = partial(
                decide_differences, tools, order, decision=Decision.FORGET, names=names, by="a life"
            )
            if issues_in(self.entries()):  # else the session is at no site, and is refused
                self.adoptions.giving_back(self.adoptions.pairs, forgetting)
            return
        create_issues(tools, order)
        if self.verb is Verb.UPDATE:
            updated = update_issues(tools, order, changes=lambda: changes_of(order, self.entries()))
            self.left = dict(updated.left)
        attach_files(tools, order)
        link_issues(tools, order)

    @override
    def _way(self) -> tuple[str, tuple[str, str]]:
        self.processes += 1
        exchanged = [
            event.process <= self.processes
            for event in self.schedule.events
            if isinstance(event, AnotherAccount)
        ]
        return self._address, ANOTHER_ACCOUNT if sum(exchanged) % 2 else ACCOUNT

    @override
    def before_request(self, number: int, request: httpx.Request) -> None:
        super().before_request(number, request)
        self._let_happen()
        self._deletions += request.method == "DELETE" and bool(DELETION.search(request.url.path))

    def _let_happen(self) -> None:
        """Let happen what is due before a request, or before the step."""
        passed = len(self.requests) - self._requests_before
        due = [
            event
            for event in self._due
            if (self._deletions >= event.deletion if event.deletion else passed >= event.request)
        ]
        self._due = [event for event in self._due if event not in due]
        for event in due:
            if isinstance(event.what, Act):
                self.people.act(ByPerson(request_number=0, ticket=event.ticket, what=event.what))
            else:
                self._befall(event.what, event.ticket)

    def _befall(self, what: SiteAct, ticket: int) -> None:
        site, backup = self.sandbox, self.folder / BACKUP_FILE
        issue_id = self.people.issue_id(ticket)
        match what:
            case SiteAct.BACK_UP:
                self._deeds_kept = len(self.people.deeds)
                site_acts.back_up(site, backup)
            case SiteAct.RESTORE if backup.exists():
                restoring = partial(site_acts.restore, site, backup)
                self.people.live_through(restoring, kept=self._deeds_kept)
            case SiteAct.HIDE if issue_id is not None:
                self._hidden[ticket] = issue_id
                site_acts.hide(site, issue_id)
            case SiteAct.SHOW if ticket in self._hidden:
                site_acts.show(site, self._hidden.pop(ticket))
            case _:
                pass

    def decisions(self) -> list[Callable[[], object]]:
        """Return what a person decides of what the program asks; nothing where they wait.

        What is hidden is there, as people know, and a clone is none of ours.
        """
        hidden = {str(issue_id) for issue_id in self._hidden.values()}
        asked = [d for d in self.open_differences() if hidden.isdisjoint({d.issue_id, d.other_id})]
        gone = [d for d in asked if Decision.CREATE_AGAIN in d.decisions]
        doubtful = [d for d in asked if d not in gone]
        is_clone = self.schedule.life in {LifeWorld.PROPERTY_CLONES, LifeWorld.HANDMADE_ISSUES}
        way = Decision.ADOPT if self.schedule.seed % 2 and not is_clone else Decision.FORGET
        return [
            partial(self._decide, decision, some)
            for decision, some in ((Decision.CREATE_AGAIN, gone), (way, doubtful))
            if some
        ]

    def _decide(self, decision: Decision, some: Sequence[IssueDifference]) -> None:
        deciding = partial(self.decide, decision, names=[d.name for d in some])
        if self.adoptions is None:
            deciding()
            return
        numbers = [int(d.ticket_id.removeprefix("t")) for d in some if d.kind is Difference.GONE]
        self.adoptions.giving_back(numbers, deciding)


def live(world: LivedWorld) -> tuple[list[ProcessReport], tuple[str, ...]]:
    """Take one step after the other; a step ends when it is done, or where only people can go on."""
    reports: list[ProcessReport] = []
    for step in range(len(world.schedule.steps)):
        world.begin(step)
        if unexpected := _take_step(world, reports):
            return reports, unexpected
        if reports[-1].error is not None:
            break
        world.time.sleep(SETTLE_HORIZON_SECONDS)
        world.sandbox.commit_due(is_everything=True)
    return reports, ()


def _take_step(world: LivedWorld, reports: list[ProcessReport]) -> tuple[str, ...]:
    """Start processes until the step is done, or stops again and again where nobody decides."""
    quiet, is_decided = 0, False
    for _process in range(PROCESSES_MAX):
        before = len(world.entries())
        report = run_in_process(world, world.run_process)
        reports.append(report)
        if report.error is None and not report.is_crashed:
            return ()
        world.words.append(str(report.error))
        is_waiting = report.is_crashed or isinstance(report.error, RateLimitedError)
        quiet = 0 if is_waiting or len(world.entries()) != before else quiet + 1
        if quiet == QUIET_MAX:
            decisions = [] if is_decided else world.decisions()
            if not decisions:
                return ()
            reports += [run_in_process(world, decision) for decision in decisions]
            quiet, is_decided = 0, True
        wait = report.error.wait_seconds if isinstance(report.error, RateLimitedError) else 0.0
        world.time.sleep(max(world.schedule.downtime_seconds, wait))
    return (f"not done after {PROCESSES_MAX} processes: {reports[-1].error!r}",)
