"""What brings a view mode: core or a module has some, so nobody adds them.

Source: `config/install/core.entity_view_mode.*` of the modules in `modules.toml`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.meaning.modules_and_types import folded, modules
from jira_pipeline.drupal.providers import (
    AddedByHand,
    FromProvider,
    ProviderFact,
    added_by_hand,
    rows_by_provider,
)
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity, Status


def provider_of(mode: Entity) -> ProviderFact:
    """Tell what brings a view mode, by its entity type and label."""
    if mode.status is not Status.APPROVED:
        return AddedByHand()
    entity_type = str(mode.bundle_type)
    for module in modules().values():
        labels = module.view_modes.get(entity_type, ())
        if folded(mode.label) in map(folded, labels):
            return FromProvider(module.provider)
    return AddedByHand()


def say(ticket: TicketRows) -> Iterator[Claim]:
    """Say which view modes nobody adds.

    `“Teaser” comes with Drupal core: do not add it.`
    """
    for provider, modes in rows_by_provider(ticket.to_build, provider_of).items():
        yield from claims_about("analysis.modes_shipped", modes, provider=text(provider))


def modes_added_by_hand(ticket: TicketRows) -> list[Entity]:
    """Return the view modes to build that nothing brings, in sheet order."""
    return added_by_hand(ticket.to_build, provider_of)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what brings each view mode to build."""
    return facts_by_row(provider_of, ticket.to_build)


RULE: Rule[TicketRows] = Rule(key="view_mode.provider", facts=facts, say=say)
