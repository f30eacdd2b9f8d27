"""Group the entities of a specification into tickets, in build order.

Belongs here: the order of the steps, displays without a view, and the values that come out. Does
not: which entities belong together, what a status means, titles (`ticket_plan`), what depends on
what (`rules`), graphs (`model/dependencies`).
"""

from collections.abc import Iterable, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from jira_pipeline.model.dependencies import (
    BrokenCycles,
    Edge,
    break_cycles,
    build_order,
    implied_edges,
)
from jira_pipeline.model.entities import Entity, EntityKind, RowSource, Specification
from jira_pipeline.model.entity_groups import EntityGroup, GroupDependency, GroupKind, RelationKind
from jira_pipeline.model.findings import Finding, Severity, sorted_findings
from jira_pipeline.model.grouped import group_by, group_pairs
from jira_pipeline.tickets.grouping.rules import (
    Connection,
    Connections,
    connect_tickets,
    group_label_of,
    targets_of,
    words_of,
)
from jira_pipeline.tickets.grouping.ticket_plan import (
    PlannedTicket,
    TicketPlan,
    draft_groups,
    label_of,
    plan_tickets,
    sheet_place,
    titles_of,
)

Reasons = Mapping[tuple[str, str], Sequence[Connection]]
"""Why one group waits for another, by both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupingResult:
    groups: tuple[EntityGroup, ...]
    """In build order: every dependency before what depends on it, removals last."""
    findings: tuple[Finding, ...]


def group_entities(
    specification: Specification, *, include_waiting: bool = False, removals: bool = True
) -> GroupingResult:
    """Return one group per ticket, numbered in build order, with dependencies and relations.

    The order in which entities or files arrive makes no difference.

    Args:
        specification: Everything one upload describes.
        include_waiting: Make tickets of heads on hold, marked `is_on_hold`.
        removals: Make the removal tickets.
    """
    kinds = {kind: place for place, kind in enumerate(EntityKind)}
    entities = sorted(specification.entities, key=lambda e: (kinds[e.kind], *sheet_place(e)))
    specification, joined = adopt_displays(replace(specification, entities=tuple(entities)))
    plan = plan_tickets(
        draft_groups(specification), include_waiting=include_waiting, removals=removals
    )
    connections = Connections(plan=plan, specification=specification)
    connect_tickets(connections)
    keys = [ticket.draft.key for ticket in plan.tickets]

    # One edge for each pair of groups, required if any of its reasons is.
    reasons = group_by(connections.found, lambda one: (one.dependent, one.dependency))
    edges = tuple(
        Edge(dependent=dependent, dependency=dependency, is_required=any(r.is_required for r in of))
        for (dependent, dependency), of in reasons.items()
    )
    broken = break_cycles(keys, edges)
    tickets = {ticket.draft.key: ticket for ticket in plan.tickets}
    dropped = {
        (edge.dependent, edge.dependency) for edge in (*broken.deferred, *broken.deferred_required)
    }
    for connection in connections.found:
        if (connection.dependent, connection.dependency) in dropped:
            connections.relate(
                connection.dependent,
                RelationKind.DEFERRED,
                group_label_of(tickets[connection.dependency].draft),
                connection.reason,
                to=connection.dependency,
            )
    order = build_order(keys, broken.acyclic)
    dependencies = _dependencies_of(reasons, broken, order)
    titles = dict(zip(keys, titles_of(plan.tickets), strict=True))
    groups = tuple(
        _group_of(tickets[key], number, titles[key], dependencies.get(key, ()), connections)
        for number, key in enumerate(order, start=1)
    )
    findings = [
        *joined,
        *_cycle_findings(reasons, tickets, broken),
        *_hold_findings(plan),
        *_missing_sheet_findings(specification, groups),
    ]
    return GroupingResult(groups=groups, findings=sorted_findings(findings))


def _dependencies_of(
    reasons: Reasons, broken: BrokenCycles, order: Sequence[str]
) -> Mapping[str, tuple[GroupDependency, ...]]:
    """Return the dependencies of each group in build order of what it depends on."""
    implied = implied_edges(order, broken.acyclic)
    place_of = {key: place for place, key in enumerate(order)}
    in_order = sorted(broken.acyclic, key=lambda edge: place_of[edge.dependency])
    dependencies = group_pairs(
        (
            edge.dependent,
            GroupDependency(
                group_key=edge.dependency,
                reasons=tuple(
                    dict.fromkeys(each.reason for each in reasons[edge.dependent, edge.dependency])
                ),
                is_required=edge.is_required,
                is_linked=(edge.dependent, edge.dependency) not in implied,
            ),
        )
        for edge in in_order
    )
    return {key: tuple(found) for key, found in dependencies.items()}


def _group_of(
    ticket: PlannedTicket,
    number: int,
    title: str,
    dependencies: tuple[GroupDependency, ...],
    connections: Connections,
) -> EntityGroup:
    draft = ticket.draft
    elsewhere: dict[str, str] = {}
    specification = connections.specification
    captions: dict[RowSource, Entity] = {}
    for row in (*draft.heads, *draft.members):
        for caption in specification.captions.get((row.source.file, row.source.line), ()):
            captions[caption.source] = caption.as_in_sheet
        for key in targets_of(row):
            place = connections.plan.places.get(key)
            if place is not None and place.group_key not in {None, draft.key}:
                elsewhere[key] = str(place.group_key)
    return EntityGroup(
        key=draft.key,
        kind=draft.kind,
        display_group=draft.display_group,
        action=ticket.action,
        label=label_of(draft),
        title=title,
        number=number,
        heads=draft.heads,
        members=draft.members,
        dependencies=dependencies,
        relations=connections.relations_of(draft.key),
        is_hollow=ticket.is_hollow,
        is_on_hold=ticket.is_on_hold,
        captions=tuple(sorted(captions.values(), key=sheet_place)),
        elsewhere=elsewhere,
    )


def _cycle_findings(
    reasons: Reasons, tickets: Mapping[str, PlannedTicket], broken: BrokenCycles
) -> Iterable[Finding]:
    for edge in broken.deferred_required:
        of_edge = reasons[edge.dependent, edge.dependency]
        required = ", ".join(one.reason for one in of_edge if one.is_required)
        head = tickets[edge.dependent].draft.heads[0]
        later = group_label_of(tickets[edge.dependency].draft)
        yield Finding(
            severity=Severity.WARNING,
            code="required_cycle",
            file=head.source.file,
            line=head.source.line,
            record=head.source.record,
            message=(
                f"{head.label} and {later} require each other; {head.label} is built first and "
                f"its reference is added later ({required})."
            ),
            advice="Make one of the required references optional, or confirm the order.",
        )


def _hold_findings(plan: TicketPlan) -> Iterable[Finding]:
    for draft in plan.held_with_approved_members:
        head = draft.heads[0]
        yield Finding(
            severity=Severity.INFO,
            code="on_hold_with_approved_members",
            file=head.source.file,
            line=head.source.line,
            record=head.source.record,
            column="X",
            value=head.cell("X"),
            message=f"{head.label} is on hold although rows that belong to it are approved.",
            advice="Approve it, or set include_waiting in session.yaml to get its ticket.",
        )


def _missing_sheet_findings(
    specification: Specification, groups: Iterable[EntityGroup]
) -> Iterable[Finding]:
    """Warn once where bundles are to be built and no row of a fields sheet was read."""
    heads = [
        head
        for group in groups
        if group.kind is GroupKind.BUNDLES_WITHOUT_FIELDS
        for head in group.heads
    ]
    if heads and not specification.by_kind[EntityKind.FIELD]:
        first = min(heads, key=sheet_place)
        yield Finding(
            severity=Severity.WARNING,
            code="fields_sheet_missing",
            file=first.source.file,
            line=first.source.line,
            record=first.source.record,
            message="The bundles have no fields sheet; their tickets say nothing of fields.",
            advice="Add the export of the fields sheet.",
        )


def adopt_displays(specification: Specification) -> tuple[Specification, tuple[Finding, ...]]:
    """Give displays without a view the view whose label has their words, or fewer or more of them.

    `Tide` joins `Tide/Wind`. Of several the most similar label wins, then sheet order; where
    no label fits the display stays without a view.
    """
    views = [(view, {*words_of(view.label)}) for view in specification.by_kind[EntityKind.VIEW]]
    keys = {view.key for view, _ in views}
    displays = specification.by_kind[EntityKind.VIEW_DISPLAY]
    alone = (display for display in displays if display.owner_key not in keys)
    joined = [(each, view) for each in alone if (view := _view_called_alike(each, views))]
    if not joined:
        return specification, ()  # with what was looked up in it
    view_of = {id(display): view for display, view in joined}
    entities = (
        replace(row, owner_key=view_of[id(row)].key) if id(row) in view_of else row
        for row in specification.entities
    )
    alike = group_pairs(((each.cell("View").casefold(), view.key), each) for each, view in joined)
    findings = (
        _joined_finding(same, specification.by_key[key][0]) for (_, key), same in alike.items()
    )
    return replace(specification, entities=tuple(entities)), tuple(findings)


def _view_called_alike(
    display: Entity, views: Iterable[tuple[Entity, AbstractSet[str]]]
) -> Entity | None:
    label = display.cell("View")
    words = {*words_of(display.cell("View"))}
    fitting = [
        view
        for view, of_view in views
        if words & of_view and (words <= of_view or of_view <= words)
    ]
    return max(
        sorted(fitting, key=lambda view: view.source.line),
        key=lambda view: SequenceMatcher(None, view.label.casefold(), label.casefold()).ratio(),
        default=None,
    )


def _joined_finding(displays: Sequence[Entity], view: Entity) -> Finding:
    display, *others = displays
    named = display.cell("View")
    joins = f"the display {display.label} joins the view {view.label}"
    is_called_so = named.casefold() == view.label.casefold()
    return Finding(
        severity=Severity.WARNING,
        code="display_joined_by_label",
        file=display.source.file,
        line=display.source.line,
        record=display.source.record,
        column="View",
        value=named[:200],
        message=(
            f"Only the label says which view it belongs to; {joins}."
            if is_called_so
            else f"There is no view “{named}”; {joins}, the nearest label."
        ),
        advice=(
            "Correct the View ID."
            if is_called_so
            else "Correct the View cell, or the label of the view."
        ),
        also_lines=tuple(other.source.line for other in others),
    )
