"""The dependency graph of a session, as a picture or a table: whole, of a group, around one ticket.

Belongs here: which tickets are shown, what is open. Does not: where boxes are
(`documents/graph_drawing`), which tickets share one (`documents/graph_folding`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from jira_pipeline.documents.graph_drawing import GraphNode, Lane, draw_graph, ids_around
from jira_pipeline.documents.graph_folding import folded
from jira_pipeline.export.export_run import creation_order
from jira_pipeline.export.pages import STATES, GraphState, graph_nodes, graph_state
from jira_pipeline.flow.open_session import OpenSession
from jira_pipeline.kernel.entity_groups import DisplayGroup
from jira_pipeline.kernel.tickets import ListedTicket
from jira_pipeline.look.rendering import counted
from jira_pipeline.review.hours import Chain, hours_of, longest_chain
from jira_pipeline.web.access import Reader
from jira_pipeline.web.context import Opened
from jira_pipeline.web.pages.paging import BLANK_IS_NONE, PAGE_MAX, address_with, page_of
from jira_pipeline.web.pages.showing import show
from jira_pipeline.web.pages.tickets import groups_of

BOXES_OPEN_MAX = 80
"""So many are drawn before anybody opened a row: about four screens."""
ROWS_PER_PAGE = 100
OPEN_MAX = 2_000
_NOTHING = "none"
router = APIRouter(prefix="/sessions/{key}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphRow:
    """A ticket as the table shows it."""

    ticket: ListedTicket
    state: GraphState
    waits_for: tuple[ListedTicket, ...]
    waited_for_by: tuple[ListedTicket, ...]
    related: tuple[ListedTicket, ...]
    is_in_chain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownGraph:
    """The graph, or the part of it that was asked for."""

    tickets: tuple[ListedTicket, ...]
    """In an order of building."""
    drawn: tuple[ListedTicket, ...]
    """The same, with those of other groups that have a line to one of them."""
    ticket: ListedTicket | None
    """Whose paths are shown."""
    group: DisplayGroup | None
    chain: Chain | None
    """Of the whole session."""


@router.get("/graph")
def graph(
    request: Request,
    person: Reader,
    opened: Opened,
    *,
    ticket: Annotated[int | None, BLANK_IS_NONE, Query(ge=1, le=1_000_000)] = None,
    group: Annotated[DisplayGroup | None, BLANK_IS_NONE, Query()] = None,
    boxes: Annotated[str, Query(alias="open", max_length=OPEN_MAX)] = "",
    view: Literal["", "table"] = "",
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """Show the dependency graph: all of it, a group, or the paths through one ticket."""
    shown = _shown(opened, ticket=ticket, group=group)
    is_table = view == "table"
    return show(
        request,
        "graph.html",
        person=person,
        opened=opened,
        graph=shown,
        svg="" if is_table else _drawn(request, opened, shown, boxes),
        rows=page_of(request, _rows(opened, shown), number=page, size=ROWS_PER_PAGE)
        if is_table
        else None,
        picture_address=address_with(request, view=None, page=None),
        table_address=address_with(request, view="table", page=None, open=None),
        states=STATES,
        groups=groups_of(opened.listed, *([] if group is None else [group])),
    )


def _shown(session: OpenSession, *, ticket: int | None, group: DisplayGroup | None) -> ShownGraph:
    listed = session.listed
    by_id = {one.ticket_id: one for one in listed}
    order = creation_order(listed)
    is_built = frozenset(order)
    ordered = [*(by_id[i] for i in order), *(t for t in listed if t.ticket_id not in is_built)]
    chosen = next((one for one in listed if one.number == ticket), None)
    wanted = {one.ticket_id for one in listed if group in (None, one.display_group)}
    if chosen is not None:
        wanted &= ids_around(listed, chosen.ticket_id)
    beside = {
        name
        for one in listed
        for other in (*one.depends_on, *one.relates_to)
        if chosen is None and (one.ticket_id in wanted) != (other in wanted)
        for name in (one.ticket_id, other)
    }
    shown = wanted | beside
    return ShownGraph(
        tickets=tuple(one for one in ordered if one.ticket_id in wanted),
        drawn=tuple(one for one in ordered if one.ticket_id in shown),
        ticket=chosen,
        group=group,
        chain=longest_chain(by_id[i] for i in order),
    )


def _drawn(request: Request, session: OpenSession, shown: ShownGraph, boxes: str) -> str:
    """Draw it: every row open where there is room, else those that were asked for."""
    tickets, part = shown.drawn, {one.ticket_id for one in shown.tickets}
    nodes = [
        node if node.node_id in part else replace(node, css_class=f"{node.css_class} stub")
        for node in graph_nodes(
            tickets, session.places, address=f"/sessions/{session.key}/tickets/{{}}"
        )
    ]
    rows = list(dict.fromkeys(one.display_group.value for one in tickets))
    rows.sort(key=[group.value for group in DisplayGroup].index)
    if boxes:
        opened = [name for name in boxes.split(",") if name != _NOTHING]
    elif shown.group is not None:
        opened = [shown.group.value]
    else:
        opened = rows
    drawn, box_of = _folded(request, nodes, opened)
    if not boxes and shown.group is None and len(drawn) > BOXES_OPEN_MAX:
        opened = []
        drawn, box_of = _folded(request, nodes, opened)
    of_chain = () if shown.chain is None else shown.chain.ticket_ids
    return draw_graph(
        drawn,
        lanes=[_lane(request, name, tickets, opened, shown.group) for name in rows],
        chain=[box_of[name] for name in of_chain if name in box_of],
    )


def _folded(
    request: Request, nodes: Sequence[GraphNode], opened: Sequence[str]
) -> tuple[list[GraphNode], Mapping[str, str]]:
    return folded(nodes, opened=opened, address_of=partial(_with_opened, request, opened))


def _lane(
    request: Request,
    name: str,
    tickets: Sequence[ListedTicket],
    opened: Sequence[str],
    group: DisplayGroup | None,
) -> Lane:
    of_row = [one for one in tickets if one.display_group.value == name]
    parts = [counted(len(of_row), "ticket")]
    if group is not None and name != group.value:
        parts = [f"{parts[0]} with a line to these"]
    else:
        if ready := sum(one.is_ready for one in of_row):
            parts.append(f"{ready} ready")
        if hours := hours_of(of_row).hours:
            parts.append(f"{hours} hours")
    sign = "▾" if name in opened else "▸"
    left = [other for other in opened if other != name]
    address = (
        address_with(request, open=",".join(left) or _NOTHING)
        if name in opened
        else _with_opened(request, opened, name)
    )
    return Lane(name=name, label=f"{sign} {name}: {', '.join(parts)}", href=address)


def _with_opened(request: Request, opened: Sequence[str], more: str) -> str:
    return address_with(request, open=",".join([*opened, more]))


def _rows(session: OpenSession, shown: ShownGraph) -> list[GraphRow]:
    by_id = {one.ticket_id: one for one in session.listed}
    waiting: dict[str, list[ListedTicket]] = {name: [] for name in by_id}
    related: dict[str, dict[str, ListedTicket]] = {name: {} for name in by_id}
    for one in session.listed:
        for other in one.depends_on:
            if other in waiting:
                waiting[other].append(one)
        for other in one.relates_to:
            if other in related:
                related[other][one.ticket_id] = one
                related[one.ticket_id][other] = by_id[other]
    in_chain = () if shown.chain is None else shown.chain.ticket_ids
    return [
        GraphRow(
            ticket=one,
            state=graph_state(one, session.places),
            waits_for=_known(by_id, one.depends_on),
            waited_for_by=tuple(waiting[one.ticket_id]),
            related=tuple(related[one.ticket_id].values()),
            is_in_chain=one.ticket_id in in_chain,
        )
        for one in shown.tickets
    ]


def _known(by_id: Mapping[str, ListedTicket], names: Sequence[str]) -> tuple[ListedTicket, ...]:
    return tuple(by_id[name] for name in names if name in by_id)
