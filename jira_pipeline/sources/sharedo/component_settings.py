"""What rows of ShareDo packages set, and what a difference of theirs means for its target.

Belongs here: cells of a row without bookkeeping, those to be found in the target (rows of sheets
have none); whether somebody has to decide about a change, and what is decided with it. Does not:
what values name (`component_use`), finding differences (`comparison`), asking
(`sources/questions/component_questions`), words (`writing/claims/components`).
"""

import re
from collections.abc import Mapping

from jira_pipeline.model.entities import Entity, EntityKind, Specification
from jira_pipeline.sources.sharedo.comparison import Outcome, is_upkeep
from jira_pipeline.sources.sharedo.component_use import is_address
from jira_pipeline.sources.sharedo.ids import is_guid
from jira_pipeline.sources.sharedo.lexicon import (
    ADDRESSES,
    AFTER,
    BEFORE,
    BUILDS,
    CHANGES,
    KNOWN_THERE,
    NEW_NAMES,
    ONCE,
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

_RIGHT = re.compile(r"SharedoTypeRolePermissions\[[^\[\]/]+ / [^\[\]/]+ / ")


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


def is_tied(change: Entity, other: Entity) -> bool:
    """Tell whether a change is decided with an item that only the target has.

    It takes a name of that item away, as a step does that no longer leads to it; or it gives the same
    right to the same role in other phases.
    """
    if change.key == other.key or not is_only_there(other):
        return False
    label = other.cell(PATH).rpartition("[")[2].removesuffix("]")
    before, after = (
        {value.rpartition(": ")[2] for value in change.cell(side).split("\n")}
        for side in (BEFORE, AFTER)
    )
    if change.cell(BEFORE) and change.cell(AFTER):
        return label in before - after
    right = _RIGHT.match(other.cell(PATH))
    is_added = not change.cell(BEFORE) and bool(change.cell(AFTER))
    return right is not None and is_added and change.cell(PATH).startswith(right[0])


def is_asked(change: Entity) -> bool:
    """Tell whether a question decides what becomes of a change."""
    is_own = MASK in change.cell(AFTER) or is_address(change.cell(PATH), change.cell(AFTER))
    return is_own or is_only_there(change) or change.cell(BEFORE).endswith(ONCE)


def is_kept(change: Entity) -> bool:
    """Tell whether each environment has a secret or address of its own, which stays as it is."""
    path, both = change.cell(PATH), (change.cell(BEFORE), change.cell(AFTER))
    return all(MASK in value for value in both) or all(is_address(path, value) for value in both)


def is_only_there(change: Entity) -> bool:
    """Tell whether a change would take an item out of the target."""
    path = change.cell(PATH)
    is_item = path.endswith("]") and not path.startswith(("Dependencies[", "Files["))
    return is_item and bool(change.cell(BEFORE)) and not change.cell(AFTER)
