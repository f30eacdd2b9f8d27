"""Makes a failing schedule as small as it can be while it still fails.

Belongs here: leaving events out one by one, the command that runs what is left. Does not: running
(`running`), drawing (`schedules`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from typing_extensions import override

from jira_pipeline_tests.faults.drawing import draw_schedule
from jira_pipeline_tests.faults.running import Outcome, ScheduleRunner
from jira_pipeline_tests.faults.schedules import Schedule

COMMAND = "python -m jira_pipeline_tests.faults"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallestFailure:
    """A schedule from which nothing can be left out."""

    seed: int
    world: str | None
    places: tuple[int, ...]
    """Of the events of the seed's schedule, from 0."""
    outcome: Outcome

    @property
    def command(self) -> str:
        """What runs it again."""
        world = "" if self.world is None else f" --world {self.world}"
        keep = ",".join(map(str, self.places)) or "none"
        return f"{COMMAND} --seed {self.seed}{world} --keep {keep}"

    @override
    def __str__(self) -> str:
        lines = [
            str(self.outcome.schedule),
            *(f"  -> {text}" for text in self.outcome.violations),
            f"  again: {self.command}",
        ]
        return "\n".join(lines)


def shrink(runner: ScheduleRunner, seed: int, *, world: str | None = None) -> SmallestFailure:
    """Leave out events of a failing seed, one by one, as long as it fails."""
    drawn = draw_schedule(seed, world=world)
    places = smallest_places(
        tuple(range(len(drawn.events))),
        is_failing=lambda kept: bool(runner.run(drawn.keeping(kept)).violations),
    )
    return SmallestFailure(
        seed=seed, world=world, places=places, outcome=runner.run(drawn.keeping(places))
    )


def smallest_places(
    places: tuple[int, ...], *, is_failing: Callable[[Sequence[int]], bool]
) -> tuple[int, ...]:
    """Return places of which none can be left out; what is given has to fail."""
    for place in places:
        fewer = tuple(other for other in places if other != place)
        if is_failing(fewer):
            return smallest_places(fewer, is_failing=is_failing)
    return places


def schedule_of(seed: int, *, world: str | None, keep: str | None) -> Schedule:
    drawn = draw_schedule(seed, world=world)
    if keep is None:
        return drawn
    return drawn.keeping([int(place) for place in keep.split(",") if place.isdecimal()])
