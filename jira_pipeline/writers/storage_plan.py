"""Who uses a field storage, in the order in which they get it, and the plan of one ticket for it.

Belongs here: which shared fields a ticket adds or creates, which ticket creates the others first.
Does not: words (`analysis`), contradictions within a storage (`domain/questions`).
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.domain.entities import Entity, Status
from jira_pipeline.domain.entity_groups import EntityGroup, GroupKind
from jira_pipeline.domain.questions.question_index import (
    REUSED,
    FieldStorage,
    StorageKey,
    is_base_field,
    once_per_session,
)
from jira_pipeline.domain.questions.storage_questions import open_column
from jira_pipeline.writers.group_facts import TO_BUILD, GroupFacts, SessionFacts


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


@once_per_session
def storage_users(session: SessionFacts) -> Mapping[StorageKey, StorageUsers]:
    """Return the users of every storage that agree on it, by entity type and machine name."""
    storages = session.index.storages
    return {key: _users_of(storage, session) for key, storage in storages.items()}


def _users_of(storage: FieldStorage, session: SessionFacts) -> StorageUsers:
    users, index = storage.live_users, session.index

    def number_of(owner: str) -> int:
        """Return which ticket builds the field of a bundle; 0 where none does."""
        group = session.groups.get(owner)
        is_built = group and group.kind is GroupKind.BUNDLE and users[owner].status in TO_BUILD
        return group.number if group and is_built else 0

    placed = sorted(
        (number, index.owner_name(user))
        for owner, user in users.items()
        if not open_column(user, index) and (number := number_of(owner))
    )
    new = [owner for owner, user in users.items() if user.cell(REUSED).casefold() != "y"]
    owner = number_of(new[0]) if len(new) == 1 and len(users) > 1 else 0
    there = {Status.IMPLEMENTED, Status.CHANGED}
    return StorageUsers(
        there=tuple(index.owner_name(user) for user in users.values() if user.status in there),
        placed=tuple(placed),
        creator=min((number for number in (owner, *(at for at, _ in placed)) if number), default=0),
        owner=owner,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoragePlan:
    """The fields of a ticket that other bundles have too, by where they come from."""

    there: Sequence[Entity]
    """On the site already."""
    created_before: Sequence[tuple[EntityGroup, Sequence[Entity]]]
    """By the ticket that creates them first, the one with most fields first."""
    new_later: Sequence[tuple[EntityGroup, Sequence[Entity]]]
    """By the later ticket of the one row that does not say that it reuses the field."""
    created_here: Sequence[tuple[Sequence[str], Sequence[Entity]]]
    """By the names of the bundles whose later tickets reuse it, the most fields first."""
    shared_later: Sequence[tuple[Sequence[str], Sequence[Entity]]]
    """Likewise those whose own row says that the field is reused: nobody knows who creates it."""


def storage_plan_of(facts: GroupFacts) -> StoragePlan:
    """Sort the shared fields to build; what a question asks about is left out.

    A field that a developer has marked as done is not called created here: a question asks that.
    """
    there: list[Entity] = []
    before: dict[int, list[Entity]] = {}
    here: dict[tuple[str, ...], list[Entity]] = {}
    shared: dict[tuple[str, ...], list[Entity]] = {}
    new: dict[int, list[Entity]] = {}
    number = facts.group.number
    for row in facts.to_build:
        if row.status is Status.CHANGED:
            continue  # this very bundle has it
        users = storage_users(facts.session).get((row.bundle_type, row.machine_name))
        if users is None or is_base_field(row):
            continue
        is_reused = row.cell(REUSED).casefold() == "y"
        is_first = users.creator in {number, users.owner} and not users.there
        if is_first and is_reused and users.owner > number:
            # whichever of the two a question finds right
            new.setdefault(users.owner, []).append(row)
        elif open_column(row, facts.session.index):
            continue
        elif users.there:
            there.append(row)
        elif 0 < users.creator < number:
            before.setdefault(users.creator, []).append(row)
        elif users.after(number)[1] and row.cell("Dev").casefold() != "x":
            later = dict.fromkeys(name for at, name in users.placed if at > number)
            (shared if is_reused else here).setdefault(tuple(later), []).append(row)
    created_before, new_later = (
        [
            (facts.session.groups_by_number[at], rows)
            for at, rows in sorted(tickets.items(), key=lambda item: (-len(item[1]), item[0]))
        ]
        for tickets in (before, new)
    )
    return StoragePlan(
        there=there,
        created_before=created_before,
        new_later=new_later,
        created_here=sorted(here.items(), key=lambda item: -len(item[1])),
        shared_later=sorted(shared.items(), key=lambda item: -len(item[1])),
    )
