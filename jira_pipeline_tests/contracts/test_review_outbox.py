"""What every ReviewOutbox does: no change of tickets is forgotten before Dagster was told."""

from dataclasses import replace

import pytest

from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_draft, after, an_upload, edit


@pytest.fixture(autouse=True)
def _sessions(store: Store) -> None:
    for key in ("site", "other"):
        store.sessions.register(an_upload(key), at=START, actor="ab")
        drafts = [replace(a_draft(n), ticket_id=f"{key}{n}") for n in (1, 2)]
        store.tickets.save_generated(key, drafts, at=after(1))


def test_an_event_stays_until_it_is_marked_and_later_ones_stay_then(store: Store) -> None:
    """None takes the number of one that was reported."""
    edit(store, "First")
    edit(store, "Of another session", session_key="other")
    edit(store, "Second")
    reported = store.outbox.pending("site")
    edit(store, "Meanwhile")

    store.outbox.mark_reported(reported[-1])

    (meanwhile,) = store.outbox.pending("site")
    assert meanwhile.action == "edit"
    assert [event.session_key for event in store.outbox.pending("other")] == ["other"]
    store.outbox.mark_reported(reported[-1])  # twice, as after a crash
    assert len(store.outbox.pending()) == 2
    store.outbox.mark_reported(store.outbox.pending()[-1])
    edit(store, "At last")
    assert reported[-1].event_id < meanwhile.event_id < store.outbox.pending()[-1].event_id
