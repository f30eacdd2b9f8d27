"""What Drupal core and well-known modules bring to views, read from `drupal_views.toml`.

Belongs here: the facts. Does not: what the rows of a specification say of a view (`view_displays`).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
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
    is_enabled: bool
    paths: Mapping[str, tuple[str, ...]]
    """The paths that may be said of each display, by its machine name; none of one without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseTable:
    """What a view lists."""

    name: str
    lists: str
    """In the plural: `content`, `user accounts`."""
    kinds: str
    """What the items are divided into, in the plural; empty where they are not."""
    is_of_revisions: bool
    module: Module


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayPlugin:
    one: str
    """With its article: `a page`."""
    many: str
    has_path: bool
    place: str
    """The words before its place: `placed in`; empty of one with a path."""
    shows: str
    """What is to be known of what it shows, where that is not fields or a view mode."""
    without: frozenset[str]
    """Columns of the form that it has nothing for."""
    module: Module | None
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
    search: Module


@cache
def view_facts() -> ViewFacts:
    """Return the facts; the file is read once in a process."""
    text = (
        resources.files("jira_pipeline.sources.drupal")
        .joinpath("drupal_views.toml")
        .read_text("utf-8")
    )
    facts = tomllib.loads(text)
    modules = {
        module: Module(name=name, is_core=origin == "core")
        for origin in ("core", "contributed")
        for module, name in facts["modules"][origin].items()
    }
    tables = {
        name: BaseTable(
            name=name,
            lists=table["lists"],
            kinds=table.get("kinds", ""),
            is_of_revisions=table.get("is_of_revisions", False),
            module=modules[table["module"]],
        )
        for name, table in _tables(facts["base_tables"])
    }
    called = {
        label.casefold(): tables[name]
        for name, table in _tables(facts["base_tables"])
        for label in table["called"].split("; ")
        if label
    }
    return ViewFacts(
        modules=tuple(module.name for module in modules.values()),
        views={
            view: ShippedView(
                module=modules[shipped["module"]],
                base_table=shipped["base_table"],
                is_enabled=shipped.get("is_enabled", True),
                paths={
                    display: tuple(filter(None, (path, shipped.get("tabs", {}).get(display, ""))))
                    for display, path in shipped["displays"].items()
                },
            )
            for view, shipped in _tables(facts["views"])
        },
        base_tables={**called, **tables},
        displays={
            plugin: DisplayPlugin(
                one=display["one"],
                many=display["many"],
                has_path=display.get("has_path", False),
                place=display.get("place", ""),
                shows=display.get("shows", ""),
                without=frozenset(filter(None, display.get("without", "").split("; "))),
                module=modules[display["module"]] if "module" in display else None,
            )
            for plugin, display in _tables(facts["displays"])
        },
        formats={"csv": modules[facts["formats"]["csv"]]},
        path_values=facts["path_values"]["values"],
        search=modules["search_api"],
    )


def _tables(section: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, entry) for name, entry in section.items() if isinstance(entry, dict)]
