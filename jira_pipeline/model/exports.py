"""The ledger of exports: what was sent to a target and what it answered, one entry after another.

Belongs here: targets, the entries, what the entries of one ticket or file add up to. Does not:
sending (`export/sending`), keeping entries (`store/ledger`), how Jira differs from the ledger
(`differences`), what is left to people (`manual_fixes`).

An intent is committed before every external write, its outcome after the answer. An intent
without an outcome, or with the outcome `unknown`, is in doubt: it is looked up before anything is
sent again. An issue that was sent and is still in doubt after the horizon (the time for which an
answer of Jira may still be on its way) may be sent once more, if it is found nowhere.

The entries of one issue share an identity, a UUID that the issue carries in Jira as its marker.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import TypeGuard

from jira_pipeline.model.grouped import group_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where issues go: one project on one site. The sandbox is one."""

    target_id: str
    """`site_id/project_id`: keys change when a project is renamed, ids do not."""
    site_id: str
    """Cloud id, or the base URL the server states of itself."""
    base_url: str
    """Where people browse, without a slash at the end."""
    project_id: str
    project_key: str
    is_sandbox: bool

    @property
    def name(self) -> str:
        """What people call it."""
        where = "sandbox" if self.is_sandbox else self.base_url
        return f"{where}, project {self.project_key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """What settings name: an address and a project, which turn out to be a target when asked.

    A site may call itself by another address, and a project answers to its former keys. So the
    store remembers which target a destination was.
    """

    address: str
    """Empty: the embedded sandbox."""
    project_key: str

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.address or 'sandbox'}, project {self.project_key}"


def exported_among(
    used: Iterable[Target], destinations: Mapping[Destination, Target]
) -> tuple[Target, ...]:
    """Return the targets that the destinations of settings lead to now, of those that were used."""
    current_ids = {target.target_id for target in destinations.values()}
    return tuple(target for target in used if target.target_id in current_ids)


class LedgerSubject(StrEnum):
    """What kind of thing was written."""

    ISSUE = "issue"
    LINK = "link"
    ATTACHMENT = "attachment"
    PARENT = "parent"
    """That an issue is under its parent."""
    MARK = "mark"
    """That an issue which people made carries the identity of its ticket."""
    SPRINT = "sprint"
    """That an issue is in its sprint."""
    COMMENT = "comment"
    """What people read on an issue that an update left as it is."""
    UNDO = "undo"
    """That the export as a whole is taken back; of no ticket."""


class LedgerEvent(StrEnum):
    """What the entry states."""

    INTENT = "intent"
    """About to be sent."""
    RECEIPT = "receipt"
    """It exists there: answered so, or found when looked up."""
    NOTHING_DONE = "nothing_done"
    """It certainly was not done: not sent, or refused."""
    UNKNOWN = "unknown"
    """The answer does not say what happened."""
    LOST_IN_OUTAGE = "lost_in_outage"
    """As above, and nothing else was answered then: it does not count as the one resend."""
    ABSENT = "absent"
    """Looked up after the horizon and found nowhere: one resend is allowed."""
    GIVEN_UP = "given_up"
    """A person decides (orphan_issue)."""
    REFUTED = "refuted"
    """The answer had named an issue that is not the one it was about: its own is in doubt again."""
    RELEASED = "released"
    """The issue does not count any more, though nobody deleted it here; who decided: its detail."""
    REMOVAL_INTENT = "removal_intent"
    """About to be deleted by an undo."""
    REMOVED = "removed"
    """Gone there by our deletion: Jira answered so and does not show it; by whom: its detail."""
    REMOVAL_ANSWERED = "removal_answered"
    """Jira answered that it is deleted, which is believed once it is not shown."""
    REMOVAL_REFUSED = "removal_refused"
    """It certainly was not deleted: it is there, whatever Jira answered."""
    REMOVAL_UNCONFIRMED = "removal_unconfirmed"
    """Jira does not show it any more, and never answered that it is deleted: it may be hidden."""
    REMOVAL_UNKNOWN = "removal_unknown"
    """The answer does not tell whether it was deleted."""
    UPDATE_INTENT = "update_intent"
    """Its text is about to be replaced: `sent`, with a hash of the text it had right before."""
    UPDATED = "updated"
    """It has the text we wrote: `sent`, with the text that Jira gave back."""
    UPDATE_REFUSED = "update_refused"
    """It certainly was not updated, though that was about to be sent; why: its detail."""
    UPDATE_UNKNOWN = "update_unknown"
    """The answer does not tell whether it was updated."""
    UPDATE_LEFT = "update_left"
    """Nothing was sent, so that nothing is overwritten; why: its detail."""
    UPDATE_GIVEN_UP = "update_given_up"
    """Its text is neither the one it had nor the one we wrote: a person decides."""
    DETACH_INTENT = "detach_intent"
    """A link or file of ours is about to be taken off its issue."""
    DETACHED = "detached"
    """It is not there any more: read so, whether we took it off or people did."""
    UNDO_BEGUN = "undo_begun"
    """Issues are about to be deleted; by whom: its detail. Until the end nothing is created."""
    UNDO_ENDED = "undo_ended"
    """What was to go is gone, or a person keeps the rest."""


@dataclass(frozen=True, slots=True)
class WriteEvents:
    """The events of one kind of write: about to be sent, and the three outcomes."""

    intent: LedgerEvent
    done: LedgerEvent
    nothing_done: LedgerEvent
    unknown: LedgerEvent


SENDING = WriteEvents(
    LedgerEvent.INTENT, LedgerEvent.RECEIPT, LedgerEvent.NOTHING_DONE, LedgerEvent.UNKNOWN
)
UPDATING = WriteEvents(
    LedgerEvent.UPDATE_INTENT,
    LedgerEvent.UPDATED,
    LedgerEvent.UPDATE_REFUSED,
    LedgerEvent.UPDATE_UNKNOWN,
)
REMOVING = WriteEvents(
    LedgerEvent.REMOVAL_INTENT,
    LedgerEvent.REMOVAL_ANSWERED,
    LedgerEvent.REMOVAL_REFUSED,
    LedgerEvent.REMOVAL_UNKNOWN,
)
DETACHING = WriteEvents(
    LedgerEvent.DETACH_INTENT, LedgerEvent.DETACHED, LedgerEvent.NOTHING_DONE, LedgerEvent.UNKNOWN
)

_REMOVALS = frozenset({LedgerEvent.REMOVAL_INTENT, LedgerEvent.REMOVED})
_STILL_COUNTING = frozenset({LedgerEvent.REMOVAL_REFUSED, LedgerEvent.REMOVAL_UNCONFIRMED})
_WANTED = _STILL_COUNTING | {LedgerEvent.INTENT}
_REMOVAL_SETTLED = _STILL_COUNTING | {LedgerEvent.REMOVED}
_DISOWNED = frozenset({LedgerEvent.RELEASED, LedgerEvent.REFUTED})
_UPDATE_SETTLED = frozenset(
    {LedgerEvent.UPDATED, LedgerEvent.UPDATE_REFUSED, LedgerEvent.UPDATE_GIVEN_UP}
)
OF_UPDATES = _UPDATE_SETTLED | {
    LedgerEvent.UPDATE_INTENT,
    LedgerEvent.UPDATE_UNKNOWN,
    LedgerEvent.UPDATE_LEFT,
}
"""All events about updates of the text of an issue."""
INTENTS = frozenset(events.intent for events in (SENDING, UPDATING, REMOVING, DETACHING))
"""Events that something is about to be sent: they name the account that sends it."""
UNDER_LEASE = INTENTS | frozenset(
    {
        # A process that was suspended, and lost its lease meanwhile, would judge by old facts,
        # and could end an undo that another process began.
        LedgerEvent.UPDATE_LEFT,
        LedgerEvent.UNDO_BEGUN,
        LedgerEvent.UNDO_ENDED,
    }
)
"""Events that only the holder of the lease may write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenText:
    """Summary and description of an issue around one update, as hashes."""

    wanted_hash: str
    """Hash of the text to be written, as far as it is comparable after Jira rewrites it."""
    before_hash: str
    """Hash of the text that Jira gave back right before the update."""
    last_change: str
    """Id of the last change of this text in the issue's history right before; empty: none."""
    after_hash: str = ""
    """Hash of the text that Jira gave back after the update; empty: it was not read yet, or
    somebody else changed it at the same time."""
    is_shared: bool = False
    """Title or words of people are in it. Once the issue does not tell any more which, none of the
    text counts as ours alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentContent:
    """What an issue was created from: what changes later has to be made by people."""

    rendered_hash: str
    """Hash of all that Jira got of the ticket."""
    revision: int
    """Number of the ticket's revision."""
    content_sha256: str
    """Hash of the upload that its tables came from."""
    content: Mapping[str, str] | None = None
    """`content_of` the ticket, a hash for each part; None: not known, so it is not compared."""
    text: WrittenText | None = None
    """The text before and after an update; None: it was no update."""
    left: tuple[str, ...] = ()
    """Parts of `content` that an update left as they were, since people set these fields in Jira."""
    created_hash: str = ""
    """Hash of summary and description as a creation sent them, as far as it is comparable after Jira
    rewrites them; empty: an older version sent it."""
    noted_write: str = ""
    """For an issue whose text no entry of the ledger wrote: the last write of ours that the issue
    itself remembers."""


class Origin(StrEnum):
    """Where the thing that a receipt names comes from, if we did not make it."""

    FOUND = "found"
    """It existed before we sent anything: it counts as ours, and an undo leaves it alone."""
    ADOPTED = "adopted"
    """A person said that this issue is the ticket's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One event in the history of something that was sent to a target."""

    sequence: int
    """Its number, ascending in the store; 0 before it is appended."""
    at: datetime
    target_id: str
    session_key: str
    ticket_id: str
    subject: LedgerSubject
    event: LedgerEvent
    identity: str
    """What the entry is about: `identity_of` an issue; for links and files, a name that is unique
    within target and session and has the identities of their issues between slashes."""
    attempt: int
    """Which attempt at the same write it belongs to."""
    low_bound: int | None = None
    """For the intent of an issue: the highest issue number known in the project before sending."""
    remote_id: str | None = None
    """For a receipt, and for events that end what it names: the id of the issue or attachment."""
    remote_key: str | None = None
    """For a receipt: the key of the issue at that time; for a comment, its version as it was sent."""
    detail: str = ""
    """For people: what was answered, or who decided; never credentials or ticket text."""
    sent: SentContent | None = None
    """For an intent or update of an issue: its content."""
    account_id: str | None = None
    """For an intent: the account that sends it; for a receipt without an intent: the one that made
    the issue. Entries from before store version 2 have none."""
    origin: Origin | None = None
    """For a receipt: where the thing comes from; None: we made it."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing of it exists on the target; it may be sent."""

    attempts: int = 0
    """How often it was tried without success."""
    is_resend: bool = False
    """It was in doubt and found nowhere: look once more right before it is sent."""


@dataclass(frozen=True, slots=True)
class InDoubt:
    """It may exist; look before sending."""

    intent: LedgerEntry
    """The last one."""
    is_resend_spent: bool
    """It was sent again already, which is done once: a person decides what is next."""


@dataclass(frozen=True, slots=True)
class Exists:
    """It exists on the target."""

    receipt: LedgerEntry
    """The last one about the same thing, with the time of the first."""


@dataclass(frozen=True, slots=True)
class LeftToPerson:
    """A person must settle it."""

    entry: LedgerEntry
    """The one that says so."""


LedgerState = NotSent | InDoubt | Exists | LeftToPerson


@lru_cache(maxsize=100_000)
def identity_of(*, installation_id: str, target_id: str, session_key: str, ticket_id: str) -> str:
    """Return the UUID that names the creation of one issue, whichever run, attempt or content it is."""
    namespace = uuid.UUID(installation_id)
    # defence: identity-of-target
    return str(uuid.uuid5(namespace, f"{target_id}\n{session_key}\n{ticket_id}"))


def ledger_state_of(entries: Iterable[LedgerEntry]) -> LedgerState:  # noqa: C901 - a case for each event
    """Return the state that the entries of one identity, in order of sequence, lead to.

    What was removed or released counts as never sent. While a removal is under way the issue still
    exists. A receipt for another issue than before takes its place. A further receipt for the same
    issue gives its current key, and the time of the first receipt stays.
    """
    state: LedgerState = NotSent()
    intent: LedgerEntry | None = None
    attempts = 0
    is_resend_spent = False
    for entry in entries:
        match entry.event:
            case LedgerEvent.REMOVED | LedgerEvent.DETACHED:
                state = NotSent()
                intent = None
                attempts = 0
                is_resend_spent = False
            case LedgerEvent.INTENT:
                attempts += 1
                intent = entry
                state = InDoubt(entry, is_resend_spent=is_resend_spent)  # defence: intent-is-doubt
            case LedgerEvent.RELEASED if _is_about(state, entry):
                state = NotSent()
                intent = None
                attempts = 0
                is_resend_spent = False
            case LedgerEvent.REFUTED if _is_about(state, entry):
                state = NotSent(attempts)
                if intent is not None:
                    # defence: refuted-is-doubt
                    state = InDoubt(intent, is_resend_spent=is_resend_spent)
            case LedgerEvent.RECEIPT:
                since = state.receipt.at if _is_about(state, entry) else entry.at
                state = Exists(replace(entry, at=since))
            case LedgerEvent.NOTHING_DONE if not isinstance(state, Exists):  # defence: late-refusal
                state = NotSent(attempts, is_resend=is_resend_spent)
            case LedgerEvent.ABSENT if not isinstance(state, Exists):
                is_resend_spent = True  # defence: one-resend
                state = NotSent(attempts, is_resend=True)
            case LedgerEvent.UNKNOWN | LedgerEvent.LOST_IN_OUTAGE if (
                intent is not None and not isinstance(state, Exists)
            ):
                is_resend_spent = is_resend_spent and entry.event is LedgerEvent.UNKNOWN
                # defence: unknown-is-doubt
                state = InDoubt(intent, is_resend_spent=is_resend_spent)
            case LedgerEvent.GIVEN_UP if not isinstance(state, Exists):
                state = LeftToPerson(entry)  # defence: given-up-is-not-sent
            case _:
                pass
    return state


def _is_about(state: LedgerState, entry: LedgerEntry) -> TypeGuard[Exists]:
    """Return whether an entry is about the thing that exists, not about another one of the ticket."""
    return isinstance(state, Exists) and state.receipt.remote_id == entry.remote_id


def open_removal_of(entries: Iterable[LedgerEntry]) -> LedgerEntry | None:
    """Return the last entry of a removal that is not settled, of the entries of one identity, or None.

    That is its intent, or `REMOVAL_ANSWERED` once Jira answered that the issue is deleted.
    """
    last: LedgerEntry | None = None
    for entry in entries:
        is_answer = entry.event is LedgerEvent.REMOVAL_ANSWERED and last is not None
        if entry.event is LedgerEvent.REMOVAL_INTENT or is_answer:
            last = entry
        elif entry.event in _REMOVAL_SETTLED:
            last = None
    return last


def may_be_gone(entries: Iterable[LedgerEntry]) -> bool:
    """Return whether an undo was about to delete an issue, and nobody saw it since.

    `entries` are those of the issue.
    """
    removals = [entry.event for entry in entries if entry.event in _REMOVALS | _STILL_COUNTING]
    return bool(removals) and removals[-1] is not LedgerEvent.REMOVAL_REFUSED


def open_undo_of(entries: Iterable[LedgerEntry]) -> LedgerEntry | None:
    """Return the entry by which an undo began that has not ended, or None.

    `entries` are all of one session on one target.
    """
    undo_events = {LedgerEvent.UNDO_BEGUN, LedgerEvent.UNDO_ENDED}
    undo_entries = [entry for entry in entries if entry.event in undo_events]
    if undo_entries and undo_entries[-1].event is LedgerEvent.UNDO_BEGUN:
        return undo_entries[-1]
    return None


def was_taken_back(entries: Iterable[LedgerEntry]) -> bool:
    """Return whether what these entries of one identity are about was removed, or is being removed.

    False where it was sent or adopted again since.
    """
    decisive = [e for e in entries if e.event in _REMOVALS | _WANTED or e.origin is Origin.ADOPTED]
    return bool(decisive) and decisive[-1].event in _REMOVALS


def is_undo_last(entries: Iterable[LedgerEntry]) -> bool:
    """Return whether nothing was sent or adopted since an undo began, even one that deleted nothing."""
    decisive_events = {LedgerEvent.INTENT, LedgerEvent.UNDO_BEGUN}
    decisive = [e for e in entries if e.event in decisive_events or e.origin is Origin.ADOPTED]
    return bool(decisive) and decisive[-1].event is LedgerEvent.UNDO_BEGUN


def current_entries(entries: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """Return the entries that still count, in order of sequence.

    Links and files go with their issue: entries about them from before it was removed, released or
    replaced by another one do not count. Their identities name the issues they belong to, between
    slashes.
    """
    all_entries = tuple(entries)
    last_changes: dict[str, int] = {}  # sequence by identity
    for entry, issue_id in _with_issue_ids(all_entries):
        is_replaced = issue_id not in (None, entry.remote_id)
        is_disowned = entry.event in _DISOWNED and entry.remote_id == issue_id
        is_end = entry.event is LedgerEvent.REMOVED or is_disowned
        if is_end or (entry.event is LedgerEvent.RECEIPT and is_replaced):
            last_changes[entry.identity] = entry.sequence
    current: list[LedgerEntry] = []
    for entry in all_entries:
        identities = entry.identity.split("/")
        last_change = max(last_changes.get(identity, 0) for identity in identities)
        if entry.subject is LedgerSubject.ISSUE or entry.sequence > last_change:
            current.append(entry)
    return tuple(current)


def forgotten_ids_of(entries: Iterable[LedgerEntry]) -> frozenset[str]:
    """Return the ids of issues that people released while another issue was the ticket's.

    A later receipt for such an issue makes it count again.
    """
    forgotten: set[str | None] = set()
    for entry, issue_id in _with_issue_ids(entries):
        if entry.event is LedgerEvent.RECEIPT:
            forgotten.discard(entry.remote_id)
        elif entry.event is LedgerEvent.RELEASED and entry.remote_id != issue_id:
            forgotten.add(entry.remote_id)
    return frozenset(filter(None, forgotten))


def _with_issue_ids(entries: Iterable[LedgerEntry]) -> Iterator[tuple[LedgerEntry, str | None]]:
    """Yield the entries about issues, each with the id of the issue its ticket had until then.

    The id is None where the ticket had none, or its last one was removed or released.
    """
    issue_ids: dict[str, str | None] = {}
    for entry in entries:
        if entry.subject is not LedgerSubject.ISSUE:
            continue
        issue_id = issue_ids.get(entry.identity)
        yield entry, issue_id
        is_released = entry.event is LedgerEvent.RELEASED and entry.remote_id == issue_id
        if entry.event is LedgerEvent.RECEIPT:
            issue_ids[entry.identity] = entry.remote_id
        elif entry.event is LedgerEvent.REMOVED or is_released:
            issue_ids.pop(entry.identity, None)


def issue_keys(entries: Iterable[LedgerEntry]) -> dict[str, str | None]:
    """Return the key of every issue that exists or may exist, by ticket id; None where in doubt."""
    entries_of_issues = (entry for entry in entries if entry.subject is LedgerSubject.ISSUE)
    entries_by_identity = group_by(entries_of_issues, lambda entry: entry.identity)
    keys: dict[str, str | None] = {}
    for issue_entries in entries_by_identity.values():
        state = ledger_state_of(issue_entries)
        if isinstance(state, NotSent):
            continue
        ticket_id = issue_entries[0].ticket_id
        keys[ticket_id] = state.receipt.remote_key if isinstance(state, Exists) else None
    return keys


def open_update_of(entries: Iterable[LedgerEntry]) -> LedgerEntry | None:
    """Return the intent of an update that is not settled, of the entries of one issue, or None."""
    intent: LedgerEntry | None = None
    for entry in entries:
        if entry.event is LedgerEvent.UPDATE_INTENT:
            intent = entry
        # A process that was suspended may note its outcome late: it settles its own attempt only.
        elif entry.event in _UPDATE_SETTLED and intent and intent.attempt == entry.attempt:
            intent = None
    return intent


def objection_to_updating(entries: Iterable[LedgerEntry]) -> str:
    """Return why the last update of an issue was not done, by the entries of the issue.

    Empty: it was done, or none was ever tried.
    """
    ends = [e for e in entries if e.event in _UPDATE_SETTLED | {LedgerEvent.UPDATE_LEFT}]
    return ends[-1].detail if ends and ends[-1].event is not LedgerEvent.UPDATED else ""


def last_sent_content(entries: Iterable[LedgerEntry]) -> SentContent | None:
    """Return the content that an issue had when it was last sent or read; None: not known.

    `entries` are those of the issue, by sequence.
    """
    entry = content_entry_in(entries)
    return None if entry is None else entry.sent


def content_entry_in(entries: Iterable[LedgerEntry]) -> LedgerEntry | None:
    """Return the last entry that holds the content of an issue as it was sent or read, or None."""
    for entry in reversed(tuple(entries)):
        is_written = entry.event in {LedgerEvent.INTENT, LedgerEvent.UPDATED}
        is_read = entry.event is LedgerEvent.RECEIPT and entry.sent is not None
        if is_written or is_read:
            return entry
    return None


def is_handmade(entries: Iterable[LedgerEntry]) -> bool:
    """Return whether people made an issue themselves, by its entries: it was adopted, not sent."""
    return any(e.origin is Origin.ADOPTED and e.sent is not None for e in entries)
