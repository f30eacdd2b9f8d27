"""Who uses a field storage, in the order in which they get it.

Belongs here: status and build order of the bundles that share a machine name. Does not: words
(`storage_wording`), contradictions within a storage (`domain/questions`).
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

from jira_pipeline.domain.entities import Entity, Status
from jira_pipeline.domain.entity_groups import EntityGroup, GroupKind
from jira_pipeline.domain.questions.question_index import (
    REUSED,
    FieldStorage,
    QuestionIndex,
    StorageKey,
)
from jira_pipeline.domain.questions.storage_questions import open_column

_TO_BUILD = frozenset({Status.APPROVED, Status.CHANGED})
_THERE = frozenset({Status.IMPLEMENTED, Status.CHANGED})


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageUsers:
    """The bundles that have one field, by what their rows say of it."""

    there: tuple[str, ...]
    """Names of those that have it already, to be changed or not, in sheet order."""
    placed: tuple[tuple[int, str], ...]
    """Number of the ticket and name of those that get it, in build order."""
    creator: int
    """Number of the ticket that creates it; 0 where none does.

    The first in build order; the one row that does not say that it reuses the field counts there
    even while a question doubts its number of values.
    """
    owner: int
    """Number of the ticket with the one row that does not say that it reuses the field; else 0."""

    def after(self, number: int) -> tuple[str, int]:
        """Return the first name of those that get it after a ticket, and how many there are."""
        place = bisect_left(self.placed, (number + 1, ""))
        rest = len(self.placed) - place
        return (self.placed[place][1], rest) if rest else ("", 0)


def storage_users(
    index: QuestionIndex, groups: Mapping[str, EntityGroup]
) -> Mapping[StorageKey, StorageUsers]:
    """Return the users of every storage that agree on it, in one pass over the fields."""
    return {key: _users_of(storage, index, groups) for key, storage in index.storages.items()}


def _users_of(
    storage: FieldStorage, index: QuestionIndex, groups: Mapping[str, EntityGroup]
) -> StorageUsers:
    settled = {
        owner: user for owner, user in storage.live_users.items() if not open_column(user, index)
    }
    placed = sorted(
        (number, index.owner_name(user))
        for owner, user in settled.items()
        if (number := _number_of(groups.get(owner), user)) is not None
    )
    new = [o for o, user in storage.live_users.items() if user.cell(REUSED).casefold() != "y"]
    is_owned = len(new) == 1 and len(storage.live_users) > 1
    owner = _number_of(groups.get(new[0]), storage.live_users[new[0]]) if is_owned else None
    return StorageUsers(
        there=tuple(
            index.owner_name(user) for user in storage.live_users.values() if user.status in _THERE
        ),
        placed=tuple(placed),
        creator=min((n for n in (owner, *(at for at, _ in placed)) if n), default=0),
        owner=owner or 0,
    )


def _number_of(group: EntityGroup | None, user: Entity) -> int | None:
    """Return where a field is built; None where no ticket builds it."""
    if group is None or group.kind is not GroupKind.BUNDLE or user.status not in _TO_BUILD:
        return None
    return group.number
