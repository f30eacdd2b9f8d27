"""The pattern by which Pathauto makes the address of a new item from its title and fields.

Source: Pathauto, `pathauto.pattern.*`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.markup import code
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import BundleType, Entity
from jira_pipeline.model.grouped import group_by

COLUMN = Column(
    "URL alias pattern",
    ("URL alias", "Path pattern", "Alias pattern", "URL pattern", "Pathauto pattern"),
    Holds.ALIAS,
    loss="the URL aliases",
    loosely=("URL", "Path", "Alias", "Web address"),
)


def check(bundles: TicketBundles) -> Iterator[Claim]:
    """Claim by which pattern new items get addresses, once for the types that share one."""
    having = [bundle for bundle in bundles.set_up if _is_certain(bundle, bundles)]
    key = "verification.alias_of" if bundles.is_list else "verification.alias"
    is_of_terms = bundles.ticket.head.bundle_type is BundleType.VOCABULARY
    noun = clause("term" if is_of_terms else "item")
    for pattern, sharing in group_by(having, _pattern_of).items():
        name = bundles.names_of(sharing)
        yield from claims_about(
            key, sharing, COLUMN.name, name=name, item=noun, pattern=code(pattern)
        )


def _pattern_of(bundle: Entity) -> str:
    return bundle.cell(COLUMN.name)


def _is_certain(bundle: Entity, bundles: TicketBundles) -> bool:
    """Tell whether a row has a pattern that no question doubts."""
    return bundle.states(COLUMN.name) and not bundles.ticket.is_disputed(bundle, COLUMN.name)


COUNTERPART = Counterpart(how=Comparison.ADDRESS, where="the patterns of Pathauto that select it")
RULE = Rule(key="bundle.url_alias", columns=(COLUMN,), check=check, counterpart=COUNTERPART)
