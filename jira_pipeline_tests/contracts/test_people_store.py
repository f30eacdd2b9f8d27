"""What every PeopleStore does: let in whom somebody added, by secrets it does not know."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from jira_pipeline.errors import NotFoundError, WrongUseError
from jira_pipeline.kernel.people import (
    ALL_SESSIONS,
    Credential,
    CredentialKind,
    Membership,
    Person,
    Role,
)
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import after, an_upload

ANNA = "Anna B."


def a_credential(kind: CredentialKind, *, digit: str = "1", role: Role = Role.ADMIN) -> Credential:
    return Credential(
        secret_sha256=digit * 64,
        kind=kind,
        name=ANNA,
        role=role,
        label="ci",
        created_at=after(1),
        expires_at=after(60),
    )


LINK = a_credential(CredentialKind.LINK)
COOKIE = replace(a_credential(CredentialKind.COOKIE, digit="2"), name="")
TOKEN = a_credential(CredentialKind.TOKEN, digit="3", role=Role.REVIEWER)


@pytest.fixture(autouse=True)
def _anna(store: Store) -> None:
    store.people.put(ANNA, Role.EXPORTER, by="boss", at=after(0))


def admitted(store: Store, credential: Credential, *, at: datetime | None = None) -> Person | None:
    return store.people.admitted(credential.secret_sha256, credential.kind, at=at or after(2))


def test_a_person_has_one_role_and_is_one_in_any_case(store: Store) -> None:
    store.people.put("ANNA B.", Role.READER, by="cd", at=after(1))

    (known,) = store.people.list_all()
    assert (known.name, known.role, known.added_by) == (ANNA, Role.READER, "boss")
    assert store.people.find("anna b.") == known
    assert store.people.find("anna") is None


def test_whose_answers_count_stays_until_somebody_says_otherwise(store: Store) -> None:
    store.people.keep(TOKEN, by="boss")
    found = []
    for wanted in (None, True, None, False):
        store.people.put(ANNA, Role.READER, may_answer=wanted, by="boss", at=after(1))
        person = admitted(store, TOKEN)
        found.append(person is not None and person.may_answer)

    assert found == [False, True, True, False]


def test_a_link_becomes_a_cookie_of_its_person_once(store: Store) -> None:
    store.people.keep(LINK, by="boss")

    first = store.people.exchange_link(LINK.secret_sha256, COOKIE, at=after(2))
    other = replace(COOKIE, secret_sha256="4" * 64)
    second = store.people.exchange_link(LINK.secret_sha256, other, at=after(2))

    known = store.people.find(ANNA)
    assert (first, second) == (True, False)
    assert admitted(store, COOKIE) == Person(name=ANNA, role=Role.EXPORTER, membership=ALL_SESSIONS)
    assert admitted(store, other) is None
    assert known is not None
    assert known.last_seen_at == after(2)


def test_one_kind_of_secret_is_not_taken_for_another(store: Store) -> None:
    store.people.keep(TOKEN, by="boss")

    as_cookie = replace(TOKEN, kind=CredentialKind.COOKIE)
    is_exchanged = store.people.exchange_link(TOKEN.secret_sha256, COOKIE, at=after(2))

    assert admitted(store, TOKEN) == Person(name=ANNA, role=Role.REVIEWER, membership=ALL_SESSIONS)
    assert admitted(store, as_cookie) is None
    assert not is_exchanged


@pytest.mark.parametrize(
    ("of_person", "of_token", "expected"),
    [
        (Role.READER, Role.ADMIN, Role.READER),
        (Role.ADMIN, Role.READER, Role.READER),
        (Role.REVIEWER, Role.REVIEWER, Role.REVIEWER),
    ],
)
def test_the_lower_role_holds(
    store: Store, of_person: Role, of_token: Role, expected: Role
) -> None:
    store.people.keep(replace(TOKEN, role=of_token), by="boss")

    store.people.put(ANNA, of_person, by="boss", at=after(2))

    assert admitted(store, TOKEN) == Person(name=ANNA, role=expected, membership=ALL_SESSIONS)


def test_a_credential_ends_when_it_expires(store: Store) -> None:
    store.people.keep(TOKEN, by="boss")
    store.people.keep(LINK, by="boss")

    at_the_end = TOKEN.expires_at - timedelta(microseconds=1)

    assert admitted(store, TOKEN, at=at_the_end) is not None
    assert admitted(store, TOKEN, at=TOKEN.expires_at) is None
    assert not store.people.exchange_link(LINK.secret_sha256, COOKIE, at=LINK.expires_at)


def test_revoking_forgets_every_credential_and_adding_again_brings_none_back(store: Store) -> None:
    store.people.keep(TOKEN, by="boss")

    found = [store.people.revoke(name, by="boss", at=after(2)) for name in ("anna B.", ANNA, "x")]
    while_out = admitted(store, TOKEN)
    with pytest.raises(NotFoundError):
        store.people.keep(LINK, by="boss")
    store.people.put(ANNA, Role.READER, by="boss", at=after(3))

    known = store.people.find(ANNA)
    assert found == [True, False, False]
    assert while_out is None
    assert known is not None
    assert not known.is_revoked
    assert store.people.credentials(ANNA) == ()
    assert admitted(store, TOKEN) is None


def test_one_credential_can_be_forgotten(store: Store) -> None:
    store.people.keep(TOKEN, by="boss")
    store.people.keep(LINK, by="boss")

    store.people.forget(TOKEN.secret_sha256)
    store.people.forget(TOKEN.secret_sha256)

    assert [kept.kind for kept in store.people.credentials(ANNA)] == [CredentialKind.LINK]


def test_that_a_token_was_used_is_noted_once_an_hour(store: Store) -> None:
    store.people.keep(replace(TOKEN, expires_at=after(600)), by="boss")
    noted = []

    for minutes in (2, 30, 61, 62, 90):
        admitted(store, TOKEN, at=after(minutes))
        noted += [kept.last_used_at for kept in store.people.credentials(ANNA)]

    assert noted == [after(2), after(2), after(2), after(62), after(62)]


def test_one_token_is_revoked_and_no_other_credential(store: Store) -> None:
    other = replace(TOKEN, secret_sha256="5" * 64)
    for credential in (TOKEN, other, LINK):
        store.people.keep(credential, by="boss")

    revoked = [
        store.people.revoke_token(one.secret_sha256, by="boss", at=after(3))
        for one in (TOKEN, TOKEN, LINK)
    ]

    assert revoked == [True, False, False]
    assert admitted(store, TOKEN) is None
    assert admitted(store, other) is not None
    assert admitted(store, LINK) is not None
    assert store.audit.verify().faults == ()


def test_every_change_of_people_is_in_the_audit_trail(store: Store) -> None:
    store.people.keep(LINK, by="boss")
    store.people.exchange_link(LINK.secret_sha256, COOKIE, at=after(2))
    store.people.revoke(ANNA, by="boss", at=after(3))

    with store.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT actor, action FROM audit ORDER BY sequence").all()

    assert [tuple(row) for row in rows] == [
        ("boss", "person_added"),
        ("boss", "link_made"),
        (ANNA, "signed_in"),
        ("boss", "person_revoked"),
    ]
    assert store.audit.verify().faults == ()


ONE, TWO = Membership(frozenset({"one"})), Membership(frozenset({"one", "two"}))


@pytest.fixture
def sites(store: Store) -> None:
    for key in ("one", "two"):
        store.sessions.register(an_upload(key), at=after(0), actor="boss")


@pytest.mark.usefixtures("sites")
def test_a_new_role_leaves_somebody_in_their_sessions(store: Store) -> None:
    """One admin narrows, another gives a role: what was narrowed must not be open again."""
    store.people.keep(TOKEN, by="boss")
    store.people.put(ANNA, Role.READER, membership=TWO, by="boss", at=after(1))

    store.people.put(ANNA, Role.REVIEWER, by="other", at=after(1))
    narrowed = admitted(store, TOKEN)
    store.people.put(ANNA, Role.REVIEWER, membership=ALL_SESSIONS, by="other", at=after(1))

    assert narrowed == Person(name=ANNA, role=Role.REVIEWER, membership=TWO)
    assert admitted(store, TOKEN) == Person(name=ANNA, role=Role.REVIEWER, membership=ALL_SESSIONS)


@pytest.mark.usefixtures("sites")
def test_the_last_session_of_somebody_goes_and_opens_no_other(store: Store) -> None:
    store.people.keep(TOKEN, by="boss")
    store.people.put(ANNA, Role.CLIENT, membership=ONE, by="boss", at=after(1))

    store.sessions.remove("one", at=after(1), by="boss")
    alone = admitted(store, TOKEN)
    store.sessions.register(an_upload("one"), at=after(1), actor="boss")

    none = Person(name=ANNA, role=Role.CLIENT, membership=Membership(frozenset()))
    assert alone == none
    assert admitted(store, TOKEN) == none, "another session of the same key is another"
    known = store.people.find(ANNA)
    assert known is not None
    assert known.membership == Membership(frozenset())


@pytest.mark.usefixtures("sites")
@pytest.mark.parametrize(
    ("role", "membership"),
    [(Role.ADMIN, ONE), (Role.CLIENT, ALL_SESSIONS), (Role.CLIENT, None), (Role.RESPONDENT, None)],
)
def test_a_role_and_sessions_that_do_not_go_together_are_refused(
    store: Store, role: Role, membership: Membership | None
) -> None:
    with pytest.raises(WrongUseError):
        store.people.put(ANNA, role, membership=membership, by="boss", at=after(1))
    unknown = Membership(frozenset({"one", "three"}))
    with pytest.raises(NotFoundError):
        store.people.put(ANNA, Role.READER, membership=unknown, by="boss", at=after(1))

    known = store.people.find(ANNA)
    assert known is not None
    assert (known.role, known.membership) == (Role.EXPORTER, ALL_SESSIONS)


@pytest.fixture
def invited(store: Store, sites: None) -> Credential:
    """An invitation of a client."""
    assert sites is None
    store.people.put(ANNA, Role.CLIENT, membership=ONE, by="boss", at=after(0))
    invitation = a_credential(CredentialKind.INVITATION, digit="5", role=Role.CLIENT)
    store.people.keep(invitation, by="boss")
    return invitation


def test_an_invitation_signs_in_several_browsers_until_it_ends(
    store: Store, invited: Credential
) -> None:
    other = replace(COOKIE, secret_sha256="4" * 64, expires_at=after(10_000))

    used = [
        store.people.exchange_link(invited.secret_sha256, cookie, at=after(2))
        for cookie in (COOKIE, other)
    ]

    client = Person(name=ANNA, role=Role.CLIENT, membership=ONE)
    assert used == [True, True]
    assert admitted(store, other) == client
    assert admitted(store, other, at=invited.expires_at) is None, "no longer than its invitation"
    third = replace(COOKIE, secret_sha256="6" * 64)
    assert not store.people.exchange_link(invited.secret_sha256, third, at=invited.expires_at)


def test_a_client_who_gets_another_role_stays_one_where_they_were_invited(
    store: Store, invited: Credential
) -> None:
    """Whoever else has the invitation would be a reviewer, too."""
    store.people.put(ANNA, Role.REVIEWER, membership=ALL_SESSIONS, by="boss", at=after(1))

    store.people.exchange_link(invited.secret_sha256, COOKIE, at=after(2))

    found = admitted(store, COOKIE)
    assert found is not None
    assert found.role is Role.CLIENT


def test_with_an_invitation_its_browsers_are_out_and_no_others(
    store: Store, invited: Credential
) -> None:
    own = replace(COOKIE, secret_sha256="7" * 64, created_at=after(3))
    store.people.keep(LINK, by="boss")
    store.people.exchange_link(LINK.secret_sha256, own, at=after(2))
    store.people.exchange_link(invited.secret_sha256, COOKIE, at=after(2))

    revoked = store.people.revoke_token(invited.secret_sha256, by="boss", at=after(3))

    again = replace(COOKIE, secret_sha256="8" * 64)
    assert revoked
    assert admitted(store, COOKIE) is None
    assert admitted(store, own) is not None
    assert not store.people.exchange_link(invited.secret_sha256, again, at=after(3))
