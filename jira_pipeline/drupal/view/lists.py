"""What a display lists: the items of the base table of its view, or some kinds of them.

The base table and a filter by type say it already, so that no site has a setting for the column.
"""

from collections.abc import Iterator, Sequence

from jira_pipeline.drupal.plain_facts import facts_of_setting
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.view.base_table import (
    BaseTable,
    NoTable,
    SearchIndex,
    UnknownTable,
    base_table_of,
)
from jira_pipeline.drupal.view.filters import kinds_filtered
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.forms_in_text import COLUMNS, LISTS, OPEN

COLUMN = Column(LISTS, holds=Holds.ANYTHING, is_of_tool=False)
_REVISIONS = f"all revisions of an item, the current one or the latest: {OPEN}"


def items_listed(display: Entity, *, view: Entity, shared: Sequence[Entity]) -> str:
    """Say what a display lists, such as `content, types: Boat`; `?` where nobody knows.

    It inherits the filters of the shared displays.
    """
    return "; ".join(_parts_of_items(display, view, shared)) or OPEN


def _parts_of_items(display: Entity, view: Entity, shared: Sequence[Entity]) -> Iterator[str]:
    """Yield what a display lists, by the base table of its view; a last part says that it is revisions."""
    match base_table_of(view):
        case SearchIndex(name):
            yield f"items in the search index {name}: {OPEN}"
        case UnknownTable(name):
            yield f"entries of {name}"
        case NoTable():
            return
        case BaseTable() as table:
            kinds = kinds_filtered(display, *shared) or OPEN
            yield f"{table.lists}, {table.kinds}: {kinds}" if table.kinds else table.lists
            if table.is_of_revisions:
                yield _REVISIONS


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield what the row of each display says that it lists."""
    return facts_of_setting(COLUMNS[LISTS], view.displays)


RULE = Rule(key="view.lists", columns=(COLUMN,), facts=facts)
