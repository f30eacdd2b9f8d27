"""The rules that say what belongs together without waiting.

Belongs here: workflows and moderated bundles, view modes and what uses them, names that notes
mention. Does not: dependencies (`edges`); no rule here makes a Blocks link.
"""

import re

from jira_pipeline.domain.entities import Entity, EntityKind
from jira_pipeline.domain.entity_groups import GroupKind, RelationKind
from jira_pipeline.domain.line_numbers import lines_in_words
from jira_pipeline.domain.workflow_notes import APPLIES_TO, is_listed
from jira_pipeline.stages.entity_grouping.connections import (
    Connections,
    called,
    notes_of,
    talking_rows,
    targets_of,
    tickets_of,
)
from jira_pipeline.stages.entity_grouping.drafts import name_of
from jira_pipeline.stages.entity_grouping.mentions import PhraseIndex, word_count
from jira_pipeline.stages.entity_grouping.tickets import PlaceState, PlannedTicket
from jira_pipeline.stages.entity_grouping.titles import label_of

_EXCEPTION_WORDS = re.compile(
    r"\b(?:except|excluding|not|never|without|but|other than|unless|no)\b", re.IGNORECASE
)
_WORKFLOWS_LISTED_EACH_MAX = 5
"""Above it, a relation of every workflow to every bundle helps nobody and grows as a square."""
_LEAST_WORDS_OF_A_MENTION = 2
"""Labels of one word (Image, Text, Map) are ordinary words in most notes."""


def connect_relations(connections: Connections) -> None:
    """Apply every rule that makes relations; they skip what waits already."""
    _relate_workflows_and_bundles(connections)
    _relate_view_modes_and_bundles(connections)
    _suggest_mentions(connections)


def _relate_workflows_and_bundles(connections: Connections) -> None:
    """Relate moderated bundles and workflows, or make a bundle wait where a note names it."""
    moderated = [
        (ticket, ticket.draft.heads[0])
        for ticket in tickets_of(connections, GroupKind.BUNDLE)
        if ticket.draft.heads[0].cell("Mod.").casefold() == "y"
    ]
    workflows = tickets_of(connections, GroupKind.WORKFLOW)
    bundles = connections.specification.by_kind[EntityKind.BUNDLE]
    if len(workflows) > _WORKFLOWS_LISTED_EACH_MAX:
        _relate_summarily(connections, moderated, workflows)
        return
    for workflow_ticket in workflows:
        workflow = workflow_ticket.draft.heads[0]
        notes = notes_of(workflow)
        naming = f"{APPLIES_TO} of" if workflow.cell(APPLIES_TO) else "the note of"
        is_settled = bool(workflow.cell(APPLIES_TO)) and any(
            is_listed(bundle, workflow) for bundle in bundles
        )
        is_settled |= any(_is_named(bundle, notes) for bundle in bundles)
        for ticket, bundle in moderated:
            if is_listed(bundle, workflow) or _is_named(bundle, notes):
                reason = f"named by {naming} {workflow.label} (line {workflow.source.line})"
                connections.refer(ticket.draft.key, workflow, reason, is_required=False)
                continue
            if is_settled:
                continue  # who names some means no others
            reason = f"Mod. is y (line {bundle.source.line})"
            connections.suggest(ticket.draft.key, workflow, reason)
            connections.suggest(workflow_ticket.draft.key, bundle, reason)


def _relate_summarily(
    connections: Connections,
    moderated: list[tuple[PlannedTicket, Entity]],
    workflows: list[PlannedTicket],
) -> None:
    for ticket, bundle in moderated:
        reason = f"Mod. is y (line {bundle.source.line})"
        label = f"{len(workflows)} workflows"
        connections.relate(ticket.draft.key, RelationKind.RELATED, label, reason)
    for ticket in workflows:
        label = f"{len(moderated)} moderated bundles"
        connections.relate(ticket.draft.key, RelationKind.RELATED, label, "their Mod. is y")


def _is_named(bundle: Entity, notes: str) -> bool:
    """Tell whether a note names a bundle; a note with an exception in it is not understood."""
    name = name_of(bundle)
    if name not in notes or _EXCEPTION_WORDS.search(notes):
        return False
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", notes) is not None


def _relate_view_modes_and_bundles(connections: Connections) -> None:
    """Give each bundle the list of the view modes it uses, and the reverse."""
    for ticket in tickets_of(connections, GroupKind.VIEW_MODES):
        used: dict[str, list[Entity]] = {}
        for mode in talking_rows(ticket):
            for key in targets_of(mode):
                used.setdefault(key, []).append(mode)
        for key, modes in used.items():
            labels = ", ".join(mode.label for mode in modes)
            reason = f"{labels} ({lines_in_words([mode.source.line for mode in modes])})"
            bundle = connections.specification.by_key[key][0]
            connections.suggest(ticket.draft.key, bundle, f"uses {reason}")
            place = connections.plan.places.get(key)
            if place is not None and place.state is PlaceState.TICKET and place.group_key:
                connections.relate(
                    place.group_key,
                    RelationKind.RELATED,
                    label_of(ticket.draft),
                    f"uses {reason}",
                    to=ticket.draft.key,
                )


def _suggest_mentions(connections: Connections) -> None:
    specification, names = connections.specification, []
    for bundle in specification.by_kind[EntityKind.BUNDLE]:
        names.append((bundle.label, bundle.key))
        if word_count(name_of(bundle)) >= _LEAST_WORDS_OF_A_MENTION:
            names.append((name_of(bundle), bundle.key))
    for view in specification.by_kind[EntityKind.VIEW]:
        if word_count(view.label) >= _LEAST_WORDS_OF_A_MENTION:
            names.append((view.label, view.key))
        displays = specification.members_of.get(view.key, ())
        names += [(f"{view.label} {display.label}", view.key) for display in displays]
    by_key, index = specification.by_key, PhraseIndex(names)
    for ticket in connections.plan.tickets:
        if ticket.draft.kind is GroupKind.REMOVAL:
            continue
        for row in talking_rows(ticket):
            notes = notes_of(row)
            for key in index.found_in(notes) if notes else ():
                reason = f"mentioned by {called(row)} (line {row.source.line})"
                connections.suggest(ticket.draft.key, by_key[key][0], reason)
