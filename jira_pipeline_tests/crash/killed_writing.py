"""A process that writes tickets with a model, and is killed at a write into the record.

It writes them itself in the store `whole` and tells how many points it passed. Then each order names
a store, what its requests are known by, and the number of a point at which a child of it dies, or 0;
it answers with how the child ended. Children are forked from here, where everything is used once
already: that takes seconds.
"""

import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeAlias

from jira_pipeline.ports.writing import (
    KeptAnswer,
    RequestIntent,
    RequestReceipt,
    Spending,
    SpendingLimit,
    WritingLimits,
    WritingRecord,
)
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.writing.asked_models import SESSION, model_writer_at, some_briefs

PLACES = 2
Order: TypeAlias = tuple[str, str, int]


class DeadlyRecord:
    """A record that kills its process before or after a write; nothing is cleaned up."""

    def __init__(self, record: WritingRecord, *, dies_at: int) -> None:
        """Count points from 1; 0 kills nobody."""
        self._record = record
        self._dies_at = dies_at
        self.points = 0

    def answer(self, answer_key: str, *, used_at: datetime | None = None) -> KeptAnswer | None:
        """Look up."""
        return self._record.answer(answer_key, used_at=used_at)

    def keep_answer(self, answer: KeptAnswer) -> None:
        """Write, with a point before and after."""
        self._pass_point()
        self._record.keep_answer(answer)
        self._pass_point()

    def intend_request(
        self, intent: RequestIntent, *, limits: WritingLimits
    ) -> int | SpendingLimit:
        """Write, with a point before and after."""
        self._pass_point()
        found = self._record.intend_request(intent, limits=limits)
        self._pass_point()
        return found

    def note_receipt(self, request_id: int, receipt: RequestReceipt) -> None:
        """Write, with a point before and after."""
        self._pass_point()
        self._record.note_receipt(request_id, receipt)
        self._pass_point()

    def forget_answers(self, *, unused_since: datetime) -> int:
        """Forget."""
        return self._record.forget_answers(unused_since=unused_since)

    def spending(self, session_key: str) -> Spending:
        """Look up."""
        return self._record.spending(session_key)

    def spending_by_group(self, session_key: str) -> Mapping[str, Spending]:
        """Look up."""
        return self._record.spending_by_group(session_key)

    def _pass_point(self) -> None:
        self.points += 1
        if self.points == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


def write(url: str, folder: Path, count: int, *, dies_at: int) -> int:
    """Write tickets, or die; return the points passed."""
    with open_in(folder) as store:
        record = DeadlyRecord(store.writing, dies_at=dies_at)
        writer = model_writer_at(f"{url}/v1", record, concurrency_max=PLACES)
        written = list(writer.write_all(some_briefs(count), session_key=SESSION))
        if len(written) != count:
            sys.exit(f"{len(written)} of {count} tickets were written")
        return record.points


def serve_orders(url: str, folder: Path, count: int, orders: "Connection[int, Order]") -> None:
    """Write once, then fork a child for every order until there are no more."""
    orders.send(write(f"{url}/whole", folder / "whole", count, dies_at=0))
    with suppress(EOFError):
        while True:
            home, asker, dies_at = orders.recv()
            child = os.fork()
            if child == 0:
                write(f"{url}/{asker}", folder / home, count, dies_at=dies_at)
                os._exit(0)
            _, status = os.waitpid(child, 0)
            orders.send(os.waitstatus_to_exitcode(status))
