"""A table with nothing but boxes to tick: nobody can tell its items apart.

Source: Drupal core, the field `node_bulk_form` of Views and those of other entity types; Views Bulk
Operations, `views_bulk_operations_bulk_form`.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.columns_alike import table_columns
from jira_pipeline.drupal.view.shipped_views import displays_set
from jira_pipeline.drupal.view.shows import COLUMN as SHOWS
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity

_BULK_FORM = re.compile(r"\w*bulk_form")


class TableColumns(StrEnum):
    """The fact: whether the columns of a table say what an item is."""

    BULK_FORM_ALONE = "boxes to tick are all it shows"
    WITH_OTHERS = "it shows something of each item, or its row does not list the columns"


def columns_beside_boxes(display: Entity) -> TableColumns:
    """Read from the row of a display whether it shows more than boxes to tick."""
    columns = table_columns(display)
    if columns and all(_BULK_FORM.fullmatch(column) for column in columns):
        return TableColumns.BULK_FORM_ALONE
    return TableColumns.WITH_OTHERS


# What follows from it.


def ask(display: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the columns by which people know the items."""
    if columns_beside_boxes(display) is TableColumns.BULK_FORM_ALONE:
        yield question_about("views.bulk_form_alone", display, SHOWS.name)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield of each display whether it shows more than boxes to tick."""
    return facts_by_row(columns_beside_boxes, view.displays)


RULE = Rule(key="view.bulk_form_alone", facts=facts, asked_rows=displays_set, ask=ask)
