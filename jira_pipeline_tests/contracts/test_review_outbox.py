"""What every ReviewOutbox does: no change of tickets is forgotten before Dagster was told."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from jira_pipeline.errors import NotFoundError
from jira_pipeline.kernel.tickets import canonical_hash, question_id_of
from jira_pipeline.ports.reviews import ReviewEvent, TicketRework
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_draft, after, an_upload

READY = canonical_hash("as validated")
BY_CD = {"by": "cd", "at": after(10)}


@pytest.fixture(autouse=True)
def _sessions(store: Store) -> None:
    for key in ("site", "other"):
        store.sessions.register(an_upload(key), at=START, actor="ab")
        drafts = [replace(a_draft(n), ticket_id=f"{key}{n}") for n in (1, 2)]
        store.tickets.save_generated(key, drafts, at=after(1))


def _edit(store: Store, session_key: str = "site", *, title: str = "Other") -> None:
    ticket = store.tickets.get(session_key, 1)
    store.reviews.edit(
        session_key,
        ticket.ticket_id,
        expected_revision=ticket.revision.number,
        title=title,
        parts=ticket.revision.parts,
        by="cd",
        at=after(10),
    )


def _rework(store: Store) -> None:
    ticket = store.tickets.get("site", 1)
    work = TicketRework(
        ticket_id=ticket.ticket_id,
        expected_revision=1,
        title="Reworked",
        parts=ticket.revision.parts,
        expected_fields={},
        fields={"sprint": "Sprint 2"},
    )
    store.reviews.rework("site", [work], by="cd", at=after(10))


def _roll_back(store: Store) -> None:
    _edit(store)
    store.reviews.roll_back(
        "site", "site1", to_revision=1, expected_revision=2, by="cd", at=after(10)
    )


def _unmark_ready(store: Store) -> None:
    store.tickets.mark_ready("site", {"site1": READY}, by="cd", at=after(10))
    store.tickets.unmark_ready("site", ["site1"], by="cd", at=after(10))


def _unskip(store: Store) -> None:
    store.tickets.skip("site", ["site1"], reason="built", by="cd", at=after(10))
    store.tickets.unskip("site", ["site1"], by="cd", at=after(10))


def _depend(store: Store) -> None:
    store.reviews.add_dependency("site", "site2", "site1", by="cd", at=after(10))
    store.reviews.remove_dependency("site", "site2", "site1", by="cd", at=after(10))


def _withdraw(store: Store) -> None:
    kept = replace(a_draft(2), ticket_id="site2", number=1)
    store.tickets.save_generated("site", [kept], at=after(5))
    store.tickets.withdraw("site", ["site1"], reason="", by="cd", at=after(10))
    store.tickets.unwithdraw("site", ["site1"], by="cd", at=after(10))


@pytest.mark.parametrize(
    ("change", "actions"),
    [
        pytest.param(_edit, ["edit"], id="edit"),
        pytest.param(_rework, ["edit", "assign"], id="load"),
        pytest.param(_roll_back, ["edit", "rollback"], id="rollback"),
        pytest.param(_unmark_ready, ["ready", "unready"], id="ready"),
        pytest.param(_unskip, ["skip", "unskip"], id="skip"),
        pytest.param(_depend, ["depend", "depend"], id="depend"),
        pytest.param(_withdraw, ["withdraw", "unwithdraw"], id="withdraw"),
        pytest.param(
            lambda store: store.reviews.reorder("site", ["site2", "site1"], **BY_CD),
            ["order"],
            id="order",
        ),
        pytest.param(
            lambda store: store.reviews.assign("site", ["site1"], fields={"sprint": "S"}, **BY_CD),
            ["assign"],
            id="assign",
        ),
        pytest.param(
            lambda store: store.reviews.answer(
                "site",
                {
                    "site1": {
                        question_id_of(store.tickets.get("site", 1).revision.questions[0]): "Yes"
                    }
                },
                **BY_CD,
            ),
            ["answer"],
            id="answer",
        ),
    ],
)
def test_every_change_of_tickets_waits_to_be_reported(
    store: Store, change: Callable[[Store], object], actions: list[str]
) -> None:
    change(store)

    pending = store.outbox.pending("site")
    assert actions == [event.action for event in pending]
    assert {("site", "cd", after(10))} == {(e.session_key, e.by, e.at) for e in pending}
    assert store.outbox.pending("other") == ()


def test_what_changes_nothing_or_fails_leaves_no_event(store: Store) -> None:
    _edit(store, title=store.tickets.get("site", 1).title)
    with pytest.raises(NotFoundError):
        store.tickets.skip("site", ["site1", "nobody"], reason="x", by="cd", at=after(10))

    assert store.outbox.pending() == ()


def test_an_event_stays_until_it_is_marked_and_later_ones_stay_then(store: Store) -> None:
    _edit(store, title="First")
    _edit(store, "other", title="Of another session")
    _edit(store, title="Second")
    reported = store.outbox.pending("site")
    _edit(store, title="Meanwhile")

    store.outbox.mark_reported(reported[-1])

    assert [event.action for event in store.outbox.pending("site")] == ["edit"]
    assert reported[-1].event_id < store.outbox.pending("site")[0].event_id
    assert [event.session_key for event in store.outbox.pending("other")] == ["other"]
    store.outbox.mark_reported(reported[-1])  # twice, as after a crash
    assert len(store.outbox.pending()) == 2


def test_events_go_with_their_session(store: Store) -> None:
    _edit(store)

    store.sessions.remove("site", by="cd", at=after(20))

    assert store.outbox.pending() == ()


def test_an_event_never_takes_the_number_of_one_that_was_reported(store: Store) -> None:
    _edit(store, title="First")
    (first,) = store.outbox.pending()
    store.outbox.mark_reported(first)
    _edit(store, title="Second")

    (second,) = store.outbox.pending()
    assert isinstance(second, ReviewEvent)
    assert first.event_id < second.event_id
