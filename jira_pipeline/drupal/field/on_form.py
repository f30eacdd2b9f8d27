"""Whether the form of its bundle offers a field, and if not, what fills it in.

Under *Disabled* on *Manage form display* nobody can fill in a field. A pattern for addresses may name
it, a module may set it, or a note say what does; else it stays empty.

Source: Drupal core, `EntityFormDisplay`; `fields` of `modules.toml`; `types_filled_by_modules` of
`drupal.toml`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.field.help_text import COLUMN as HELP_TEXT
from jira_pipeline.drupal.field.other_forms import is_on_other_form
from jira_pipeline.drupal.field.required import is_required
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.widget import COLUMN as WIDGET, is_on_form
from jira_pipeline.drupal.meaning.modules_and_types import (
    is_base_field,
    is_filled_by_module,
    is_locked,
    is_without_value,
    module_of_field,
)
from jira_pipeline.drupal.note_prose import has_words
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import ALIAS_PATTERN
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import BundleType, Entity

# The fact: whether somebody, or something else, can fill in a field.


@dataclass(frozen=True, slots=True)
class OnForm:
    """The form offers it."""


@dataclass(frozen=True, slots=True)
class FilledElsewhere:
    """The form does not offer it; it stores nothing, or another form, pattern, module or note fills it in."""


@dataclass(frozen=True, slots=True)
class Unfilled:
    """The form does not offer it, and nothing known fills it in."""


FormFact: TypeAlias = OnForm | FilledElsewhere | Unfilled


def place_on_form(row: Entity, bundle: Entity) -> FormFact:
    """Read from the rows of a field and its bundle what fills in the field."""
    if is_on_form(row):
        return OnForm()
    if is_without_value(row) or is_locked(row) or module_of_field(row) or has_words(row):
        return FilledElsewhere()
    if is_filled_by_module(row) or is_on_other_form(row):
        return FilledElsewhere()
    is_in_pattern = f":{row.machine_name}" in bundle.cell(ALIAS_PATTERN.name)
    return FilledElsewhere() if is_in_pattern else Unfilled()


# What follows from it.


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what fills in a field that no form offers, unless something known does.

    `“Hull” is required but not on the form: what fills it in, or is one of the two wrong?` Of an
    optional field: `“Hull” is not on the form: what fills it in, or is it no longer needed?`
    """
    match place_on_form(row, rows.head):
        case Unfilled():
            if is_required(row):
                yield question_about("bundles.not_on_the_form", row)
            elif not _is_left_off_with_reason(row, rows.head):
                yield question_about("bundles.off_the_form", row)
        case OnForm() | FilledElsewhere():
            return


def _is_left_off_with_reason(row: Entity, bundle: Entity) -> bool:
    """Tell whether a field may well stay empty: its help text says what for, or Drupal fills it in."""
    is_element = bundle.bundle_type is BundleType.WEBFORM
    return bool(row.cell(HELP_TEXT.name)) or is_base_field(row) or is_element


def say(fields: TicketFields) -> tuple[Claim, ...]:
    """Say which fields nothing known fills in, though a help text speaks to editors.

    `No form offers field_hull, whose help text speaks to editors, and no row says what fills it
    in.`
    """
    unfilled = []
    for row in fields.added:
        place = place_on_form(row, fields.ticket.head)
        is_spoken_of = bool(row.cell(HELP_TEXT.name)) and not is_base_field(row)
        if place == Unfilled() and is_spoken_of and not is_required(row):
            unfilled.append(row)
    return claims_about("analysis.unfilled", unfilled, WIDGET.name)


def check(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim which optional fields are left off the form.

    `On Manage form display field_hull is under Disabled.`
    """
    disabled = []
    for row in fields.certain(fields.added, WIDGET.name):
        match place_on_form(row, fields.ticket.head):
            case FilledElsewhere() | Unfilled():
                if not is_required(row):
                    disabled.append(row)
            case OnForm():
                continue
    return claims_about("verification.disabled", disabled, WIDGET.name)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield for each field to set what fills it in."""
    for row in fields.set:
        yield StatedFact(fact=place_on_form(row, fields.ticket.head), rows=(row,))


RULE = Rule(
    key="field.on_form", facts=facts, say=say, asked_rows=fields_added, ask=ask, check=check
)
