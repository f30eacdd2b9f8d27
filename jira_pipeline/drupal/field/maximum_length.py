"""The maximum length of a text: the most characters that somebody can type into a field.

It belongs to the storage and is 255 unless somebody sets it; long texts have none. It cannot change
once there are values. Sheets state it in a column of their own or, after `Max length`, in a note.

Source: Drupal core, `max_length` of `StringItem` and `TextItem`.
"""

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
    NotComparable,
    SheetCell,
)
from jira_pipeline.drupal.field.noted_limits import compare_limit, fields_with_certain_notes
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.type import FIELD_TYPE
from jira_pipeline.drupal.meaning.notes import pattern_of
from jira_pipeline.drupal.row_notes import MAXIMUM_LENGTH, note_of
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.model.columns import SETTINGS_AND_NOTES
from jira_pipeline.model.entities import Entity

COLUMN = MAXIMUM_LENGTH
_LENGTH_IN_NOTE = pattern_of("max_length")
_USUAL_LENGTH = "255"
_TYPES_OF_USUAL_LENGTH = frozenset({"string", "text"})
"""Ids of the field types that have it."""


# The fact: how long the row of a field says that its values may be.


@dataclass(frozen=True, slots=True)
class MaximumLength:
    """The form takes so many characters."""

    characters: str


@dataclass(frozen=True, slots=True)
class NoLength:
    """The row states no length: that of the type holds."""


LengthFact: TypeAlias = MaximumLength | NoLength


def maximum_length_of(row: Entity) -> LengthFact:
    """Read the maximum length of a field from its own column, else from its note."""
    characters = length_in(note_of(row))
    return MaximumLength(characters) if characters else NoLength()


def length_in(note: str) -> str:
    """Return the most characters that a note allows; empty where it states none."""
    match = _LENGTH_IN_NOTE.search(note)
    if match is None:
        return ""
    return next(filter(None, match.groups()), "")


# What follows from it.


def check(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim how many characters the fields accept.

    `field_name takes no more than 80 characters.`
    """
    lengths = []
    for row in fields_with_certain_notes(fields):
        match maximum_length_of(row):
            case MaximumLength(characters):
                lengths.append((row, (characters,)))
            case NoLength():
                continue
    return claims_by_value("verification.lengths", lengths, COLUMN.name, SETTINGS_AND_NOTES.name)


def compare(cell: SheetCell, site_cell: SiteCell, names: KnownNames) -> CellResult:
    """Compare the length; where no row of a field states one, it should be the usual one."""
    if cell.text:
        return compare_limit(cell, site_cell, length_in)
    row = cell.row
    field_types = names.values_spelled(row, FIELD_TYPE, row.cell(FIELD_TYPE))
    is_usual = site_cell.text in {"", _USUAL_LENGTH}
    has_no_usual = field_types.isdisjoint(_TYPES_OF_USUAL_LENGTH)
    is_stated_elsewhere = (row.bundle_type, row.machine_name) in names.lengths_stated
    if is_usual or has_no_usual or is_stated_elsewhere:
        return NotComparable(PROSE)
    return Differs()


COUNTERPART = Counterpart(
    how=Comparison.SHAPES,
    where="`max_length` of the storage",
    reads_blank=True,
    in_note=length_in,
    compare=compare,
)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield the maximum length of each field to set."""
    return facts_by_row(maximum_length_of, fields.set)


RULE = Rule(
    key="field.maximum_length",
    columns=(COLUMN,),
    facts=facts,
    check=check,
    counterpart=COUNTERPART,
)
