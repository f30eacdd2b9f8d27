"""What depends on what, and what merely belongs together: every rule that reads a reference.

Belongs here: the edges and relations between tickets, with the reason in words. Does not: cycles,
order and reduction (`domain/dependencies`), or links in Jira (`jira_export`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from jira_pipeline.domain.entities import (
    BundleType,
    Entity,
    EntityKind,
    Specification,
    Status,
)
from jira_pipeline.domain.entity_groups import GroupKind, GroupRelation, RelationKind
from jira_pipeline.stages.grouping_drafts import GroupDraft, name_of
from jira_pipeline.stages.grouping_mentions import PhraseIndex, word_count
from jira_pipeline.stages.grouping_tickets import PlaceState, PlannedTicket, TicketPlan
from jira_pipeline.stages.grouping_titles import label_of

_NOTE_COLUMNS = ("Notes", "Settings/notes")
_TALKING = frozenset({Status.APPROVED, Status.CHANGED, Status.IMPLEMENTED})
"""Rows that are on hold or go make no edges and no relations."""
_EDGE_COLUMN_EXCEPTIONS = frozenset({EntityKind.VIEW_MODE})
"""Their references list where they are used; that is a relation, not an edge."""
_EXCEPTION_WORDS = re.compile(
    r"\b(?:except|excluding|not|never|without|but|other than|unless|no)\b", re.IGNORECASE
)
_MOST_REASONS = 5
_MOST_WORKFLOWS_TOLD_EACH = 5
"""Above it, a relation of every workflow to every bundle helps nobody and grows as a square."""
_LEAST_WORDS_OF_A_MENTION = 2
"""Labels of one word (Image, Text, Map) are ordinary words in most notes."""


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
    _told: set[tuple[str, str]] = field(default_factory=set)
    _labels: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look up what people call each ticket once."""
        self._labels = {t.draft.key: group_label_of(t.draft) for t in self.plan.tickets}

    def refer(self, group_key: str, target: Entity, reason: str, *, is_required: bool) -> None:
        """Note that a group needs an entity: an edge, or what is told where none is possible."""
        place = self.plan.places.get(target.key)
        if place is None or place.group_key == group_key:
            return
        self._told.add((group_key, target.key))
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
        """Note a relation that is told only, unless something stronger is known already."""
        place = self.plan.places.get(target.key)
        to = place.group_key if place is not None else None
        if to != group_key and (group_key, target.key) not in self._told:
            self.relate(group_key, RelationKind.RELATED, target.label, reason, to=to)

    def relations_of(self, group_key: str) -> tuple[GroupRelation, ...]:
        """Return the relations of a group by kind, then as they were noted."""
        kinds = list(RelationKind)
        found = self._reasons.get(group_key, {})
        return tuple(
            GroupRelation(kind=kind, label=label, reason=_joined(found[key]), group_key=to)
            for key in sorted(found, key=lambda key: kinds.index(key[0]))
            for kind, label, to in (key,)
        )

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


def connect_tickets(specification: Specification, plan: TicketPlan) -> Connections:
    """Apply all rules; the result depends on the entities only, not on their order of arrival."""
    connections = Connections(plan=plan, specification=specification)
    for ticket in plan.tickets:
        if ticket.draft.kind is not GroupKind.REMOVAL:
            _follow_references(connections, ticket)
    _connect_workflows_to_roles(connections)
    _connect_view_modes_to_styles(connections)
    _connect_views_to_bundles(connections)
    _relate_workflows_and_bundles(connections)
    _relate_view_modes_and_bundles(connections)
    _suggest_mentions(connections)
    return connections


def _joined(reasons: Iterable[str]) -> str:
    told = list(reasons)
    more = [f"and {len(told) - _MOST_REASONS} more"] if len(told) > _MOST_REASONS else []
    return "; ".join(told[:_MOST_REASONS] + more)


def _talking_rows(ticket: PlannedTicket) -> Iterator[Entity]:
    return (e for e in (*ticket.draft.heads, *ticket.draft.members) if e.status in _TALKING)


def _tickets_of(connections: Connections, *kinds: GroupKind) -> list[PlannedTicket]:
    return [ticket for ticket in connections.plan.tickets if ticket.draft.kind in kinds]


def _notes_of(entity: Entity) -> str:
    return "\n".join(text for column in _NOTE_COLUMNS if (text := entity.cell(column)))


def _called(entity: Entity) -> str:
    name = entity.machine_name
    return entity.label if name in {"", "-"} else name


def _follow_references(connections: Connections, ticket: PlannedTicket) -> None:
    by_key = connections.specification.by_key
    for row in _talking_rows(ticket):
        if row.kind in _EDGE_COLUMN_EXCEPTIONS:
            continue
        for reference in row.references:
            if reference.target_key is None:
                continue
            verb = "required by" if reference.is_required else "referenced by"
            connections.refer(
                ticket.draft.key,
                by_key[reference.target_key][0],
                f"{verb} {_called(row)} (line {row.source.line})",
                is_required=reference.is_required,
            )


def _connect_workflows_to_roles(connections: Connections) -> None:
    roles = connections.specification.by_kind[EntityKind.USER_ROLE]
    by_key = connections.specification.by_key
    index = PhraseIndex((role.label, role.key) for role in roles)
    for ticket in _tickets_of(connections, GroupKind.WORKFLOW):
        for row in _talking_rows(ticket):
            if row.kind is not EntityKind.WORKFLOW_TRANSITION:
                continue
            for key in index.found_in(_notes_of(row)):
                role = by_key[key][0]
                reason = f"{role.label} is named by {_called(row)} (line {row.source.line})"
                connections.refer(ticket.draft.key, role, reason, is_required=False)


def _connect_view_modes_to_styles(connections: Connections) -> None:
    by_kind = connections.specification.by_kind
    responsive = _by_name(by_kind[EntityKind.RESPONSIVE_IMAGE_STYLE])
    plain = _by_name(by_kind[EntityKind.IMAGE_STYLE])
    for ticket in _tickets_of(connections, GroupKind.VIEW_MODES):
        for mode in _talking_rows(ticket):
            notes = _notes_of(mode).casefold()
            styles = responsive if "responsive image style" in notes else plain
            style = styles.get(mode.label.casefold())
            if "image style" in notes and style is not None:
                kind = "responsive image style" if styles is responsive else "image style"
                reason = f"{kind} of the view mode {mode.label} (line {mode.source.line})"
                connections.refer(ticket.draft.key, style, reason, is_required=False)


def _by_name(entities: Iterable[Entity]) -> Mapping[str, Entity]:
    found: dict[str, Entity] = {}
    for entity in entities:
        found.setdefault(entity.label.casefold(), entity)
        found.setdefault(entity.machine_name.casefold(), entity)
    return found


def _connect_views_to_bundles(connections: Connections) -> None:
    bundles = connections.specification.by_kind[EntityKind.BUNDLE]
    by_key = connections.specification.by_key
    named = PhraseIndex((bundle.label, bundle.key) for bundle in bundles)
    content = {b.machine_name: b for b in bundles if b.bundle_type is BundleType.CONTENT}
    for ticket in _tickets_of(connections, GroupKind.VIEW):
        head = ticket.draft.heads[0]
        bundle = _bundle_of_view(head, content)
        if bundle is not None:
            reason = (
                f"meant by the machine name {_called(head)} of the view (line {head.source.line})"
            )
            connections.refer(ticket.draft.key, bundle, reason, is_required=False)
        for row in _talking_rows(ticket):
            for key in named.found_in(_notes_of(row)):
                reason = f"named by {_called(row)} (line {row.source.line})"
                connections.refer(ticket.draft.key, by_key[key][0], reason, is_required=False)


def _bundle_of_view(view: Entity, content: Mapping[str, Entity]) -> Entity | None:
    if view.cell("Base table").casefold() != "content":
        return None
    return content.get(view.machine_name) or content.get(view.machine_name.removesuffix("s"))


def _relate_workflows_and_bundles(connections: Connections) -> None:
    """Relate moderated bundles and workflows, or make a bundle wait where a note names it."""
    moderated = [
        (ticket, ticket.draft.heads[0])
        for ticket in _tickets_of(connections, GroupKind.BUNDLE)
        if ticket.draft.heads[0].cell("Mod.").casefold() == "y"
    ]
    workflows = _tickets_of(connections, GroupKind.WORKFLOW)
    if len(workflows) > _MOST_WORKFLOWS_TOLD_EACH:
        _relate_summarily(connections, moderated, workflows)
        return
    for workflow_ticket in workflows:
        workflow = workflow_ticket.draft.heads[0]
        notes = _notes_of(workflow)
        quoted = f"“{notes}”" if notes else "no note says which bundles use it"
        for ticket, bundle in moderated:
            if _is_named(bundle, notes):
                reason = f"named by the note of {workflow.label} (line {workflow.source.line})"
                connections.refer(ticket.draft.key, workflow, reason, is_required=False)
                continue
            reason = f"Mod. is y (line {bundle.source.line}); {workflow.label}: {quoted}"
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
    by_key = connections.specification.by_key
    for ticket in _tickets_of(connections, GroupKind.VIEW_MODES):
        for mode in _talking_rows(ticket):
            for reference in mode.references:
                if reference.target_key is None:
                    continue
                bundle = by_key[reference.target_key][0]
                place = connections.plan.places.get(bundle.key)
                reason = f"uses the view mode {mode.label} (line {mode.source.line})"
                connections.suggest(ticket.draft.key, bundle, reason)
                if place is not None and place.group_key and place.state is PlaceState.TICKET:
                    connections.suggest(
                        place.group_key, mode, f"view mode (line {mode.source.line})"
                    )


def _suggest_mentions(connections: Connections) -> None:
    by_key = connections.specification.by_key
    index = PhraseIndex(_mentionable(connections.specification))
    for ticket in connections.plan.tickets:
        if ticket.draft.kind is GroupKind.REMOVAL:
            continue
        for row in _talking_rows(ticket):
            notes = _notes_of(row)
            for key in index.found_in(notes) if notes else ():
                reason = f"mentioned by {_called(row)} (line {row.source.line})"
                connections.suggest(ticket.draft.key, by_key[key][0], reason)


def _mentionable(specification: Specification) -> Iterator[tuple[str, str]]:
    for bundle in specification.by_kind[EntityKind.BUNDLE]:
        yield bundle.label, bundle.key
        if word_count(name_of(bundle)) >= _LEAST_WORDS_OF_A_MENTION:
            yield name_of(bundle), bundle.key
    for view in specification.by_kind[EntityKind.VIEW]:
        if word_count(view.label) >= _LEAST_WORDS_OF_A_MENTION:
            yield view.label, view.key
        for display in specification.members_of.get(view.key, ()):
            yield f"{view.label} {display.label}", view.key
