"""The pattern by which Pathauto makes the address of a new item from its title and fields.

Source: Pathauto, `pathauto.pattern.*`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.cell_facts import BlankCell, CellFact, CellWords, cell_fact
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.markup import code
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.shared_columns import ALIAS_PATTERN
from jira_pipeline.model.entities import BundleType, Entity
from jira_pipeline.model.grouped import group_by

COLUMN = ALIAS_PATTERN


def pattern_of(bundle: Entity) -> CellFact:
    """Read from the row of a bundle the pattern of its addresses."""
    return cell_fact(bundle, COLUMN.name)


# What follows from it.


def check(bundles: TicketBundles) -> Iterator[Claim]:
    """Claim which pattern gives new items their addresses; types with one pattern share a sentence.

    `A new content item of Boat gets an address by the pattern boats/[node:title].`
    """
    certain = [b for b in bundles.set_up if not bundles.ticket.is_disputed(b, COLUMN.name)]
    key = "verification.alias_of" if bundles.is_list else "verification.alias"
    is_of_terms = bundles.ticket.head.bundle_type is BundleType.VOCABULARY
    noun = clause("term" if is_of_terms else "item")
    for fact, sharing in group_by(certain, pattern_of).items():
        match fact:
            case CellWords(pattern):
                name = bundles.names_of(sharing)
                yield from claims_about(
                    key, sharing, COLUMN.name, name=name, item=noun, pattern=code(pattern)
                )
            case BlankCell():
                continue


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield the pattern of the addresses of each bundle."""
    return facts_by_row(pattern_of, bundles.set_up)


COUNTERPART = Counterpart(how=Comparison.ADDRESS, where="the patterns of Pathauto that select it")
RULE = Rule(
    key="bundle.url_alias",
    columns=(COLUMN,),
    facts=facts,
    check=check,
    counterpart=COUNTERPART,
)
