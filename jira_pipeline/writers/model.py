"""The model writer: prose by a language model, never more than the sheets say.

Belongs here: kept answers, what is to be asked, and the tickets as they arrive. Does not: one
conversation (`ticket_conversation`), requests (`request_desk`), the wire (`model_calls`, imported
when something is asked: it needs the extra `llm`).
"""

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never

from typing_extensions import override

from jira_pipeline.domain.writing import KeptAnswer, TicketBrief, WritingRecord, WrittenTicket
from jira_pipeline.errors import (
    WriterAccessError,
    WriterBudgetError,
    WriterError,
    WriterMissingError,
    WriterQuotaError,
    WriterUnavailableError,
)
from jira_pipeline.writers.answers import TicketAnswer, prose_of
from jira_pipeline.writers.arrivals import all_of, arriving
from jira_pipeline.writers.group_facts import FactsReader, GroupFacts
from jira_pipeline.writers.model_exchange import (
    ModelChannel,
    ModelChoice,
    OpenChannel,
    WriterClock,
)
from jira_pipeline.writers.prompt import PROMPT_VERSION, Prompt
from jira_pipeline.writers.provenance import unfounded_in
from jira_pipeline.writers.request_account import PriceOf, SessionAccount, WritingLimits
from jira_pipeline.writers.request_desk import RequestDesk, RequestSource, Stop, StopCause
from jira_pipeline.writers.request_pace import RequestPace, StoppedError
from jira_pipeline.writers.template import TemplateWriter
from jira_pipeline.writers.ticket_conversation import (
    End,
    Rejected,
    TicketConversation,
    Unusable,
    Written,
    answer_key_of,
    first_prompt,
    unfounded_reason,
)

logger = logging.getLogger(__name__)

REJECTIONS_MAX = 3
"""So many tickets refused and none answered: it is not the tickets."""
PREPARED = 2
"""Tickets at work for each place: while one is judged and kept, the next is ready to be asked."""
EXTRA_PACKAGES = frozenset({"anthropic", "httpx2", "openai", "pydantic_ai"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTools:
    """What the model writer works with."""

    open_channel: OpenChannel
    record: WritingRecord
    clock: WriterClock
    price_of: PriceOf
    limits: WritingLimits
    concurrency_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """One ticket to be asked about."""

    brief: TicketBrief
    facts: GroupFacts
    prompt: Prompt
    answer_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finished:
    """What came of an order."""

    order: _Order
    answer: TicketAnswer | None
    fallback_reason: str


class ModelWriter:
    """Writes tickets with a model; what was paid for once is used again."""

    def __init__(self, *, model: str, tools: ModelTools) -> None:
        """Take a model as WRITER_MODEL names it; nothing is imported or opened yet."""
        self.model = model
        self.name = f"{model}/{PROMPT_VERSION}"
        self._tools = tools
        self._template = TemplateWriter()
        self._reader = FactsReader()

    def write_all(
        self, briefs: Sequence[TicketBrief], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        """Write the tickets: first those whose answers are kept, then the others as they arrive.

        Raises:
            WriterError: The model cannot be asked, or limits are reached.
        """
        left: list[_Order] = []
        answered = 0
        for order in map(self._order, briefs):
            kept = self._tools.record.answer(order.answer_key, used_at=self._tools.clock.now())
            if kept is None:
                left.append(order)
            else:
                answered += not kept.fallback_reason
                yield self._kept_ticket(order, kept)
        if left:
            progress = _Progress(finished=len(briefs) - len(left), total=len(briefs))
            yield from self._ask(
                left, session_key=session_key, progress=progress, has_answered=answered > 0
            )

    def answer_key(self, brief: TicketBrief) -> str:
        """Name the answer that is kept for a ticket once it is paid for."""
        return self._order(brief).answer_key

    def _order(self, brief: TicketBrief) -> _Order:
        facts = self._reader.facts_of(brief)
        prompt = first_prompt(facts)
        return _Order(
            brief=brief,
            facts=facts,
            prompt=prompt,
            answer_key=answer_key_of(prompt, model=self.model),
        )

    def _ask(
        self,
        orders: Sequence[_Order],
        *,
        session_key: str,
        progress: "_Progress",
        has_answered: bool,
    ) -> Generator[WrittenTicket, None, None]:
        step = _AskingStep(
            self._tools,
            source=RequestSource(session_key=session_key, model=self.model),
            writer=self.name,
            has_answered=has_answered,
        )
        channel = opened_way(self._tools.open_channel, model=self.model)
        with closing(arriving(partial(step.run, orders, channel))) as arrived:
            for finished in arrived:
                progress.finished += 1
                yield self._ticket(finished)
        if step.stop is not None:
            raise error_of(
                step.stop, model=self.model, spent=step.account.spent, told=str(progress)
            )

    def _kept_ticket(self, order: _Order, kept: KeptAnswer) -> WrittenTicket:
        """Use a kept answer; what passed older checks has to pass these."""
        reason, answer = kept.fallback_reason, None
        if not reason:
            answer = TicketAnswer.model_validate_json(kept.answer_json)
            unfounded = unfounded_in(answer, order.facts)
            reason = unfounded_reason(unfounded) if unfounded else ""
        return self._ticket(
            _Finished(order=order, answer=None if reason else answer, fallback_reason=reason)
        )

    def _ticket(self, finished: _Finished) -> WrittenTicket:
        """Put an answer into prose, or take that of the template."""
        order = finished.order
        prose = self._template.write(order.brief)
        if finished.answer is None:
            prose = replace(prose, fallback_reason=finished.fallback_reason)
        else:
            prose = prose_of(finished.answer, order.facts, template=prose, writer=self.name)
        return WrittenTicket(group_key=order.brief.group.key, prose=prose)


@dataclass(kw_only=True)
class _Progress:
    """How far a step got."""

    finished: int
    total: int

    @override
    def __str__(self) -> str:
        """Say it in a sentence."""
        return f"{self.finished} of {self.total} tickets are written and kept."


class _AskingStep:
    """Asks about the tickets of one session, many at once."""

    def __init__(
        self, tools: ModelTools, *, source: RequestSource, writer: str, has_answered: bool
    ) -> None:
        self._tools = tools
        self._source = source
        self._writer = writer
        self._has_answered = has_answered
        self._rejected: list[_Finished] = []
        self.stop: Stop | None = None
        self.account = SessionAccount(
            tools.record.spending(source.session_key),
            limits=tools.limits,
            price_of=tools.price_of,
        )

    async def run(
        self,
        orders: Sequence[_Order],
        channel: AbstractAsyncContextManager[ModelChannel],
        emit: Callable[[_Finished], None],
    ) -> None:
        """Ask about all orders; each is emitted as soon as it is finished and kept."""
        if not self.account.has_prices:
            logger.warning(
                "Nobody knows the price of %s, so WRITER_BUDGET cannot bind; "
                "WRITER_MAX_REQUESTS does (%d)",
                self._source.model,
                self._tools.limits.requests_max,
            )
        pace = RequestPace(self._tools.clock, places_max=self._tools.concurrency_max)
        async with channel as opened:
            desk = RequestDesk(
                opened,
                source=self._source,
                pace=pace,
                account=self.account,
                record=self._tools.record,
                clock=self._tools.clock,
            )
            left = iter(orders)
            count = min(PREPARED * self._tools.concurrency_max, len(orders))
            await all_of(self._work(left, desk, emit) for _ in range(count))
        self._close(desk, emit)

    async def _work(
        self, orders: Iterator[_Order], desk: RequestDesk, emit: Callable[[_Finished], None]
    ) -> None:
        """Take one order after the other until there are none, or nothing more is asked."""
        for order in orders:
            try:
                end = await _conversed(order, desk)
            except StoppedError:
                return
            self._finish(order, end, desk=desk, emit=emit)

    def _finish(
        self, order: _Order, end: End, *, desk: RequestDesk, emit: Callable[[_Finished], None]
    ) -> None:
        match end:
            case Written():
                self._keep(order, answer_json=end.answer.model_dump_json())
                self._has_answered = True
                emit(_Finished(order=order, answer=end.answer, fallback_reason=""))
            case Unusable():
                self._keep(order, reason=end.reason)
                emit(_Finished(order=order, answer=None, fallback_reason=end.reason))
            case Rejected():
                self._rejected.append(
                    _Finished(
                        order=order,
                        answer=None,
                        fallback_reason=f"The service did not take the request: {end.reason}",
                    )
                )
                if not self._has_answered and len(self._rejected) >= REJECTIONS_MAX:
                    desk.stop_for_access(end.reason)
            case _:
                assert_never(end)

    def _close(self, desk: RequestDesk, emit: Callable[[_Finished], None]) -> None:
        """Say what stopped the step; rejected tickets are the template's where others were not.

        They are not kept: being refused costs nothing, and a changed setting may mend it.
        """
        if self._rejected and not self._has_answered:
            desk.stop_for_access(self._rejected[-1].fallback_reason)
        else:
            for finished in self._rejected:
                emit(finished)
        self.stop = desk.stop

    def _keep(self, order: _Order, *, answer_json: str = "", reason: str = "") -> None:
        self._tools.record.keep_answer(
            KeptAnswer(
                answer_key=order.answer_key,
                writer=self._writer,
                answer_json=answer_json,
                fallback_reason=reason,
                at=self._tools.clock.now(),
            )
        )


async def _conversed(order: _Order, desk: RequestDesk) -> End:
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


def opened_way(
    open_channel: OpenChannel, *, model: str
) -> AbstractAsyncContextManager[ModelChannel]:
    """Open the way to a model.

    Raises:
        WriterMissingError: The packages are not installed.
        WriterAccessError: A provider needs a key, and there is none.
    """
    try:
        return open_channel()
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA_PACKAGES:
            raise
        raise WriterMissingError(model=model) from error


def channel_opener(choice: ModelChoice) -> OpenChannel:
    """Return what opens the way to a model, importing what that needs when it is called.

    The opener raises WriterAccessError where a provider needs a key and there is none.
    """

    def opened() -> AbstractAsyncContextManager[ModelChannel]:
        if choice.provider and choice.base_url is None and choice.api_key is None:
            raise WriterAccessError(
                model=choice.model,
                reason="No key is set: neither WRITER_API_KEY nor the provider's own variable.",
                progress="Nothing was asked.",
            )
        from jira_pipeline.writers.model_calls import opened_channel  # noqa: PLC0415 - see above

        return opened_channel(choice)

    return opened


def error_of(stop: Stop, *, model: str, spent: str, told: str) -> WriterError:
    """Return the error that a stop ends a step with."""
    match stop.cause:
        case StopCause.UNAVAILABLE:
            return WriterUnavailableError(
                model=model, reason=stop.reason, progress=told, wait_seconds=stop.wait_seconds
            )
        case StopCause.ACCESS:
            return WriterAccessError(model=model, reason=stop.reason, progress=told)
        case StopCause.QUOTA:
            return WriterQuotaError(model=model, reason=stop.reason, progress=told)
        case StopCause.BUDGET:
            return WriterBudgetError(limit=stop.reason, spent=spent, progress=told)
        case _:
            assert_never(stop.cause)
