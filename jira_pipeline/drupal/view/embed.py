"""An embed display: a template, a field or code shows it, and no path or block does.

Views offers this kind only while *Allow embedded displays* is ticked in its settings.

Source: Drupal core, the plugin `embed` of `@ViewsDisplay` and `views.settings`,
`ui.show.display_embed`.
"""

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.view.plugin import COLUMN, plugin_name
from jira_pipeline.drupal.view.shipped_views import displays_to_build
from jira_pipeline.drupal.view.ticket_view import TicketView


def say(view: TicketView) -> tuple[Claim, ...]:
    """Say which setting has to be ticked before embed displays can be added."""
    embedded = [d for d in displays_to_build(view) if plugin_name(d) == "embed"]
    return claims_about("analysis.view_embed", embedded, COLUMN.name)


RULE = Rule(key="view.embed", say=say)
