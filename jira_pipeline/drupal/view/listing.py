"""The list of views, under *Structure*: a view is there with its displays, enabled or disabled.

The first check of a ticket: whoever opens the view sees at once whether a display is missing.

Source: Drupal core, `ViewListBuilder`.
"""

from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import code, codes, label_with_name, quoted
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.ticket_rows import are_all_listed
from jira_pipeline.drupal.view.enabled import COLUMN as ENABLED, status_clause
from jira_pipeline.drupal.view.name import COLUMN as NAME
from jira_pipeline.drupal.view.shipped import is_ticket_as_shipped
from jira_pipeline.drupal.view.shipped_views import shipped_view_in
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import STATUS_COLUMN

_COLUMNS = (MACHINE_NAME_COLUMN, NAME.name, ENABLED.name)


class ListedDisplays(StrEnum):
    """The fact: what the rows say of the displays that the page of a view will have."""

    EXACTLY_THESE = "those of the rows and no others"
    THESE_AT_LEAST = "those of the rows; parts of the sheets that nobody declared may have more"
    UNCERTAIN = "a question doubts some, or a module brings some that no row has"
    NONE_TO_BUILD = "no display of its rows is built"


def listed_displays(view: TicketView) -> ListedDisplays:
    """Read from the rows of a view and its displays which displays its edit page will have."""
    if are_displays_certain(view):
        # More displays may be in parts of the sheets that nobody declared.
        if are_all_listed((view.head, *view.live)):
            return ListedDisplays.EXACTLY_THESE
        return ListedDisplays.THESE_AT_LEAST
    if view.ticket.group.is_hollow and view.ticket.group.members:
        return ListedDisplays.NONE_TO_BUILD
    return ListedDisplays.UNCERTAIN


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


# What follows from it.


def check(view: TicketView) -> Iterator[Claim]:
    """Claim that Drupal lists the view, with its displays where these are certain.

    `Structure > Views lists “Boats” (boats) as enabled; beside the default one it has exactly the
    display page_1.`
    """
    match listed_displays(view):
        case ListedDisplays.EXACTLY_THESE:
            yield from _claims_of_displays("verification.view_displays", view)
        case ListedDisplays.THESE_AT_LEAST:
            yield from _claims_of_displays("verification.view_with_displays", view)
        case ListedDisplays.UNCERTAIN:
            yield from _claims_of_view(view)
            yield from _claims_of_removed_displays(view)
        case ListedDisplays.NONE_TO_BUILD:
            yield from _claims_of_removed_displays(view)


def _claims_of_displays(key: str, view: TicketView) -> tuple[Claim, ...]:
    """Claim that the list has the view with its displays, in the words of a key."""
    return claims_about(
        key,
        (view.head, *view.live),
        *_COLUMNS,
        of_count=len(view.live),
        view=_name_in_list(view),
        status=status_clause(view.head),
        displays=codes(view.live),
    )


def _claims_of_view(view: TicketView) -> tuple[Claim, ...]:
    """Claim that the list has the view, and nothing of its displays: `… lists “Boats” as enabled`."""
    return claims_about(
        "verification.view",
        (view.head, *view.live),
        *_COLUMNS,
        view=_name_in_list(view),
        status=status_clause(view.head),
    )


def _name_in_list(view: TicketView) -> str:
    """Name a view as its list does; of one that a module brings the label may be another."""
    if is_ticket_as_shipped(view):
        return code(view.head.machine_name)
    return label_with_name(view.head)


def _claims_of_removed_displays(view: TicketView) -> tuple[Claim, ...]:
    return claims_about(
        "verification.view_gone", view.gone, STATUS_COLUMN, view=quoted(view.ticket.name)
    )


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield which displays the edit page of the view will have."""
    yield StatedFact(fact=listed_displays(view), rows=(view.head, *view.live))


RULE = Rule(key="view.listing", facts=facts, check=check)
