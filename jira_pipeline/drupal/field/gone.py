"""A field that goes from a bundle: with it Drupal deletes what the items of the bundle have in it.

Source: Drupal core, `FieldConfig::postDelete`, `field_purge_batch`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.model.columns import STATUS_COLUMN


@dataclass(frozen=True, slots=True)
class DeletedWithValues:
    """The bundle is there: its items lose what they have in the field."""


@dataclass(frozen=True, slots=True)
class NeverAdded:
    """The bundle is new: nothing is deleted, the field is only not added."""


GoneFact: TypeAlias = DeletedWithValues | NeverAdded


def gone_fact_of(fields: TicketFields) -> GoneFact:
    """Read what becomes of the fields of a ticket that go."""
    return NeverAdded() if fields.is_new else DeletedWithValues()


def say(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim that removing fields deletes what items have in them, unless the type is new.

    `Deleting field_mast deletes what the items of Boat hold in it.`
    """
    match gone_fact_of(fields):
        case DeletedWithValues():
            name = text(fields.ticket.name)
            return claims_about("analysis.gone", fields.gone, STATUS_COLUMN, name=name)
        case NeverAdded():
            return ()


def check(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim that the fields to remove are not on the bundle any more.

    `Manage fields does not list field_mast.`
    """
    return claims_about("verification.gone", fields.gone, STATUS_COLUMN)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield what becomes of each field that goes."""
    for row in fields.gone:
        yield StatedFact(fact=gone_fact_of(fields), rows=(row,))


RULE = Rule(key="field.gone", facts=facts, say=say, check=check)
