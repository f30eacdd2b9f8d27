"""The one loop of every write that twice is the same as once: links, parents, sprints.

Belongs here: look, intent, call, read back, once more, then a manual fix. Does not: what is written
(`links`, `placing`), writes that must not be repeated (`sending`, `attachments`).

Nothing here fails the export: what Jira refuses becomes a manual fix. A receipt is written once the
write is known to be there; from then on people may undo it, and no resume does it again.
Source: docs/export.md, rule 9.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar, assert_never

from jira_pipeline.errors import RateLimitedError
from jira_pipeline.export.export_run import ExportRun, is_worth_waiting
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.lookups import FETCH_SIZE
from jira_pipeline.export.manual_fixes import Fallback, FixesOnRecord, is_for_people
from jira_pipeline.kernel.export_ledger import Exists, GivenUp, InDoubt, LedgerEvent
from jira_pipeline.kernel.rendered_tickets import RenderedTicket
from jira_pipeline.ports.issue_tracker import Created, NothingDone, Unknown, WriteAnswer

ROUNDS = 2
"""A write that was lost is sent once more before a person is asked."""

Item = TypeVar("Item")
Lookup: TypeAlias = Literal["never", "in doubt", "always"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """What Jira shows of some writes, by identity; the others are not there."""

    seen: Mapping[str, str]
    """What their receipts say."""
    ids: Mapping[str, str] = field(default_factory=dict)
    """Their ids in Jira, where they have any."""
    for_people: Mapping[str, Fallback] = field(default_factory=dict)
    """Nobody here can decide these, so nothing is sent."""


class RepeatableWrites(Protocol[Item]):
    """What differs between one kind of repeatable write and the others."""

    looked_up: Lookup
    """Right before which requests: so that what people did meanwhile is not undone."""
    is_answer_proof: bool
    """What Jira says yes to is there; else it is believed once it was read back."""
    lost_reason: str
    """Why a person is asked about what was sent twice and is not there."""

    def subject(self, item: Item) -> WriteSubject:
        """Name it in the ledger."""
        ...

    def ticket(self, item: Item) -> RenderedTicket:
        """Return the ticket whose manual fix it becomes."""
        ...

    def skip_reason(self, item: Item) -> str | None:
        """Say why it is not sent at all; None where nothing is known against it."""
        ...

    def requests(self, items: Sequence[Item]) -> Iterable[Sequence[Item]]:
        """Divide what is to be sent into requests."""
        ...

    def send(self, items: Sequence[Item]) -> WriteAnswer:
        """Send one request."""
        ...

    def read_back(self, items: Sequence[Item]) -> ReadBack:
        """Say which are there."""
        ...

    def fallback(self, item: Item, *, reason: str) -> Fallback:
        """Say what a person has to do."""
        ...


@dataclass(kw_only=True)
class RepeatedWrites(Generic[Item]):
    """One execution of all writes of one kind."""

    run: ExportRun
    fixes: FixesOnRecord
    kind: RepeatableWrites[Item]
    items: Sequence[Item]

    def bring_about(self) -> None:
        """Bring about what is missing, or leave it to people.

        Raises:
            CancelledError: The export was cancelled.
            UpstreamError: Jira is out of reach, asks to wait, or forgot who we are.
        """
        if self.kind.looked_up == "always":
            self._read_back(self._pending(self.items))
        for _round in range(ROUNDS):
            sendable = []
            for item in self._pending(self.items):
                skip_reason = self.kind.skip_reason(item)
                if skip_reason is None:
                    sendable.append(item)
                else:
                    self._leave(item, self.kind.fallback(item, reason=skip_reason))
            for items in self.kind.requests(sendable):
                self._send(items)
            self._read_back(self._pending(self.items))
        for item in self._pending(self.items):
            self._leave(item, self.kind.fallback(item, reason=self.kind.lost_reason))

    def _pending(self, items: Iterable[Item]) -> list[Item]:
        """Return what is neither known to be there nor left to people."""
        return [
            item
            for item in items
            if not isinstance(self.run.page.state(self._identity(item)), Exists | GivenUp)
            and not self.fixes.has(
                self.kind.ticket(item).ticket, self.kind.fallback(item, reason="").subject
            )
        ]

    def _send(self, items: Sequence[Item]) -> None:
        """Look where that is due and send one request; wait where Jira asks to."""
        run, throttled = self.run, 0
        while True:
            run.raise_if_cancelled()
            items = run.commit_freshly(partial(self._intended, items))
            error = self._note(items, self.kind.send(items)) if items else None
            if error is None:
                return
            throttled += 1
            has_waited = self.kind.looked_up == "never"  # the client did, as nothing is to be seen
            if has_waited or not is_worth_waiting(error, throttled=throttled):
                raise error
            run.wait_until(run.tools.monotonic() + error.wait_seconds)

    def _note(self, items: Sequence[Item], answer: WriteAnswer) -> RateLimitedError | None:
        """Write what an answer makes certain; return how long Jira asks to wait, if it does."""
        match answer:
            case Created(remote_id=remote_id) if self.kind.is_answer_proof:
                self._write(items, LedgerEvent.RECEIPT, remote_id=remote_id)
            case Created():
                pass
            case NothingDone(reason=reason, error=error):
                self._write(items, LedgerEvent.NOTHING_DONE, detail=reason)
                if isinstance(error, RateLimitedError):
                    return error
                if not is_for_people(error):
                    raise error
                for item in items:
                    self._leave(item, self.kind.fallback(item, reason=reason))
            case Unknown(reason=reason):
                self._write(items, LedgerEvent.UNKNOWN, detail=reason)
            case _:
                assert_never(answer)
        return None

    def _intended(self, items: Sequence[Item]) -> Sequence[Item]:
        """Look where that is due, and commit the intents to what is still to be sent."""
        due: Sequence[Item] = []
        if self.kind.looked_up == "always":
            due = items
        elif self.kind.looked_up == "in doubt":
            page = self.run.page
            due = [one for one in items if isinstance(page.state(self._identity(one)), InDoubt)]
        self._read_back(due)
        left = self._pending(items)
        self._write(left, LedgerEvent.INTENT)
        return left

    def _read_back(self, pending: Sequence[Item]) -> None:
        """Write a receipt for what is there, and leave to people what is not shown.

        Each is committed by itself; some hundreds at once would keep Jira waiting for seconds.
        """
        for first in range(0, len(pending), FETCH_SIZE):
            items = pending[first : first + FETCH_SIZE]
            found = self.kind.read_back(items)
            for item in items:
                identity = self._identity(item)
                if identity in found.seen:
                    self._write(
                        [item],
                        LedgerEvent.RECEIPT,
                        remote_id=found.ids.get(identity),
                        detail=found.seen[identity],
                    )
                elif identity in found.for_people:
                    self._leave(item, found.for_people[identity])

    def _write(
        self,
        items: Iterable[Item],
        event: LedgerEvent,
        *,
        remote_id: str | None = None,
        detail: str = "",
    ) -> None:
        for item in items:
            self.run.page.write(self.kind.subject(item), event, remote_id=remote_id, detail=detail)

    def _leave(self, item: Item, fallback: Fallback) -> None:
        rendered = self.kind.ticket(item)
        self.fixes.leave(rendered.ticket, fallback, key=self.run.issue_key(rendered))

    def _identity(self, item: Item) -> str:
        return self.kind.subject(item).identity
