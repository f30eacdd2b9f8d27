"""Who may use the web, and what opens a page to a client: adding people, secrets, signing in and out.

Belongs here: making secrets and links (invitations, tokens), which name is allowed, how long they last, which link is valid, what
is proposed by one. Does not: keeping them (`store/people_store`), reading them from a request
(`web/context`), what a client is asked (`review/question_cards`), its page (`web/pages/client_page`).

A secret is shown once and kept as its SHA-256: it has 32 random bytes, so no salt is needed and
nobody finds it by trying.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.client_links import ClientLink
from jira_pipeline.model.errors import (
    ConfigurationError,
    NotFoundError,
    NotFoundKind,
    WrongUseError,
)
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.kept_files import upload_place
from jira_pipeline.model.open_questions import CALL_ME, ProposedAnswer
from jira_pipeline.model.people import (
    NAME_CHARACTERS_MAX,
    Credential,
    CredentialKind,
    KnownPerson,
    Person,
    Role,
)
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.question_cards import ClientCard, client_cards
from jira_pipeline.review.questions import SharedRow
from jira_pipeline.review.stranded_answers import StrandedAnswer
from jira_pipeline.sessions.homes import add_setting
from jira_pipeline.sessions.notifying import notify_of_answers
from jira_pipeline.sheets.manifest import read_logo

LINK_LASTS = timedelta(hours=24)
"""How long an invitation can be used."""
COOKIE_LASTS = timedelta(days=30)
"""How long a browser stays signed in."""
SECRET_BYTES = 32
SECRET_CHARACTERS_MAX = 100
"""Longer ones are not looked up; ours have 43."""
LINK_DAYS = 30
"""How long a client's link is valid by default."""
LINK_DAYS_MAX = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedSecret:
    """A new secret, which is shown once, and what is stored of it."""

    secret: str
    credential: Credential


def add_person(pipeline: Pipeline, name: str, role: Role, *, by: str) -> KnownPerson:
    """Add a person with a role, or give one who was added before this role.

    Raises:
        WrongUseError: The name is empty, too long or not printable.
    """
    return pipeline.store.people.put(_checked_name(name), role, by=by, at=pipeline.clock.now())


def invite(pipeline: Pipeline, name: str, *, by: str) -> IssuedSecret:
    """Make an invitation: a link that signs somebody in once, within a day.

    Raises:
        NotFoundError: Nobody of that name was added.
    """
    return _issue(pipeline, name, CredentialKind.LINK, lasting=LINK_LASTS, by=by)


def issue_token(
    pipeline: Pipeline, name: str, *, role: Role | None, days: int, label: str, by: str
) -> IssuedSecret:
    """Make a token with which a program acts as this person, with this role at most."""
    return _issue(
        pipeline,
        name,
        CredentialKind.TOKEN,
        lasting=timedelta(days=days),
        by=by,
        role=role,
        label=label,
    )


@json_fields(
    "name=person.name role=person.role added_at=person.added_at added_by=person.added_by "
    "last_seen_at=person.last_seen_at is_revoked=person.is_revoked tokens"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPerson:
    """Somebody who was added, with the tokens that still work."""

    person: KnownPerson
    tokens: tuple[Credential, ...]


def list_people(pipeline: Pipeline) -> tuple[ListedPerson, ...]:
    """Return everybody who was added, also revoked people, with their valid tokens."""
    now = pipeline.clock.now()
    working = [token for token in tokens_of(pipeline) if token.expires_at > now]
    tokens_by_name = group_by(working, lambda token: token.name)
    return tuple(
        ListedPerson(person=person, tokens=tuple(tokens_by_name.get(person.name, ())))
        for person in pipeline.store.people.list_all()
    )


def revoke(pipeline: Pipeline, name: str, *, by: str) -> KnownPerson:
    """End somebody's access at once: browsers, links and tokens."""
    person = known_person(pipeline, name)
    at = pipeline.clock.now()
    pipeline.store.people.revoke(person.name, by=by, at=at)
    return replace(person, revoked_at=at)


def tokens_of(pipeline: Pipeline, name: str | None = None) -> tuple[Credential, ...]:
    """Return the tokens of a person, or of everybody; expired ones, too."""
    people = pipeline.store.people.list_all() if name is None else [known_person(pipeline, name)]
    tokens: list[Credential] = []
    for person in people:
        for credential in pipeline.store.people.credentials(person.name):
            if credential.kind is CredentialKind.TOKEN:
                tokens.append(credential)
    return tuple(tokens)


def own_credentials(pipeline: Pipeline, name: str) -> tuple[Credential, ...]:
    """Return somebody's valid credentials, newest first: browsers, links and tokens."""
    now = pipeline.clock.now()
    newest_first = reversed(pipeline.store.people.credentials(name))
    return tuple(credential for credential in newest_first if credential.expires_at > now)


def revoke_own(pipeline: Pipeline, name: str, credential_id: str) -> bool:
    """End one of a person's own credentials; return False where they have none of that id."""
    for credential in pipeline.store.people.credentials(name):
        if credential.credential_id != credential_id:
            continue
        if credential.kind is CredentialKind.TOKEN:
            return pipeline.store.people.revoke_token(
                credential.secret_sha256, by=name, at=pipeline.clock.now()
            )
        pipeline.store.people.forget(credential.secret_sha256)
        return True
    return False


def revoke_token(pipeline: Pipeline, token_id: str, *, by: str) -> Credential:
    """End a token at once, and return what is stored of it.

    Raises:
        WrongUseError: No token has the id.
    """
    for token in tokens_of(pipeline):
        if (
            token.credential_id == token_id.strip().casefold()
            and pipeline.store.people.revoke_token(
                token.secret_sha256, by=by, at=pipeline.clock.now()
            )
        ):
            return token
    raise WrongUseError(
        f"No token has the id {token_id!r}.",
        recovery_actions=(Action.of(ActionKind.LIST_TOKENS, "{} shows their ids."),),
    )


def known_person(pipeline: Pipeline, name: str) -> KnownPerson:
    """Return the person of a name.

    Raises:
        NotFoundError: Nobody of that name was added, or their access was revoked.
    """
    person = pipeline.store.people.find(name)
    if person is None or person.is_revoked:
        raise NotFoundError(kind=NotFoundKind.PERSON, name=name)
    return person


def admit_account(
    pipeline: Pipeline, name: str, *, ask: Callable[[str], str] | None = None
) -> KnownPerson:
    """Return the person of an account with a shell on this home, made an admin if new.

    `ask` gets the account's name and returns what its person wants to be called, which is stored in
    `.env`; it is called for a new account only.

    Raises:
        NotFoundError: Somebody revoked this person.
        WrongUseError: The answer cannot be a name.
        ConfigurationError: `.env` cannot be written.
    """
    account = name
    if pipeline.store.people.find(account) is None:
        name = _checked_name(account if ask is None else ask(account))
        if name != account:
            add_setting(pipeline.settings.env_path, "JIRA_PIPELINE_PERSON", name)
        if pipeline.store.people.find(name) is None:
            add_person(pipeline, name, Role.ADMIN, by=name)
    return known_person(pipeline, name)


def exchange_sign_in_link(
    pipeline: Pipeline, link_secret: str, *, label: str = ""
) -> IssuedSecret | None:
    """Exchange an invitation for a cookie; None where it was used, has expired or never existed.

    `label` describes the browser in the list of credentials.
    """
    now = pipeline.clock.now()
    secret = secrets.token_urlsafe(SECRET_BYTES)
    cookie = Credential(
        secret_sha256=hash_of(secret),
        kind=CredentialKind.COOKIE,
        name="",  # whoever the link is for
        role=Role.ADMIN,
        label=label,
        created_at=now,
        expires_at=now + COOKIE_LASTS,
    )
    if not pipeline.store.people.exchange_link(hash_of(link_secret), cookie, at=now):
        return None
    return IssuedSecret(secret=secret, credential=cookie)


def authenticate(pipeline: Pipeline, secret: str, kind: CredentialKind) -> Person | None:
    """Return the person to whom a secret belongs; None where it is not valid now."""
    if not 0 < len(secret) <= SECRET_CHARACTERS_MAX:
        return None
    return pipeline.store.people.admitted(hash_of(secret), kind, at=pipeline.clock.now())


def cookie_name(pipeline: Pipeline, *, is_https: bool) -> str:
    """Return the name of this installation's cookie.

    Browsers send a cookie to every port of a host, so another home that is served on this host must
    have a cookie of another name.
    """
    digest = hash_of(pipeline.store.ledger.installation_id())
    return f"{'__Host-' if is_https else ''}jira_pipeline_{digest[:8]}"


def sign_out(pipeline: Pipeline, cookie_secret: str) -> None:
    """Delete a cookie from the store, so that no copy of it is valid."""
    pipeline.store.people.forget(hash_of(cookie_secret))


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _issue(
    pipeline: Pipeline,
    name: str,
    kind: CredentialKind,
    *,
    lasting: timedelta,
    by: str,
    role: Role | None = None,
    label: str = "",
) -> IssuedSecret:
    """Make a secret for a person and store its hash.

    Raises:
        NotFoundError: Nobody of that name was added.
    """
    person = known_person(pipeline, name)
    now = pipeline.clock.now()
    secret = secrets.token_urlsafe(SECRET_BYTES)
    credential = Credential(
        secret_sha256=hash_of(secret),
        kind=kind,
        name=person.name,
        role=role or person.role,
        label=label,
        created_at=now,
        expires_at=now + lasting,
    )
    pipeline.store.people.keep(credential, by=by)
    return IssuedSecret(secret=secret, credential=credential)


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
        raise WrongUseError(
            f"{name[:NAME_CHARACTERS_MAX]!r} cannot name a person.",
            recovery_actions=(
                f"Give a name or e-mail address of at most {NAME_CHARACTERS_MAX} characters.",
            ),
        )
    return name


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
    """Make a client's link; return its address, and the link as it is stored.

    An earlier link for the same person becomes invalid.

    Args:
        session: The session whose questions the link shows.
        base: The address of the web server, such as `https://example.org`.
        days: How long it is valid; it ends with that day, at midnight UTC.
        by: Who makes it.
        made_for: The name of whoever gets it.
        sender: Who asks, as the client knows them; empty means `by`.
        topics: The topics that it is restricted to; empty means all.

    Raises:
        WrongUseError: A topic is not asked about, or the name is too long or not printable.
    """
    topics_asked = dict.fromkeys(card.topic for card in client_cards(session))
    unknown = [topic for topic in topics if topic not in topics_asked]
    if unknown:
        unknown_topics = ", ".join(unknown)
        known_topics = ", ".join(topics_asked) or "none"
        raise WrongUseError(
            f"{session.key} asks a client nothing about {unknown_topics}.",
            recovery_actions=(f"Topics: {known_topics}.",),
        )
    last_day = session.clock.now() + timedelta(days=days)
    ends_at = last_day.replace(hour=23, minute=59, second=59, microsecond=0)
    sender_name = " ".join(sender.split())
    link = ClientLink(
        session_key=session.key,
        secret_sha256="",
        made_by=sender_name or by,
        expires_at=ends_at,
        made_for=made_for,
        topics=tuple(topics),
    )
    return _store_link(session, link, base=base, by=by)


def ask_colleague(
    session: OpenSession, link: ClientLink, card: ClientCard, *, base: str, name: str
) -> tuple[str, ClientLink]:
    """Make a link with one card for a colleague whom the holder of a link names.

    It is valid as long as the holder's link.

    Raises:
        WrongUseError: The name is empty or not valid, or there are too many links.
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
    return _store_link(session, asking, base=base, by=by)


def _store_link(
    session: OpenSession, link: ClientLink, *, base: str, by: str
) -> tuple[str, ClientLink]:
    """Give a link a secret and store it; return its address, which is stored nowhere, and the link.

    Raises:
        WrongUseError: The name is too long or not printable.
    """
    name = " ".join(link.made_for.split())
    secret = secrets.token_urlsafe(SECRET_BYTES)
    if len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
        raise WrongUseError(f"A name has at most {NAME_CHARACTERS_MAX} printable characters.")
    link = replace(link, made_for=name, secret_sha256=hash_of(secret))
    session.store.client_links.put(link, by=by, at=session.clock.now())
    return f"{base.rstrip('/')}/client/{secret}", link


def revoke_links(session: OpenSession, hashes: Sequence[str], *, by: str) -> str:
    """End links at once, with those that their holders made for colleagues; return a sentence."""
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
    """Return the logo of whoever builds a site, with its media type; None where there is none."""
    name = session.stored.manifest.logo
    files = session.store.files
    if not name:
        return logo_in(session.settings.logo_path)
    return logo_in(files.file(upload_place(session.stored.upload_path), name))


def logo_in(path: Path | None) -> tuple[bytes, str] | None:
    """Return the picture in a file, with its media type; None where no file is named.

    Raises:
        ConfigurationError: The file is no picture, or too large.
    """
    if path is None:
        return None
    try:
        return read_logo(path)
    except ValueError as error:
        raise ConfigurationError(
            f"The logo {path.name} {error}.", recovery_actions=("Set LOGO to another file.",)
        ) from error


def cards_on(session: OpenSession, link: ClientLink) -> tuple[ClientCard, ...]:
    """Return the cards that a link shows: its one card, or those of its topics, or all."""
    cards = client_cards(session)
    if link.card:
        return tuple(card for card in cards if card.name == link.card)
    return tuple(card for card in cards if not link.topics or card.topic in link.topics)


def last_texts_of(
    session: OpenSession, link: ClientLink, cards: Sequence[ClientCard]
) -> dict[str, str]:
    """Return the last texts that the holder of a link sent, by name of a card's row or of its part.

    Where all parts of a row have the same text, it is that of the row; else each part has its own.
    """
    text_by_key = {}
    for proposal in session.store.client_links.proposed(session.key):
        if link.gave(proposal):
            for row_id in proposal.question_id.split():
                text_by_key[proposal.ticket_id, row_id] = proposal.text

    def last_text_of(row: SharedRow) -> str:
        return next((text_by_key[key] for key in row.keys if key in text_by_key), "")

    by_name = {}
    for row in chain.from_iterable(card.rows for card in cards):
        texts = {last_text_of(part.row) for part in row.parts} or {last_text_of(row.rows[0])}
        if len(texts) == 1:
            by_name[row.name] = texts.pop()
        else:
            by_name |= {part.name: last_text_of(part.row) for part in row.parts}
    return {name: text for name, text in by_name.items() if text}


def stranded_answers_of(session: OpenSession, link: ClientLink) -> tuple[StrandedAnswer, ...]:
    """Return the answers of a link's holder whose questions are gone and that nobody took."""
    return tuple(
        stranded for stranded in session.stranded_answers if link.gave(stranded.answers[-1])
    )


def texts_of(session: OpenSession, link: ClientLink) -> frozenset[str]:
    """Return all texts that the holder of a link sent, without the wish to be called."""
    proposed = session.store.client_links.proposed(session.key)
    texts = [proposal.text for proposal in proposed if link.gave(proposal)]
    return frozenset(text.partition(f"\n{CALL_ME}")[0] for text in texts)


def rows_with_call_wish(session: OpenSession, link: ClientLink) -> frozenset[str]:
    """Return the names of rows about which the holder of a link wants to be called."""
    proposed = session.store.client_links.proposed(session.key)
    names = set[str]()
    for proposal in proposed:
        if CALL_ME in proposal.text and link.gave(proposal):
            row_ids = proposal.question_id.split()
            names.update(f"{proposal.ticket_id}{row_id}" for row_id in row_ids)
    return frozenset(names)


def propose(
    session: OpenSession, link: ClientLink, answers: Sequence[tuple[SharedRow, str]]
) -> bool:
    """Store a client's answers to rows as proposals, all or none, and notify the team.

    An answer to a row is proposed in each ticket that asks about it. Return False, and store
    nothing, where the link was revoked meanwhile.
    """
    at = session.clock.now()
    proposed: list[ProposedAnswer] = []
    for row, text in answers:
        for ticket_id, row_id in row.keys:
            proposal = ProposedAnswer(
                ticket_id=ticket_id,
                question_id=row_id,
                secret_sha256=link.secret_sha256,
                text=text,
                at=at,
                given_by=link.proposer,
            )
            proposed.append(proposal)
    with session.store.database.together():
        is_stored = session.store.client_links.propose(link, proposed, at=at)
        if is_stored and proposed:
            notify_of_answers(session.reload(), by=link.proposer or "The client")
    return is_stored


def find_valid_link(pipeline: Pipeline, secret: str) -> ClientLink | None:
    """Return the link with this secret; None where there is none, or it has expired."""
    digest = hash_of(secret[: SECRET_CHARACTERS_MAX + 1])  # so much of a longer one matches nothing
    link = pipeline.store.client_links.with_hash(digest)
    if link is None or not hmac.compare_digest(link.secret_sha256, digest):
        return None
    return link if link.expires_at > pipeline.clock.now() else None
