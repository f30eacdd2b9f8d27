"""Asks a model about the tickets of one session, many at once.

Belongs here: who is asked about next, keeping what came of it, tickets that the service refuses.
Does not: one conversation (`ticket_conversation`), requests and limits (`request_desk`), prose
(`model`).
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from jira_pipeline.domain.writing import KeptAnswer, TicketBrief
from jira_pipeline.writers.answers import TicketAnswer
from jira_pipeline.writers.asking.arrivals import all_of
from jira_pipeline.writers.asking.model_exchange import ModelChannel
from jira_pipeline.writers.asking.model_tools import ModelTools
from jira_pipeline.writers.asking.request_account import RequestSource
from jira_pipeline.writers.asking.request_desk import RequestDesk, Stop
from jira_pipeline.writers.asking.request_pace import RequestPace, StoppedError
from jira_pipeline.writers.asking.ticket_conversation import (
    End,
    Rejected,
    TicketConversation,
    Unusable,
    Written,
)
from jira_pipeline.writers.group_facts import GroupFacts
from jira_pipeline.writers.prompt import Prompt

logger = logging.getLogger(__name__)

REJECTIONS_MAX = 3
"""So many tickets refused and none answered: it is not the tickets."""
UNUSABLE_MAX = 5
"""So many tickets without a usable answer and none with one: it is the model, or its server."""
PREPARED = 2
"""Tickets at work for each place: while one is judged and kept, the next is ready to be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One ticket to be asked about."""

    brief: TicketBrief
    facts: GroupFacts
    prompt: Prompt
    answer_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One ticket that was asked about before."""

    order: Order
    answer: KeptAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What came of an order."""

    order: Order
    answer: TicketAnswer | None
    fallback_reason: str


Emit: TypeAlias = Callable[[Finished | Kept], None]


class AskingStep:
    """Asks about the tickets of one session, many at once."""

    def __init__(
        self, tools: ModelTools, *, source: RequestSource, writer: str, has_answered: bool
    ) -> None:
        self._tools = tools
        self._source = source
        self._writer = writer
        self._has_answered = has_answered
        self._rejected: list[Finished] = []
        self._unusable: list[Finished] = []
        """Held back: they ended without a usable answer while no ticket had one."""
        self.stop: Stop | None = None
        self.account = tools.account(source)
        self._pace = RequestPace(tools.clock, places_max=tools.concurrency_max)
        self._is_interrupted = False

    async def run(
        self,
        orders: Iterator[Order | Kept],
        channel: AbstractAsyncContextManager[ModelChannel],
        emit: Emit,
    ) -> None:
        """Ask about all orders; each is emitted as soon as it is finished and kept.

        Orders are made while others are asked about: making a thousand takes seconds.
        """
        self._warn_without_prices()
        async with channel as opened:
            desk = RequestDesk(
                opened, pace=self._pace, account=self.account, clock=self._tools.clock
            )
            count = PREPARED * self._tools.concurrency_max
            await all_of(self._work(orders, desk, emit) for _ in range(count))
        self._close(desk, emit)

    def interrupt(self) -> None:
        """Ask nothing more; what is under way is kept when it arrives. Called in the loop."""
        self._is_interrupted = True
        self._pace.stop()
        if self.account.under_way:
            logger.warning(
                "Waiting up to %g s for %d answers that may be paid for; another interruption "
                "ends at once",
                self._tools.grace_seconds,
                self.account.under_way,
            )

    def _warn_without_prices(self) -> None:
        if not self.account.has_prices:
            logger.warning(
                "Nobody knows the price of %s, so WRITER_BUDGET cannot bind; "
                "WRITER_MAX_REQUESTS does (%d)",
                self._source.model,
                self._tools.limits.requests_max,
            )

    async def _work(self, orders: Iterator[Order | Kept], desk: RequestDesk, emit: Emit) -> None:
        """Take one order after the other; what is kept is emitted also when nothing is asked."""
        for order in orders:
            if self._is_interrupted:
                return
            if isinstance(order, Kept):
                self._has_answered |= not order.answer.fallback_reason
                emit(order)
                await asyncio.sleep(0)
            elif desk.stop is None:
                await self._write(order, desk, emit)

    async def _write(self, order: Order, desk: RequestDesk, emit: Emit) -> None:
        """Talk with the model about one ticket, unless nothing more is asked."""
        try:
            end = await _conversed(order, desk)
        except StoppedError:
            return
        self._finish(order, end, desk=desk, emit=emit)

    def _finish(self, order: Order, end: End, *, desk: RequestDesk, emit: Emit) -> None:
        match end:
            case Written():
                self._keep(order, answer_json=end.answer.model_dump_json())
                self._has_answered = True
                emit(Finished(order=order, answer=end.answer, fallback_reason=""))
            case Unusable():
                self._finish_unusable(order, end, desk=desk, emit=emit)
            case Rejected():
                self._rejected.append(
                    Finished(
                        order=order,
                        answer=None,
                        fallback_reason=f"The service did not take the request: {end.reason}",
                    )
                )
                if not self._has_answered and len(self._rejected) >= REJECTIONS_MAX:
                    desk.stop_for_access(end.reason)
            case _:
                assert_never(end)

    def _finish_unusable(
        self, order: Order, end: Unusable, *, desk: RequestDesk, emit: Emit
    ) -> None:
        """Leave a ticket to the template, unless it turns out that no answer can be used."""
        finished = Finished(order=order, answer=None, fallback_reason=end.reason)
        if end.is_kept:
            self._keep(order, reason=end.reason)
        if end.is_kept or self._has_answered:
            emit(finished)
            return
        self._unusable.append(finished)
        if len(self._unusable) >= UNUSABLE_MAX:
            desk.stop_for_access(
                f"The model's answers cannot be used ({UNUSABLE_MAX} tickets, none written). "
                f"{end.reason}"
            )

    def _close(self, desk: RequestDesk, emit: Emit) -> None:
        """Say what stopped the step; what was held back is the template's where it is the tickets.

        Where it is the model or its server, the step stops instead. Neither is kept: a changed
        setting or a mended server may help.
        """
        if self._rejected and not self._has_answered:
            desk.stop_for_access(self._rejected[-1].fallback_reason)
        else:
            for finished in self._rejected:
                emit(finished)
        if self._has_answered or len(self._unusable) < UNUSABLE_MAX:
            for finished in self._unusable:
                emit(finished)
        self.stop = desk.stop

    def _keep(self, order: Order, *, answer_json: str = "", reason: str = "") -> None:
        self._tools.record.keep_answer(
            KeptAnswer(
                answer_key=order.answer_key,
                writer=self._writer,
                answer_json=answer_json,
                fallback_reason=reason,
                at=self._tools.clock.now(),
            )
        )


async def _conversed(order: Order, desk: RequestDesk) -> End:
    """Talk with the model about one ticket to the end."""
    conversation = TicketConversation(order.facts, prompt=order.prompt)
    group_key = order.brief.group.key
    while True:
        judged = await desk.ask(
            conversation.question(), group_key=group_key, judge=conversation.judge
        )
        end = conversation.after(judged)
        if end is not None:
            return end
        logger.info("Asking again about %s", group_key)
