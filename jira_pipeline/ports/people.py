"""The role of the store for people and what lets them in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from jira_pipeline.kernel.people import Credential, CredentialKind, KnownPerson, Person, Role


class PeopleStore(Protocol):
    """Knows who may come in, and by which secrets; names are compared without regard to case."""

    def put(self, name: str, role: Role, *, by: str, at: datetime) -> KnownPerson:
        """Add a person, or give one who is there another role; one who was revoked is back."""
        ...

    def find(self, name: str) -> KnownPerson | None:
        """Return a person, revoked ones too; None where nobody of that name was added."""
        ...

    def list_all(self) -> Sequence[KnownPerson]:
        """Return everybody who was added, by name."""
        ...

    def revoke(self, name: str, *, by: str, at: datetime) -> bool:
        """Shut a person out and forget all their credentials; False where there is none to revoke."""
        ...

    def keep(self, credential: Credential, *, by: str) -> None:
        """Keep a credential of a person who is not revoked.

        Raises:
            NotFoundError: Nobody of that name may come in.
        """
        ...

    def credentials(self, name: str) -> Sequence[Credential]:
        """Return the credentials of a person, oldest first, those that expired too."""
        ...

    def admitted(self, secret_sha256: str, kind: CredentialKind, *, at: datetime) -> Person | None:
        """Return whose credential it is, with the lower of both roles; None where it is not valid.

        That a token was used is noted once an hour.
        """
        ...

    def exchange_link(self, secret_sha256: str, cookie: Credential, *, at: datetime) -> bool:
        """Use up a valid link and keep a cookie of the same person in its place, together.

        The name of the cookie is taken from the link. False where the link is not valid.
        """
        ...

    def revoke_token(self, secret_sha256: str, *, by: str, at: datetime) -> bool:
        """Forget one token, whoever's it is; False where it is not kept."""
        ...

    def forget(self, secret_sha256: str) -> None:
        """Forget one credential; nothing happens where it is not kept."""
        ...
