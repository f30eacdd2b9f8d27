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
from jira_pipeline.model.grouped import group_by
from jira_pipeline.tickets.grouping.rules import (
    Connection,
    Connections,
    connect_tickets,
    group_label_of,
    targets_of,
    words_of,
)
from jira_pipeline.tickets.grouping.ticket_plan import (
    GroupDraft,
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
    specification, joined = adopt_displays(_in_order_of_sheets(specification))
    drafts = draft_groups(specification)
    plan = plan_tickets(drafts, include_waiting=include_waiting, removals=removals)
    connections = Connections(plan=plan, specification=specification)
    connect_tickets(connections)

    tickets = {ticket.draft.key: ticket for ticket in plan.tickets}
    reasons = group_by(connections.found, lambda one: (one.dependent, one.dependency))
    broken = break_cycles([*tickets], _edges_of(reasons))
    _relate_deferred(connections, broken, tickets)

    order = build_order([*tickets], broken.acyclic)
    dependencies = _dependencies_of(reasons, broken, order)
    titles = dict(zip(tickets, titles_of(plan.tickets), strict=True))
    groups = []
    for number, key in enumerate(order, start=1):
        of_ticket = tuple(dependencies.get(key, ()))
        groups.append(_group_of(tickets[key], number, titles[key], of_ticket, connections))
    findings = [
        *joined,
        *_cycle_findings(reasons, tickets, broken),
        *_hold_findings(plan),
        *_missing_sheet_findings(specification, groups),
    ]
    return GroupingResult(groups=tuple(groups), findings=sorted_findings(findings))


def _in_order_of_sheets(specification: Specification) -> Specification:
    """Return the same entities by kind, each kind as its sheets list them."""
    kinds = list(EntityKind)
    entities = sorted(
        specification.entities, key=lambda entity: (kinds.index(entity.kind), *sheet_place(entity))
    )
    return replace(specification, entities=tuple(entities))


def _edges_of(reasons: Reasons) -> tuple[Edge, ...]:
    """Return one edge for each pair of groups, required if any of its reasons is."""
    edges = []
    for (dependent, dependency), connections in reasons.items():
        is_required = any(connection.is_required for connection in connections)
        edges.append(Edge(dependent=dependent, dependency=dependency, is_required=is_required))
    return tuple(edges)


def _relate_deferred(
    connections: Connections, broken: BrokenCycles, tickets: Mapping[str, PlannedTicket]
) -> None:
    """Keep as a relation what a group cannot wait for, because the other one waits for it."""
    deferred = {
        (edge.dependent, edge.dependency) for edge in (*broken.deferred, *broken.deferred_required)
    }
    for connection in connections.found:
        if (connection.dependent, connection.dependency) in deferred:
            connections.relate(
                connection.dependent,
                RelationKind.DEFERRED,
                group_label_of(tickets[connection.dependency].draft),
                connection.reason,
                to=connection.dependency,
            )


def _dependencies_of(
    reasons: Reasons, broken: BrokenCycles, order: Sequence[str]
) -> Mapping[str, Sequence[GroupDependency]]:
    """Return the dependencies of each group in build order of what it depends on."""
    implied = implied_edges(order, broken.acyclic)
    place_of = {key: place for place, key in enumerate(order)}
    dependencies: dict[str, list[GroupDependency]] = {}
    for edge in sorted(broken.acyclic, key=lambda edge: place_of[edge.dependency]):
        pair = (edge.dependent, edge.dependency)
        texts = dict.fromkeys(connection.reason for connection in reasons[pair])
        dependency = GroupDependency(
            group_key=edge.dependency,
            reasons=tuple(texts),
            is_required=edge.is_required,
            is_linked=pair not in implied,
        )
        dependencies.setdefault(edge.dependent, []).append(dependency)
    return dependencies


def _group_of(
    ticket: PlannedTicket,
    number: int,
    title: str,
    dependencies: tuple[GroupDependency, ...],
    connections: Connections,
) -> EntityGroup:
    draft = ticket.draft
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
        captions=_captions_of(draft, connections.specification),
        elsewhere=_built_elsewhere(draft, connections.plan),
    )


def _captions_of(draft: GroupDraft, specification: Specification) -> tuple[Entity, ...]:
    """Return the lines above rows of a group that speak of them, in the order of the sheet."""
    captions: dict[RowSource, Entity] = {}
    for row in (*draft.heads, *draft.members):
        for caption in specification.captions.get((row.source.file, row.source.line), ()):
            captions[caption.source] = caption.as_in_sheet
    return tuple(sorted(captions.values(), key=sheet_place))


def _built_elsewhere(draft: GroupDraft, plan: TicketPlan) -> dict[str, str]:
    """Return the groups that take care of things which rows of this one name, by their keys."""
    elsewhere: dict[str, str] = {}
    for row in (*draft.heads, *draft.members):
        for key in targets_of(row):
            place = plan.places.get(key)
            if place is not None and place.group_key not in {None, draft.key}:
                elsewhere[key] = str(place.group_key)
    return elsewhere


def _cycle_findings(
    reasons: Reasons, tickets: Mapping[str, PlannedTicket], broken: BrokenCycles
) -> Iterable[Finding]:
    for edge in broken.deferred_required:
        connections = reasons[edge.dependent, edge.dependency]
        required = ", ".join(each.reason for each in connections if each.is_required)
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
    heads: list[Entity] = []
    for group in groups:
        if group.kind is GroupKind.BUNDLES_WITHOUT_FIELDS:
            heads += group.heads
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
    views = specification.by_kind[EntityKind.VIEW]
    keys = {view.key for view in views}
    words_of_views = [(view, {*words_of(view.label)}) for view in views]
    view_of: dict[int, Entity] = {}
    joining: dict[tuple[str, str], list[Entity]] = {}
    for display in specification.by_kind[EntityKind.VIEW_DISPLAY]:
        view = None if display.owner_key in keys else _view_called_alike(display, words_of_views)
        if view is not None:
            view_of[id(display)] = view  # rows that are alike are two displays
            joining.setdefault((display.cell("View").casefold(), view.key), []).append(display)
    if not joining:
        return specification, ()  # with what was looked up in it
    entities = []
    for row in specification.entities:
        view = view_of.get(id(row))
        entities.append(row if view is None else replace(row, owner_key=view.key))
    findings = []
    for (_, view_key), displays in joining.items():
        findings.append(_joined_finding(displays, specification.by_key[view_key][0]))
    return replace(specification, entities=tuple(entities)), tuple(findings)


def _view_called_alike(
    display: Entity, words_of_views: Iterable[tuple[Entity, AbstractSet[str]]]
) -> Entity | None:
    """Return the view whose label has the words of the display's cell, or fewer or more of them."""
    name = display.cell("View")
    words = {*words_of(name)}
    fitting = []
    for view, of_view in words_of_views:
        if words & of_view and (words <= of_view or of_view <= words):
            fitting.append(view)
    fitting.sort(key=lambda view: view.source.line)

    def likeness(view: Entity) -> float:
        return SequenceMatcher(None, view.label.casefold(), name.casefold()).ratio()

    return max(fitting, key=likeness, default=None)


def _joined_finding(displays: Sequence[Entity], view: Entity) -> Finding:
    display, *others = displays
    named = display.cell("View")
    if named.casefold() == view.label.casefold():
        why = "Only the label says which view it belongs to"
        of_several = ""
        advice = "Correct the View ID."
    else:
        why = f"There is no view “{named}”"
        of_several = ", the nearest label"
        advice = "Correct the View cell, or the label of the view."
    return Finding(
        severity=Severity.WARNING,
        code="display_joined_by_label",
        file=display.source.file,
        line=display.source.line,
        record=display.source.record,
        column="View",
        value=named[:200],
        message=f"{why}; the display {display.label} joins the view {view.label}{of_several}.",
        advice=advice,
        also_lines=tuple(other.source.line for other in others),
    )
