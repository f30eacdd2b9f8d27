"""The group of a field on the form: a tab, fieldset or details element around several fields.

The module Field Group draws it on *Manage form display*, for each bundle by itself; a field that is
not on the form is in no group there.

Source: Field Group, `field_group_info_groups`; third-party settings of `EntityFormDisplay`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias
from unicodedata import normalize

from jira_pipeline.drupal.claims import Claim, claims_about, claims_by_value
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.widget import fields_on_form
from jira_pipeline.drupal.markup import listed, quoted
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.model.columns import Column
from jira_pipeline.model.entities import Entity

COLUMN = Column(
    "Field group",
    ("Fieldset", "Field set", "Form tab"),
    loosely=("Tab", "Group"),
    loss="the field groups on the form",
    is_second=True,
)


# The fact: which group the row of a field names.


@dataclass(frozen=True, slots=True)
class InGroup:
    """The label of a group on the form."""

    label: str


@dataclass(frozen=True, slots=True)
class NoGroup:
    """The row names none."""


GroupFact: TypeAlias = InGroup | NoGroup


def group_of(row: Entity) -> GroupFact:
    """Read the group on the form from the row of a field."""
    if row.states(COLUMN.name):
        return InGroup(row.cell(COLUMN.name))
    return NoGroup()


# What follows from it.


def check(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim which groups the form has and, where rows say it for certain, with which fields.

    `The form has the groups Rig and Hull with their fields.` Of a form that is there already the
    sentence says of each field to set in which group it is.
    """
    rows = []
    labels = []
    for row in fields_on_form(fields):
        match group_of(row):
            case InGroup(label):
                rows.append(row)
                labels.append(label)
            case NoGroup():
                continue
    if fields.is_new:
        distinct = dict.fromkeys(normalize("NFC", label) for label in labels)
        return claims_about(
            "verification.form_groups",
            rows,
            COLUMN.name,
            of_count=len(distinct),
            groups=listed(map(quoted, distinct)),
        )
    label_by_row = [(row, [label]) for row, label in zip(rows, labels, strict=True)]
    return claims_by_value("verification.form_groups_with", label_by_row, COLUMN.name)


COUNTERPART = Counterpart(
    how=Comparison.GROUP,
    where="groups of Field group in the default form display",
    is_wording=True,
)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield the group of each field to set."""
    return facts_by_row(group_of, fields.set)


RULE = Rule(
    key="field.field_group",
    columns=(COLUMN,),
    facts=facts,
    check=check,
    counterpart=COUNTERPART,
)
