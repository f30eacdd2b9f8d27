"""What the ledger of a session says of creations as a whole: their numbers, attempts and losses.

Belongs here: which numbers issues may have that are in doubt, which creations were lost in a row.
Does not: entries of one thing (`ledger_page`), what is done about a doubt (`doubts`).

Numbers count only as they were read: an answer may have named any key.
"""

from collections.abc import Iterator, Sequence

from jira_pipeline.export.ledger_page import LedgerPage
from jira_pipeline.model.export_ledger import (
    GivenUp,
    InDoubt,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    is_handmade,
)


def is_created_since(page: LedgerPage, sequence: int, *, project_key: str) -> bool:
    """Tell whether an issue sent after an entry was read back: its number is above all before."""
    return any(
        entry.event is LedgerEvent.INTENT
        and entry.sequence > sequence
        and (receipt := page.receipt(entry.identity)) is not None
        and page.number_read(project_key, receipt) is not None
        for entry in page.entries
    )


def number_ranges(page: LedgerPage, project_key: str, *, margin: int) -> tuple[range, ...]:
    """Return the runs of numbers that issues of the session may have, in order.

    Each is above what was known when it was first sent, and a margin beyond the number it got at
    most, as it was read back: a request that something on the way sent twice is done at about the
    same time.
    """
    found: list[range] = []
    for identity in page.sent(LedgerSubject.ISSUE):
        entries = page.entries_of(identity)
        numbers = [n for e in entries if (n := page.number_read(project_key, e)) is not None]
        intents = [e.low_bound or 0 for e in entries if e.event is LedgerEvent.INTENT]
        if not intents and is_handmade(entries):
            continue  # nothing of it was ever sent
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


def low_bound(page: LedgerPage, identity: str) -> int | None:
    """Return the number above which its issue is, if there may be one; else None.

    The lowest of all its intents: an earlier attempt may have been done late.
    """
    entries = page.entries_of(identity)
    may_exist = isinstance(page.state(identity), InDoubt | GivenUp) or any(
        entry.event is LedgerEvent.ABSENT for entry in entries
    )
    intents = [entry for entry in entries if entry.event is LedgerEvent.INTENT]
    return min(entry.low_bound or 0 for entry in intents) if may_exist and intents else None


def was_given_up(page: LedgerPage, identity: str) -> bool:
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
    row: list[tuple[str, ...]] = []
    for creation in latest_creations(page.entries):
        if any(_is_answered(page, intent) for intent in creation):
            break
        row.append(tuple(dict.fromkeys(intent.identity for intent in creation)))
    return tuple(reversed(row))


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
