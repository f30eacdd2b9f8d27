"""What rows of ShareDo packages set: values without bookkeeping, those to be found in the target.

Belongs here: both, as cells of a row; rows of sheets have none. Does not: what values name
(`component_use`), what becomes of a difference (`component_changes`).
"""

from collections.abc import Mapping

from jira_pipeline.model.entities import Entity, EntityKind, Specification
from jira_pipeline.sources.sharedo.comparison import Outcome, is_upkeep
from jira_pipeline.sources.sharedo.component_changes import is_asked
from jira_pipeline.sources.sharedo.ids import is_guid
from jira_pipeline.sources.sharedo.lexicon import (
    ADDRESSES,
    AFTER,
    BEFORE,
    BUILDS,
    CHANGES,
    KNOWN_THERE,
    NEW_NAMES,
    OUTCOME,
    PATH,
    TARGET,
    USED_THERE,
    WANTED_AS_IN,
    section_of,
)
from jira_pipeline.sources.sharedo.secret_masking import MASK

PACKAGE_KINDS = frozenset({EntityKind.COMPONENT, EntityKind.COMPONENT_ITEM})
_OF_COMPARISON = frozenset(
    {OUTCOME, WANTED_AS_IN, TARGET, BUILDS, ADDRESSES, KNOWN_THERE, NEW_NAMES, USED_THERE}
)


def is_change(row: Entity) -> bool:
    """Tell whether a row is a difference between two environments."""
    return row.kind is EntityKind.COMPONENT_ITEM and section_of(row) == CHANGES


def shown_values(row: Entity) -> Mapping[str, str]:
    """Return the values of a row without blank ones, ids, times, versions and drawings."""
    return {
        column: value
        for column, value in row.cells.items()
        if row.kind in PACKAGE_KINDS and value and not is_upkeep(column, value)
        if not is_guid(value)
    }


def settings_of(row: Entity, specification: Specification) -> Mapping[str, str]:
    """Return the values that the target has once a ticket is done, whatever people decide.

    Of a change that is the one it leads to; of what only the target has, and of secrets, none.
    """
    owner = specification.by_key.get(row.owner_key or row.key, (row,))[0]
    if owner.cell(OUTCOME) == Outcome.REMOVED or (is_change(row) and is_asked(row)):
        return {}
    return {
        column: value
        for column, value in shown_values(row).items()
        if MASK not in value and column not in _OF_COMPARISON
        if column == AFTER or not is_change(row)
    }


def values_of(name: str, row: Entity) -> frozenset[str]:
    """Return what a row says of a setting, by its path or the end of it, in lower case.

    Of a change that is the value before and the one after it.
    """
    if is_change(row):
        values = [row.cell(BEFORE), row.cell(AFTER)] if row.cell(PATH) == name else []
    else:
        settings = row.cells.items() if row.kind in PACKAGE_KINDS else ()
        values = [value for path, value in settings if f".{path}".endswith(f".{name}")]
    return frozenset(value.casefold() for value in values)
