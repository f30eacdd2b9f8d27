"""The approvals of a store in which they had the hash of the document."""

import pytest
from sqlalchemy import text

from jira_pipeline.model.ticket_decisions import APPROVED_AS_IT_IS
from jira_pipeline.store.store import Store
from jira_pipeline.store.versions import give_approvals_a_hash
from jira_pipeline_tests.contracts.stored_values import (
    APPROVALS_OF_VERSION_9,
    SHA,
    START,
    a_draft,
    a_prose,
    after,
    an_upload,
    hashes_of,
)

OTHER = "b" * 64


def upgrade(store: Store, *, documents: dict[str, str], is_pending: bool = False) -> None:
    """Bring marks and documents, by ticket id with their hash, from version 9 to the next."""
    written_from = "other sheets" if is_pending else an_upload().content_sha256
    store.sessions.mark_generated("site", from_sha256=written_from, at=after(3))
    with store.database.writing() as connection:
        for statement in APPROVALS_OF_VERSION_9:
            connection.execute(text(statement))
        for ticket_id, rendered_hash in documents.items():
            connection.execute(
                text(
                    "INSERT INTO documents (ticket_id, session_key, rendered_hash,"
                    " whole_characters, verdict, document)"
                    " VALUES (:ticket_id, 'site', :rendered_hash, 0, '{}', '{}')"
                ),
                {"ticket_id": ticket_id, "rendered_hash": rendered_hash},
            )
        give_approvals_a_hash(connection)


@pytest.fixture(autouse=True)
def _marked(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    store.tickets.save_generated("site", [a_draft(n) for n in (1, 2, 3)], at=after(1))
    marks = {"t01": hashes_of(SHA), "t02": hashes_of(SHA)}
    store.tickets.mark_ready("site", marks, by="ab", at=after(2))


def approvals(store: Store) -> list[tuple[str | None, str | None]]:
    return [(ticket.approved_hash, ticket.ready_by) for ticket in store.tickets.list_all("site")]


def test_a_mark_of_the_document_covers_the_ticket_as_it_is_and_another_does_not(
    store: Store,
) -> None:
    upgrade(store, documents={"t01": SHA, "t02": OTHER, "t03": OTHER})

    assert approvals(store) == [(APPROVED_AS_IT_IS, "ab"), (None, "ab"), (None, None)]


def test_no_mark_is_lost_while_other_sheets_wait_to_be_written(store: Store) -> None:
    upgrade(store, documents={"t01": OTHER}, is_pending=True)

    assert approvals(store) == [(APPROVED_AS_IT_IS, "ab"), (APPROVED_AS_IT_IS, "ab"), (None, None)]


def test_a_mark_of_an_older_version_is_bound_once_and_outlives_the_next_generation(
    store: Store,
) -> None:
    upgrade(store, documents={"t01": SHA})
    store.tickets.settle_older_marks("site", {"t01": OTHER, "t03": OTHER}, at=after(4))
    store.tickets.settle_older_marks("site", {"t01": SHA}, at=after(5))
    drafts = [a_draft(1), a_draft(2, prose=a_prose("another")), a_draft(3)]
    store.tickets.save_generated("site", drafts, at=after(6))

    assert approvals(store) == [(OTHER, "ab"), (None, None), (None, None)]


def test_who_marks_again_what_an_older_version_marked_takes_no_name_away(store: Store) -> None:
    upgrade(store, documents={"t01": SHA})

    count = store.tickets.mark_ready("site", {"t01": hashes_of(OTHER)}, by="cd", at=after(4))

    assert count == 0
    assert approvals(store)[0] == (APPROVED_AS_IT_IS, "ab")
