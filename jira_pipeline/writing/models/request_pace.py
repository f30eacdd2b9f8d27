"""How many requests go to a model at once, and when.

Belongs here: places, pauses, and the rule that halves and grows. Does not: money
(`request_account`), what a failure means (`model_requests`).

Additive increase, multiplicative decrease: a refusal for load halves the places, a round of good
answers adds one. Refusals of requests that were under way at the last halving don't halve again.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from jira_pipeline.writing.models.model_exchange import WriterClock

T = TypeVar("T")

SENDING_STEPS = 10
"""Steps of the loop in which a request is on its way."""

logger = logging.getLogger(__name__)


class StoppedError(Exception):
    """Nothing more is asked; not an error of ours, it ends what waits for its turn."""


class RequestPace:
    """The places of one step; lives in one event loop."""

    def __init__(self, clock: WriterClock, *, places_max: int) -> None:
        self._clock = clock
        self._places_max = places_max
        self.places = places_max
        self._taken = 0
        self._good_answers = 0
        self._turns = 0
        self._halved_at = 0
        self._free_at = 0.0
        self._stopped = asyncio.Event()
        self._changed = asyncio.Event()

    async def enter(self, begin: Callable[[], T | None]) -> tuple[int, T]:
        """Wait for a place, and until `begin` begins; return the number of the turn and what began.

        With a place free it is called at every change, and returns None while it has to wait.

        Raises:
            StoppedError: Nothing more is asked.
        """
        while True:
            self._raise_if_stopped()
            pause = self._free_at - self._clock.monotonic()
            if pause > 0:
                await self.rest(pause)
            elif self._taken < self.places and (begun := begin()) is not None:
                self._taken += 1
                self._turns += 1
                return self._turns, begun
            else:
                await self._changed.wait()

    async def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Wait without a place until something is so; it is looked at at every change.

        Raises:
            StoppedError: Nothing more is asked.
        """
        self._raise_if_stopped()
        while not is_so():
            await self._changed.wait()
            self._raise_if_stopped()

    def leave(self) -> None:
        """Give a place back."""
        self._taken -= 1
        self.notify()

    async def let_others_send(self) -> None:
        """Let those who got a place send their requests; what is left to do here takes longer."""
        for _ in range(SENDING_STEPS):
            await asyncio.sleep(0)

    async def rest(self, seconds: float) -> None:
        """Wait without holding a place.

        Raises:
            StoppedError: Nothing more is asked; the wait is cut short.
        """
        waits = (
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(self._stopped.wait()),
        )
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self._raise_if_stopped()

    def slow_down(self, turn: int, *, seconds: float) -> None:
        """Pause everything, and halve the places unless that was done since the turn began."""
        self.pause(seconds)
        if turn > self._halved_at:
            self.places = max(1, self.places // 2)
            self._halved_at = self._turns
            self._good_answers = 0
            logger.info("The model asks for less: %d at once, after %.1f s", self.places, seconds)
        self.notify()

    def pause(self, seconds: float) -> None:
        """Let nobody enter for a while."""
        self._free_at = max(self._free_at, self._clock.monotonic() + seconds)

    def speed_up(self) -> None:
        """Count a good answer; a round of them opens one more place."""
        self._good_answers += 1
        if self._good_answers >= self.places < self._places_max:
            self.places += 1
            self._good_answers = 0
            self.notify()

    def stop(self) -> None:
        """Admit no further request and wake those that wait."""
        self._stopped.set()
        self.notify()

    def notify(self) -> None:
        """Wake everybody who waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    def _raise_if_stopped(self) -> None:
        if self._stopped.is_set():
            raise StoppedError
