"""One session's page of the ledger while an export runs.

Belongs here: writing entries and adding up what they say. Does not: their meaning
(`kernel/export_ledger`), keeping them (`store/ledger`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jira_pipeline.kernel.export_ledger import (
    OF_UPDATES,
    Exists,
    GivenUp,
    InDoubt,
    LedgerEntry,
    LedgerEvent,
    LedgerState,
    LedgerSubject,
    NotSent,
    SentContent,
    WrittenText,
    content_in,
    current_entries,
    forgotten_ids_of,
    ledger_state_of,
    objection_to_updating,
    open_removal_of,
    open_undo_of,
    open_update_of,
)
from jira_pipeline.ports.clock import Clock
from jira_pipeline.ports.export import ExportLedger
from jira_pipeline.ports.issue_tracker import FoundIssue, issue_number_of

GONE = "/gone"
"""Ends the identity of a file of an older text that is deleted by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteSubject:
    """One thing that is written to a target at most once."""

    ticket_id: str
    subject: LedgerSubject
    identity: str

    @classmethod
    def of(cls, entry: LedgerEntry) -> "WriteSubject":
        """Name what an entry is about."""
        return cls(ticket_id=entry.ticket_id, subject=entry.subject, identity=entry.identity)


def old_file_identity(issue_identity: str, file_name: str) -> str:
    """Name in the ledger that a file is gone."""
    return f"{issue_identity}/{file_name}{GONE}"


class LedgerPage:
    """The entries of one session on one target; every write is durable before it counts."""

    def __init__(
        self, ledger: ExportLedger, *, clock: Clock, target_id: str, session_key: str
    ) -> None:
        """Read what the ledger holds."""
        self._ledger = ledger
        self._clock = clock
        self._target_id = target_id
        self._session_key = session_key
        self._entries: dict[str, list[LedgerEntry]] = defaultdict(list)
        self._states: dict[str, LedgerState] = {}
        known = ledger.entries(target_id=target_id, session_key=session_key)
        self.removed_ids = frozenset(
            entry.remote_id
            for entry in known
            if entry.event is LedgerEvent.REMOVED and entry.remote_id is not None
        )
        """Ids of issues an undo deleted; the search index may still show them."""
        self.entries = list(current_entries(known))
        """All that count, by sequence."""
        self._keys_read: dict[str, str] = {}
        """Of the issues that were read back since this page was opened, by id."""
        for entry in self.entries:
            self._entries[entry.identity].append(entry)

    def state(self, identity: str) -> LedgerState:
        """Return what the entries of one identity add up to."""
        if identity not in self._states:
            self._states[identity] = ledger_state_of(self._entries.get(identity, ()))
        return self._states[identity]

    def receipt(self, identity: str) -> LedgerEntry | None:
        """Return the receipt of what exists, or None."""
        state = self.state(identity)
        return state.receipt if isinstance(state, Exists) else None

    def issue_receipts(self) -> tuple[LedgerEntry, ...]:
        """Return the receipts of all issues, by sequence."""
        receipts = [self.receipt(identity) for identity in self._entries]
        found = [r for r in receipts if r is not None and r.subject is LedgerSubject.ISSUE]
        return tuple(sorted(found, key=lambda receipt: receipt.sequence))

    def receipts_of_files(self, issue_identity: str) -> tuple[tuple[str, str | None], ...]:
        """Return name and, where known, id of every file that was sent to an issue."""
        prefix = f"{issue_identity}/"
        return tuple(
            (identity.removeprefix(prefix), receipt.remote_id if receipt is not None else None)
            for identity, entries in sorted(self._entries.items())
            if identity.startswith(prefix) and entries[0].subject is LedgerSubject.ATTACHMENT
            for receipt in [self.receipt(identity)]
        )

    def comments_on(self, issue_identity: str) -> tuple[str, ...]:
        """Return the identities of all comments that were sent to an issue, by first intent."""
        return tuple(
            identity
            for identity, entries in self._entries.items()
            if entries[0].subject is LedgerSubject.COMMENT
            and identity.startswith(f"{issue_identity}/")
        )

    def comment_versions(self, issue_identity: str) -> Mapping[str, str]:
        """Return the versions that our comments on an issue were sent as, by id."""
        receipts = map(self.receipt, self.comments_on(issue_identity))
        return {r.remote_id: r.remote_key or "" for r in receipts if r is not None and r.remote_id}

    def existing_links(self) -> tuple[str, ...]:
        """Return the identities of all links that exist."""
        return tuple(
            identity
            for identity, entries in self._entries.items()
            if entries[0].subject is LedgerSubject.LINK and self.receipt(identity) is not None
        )

    def file_state(self, issue_identity: str, file_name: str) -> LedgerState:
        """Return what the entries of a file add up to; one that was deleted since was never sent."""
        state = self.state(f"{issue_identity}/{file_name}")
        deleted = self.receipt(old_file_identity(issue_identity, file_name))
        if deleted is None or not isinstance(state, Exists):
            return state
        return NotSent() if deleted.sequence > state.receipt.sequence else state

    def issues_with_files(self) -> frozenset[str]:
        """Return the identities of issues that a file was sent to, whatever became of it."""
        return frozenset(
            identity.rpartition("/")[0]
            for identity, entries in self._entries.items()
            if entries[0].subject is LedgerSubject.ATTACHMENT
        )

    def issue_ids(self) -> frozenset[str]:
        """Return the ids of all issues with a receipt."""
        return frozenset(r.remote_id for r in self.issue_receipts() if r.remote_id is not None)

    def note_read(self, issues: Iterable[FoundIssue]) -> None:
        """Note that issues were read back and are the ones the ledger means, under these keys.

        Only what was read says how high numbers are: an answer may have named any key.
        """
        self._keys_read.update((issue.issue_id, issue.key) for issue in issues)

    def is_read(self, receipt: LedgerEntry) -> bool:
        """Tell whether an issue was read back since this page was opened."""
        return receipt.remote_id in self._keys_read

    def knows_issue(self, issue_id: str) -> bool:
        """Tell whether an issue was one of a ticket's, also where it was removed or released."""
        issues = (entry for entry in self.entries if entry.subject is LedgerSubject.ISSUE)
        return issue_id in self.removed_ids or any(e.remote_id == issue_id for e in issues)

    def released_ids(self) -> frozenset[str]:
        """Return the ids of issues that people released: gone, then, and maybe there again."""
        released = (e.remote_id for e in self.entries if e.event is LedgerEvent.RELEASED)
        return frozenset(issue_id for issue_id in released if issue_id is not None)

    def forgotten_ids(self) -> frozenset[str]:
        """Return the ids of issues released while another one was the ticket's, or none was.

        People know of these: they carry a ticket's identity, and are not to be named any more.
        """
        return forgotten_ids_of(self.entries)

    def is_complete(self, identities: Iterable[str]) -> bool:
        """Tell whether all of these exist: then there is nothing to write."""
        return all(isinstance(self.state(identity), Exists) for identity in identities)

    def open_removal(self, identity: str) -> LedgerEntry | None:
        """Return the intent of a removal whose outcome is not certain, or None."""
        return open_removal_of(self._entries.get(identity, ()))

    def open_undo(self) -> LedgerEntry | None:
        """Return the beginning of an undo that has not ended, or None."""
        return open_undo_of(self.entries)

    def issue_identities(self) -> frozenset[str]:
        """Return the identities of all issues that were ever sent."""
        issues = (entry for entry in self.entries if entry.subject is LedgerSubject.ISSUE)
        return frozenset(entry.identity for entry in issues)

    def highest_issue_number(self, project_key: str) -> int:
        """Return the highest number of an issue that was read back, or known to an intent, or 0.

        An issue that was moved to another project has a number of that one.
        """
        numbers = [self._number_in(project_key, entry) for entry in self.entries]
        bounds = [entry.low_bound for entry in self.entries]
        return max([known for known in (*numbers, *bounds) if known is not None], default=0)

    def is_created_since(self, sequence: int, *, project_key: str) -> bool:
        """Tell whether an issue sent after an entry was read back: its number is above all before."""
        return any(
            entry.event is LedgerEvent.INTENT
            and entry.sequence > sequence
            and (receipt := self.receipt(entry.identity)) is not None
            and self._number_in(project_key, receipt) is not None
            for entry in self.entries
        )

    def last_sequence(self) -> int:
        """Return the sequence of the last entry of the session, or 0."""
        return max((entry.sequence for entry in self.entries), default=0)

    def number_ranges(self, project_key: str, *, margin: int) -> tuple[range, ...]:
        """Return the runs of numbers that issues of the session may have, in order.

        Each is above what was known when it was first sent, and a margin beyond the number it got
        at most, as it was read back: a request that something on the way sent twice is done at
        about the same time.
        """
        found: list[range] = []
        for entries in self._entries.values():
            if entries[0].subject is not LedgerSubject.ISSUE:
                continue
            numbers = [n for e in entries if (n := self._number_in(project_key, e)) is not None]
            intents = [e.low_bound or 0 for e in entries if e.event is LedgerEvent.INTENT]
            # by its intents, or what was found without one
            bound = min(intents or [number - 1 for number in numbers], default=None)
            if bound is not None:
                found.append(range(bound + 1, max([bound, *numbers]) + margin + 1))
        merged: list[range] = []
        for one in sorted(found, key=lambda numbers: numbers.start):
            if merged and one.start <= merged[-1].stop:
                merged[-1] = range(merged[-1].start, max(merged[-1].stop, one.stop))
            else:
                merged.append(one)
        return tuple(merged)

    def _number_in(self, project_key: str, entry: LedgerEntry) -> int | None:
        """Return the number of the issue an entry names, as read; None where it is of another project."""
        key = self._keys_read.get(entry.remote_id or "")
        return issue_number_of(key) if key and key.startswith(f"{project_key}-") else None

    def low_bound(self, identity: str) -> int | None:
        """Return the number above which its issue is, if there may be one; else None.

        The lowest of all its intents: an earlier attempt may have been done late.
        """
        entries = self._entries.get(identity, [])
        may_exist = isinstance(self.state(identity), InDoubt | GivenUp) or any(
            entry.event is LedgerEvent.ABSENT for entry in entries
        )
        intents = [entry for entry in entries if entry.event is LedgerEvent.INTENT]
        return min(entry.low_bound or 0 for entry in intents) if may_exist and intents else None

    def was_given_up(self, identity: str) -> bool:
        """Tell whether the last attempt was left to a person, who then decided to send it again.

        A decision about an earlier attempt says nothing about what the last one left in Jira.
        """
        for entry in reversed(self._entries.get(identity, ())):
            if entry.event in {LedgerEvent.GIVEN_UP, LedgerEvent.INTENT}:
                return entry.event is LedgerEvent.GIVEN_UP
        return False

    def unanswered_creations(self) -> tuple[tuple[str, ...], ...]:
        """Return the last creations in a row that Jira did not answer, each with its identities.

        The issues of one bulk are one creation. What was found later was answered, in a way.
        """
        row: list[tuple[str, ...]] = []
        for creation in reversed(creations_in(self.entries)):
            if any(self._is_answered(intent) for intent in creation):
                break
            row.append(tuple(dict.fromkeys(intent.identity for intent in creation)))
        return tuple(reversed(row))

    def _is_answered(self, intent: LedgerEntry) -> bool:
        """Tell whether what became of one attempt is certain."""
        return any(
            entry.attempt == intent.attempt
            and entry.sequence > intent.sequence
            and entry.event in {LedgerEvent.RECEIPT, LedgerEvent.NOTHING_DONE}
            for entry in self._entries[intent.identity]
        )

    def content(self, identity: str) -> SentContent | None:
        """Return what an issue was last sent as; None where that is not known."""
        return content_in(self._entries.get(identity, ()))

    def open_update(self, receipt: LedgerEntry) -> LedgerEntry | None:
        """Return the intent of an update of an issue whose outcome is not certain, or None."""
        return open_update_of(self._of_issue(receipt))

    def objection_to_updating(self, receipt: LedgerEntry) -> str:
        """Return why an issue was not updated when that was tried last; empty: it was, or never."""
        return objection_to_updating(self._of_issue(receipt))

    def last_text(self, receipt: LedgerEntry) -> WrittenText | None:
        """Return what is known of the text that our last update gave an issue; None: there was none."""
        updates = [e for e in self._of_issue(receipt) if e.event is LedgerEvent.UPDATED]
        return updates[-1].sent.text if updates and updates[-1].sent is not None else None

    def _of_issue(self, receipt: LedgerEntry) -> list[LedgerEntry]:
        """Return the entries about one issue, not about another one that its ticket had."""
        known = self._entries.get(receipt.identity, ())
        return [entry for entry in known if entry.remote_id == receipt.remote_id]

    def write(
        self,
        what: WriteSubject,
        event: LedgerEvent,
        *,
        low_bound: int | None = None,
        remote_id: str | None = None,
        remote_key: str | None = None,
        detail: str = "",
        sent: SentContent | None = None,
    ) -> LedgerEntry:
        """Commit one entry; an intent opens a new attempt, all others belong to the last.

        Updates of an issue are counted by themselves.
        """
        known = self._entries.get(what.identity, ())
        opening = LedgerEvent.UPDATE_INTENT if event in OF_UPDATES else LedgerEvent.INTENT
        attempts = sum(entry.event is opening for entry in known)
        entry = self._ledger.append(
            LedgerEntry(
                sequence=0,
                at=self._clock.now(),
                target_id=self._target_id,
                session_key=self._session_key,
                ticket_id=what.ticket_id,
                subject=what.subject,
                event=event,
                identity=what.identity,
                attempt=attempts + 1 if event is opening else attempts,
                low_bound=low_bound,
                remote_id=remote_id,
                remote_key=remote_key,
                detail=detail,
                sent=sent,
            )
        )
        self.entries.append(entry)
        self._entries[what.identity].append(entry)
        self._states.pop(what.identity, None)
        return entry


def creations_in(entries: Iterable[LedgerEntry]) -> list[list[LedgerEntry]]:
    """Return the intents of every creation among entries in order of sequence.

    Those of a bulk are committed one after the other, with nothing between.
    """
    creations: list[list[LedgerEntry]] = []
    is_open = False
    for entry in entries:
        if entry.subject is LedgerSubject.ISSUE:
            is_intent = entry.event is LedgerEvent.INTENT
            if is_intent and is_open:
                creations[-1].append(entry)
            elif is_intent:
                creations.append([entry])
            is_open = is_intent
    return creations
