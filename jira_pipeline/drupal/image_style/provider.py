"""What brings an image style: a module that is installed has it, so nobody adds it.

What its row says is set all the same.

Source: `config/install/image.style.*` of the modules in `modules.toml`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.meaning.modules_and_types import bringing
from jira_pipeline.drupal.providers import (
    AddedByHand,
    FromProvider,
    ProviderFact,
    added_by_hand,
    rows_by_provider,
)
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity, Status


def provider_of(style: Entity) -> ProviderFact:
    """Tell what brings a style, by its machine name."""
    module = bringing("image_styles").get(style.machine_name)
    if module is None or style.status is not Status.APPROVED:
        return AddedByHand()
    return FromProvider(module.provider)


def say(ticket: TicketRows) -> Iterator[Claim]:
    """Say which styles nobody adds.

    `media_library comes with Drupal core: do not add it, set what its row says.`
    """
    for provider, styles in rows_by_provider(ticket.to_build, provider_of).items():
        yield from claims_about(
            "analysis.styles_shipped", styles, MACHINE_NAME_COLUMN, provider=text(provider)
        )


def styles_added_by_hand(ticket: TicketRows) -> list[Entity]:
    """Return the styles to build that nothing brings."""
    return added_by_hand(ticket.to_build, provider_of)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what brings each style to build."""
    return facts_by_row(provider_of, ticket.to_build)


RULE: Rule[TicketRows] = Rule(key="image_style.provider", facts=facts, say=say)
