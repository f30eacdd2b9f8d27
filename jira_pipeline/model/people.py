"""People who use the web pages and the HTTP API, and what each role may do.

Belongs here: the values. Does not: keeping them (`store/people_store`), signing in
(`sessions/accounts`).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jira_pipeline.model.json_values import json_fields

NAME_CHARACTERS_MAX = 100
ID_CHARACTERS = 12
TOKEN_LASTS_DAYS = 90
TOKEN_LASTS_DAYS_MAX = 366


class Role(StrEnum):
    """What a person may do; each role may do what those before it may."""

    READER = "reader"
    """Read everything but Dagster's pages."""
    REVIEWER = "reviewer"
    """Upload, answer, edit, decide, validate."""
    EXPORTER = "exporter"
    """Start, cancel, resume and undo exports."""
    ADMIN = "admin"
    """Dagster's pages, which can launch, delete and wipe."""

    def includes(self, needed: "Role") -> bool:
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


class CredentialKind(StrEnum):
    """What somebody shows to be let in."""

    LINK = "link"
    """Works once, and is exchanged for a cookie."""
    COOKIE = "cookie"
    """Held by one browser."""
    TOKEN = "token"  # noqa: S105 - a kind, no secret
    """Sent by a program with every request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who was let in, with the role that holds for this request."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson(Person):
    """Somebody who was added."""

    added_at: datetime
    added_by: str
    last_seen_at: datetime | None
    """When a link or a cookie of theirs was made last; None where they never signed in."""
    revoked_at: datetime | None
    """None: they may come in."""

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None


@json_fields("label role expires_at")
@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What is kept of a secret; the secret itself is not."""

    secret_sha256: str
    kind: CredentialKind
    name: str
    """Of the person it belongs to."""
    role: Role
    """The highest role it gives, even where the person has a higher one; a link and its cookie give
    every role."""
    label: str
    """What a token is for, or which browser has a cookie; may be empty."""
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    """Of a token, to within an hour; None where it was not used yet."""

    @property
    def credential_id(self) -> str:
        """What people call it by; the hash of a secret that nobody can guess reveals nothing of it."""
        return self.secret_sha256[:ID_CHARACTERS]
