"""What everything that asks a model works with, the way to a model, and the errors a stop becomes.

Belongs here: what tickets (`model`) and health (`health`) are asked with alike. Does not: asking
(`model_requests`), the wire (`model_calls`, imported when something is asked: it takes seconds, and
the extra `llm`).
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from jira_pipeline.model.errors import (
    WriterAccessError,
    WriterBudgetError,
    WriterError,
    WriterMissingError,
    WriterUnavailableError,
)
from jira_pipeline.model.model_requests import WritingLimits
from jira_pipeline.store.writing import WritingRecord
from jira_pipeline.writing.models.model_exchange import (
    ModelChannel,
    ModelChoice,
    OpenChannel,
    WriterClock,
)
from jira_pipeline.writing.models.model_requests import Stop
from jira_pipeline.writing.models.request_account import PriceOf, RequestSource, SessionAccount

EXTRA_PACKAGES = frozenset({"anthropic", "httpx2", "openai", "pydantic_ai"})
ANSWER_GRACE_SECONDS = 20.0
"""How long an interrupted step waits for answers under way: most take 5 to 45 s (`cost_estimate`), and
Kubernetes kills a container 30 s after asking it to stop."""
NOTHING_WRITTEN = "Nothing was written."


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTools:
    open_channel: OpenChannel
    record: WritingRecord
    clock: WriterClock
    price_of: PriceOf
    limits: WritingLimits
    concurrency_max: int
    grace_seconds: float = ANSWER_GRACE_SECONDS

    def account(self, source: RequestSource) -> SessionAccount:
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
    if stop.error is WriterBudgetError:
        return WriterBudgetError(limit=stop.reason, spent=spent, progress=progress)
    if stop.error is WriterUnavailableError:
        return WriterUnavailableError(
            model=model, reason=stop.reason, progress=progress, wait_seconds=stop.wait_seconds
        )
    return stop.error(model=model, reason=stop.reason, progress=progress)
