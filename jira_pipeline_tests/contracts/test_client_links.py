"""What every ClientLinkStore does: a link for each person, and what is proposed by it apart."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.client_links import ClientLink
from jira_pipeline.model.errors import NotFoundError, WrongUseError
from jira_pipeline.model.open_questions import ProposedAnswer
from jira_pipeline.store.client_link_store import LINKS_OF_SESSION_MAX
from jira_pipeline.store.store import Store, open_store
from jira_pipeline_tests.contracts.stored_values import (
    SINCE_VERSION_9,
    START,
    a_draft,
    after,
    an_upload,
)


def a_link(digit: str, made_for: str, **more: str) -> ClientLink:
    return ClientLink(
        session_key="site",
        secret_sha256=digit * 64,
        made_by="anna",
        expires_at=after(60),
        made_for=made_for,
        **more,  # type: ignore[arg-type] # each by its name
    )


FIRST, SECOND = a_link("1", "Jonas"), a_link("2", "Maria")


@pytest.fixture(autouse=True)
def _site(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="anna")
    store.tickets.save_generated("site", [a_draft(1)], at=START)
    store.client_links.put(FIRST, by="anna", at=after(1))


def an_answer(text: str, question_id: str = "q") -> ProposedAnswer:
    return ProposedAnswer(
        ticket_id="t01",
        question_id=question_id,
        secret_sha256=FIRST.secret_sha256,
        text=text,
        at=after(2),
        given_by="Jonas",
    )


def propose(store: Store, *answers: ProposedAnswer, link: ClientLink = FIRST) -> bool:
    return store.client_links.propose(link, answers, at=after(2))


def test_each_person_has_the_last_link_made_for_them_until_it_is_revoked(store: Store) -> None:
    links = store.client_links
    renewed = replace(FIRST, secret_sha256="3" * 64, made_for="JONAS")

    links.put(SECOND, by="ben", at=after(2))
    links.put(renewed, by="ben", at=after(3))
    now = {*links.of_session("site")}
    counts = [links.revoke("site", [SECOND.secret_sha256], by="ben", at=after(4)) for _ in "ab"]

    assert now == {SECOND, renewed}
    assert links.with_hash(FIRST.secret_sha256) is None
    assert counts == [1, 0]
    assert links.of_session("site") == (renewed,)
    with pytest.raises(NotFoundError):
        links.put(replace(FIRST, session_key="nowhere"), by="ben", at=after(3))
    actions = (AuditAction.CLIENT_LINK_MADE, AuditAction.CLIENT_LINK_REVOKED)
    entries = store.audit.latest("site", actions=actions)
    assert [(one.actor, one.action.value, one.details["made_for"]) for one in entries] == [
        ("ben", "client_link_revoked", "Maria"),
        ("ben", "client_link_made", "JONAS"),
        ("ben", "client_link_made", "Maria"),
        ("anna", "client_link_made", "Jonas"),
    ]


def test_links_for_colleagues_stay_beside_each_other_and_go_with_the_one_they_came_from(
    store: Store,
) -> None:
    """A link that was renewed left them behind: what revoked it did not revoke them."""
    links, renewed = store.client_links, replace(FIRST, secret_sha256="5" * 64)
    asked = [a_link(n, "Kim", card=f"card {n}", made_with=FIRST.secret_sha256) for n in "34"]

    for one in (*asked, SECOND):
        links.put(one, by="Jonas", at=after(2))
    before = {*links.of_session("site")}
    links.put(renewed, by="anna", at=after(2))
    count = links.revoke("site", [renewed.secret_sha256], by="anna", at=after(3))

    assert before == {FIRST, SECOND, *asked}
    assert count == 3
    assert links.of_session("site") == (SECOND,)


def test_a_link_for_a_colleague_ends_when_the_one_it_came_from_does(store: Store) -> None:
    """Renewed for a shorter time, it left them open; asked in the moment it was revoked, too."""
    links, asked = store.client_links, a_link("3", "Kim", card="c", made_with=FIRST.secret_sha256)
    renewed = replace(FIRST, secret_sha256="5" * 64, expires_at=after(30))

    links.put(asked, by="Jonas", at=after(2))
    links.put(renewed, by="anna", at=after(2))
    ends = [one.expires_at for one in links.of_session("site")]
    links.revoke("site", [renewed.secret_sha256], by="anna", at=after(3))

    assert ends == [after(30)] * 2
    with pytest.raises(NotFoundError, match="no longer valid"):
        links.put(replace(asked, made_with=renewed.secret_sha256), by="Jonas", at=after(3))
    assert links.of_session("site") == ()


def test_two_who_ask_the_same_colleague_the_same_leave_each_other_their_link(store: Store) -> None:
    """The second took the place of the first, and what was revoked with it was another's."""
    asked = [
        a_link(digit, "Kim", card="c", made_with=by.secret_sha256)
        for digit, by in (("3", FIRST), ("4", SECOND), ("5", SECOND))
    ]

    for link in (SECOND, *asked):
        store.client_links.put(link, by="anna", at=after(2))

    assert {*store.client_links.of_session("site")} == {FIRST, SECOND, asked[0], asked[2]}


def test_a_session_has_so_many_links_and_no_more(store: Store) -> None:
    for number in range(1, LINKS_OF_SESSION_MAX):
        link = replace(FIRST, secret_sha256=f"{number:064}", made_for=f"Person {number}")
        store.client_links.put(link, by="anna", at=after(2))

    with pytest.raises(WrongUseError, match="100 links"):
        store.client_links.put(SECOND, by="anna", at=after(3))
    store.client_links.put(replace(SECOND, expires_at=after(90)), by="anna", at=after(60))


def test_what_is_proposed_is_kept_together_and_changes_no_ticket(store: Store) -> None:
    before = store.tickets.list_all("site")

    kept = [
        propose(store, an_answer(words), an_answer("x", "r")) for words in ("a\0", "b", "b", "a")
    ]

    assert kept == [True] * 4
    assert [one.text for one in store.client_links.proposed("site")] == ["a\ufffd", "x", "b", "a"]
    assert {one.given_by for one in store.client_links.proposed("site")} == {"Jonas"}
    assert [one.sent_at for one in store.client_links.of_session("site")] == [after(2)]
    assert store.tickets.list_all("site") == before


def test_whoever_says_the_same_again_by_a_newer_link_is_heard_once(store: Store) -> None:
    renewed = replace(FIRST, secret_sha256="3" * 64)
    namesake = a_link("4", "Jonas", card="c", made_with=SECOND.secret_sha256)
    propose(store, an_answer("a"))

    for link in (renewed, SECOND, namesake):
        store.client_links.put(link, by="anna", at=after(2))
        by_it = replace(an_answer("a"), secret_sha256=link.secret_sha256, given_by=link.proposer)
        propose(store, by_it, link=link)

    proposed = store.client_links.proposed("site")
    assert [one.given_by for one in proposed] == ["Jonas", "Maria", "Jonas, asked by anna"]
    assert [renewed.gave(one) for one in proposed] == [True, False, False]
    assert [namesake.gave(one) for one in proposed] == [False, False, True]


def test_nothing_is_proposed_by_a_link_that_was_revoked_meanwhile(store: Store) -> None:
    store.client_links.revoke("site", [FIRST.secret_sha256], by="anna", at=after(2))

    assert not propose(store, an_answer("a"))
    assert store.client_links.proposed("site") == ()


def test_so_many_answers_to_a_question_wait_and_no_more(store: Store) -> None:
    for number in range(10):
        propose(store, an_answer(str(number)))

    with pytest.raises(WrongUseError, match="reviewed first"):
        propose(store, an_answer("fits", "other"), an_answer("10"))
    assert {one.question_id for one in store.client_links.proposed("site")} == {"q"}
    assert propose(store, an_answer("10", "other"))


def test_the_one_link_of_an_older_store_opens_the_same_page(store: Store, tmp_path: Path) -> None:
    with store.database.writing() as connection:
        connection.execute(text("DROP TABLE client_links"))
        for statement in (
            """CREATE TABLE client_links (
                session_key TEXT NOT NULL, secret_sha256 TEXT NOT NULL, made_by TEXT NOT NULL,
                expires_at VARCHAR(32) NOT NULL,
                CONSTRAINT pk_client_links PRIMARY KEY (session_key),
                CONSTRAINT uq_client_links_secret_sha256 UNIQUE (secret_sha256),
                CONSTRAINT fk_client_links_session_key_sessions FOREIGN KEY (session_key)
                    REFERENCES sessions (session_key) ON DELETE CASCADE)""",
            f"INSERT INTO client_links VALUES ('site', '{'1' * 64}', 'anna', '{after(60).isoformat()}')",  # noqa: S608 - ours
            "ALTER TABLE proposed_answers DROP COLUMN given_by",
            "DROP TABLE site_answers",
            "ALTER TABLE tickets DROP COLUMN sent_back",
            "ALTER TABLE tickets DROP COLUMN sent_back_about",
            "ALTER TABLE tickets DROP COLUMN sent_back_to",
            *SINCE_VERSION_9,
            "UPDATE jira_pipeline_store SET version = 6",
        ):
            connection.execute(text(statement))
    url = store.database.engine.url.render_as_string(hide_password=False)

    with open_store(url, lock_path=tmp_path / "next.lock") as opened:
        (link,) = opened.client_links.of_session("site")
        opened.client_links.put(SECOND, by="anna", at=after(3))
        kept = opened.client_links.propose(link, [an_answer("a")], at=after(3))
        opened.sessions.remove("site", at=after(4), by="anna")
        left = opened.client_links.of_session("site")

    assert link == replace(FIRST, made_for="")
    assert kept
    assert left == ()


def test_links_and_what_was_proposed_go_with_their_session(store: Store) -> None:
    propose(store, an_answer("a"))

    store.sessions.remove("site", at=after(3), by="anna")

    assert store.client_links.with_hash(FIRST.secret_sha256) is None
    assert store.client_links.proposed("site") == ()


def test_what_was_proposed_is_taken_once_and_can_be_put_back(store: Store) -> None:
    propose(store, an_answer("a"), an_answer("b", "r"))
    links = store.client_links
    ids = [one.answer_id for one in links.proposed("site")]

    def take(by: str) -> int:
        return links.take("site", ids[:1], details={"answers": ["a"]}, by=by, at=after(3))

    taken = [take("ben"), take("anna")]
    kept = [(one.text, one.taken_at, one.taken_by) for one in links.proposed("site")]
    back = [links.put_back("site", ids, by="anna", at=after(4)) for _ in "ab"]

    assert len({*ids}) == 2
    assert taken == [1, 0]
    assert kept == [("a", after(3), "ben"), ("b", None, "")]
    assert back == [1, 0]
    assert {one.taken_at for one in links.proposed("site")} == {None}
    actions = (AuditAction.CLIENT_ANSWER_TAKEN, AuditAction.CLIENT_ANSWER_PUT_BACK)
    entries = store.audit.latest("site", actions=actions)
    assert [(one.actor, one.details["answers"]) for one in entries] == [
        ("anna", ["a"]),
        ("ben", ["a"]),
    ]
