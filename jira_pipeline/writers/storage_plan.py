"""Which shared fields a ticket adds, which it creates, and which ticket creates the others first.

Belongs here: the plan of one ticket. Does not: who uses a storage (`storage_users`), words.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jira_pipeline.domain.entities import Entity, Status
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.questions.question_index import REUSED, is_base_field
from jira_pipeline.domain.questions.storage_questions import open_column
from jira_pipeline.writers.group_facts import GroupFacts


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
        users = facts.session.storage_users.get((row.bundle_type, row.machine_name))
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
    by_number = facts.session.groups_by_number
    return StoragePlan(
        there=there,
        created_before=sorted(
            ((by_number[first], rows) for first, rows in before.items()),
            key=lambda item: (-len(item[1]), item[0].number),
        ),
        new_later=sorted(
            ((by_number[owner], rows) for owner, rows in new.items()),
            key=lambda item: (-len(item[1]), item[0].number),
        ),
        created_here=sorted(here.items(), key=lambda item: -len(item[1])),
        shared_later=sorted(shared.items(), key=lambda item: -len(item[1])),
    )
