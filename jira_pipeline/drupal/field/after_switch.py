"""A required field about something that an optional switch turns on: those who leave it off have none.

Core requires a field of everybody: what depends on another field takes a module or custom code.

Source: Drupal core, `FieldConfig` (`required`); Conditional Fields.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.field.required import (
    COLUMN as REQUIRED,
    Required,
    is_required,
    required_of,
)
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.widget import is_on_form
from jira_pipeline.drupal.meaning.modules_and_types import is_switch
from jira_pipeline.drupal.row_names import marked_subject
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import Entity

# The fact: which switch a required field is about.


@dataclass(frozen=True, slots=True)
class AfterSwitch:
    """It is required, and named after a switch that may be left off."""

    switch: Entity


@dataclass(frozen=True, slots=True)
class ForAll:
    """It may be empty, or no switch of the form has its name."""


SwitchFact: TypeAlias = AfterSwitch | ForAll


def switch_of(row: Entity, fields: Iterable[Entity]) -> SwitchFact:
    """Read from the rows of a field and of those beside it which optional switch it is about."""
    if not isinstance(required_of(row), Required) or not is_on_form(row):
        return ForAll()
    for other in fields:
        is_optional_switch = is_switch(other) and not is_required(other) and is_on_form(other)
        if is_optional_switch and _is_named_after(row, other):
            return AfterSwitch(other)
    return ForAll()


def _is_named_after(row: Entity, switch: Entity) -> bool:
    """Tell whether a field goes on with the name of a switch: `Mast` and `Mast height`."""
    label = switch.label.casefold().rstrip(" ?")
    if label and row.label.casefold().startswith(f"{label} "):
        return True
    return switch.has_machine_name and row.machine_name.startswith(f"{switch.machine_name}_")


# What follows from it.


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether a field is required of all, or only where the switch of its name is ticked.

    `“Mast height” is required even where “Mast” is not ticked: is it required of all, or only where
    that is ticked?`
    """
    match switch_of(row, rows.new_fields):
        case AfterSwitch(switch):
            yield question_about(
                "bundles.after_switch",
                row,
                REQUIRED.name,
                (switch,),
                switch=marked_subject(switch),
            )
        case ForAll():
            return


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield for each field to set which switch it is about, with the row of that."""
    for row in fields.set:
        match switch_of(row, fields.set):
            case AfterSwitch(switch) as after:
                yield StatedFact(fact=after, rows=(row, switch))
            case ForAll() as for_all:
                yield StatedFact(fact=for_all, rows=(row,))


RULE = Rule(key="field.after_switch", facts=facts, asked_rows=fields_added, ask=ask)
