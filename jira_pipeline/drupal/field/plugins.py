"""The field types and widgets that core and known modules bring, by what sheets call them.

Belongs here: which field types a word may mean, which of them a widget edits, what nobody here
knows. Does not: what the row of one field says (`type`, `widget`).
"""

from functools import cache

from jira_pipeline.drupal.meaning.modules_and_types import (
    facts_of,
    folded,
    names_of,
    plugin_modules,
    types_in,
    types_meant,
)
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import SessionRows
from jira_pipeline.model.entities import THERE, EntityKind


def is_known_type(word: str) -> bool:
    """Tell whether a word is a field type of core or of a known module, or several of them."""
    name = folded(word)
    return name in types_meant() or name in _known_beside_core()


def is_known_widget(word: str) -> bool:
    """Tell whether a word is a widget of core or of a known module, or says that there is none."""
    name = folded(word)
    return name in names_of("widgets_of_core") or name in _known_beside_core()


@cache
def _known_beside_core() -> frozenset[str]:
    """Return the folded names of plugins of modules, and what says that there is no plugin."""
    nothing_stored = names_of("base_fields", "types") | names_of("types_without_value")
    return nothing_stored | names_of("disabled_widgets") | plugin_modules().keys()


@cache
def types_edited_by(widget: str) -> frozenset[str]:
    """Return the folded field types that a widget edits; empty for a widget that is not listed.

    Source: core `@FieldWidget` annotations, as `widgets` of `drupal.toml` lists them.
    """
    for name in facts_of("widgets"):
        if folded(name) == folded(widget):
            return types_in("widgets", name)
    return frozenset()


@once_per_session
def plugins_on_site(session: SessionRows) -> frozenset[str]:
    """Return the cells of types and widgets of fields that the site has: something brings these."""
    names: set[str] = set()
    for row in session.specification.by_kind[EntityKind.FIELD]:
        if row.status in THERE:
            names |= {row.cell("Field type"), row.cell("Form widget")}
    return frozenset(names)
