"""A list with nothing but boxes to tick: nobody can tell its items apart.

Source: Drupal core, the field `node_bulk_form` of Views and those of other entity types; Views Bulk
Operations, `views_bulk_operations_bulk_form`.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.cell_facts import BlankCell, CellWords
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.shipped_views import displays_set
from jira_pipeline.drupal.view.shows import COLUMN as SHOWS, FormatWithoutFields, shows_of
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity

_BULK_FORM_ALONE = re.compile(r"[^:]+: \w*bulk_form(?:, \w*bulk_form)*(?:; with AJAX)?")
"""As `sheets` writes what a display shows: a format, and the fields without a label by name."""


class ShownFields(StrEnum):
    """The fact: whether the fields that a display shows say what an item is."""

    BULK_FORM_ALONE = "boxes to tick are all it shows"
    WITH_OTHERS = "it shows something of each item, or its row does not list the fields"


def fields_beside_boxes(display: Entity) -> ShownFields:
    """Read from the row of a display whether it shows more than boxes to tick."""
    match shows_of(display):
        case CellWords(text) if _BULK_FORM_ALONE.fullmatch(text):
            return ShownFields.BULK_FORM_ALONE
        case CellWords() | FormatWithoutFields() | BlankCell():
            return ShownFields.WITH_OTHERS


# What follows from it.


def ask(display: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask which fields a display shows that has boxes to tick and nothing to tell items apart by.

    `page_1 shows boxes to tick and nothing by which to tell the items apart: which fields does it
    show beside them?`
    """
    if fields_beside_boxes(display) is ShownFields.BULK_FORM_ALONE:
        yield question_about("views.bulk_form_alone", display, SHOWS.name)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield whether each display shows more than boxes to tick."""
    return facts_by_row(fields_beside_boxes, view.displays)


RULE = Rule(key="view.bulk_form_alone", facts=facts, asked_rows=displays_set, ask=ask)
