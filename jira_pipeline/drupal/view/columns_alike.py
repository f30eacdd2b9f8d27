"""Columns of a table with one label: nobody who reads the row knows which field each of them shows.

Source: Drupal core, the style `table` of Views; `Shows` as `sheets` writes it has labels of fields.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.cell_facts import BlankCell, CellWords
from jira_pipeline.drupal.listed_names import split_names
from jira_pipeline.drupal.markup import number
from jira_pipeline.drupal.row_names import plain
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.shipped_views import displays_set
from jira_pipeline.drupal.view.shows import COLUMN as SHOWS, FormatWithoutFields, shows_of
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity

_TABLE = re.compile(r"Table: (?P<columns>.+?)(?:; with AJAX)?")
_MACHINE_NAME = re.compile(r"[a-z0-9_]+")
"""What stands for a column without a label: nobody sees it twice."""

# The fact: which labels several columns have.


@dataclass(frozen=True, slots=True)
class ColumnsAlike:
    """Labels of several columns, each with how many have it."""

    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ColumnsApart:
    """Each column has a label of its own, or the row does not list them."""


ColumnsFact: TypeAlias = ColumnsAlike | ColumnsApart


def columns_of(display: Entity) -> ColumnsFact:
    """Read from the row of a display which columns of its table have one label."""
    counts: Counter[str] = Counter()
    for label in table_columns(display):
        if not _MACHINE_NAME.fullmatch(label):
            counts[label] += 1
    alike = tuple((label, count) for label, count in counts.items() if count > 1)
    return ColumnsAlike(alike) if alike else ColumnsApart()


def table_columns(display: Entity) -> tuple[str, ...]:
    """Return the labels of the columns of a display that is a table; none of another."""
    match shows_of(display):
        case CellWords(text):
            table = _TABLE.fullmatch(text)
            return split_names(table["columns"]) if table else ()
        case FormatWithoutFields() | BlankCell():
            return ()


# What follows from it.


def ask(display: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask which field each of several columns shows that have the same heading.

    `page_1 has two columns “Date”: which field does each of them show?`
    """
    match columns_of(display):
        case ColumnsAlike(counts):
            for label, count in counts:
                columns = f"{number(count)} columns “{plain(label)}”"
                yield question_about("views.columns_alike", display, SHOWS.name, columns=columns)
        case ColumnsApart():
            return


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield which columns of each display have one label."""
    return facts_by_row(columns_of, view.displays)


RULE = Rule(key="view.columns_alike", facts=facts, asked_rows=displays_set, ask=ask)
