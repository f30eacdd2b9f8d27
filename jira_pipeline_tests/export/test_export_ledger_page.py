"""The page of the ledger an export reads: bounds, receipts, sequences."""

from dataclasses import replace
from datetime import datetime

import pytest

from jira_pipeline.export.ledger_page import (
    LedgerPage,
    WriteSubject,
    is_created_since,
    low_bound,
    number_ranges,
    unanswered_creations,
    was_left_to_person,
)
from jira_pipeline.export.text_writes import last_text
from jira_pipeline.model.exports import (
    OF_UPDATES,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    NotSent,
    SentContent,
    WrittenText,
    objection_to_updating,
    open_update_of,
)
from jira_pipeline.model.issue_tracker import FoundIssue
from jira_pipeline.store.ledger import SqlExportLedger
from jira_pipeline_tests.contracts.stored_values import START, a_target, an_entry

ISSUE = WriteSubject(ticket_id="t01", subject=LedgerSubject.ISSUE, identity="c0ffee")
INTENT, UNKNOWN, ABSENT = LedgerEvent.INTENT, LedgerEvent.UNKNOWN, LedgerEvent.ABSENT


class OneTime:
    """It is always the same time."""

    def now(self) -> datetime:
        return START


def page_of(ledger: SqlExportLedger, *read_keys: str) -> LedgerPage:
    """Open the page of the session; issues of these keys, by which ids call them, were read back."""
    page = LedgerPage(ledger, clock=OneTime(), target_id=a_target().target_id, session_key="site")
    page.note_read(FoundIssue(issue_id=key, key=key) for key in read_keys)
    return page


def a_receipt(identity: str, key: str) -> LedgerEntry:
    """Return the receipt of an issue; its id is what an answer called it."""
    return an_entry(LedgerEvent.RECEIPT, identity=identity, remote_id=key, remote_key=key)


def test_what_a_person_decided_holds_until_the_next_attempt(ledger: SqlExportLedger) -> None:
    """An attempt after the decision may leave an issue of its own behind."""
    page = page_of(ledger)
    for event in (INTENT, UNKNOWN, LedgerEvent.GIVEN_UP, ABSENT):
        page.write(ISSUE, event)

    assert was_left_to_person(page, ISSUE.identity)
    page.write(ISSUE, INTENT)
    page.write(ISSUE, UNKNOWN)
    assert not was_left_to_person(page, ISSUE.identity)


def test_the_numbers_of_a_session_are_where_its_issues_may_be(ledger: SqlExportLedger) -> None:
    """An issue that was found without an intent counts by its key, one that moved by its intent."""
    ledger.append(an_entry(INTENT, identity="a", low_bound=20))
    ledger.append(a_receipt("a", "MOVED-2"))
    ledger.append(a_receipt("b", "SITE-15"))
    page = page_of(ledger, "MOVED-2", "SITE-15")

    assert number_ranges(page, "SITE", margin=2) == (range(15, 18), range(21, 23))


def test_a_number_that_nobody_read_says_nothing(ledger: SqlExportLedger) -> None:
    """An answer may have named any key."""
    ledger.append(an_entry(INTENT, identity="a", low_bound=20))
    ledger.append(a_receipt("a", "SITE-90000"))
    page = page_of(ledger)

    assert number_ranges(page, "SITE", margin=2) == (range(21, 23),)
    assert page.highest_number("SITE") == 20
    assert not is_created_since(page, 0, project_key="SITE")
    page.note_read([FoundIssue(issue_id="SITE-90000", key="SITE-21")])
    assert page.highest_number("SITE") == 21
    assert is_created_since(page, 0, project_key="SITE")
    assert not is_created_since(page, 1, project_key="SITE")


def test_adjacent_numbers_are_read_together_and_far_ones_apart(ledger: SqlExportLedger) -> None:
    """A session that went on months later must not read what others did in between."""
    for identity, bound, key in (("a", 4, 5), ("b", 5, 6), ("c", 8, 9), ("d", 900, 901)):
        ledger.append(an_entry(INTENT, identity=identity, low_bound=bound))
        ledger.append(a_receipt(identity, f"SITE-{key}"))
    read = [f"SITE-{key}" for key in (5, 6, 9, 901)]

    ranges = number_ranges(page_of(ledger, *read), "SITE", margin=2)

    assert ranges == (range(5, 12), range(901, 904))


def test_the_number_of_an_issue_in_another_project_says_nothing(ledger: SqlExportLedger) -> None:
    """It was moved there; taken for one of ours, it would end the search for ours too high."""
    keys = ("SITE-15", "SITEMAP-2", "MOVED-900")
    for identity, key in zip("abc", keys, strict=True):
        ledger.append(a_receipt(identity, key))

    page = page_of(ledger, *keys)

    assert number_ranges(page, "SITE", margin=0) == (range(15, 16),)
    assert page.highest_number("SITE") == 15


def test_an_entry_says_what_it_is_about_and_which_attempt(ledger: SqlExportLedger) -> None:
    page = page_of(ledger)

    written = [page.write(ISSUE, event) for event in (INTENT, UNKNOWN, ABSENT, INTENT)]
    receipt = page.write(
        ISSUE, LedgerEvent.RECEIPT, remote_id="7", remote_key="SITE-8", detail="why"
    )

    assert [entry.attempt for entry in (*written, receipt)] == [1, 1, 1, 2, 2]
    assert [entry.sequence for entry in (*written, receipt)] == [1, 2, 3, 4, 5]
    assert (receipt.ticket_id, receipt.subject) == ("t01", LedgerSubject.ISSUE)
    assert (receipt.identity, receipt.event) == ("c0ffee", LedgerEvent.RECEIPT)
    assert (receipt.remote_id, receipt.remote_key) == ("7", "SITE-8")
    assert (receipt.detail, receipt.at) == ("why", START)
    assert (receipt.target_id, receipt.session_key) == (a_target().target_id, "site")
    assert page_of(ledger).entries == [*written, receipt]


def test_things_are_those_of_their_kind_and_issue_and_count_with_a_receipt(
    ledger: SqlExportLedger,
) -> None:
    page = page_of(ledger)
    for identity, subject, event in (
        ("c0ffee/b.md", LedgerSubject.ATTACHMENT, LedgerEvent.RECEIPT),
        ("c0ffee/a.md", LedgerSubject.ATTACHMENT, INTENT),
        ("c0ffee2/c.md", LedgerSubject.ATTACHMENT, LedgerEvent.RECEIPT),
        ("c0ffee/comment/d", LedgerSubject.COMMENT, LedgerEvent.RECEIPT),
        ("Blocks/c0ffee/e", LedgerSubject.LINK, LedgerEvent.RECEIPT),
    ):
        what = WriteSubject(ticket_id="t01", subject=subject, identity=identity)
        page.write(what, event, remote_id="7" if event is not INTENT else None)

    assert page.sent(LedgerSubject.ATTACHMENT, on="c0ffee") == ("c0ffee/b.md", "c0ffee/a.md")
    assert [
        [receipt.identity for receipt in page.receipts_of(subject)]
        for subject in (LedgerSubject.ATTACHMENT, LedgerSubject.COMMENT, LedgerSubject.LINK)
    ] == [["c0ffee/b.md", "c0ffee2/c.md"], ["c0ffee/comment/d"], ["Blocks/c0ffee/e"]]


def test_released_issues_are_known_and_forgotten_ones_are_those_that_did_not_count(
    ledger: SqlExportLedger,
) -> None:
    page = page_of(ledger)
    for event, issue_id in (
        (LedgerEvent.RECEIPT, "1"),
        (LedgerEvent.RELEASED, "1"),
        (LedgerEvent.RECEIPT, "2"),
        (LedgerEvent.RELEASED, "3"),
        (LedgerEvent.RELEASED, "4"),
        (LedgerEvent.RECEIPT, "4"),
    ):
        page.write(ISSUE, event, remote_id=issue_id)

    assert page.released_ids() == {"1", "3", "4"}
    assert page.forgotten_ids() == {"3"}
    assert ("3" in page.known_ids, "7" in page.known_ids) == (True, False)
    assert page.receipt(ISSUE.identity) == page.entries[-1]


@pytest.mark.parametrize(
    ("entries", "unanswered"),
    [
        ("", ()),
        ("a:intent a:receipt", ()),
        ("a:intent a:nothing_done b:intent", (("b",),)),
        ("a:intent a:unknown b:intent b:unknown", (("a",), ("b",))),
        ("a:intent a:unknown b:intent b:receipt c:intent", (("c",),)),
        ("a:intent a:unknown a:receipt", ()),
        ("a:intent a:unknown a:absent", (("a",),)),
        ("a:intent a:unknown a:absent a:intent", (("a",), ("a",))),
        ("a:intent a:unknown a:given_up", (("a",),)),
        ("a:intent b:intent a:unknown b:unknown", (("a", "b"),)),
        ("a:intent b:intent a:unknown b:receipt", ()),
        ("a:intent b:intent a:intent b:intent a:unknown b:unknown", (("a", "b"),)),
    ],
)
def test_the_creations_in_a_row_that_were_not_answered_are_known(
    ledger: SqlExportLedger, entries: str, unanswered: tuple[tuple[str, ...], ...]
) -> None:
    """A bulk is one creation; what was found later is as good as answered."""
    page = page_of(ledger)
    for entry in entries.split():
        identity, _, event = entry.partition(":")
        page.write(of_issue(identity), LedgerEvent(event))

    assert unanswered_creations(page) == unanswered
    assert unanswered_creations(page_of(ledger)) == unanswered


@pytest.mark.parametrize(
    ("events", "bound"),
    [
        ((), None),
        ((INTENT,), 3),
        ((INTENT, LedgerEvent.RECEIPT), None),
        ((INTENT, ABSENT), 3),
        ((INTENT, ABSENT, INTENT, UNKNOWN), 3),
        ((INTENT, UNKNOWN, LedgerEvent.GIVEN_UP), 3),
        ((LedgerEvent.GIVEN_UP,), None),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else str(value),
)
def test_what_may_exist_has_a_bound(
    ledger: SqlExportLedger, events: tuple[LedgerEvent, ...], bound: int | None
) -> None:
    """A first attempt may have been done late, below the bound of the second."""
    page = page_of(ledger)
    for number, event in enumerate(events, start=3):
        page.write(ISSUE, event, low_bound=number if event is INTENT else None)

    assert low_bound(page, ISSUE.identity) == low_bound(page_of(ledger), ISSUE.identity) == bound


def test_the_last_text_of_an_issue_is_that_of_its_last_update(ledger: SqlExportLedger) -> None:
    page = page_of(ledger)
    receipt = page.write(ISSUE, LedgerEvent.RECEIPT, remote_id="7")
    assert last_text(page, receipt) is None
    page.write(ISSUE, LedgerEvent.UPDATE_INTENT, remote_id="7", sent=an_update())
    assert open_update_of(page.entries_of_issue(receipt)) == page.entries[-1]
    page.write(ISSUE, LedgerEvent.UPDATED, remote_id="7", sent=an_update())
    page.write(ISSUE, LedgerEvent.UPDATE_INTENT, remote_id="7", sent=an_update())
    page.write(ISSUE, LedgerEvent.UPDATED, remote_id="7", sent=an_update())

    assert open_update_of(page.entries_of_issue(receipt)) is None
    assert last_text(page, receipt) == an_update().text
    assert page.content(ISSUE.identity) == an_update()
    assert last_text(page, replace(receipt, remote_id="8")) is None
    assert [entry.attempt for entry in page.entries if entry.event in OF_UPDATES] == [1, 1, 2, 2]


def test_why_an_issue_was_not_updated_is_what_was_said_last(ledger: SqlExportLedger) -> None:
    page = page_of(ledger)
    receipt = page.write(ISSUE, LedgerEvent.RECEIPT, remote_id="7")
    said = []
    for event, detail, remote_id in (
        (LedgerEvent.UPDATE_LEFT, "edited", "7"),
        (LedgerEvent.UPDATE_INTENT, "", "7"),
        (LedgerEvent.UPDATE_REFUSED, "refused", "7"),
        (LedgerEvent.UPDATE_LEFT, "of another", "8"),
        (LedgerEvent.UPDATED, "", "7"),
    ):
        page.write(ISSUE, event, remote_id=remote_id, detail=detail)
        said.append(objection_to_updating(page.entries_of_issue(receipt)))

    assert said == ["edited", "edited", "refused", "refused", ""]


def test_what_could_not_be_written_leaves_no_trace(ledger: SqlExportLedger) -> None:
    page = page_of(ledger)
    file = WriteSubject(ticket_id="t01", subject=LedgerSubject.ATTACHMENT, identity="c0ffee/a.md")
    ledger.append = full  # type: ignore[method-assign] # the disk is full

    for what in (ISSUE, file):
        with pytest.raises(OSError, match="full"):
            page.write(what, INTENT, low_bound=3)

    assert page.state(ISSUE.identity) == NotSent()
    assert (number_ranges(page, "SITE", margin=1), page.last_sequence()) == ((), 0)
    assert page.sent(LedgerSubject.ATTACHMENT) == ()


def full(entry: LedgerEntry) -> LedgerEntry:
    raise OSError(f"full: {entry.identity}")


def an_update() -> SentContent:
    text = WrittenText(wanted_hash="w", before_hash="b", last_change="")
    return SentContent(rendered_hash="b", revision=2, content_sha256="s", text=text)


def of_issue(identity: str) -> WriteSubject:
    return WriteSubject(ticket_id="t01", subject=LedgerSubject.ISSUE, identity=identity)
