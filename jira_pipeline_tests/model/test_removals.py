"""What the ledger's entries add up to when an export is undone."""

from dataclasses import replace

import pytest

from jira_pipeline.model.exports import (
    LedgerEntry,
    LedgerEvent,
    Origin,
    is_undo_last,
    open_removal_of,
    open_undo_of,
    was_taken_back,
)
from jira_pipeline_tests.contracts.stored_values import an_entry
from jira_pipeline_tests.tables import each

INTENT, RECEIPT = LedgerEvent.INTENT, LedgerEvent.RECEIPT
EXPORTED = (INTENT, RECEIPT)
BEGUN, ENDED = LedgerEvent.UNDO_BEGUN, LedgerEvent.UNDO_ENDED
REMOVAL, REMOVED = LedgerEvent.REMOVAL_INTENT, LedgerEvent.REMOVED
REFUSED, UNCONFIRMED = LedgerEvent.REMOVAL_REFUSED, LedgerEvent.REMOVAL_UNCONFIRMED


def entries_of(*events: LedgerEvent) -> list[LedgerEntry]:
    return [replace(an_entry(event), sequence=n) for n, event in enumerate(events, start=1)]


@each(
    ("events", "is_open"),
    [
        ([], False),
        ([REMOVAL], True),
        ([REMOVAL, LedgerEvent.REMOVAL_UNKNOWN], True),
        ([REMOVAL, REMOVED], False),
        ([REMOVAL, REFUSED], False),
        ([REMOVAL, LedgerEvent.REMOVAL_ANSWERED], True),
        ([REMOVAL, UNCONFIRMED], False),
        # what a process that was suspended learns late opens nothing again
        ([REMOVAL, UNCONFIRMED, LedgerEvent.REMOVAL_ANSWERED], False),
        ([REMOVAL, REFUSED, REMOVAL], True),
    ],
)
def test_a_removal_is_open_until_its_outcome_is_certain(
    events: list[LedgerEvent], *, is_open: bool
) -> None:
    assert is_open == (open_removal_of(entries_of(*EXPORTED, *events)) is not None)


@each(
    ("events", "is_back"),
    [
        (EXPORTED, False),
        ([RECEIPT], False),
        ([*EXPORTED, REMOVAL], True),
        ([*EXPORTED, REMOVAL, REFUSED], False),
        ([*EXPORTED, REMOVAL, REMOVED], True),
        ([*EXPORTED, REMOVED, INTENT], False),
        ([*EXPORTED, REMOVAL, LedgerEvent.REMOVAL_UNKNOWN], True),
        ([*EXPORTED, REMOVAL, UNCONFIRMED], False),
    ],
)
def test_what_was_taken_back_stays_so_until_it_is_sent_again(
    events: list[LedgerEvent], *, is_back: bool
) -> None:
    assert is_back == was_taken_back(entries_of(*events))


@each(
    ("events", "open_place"),
    [
        pytest.param([("a", RECEIPT)], None, id="exported"),
        pytest.param([("", BEGUN)], 0, id="begun"),
        pytest.param([("", BEGUN), ("a", REMOVAL), ("a", REMOVED)], 0, id="not ended"),
        pytest.param([("a", RECEIPT), ("", BEGUN), ("", ENDED)], None, id="ended"),
        pytest.param([("", BEGUN), ("", ENDED), ("", BEGUN)], 2, id="begun again"),
        pytest.param([("", BEGUN), ("a", REMOVAL), ("a", REMOVED), ("", ENDED)], None, id="whole"),
    ],
)
def test_an_undo_is_open_from_its_beginning_to_its_end(
    events: list[tuple[str, LedgerEvent]], open_place: int | None
) -> None:
    entries = [an_entry(event, identity=identity) for identity, event in events]

    assert open_undo_of(entries) is (None if open_place is None else entries[open_place])


@each(
    ("events", "is_last"),
    [
        (EXPORTED, False),
        ((*EXPORTED, BEGUN), True),
        ((*EXPORTED, BEGUN, REMOVAL, REMOVED, ENDED), True),
        ((BEGUN, ENDED, INTENT, RECEIPT), False),
        ((), False),
    ],
)
def test_an_undo_is_last_until_something_is_sent_again(
    events: tuple[LedgerEvent, ...], *, is_last: bool
) -> None:
    assert is_last == is_undo_last(entries_of(*events))


def test_what_a_person_adopted_after_an_undo_is_not_taken_back() -> None:
    """A session whose issues were restored and adopted stayed undone: nothing approved itself."""
    undone = entries_of(*EXPORTED, BEGUN, REMOVAL, REMOVED, ENDED)
    adopted = replace(an_entry(RECEIPT), sequence=99, origin=Origin.ADOPTED)

    assert was_taken_back(undone)
    assert is_undo_last(undone)
    assert not was_taken_back([*undone, adopted])
    assert not is_undo_last([*undone, adopted])
