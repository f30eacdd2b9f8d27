"""Simulates sessions that pass through an installation, by events.

Belongs here: the inbox that is looked into, the queue of runs, the room and the processors of
machines, exports to one project that take turns, shares of what a site of Jira allows; what of it
sessions wait for. Does not: what a session takes, how many arrive (`capacity`). Intervals, limits
and retries are the program's own.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import simpy
import yaml

from jira_pipeline.defs.failures import LEASE_WAIT_SECONDS, LONGEST_LEASE_WAIT_SECONDS
from jira_pipeline.defs.sensors import upload_sensor
from jira_pipeline.jira_client.pacing import JIRA_CLOUD_LIMITS
from jira_pipeline.kernel.shared_budgets import RESERVE, SHARE_LEAST
from jira_pipeline_tests.projects import DEPLOYED

SLICE_SECONDS = 0.5
"""Runs on one processor take turns; as exact as waits need to be."""
PARTS = 10
"""Of an export; its share of the site is looked at before each."""
LOOK_SECONDS = float(upload_sensor.minimum_interval_seconds or 0)
DEQUEUE_SECONDS = float(
    yaml.safe_load(DEPLOYED.read_bytes())["run_coordinator"]["config"]["dequeue_interval_seconds"]
)


class Place(StrEnum):
    """Where sessions wait."""

    INBOX = "inbox"
    ROOM = "room on a machine"
    PROCESSOR = "processors"
    TURN = "turn of the project"
    BUDGET = "limits of the site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a stage takes alone."""

    cpu_seconds: float
    wait_seconds: float = 0.0
    """For others: databases, disk, Jira."""

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.cpu_seconds + self.wait_seconds

    def part(self, fraction: float) -> "Stage":
        """Return a part of it."""
        return Stage(
            cpu_seconds=fraction * self.cpu_seconds, wait_seconds=fraction * self.wait_seconds
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the stages of a session take."""

    registering: Stage
    starting: Stage
    writing: Stage
    exporting: Stage
    requests: Mapping[str, int] = field(default_factory=dict)
    """By method and path."""
    site_cpu_seconds: float = 0.0
    """Of the sandbox, while the export waits."""

    @property
    def cpu_seconds(self) -> float:
        """Of the program, in all stages."""
        stages = (self.registering, self.starting, self.writing, self.exporting)
        return sum(stage.cpu_seconds for stage in stages)

    @property
    def busiest(self) -> tuple[float, float]:
        """Return the requests of the kind that meets its limit first, and that limit, a second."""
        limits = JIRA_CLOUD_LIMITS.per_endpoint
        by_kind = [
            (float(count), limits[name.partition(" ")[0]].count)
            for name, count in self.requests.items()
        ]
        return max(by_kind, key=lambda one: one[0] / one[1], default=(0.0, math.inf))


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What sessions wait for."""

    machines: int
    capacity: int = 4
    """Runs that each takes at once."""
    cores: int = 2
    """Of each machine."""
    is_one_host: bool = False
    """All programs are on one host, whose processors they share."""
    speed: float = 1.0
    """Of its processors; less where others use them, too."""
    serves: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A session that arrives."""

    at: float
    site: int = 0
    project: int = 0


@dataclass(kw_only=True)
class Day:
    """What came of the sessions."""

    began_at: float = 0.0
    ended_at: list[float] = field(default_factory=list)
    waits: dict[Place, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds of each session that ended."""
    room_seconds: float = 0.0
    """Of runs on machines."""
    busy_seconds: float = 0.0
    """Of processors of machines."""
    sent: Counter[int] = field(default_factory=Counter)
    """Requests of the busiest kind, by site."""

    @property
    def seconds(self) -> float:
        """From the first arrival until the last end."""
        return max(self.ended_at) - self.began_at

    @property
    def bottleneck(self) -> Place:
        """Return where sessions wait longest, altogether."""
        return max(Place, key=lambda place: sum(self.waits[place]))


Steps = Generator[simpy.Event, Any, None]
Waits = dict[Place, float]


class Simulation:
    """Sessions that pass through an installation."""

    def __init__(self, installation: Installation, session: Session) -> None:
        """Begin with nothing to do."""
        self.day = Day()
        self._of = installation
        self._session = session
        self._clock = simpy.Environment()
        self._inboxes: list[list[simpy.Event]] = [[] for _ in range(installation.serves)]
        self._room = simpy.Resource(self._clock, installation.machines * installation.capacity)
        self._at_work = dict.fromkeys(range(installation.machines), 0)
        hosts = 1 if installation.is_one_host else installation.machines + installation.serves
        self._hosts = [simpy.Resource(self._clock, installation.cores) for _ in range(hosts)]
        self._turns: dict[tuple[int, int], simpy.Resource] = defaultdict(
            lambda: simpy.Resource(self._clock, 1)
        )
        self._shares: dict[int, simpy.Resource] = defaultdict(
            lambda: simpy.Resource(self._clock, round(1.0 / SHARE_LEAST))
        )

    def run(self, expected: Sequence[Arrival]) -> Day:
        """Let sessions arrive until each has ended."""
        self.day.began_at = expected[0].at
        for serve in range(self._of.serves):
            self._clock.process(self._look(serve))
        sessions = [self._clock.process(self._pass(n, one)) for n, one in enumerate(expected)]
        self._clock.run(simpy.AllOf(self._clock, sessions))
        return self.day

    def _look(self, serve: int) -> Steps:
        """Register what has arrived, one after the other; a look queues all at its end."""
        while True:
            yield self._clock.timeout(LOOK_SECONDS)
            found, self._inboxes[serve] = self._inboxes[serve], []
            for _ in found:
                yield from self._work(self._session.registering, -1 - serve)
            for registered in found:
                registered.succeed()

    def _pass(self, number: int, arrival: Arrival) -> Steps:
        """Pass through all places."""
        waited = dict.fromkeys(Place, 0.0)
        yield self._clock.timeout(arrival.at)
        self._inboxes[number % self._of.serves].append(registered := self._clock.event())
        yield registered
        waited[Place.INBOX] = self._clock.now - arrival.at - self._session.registering.seconds
        with self._room.request() as room:
            asked_at = self._clock.now
            yield room
            yield self._clock.timeout(-self._clock.now % DEQUEUE_SECONDS)
            waited[Place.ROOM] = self._clock.now - asked_at
            yield from self._run(arrival, waited)
        self.day.ended_at.append(self._clock.now)
        for place in Place:
            self.day.waits[place].append(waited[place])

    def _run(self, arrival: Arrival, waited: Waits) -> Steps:
        """Run on the machine with the most room; look again and again until the project is free."""
        began_at = self._clock.now
        machine = min(self._at_work, key=self._at_work.__getitem__)
        self._at_work[machine] += 1
        yield from self._work(self._session.starting, machine, waited)
        yield from self._work(self._session.writing, machine, waited)
        turn = self._turns[arrival.site, arrival.project]
        seconds = LEASE_WAIT_SECONDS
        while turn.count:
            waited[Place.TURN] += seconds
            yield self._clock.timeout(seconds)
            seconds = min(seconds + LEASE_WAIT_SECONDS, LONGEST_LEASE_WAIT_SECONDS)
        with turn.request():
            yield from self._export(arrival.site, machine, waited)
        self._at_work[machine] -= 1
        self.day.room_seconds += self._clock.now - began_at

    def _export(self, site: int, machine: int, waited: Waits) -> Steps:
        """Send part after part, as fast as an equal share of what the site allows has it."""
        busiest, limit = self._session.busiest
        began_at = self._clock.now
        with self._shares[site].request() as share:
            yield share
            waited[Place.BUDGET] += self._clock.now - began_at
            for _ in range(PARTS):
                fraction = (1.0 - RESERVE) / self._shares[site].count
                free_at = self._clock.now + busiest / PARTS / (limit * max(SHARE_LEAST, fraction))
                yield from self._work(self._session.exporting.part(1 / PARTS), machine, waited)
                seconds = max(0.0, free_at - self._clock.now)
                waited[Place.BUDGET] += seconds
                yield self._clock.timeout(seconds)
        self.day.sent[site] += round(busiest)

    def _work(self, stage: Stage, host: int, waited: Waits | None = None) -> Steps:
        """Use a processor for a while again and again, and wait for others in between."""
        slices = max(1, math.ceil(stage.cpu_seconds / self._of.speed / SLICE_SECONDS))
        seconds = stage.cpu_seconds / self._of.speed / slices
        processors = self._hosts[host % len(self._hosts)]
        for _ in range(slices):
            with processors.request() as processor:
                asked_at = self._clock.now
                yield processor
                if waited is not None:
                    waited[Place.PROCESSOR] += self._clock.now - asked_at
                yield self._clock.timeout(seconds)
            yield self._clock.timeout(stage.wait_seconds / slices)
        if waited is not None:
            self.day.busy_seconds += seconds * slices
