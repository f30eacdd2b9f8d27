"""What the store keeps of what tickets were written from."""

from collections.abc import Collection

from jira_pipeline.model.written_from import WrittenFrom
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_draft, after, an_upload

FACTS = WrittenFrom(session_key="site", code="c" * 64, reads=b"\0\xff read")


def test_it_is_kept_with_the_tickets_and_goes_with_the_next_generation(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    asked: list[Collection[str]] = []

    def written_from(ticket_ids: Collection[str]) -> WrittenFrom:
        asked.append(ticket_ids)
        return FACTS

    draft = a_draft()
    store.tickets.save_generated("site", [draft], at=START, written_from=written_from)
    kept = store.written_from.find("site")
    store.tickets.save_generated("site", [draft], at=after(1))

    assert (kept, store.written_from.find("site")) == (FACTS, None)
    assert asked == [{draft.ticket_id}]


def test_it_goes_with_its_session(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    store.tickets.save_generated("site", [a_draft()], at=START, written_from=lambda _: FACTS)

    store.sessions.remove("site", at=after(1), by="retention")
    store.sessions.register(an_upload(), at=after(2), actor="ab")

    assert store.written_from.find("site") is None
