"""Whether a field is required: whether the form of its bundle refuses to be saved while it is empty.

It is set for each bundle, on the field's own page under *Manage fields*. Only a form refuses: items
that were there before keep what they have until somebody edits them.

Source: Drupal core, `FieldConfig` (`required`), `EntityFormDisplay::validateFormValues`,
`FormValidator::doValidateForm` (an unticked checkbox counts as empty); `types_never_empty` of
`drupal.toml`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.field.default_value import Default, MarkedDefault, default_of
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.widget import COLUMN as WIDGET, fields_on_form, is_on_form
from jira_pipeline.drupal.markup import listed, named
from jira_pipeline.drupal.meaning.modules_and_types import (
    folded,
    is_base_field,
    is_list,
    is_never_empty,
    is_switch,
    is_without_value,
    names_of,
)
from jira_pipeline.drupal.meaning.notes import pattern_of
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.shared_columns import flag_column
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import THERE, Entity, Status

COLUMN = flag_column(
    "Req'd",
    "Required",
    "Req.",
    "Mandatory",
    "Must be filled in",
    "Must",
    "Must have",
    "Compulsory",
    "Obligatory",
    "Mand.",
    loss="which fields are required, and which references must come first",
)
_FILLED_BY_ITSELF = pattern_of("filled_by_itself")


# The fact: what the row of a field says of an empty value.


@dataclass(frozen=True, slots=True)
class Required:
    """Somebody has to fill it in: the form is not saved while it is empty."""


@dataclass(frozen=True, slots=True)
class Prefilled:
    """Required, but a new item has a value before anybody fills it in: nobody sees it refused."""


@dataclass(frozen=True, slots=True)
class ToTick:
    """A required checkbox: the form is not saved until somebody ticks it, as a consent is."""


@dataclass(frozen=True, slots=True)
class NeverEmpty:
    """Required, but of a type that has no empty value, or stores none."""


@dataclass(frozen=True, slots=True)
class NotRequired:
    """The row says that it may be empty, or says nothing."""


RequiredFact: TypeAlias = Required | Prefilled | ToTick | NeverEmpty | NotRequired


def required_of(row: Entity) -> RequiredFact:
    """Read from the row of a field whether its form refuses an empty value."""
    if not row.flag(COLUMN.name):
        return NotRequired()
    if is_switch(row) and folded(row.cell(WIDGET.name)) in names_of("checkboxes"):
        return NeverEmpty() if _FILLED_BY_ITSELF.search(note_of(row)) else ToTick()
    if is_never_empty(row) or is_without_value(row):
        return NeverEmpty()
    has_default = is_list(row) and isinstance(default_of(row), Default | MarkedDefault)
    if has_default or _FILLED_BY_ITSELF.search(note_of(row)):
        return Prefilled()
    return Required()


def is_required(row: Entity) -> bool:
    """Tell whether the row says that the field is required, whatever follows from it."""
    return not isinstance(required_of(row), NotRequired)


# What follows from it.


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what existing items get in a required field that is added to a type with content.

    `“Hull” is required. What should existing items contain, or may they stay empty until somebody
    edits them?`
    """
    if rows.head.status not in THERE or is_base_field(row) or not is_on_form(row):
        return
    match required_of(row):
        case Required() | Prefilled():
            if not _is_filled_from_another(row, rows):
                yield question_about("bundles.newly_required", row)
        case ToTick() | NeverEmpty() | NotRequired():
            return


def _is_filled_from_another(row: Entity, rows: GroupRows) -> bool:
    """Tell whether the note of a field that goes names this one: its values move here."""
    name = re.escape(name_of(row))
    for other in rows.group.members:
        if other.status is Status.DELETED and re.search(rf"\b{name}\b", note_of(other)):
            return True
    return False


def check(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim for which fields the form refuses to be saved while they are empty.

    `Saving fails while field_hull, field_mast or field_sail is empty.` Of required checkboxes:
    `Saving fails while field_consent is not ticked.`
    """
    on_form = fields.certain(fields_on_form(fields), COLUMN.name)
    required = [row for row in on_form if isinstance(required_of(row), Required)]
    to_tick = [row for row in on_form if isinstance(required_of(row), ToTick)]
    return (
        *claims_about("verification.required", required, COLUMN.name, fields=_any_of(required)),
        *claims_about("verification.required_tick", to_tick, COLUMN.name, fields=_any_of(to_tick)),
    )


def _any_of(rows: Iterable[Entity]) -> str:
    """Name fields of which one is enough: `a, b or c`."""
    return listed(dict.fromkeys(named(row) for row in rows), word="or")


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield whether the form refuses an empty value of each field to set."""
    return facts_by_row(required_of, fields.set)


COUNTERPART = Counterpart(how=Comparison.FLAG, where="`required` of the field on its bundle")
RULE = Rule(
    key="field.required",
    columns=(COLUMN,),
    facts=facts,
    asked_rows=fields_added,
    ask=ask,
    check=check,
    counterpart=COUNTERPART,
)
