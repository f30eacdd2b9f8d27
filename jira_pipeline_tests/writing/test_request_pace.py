"""Places and pauses: how the number of requests at once follows what a service bears."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from jira_pipeline.writing.models.asking_step import RequestPace, StoppedError
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.asked_models import StillClock

T = TypeVar("T")


def ran(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def a_pace(places: int = 8, clock: StillClock | None = None) -> RequestPace:
    return RequestPace((clock or StillClock()).as_writer_clock(), places_max=places)


async def entered(pace: RequestPace, count: int) -> list[int]:
    """Take so many places, one after the other."""
    return [turn for turn, _ in [await pace.enter(lambda: True) for _ in range(count)]]


def test_refusals_of_one_moment_halve_once() -> None:
    async def work() -> int:
        pace = a_pace()
        for turn in await entered(pace, 8):
            pace.slow_down(turn, seconds=1.0)
        return pace.places

    assert ran(work()) == 4


def test_a_refusal_after_the_halving_halves_again() -> None:
    async def work() -> list[int]:
        pace = a_pace()
        found = []
        for _ in range(5):
            (turn,) = await entered(pace, 1)
            pace.leave()
            pace.slow_down(turn, seconds=0.0)
            found.append(pace.places)
        return found

    assert ran(work()) == [4, 2, 1, 1, 1]


def test_a_round_of_answers_opens_one_more_place_up_to_the_most() -> None:
    async def work() -> list[int]:
        pace = a_pace(4)
        (turn,) = await entered(pace, 1)
        pace.slow_down(turn, seconds=0.0)
        found = []
        for _ in range(9):
            pace.speed_up()
            found.append(pace.places)
        return found

    assert ran(work()) == [2, 3, 3, 3, 4, 4, 4, 4, 4]


@each("pauses", [[7.0], [9.0, 2.0]])
def test_everybody_is_held_for_as_long_as_the_longest_pause(pauses: list[float]) -> None:
    clock = StillClock()

    async def work() -> None:
        pace = a_pace(clock=clock)
        turns = await entered(pace, len(pauses))
        for turn, seconds in zip(turns, pauses, strict=True):
            pace.slow_down(turn, seconds=seconds)
        await asyncio.gather(entered(pace, 1), entered(pace, 1))

    ran(work())

    assert clock.seconds == max(pauses)


def test_nobody_enters_while_all_places_are_taken() -> None:
    async def work() -> tuple[bool, bool]:
        pace = a_pace(2)
        await entered(pace, 2)
        third = asyncio.ensure_future(entered(pace, 1))
        await asyncio.sleep(0)
        was_in = third.done()
        pace.leave()
        await third
        return was_in, third.done()

    assert ran(work()) == (False, True)


@each("change", [RequestPace.leave, RequestPace.notify])
def test_who_cannot_begin_waits_for_a_change(change: Callable[[RequestPace], None]) -> None:
    async def work() -> tuple[bool, str]:
        pace = a_pace()
        room: list[str] = []
        await entered(pace, 1)
        waiting = asyncio.ensure_future(pace.enter(lambda: room[0] if room else None))
        await asyncio.sleep(0)
        was_in = waiting.done()
        room.append("begun")
        change(pace)
        _, begun = await waiting
        return was_in, begun

    assert ran(work()) == (False, "begun")


def test_a_stop_ends_every_wait_at_once() -> None:
    async def never(seconds: float) -> None:
        del seconds
        await asyncio.Event().wait()

    async def work() -> list[type[BaseException]]:
        clock = StillClock()
        clock.sleep = never  # type: ignore[method-assign] # a sleep that does not end by itself
        pace = a_pace(1, clock)
        (turn,) = await entered(pace, 1)
        waits = [asyncio.ensure_future(pace.rest(60.0)), asyncio.ensure_future(entered(pace, 1))]
        await asyncio.sleep(0)
        pace.slow_down(turn, seconds=60.0)
        waits.append(asyncio.ensure_future(entered(pace, 1)))
        await asyncio.sleep(0)
        pace.stop()
        ended = await asyncio.gather(*waits, return_exceptions=True)
        return [type(error) for error in ended if isinstance(error, BaseException)]

    assert ran(work()) == [StoppedError] * 3
