"""What goes wrong while issues are updated, drawn from a seed.

Belongs here: the events of such a schedule and how a seed gives them. Does not: letting them happen
and judging (`update_running`), schedules of creations (`schedules`).
"""

import random
from dataclasses import dataclass

from typing_extensions import override

from jira_pipeline_tests.faults.schedules import (
    LOST,
    OF_WRITES,
    InWorld,
    ProcessEnd,
    RequestFault,
    RolledBack,
    Schedule,
    SecondExport,
    Standstill,
    StoreFault,
    StoreTrouble,
)
from jira_pipeline_tests.jira_sandbox_faults.faults import FaultKind, FaultRule, Moment

UPDATE_TICKETS = 6
REQUESTS_MAX = 120
"""An update without a fault sends about 70, an undo of it 40, of which 5 for each issue."""
WRITES_MAX = 40
STORE_WRITES_MAX = 40
WORLDS = (
    *(None, None, "rewritten", "dropped_properties", "plain_errors", "dated_waits", "proxy"),
    *("localised", "scoped_token", "lag300"),
)
EDITS = ("edit", "edit_as_us", "before_us", "after_us")
LATE = ((FaultKind.DELAYED_COMMIT, Moment.AFTER),) * 6
"""The hardest: till it is done there is nothing to be found, and then it overwrites."""
TEXT = r"/issue/\d+$"
HISTORY = r"/changelog$"
COMMENT = r"/comment$"
LINK = r"/issueLink/\d+$"
TARGETS = (
    ("PUT", TEXT, 4, (*LOST, *OF_WRITES)),
    ("PUT", TEXT, 4, (*LOST, *OF_WRITES, *LATE)),
    ("POST", COMMENT, 5, (*LOST, *LATE)),
    ("GET", TEXT, 8, LOST),
    ("GET", HISTORY, 8, LOST),
    ("GET", COMMENT, 4, LOST),
    ("DELETE", LINK, 2, (*LOST, *OF_WRITES)),
)
"""Method, path, how many such requests there are at most, what may happen to one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByPerson:
    """Somebody does something with an issue, just before a request of ours."""

    request_number: int
    """Counted over all processes; 0: before the first begins."""
    ticket: int
    what: str
    """`edit`, by our own account `edit_as_us`, `move`, `delete`; or an edit right `before_us` or, as
    of an automation, `after_us`, when we write to the issue next."""

    @override
    def __str__(self) -> str:
        return f"{self.what} ticket {self.ticket} before request {self.request_number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSchedule:
    """Everything that is decided before the update begins."""

    schedule: Schedule
    people: tuple[ByPerson, ...]
    overwrites: frozenset[int] = frozenset()
    """Numbers of tickets whose issues are updated though somebody edited them."""
    leaves: frozenset[int] = frozenset()
    """Numbers of tickets whose issues are passed over."""

    @override
    def __str__(self) -> str:
        chosen = (("overwrite", self.overwrites), ("leave", self.leaves))
        events = (
            *self.schedule.events,
            *self.people,
            *(f"{what} {sorted(numbers)}" for what, numbers in chosen if numbers),
        )
        return "\n".join([f"seed {self.schedule.seed}:", *(f"  {event}" for event in events)])


def draw_update_schedule(seed: int) -> UpdateSchedule:
    """Draw the schedule of a seed."""
    dice = random.Random(seed)  # noqa: S311 - a schedule, not a secret
    world = WORLDS[seed % len(WORLDS)]
    faults = tuple(_draw_fault(dice) for _ in range(dice.choice((0, 1, 1, 2, 3))))
    ends = tuple(_draw_end(dice) for _ in range(dice.choice((0, 1, 1, 2))))
    people = tuple(_draw_person(dice) for _ in range(dice.choice((0, 1, 2, 3))))
    rare = _draw_rare(dice)
    overwrites = frozenset({dice.randint(1, UPDATE_TICKETS)} if dice.random() < 0.3 else ())
    leaves = frozenset({dice.randint(1, UPDATE_TICKETS)} if dice.random() < 0.2 else ())
    return UpdateSchedule(
        schedule=Schedule(
            seed=seed,
            ticket_count=UPDATE_TICKETS,
            batch_size=1,
            downtime_seconds=dice.choice((1.0, 30.0, 250.0, 1_000.0)),
            events=(
                *([InWorld(name=world)] if world is not None else []),
                *faults,
                *ends,
                *rare,
            ),
        ),
        people=tuple(sorted(people, key=lambda person: person.request_number)),
        overwrites=overwrites - leaves,
        leaves=leaves,
    )


def _draw_fault(dice: random.Random) -> RequestFault:
    method, path, count, kinds = dice.choice(TARGETS)
    kind, moment = dice.choice(kinds)
    seconds = {
        FaultKind.RATE_LIMITED: dice.choice((1.0, 7.0, 20.0, 3_000.0)),
        FaultKind.DELAYED_COMMIT: dice.choice((5.0, 60.0, 200.0, 500.0)),
    }.get(kind, 60.0)
    status = {
        FaultKind.SERVER_ERROR: dice.choice((500, 502, 503, 504)),
        FaultKind.HTML: dice.choice((200, 201, 404, 408, 409, 502)),
    }.get(kind)
    return RequestFault(
        rule=FaultRule(
            kind=kind,
            moment=moment,
            seconds=seconds,
            status=status,
            method=method,
            path=path,
            nth=dice.randint(1, count),
        )
    )


def _draw_end(dice: random.Random) -> ProcessEnd:
    point, count = dice.choice((("write", WRITES_MAX), ("request", REQUESTS_MAX)))
    return ProcessEnd(point=point, number=dice.randint(1, count), moment=dice.choice(tuple(Moment)))


def _draw_person(dice: random.Random) -> ByPerson:
    return ByPerson(
        request_number=dice.choice((0, dice.randint(1, REQUESTS_MAX))),
        ticket=dice.randint(1, UPDATE_TICKETS),
        what=dice.choice((*EDITS, "edit", "move", "delete")),
    )


def _draw_rare(
    dice: random.Random,
) -> tuple[RolledBack | StoreFault | SecondExport | Standstill, ...]:
    events: list[RolledBack | StoreFault | SecondExport | Standstill] = []
    if dice.random() < 0.1:
        events.append(RolledBack(restart=1, writes=dice.randint(1, 3)))
    if dice.random() < 0.15:
        trouble = dice.choice((StoreTrouble.LOCKED, StoreTrouble.FULL))
        events.append(StoreFault(write=dice.randint(1, STORE_WRITES_MAX), trouble=trouble))
    if dice.random() < 0.1:
        events.append(SecondExport(request_number=dice.randint(1, REQUESTS_MAX)))
    if dice.random() < 0.1:
        events.append(Standstill(write=dice.randint(1, WRITES_MAX)))
    return tuple(events)
