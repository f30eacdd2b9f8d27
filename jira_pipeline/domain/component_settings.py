"""What rows of ShareDo packages say beside their keeping: values that are shown, and set by somebody.

Belongs here: both, as cells of a row; rows of sheets have none. Does not: what values name
(`component_use`), what becomes of a difference (`component_changes`).
"""

from collections.abc import Mapping

from jira_pipeline.domain.component_changes import is_asked
from jira_pipeline.domain.entities import Entity, EntityKind
from jira_pipeline.domain.secret_masking import MASK
from jira_pipeline.domain.sharedo_comparison import is_upkeep
from jira_pipeline.domain.sharedo_ids import is_guid
from jira_pipeline.domain.sharedo_words import AFTER, BEFORE, PATH

PACKAGE_KINDS = frozenset({EntityKind.COMPONENT, EntityKind.COMPONENT_ITEM})


def shown_values(row: Entity) -> Mapping[str, str]:
    """Return the values of a row without blank ones, ids, times, versions and drawings."""
    return {
        column: value
        for column, value in row.cells.items()
        if row.kind in PACKAGE_KINDS and value and not is_upkeep(column, value)
        if not is_guid(value)
    }


def settings_of(row: Entity) -> Mapping[str, str]:
    """Return the values that somebody sets and a test finds in the target.

    Of a change that is what it leads to, unless somebody has to decide; secrets are shown nowhere.
    """
    values = shown_values(row)
    if row.has_column(AFTER):
        values = {} if is_asked(row) else {AFTER: values[AFTER]} if AFTER in values else {}
    return {column: value for column, value in values.items() if MASK not in value}


def values_of(name: str, row: Entity) -> frozenset[str]:
    """Return what a row says of a setting, by its path or the end of it, in lower case.

    Of a change that is the value before and the one after it.
    """
    if row.has_column(AFTER):
        values = [row.cell(BEFORE), row.cell(AFTER)] if row.cell(PATH) == name else []
    else:
        settings = row.cells.items() if row.kind in PACKAGE_KINDS else ()
        values = [value for path, value in settings if f".{path}".endswith(f".{name}")]
    return frozenset(value.casefold() for value in values)
