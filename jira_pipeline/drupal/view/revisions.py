"""A view of revisions: it lists every revision of an item, older ones and drafts among them.

A filter on the latest revision makes it list each item once.

Source: Drupal core, `node_field_revision` in `hook_views_data` and the filter `latest_revision`.
"""

from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.display_settings import FILTERS, setting_of
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.view.base_table import COLUMN, BaseTable, base_table_of
from jira_pipeline.drupal.view.shipped import is_ticket_as_shipped
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity

_FILTER_BY_LATEST = "latest_"
"""How the filters `latest_revision` and `latest_translation_affected_revision` begin."""


class ListedRevisions(StrEnum):
    """The fact: how often a view lists an item."""

    ONCE = "it lists items"
    LATEST_ONLY = "it lists revisions, and a display filters by the latest"
    EVERY_REVISION = "it lists every revision of an item"


def revisions_listed(view: TicketView) -> ListedRevisions:
    """Read from the base table of a view and the filters of its displays what it lists of an item."""
    if not lists_revisions(view.head):
        return ListedRevisions.ONCE
    if any(_FILTER_BY_LATEST in setting_of(display, FILTERS) for display in view.live):
        return ListedRevisions.LATEST_ONLY
    return ListedRevisions.EVERY_REVISION


def lists_revisions(view: Entity) -> bool:
    """Tell whether a view lists the revisions of items instead of the items."""
    match base_table_of(view):
        case BaseTable(is_of_revisions=is_of_revisions):
            return is_of_revisions
        case _:
            return False


# What follows from it.


def say(view: TicketView) -> tuple[Claim, ...]:
    """Warn of a new view of revisions without a filter, unless a module brings it as it is.

    `A view of revisions lists every revision of an item unless it is filtered to one.`
    """
    if view.is_update or is_ticket_as_shipped(view):
        return ()
    match revisions_listed(view):
        case ListedRevisions.EVERY_REVISION:
            return claims_about("analysis.view_revisions", (view.head,), COLUMN.name)
        case ListedRevisions.ONCE | ListedRevisions.LATEST_ONLY:
            return ()


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield how often the view lists an item."""
    yield StatedFact(fact=revisions_listed(view), rows=(view.head, *view.live))


RULE = Rule(key="view.revisions", facts=facts, say=say)
