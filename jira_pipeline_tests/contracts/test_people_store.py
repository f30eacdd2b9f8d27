"""What every PeopleStore does: let in whom somebody added, by secrets it does not know."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from jira_pipeline.model.errors import NotFoundError
from jira_pipeline.model.people import Credential, CredentialKind, Person, Role
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import after

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


def test_a_link_becomes_a_cookie_of_its_person_once(store: Store) -> None:
    store.people.keep(LINK, by="boss")

    first = store.people.exchange_link(LINK.secret_sha256, COOKIE, at=after(2))
    other = replace(COOKIE, secret_sha256="4" * 64)
    second = store.people.exchange_link(LINK.secret_sha256, other, at=after(2))

    known = store.people.find(ANNA)
    assert (first, second) == (True, False)
    assert admitted(store, COOKIE) == Person(name=ANNA, role=Role.EXPORTER)
    assert admitted(store, other) is None
    assert known is not None
    assert known.last_seen_at == after(2)


def test_one_kind_of_secret_is_not_taken_for_another(store: Store) -> None:
    store.people.keep(TOKEN, by="boss")

    as_cookie = replace(TOKEN, kind=CredentialKind.COOKIE)
    is_exchanged = store.people.exchange_link(TOKEN.secret_sha256, COOKIE, at=after(2))

    assert admitted(store, TOKEN) == Person(name=ANNA, role=Role.REVIEWER)
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

    assert admitted(store, TOKEN) == Person(name=ANNA, role=expected)


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


def test_one_token_is_revoked_and_one_credential_forgotten_and_no_other(store: Store) -> None:
    other = replace(TOKEN, secret_sha256="5" * 64)
    for credential in (TOKEN, other, LINK):
        store.people.keep(credential, by="boss")

    revoked = [
        store.people.revoke_token(one.secret_sha256, by="boss", at=after(3))
        for one in (TOKEN, TOKEN, LINK)
    ]
    for _ in range(2):
        store.people.forget(other.secret_sha256)

    assert revoked == [True, False, False]
    assert [admitted(store, one) is None for one in (TOKEN, other, LINK)] == [True, True, False]
    assert [kept.kind for kept in store.people.credentials(ANNA)] == [CredentialKind.LINK]


def test_that_a_token_was_used_is_noted_once_an_hour(store: Store) -> None:
    store.people.keep(replace(TOKEN, expires_at=after(600)), by="boss")
    noted = []

    for minutes in (2, 30, 61, 62, 90):
        admitted(store, TOKEN, at=after(minutes))
        noted += [kept.last_used_at for kept in store.people.credentials(ANNA)]

    assert noted == [after(2), after(2), after(2), after(62), after(62)]


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
