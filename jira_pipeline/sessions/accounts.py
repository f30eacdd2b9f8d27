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
from jira_pipeline.sessions.homes import keep_setting
from jira_pipeline.sessions.notifying import notify_of_answers
from jira_pipeline.sheets.manifest import read_logo

LINK_LASTS = timedelta(hours=24)
COOKIE_LASTS = timedelta(days=30)
SECRET_BYTES = 32
SECRET_CHARACTERS_MAX = 100
"""Longer ones are not looked up; ours have 43."""
LINK_DAYS = 30
"""How long a link is valid where nobody says."""
LINK_DAYS_MAX = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A secret as it is shown once, with what is kept of it."""

    secret: str
    credential: Credential


def add_person(pipeline: Pipeline, name: str, role: Role, *, by: str) -> KnownPerson:
    """Let a person in, or give one who is there another role."""
    return pipeline.store.people.put(_checked_name(name), role, by=by, at=pipeline.clock.now())


def invite(pipeline: Pipeline, name: str, *, by: str) -> Issued:
    """Make a link that signs somebody in once, within a day."""
    return _issue(pipeline, name, CredentialKind.LINK, lasting=LINK_LASTS, by=by)


def issue_token(
    pipeline: Pipeline, name: str, *, role: Role | None, days: int, label: str, by: str
) -> Issued:
    """Make a token for a program, which acts as this person with at most this role."""
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
    """Return everybody who was added, revoked people too."""
    now = pipeline.clock.now()
    working = [token for token in tokens_of(pipeline) if token.expires_at > now]
    tokens_by_name = group_by(working, lambda token: token.name)
    return tuple(
        ListedPerson(person=person, tokens=tuple(tokens_by_name.get(person.name, ())))
        for person in pipeline.store.people.list_all()
    )


def revoke(pipeline: Pipeline, name: str, *, by: str) -> KnownPerson:
    """Take somebody's access away at once: browsers, links and tokens."""
    person = known_person(pipeline, name)
    at = pipeline.clock.now()
    pipeline.store.people.revoke(person.name, by=by, at=at)
    return replace(person, revoked_at=at)


def tokens_of(pipeline: Pipeline, name: str | None = None) -> tuple[Credential, ...]:
    """Return the tokens of a person, or of everybody; those that expired too."""
    people = pipeline.store.people.list_all() if name is None else [known_person(pipeline, name)]
    tokens: list[Credential] = []
    for person in people:
        for credential in pipeline.store.people.credentials(person.name):
            if credential.kind is CredentialKind.TOKEN:
                tokens.append(credential)
    return tuple(tokens)


def own_credentials(pipeline: Pipeline, name: str) -> tuple[Credential, ...]:
    """Return what lets somebody in, newest first: browsers, links and tokens that still work."""
    now = pipeline.clock.now()
    newest_first = reversed(pipeline.store.people.credentials(name))
    return tuple(credential for credential in newest_first if credential.expires_at > now)


def revoke_own(pipeline: Pipeline, name: str, credential_id: str) -> bool:
    """Make one of somebody's own credentials worthless; False where they have none of that id."""
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
    """Make one token worthless at once, and return what was kept of it."""
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
    person = pipeline.store.people.find(name)
    if person is None or person.is_revoked:
        raise NotFoundError(kind=NotFoundKind.PERSON, name=name)
    return person


def admit_account(
    pipeline: Pipeline, name: str, *, ask: Callable[[str], str] | None = None
) -> KnownPerson:
    """Make whoever has a shell on this home an admin, unless somebody decided otherwise.

    An account that was never here is asked what its person is called; `.env` keeps that.

    Raises:
        NotFoundError: Somebody revoked this person.
        WrongUseError: What was answered cannot be a name.
        ConfigurationError: `.env` cannot be written.
    """
    account = name
    if pipeline.store.people.find(account) is None:
        name = _checked_name(account if ask is None else ask(account))
        if name != account:
            keep_setting(pipeline.settings.env_path, "JIRA_PIPELINE_PERSON", name)
        if pipeline.store.people.find(name) is None:
            add_person(pipeline, name, Role.ADMIN, by=name)
    return known_person(pipeline, name)


def exchange_sign_in_link(
    pipeline: Pipeline, link_secret: str, *, label: str = ""
) -> Issued | None:
    """Exchange a link for a cookie; None where the link was used, has expired or never was.

    The label is what people know the browser by.
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
    return Issued(secret=secret, credential=cookie)


def authenticate(pipeline: Pipeline, secret: str, kind: CredentialKind) -> Person | None:
    """Return who shows a secret, as of now; None where it lets nobody in."""
    if not 0 < len(secret) <= SECRET_CHARACTERS_MAX:
        return None
    return pipeline.store.people.admitted(hash_of(secret), kind, at=pipeline.clock.now())


def cookie_name(pipeline: Pipeline, *, is_https: bool) -> str:
    """Name the cookie of this installation.

    Cookies do not know ports: another home served on this host must not take ours away.
    """
    digest = hash_of(pipeline.store.ledger.installation_id())
    return f"{'__Host-' if is_https else ''}jira_pipeline_{digest[:8]}"


def sign_out(pipeline: Pipeline, cookie_secret: str) -> None:
    """Forget a cookie, so that its copy is worth nothing."""
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
) -> Issued:
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
    return Issued(secret=secret, credential=credential)


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
    """Make a link for somebody and return its address; one that they had opens nothing any more.

    It is from the `sender`, as they know who asks; else from whoever makes it.

    Raises:
        WrongUseError: Nothing of these topics is asked, or the name is none.
    """
    topics_asked = dict.fromkeys(card.topic for card in client_cards(session))
    unknown = [topic for topic in topics if topic not in topics_asked]
    if unknown:
        raise WrongUseError(
            f"{session.key} asks a client nothing about {', '.join(unknown)}.",
            recovery_actions=(f"Topics: {', '.join(topics_asked) or 'none'}.",),
        )
    last_day = session.clock.now() + timedelta(days=days)
    ends_at = last_day.replace(hour=23, minute=59, second=59, microsecond=0)
    link = ClientLink(
        session_key=session.key,
        secret_sha256="",
        made_by=" ".join(sender.split()) or by,
        expires_at=ends_at,
        made_for=made_for,
        topics=tuple(topics),
    )
    return _store_link(session, link, base=base, by=by)


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
    return _store_link(session, asking, base=base, by=by)


def _store_link(
    session: OpenSession, link: ClientLink, *, base: str, by: str
) -> tuple[str, ClientLink]:
    """Give a link its secret and store it; return its address, too, which is stored nowhere."""
    name = " ".join(link.made_for.split())
    secret = secrets.token_urlsafe(SECRET_BYTES)
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
    name = session.stored.manifest.logo
    files = session.store.files
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
    """Return what the holder of a link said last, by name of the row of a card or of its part.

    What was said of all parts of a row is said of the row; else each part has what was said of it.
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


def stranded_of(session: OpenSession, link: ClientLink) -> tuple[StrandedAnswer, ...]:
    """Return what the holder of a link answered that is no longer asked, and nobody took."""
    return tuple(
        stranded for stranded in session.stranded_answers if link.gave(stranded.answers[-1])
    )


def texts_given(session: OpenSession, link: ClientLink) -> frozenset[str]:
    """Return all that the holder of a link said, but for the wish to be called."""
    proposed = session.store.client_links.proposed(session.key)
    texts = [proposal.text for proposal in proposed if link.gave(proposal)]
    return frozenset(text.partition(f"\n{CALL_ME}")[0] for text in texts)


def calls_asked(session: OpenSession, link: ClientLink) -> frozenset[str]:
    """Return the names of rows about which the holder of a link wished to be called."""
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
    """Keep what is proposed to rows of questions, all of it; False where the link was revoked meanwhile.

    What answers a row is proposed in each ticket that asks it.
    """
    at = session.clock.now()
    proposed = [
        ProposedAnswer(
            ticket_id=ticket_id,
            question_id=row_id,
            secret_sha256=link.secret_sha256,
            text=text,
            at=at,
            given_by=link.proposer,
        )
        for row, text in answers
        for ticket_id, row_id in row.keys
    ]
    is_kept = session.store.client_links.propose(link, proposed, at=at)
    if is_kept and proposed:
        notify_of_answers(session.reload(), by=link.proposer or "The client")
    return is_kept


def valid_link(pipeline: Pipeline, secret: str) -> ClientLink | None:
    """Return the link with this secret, as of now; None where it opens nothing."""
    digest = hash_of(secret[: SECRET_CHARACTERS_MAX + 1])
    link = pipeline.store.client_links.with_hash(digest)
    if link is None or not hmac.compare_digest(link.secret_sha256, digest):
        return None
    return link if link.expires_at > pipeline.clock.now() else None
