"""What brings a bundle: core and modules install some of theirs with their fields.

Whoever adds such a type by hand gets an error of Drupal or a second one, without what the module
does with the first.

Source: `config/install` of modules; `bundles` of `modules.toml`.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.meaning.modules_and_types import modules
from jira_pipeline.drupal.providers import (
    AddedByHand,
    FromProvider,
    ProviderFact,
    added_by_hand,
    rows_by_provider,
)
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.entities import Entity


def provider_of(bundle: Entity) -> ProviderFact:
    """Tell what brings a bundle, by its type and machine name."""
    return _providers().get((str(bundle.bundle_type), bundle.machine_name), AddedByHand())


@cache
def _providers() -> Mapping[tuple[str, str], FromProvider]:
    """Return the provider of each bundle that has one, by its type and machine name."""
    providers: dict[tuple[str, str], FromProvider] = {}
    for module in modules().values():
        for bundle_type, names in module.bundles.items():
            for name in names:
                providers.setdefault((bundle_type, name), FromProvider(module.provider))
    return providers


def is_brought(bundle: Entity) -> bool:
    """Tell whether a bundle is there without anybody adding it."""
    return isinstance(provider_of(bundle), FromProvider)


def bundles_added_by_hand(bundles: Sequence[Entity]) -> Sequence[Entity]:
    """Return the bundles that no module installs; where all of them come with one, these."""
    return added_by_hand(bundles, provider_of) or bundles


def say(bundles: TicketBundles) -> Iterator[Claim]:
    """Say which types a module installs with their fields, so that nobody adds them by hand.

    `article comes with …, with its fields: enable the module if it is not; do not add the type by
    hand.`
    """
    for provider, brought in rows_by_provider(bundles.set_up, provider_of).items():
        yield from claims_about(
            "analysis.bundles_shipped", brought, MACHINE_NAME_COLUMN, provider=text(provider)
        )


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield what brings each bundle to set up."""
    return facts_by_row(provider_of, bundles.set_up)


RULE = Rule(key="bundle.provider", facts=facts, say=say)
