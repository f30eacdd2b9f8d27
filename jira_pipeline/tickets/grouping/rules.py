"""The rules that make one ticket wait for another, or mention it, and what they found.

Belongs here: which references, cells and names in notes are a dependency or a relation, with the
reason in words; finding labels in notes; collecting it for all tickets. Does not: cycles and order
(`model/dependencies`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.view.base_table import type_named_by
from jira_pipeline.drupal.workflow.applies_to import COLUMN as APPLIES_TO, applies_to_of
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import (
    Entity,
    EntityKind,
    Reference,
    RowSource,
    Specification,
    Status,
)
from jira_pipeline.model.entity_groups import (
    COMPONENT_KINDS,
    GroupKind,
    GroupRelation,
    RelationKind,
)
from jira_pipeline.model.grouped import group_pairs
from jira_pipeline.model.line_numbers import lines_cited
from jira_pipeline.tickets.grouping.ticket_plan import (
    GroupDraft,
    PlaceState,
    PlannedTicket,
    TicketPlan,
    label_of,
)

_TALKING = frozenset({Status.APPROVED, Status.CHANGED, Status.IMPLEMENTED})
"""Rows that are on hold or go make no edges and no relations."""
_WITH_OWN_RULES = frozenset({EntityKind.VIEW_MODE, EntityKind.MIGRATION, EntityKind.COMPONENT})
"""What their rows point at is said in other words, or is no dependency."""
_MOST_REASONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A group waits for another, for one reason."""

    dependent: str
    dependency: str
    reason: str
    is_required: bool


@dataclass(kw_only=True)
class Connections:
    """Everything the rules found, collected in sheet order."""

    plan: TicketPlan
    specification: Specification
    found: list[Connection] = field(default_factory=list)
    _reasons: dict[str, dict[tuple[RelationKind, str, str | None], dict[str, None]]] = field(
        default_factory=dict
    )
    _required: set[tuple[str, str]] = field(default_factory=set)

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        """What people call each ticket."""
        return {t.draft.key: group_label_of(t.draft) for t in self.plan.tickets}

    def refer(self, group_key: str, target: Entity, reason: str, *, is_required: bool) -> None:
        """Note that a group needs an entity: an edge, or what is mentioned where none is possible."""
        place = self.plan.places.get(target.key)
        if place is None or place.group_key == group_key:
            return
        self._required.add((group_key, target.key))
        if place.group_key is not None and place.state is not PlaceState.REMOVED:
            self.found.append(
                Connection(
                    dependent=group_key,
                    dependency=place.group_key,
                    reason=reason,
                    is_required=is_required,
                )
            )
        match place.state:
            case PlaceState.TICKET:
                return
            case PlaceState.SATISFIED:
                self.relate(group_key, RelationKind.SATISFIED, target.label, reason)
            case PlaceState.ON_HOLD:
                self.relate(
                    group_key, RelationKind.ON_HOLD, target.label, reason, to=place.group_key
                )
            case PlaceState.REMOVED:
                self._relate_to_removal(group_key, target, reason, place.group_key)

    def relate(
        self, group_key: str, kind: RelationKind, label: str, reason: str, *, to: str | None = None
    ) -> None:
        """Note a relation; the reasons of equal relations are joined."""
        relations = self._reasons.setdefault(group_key, {})
        relations.setdefault((kind, label, to), {})[reason] = None

    def suggest(self, group_key: str, target: Entity, reason: str) -> None:
        """Note a relation, unless something stronger is known already.

        What is to be removed is linked: who mentions it must know.
        """
        place = self.plan.places.get(target.key)
        to = place.group_key if place is not None else None
        if to == group_key or (group_key, target.key) in self._required:
            return
        if place is not None and place.state is PlaceState.REMOVED:
            self._relate_to_removal(group_key, target, reason, to)
        else:
            self.relate(group_key, RelationKind.RELATED, target.label, reason, to=to)

    def relations_of(self, group_key: str) -> tuple[GroupRelation, ...]:
        """Return the relations of a group by kind, then as they were noted."""
        kinds = list(RelationKind)
        relations = []
        found = self._reasons.get(group_key, {})
        for kind, label, to in sorted(found, key=lambda key: kinds.index(key[0])):
            reasons = list(found[kind, label, to])
            more = len(reasons) - _MOST_REASONS
            shown = [*reasons[:_MOST_REASONS], *([f"and {more} more"] if more > 0 else [])]
            relations.append(
                GroupRelation(kind=kind, label=label, reason="; ".join(shown), group_key=to)
            )
        return tuple(relations)

    def _relate_to_removal(
        self, group_key: str, target: Entity, reason: str, removal_key: str | None
    ) -> None:
        kind = RelationKind.REMOVAL if removal_key is not None else RelationKind.RELATED
        self.relate(group_key, kind, target.label, f"to be removed, {reason}", to=removal_key)
        if removal_key is not None:
            reason_there = f"{target.label} is {reason}"
            self.relate(removal_key, kind, self._labels[group_key], reason_there, to=group_key)


def group_label_of(draft: GroupDraft) -> str:
    """Return what other tickets call a group: its head with type, or the group."""
    return draft.heads[0].label if draft.has_head and len(draft.heads) == 1 else label_of(draft)


def talking_rows(ticket: PlannedTicket) -> Iterator[Entity]:
    """Return the rows of a ticket that make edges and relations; none of a removal does."""
    is_removal = ticket.draft.kind is GroupKind.REMOVAL
    rows = () if is_removal else (*ticket.draft.heads, *ticket.draft.members)
    return (row for row in rows if row.status in _TALKING)


def tickets_of(connections: Connections, *kinds: GroupKind) -> list[PlannedTicket]:
    """Return the tickets of some kinds, in the order of the plan."""
    return [ticket for ticket in connections.plan.tickets if ticket.draft.kind in kinds]


def notes_of(entity: Entity) -> str:
    """Return what the note columns of a row say."""
    return "\n".join(text for column in NOTE_COLUMNS if (text := entity.cell(column)))


def called(entity: Entity) -> str:
    """Return what a reason calls a row: its machine name, else its label."""
    return entity.machine_name if entity.has_machine_name else entity.label


def targets_of(entity: Entity) -> Iterator[str]:
    """Return the keys a row points at."""
    return (r.target_key for r in entity.references if r.target_key is not None)


_EXCEPTION_WORDS = re.compile(
    r"\b(?:except|excluding|not|never|without|but|other than|unless|no)\b", re.IGNORECASE
)
_WORKFLOWS_LISTED_EACH_MAX = 5
"""Above it, a relation of every workflow to every bundle helps nobody and grows as a square."""
_LEAST_WORDS_OF_A_MENTION = 2
"""Labels of one word (Image, Text, Map) are ordinary words in most notes."""

_WORD = re.compile(r"\w+|[^\w\s]")
_SHORTEST_PLURAL = 4


def connect_tickets(connections: Connections) -> None:
    """Apply every rule; those that only relate come last and skip what waits already."""
    for connect in (
        _follow_references,
        _connect_workflows_to_roles,
        _connect_view_modes_to_styles,
        _connect_views_to_bundles,
        _connect_migrations,
        _connect_components,
        _connect_workflows_and_bundles,
        _relate_view_modes_and_bundles,
        _suggest_mentions,
    ):
        connect(connections)


def _follow_references(connections: Connections) -> None:
    by_key = connections.specification.by_key
    for ticket in connections.plan.tickets:
        counted: dict[str, list[RowSource]] = {}
        for row, reference, target_key in _references_of(ticket):
            if not ticket.draft.has_head and connections.plan.ticket_of(target_key):
                counted.setdefault(target_key, []).append(row.source)
                continue
            verb = "required by" if reference.is_required else "referenced by"
            connections.refer(
                ticket.draft.key,
                by_key[target_key][0],
                f"{verb} {called(row)} ({lines_cited([row.source])})",
                is_required=reference.is_required,
            )
        # Give a collection one reason instead of one for each of its rows.
        sources = {source for found in counted.values() for source in found}
        for target_key in counted:
            rows = f"{len(sources)} row{'s' * (len(sources) > 1)}"
            reason = f"referenced by {rows} ({lines_cited(sources)})"
            connections.refer(ticket.draft.key, by_key[target_key][0], reason, is_required=False)


def _references_of(ticket: PlannedTicket) -> Iterator[tuple[Entity, Reference, str]]:
    """Return what each row points at; some kinds have rules of their own."""
    return (
        (row, reference, reference.target_key)
        for row in talking_rows(ticket)
        if row.kind not in _WITH_OWN_RULES
        for reference in row.references
        if reference.target_key is not None
    )


def _connect_workflows_to_roles(connections: Connections) -> None:
    """Make workflows wait for the roles that notes of their transitions name."""
    by_key = connections.specification.by_key
    by_kind = connections.specification.by_kind
    index = PhraseIndex((role.label, role.key) for role in by_kind[EntityKind.USER_ROLE])
    for ticket in tickets_of(connections, GroupKind.WORKFLOW):
        callers = group_pairs(
            (key, row)
            for row in talking_rows(ticket)
            if row.kind is EntityKind.WORKFLOW_TRANSITION
            for key in index.found_in(notes_of(row))
        )
        for key, rows in callers.items():
            names = list(dict.fromkeys(map(called, rows)))
            caller = names[0] if len(names) == 1 else f"{len(names)} transitions"
            lines = lines_cited(row.source for row in rows)
            reason = f"{by_key[key][0].label} is named by {caller} ({lines})"
            connections.refer(ticket.draft.key, by_key[key][0], reason, is_required=False)


def _connect_view_modes_to_styles(connections: Connections) -> None:
    """Make view modes and the bundles that use them wait for the style a note names."""
    by_kind = connections.specification.by_kind
    responsive, plain = (
        PhraseIndex((name, s.key) for s in by_kind[kind] for name in (s.label, s.machine_name))
        for kind in (EntityKind.RESPONSIVE_IMAGE_STYLE, EntityKind.IMAGE_STYLE)
    )
    for ticket in tickets_of(connections, GroupKind.VIEW_MODES):
        for mode in talking_rows(ticket):
            notes = notes_of(mode)
            if "image style" not in notes.casefold():
                continue
            styles = responsive if "responsive" in notes.casefold() else plain
            for key in styles.found_in(notes):
                style = connections.specification.by_key[key][0]
                reason = f"used by the view mode {mode.label} ({lines_cited([mode.source])})"
                connections.refer(ticket.draft.key, style, reason, is_required=False)
                for group_key in filter(None, map(connections.plan.ticket_of, targets_of(mode))):
                    connections.refer(group_key, style, reason, is_required=False)


def _connect_views_to_bundles(connections: Connections) -> None:
    """Make views wait for the type that they have the name of."""
    for ticket in tickets_of(connections, GroupKind.VIEW):
        head = ticket.draft.heads[0]
        if bundle := type_named_by(head, connections.specification):
            reason = f"listed by the view {called(head)} ({lines_cited([head.source])})"
            connections.refer(ticket.draft.key, bundle, reason, is_required=False)


def _connect_migrations(connections: Connections) -> None:
    """Make a migration wait for the types that it fills and for the migrations that it names."""
    by_key = connections.specification.by_key
    for ticket in tickets_of(connections, GroupKind.MIGRATION):
        for row in talking_rows(ticket):
            if row.kind is not EntityKind.MIGRATION:
                continue
            place = f"{called(row)} ({lines_cited([row.source])})"
            for reference in row.references:
                if reference.target_key is None:
                    continue
                is_type = reference.target_kind is EntityKind.BUNDLE
                reason = f"filled by {place}" if is_type else f"{place} depends on it"
                target = by_key[reference.target_key][0]
                connections.refer(ticket.draft.key, target, reason, is_required=True)


def _connect_components(connections: Connections) -> None:
    """Make components wait for what they cannot be without; the rest is mentioned or linked."""
    by_key = connections.specification.by_key
    for ticket in tickets_of(connections, *COMPONENT_KINDS):
        head = ticket.draft.heads[0]
        for reference in head.references:
            strength = "mandatory" if reference.is_required else "recommended"
            if reference.target_key is None:
                kind = RelationKind.PREREQUISITE if reference.is_required else RelationKind.RELATED
                connections.relate(
                    ticket.draft.key, kind, reference.text, f"{strength}, without a ticket here"
                )
            elif reference.is_required:
                connections.refer(
                    ticket.draft.key, by_key[reference.target_key][0], strength, is_required=True
                )
            else:
                connections.relate(
                    ticket.draft.key,
                    RelationKind.RECOMMENDED,
                    by_key[reference.target_key][0].label,
                    "",
                    to=connections.plan.places[reference.target_key].group_key,
                )


def _connect_workflows_and_bundles(connections: Connections) -> None:
    """Relate moderated bundles and workflows, or make a bundle wait where a note names it."""
    moderated = [
        (ticket, ticket.draft.heads[0])
        for ticket in tickets_of(connections, GroupKind.BUNDLE)
        if ticket.draft.heads[0].flag("Mod.")
    ]
    workflows = tickets_of(connections, GroupKind.WORKFLOW)
    bundles = connections.specification.by_kind[EntityKind.BUNDLE]
    for workflow_ticket in workflows:
        workflow = workflow_ticket.draft.heads[0]
        notes = notes_of(workflow)
        naming = f"{APPLIES_TO.name} of" if workflow.cell(APPLIES_TO.name) else "the note of"
        applies_to = applies_to_of(workflow, connections.specification)
        listed = {bundle.key for bundle in applies_to.bundles}
        is_settled = bool(listed) or any(_is_named(bundle, notes) for bundle in bundles)
        is_settled |= len(workflows) > _WORKFLOWS_LISTED_EACH_MAX
        for ticket, bundle in moderated:
            if bundle.key in listed or _is_named(bundle, notes):
                reason = f"named by {naming} {workflow.label} ({lines_cited([workflow.source])})"
                connections.refer(ticket.draft.key, workflow, reason, is_required=False)
                continue
            if is_settled:
                continue  # who names some means no others
            reason = f"Mod. is y ({lines_cited([bundle.source])})"
            connections.suggest(ticket.draft.key, workflow, reason)
            connections.suggest(workflow_ticket.draft.key, bundle, reason)


def _is_named(bundle: Entity, notes: str) -> bool:
    """Tell whether a note names a bundle; a note with an exception in it is not understood."""
    name = name_of(bundle)
    is_understood = name in notes and not _EXCEPTION_WORDS.search(notes)
    return is_understood and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", notes) is not None


def _relate_view_modes_and_bundles(connections: Connections) -> None:
    """Give each bundle the list of the view modes it uses, and the reverse."""
    for ticket in tickets_of(connections, GroupKind.VIEW_MODES):
        used = group_pairs((key, mode) for mode in talking_rows(ticket) for key in targets_of(mode))
        for key, modes in used.items():
            labels = ", ".join(mode.label for mode in modes)
            reason = f"uses {labels} ({lines_cited(mode.source for mode in modes)})"
            bundle = connections.specification.by_key[key][0]
            connections.suggest(ticket.draft.key, bundle, reason)
            if group_key := connections.plan.ticket_of(key):
                connections.relate(
                    group_key,
                    RelationKind.RELATED,
                    label_of(ticket.draft),
                    reason,
                    to=ticket.draft.key,
                )


def _suggest_mentions(connections: Connections) -> None:
    specification = connections.specification
    by_kind = connections.specification.by_kind
    bundles = by_kind[EntityKind.BUNDLE]
    views = by_kind[EntityKind.VIEW]
    called_so = ((name_of(head), head.key) for head in (*bundles, *views))
    names = (
        *((bundle.label, bundle.key) for bundle in bundles),
        *(pair for pair in called_so if len(words_of(pair[0])) >= _LEAST_WORDS_OF_A_MENTION),
        *(
            (f"{view.label} {display.label}", view.key)
            for view in views
            for display in specification.members_of.get(view.key, ())
        ),
    )
    by_key = specification.by_key
    index = PhraseIndex(names)
    for ticket in connections.plan.tickets:
        for row in talking_rows(ticket):
            notes = notes_of(row)
            for key in index.found_in(notes) if notes else ():
                reason = f"mentioned by {called(row)} ({lines_cited([row.source])})"
                connections.suggest(ticket.draft.key, by_key[key][0], reason)


class PhraseIndex:
    """Finds known phrases in texts, longest first, in one pass over the words of a text.

    Case and a plural s make no difference; a word that belongs to a longer phrase is not found
    again (`Night Editor` is not a mention of `Editor`). Punctuation counts: `tide, wind` is not
    `Tide/Wind`.
    """

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """Take pairs of phrase and subject; a phrase of several subjects finds none of them."""
        self._subject_of: dict[tuple[str, ...], str | None] = {}
        self._longest_of: dict[str, int] = {}
        """Of the phrases that begin with a word, the words of the longest."""
        self._found: dict[str, tuple[str, ...]] = {}
        for phrase, subject in phrases:
            if words := words_of(phrase):
                known = self._subject_of.setdefault(words, subject)
                self._subject_of[words] = subject if known == subject else None
                self._longest_of[words[0]] = max(len(words), self._longest_of.get(words[0], 0))

    def found_in(self, text: str) -> tuple[str, ...]:
        """Return the subjects a text mentions, each once, in the order of the text."""
        if text not in self._found:
            words = words_of(text)
            found: dict[str, None] = {}
            place = 0
            while place < len(words):
                longest = self._longest_of.get(words[place], 0)
                phrases = (words[place : place + n] for n in range(longest, 0, -1))
                phrase = next(filter(self._subject_of.__contains__, phrases), ())
                if subject := self._subject_of.get(phrase):
                    found[subject] = None
                place += len(phrase) or 1
            self._found[text] = tuple(found)
        return self._found[text]


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as phrases are compared: folded case, no plural s."""
    return tuple(
        word[:-1] if len(word) >= _SHORTEST_PLURAL and word.endswith("s") else word
        for word in _WORD.findall(text.casefold())
    )
