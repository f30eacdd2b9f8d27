"""What the sheets of a workbook list, found by name, machine name or code.

Belongs here: a row as the thing that it lists, which one a name means, what completes it. Does not:
which tables say more of it (`completed_things`, `role_matrices`), what fields take from others
(`completed_fields`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.model.columns import (
    MACHINE_NAME_COLUMN,
    NOTE_COLUMNS,
    STATUS_COLUMN,
    Role,
    columns_of,
    label_column_of,
)
from jira_pipeline.model.entities import (
    TO_BUILD,
    BundleType,
    EntityKind,
    SourceRow,
    SourceTable,
    containing_file,
)
from jira_pipeline.model.grouped import grouped
from jira_pipeline.sheets.reading.cells import says_nothing, status_spelled
from jira_pipeline.sheets.reading.labels import (
    bundle_label,
    bundle_type_of,
    bundle_type_within,
    folded,
    split_bundle_label,
    split_names,
)
from jira_pipeline.sheets.reading.sheet_kinds import SheetRule, rule_of

_PLURAL_MIN = 4
"""`New` is no `News`."""
_NAME_WORDS = 4
"""So many words may be a name that no sheet has."""
_BETWEEN_TARGETS = re.compile(r" ?[/&+|·•] ?| (?:and|or) ")
LISTED = frozenset({EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.USER_ROLE})


@dataclass(frozen=True, slots=True)
class Thing:
    """A row that lists something."""

    table: SourceTable
    row: SourceRow
    cells: dict[str, str]
    """By column; what completes the row is among them."""

    @property
    def is_to_build(self) -> bool:
        """Its ticket builds it."""
        return status_spelled(self.cells.get(STATUS_COLUMN, "")) in {None, *TO_BUILD}


class Things:
    """What the sheets read so far list, by machine name and by label."""

    def __init__(self, tables: Iterable[SourceTable] = ()) -> None:
        self._unread = grouped(tables, lambda table: table.file.sheet)
        """By kind, until somebody looks for one of it: most steps ask for few kinds, or none."""
        self._named = defaultdict[tuple[EntityKind, str, str], list[Thing]](list)
        self.completed: dict[int, dict[str, str]] = {}
        """New cells of rows, by `id`."""

    def add(self, table: SourceTable) -> None:
        self._unread.setdefault(table.file.sheet, []).append(table)

    def _called(self, kind: EntityKind, column: str, name: str) -> Sequence[Thing]:
        """Return the rows of a kind whose cell in a column is that name, in any letters."""
        naming = {"ID", MACHINE_NAME_COLUMN, label_column_of(kind) or ""}
        for table in self._unread.pop(kind, ()):
            for row in table.rows:
                thing = Thing(table, row, dict(zip(table.columns, row.cells, strict=True)))
                for each in naming & thing.cells.keys():
                    self._named[kind, each, folded(thing.cells[each])].append(thing)
        return () if not name or name.isdecimal() else self._named.get((kind, column, name), ())

    def found(
        self, rule: SheetRule, cells: Mapping[str, str], *, of: str | None = None
    ) -> Thing | None:
        """Return the one of the first table, or file, with the machine name of cells, else their label."""
        wanted = bundle_type_of(cells.get("Type", ""))
        for column in (MACHINE_NAME_COLUMN, rule.label_column):
            alike = self._called(rule.kind, column, folded(cells.get(column, "")))
            types = ((each, each.cells.get("Type")) for each in alike)
            same = [
                each
                for each, own in types
                if wanted is None or own is None or bundle_type_of(own) is wanted
                if of in {None, containing_file(each.table.file.name)}
            ]
            count = Counter(id(each.table) for each in same)
            if found := next((each for each in same if count[id(each.table)] == 1), None):
                return found
        return None

    def bundle(self, name: str, bundle_type: BundleType | None) -> Thing | None:
        """Return the one of a name or machine name, of a type, or of any."""
        cells = {"Type": bundle_type or "", "Name": name, MACHINE_NAME_COLUMN: name}
        rule = rule_of(EntityKind.BUNDLE)
        return self.found(rule, cells) if rule and name else None

    def targets(self, cell: str, type_text: str, *, is_sure: bool = False) -> str:
        """Return the labels of the bundles that a cell names; empty where a name is of none, or of several.

        Of two types with one name it is the one that the type of the field has a word of, else the one
        of the other names. Where a cell `is_sure` to name bundles, an unknown name stands for itself.
        """
        of_type, _, names = cell.partition(":")
        listed = [*split_names(names if bundle_type_of(of_type) else cell)]
        wanted = bundle_type_within(type_text)
        if wanted is None:
            others = {split_bundle_label(self._label_of(name, None))[1] for name in listed} - {None}
            wanted = others.pop() if len(others) == 1 else None
        found = list[str]()
        for name in listed:
            each = [name] if self._label_of(name, wanted) else _BETWEEN_TARGETS.split(name)
            parts = [self._label_of(part, wanted) for part in each]
            is_name = is_sure and len(name.split()) <= _NAME_WORDS
            found += parts if all(parts) or not is_name else [name]
        return ", ".join(dict.fromkeys(found)) if all(found) else ""

    def _label_of(self, text: str, wanted: BundleType | None) -> str:
        name, of_name = split_bundle_label(text.strip(" .").removesuffix(" only"))
        labels = {
            bundle_label(own.get("Name", name), own.get("Type", "")): bundle_type_of(
                own.get("Type", "")
            )
            for column in ("ID", MACHINE_NAME_COLUMN, "Name")
            for each in (folded(name), folded(name).removesuffix("s"), f"{folded(name)}s")
            if each == folded(name) or len(name) >= _PLURAL_MIN
            for thing in self._called(EntityKind.BUNDLE, column, each)
            for own in (thing.cells,)
        }
        typed = [label for label, of in labels.items() if of is (of_name or wanted)]
        return typed[0] if len(typed) == 1 else next(iter(labels)) if len(labels) == 1 else ""

    def note(self, thing: Thing, text: str) -> None:
        """Add a line to the notes of a thing."""
        columns = columns_of(thing.table.file.sheet)
        self.complete(thing, {next(c.name for c in columns if c.role is Role.NOTE): text})

    def complete(self, thing: Thing, cells: Mapping[str, str]) -> None:
        """Give a thing the cells that its row leaves blank, and further notes."""
        own = {n: cell for n, cell in thing.cells.items() if not says_nothing(cell)}
        new = {n: c for n, c in cells.items() if n not in own}
        new |= {n: f"{own[n]}\n{cells[n]}" for n in NOTE_COLUMNS if cells.get(n) and n in own}
        thing.cells.update(new)
        self.completed.setdefault(id(thing.row), {}).update(new)
