"""What everything that asks a model works with, the way to a model, and the errors a stop becomes.

Belongs here: what tickets (`model`) and health (`health`) are asked with alike. Does not: asking
(`model_requests`), the wire (`model_calls`, imported when something is asked: it takes seconds, and
the extra `llm`).
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import assert_never

from jira_pipeline.model.errors import (
    WriterAccessError,
    WriterBudgetError,
    WriterContextError,
    WriterError,
    WriterMissingError,
    WriterQuotaError,
    WriterUnavailableError,
    WriterUnusableError,
)
from jira_pipeline.model.model_requests import WritingLimits
from jira_pipeline.store.writing import WritingRecord
from jira_pipeline.writing.models.model_exchange import (
    ModelChannel,
    ModelChoice,
    OpenChannel,
    WriterClock,
)
from jira_pipeline.writing.models.model_requests import ModelRequests, Stop, StopCause
from jira_pipeline.writing.models.request_account import PriceOf, RequestSource, SessionAccount
from jira_pipeline.writing.models.request_pace import RequestPace

EXTRA_PACKAGES = frozenset({"anthropic", "httpx2", "openai", "pydantic_ai"})
ANSWER_GRACE_SECONDS = 20.0
"""How long an interrupted step waits for answers under way: most take 5 to 45 s (`cost_estimate`), and
Kubernetes kills a container 30 s after asking it to stop."""
NOTHING_WRITTEN = "Nothing was written."


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTools:
    """What asks a model."""

    open_channel: OpenChannel
    record: WritingRecord
    clock: WriterClock
    price_of: PriceOf
    limits: WritingLimits
    concurrency_max: int
    grace_seconds: float = ANSWER_GRACE_SECONDS

    def account(self, source: RequestSource) -> SessionAccount:
        """Open the account of a session."""
        return SessionAccount(
            self.record,
            source=source,
            limits=self.limits,
            price_of=self.price_of,
            now=self.clock.now,
        )


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
        from jira_pipeline.writing.models.model_calls import opened_channel  # noqa: PLC0415 - see above

        return opened_channel(choice)

    return opened


def error_of(stop: Stop, *, model: str, spent: str, progress: str) -> WriterError:
    """Return the error that a stop ends a step with."""
    match stop.cause:
        case StopCause.UNAVAILABLE:
            return WriterUnavailableError(
                model=model, reason=stop.reason, progress=progress, wait_seconds=stop.wait_seconds
            )
        case StopCause.ACCESS:
            return WriterAccessError(model=model, reason=stop.reason, progress=progress)
        case StopCause.UNUSABLE:
            return WriterUnusableError(model=model, reason=stop.reason, progress=progress)
        case StopCause.CUT:
            return WriterContextError(model=model, reason=stop.reason, progress=progress)
        case StopCause.QUOTA:
            return WriterQuotaError(model=model, reason=stop.reason, progress=progress)
        case StopCause.BUDGET:
            return WriterBudgetError(limit=stop.reason, spent=spent, progress=progress)
        case _:
            assert_never(stop.cause)


class SessionRequests:
    """Asks about one session, and says what stopped it."""

    def __init__(self, channel: ModelChannel, *, tools: ModelTools, source: RequestSource) -> None:
        """Take an open channel."""
        self._model = source.model
        self._account = tools.account(source)
        self.requests = ModelRequests(
            channel,
            pace=RequestPace(tools.clock, places_max=1),
            account=self._account,
            clock=tools.clock,
        )

    @property
    def error(self) -> WriterError | None:
        """What stopped it."""
        stop = self.requests.stop
        if stop is None:
            return None
        return error_of(
            stop, model=self._model, spent=self._account.spent, progress=NOTHING_WRITTEN
        )


@asynccontextmanager
async def opened_requests(
    channel: AbstractAsyncContextManager[ModelChannel], *, tools: ModelTools, source: RequestSource
) -> AsyncIterator[SessionRequests]:
    """Open the way to a model, with limits and an account."""
    async with channel as opened:
        yield SessionRequests(opened, tools=tools, source=source)
