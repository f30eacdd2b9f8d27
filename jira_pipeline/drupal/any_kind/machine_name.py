"""The machine name of a thing: by it, configuration, code and addresses refer to the thing.

Drupal makes one of the label unless somebody types another; once a field is there its name stays.
What every item has, such as its title, has a name already.

Source: Drupal core, form element `machine_name`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added, new_bundles
from jira_pipeline.drupal.columns import label_column_of
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.field.type import FIELD_TYPE
from jira_pipeline.drupal.meaning.modules_and_types import is_base_field
from jira_pipeline.drupal.row_names import accepted_name, marked
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows, to_build
from jira_pipeline.model.entities import BundleType, Entity, EntityKind

_NAME_IN_LABEL = re.compile(r"\S\s*[(\[]([a-z][a-z0-9_]*)[)\]]\s*$")
"""What looks like a machine name in brackets at the end of a label: `Ships (ships)`."""
_TYPE_IN_BRACKETS = re.compile(r" \([^()]*\)$")


# The fact: the machine name that a row says.


@dataclass(frozen=True, slots=True)
class MachineName:
    """The row has this name."""

    name: str


@dataclass(frozen=True, slots=True)
class NameInLabel:
    """The cell is blank, and the label of a declared worksheet may end with the name."""

    name: str


@dataclass(frozen=True, slots=True)
class NoMachineName:
    """No cell has a name."""

    proposed: str
    """What Drupal makes of the label."""


@dataclass(frozen=True, slots=True)
class NamedByDrupal:
    """A field that every item has, or one of which it is open what it is at all."""


NameFact: TypeAlias = MachineName | NameInLabel | NoMachineName | NamedByDrupal


def machine_name_of(row: Entity) -> NameFact:
    """Read the machine name of anything from its row."""
    if row.has_machine_name:
        return MachineName(row.machine_name)
    if row.kind is EntityKind.FIELD and not is_named_by_hand(row):
        return NamedByDrupal()
    in_label = _NAME_IN_LABEL.search(row.cell(label_column_of(row.kind) or ""))
    if row.is_declared and in_label is not None:
        return NameInLabel(in_label[1])
    return NoMachineName(proposed=_name_made_of_label(row))


def is_named_by_hand(field: Entity) -> bool:
    """Tell whether somebody chooses the machine name of a field: it has a type, and is added by hand."""
    return bool(field.cell(FIELD_TYPE)) and not is_base_field(field)


def _name_made_of_label(row: Entity) -> str:
    """Return the machine name that Drupal proposes for a label without its type."""
    name = accepted_name(_TYPE_IN_BRACKETS.sub("", row.label), row.kind)
    if row.bundle_type is BundleType.WEBFORM:
        return name.removeprefix("field_")
    return name


# What follows from it.


def rows_named(rows: GroupRows) -> Iterator[Entity]:
    """Yield the new bundles of a group, then the fields that a bundle gets."""
    yield from new_bundles(rows)
    yield from fields_added(rows)


def ask(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the machine name of a row that has none, suggesting the one that Drupal would make.

    `What is the machine name of “Hull”?`
    """
    match machine_name_of(row):
        case NameInLabel(name):
            yield question_about("bundles.machine_name_beside", row, answer=marked(name))
        case NoMachineName(proposed):
            yield question_about("bundles.machine_name", row, answer=marked(proposed))
        case MachineName() | NamedByDrupal():
            return


COUNTERPARTS = {
    MACHINE_NAME_COLUMN: Counterpart(
        how=Comparison.KEY, where="the name of its file, or its key within one"
    )
}
"""Of every kind of thing that a configuration contains."""


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the machine name of each row to build."""
    return facts_by_row(machine_name_of, to_build(ticket.own_rows))


RULE = Rule(
    key="any_kind.machine_name",
    facts=facts,
    asked_rows=rows_named,
    ask=ask,
    counterparts=COUNTERPARTS,
)
