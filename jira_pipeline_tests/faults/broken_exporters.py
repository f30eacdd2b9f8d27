"""Exporters with one bug each, which the schedules have to catch.

Belongs here: what each does wrong, around the product's own code. Does not: catching them
(`test_broken_exporters`).
Source: docs/export.md, Invariants.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import httpx
from typing_extensions import override

from jira_pipeline.errors import StoreBusyError, StoreError
from jira_pipeline.export.export_run import MARKER_PROPERTY, ExportTools
from jira_pipeline.jira_client.client import JiraClient
from jira_pipeline.kernel.export_ledger import LedgerEntry, LedgerEvent
from jira_pipeline.ports.issue_tracker import BulkFetchAnswer, SearchPage
from jira_pipeline_tests.faults.fault_world import Build, EndingLedger, FaultWorld, is_creation

SENDS_MAX = 3


class NoIntents(EndingLedger):
    """Never writes that something is about to be sent."""

    @override
    def append(self, entry: LedgerEntry) -> LedgerEntry:
        """Forget intents."""
        if entry.event is LedgerEvent.INTENT:
            return replace(entry, sequence=1)
        return super().append(entry)


class IntentsAfterSending(EndingLedger):
    """Writes an intent together with what came of it."""

    def __init__(self, world: FaultWorld) -> None:
        """Hold nothing back yet."""
        super().__init__(world.ledger, world)
        self._held: list[LedgerEntry] = []

    @override
    def append(self, entry: LedgerEntry) -> LedgerEntry:
        """Hold intents back until the next outcome."""
        if entry.event is LedgerEvent.INTENT:
            self._held.append(entry)
            return replace(entry, sequence=1)
        for held in self._held:
            super().append(held)
        self._held.clear()
        return super().append(entry)


class SwallowingLedger(EndingLedger):
    """Goes on though the store did not keep an entry."""

    @override
    def append(self, entry: LedgerEntry) -> LedgerEntry:
        """Take what the store refused for kept."""
        try:
            return super().append(entry)
        except (StoreError, StoreBusyError):
            return replace(entry, sequence=1)


class LedgerWithoutLease(EndingLedger):
    """Takes intents though the lease is another's."""

    @override
    def check_lease(self) -> None:
        """Ask nothing."""


class NoLease:
    """Lets everybody in."""

    @contextmanager
    def hold(self, _target_id: str, *, holder: str) -> Iterator[None]:
        """Hold nothing."""
        del holder
        yield


class ResendingTransport(httpx.BaseTransport):
    """Sends a creation again when its answer was lost, as retrying clients do."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        """Send through a transport."""
        self._transport = transport

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _again in range(SENDS_MAX - 1):
            try:
                answer = self._transport.handle_request(request)
            except httpx.TransportError:
                if not is_creation(request):
                    raise
                continue
            if not is_creation(request) or not answer.is_server_error:
                return answer
        return self._transport.handle_request(request)


class SecondsOnlyTransport(httpx.BaseTransport):
    """Knows Retry-After as a number of seconds only."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        """Send through a transport."""
        self._transport = transport

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._transport.handle_request(request)
        if not answer.headers.get("retry-after", "0").isdecimal():
            del answer.headers["retry-after"]
        return answer


class BlindTracker(JiraClient):
    """Never looks whether an issue exists."""

    @override
    def search(
        self,
        jql: str,
        *,
        fields: Collection[str],
        properties: Collection[str] = (),
        page_token: str | None = None,
        page_size: int = 100,
    ) -> SearchPage:
        """Find nothing."""
        return SearchPage(issues=(), next_page_token=None)

    @override
    def bulk_fetch(
        self,
        ids_or_keys: Sequence[str],
        *,
        fields: Collection[str],
        properties: Collection[str] = (),
    ) -> BulkFetchAnswer:
        """Read what is asked for by id only."""
        known = [name for name in ids_or_keys if name.isdecimal()]
        if MARKER_PROPERTY in properties and not known:
            return BulkFetchAnswer(issues=(), failed=())
        return super().bulk_fetch(known, fields=fields, properties=properties)


def _without_intents(tools: ExportTools, world: FaultWorld) -> ExportTools:
    return replace(tools, ledger=NoIntents(world.ledger, world))


def _intents_after_sending(tools: ExportTools, world: FaultWorld) -> ExportTools:
    return replace(tools, ledger=IntentsAfterSending(world))


def _by_wall_clock(tools: ExportTools, _world: FaultWorld) -> ExportTools:
    return replace(tools, monotonic=lambda: tools.clock.now().timestamp())


def _swallowing(tools: ExportTools, world: FaultWorld) -> ExportTools:
    return replace(tools, ledger=SwallowingLedger(world.ledger, world))


def _without_lease(tools: ExportTools, world: FaultWorld) -> ExportTools:
    return replace(tools, lease=NoLease(), ledger=LedgerWithoutLease(world.ledger, world))


def _lease_at_the_door_only(tools: ExportTools, world: FaultWorld) -> ExportTools:
    return replace(tools, ledger=LedgerWithoutLease(world.ledger, world))


SWALLOWING = Build(name="store errors swallowed", tools=_swallowing)
"""Not among the others: what it lost is found again save where much happens at once."""

BROKEN: Mapping[str, Build] = {
    build.name: build
    for build in (
        Build(name="no intent row", tools=_without_intents),
        Build(name="automatic POST retry", transport=ResendingTransport),
        Build(name="dates of Retry-After unread", transport=SecondsOnlyTransport),
        Build(name="no probe", client=BlindTracker),
        Build(name="probe by wall clock", tools=_by_wall_clock),
        Build(name="ledger after send", tools=_intents_after_sending),
        Build(name="no lease", tools=_without_lease),
        Build(name="lease at the door only", tools=_lease_at_the_door_only),
    )
}
