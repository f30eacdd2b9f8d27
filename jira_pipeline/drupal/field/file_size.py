"""The maximum upload size: the largest file that a field takes.

It is set for each bundle; without it, PHP's own limit holds. Sheets state it in a column of their own
or, after `Max size`, in a note. Drupal takes a number alone for bytes; whoever writes `2` means
something larger.

Source: Drupal core, `max_filesize` of `FileItem`, `Bytes::toNumber`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.claims import Claim, claims_by_value
from jira_pipeline.drupal.comparisons import (
    CellResult,
    Comparison,
    Counterpart,
    KnownNames,
    SheetCell,
)
from jira_pipeline.drupal.field.allowed_extensions import takes_files
from jira_pipeline.drupal.field.noted_limits import compare_limit, fields_with_certain_notes
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.row_notes import UPLOAD_SIZE, note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.columns import SETTINGS_AND_NOTES
from jira_pipeline.model.entities import Entity

COLUMN = UPLOAD_SIZE
_SIZE_IN_NOTE = re.compile(
    r"(?i)\bmax(?:imum|\.)?(?: (?:file|upload))?(?: size)?:? (?:of )?"
    r"(?P<count>\d{1,15}) ?(?P<unit>[kmg]b?|bytes?)\b"
)
_NUMBER_IN_NOTE = re.compile(
    r"(?i)\bmax(?:imum|\.)?(?: (?:file|upload))? size:? (?:of )?(?P<count>\d{1,15})(?= *(?:[;,\n]|\.(?:\s|$)|$))"
)
"""A size without a unit: nothing but the end of what is said follows the number."""
_UNITS = ("B", "K", "M", "G")
_BYTES_PER_STEP = 1024
"""Each unit is so many of the one before."""
_SMALLEST_FILE_BYTES = 1024
"""Files that people upload are not smaller: a lower number alone is meant in a larger unit."""


# The fact: how large the row of a field says that its files may be.


@dataclass(frozen=True, slots=True)
class MaximumSize:
    """The form takes files up to this size."""

    count: int
    unit: str
    """`B`, `K`, `M` or `G`."""

    @property
    def text(self) -> str:
        return f"{self.count} bytes" if self.unit == "B" else f"{self.count} {self.unit}B"

    @property
    def bytes(self) -> int:
        size: int = self.count * _BYTES_PER_STEP ** _UNITS.index(self.unit)
        return size


@dataclass(frozen=True, slots=True)
class SizeWithoutUnit:
    """A number alone, too small for bytes: nobody can tell what it counts."""

    count: int


@dataclass(frozen=True, slots=True)
class NoSize:
    """The row states no size, or the field takes no files."""


SizeFact: TypeAlias = MaximumSize | SizeWithoutUnit | NoSize


def file_size_of(row: Entity) -> SizeFact:
    """Read the maximum upload size of a field from its own column, else from its note."""
    return size_in(note_of(row)) if takes_files(row) else NoSize()


def size_in(note: str) -> SizeFact:
    """Read the largest file that a note allows."""
    match = _SIZE_IN_NOTE.search(note)
    if match is not None:
        return MaximumSize(int(match["count"]), unit=match["unit"][0].upper())
    number = _NUMBER_IN_NOTE.search(note)
    if number is None:
        return NoSize()
    count = int(number["count"])
    if count < _SMALLEST_FILE_BYTES:
        return SizeWithoutUnit(count)
    return MaximumSize(count, unit="B")


# What follows from it.


def ask(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the unit of a maximum file size that is a bare number.

    `How large may a file in “Chart” be: 5 MB or 5 KB? …`
    """
    match file_size_of(row):
        case SizeWithoutUnit(count):
            yield question_about("bundles.size_unit", row, count=str(count))
        case MaximumSize() | NoSize():
            return


def check(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim which files are too large for the fields.

    `field_chart refuses a file of more than 5 MB.`
    """
    sizes = []
    for row in fields_with_certain_notes(fields):
        match file_size_of(row):
            case MaximumSize() as size:
                sizes.append((row, (size.text,)))
            case SizeWithoutUnit() | NoSize():
                continue
    return claims_by_value("verification.file_size", sizes, COLUMN.name, SETTINGS_AND_NOTES.name)


def compare(cell: SheetCell, site_cell: SiteCell, _: KnownNames) -> CellResult:
    """Compare the sizes in bytes: units may differ."""
    return compare_limit(cell, site_cell, bytes_in)


def bytes_in(note: str) -> int:
    """Return the bytes of the largest file that a note allows; 0 where it states none.

    A number without a unit is compared as Drupal takes it.
    """
    match size_in(note):
        case MaximumSize() as size:
            return size.bytes
        case SizeWithoutUnit(count):
            return count
        case NoSize():
            return 0


COUNTERPART = Counterpart(
    how=Comparison.SHAPES,
    where="`max_filesize` of the field on its bundle",
    in_note=bytes_in,
    compare=compare,
)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield the maximum upload size of each field to set."""
    return facts_by_row(file_size_of, fields.set)


RULE = Rule(
    key="field.file_size",
    columns=(COLUMN,),
    facts=facts,
    asked_rows=fields_added,
    ask=ask,
    check=check,
    counterpart=COUNTERPART,
)
