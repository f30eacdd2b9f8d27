"""Who may see a display: everybody, or people with a permission or a role.

Source: Drupal core, `access` of `display_options` and the `@ViewsAccess` plugins.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.cell_facts import BlankCell, CellWords
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.display_settings import setting_fact
from jira_pipeline.drupal.listed_names import split_names
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.forms_in_text import COLUMNS

COLUMN = Column("Access", holds=Holds.ANYTHING, is_of_tool=False)
_EVERYBODY = "Everybody"
_WRITTEN = re.compile(r"permission (?P<permission>[a-z].*)|roles (?P<roles>[a-z].*)")
"""How `sheets` writes what a display asks for."""

# The fact: whom the row of a display lets see it.


@dataclass(frozen=True, slots=True)
class ForEverybody:
    """It asks for nothing."""


@dataclass(frozen=True, slots=True)
class ForPermission:
    """It asks for a permission, by the name that Drupal has for it."""

    permission: str


@dataclass(frozen=True, slots=True)
class ForRoles:
    """It asks for one of some roles, by their machine names."""

    roles: tuple[str, ...]


AccessFact: TypeAlias = ForEverybody | ForPermission | ForRoles | CellWords | BlankCell
"""`CellWords` are those of people, and the plugins of modules."""


def access_of(display: Entity) -> AccessFact:
    """Read from the row of a display who may see it."""
    fact = setting_fact(display, COLUMNS[COLUMN.name])
    match fact:
        case CellWords(text) if text.casefold() == _EVERYBODY.casefold():
            return ForEverybody()
        case CellWords(text):
            written = _WRITTEN.fullmatch(text)
            if written is None:
                return fact
            if written["permission"]:
                return ForPermission(written["permission"])
            return ForRoles(split_names(written["roles"]))
        case BlankCell():
            return fact


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield who may see each display."""
    return facts_by_row(access_of, view.displays)


COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`access`, own or inherited",
    form=r"Everybody|(?:permission|roles) [a-z].*",
)
RULE = Rule(key="view.access", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
