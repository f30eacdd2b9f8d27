"""The rules that make one ticket wait for another, or mention it, and what they found.

Belongs here: which references, cells and names in notes are a dependency or a relation, with the
reason in words; collecting it for all tickets. Does not: finding names in notes (`phrase_index`),
cycles and order (`model/dependencies`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from jira_pipeline.drupal.bundle.moderated import COLUMN as MODERATED
from jira_pipeline.drupal.role.permission import ListedPermissions, permissions_in
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
from jira_pipeline.model.line_numbers import lines_cited
from jira_pipeline.tickets.grouping.phrase_index import PhraseIndex, words_of
from jira_pipeline.tickets.grouping.ticket_plan import (
    GroupDraft,
    PlaceState,
    PlannedTicket,
    TicketPlan,
    label_of,
)

_TALKING = frozenset({Status.APPROVED, Status.CHANGED, Status.IMPLEMENTED})
"""Statuses of rows whose references count: those of rows that are on hold or go do not."""
_WITH_OWN_RULES = frozenset({EntityKind.VIEW_MODE, EntityKind.MIGRATION, EntityKind.COMPONENT})
"""Kinds of rows whose references have a rule of their own, or are no dependencies."""
_MOST_REASONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A group waits for another, for one reason."""

    dependent: str
    dependency: str
    reason: str
    is_required: bool


class _NotedRelation(NamedTuple):
    """What a group mentions."""

    kind: RelationKind
    label: str
    to: str | None
    """The group that has it; None where none does."""


@dataclass(kw_only=True)
class Connections:
    """Everything the rules found, collected in sheet order."""

    plan: TicketPlan
    specification: Specification
    dependencies: list[Connection] = field(default_factory=list)
    _reasons: dict[str, dict[_NotedRelation, dict[str, None]]] = field(default_factory=dict)
    """Of each group the reasons of its relations."""
    _required: set[tuple[str, str]] = field(default_factory=set)
    """The groups and the entities that they need."""

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        """What people call each ticket."""
        drafts = [ticket.draft for ticket in self.plan.tickets]
        return {draft.key: group_label_of(draft) for draft in drafts}

    def refer(self, group_key: str, target: Entity, reason: str, *, is_required: bool) -> None:
        """Note that a group needs an entity: a dependency on the ticket that builds it.

        Where no ticket builds it, a relation says what becomes of it.
        """
        place = self.plan.places.get(target.key)
        if place is None or place.group_key == group_key:
            return
        self._required.add((group_key, target.key))
        if place.group_key is not None and place.state is not PlaceState.REMOVED:
            connection = Connection(
                dependent=group_key,
                dependency=place.group_key,
                reason=reason,
                is_required=is_required,
            )
            self.dependencies.append(connection)
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
        reasons = relations.setdefault(_NotedRelation(kind, label, to), {})
        reasons[reason] = None

    def suggest(self, group_key: str, target: Entity, reason: str) -> None:
        """Note that a group mentions an entity, unless it needs it or builds it.

        What is to be removed gets a link to its removal: who mentions it must know.
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
        noted = self._reasons.get(group_key, {})
        relations = []
        for kind in RelationKind:
            for relation, reasons in noted.items():
                if relation.kind is kind:
                    reason = _reasons_joined(list(reasons))
                    relations.append(
                        GroupRelation(
                            kind=kind, label=relation.label, reason=reason, group_key=relation.to
                        )
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


def _reasons_joined(reasons: Sequence[str]) -> str:
    """Name the first reasons, and count the others."""
    named = list(reasons[:_MOST_REASONS])
    if len(reasons) > _MOST_REASONS:
        named.append(f"and {len(reasons) - _MOST_REASONS} more")
    return "; ".join(named)


def group_label_of(draft: GroupDraft) -> str:
    """Return what other tickets call a group: its head with type, or the group."""
    if draft.has_head and len(draft.heads) == 1:
        return draft.heads[0].label
    return label_of(draft)


def talking_rows(ticket: PlannedTicket) -> Iterator[Entity]:
    """Yield the rows of a ticket whose references count: none that waits or goes, none of a removal."""
    draft = ticket.draft
    if draft.kind is GroupKind.REMOVAL:
        return
    for row in (*draft.heads, *draft.members):
        if row.status in _TALKING:
            yield row


def tickets_of(connections: Connections, *kinds: GroupKind) -> list[PlannedTicket]:
    """Return the tickets of some kinds, in the order of the plan."""
    return [ticket for ticket in connections.plan.tickets if ticket.draft.kind in kinds]


def notes_of(entity: Entity) -> str:
    """Return what the note columns of a row say."""
    notes = [entity.cell(column) for column in NOTE_COLUMNS]
    return "\n".join(filter(None, notes))


def called(entity: Entity) -> str:
    """Return what a reason calls a row: its machine name, else its label."""
    return entity.machine_name if entity.has_machine_name else entity.label


def targets_of(entity: Entity) -> Iterator[str]:
    """Yield the keys a row points at."""
    for reference in entity.references:
        if reference.target_key is not None:
            yield reference.target_key


_EXCEPTION_WORDS = re.compile(
    r"\b(?:except|excluding|not|never|without|but|other than|unless|no)\b", re.IGNORECASE
)
_WORKFLOWS_LISTED_EACH_MAX = 5
"""Above it, a relation of every workflow to every bundle helps nobody and grows as a square."""
_LEAST_WORDS_OF_A_MENTION = 2
"""Labels of one word (Image, Text, Map) are ordinary words in most notes."""


def connect_tickets(connections: Connections) -> None:
    """Apply every rule; those that only relate come last, and skip what a ticket waits for already."""
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
    """Make tickets wait for what their rows point at; some kinds have rules of their own."""
    for ticket in connections.plan.tickets:
        if ticket.draft.has_head:
            _follow_each_reference(ticket, connections)
        else:
            _follow_references_of_collection(ticket, connections)


def _follow_each_reference(ticket: PlannedTicket, connections: Connections) -> None:
    """Make a ticket wait for whatever its rows refer to, one reason for each reference."""
    for row, reference in _references_of(ticket):
        _follow(row, reference, ticket, connections)


def _follow_references_of_collection(ticket: PlannedTicket, connections: Connections) -> None:
    """Give a collection one reason to wait for what it refers to, instead of one for each row."""
    by_key = connections.specification.by_key
    pointing_rows: dict[RowSource, None] = {}
    targets: dict[str, Entity] = {}
    for row, reference in _references_of(ticket):
        key = reference.target_key
        if key is not None and connections.plan.ticket_of(key):
            pointing_rows[row.source] = None
            targets[key] = by_key[key][0]
        else:
            _follow(row, reference, ticket, connections)
    if not targets:
        return
    rows = "1 row" if len(pointing_rows) == 1 else f"{len(pointing_rows)} rows"
    reason = f"referenced by {rows} ({lines_cited(pointing_rows)})"
    for target in targets.values():
        connections.refer(ticket.draft.key, target, reason, is_required=False)


def _follow(
    row: Entity, reference: Reference, ticket: PlannedTicket, connections: Connections
) -> None:
    """Make a ticket wait for what one reference of a row points at."""
    for target in connections.specification.first_of(reference.target_key):
        verb = "required by" if reference.is_required else "referenced by"
        reason = f"{verb} {_cited(row)}"
        connections.refer(ticket.draft.key, target, reason, is_required=reference.is_required)


def _references_of(ticket: PlannedTicket) -> Iterator[tuple[Entity, Reference]]:
    """Yield the references of rows that are resolved, except of kinds with rules of their own."""
    for row in talking_rows(ticket):
        if row.kind in _WITH_OWN_RULES:
            continue
        for reference in row.references:
            if reference.target_key is not None:
                yield row, reference


def _cited(row: Entity) -> str:
    """Name a row with its line, as reasons do."""
    return f"{called(row)} ({lines_cited([row.source])})"


def _connect_workflows_to_roles(connections: Connections) -> None:
    """Make workflows wait for the roles that notes of their transitions name."""
    by_key = connections.specification.by_key
    by_kind = connections.specification.by_kind
    index = PhraseIndex((role.label, role.key) for role in by_kind[EntityKind.USER_ROLE])
    for ticket in tickets_of(connections, GroupKind.WORKFLOW):
        rows_by_role: dict[str, list[Entity]] = {}
        for row in talking_rows(ticket):
            if row.kind is EntityKind.WORKFLOW_TRANSITION:
                for key in index.found_in(notes_of(row)):
                    rows_by_role.setdefault(key, []).append(row)
        for key, rows in rows_by_role.items():
            role = by_key[key][0]
            names = list(dict.fromkeys(map(called, rows)))
            caller = names[0] if len(names) == 1 else f"{len(names)} transitions"
            lines = lines_cited(row.source for row in rows)
            reason = f"{role.label} is named by {caller} ({lines})"
            connections.refer(ticket.draft.key, role, reason, is_required=False)


def _connect_view_modes_to_styles(connections: Connections) -> None:
    """Make view modes and the bundles that use them wait for the style a note names."""
    by_kind = connections.specification.by_kind
    responsive_styles = _index_of_names(by_kind[EntityKind.RESPONSIVE_IMAGE_STYLE])
    plain_styles = _index_of_names(by_kind[EntityKind.IMAGE_STYLE])
    for ticket in tickets_of(connections, GroupKind.VIEW_MODES):
        for mode in talking_rows(ticket):
            notes = notes_of(mode)
            if "image style" not in notes.casefold():
                continue
            styles = responsive_styles if "responsive" in notes.casefold() else plain_styles
            group_keys = [ticket.draft.key, *map(connections.plan.ticket_of, targets_of(mode))]
            reason = f"used by the view mode {mode.label} ({lines_cited([mode.source])})"
            for key in styles.found_in(notes):
                style = connections.specification.by_key[key][0]
                for group_key in filter(None, group_keys):
                    connections.refer(group_key, style, reason, is_required=False)


def _index_of_names(rows: Iterable[Entity]) -> PhraseIndex:
    """Return an index of the labels and machine names of rows."""
    phrases = []
    for row in rows:
        phrases.append((row.label, row.key))
        phrases.append((row.machine_name, row.key))
    return PhraseIndex(phrases)


def _connect_views_to_bundles(connections: Connections) -> None:
    """Make views wait for the type that they have the name of."""
    for ticket in tickets_of(connections, GroupKind.VIEW):
        view = ticket.draft.heads[0]
        bundle = type_named_by(view, connections.specification)
        if bundle is not None:
            reason = f"listed by the view {_cited(view)}"
            connections.refer(ticket.draft.key, bundle, reason, is_required=False)


def _connect_migrations(connections: Connections) -> None:
    """Make a migration wait for the types that it fills and for the migrations that it names."""
    for ticket in tickets_of(connections, GroupKind.MIGRATION):
        for row in talking_rows(ticket):
            if row.kind is not EntityKind.MIGRATION:
                continue
            for reference in row.references:
                is_type = reference.target_kind is EntityKind.BUNDLE
                reason = f"filled by {_cited(row)}" if is_type else f"{_cited(row)} depends on it"
                for target in connections.specification.first_of(reference.target_key):
                    connections.refer(ticket.draft.key, target, reason, is_required=True)


def _connect_components(connections: Connections) -> None:
    """Make components wait for what they cannot be without; the rest is mentioned or linked."""
    for ticket in tickets_of(connections, *COMPONENT_KINDS):
        component = ticket.draft.heads[0]
        for reference in component.references:
            if reference.is_required:
                _connect_mandatory(ticket.draft.key, reference, connections)
            else:
                _relate_recommended(ticket.draft.key, reference, connections)


def _connect_mandatory(group_key: str, reference: Reference, connections: Connections) -> None:
    """Make a component wait for one that it requires; without a ticket for that it is a prerequisite."""
    if reference.target_key is None:
        reason = "mandatory, without a ticket here"
        connections.relate(group_key, RelationKind.PREREQUISITE, reference.text, reason)
        return
    target = connections.specification.by_key[reference.target_key][0]
    connections.refer(group_key, target, "mandatory", is_required=True)


def _relate_recommended(group_key: str, reference: Reference, connections: Connections) -> None:
    """Relate a component to one that is recommended with it, or only mention that where it has no ticket."""
    if reference.target_key is None:
        reason = "recommended, without a ticket here"
        connections.relate(group_key, RelationKind.RELATED, reference.text, reason)
        return
    target = connections.specification.by_key[reference.target_key][0]
    place = connections.plan.places[reference.target_key]
    connections.relate(group_key, RelationKind.RECOMMENDED, target.label, "", to=place.group_key)


def _connect_workflows_and_bundles(connections: Connections) -> None:
    """Relate moderated bundles and workflows, or make a bundle wait where a note names it."""
    moderated = []
    for ticket in tickets_of(connections, GroupKind.BUNDLE):
        if ticket.draft.heads[0].flag(MODERATED.name):
            moderated.append(ticket)
    workflows = tickets_of(connections, GroupKind.WORKFLOW)
    bundles = connections.specification.by_kind[EntityKind.BUNDLE]
    for workflow_ticket in workflows:
        workflow = workflow_ticket.draft.heads[0]
        notes = notes_of(workflow)
        applies_to = applies_to_of(workflow, connections.specification)
        listed = {bundle.key for bundle in applies_to.bundles}
        # Who names some bundles means no others.
        is_any_named = bool(listed) or any(_is_named(bundle, notes) for bundle in bundles)
        is_related_to_all = not is_any_named and len(workflows) <= _WORKFLOWS_LISTED_EACH_MAX
        for ticket in moderated:
            bundle = ticket.draft.heads[0]
            if bundle.key in listed or _is_named(bundle, notes):
                reason = _reason_to_be_moderated_by(workflow)
                connections.refer(ticket.draft.key, workflow, reason, is_required=False)
            elif is_related_to_all:
                reason = f"{MODERATED.name} is y ({lines_cited([bundle.source])})"
                connections.suggest(ticket.draft.key, workflow, reason)
                connections.suggest(workflow_ticket.draft.key, bundle, reason)


def _reason_to_be_moderated_by(workflow: Entity) -> str:
    """Say which cell of a workflow names a bundle."""
    naming = f"{APPLIES_TO.name} of" if workflow.cell(APPLIES_TO.name) else "the note of"
    return f"named by {naming} {workflow.label} ({lines_cited([workflow.source])})"


def _is_named(bundle: Entity, notes: str) -> bool:
    """Tell whether a note names a bundle; a note with an exception in it is not understood."""
    name = name_of(bundle)
    if name not in notes or _EXCEPTION_WORDS.search(notes):
        return False
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", notes) is not None


def _relate_view_modes_and_bundles(connections: Connections) -> None:
    """Give each bundle the list of the view modes it uses, and the reverse."""
    for ticket in tickets_of(connections, GroupKind.VIEW_MODES):
        modes_by_bundle: dict[str, list[Entity]] = {}
        for mode in talking_rows(ticket):
            for key in targets_of(mode):
                modes_by_bundle.setdefault(key, []).append(mode)
        for key, modes in modes_by_bundle.items():
            labels = ", ".join(mode.label for mode in modes)
            reason = f"uses {labels} ({lines_cited(mode.source for mode in modes)})"
            bundle = connections.specification.by_key[key][0]
            connections.suggest(ticket.draft.key, bundle, reason)
            group_key = connections.plan.ticket_of(key)
            if group_key is not None:
                label = label_of(ticket.draft)
                connections.relate(
                    group_key, RelationKind.RELATED, label, reason, to=ticket.draft.key
                )


def _suggest_mentions(connections: Connections) -> None:
    """Relate tickets to the bundles and views that their notes mention."""
    index = PhraseIndex(_mentioned_phrases(connections.specification))
    for ticket in connections.plan.tickets:
        for row in talking_rows(ticket):
            # A list of permissions names what Drupal has: `view any unpublished content` is no view.
            is_role = row.kind is EntityKind.USER_ROLE
            if is_role and isinstance(permissions_in(row), ListedPermissions):
                continue
            for key in index.found_in(notes_of(row)):
                target = connections.specification.by_key[key][0]
                connections.suggest(ticket.draft.key, target, f"mentioned by {_cited(row)}")


def _mentioned_phrases(specification: Specification) -> Iterator[tuple[str, str]]:
    """Yield what notes call bundles and views, each with its key."""
    bundles = specification.by_kind[EntityKind.BUNDLE]
    views = specification.by_kind[EntityKind.VIEW]
    for bundle in bundles:
        yield bundle.label, bundle.key
    for head in (*bundles, *views):
        name = name_of(head)
        if len(words_of(name)) >= _LEAST_WORDS_OF_A_MENTION:
            yield name, head.key
    for view in views:
        for display in specification.members_of.get(view.key, ()):
            yield f"{view.label} {display.label}", view.key
