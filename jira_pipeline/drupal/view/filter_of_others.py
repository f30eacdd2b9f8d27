"""A display without the filter that all others of its kind in its view have.

Pages of one view mostly list the same items in other ways. Where one of several lacks a filter that
all others have, it was forgotten, or is what makes that page special: the rows do not say which.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.row_names import marked
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.filters import (
    COLUMN as FILTERS,
    AllFilters,
    NamedFilters,
    conditions_of,
)
from jira_pipeline.drupal.view.plugin import plugin_name
from jira_pipeline.drupal.view.shipped_views import displays_set
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import GONE, Entity

_OTHERS_MIN = 3
"""Two of three displays with a filter make no rule that the third would break."""
_FIXED = re.compile(r"(?P<name>[a-z]\w*) \((?!set by users)")
"""A filter that the view sets: what users set, and what the path gives, differs from page to page."""

# The fact: which filters all others have.


@dataclass(frozen=True, slots=True)
class MissingFilter:
    """The only display of its kind without these filters."""

    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LikeOthers:
    """It has them too, or others lack them as well; or there are too few to tell."""


OthersFact: TypeAlias = MissingFilter | LikeOthers


def filters_lacking(display: Entity, displays: Sequence[Entity]) -> OthersFact:
    """Read from the rows of the displays of a view which filters one alone of its kind lacks."""
    filters_here = _filters_by_name(display)
    if filters_here is None:
        return LikeOthers()
    others = []
    for other in displays:
        if other is display or plugin_name(other) != plugin_name(display):
            continue
        filters_there = _filters_by_name(other)
        if filters_there is None:
            return LikeOthers()
        others.append(filters_there)
    if len(others) < _OTHERS_MIN:
        return LikeOthers()
    lacking = []
    for name, condition in others[0].items():
        is_in_all = all(filters.get(name) == condition for filters in others)
        if is_in_all and name not in filters_here:
            lacking.append(condition)
    return MissingFilter(tuple(lacking)) if lacking else LikeOthers()


def _filters_by_name(display: Entity) -> dict[str, str] | None:
    """Return the filters that a display sets, by name; None where its row does not list all."""
    match conditions_of(display):
        case NamedFilters():
            return None
        case AllFilters(conditions):
            filters = {}
            for condition in conditions:
                match = _FIXED.match(condition)
                if match is not None:
                    filters[match["name"]] = condition
            return filters


# What follows from it.


def ask(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether a filter is left out on purpose that all other displays of its kind have.

    `page_2 alone does not filter by status, as all other displays of its kind in the view do: is
    that meant?`
    """
    live = [other for other in rows.group.members if other.status not in GONE]
    match filters_lacking(display, live):
        case MissingFilter(conditions):
            for condition in conditions:
                yield question_about(
                    "views.filter_of_others", display, FILTERS.name, filter=marked(condition)
                )
        case LikeOthers():
            return


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield which filters each display alone of its kind lacks."""
    for display in view.displays:
        yield StatedFact(fact=filters_lacking(display, view.displays), rows=(display,))


RULE = Rule(key="view.filter_of_others", facts=facts, asked_rows=displays_set, ask=ask)
