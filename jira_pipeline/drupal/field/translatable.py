"""Whether a field is translated: whether each language of an item has its own value of it.

It is ticked for each bundle beside the bundle itself, and has no effect where that is not
translated.

Source: Drupal core, Content Translation, `FieldConfig` (`translatable`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from jira_pipeline.drupal import shared_columns
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.model.entities import Entity

COLUMN = replace(shared_columns.TRANSLATABLE, loss="which fields are translatable")


# The fact: what the row of a field says of languages, beside the row of its bundle.


@dataclass(frozen=True, slots=True)
class Translated:
    """The row says so, and nothing else speaks against it."""


@dataclass(frozen=True, slots=True)
class WithoutEffect:
    """The row says so, but its bundle is not translated."""


@dataclass(frozen=True, slots=True)
class NotTranslated:
    """The row says that all languages share the value, or says nothing."""


TranslatableFact: TypeAlias = Translated | WithoutEffect | NotTranslated


def translatable_of(row: Entity, bundle: Entity) -> TranslatableFact:
    """Read from the rows of a field and its bundle whether its values are translated."""
    if not row.flag(COLUMN.name):
        return NotTranslated()
    if bundle.flag(COLUMN.name) is False:
        return WithoutEffect()
    return Translated()


# What follows from it.


def say(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim for which fields the mark *translatable* has no effect, because their bundle is not.

    `Trns. y of field_hull has no effect: Boat is not translated (Trns. n).`
    """
    bundle = fields.ticket.head
    without_effect = []
    for row in fields.stored:
        match translatable_of(row, bundle):
            case WithoutEffect():
                without_effect.append(row)
            case Translated() | NotTranslated():
                continue
    name = text(fields.ticket.name)
    return claims_about("analysis.untranslated", without_effect, COLUMN.name, name=name)


COUNTERPART = Counterpart(how=Comparison.FLAG, where="`translatable` of the field on its bundle")


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield of each field to set whether it is translated."""
    for row in fields.set:
        yield StatedFact(fact=translatable_of(row, fields.ticket.head), rows=(row,))


RULE = Rule(
    key="field.translatable",
    columns=(COLUMN,),
    facts=facts,
    say=say,
    counterpart=COUNTERPART,
)
