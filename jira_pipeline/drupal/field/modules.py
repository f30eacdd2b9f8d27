"""The modules beside core that a row needs, of a field or of a type.

A module brings the type or the widget of a field, or does what a column of the sheet asks for, such
as field groups. What neither core nor a known module brings somebody has to look up.

Belongs here: the fact and reading it. Does not: what a ticket says of it (`bundle/modules`).

Source: `modules.toml`.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.field.type import FIELD_TYPE, UnknownType, field_type_of
from jira_pipeline.drupal.field.widget import COLUMN, UnknownWidget, is_on_form, widget_of
from jira_pipeline.drupal.meaning.modules_and_types import (
    PARAGRAPHS,
    REVISIONS,
    bringing,
    folded,
    label_of_module,
    plugin_modules,
)
from jira_pipeline.drupal.meaning.notes import modules_in
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.shared_columns import ALIAS_PATTERN
from jira_pipeline.model.entities import Entity, EntityKind

PLUGINS = (FIELD_TYPE, COLUMN.name)
"""Columns that name what core or a module brings."""
_TOKEN = re.compile(r"\[[a-z_-]+:(?P<name>[a-z_-]+)")
"""The part of a token that says what of the item it is: `group` of `[node:group:title]`."""


# The fact: which modules a row needs.


@dataclass(frozen=True, slots=True)
class KnownModules:
    """It needs these modules beside core, mostly none."""

    labels: tuple[str, ...]
    """As Extend lists them, in the order of the alphabet."""


@dataclass(frozen=True, slots=True)
class UnknownPlugin:
    """Neither core nor a known module brings its type or its widget."""

    column: str
    """That of the type, else that of the widget."""
    name: str
    labels: tuple[str, ...]
    """Of the modules that its note names, or that its other cells need."""


ModulesFact: TypeAlias = KnownModules | UnknownPlugin


def needed_modules(row: Entity) -> ModulesFact:
    """Read from the row of a field or a type which modules it needs."""
    labels = _modules_of_plugins(row) | _modules_of_columns(row)
    column = unknown_plugin(row)
    if column:
        # Nobody knows what brings the plugin; the note may say it.
        labels.update(map(label_of_module, modules_in(note_of(row))))
    labels.discard("")
    if PARAGRAPHS in labels:
        labels.discard(REVISIONS)  # Paragraphs needs it, and Drupal enables it with Paragraphs
    if column:
        return UnknownPlugin(column, name=row.cell(column), labels=tuple(sorted(labels)))
    return KnownModules(tuple(sorted(labels)))


def modules_of(row: Entity) -> frozenset[str]:
    """Return the labels of the modules beside core that a row needs, as Extend lists them."""
    return frozenset(needed_modules(row).labels)


def _modules_of_plugins(row: Entity) -> set[str]:
    """Return the labels of the modules that bring the type and the widget of a field."""
    labels: set[str] = set()
    for column in PLUGINS:
        module = plugin_modules().get(folded(row.cell(column)))
        if module is not None:
            labels.add(module.label)
    return labels


def _modules_of_columns(row: Entity) -> set[str]:
    """Return the labels of the modules that a row needs because of the columns that it fills.

    A field that no form offers has no place on it, such as a group, that such a column could set.
    """
    labels: set[str] = set()
    if row.kind is EntityKind.FIELD and not is_on_form(row):
        return labels
    for column, module in bringing("columns").items():
        is_filled = row.cell(column).strip("- ") != ""
        if is_filled and row.flag(column) is not False:
            labels.add(module.label)
    return labels | _modules_of_tokens(row)


def _modules_of_tokens(row: Entity) -> set[str]:
    """Return the labels of the modules whose tokens the address pattern of a type has."""
    names = _TOKEN.findall(row.cell(ALIAS_PATTERN.name))
    return {bringing("tokens")[name].label for name in names if name in bringing("tokens")}


def unknown_plugin(row: Entity) -> str:
    """Return the column that names a field type, else a widget, of no known module; else nothing."""
    if isinstance(field_type_of(row), UnknownType):
        return FIELD_TYPE
    if isinstance(widget_of(row), UnknownWidget):
        return COLUMN.name
    return ""
