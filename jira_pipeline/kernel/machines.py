"""The machines that take runs, and which one a run is given to.

Belongs here: a machine as the store knows it, the choice between several. Does not: joining and
leaving (`store/machines`), starting a run there (`defs`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

_SINCE = " since "


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A machine that takes runs, and holds its lock now."""

    address: str
    """Host and port, as the daemon reaches it."""
    name: str
    """Host and process, for people."""
    version: str
    """Of the program; the daemon gives runs to its own version alone."""
    capacity: int
    """Runs it takes at once."""
    since: datetime
    seen_at: datetime
    """For people: whether it lives is known by its lock."""
    is_draining: bool
    """It takes no new runs: it starts, or ends with those it has."""
    refusal: str
    """Why the daemon gives it no runs; empty: it does."""
    run_count: int
    """Runs at work there, by their locks."""

    @property
    def name_on_runs(self) -> str:
        """Name it on a run that it was given: one that starts again there is another machine."""
        return f"{self.address}{_SINCE}{self.since.isoformat()}"


def address_on(run: str) -> str:
    """Return the address in the name of a machine on a run."""
    return run.partition(_SINCE)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAtWork:
    """A run, or an export job of ShareDo, whose process holds its lock now."""

    run_id: str
    machine: str
    """Address of the machine that was given the run; else the name of its host."""
    process: int
    since: datetime


def by_room(
    machines: Iterable[Machine], at_work: Mapping[str, int], *, version: str
) -> tuple[Machine, ...]:
    """Return the machines a run may go to, the one with the most room first.

    `at_work` counts what each was given, whether it began or not, by the name on runs. A full
    machine comes last, and is no reason to wait: the queue knows what all take together.
    """
    usable = [one for one in machines if one.version == version and not one.is_draining]
    room = {one.address: one.capacity - at_work.get(one.name_on_runs, 0) for one in usable}
    return tuple(sorted(usable, key=lambda one: (-room[one.address], one.address)))
