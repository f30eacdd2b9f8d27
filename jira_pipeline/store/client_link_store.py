"""Links for clients, and what they propose by them.

Belongs here: statements. Does not: making secrets (`sessions/accounts`), taking an answer over
(`review/answers`).

A link opens the page of a session's questions for one person; it is known by the hash of its secret.
What its holder writes there is a proposed answer. Until a reviewer takes it over, no ticket, file or
export reads it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.client_links import ClientLink
from jira_pipeline.model.errors import NotFoundError, NotFoundKind, WrongUseError
from jira_pipeline.model.open_questions import ProposedAnswer
from jira_pipeline.store import tables
from jira_pipeline.store.changes import SessionPart
from jira_pipeline.store.mapping import Rows, delete_rows, storable_text, update_rows
from jira_pipeline.store.transactions import repeated

_LINK = Rows(tables.client_links, ClientLink)
_LINKS = tables.client_links.c
_ANSWER = Rows(tables.proposed_answers, ProposedAnswer)
_ANSWERS = tables.proposed_answers.c
LINKS_OF_SESSION_MAX = 100
"""The holder of a link may make links for colleagues, and nobody knows who that is: a limit."""
ANSWERS_OF_QUESTION_MAX = 10
ANSWERS_OF_SESSION_MAX = 10_000
"""Limits of what is proposed by all links, for the same reason."""


class ClientLinkStore(SessionPart):
    """Keeps the links of a session, one for each person, audited, and what is proposed by them."""

    @repeated
    def put(self, link: ClientLink, *, by: str, at: datetime) -> None:
        """Keep a link in place of the one that the same person has for the same questions.

        Links that its holder made for colleagues with the former one belong to the new one then.

        Raises:
            NotFoundError: The link was made with another one that was revoked meanwhile.
            WrongUseError: The session has `LINKS_OF_SESSION_MAX` valid links.
        """
        with self._begin_change(link.session_key, by=by, at=at) as change:
            links = _links_in(change.connection, link.session_key)
            if link.made_with and link.made_with not in {other.secret_sha256 for other in links}:
                raise NotFoundError("This link is no longer valid.", kind=NotFoundKind.LINK)
            replaced_hashes = [other.secret_sha256 for other in links if other.replaces(link)]
            still_valid = [
                other
                for other in links
                if other.expires_at > at and other.secret_sha256 not in replaced_hashes
            ]
            if len(still_valid) >= LINKS_OF_SESSION_MAX:
                raise WrongUseError(
                    f"There are {len(still_valid)} links already.",
                    recovery_actions=("Revoke those that are no longer needed.",),
                )
            _forget_links(change.connection, replaced_hashes)
            renewed = {"made_with": link.secret_sha256, "expires_at": link.expires_at}
            is_of_colleagues = _LINKS.made_with.in_(replaced_hashes)
            update_rows(change.connection, tables.client_links, renewed, is_of_colleagues)
            _LINK.insert_one(change.connection, link)
            change.note(AuditAction.CLIENT_LINK_MADE, made_for=link.made_for)

    @repeated
    def revoke(self, session_key: str, hashes: Collection[str], *, by: str, at: datetime) -> int:
        """Delete links by their hashes, and those made with them; return how many there were."""
        with self._begin_change(session_key, by=by, at=at) as change:
            revoked_links = [
                link
                for link in _links_in(change.connection, session_key)
                if not {link.secret_sha256, link.made_with}.isdisjoint(hashes)
            ]
            _forget_links(change.connection, [link.secret_sha256 for link in revoked_links])
            for link in revoked_links:
                change.note(AuditAction.CLIENT_LINK_REVOKED, made_for=link.made_for)
            return len(revoked_links)

    def of_session(self, session_key: str) -> Sequence[ClientLink]:
        """Return the links of a session, also those that expired, by person."""
        return self._read(_links_in, session_key)

    def with_hash(self, secret_sha256: str) -> ClientLink | None:
        return self._first(_LINK, secret_sha256=secret_sha256)

    @repeated
    def propose(self, link: ClientLink, answers: Sequence[ProposedAnswer], *, at: datetime) -> bool:
        """Keep answers proposed by a link, all or none; False where the link was revoked.

        An answer that is the last one its holder gave to the same question is not kept again.

        Raises:
            WrongUseError: More is proposed than the limits allow: a reviewer has to look at it first.
        """
        proposer = link.proposer or "the client"
        with self._begin_change(link.session_key, by=proposer, at=at) as change:
            connection = change.connection
            link_cells = {"secret_sha256": link.secret_sha256}
            if not _LINK.read(connection, **link_cells):
                return False
            session_cells = {"session_key": link.session_key}
            earlier_answers = [*_ANSWER.read(connection, _ANSWERS.answer_id, **session_cells)]
            count_before = len(earlier_answers)
            for answer in answers:
                to_question = [
                    earlier for earlier in earlier_answers if earlier.question == answer.question
                ]
                texts_of_holder = [earlier.text for earlier in to_question if link.gave(earlier)]
                if texts_of_holder and texts_of_holder[-1] == storable_text(answer.text):
                    continue
                if (
                    len(to_question) >= ANSWERS_OF_QUESTION_MAX
                    or len(earlier_answers) >= ANSWERS_OF_SESSION_MAX
                ):
                    raise WrongUseError(
                        "Too many answers are waiting; they have to be reviewed first.",
                        recovery_actions=("Write to whoever sent you the link.",),
                    )
                earlier_answers.append(
                    _ANSWER.insert_one(connection, answer, but={"answer_id"}, **session_cells)
                )
            update_rows(connection, tables.client_links, {"sent_at": at}, **link_cells)
            new_count = len(earlier_answers) - count_before
            if new_count:
                change.note(AuditAction.CLIENT_ANSWERED, count=new_count, made_by=link.made_by)
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
        """Mark proposed answers as taken over; return how many nobody had taken before.

        `details` are those of the entry, which is appended where that is at least one.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
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
        """Mark proposed answers as not taken over, so they wait again; return how many were taken."""
        with self._begin_change(session_key, by=by, at=at) as change:
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
        """Return the keys of sessions in which something was proposed."""
        rows = self._database.fetch(select(_ANSWERS.session_key).distinct())
        return frozenset(row[0] for row in rows)

    def proposed(self, session_key: str) -> tuple[ProposedAnswer, ...]:
        """Return what was proposed in a session, oldest first."""
        return self._values(_ANSWER, order_by=[_ANSWERS.answer_id], session_key=session_key)


def _links_in(connection: Connection, session_key: str) -> Sequence[ClientLink]:
    by = (_LINKS.made_for, _LINKS.secret_sha256)
    return _LINK.read(connection, *by, session_key=session_key)


def _forget_links(connection: Connection, hashes: Collection[str]) -> None:
    delete_rows(connection, tables.client_links, _LINKS.secret_sha256.in_(hashes))
