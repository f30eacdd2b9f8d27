"""Whether the items of a type can be translated, and which of their fields.

Source: Drupal core, Content Translation, `language.content_settings.*`.
"""

from collections.abc import Iterator
from dataclasses import replace

from jira_pipeline.drupal import shared_columns
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.model.entities import EntityKind

COLUMN = replace(shared_columns.TRANSLATABLE, loss="which bundles are translatable")


def check(bundles: TicketBundles) -> Iterator[Claim]:
    """Claim that the types whose rows say y are ticked as translatable, with fields that say so."""
    translated = [bundle for bundle in bundles.set_up if bundle.flag(COLUMN.name)]
    yield from claims_about(
        "verification.translated_fields"
        if _are_fields_translated(bundles)
        else "verification.translated",
        translated,
        COLUMN.name,
        name=bundles.names_of(translated),
    )


def _are_fields_translated(bundles: TicketBundles) -> bool:
    fields = bundles.ticket.live(EntityKind.FIELD)
    return any(field.flag(COLUMN.name) for field in fields)


COUNTERPART = Counterpart(
    how=Comparison.FLAG, where="`language.content_settings`, translation enabled"
)
RULE = Rule(key="bundle.translated", columns=(COLUMN,), check=check, counterpart=COUNTERPART)
