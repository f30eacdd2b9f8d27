"""The links for a client's people: each opens one page, of what that person is asked, until its day.

Belongs here: making and revoking them, which one is valid, what is proposed by one. Does not: keeping
them (`store/people_store`), what is asked (`review/client_cards`), the page
(`web/pages/client_page`). A secret is kept as those of people are (`accounts`): shown once, kept as
its SHA-256.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import ConfigurationError, WrongUseError
from jira_pipeline.model.kept_files import upload_place
from jira_pipeline.model.open_questions import ClientLink, ProposedAnswer
from jira_pipeline.model.people import NAME_CHARACTERS_MAX
from jira_pipeline.review.client_cards import CardRow, ClientCard, client_cards
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.accounts import SECRET_BYTES, SECRET_CHARACTERS_MAX, hash_of
from jira_pipeline.sessions.notifying import notify_of_answers
from jira_pipeline.sheets.manifest import read_logo

LINK_DAYS, LINK_DAYS_MAX = 30, 366
"""How long a link is valid where nobody says, and at most."""


def make_link(
    session: OpenSession,
    *,
    base: str,
    days: int,
    by: str,
    made_for: str = "",
    sender: str = "",
    topics: Sequence[str] = (),
) -> tuple[str, ClientLink]:
    """Make a link for somebody and return its address; one that they had opens nothing any more.

    It is from the `sender`, as they know who asks; else from whoever makes it.

    Raises:
        WrongUseError: Nothing of these topics is asked, or the name is none.
    """
    asked = dict.fromkeys(card.topic for card in client_cards(session))
    if unknown := [topic for topic in topics if topic not in asked]:
        raise WrongUseError(
            f"{session.key} asks a client nothing about {', '.join(unknown)}.",
            recovery_actions=(f"Topics: {', '.join(asked) or 'none'}.",),
        )
    ends_at = (session.clock.now() + timedelta(days=days)).replace(
        hour=23, minute=59, second=59, microsecond=0
    )
    link = ClientLink(
        session_key=session.key,
        secret_sha256="",
        made_by=" ".join(sender.split()) or by,
        expires_at=ends_at,
        made_for=made_for,
        topics=tuple(topics),
    )
    return _kept(session, link, base=base, by=by)


def ask_colleague(
    session: OpenSession, link: ClientLink, card: ClientCard, *, base: str, name: str
) -> tuple[str, ClientLink]:
    """Make a link of one card for somebody whom the holder of a link names, as long as that one.

    Raises:
        WrongUseError: The name is none, or there are too many links.
    """
    if not name.strip():
        raise WrongUseError("Write who you want to ask.")
    by = link.made_for or "the client"
    asking = replace(
        link,
        made_by=by,
        made_for=name,
        topics=(),
        card=card.name,
        made_with=link.secret_sha256,
        sent_at=None,
    )
    return _kept(session, asking, base=base, by=by)


def _kept(session: OpenSession, link: ClientLink, *, base: str, by: str) -> tuple[str, ClientLink]:
    name, secret = " ".join(link.made_for.split()), secrets.token_urlsafe(SECRET_BYTES)
    if len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
        raise WrongUseError(f"A name has at most {NAME_CHARACTERS_MAX} printable characters.")
    link = replace(link, made_for=name, secret_sha256=hash_of(secret))
    session.store.client_links.put(link, by=by, at=session.clock.now())
    return f"{base.rstrip('/')}/client/{secret}", link


def revoke_links(session: OpenSession, hashes: Sequence[str], *, by: str) -> str:
    """Make links worthless at once, with those their holders made for colleagues, and say so."""
    at = session.clock.now()
    match session.store.client_links.revoke(session.key, hashes, by=by, at=at):
        case 0:
            return "There is no such link."
        case 1:
            return "The link opens nothing any more."
        case count:
            return f"{count} links open nothing any more."


def links_of(session: OpenSession) -> Sequence[ClientLink]:
    return session.store.client_links.of_session(session.key)


def logo_of(session: OpenSession) -> tuple[bytes, str] | None:
    """Return the picture of who builds a site, with its type; None where there is none."""
    name, files = session.stored.manifest.logo, session.store.files
    if not name:
        return logo_in(session.settings.logo_path)
    return logo_in(files.file(upload_place(session.stored.upload_path), name))


def logo_in(path: Path | None) -> tuple[bytes, str] | None:
    """Return the picture in a file, with its type; None where there is no file."""
    if path is None:
        return None
    try:
        return read_logo(path)
    except ValueError as error:
        raise ConfigurationError(
            f"The logo {path.name} {error}.", recovery_actions=("Set LOGO to another file.",)
        ) from error


def cards_on(session: OpenSession, link: ClientLink) -> tuple[ClientCard, ...]:
    """Return what the holder of a link is asked."""
    cards = client_cards(session)
    if link.card:
        return tuple(card for card in cards if card.name == link.card)
    return tuple(card for card in cards if not link.topics or card.topic in link.topics)


def proposed_by(
    session: OpenSession, link: ClientLink, cards: Sequence[ClientCard]
) -> dict[str, str]:
    """Return what the holder of a link said last, by name of the row of a card."""
    said = {
        (proposal.ticket_id, row_id): proposal.text
        for proposal in session.store.client_links.proposed(session.key)
        if link.gave(proposal)
        for row_id in proposal.question_id.split()
    }
    rows = ((row, row.questions[0].keys_of_rows[0]) for card in cards for row in card.rows)
    return {row.name: said[key] for row, key in rows if key in said}


def propose(session: OpenSession, link: ClientLink, answers: Sequence[tuple[CardRow, str]]) -> bool:
    """Keep what is proposed to rows of cards, all of it; False where the link was revoked meanwhile.

    What answers a row is proposed to each of its questions.
    """
    at = session.clock.now()
    proposed = [
        ProposedAnswer(
            ticket_id=asked.ticket.ticket_id,
            question_id=" ".join(row.row_id for row in asked.rows),
            secret_sha256=link.secret_sha256,
            text=text,
            at=at,
            given_by=link.made_for,
        )
        for card_row, text in answers
        for asked in card_row.questions
    ]
    is_kept = session.store.client_links.propose(link, proposed, at=at)
    if is_kept and proposed:
        notify_of_answers(session.again(), by=link.made_for or "The client")
    return is_kept


def valid_link(pipeline: Pipeline, secret: str) -> ClientLink | None:
    """Return the link with this secret, as of now; None where it opens nothing."""
    digest = hash_of(secret[: SECRET_CHARACTERS_MAX + 1])
    link = pipeline.store.client_links.with_hash(digest)
    if link is None or not hmac.compare_digest(link.secret_sha256, digest):
        return None
    return link if link.expires_at > pipeline.clock.now() else None
