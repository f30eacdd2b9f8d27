"""Every single fault, one schedule for each: at every request and write of every verb.

Belongs here: which faults there are, where each may strike, pairs of them, acts of people at any
time, adding up what came of many. Does not: running one (`running`), what has to happen at
least so often (`rare_branches`).
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from jira_pipeline_tests.faults.rare_branches import branches_in
from jira_pipeline_tests.faults.running import Outcome, ScheduleRunner
from jira_pipeline_tests.faults.schedules import (
    SMALL_COUNT,
    VERBS_ALONE,
    Act,
    ClockJump,
    Dependencies,
    Event,
    InWorld,
    Meanwhile,
    ProcessEnd,
    RolledBack,
    Schedule,
    SecondExport,
    Standstill,
    Step,
    StoreFault,
    StoreTrouble,
    Verb,
)
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultRule, Moment

NIGHT_SECONDS = 8 * 3_600.0
DOWNTIME_SECONDS = 1.0
WAIT_SECONDS = 7.0
LATE_SECONDS = 200.0
OUTAGE_REQUESTS = 8
EDITED = 1
"""The ticket whose issue somebody edited before its update began; an undo begins with that."""
STEPS = (
    Step(verb=Verb.EXPORT),
    Step(verb=Verb.UPDATE, dependencies=Dependencies.OTHER),
    Step(verb=Verb.UNDO),
)
EDIT_FIRST = Meanwhile(what=Act.EDIT, step=1, ticket=EDITED)
WRITES = ("POST", "PUT", "DELETE")
READS_BY_POST = ("bulkfetch", "search/jql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What one verb sends and writes where nothing goes wrong."""

    verb: Verb
    requests: tuple[str, ...]
    """Method and path, in order."""
    requests_before_writes: tuple[int, ...]
    """How many of these there are before each write into the ledger."""

    def is_write(self, number: int) -> bool:
        """Tell whether a request, from 1, changes the site."""
        name = self.requests[number - 1]
        return name.startswith(WRITES) and not name.endswith(READS_BY_POST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One schedule, and what is tried with it."""

    what: str
    """The kind of fault."""
    where: str
    """The kind of request, or of write."""
    schedule: Schedule

    @property
    def name(self) -> str:
        return f"{self.what} at {self.where}"


Struck = Callable[[int], tuple[Event, ...]]


def _fault(kind: FaultKind, moment: Moment, **more: object) -> Struck:
    def events(number: int) -> tuple[Event, ...]:
        rule = FaultRule.model_validate(
            {"kind": kind, "moment": moment, "request_number": number, **more}
        )
        return (rule,)

    return events


def _outage(number: int) -> tuple[Event, ...]:
    return (FaultRule(kind=FaultKind.HTML, nth=number, times=OUTAGE_REQUESTS, status=503),)


AT_REQUESTS: Mapping[str, Struck] = {
    "lost before the commit": _fault(FaultKind.TIMEOUT, Moment.BEFORE),
    "lost after the commit": _fault(FaultKind.TIMEOUT, Moment.AFTER),
    "committed late": _fault(FaultKind.DELAYED_COMMIT, Moment.AFTER, seconds=LATE_SECONDS),
    "400": _fault(FaultKind.SERVER_ERROR, Moment.BEFORE, status=400),
    "401": _fault(FaultKind.UNAUTHORIZED, Moment.BEFORE),
    "403": _fault(FaultKind.FORBIDDEN, Moment.BEFORE),
    "404": _fault(FaultKind.NOT_FOUND, Moment.BEFORE),
    "429": _fault(FaultKind.RATE_LIMITED, Moment.BEFORE, seconds=WAIT_SECONDS),
    "connection refused": _fault(FaultKind.CONNECTION_REFUSED, Moment.BEFORE),
    "reset before the commit": _fault(FaultKind.RESET, Moment.BEFORE),
    "reset after the commit": _fault(FaultKind.RESET, Moment.AFTER),
    "503 before the commit": _fault(FaultKind.SERVER_ERROR, Moment.BEFORE, status=503),
    "500 after the commit": _fault(FaultKind.SERVER_ERROR, Moment.AFTER, status=500),
    "outage": _outage,
    "killed before": lambda n: (ProcessEnd(point="request", number=n, moment=Moment.BEFORE),),
    "killed after": lambda n: (ProcessEnd(point="request", number=n, moment=Moment.AFTER),),
    "clock set": lambda n: (ClockJump(point="request", number=n, seconds=NIGHT_SECONDS),),
}
"""What may happen at any request."""
LOST_FOR_GOOD = {"each of its kind lost": 1, "each second of its kind lost": 2}
"""From a write on: the second one strikes no question whether Jira works, which goes in between."""
IN_LIVES = frozenset(
    {
        *(Act.ADD_WANTED_LINK, Act.SPRINT_AS_US, Act.PARENT_AS_US, Act.LINK_AS_US, Act.RENAME),
        Act.ADD_CHILD,
    }
)
"""Acts that only mean something in a life, where nobody did so before."""
ACTS = tuple(act for act in Act if act not in {*IN_LIVES, Act.MAKE})
BEGINNING = "the beginning"
OF_LEDGER = "a write of the ledger"
LOST_THEN = {
    "lost, then edited": Act.EDIT,
    "lost, then edited by our account": Act.EDIT_AS_US,
    "lost, then commented on": Act.COMMENT,
    "lost, then our comment pasted": Act.PASTE_COMMENT,
    "lost, then deleted": Act.DELETE,
    "lost, then another parent": Act.SET_PARENT,
    "lost, then another sprint": Act.MOVE_SPRINT,
}
"""What may happen at a write: nobody knows whether it was done, and somebody does this."""
WORLDS = (
    *("rewritten", "dropped_properties", "plain_errors", "dated_waits", "proxy"),
    *("localised", "scoped_token", "lag300"),
)
SECOND, OVERWRITTEN, RESTORED = "a second process", "overwritten, lost", "a restored ledger"
TROUBLES = {f"a {trouble} store": trouble for trouble in (StoreTrouble.LOCKED, StoreTrouble.FULL)}
OF_UPDATES = frozenset(
    {f"in {world}" for world in WORLDS}
    | {SECOND, OVERWRITTEN, RESTORED, f"{Act.MOVE} first", *TROUBLES}
)
"""What an update alone meets here; an export meets it in seeded schedules."""


@dataclass
class Tally:
    """What came of many plans."""

    runs: Counter[Verb] = field(default_factory=Counter)
    stopped: Counter[Verb] = field(default_factory=Counter)
    """For a person."""
    branches: Counter[str] = field(default_factory=Counter)
    acts: int = 0
    told: Counter[str] = field(default_factory=Counter)
    """Acts that met a write of ours and were named to people, by act."""
    met: Counter[str] = field(default_factory=Counter)
    """Acts that met a write of ours, where nobody could know."""
    wrong: list[str] = field(default_factory=list)

    def add(self, plan: Plan, outcome: Outcome) -> bool:
        """Count one; return whether all is well with it."""
        verb, judgement = plan.schedule.verb, outcome.judgement
        self.runs[verb] += 1
        self.stopped[verb] += not outcome.is_done
        self.branches.update(branches_in(outcome.entries, outcome.kept_for))
        self.acts += judgement.acts
        self.told.update(judgement.told)
        self.met.update(judgement.met)
        if outcome.violations:
            texts = "".join(f"\n  -> {text}" for text in outcome.violations)
            self.wrong.append(f"{plan.name}: {plan.schedule}{texts}")
        return not outcome.violations


def run_plans(runner: ScheduleRunner, plans: Iterable[Plan], tally: Tally | None = None) -> Tally:
    tally = tally or Tally()
    for plan in plans:
        tally.add(plan, runner.run(plan.schedule))
    return tally


def ways(runner: ScheduleRunner) -> tuple[Way, ...]:
    """Run each verb once without a fault, and return what it sends."""
    found = []
    for verb in VERBS_ALONE:
        outcome = runner.run(_schedule(verb, ()))
        found.append(
            Way(
                verb=verb,
                requests=outcome.requests,
                requests_before_writes=outcome.requests_before_writes,
            )
        )
    return tuple(found)


def single_plans(way: Way) -> Iterator[Plan]:
    """Yield each fault at each request and write, what lasts, and each act before the first."""
    for number, where in enumerate(way.requests, start=1):
        for what, struck in AT_REQUESTS.items():
            yield _plan(way, what, where, struck(number))
        if way.is_write(number):
            for what, every in LOST_FOR_GOOD.items():
                yield _plan(way, what, where, _lost_for_good(way, number, every=every))
            for what, act in LOST_THEN.items():
                yield from _lost_then(way, number, what, act)
    yield from _at_writes(way)
    if way.verb is Verb.EXPORT:
        return
    is_update = way.verb is Verb.UPDATE
    if is_update:
        yield from _of_updates(way)
    for act in ACTS:
        for ticket in range(1, SMALL_COUNT + 1):
            first = _act(way, act, ticket)
            yield _plan(way, f"{act} first", BEGINNING, (first,))


def _at_writes(way: Way) -> Iterator[Plan]:
    for write, passed in enumerate(way.requests_before_writes, start=1):
        asleep = Standstill(write=write, seconds=NIGHT_SECONDS, is_alone=True)
        yield _plan(way, "standstill", OF_LEDGER, (asleep,))
        for ticket in range(1, SMALL_COUNT + 1):
            said = _act(way, Act.COMMENT, ticket, request=passed + 1)
            yield _plan(way, "comment in a standstill", OF_LEDGER, (asleep, said))
        for moment in Moment:
            end = ProcessEnd(point="write", number=write, moment=moment)
            yield _plan(way, f"killed {moment} a write", OF_LEDGER, (end,))


def _of_updates(way: Way) -> Iterator[Plan]:
    """Yield worlds, troubles of the store, a second process, lost entries, and what was consented to."""
    for world in WORLDS:
        yield _plan(way, f"in {world}", BEGINNING, (InWorld(name=world),))
    for number, where in enumerate(way.requests, start=1):
        yield _plan(way, SECOND, where, (SecondExport(request_number=number),))
        if way.is_write(number):
            for name in ("lost before the commit", "lost after the commit"):
                lost = AT_REQUESTS[name](number)
                yield _plan(way, OVERWRITTEN, where, lost, overwrites=frozenset({EDITED}))
    for write in range(1, len(way.requests_before_writes) + 1):
        end = ProcessEnd(point="write", number=write, moment=Moment.AFTER)
        for entries in (1, 2, 3):
            events = (end, RolledBack(restart=1, writes=entries))
            yield _plan(way, RESTORED, OF_LEDGER, events)
        for name, trouble in TROUBLES.items():
            yield _plan(way, name, OF_LEDGER, (StoreFault(write=write, trouble=trouble),))


def _lost_for_good(way: Way, number: int, *, every: int) -> tuple[Event, ...]:
    """Lose this request and every later one of its kind, or every so-manieth."""
    method, _, path = way.requests[number - 1].partition(" ")
    nth = sum(name == way.requests[number - 1] for name in way.requests[:number])
    pattern = path.replace("…", "[0-9]+") + "$"
    rule = FaultRule(
        kind=FaultKind.TIMEOUT, method=method, path=pattern, nth=nth, every=every, times=None
    )
    return (rule,)


def _lost_then(way: Way, number: int, what: str, act: Act) -> Iterator[Plan]:
    """Lose a write before it was done; then somebody does something with an issue."""
    lost = AT_REQUESTS["lost before the commit"](number)
    for ticket in range(1, SMALL_COUNT + 1):
        person = _act(way, act, ticket, request=number + 1)
        yield _plan(way, what, way.requests[number - 1], (*lost, person))


def spread_plans(way: Way) -> Iterator[Plan]:
    """Yield a fixed part of these; all verbs together have each kind of fault and of request.

    Kinds of requests take kinds of faults in turn, and so do the verbs.
    """
    plans = list(single_plans(way))
    every = list(dict.fromkeys(plan.what for plan in plans))
    of_updates = [what for what in every if what in OF_UPDATES]
    of_several = [what for what in every if what not in OF_UPDATES]
    whats = of_several[VERBS_ALONE.index(way.verb) % 2 :: 2] + of_updates
    wheres = list(dict.fromkeys(plan.where for plan in plans))
    at: dict[tuple[str, str], list[Plan]] = {}
    for plan in plans:
        at.setdefault((plan.what, plan.where), []).append(plan)
    todo = set(wheres)
    for turn, what in enumerate(whats):
        wanted = wheres[turn * 7 % len(wheres)]
        here = at.get((what, wanted)) or next(at[w, e] for w, e in at if w == what)
        todo.discard(here[0].where)
        yield here[turn % len(here)]
    for where in sorted(todo):
        here = next(found for (_, e), found in at.items() if e == where)
        yield here[len(here) // 2]


def pair_plans(way: Way, *, count: int, first_seed: int = 0) -> Iterator[Plan]:
    """Draw two of the faults at two requests, so many times."""
    for seed in range(first_seed, first_seed + count):
        dice = random.Random(f"{way.verb} {seed}")  # noqa: S311 - a schedule, not a secret
        chosen = [dice.choice(tuple(AT_REQUESTS)) for _ in range(2)]
        numbers = sorted(dice.randint(1, len(way.requests)) for _ in range(2))
        events = [e for w, n in zip(chosen, numbers, strict=True) for e in AT_REQUESTS[w](n)]
        where = " and ".join(way.requests[number - 1] for number in numbers)
        yield _plan(way, " and ".join(chosen), where, tuple(events), seed=seed)


def act_plan(way: Way, seed: int) -> Plan:
    """Draw one act of people at any request, half of the time with a kill or a lost answer."""
    dice = random.Random(f"{way.verb} act {seed}")  # noqa: S311 - a schedule, not a secret
    number = dice.randint(1, len(way.requests))
    act = dice.choice(ACTS)
    person = _act(way, act, dice.randint(1, SMALL_COUNT), request=number)
    events: list[Event] = [person]
    what = dice.choice((None, None, "killed before", "killed after", "lost after the commit"))
    if what is not None:
        near = max(1, number - dice.choice((0, 0, 1, 2)))
        events += AT_REQUESTS[what](near)
    where = way.requests[number - 1]
    return _plan(way, f"{act}, {what or 'no fault'}", where, tuple(events), seed=seed)


def _plan(
    way: Way,
    what: str,
    where: str,
    events: Sequence[Event],
    *,
    seed: int = 0,
    overwrites: frozenset[int] = frozenset(),
) -> Plan:
    schedule = _schedule(way.verb, events, seed=seed)
    return Plan(what=what, where=where, schedule=replace(schedule, overwrites=overwrites))


def _act(way: Way, what: Act, ticket: int, *, request: int = 0) -> Meanwhile:
    """Have somebody do something in what the verb does, by default before it."""
    return Meanwhile(what=what, step=VERBS_ALONE.index(way.verb), ticket=ticket, request=request)


def _schedule(verb: Verb, events: Sequence[Event], *, seed: int = 0) -> Schedule:
    """Return a schedule of what a verb does after the ones before it."""
    before = VERBS_ALONE.index(verb)
    first = (EDIT_FIRST,) if before else ()
    return Schedule(
        seed=seed,
        steps=STEPS[: before + 1],
        begins_at=before,
        ticket_count=SMALL_COUNT,
        downtime_seconds=DOWNTIME_SECONDS,
        events=(*first, *events),
        is_calm_at_end=True,
    )
