"""The export's stores in memory: what outlives a simulated process, fast.

Belongs here: the part of each port the export uses, as its contract says. Does not: the stores of
the product, which the crash tests use.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from jira_pipeline.model.errors import LeaseBusyError, NotFoundError, NotFoundKind
from jira_pipeline.model.export_ledger import (
    Destination,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    Target,
)
from jira_pipeline.model.exports import FiledComparison, FixState, ManualFix
from jira_pipeline.model.issue_tracker import issue_number_of
from jira_pipeline.model.sessions import (
    AsNew,
    SessionManifest,
    SessionStage,
    SessionStatus,
    TicketProgress,
    UploadSession,
    first_percentage,
)
from jira_pipeline.model.tickets import GIVEN_REASONS, Exclusion, Ticket, TicketDecision
from jira_pipeline.model.validations import CheckedContents, Validation

ENDINGS = {LedgerEvent.REMOVED, LedgerEvent.RELEASED, LedgerEvent.REFUTED}
INSTALLATION_ID = "6f1c0f1e-8f0e-4b52-9d5c-0f3c5a1b2c3d"

BeforeWrite = Callable[[], object]


class MemoryLedger:
    """Keeps entries in a list; the last ones can be taken away, as a restored backup does."""

    def __init__(self, before_write: BeforeWrite = lambda: None) -> None:
        """Keep nothing yet; what happens before a write may prevent it."""
        self._before_write = before_write
        self._entries: list[LedgerEntry] = []
        self._targets: dict[str, Target] = {}
        self._destinations: dict[Destination, str] = {}

    def installation_id(self) -> str:
        return INSTALLATION_ID

    def append(self, entry: LedgerEntry) -> LedgerEntry:
        self._before_write()
        kept = replace(entry, sequence=len(self._entries) + 1)
        self._entries.append(kept)
        return kept

    def entries(self, *, target_id: str, session_key: str) -> tuple[LedgerEntry, ...]:
        return tuple(
            entry
            for entry in self._entries
            if (entry.target_id, entry.session_key) == (target_id, session_key)
        )

    def all_entries(self) -> tuple[LedgerEntry, ...]:
        return tuple(self._entries)

    def tickets_sent(self, target_id: str) -> Mapping[str, frozenset[str]]:
        sent: dict[str, set[str]] = {}
        for entry in self._entries:
            if (entry.target_id, entry.subject) == (target_id, LedgerSubject.ISSUE):
                sent.setdefault(entry.session_key, set()).add(entry.ticket_id)
        return {session_key: frozenset(ids) for session_key, ids in sent.items()}

    def last_issues(self, target_id: str, *, count: int | None) -> tuple[str, ...]:
        issues = [
            entry
            for entry in self._entries
            if (entry.target_id, entry.subject) == (target_id, LedgerSubject.ISSUE)
            and entry.remote_id is not None
        ]
        ended = {entry.remote_id for entry in issues if entry.event in ENDINGS}
        received = [
            str(entry.remote_id)
            for entry in reversed(issues)
            if entry.event is LedgerEvent.RECEIPT and entry.remote_id not in ended
        ]
        return tuple(dict.fromkeys(received))[:count]

    def highest_issue_number(self, target_id: str, *, project_key: str) -> int:
        said: dict[tuple[str, str | None], str | None] = {}
        for entry in self._entries:
            if (entry.target_id, entry.subject) == (target_id, LedgerSubject.ISSUE):
                is_refuted = entry.event is LedgerEvent.REFUTED
                said[entry.identity, entry.remote_id] = None if is_refuted else entry.remote_key
        keys = [key for key in said.values() if key is not None]
        return max((issue_number_of(k) for k in keys if k.startswith(f"{project_key}-")), default=0)

    def record_target(
        self, target: Target, *, at: datetime, destination: Destination | None = None
    ) -> None:
        del at
        self._before_write()
        self._targets[target.target_id] = target
        if destination is not None:
            self._destinations[destination] = target.target_id

    def destinations(self) -> Mapping[Destination, Target]:
        return {
            named: self._targets[self._destinations[named]]
            for named in sorted(self._destinations, key=lambda one: (one.address, one.project_key))
        }

    def targets(self) -> tuple[Target, ...]:
        return tuple(self._targets[target_id] for target_id in sorted(self._targets))

    def targets_of(self, session_key: str) -> tuple[Target, ...]:
        used = [e.target_id for e in reversed(self._entries) if e.session_key == session_key]
        return tuple(self._targets[target_id] for target_id in reversed(list(dict.fromkeys(used))))

    def take_over(self, other: "MemoryLedger") -> None:
        self._entries = list(other._entries)
        self._targets, self._destinations = dict(other._targets), dict(other._destinations)

    def roll_back(self, writes: int) -> None:
        del self._entries[max(0, len(self._entries) - writes) :]


class MemoryFixes:
    """Keeps manual fixes in a list."""

    def __init__(self, before_write: BeforeWrite = lambda: None) -> None:
        """Keep nothing yet; what happens before a write may prevent it."""
        self._before_write = before_write
        self._fixes: list[ManualFix] = []

    def record(self, fix: ManualFix) -> ManualFix:
        """Add a fix once; an obsolete one is renewed."""
        self._before_write()
        for place, known in enumerate(self._fixes):
            if _key(known) == _key(fix):
                if known.state is FixState.OBSOLETE:
                    self._fixes[place] = replace(fix, fix_id=known.fix_id)
                return self._fixes[place]
        self._fixes.append(replace(fix, fix_id=len(self._fixes) + 1))
        return self._fixes[-1]

    def list_all(self, session_key: str, *, target_id: str | None = None) -> tuple[ManualFix, ...]:
        return tuple(
            fix
            for fix in self._fixes
            if fix.session_key == session_key and target_id in (None, fix.target_id)
        )

    def set_state(
        self, session_key: str, fix_id: int, state: FixState, *, by: str, at: datetime
    ) -> ManualFix:
        del by, at
        for place, known in enumerate(self._fixes):
            if (known.session_key, known.fix_id) == (session_key, fix_id):
                self._fixes[place] = replace(known, state=state)
                return self._fixes[place]
        raise NotFoundError(f"There is no manual fix {fix_id}.", kind=NotFoundKind.FIX)


class MemoryComparisons:
    """Keeps the last comparison of a session."""

    def __init__(self, before_write: BeforeWrite = lambda: None) -> None:
        """Keep none yet; what happens before a write may prevent it."""
        self._before_write = before_write
        self._filed: dict[str, FiledComparison] = {}

    def record(self, comparison: FiledComparison) -> None:
        self._before_write()
        self._filed[comparison.session_key] = comparison

    def latest(self, session_key: str, *, target_id: str) -> FiledComparison | None:
        filed = self._filed.get(session_key)
        return filed if filed is not None and filed.target_id == target_id else None


class MemoryLease:
    """One process at a time; a process that ends gives it back, one that is silent loses it."""

    def __init__(self) -> None:
        self._held: dict[str, object] = {}

    @contextmanager
    def hold(self, target_id: str, *, holder: str) -> Iterator[None]:
        if target_id in self._held:
            raise LeaseBusyError(target=target_id, holder=holder)
        token = self._held[target_id] = object()
        try:
            yield
        finally:
            if self._held.get(target_id) is token:
                del self._held[target_id]

    def current(self) -> object | None:
        """Return what tells the holding of now from all others; None where nobody holds any."""
        return next(iter(self._held.values()), None)

    def take_away(self) -> None:
        self._held.clear()


class OneSession:
    """One session that is ready, with its validation, and the progress people were shown."""

    def __init__(
        self,
        validation: Validation,
        *,
        content_sha256: str,
        tickets: Sequence[Ticket] = (),
        before_write: BeforeWrite = lambda: None,
    ) -> None:
        """Begin validated, in review; what happens before a write may prevent it."""
        self._before_write = before_write
        self._validation = validation
        self._tickets = tickets
        self.session = UploadSession(
            session_key=validation.session_key,
            content_sha256=content_sha256,
            upload_path="",
            manifest=SessionManifest(),
            stage=SessionStage.REVIEW,
            status=SessionStatus.IDLE,
            created_at=validation.at,
            updated_at=validation.at,
            generated_at=validation.at,
            generated_from_sha256=content_sha256,
            last_validated_at=validation.at,
        )
        self.percentages: list[float] = []
        """Every percentage people were shown, in order."""

    def answer_as_new(
        self, _session_key: str, answers: Iterable[AsNew], *, by: str, at: datetime
    ) -> None:
        del by, at
        self._before_write()
        self.session = replace(
            self.session, as_new=tuple(dict.fromkeys((*self.session.as_new, *answers)))
        )

    def get(self, _session_key: str) -> UploadSession:
        return self.session

    def checked(self, _session_key: str) -> CheckedContents:
        return self._validation.checked

    def decisions(self, _session_key: str) -> Mapping[str, TicketDecision]:
        return {
            result.ticket_id: TicketDecision(result.rendered_hash, (None,) * len(GIVEN_REASONS))
            for result in self._validation.results
        }

    def list_all(self, _session_key: str) -> tuple[Ticket, ...]:
        return tuple(self._tickets)

    def unmark_ready(
        self, _session_key: str, ticket_ids: Collection[str], *, by: str, at: datetime
    ) -> int:
        """Take no mark away: people made all of them."""
        del ticket_ids, by, at
        self._before_write()
        return 0

    def exclude(
        self,
        _session_key: str,
        ticket_ids: Collection[str],
        kind: type[Exclusion],
        *,
        reason: str | None,
        by: str,
        at: datetime,
    ) -> int:
        """Refuse: no schedule decides that a ticket stays out."""
        raise NotImplementedError

    def list_vanished(self, _session_key: str) -> tuple[Ticket, ...]:
        """Return no ticket: the rows of all are in the sheets."""
        return ()

    def set_stage(
        self,
        _session_key: str,
        *,
        stage: SessionStage,
        status: SessionStatus,
        at: datetime,
        run_id: str | None = None,
        failed_at_ticket_number: int | None = None,
        is_undone: bool = False,
        started_by: str | None = None,
    ) -> None:
        """Move the session; another stage starts as the store has it start."""
        del run_id, failed_at_ticket_number, is_undone, started_by
        self._before_write()
        shown = self.session.progress_percentage
        if stage is not self.session.stage:
            shown = first_percentage(stage, status)
        self.session = replace(
            self.session, stage=stage, status=status, updated_at=at, progress_percentage=shown
        )
        self.percentages.append(shown)

    def set_progress(
        self,
        _session_key: str,
        *,
        percentage: float,
        text: str,
        at: datetime,
        details: TicketProgress | None = None,
    ) -> None:
        """Tell progress, which never goes backwards within a stage."""
        del details
        self._before_write()
        shown = max(percentage, self.session.progress_percentage)
        self.session = replace(
            self.session, progress_percentage=shown, progress_text=text, updated_at=at
        )
        self.percentages.append(shown)


def _key(fix: ManualFix) -> tuple[str, str, str, str]:
    return (fix.target_id, fix.ticket_id, fix.fix_type, fix.subject)
