"""What a ticket of several types without fields is for: that they have none is said where it is certain.

A type may get fields from a module, from a sheet that was not read, or as elements of a webform.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.bundle.provider import bundles_added_by_hand, is_brought
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.changed_rows import ChangedRows, changes_in_words
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.quoted_description import description_clause
from jira_pipeline.drupal.row_names import bundle_noun
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.unknown_columns import may_have_unread_fields
from jira_pipeline.model.entities import BundleType, Entity, EntityKind, Status

_THERE_OR_WITH_ELEMENTS = frozenset({BundleType.USER, BundleType.WEBFORM})
"""Accounts are on every site, with whatever fields; a webform has elements."""


@dataclass(frozen=True, slots=True)
class CertainlyFieldless:
    """All of them come, and nothing but their rows could say a field of theirs."""


@dataclass(frozen=True, slots=True)
class PerhapsWithFields:
    """Some are there already, or have fields that no sheet lists."""


FieldlessFact: TypeAlias = CertainlyFieldless | PerhapsWithFields


def fieldless_fact_of(ticket: TicketRows) -> FieldlessFact:
    """Read from the rows of types without fields whether it is certain that they have none."""
    bundles = ticket.to_build
    if any(bundle.status is Status.CHANGED for bundle in bundles):
        return PerhapsWithFields()
    if bundles[0].bundle_type in _THERE_OR_WITH_ELEMENTS or is_brought(new_types(ticket)[0]):
        return PerhapsWithFields()
    rows_by_kind = ticket.session.specification.by_kind
    if rows_by_kind[EntityKind.CUSTOM] and not rows_by_kind[EntityKind.FIELD]:
        return PerhapsWithFields()  # their fields may be in a sheet that nobody recognises
    if any(may_have_unread_fields(bundle) for bundle in bundles):
        return PerhapsWithFields()
    return CertainlyFieldless()


def new_types(ticket: TicketRows) -> Sequence[Entity]:
    """Return the types to add by hand; where all come with a module, these."""
    new = [bundle for bundle in ticket.to_build if bundle.status is not Status.CHANGED]
    return bundles_added_by_hand(new)


def say(bundles: TicketBundles) -> tuple[Claim, ...]:
    """Say which types the site needs, and that they have no fields where that is certain.

    `The site needs the media type “Sail” without fields of its own.`
    """
    ticket = bundles.ticket
    if not ticket.to_build:
        return ()
    new = new_types(ticket)
    changed = [bundle for bundle in ticket.to_build if bundle.status is Status.CHANGED]
    noun = bundle_noun(ticket.to_build[0].bundle_type)
    what = changes_in_words(
        ChangedRows(phrase="first_rows", noun=noun, rows=new),
        ChangedRows(phrase="changed_rows", noun=noun, rows=changed),
    )
    key = "story.plain"
    if fieldless_fact_of(ticket) == CertainlyFieldless():
        key = "story.fieldless"
    description = description_clause(new[0]) if len(new) == 1 else ""
    return claims_about(key, ticket.to_build, what=what, description=description)


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield whether the types of the ticket have no fields."""
    if bundles.ticket.to_build:
        yield StatedFact(fact=fieldless_fact_of(bundles.ticket), rows=bundles.ticket.to_build)


RULE = Rule(key="bundle.fieldless", facts=facts, say=say)
