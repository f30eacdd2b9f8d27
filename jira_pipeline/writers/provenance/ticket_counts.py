"""What can be counted in the facts of a ticket.

Belongs here: rows by status and by value, who shares, uses and waits. Does not: when a number in a
sentence is one of these counts (`countable`), numbers that are in cells (`ticket_source`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial

from jira_pipeline.domain.entities import SHEET_NAMES, BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupAction
from jira_pipeline.domain.lexicon import word_list
from jira_pipeline.domain.note_sentences import items_of
from jira_pipeline.domain.questions.field_questions import hidden_sentence
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.domain.view_displays import setting_of
from jira_pipeline.writers.analysis import CREATORS_MAX
from jira_pipeline.writers.group_facts import (
    TO_BUILD,
    GroupFacts,
    coming_targets,
    literal,
    transitions_of,
)
from jira_pipeline.writers.plain_words import normalised, singular, singular_words
from jira_pipeline.writers.prompt_facts import moderated_bundles, sharers_of
from jira_pipeline.writers.provenance.countable import Collection
from jira_pipeline.writers.removals import going_rows
from jira_pipeline.writers.storage_plan import storage_plan_of
from jira_pipeline.writers.verification import required_on_form

_SHORT_VALUE_CHARACTERS = 60
"""Longer cells are sentences: nobody counts the rows that share them by their words."""
_LIST_CHARACTERS = 200
"""A longer cell with commas is prose, not a list."""
_PHRASE_CHARACTERS_MIN = 12
"""A shorter part of a long cell is in other cells too."""
_PARTS_OF_VALUE = re.compile(r"[,;]|\.(?:\s|$)")
_CONTENT_WORD_CHARACTERS_MIN = 4
"""Shorter words of a cell, such as `y` or `tag`, are in any sentence."""
_COLUMN_CUES: Mapping[str, str] = {
    "Req'd": "required require mandatory optional empty saved",
    "Vals.": "values unlimited single several multiple cardinality",
    "Trns.": "translatable translated",
    "Reused Field": "reused",
    "Dev": "dev",
}
"""Words people use for columns with short names."""
_STATUS_CUES: Mapping[Status, str] = {
    Status.IMPLEMENTED: "already there before unchanged exist remain",
    Status.WAITING: "hold wait waiting",
    Status.DELETED: "remove removed removal drop dropped gone go left delete deleted obsolete",
}
_ALL_CUES = "all total together now"
_SEEN_AS_A_WHOLE = frozenset({EntityKind.WORKFLOW_STATE, EntityKind.WORKFLOW_TRANSITION})
"""What is there already counts with what is to build."""
_NAMED_CUES = "these those besides"
_BESIDES = "besides"
"""What follows it is not counted."""


def collections_of(facts: GroupFacts) -> tuple[Collection, ...]:
    """Return what can be counted of a ticket, each collection once."""
    used = {
        normalised(literal(row)).casefold(): frozenset({name}) for row, name in facts.settled_names
    }
    found = (c for c in _collections(facts) if c.items)
    if used:
        found = (
            replace(c, items=tuple(i.union(*(used[n] for n in i if n in used)) for i in c.items))
            for c in found
        )
    return tuple(dict.fromkeys(found))


def _collections(facts: GroupFacts) -> Iterator[Collection]:
    every = facts.own_rows
    for rows in _parts(every, _kind):
        # Count the rows of one kind: those to build, of each other status, all, and by value.
        to_build = [row for row in rows if row.status in TO_BUILD]
        yield from _counted(to_build, cues="")
        yield from _counted([row for row in rows if row.status is Status.APPROVED], cues="")
        for status, cues in _STATUS_CUES.items():
            yield from _counted([row for row in rows if row.status is status], cues=cues)
        live = [row for row in rows if row.status not in {Status.WAITING, Status.DELETED}]
        yield from _counted(live, cues="" if rows[0].kind in _SEEN_AS_A_WHOLE else _ALL_CUES)
        yield from _counted(rows, cues=_ALL_CUES)
        yield from _by_value(to_build)
    for rows in _parts(facts.group.heads, lambda row: str(row.bundle_type)):
        yield _of_rows(rows)
    for head in facts.group.heads:
        yield from _listed_in(head)
    yield _of_rows(facts.group.members, nouns=frozenset({"row"}))
    yield _of_rows(facts.to_build, nouns=frozenset({"row"}))
    if facts.group.action is GroupAction.REMOVE:
        yield from (_of_rows(rows, cues=_cues("more")) for rows in going_rows(facts))
    else:
        yield from _surroundings(facts)


def _kind(row: Entity) -> str:
    return row.kind.value


def _counted(rows: Sequence[Entity], *, cues: str) -> Iterator[Collection]:
    """Count rows, the things they describe, and those of them with a machine name."""
    distinct = tuple({row.key: row for row in rows}.values())
    transitions = [row for row in rows if row.kind is EntityKind.WORKFLOW_TRANSITION]
    named = [row for row in distinct if is_machine_name_given(row)]
    others = _cues(_BESIDES if len(named) < len(distinct) else "")
    yield replace(_of_rows(rows, cues=_cues(cues)), other_cues=others)
    yield replace(_of_rows(distinct, cues=_cues(cues)), other_cues=others)
    yield _of_rows([t.row for t in transitions_of(transitions)], cues=_cues(cues))
    yield _of_rows(named, cues=_cues(_NAMED_CUES))


def _by_value(rows: Sequence[Entity]) -> Iterator[Collection]:
    """Count, for each column, its values, the rows with one, without one, and with the same."""
    for column in dict.fromkeys(column for row in rows for column in row.cells):
        cues = (_words_of(column) - word_list("counted_nouns")) | _cues(
            _COLUMN_CUES.get(column, "")
        )
        filled = [row for row in rows if row.cell(column) not in {"", "-"}]
        values = _parts(filled, partial(Entity.cell, column=column))
        parts = {part.casefold() for row in filled for part in _list_parts(row.cell(column))}
        yield _around(sorted(parts), nouns="option")
        if cues:
            yield _of_rows(filled, cues=cues)
            yield _of_rows([row for row in rows if row.cell(column) in {"", "-"}], cues=cues)
            yield _of_rows([same[0] for same in values], cues=cues)
        for same in values:
            value = same[0].cell(column)
            yield _of_rows(same, cues=_value_cues(value) | (cues if _is_short(value) else set()))


def _is_short(value: str) -> bool:
    return len(value) <= _SHORT_VALUE_CHARACTERS


def _value_cues(value: str) -> frozenset[str]:
    """Return the words of a short cell; of a long one its parts, one of which is repeated."""
    plain = normalised(value).casefold()
    parts = (part.strip() for part in _PARTS_OF_VALUE.split(plain))
    phrases = {part for part in parts if " " in part and len(part) >= _PHRASE_CHARACTERS_MIN}
    return frozenset(
        phrases | {plain.rstrip(". ")} | (_words_of(value) if _is_short(value) else set())
    )


def _listed_in(head: Entity) -> Iterator[Collection]:
    """Count what cells of a head list, such as the displays of a view, also those of one kind."""
    for column in head.cells:
        parts = [part.casefold() for part in items_of(head.cell(column))]
        if len(parts) > 1 and len(head.cell(column)) <= _LIST_CHARACTERS:
            yield _around(parts, nouns=column.casefold())
    displays = [display.casefold() for display in items_of(setting_of(head, "displays"))]
    yield replace(_around(displays, nouns="display place"), is_noun_needed=False)
    for same in {display.split()[0]: None for display in displays}:
        of_kind = [display for display in displays if display.split()[0] == same]
        yield _around(of_kind, nouns=f"{same} tab")


def _list_parts(cell: str) -> list[str]:
    """Return the items of a cell that lists some, without what is in brackets."""
    if len(cell) > _LIST_CHARACTERS:
        return []
    return [
        part.strip() for part in re.sub(r"\([^)]{0,1000}\)", "", cell).split(",") if part.strip()
    ]


def _words_of(text: str) -> frozenset[str]:
    """Return the words of a text that say what it is about."""
    words = singular_words(text) - word_list("frequent_words")
    return frozenset(word for word in words if len(word) >= _CONTENT_WORD_CHARACTERS_MIN)


def _cues(words: str) -> frozenset[str]:
    return frozenset(singular(word) for word in words.split())


def _surroundings(  # noqa: C901, PLR0912 - one count after the other
    facts: GroupFacts,
) -> Iterator[Collection]:
    """Count what is around the rows: who waits, uses, shares, and what is mentioned."""
    yield _around([name_of(row) for row in facts.hosts])
    for same in _parts(facts.hosts, lambda row: str(row.bundle_type)):
        yield _around([name_of(row) for row in same])
    yield _around([group.label for group in facts.dependents])
    for group in facts.dependents:
        if len(group.heads) > 1:
            waiting = [row for row in group.heads if row.status in TO_BUILD]
            yield replace(_of_rows(waiting), is_noun_needed=True)
    yield _around([facts.session.groups[d.group_key].label for d in facts.group.dependencies])
    for kind in dict.fromkeys(relation.kind for relation in facts.group.relations):
        yield _around([r.label for r in facts.group.relations if r.kind is kind])
    yield _around(moderated_bundles(facts))
    roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    yield _around([name_of(role) for role in roles if role.status is not Status.DELETED], "role")

    # Count the other bundles that have a field, and the fields another bundle has too.
    shared: dict[str, list[str]] = {}
    for row in facts.of_kind(EntityKind.FIELD):
        sharers = sharers_of(facts, row)
        for some in sharers:
            yield _named_by(
                row.machine_name,
                some.first_names,
                nouns="type bundle place vocabulary paragraph",
                count=some.count,
            )
        for name in sharers[0].first_names:
            shared.setdefault(name, []).append(row.machine_name)
    for name, fields in shared.items():
        yield _named_by(name, fields, nouns="field")

    # Count the rows that have a note, that share one, and those that go without one.
    noted = [row for row in facts.to_build if facts.note_to_quote(row)]
    leaving = [row for row in facts.with_status(Status.DELETED) if not facts.note_to_quote(row)]
    yield _of_rows(leaving, cues=_cues(_STATUS_CUES[Status.DELETED]))
    noting_same: dict[str, list[Entity]] = {}
    for row in noted:
        noting_same.setdefault(row.note, []).append(row)
    for noting in (noted, *noting_same.values()):
        yield replace(_of_rows(noting, cues=_cues("note")), is_noun_needed=True)

    specification = facts.session.specification
    used = [head for head in facts.group.heads if specification.referrers_of.get(head.key)]
    certain = [row for row in facts.to_build if not facts.is_doubted(row)]
    for listed in (used, certain):
        yield _of_rows(listed, cues=_cues("more"))
    referring = [row for row in facts.to_build if coming_targets(row, specification)]
    yield _of_rows(referring, cues=frozenset({"reference"}))
    hidden = [row for row in facts.to_build if hidden_sentence(row)]
    yield _of_rows(hidden, cues=frozenset({"form"}))
    required = required_on_form(facts.to_build)
    yield _of_rows(required, cues=frozenset({"saved"}))
    for is_open in (True, False):
        part = [row for row in required if facts.may_be_optional(row) is is_open]
        yield _of_rows(part, cues=frozenset({"saved"}))

    # Count the fields that come from one place, and who reuses what is created here.
    plan = storage_plan_of(facts)
    before = [created for _, created in plan.created_before]
    rest = [row for created in before[CREATORS_MAX:] for row in created]
    here = [created for _, created in plan.created_here]
    later = [rows for _, rows in plan.shared_later]
    all_here, all_later, new = (
        [row for rows in part for row in rows]
        for part in (here, later, [rows for _, rows in plan.new_later])
    )
    for reused in (plan.there, *before, rest, *here, *later, new, all_here, all_later):
        yield replace(_of_rows(reused), is_noun_needed=True)
    for users, _ in (*plan.created_here, *plan.shared_later):
        yield _unnamed(len(users), "later")

    asked = facts.questions
    yield _unnamed(len(asked), "question")
    yield _unnamed(sum(not question.suggested_answer for question in asked), "question")
    subjects = dict.fromkeys(subject for question in asked for subject in question.subjects)
    yield _around(subjects, "question subject")


def _unnamed(count: int, noun: str) -> Collection:
    return Collection(
        items=(frozenset[str](),) * count, nouns=frozenset({noun}), is_noun_needed=True
    )


def _around(labels: Iterable[str], nouns: str = "place bundle type vocabulary") -> Collection:
    return Collection(
        items=tuple(frozenset({normalised(name).casefold()}) for name in labels),
        nouns=_cues(nouns),
        is_noun_needed=True,
    )


def _named_by(
    name: str, items: Sequence[str], *, nouns: str, count: int | None = None
) -> Collection:
    """Return what belongs to one name; those after the first items have no names here."""
    named = tuple(frozenset({normalised(item).casefold()}) for item in items)
    unnamed = (frozenset[str](),) * ((count or len(items)) - len(items))
    return Collection(
        items=named + unnamed,
        nouns=_cues(nouns),
        cues=frozenset({normalised(name).casefold()}),
        owner=normalised(name).casefold(),
    )


def _of_rows(
    rows: Iterable[Entity],
    *,
    cues: AbstractSet[str] = frozenset(),
    nouns: frozenset[str] = frozenset(),
) -> Collection:
    known = tuple(rows)
    return Collection(
        items=tuple(_names(row) for row in known),
        nouns=nouns or frozenset(noun for row in known for noun in _nouns(row)),
        cues=frozenset(cues),
    )


def _names(row: Entity) -> frozenset[str]:
    names = {row.machine_name, row.label, name_of(row)} - {"", "-"}
    return frozenset(normalised(name).casefold() for name in names)


def _nouns(row: Entity) -> frozenset[str]:
    """Return what a row may be called; `type` alone would be every kind of bundle."""
    kind = SHEET_NAMES[row.kind].split()[-1]
    if row.kind is EntityKind.BUNDLE and row.bundle_type is not None:
        return frozenset({_BUNDLE_NOUNS[row.bundle_type], "bundle"})
    return frozenset({singular(kind), "row"})


_BUNDLE_NOUNS: Mapping[BundleType, str] = {
    BundleType.CONTENT: "content",
    BundleType.PARAGRAPH: "paragraph",
    BundleType.VOCABULARY: "vocabulary",
    BundleType.MEDIA: "media",
    BundleType.BLOCK: "block",
    BundleType.WEBFORM: "webform",
}


def _parts(rows: Iterable[Entity], key: Callable[[Entity], str]) -> tuple[tuple[Entity, ...], ...]:
    found: dict[str, list[Entity]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return tuple(tuple(same) for same in found.values())
