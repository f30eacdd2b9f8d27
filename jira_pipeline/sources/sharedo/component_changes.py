"""What one difference of a ShareDo component between two environments means for its target.

Belongs here: whether somebody has to decide about a change, and what is decided with it. Does not:
finding differences (`comparison`), asking (`sources/questions`), or words (`writing`).
"""

import re

from jira_pipeline.model.entities import Entity
from jira_pipeline.sources.sharedo.component_use import is_address
from jira_pipeline.sources.sharedo.lexicon import AFTER, BEFORE, ONCE, PATH
from jira_pipeline.sources.sharedo.secret_masking import MASK

_RIGHT = re.compile(r"SharedoTypeRolePermissions\[[^\[\]/]+ / [^\[\]/]+ / ")


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
