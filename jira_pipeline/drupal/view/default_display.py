"""The display `default` of a view: it holds the settings that the others inherit.

Drupal makes it with the view and never shows it. A view that has no other display is shown by code,
by a field or by a module, or not at all.

Source: Drupal core, the plugin `default` of `@ViewsDisplay`.
"""

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.view.ticket_view import TicketView


def say(view: TicketView) -> tuple[Claim, ...]:
    """Warn where the display that others inherit from is the only one."""
    if view.live:
        return ()
    return claims_about("analysis.view_shared_only", view.shared, MACHINE_NAME_COLUMN)


RULE = Rule(key="view.default_display", say=say)
