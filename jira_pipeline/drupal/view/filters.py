"""The filters of a display: which of the items that the view could list it lists.

A filter by type says of which types the items are. A filter by an ID names content, which each site
numbers by itself: nobody can set it from the sheet.

Source: Drupal core, `adminSummary` of the filter plugins of Views, as `sheets` writes them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import displays_asked
from jira_pipeline.drupal.cell_facts import BlankCell, CellWords
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.display_settings import FILTERS, setting_column, setting_fact
from jira_pipeline.drupal.row_names import joined
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.plugin import is_shared
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import TO_BUILD, Entity

COLUMN = Column("Filters", holds=Holds.ANYTHING, is_of_tool=False)
_TYPE_FILTER = re.compile(
    r"(?i)\b(?:(?:content |media )?type|vocabulary) *\((?:=|in) *(?P<kinds>[^()]+)\)"
)
_ID = re.compile(r"\bID \d+(?:, \d+)*(?: of \w+)?")
"""How `sheets` writes what a filter has of content."""
_NONE = "None"
_FORM = r"None|(?:(?:contextual [a-z]\w*|any of: [a-z]|[a-z]\w* \()[^;]*(?:; |$))+"
"""How `sheets` writes all filters of a display; in other words people name those that matter."""


# The fact: how the row of a display filters.


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The filters of its row, in its words."""

    text: str
    kinds: str
    """The types of the items, where it filters by type; else empty."""
    ids: tuple[str, ...]
    """The passages that name items by IDs, once each."""


FiltersFact: TypeAlias = Filters | BlankCell


def filters_of(display: Entity) -> FiltersFact:
    """Read the filters of a display from its row."""
    match setting_fact(display, FILTERS):
        case CellWords(text):
            by_type = _TYPE_FILTER.search(text)
            return Filters(
                text=text,
                kinds=by_type["kinds"].strip() if by_type else "",
                ids=tuple(dict.fromkeys(_ID.findall(text))),
            )
        case BlankCell() as blank:
            return blank


def kinds_filtered(*displays: Entity) -> str:
    """Return the types by which displays filter, from the first that does; empty where none does."""
    for display in displays:
        match filters_of(display):
            case Filters(kinds=kinds) if kinds:
                return kinds
            case Filters() | BlankCell():
                continue
    return ""


@dataclass(frozen=True, slots=True)
class AllFilters:
    """Each filter of a display, as `sheets` writes them: what is not among them does not filter."""

    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedFilters:
    """The row names no filter, or some in other words: what is not named may filter all the same."""


def conditions_of(display: Entity) -> AllFilters | NamedFilters:
    """Read the filters of a display one by one, where its row lists all of them."""
    match filters_of(display):
        case Filters(text=text) if text == _NONE:
            return AllFilters(())
        case Filters(text=text) if re.fullmatch(_FORM, text):
            return AllFilters(tuple(text.split("; ")))
        case Filters() | BlankCell():
            return NamedFilters()


# What follows from it.


def ask(display: Entity, _rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which items are meant by ids in filters: each site numbers its content by itself.

    `Which items are meant by 12 and 15, by which page_1 filters? …`
    """
    if display.status not in TO_BUILD or is_shared(display):
        return
    match filters_of(display):
        case Filters(ids=(first_id, *_) as ids):
            column = setting_column(display, FILTERS)
            yield question_about("views.ids", display, column, quote=first_id, ids=joined(ids))
        case Filters() | BlankCell():
            return


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield the filters of each display."""
    return facts_by_row(filters_of, view.displays)


COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`filters` and `arguments` with the flags of `relationships`, own or inherited",
    form=_FORM,
)
RULE = Rule(
    key="view.filters",
    columns=(COLUMN,),
    facts=facts,
    asked_rows=displays_asked,
    ask=ask,
    counterpart=COUNTERPART,
)
