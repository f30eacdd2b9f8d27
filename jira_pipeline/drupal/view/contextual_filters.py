"""Contextual filters of a display that get their value from nothing in its row.

A contextual filter takes its value from the path, where a `%` stands for it, or from a default such as
the current user. If the path has fewer `%` than there are such filters, Views takes what follows the
path, and the path alone lists something else, mostly all items.

Source: Drupal core, `PathPluginBase::getRoute` and `ArgumentPluginBase` of Views.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.row_names import joined, marked
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.filters import (
    COLUMN as FILTERS,
    AllFilters,
    NamedFilters,
    conditions_of,
)
from jira_pipeline.drupal.view.path import path_text
from jira_pipeline.drupal.view.shipped_views import displays_set
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity

_CONTEXTUAL = re.compile(r"contextual (?P<name>\w+)(?:, flag \w+)?")
"""As `sheets` writes one without a default; with one it goes on: `(from current_user)`."""

# The fact: which contextual filters have no value.


@dataclass(frozen=True, slots=True)
class WithoutValue:
    """Neither a `%` of the path nor a default gives these a value."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WithValue:
    """There are none, or each has a value."""


@dataclass(frozen=True, slots=True)
class UnknownValues:
    """The row gives no path, or not all filters."""


ContextualFact: TypeAlias = WithoutValue | WithValue | UnknownValues


def contextual_filters_of(display: Entity) -> ContextualFact:
    """Read from the row of a display with a path which contextual filters have no value."""
    path = path_text(display)
    match conditions_of(display):
        case AllFilters(conditions) if path:
            matches = [_CONTEXTUAL.fullmatch(condition) for condition in conditions]
            names = [match["name"] for match in matches if match is not None]
            # Each `%` of the path is the value of one filter, in their order.
            names_without_value = names[path.count("%") :]
            return WithoutValue(tuple(names_without_value)) if names_without_value else WithValue()
        case AllFilters() | NamedFilters():
            return UnknownValues()


# What follows from it.


def ask(display: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask what gives contextual filters their values where neither the path nor a default does.

    `page_1 has the contextual filter nid and no “%” in its path for the value: what leads to an
    address with one, and what is listed without?`
    """
    match contextual_filters_of(display):
        case WithoutValue(names):
            noun = "contextual filter" if len(names) == 1 else "contextual filters"
            filters = f"{noun} {joined([marked(name) for name in dict.fromkeys(names)])}"
            yield question_about("views.no_value", display, FILTERS.name, filters=filters)
        case WithValue() | UnknownValues():
            return


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield which contextual filters of each display have no value."""
    return facts_by_row(contextual_filters_of, view.displays)


RULE = Rule(key="view.contextual_filters", facts=facts, asked_rows=displays_set, ask=ask)
