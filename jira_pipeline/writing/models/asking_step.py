"""Asks a model about the tickets of one session, many at once.

Belongs here: who is asked about next, keeping what came of it, tickets that the service refuses.
Does not: one conversation (`ticket_conversation`), requests and limits (`model_requests`), prose
(`model`).
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from jira_pipeline.model.errors import WriterAccessError, WriterContextError, WriterUnusableError
from jira_pipeline.model.model_requests import KeptAnswer
from jira_pipeline.tickets.roles import TicketBrief
from jira_pipeline.writing.completion.changes import Changes, storable_json
from jira_pipeline.writing.completion.prompt import Prompt
from jira_pipeline.writing.completion.ticket_text import TicketToComplete
from jira_pipeline.writing.models.arrivals import all_of
from jira_pipeline.writing.models.model_exchange import ModelChannel, Reply
from jira_pipeline.writing.models.model_requests import ModelRequests, Stop
from jira_pipeline.writing.models.model_tools import ModelTools
from jira_pipeline.writing.models.request_account import RequestSource
from jira_pipeline.writing.models.request_pace import RequestPace, StoppedError
from jira_pipeline.writing.models.ticket_conversation import (
    End,
    Good,
    Judgement,
    Rejected,
    TicketConversation,
    Unusable,
)

logger = logging.getLogger(__name__)

REJECTIONS_MAX = 3
"""So many tickets refused and none answered: it is not the tickets."""
UNUSABLE_MAX = 5
"""So many tickets without a usable answer and none with one: it is the model, or its server.

No more are begun before one was usable, so that a useless model is paid for no others. With eight
places three of them rest for the first answer, which leaves a hundred tickets their 13 rounds.
"""
PREPARED = 2
"""Tickets at work for each place: while one is judged and kept, the next is ready to be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One ticket to be asked about."""

    brief: TicketBrief
    ticket: TicketToComplete
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
    answer: Changes | None
    fallback_reason: str


Emit: TypeAlias = Callable[[Finished | Kept], None]


class AskingStep:
    """Asks about the tickets of one session, many at once."""

    def __init__(
        self, tools: ModelTools, *, source: RequestSource, writer: str, has_answered: bool
    ) -> None:
        self._tools = tools
        self._writer = writer
        self._has_answered = has_answered
        self._at_work = 0
        """Tickets that are being asked about."""
        self._is_first_answered = False
        """What all questions have in common is in the provider's cache, where it has one."""
        self._rejected: list[Finished] = []
        self._too_long = 0
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
        async with channel as opened:
            requests = ModelRequests(
                opened, pace=self._pace, account=self.account, clock=self._tools.clock
            )
            count = PREPARED * self._tools.concurrency_max
            await all_of(self._work(orders, requests, emit) for _ in range(count))
        self._close(requests, emit)

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

    async def _work(
        self, orders: Iterator[Order | Kept], requests: ModelRequests, emit: Emit
    ) -> None:
        """Take one order after the other; what is kept is emitted also when nothing is asked."""
        for order in orders:
            if self._is_interrupted:
                return
            if isinstance(order, Kept):
                self._has_answered |= not order.answer.fallback_reason
                emit(order)
                self._pace.notify()
                await asyncio.sleep(0)
            elif requests.stop is None:
                await self._write(order, requests, emit)

    async def _write(self, order: Order, requests: ModelRequests, emit: Emit) -> None:
        """Talk with the model about one ticket in its turn, unless nothing more is asked."""
        try:
            await self._pace.wait_until(self._may_begin)
            self._at_work += 1
            end = await self._conversed(order, requests)
        except StoppedError:
            return
        self._at_work -= 1
        self._finish(order, end, requests=requests, emit=emit)
        self._pace.notify()

    async def _conversed(self, order: Order, requests: ModelRequests) -> End:
        """Talk with the model about one ticket to the end."""
        conversation = TicketConversation(order.ticket, prompt=order.prompt)
        judge = partial(self._judged, conversation)
        group_key = order.brief.group.key
        while True:
            judged = await requests.ask(conversation.question(), group_key=group_key, judge=judge)
            end = conversation.after(judged)
            if end is not None:
                return end
            logger.info("Asking again about %s", group_key)

    def _judged(self, conversation: TicketConversation, reply: Reply) -> Judgement:
        """Judge a reply; the first good one lets other tickets begin before it is written down."""
        judged = conversation.judge(reply)
        self._is_first_answered = True
        if isinstance(judged, Good):
            self._has_answered = True
        self._pace.notify()
        return judged

    def _may_begin(self) -> bool:
        """Tell whether one more ticket may be asked about: one, then a few, until one was usable."""
        if not self._is_first_answered:
            return self._at_work == 0
        return self._has_answered or self._at_work + len(self._unusable) < UNUSABLE_MAX

    def _finish(self, order: Order, end: End, *, requests: ModelRequests, emit: Emit) -> None:
        match end:
            case Changes():
                self._keep(order, answer_json=storable_json(end, order.ticket))
                emit(Finished(order=order, answer=end, fallback_reason=""))
            case Unusable():
                self._finish_unusable(order, end, requests=requests, emit=emit)
            case Rejected():
                self._rejected.append(
                    Finished(
                        order=order,
                        answer=None,
                        fallback_reason=f"The service did not take the request: {end.reason}",
                    )
                )
                if not self._has_answered and len(self._rejected) >= REJECTIONS_MAX:
                    requests.end(Stop(error=WriterAccessError, reason=end.reason))

    def _finish_unusable(
        self, order: Order, end: Unusable, *, requests: ModelRequests, emit: Emit
    ) -> None:
        """Leave a ticket to the template, unless it turns out that no answer can be used."""
        finished = Finished(order=order, answer=None, fallback_reason=end.reason)
        if self._has_answered:
            emit(finished)
            return
        self._unusable.append(finished)
        self._too_long += end.is_too_long
        if len(self._unusable) >= UNUSABLE_MAX:
            is_too_long = self._too_long == len(self._unusable)
            error = WriterContextError if is_too_long else WriterUnusableError
            tickets = f"{UNUSABLE_MAX} tickets were asked about, and none could be written"
            requests.end(Stop(error=error, reason=f"{tickets}. {end.reason}"))

    def _close(self, requests: ModelRequests, emit: Emit) -> None:
        """Say what stopped the step; what was held back is the template's where it is the tickets.

        Where it is the model or its server, the step stops instead. Neither is kept: a changed
        setting or a repaired server may help.
        """
        if self._rejected and not self._has_answered:
            reason = self._rejected[-1].fallback_reason
            requests.end(Stop(error=WriterAccessError, reason=reason))
        else:
            for finished in self._rejected:
                emit(finished)
        if self._has_answered or len(self._unusable) < UNUSABLE_MAX:
            for finished in self._unusable:
                emit(finished)
        self.stop = requests.stop

    def _keep(self, order: Order, *, answer_json: str) -> None:
        self._tools.record.keep_answer(
            KeptAnswer(
                answer_key=order.answer_key,
                writer=self._writer,
                answer_json=answer_json,
                fallback_reason="",
                at=self._tools.clock.now(),
            )
        )
