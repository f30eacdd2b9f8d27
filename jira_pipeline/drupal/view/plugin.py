"""The kind of a display: a page, a block, a feed, an export, an attachment or one of a module.

The plugin decides where a display is seen: a page has a path, a block is placed in a region, an
attachment is shown with another display. Every view has a display `default`, which is never shown:
it holds the settings that the others inherit.

Source: Drupal core, `@ViewsDisplay` plugins and `views.view.*.display.*.display_plugin`; `displays`
of `modules.toml`, `shared_displays` of `lexicon.toml`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol, TypeAlias

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.display_settings import DISPLAYS, PATH, setting_of
from jira_pipeline.drupal.meaning.modules_and_types import Module, bringing
from jira_pipeline.drupal.meaning.notes import items_of, path_in, word_list
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.model.columns import BLANK, Column, Holds
from jira_pipeline.model.entities import Entity, EntityKind

COLUMN = Column(
    "Display plugin",
    ("Display type", "Type of display"),
    Holds.DISPLAY_PLUGIN,
    loosely=("Type",),
)
DEFAULT = "default"
_NAME_GIVEN_BY_DRUPAL = re.compile(r"([a-z_]+)_\d+")
"""What Drupal calls a display of a kind: `page_1`."""

# The fact: what kind of display a row is.


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayPlugin:
    """A kind of display of core or of a known module."""

    singular: str
    """With its article: `a page`."""
    plural: str
    has_path: bool = False
    place: str = ""
    """The words before its place: `placed in`; empty of one with a path."""
    shows: str = ""
    """What is to be known of what it shows, where that is not fields or a view mode."""
    without: str = ""
    """Columns of the form that it has nothing for, joined by `; `."""
    module: Module


@dataclass(frozen=True, slots=True)
class UnknownPlugin:
    """A kind of no module that is known here."""

    name: str


@dataclass(frozen=True, slots=True)
class NoPlugin:
    """Neither the row nor the machine name of the display says its kind."""


PluginFact: TypeAlias = DisplayPlugin | UnknownPlugin | NoPlugin


def plugin_of(display: Entity) -> PluginFact:
    """Read the kind of a display from its row; of a view without displays the first that it names."""
    name = plugin_name(display)
    if not name:
        return NoPlugin()
    return display_plugins().get(name) or UnknownPlugin(name)


@cache
def display_plugins() -> Mapping[str, DisplayPlugin]:
    """Return the kinds of displays that core and modules bring, by their ids."""
    plugins = {}
    for name, module in bringing("displays").items():
        plugins[name] = DisplayPlugin(module=module, **module.displays[name])
    return plugins


def plugin_name(display: Entity) -> str:
    """Return Drupal's id of the kind of a display, such as `rest_export`; empty where nobody says it."""
    words = _kind_of_view(display) if display.kind is EntityKind.VIEW else display.cell(COLUMN.name)
    if not words:
        words = _kind_in_machine_name(display)
    name = re.sub(r"[\W_]+", "_", words.casefold()).strip("_")
    return DEFAULT if is_name_of_default(name) else name


def _kind_of_view(view: Entity) -> str:
    """Return the first kind of display that the row of a view names; with a path alone it is a page."""
    kinds = items_of(setting_of(view, DISPLAYS))
    if kinds:
        return kinds[0]
    return "page" if path_in_row_of_view(view) else ""


def _kind_in_machine_name(display: Entity) -> str:
    """Return the kind that a name given by Drupal begins with: `page` of `page_1`."""
    match = _NAME_GIVEN_BY_DRUPAL.fullmatch(display.machine_name)
    return match[1] if match else ""


def is_name_of_default(name: str) -> bool:
    """Tell whether a kind or a machine name is that of the display `default`: `master` is, too."""
    return name in word_list("shared_displays")


def path_in_row_of_view(view: Entity) -> str:
    """Return the path that the row of a view gives, as it is written; empty where it gives none."""
    cell = setting_of(view, PATH)
    if cell in BLANK:
        return path_in(note_of(view))
    return "" if re.search(r"\s", cell) else cell


def is_shared(display: Entity) -> bool:
    """Tell whether a display only holds what the others inherit; Drupal never shows it."""
    return plugin_name(display) == DEFAULT


def is_page(display: Entity) -> bool:
    """Tell whether a display is a page; one of which nobody says the kind counts as one."""
    return plugin_name(display) in {"page", ""}


class WithDisplays(Protocol):
    """Rows of a ticket with displays; `TicketView` sorts them by their plugins, and imports this module."""

    @property
    def displays(self) -> Iterable[Entity]: ...


def facts(view: WithDisplays) -> Iterator[StatedFact]:
    """Yield the kind of each display."""
    return facts_by_row(plugin_of, view.displays)


COUNTERPART = Counterpart(how=Comparison.NAME, where="`display_plugin`")
RULE = Rule(key="view.plugin", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
