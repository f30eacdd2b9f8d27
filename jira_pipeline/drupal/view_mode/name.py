"""The name of a view mode, by which people choose it on *Manage display*.

Source: Drupal core, `label` in `core.entity_view_mode.*`.
"""

from collections.abc import Iterable, Iterator

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import label_column
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


COUNTERPART = Counterpart(how=Comparison.KEY, where="label of the view mode")
RULE = Rule(
    key="view_mode.name",
    columns=(COLUMN,),
    facts=facts,
    check=check,
    counterpart=COUNTERPART,
)
