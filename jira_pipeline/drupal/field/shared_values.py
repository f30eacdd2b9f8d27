"""The values of a list that a bundle re-uses: they belong to the storage, so the list has them already.

Source: Drupal core, `FieldStorageConfig` (`settings.allowed_values`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.field.allowed_values import NOTED_COLUMNS, Values, values_of
from jira_pipeline.drupal.field.reuse import (
    NotShared,
    OfCore,
    OfEarlierTicket,
    OfThisTicket,
    OnSite,
    origin_of,
)
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.type import FIELD_TYPE
from jira_pipeline.drupal.meaning.modules_and_types import is_list
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity


@dataclass(frozen=True, slots=True)
class HasValues:
    """The storage that a list re-uses has its values."""


@dataclass(frozen=True, slots=True)
class NeedsValues:
    """Its storage is new, or nobody says that an earlier ticket gives it values."""


SharedValuesFact: TypeAlias = HasValues | NeedsValues


def shared_values_of(row: Entity, ticket: TicketRows) -> SharedValuesFact:
    """Read whether a list that a ticket adds has its values from elsewhere."""
    match origin_of(row, ticket):
        case OnSite() | OfCore():
            return HasValues()
        case OfEarlierTicket():
            # That ticket makes the field with values only if rows say them.
            is_said = isinstance(values_of(row, ticket.session.index), Values)
            return HasValues() if is_said else NeedsValues()
        case OfThisTicket() | NotShared():
            return NeedsValues()


def say(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim which new lists have their values already: they re-use the storage of a field.

    `field_rig has its options already, from the field it re-uses.`
    """
    ticket = fields.ticket
    shared = []
    for row in _lists_added(fields):
        is_doubted = ticket.is_disputed(row, *NOTED_COLUMNS, FIELD_TYPE)
        if not is_doubted and shared_values_of(row, ticket) == HasValues():
            shared.append(row)
    return claims_about("analysis.shared_options", shared, FIELD_TYPE)


def _lists_added(fields: TicketFields) -> list[Entity]:
    return [row for row in fields.added if is_list(row)]


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield whether each list that the ticket adds has its values."""
    for row in _lists_added(fields):
        yield StatedFact(fact=shared_values_of(row, fields.ticket), rows=(row,))


RULE = Rule(key="field.shared_values", facts=facts, say=say)
