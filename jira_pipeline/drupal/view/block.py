"""A block of a view: an editor or a site builder places it in a region or a layout.

Drupal offers it as soon as the view is saved; nothing shows it before somebody places it.

Source: Drupal core, the plugin `block` of `@ViewsDisplay` and the deriver `ViewsBlock`.
"""

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.view.enabled import is_disabled
from jira_pipeline.drupal.view.plugin import COLUMN, plugin_name
from jira_pipeline.drupal.view.ticket_view import TicketView


def check(view: TicketView) -> tuple[Claim, ...]:
    """Claim that an enabled view offers its blocks, where no question doubts their names."""
    if is_disabled(view.head):
        return ()
    blocks = []
    for display in view.tried:
        # A view that is its own display has no machine name of a block.
        is_named = display is not view.head
        is_certain = not view.ticket.is_disputed(display, MACHINE_NAME_COLUMN)
        if plugin_name(display) == "block" and is_named and is_certain:
            blocks.append(display)
    return claims_about("verification.view_blocks", blocks, COLUMN.name)


RULE = Rule(key="view.block", check=check)
