"""One session's page of the ledger while an export runs.

Belongs here: writing entries and finding what they say of one thing, and of creations as a whole:
which numbers issues may have that are in doubt, which were lost in a row. Does not: their meaning
(`model/exports`), keeping them (`store/ledger`), what they say of texts (`text_writes`), what
is done about a doubt (`unconfirmed`).

Numbers count only as they were read: an answer may have named any key.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from typing import assert_never

from jira_pipeline.model.clock import Clock
from jira_pipeline.model.exports import (
    INTENTS,
    OF_UPDATES,
    SENDING,
    Exists,
    InDoubt,
    LedgerEntry,
    LedgerEvent,
    LedgerState,
    LedgerSubject,
    LeftToPerson,
    Origin,
    SentContent,
    WriteEvents,
    current_entries,
    forgotten_ids_of,
    is_handmade,
    last_sent_content,
    ledger_state_of,
    open_removal_of,
    open_undo_of,
)
from jira_pipeline.model.issue_tracker import (
    Created,
    FoundIssue,
    NothingDone,
    Unknown,
    WriteAnswer,
    issue_number_of,
)
from jira_pipeline.store.ledger import SqlExportLedger


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


def file_identity(issue_identity: str, file_name: str) -> str:
    return f"{issue_identity}/{file_name}"


class LedgerPage:
    """The entries of one session on one target; every write is durable before it counts."""

    def __init__(
        self, ledger: SqlExportLedger, *, clock: Clock, target_id: str, session_key: str
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._target_id = target_id
        self._session_key = session_key
        self.account_id = ""
        """Who sends what is intended from now on."""
        self._entries: dict[str, list[LedgerEntry]] = defaultdict(list)
        self._states: dict[str, LedgerState] = {}
        self._followed: dict[type[LedgerState], set[str]] = defaultdict(set)
        recorded = ledger.entries(target_id=target_id, session_key=session_key)
        self.removed_ids = frozenset(
            entry.remote_id
            for entry in recorded
            if entry.event is LedgerEvent.REMOVED and entry.remote_id is not None
        )
        """Ids of issues an undo deleted: gone, then, and maybe there again."""
        self.made_ids = {
            (entry.subject, entry.remote_id)
            for entry in recorded
            if entry.event is LedgerEvent.RECEIPT and entry.origin is None
        }
        """What and under which id we ever made, also on an issue that an undo deleted."""
        self.entries = list(current_entries(recorded))
        """All that count, by sequence."""
        self._last_known = self.last_sequence()
        """When the page was opened: what has a later one was forgotten, by a restored ledger."""
        self._keys_read: dict[str, str] = {}
        """Of the issues that were read back since this page was opened, by id."""
        self._highest: dict[str, int] = {}
        """The highest number that an issue which was read has, by project key."""
        self._highest_bound = max((entry.low_bound or 0 for entry in self.entries), default=0)
        self.known_ids = set(self.removed_ids)
        """Ids of issues that were ever a ticket's, also where they were removed or released."""
        self.link_intents: list[LedgerEntry] = []
        """By sequence."""
        for entry in self.entries:
            self._add(entry)

    def _add(self, entry: LedgerEntry) -> None:
        self._entries[entry.identity].append(entry)
        if entry.subject is LedgerSubject.ISSUE and entry.remote_id is not None:
            self.known_ids.add(entry.remote_id)
        if entry.subject is LedgerSubject.LINK and entry.event is LedgerEvent.INTENT:
            self.link_intents.append(entry)

    def follow(self, identities: Iterable[str]) -> Mapping[type[LedgerState], AbstractSet[str]]:
        """Return identities by their state; each moves when something of it is written.

        Who asks again for each of many, after each of many writes, asks for all of them as often.
        """
        self._followed.clear()
        for identity in identities:
            self._followed[type(self.state(identity))].add(identity)
        return self._followed

    def state(self, identity: str) -> LedgerState:
        """Return what the entries of one identity add up to."""
        if identity not in self._states:
            self._states[identity] = ledger_state_of(self.entries_of(identity))
        return self._states[identity]

    def receipt(self, identity: str) -> LedgerEntry | None:
        state = self.state(identity)
        return state.receipt if isinstance(state, Exists) else None

    def entries_of(self, identity: str) -> Sequence[LedgerEntry]:
        """Return the entries of one identity, by sequence."""
        return self._entries.get(identity, ())

    def sent(self, subject: LedgerSubject, *, on: str = "") -> tuple[str, ...]:
        """Return the identities of what was sent of a kind, by first intent; of one issue, `on` it."""
        return tuple(
            identity
            for identity, entries in self._entries.items()
            if entries[0].subject is subject and (not on or identity.startswith(f"{on}/"))
        )

    def receipts_of(self, subject: LedgerSubject, *, on: str = "") -> tuple[LedgerEntry, ...]:
        """Return the receipts of what exists of a kind, by first intent; of one issue, `on` it."""
        return tuple(filter(None, map(self.receipt, self.sent(subject, on=on))))

    def issue_receipts(self) -> tuple[LedgerEntry, ...]:
        """Return the receipts of all issues, by sequence."""
        receipts = self.receipts_of(LedgerSubject.ISSUE)
        return tuple(sorted(receipts, key=lambda receipt: receipt.sequence))

    def issue_ids(self) -> frozenset[str]:
        return frozenset(r.remote_id for r in self.issue_receipts() if r.remote_id is not None)

    def note_read(self, issues: Iterable[FoundIssue]) -> None:
        """Note that issues were read back and are the ones the ledger means, under these keys.

        Only what was read says how high numbers are: an answer may have named any key.
        """
        for issue in issues:
            self._keys_read[issue.issue_id] = issue.key
            project_key = issue.key.rpartition("-")[0]
            number = issue_number_of(issue.key)
            self.note_number(project_key, number or 0)

    def note_number(self, project_key: str, number: int) -> None:
        self._highest[project_key] = max(number, self._highest.get(project_key, 0))

    def highest_number(self, project_key: str) -> int:
        """Return the highest number that was read, or known to an intent, or 0.

        The issue of a number yet to come is above it: the low bound of what is sent next.
        """
        return max(self._highest.get(project_key, 0), self._highest_bound)

    def accounted_number(self) -> int:
        """Return the number up to which every issue was read before something was sent, or 0.

        An issue that was found and not sent from here raises it no further: below it there may be
        others that a restored ledger forgot as well.
        """
        return self._highest_bound  # defence: start-of-a-sweep

    def is_read(self, receipt: LedgerEntry) -> bool:
        """Tell whether an issue was read back since this page was opened."""
        return receipt.remote_id in self._keys_read

    def released_ids(self) -> frozenset[str]:
        """Return the ids of issues that people released: gone, then, and maybe there again."""
        released = (e.remote_id for e in self.entries if e.event is LedgerEvent.RELEASED)
        return frozenset(issue_id for issue_id in released if issue_id is not None)

    def forgotten_ids(self) -> frozenset[str]:
        """Return the ids of issues released while another one was the ticket's, or none was.

        People know of these: they carry a ticket's identity, and are not to be named any more.
        """
        return forgotten_ids_of(self.entries)

    def can_be_from(self, identity: str, sequence: int, issue_id: str) -> bool:
        """Tell whether an issue can be what the intent of a sequence made.

        Not where that made another issue, or was deleted since: then it is a copy, or was restored.
        """
        if sequence > self._last_known:
            return True
        entries = self.entries_of(identity)
        is_intent_recorded = any(entry.sequence == sequence for entry in entries)
        # What was refuted never was the issue of the intent, so a receipt of it says nothing.
        refuted = {entry.remote_id for entry in entries if entry.event is LedgerEvent.REFUTED}
        for entry in entries:
            if entry.sequence <= sequence:
                continue
            if entry.event is LedgerEvent.REMOVED:
                return False
            is_of_an_issue = entry.event in {LedgerEvent.RECEIPT, LedgerEvent.RELEASED}
            if is_of_an_issue and entry.remote_id not in {issue_id, *refuted}:
                return False
        return is_intent_recorded

    def open_removal(self, identity: str) -> LedgerEntry | None:
        """Return the intent of a removal whose outcome is not certain, or None."""
        return open_removal_of(self.entries_of(identity))

    def open_undo(self) -> LedgerEntry | None:
        """Return the beginning of an undo that has not ended, or None."""
        return open_undo_of(self.entries)

    def last_sequence(self) -> int:
        """Return the sequence of the last entry of the session, or 0."""
        return max((entry.sequence for entry in self.entries), default=0)

    def number_read(self, project_key: str, entry: LedgerEntry) -> int | None:
        """Return the number of the issue an entry names, as read; None where it is of another project."""
        key = self._keys_read.get(entry.remote_id or "")
        # defence: foreign-number
        return issue_number_of(key) if key and key.startswith(f"{project_key}-") else None

    def entries_of_issue(self, receipt: LedgerEntry) -> list[LedgerEntry]:
        """Return the entries about one issue, not about another one that its ticket had."""
        entries = self.entries_of(receipt.identity)
        return [entry for entry in entries if entry.remote_id == receipt.remote_id]

    def content(self, identity: str) -> SentContent | None:
        """Return what an issue was last sent as; None where that is not known."""
        return last_sent_content(self.entries_of(identity))

    def write_answer(
        self,
        what: WriteSubject,
        answer: WriteAnswer,
        *,
        events: WriteEvents = SENDING,
        about: LedgerEntry | None = None,
    ) -> LedgerEntry:
        """Commit what an answer makes certain of a write; `about` is the issue that it changes."""
        named: Created | LedgerEntry | None = about
        detail = ""
        match answer:
            case Created():
                event = events.done
                named = about or answer
            case NothingDone(reason=detail):
                event = events.nothing_done
            case Unknown(reason=detail):
                event = events.unknown
            case _:
                assert_never(answer)
        return self.write(
            what,
            event,
            remote_id=named.remote_id if named else None,
            remote_key=named.remote_key if named else None,
            detail=detail,
        )

    def write_of_issue(
        self,
        receipt: LedgerEntry,
        event: LedgerEvent,
        *,
        detail: str = "",
        sent: SentContent | None = None,
    ) -> LedgerEntry:
        """Commit one entry about the issue of a receipt."""
        return self.write(
            WriteSubject.of(receipt),
            event,
            remote_id=receipt.remote_id,
            remote_key=receipt.remote_key,
            detail=detail,
            sent=sent,
        )

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
        account_id: str | None = None,
        origin: Origin | None = None,
    ) -> LedgerEntry:
        """Commit one entry; an intent opens a new attempt, all others belong to the last.

        Updates of an issue are counted by themselves. An intent names who sends it.
        """
        opening = LedgerEvent.UPDATE_INTENT if event in OF_UPDATES else LedgerEvent.INTENT
        attempt = sum(entry.event is opening for entry in self.entries_of(what.identity))
        if event is opening:
            attempt += 1
        if event in INTENTS:
            account_id = self.account_id or None
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
                attempt=attempt,
                low_bound=low_bound,
                remote_id=remote_id,
                remote_key=remote_key,
                detail=detail,
                sent=sent,
                account_id=account_id,
                origin=origin,
            )
        )
        self._highest_bound = max(self._highest_bound, low_bound or 0)
        self._take_in(entry)
        return entry

    def _take_in(self, entry: LedgerEntry) -> None:
        """Add an entry that was committed; an identity that is followed moves to its new state."""
        identity = entry.identity
        followed_before = self._followed[type(self.state(identity))]
        self.entries.append(entry)
        self._add(entry)
        del self._states[identity]
        if identity in followed_before:
            followed_before.remove(identity)
            self._followed[type(self.state(identity))].add(identity)


def is_created_since(page: LedgerPage, sequence: int, *, project_key: str) -> bool:
    """Tell whether an issue sent after an entry was read back: its number is above all before."""
    for entry in page.entries:
        if entry.event is not LedgerEvent.INTENT or entry.sequence <= sequence:
            continue
        receipt = page.receipt(entry.identity)
        if receipt is not None and page.number_read(project_key, receipt) is not None:
            return True
    return False


def number_ranges(page: LedgerPage, project_key: str, *, margin: int) -> tuple[range, ...]:
    """Return the runs of numbers that issues of the session may have, in order.

    Each is above what was known when it was first sent, and a margin beyond the number it got at
    most, as it was read back: a request that something on the way sent twice is done at about the
    same time.
    """
    ranges = []
    for identity in page.sent(LedgerSubject.ISSUE):
        possible = _possible_numbers(page, identity, project_key, margin=margin)
        if possible is not None:
            ranges.append(possible)
    return _merged(ranges)


def _possible_numbers(
    page: LedgerPage, identity: str, project_key: str, *, margin: int
) -> range | None:
    """Return the numbers that issues of one identity may have; None where there can be none."""
    entries = page.entries_of(identity)
    read = [page.number_read(project_key, entry) for entry in entries]
    numbers = [number for number in read if number is not None]
    bounds = [entry.low_bound or 0 for entry in entries if entry.event is LedgerEvent.INTENT]
    if bounds:
        bound = min(bounds)
    elif numbers and not is_handmade(entries):  # people made it: nothing was ever sent
        bound = min(numbers) - 1  # it was found, and no intent is recorded
    else:
        return None
    return range(bound + 1, max([bound, *numbers]) + margin + 1)


def _merged(ranges: Iterable[range]) -> tuple[range, ...]:
    """Join ranges that overlap or touch each other; return them in order."""
    merged: list[range] = []
    for numbers in sorted(ranges, key=lambda numbers: numbers.start):
        last = merged[-1] if merged else None
        if last is not None and numbers.start <= last.stop:
            merged[-1] = range(last.start, max(last.stop, numbers.stop))
        else:
            merged.append(numbers)
    return tuple(merged)


def low_bound(page: LedgerPage, identity: str) -> int | None:
    """Return the number above which its issue is, if there may be one; else None.

    The lowest of all its intents: an earlier attempt may have been done late.
    """
    entries = page.entries_of(identity)
    may_exist = isinstance(page.state(identity), InDoubt | LeftToPerson) or any(
        entry.event is LedgerEvent.ABSENT
        for entry in entries  # defence: absent-may-come-late
    )
    intents = [entry for entry in entries if entry.event is LedgerEvent.INTENT]
    # defence: earliest-low-bound
    return min(entry.low_bound or 0 for entry in intents) if may_exist and intents else None


def was_left_to_person(page: LedgerPage, identity: str) -> bool:
    """Tell whether the last attempt was left to a person, who then decided to send it again.

    A decision about an earlier attempt says nothing about what the last one left in Jira.
    """
    for entry in reversed(page.entries_of(identity)):
        if entry.event in {LedgerEvent.GIVEN_UP, LedgerEvent.INTENT}:
            return entry.event is LedgerEvent.GIVEN_UP
    return False


def unanswered_creations(page: LedgerPage) -> tuple[tuple[str, ...], ...]:
    """Return the last creations in a row that Jira did not answer, each with its identities.

    The issues of one bulk are one creation. What was found later was answered, in a way.
    """
    unanswered: list[tuple[str, ...]] = []
    for creation in latest_creations(page.entries):
        if any(_is_answered(page, intent) for intent in creation):
            break
        unanswered.append(tuple(dict.fromkeys(intent.identity for intent in creation)))
    return tuple(reversed(unanswered))


def _is_answered(page: LedgerPage, intent: LedgerEntry) -> bool:
    """Tell whether what became of one attempt is certain."""
    return any(
        entry.attempt == intent.attempt
        and entry.sequence > intent.sequence
        and entry.event in {LedgerEvent.RECEIPT, LedgerEvent.NOTHING_DONE}
        for entry in page.entries_of(intent.identity)
    )


def latest_creations(entries: Sequence[LedgerEntry]) -> Iterator[list[LedgerEntry]]:
    """Yield the intents of every creation among entries in order of sequence, the latest first.

    Those of a bulk are committed one after the other, with nothing between.
    """
    creation: list[LedgerEntry] = []
    for entry in reversed(entries):
        if entry.subject is LedgerSubject.ISSUE:
            if entry.event is LedgerEvent.INTENT:
                creation.append(entry)
            elif creation:
                yield creation[::-1]
                creation = []
    if creation:
        yield creation[::-1]
