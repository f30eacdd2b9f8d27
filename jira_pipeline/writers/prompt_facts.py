"""What a model gets about one ticket: everything its prose may say, as plain values for JSON.

Belongs here: which facts a model gets, in which order and under which names. Does not: how they
are laid out and shortened (`prompt`), or whether an answer keeps to them (`provenance`).

File names and line numbers are left out: they change when other rows do, and an answer that was
paid for is used again as long as the facts are the same. The number of a ticket is given only where
a sentence has to point to it, so an answer is asked for again when that number changes.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import (
    GroupAction,
    GroupDependency,
    GroupKind,
    GroupRelation,
    RelationKind,
)
from jira_pipeline.domain.line_numbers import without_lines
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.writers.analysis import later_places, moderated_later
from jira_pipeline.writers.group_facts import GroupFacts, literal, transitions_of
from jira_pipeline.writers.question_wording import is_quote_needed
from jira_pipeline.writers.related_work import mentioned_elsewhere, needed_rows, rows_around
from jira_pipeline.writers.removals import referring_rows
from jira_pipeline.writers.storage_plan import storage_plan_of, storage_users
from jira_pipeline.writers.story import role_of_bundle

FactValue: TypeAlias = str | int | Sequence["FactValue"] | Mapping[str, "FactValue"]
"""What JSON can hold of texts, counts, lists and named values."""

ROWS = "rows"
SETTINGS = "settings"
SAME_FOR_ALL = "same for all"
COUNT = "count"
QUESTIONS = "questions asked already"
ROWS_AROUND = "rows around"
ROWS_AROUND_MAX = 25
"""Of 20 tickets drawn from one site 19 have fewer; of the 84 of the UWEC sheets 60 have no more."""
SURROUNDINGS = (
    "is waited for by",
    "is used by",
    "may also be used by",
    "is spoken of by",
    "shares field storage",
    "bundles with the same fields",
    "bundles with moderation",
    "roles of the site",
)
"""What surrounds the rows, most informative first."""

_UPKEEP_COLUMNS = frozenset({"ID", "X", "QA"})
"""About the sheet, not about the site. `Dev` stays: it sometimes contradicts `X`."""
_UNSAID_OF_OTHERS = _UPKEEP_COLUMNS | {"Dev"}
_SHARERS_MAX = 20
"""No field of the UWEC sheets is on more bundles than 15."""
_COMMON_FIELD_USERS = 50
"""A field on more bundles than this says nothing about likeness (and would cost square time)."""
_ALIKE_MAX = 5
"""People compare with the likeliest bundles only."""
_STATUS_NAMES: Mapping[Status, str] = {
    Status.APPROVED: "to build",
    Status.CHANGED: "to build",
    Status.IMPLEMENTED: "already there",
    Status.WAITING: "on hold",
    Status.DELETED: "to remove",
}
_MADE_BY: Mapping[Status, str] = {
    Status.APPROVED: "made by",
    Status.CHANGED: "exists, changed by",
    Status.IMPLEMENTED: "exists, shown in",
    Status.WAITING: "on hold,",
    Status.DELETED: "removed by",
}
_RELATION_NAMES: Mapping[RelationKind, str] = {
    RelationKind.DEFERRED: "reference to add once it exists",
    RelationKind.REMOVAL: "one of the two is to be removed",
    RelationKind.SATISFIED: "exists already",
    RelationKind.ON_HOLD: "on hold",
    RelationKind.RECOMMENDED: "recommended with it",
    RelationKind.PREREQUISITE: "must exist on the target",
    RelationKind.RELATED: "related",
}
_KINDS_WITH_ROLES = frozenset({GroupKind.WORKFLOW, GroupKind.USER_ROLES})


def prompt_facts(facts: GroupFacts) -> Mapping[str, FactValue]:
    """Return the facts of a ticket without those that are empty."""
    shown: dict[str, FactValue] = {
        "site": _without_blanks(
            {"name": facts.session.site_name, "description": facts.session.site_description}
        ),
        "ticket": _ticket(facts),
        SETTINGS: _tables(facts.group.heads),
        ROWS: _tables(facts.group.members),
        "waits for": [_dependency(facts, dependency) for dependency in facts.group.dependencies],
        "mentions": [_mention(facts, relation) for relation in facts.group.relations],
        "is waited for by": [
            {
                "title": group.title,
                "because": [*map(without_lines, dependency.reasons)],
            }
            for group in facts.dependents
            for dependency in group.dependencies
            if dependency.group_key == facts.group.key
        ],
        "is worked with by": role_of_bundle(facts),
        "is used by": [host.label for host in facts.hosts],
        "shares field storage": _sharers(facts),
        "fields created first by": _creators(facts),
        "what it needs": _makers(facts),
        "said elsewhere": mentioned_elsewhere(facts),
        "fields that refer to it": _referring(facts),
        "machine names to use": {
            row.machine_name if is_machine_name_given(row) else row.label: name
            for row, name in facts.settled_names
        },
        "what displays show is asked in": _asking_ticket(facts),
        "bundles with the same fields": _alike(facts),
        "bundles with moderation": moderated_bundles(facts),
        "roles of the site": _roles(facts),
        ROWS_AROUND: _rows_around(facts),
        QUESTIONS: _asked(facts),
    }
    return {name: value for name, value in shown.items() if value}


def rows_given(facts: GroupFacts) -> Sequence[Entity]:
    """Return the rows a model is given, those of the ticket first."""
    return (*facts.own_rows, *rows_around(facts)[:ROWS_AROUND_MAX])


def sent_cells(row: Entity) -> Mapping[str, str]:
    """Return what a row around tells a model: not what is about the sheet itself."""
    return _without_blanks({c: text for c, text in row.cells.items() if c not in _UNSAID_OF_OTHERS})


def _ticket(facts: GroupFacts) -> Mapping[str, FactValue]:
    ticket: dict[str, FactValue] = {
        "title": facts.group.title,
        "about": facts.group.kind.value.replace("_", " "),
        "action": facts.group.action.value,
    }
    if facts.group.is_hollow:
        ticket["state"] = "no approved member"
    if facts.group.is_on_hold:
        ticket["state"] = "on hold"
    return ticket


def _tables(entities: Sequence[Entity]) -> Mapping[str, FactValue]:
    sections: dict[str, list[Entity]] = {}
    for row in entities:
        name = f"{row.kind.value.replace('_', ' ')}s {_STATUS_NAMES[row.status]}"
        sections.setdefault(name, []).append(row)
    return {name: _table(rows) for name, rows in sections.items()}


def _table(rows: Sequence[Entity]) -> Mapping[str, FactValue]:
    """Return rows without blank cells; what is the same in all of several rows is given once."""
    columns = dict.fromkeys(c for row in rows for c in row.cells if c not in _UPKEEP_COLUMNS)
    same = {
        column: rows[0].cell(column)
        for column in columns
        if len(rows) > 1 and len({row.cell(column) for row in rows}) == 1
    }
    table: dict[str, FactValue] = {COUNT: len(rows)}
    if any(same.values()):
        table[SAME_FOR_ALL] = _without_blanks(same)
    table[ROWS] = [
        _without_blanks({column: row.cell(column) for column in columns if column not in same})
        for row in rows
    ]
    transitions = [row for row in rows if row.kind is EntityKind.WORKFLOW_TRANSITION]
    if transitions:
        table["transitions these rows make"] = len(transitions_of(transitions))
    return table


def _without_blanks(cells: Mapping[str, str]) -> Mapping[str, str]:
    return {column: text for column, text in cells.items() if text}


def _dependency(facts: GroupFacts, dependency: GroupDependency) -> Mapping[str, FactValue]:
    group = facts.session.groups[dependency.group_key]
    shown: dict[str, FactValue] = {"title": group.title}
    if len(group.heads) == 1 and is_machine_name_given(group.heads[0]):
        shown["machine name"] = group.heads[0].machine_name
    shown["because"] = [without_lines(reason) for reason in dependency.reasons]
    return shown


def _mention(facts: GroupFacts, relation: GroupRelation) -> Mapping[str, FactValue]:
    group = facts.session.groups.get(relation.group_key or "")
    mention = {
        "name": relation.label,
        "ticket": group.title if group else "",
        "how": _RELATION_NAMES[relation.kind],
        "because": without_lines(relation.reason),
    }
    return _without_blanks(mention)


def _sharers(facts: GroupFacts) -> Mapping[str, FactValue]:
    """Return who else has a field of the same machine name, and who gets it when."""
    found: dict[str, FactValue] = {}
    for row in _named_fields(facts):
        sharers = {s.when: _sharer_names(s) for s in sharers_of(facts, row) if s.count}
        if sharers:
            found[row.machine_name] = sharers
    return found


def _asking_ticket(facts: GroupFacts) -> str:
    """Return the ticket that asks for all views what displays show; empty for other kinds."""
    silent = facts.session.index.silent_views if facts.group.kind is GroupKind.VIEW else ()
    group = facts.session.groups.get(silent[0][0].key) if silent else None
    return group.title if group is not None else ""


def _makers(facts: GroupFacts) -> Mapping[str, FactValue]:
    """Return who makes or changes what this one needs although it does not wait for that."""
    awaited = {dependency.group_key for dependency in facts.group.dependencies}
    rows = [*needed_rows(facts), *later_places(facts), *moderated_later(facts)]
    found = ((row, facts.session.making.get(row.key)) for row in rows)
    return {
        row.label: f"{_MADE_BY[row.status]} {g.title}"
        for row, g in found
        if g and g.key not in awaited
    }


def _rows_around(facts: GroupFacts) -> Mapping[str, FactValue]:
    """Return whole rows of other tickets, each with its ticket and what is to be done with it."""
    rows = rows_around(facts)
    building = facts.session.building
    shown: list[FactValue] = []
    for row in rows[:ROWS_AROUND_MAX]:
        group = building.get(row.source)
        state = "to be changed" if row.status is Status.CHANGED else _STATUS_NAMES[row.status]
        shown.append(
            {
                "ticket": group.title if group else "none",
                "is": f"{row.kind.value.replace('_', ' ')} {state}",
                "cells": sent_cells(row),
            }
        )
    return {COUNT: len(rows), ROWS: shown} if shown else {}


def _referring(facts: GroupFacts) -> Sequence[FactValue]:
    """Return the fields of other tickets that refer to what is removed."""
    if facts.group.action is not GroupAction.REMOVE:
        return []
    groups = facts.session.groups
    return [
        {
            "field": literal(row),
            "of": facts.session.index.owner_name(row),
            "ticket": group.title if group else "",
            "to": name_of(head),
            "state": _STATUS_NAMES[row.status],
        }
        for row, head in referring_rows(facts)
        for group in [groups.get(row.owner_key or "")]
    ]


def _creators(facts: GroupFacts) -> Mapping[str, FactValue]:
    """Return the ticket that first creates each shared field which is not created here."""
    if facts.group.kind is not GroupKind.BUNDLE:
        return {}
    return {
        row.machine_name: group.title
        for group, rows in storage_plan_of(facts).created_before
        for row in rows
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharers:
    """Other bundles with the same field."""

    when: str
    """Whether they have it already, get it before, or later; `bundles` for all."""
    first_names: tuple[str, ...]
    """No more than people can take in: on large sites hundreds of bundles share a field."""
    count: int


def sharers_of(facts: GroupFacts, row: Entity) -> tuple[Sharers, ...]:
    """Return the other bundles with the same field: all, with it already, before, and after."""
    index = facts.session.index
    live = index.storage_of(row).live_users
    others = (index.owner_name(user) for key, user in live.items() if key != row.owner_key)
    users = storage_users(facts.session).get((row.bundle_type, row.machine_name))
    there, placed = (users.there, users.placed) if users else ((), ())
    own = index.owner_name(live[row.owner_key]) if row.owner_key in live else ""
    begin = bisect_left(placed, (facts.group.number, ""))
    end = bisect_left(placed, (facts.group.number + 1, ""))
    return (
        _first("bundles", others, count=len(live) - (row.owner_key in live)),
        _first(
            "there already on",
            (name for name in there if name != own),
            count=len(there) - (own in there),
        ),
        _first("comes before with", (name for _, name in placed[:begin]), count=begin),
        _first(
            "comes later to",
            (name for _, name in placed[end : end + _SHARERS_MAX]),
            count=len(placed) - end,
        ),
    )


def _first(when: str, names: Iterable[str], *, count: int) -> Sharers:
    return Sharers(when=when, first_names=tuple(islice(names, _SHARERS_MAX)), count=count)


def _sharer_names(sharers: Sharers) -> Sequence[str]:
    rest = sharers.count - len(sharers.first_names)
    return [*sharers.first_names, f"and {rest} more"] if rest else sharers.first_names


def _alike(facts: GroupFacts) -> Mapping[str, FactValue]:
    """Return the bundles that have most of these fields too, with how many they share."""
    index = facts.session.index
    shared: Counter[str] = Counter()
    for row in _named_fields(facts):
        users = index.storage_of(row).live_users
        if len(users) > _COMMON_FIELD_USERS:
            continue
        shared.update(index.owner_name(user) for key, user in users.items() if key != row.owner_key)
    return {name: count for name, count in shared.most_common(_ALIKE_MAX) if count > 1}


def _named_fields(facts: GroupFacts) -> Iterable[Entity]:
    if facts.group.action is GroupAction.REMOVE:
        return ()
    return (row for row in facts.of_kind(EntityKind.FIELD) if is_machine_name_given(row))


def _roles(facts: GroupFacts) -> Sequence[FactValue]:
    if facts.group.kind not in _KINDS_WITH_ROLES:
        return []
    roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    return [
        f"{name_of(row)} ({row.machine_name})" for row in roles if row.status is not Status.DELETED
    ]


def moderated_bundles(facts: GroupFacts) -> Sequence[str]:
    """Return the bundles that some workflow moderates; only workflow tickets speak of them."""
    if facts.group.kind is not GroupKind.WORKFLOW:
        return ()
    bundles = facts.session.specification.by_kind[EntityKind.BUNDLE]
    live = (row for row in bundles if row.status not in {Status.DELETED, Status.WAITING})
    return [name_of(row) for row in live if row.cell("Mod.").casefold() == "y"]


def _asked(facts: GroupFacts) -> Mapping[str, FactValue]:
    """Return the questions of the rules by their number, with the words that raise them."""
    return {
        str(number): without_lines(
            f"{asked.column}: “{asked.quote}” {asked.question}"
            if is_quote_needed(asked)
            else asked.question
        )
        for number, asked in enumerate(facts.questions, start=1)
    }
