"""A hundred tickets by a model that takes a second for each, eight at once; then all of them again.

The model is a server on loopback in this process that speaks OpenAI's protocol; the store is a
real one, on SQLite, and every answer is kept as it arrives. Time is real. Goal: at most 1.15 times
what eight places need for a hundred calls, and no call at all the second time.
"""

import asyncio
import importlib
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from benchmarks.specifications import ROOT, multiply
from jira_pipeline.grouping.grouping import group_entities
from jira_pipeline.kernel.entities import Specification
from jira_pipeline.ports.writing import TicketBrief, WritingLimits
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_folder
from jira_pipeline.store.engine import open_store
from jira_pipeline.store.store import Store
from jira_pipeline.writing.model import ModelWriter
from jira_pipeline.writing.models.model_exchange import ModelChoice, WriterClock
from jira_pipeline.writing.models.model_tools import ModelTools, channel_opener
from jira_pipeline_tests.contracts.stored_values import START, an_upload
from jira_pipeline_tests.writing.scripted_models import Asked, Say, ScriptedServer, scripted_server
from jira_pipeline_tests.writing.sites import briefs_of

TICKETS = 100
COPIES = 8
"""Of the example, which has 24 tickets; those of whole sheets, such as roles, stay one each."""
CALL_SECONDS = 1.0
CONCURRENCY = 8
IDEAL_SECONDS = -(-TICKETS // CONCURRENCY) * CALL_SECONDS
GOAL = 1.15
SESSION_KEY = "site"


def main() -> None:
    """Write the tickets twice and print times and calls."""
    began = time.perf_counter()
    importlib.import_module("jira_pipeline.writing.models.model_calls")
    imported = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        briefs = _briefs(folder)
        url = f"sqlite:///{folder / 'store.sqlite'}"
        with open_store(url, lock_path=folder / "store.lock") as store:
            store.sessions.register(an_upload(SESSION_KEY), at=START, actor="bench")
            with scripted_server(_after_a_second) as server:
                first = _seconds(server, store, briefs)
                calls = len(server.asked)
                second = _seconds(server, store, briefs)
    ratio = first / IDEAL_SECONDS
    print(f"{TICKETS} tickets, {CALL_SECONDS:g} s a call, {CONCURRENCY} at once")
    print(f"  ideal {IDEAL_SECONDS:.1f} s; packages of the extra llm imported in {imported:.1f} s")
    print(f"  first run   {first:6.2f} s  {calls} calls  ratio {ratio:.3f} (goal {GOAL})")
    print(f"  second run  {second:6.2f} s  {len(server.asked) - calls} calls (goal 0)")
    print(f"  at once     {server.running_most} at most")


def _after_a_second(asked: Asked) -> Say:
    del asked
    time.sleep(CALL_SECONDS)
    return Say()


def _seconds(server: ScriptedServer, store: Store, briefs: Sequence[TicketBrief]) -> float:
    writer = _writer(server, store)
    began = time.perf_counter()
    written = list(writer.write_all(briefs, session_key=SESSION_KEY))
    if len(written) != TICKETS or any(ticket.prose.fallback_reason for ticket in written):
        sys.exit(f"{len(written)} of {TICKETS} tickets were written, or some by the template.")
    return time.perf_counter() - began


def _writer(server: ScriptedServer, store: Store) -> ModelWriter:
    choice = ModelChoice(
        model="openai:gpt-5-mini",
        base_url=server.base_url("openai"),
        api_key=None,
        timeout_seconds=30.0,
    )
    return ModelWriter(
        model=choice.model,
        tools=ModelTools(
            open_channel=channel_opener(choice),
            record=store.writing,
            clock=WriterClock(
                now=lambda: datetime.now(UTC),  # noqa: TID251 - real time is measured
                monotonic=time.monotonic,
                sleep=asyncio.sleep,
                random=random.random,
            ),
            price_of=lambda tokens_in, tokens_out, _cached=None: (
                Decimal(tokens_in + tokens_out) / 1_000_000
            ),
            limits=WritingLimits(requests_max=1_000, budget_usd=Decimal(20)),
            concurrency_max=CONCURRENCY,
        ),
    )


def _briefs(folder: Path) -> tuple[TicketBrief, ...]:
    """Return the briefs of a site that is large enough."""
    sheets = folder / "sheets"
    multiply(ROOT / "examples" / "uhrenmuseum", COPIES, sheets)
    specification = Specification(entities=read_entities(read_folder(sheets).tables).entities)
    return briefs_of(specification, group_entities(specification).groups)[:TICKETS]


if __name__ == "__main__":
    main()
