"""What every DraftStore and CommentStore does."""

import pytest

from jira_pipeline.errors import NotFoundError
from jira_pipeline.kernel.drafts import Draft, text_hash_of
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_draft, after, an_upload


@pytest.fixture(autouse=True)
def _session(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    store.tickets.save_generated("site", [a_draft(n) for n in (1, 2)], at=after(1))


def written(text: str, *, person: str = "anna", part: str = "notes") -> Draft:
    """A draft of ticket t01."""
    return Draft(
        ticket_id="t01", person=person, part=part, text=text, base_revision=1, saved_at=after(5)
    )


def test_a_draft_is_kept_per_person_and_part(store: Store) -> None:
    for draft in (written("a"), written("b", person="bert"), written("c", part="title")):
        assert draft == store.drafts.save("site", draft, known_hash="")

    kept = store.drafts.of_ticket("t01")
    assert [(d.person, d.part, d.text) for d in kept] == [
        ("anna", "notes", "a"),
        ("anna", "title", "c"),
        ("bert", "notes", "b"),
    ]
    assert kept == store.drafts.of_session("site")
    assert store.drafts.of_ticket("t02") == ()


def test_tickets_with_drafts_of_a_person_are_named_once(store: Store) -> None:
    for draft in (written("a"), written("c", part="title"), written("b", person="bert")):
        store.drafts.save("site", draft, known_hash="")

    assert store.drafts.drafted_by("site", "anna") == ("t01",)
    assert store.drafts.drafted_by("site", "carla") == ()
    assert store.drafts.drafted_by("other", "anna") == ()


def test_a_window_that_knows_an_older_text_overwrites_nothing(store: Store) -> None:
    store.drafts.save("site", written("first"), known_hash="")
    store.drafts.save("site", written("second"), known_hash=text_hash_of("first"))

    found = store.drafts.save("site", written("other"), known_hash=text_hash_of("first"))

    assert found.text == "second"
    assert store.drafts.of_ticket("t01") == (found,)


def test_a_draft_is_removed_only_as_it_was_seen(store: Store) -> None:
    seen = store.drafts.save("site", written("seen"), known_hash="")
    newer = store.drafts.save("site", written("newer"), known_hash=seen.text_hash)

    assert store.drafts.remove([seen]) == 0
    assert store.drafts.of_ticket("t01") == (newer,)
    assert store.drafts.remove([newer]) == 1
    assert store.drafts.of_ticket("t01") == ()


def test_a_ticket_without_rows_keeps_its_drafts_and_takes_more(store: Store) -> None:
    """Nobody loses what they typed because somebody else uploaded other sheets."""
    store.drafts.save("site", written("a"), known_hash="")

    store.tickets.save_generated("site", [a_draft(2)], at=after(6))

    assert [d.text for d in store.drafts.of_ticket("t01")] == ["a"]
    assert store.drafts.save("site", written("b"), known_hash=text_hash_of("a")).text == "b"


def test_what_is_no_ticket_of_the_session_takes_no_draft_and_no_comment(store: Store) -> None:
    store.sessions.register(an_upload("other"), at=START, actor="ab")

    with pytest.raises(NotFoundError):
        store.drafts.save("other", written("a"), known_hash="")
    with pytest.raises(NotFoundError):
        store.comments.add("other", "t01", text="a", by="anna", at=after(5))


def test_comments_are_kept_in_order_and_removed_by_their_author(store: Store) -> None:
    first = store.comments.add("site", "t01", text="Is that so?\nReally?", by="anna", at=after(5))
    second = store.comments.add("site", "t01", text="Yes.\0", by="bert", at=after(6))

    assert not store.comments.remove("site", first.comment_id, by="bert", at=after(7))
    assert [c.text for c in store.comments.of_ticket("t01")] == ["Is that so?\nReally?", "Yes.�"]
    assert store.comments.remove("site", first.comment_id, by="anna", at=after(7))

    assert store.comments.of_ticket("t01") == (second,)
    actions = [entry.action for entry in store.audit.entries("site")]
    assert actions[-3:] == ["comment_added", "comment_added", "comment_removed"]
