"""What goes wrong in one schedule, drawn from a seed.

Belongs here: the events a schedule is made of and how a seed gives them. Does not: letting them
happen (`fault_world`), judging what came of it (`judging`).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from typing_extensions import override

from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultRule, Moment
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import WORLD_NAMES

ALL_DELETED, SOME_DELETED = "all_deleted", "some_deleted"
PEOPLE_WORLDS = (ALL_DELETED, SOME_DELETED)
"""Worlds in which people delete issues in Jira, and decide about them afterwards."""
SECOND_SITE, COPIED_SITE = "second_site", "copied_site"
SITE_WORLDS = (SECOND_SITE, COPIED_SITE)
"""Worlds in which the settings name another site after the first process has ended."""
WORLDS = (*WORLD_NAMES, *PEOPLE_WORLDS, *SITE_WORLDS)
TICKET_COUNTS = (6, 8, 10)
SMALL_COUNT = 3
"""Of the session in which every single fault is tried."""
BATCH_SIZES = (1, 1, 50, 3)
REQUESTS_MAX = 90
"""A run without a fault sends about 50 to 80 requests, by its number of tickets."""
WRITES_MAX = 60
"""And writes about as many entries into the ledger."""
CREATIONS_MAX = 10
STORE_WRITES_MAX = 130
LATE_CREATIONS = (2, 5, 8)
"""Of the world `late_commits`."""
CLOCK_JUMPS_SECONDS = (-86_400.0, -700.0, 700.0, 86_400.0)
STANDSTILL_SECONDS = 60.0
JUMPS_MAX = 50
"""Beyond lie files and links, for which no clock matters."""

CREATION = r"/rest/api/3/issue(/bulk)?$"
FILE = r"/attachments$"
LINK = r"/issueLink$"
FETCH = r"/issue/bulkfetch$"
SEARCH = r"/search/jql$"

LOST: tuple[tuple[FaultKind, Moment], ...] = (
    (FaultKind.CONNECTION_REFUSED, Moment.BEFORE),
    (FaultKind.CONNECT_TIMEOUT, Moment.BEFORE),
    (FaultKind.PROXY_REFUSED, Moment.BEFORE),
    *((kind, moment) for kind in (FaultKind.RESET, FaultKind.TIMEOUT) for moment in Moment),
    (FaultKind.DISCONNECT, Moment.AFTER),
    (FaultKind.SERVER_ERROR, Moment.BEFORE),
    (FaultKind.SERVER_ERROR, Moment.AFTER),
    (FaultKind.HTML, Moment.BEFORE),
    (FaultKind.HTML, Moment.AFTER),
    (FaultKind.REDIRECT, Moment.AFTER),
    (FaultKind.TRUNCATED, Moment.AFTER),
    (FaultKind.RATE_LIMITED, Moment.BEFORE),
    (FaultKind.UNAUTHORIZED, Moment.BEFORE),
    (FaultKind.FORBIDDEN, Moment.BEFORE),
    (FaultKind.NOT_FOUND, Moment.BEFORE),
)
"""What may happen to any request."""
OF_CREATIONS = (
    *((FaultKind.DELAYED_COMMIT, Moment.AFTER),) * 5,
    (FaultKind.DROPPED_PROPERTIES, Moment.BEFORE),
    (FaultKind.REPLAYED, Moment.AFTER),
    (FaultKind.LATE_REPLAY, Moment.AFTER),
    (FaultKind.MISNUMBERED, Moment.AFTER),
    *((FaultKind.MISNAMED, moment) for moment in Moment),
)
"""A late commit is the hardest: there is nothing to be found until it is there."""
OF_WRITES = ((FaultKind.DELAYED_COMMIT, Moment.AFTER), (FaultKind.REPLAYED, Moment.AFTER))
OF_READS = (
    (FaultKind.ISSUE_ERRORS, Moment.AFTER),
    (FaultKind.SHUFFLED, Moment.AFTER),
    (FaultKind.ANONYMOUS, Moment.BEFORE),
    (FaultKind.DROPPED_PROPERTIES, Moment.AFTER),
)
Targets = Sequence[tuple[str, str | None, int, Sequence[tuple[FaultKind, Moment]]]]
"""Method, path, how many such requests there are at most, what may happen to one."""
TARGETS: Targets = (
    ("POST", CREATION, 12, (*LOST, *OF_CREATIONS)),
    ("POST", CREATION, 4, (*LOST, *OF_CREATIONS)),
    ("POST", FILE, 3, (*LOST, *OF_WRITES)),
    ("POST", LINK, 9, (*LOST, *OF_WRITES)),
    ("POST", FETCH, 6, (*LOST, *OF_READS)),
    ("POST", SEARCH, 6, (*LOST, *OF_READS)),
    ("", None, REQUESTS_MAX, LOST),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFault:
    """Something goes wrong with one request."""

    rule: FaultRule

    @override
    def __str__(self) -> str:
        rule = self.rule
        which = (
            f"request {rule.request_number}"
            if rule.request_number
            else f"{rule.method} {rule.path} number {rule.nth}"
        )
        status = f" {rule.status}" if rule.status else ""
        return f"{which}: {rule.name}{status} ({rule.seconds:g} s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessEnd:
    """The process ends at a point and loses all its memory."""

    point: str
    """`write` into the ledger, `request`, or a request that is a `creation`."""
    number: int
    """Counted over the whole schedule, from 1."""
    moment: Moment

    @override
    def __str__(self) -> str:
        return f"crash {self.moment} {self.point} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """A backup of the ledger is restored before a restart."""

    restart: int
    writes: int
    """How many of its last entries are gone."""

    @override
    def __str__(self) -> str:
        return f"before restart {self.restart} the ledger loses its last {self.writes} writes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockJump:
    """The clock on the client's wall is set, at one of its requests."""

    point: str
    """A `request`, or one that is a `creation`."""
    number: int
    """Counted over the whole schedule, from 1."""
    seconds: float

    @override
    def __str__(self) -> str:
        return f"the client's clock jumps {self.seconds:g} s at {self.point} {self.number}"


class StoreTrouble(StrEnum):
    """What is wrong with the store at a write."""

    LOCKED = "locked"
    """Another process keeps it longer than is waited: the write fails."""
    SLOW = "slow"
    """Another process keeps it nearly as long as is waited: the write is late."""
    FULL = "full"
    """Its disk is full: the write fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFault:
    """The store is in trouble at one write or several in a row."""

    write: int
    """Of entries, fixes, progress and all else; counted over the whole schedule, from 1."""
    trouble: StoreTrouble
    times: int = 1

    @override
    def __str__(self) -> str:
        last = f" to {self.write + self.times - 1}" if self.times > 1 else ""
        return f"store {self.trouble} at write {self.write}{last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondExport:
    """Another export of the session begins while one is at work, and runs to its end."""

    request_number: int
    """Of the one at work; counted over the whole schedule, from 1."""

    @override
    def __str__(self) -> str:
        return f"a second export at request {self.request_number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """The process falls silent, its lease is taken away, another export runs; then it wakes."""

    write: int
    """Into the ledger, after which it does; counted over the whole schedule, from 1."""
    seconds: float = STANDSTILL_SECONDS
    is_alone: bool = False
    """The machine sleeps: nobody takes the lease, and no other export runs."""

    @override
    def __str__(self) -> str:
        meanwhile = "" if self.is_alone else ", while another export runs"
        return f"silent for {self.seconds:g} s after write {self.write}{meanwhile}"


class Act(StrEnum):
    """What somebody does with an issue of the session."""

    EDIT = "edit"
    EDIT_AS_US = "edit_as_us"
    """By the account of the program."""
    BEFORE_US = "before_us"
    """An edit right before our next write of its text."""
    AFTER_US = "after_us"
    """As of an automation: right after it."""
    COMMENT = "comment"
    EDIT_COMMENT = "edit_comment"
    """Of ours."""
    PASTE_COMMENT = "paste_comment"
    """The words of ours, in a comment of their own."""
    ADD_LINK = "add_link"
    ADD_FOREIGN_LINK = "add_foreign_link"
    """To an issue that is not of this export."""
    DELETE_LINK = "delete_link"
    REMAKE_LINK = "remake_link"
    """Deletes one of ours and makes the same one."""
    SET_PARENT = "set_parent"
    MOVE_SPRINT = "move_sprint"
    ADD_FILE = "add_file"
    DELETE_FILE = "delete_file"
    LOG_WORK = "log_work"
    ADD_SUBTASK = "add_subtask"
    STRIP_MARKER = "strip_marker"
    """Another tool writes over the property with our marker."""
    MOVE = "move"
    """To another project."""
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByPerson:
    """Somebody does something with an issue, before a request of ours, once it is possible."""

    request_number: int
    """Counted over all processes; 0: before the first begins."""
    ticket: int
    what: Act

    @override
    def __str__(self) -> str:
        return f"{self.what} ticket {self.ticket} before request {self.request_number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """People delete issues of the session in Jira: all of them, or every third."""

    request_number: int
    """Of the exporter, before which they do; after the export where it sends fewer."""
    is_all: bool

    @override
    def __str__(self) -> str:
        what = "all" if self.is_all else "every third"
        return f"people delete {what} before request {self.request_number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSite:
    """After the first process the settings name another site: a new one, or a copy of the first."""

    is_copy: bool

    @override
    def __str__(self) -> str:
        return f"then the settings name {'a copy of the site' if self.is_copy else 'another site'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InWorld:
    """The site is unkind for its whole life."""

    name: str

    @override
    def __str__(self) -> str:
        return f"site world {self.name}"


Event = (
    RequestFault
    | ProcessEnd
    | RolledBack
    | ClockJump
    | StoreFault
    | SecondExport
    | Standstill
    | ByPerson
    | Deleted
    | OtherSite
    | InWorld
)


class Verb(StrEnum):
    """What the processes of a schedule do."""

    EXPORT = "export"
    UPDATE = "update"
    """Of a session that is exported, and whose tickets changed since."""
    UNDO = "undo"
    """Of one that was updated, and of which somebody edited an issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Everything that is decided before the first process begins."""

    seed: int
    verb: Verb = Verb.EXPORT
    ticket_count: int
    batch_size: int = 1
    downtime_seconds: float
    """Between the end of one process and the next."""
    events: tuple[Event, ...]
    overwrites: frozenset[int] = frozenset()
    """Numbers of tickets whose issues an update writes though somebody edited them."""
    leaves: frozenset[int] = frozenset()
    """Numbers of tickets whose issues an update passes over."""

    @override
    def __str__(self) -> str:
        chosen = (("overwrite", self.overwrites), ("leave", self.leaves))
        words = (f"{what} {sorted(numbers)}" for what, numbers in chosen if numbers)
        head = f"{self.verb} of {self.ticket_count} tickets, seed {self.seed}:"
        return "\n".join([head, *(f"  {event}" for event in (*self.events, *words))])

    @property
    def worlds(self) -> tuple[str, ...]:
        """Names of the site worlds, in order."""
        return tuple(event.name for event in self.events if isinstance(event, InWorld))

    @property
    def people(self) -> tuple[ByPerson, ...]:
        """What people do, in order."""
        acts = [event for event in self.events if isinstance(event, ByPerson)]
        return tuple(sorted(acts, key=lambda act: act.request_number))

    @property
    def are_issues_deleted(self) -> bool:
        return any(isinstance(event, Deleted) for event in self.events)

    @property
    def other_site(self) -> OtherSite | None:
        return next((event for event in self.events if isinstance(event, OtherSite)), None)

    @property
    def rules(self) -> tuple[FaultRule, ...]:
        return tuple(event.rule for event in self.events if isinstance(event, RequestFault))

    @property
    def is_forgetful(self) -> bool:
        """The ledger may forget a creation that the site is still working on."""
        is_late = "late_commits" in self.worlds or any(
            rule.kind is FaultKind.DELAYED_COMMIT for rule in self.rules
        )
        return is_late and any(isinstance(event, RolledBack) for event in self.events)

    def rolled_back(self, restart: int) -> int:
        return sum(
            event.writes
            for event in self.events
            if isinstance(event, RolledBack) and event.restart == restart
        )

    def keeping(self, places: Sequence[int]) -> "Schedule":
        """Return the schedule with those of its events only, by place from 0."""
        return replace(self, events=tuple(self.events[place] for place in places))


def draw_schedule(seed: int, *, world: str | None = None) -> Schedule:
    """Draw the schedule of a seed; a given world is there in any case."""
    dice = random.Random(seed)  # noqa: S311 - a schedule, not a secret
    worlds = _draw_worlds(dice, seed)
    if world is not None:
        worlds = (world,)
    ticket_count = dice.choice(TICKET_COUNTS)
    batch_size = dice.choice(BATCH_SIZES)
    downtime_seconds = dice.choice((1.0, 30.0, 250.0, 1_000.0))
    faults = tuple(draw_fault(dice, TARGETS) for _ in range(dice.choice((0, 1, 1, 2, 3))))
    ends = tuple(_draw_end(dice) for _ in range(dice.choice((0, 1, 1, 2))))
    late = [
        fault.rule.nth
        for fault in faults
        if fault.rule.kind is FaultKind.DELAYED_COMMIT and fault.rule.path == CREATION
    ]
    late += [dice.choice(LATE_CREATIONS)] if "late_commits" in worlds else []
    return Schedule(
        seed=seed,
        ticket_count=ticket_count,
        batch_size=batch_size,
        downtime_seconds=downtime_seconds,
        events=(
            *(_world(dice, name) for name in worlds),
            *faults,
            *ends,
            *_draw_rare(dice, late=late),
        ),
    )


def _draw_worlds(dice: random.Random, seed: int) -> tuple[str, ...]:
    """Take the worlds in turn, so that any run of seeds meets all; sometimes none, sometimes two."""
    places = (None, *WORLDS, None)
    first = places[seed % len(places)]
    second = dice.choice(WORLDS) if dice.random() < 0.15 else None
    return tuple(dict.fromkeys(name for name in (first, second) if name is not None))


def _world(dice: random.Random, name: str) -> InWorld | Deleted | OtherSite:
    if name in SITE_WORLDS:
        return OtherSite(is_copy=name == COPIED_SITE)
    if name not in PEOPLE_WORLDS:
        return InWorld(name=name)
    number = dice.randint(1, 2 * REQUESTS_MAX)
    return Deleted(request_number=number, is_all=name == ALL_DELETED)


def draw_fault(dice: random.Random, targets: Targets) -> RequestFault:
    method, path, count, kinds = dice.choice(targets)
    kind, moment = dice.choice(kinds)
    seconds = {
        FaultKind.RATE_LIMITED: dice.choice((1.0, 7.0, 20.0, 3_000.0)),
        FaultKind.DELAYED_COMMIT: dice.choice((5.0, 60.0, 200.0, 500.0)),
    }.get(kind, 60.0)
    status = {
        FaultKind.SERVER_ERROR: dice.choice((500, 502, 503, 504)),
        FaultKind.HTML: dice.choice((200, 201, 404, 408, 409, 502)),
    }.get(kind)
    number = dice.randint(1, count)
    if path is None:
        where: dict[str, object] = {"request_number": number}
    else:
        where = {"method": method, "path": path, "nth": number}
    return RequestFault(
        rule=FaultRule.model_validate(
            {
                "kind": kind,
                "moment": moment,
                "seconds": seconds,
                "status": status,
                "reason": dice.choice(
                    (
                        "jira-quota-global-based",
                        "jira-quota-tenant-based",
                        "jira-burst-based",
                        "jira-per-issue-on-write",
                    )
                ),
                **where,
            }
        )
    )


def _draw_end(dice: random.Random) -> ProcessEnd:
    point, count = dice.choice(
        (("write", WRITES_MAX), ("request", REQUESTS_MAX), ("creation", CREATIONS_MAX))
    )
    return ProcessEnd(point=point, number=dice.randint(1, count), moment=dice.choice(tuple(Moment)))


def _draw_rare(dice: random.Random, *, late: Sequence[int]) -> tuple[Event, ...]:
    """Draw what is seldom: a backup is restored, a clock is set, the store fails, two export.

    `late` numbers creations that are committed late, where the clock is set nearly always.
    """
    events: list[Event] = []
    if dice.random() < 0.125:
        events.append(RolledBack(restart=1, writes=dice.randint(1, 5)))
    if dice.random() < (0.9 if late else 0.4):
        events.append(_draw_jump(dice, late))
    if dice.random() < 0.15:
        events.append(_draw_store_fault(dice))
    if dice.random() < 0.1:
        events.append(SecondExport(request_number=dice.randint(1, REQUESTS_MAX)))
    if dice.random() < 0.1:
        events.append(Standstill(write=dice.randint(1, WRITES_MAX)))
    return tuple(events)


def _draw_jump(dice: random.Random, late: Sequence[int]) -> ClockJump:
    """Set the clock at any request, or just after what is committed late, and mostly forward.

    Only then a deadline that counts the clock on the wall ends too soon.
    """
    if not late:
        return ClockJump(
            point="request",
            number=dice.randint(1, JUMPS_MAX),
            seconds=dice.choice(CLOCK_JUMPS_SECONDS),
        )
    return ClockJump(
        point="creation",
        number=dice.choice(late) + dice.randint(0, 2),
        seconds=dice.choice((700.0, 86_400.0, 86_400.0, -700.0)),
    )


def _draw_store_fault(dice: random.Random) -> StoreFault:
    trouble = dice.choice(tuple(StoreTrouble))
    return StoreFault(
        write=dice.randint(1, STORE_WRITES_MAX),
        trouble=trouble,
        times=dice.choice((1, 1, 2, 4)) if trouble is StoreTrouble.FULL else 1,
    )
