"""What the entries of one identity add up to, and what an undo leaves of them."""

from dataclasses import replace

from jira_pipeline.model.exports import (
    Destination,
    Exists,
    InDoubt,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    LeftToPerson,
    NotSent,
    SentContent,
    current_entries,
    exported_among,
    forgotten_ids_of,
    identity_of,
    issue_keys,
    last_sent_content,
    ledger_state_of,
)
from jira_pipeline_tests.contracts.stored_values import a_target, after, an_entry
from jira_pipeline_tests.tables import each

INTENT, RECEIPT = LedgerEvent.INTENT, LedgerEvent.RECEIPT
NOTHING_DONE, UNKNOWN = LedgerEvent.NOTHING_DONE, LedgerEvent.UNKNOWN
ABSENT, GIVEN_UP, REMOVED = LedgerEvent.ABSENT, LedgerEvent.GIVEN_UP, LedgerEvent.REMOVED
RELEASED, REFUTED = LedgerEvent.RELEASED, LedgerEvent.REFUTED
IDENTITY = {
    "installation_id": "6f1c0f1e-8f0e-4b52-9d5c-0f3c5a1b2c3d",
    "target_id": "https://example.org/10000",
    "session_key": "site",
    "ticket_id": "t01",
}


def entries(*events: LedgerEvent) -> list[LedgerEntry]:
    """Return entries of one identity in this order."""
    return [
        an_entry(
            event,
            sequence=place,
            remote_id="10007" if event in {RECEIPT, RELEASED, REFUTED} else None,
        )
        for place, event in enumerate(events, start=1)
    ]


SPENT = True
"""A doubt whose one resend is spent; False: it may be sent once more."""


@each(
    ("events", "state"),
    [
        ((), NotSent()),
        ((INTENT,), not SPENT),
        ((INTENT, UNKNOWN), not SPENT),
        ((UNKNOWN,), NotSent()),
        ((INTENT, RECEIPT), Exists),
        ((RECEIPT,), Exists),
        ((RECEIPT, REFUTED), NotSent()),
        ((INTENT, NOTHING_DONE), NotSent(1)),
        ((INTENT, NOTHING_DONE, INTENT), not SPENT),
        ((INTENT, NOTHING_DONE, UNKNOWN), not SPENT),
        ((INTENT, NOTHING_DONE, INTENT, ABSENT), NotSent(2, is_resend=True)),
        ((INTENT, ABSENT, UNKNOWN), SPENT),
        ((INTENT, ABSENT, INTENT, NOTHING_DONE), NotSent(2, is_resend=True)),
        ((INTENT, ABSENT, INTENT, UNKNOWN, LedgerEvent.LOST_IN_OUTAGE), not SPENT),
        ((INTENT, ABSENT, INTENT, RECEIPT, REMOVED), NotSent()),
        ((INTENT, ABSENT, INTENT, RECEIPT, REMOVED, INTENT), not SPENT),
        ((INTENT, ABSENT, INTENT, RECEIPT, RELEASED, INTENT), not SPENT),
        ((INTENT, ABSENT, INTENT, RECEIPT, REFUTED), SPENT),
        ((INTENT, UNKNOWN, ABSENT), NotSent(1, is_resend=True)),
        ((INTENT, UNKNOWN, ABSENT, INTENT), SPENT),
        ((INTENT, UNKNOWN, ABSENT, INTENT, UNKNOWN), SPENT),
        ((INTENT, UNKNOWN, GIVEN_UP), LeftToPerson),
        ((INTENT, UNKNOWN, GIVEN_UP, RECEIPT), Exists),
        ((INTENT, RECEIPT, NOTHING_DONE), Exists),
        ((INTENT, RECEIPT, UNKNOWN), Exists),
        ((INTENT, RECEIPT, ABSENT), Exists),
        ((INTENT, RECEIPT, GIVEN_UP), Exists),
        ((INTENT, RECEIPT, REMOVED, INTENT, NOTHING_DONE), NotSent(1)),
        ((INTENT, RECEIPT, RELEASED, INTENT, NOTHING_DONE), NotSent(1)),
        ((INTENT, RECEIPT, RELEASED, RECEIPT, REFUTED), NotSent()),
        ((INTENT, RECEIPT, LedgerEvent.REMOVAL_INTENT), Exists),
        ((INTENT, RECEIPT, LedgerEvent.REMOVAL_INTENT, LedgerEvent.REMOVAL_UNKNOWN), Exists),
        ((INTENT, RECEIPT, LedgerEvent.REMOVAL_INTENT, LedgerEvent.REMOVAL_REFUSED), Exists),
        ((INTENT, RECEIPT, LedgerEvent.REMOVAL_INTENT, REMOVED), NotSent()),
        ((INTENT, RECEIPT, LedgerEvent.DETACH_INTENT, UNKNOWN), Exists),
        ((INTENT, RECEIPT, LedgerEvent.DETACH_INTENT, LedgerEvent.DETACHED), NotSent()),
    ],
)
def test_entries_add_up_to_a_state(
    events: tuple[LedgerEvent, ...], state: NotSent | bool | type
) -> None:
    """What was refused the second time was lost the first time all the same."""
    match ledger_state_of(entries(*events)):
        case InDoubt(is_resend_spent=is_spent):
            assert is_spent is state
        case NotSent() as never:
            assert never == state
        case there:
            assert type(there) is state


@each("events", [(INTENT, UNKNOWN), (NOTHING_DONE, INTENT, NOTHING_DONE, UNKNOWN)])
def test_a_doubt_is_about_the_last_intent(events: tuple[LedgerEvent, ...]) -> None:
    written = entries(INTENT, *events)

    state = ledger_state_of(written)

    assert isinstance(state, InDoubt)
    assert state.intent is [entry for entry in written if entry.event is INTENT][-1]


def test_the_last_receipt_counts_and_the_last_who_gave_up() -> None:
    received, left = entries(INTENT, RECEIPT, RECEIPT), entries(INTENT, GIVEN_UP, GIVEN_UP)

    assert ledger_state_of(received) == Exists(received[-1])
    assert ledger_state_of(left) == LeftToPerson(left[-1])


@each("event", [RELEASED, REFUTED])
def test_what_is_said_of_another_issue_leaves_the_one_that_counts(event: LedgerEvent) -> None:
    issue = entries(INTENT, RECEIPT)
    other = an_entry(event, remote_id="10008")

    assert ledger_state_of([*issue, other]) == Exists(issue[-1])


def test_an_issue_exists_since_its_first_receipt_and_under_its_last_key() -> None:
    first, moved, other = (
        an_entry(RECEIPT, at=after(of), remote_id=issue_id, remote_key=f"SITE-{of}")
        for of, issue_id in enumerate(("10007", "10007", "10008"), start=1)
    )

    assert ledger_state_of([first, moved]) == Exists(replace(moved, at=first.at))
    assert ledger_state_of([first, moved, other]) == Exists(other)


@each(
    ("is_sandbox", "address", "name"),
    [
        (True, "", "sandbox, project SITE"),
        (False, "https://example.org", "https://example.org, project SITE"),
    ],
)
def test_a_target_is_called_by_where_people_browse(
    address: str, name: str, *, is_sandbox: bool
) -> None:
    assert a_target(is_sandbox=is_sandbox).name == name
    assert Destination(address=address, project_key="SITE").name == name


def test_a_target_whose_place_another_took_is_not_among_the_exported() -> None:
    first, replaced, last, never_used = (a_target(f"{site}/1") for site in "abcd")
    named = {
        Destination(address=one.target_id, project_key="SITE"): one
        for one in (never_used, last, first)
    }

    assert exported_among([first, replaced, last], named) == (first, last)


@each("name", list(IDENTITY))
def test_an_identity_is_of_one_ticket_of_one_session_on_one_target(name: str) -> None:
    other = {**IDENTITY, name: "0d5c0f1e-8f0e-4b52-9d5c-0f3c5a1b2c3d"}

    assert identity_of(**IDENTITY) == identity_of(**IDENTITY)
    assert identity_of(**IDENTITY) != identity_of(**other)


def test_files_and_links_go_with_an_issue_that_was_removed() -> None:
    issue = entries(INTENT, RECEIPT, REMOVED)
    file = replace(
        issue[0], sequence=4, subject=LedgerSubject.ATTACHMENT, identity="c0ffee/full text.md"
    )
    gone = replace(file, sequence=2)
    removed = replace(issue[2], sequence=3)

    assert current_entries([issue[0], gone, removed, file]) == (issue[0], removed, file)


def test_without_a_removal_everything_counts() -> None:
    """Also what was written before the last entry about its issue."""
    issue = entries(INTENT, RECEIPT, LedgerEvent.REMOVAL_INTENT)
    file = replace(issue[0], subject=LedgerSubject.ATTACHMENT, identity="c0ffee/full text.md")
    known = (file, replace(issue[1], sequence=2), replace(issue[2], sequence=3))

    assert current_entries(known) == known


def test_a_link_goes_with_either_of_its_issues() -> None:
    removed = replace(entries(REMOVED)[0], identity="b", sequence=5)
    links = [
        replace(removed, event=RECEIPT, subject=LedgerSubject.LINK, identity=name, sequence=of)
        for of, name in enumerate(("blocks/a/b", "blocks/b/a", "blocks/a/c"), start=1)
    ]

    assert current_entries([*links, removed]) == (links[2], removed)


def an_issue(event: LedgerEvent, issue_id: str | None) -> LedgerEntry:
    return replace(an_entry(event), remote_id=issue_id)


def test_an_issue_that_was_let_go_while_it_was_not_the_tickets_stays_forgotten() -> None:
    """Also where something else has its id: links and issues are numbered apart."""
    let_go = [an_issue(RECEIPT, "7"), an_issue(RELEASED, "8")]
    link = replace(an_issue(RECEIPT, "8"), subject=LedgerSubject.LINK, identity="blocks/a/b")

    assert forgotten_ids_of([*let_go, link]) == {"8"}
    assert forgotten_ids_of([*let_go, an_issue(RECEIPT, "8")]) == frozenset()


def test_the_issue_of_a_ticket_is_not_forgotten_when_it_is_let_go() -> None:
    changed = an_issue(LedgerEvent.UPDATE_LEFT, None)

    assert forgotten_ids_of([an_issue(RECEIPT, "7"), changed, an_issue(RELEASED, "7")]) == set()


def test_issues_that_exist_or_may_exist_are_listed_by_ticket() -> None:
    """A ticket that was not sent has none, and a link is none."""
    known = [
        an_entry(event, ticket_id=ticket_id, identity=ticket_id, subject=subject)
        for ticket_id, event, subject in (
            ("in doubt", INTENT, LedgerSubject.ISSUE),
            ("there", INTENT, LedgerSubject.ISSUE),
            ("there", RECEIPT, LedgerSubject.ISSUE),
            ("refused", NOTHING_DONE, LedgerSubject.ISSUE),
            ("linked", RECEIPT, LedgerSubject.LINK),
        )
    ]

    assert issue_keys(known) == {"in doubt": None, "there": "SITE-8"}


def test_an_issue_was_last_sent_as_its_last_intent_says() -> None:
    first, last, other = (
        SentContent(rendered_hash=name, revision=1, content_sha256="") for name in "abc"
    )
    events = ((INTENT, first), (NOTHING_DONE, other), (INTENT, last), (RECEIPT, None))
    known = [replace(an_entry(event), sent=sent) for event, sent in events]
    read_since = replace(an_entry(RECEIPT), sent=other)

    assert last_sent_content(known) == last
    assert last_sent_content([*known, read_since]) == other, "as it was read, which is later"
    assert last_sent_content(known[:2]) == first
    assert last_sent_content(known[1:2]) is None
    assert last_sent_content([]) is None
