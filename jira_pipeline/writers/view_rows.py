"""Which rows of other tickets a view is built on: states, fields, the search index, pages.

Belongs here: what a view uses beside the bundles it lists. Does not: what it lists (`shown_view`),
how its items look (`styles_and_modes`), words (`analysis`).
"""

import re
from collections.abc import Mapping, Sequence

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import EntityGroup, GroupKind
from jira_pipeline.domain.questions.question_index import is_machine_name_given, once_per_session
from jira_pipeline.domain.view_displays import plugin_of, setting_of
from jira_pipeline.writers.group_facts import (
    GONE,
    TO_BUILD,
    VIEWS,
    GroupFacts,
    SessionFacts,
    settled_sentences,
)
from jira_pipeline.writers.migration_runs import UPKEEP
from jira_pipeline.writers.named_rows import phrases_in
from jira_pipeline.writers.shown_view import shown_view


def states_meant(facts: GroupFacts) -> list[tuple[Entity, Entity]]:
    """Return the states that a view speaks of, by label or machine name, with their workflows.

    A state that only a filter names is to come, and of one workflow.
    """
    specification = facts.session.specification
    rows = (facts.head, *facts.to_build)
    notes = " ".join(f"{row.cell('Description')} {row.note}." for row in rows)
    names = [match["name"].casefold() for match in _STATE.finditer(notes)]
    compared = shown_view(facts).states_compared
    labels = [state.label for state in compared]
    alone = [state for state in compared if labels.count(state.label) == 1]
    return [
        (state, workflow)
        for state in specification.by_kind[EntityKind.WORKFLOW_STATE]
        for label in [rf"(?:{re.escape(state.label)}|{re.escape(state.machine_name)})\b"]
        if (state in alone and state.status in TO_BUILD)
        or any(re.match(label, name, re.IGNORECASE) for name in names)
        for workflow in specification.by_key.get(state.owner_key or "", ())[:1]
    ]


_STATE = re.compile(r"\b(?:state|status) [\"“']?(?P<name>[A-Z][\w ]*\w)")


def fields_used(facts: GroupFacts) -> list[tuple[EntityGroup, Entity]]:
    """Return the fields that a view names by machine name, with the ticket that builds each first.

    Left out is what comes with a bundle that the view lists or waits for, and what is there.
    """
    rows = (facts.head, *facts.to_build)
    cells = " ".join(cell for row in rows for c, cell in row.cells.items() if c not in UPKEEP)
    known = {d.group_key for d in facts.group.dependencies}
    known |= {
        g.key for b in shown_view(facts).listed_bundles if (g := facts.session.making.get(b.key))
    }
    named = dict.fromkeys(re.findall(r"\bfield_\w+", cells))
    built = [_fields_built(facts.session).get(name, ()) for name in named]
    return [pairs[0] for pairs in built if pairs and known.isdisjoint(g.key for g, _ in pairs)]


@once_per_session
def _fields_built(session: SessionFacts) -> Mapping[str, Sequence[tuple[EntityGroup, Entity]]]:
    """The fields that no bundle has yet, by machine name, with the tickets that build them."""
    found: dict[str, list[tuple[EntityGroup, Entity]]] = {}
    for group in session.in_order:
        for row in group.members if group.kind is GroupKind.BUNDLE else ():
            if row.kind is EntityKind.FIELD and is_machine_name_given(row):
                found.setdefault(row.machine_name, []).append((group, row))
    return {
        name: built
        for name, built in found.items()
        if {row.status for _, row in built} == {Status.APPROVED}
    }


def pages_of_blocks(facts: GroupFacts) -> list[Entity]:
    """Return the bundles on whose pages notes place blocks of a view that lists something else."""
    listed = shown_view(facts).listed_bundles
    placed = (
        match[1]
        for row in facts.to_build
        if plugin_of(row) == "block"
        for sentence in settled_sentences(row)
        for match in _PLACED_ON.finditer(sentence)
    )
    called = facts.session.index.bundles_called
    found = {
        bundle.key: bundle
        for place in placed
        for phrase in phrases_in(place)
        for bundle in called.get(phrase.casefold(), ())
        if phrase[:1].isupper() and bundle not in listed and bundle.status not in GONE
        if bundle.bundle_type in {BundleType.CONTENT, BundleType.VOCABULARY}
    }
    return list(found.values())


_PLACED_ON = re.compile(
    r"(?<!filter )\b(?:[Oo]n|[Ii]n|[Uu]nder|[Bb]elow|[Aa]bove|[Bb]eside|of)"
    r"((?: (?:the|each|every|an?|and|or|[A-Z][\w-]*)\b,?)+)"
)
"""Where a note puts a block: `Above the title on Trail and Hut`."""


def newly_indexed(facts: GroupFacts) -> list[Entity]:
    """Return the new bundles to be searched, in build order, where a view lists the only index.

    A view that lists bundles of its own is over a part of it.
    """
    rows = (facts.head, *facts.to_build)
    indexes = {index for row in rows for index in indexes_named(row)}
    view = shown_view(facts)
    is_searching = indexes or view.is_search
    if not is_searching or facts.group.is_hollow or view.listed_bundles:
        return []
    if len(indexes | _indexes(facts.session)) > 1:
        return []
    return [
        head
        for group in facts.session.in_order
        for head in group.heads
        if head.kind is EntityKind.BUNDLE
        and head.bundle_type is not BundleType.PARAGRAPH  # found by what holds it
        and head.status is Status.APPROVED
        and head.cell(SEARCHED).casefold() == "y"
    ]


@once_per_session
def _indexes(session: SessionFacts) -> frozenset[str]:
    """The search indexes that views to stay or to come are over, by name."""
    rows = (row for kind in VIEWS for row in session.specification.by_kind[kind])
    return frozenset(
        index for row in rows if row.status not in GONE for index in indexes_named(row)
    )


def indexes_named(row: Entity) -> set[str]:
    """Return the search index that base table or filters of a view or display name."""
    cells = (row.cell("Base table"), setting_of(row, "filters"))
    found = filter(None, map(_INDEX.search, cells))
    return {match["name"].strip().casefold() for match in found}


_INDEX = re.compile(r"\bindex\b\W*(?P<name>[\w ]*)", re.IGNORECASE)
SEARCHED = "Srch."
"""Of a bundle: whether the search index holds it."""
