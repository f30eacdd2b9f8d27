"""Model writers for tests: real ones, on real stores, that ask scripted servers.

Belongs here: making them, a clock nobody waits for, the record as people read it.
"""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select
from typing_extensions import override

from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.model_requests import RequestOutcome, WritingLimits
from jira_pipeline.store import tables
from jira_pipeline.store.store import Store
from jira_pipeline.store.writing_record import WritingRecord
from jira_pipeline.writing.completion.prompt import Prompt, PromptRule, TicketToComplete
from jira_pipeline.writing.models.asking_step import AskingStep
from jira_pipeline.writing.models.conversation import (
    NOTHING_CACHED,
    CachedTokens,
    ModelChoice,
    ModelTools,
    OpenChannel,
    PriceOf,
    Question,
    TicketConversation,
    WriterClock,
)
from jira_pipeline.writing.whole.request import prompt_of_whole
from jira_pipeline.writing.writers import ModelWriter, open_model_channel
from jira_pipeline_tests.contracts.stored_values import START, an_upload
from jira_pipeline_tests.writing.harbour import fleet_briefs
from jira_pipeline_tests.writing.scripted_models import ScriptedServer

SESSION = "site"
KEY = "canary-key-5d1c"
LONG_SECONDS = 3_600.0
"""Nothing that is asked here takes so long: what waits for it fails."""
MODELS = {
    "openai": "openai:gpt-5-mini",
    "anthropic": "anthropic:claude-haiku-4-5",
    "compatible": "qwen3:14b",
}


@dataclass(kw_only=True)
class StillClock:
    """A clock that moves when somebody sleeps, at once."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Move the clock; those who sleep at the same time wake at the same time."""
        wakes_at = self.seconds + seconds
        self.slept.append(seconds)
        await asyncio.sleep(0)
        self.seconds = max(self.seconds, wakes_at)

    def as_writer_clock(self) -> WriterClock:
        """Return what writers take; no jitter."""
        return WriterClock(
            now=lambda: START + timedelta(seconds=self.seconds),
            monotonic=self.monotonic,
            sleep=self.sleep,
            random=lambda: 0.5,
        )


def cent_a_thousand(
    *, tokens_in: int, tokens_out: int, cached: CachedTokens = NOTHING_CACHED
) -> Decimal | None:
    """Price of a model that charges one cent for a thousand tokens, in or out, a tenth from a cache."""
    return (Decimal(tokens_in + tokens_out) - Decimal(cached.read) * 9 / 10) / 1000 / 100


def model_tools(
    server: ScriptedServer, record: WritingRecord, *, provider: str = "openai", **tools: Any
) -> ModelTools:
    """Make what asks a scripted server; further arguments are those of `model_tools_at`."""
    return model_tools_at(server.base_url(provider), record, provider=provider, **tools)


def model_tools_at(
    base_url: str,
    record: WritingRecord,
    *,
    provider: str = "openai",
    clock: StillClock | None = None,
    open_channel: OpenChannel | None = None,
    price_of: PriceOf = cent_a_thousand,
    requests_max: int = 1_000,
    budget_usd: Decimal = Decimal(100),
    concurrency_max: int = 8,
    timeout_seconds: float = 20.0,
    grace_seconds: float = 0.0,
) -> ModelTools:
    choice = ModelChoice(
        model=MODELS[provider],
        base_url=base_url,
        api_key=SecretStr(KEY),
        timeout_seconds=timeout_seconds,
    )
    return ModelTools(
        model=choice.model,
        open_channel=open_channel or partial(open_model_channel, choice),
        record=record,
        clock=(clock or StillClock()).as_writer_clock(),
        price_of=price_of,
        limits=WritingLimits(requests_max=requests_max, budget_usd=budget_usd),
        concurrency_max=concurrency_max,
        grace_seconds=grace_seconds,
    )


def model_writer(
    server: ScriptedServer, record: WritingRecord, *, provider: str = "openai", **tools: Any
) -> ModelWriter:
    """Make a writer that asks a scripted server; further arguments are those of `model_tools_at`."""
    return ModelWriter(tools=model_tools(server, record, provider=provider, **tools))


def some_briefs(count: int) -> tuple[TicketRows, ...]:
    """Return the first of 26 briefs: a harbour, and small ships enough to ask in rounds."""
    return fleet_briefs()[:count]


def to_complete(brief: TicketRows) -> TicketToComplete:
    return TicketToComplete.of(brief)


def first_prompt(ticket: TicketToComplete) -> Prompt:
    return prompt_of_whole(ticket, PromptRule())


def conversation_about(brief: TicketRows) -> TicketConversation:
    ticket = to_complete(brief)
    prompt = first_prompt(ticket)
    question = Question(
        instructions=prompt.instructions, context=prompt.context, request=prompt.request
    )
    return TicketConversation(question=question, ticket=ticket, prompt=prompt, answer_key="")


def register(store: Store, session_key: str = SESSION) -> None:
    store.sessions.register(an_upload(session_key), at=START, actor="ab")


def outcomes(store: Store) -> list[RequestOutcome]:
    chosen = select(tables.model_requests.c.outcome).order_by(tables.model_requests.c.request_id)
    with store.database.reading() as connection:
        return [RequestOutcome(name) for name in connection.execute(chosen).scalars()]


def counted(found: Sequence[RequestOutcome]) -> dict[str, int]:
    return dict(Counter(outcome.value for outcome in found))


class WaitNotice(logging.Handler):
    """Notices that an interrupted step waits for answers."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.event = threading.Event()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if "Waiting up to" in record.getMessage():
            self.event.set()


@contextmanager
def wait_notice() -> Iterator[threading.Event]:
    """Give what is set once a step waits for answers."""
    handler, logger = WaitNotice(), logging.getLogger(AskingStep.__module__)
    logger.addHandler(handler)
    yield handler.event
    logger.removeHandler(handler)
