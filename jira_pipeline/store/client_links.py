"""The links for clients, and the answers that were proposed by them.

Belongs here: statements. Does not: making secrets (`sessions/client_links`), taking an answer over
(`review/decisions`). What is proposed is no answer: no ticket, file or export reads it.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.open_questions import ClientLink, ProposedAnswer
from jira_pipeline.store import tables
from jira_pipeline.store.changes import SessionPart
from jira_pipeline.store.column_types import storable_text
from jira_pipeline.store.mapping import Rows
from jira_pipeline.store.transactions import repeated

ANSWERS_OF_QUESTION_MAX, ANSWERS_OF_SESSION_MAX = 10, 10_000
"""Whoever has a link may propose so many, and nobody knows who that is."""
_LINK, _LINKS = Rows(tables.client_links, ClientLink), tables.client_links.c
_ANSWER, _ANSWERS = Rows(tables.proposed_answers, ProposedAnswer), tables.proposed_answers.c


class ClientLinkStore(SessionPart):
    """Keeps one link for each session, audited, and what is proposed by it."""

    @repeated
    def put(self, session_key: str, link: ClientLink | None, *, by: str, at: datetime) -> bool:
        """Keep a link in place of the one there is, or none; False where there was none to revoke."""
        gone = delete(tables.client_links).where(_LINKS.session_key == session_key)
        with self._changing(session_key, by=by, at=at) as change:
            is_gone, action = (
                change.connection.execute(gone).rowcount > 0,
                AuditAction.CLIENT_LINK_REVOKED,
            )
            if link is not None:
                change.add(_LINK, link)
                is_gone, action = True, AuditAction.CLIENT_LINK_MADE
            if is_gone:
                change.note(action)
            return is_gone

    def of_session(self, session_key: str) -> ClientLink | None:
        """Return the link of a session, also one that expired; None where it has none."""
        return self._link(_LINKS.session_key == session_key)

    def with_hash(self, secret_sha256: str) -> ClientLink | None:
        return self._link(_LINKS.secret_sha256 == secret_sha256)

    def _link(self, is_meant: ColumnElement[bool]) -> ClientLink | None:
        return next(iter(self._values(_LINK, is_meant)), None)

    @repeated
    def propose(self, link: ClientLink, answer: ProposedAnswer) -> bool:
        """Keep what is proposed by a link, once; False where the link is not valid any more.

        Raises:
            WrongUseError: So much was proposed that a reviewer has to look at it first.
        """
        with self._changing(link.session_key, by=link.made_by, at=answer.at) as change:
            connection = change.connection
            is_its = _LINKS.secret_sha256 == link.secret_sha256
            if connection.execute(select(_LINKS.expires_at).where(is_its)).scalar() is None:
                return False
            chosen = select(_ANSWERS.ticket_id, _ANSWERS.question_id, _ANSWERS.text)
            known = connection.execute(chosen.where(_ANSWERS.session_key == link.session_key)).all()
            place = (answer.ticket_id, answer.question_id)
            same = [text for *asked, text in known if (*asked,) == place]
            if storable_text(answer.text) in same:
                return True
            if len(same) >= ANSWERS_OF_QUESTION_MAX or len(known) >= ANSWERS_OF_SESSION_MAX:
                raise WrongUseError(
                    "Too many answers are waiting; they have to be reviewed first.",
                    recovery_actions=("Write to whoever sent you the link.",),
                )
            change.add(_ANSWER, answer, session_key=link.session_key)
            return True

    def proposed(self, session_key: str) -> tuple[ProposedAnswer, ...]:
        """Return what was proposed in a session, oldest first."""
        is_of = _ANSWERS.session_key == session_key
        return self._values(_ANSWER, is_of, by=[_ANSWERS.answer_id])
