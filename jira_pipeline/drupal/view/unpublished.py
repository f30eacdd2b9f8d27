"""What is not published, in a list that visitors may open: no filter leaves it out.

A view lists every item of its base table that its filters let through, whoever looks. Without a
filter by *Published* or by the moderation state it lists drafts, with titles and texts.

Source: Drupal core, the filters `status`, `status_extra` and `moderation_state_filter` of Views;
`node_install` (everybody gets *access content*).
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.cell_facts import BlankCell, CellWords
from jira_pipeline.drupal.role.permission import ListedPermissions, permissions_in
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.access import ForEverybody, ForPermission, ForRoles, access_of
from jira_pipeline.drupal.view.base_table import BaseTable, base_table_of
from jira_pipeline.drupal.view.filters import (
    COLUMN as FILTERS,
    AllFilters,
    NamedFilters,
    conditions_of,
)
from jira_pipeline.drupal.view.plugin import DisplayPlugin, plugin_name, plugin_of
from jira_pipeline.drupal.view.shipped_views import displays_set
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity, EntityKind, Specification

_WITH_DRAFTS = frozenset({"node_field_data", "node_field_revision", "media_field_data"})
"""Tables of what can be unpublished and has a page of its own."""
_LEAVES_DRAFTS_OUT = re.compile(r"\b(?:status|moderation_state|published)|\bcontextual [nm]id\b")
"""A filter by the state, or by the ID of the very item whose page shows the list."""
_VISITORS = "anonymous"
_GIVEN_TO_EVERYBODY = "access content"


class Drafts(StrEnum):
    """The fact: whether visitors see in a list what is not published."""

    LISTED = "visitors may see the display, and no filter leaves out what is not published"
    LEFT_OUT = "a filter leaves it out"
    NOT_FOR_VISITORS = "visitors may not see the display, or nobody knows"
    WITHOUT = "what it lists has no drafts, or its row does not list all filters"


def drafts_in(display: Entity, view: Entity, specification: Specification) -> Drafts:
    """Read from the rows of a display and its view whether visitors see what is not published."""
    if not _is_seen_by_itself(display) or not _has_drafts(view):
        return Drafts.WITHOUT
    match conditions_of(display):
        case NamedFilters():
            return Drafts.WITHOUT
        case AllFilters(conditions):
            if any(_LEAVES_DRAFTS_OUT.search(condition) for condition in conditions):
                return Drafts.LEFT_OUT
    is_open = _may_visitors_see(display, specification)
    return Drafts.LISTED if is_open else Drafts.NOT_FOR_VISITORS


def _is_seen_by_itself(display: Entity) -> bool:
    """Tell whether visitors meet a display: at its path, or as a block."""
    match plugin_of(display):
        case DisplayPlugin(has_path=has_path):
            return has_path or plugin_name(display) == "block"
        case _:
            return False


def _has_drafts(view: Entity) -> bool:
    """Tell whether a view lists things that may be unpublished, such as content or media."""
    match base_table_of(view):
        case BaseTable(name=name):
            return name in _WITH_DRAFTS
        case _:
            return False


def _may_visitors_see(display: Entity, specification: Specification) -> bool:
    """Tell whether the access of a display lets visitors see it; no where its words are not understood."""
    match access_of(display):
        case ForEverybody():
            return True
        case ForPermission(permission):
            return _have_visitors(permission, specification)
        case ForRoles(roles):
            return _VISITORS in roles
        case CellWords() | BlankCell():
            return False


def _have_visitors(permission: str, specification: Specification) -> bool:
    """Tell whether visitors have a permission, by their row; without a row, by what Drupal gives them."""
    for role in specification.live[EntityKind.USER_ROLE]:
        if role.machine_name == _VISITORS:
            match permissions_in(role):
                case ListedPermissions(names):
                    return permission.casefold() in names
                case _:
                    break
    return permission == _GIVEN_TO_EVERYBODY


# What follows from it.


def ask(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether visitors are to see unpublished items that no filter of a display leaves out.

    `Visitors may see page_1, and no filter of it leaves out what is not published: are they to see
    that, too?`
    """
    if drafts_in(display, rows.head, rows.index.specification) is Drafts.LISTED:
        yield question_about("views.unpublished", display, FILTERS.name)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield whether visitors see in each display what is not published."""
    for display in view.displays:
        drafts = drafts_in(display, view.head, view.ticket.session.specification)
        yield StatedFact(fact=drafts, rows=(display,))


RULE = Rule(key="view.unpublished", facts=facts, asked_rows=displays_set, ask=ask)
