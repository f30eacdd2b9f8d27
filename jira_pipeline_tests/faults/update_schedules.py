"""What goes wrong while issues are updated, drawn from a seed.

Belongs here: the events of such a schedule and how a seed gives them. Does not: letting them happen
and judging (`verb_running`, `site_judging`), schedules of creations (`schedules`).
"""

import random

from jira_pipeline_tests.faults.schedules import (
    LOST,
    OF_WRITES,
    Act,
    ByPerson,
    InWorld,
    ProcessEnd,
    RolledBack,
    Schedule,
    SecondExport,
    Standstill,
    StoreFault,
    StoreTrouble,
    Targets,
    Verb,
    draw_fault,
)
from jira_pipeline_tests.jira_sandbox_faults.faults import FaultKind, Moment

UPDATE_TICKETS = 6
REQUESTS_MAX = 120
"""An update without a fault sends about 70, an undo of it 40, of which 5 for each issue."""
WRITES_MAX = 40
STORE_WRITES_MAX = 40
WORLDS = (
    *(None, None, "rewritten", "dropped_properties", "plain_errors", "dated_waits", "proxy"),
    *("localised", "scoped_token", "lag300"),
)
EDITS = (Act.EDIT, Act.EDIT_AS_US, Act.BEFORE_US, Act.AFTER_US)
LATE = ((FaultKind.DELAYED_COMMIT, Moment.AFTER),) * 6
"""The hardest: till it is done there is nothing to be found, and then it overwrites."""
TEXT = r"/issue/\d+$"
HISTORY = r"/changelog$"
COMMENT = r"/comment$"
LINK = r"/issueLink/\d+$"
TARGETS: Targets = (
    ("PUT", TEXT, 4, (*LOST, *OF_WRITES)),
    ("PUT", TEXT, 4, (*LOST, *OF_WRITES, *LATE)),
    ("POST", COMMENT, 5, (*LOST, *LATE)),
    ("GET", TEXT, 8, LOST),
    ("GET", HISTORY, 8, LOST),
    ("GET", COMMENT, 4, LOST),
    ("DELETE", LINK, 2, (*LOST, *OF_WRITES)),
)


def draw_update_schedule(seed: int) -> Schedule:
    """Draw the schedule of a seed."""
    dice = random.Random(seed)  # noqa: S311 - a schedule, not a secret
    world = WORLDS[seed % len(WORLDS)]
    faults = tuple(draw_fault(dice, TARGETS) for _ in range(dice.choice((0, 1, 1, 2, 3))))
    ends = tuple(_draw_end(dice) for _ in range(dice.choice((0, 1, 1, 2))))
    people = tuple(_draw_person(dice) for _ in range(dice.choice((0, 1, 2, 3))))
    rare = _draw_rare(dice)
    overwrites = frozenset({dice.randint(1, UPDATE_TICKETS)} if dice.random() < 0.3 else ())
    leaves = frozenset({dice.randint(1, UPDATE_TICKETS)} if dice.random() < 0.2 else ())
    return Schedule(
        seed=seed,
        verb=Verb.UPDATE,
        ticket_count=UPDATE_TICKETS,
        downtime_seconds=dice.choice((1.0, 30.0, 250.0, 1_000.0)),
        events=(
            *([InWorld(name=world)] if world is not None else []),
            *faults,
            *ends,
            *rare,
            *people,
        ),
        overwrites=overwrites - leaves,
        leaves=leaves,
    )


def _draw_end(dice: random.Random) -> ProcessEnd:
    point, count = dice.choice((("write", WRITES_MAX), ("request", REQUESTS_MAX)))
    return ProcessEnd(point=point, number=dice.randint(1, count), moment=dice.choice(tuple(Moment)))


def _draw_person(dice: random.Random) -> ByPerson:
    return ByPerson(
        request_number=dice.choice((0, dice.randint(1, REQUESTS_MAX))),
        ticket=dice.randint(1, UPDATE_TICKETS),
        what=dice.choice((*EDITS, Act.EDIT, Act.MOVE, Act.DELETE)),
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
