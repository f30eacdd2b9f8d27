"""What was found to depend on or belong to what, collected for all tickets.

Belongs here: the collection, and the reading of rows that its rules share. Does not: the rules that
make edges or relations (`rules`), cycles and order (`model/dependencies`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from jira_pipeline.model.columns import BLANK, NOTE_COLUMNS
from jira_pipeline.model.entities import Entity, Specification, Status
from jira_pipeline.model.entity_groups import GroupKind, GroupRelation, RelationKind
from jira_pipeline.tickets.grouping.group_drafts import GroupDraft
from jira_pipeline.tickets.grouping.ticket_plan import (
    PlaceState,
    PlannedTicket,
    TicketPlan,
    label_of,
)

_TALKING = frozenset({Status.APPROVED, Status.CHANGED, Status.IMPLEMENTED})
"""Rows that are on hold or go make no edges and no relations."""
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
    _labels: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look up what people call each ticket once."""
        self._labels = {t.draft.key: group_label_of(t.draft) for t in self.plan.tickets}

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
        kinds, relations = list(RelationKind), []
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
    """Return the rows of a ticket that make edges and relations."""
    return (e for e in (*ticket.draft.heads, *ticket.draft.members) if e.status in _TALKING)


def tickets_of(connections: Connections, *kinds: GroupKind) -> list[PlannedTicket]:
    """Return the tickets of some kinds, in the order of the plan."""
    return [ticket for ticket in connections.plan.tickets if ticket.draft.kind in kinds]


def notes_of(entity: Entity) -> str:
    """Return what the note columns of a row say."""
    return "\n".join(text for column in NOTE_COLUMNS if (text := entity.cell(column)))


def called(entity: Entity) -> str:
    """Return what a reason calls a row: its machine name, else its label."""
    name = entity.machine_name
    return entity.label if name in BLANK else name


def targets_of(entity: Entity) -> Iterator[str]:
    """Return the keys a row points at."""
    return (r.target_key for r in entity.references if r.target_key is not None)
