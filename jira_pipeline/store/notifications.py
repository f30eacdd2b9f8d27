"""Notifications of a person: counted, listed, read, done.

Belongs here: statements. Does not: who gets one (`concerns`), what is said of it (`flow/inbox`).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, update

from jira_pipeline.kernel.notifications import Notification, NotificationMark
from jira_pipeline.kernel.people import Person
from jira_pipeline.kernel.records import AuditEntry
from jira_pipeline.store import tables
from jira_pipeline.store.transactions import StorePart, repeated

_NOTIFICATIONS = tables.notifications.c
_OWN_NAMES = tuple(name for name in Notification.__dataclass_fields__ if name != "entry")
_ENTRY_NAMES = tuple(AuditEntry.__dataclass_fields__)


class NotificationStore(StorePart):
    """Keeps what concerns people, each for one person, who sees those of their own sessions.

    No audit entry, since what somebody read changes nothing for others.
    """

    def unread_count(self, person: Person, *, most: int) -> int:
        """Return how many notifications somebody has not read, at most so many."""
        unread = (
            select(_NOTIFICATIONS.notification_id)
            .where(is_of(person), _NOTIFICATIONS.read_at.is_(None))
            .limit(most)
        )
        counted = select(func.count()).select_from(unread.subquery())
        return int(self._database.asked(counted)[0][0])

    def ids(self, person: Person, *, is_done: bool) -> Sequence[int]:
        """Return the ids of what somebody is done with, or has left to do, newest first."""
        done_at = _NOTIFICATIONS.done_at
        chosen = (
            select(_NOTIFICATIONS.notification_id)
            .where(is_of(person), done_at.is_not(None) if is_done else done_at.is_(None))
            .order_by(_NOTIFICATIONS.notification_id.desc())
        )
        return tuple(key for (key,) in self._database.asked(chosen))

    def unread_of(self, digest_id: str) -> Sequence[int]:
        """Return the ids of what is in a mail and was not read meanwhile, newest first."""
        chosen = (
            select(_NOTIFICATIONS.notification_id)
            .where(_NOTIFICATIONS.digest_id == digest_id, _NOTIFICATIONS.read_at.is_(None))
            .order_by(_NOTIFICATIONS.notification_id.desc())
        )
        return tuple(key for (key,) in self._database.asked(chosen))

    def some(self, notification_ids: Sequence[int]) -> tuple[Notification, ...]:
        """Return notifications by their ids, newest first."""
        chosen = (
            select(
                *(_NOTIFICATIONS[name] for name in _OWN_NAMES),
                *(tables.audit.c[name].label(f"entry_{name}") for name in _ENTRY_NAMES),
            )
            .join_from(
                tables.notifications,
                tables.audit,
                tables.audit.c.sequence == _NOTIFICATIONS.sequence,
            )
            .where(_NOTIFICATIONS.notification_id.in_(list(notification_ids)))
            .order_by(_NOTIFICATIONS.notification_id.desc())
        )
        return tuple(_notification_of(row._asdict()) for row in self._database.asked(chosen))

    @repeated
    def mark(
        self,
        person: Person,
        mark: NotificationMark,
        *,
        notification_ids: Sequence[int] | None,
        up_to: int | None,
        at: datetime,
    ) -> int:
        """Mark notifications of somebody, named ones or all up to one; return how many changed."""
        read_at, done_at = _NOTIFICATIONS.read_at, _NOTIFICATIONS.done_at
        now = literal(at, read_at.type)
        chosen = update(tables.notifications).where(is_of(person))
        match mark:
            case NotificationMark.READ:
                chosen = chosen.where(read_at.is_(None)).values(read_at=now)
            case NotificationMark.DONE:
                chosen = chosen.where(done_at.is_(None)).values(
                    done_at=now, read_at=func.coalesce(read_at, now)
                )
            case NotificationMark.OPEN:
                chosen = chosen.where(done_at.is_not(None)).values(done_at=None)
        if notification_ids is not None:
            chosen = chosen.where(_NOTIFICATIONS.notification_id.in_(list(notification_ids)))
        if up_to is not None:
            chosen = chosen.where(_NOTIFICATIONS.notification_id <= up_to)
        with self._database.writing() as connection:
            return connection.execute(chosen).rowcount


def is_of(person: Person) -> ColumnElement[bool]:
    """Choose what is of a person, and of sessions they belong to now."""
    own = _NOTIFICATIONS.person_id == person.name.casefold()
    keys = person.membership.session_keys
    return own if keys is None else own & _NOTIFICATIONS.session_key.in_(sorted(keys))


def _notification_of(row: Mapping[str, Any]) -> Notification:
    entry = {name: row[f"entry_{name}"] for name in _ENTRY_NAMES}
    entry["details"] = json.loads(entry["details"])
    own = {name: row[name] for name in _OWN_NAMES}
    return Notification(**own, entry=AuditEntry(**entry))
