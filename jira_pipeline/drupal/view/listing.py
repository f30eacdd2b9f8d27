"""The list of views, under *Structure*: a view is there with its displays, enabled or disabled.

The first check of a ticket: whoever opens the view sees at once whether a display is missing.

Source: Drupal core, `ViewListBuilder`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import code, codes, label_with_name, quoted
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.ticket_rows import are_all_listed
from jira_pipeline.drupal.view.enabled import COLUMN as ENABLED, status_clause
from jira_pipeline.drupal.view.name import COLUMN as NAME
from jira_pipeline.drupal.view.shipped import is_ticket_as_shipped
from jira_pipeline.drupal.view.shipped_views import shipped_view_in
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import STATUS_COLUMN

_COLUMNS = (MACHINE_NAME_COLUMN, NAME.name, ENABLED.name)


def are_displays_certain(view: TicketView) -> bool:
    """Tell whether the rows name all displays that the view will have, and no question doubts one."""
    if not view.live:
        return False
    if any(view.ticket.is_disputed(display, MACHINE_NAME_COLUMN) for display in view.live):
        return False
    shipped = shipped_view_in(view)
    if shipped is None:
        return True
    # Whether a display that a module brings and no row has stays, a question asks.
    return shipped.paths.keys() <= {row.machine_name for row in view.ticket.group.members}


def check(view: TicketView) -> Iterator[Claim]:
    """Claim that Drupal lists the view, with its displays where these are certain.

    `Structure > Views lists “Boats” (boats) as enabled; beside the default one it has exactly the
    display page_1.`
    """
    rows = (view.head, *view.live)
    view_name = label_with_name(view.head)
    if is_ticket_as_shipped(view):
        view_name = code(view.head.machine_name)
    status = status_clause(view.head)
    if are_displays_certain(view):
        yield from claims_about(
            # More displays may be in parts of the sheets that nobody declared.
            "verification.view_displays"
            if are_all_listed(rows)
            else "verification.view_with_displays",
            rows,
            *_COLUMNS,
            of_count=len(view.live),
            view=view_name,
            status=status,
            displays=codes(view.live),
        )
        return
    is_without_displays = view.ticket.group.is_hollow and view.ticket.group.members
    if not is_without_displays:
        yield from claims_about("verification.view", rows, *_COLUMNS, view=view_name, status=status)
    yield from claims_about(
        "verification.view_gone", view.gone, STATUS_COLUMN, view=quoted(view.ticket.name)
    )


RULE = Rule(key="view.listing", check=check)
