"""What concerns one person: a change of somebody else, or work of theirs that ended.

Belongs here: the values, and whom a text mentions. Does not: which change concerns whom
(`store/concerns`), keeping (`store/notifications`), sentences (`flow/inbox`).
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jira_pipeline.kernel.grouped import grouped
from jira_pipeline.kernel.records import AuditEntry

LOST_READY = "lost_ready"
"""Detail of an entry of the audit trail: who had marked the tickets ready that waited again."""
_MENTION = re.compile(r"(?<!\w)@")
_CALLED = re.compile(r"\w+(?:[.+-]\w+)*(?:@\w+(?:[.-]\w+)*)?")


class NotificationKind(StrEnum):
    """Why a change concerns somebody."""

    ASSIGNED = "assigned"
    MENTIONED = "mentioned"
    QUESTION_ASKED = "question_asked"
    """They are asked what the sheets leave open."""
    QUESTION_ANSWERED = "question_answered"
    """They had asked somebody."""
    APPROVAL_LOST = "approval_lost"
    """A ticket they had marked ready waits again."""
    EXPORT_ENDED = "export_ended"
    """They had started it."""


class NotificationMark(StrEnum):
    """What a person says of a notification."""

    READ = "read"
    DONE = "done"
    """Nothing is left to do about it; it was read."""
    OPEN = "open"
    """It is not done after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """That a change concerns a person."""

    notification_id: int
    session_key: str
    kind: NotificationKind
    entry: AuditEntry
    """Who did what, and when."""
    person_id: str
    read_at: datetime | None
    done_at: datetime | None

    @property
    def ticket_ids(self) -> tuple[str, ...]:
        """The tickets it is about; none where it is about the session as a whole."""
        lost = self.entry.details.get(LOST_READY)
        if self.kind is not NotificationKind.APPROVAL_LOST or not isinstance(lost, dict):
            return self.entry.ticket_ids
        return tuple(key for key, by in lost.items() if by.casefold() == self.person_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A mail about notifications of a person."""

    digest_id: str
    person_id: str
    made_at: datetime
    sent_at: datetime | None
    failure: str
    """Why the last try came to nothing."""


def mentioned_in(text: str, names: Collection[str]) -> frozenset[str]:
    """Return whom of these people a text mentions: `@` and the name, or what is before its `@`.

    The longest name counts, and a short one only where it is of one person alone; case counts nowhere.
    """
    return frozenset(name for _, name in _mentions(text, names) if name)


def mentions_of_nobody(text: str, names: Collection[str]) -> tuple[str, ...]:
    """Return what a text calls people by who are none of these."""
    return tuple(dict.fromkeys(words for words, name in _mentions(text, names) if not name))


def _mentions(text: str, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield what follows each `@`, and whose name that is; empty where it is nobody's."""
    short = grouped(names, lambda name: name.partition("@")[0].casefold())
    called = {words: found[0] for words, found in short.items() if len(found) == 1}
    called |= {name.casefold(): name for name in names}
    longest_first = sorted(called, key=lambda words: (-len(words), words))
    most = max(map(len, called), default=0) + 1
    for mark in _MENTION.finditer(text):
        after = text[mark.end() : mark.end() + most].casefold()
        found = (
            called[words]
            for words in longest_first
            if after.startswith(words) and not re.match(r"\w", after[len(words) :])
        )
        written = _CALLED.match(text, mark.end())
        name = next(found, "")
        if name or written:
            yield written.group() if written else name, name
