"""The default value of a field: what a new item has in it before anybody fills it in.

It is set for each bundle, on the field's own page under *Manage fields*. Of a list it is one of the
options; a boolean always has one, so its cell says nothing more.

Source: Drupal core, `FieldConfig` (`default_value`), `BooleanItem`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_by_value
from jira_pipeline.drupal.comparisons import (
    PROSE,
    CellResult,
    Comparison,
    Counterpart,
    Differs,
    KnownNames,
    Met,
    NotComparable,
    SheetCell,
)
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.type import FIELD_TYPE
from jira_pipeline.drupal.field.widget import fields_on_form
from jira_pipeline.drupal.markup import quoted
from jira_pipeline.drupal.meaning.modules_and_types import is_list, is_switch, is_without_value
from jira_pipeline.drupal.meaning.notes import LEFT_OPEN, default_in, unmarked
from jira_pipeline.drupal.row_notes import DEFAULT_VALUE, SHAPED_COLUMNS, note_of
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.site.site_cells import SiteCell, plain
from jira_pipeline.model.columns import SETTINGS_AND_NOTES
from jira_pipeline.model.entities import Entity

COLUMN = DEFAULT_VALUE
_SAYS_NONE = re.compile(r"(?i)(?:-|n/?a|none|no\b.*|empty|blank|null|now|today|current \w+)?$")
"""A cell that says no value, or one that only the time of saving has."""


# The fact: what the row of a field says of its default.


@dataclass(frozen=True, slots=True)
class Default:
    """New items have this value."""

    value: str


@dataclass(frozen=True, slots=True)
class MarkedDefault:
    """The note marks an option of a list with `(default)`; which one, nobody can tell."""


@dataclass(frozen=True, slots=True)
class NoDefault:
    """The row names no value that can be told from prose."""


DefaultFact: TypeAlias = Default | MarkedDefault | NoDefault


def default_of(row: Entity) -> DefaultFact:
    """Read the default of a field from its own column, else from its note."""
    cell = row.cell(COLUMN.name)
    if _SAYS_NONE.match(cell) or LEFT_OPEN.search(cell):
        cell = ""
    note = note_of(row)
    option = default_in(note, cell)
    if option:
        return Default(option)
    if cell and not is_list(row) and not is_switch(row):
        return Default(cell)
    if is_list(row) and "(default)" in note.casefold():
        return MarkedDefault()
    return NoDefault()


# What follows from it.


def check(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim which values a new item has before anybody fills it in.

    `A new item has “sloop” in field_rig.`
    """
    values_by_field = []
    for row in fields_on_form(fields):
        is_doubted = fields.ticket.is_disputed(
            row, FIELD_TYPE, SETTINGS_AND_NOTES.name, *SHAPED_COLUMNS
        )
        if is_without_value(row) or is_doubted:
            continue
        match default_of(row):
            case Default(value):
                values_by_field.append((row, (value,)))
            case MarkedDefault() | NoDefault():
                continue
    return claims_by_value(
        "verification.defaults",
        values_by_field,
        COLUMN.name,
        SETTINGS_AND_NOTES.name,
        shown=quoted,
    )


def compare(cell: SheetCell, site_cell: SiteCell, _: KnownNames) -> CellResult:
    """Compare the default of a list, where the row names one of its options."""
    note = f"{note_of(cell.row)}\n{cell.text}"
    option = default_in(note, cell.row.cell(cell.column))
    if not option:
        return NotComparable(PROSE)
    on_site = set()
    for value in site_cell.values:
        # A label may end in `(default)` itself; in a list that does not quote it, that is a mark.
        on_site.update({plain(value), plain(unmarked(value))})
    return Met() if plain(option) in on_site else Differs()


def default_in_note(note: str) -> str:
    """Return the option that a note names as the default; empty where the note names none."""
    return default_in(note) if "default" in note.casefold() else ""


COUNTERPART = Counterpart(
    how=Comparison.SHAPES,
    where="`default_value` of a list",
    in_note=default_in_note,
    compare=compare,
)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield the default of each field to set."""
    return facts_by_row(default_of, fields.set)


RULE = Rule(
    key="field.default_value",
    columns=(COLUMN,),
    facts=facts,
    check=check,
    counterpart=COUNTERPART,
)
