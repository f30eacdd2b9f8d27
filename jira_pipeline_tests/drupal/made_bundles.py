"""Rows of bundles for the cases of rules, in a few words each; read and grouped as uploaded sheets are.

Belongs here: making rows of bundles and the tickets with them. Does not: what is asserted (the test
module of each rule), rows of fields and the ticket of *Boat* with fields alone (`made_rows`).
"""

from collections.abc import Iterable
from dataclasses import replace

from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.comparisons import Counterpart, SheetCell
from jira_pipeline.drupal.site.site_cells import Site, SiteCell
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline.verification.compared_cells import compare_cell
from jira_pipeline.verification.names import Names
from jira_pipeline_tests.drupal.made_rows import sentences, ticket_in
from jira_pipeline_tests.sheets.made_specifications import Row, specification_of

_COLUMNS = {
    "name": "Name",
    "machine_name": "Machine name",
    "status": "X",
    "type": "Type",
    "description": "Description",
    "moderated": "Mod.",
    "layout": "Layout",
    "translated": "Trns.",
    "migrated": "Migr.",
    "alias": "URL alias pattern",
    "note": "Settings/notes",
}


def boat(**cells: str) -> Row:
    """Make the row of the new content type *Boat* unless `cells` say otherwise."""
    row = {"Name": "Boat", "Machine name": "boat", "X": "a", "Type": "Content type"}
    return row | {_COLUMNS[cell]: text for cell, text in cells.items()}


def anchor(**cells: str) -> Row:
    """Make the row of another bundle, *Anchor*."""
    return boat(**{"name": "Anchor", "machine_name": "anchor"} | cells)


def bundles_of(*bundles: Row, fields: Iterable[Row] = (), **sheets: Iterable[Row]) -> TicketBundles:
    """Return the ticket of the first of these bundles, with fields that say which one they are of."""
    tables = {name: list(rows) for name, rows in sheets.items()}
    specification = specification_of(bundles=list(bundles), fields=list(fields), **tables)
    machine_name = bundles[0]["Machine name"]
    return TicketBundles(
        ticket=ticket_in(specification, lambda head: head.machine_name == machine_name)
    )


def before_others(bundles: TicketBundles) -> TicketBundles:
    """Return a ticket as if it came before all others of its session."""
    ticket = bundles.ticket
    return TicketBundles(ticket=replace(ticket, group=replace(ticket.group, number=0)))


def group_rows_of(bundles: TicketBundles) -> GroupRows:
    """Return the rows of a ticket as questions are asked of them."""
    return GroupRows(group=bundles.ticket.group, index=bundles.ticket.session.index)


def plain(claims: Iterable[Claim]) -> list[str]:
    """Return claims as plain text, menus with `>`."""
    return [sentence.replace("\u203a", ">") for sentence in sentences(claims)]


def compared(row: Row, counterpart: Counterpart, column: str, on_site: SiteCell) -> Verdict:
    """Compare a cell of a bundle with what a site has there."""
    ticket = bundles_of(row).ticket
    cell = SheetCell(
        row=ticket.head, column=column, text=ticket.head.cell(column), counterpart=counterpart
    )
    names = Names(ticket.session.specification, Site(entities=()))
    return compare_cell(cell, on_site, names).verdict
