"""What brings a bundle: core and modules install some of theirs with their fields.

Whoever adds such a type by hand gets an error of Drupal or a second one, without what the module
does with the first.

Source: `config/install` of modules; `bundles` of `modules.toml`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.meaning.modules_and_types import module_of_bundle
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.grouped import group_by


def say(bundles: TicketBundles) -> Iterator[Claim]:
    """Say which bundles not to add by hand, as a module installs them."""
    for provider, brought in group_by(bundles.set_up, module_of_bundle).items():
        if provider:
            yield from claims_about(
                "analysis.bundles_shipped", brought, MACHINE_NAME_COLUMN, provider=text(provider)
            )


RULE = Rule(key="bundle.provider", say=say)
