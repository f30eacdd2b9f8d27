"""What the ledger says of other sessions, and the answer that lets an export pass."""

import pytest

from jira_pipeline.export.target_questions import duplicate_sessions_on
from jira_pipeline.model.exports import LedgerEvent, LedgerSubject
from jira_pipeline.model.sessions import AsNew, SessionManifest
from jira_pipeline.model.tickets import ticket_id_of
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_target, an_entry, an_upload

GROUPS = ("bundle:a", "bundle:b")
ELSEWHERE = a_target("https://example.org/20000", project_id="20000")


def write(
    store: Store,
    event: LedgerEvent,
    *,
    target_id: str = a_target().target_id,
    subject: LedgerSubject = LedgerSubject.ISSUE,
) -> None:
    """Let session `old` write an entry for each group."""
    for number, key in enumerate(GROUPS, start=1):
        store.ledger.append(
            an_entry(
                event,
                target_id=target_id,
                session_key="old",
                ticket_id=ticket_id_of("old", key),
                subject=subject,
                identity=f"identity-{number}",
                remote_id=str(number) if event is LedgerEvent.RECEIPT else None,
                remote_key=f"UHR-{number}" if event is LedgerEvent.RECEIPT else None,
            )
        )


@pytest.fixture(autouse=True)
def _repeating_session(sqlite_store: Store) -> None:
    """A session with the groups of the other one, and two known targets."""
    for target in (a_target(), ELSEWHERE):
        sqlite_store.ledger.record_target(target, at=START)
    upload = an_upload(manifest=SessionManifest(auto_approve=True))
    sqlite_store.sessions.register(upload, at=START, actor="ab")


def asked(store: Store) -> list[tuple[str, tuple[str, ...]]]:
    session = store.sessions.get("site")
    found = duplicate_sessions_on(a_target(), session, GROUPS, ledger=store.ledger)
    return [(same.session_key, same.issue_keys) for same in found if not same.is_answered]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(["intent"], [("old", ())], id="in doubt"),
        pytest.param(["intent", "nothing_done"], [], id="refused"),
        pytest.param(["intent", "receipt"], [("old", ("UHR-1", "UHR-2"))], id="created"),
        pytest.param(["receipt", "removal_intent", "removed"], [], id="undone"),
        pytest.param(
            ["receipt", "removed", "intent", "receipt"],
            [("old", ("UHR-1", "UHR-2"))],
            id="undone and created again",
        ),
    ],
)
def test_issues_count_as_the_ledger_has_them(
    sqlite_store: Store, events: list[str], expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    for event in events:
        write(sqlite_store, LedgerEvent(event))

    assert asked(sqlite_store) == expected


def test_issues_on_another_target_and_other_things_do_not_count(sqlite_store: Store) -> None:
    write(sqlite_store, LedgerEvent.RECEIPT, target_id=ELSEWHERE.target_id)
    write(sqlite_store, LedgerEvent.RECEIPT, subject=LedgerSubject.LINK)

    assert asked(sqlite_store) == []


def test_the_answer_holds_for_the_target_and_the_session_it_names(sqlite_store: Store) -> None:
    write(sqlite_store, LedgerEvent.RECEIPT)
    answers = [
        AsNew(target_id=ELSEWHERE.target_id, session_key="old"),
        AsNew(target_id=a_target().target_id, session_key="another"),
        AsNew(target_id=a_target().target_id, session_key="old"),
    ]
    left = []
    for answer in answers:
        sqlite_store.sessions.answer_as_new("site", [answer], by="ab", at=START)
        left.append(bool(asked(sqlite_store)))

    assert left == [True, True, False]
