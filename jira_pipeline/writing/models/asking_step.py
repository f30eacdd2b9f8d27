"""Asks a model on behalf of one session: about its tickets, many at once.

In: conversations, each about one ticket. Out: the same conversations, as each is over, with an
answer or with the reason why the template's ticket stays. A request needs a place; `RequestPace`
has as many as WRITER_CONCURRENCY, and fewer while the service asks for less. The step stops where
more requests cannot help: the service fails for long, the budget is spent, or the model answers
nothing usable.

Belongs here: which ticket is next, places and pauses, asking again, what stops the step, storing
answers; the event loop, whose thread gives its results as a plain generator. Does not: one
conversation and its money (`conversation`), the wire (`model_calls`), prose (`writers`).

The loop has a thread of its own, so that an interruption of the main thread (Ctrl-C, Dagster's
termination) is raised where the generator waits, and never inside a callback that swallows it.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import (
    WriterAccessError,
    WriterBudgetError,
    WriterContextError,
    WriterError,
    WriterUnavailableError,
    WriterUnusableError,
)
from jira_pipeline.model.model_requests import (
    NO_GROUP,
    KeptAnswer,
    RequestOutcome,
    SpendingLimit,
    spending_text,
)
from jira_pipeline.writing.models.advice import Advice, steps_of
from jira_pipeline.writing.models.conversation import (
    PING_QUESTION,
    SHOWN_WAIT_SECONDS,
    Conversation,
    Failure,
    FailureKind,
    ModelChannel,
    ModelTools,
    Reply,
    TicketConversation,
    WriterClock,
)

logger = logging.getLogger(__name__)

TRIES_MAX = 6
"""How often in a row the service may fail at one question."""
BACKOFF_BASE_SECONDS = 1.0
BACKOFF_MAX_SECONDS = 30.0
"""Six tries wait about a minute in all, as long as the services' limits per minute last."""
JITTER_MIN = 0.7
JITTER_MAX = 1.3
LONGEST_WAIT_BETWEEN_TRIES_SECONDS = 60.0
"""What asks us to wait longer ends the step; Dagster starts it again after that wait."""
REJECTIONS_MAX = 3
"""Where so many tickets were refused and none answered, the tickets are not the reason."""
UNUSABLE_MAX = 5
"""Where so many tickets had no usable answer and none had one, the model or its server is the reason.

No more are begun before one answer was usable, so that a useless model is paid for no others. With
eight places three of them rest for the first answer, which leaves a hundred tickets their 13 rounds.
"""
OF_ONE_TICKET = frozenset({FailureKind.UNREADABLE, FailureKind.UNAVAILABLE})
"""Failures that a single question can cause: its words break the model, a gateway, or a filter."""
FAILS_AT_THIS_ONE = "The service answers other questions, and fails at this one:"
CONVERSATIONS_A_PLACE = 2
"""Tickets at work for each place: while one is judged and kept, the next is ready to be asked."""

Result = TypeVar("Result")
Emit: TypeAlias = Callable[[TicketConversation], None]
"""Takes a conversation that is over."""
Stop: TypeAlias = Callable[..., WriterError]
"""Why a step stops: makes its error when it ends, from `model` and `progress` (how far it got)."""


def stop_after(failure: Failure, *, tries: int) -> Stop | None:
    """Return why a step stops after so many failed tries; None where asking again may help."""
    error = failure.kind.error
    wait = failure.wait_seconds
    if error is WriterUnavailableError:
        is_soon = (wait or 0.0) <= LONGEST_WAIT_BETWEEN_TRIES_SECONDS
        if is_soon and tries < TRIES_MAX:
            return None
        return partial(WriterUnavailableError, reason=failure.reason, wait_seconds=wait)
    if error is None:
        return None
    if failure.advice is None:
        return partial(error, reason=failure.reason)
    return partial(error, reason=failure.reason, recovery_actions=advised_steps(failure.advice))


def advised_steps(advice: Advice | None) -> tuple[Action, ...]:
    """Return what a person can do about a failure, then to start again; empty without advice."""
    steps = steps_of(advice)
    again = Action.of(ActionKind.CHECK_WRITER, "Check it: {}. Then start the same job again.")
    return (*steps, again) if steps else ()


class AskingStep:
    """Asks about the tickets of one session, many at once; or has single conversations, in turn."""

    def __init__(
        self,
        tools: ModelTools,
        *,
        session_key: str,
        writer: str = "",
        has_answered: bool = False,
    ) -> None:
        self._tools = tools
        self._session_key = session_key
        self._writer = writer
        self._pace = RequestPace(tools.clock, places_max=tools.concurrency_max)
        self._has_answered = has_answered
        self._at_work = 0
        """How many tickets are being asked about."""
        self._is_first_answered = False
        """Some request had a reply, so the provider's cache has what all requests share."""
        self._reply_count = 0
        """How many requests about tickets had a reply."""
        self._rejected: list[TicketConversation] = []
        """Held back: the service refused their requests while no ticket had an answer."""
        self._unusable: list[TicketConversation] = []
        """Held back: they ended without a usable answer while no ticket had one."""
        self._throttled_first: tuple[TicketConversation, Stop] | None = None
        """Held back with what it would stop: the service asked for less whenever it was asked about
        this ticket, before any other. Whether that is the ticket's matter, another ticket shows."""
        self._tokens_read = 0
        """The most tokens that the server counted of one question."""
        self._wait_shown_until = 0.0
        """When the wait ends that was said last, by the monotonic clock."""
        self._stop: Stop | None = None
        """The first reason to stop; None while there is none."""

    async def run(
        self,
        conversations: Iterator[TicketConversation],
        channel: AbstractAsyncContextManager[ModelChannel],
        emit: Emit,
    ) -> None:
        """Have all conversations; each is emitted as soon as it is over and its answer is stored."""
        async with channel as opened:
            works = [
                asyncio.ensure_future(self._work(conversations, opened, emit))
                for _ in range(CONVERSATIONS_A_PLACE * self._tools.concurrency_max)
            ]
            try:
                await asyncio.gather(*works)
            finally:
                for work in works:
                    work.cancel()
                await asyncio.gather(*works, return_exceptions=True)
        self._close(emit)

    def interrupt(self) -> None:
        """Send no more requests; answers on their way are still stored. Called in the loop."""
        self._pace.stop()
        if self._pace.taken:
            logger.warning(
                "Waiting up to %g s for %d answers that may be paid for; another interruption "
                "ends at once",
                self._tools.grace_seconds,
                self._pace.taken,
            )

    def error(self, progress: str) -> WriterError | None:
        """Return the error that the step ends with; None where nothing stopped it."""
        return self._stop and self._stop(model=self._tools.model, progress=progress)

    async def _work(
        self, conversations: Iterator[TicketConversation], channel: ModelChannel, emit: Emit
    ) -> None:
        """Ask about one ticket after the other, until none is left or the step stops."""
        for conversation in conversations:
            try:
                await self._pace.wait_until(self._may_begin)
                self._at_work += 1
                await self.converse(conversation, channel)
            except StoppedError:
                return
            self._at_work -= 1
            self._finish(conversation, emit)
            self._pace.notify()

    def _may_begin(self) -> bool:
        """Tell whether one more ticket may be asked about now.

        The first goes alone, and no more than `UNUSABLE_MAX` before a usable answer.
        """
        if not self._is_first_answered:
            return self._at_work == 0
        return self._has_answered or self._at_work + len(self._unusable) < UNUSABLE_MAX

    async def converse(self, conversation: Conversation, channel: ModelChannel) -> None:
        """Ask until a conversation is over; where the service fails, wait and ask again.

        Raises:
            StoppedError: Nothing more is asked.
        """
        replies_before = self._reply_count
        while True:
            if conversation.tries == 0:
                replies_before = self._reply_count
            await self.ask(conversation, channel)
            if conversation.end is not None:
                return
            logger.info("Asking again about %s", conversation.group_key or self._session_key)
            failure = conversation.failure
            if failure is None or failure.kind.error is None:
                continue  # the model answered, and the conversation has another question
            stop = stop_after(failure, tries=conversation.tries)
            if stop is not None:
                is_first = self._is_throttled_first(conversation, failure)
                may_be_of_ticket = is_first or self._may_be_of_ticket(
                    conversation, failure, has_others=self._reply_count > replies_before
                )
                if may_be_of_ticket and await self._answers_others(channel):
                    conversation.give_up(f"{FAILS_AT_THIS_ONE} {failure.reason}")
                    if is_first and isinstance(conversation, TicketConversation):
                        self._throttled_first = (conversation, stop)
                    return
                self._end(stop)
                raise StoppedError
            if failure.kind is not FailureKind.THROTTLED:  # `ask` made all requests wait for that
                seconds = self._wait_seconds(failure, conversation.tries)
                self._show_wait(failure, seconds)
                await self._pace.rest(seconds)

    def _is_throttled_first(self, conversation: Conversation, failure: Failure) -> bool:
        """Tell whether nobody can know yet if a limit is one ticket's: no ticket had a reply."""
        return (
            isinstance(conversation, TicketConversation)
            and _is_throttled_for_good(conversation, failure)
            and self._reply_count == 0
            and self._throttled_first is None
        )

    def _may_be_of_ticket(
        self, conversation: Conversation, failure: Failure, *, has_others: bool
    ) -> bool:
        """Tell whether a failure may be of this question; `has_others`: others had replies since."""
        if not _is_throttled_for_good(conversation, failure):
            return failure.kind in OF_ONE_TICKET
        # A small question proves nothing of a limit of tokens; another ticket does.
        is_last = self._reply_count > 0 and self._at_work == 1
        return has_others or is_last

    async def _answers_others(self, channel: ModelChannel) -> bool:
        """Ask one small question, to tell a failure at one ticket from one of the service.

        Raises:
            StoppedError: Nothing more is asked.
        """
        small = Conversation(question=PING_QUESTION)
        await self.ask(small, channel)
        return small.failure is None

    async def ask(self, conversation: Conversation, channel: ModelChannel) -> None:
        """Send the next question of a conversation once, when a place is free.

        The request is recorded before it is sent and after its answer. One that is interrupted in
        between stays recorded with the most it can cost.

        Raises:
            StoppedError: Nothing more is asked.
        """
        question = conversation.question
        clock = self._tools.clock
        turn, request_id = await self._pace.enter(partial(self._begin, conversation))
        began = clock.monotonic()
        try:
            received = await channel.ask(question)
        finally:
            self._pace.leave()
        seconds = clock.monotonic() - began
        outcome = conversation.take(received, tokens_read=self._tokens_read)
        if conversation.failure is None and isinstance(received, Reply):
            self._tokens_read = max(self._tokens_read, received.tokens_in)
            self._is_first_answered = True
            self._reply_count += conversation.group_key != NO_GROUP
        self._tools.end(request_id, question, received, outcome=outcome, seconds=seconds)
        if conversation.failure is None:
            self._pace.speed_up()
        elif conversation.failure.kind is FailureKind.THROTTLED:
            wait = self._wait_seconds(conversation.failure, conversation.tries)
            self._show_wait(conversation.failure, wait)
            self._pace.slow_down(turn, seconds=wait)

    def _show_wait(self, failure: Failure, seconds: float) -> None:
        """Say what is waited for, unless it is over in a moment or another wait was just said."""
        now = self._tools.clock.monotonic()
        if seconds >= SHOWN_WAIT_SECONDS and now >= self._wait_shown_until:
            self._wait_shown_until = now + seconds
            self._tools.show_wait(self._session_key, failure.reason, seconds)

    def _begin(self, conversation: Conversation) -> int | None:
        """Record a request and return its id.

        None where the budget has no room while other requests of this step are on their way: they
        may cost less than the most, which they are counted with.

        Raises:
            StoppedError: A limit is reached; the step stops.
        """
        begun = self._tools.begin(
            conversation.question,
            session_key=self._session_key,
            group_key=conversation.group_key,
        )
        if begun is SpendingLimit.BUDGET and self._pace.taken:
            return None
        if isinstance(begun, SpendingLimit):
            limits = self._tools.limits
            names = {
                SpendingLimit.REQUESTS: f"WRITER_MAX_REQUESTS ({limits.requests_max:,})",
                SpendingLimit.BUDGET: f"WRITER_BUDGET ({limits.budget_usd:f} US dollars)",
            }
            limit = names[begun]
            record = self._tools.record
            # Made when the step ends: only then is it known what the last answers cost.
            self._end(
                lambda **about: WriterBudgetError(
                    limit=limit, spent=spending_text(record.spending(self._session_key)), **about
                )
            )
            raise StoppedError
        return begun

    def _wait_seconds(self, failure: Failure, tries: int) -> float:
        """Return how long to wait: as the service asks, and at least longer with each try.

        It is drawn around the backoff, so that programs that failed together do not return together.
        """
        jitter = JITTER_MIN + (JITTER_MAX - JITTER_MIN) * self._tools.clock.random()
        backoff = min(BACKOFF_MAX_SECONDS, BACKOFF_BASE_SECONDS * 2.0 ** (tries - 1)) * jitter
        return max(failure.wait_seconds or 0.0, backoff)

    def _end(self, stop: Stop) -> None:
        """Stop the step with the first reason; answers on their way are waited for."""
        self._stop = self._stop or stop
        self._pace.stop()

    def _finish(self, conversation: TicketConversation, emit: Emit) -> None:
        """Store an answer and emit its conversation.

        A conversation without an answer is held back until another has one: it may be the model's
        fault. Too many of these stop the step.
        """
        if conversation.answer is not None:
            answer = KeptAnswer(
                answer_key=conversation.answer_key,
                writer=self._writer,
                answer_json=conversation.form.storable(conversation.answer, conversation.ticket),
                fallback_reason="",
                at=self._tools.clock.now(),
            )
            self._tools.record.keep_answer(answer)
            self._has_answered = True
        if self._throttled_first is not None and conversation is self._throttled_first[0]:
            return
        if self._has_answered:
            emit(conversation)
            return
        if conversation.end is RequestOutcome.FAILED:
            self._rejected.append(conversation)
        else:
            self._unusable.append(conversation)
        if len(self._rejected) >= REJECTIONS_MAX:
            self._end(_access_error(conversation))
        elif len(self._unusable) >= UNUSABLE_MAX:
            ends = {unusable.end for unusable in self._unusable}
            error: type[WriterError] = WriterUnusableError
            if ends == {RequestOutcome.TOO_LONG}:
                error = WriterContextError
            tickets = f"{UNUSABLE_MAX} tickets were asked about, and none could be written"
            steps = advised_steps(conversation.advice)
            reason = f"{tickets}. {conversation.reason}"
            self._end(partial(error, reason=reason, recovery_actions=steps))

    def _close(self, emit: Emit) -> None:
        """Emit the conversations held back, without answers, where their tickets are the reason.

        Where the model or its server is, the step stops instead. Neither is stored: a changed
        setting or a repaired server may help.
        """
        if self._throttled_first is not None:
            first, stop = self._throttled_first
            if self._has_answered and self._stop is None:
                emit(first)
            else:
                self._end(stop)
        if self._rejected and not self._has_answered:
            self._end(_access_error(self._rejected[-1]))
        else:
            for conversation in self._rejected:
                emit(conversation)
        if self._has_answered or len(self._unusable) < UNUSABLE_MAX:
            for conversation in self._unusable:
                emit(conversation)


def _is_throttled_for_good(conversation: Conversation, failure: Failure) -> bool:
    return failure.kind is FailureKind.THROTTLED and conversation.tries >= TRIES_MAX


def _access_error(conversation: Conversation) -> Stop:
    """Return that a service takes no request, as one conversation shows it."""
    return partial(
        WriterAccessError,
        reason=conversation.reason,
        recovery_actions=advised_steps(conversation.advice),
    )


class StoppedError(Exception):
    """The step stops: raised where something waits for a place, so that it ends; never shown."""


class RequestPace:
    """The places of one step for requests, and pauses between them; lives in one event loop.

    Additive increase, multiplicative decrease: where the service says it has too much load, the
    places are halved; after as many good answers as there are places, there is one more. Requests
    on their way at the last halving do not halve again.
    """

    def __init__(self, clock: WriterClock, *, places_max: int) -> None:
        self._clock = clock
        self._places_max = places_max
        self.places = places_max
        """How many requests may be on their way at once, now."""
        self.taken = 0
        """How many are on their way."""
        self._good_answers = 0
        """Since the last change of `places`."""
        self._turns = 0
        """How many requests had a place so far; a request's turn is its number among them."""
        self._halved_at = 0
        """The last turn at the last halving."""
        self._free_at = 0.0
        """Until when everything pauses, by the monotonic clock."""
        self.is_stopped = False
        self._changed = asyncio.Event()
        """Set, and replaced by a new one, whenever something of the above changes."""

    async def enter(self, begin: Callable[[], Result | None]) -> tuple[int, Result]:
        """Wait for a place, take it, and return the turn with the result of `begin`.

        While a place is free, `begin` is called after each change until it returns something; None
        means that it has to wait longer.

        Raises:
            StoppedError: Nothing more is asked.
        """
        while True:
            self._raise_if_stopped()
            pause = self._free_at - self._clock.monotonic()
            if pause > 0:
                await self.rest(pause)
            elif self.taken < self.places and (begun := begin()) is not None:
                self.taken += 1
                self._turns += 1
                return self._turns, begun
            else:
                await self._changed.wait()

    async def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Wait, without a place, until `is_so()` is true; it is called after each change.

        Raises:
            StoppedError: Nothing more is asked.
        """
        self._raise_if_stopped()
        while not is_so():
            await self._changed.wait()
            self._raise_if_stopped()

    async def rest(self, seconds: float) -> None:
        """Wait without holding a place.

        Raises:
            StoppedError: Nothing more is asked; the wait is cut short.
        """
        sleep = asyncio.ensure_future(self._clock.sleep(seconds))
        sleep.add_done_callback(lambda _: self.notify())
        try:
            await self.wait_until(sleep.done)
        finally:
            sleep.cancel()

    def leave(self) -> None:
        """Give a place back."""
        self.taken -= 1
        self.notify()

    def slow_down(self, turn: int, *, seconds: float) -> None:
        """Pause everything, and halve the places unless that was done since the turn began."""
        self._free_at = max(self._free_at, self._clock.monotonic() + seconds)
        if turn > self._halved_at:
            self.places = max(1, self.places // 2)
            self._halved_at = self._turns
            self._good_answers = 0
            logger.info("The model asks for less: %d at once, after %.1f s", self.places, seconds)
        self.notify()

    def speed_up(self) -> None:
        """Count a good answer; a round of them opens one more place."""
        self._good_answers += 1
        if self._good_answers >= self.places < self._places_max:
            self.places += 1
            self._good_answers = 0
            self.notify()

    def stop(self) -> None:
        """Admit no further request and wake those that wait."""
        self.is_stopped = True
        self.notify()

    def notify(self) -> None:
        """Wake everybody who waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    def _raise_if_stopped(self) -> None:
        if self.is_stopped:
            raise StoppedError


def stream_results(
    work: Callable[[Callable[[Result], None]], Coroutine[Any, Any, None]],
    *,
    interrupt: Callable[[], None] | None = None,
    grace_seconds: float = 0.0,
) -> Generator[Result, None, None]:
    """Run a coroutine in a thread of its own, and yield what it emits.

    `work` gets a function that emits a result. Closing the generator cancels the coroutine and waits
    for its end. Where `interrupt` is given, that is called first, in the coroutine's loop, and it has
    `grace_seconds` to end by itself, unless this wait is interrupted in turn.
    """
    arrived: SimpleQueue[Result | None] = SimpleQueue()
    loop = asyncio.new_event_loop()
    main = loop.create_task(work(arrived.put))
    ended = threading.Event()
    # A signal may be raised while the thread starts: whoever gets this first runs the loop.
    claim = threading.Lock()

    def run_unless_ended() -> None:
        if claim.acquire(blocking=False):
            run()

    def run() -> None:
        try:
            loop.run_until_complete(asyncio.wait([main]))
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            ended.set()
            arrived.put(None)

    thread = threading.Thread(target=run_unless_ended, name="asking")
    try:
        thread.start()
        while (result := arrived.get()) is not None:
            yield result
    finally:
        is_running = not claim.acquire(blocking=False)
        try:
            if is_running and interrupt is not None and not ended.is_set():
                loop.call_soon_threadsafe(interrupt)
                ended.wait(grace_seconds)
        finally:
            if is_running:
                loop.call_soon_threadsafe(main.cancel)
                thread.join()
            else:
                main.cancel()
                run()
            loop.close()
    main.result()
