"""Group the entities of a specification into tickets, in build order.

Belongs here: the order of the steps, displays without a view, and the values that come out. Does
not: which entities belong together, what a status means, titles (`ticket_plan`), what depends on
what (`rules`), graphs (`model/dependencies`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from jira_pipeline.model.columns import STATUS_COLUMN
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
from jira_pipeline.tickets.grouping.phrase_index import words_of
from jira_pipeline.tickets.grouping.rules import (
    Connection,
    Connections,
    connect_tickets,
    group_label_of,
    targets_of,
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
    reasons = group_by(connections.dependencies, _ends_of)
    broken = break_cycles([*tickets], _edges_of(reasons))
    _relate_deferred(connections, broken, tickets)

    order = build_order([*tickets], broken.acyclic)
    dependencies = _dependencies_of(reasons, broken, order)
    titles = dict(zip(tickets, titles_of(plan.tickets), strict=True))
    groups = []
    for number, key in enumerate(order, start=1):
        of_ticket = tuple(dependencies.get(key, ()))
        group = _group_of(tickets[key], number, titles[key], of_ticket, connections)
        groups.append(group)

    findings = list(joined)
    findings += _cycle_findings(reasons, tickets, broken)
    findings += _hold_findings(plan)
    findings += _missing_sheet_findings(specification, groups)
    return GroupingResult(groups=tuple(groups), findings=sorted_findings(findings))


def _in_order_of_sheets(specification: Specification) -> Specification:
    """Return the same entities by kind, each kind as its sheets list them."""
    kinds = list(EntityKind)

    def kind_and_place(entity: Entity) -> tuple[int, str, int, int]:
        return (kinds.index(entity.kind), *sheet_place(entity))

    entities = sorted(specification.entities, key=kind_and_place)
    return replace(specification, entities=tuple(entities))


def _ends_of(connection: Connection) -> tuple[str, str]:
    return (connection.dependent, connection.dependency)


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
    """Note as relations the dependencies that were given up to break cycles.

    One of two groups that need each other is built first, and only mentions the other.
    """
    deferred = set()
    for edge in (*broken.deferred, *broken.deferred_required):
        deferred.add((edge.dependent, edge.dependency))
    for connection in connections.dependencies:
        if _ends_of(connection) not in deferred:
            continue
        label = group_label_of(tickets[connection.dependency].draft)
        connections.relate(
            connection.dependent,
            RelationKind.DEFERRED,
            label,
            connection.reason,
            to=connection.dependency,
        )


def _dependencies_of(
    reasons: Reasons, broken: BrokenCycles, order: Sequence[str]
) -> Mapping[str, Sequence[GroupDependency]]:
    """Return by group key what each group depends on, in build order."""
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
    """Return the finished group of a planned ticket."""
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
    """Return the keys of the groups that build what rows of this one refer to, by key of the thing."""
    elsewhere: dict[str, str] = {}
    for row in (*draft.heads, *draft.members):
        for key in targets_of(row):
            place = plan.places.get(key)
            if place is not None and place.group_key not in {None, draft.key}:
                elsewhere[key] = str(place.group_key)
    return elsewhere


def _cycle_findings(
    reasons: Reasons, tickets: Mapping[str, PlannedTicket], broken: BrokenCycles
) -> Iterator[Finding]:
    """Warn of groups that require each other: one is built first, and its reference is added later."""
    for edge in broken.deferred_required:
        requirements = []
        for connection in reasons[edge.dependent, edge.dependency]:
            if connection.is_required:
                requirements.append(connection.reason)
        head = tickets[edge.dependent].draft.heads[0]
        later = group_label_of(tickets[edge.dependency].draft)
        message = (
            f"{head.label} and {later} require each other; {head.label} is built first and "
            f"its reference is added later ({', '.join(requirements)})."
        )
        advice = "Make one of the required references optional, or confirm the order."
        yield _warning_about(head, code="required_cycle", message=message, advice=advice)


def _hold_findings(plan: TicketPlan) -> Iterator[Finding]:
    """Note heads on hold that have rows to build: probably somebody forgot to approve the head."""
    for draft in plan.held_with_approved_members:
        head = draft.heads[0]
        warning = _warning_about(
            head,
            code="on_hold_with_approved_members",
            message=f"{head.label} is on hold although rows that belong to it are approved.",
            advice="Approve it, or set include_waiting in session.yaml to get its ticket.",
        )
        status = head.cell(STATUS_COLUMN)
        yield replace(warning, severity=Severity.INFO, column=STATUS_COLUMN, value=status)


def _missing_sheet_findings(
    specification: Specification, groups: Iterable[EntityGroup]
) -> Iterator[Finding]:
    """Warn once where bundles are to be built and no row of a fields sheet was read."""
    heads: list[Entity] = []
    for group in groups:
        if group.kind is GroupKind.BUNDLES_WITHOUT_FIELDS:
            heads += group.heads
    if heads and not specification.by_kind[EntityKind.FIELD]:
        first = min(heads, key=sheet_place)
        yield _warning_about(
            first,
            code="fields_sheet_missing",
            message="The bundles have no fields sheet; their tickets say nothing of fields.",
            advice="Add the export of the fields sheet.",
        )


def _warning_about(row: Entity, *, code: str, message: str, advice: str) -> Finding:
    """Return a finding that cites a row."""
    return Finding(
        severity=Severity.WARNING,
        code=code,
        file=row.source.file,
        line=row.source.line,
        record=row.source.record,
        message=message,
        advice=advice,
    )


@dataclass(frozen=True, slots=True)
class _NamedView:
    """A view, and the words of its label."""

    view: Entity
    words: AbstractSet[str]


def adopt_displays(specification: Specification) -> tuple[Specification, tuple[Finding, ...]]:
    """Give each display that names no view of the sheets the view with the most similar label.

    All words of one name have to be in the other, or the reverse.

    `Tide` joins `Tide/Wind`. Of several the most similar label wins, then sheet order; where
    no label fits the display stays without a view.
    """
    views = specification.by_kind[EntityKind.VIEW]
    keys = {view.key for view in views}
    named_views = [_NamedView(view, {*words_of(view.label)}) for view in views]

    # Displays that are alike are two: each is known by itself and not by what it says.
    key_by_display_id: dict[int, str] = {}
    displays_by_names: dict[tuple[str, str], list[Entity]] = {}
    for display in specification.by_kind[EntityKind.VIEW_DISPLAY]:
        if display.owner_key in keys:
            continue
        view = _view_called_alike(display, named_views)
        if view is not None:
            key_by_display_id[id(display)] = view.key
            names = (display.cell("View").casefold(), view.key)
            displays_by_names.setdefault(names, []).append(display)
    if not displays_by_names:
        return specification, ()  # with what was looked up in it

    entities = []
    for row in specification.entities:
        key = key_by_display_id.get(id(row))
        entities.append(row if key is None else replace(row, owner_key=key))
    findings = []
    for (_, view_key), displays in displays_by_names.items():
        joined_view = specification.by_key[view_key][0]
        findings.append(_joined_finding(displays, joined_view))
    return replace(specification, entities=tuple(entities)), tuple(findings)


def _view_called_alike(display: Entity, named_views: Iterable[_NamedView]) -> Entity | None:
    """Return the view whose label has the words of the display's cell, or fewer or more of them."""
    name = display.cell("View")
    words = {*words_of(name)}
    fitting = []
    for named in named_views:
        has_words_within = words <= named.words or named.words <= words
        if has_words_within and words & named.words:
            fitting.append(named.view)
    fitting.sort(key=lambda view: view.source.line)

    def likeness(view: Entity) -> float:
        return SequenceMatcher(None, view.label.casefold(), name.casefold()).ratio()

    return max(fitting, key=likeness, default=None)


def _joined_finding(displays: Sequence[Entity], view: Entity) -> Finding:
    """Warn of displays that name no view, and join the one that is called alike."""
    display, *others = displays
    named = display.cell("View")
    if named.casefold() == view.label.casefold():
        reason = "Only the label says which view it belongs to"
        label = view.label
        advice = "Correct the View ID."
    else:
        reason = f"There is no view “{named}”"
        label = f"{view.label}, the nearest label"
        advice = "Correct the View cell, or the label of the view."
    message = f"{reason}; the display {display.label} joins the view {label}."
    warning = _warning_about(
        display, code="display_joined_by_label", message=message, advice=advice
    )
    other_lines = tuple(other.source.line for other in others)
    return replace(warning, column="View", value=named[:200], also_lines=other_lines)
