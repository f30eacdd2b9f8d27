"""A pattern of addresses in which nothing is of the item itself: items get one address, with numbers.

Source: Pathauto, `AliasUniquifier`; core tokens of nodes and terms, and those of Group.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.asked_rows import bundles_to_build
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.bundle.url_alias import COLUMN, pattern_of
from jira_pipeline.drupal.cell_facts import BlankCell, CellWords
from jira_pipeline.drupal.row_names import marked
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import Entity

_TOKEN = re.compile(r"\[(?P<token>[^\[\]]+)\]")
_OF_OTHER_THINGS = re.compile(
    r"(?:site|current-\w+|random)\b.*|\w+:(?:author|content-type|type|type-name|langcode|vocabulary|group)\b.*"
)
"""Tokens of the site, the time, the author, the type or the group: many items share them."""


class AddressFact(StrEnum):
    """The fact: whether a pattern makes an address of its own for each item."""

    OWN = "a token is of the item"
    SHARED = "every token is of something that items share"
    NONE = "there is no pattern with tokens"


def address_of(bundle: Entity) -> AddressFact:
    """Read from the row of a bundle whether its pattern has a token of the item itself."""
    match pattern_of(bundle):
        case CellWords(pattern):
            tokens = _TOKEN.findall(pattern)
            if not tokens:
                return AddressFact.NONE
            is_shared = all(_OF_OTHER_THINGS.fullmatch(token) for token in tokens)
            return AddressFact.SHARED if is_shared else AddressFact.OWN
        case BlankCell():
            return AddressFact.NONE


# What follows from it.


def ask(bundle: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether items are to differ in their addresses by a number only, as the pattern makes it.

    `Nothing in boats/list is of the item itself, so that items of “Boat” may get one address, …`
    """
    if address_of(bundle) is AddressFact.SHARED:
        pattern = marked(bundle.cell(COLUMN.name))
        yield question_about("bundles.same_address", bundle, COLUMN.name, pattern=pattern)


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield whether the pattern of a bundle makes an address of its own for each item."""
    return facts_by_row(address_of, bundles.set_up)


RULE = Rule(key="bundle.same_address", facts=facts, asked_rows=bundles_to_build, ask=ask)
