"""The settings of a display that its row gives: what it lists, shows, filters and sorts, and for whom.

A sheet of displays may have the columns of the form of a view (`view/form`), in which case the row
says what the form would ask for.

Source: Drupal core, `display_options` of `views.view.*.display.*`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.display_settings import PATH, setting_column
from jira_pipeline.drupal.markup import codes, listed, text
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.view.path import path_text
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.forms_in_text import COLUMNS
from jira_pipeline.model.grouped import group_by


def columns_given(display: Entity) -> tuple[str, ...]:
    """Return the columns in which a row gives settings, in the order of the form.

    A path is left out: what it opens is claimed by itself.
    """
    columns = []
    for setting in COLUMNS.values():
        if setting == PATH and path_text(display):
            continue
        column = setting_column(display, setting)
        if display.states(column):
            columns.append(column)
    return tuple(columns)


def check(view: TicketView) -> Iterator[Claim]:
    """Claim that displays have the settings of their rows, together where the columns are the same.

    `page_1 and page_2 have the Filters and Sort of their rows.`
    """
    displays_with_settings = [display for display in view.tried if columns_given(display)]
    for columns, displays in group_by(displays_with_settings, columns_given).items():
        yield from claims_about(
            "verification.view_settings",
            displays,
            *columns,
            settings=listed(map(text, columns)),
            codes=codes(displays),
        )


RULE = Rule(key="view.settings", check=check)
