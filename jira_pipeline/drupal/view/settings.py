"""The settings of a display that its row gives: what it lists, shows, filters and sorts, and for whom.

A sheet of displays may have the columns of the form of a view (`view/form`), in which case the row
says what the form would ask for.

Source: Drupal core, `display_options` of `views.view.*.display.*`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.display_settings import PATH, setting_column
from jira_pipeline.drupal.markup import codes, listed, text
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.view.path import path_text
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.forms_in_text import COLUMNS
from jira_pipeline.model.grouped import group_by


@dataclass(frozen=True, slots=True)
class StatedSettings:
    """The fact: in which columns a row gives settings, in the order of the form."""

    columns: tuple[str, ...]


def settings_of(display: Entity) -> StatedSettings:
    """Read from the row of a display in which columns it gives settings.

    A path that can be opened is left out: another rule claims what it opens.
    """
    columns = []
    for setting in COLUMNS.values():
        if setting == PATH and path_text(display):
            continue
        column = setting_column(display, setting)
        if display.states(column):
            columns.append(column)
    return StatedSettings(tuple(columns))


# What follows from it.


def check(view: TicketView) -> Iterator[Claim]:
    """Claim that displays have the settings of their rows, together where the columns are the same.

    `page_1 and page_2 have the Filters and Sort of their rows.`
    """
    for stated, displays in group_by(view.tried, settings_of).items():
        if stated.columns:
            yield from claims_about(
                "verification.view_settings",
                displays,
                *stated.columns,
                settings=listed(map(text, stated.columns)),
                codes=codes(displays),
            )


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield in which columns the row of each display gives settings."""
    return facts_by_row(settings_of, view.displays)


RULE = Rule(key="view.settings", facts=facts, check=check)
