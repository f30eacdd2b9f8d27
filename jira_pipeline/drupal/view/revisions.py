"""A view of revisions: it lists every revision of an item, older ones and drafts among them.

A filter on the latest revision makes it list each item once.

Source: Drupal core, `node_field_revision` in `hook_views_data` and the filter `latest_revision`.
"""

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.display_settings import FILTERS, setting_of
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.view.base_table import COLUMN, BaseTable, base_table_of
from jira_pipeline.drupal.view.shipped import is_ticket_as_shipped
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity

_FILTER_BY_LATEST = "latest_"
"""How the filters `latest_revision` and `latest_translation_affected_revision` begin."""


def lists_revisions(view: Entity) -> bool:
    """Tell whether a view lists the revisions of items instead of the items."""
    match base_table_of(view):
        case BaseTable(is_of_revisions=is_of_revisions):
            return is_of_revisions
        case _:
            return False


def say(view: TicketView) -> tuple[Claim, ...]:
    """Warn of a new view of revisions, unless it is filtered or a module brings it as it is."""
    if not lists_revisions(view.head) or view.is_update or is_ticket_as_shipped(view):
        return ()
    if any(_FILTER_BY_LATEST in setting_of(display, FILTERS) for display in view.live):
        return ()
    return claims_about("analysis.view_revisions", (view.head,), COLUMN.name)


RULE = Rule(key="view.revisions", say=say)
