"""Mails about notifications: who wants them, what is in each, and who sends it.

Belongs here: statements. Does not: what a mail says, sending it (`flow/digests`).
"""

import uuid
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from jira_pipeline.kernel.notifications import Digest
from jira_pipeline.kernel.people import Person
from jira_pipeline.store import tables
from jira_pipeline.store.notifications import is_of
from jira_pipeline.store.transactions import StorePart, repeated

_ADDRESSES = tables.mail_addresses.c
_DIGESTS = tables.digests.c
_NOTIFICATIONS = tables.notifications.c
_DIGEST_COLUMNS = tuple(_DIGESTS[name] for name in Digest.__dataclass_fields__)


class DigestStore(StorePart):
    """Keeps who wants mail, and each mail from before it is sent."""

    def address_of(self, name: str) -> str:
        """Return where somebody wants mail; empty where they want none."""
        chosen = select(_ADDRESSES.address).where(_ADDRESSES.person_id == name.casefold())
        return next((address for (address,) in self._database.asked(chosen)), "")

    @repeated
    def set_address(self, name: str, address: str) -> None:
        """Send somebody mail there; nowhere where it is empty."""
        person_id = name.casefold()
        with self._database.writing() as connection:
            connection.execute(
                delete(tables.mail_addresses).where(_ADDRESSES.person_id == person_id)
            )
            if address:
                values = {"person_id": person_id, "address": address}
                connection.execute(insert(tables.mail_addresses).values(values))

    def newest(self, name: str) -> Digest | None:
        """Return the last mail to somebody, sent or not."""
        chosen = (
            select(*_DIGEST_COLUMNS)
            .where(_DIGESTS.person_id == name.casefold())
            .order_by(_DIGESTS.made_at.desc(), _DIGESTS.digest_id)
            .limit(1)
        )
        return next((Digest(**row._asdict()) for row in self._database.asked(chosen)), None)

    @repeated
    def collect(self, person: Person, *, at: datetime) -> bool:
        """Put what somebody has not read, and what is in no mail, into one; False: there is nothing.

        Two that do so at once wait for each other, and the second finds nothing.
        """
        digest_id = uuid.uuid4().hex  # noqa: TID251 - nothing is derived from it
        with self._database.writing() as connection:
            connection.execute(
                insert(tables.digests).values(
                    digest_id=digest_id, person_id=person.name.casefold(), made_at=at, failure=""
                )
            )
            found = connection.execute(
                update(tables.notifications)
                .where(
                    is_of(person),
                    _NOTIFICATIONS.read_at.is_(None),
                    _NOTIFICATIONS.digest_id.is_(None),
                )
                .values(digest_id=digest_id)
            ).rowcount
            if not found:
                connection.execute(delete(tables.digests).where(_DIGESTS.digest_id == digest_id))
            return found > 0

    @repeated
    def take(
        self, name: str, *, made_since: datetime, tried_before: datetime, at: datetime
    ) -> Digest | None:
        """Return a mail to somebody that is to be sent now, by whoever asks alone.

        It was made lately, no server took it, and nobody tried since that time.
        """
        chosen = (
            select(*_DIGEST_COLUMNS)
            .where(
                _DIGESTS.person_id == name.casefold(),
                _DIGESTS.sent_at.is_(None),
                _DIGESTS.made_at > made_since,
                _DIGESTS.tried_at.is_(None) | (_DIGESTS.tried_at < tried_before),
            )
            .order_by(_DIGESTS.made_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with self._database.writing() as connection:
            row = connection.execute(chosen).mappings().first()
            if row is None:
                return None
            connection.execute(
                update(tables.digests)
                .where(_DIGESTS.digest_id == row["digest_id"])
                .values(tried_at=at)
            )
            return Digest(**row)

    @repeated
    def note(self, digest_id: str, *, sent_at: datetime | None, failure: str) -> None:
        """Keep what became of a try."""
        with self._database.writing() as connection:
            connection.execute(
                update(tables.digests)
                .where(_DIGESTS.digest_id == digest_id)
                .values(sent_at=sent_at, failure=failure)
            )
