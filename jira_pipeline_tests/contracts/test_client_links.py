"""What every ClientLinkStore does: one link for each session, and what is proposed by it apart."""

import pytest

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import NotFoundError, WrongUseError
from jira_pipeline.model.open_questions import ClientLink, ProposedAnswer
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_draft, after, an_upload

FIRST, SECOND = (
    ClientLink(session_key="site", secret_sha256=digit * 64, made_by="anna", expires_at=after(60))
    for digit in "12"
)


@pytest.fixture(autouse=True)
def _site(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="anna")
    store.tickets.save_generated("site", [a_draft(1)], at=START)
    store.client_links.put("site", FIRST, by="anna", at=after(1))


def an_answer(text: str, question_id: str = "q") -> ProposedAnswer:
    return ProposedAnswer(
        ticket_id="t01",
        question_id=question_id,
        secret_sha256=FIRST.secret_sha256,
        text=text,
        at=after(2),
    )


def test_a_session_has_the_last_link_until_it_is_revoked(store: Store) -> None:
    links = store.client_links
    found = [links.of_session("site"), links.with_hash(FIRST.secret_sha256)]

    links.put("site", SECOND, by="ben", at=after(2))
    replaced = [links.of_session("site"), links.with_hash(FIRST.secret_sha256)]
    revoked = [links.put("site", None, by="ben", at=after(3)) for _ in range(2)]

    assert found == [FIRST, FIRST]
    assert replaced == [SECOND, None]
    assert revoked == [True, False]
    assert links.of_session("site") is None
    with pytest.raises(NotFoundError):
        links.put("nowhere", None, by="ben", at=after(3))
    actions = (AuditAction.CLIENT_LINK_MADE, AuditAction.CLIENT_LINK_REVOKED)
    entries = store.audit.latest("site", actions=actions)
    assert [(one.actor, one.action) for one in entries] == [
        ("ben", "client_link_revoked"),
        ("ben", "client_link_made"),
        ("anna", "client_link_made"),
    ]


def test_what_is_proposed_is_kept_once_and_changes_no_ticket(store: Store) -> None:
    before = store.tickets.list_all("site"), store.audit.newest("site")

    kept = [store.client_links.propose(FIRST, an_answer(text)) for text in ("a\x00", "b", "a\x00")]

    assert kept == [True, True, True]
    assert [one.text for one in store.client_links.proposed("site")] == ["a\ufffd", "b"]
    assert (store.tickets.list_all("site"), store.audit.newest("site")) == before


def test_nothing_is_proposed_by_a_link_that_was_revoked_meanwhile(store: Store) -> None:
    store.client_links.put("site", SECOND, by="anna", at=after(2))

    assert not store.client_links.propose(FIRST, an_answer("a"))
    assert store.client_links.proposed("site") == ()


def test_so_many_answers_to_a_question_wait_and_no_more(store: Store) -> None:
    for number in range(10):
        store.client_links.propose(FIRST, an_answer(str(number)))

    with pytest.raises(WrongUseError, match="reviewed first"):
        store.client_links.propose(FIRST, an_answer("10"))
    assert store.client_links.propose(FIRST, an_answer("10", "other"))


def test_links_and_what_was_proposed_go_with_their_session(store: Store) -> None:
    store.client_links.propose(FIRST, an_answer("a"))

    store.sessions.remove("site", at=after(3), by="anna")

    assert store.client_links.with_hash(FIRST.secret_sha256) is None
    assert store.client_links.proposed("site") == ()
