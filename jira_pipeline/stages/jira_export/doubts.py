"""Doubts about what must not be sent twice, issues and files: how long they wait, how they end.

Belongs here: the horizon, what an absence past it leads to. Does not: looking (`lookout`,
`attachments`), what proves an absence of an issue (`settling`).

Source: docs/export.md, rules 5 and 10.
"""

from collections.abc import Callable, Iterable

from jira_pipeline.domain.export_ledger import LedgerEvent
from jira_pipeline.stages.jira_export.book import ExportBook, WriteSubject
from jira_pipeline.stages.jira_export.order import ExportTools
from jira_pipeline.stages.jira_export.waiting import wait_until

RESEND_SPENT = "it was sent twice and found nowhere"


class Doubts:
    """What one execution does not know the outcome of, by identity, and since when.

    Counted on the monotonic clock from when this process knew of the doubt: the clock on the wall
    may have jumped since an earlier process sent it.
    """

    def __init__(self, tools: ExportTools, *, horizon_seconds: float) -> None:
        """Know of none yet."""
        self._tools = tools
        self._horizon_seconds = horizon_seconds
        self.since: dict[str, float] = {}

    def note(self, identity: str) -> None:
        """Note that something was sent, by now at the latest, and has no known outcome."""
        self.since[identity] = self._tools.monotonic()

    def note_earlier(self, identity: str) -> None:
        """Note a doubt that an earlier process left, unless it is known already."""
        self.since.setdefault(identity, self._tools.monotonic())

    def seconds_left(self, identities: Iterable[str]) -> float:
        """Return how long the server may still be working on any of these."""
        return max(0.0, self._until(identities) - self._tools.monotonic())

    def wait(self, identities: Iterable[str]) -> None:
        """Return when the server had the horizon's time for every one of these.

        Raises:
            CancelledError: The export was cancelled meanwhile.
        """
        wait_until(self._tools, self._until(identities))

    def _until(self, identities: Iterable[str]) -> float:
        return max(self.since[identity] for identity in identities) + self._horizon_seconds


def settle_absent(
    book: ExportBook, what: WriteSubject, *, objection: str | None, tell: Callable[[str], None]
) -> None:
    """Allow one resend of what was found nowhere; an objection leaves it to a person."""
    if objection is None:
        book.write(what, LedgerEvent.ABSENT, detail="settled: found nowhere")
    else:
        give_up(book, what, why=objection, tell=tell)


def give_up(book: ExportBook, what: WriteSubject, *, why: str, tell: Callable[[str], None]) -> None:
    """Leave something to a person, who is told before the ledger closes it.

    A crash in between must not hide it.
    """
    tell(why)
    book.write(what, LedgerEvent.GIVEN_UP, detail=why)
