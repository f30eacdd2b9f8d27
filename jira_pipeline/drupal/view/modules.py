"""The modules that a view needs beside Views: those of its base table, its displays and its formats.

A note may name the modules itself, `Modules: …`; what it names is believed. A table or a kind of
display that no known module brings is named as unknown, so that somebody finds out.

Source: `dependencies` of `views.view.*`; `tables`, `displays` and `formats` of `modules.toml`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.markup import capitalised, code, codes, listed, text
from jira_pipeline.drupal.meaning.modules_and_types import (
    Module,
    bringing,
    label_of_module,
    modules,
)
from jira_pipeline.drupal.meaning.notes import modules_in
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.unknown_names import unknown_name_claim
from jira_pipeline.drupal.view.base_table import (
    COLUMN as BASE_TABLE,
    BaseTable,
    SearchIndex,
    UnknownTable,
    base_table_of,
)
from jira_pipeline.drupal.view.path import file_format_of
from jira_pipeline.drupal.view.plugin import (
    COLUMN as PLUGIN,
    DisplayPlugin,
    UnknownPlugin,
    plugin_name,
    plugin_of,
)
from jira_pipeline.drupal.view.shipped import is_ticket_as_shipped, module_in_sentence
from jira_pipeline.drupal.view.shipped_views import displays_to_build, shipped_view_in
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model import columns
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.grouped import group_by

COLUMN = replace(columns.NOTES, loss="the notes, with the restrictions and questions in them")

# The facts: what the note names, and what the rows need.


@dataclass(frozen=True, slots=True)
class NotedModules:
    """Modules that the note of a new view names."""

    names: tuple[str, ...]
    """Their machine names; none where it names none."""


@dataclass(frozen=True, slots=True)
class NeededModule:
    """A module that a view or displays need, without which nobody can save them."""

    name: str
    """As a sentence names it."""


def modules_noted(view: TicketView) -> tuple[str, ...]:
    """Return the machine names that the note of a new view gives after `Modules:`."""
    return () if view.is_update else modules_in(note_of(view.head))


def rows_by_needed_module(view: TicketView) -> Mapping[str, Sequence[Entity]]:
    """Return the rows that need each module, as a sentence names it; the view before its displays."""
    rows_by_module: dict[str, list[Entity]] = {}
    table_module = _module_of_table(view)
    if table_module is not None:
        rows_by_module[module_in_sentence(table_module)] = [view.head]
    for display in displays_to_build(view):
        for module in (_module_of_plugin(display, view), _module_of_format(display)):
            if module is not None:
                rows_by_module.setdefault(module_in_sentence(module), []).append(display)
    return rows_by_module


def _module_of_table(view: TicketView) -> Module | None:
    """Return the contributed module of what a new view lists, unless a note or a module tells it."""
    if view.is_update or shipped_view_in(view) is not None or modules_noted(view):
        return None
    match base_table_of(view.head):
        case BaseTable(module=module) if not module.is_core:
            return module
        case _:
            return None


def _module_of_plugin(display: Entity, view: TicketView) -> Module | None:
    """Return the module beside Views that brings a kind of display; a note names contributed ones."""
    match plugin_of(display):
        case DisplayPlugin(module=module) if module is not modules()["views"]:
            is_told_by_note = modules_noted(view) and not module.is_core
            return None if is_told_by_note else module
        case _:
            return None


def _module_of_format(display: Entity) -> Module | None:
    """Return the module beside core that writes the format of a REST export, such as `csv`."""
    if plugin_name(display) != "rest_export":
        return None
    return bringing("formats").get(file_format_of(display))


# What follows from them.


def say(view: TicketView) -> Iterator[Claim]:
    """Say which modules have to be enabled first, and what nobody here knows the module of.

    `The base table ai_log and export_1 need the AI Logging module: enable it first.`
    """
    if is_ticket_as_shipped(view):
        return
    yield from _claim_of_noted_modules(view)
    for module, rows in rows_by_needed_module(view).items():
        yield from claims_about(
            "analysis.view_module",
            rows,
            BASE_TABLE.name,
            PLUGIN.name,
            values=[_what_needs_it(row) for row in rows],
            what=capitalised(listed([_name_in_sentence(row, view) for row in rows])),
            module=module,
        )
    yield from _claim_of_unknown_table(view)
    yield from _claims_of_unknown_plugins(view)


def _claim_of_noted_modules(view: TicketView) -> tuple[Claim, ...]:
    """Name the modules of the note, without those that another sentence names.

    `The view needs the modules Search API and knots: enable what is missing first.`
    """
    names = []
    shipped = shipped_view_in(view)
    for name in modules_noted(view):
        # The sentence about a search index names Search API.
        is_of_index = name == "search_api" and isinstance(base_table_of(view.head), SearchIndex)
        is_of_view = shipped is not None and modules().get(name) is shipped.module
        if not is_of_index and not is_of_view:
            names.append(text(label_of_module(name)))
    if not names:
        return ()
    return claims_about(
        "analysis.view_modules",
        [view.head],
        *NOTE_COLUMNS,
        of_count=len(names),
        modules=clause("modules", count=len(names), names=listed(names)),
    )


def _what_needs_it(row: Entity) -> str:
    """Return the base table or the kind of display by which a row needs a module."""
    return row.cell(BASE_TABLE.name) or row.cell(PLUGIN.name) or row.machine_name


def _name_in_sentence(row: Entity, view: TicketView) -> str:
    """Name a display, or the view by its base table."""
    if row is view.head:
        return clause("base_table", table=code(row.cell(BASE_TABLE.name)))
    return codes([row])


def _claim_of_unknown_table(view: TicketView) -> tuple[Claim, ...]:
    """Say that nobody here knows what a new view lists; its note may name the module."""
    match base_table_of(view.head):
        case UnknownTable(name) if not view.is_update and not modules_noted(view):
            return unknown_name_claim([view.head], BASE_TABLE.name, "base table", name)
        case _:
            return ()


def _claims_of_unknown_plugins(view: TicketView) -> Iterator[Claim]:
    """Say of which kinds of displays nobody here knows the module, once for each kind."""
    unknown = []
    for display in displays_to_build(view):
        if display.cell(PLUGIN.name) and isinstance(plugin_of(display), UnknownPlugin):
            unknown.append(display)
    for kind, displays in group_by(unknown, lambda row: row.cell(PLUGIN.name)).items():
        yield from unknown_name_claim(displays, PLUGIN.name, "kind of display", kind)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield the modules that the note names, then each that rows need."""
    yield StatedFact(fact=NotedModules(modules_noted(view)), rows=(view.head,))
    for module, rows in rows_by_needed_module(view).items():
        yield StatedFact(fact=NeededModule(module), rows=tuple(rows))


COUNTERPART = Counterpart(
    how=Comparison.MODULES,
    where="`dependencies` on modules beside core",
    form=r"(?:Modules: \w+(?:, \w+)*\.)?(?: ?Installed with: \w+\.)?",
)
RULE = Rule(key="view.modules", columns=(COLUMN,), facts=facts, say=say, counterpart=COUNTERPART)
