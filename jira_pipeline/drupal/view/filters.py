"""The filters of a display: which of the items that the view could list it lists.

A filter by type says of which types the items are. A filter by an ID names content, which each site
numbers by itself: nobody can set it from the sheet.

Source: Drupal core, `adminSummary` of the filter plugins of Views, as `sheets` writes them.
"""

import re
from collections.abc import Iterator

from jira_pipeline.drupal.asked_rows import displays_asked
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.display_settings import FILTERS, setting_column, setting_of
from jira_pipeline.drupal.row_names import joined
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.plugin import is_shared
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import TO_BUILD, Entity

COLUMN = Column("Filters", holds=Holds.ANYTHING, is_of_tool=False)
_TYPE_FILTER = re.compile(
    r"(?i)\b(?:(?:content |media )?type|vocabulary) *\((?:=|in) *(?P<kinds>[^()]+)\)"
)
_ID = re.compile(r"\bID \d+(?:, \d+)*(?: of \w+)?")
"""How `sheets` writes what a filter has of content."""


def kinds_filtered(*displays: Entity) -> str:
    """Return the types by which the first of some displays filters that does; empty where none does."""
    for display in displays:
        match = _TYPE_FILTER.search(setting_of(display, FILTERS))
        if match is not None:
            return match["kinds"].strip()
    return ""


def ids_filtered(display: Entity) -> tuple[str, ...]:
    """Return the passages of a filter that name items by IDs, once each."""
    return tuple(dict.fromkeys(_ID.findall(setting_of(display, FILTERS))))


def ask(display: Entity, _rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which items a display to build means by IDs, which differ from site to site."""
    ids = ids_filtered(display)
    if ids and display.status in TO_BUILD and not is_shared(display):
        yield question_about(
            "views.ids",
            display,
            setting_column(display, FILTERS),
            quote=ids[0],
            ids=joined(ids),
        )


COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`filters` and `arguments`, own or inherited",
    form=r"None|(?:(?:contextual [a-z]\w*|any of: [a-z]|[a-z]\w* \()[^;]*(?:; |$))+",
)
RULE: Rule[object] = Rule(
    key="view.filters",
    columns=(COLUMN,),
    asked_rows=displays_asked,
    ask=ask,
    counterpart=COUNTERPART,
)
