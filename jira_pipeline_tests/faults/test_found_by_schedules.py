"""What was wrong in an exporter once, or would be, each as the smallest schedule that shows it.

The seeds that found some are not kept: a new site world gives every seed another schedule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from jira_pipeline_tests.faults.drawing import CREATION, FETCH, FILE, LINK, SEARCH
from jira_pipeline_tests.faults.running import ScheduleRunner
from jira_pipeline_tests.faults.schedules import (
    SMALL_COUNT,
    Act,
    AtHome,
    Deleted,
    Event,
    HomeAct,
    InWorld,
    LifeWorld,
    Meanwhile,
    OtherSite,
    ProcessEnd,
    RolledBack,
    Schedule,
    Standstill,
    Step,
    StoreFault,
    StoreTrouble,
    Verb,
)
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultRule, Moment
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import LAGGING_PARENT, POST_FUNCTION
from jira_pipeline_tests.long_form import IS_LONG, POINT_STEP

WRITES_OF_A_RUN = range(1, 37)
"""The longest of these runs writes so often."""
BEFORE, AFTER = Moment.BEFORE, Moment.AFTER
BULK = "/issue/bulk$"


@dataclass(frozen=True, slots=True)
class Found:
    """A schedule in which nothing may be wrong, and how it ends."""

    events: tuple[Event, ...]
    is_done: bool | None = None
    """False: a person decides. None: either."""
    tickets: int = 6
    batch_size: int = 1
    downtime_seconds: float = 1.0
    processes: int | None = None

    @property
    def schedule(self) -> Schedule:
        return Schedule(
            seed=0,
            ticket_count=self.tickets,
            batch_size=self.batch_size,
            downtime_seconds=self.downtime_seconds,
            events=self.events,
        )


def world(*names: str) -> tuple[Event, ...]:
    """The site behaves as these worlds do."""
    return tuple(InWorld(name=name) for name in names)


def crash(moment: Moment, write: int) -> ProcessEnd:
    return ProcessEnd(point="write", number=write, moment=moment)


def crash_at_creation(moment: Moment, number: int) -> ProcessEnd:
    return ProcessEnd(point="creation", number=number, moment=moment)


def rolled_back(writes: int) -> RolledBack:
    return RolledBack(restart=1, writes=writes)


def strike(
    kind: FaultKind,
    path: str,
    nth: int,
    *,
    method: str = "POST",
    seconds: float = 60.0,
    status: int | None = None,
    moment: Moment = BEFORE,
) -> FaultRule:
    return FaultRule(
        kind=kind,
        moment=moment,
        method=method,
        path=path,
        nth=nth,
        seconds=seconds,
        status=status,
    )


def lost(path: str, nth: int) -> FaultRule:
    return strike(FaultKind.RESET, path, nth)


def lasting(kind: FaultKind, path: str, *, nth: int = 1, times: int | None = None) -> FaultRule:
    return FaultRule(kind=kind, moment=AFTER, method="POST", path=path, nth=nth, times=times)


FOUND: Mapping[str, Found] = {
    "a double is listed though the process ended before it looked": Found(
        (*world("gateway_replay"), crash(AFTER, 12))
    ),
    "a site that does not say its id is told from another by its own address": Found(
        (
            FaultRule(kind=FaultKind.NOT_FOUND, request_number=2),  # who it is, of either site
            OtherSite(is_copy=False),
        )
    ),
    "a double without marker is listed by its title": Found(
        world("gateway_replay", "dropped_properties")
    ),
    "what a lost ledger forgot is not sent where markers are dropped": Found(
        (*world("dropped_properties"), crash(BEFORE, 12), rolled_back(5)), is_done=False
    ),
    **{
        f"a double that comes after the last look is named by the next comparison: {name}": Found(
            (*world(name), lost(FILE, 2), strike(FaultKind.LATE_REPLAY, CREATION, 6, moment=AFTER)),
            is_done=True,
        )
        for name in ("dropped_properties", "label_off_screen")
    },
    **{
        f"what a lost ledger forgot is named without marker and label: {creation}": Found(
            (
                *world("label_off_screen", "dropped_properties"),
                crash_at_creation(BEFORE, creation),
                rolled_back(4),
            ),
            is_done=is_done,
        )
        for creation, is_done in ((4, False), (2, True))
    },
    **{
        f"a restored ledger waits for what Jira is still working on: {writes}": Found(
            (*world("late_commits"), crash(BEFORE, 7), rolled_back(writes))
        )
        for writes in range(2, 6)
    },
    "where all is gone, two that were found nowhere do not wait for each other": Found(
        (
            *world("dated_waits"),
            strike(FaultKind.HTML, CREATION, 2, status=404),
            crash_at_creation(BEFORE, 5),
            Deleted(request_number=111, is_all=True),
        ),
        is_done=False,
        tickets=8,
        batch_size=50,
        downtime_seconds=250.0,
    ),
    "what Jira still worked on at the restoring is named by the next look": Found(
        (
            strike(FaultKind.DELAYED_COMMIT, CREATION, 2, seconds=5.0),
            crash_at_creation(AFTER, 2),
            rolled_back(1),
        ),
        tickets=10,
    ),
    "a double is named though a person has to decide about another ticket": Found(
        (
            *world("dropped_properties"),
            strike(FaultKind.DELAYED_COMMIT, CREATION, 3),
            crash(AFTER, 9),
            rolled_back(5),
        ),
        is_done=False,
        tickets=10,
    ),
    **{
        f"a site that once does not give its id stays the same site: {nth}": Found(
            (strike(FaultKind.NOT_FOUND, "/tenant_info$", nth, method="GET"), crash(AFTER, 20)),
            is_done=True,
        )
        for nth in range(1, 4)
    },
    "what Jira could not read just now is read once more": Found(
        (strike(FaultKind.ISSUE_ERRORS, FETCH, 1),), tickets=8, processes=1
    ),
    "files are read once more where Jira could not read them just now": Found(
        (*world("issue_errors"), strike(FaultKind.ISSUE_ERRORS, SEARCH, 3)),
        batch_size=3,
        processes=1,
    ),
    "a parent that cannot be read back is left to a person": Found(
        world("ignored_parent", "security_level"), tickets=8
    ),
    **{
        f"a single request that is replayed doubles nothing unnamed: {path}": Found(
            (strike(FaultKind.REPLAYED, path, 1),), is_done=True
        )
        for path in (CREATION, FILE, LINK)
    },
    # Both issues are named to a person: no second link is left when one of them is deleted.
    "a link to a double that was reported goes with it": Found(
        (
            *world("late_commits"),
            strike(FaultKind.REPLAYED, CREATION, 7, moment=AFTER),
            crash(BEFORE, 3),
            StoreFault(write=63, trouble=StoreTrouble.LOCKED),
            Standstill(write=11),
        ),
        is_done=True,
        tickets=8,
    ),
    "an issue without marker that only the last look reaches stops the resend": Found(
        (
            *world("hidden_random"),
            strike(FaultKind.DROPPED_PROPERTIES, CREATION, 4),
            crash_at_creation(BEFORE, 2),
        ),
        is_done=False,
        tickets=8,
        batch_size=3,
    ),
    **{
        f"a no of a gateway after the commit is no reason to send again: {kind}": Found(
            (strike(kind, CREATION, 2, moment=AFTER),), is_done=True
        )
        for kind in (FaultKind.UNAUTHORIZED, FaultKind.FORBIDDEN)
    },
    "a site that drops markers gets no second issue": Found(
        (*world("dropped_properties"), strike(FaultKind.TIMEOUT, CREATION, 3, moment=AFTER)),
        is_done=False,
    ),
    **{
        f"a run of hidden issues longer than any look doubles nothing: {name}": Found(
            world(name), is_done=True, tickets=12
        )
        for name in ("hidden_400", "hidden_2000")
    },
    **{
        f"nothing is put on an issue that an answer named by mistake: {moment} {creation}": Found(
            (strike(FaultKind.MISNAMED, CREATION, creation, moment=moment),), is_done=True
        )
        for moment in Moment
        for creation in (1, 4)
    },
    **{
        f"a ledger that lost most of its entries creates nothing twice: {write}": Found(
            (*world("lag300"), crash(AFTER, write), rolled_back(lost_writes), *more), is_done=True
        )
        for write, lost_writes, more in (
            (12, 10, ()),
            (30, 25, ()),
            (20, 17, (lasting(FaultKind.ISSUE_ERRORS, FETCH, nth=2, times=6),)),
        )
    },
    "what could not be read is never absent": Found(
        (
            *world("lag300"),
            strike(FaultKind.TIMEOUT, CREATION, 3, moment=AFTER),
            lasting(FaultKind.ISSUE_ERRORS, FETCH, times=12),
        )
    ),
    **{
        f"what never gets an answer is left to a person: {path}": Found(
            (lasting(FaultKind.TIMEOUT, path),), is_done=True
        )
        for path in (FILE, "/sprint/")
    },
    **{
        f"the first issue is not sent again where it may be hidden: {moment}": Found(
            (*world("security_level"), strike(FaultKind.TIMEOUT, CREATION, 1, moment=moment)),
            is_done=False,
        )
        for moment in Moment
    },
    "a key that is too high moves nothing": Found(
        (
            strike(FaultKind.MISNUMBERED, CREATION, 2, moment=AFTER),
            strike(FaultKind.TIMEOUT, CREATION, 3, moment=AFTER),
        ),
        is_done=True,
    ),
    **{
        f"a bulk without an answer doubles and loses nothing: {kind} {moment}": Found(
            (*world("lag300"), strike(kind, BULK, 1, moment=moment)), is_done=True, batch_size=5
        )
        for kind, moment in (
            *((FaultKind.RESET, moment) for moment in Moment),
            *((FaultKind.HTML, BEFORE), (FaultKind.TRUNCATED, AFTER)),
        )
    },
    "a wait before a creation is obeyed also where Jira is asked for nothing first": Found(
        (*world("dated_waits"), crash_at_creation(AFTER, 6)), tickets=10, downtime_seconds=250.0
    ),
    "what a gateway's 429 let through is looked up before it is sent again": Found(
        world("late_429"), is_done=True
    ),
    **{
        f"what a gateway limited is looked for beyond a run of hidden issues: {batch_size}": Found(
            (*world("hidden_2000"), *world("late_429")), tickets=10, batch_size=batch_size
        )
        for batch_size in (1, 3)
    },
    "what a lost ledger forgot below an issue that is found is not sent again": Found(
        (
            strike(FaultKind.DROPPED_PROPERTIES, CREATION, 1),
            *world("hidden_2000"),
            crash(BEFORE, 4),
            rolled_back(4),
        ),
        is_done=False,
        tickets=8,
    ),
    "a double whose first issue alone lost its marker is named": Found(
        (
            strike(FaultKind.DROPPED_PROPERTIES, CREATION, 1),
            *world("hidden_2000", "lost_auth_reads"),
            crash(BEFORE, 4),
            rolled_back(4),
        ),
        is_done=True,
        tickets=8,
    ),
    "who worked with which of many doubles is read within the bound": Found(
        (
            *world("late_replay"),
            strike(FaultKind.DELAYED_COMMIT, CREATION, 1, seconds=200.0, moment=AFTER),
            crash(BEFORE, 27),
            rolled_back(5),
        ),
        is_done=True,
        tickets=10,
        batch_size=3,
    ),
}


@pytest.mark.parametrize("found", FOUND.values(), ids=FOUND)
def test_nothing_is_wrong_any_more(runner: ScheduleRunner, found: Found) -> None:
    outcome = runner.run(found.schedule)

    assert outcome.violations == ()
    assert found.is_done in (None, outcome.is_done)
    assert found.processes in (None, outcome.process_count)


@pytest.mark.parametrize(
    ("faults", "about", "batch_size"),
    [
        ((lost(CREATION, 2), lost(CREATION, 3)), range(1, 10), 1),
        ((lost(FILE, 1), lost(FILE, 3)), range(14, 24), 1),
        ((), range(4, 16), 5),
    ],
    ids=["an issue", "a file that is given up", "in bulk"],
)
def test_a_crash_at_any_write_hides_no_doubt(
    runner: ScheduleRunner, faults: tuple[Event, ...], about: range, batch_size: int
) -> None:
    """The ledger gave up before the person was told; a crash in between hid the doubt."""
    crashes = {
        n: Found((*faults, crash(AFTER, n)), batch_size=batch_size).schedule for n in writes(about)
    }

    assert runner.wrong_after(crashes) == {}


def writes(about: range) -> list[int]:
    """Return the writes that a test is about and one in `POINT_STEP`; in the long form all."""
    return [n for n in WRITES_OF_A_RUN if IS_LONG or n in about or n % POINT_STEP == 0]


def life(kind: LifeWorld, verbs: Sequence[Verb], *events: Event) -> Schedule:
    return Schedule(
        seed=0,
        life=kind,
        steps=tuple(Step(verb=verb) for verb in verbs),
        ticket_count=SMALL_COUNT,
        downtime_seconds=1.0,
        events=events,
    )


def at_home(*acts: tuple[HomeAct, int]) -> Schedule:
    """Return a life of acts, each with the number of a ticket; of the first one night passes."""
    events = [AtHome(what=what, ticket=ticket) for what, ticket in acts]
    return life(LifeWorld.WORDS_AT_HOME, [Verb.EXPORT], *events)


GONE_AND_BACK = (
    (HomeAct.UPDATE, 1),
    (HomeAct.FINISH, 1),
    (HomeAct.RETENTION, 2),
    (HomeAct.UPLOAD_AGAIN, 1),
    (HomeAct.UPDATE, 1),
)
"""A session is removed after many nights, and returns with the same sheets."""
LIVES: Mapping[str, Schedule] = {
    "an update keeps what the site added when it created the issue": life(
        LifeWorld.TEXT_OF_THE_SITE, [Verb.EXPORT, Verb.UPDATE], *world(POST_FUNCTION)
    ),
    "an epic stays above a child that no search shows yet": life(
        LifeWorld.NEW_CHILD,
        [Verb.EXPORT, Verb.UNDO],
        *world(LAGGING_PARENT),
        Meanwhile(what=Act.ADD_CHILD, step=1),
    ),
    "what a client answered outlives the nights": at_home(
        (HomeAct.CLIENT_ANSWERS, 2), (HomeAct.FINISH, 1), (HomeAct.RETENTION, 2)
    ),
    "what people said of a ticket returns with its session": at_home(
        (HomeAct.ANSWER, 1),
        (HomeAct.NOTE, 2),
        (HomeAct.RETITLE, 2),
        (HomeAct.COMMENT, 1),
        *GONE_AND_BACK,
    ),
    "a ticket that people skipped is skipped when its session returns": at_home(*GONE_AND_BACK),
    "older sheets in the inbox replace no newer ones": at_home(
        (HomeAct.UPLOAD_CHANGED, 2), (HomeAct.DAGSTER_DELETED, 1)
    ),
}


@pytest.mark.parametrize("schedule", LIVES.values(), ids=LIVES)
def test_no_word_of_people_is_lost_any_more(runner: ScheduleRunner, schedule: Schedule) -> None:
    assert runner.run(schedule).violations == ()
