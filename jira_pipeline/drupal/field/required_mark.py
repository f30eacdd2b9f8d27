"""The mark of a required field in a label: “Name *” on a field whose row says that it is optional.

Drupal puts the mark there by itself, and for required fields only. A label that has one was copied
from a form, or its row says the wrong thing.

Source: Drupal core, `form-element-label.html.twig` (`form-required`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.field.required import COLUMN as REQUIRED, is_required
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import Entity

_MARK = "*"

# The fact: whether a label says of an optional field that it is required.


@dataclass(frozen=True, slots=True)
class MarkedAsRequired:
    """The label ends in the mark, and the row says that the field is optional."""


@dataclass(frozen=True, slots=True)
class NotMarked:
    """The label has no mark, or the row does not say that the field is optional."""


MarkFact: TypeAlias = MarkedAsRequired | NotMarked


def required_mark_of(row: Entity) -> MarkFact:
    """Read from the row of a field whether its label and *Req'd* contradict each other."""
    label = row.label or ""
    is_optional = bool(row.cell(REQUIRED.name)) and not is_required(row)
    return MarkedAsRequired() if label.endswith(_MARK) and is_optional else NotMarked()


# What follows from it.


def ask(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether a field is required that its label marks so and its row calls optional.

    `The label of “Name *” ends in “*”, as forms mark what is required, but the row says that it is
    optional: is it required?`
    """
    match required_mark_of(row):
        case MarkedAsRequired():
            yield question_about("bundles.required_mark", row)
        case NotMarked():
            return


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield for each field to set whether its label marks it as required against its row."""
    return facts_by_row(required_mark_of, fields.set)


RULE = Rule(key="field.required_mark", facts=facts, asked_rows=fields_added, ask=ask)
