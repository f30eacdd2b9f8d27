"""The number of values of a field: how many an item may have at most.

It is set once for all fields that share a storage, as a number or as unlimited; the form offers to
add another value until there are so many.

Source: Drupal core, `FieldStorageConfig` (`cardinality`), `WidgetBase::formMultipleElements`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about, claims_by_value, clause
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.widget import fields_on_form
from jira_pipeline.drupal.meaning.modules_and_types import is_without_value
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import UNLIMITED, Entity

COLUMN = Column(
    "Vals.",
    (
        "Values",
        "Cardinality",
        "Number of values",
        "Allowed number of values",
        "How many",
        "How many values",
        "Card.",
        "No. of values",
        "Max. values",
        "Qty",
        "Quantity",
    ),
    Holds.COUNT,
    loss="how many values fields take",
)


# The fact: how many values the row of a field allows.


@dataclass(frozen=True, slots=True)
class AnyNumber:
    """Unlimited."""


@dataclass(frozen=True, slots=True)
class UpTo:
    """More than one, and a limit."""

    count: int


@dataclass(frozen=True, slots=True)
class SingleValue:
    """One."""


@dataclass(frozen=True, slots=True)
class NoNumber:
    """The row says no number."""


CardinalityFact: TypeAlias = AnyNumber | UpTo | SingleValue | NoNumber


def cardinality_of(row: Entity) -> CardinalityFact:
    """Read from the row of a field how many values it takes."""
    count = row.count(COLUMN.name)
    if not count:
        return NoNumber()
    if count == UNLIMITED:
        return AnyNumber()
    if count == 1:
        return SingleValue()
    return UpTo(count)


# What follows from it.


def check(fields: TicketFields) -> Iterator[Claim]:
    """Claim how many values the fields on the form take, unless it is one.

    `field_mast takes any number of values.`, `field_sail takes up to three values.`
    """
    any_number = []
    doubted = []
    numbers = []
    for row in fields_on_form(fields):
        if is_without_value(row):
            continue
        is_doubted = fields.ticket.is_disputed(row, COLUMN.name)
        match cardinality_of(row):
            case AnyNumber() if is_doubted:
                doubted.append(row)
            case AnyNumber():
                any_number.append(row)
            case UpTo(count) if not is_doubted:
                numbers.append((row, [str(count)]))
            case UpTo() | SingleValue() | NoNumber():
                continue
    but = clause("except", doubted) if doubted else ""
    yield from claims_about("verification.any_number", any_number, COLUMN.name, but=but)
    yield from claims_by_value("verification.numbers", numbers, COLUMN.name)


COUNTERPART = Counterpart(how=Comparison.COUNT, where="cardinality of the storage")


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield how many values each field to set takes."""
    return facts_by_row(cardinality_of, fields.set)


RULE = Rule(
    key="field.cardinality",
    columns=(COLUMN,),
    facts=facts,
    check=check,
    counterpart=COUNTERPART,
)
