"""The modules beside core that fields and types need, by what their rows name.

Belongs here: which modules a row needs, and which type or widget no known module brings. Does not:
what modules bring (`meaning/modules_and_types`), what a row says of its type or widget (`type`,
`widget`).
"""

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
from jira_pipeline.model.entities import Entity, EntityKind

PLUGINS = (FIELD_TYPE, COLUMN.name)
"""Columns that name what core or a module brings."""


def modules_of(row: Entity) -> frozenset[str]:
    """Return the modules beside core that a row needs."""
    labels = set()
    for column in PLUGINS:
        module = plugin_modules().get(folded(row.cell(column)))
        if module is not None:
            labels.add(module.label)
    if row.kind is not EntityKind.FIELD or is_on_form(row):  # a group shows what the form has
        for column, module in bringing("columns").items():
            if row.cell(column).strip("- ") and row.flag(column) is not False:
                labels.add(module.label)
    if unknown_plugin(row):
        labels.update(map(label_of_module, modules_in(note_of(row))))
    labels.discard("")
    if PARAGRAPHS in labels:
        labels.discard(REVISIONS)
    return frozenset(labels)


def unknown_plugin(row: Entity) -> str:
    """Return the column that names a field type, else a widget, of no known module; else nothing."""
    if isinstance(field_type_of(row), UnknownType):
        return FIELD_TYPE
    if isinstance(widget_of(row), UnknownWidget):
        return COLUMN.name
    return ""
