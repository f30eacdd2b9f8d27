"""Who may come in, and the hashes of what lets them in.

Belongs here: statements. Does not: making secrets and judging names (`sessions/accounts`), links for
clients (`client_link_store`).

A credential is what lets a person in: a link used once, the cookie that it becomes, or the token of a
program. Only the SHA-256 of its secret is stored. Each has a role that limits the one of the person.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, update

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import NotFoundError, NotFoundKind, StoreBusyError
from jira_pipeline.model.people import Credential, CredentialKind, KnownPerson, Person, Role
from jira_pipeline.store import tables
from jira_pipeline.store.changes import SessionPart, append_audit
from jira_pipeline.store.mapping import Rows, delete_rows, has_cells, insert_rows, update_rows
from jira_pipeline.store.postgres import lock_for_transaction
from jira_pipeline.store.transactions import repeated

USE_NOTED_EVERY = timedelta(hours=1)
"""How often the last use of a token is stored: at each request it would be one write more."""
_PEOPLE = tables.people.c
_CREDENTIALS = tables.credentials.c
_PERSON = Rows(tables.people, KnownPerson)
_CREDENTIAL = Rows(tables.credentials, Credential)
_HOLDER_QUERY = (
    select(_PEOPLE.name, _PEOPLE.role, _CREDENTIALS.role.label("most"), _CREDENTIALS.last_used_at)
    .select_from(tables.people)
    .join(tables.credentials)
    .where(
        _CREDENTIALS.secret_sha256 == bindparam("secret"),
        _CREDENTIALS.kind == bindparam("kind"),
        _CREDENTIALS.expires_at > bindparam("at"),
        _PEOPLE.revoked_at.is_(None),
    )
)
"""Asked by every request, so made once."""


class PeopleStore(SessionPart):
    """Knows who may come in, and by which secrets; names are compared without regard to case.

    Every change has its entry in the audit trail.
    """

    @repeated
    def put(self, name: str, role: Role, *, by: str, at: datetime) -> KnownPerson:
        """Add a person, or change the role of one who was added; a revoked one may come in again."""
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"person {name.casefold()}")
            key = {"person_id": name.casefold()}
            admitted_again = {"revoked_at": None, "role": role}
            if not update_rows(connection, tables.people, admitted_again, **key):
                person = {"name": name, "role": role, "added_at": at, "added_by": by}
                insert_rows(connection, tables.people, [{**key, **person}])
            _note(connection, AuditAction.PERSON_ADDED, by=by, at=at, name=name, role=role.value)
            (known_person,) = _people_in(connection, name)
            return known_person

    def find(self, name: str) -> KnownPerson | None:
        """Return a person, also a revoked one; None where nobody of that name was added."""
        return self._first(_PERSON, person_id=name.casefold())

    def list_all(self) -> Sequence[KnownPerson]:
        """Return everybody who was added, by name."""
        return self._values(_PERSON, order_by=[_PEOPLE.person_id])

    @repeated
    def revoke(self, name: str, *, by: str, at: datetime) -> bool:
        """Shut a person out and delete all their credentials; False where nobody may come in so."""
        with self._database.writing() as connection:
            people = _people_in(connection, name)
            if not people:
                return False
            person_id = name.casefold()
            update_rows(connection, tables.people, {"revoked_at": at}, person_id=person_id)
            delete_rows(connection, tables.credentials, person_id=person_id)
            _note(connection, AuditAction.PERSON_REVOKED, by=by, at=at, name=people[0].name)
            return True

    @repeated
    def keep(self, credential: Credential, *, by: str) -> None:
        """Keep a credential; NotFoundError where its person was not added, or was revoked."""
        with self._database.writing() as connection:
            people = _people_in(connection, credential.name)
            if not people:
                raise NotFoundError(kind=NotFoundKind.PERSON, name=credential.name)
            cells = _CREDENTIAL.cells(credential, person_id=credential.name.casefold())
            insert_rows(connection, tables.credentials, [cells])
            _note(
                connection,
                AuditAction(f"{credential.kind}_made"),
                by=by,
                at=credential.created_at,
                name=people[0].name,
                role=credential.role.value,
                label=credential.label,
                expires_at=credential.expires_at.isoformat(),
            )

    def credentials(self, name: str) -> Sequence[Credential]:
        """Return the credentials of a person, also expired ones, oldest first."""
        query = (
            _CREDENTIAL.query.add_columns(_PEOPLE.name)
            .join(tables.people)
            .where(_CREDENTIALS.person_id == name.casefold())
            .order_by(_CREDENTIALS.created_at, _CREDENTIALS.secret_sha256)
        )
        return tuple(Credential(**row._asdict()) for row in self._database.fetch(query))

    def admitted(self, secret_sha256: str, kind: CredentialKind, *, at: datetime) -> Person | None:
        """Return the person of a valid credential, with the lower role of the two; else None.

        It also stores that a token was used, at most once an hour.
        """
        rows = self._database.fetch(
            _HOLDER_QUERY, {"secret": secret_sha256, "kind": kind, "at": at}
        )
        if not rows:
            return None
        (row,) = rows
        last = row.last_used_at
        if kind is CredentialKind.TOKEN and (last is None or at - last >= USE_NOTED_EVERY):
            is_token = _CREDENTIALS.secret_sha256 == secret_sha256
            note_use = update(tables.credentials).where(is_token).values(last_used_at=at)
            with suppress(StoreBusyError):  # the request does not have to wait for that
                self._execute(note_use)
        role = row.most if row.role.includes(row.most) else row.role
        return Person(name=row.name, role=role)

    @repeated
    def exchange_link(self, secret_sha256: str, cookie: Credential, *, at: datetime) -> bool:
        """Replace a valid link by a cookie of the same person, in one step; False: it is not valid.

        A link is valid once. The name in the cookie is ignored: it is the person's of the link.
        Expired credentials of everybody are deleted.
        """
        with self._database.writing() as connection:
            shown = {"secret": secret_sha256, "kind": CredentialKind.LINK, "at": at}
            person = connection.execute(_HOLDER_QUERY, shown).one_or_none()
            if person is None:
                return False
            if delete_rows(connection, tables.credentials, secret_sha256=secret_sha256) != 1:
                return False  # somebody used the link just now
            delete_rows(connection, tables.credentials, _CREDENTIALS.expires_at <= at)
            person_id = person.name.casefold()
            row = _CREDENTIAL.cells(cookie, person_id=person_id)
            insert_rows(connection, tables.credentials, [row])
            update_rows(connection, tables.people, {"last_seen_at": at}, person_id=person_id)
            _note(connection, AuditAction.SIGNED_IN, by=person.name, at=at, role=person.role.value)
            return True

    @repeated
    def revoke_token(self, secret_sha256: str, *, by: str, at: datetime) -> bool:
        """Delete one token of whatever person; False where there is none of that hash."""
        token = {"secret_sha256": secret_sha256, "kind": CredentialKind.TOKEN}
        is_that_row = has_cells(tables.credentials, **token)
        query = select(_PEOPLE.name, _CREDENTIALS.label).join(tables.people).where(is_that_row)
        with self._database.writing() as connection:
            owner = connection.execute(query).mappings().first()
            if owner is None:
                return False
            delete_rows(connection, tables.credentials, **token)
            _note(connection, AuditAction.TOKEN_REVOKED, by=by, at=at, **owner)
            return True

    def forget(self, secret_sha256: str) -> None:
        """Delete one credential; nothing happens where there is none of that hash."""
        self._execute(delete(tables.credentials).where(_CREDENTIALS.secret_sha256 == secret_sha256))


def _people_in(connection: Connection, name: str) -> Sequence[KnownPerson]:
    """Return the person of a name who was added and not revoked: one, or none."""
    return _PERSON.read(connection, person_id=name.casefold(), revoked_at=None)


def _note(
    connection: Connection, action: AuditAction, *, by: str, at: datetime, **details: str
) -> None:
    append_audit(connection, at=at, session_key=None, actor=by, action=action, details=details)
