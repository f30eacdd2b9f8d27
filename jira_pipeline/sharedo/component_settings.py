"""What rows of ShareDo packages set, for checks of tickets and for what a model reads and says.

Belongs here: cells of a row without bookkeeping, those to be found in the target (rows of sheets
have none). Does not: finding differences (`comparison`), claims (`tickets/claims/lists`).
"""

from collections.abc import Mapping

from jira_pipeline.model.entities import Entity, EntityKind, Specification
from jira_pipeline.sharedo.comparison import Outcome, is_address, is_upkeep
from jira_pipeline.sharedo.ids import is_guid
from jira_pipeline.sharedo.lexicon import (
    AFTER,
    BEFORE,
    CHANGES,
    OUTCOME,
    PATH,
    TARGET,
    WANTED_AS_IN,
    section_of,
)
from jira_pipeline.sharedo.secret_masking import MASK

PACKAGE_KINDS = frozenset({EntityKind.COMPONENT, EntityKind.COMPONENT_ITEM})
_OF_COMPARISON = frozenset({OUTCOME, WANTED_AS_IN, TARGET})


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

    Of a change that is the one it leads to; of what only the target has, of secrets and of what
    an environment has of its own, none.
    """
    owner = specification.by_key.get(row.owner_key or row.key, (row,))[0]
    shown = shown_values(row)
    if owner.cell(OUTCOME) == Outcome.REMOVED:
        return {}
    if is_change(row):
        after = shown.get(AFTER, "")
        is_own = MASK in after or is_address(row.cell(PATH), after)
        return {AFTER: after} if after and not is_own else {}
    return {c: v for c, v in shown.items() if MASK not in v and c not in _OF_COMPARISON}


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
