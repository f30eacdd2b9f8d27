"""One session's page of the ledger while an export runs.

Belongs here: writing entries and finding what they say of one thing, and of creations as a whole:
which numbers unconfirmed issues may have, which creations in a row had no answer. Does not: their
meaning (`model/exports`), keeping them (`store/ledger`), what they say of texts (`text_writes`),
what is done about an unconfirmed write (`unconfirmed`).

An *identity* names one thing that is written at most once, such as the issue of a ticket. An
*intent* is the entry before a request, a *receipt* the entry that the thing exists. The *low bound*
of an intent is a number below that of the issue which its request creates.

The number of an issue counts only once the issue was read: an answer may have named any key.
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
        """The Jira account that intents name as the sender from now on."""
        self._entries: dict[str, list[LedgerEntry]] = defaultdict(list)
        self._states: dict[str, LedgerState] = {}
        self._followed: dict[type[LedgerState], set[str]] = defaultdict(set)
        """The identities that somebody follows, by their state."""
        recorded = ledger.entries(target_id=target_id, session_key=session_key)
        self.removed_ids = frozenset(
            entry.remote_id
            for entry in recorded
            if entry.event is LedgerEvent.REMOVED and entry.remote_id is not None
        )
        """Ids of issues that an undo deleted; a restored backup of Jira may show them again."""
        self.made_ids = {
            (entry.subject, entry.remote_id)
            for entry in recorded
            if entry.event is LedgerEvent.RECEIPT and entry.origin is None
        }
        """Subject and id of all that we ever made, also on an issue that an undo deleted."""
        self.entries = list(current_entries(recorded))
        """The entries that count, by sequence."""
        self._sequence_at_opening = self.last_sequence()
        """The last sequence when the page was opened; see `can_be_from`."""
        self._keys_read: dict[str, str] = {}
        """Keys of the issues that were read since this page was opened, by id."""
        self._highest: dict[str, int] = {}
        """The highest number of an issue that was read, by project key."""
        self._highest_bound = max((entry.low_bound or 0 for entry in self.entries), default=0)
        """The highest low bound of an intent."""
        self.known_ids = set(self.removed_ids)
        """Ids of issues that were ever a ticket's, also where they were removed or released."""
        self.link_intents: list[LedgerEntry] = []
        """The intents to link issues, by sequence."""
        for entry in self.entries:
            self._add(entry)

    def _add(self, entry: LedgerEntry) -> None:
        self._entries[entry.identity].append(entry)
        if entry.subject is LedgerSubject.ISSUE and entry.remote_id is not None:
            self.known_ids.add(entry.remote_id)
        if entry.subject is LedgerSubject.LINK and entry.event is LedgerEvent.INTENT:
            self.link_intents.append(entry)

    def follow(self, identities: Iterable[str]) -> Mapping[type[LedgerState], AbstractSet[str]]:
        """Return identities by their state; an identity moves when an entry of it is written.

        So a long export need not ask for the state of every ticket after every write.
        """
        self._followed.clear()
        for identity in identities:
            self._followed[type(self.state(identity))].add(identity)
        return self._followed

    def state(self, identity: str) -> LedgerState:
        """Return what the entries of one identity say together, such as that its issue exists."""
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
        """Return the identities of all of a kind that was sent, in the order of their first entries.

        `on` is the identity of an issue: only what is on this issue is returned.
        """
        return tuple(
            identity
            for identity, entries in self._entries.items()
            if entries[0].subject is subject and (not on or identity.startswith(f"{on}/"))
        )

    def receipts_of(self, subject: LedgerSubject, *, on: str = "") -> tuple[LedgerEntry, ...]:
        """Return the receipts of all of a kind that exists, in the order of their first entries.

        `on` is the identity of an issue: only what is on this issue is returned.
        """
        return tuple(filter(None, map(self.receipt, self.sent(subject, on=on))))

    def issue_receipts(self) -> tuple[LedgerEntry, ...]:
        """Return the receipts of all issues, by sequence."""
        receipts = self.receipts_of(LedgerSubject.ISSUE)
        return tuple(sorted(receipts, key=lambda receipt: receipt.sequence))

    def issue_ids(self) -> frozenset[str]:
        return frozenset(r.remote_id for r in self.issue_receipts() if r.remote_id is not None)

    def note_read(self, issues: Iterable[FoundIssue]) -> None:
        """Note the keys and numbers of issues that were read and are the ones the ledger means."""
        for issue in issues:
            self._keys_read[issue.issue_id] = issue.key
            project_key = issue.key.rpartition("-")[0]
            number = issue_number_of(issue.key)
            self.note_number(project_key, number or 0)

    def note_number(self, project_key: str, number: int) -> None:
        self._highest[project_key] = max(number, self._highest.get(project_key, 0))

    def highest_number(self, project_key: str) -> int:
        """Return the highest number that was read, or is the low bound of an intent, or 0.

        The next issue will have a higher one, so this is the low bound of what is sent next.
        """
        return max(self._highest.get(project_key, 0), self._highest_bound)

    def accounted_number(self) -> int:
        """Return the number up to which every issue was read before something was sent, or 0.

        Only intents raise it. An issue that was merely found does not: below it there may be others
        that a restored ledger forgot.
        """
        return self._highest_bound  # defence: start-of-a-sweep

    def is_read(self, receipt: LedgerEntry) -> bool:
        """Tell whether an issue was read back since this page was opened."""
        return receipt.remote_id in self._keys_read

    def released_ids(self) -> frozenset[str]:
        """Return the ids of issues that people released, because they were gone or replaced."""
        return frozenset(
            entry.remote_id
            for entry in self.entries
            if entry.event is LedgerEvent.RELEASED and entry.remote_id is not None
        )

    def forgotten_ids(self) -> frozenset[str]:
        """Return the ids of issues released while another one was the ticket's, or none was.

        They carry a ticket's identity, but people decided about them: they are not reported again.
        """
        return forgotten_ids_of(self.entries)

    def can_be_from(self, identity: str, sequence: int, issue_id: str) -> bool:
        """Tell whether an issue can be the one that the intent with this sequence created.

        It cannot where that intent created another issue, or its issue was deleted since: then this
        one is a copy, or came back with a backup of Jira.
        """
        # An older backup of the ledger was put back, which does not know the intent.
        if sequence > self._sequence_at_opening:
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
        """Return the last entry of a removal whose outcome is not certain, or None."""
        return open_removal_of(self.entries_of(identity))

    def open_undo(self) -> LedgerEntry | None:
        """Return the beginning of an undo that has not ended, or None."""
        return open_undo_of(self.entries)

    def last_sequence(self) -> int:
        """Return the sequence of the last entry of the session, or 0."""
        return max((entry.sequence for entry in self.entries), default=0)

    def number_read(self, project_key: str, entry: LedgerEntry) -> int | None:
        """Return the number of the issue that an entry names; None: not read, or of another project."""
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
        """Commit the entry that says what an answer to a write means.

        `about` is a receipt of the issue that the write changed; without it, the answer names what
        the write created. `events` are the events of this kind of write.
        """
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
        """Commit one entry, which is durable before anything counts on it.

        `account_id` is who made an issue, where it was read; an intent names the account that sends.
        """
        named_account_id = account_id
        if event in INTENTS:
            named_account_id = self.account_id or None
        attempt = self._attempt_of(event, what.identity)
        draft = LedgerEntry(
            sequence=0,  # the ledger gives it
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
            account_id=named_account_id,
            origin=origin,
        )
        entry = self._ledger.append(draft)
        self._highest_bound = max(self._highest_bound, low_bound or 0)
        self._take_in(entry)
        return entry

    def _attempt_of(self, event: LedgerEvent, identity: str) -> int:
        """Return the attempt that the next entry of an identity belongs to: an intent begins one.

        Updates of an issue are counted apart from its creation.
        """
        opening = LedgerEvent.UPDATE_INTENT if event in OF_UPDATES else LedgerEvent.INTENT
        begun_count = sum(entry.event is opening for entry in self.entries_of(identity))
        return begun_count + 1 if event is opening else begun_count

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
    """Tell whether an issue that was sent after an entry exists and was read.

    Its number is above those of all issues that were created before that entry.
    """
    for entry in page.entries:
        if entry.event is not LedgerEvent.INTENT or entry.sequence <= sequence:
            continue
        receipt = page.receipt(entry.identity)
        if receipt is not None and page.number_read(project_key, receipt) is not None:
            return True
    return False


def number_ranges(page: LedgerPage, project_key: str, *, margin: int) -> tuple[range, ...]:
    """Return the ranges of numbers that issues of the session may have, in order.

    A range begins above the low bound of the first intent of an issue, and ends `margin` numbers
    beyond the issue as it was read: a second issue, of a request that a gateway sent twice, is
    created at about the same time.
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
    """Return the number above which the issue of an identity is; None: there can be none.

    An issue that was missing when it was looked up may still have been created late.
    """
    entries = page.entries_of(identity)
    may_exist = isinstance(page.state(identity), InDoubt | LeftToPerson) or any(
        entry.event is LedgerEvent.ABSENT
        for entry in entries  # defence: absent-may-come-late
    )
    intents = [entry for entry in entries if entry.event is LedgerEvent.INTENT]
    if not may_exist or not intents:
        return None
    # The lowest bound of all attempts: an earlier one may have been done late.
    return min(entry.low_bound or 0 for entry in intents)  # defence: earliest-low-bound


def was_left_to_person(page: LedgerPage, identity: str) -> bool:
    """Tell whether the last attempt was left to a person, who then decided to send it again.

    A decision about an earlier attempt says nothing about what the last one left in Jira.
    """
    for entry in reversed(page.entries_of(identity)):
        if entry.event in {LedgerEvent.GIVEN_UP, LedgerEvent.INTENT}:
            return entry.event is LedgerEvent.GIVEN_UP
    return False


def unanswered_creations(page: LedgerPage) -> tuple[tuple[str, ...], ...]:
    """Return the last creations in a row that had no answer, each with the identities it sent.

    The issues of one bulk request are one creation. An issue that was found later counts as answered.
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
    """Yield the intents of each creation, the latest creation first, from entries by sequence.

    The intents of one bulk request are committed one after the other, with no other entry of an
    issue between them.
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
