"""Which sheet one may be whose headers nobody knows, and what its headers would mean then.

Belongs here: the proposal. Does not: what cells look like (`column_contents`), how it is said to
people and what else a sheet lacks (`missing_columns`). Nothing is read by a proposal.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.model.columns import Holds
from jira_pipeline.model.entities import EntityKind, SourceTable, sheet_title
from jira_pipeline.sources.sheets.reading.column_contents import (
    LOOSE_SORTS,
    Cells,
    cells_below,
    paired,
    worth_of,
)
from jira_pipeline.sources.sheets.reading.sheets import SHEET_RULES, SheetRule, is_named

_OF_MANY_SHEETS = frozenset({Holds.STATUS, Holds.MACHINE_NAME, Holds.FLAG, *LOOSE_SORTS})
_MARKS: Mapping[EntityKind, re.Pattern[str]] = {
    EntityKind.USER_ROLE: re.compile(r"anonymous|authenticated|administrator|content_editor"),
    EntityKind.IMAGE_STYLE: re.compile(r"\d+[x×]\d+\b.*|thumbnail|medium|large|wide"),
    EntityKind.RESPONSIVE_IMAGE_STYLE: re.compile(r".*\b1x?, .*\b\d(\.\d)?x\b.*", re.DOTALL),
    EntityKind.WORKFLOW_STATE: re.compile(r"draft|published|archived"),
    EntityKind.WORKFLOW_TRANSITION: re.compile(r"draft|published|archived", re.IGNORECASE),
}
"""Cells that show a sheet whose columns have the shape of others, where its name does not.

Source: what Drupal core installs of that kind, multipliers of breakpoints, sizes of images.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A kind of sheet that one may be."""

    rule: SheetRule
    columns: Mapping[str, int]
    """Columns and the position of the header that may mean each."""
    worth: int


def guesses_of(table: SourceTable, *, besides: Collection[EntityKind]) -> tuple[Guess, ...]:
    """Return the kinds of sheet that an unrecognised one fits best; none where it fits none.

    Several where nothing tells them apart: image styles and roles look alike. `besides` are the
    kinds that the folder has already.
    """
    cells = [cells_below(table, position) for position in range(len(table.columns))]
    rules = [rule for rule in SHEET_RULES if rule.kind not in besides]
    found = [guess for rule in rules if (guess := _guess(rule, table, cells)) is not None]
    most = max((guess.worth for guess in found), default=0)
    return tuple(guess for guess in found if guess.worth == most)


def _guess(rule: SheetRule, table: SourceTable, cells: Sequence[Cells]) -> Guess | None:
    """Pair the headers with the columns of a kind; None where that is not what the sheet is."""
    usual = [(name, rule.columns[name].holds) for name in rule.template]
    known = {name: table.columns.index(name) for name, _ in usual if name in table.columns}
    free = [p for p in range(len(cells)) if p not in known.values()]
    columns = [(name, sort) for name, sort in usual if name not in known]
    pairs = paired(columns, [cells[p] for p in free])
    found = known | {name: free[at] for name, at in pairs.items()}
    if not any(found.keys() >= {*signature, *rule.required} for signature in rule.signatures):
        return None
    mark = _MARKS.get(rule.kind)
    is_marked = is_named(rule, sheet_title(table.file.name)) or (
        mark is not None and any(mark.fullmatch(c) for below in cells for c in below.words)
    )
    sorts = {sort for name, sort in usual if name in found}
    if not is_marked and sorts <= _OF_MANY_SHEETS:
        return None
    return Guess(
        rule=rule,
        columns={name: at for name, at in found.items() if name not in known},
        worth=sum(worth_of(sort) for name, sort in usual if name in found) + is_marked,
    )
