"""People who use the web pages and the HTTP API, and what each role may do.

Belongs here: the values. Does not: keeping them (`store/people`), signing in (`flow/people`).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jira_pipeline.errors import WrongUseError

NAME_CHARACTERS_MAX = 100
ID_CHARACTERS = 12
TOKEN_LASTS_DAYS, TOKEN_LASTS_DAYS_MAX = 90, 366
INVITATION_LASTS_DAYS = 30


class Role(StrEnum):
    """What a person may do; each role may do what those before it may."""

    RESPONDENT = "respondent"
    """Read the questions of the sessions they belong to."""
    CLIENT = "client"
    """Read the tickets of these sessions, and comment on them."""
    READER = "reader"
    """Read everything of the sessions they belong to, but Dagster's pages."""
    REVIEWER = "reviewer"
    """Upload, answer, edit, decide, validate."""
    EXPORTER = "exporter"
    """Start, cancel, resume and undo exports."""
    ADMIN = "admin"
    """Dagster's pages, which can launch, delete and wipe."""

    def includes(self, needed: "Role") -> bool:
        """Tell whether this role may do what the needed one may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)

    @property
    def is_outside(self) -> bool:
        """It is for people who are not of the house: they belong to sessions by name, never to all."""
        return not self.includes(Role.READER)


@dataclass(frozen=True, slots=True)
class Membership:
    """Which sessions somebody belongs to; what of these they may do is said by their role."""

    session_keys: frozenset[str] | None
    """None: all, those that come later too."""

    def includes(self, session_key: str) -> bool:
        """Tell whether a session is one of them."""
        return self.session_keys is None or session_key in self.session_keys

    @property
    def is_of_all(self) -> bool:
        """They belong to all sessions."""
        return self.session_keys is None

    @property
    def words(self) -> str:
        """The sessions as people read them."""
        if self.session_keys is None:
            return "all sessions"
        return ", ".join(sorted(self.session_keys)) or "no session"


ALL_SESSIONS = Membership(None)


def refuse_membership(role: Role, membership: Membership) -> None:
    """Refuse a role whose people cannot belong to these sessions.

    Raises:
        WrongUseError: An admin would belong to some, somebody outside the house to all, or anybody
            to none.
    """
    if role is Role.ADMIN and not membership.is_of_all:
        raise WrongUseError(
            f"An admin belongs to all sessions, not to {membership.words}.",
            recovery_actions=("Say `--all-sessions`, or give another role.",),
        )
    if not membership.session_keys and (role.is_outside or not membership.is_of_all):
        raise WrongUseError(
            f"Who is {role.value} belongs to named sessions, not to {membership.words}.",
            recovery_actions=("Name at least one, with `--session KEY`.",),
        )


class CredentialKind(StrEnum):
    """What somebody shows to be let in."""

    LINK = "link"
    """Works once, and is exchanged for a cookie."""
    INVITATION = "invitation"
    """A link for people who are not of the house: it works in any browser, until it expires."""
    COOKIE = "cookie"
    """Held by one browser."""
    TOKEN = "token"  # noqa: S105 - a kind, no secret
    """Sent by a program with every request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who was let in, with the role that holds for this request."""

    name: str
    role: Role
    membership: Membership
    may_answer: bool = False
    """Their answers to open questions count at once, although they do not decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """Somebody who was added."""

    name: str
    role: Role
    membership: Membership
    added_at: datetime
    added_by: str
    last_seen_at: datetime | None
    """When a link or a cookie of theirs was made last; None where they never signed in."""
    is_revoked: bool
    may_answer: bool = False
    """As `Person.may_answer`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What is kept of a secret; the secret itself is not."""

    secret_sha256: str
    kind: CredentialKind
    name: str
    """Of the person it belongs to."""
    role: Role
    """The most it may do, whatever role the person has; of a link and its cookie, everything."""
    label: str
    """What a token is for, or which browser has a cookie; may be empty."""
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    """Of a token or an invitation, to within an hour; None where it was not used yet."""

    @property
    def credential_id(self) -> str:
        """What people call it by; the hash of a secret that nobody can guess reveals nothing of it."""
        return self.secret_sha256[:ID_CHARACTERS]
