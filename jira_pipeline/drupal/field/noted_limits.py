"""Limits on the values of fields that a note, or a column of its own, states: `Max length 80`.

Belongs here: the fields of a ticket whose notes are certain, comparing a limit with a site. Does not:
any one limit (`maximum_length`, `allowed_extensions`, `file_size`).
"""

from collections.abc import Callable

from jira_pipeline.drupal.comparisons import (
    PROSE,
    CellResult,
    Differs,
    Met,
    NotComparable,
    SheetCell,
)
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.widget import fields_on_form
from jira_pipeline.drupal.meaning.modules_and_types import is_without_value
from jira_pipeline.drupal.meaning.notes import LEFT_OPEN
from jira_pipeline.drupal.row_notes import SHAPED_COLUMNS, note_of
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.model.columns import SETTINGS_AND_NOTES
from jira_pipeline.model.entities import Entity

_NOTED_COLUMNS = (SETTINGS_AND_NOTES.name, *SHAPED_COLUMNS)
"""Where a row may state a limit."""


@once_per_session
def fields_with_certain_notes(fields: TicketFields) -> tuple[Entity, ...]:
    """Return the fields on the form that store values, and whose notes leave nothing open."""
    certain = []
    for row in fields_on_form(fields):
        is_doubted = fields.ticket.is_disputed(row, *_NOTED_COLUMNS)
        if not is_without_value(row) and not is_doubted and not LEFT_OPEN.search(note_of(row)):
            certain.append(row)
    return tuple(certain)


def compare_limit(
    cell: SheetCell, site_cell: SiteCell, limit_in: Callable[[str], object]
) -> CellResult:
    """Compare a limit that a note states with the setting of a site.

    The setting is written as a note writes it, so that one function reads both.
    """
    wanted = limit_in(cell.text)
    if not wanted:
        return NotComparable(PROSE)
    words = ", ".join(site_cell.text.split())
    as_note = SHAPED_COLUMNS[cell.column].format(text=site_cell.text, words=words)
    return Met() if wanted == limit_in(as_note) else Differs()
