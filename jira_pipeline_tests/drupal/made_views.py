"""Rows of views for the cases of rules, in a few words each; read and grouped as uploaded sheets are.

Belongs here: making rows of the view *Boats* and its displays, and the ticket with them. Does not:
what is asserted (the test module of each rule), rows of fields (`made_rows`).
"""

from collections.abc import Iterable, Sequence

from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.comparisons import Counterpart, SheetCell
from jira_pipeline.drupal.site.site_cells import Site, SiteCell
from jira_pipeline.drupal.ticket_rows import GroupRows, SessionRows
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity, EntityKind, Specification
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import ticket_rows
from jira_pipeline.verification.compared_cells import compare_cell
from jira_pipeline.verification.names import Names
from jira_pipeline_tests.drupal.made_rows import sentences
from jira_pipeline_tests.sheets.made_specifications import Row, specification_of

_COLUMNS = {
    "name": "Machine name",
    "label": "View name",
    "x": "X",
    "table": "Base table",
    "status": "Status",
    "note": "Notes",
    "description": "Description",
    "title": "Title",
    "plugin": "Display plugin",
    "place": "Path or place",
    "lists": "Lists",
    "shows": "Shows",
    "filters": "Filters",
    "sort": "Sort",
    "pager": "Items per page",
    "access": "Access",
    "empty": "When empty",
    "view": "View",
}

WRITTEN_BY_SHEETS = {
    "Path or place": "/boats",
    "Filters": "None",
    "Sort": "None",
    "Items per page": "All",
    "Access": "Everybody",
}
"""Settings of a display in the form in which `sheets` writes them of a site."""


def view(**cells: str) -> Row:
    """Make the row of the new view *Boats* of content, unless `cells` say otherwise."""
    row = {"View name": "Boats", "Machine name": "boats", "X": "a", "Base table": "Content"}
    return row | {_COLUMNS[cell]: text for cell, text in cells.items()}


def display(name: str = "page_1", plugin: str = "Page", **cells: str) -> Row:
    """Make the row of a new display of *Boats*, a page unless `cells` say otherwise."""
    row = {"View": "Boats", "Title": name, "Machine name": name, "X": "a", "Display plugin": plugin}
    return row | {_COLUMNS[cell]: text for cell, text in cells.items()}


def view_of(
    *displays: Row,
    head: Row | None = None,
    others: Sequence[Row] = (),
    views: Iterable[Row] = (),
    roles: Iterable[Row] = (),
) -> TicketView:
    """Return the ticket of a view with displays; beside it are other views and displays, and roles."""
    head = head or view()
    displays = tuple(row | {"View": head["View name"]} for row in displays)
    return _ticket_of(
        specification_of(views=[head, *views], displays=[*displays, *others], roles=list(roles)),
        head["Machine name"],
    )


def _ticket_of(specification: Specification, machine_name: str) -> TicketView:
    groups = {group.key: group for group in group_entities(specification).groups}
    session = SessionRows(
        specification=specification, groups=groups, site_name="Harbour", site_description=""
    )
    (group,) = [
        group
        for group in groups.values()
        if machine_name in [head.machine_name for head in group.heads]
    ]
    return TicketView(ticket=ticket_rows(group, session))


def view_row(row: Row) -> Entity:
    """Return a view as it is read."""
    return view_of(head=row).head


def display_row(row: Row) -> Entity:
    """Return a display of *Boats* as it is read."""
    (entity,) = view_of(row).ticket.session.specification.by_kind[EntityKind.VIEW_DISPLAY]
    return entity


def group_rows(view: TicketView) -> GroupRows:
    """Return the rows of a ticket as questions see them."""
    return GroupRows(group=view.ticket.group, index=view.ticket.session.index)


def plain(claims: Iterable[Claim], part: str = "") -> list[str]:
    """Return claims of a part of the ticket as plain text, menus with `>`; of all parts if none is named."""
    of_part = [claim for claim in claims if claim.kind.startswith(part)]
    return [sentence.replace("\u203a", ">") for sentence in sentences(of_part)]


def compared(row: Row, counterpart: Counterpart, column: str, on_site: SiteCell) -> Verdict:
    """Compare a cell of a view or a display with what a site has there."""
    entity = display_row(row) if "View" in row else view_row(row)
    cell = SheetCell(row=entity, column=column, text=entity.cell(column), counterpart=counterpart)
    names = Names(Specification(entities=(entity,)), Site(entities=()))
    return compare_cell(cell, on_site, names).verdict
