"""What Drupal core and well-known modules bring to views, read from `drupal_views.toml`.

Belongs here: the facts. Does not: what the rows of a specification say of a view (`view_displays`).
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    name: str
    """As Extend lists it."""
    is_core: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedView:
    """A view that comes with a module."""

    module: Module
    base_table: str
    is_enabled: bool = True
    displays: Mapping[str, str]
    """The path of each by its machine name; empty of one without."""
    tabs: Mapping[str, str] = field(default_factory=dict)
    """The path that a display has as the default tab of a menu."""

    @property
    def paths(self) -> Mapping[str, tuple[str, ...]]:
        """The paths that may be said of each display; none of one without."""
        every = {name: (path, self.tabs.get(name, "")) for name, path in self.displays.items()}
        return {name: tuple(filter(None, paths)) for name, paths in every.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseTable:
    """What a view lists."""

    name: str
    called: str
    """What the sheets call it, joined by `; `."""
    lists: str
    """In the plural: `content`, `user accounts`."""
    kinds: str = ""
    """What the items are divided into, in the plural; empty where they are not."""
    is_of_revisions: bool = False
    module: Module


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayPlugin:
    one: str
    """With its article: `a page`."""
    many: str
    has_path: bool = False
    place: str = ""
    """The words before its place: `placed in`; empty of one with a path."""
    shows: str = ""
    """What is to be known of what it shows, where that is not fields or a view mode."""
    without: str = ""
    """Columns of the form that it has nothing for, joined by `; `."""
    module: Module | None = None
    """What brings it, beside Views."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewFacts:
    modules: tuple[str, ...]
    """Their names as Extend lists them."""
    views: Mapping[str, ShippedView]
    base_tables: Mapping[str, BaseTable]
    """By name, and by what the sheets call them, in lower case."""
    displays: Mapping[str, DisplayPlugin]
    formats: Mapping[str, Module]
    """What encodes a format that a REST export of core does not write."""
    path_values: Mapping[str, str]


@cache
def view_facts() -> ViewFacts:
    """Return the facts; the file is read once in a process."""
    file = resources.files("jira_pipeline.sources.drupal").joinpath("drupal_views.toml")
    facts = tomllib.loads(file.read_text("utf-8"))
    modules = {
        module: Module(name=name, is_core=origin == "core")
        for origin in ("core", "contributed")
        for module, name in facts["modules"][origin].items()
    }

    def entries(section: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for name, entry in facts[section].items():
            if isinstance(entry, dict):
                module = {"module": modules[entry["module"]]} if "module" in entry else {}
                yield name, entry | module

    tables = {name: BaseTable(name=name, **entry) for name, entry in entries("base_tables")}
    called = {c.casefold(): table for table in tables.values() for c in table.called.split("; ")}
    return ViewFacts(
        modules=tuple(module.name for module in modules.values()),
        views={name: ShippedView(**entry) for name, entry in entries("views")},
        base_tables={**{name: table for name, table in called.items() if name}, **tables},
        displays={name: DisplayPlugin(**entry) for name, entry in entries("displays")},
        formats={"csv": modules[facts["formats"]["csv"]]},
        path_values=facts["path_values"]["values"],
    )
