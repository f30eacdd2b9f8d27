"""What becomes of the content of a type that goes: Drupal deletes no type that has items.

Somebody moves, keeps or deletes the items before. Only the client knows what is worth keeping. The
terms of a vocabulary are deleted with it.

Source: Drupal core, `NodeTypeDeleteConfirm`, `MediaTypeDeleteConfirmForm`, `BlockContentTypeDeleteForm`,
`Vocabulary::postDelete`; Paragraphs, `ParagraphsTypeDeleteConfirm`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import things_to_remove
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import listed, plural
from jira_pipeline.drupal.row_names import bundle_noun
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.model.entities import BundleType, Entity

_KEEPING = re.compile(r"(?i)\b(?:archiv|migrat|delet|mov(?:e|ing)|ke(?:ep|pt)|export)")
"""What a note says of what becomes of items."""
_KEPT_WHILE_USED = (BundleType.CONTENT, BundleType.MEDIA, BundleType.PARAGRAPH, BundleType.BLOCK)
_ITEMS_OF_THEIR_OWN = frozenset({BundleType.CONTENT, BundleType.MEDIA})
"""Types whose items people know by themselves, and not as a part of others."""
_TYPE = "Type"


# The fact: what Drupal does with the items of a type that somebody deletes.


@dataclass(frozen=True, slots=True)
class KeepsType:
    """The type is not deleted while it has items."""

    bundle_type: BundleType


@dataclass(frozen=True, slots=True)
class DeletesItems:
    """They are deleted with the type: the terms of a vocabulary."""


@dataclass(frozen=True, slots=True)
class HasNoItems:
    """It is no type, or one of which nothing is known."""


ItemsFact: TypeAlias = KeepsType | DeletesItems | HasNoItems


def items_of(head: Entity) -> ItemsFact:
    """Tell what becomes of the items of a thing to remove, by its type."""
    match head.bundle_type:
        case BundleType.VOCABULARY:
            return DeletesItems()
        case BundleType() as bundle_type if bundle_type in _KEPT_WHILE_USED:
            return KeepsType(bundle_type)
        case _:
            return HasNoItems()


# What follows from it.


def ask(bundle: Entity, _rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what becomes of the items of a type to remove, unless a note says it.

    `What becomes of existing items of “Boat”?`
    """
    match items_of(bundle):
        case KeepsType(bundle_type) if bundle_type in _ITEMS_OF_THEIR_OWN:
            if not _KEEPING.search(note_of(bundle)):
                yield question_about("views.items", bundle)
        case KeepsType() | DeletesItems() | HasNoItems():
            return


def say(ticket: TicketRows) -> Iterator[Claim]:
    """Say which types Drupal deletes only when they have no items, and which with their items.

    `Drupal deletes no content types that have items: delete or move these first.` `With the
    vocabulary Drupal deletes its terms.`
    """
    types_kept: list[Entity] = []
    kept_types = set()
    vocabularies: list[Entity] = []
    for head in ticket.group.heads:
        match items_of(head):
            case KeepsType(bundle_type):
                types_kept.append(head)
                kept_types.add(bundle_type)
            case DeletesItems():
                vocabularies.append(head)
            case HasNoItems():
                pass
    nouns = [plural(bundle_noun(kind)) for kind in _KEPT_WHILE_USED if kind in kept_types]
    yield from claims_about(
        "analysis.removal_items", types_kept, _TYPE, nouns=listed(nouns, word="or")
    )
    yield from claims_about("analysis.removal_terms", vocabularies, _TYPE)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what becomes of the items of each thing to remove."""
    return facts_by_row(items_of, ticket.group.heads)


RULE: Rule[TicketRows] = Rule(
    key="bundle.items",
    facts=facts,
    say=say,
    asked_rows=things_to_remove,
    ask=ask,
)
