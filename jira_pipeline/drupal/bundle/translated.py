"""Whether the items of a type can be translated, and which of their fields.

Source: Drupal core, Content Translation, `language.content_settings.*`.
"""

from collections.abc import Iterator
from dataclasses import replace

from jira_pipeline.drupal import shared_columns
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.cell_facts import Flag, flag_fact
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.model.entities import Entity, EntityKind

COLUMN = replace(shared_columns.TRANSLATABLE, loss="which bundles are translatable")


def translated(row: Entity) -> Flag:
    """Read from the row of a bundle or a field whether it can be translated."""
    return flag_fact(row, COLUMN.name)


# What follows from it.


def check(bundles: TicketBundles) -> Iterator[Claim]:
    """Claim that the types whose rows say `y` are translatable, and which of their fields.

    `… Content language and translation has Boat ticked.`
    """
    ticked = [bundle for bundle in bundles.set_up if translated(bundle) is Flag.YES]
    yield from claims_about(
        "verification.translated_fields"
        if _are_fields_translated(bundles)
        else "verification.translated",
        ticked,
        COLUMN.name,
        name=bundles.names_of(ticked),
    )


def _are_fields_translated(bundles: TicketBundles) -> bool:
    fields = bundles.ticket.live(EntityKind.FIELD)
    return any(translated(field) is Flag.YES for field in fields)


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield of each bundle whether its items can be translated."""
    return facts_by_row(translated, bundles.set_up)


COUNTERPART = Counterpart(
    how=Comparison.FLAG, where="`language.content_settings`, translation enabled"
)
RULE = Rule(
    key="bundle.translated",
    columns=(COLUMN,),
    facts=facts,
    check=check,
    counterpart=COUNTERPART,
)
