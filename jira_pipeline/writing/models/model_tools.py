"""What everything that asks a model works with: the way to a model, what it may still cost.

Belongs here: opening the way, writing each request down before it is sent and after its answer,
what there is no room for. Does not: prices (`writing/cost_estimate`), adding up and refusing
(`store/writing`: other processes ask about the session too), waiting (`asking_step`), the wire
(`model_calls`, imported when something is asked: it takes seconds, and the extra `llm`).
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from decimal import Decimal

from jira_pipeline.model.errors import WriterAccessError, WriterMissingError
from jira_pipeline.model.model_requests import (
    RequestIntent,
    RequestOutcome,
    RequestReceipt,
    SpendingLimit,
    WritingLimits,
)
from jira_pipeline.store.writing import WritingRecord
from jira_pipeline.writing.completion.specification_text import tokens_of
from jira_pipeline.writing.models.model_exchange import (
    Failure,
    FailureKind,
    ModelChannel,
    ModelChoice,
    OpenChannel,
    PriceOf,
    Question,
    Reply,
    WriterClock,
)

EXTRA_PACKAGES = frozenset({"anthropic", "httpx2", "openai", "pydantic_ai"})
ANSWER_GRACE_SECONDS = 20.0
"""How long an interrupted step waits for answers under way: most take 5 to 45 s (`cost_estimate`), and
Kubernetes kills a container 30 s after asking it to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTools:
    """One model, the way to it, and what a session may ask of it."""

    model: str
    """As WRITER_MODEL names it."""
    open_channel: OpenChannel
    record: WritingRecord
    """It counts what others ask too."""
    clock: WriterClock
    price_of: PriceOf
    limits: WritingLimits
    concurrency_max: int
    grace_seconds: float = ANSWER_GRACE_SECONDS

    def opened_way(self) -> AbstractAsyncContextManager[ModelChannel]:
        """Open the way to the model.

        Raises:
            WriterMissingError: The packages are not installed.
            WriterAccessError: A provider needs a key, and there is none.
        """
        try:
            return self.open_channel()
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in EXTRA_PACKAGES:
                raise
            raise WriterMissingError(model=self.model) from error

    def begin(self, question: Question, *, session_key: str, group_key: str) -> int | SpendingLimit:
        """Write down that a question is about to be sent, with the most it can cost.

        Return the number of the request, or the limit that leaves no room for it.
        """
        intent = RequestIntent(
            session_key=session_key,
            group_key=group_key,
            model=self.model,
            most_usd=self._most_usd(question),
            at=self.clock.now(),
        )
        return self.record.intend_request(intent, limits=self.limits)

    def end(
        self,
        request_id: int,
        question: Question,
        received: Reply | Failure,
        *,
        outcome: RequestOutcome,
        seconds: float,
    ) -> None:
        """Write down what came of a request; one that is cut short stays as it was begun.

        What could not be read counts with the most, in the next step too; servers that count no
        tokens get an estimate.
        """
        tokens_in = tokens_out = 0
        if isinstance(received, Reply):
            tokens_in = received.tokens_in or sum(map(tokens_of, question.texts))
            tokens_out = received.tokens_out or tokens_of(received.text)
            cost_usd = self.price_of(
                tokens_in=tokens_in, tokens_out=tokens_out, cached=received.cached
            )
        elif received.kind is FailureKind.UNREADABLE:
            cost_usd = self._most_usd(question)
        else:
            cost_usd = self.price_of(tokens_in=0, tokens_out=0)
        receipt = RequestReceipt(
            outcome=outcome,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_usd=cost_usd,
            seconds=seconds,
        )
        self.record.note_receipt(request_id, receipt)

    def _most_usd(self, question: Question) -> Decimal | None:
        return self.price_of(tokens_in=question.tokens_most, tokens_out=question.answer_tokens_max)


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
