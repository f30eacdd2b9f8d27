"""Who may come in, and the hashes of what lets them in; links for clients, and what they propose.

Belongs here: statements. Does not: making secrets and judging names (`sessions/accounts`),
taking an answer over (`review/answers`). What is proposed is no answer: no ticket, file or export
reads it.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    select,
    update,
)

from jira_pipeline.model.errors import NotFoundError, NotFoundKind, StoreBusyError, WrongUseError
from jira_pipeline.model.open_questions import ClientLink, ProposedAnswer
from jira_pipeline.model.people import Credential, CredentialKind, KnownPerson, Person, Role
from jira_pipeline.model.records import AuditAction
from jira_pipeline.store import tables
from jira_pipeline.store.changes import SessionPart, append_audit
from jira_pipeline.store.mapping import (
    Rows,
    delete_rows,
    insert_rows,
    storable_text,
    update_rows,
    with_cells,
)
from jira_pipeline.store.transactions import lock_for_transaction, repeated

USE_NOTED_EVERY = timedelta(hours=1)
"""A write at each request of a program would be one more for the store, and inform nobody better."""
_PEOPLE = tables.people.c
_CREDENTIALS = tables.credentials.c
_PERSON = Rows(tables.people, KnownPerson)
_CREDENTIAL = Rows(tables.credentials, Credential)
_WHO_SHOWS = (
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
ANSWERS_OF_QUESTION_MAX, ANSWERS_OF_SESSION_MAX, LINKS_OF_SESSION_MAX = 10, 10_000, 100
"""Whoever has a link may propose so many, ask so many colleagues, and nobody knows who that is."""
_LINK = Rows(tables.client_links, ClientLink)
_LINKS = tables.client_links.c
_ANSWER = Rows(tables.proposed_answers, ProposedAnswer)
_ANSWERS = tables.proposed_answers.c


class PeopleStore(SessionPart):
    """Knows who may come in, and by which secrets; names are compared without regard to case.

    Every change has its entry in the audit trail.
    """

    @repeated
    def put(self, name: str, role: Role, *, by: str, at: datetime) -> KnownPerson:
        """Add a person, or give one who is there another role; one who was revoked is back."""
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"person {name.casefold()}")
            person = {"person_id": name.casefold()}
            back = {"revoked_at": None, "role": role}
            if not update_rows(connection, tables.people, back, **person):
                added = {"name": name, "role": role, "added_at": at, "added_by": by}
                insert_rows(connection, tables.people, [{**person, **added}])
            _note(connection, AuditAction.PERSON_ADDED, by=by, at=at, name=name, role=role.value)
            (found,) = _people_in(connection, name)
            return found

    def find(self, name: str) -> KnownPerson | None:
        """Return a person, revoked ones too; None where nobody of that name was added."""
        return self._first(_PERSON, person_id=name.casefold())

    def list_all(self) -> Sequence[KnownPerson]:
        """Return everybody who was added, by name."""
        return self._values(_PERSON, by=[_PEOPLE.person_id])

    @repeated
    def revoke(self, name: str, *, by: str, at: datetime) -> bool:
        """Shut a person out and forget all their credentials; False where there is none to revoke."""
        with self._database.writing() as connection:
            for person in _people_in(connection, name):
                person_id = name.casefold()
                update_rows(connection, tables.people, {"revoked_at": at}, person_id=person_id)
                delete_rows(connection, tables.credentials, person_id=person_id)
                _note(connection, AuditAction.PERSON_REVOKED, by=by, at=at, name=person.name)
                return True
            return False

    @repeated
    def keep(self, credential: Credential, *, by: str) -> None:
        """Keep a credential of a person who is not revoked."""
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
        """Return the credentials of a person, oldest first, those that expired too."""
        chosen = (
            _CREDENTIAL.chosen.add_columns(_PEOPLE.name)
            .join(tables.people)
            .where(_CREDENTIALS.person_id == name.casefold())
            .order_by(_CREDENTIALS.created_at, _CREDENTIALS.secret_sha256)
        )
        return tuple(Credential(**row._asdict()) for row in self._database.asked(chosen))

    def admitted(self, secret_sha256: str, kind: CredentialKind, *, at: datetime) -> Person | None:
        """Return whose credential it is, with the lower of both roles; None where it is not valid.

        That a token was used is noted once an hour.
        """
        rows = self._database.asked(_WHO_SHOWS, {"secret": secret_sha256, "kind": kind, "at": at})
        if not rows:
            return None
        (row,) = rows
        last = row.last_used_at
        if kind is CredentialKind.TOKEN and (last is None or at - last >= USE_NOTED_EVERY):
            used = update(tables.credentials).where(_CREDENTIALS.secret_sha256 == secret_sha256)
            with suppress(StoreBusyError):
                self._done(used.values(last_used_at=at))
        role = row.most if row.role.includes(row.most) else row.role
        return Person(name=row.name, role=role)

    @repeated
    def exchange_link(self, secret_sha256: str, cookie: Credential, *, at: datetime) -> bool:
        """Use up a valid link and keep a cookie of the same person in its place, together.

        The name of the cookie is taken from the link. False where it is not valid.
        """
        with self._database.writing() as connection:
            shown = {"secret": secret_sha256, "kind": CredentialKind.LINK, "at": at}
            person = connection.execute(_WHO_SHOWS, shown).one_or_none()
            if person is None:
                return False
            if delete_rows(connection, tables.credentials, secret_sha256=secret_sha256) != 1:
                return False  # two used it at once
            delete_rows(connection, tables.credentials, _CREDENTIALS.expires_at <= at)
            person_id = person.name.casefold()
            row = _CREDENTIAL.cells(cookie, person_id=person_id)
            insert_rows(connection, tables.credentials, [row])
            update_rows(connection, tables.people, {"last_seen_at": at}, person_id=person_id)
            _note(connection, AuditAction.SIGNED_IN, by=person.name, at=at, role=person.role.value)
            return True

    @repeated
    def revoke_token(self, secret_sha256: str, *, by: str, at: datetime) -> bool:
        """Forget one token, whoever's it is; False where it is not kept."""
        token = {"secret_sha256": secret_sha256, "kind": CredentialKind.TOKEN}
        is_it = with_cells(tables.credentials, **token)
        chosen = select(_PEOPLE.name, _CREDENTIALS.label).join(tables.people).where(is_it)
        with self._database.writing() as connection:
            for row in connection.execute(chosen).mappings():
                delete_rows(connection, tables.credentials, **token)
                _note(connection, AuditAction.TOKEN_REVOKED, by=by, at=at, **row)
                return True
            return False

    def forget(self, secret_sha256: str) -> None:
        """Forget one credential; nothing happens where it is not kept."""
        self._done(delete(tables.credentials).where(_CREDENTIALS.secret_sha256 == secret_sha256))


def _people_in(connection: Connection, name: str) -> Sequence[KnownPerson]:
    """Return the person of a name, unless there is none who was not revoked."""
    return _PERSON.read(connection, person_id=name.casefold(), revoked_at=None)


def _note(
    connection: Connection, action: AuditAction, *, by: str, at: datetime, **details: str
) -> None:
    append_audit(connection, at=at, session_key=None, actor=by, action=action, details=details)


class ClientLinkStore(SessionPart):
    """Keeps the links of a session, one for each person, audited, and what is proposed by them."""

    @repeated
    def put(self, link: ClientLink, *, by: str, at: datetime) -> None:
        """Keep a link in place of the one that the same person has for the same.

        Raises:
            NotFoundError: It was made with a link that was revoked meanwhile.
            WrongUseError: The session has as many links as it may have.
        """
        with self._changing(link.session_key, by=by, at=at) as change:
            links = _links_in(change.connection, link.session_key)
            if link.made_with and link.made_with not in {other.secret_sha256 for other in links}:
                raise NotFoundError("This link is no longer valid.", kind=NotFoundKind.LINK)
            before = [other.secret_sha256 for other in links if other.replaces(link)]
            still_valid = [
                other
                for other in links
                if other.expires_at > at and other.secret_sha256 not in before
            ]
            if len(still_valid) >= LINKS_OF_SESSION_MAX:
                raise WrongUseError(
                    f"There are {len(still_valid)} links already.",
                    recovery_actions=("Revoke those that nobody needs any more.",),
                )
            _forget_links(change.connection, before)
            # what its holder made with the former one goes with this one, and ends with it
            renewed = {"made_with": link.secret_sha256, "expires_at": link.expires_at}
            update_rows(
                change.connection, tables.client_links, renewed, _LINKS.made_with.in_(before)
            )
            _LINK.added(change.connection, link)
            change.note(AuditAction.CLIENT_LINK_MADE, made_for=link.made_for)

    @repeated
    def revoke(self, session_key: str, hashes: Collection[str], *, by: str, at: datetime) -> int:
        """Forget links, and those that were made with them; return how many there were."""
        with self._changing(session_key, by=by, at=at) as change:
            gone = [
                link
                for link in _links_in(change.connection, session_key)
                if not {link.secret_sha256, link.made_with}.isdisjoint(hashes)
            ]
            _forget_links(change.connection, [link.secret_sha256 for link in gone])
            for link in gone:
                change.note(AuditAction.CLIENT_LINK_REVOKED, made_for=link.made_for)
            return len(gone)

    def of_session(self, session_key: str) -> Sequence[ClientLink]:
        """Return the links of a session, also those that expired, by person."""
        return self._read(_links_in, session_key)

    def with_hash(self, secret_sha256: str) -> ClientLink | None:
        return self._first(_LINK, secret_sha256=secret_sha256)

    @repeated
    def propose(self, link: ClientLink, answers: Sequence[ProposedAnswer], *, at: datetime) -> bool:
        """Keep what is proposed by a link, all or nothing; False where it is not valid any more.

        What its holder said last of a question is not kept again.

        Raises:
            WrongUseError: So much was proposed that a reviewer has to look at it first.
        """
        who = link.proposer or "the client"
        with self._changing(link.session_key, by=who, at=at) as change:
            connection = change.connection
            its = {"secret_sha256": link.secret_sha256}
            if not _LINK.read(connection, **its):
                return False
            of_session = {"session_key": link.session_key}
            earlier_answers = [*_ANSWER.read(connection, _ANSWERS.answer_id, **of_session)]
            before = len(earlier_answers)
            for answer in answers:
                same = [
                    earlier for earlier in earlier_answers if earlier.question == answer.question
                ]
                last = [earlier.text for earlier in same if link.gave(earlier)][-1:]
                if last == [storable_text(answer.text)]:
                    continue
                if (
                    len(same) >= ANSWERS_OF_QUESTION_MAX
                    or len(earlier_answers) >= ANSWERS_OF_SESSION_MAX
                ):
                    raise WrongUseError(
                        "Too many answers are waiting; they have to be reviewed first.",
                        recovery_actions=("Write to whoever sent you the link.",),
                    )
                earlier_answers.append(
                    _ANSWER.added(connection, answer, but={"answer_id"}, **of_session)
                )
            update_rows(connection, tables.client_links, {"sent_at": at}, **its)
            if new := len(earlier_answers) - before:
                change.note(AuditAction.CLIENT_ANSWERED, count=new, made_by=link.made_by)
            return True

    @repeated
    def take(
        self,
        session_key: str,
        answer_ids: Collection[int],
        *,
        details: Mapping[str, object],
        by: str,
        at: datetime,
    ) -> int:
        """Note that somebody took what was proposed; return how much nobody had taken before."""
        with self._changing(session_key, by=by, at=at) as change:
            count = update_rows(
                change.connection,
                tables.proposed_answers,
                {"taken_at": at, "taken_by": by},
                _ANSWERS.answer_id.in_(answer_ids),
                session_key=session_key,
                taken_at=None,
            )
            if count:
                change.note(AuditAction.CLIENT_ANSWER_TAKEN, **details)
            return count

    @repeated
    def put_back(
        self, session_key: str, answer_ids: Collection[int], *, by: str, at: datetime
    ) -> int:
        """Have what somebody took wait again; return how much of it was taken."""
        with self._changing(session_key, by=by, at=at) as change:
            is_meant = _ANSWERS.answer_id.in_(answer_ids)
            taken = _ANSWER.read(change.connection, _ANSWERS.answer_id, session_key=session_key)
            texts = [
                answer.text
                for answer in taken
                if answer.answer_id in answer_ids and answer.taken_at is not None
            ]
            if texts:
                waiting = {"taken_at": None, "taken_by": ""}
                update_rows(
                    change.connection,
                    tables.proposed_answers,
                    waiting,
                    is_meant,
                    session_key=session_key,
                )
                change.note(AuditAction.CLIENT_ANSWER_PUT_BACK, answers=texts)
            return len(texts)

    def proposed_in(self) -> frozenset[str]:
        """Return the sessions in which something was proposed."""
        rows = self._database.asked(select(_ANSWERS.session_key).distinct())
        return frozenset(row[0] for row in rows)

    def proposed(self, session_key: str) -> tuple[ProposedAnswer, ...]:
        """Return what was proposed in a session, oldest first."""
        return self._values(_ANSWER, by=[_ANSWERS.answer_id], session_key=session_key)


def _links_in(connection: Connection, session_key: str) -> Sequence[ClientLink]:
    by = (_LINKS.made_for, _LINKS.secret_sha256)
    return _LINK.read(connection, *by, session_key=session_key)


def _forget_links(connection: Connection, hashes: Collection[str]) -> None:
    delete_rows(connection, tables.client_links, _LINKS.secret_sha256.in_(hashes))
