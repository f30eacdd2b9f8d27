"""The link for a client: it opens one page, of a session's open questions, until its day.

Belongs here: making it, which one is valid. Does not: keeping it and what is proposed by it
(`store/people_store`), the page (`web/pages/client_page`). Its secret is kept as those of people
are (`accounts`): shown once, kept as its SHA-256.
"""

import hmac
import secrets
from datetime import timedelta

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.open_questions import ClientLink, ProposedAnswer
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.questions import AskedQuestion, QuestionKey
from jira_pipeline.sessions.accounts import SECRET_BYTES, SECRET_CHARACTERS_MAX, hash_of

LINK_DAYS, LINK_DAYS_MAX = 30, 366
"""How long a link is valid where nobody says, and at most."""


def make_link(session: OpenSession, *, base: str, days: int, by: str) -> tuple[str, ClientLink]:
    """Make the link of a session and return its address; the one it had opens nothing any more."""
    now, secret = session.clock.now(), secrets.token_urlsafe(SECRET_BYTES)
    ends_on = now + timedelta(days=days)
    link = ClientLink(
        session_key=session.key,
        secret_sha256=hash_of(secret),
        made_by=by,
        expires_at=ends_on.replace(hour=23, minute=59, second=59, microsecond=0),
    )
    session.store.client_links.put(session.key, link, by=by, at=now)
    return f"{base.rstrip('/')}/client/{secret}", link


def revoke_link(session: OpenSession, *, by: str) -> str:
    """Make the link of a session worthless at once, and say so."""
    is_revoked = session.store.client_links.put(session.key, None, by=by, at=session.clock.now())
    return "The link opens nothing any more." if is_revoked else "There is no link."


def link_of(session: OpenSession) -> ClientLink | None:
    return session.store.client_links.of_session(session.key)


def proposed_by(session: OpenSession, link: ClientLink) -> dict[QuestionKey, list[str]]:
    """Return what was proposed by a link, oldest first, by row of a question."""
    said: dict[QuestionKey, list[str]] = {}
    for one in session.store.client_links.proposed(session.key):
        if one.secret_sha256 == link.secret_sha256:
            for row_id in one.question_id.split():
                said.setdefault((one.ticket_id, row_id), []).append(one.text)
    return said


def propose(session: OpenSession, link: ClientLink, asked: AskedQuestion, text: str) -> bool:
    """Keep what is proposed to a question; False where the link was revoked meanwhile."""
    proposed = ProposedAnswer(
        ticket_id=asked.ticket.ticket_id,
        question_id=" ".join(row.row_id for row in asked.rows),
        secret_sha256=link.secret_sha256,
        text=text,
        at=session.clock.now(),
    )
    return session.store.client_links.propose(link, proposed)


def valid_link(pipeline: Pipeline, secret: str) -> ClientLink | None:
    """Return the link with this secret, as of now; None where it opens nothing."""
    digest = hash_of(secret[: SECRET_CHARACTERS_MAX + 1])
    link = pipeline.store.client_links.with_hash(digest)
    if link is None or not hmac.compare_digest(link.secret_sha256, digest):
        return None
    return link if link.expires_at > pipeline.clock.now() else None
