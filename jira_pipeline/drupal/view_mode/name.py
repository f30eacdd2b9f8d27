"""The name of a view mode, by which people choose it on *Manage display*.

Source: Drupal core, `label` in `core.entity_view_mode.*`.
"""

from collections.abc import Iterable, Iterator

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import (
    CellResult,
    Comparison,
    Counterpart,
    Differs,
    KnownNames,
    Met,
    SheetCell,
)
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.drupal.site.site_cells import SiteCell, plain
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.view_mode.entity_type import heading_above
from jira_pipeline.model.entities import Status

COLUMN = label_column("View Modes", "View mode")


def check(ticket: TicketRows) -> Iterable[Claim]:
    """Claim that new view modes are listed below the heading of their entity type.

    `… View modes lists “Card” under Content.` The modes of one ticket are of one entity type: the
    first says the heading of all.
    """
    new = [mode for mode in ticket.to_build if mode.status is Status.APPROVED]
    return claims_about(
        "verification.modes",
        new,
        values=[mode.label for mode in new],
        heading=text(heading_above(ticket.head).text),
    )


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the name of each view mode."""
    return facts_of_cell(COLUMN.name, ticket.to_build)


def compare(cell: SheetCell, site_cell: SiteCell, _: KnownNames) -> CellResult:
    """Compare the name without its case, by which a row finds its view mode as well."""
    is_same = plain(cell.text).casefold() == plain(site_cell.text).casefold()
    return Met() if is_same else Differs()


COUNTERPART = Counterpart(
    how=Comparison.WORDING, where="label of the view mode", is_wording=True, compare=compare
)
RULE = Rule(
    key="view_mode.name",
    columns=(COLUMN,),
    facts=facts,
    check=check,
    counterpart=COUNTERPART,
)
