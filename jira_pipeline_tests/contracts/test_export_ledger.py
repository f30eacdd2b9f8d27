"""What SqlExportLedger does on each dialect."""

import uuid
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from jira_pipeline.model.exports import Destination, LedgerEntry, LedgerEvent, LedgerSubject
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_target, after, an_entry

OTHER = "https://example.org/20000"


@pytest.fixture(autouse=True)
def _targets(store: Store) -> None:
    store.ledger.record_target(a_target(), at=START)
    store.ledger.record_target(a_target(OTHER, project_id="20000"), at=START)


def test_the_installation_has_one_uuid(store: Store) -> None:
    first = store.ledger.installation_id()

    assert first == str(uuid.UUID(first)) == store.ledger.installation_id()


def test_entries_come_back_as_they_were_appended_in_ascending_sequence(store: Store) -> None:
    appended = [store.ledger.append(an_entry(event)) for event in LedgerEvent]

    found = store.ledger.entries(target_id=a_target().target_id, session_key="site")

    assert tuple(appended) == found
    assert [
        an_entry(event, sequence=e.sequence) for event, e in zip(LedgerEvent, found, strict=True)
    ] == appended
    sequences = [entry.sequence for entry in found]
    assert sorted(set(sequences)) == sequences
    assert sequences[0] > 0


def test_entries_are_read_and_counted_of_one_session_on_one_target(store: Store) -> None:
    """Whatever sequence an entry has that is appended."""
    of_page = {"target_id": a_target().target_id, "session_key": "site"}
    before = store.ledger.entry_count(**of_page)
    ours = store.ledger.append(an_entry(sequence=999))
    for _ in range(2):  # as many as its own would hide that others were counted
        store.ledger.append(replace(ours, session_key="other"))
        store.ledger.append(an_entry(target_id=OTHER))

    assert ours.sequence < 999
    assert (ours,) == store.ledger.entries(**of_page)
    assert (before, store.ledger.entry_count(**of_page)) == (0, 1)


def test_an_entry_for_a_target_that_was_not_recorded_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError):
        store.ledger.append(an_entry(target_id="https://nowhere.example/1"))


INTENT = an_entry(LedgerEvent.INTENT)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param([], False, id="nothing"),
        pytest.param([INTENT], True, id="killed after the intent"),
        pytest.param([INTENT, an_entry(LedgerEvent.UNKNOWN)], True, id="in doubt"),
        pytest.param([INTENT, an_entry(LedgerEvent.NOTHING_DONE)], False, id="not sent"),
        pytest.param([INTENT, an_entry(LedgerEvent.ABSENT)], False, id="looked up, absent"),
        pytest.param([INTENT, an_entry(LedgerEvent.GIVEN_UP)], True, id="a person decides"),
        pytest.param([an_entry(LedgerEvent.RECEIPT, target_id=OTHER)], True, id="receipt"),
        pytest.param(
            [INTENT, an_entry(LedgerEvent.NOTHING_DONE, identity="decaf")],
            True,
            id="another was not sent",
        ),
        pytest.param(
            [INTENT, an_entry(LedgerEvent.NOTHING_DONE, target_id=OTHER)],
            True,
            id="not sent to another target",
        ),
        pytest.param(
            [an_entry(LedgerEvent.RECEIPT, subject=LedgerSubject.LINK)], False, id="only a link"
        ),
        pytest.param(
            [an_entry(LedgerEvent.RECEIPT, session_key="other")], False, id="another session"
        ),
        pytest.param(
            [an_entry(LedgerEvent.RECEIPT), an_entry(LedgerEvent.REMOVAL_INTENT)],
            True,
            id="an undo is under way",
        ),
        pytest.param(
            [an_entry(LedgerEvent.RECEIPT), an_entry(LedgerEvent.REMOVED)], False, id="undone"
        ),
    ],
)
def test_an_issue_that_exists_or_may_exist_counts_as_received(
    store: Store, entries: list[LedgerEntry], *, expected: bool
) -> None:
    for entry in entries:
        store.ledger.append(entry)

    assert expected == store.ledger.has_receipts("site")


def test_the_tickets_sent_to_a_target_are_listed_by_session(store: Store) -> None:
    for ticket_id, event in (("t2", "intent"), ("t1", "receipt"), ("t1", "removed")):
        store.ledger.append(an_entry(LedgerEvent(event), ticket_id=ticket_id))
    store.ledger.append(an_entry(session_key="other", ticket_id="t3"))
    store.ledger.append(an_entry(target_id=OTHER, ticket_id="t4"))
    store.ledger.append(an_entry(subject=LedgerSubject.LINK, ticket_id="t5"))

    found = store.ledger.tickets_sent(a_target().target_id)

    assert found == {"other": {"t3"}, "site": {"t1", "t2"}}
    assert store.ledger.tickets_sent("https://nowhere.example/1") == {}


def test_the_highest_number_of_a_target_is_that_of_any_session(store: Store) -> None:
    """Of issues of the project as it is called now; a number of another one says nothing."""
    store.ledger.record_target(a_target(), at=START)
    target_id = a_target().target_id
    before = store.ledger.highest_issue_number(target_id, project_key="SITE")
    for session_key, key in (("a", "SITE-99"), ("b", "SITE-100"), ("a", "SITES-900")):
        receipt = an_entry(LedgerEvent.RECEIPT, session_key=session_key, remote_key=key)
        store.ledger.append(replace(receipt, remote_id=key))
    store.ledger.append(an_entry(LedgerEvent.INTENT, low_bound=500))
    for event, key in (  # of wrong answers: somebody else's issue, and ours under a wrong key
        (LedgerEvent.RECEIPT, "SITE-70000"),
        (LedgerEvent.REFUTED, "SITE-70000"),
        (LedgerEvent.RECEIPT, "SITE-80000"),
        (LedgerEvent.RECEIPT, "SITE-8"),
    ):
        store.ledger.append(an_entry(event, remote_id="7", remote_key=key))

    assert before == 0
    assert store.ledger.highest_issue_number(target_id, project_key="SITE") == 100
    assert store.ledger.highest_issue_number(target_id, project_key="S_TE") == 0
    assert store.ledger.highest_issue_number("another", project_key="SITE") == 0


def test_the_last_issues_of_a_target_are_those_of_any_session_that_exist(store: Store) -> None:
    for session_key, remote_id in (("site", "7"), ("other", "8"), ("site", "9"), ("site", "7")):
        receipt = an_entry(LedgerEvent.RECEIPT, session_key=session_key, remote_id=remote_id)
        store.ledger.append(receipt)
    store.ledger.append(an_entry(LedgerEvent.REMOVED, remote_id="9"))
    for gone, event in (("12", LedgerEvent.RELEASED), ("13", LedgerEvent.REFUTED)):
        store.ledger.append(an_entry(LedgerEvent.RECEIPT, remote_id=gone))
        store.ledger.append(an_entry(event, remote_id=gone))
    store.ledger.append(an_entry(LedgerEvent.RECEIPT, target_id=OTHER, remote_id="10"))
    file = an_entry(LedgerEvent.RECEIPT, subject=LedgerSubject.ATTACHMENT, remote_id="11")
    store.ledger.append(file)

    found = store.ledger.last_issues(a_target().target_id, count=2)

    assert found == ("7", "8")
    assert store.ledger.last_issues(a_target().target_id, count=1) == ("7",)
    assert store.ledger.last_issues(a_target().target_id, count=None) == ("7", "8")


def test_recording_a_target_again_updates_its_names(store: Store) -> None:
    renamed = a_target(project_key="NEW", base_url="https://new.example.org")

    store.ledger.record_target(renamed, at=after(1))

    assert (renamed, a_target(OTHER, project_id="20000")) == store.ledger.targets()


def test_settings_mean_the_target_that_they_were_last_asked_for(store: Store) -> None:
    """One address may have several projects, and a project may move to another site."""
    here, there = a_target(), a_target(OTHER, project_id="20000")
    site, project = (
        Destination(address="https://example.org", project_key=key) for key in ("SITE", "MORE")
    )
    store.ledger.record_target(here, at=after(1), destination=site)
    store.ledger.record_target(there, at=after(2), destination=project)

    assert store.ledger.destinations() == {site: here, project: there}

    store.ledger.record_target(there, at=after(3), destination=site)

    assert store.ledger.destinations() == {site: there, project: there}


def test_the_targets_of_a_session_end_with_the_latest_used(store: Store) -> None:
    before = store.ledger.targets_of("site")
    for target_id in (a_target().target_id, OTHER, a_target().target_id):
        store.ledger.append(an_entry(target_id=target_id))

    assert before == ()
    assert [OTHER, a_target().target_id] == [
        target.target_id for target in store.ledger.targets_of("site")
    ]
    assert {"site": store.ledger.targets_of("site")} == store.ledger.targets_by_session()
