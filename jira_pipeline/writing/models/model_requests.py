"""Puts questions to a model until there is a reply worth judging.

Belongs here: turns, retries, and what stops the step. Does not: places (`request_pace`), counting
and money (`request_account`), what a reply is worth (`ticket_conversation`), the wire
(`model_calls`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from jira_pipeline.model.errors import (
    WriterAccessError,
    WriterBudgetError,
    WriterContextError,
    WriterError,
    WriterQuotaError,
    WriterUnavailableError,
)
from jira_pipeline.model.model_requests import RequestOutcome
from jira_pipeline.writing.models.model_exchange import (
    Failure,
    FailureKind,
    ModelChannel,
    Question,
    Reply,
    WriterClock,
    cut_of,
)
from jira_pipeline.writing.models.request_account import (
    BegunRequest,
    LimitReachedError,
    SessionAccount,
)
from jira_pipeline.writing.models.request_pace import RequestPace, StoppedError

TRIES_MAX = 6
BACKOFF_BASE_SECONDS = 1.0
BACKOFF_MAX_SECONDS = 30.0
"""With jitter about a minute in all, as long as the limits per minute of the services last."""
JITTER_MIN, JITTER_MAX = 0.7, 1.3
LONGEST_WAIT_BETWEEN_TRIES_SECONDS = 60.0
"""What asks us to wait longer ends the step; Dagster starts it again after that wait."""


STOPPING: Mapping[FailureKind, type[WriterError]] = {
    FailureKind.NO_ACCESS: WriterAccessError,
    FailureKind.UNKNOWN_MODEL: WriterAccessError,
    FailureKind.NO_CREDIT: WriterQuotaError,
    FailureKind.CUT: WriterContextError,
}
"""What asking again helps nobody about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What ended a step before all tickets were written."""

    error: type[WriterError]
    reason: str
    """The message of the service, or the limit that was reached."""
    wait_seconds: float | None = None


class Judgement(Protocol):
    """What a reply is worth."""

    @property
    def outcome(self) -> RequestOutcome:
        """Return what the request counts as."""


Judged = TypeVar("Judged", bound=Judgement)
Judge: TypeAlias = Callable[[Reply], Judged]


class ModelRequests:
    """Asks the questions of one step."""

    def __init__(
        self,
        channel: ModelChannel,
        *,
        pace: RequestPace,
        account: SessionAccount,
        clock: WriterClock,
    ) -> None:
        self._channel = channel
        self._pace = pace
        self._account = account
        self._clock = clock
        self.stop: Stop | None = None
        """The first reason to stop; None while there is none."""
        self._tokens_read = 0
        """The most of one question: where a server counts fewer later, a cache held the rest."""

    async def ask(
        self, question: Question, *, group_key: str, judge: Judge[Judged]
    ) -> Judged | Failure:
        """Ask until there is a reply, and return what it is worth, or why there cannot be one.

        Raises:
            StoppedError: Nothing more is asked; `stop` says why.
        """
        tries = 0
        while True:
            answer = await self.ask_once(question, group_key=group_key, judge=judge, tries=tries)
            if not isinstance(answer, Failure) or answer.kind in _FOR_THE_TICKET:
                return answer
            if answer.kind is FailureKind.SCHEMA_REFUSED:
                continue
            tries += 1
            self._stop_if_in_vain(answer, tries=tries)
            if answer.kind is not FailureKind.THROTTLED:
                await self._pace.rest(self._wait_seconds(answer, tries=tries))

    async def ask_once(
        self, question: Question, *, group_key: str, judge: Judge[Judged], tries: int = 0
    ) -> Judged | Failure:
        """Ask in turn, and write the request down before it is sent and after its answer.

        One that is cut short stays written down with the most it can cost. `tries` went before.

        Raises:
            StoppedError: Nothing more is asked; `stop` says why.
        """
        turn, begun = await self._begun(question, group_key=group_key)
        began = self._clock.monotonic()
        try:
            received = await self._channel.ask(question)
        finally:
            self._pace.leave()
        seconds = self._clock.monotonic() - began
        if isinstance(received, Reply) and received.wait_seconds:
            self._pace.pause(received.wait_seconds)
        answer = await self._judged(question, received, judge)
        outcome = (
            _outcome_of_failure(answer.kind) if isinstance(answer, Failure) else answer.outcome
        )
        self._account.end(begun, received, outcome=outcome, seconds=seconds)
        self._pace.notify()
        if not isinstance(answer, Failure):
            self._pace.speed_up()
        elif answer.kind is FailureKind.THROTTLED:
            self._pace.slow_down(turn, seconds=self._wait_seconds(answer, tries=tries + 1))
        return answer

    async def _begun(self, question: Question, *, group_key: str) -> tuple[int, BegunRequest]:
        """Wait for a turn; where no further request fits the limits, stop."""
        try:
            return await self._pace.enter(
                lambda: self._account.begin(question, group_key=group_key)
            )
        except LimitReachedError as reached:
            self.end(Stop(error=WriterBudgetError, reason=reached.limit))
            raise StoppedError from reached

    async def _judged(
        self, question: Question, received: Reply | Failure, judge: Judge[Judged]
    ) -> Judged | Failure:
        """Judge a reply when others sent their requests: judging it takes nobody's turn.

        Whoever was waiting for a good one sends before it is written down, too.
        """
        if isinstance(received, Failure):
            return received
        cut = cut_of(question, received)
        if cut is not None and question.tokens_least > self._tokens_read:
            return cut
        self._tokens_read = max(self._tokens_read, received.tokens_in)
        await self._pace.let_others_send()
        judged = judge(received)
        await self._pace.let_others_send()
        return judged

    def _stop_if_in_vain(self, failure: Failure, *, tries: int) -> None:
        """Stop where asking again helps nobody."""
        asked, error = failure.wait_seconds, STOPPING.get(failure.kind)
        if error is None and (
            tries >= TRIES_MAX or (asked or 0.0) > LONGEST_WAIT_BETWEEN_TRIES_SECONDS
        ):
            error = WriterUnavailableError
        if error is not None:
            self.end(Stop(error=error, reason=failure.reason, wait_seconds=asked))
            raise StoppedError

    def end(self, stop: Stop) -> None:
        """Keep the first reason; what is under way is waited for, nothing else begins."""
        self.stop = self.stop or stop
        self._pace.stop()

    def _wait_seconds(self, failure: Failure, *, tries: int) -> float:
        """Wait as asked, or longer each time; others were asked the same."""
        jitter = JITTER_MIN + (JITTER_MAX - JITTER_MIN) * self._clock.random()
        backoff = min(BACKOFF_MAX_SECONDS, BACKOFF_BASE_SECONDS * 2.0 ** (tries - 1)) * jitter
        return max(failure.wait_seconds or 0.0, backoff)


_FOR_THE_TICKET = frozenset({FailureKind.TOO_LONG, FailureKind.REFUSED, FailureKind.REJECTED})
"""Another ticket may fare better."""


def _outcome_of_failure(kind: FailureKind) -> RequestOutcome:
    match kind:
        case FailureKind.THROTTLED:
            return RequestOutcome.RATE_LIMITED
        case FailureKind.TOO_LONG | FailureKind.CUT:
            return RequestOutcome.TOO_LONG
        case FailureKind.REFUSED:
            return RequestOutcome.REFUSED
        case FailureKind.UNREADABLE:
            return RequestOutcome.UNSEEN
        case (
            FailureKind.UNREACHABLE
            | FailureKind.UNAVAILABLE
            | FailureKind.SCHEMA_REFUSED
            | FailureKind.REJECTED
            | FailureKind.NO_ACCESS
            | FailureKind.UNKNOWN_MODEL
            | FailureKind.NO_CREDIT
        ):
            return RequestOutcome.FAILED
