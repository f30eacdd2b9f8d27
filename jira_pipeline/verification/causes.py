"""What explains the rows of a verification that are not met: a key, a file, a pattern of keys.

Belongs here: putting such rows under one cause, in words, the widest causes first. Does not: the
verdict on a row (`rows`), reports (`reports`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import NamedTuple

from jira_pipeline.drupal.meaning.modules_and_types import NOUNS
from jira_pipeline.drupal.site.configuration import storage_of
from jira_pipeline.drupal.site.site_cells import plain
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.site_verifications import Cause, Verdict, VerifiedCell
from jira_pipeline.verification.reports import difference
from jira_pipeline.verification.rows import ComparedRow
from jira_pipeline.verification.site_lookup import FROM_STATE

ALIKE_KEYS = 10
"""So many keys that differ alike make a pattern: that was one decision."""
ALIKE_SHARE = 0.9
"""So many of the cells that could differ alike have to do so."""
TICKETS_MANY = 5
"""A cause that touches so many tickets is told first."""
_VERDICTS_IN_ORDER = (Verdict.DIFFERS, Verdict.LEFT_OVER, Verdict.MISSING)
"""Of causes that touch few tickets."""


class _CellsAlike(NamedTuple):
    """The filled cells of a column, or those of them with the same text."""

    kind: str
    column: str
    text: str | None = None
    """None: whatever they say."""


class _Change(NamedTuple):
    """How a cell differs from the site, said without its row: other cells may differ so too."""

    cells: _CellsAlike
    """The cells that could differ in this way."""
    site_text: str
    """Empty where the cell is a list."""
    only_site: tuple[str, ...]
    only_sheet: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Failure:
    """A row that is not met, and where; a row that differs fails once for each such cell."""

    compared: ComparedRow
    yaml: str
    """File of the configuration and key; a pattern of keys once it is put under one."""
    cell: VerifiedCell | None = None
    """The cell that differs; None of a row that is missing or left over."""
    change: _Change | None = None
    """The change of the pattern that the failure was put under."""

    def changes(self) -> Iterator[_Change]:
        """Yield how the cell differs: for all cells of its column, and for those with its text."""
        if self.cell is None:
            return
        is_list = bool(self.cell.only_site or self.cell.only_sheet)
        site_text = "" if is_list else plain(self.cell.site)
        for cells in _cells_alike(self.compared, self.cell):
            yield _Change(cells, site_text, self.cell.only_site, self.cell.only_sheet)


@dataclass(frozen=True, slots=True)
class _CauseInOrder:
    """A cause, and what puts it in its place."""

    cause: Cause
    is_wide: bool
    is_wording: bool

    @property
    def order(self) -> tuple[bool, bool, int, int, str]:
        """What causes are sorted by: wide ones first, wordings last, then by verdict and by count of rows."""
        place = _VERDICTS_IN_ORDER.index(self.cause.verdict)
        return (
            not self.is_wide,
            self.is_wording,
            place,
            -len(self.cause.rows),
            self.cause.yaml,
        )


def causes_of(
    compared: Sequence[ComparedRow], names: Collection[str], tickets: Mapping[tuple[str, int], int]
) -> tuple[Cause, ...]:
    """Return what explains the rows that are not met.

    `names` are those of the objects of the site, `tickets` the numbers of tickets by file and line.
    What touches many tickets comes first, then what differs, is left over and is missing; each by
    count of rows; what differs in wordings alone comes last.
    """
    failures = list(_failures(compared, names))
    if len(failures) >= ALIKE_KEYS:
        patterns = _patterns_of_changes(failures, compared)
        failures = [_under_pattern(failure, patterns) for failure in failures]
    keys = sorted({f.yaml for f in failures if f.cell is None or ":" in f.yaml})
    places = {f.yaml: _only_place(_containing_key(f.yaml, keys), names) for f in failures}

    def place_and_change(failure: _Failure) -> tuple[str, _Change | None]:
        if failure.change is not None:
            return failure.yaml, failure.change
        return places[failure.yaml], None

    causes = []
    for (yaml, _), failing in group_by(failures, place_and_change).items():
        causes.append(_cause_in_order(_cause(yaml, failing), failing, tickets))
    causes.sort(key=lambda in_order: in_order.order)
    return tuple(in_order.cause for in_order in causes)


def _cause_in_order(
    cause: Cause, failing: Sequence[_Failure], tickets: Mapping[tuple[str, int], int]
) -> _CauseInOrder:
    """Return a cause with its place; where many tickets differ, its sentence says in how many."""
    places = [(row.file, row.line) for row in cause.rows]
    touched = {tickets[place] for place in places if place in tickets}
    is_wide = cause.verdict is Verdict.DIFFERS and len(touched) >= TICKETS_MANY
    if is_wide:
        cause = replace(cause, sentence=f"In {len(touched)} tickets: {cause.sentence}")
    cells = [failure.cell for failure in failing]
    is_wording = all(cell is not None and cell.is_wording for cell in cells)
    return _CauseInOrder(cause, is_wide, is_wording)


def _containing_key(key: str, keys: Sequence[str]) -> str:
    """Return the first of these keys that holds a key, such as a list and one part of it.

    A pattern is held by the one file that is missing, or the one key, that it stands for: a type is
    in no workflow any more, and one workflow has lost it.
    """
    file, _, path = key.partition(":")
    holding = []
    for other in keys:
        of_file, _, of_path = other.partition(":")
        is_above = not of_path or path.startswith(f"{of_path}.")
        if other != key and is_above and fnmatchcase(of_file, file):
            holding.append(other)
    if len(holding) == 1 or (holding and "*" not in file):
        return holding[0]
    return key


def _only_place(key: str, names: Collection[str]) -> str:
    """Return the place that a pattern stands for where the site has one such file, else the pattern."""
    file, separator, path = key.partition(":")
    if "*" not in file:
        return key
    matching = [name for name in names if fnmatchcase(f"{name}.yml", file)]
    return f"{matching[0]}.yml{separator}{path}" if len(matching) == 1 else key


def _failures(compared: Sequence[ComparedRow], names: Collection[str]) -> Iterator[_Failure]:
    """Yield the failures of all rows, each with the file or key that it is put down to.

    A row that is missing is put down to its bundle, view or workflow where that is missing too, else
    to the storage of its field where the site lacks it. One that is left over likewise.
    """
    verified_by_key = {compared_row.row.key: compared_row.verified for compared_row in compared}
    for compared_row in compared:
        verified = compared_row.verified
        if verified.verdict is Verdict.DIFFERS:
            for cell in verified.differing:
                yield _Failure(compared_row, cell.yaml, cell)
        elif verified.verdict in {Verdict.MISSING, Verdict.LEFT_OVER}:
            owner = verified_by_key.get(compared_row.row.owner_key or "")
            storage = storage_of(verified.yaml)
            if owner is not None and owner.verdict is verified.verdict:
                yield _Failure(compared_row, owner.yaml)
            elif verified.verdict is Verdict.MISSING and storage and storage not in names:
                yield _Failure(compared_row, f"{storage}.yml")
            else:
                yield _Failure(compared_row, verified.yaml)


def _patterns_of_changes(
    failures: Sequence[_Failure], compared: Sequence[ComparedRow]
) -> Mapping[_Change, str]:
    """Return the pattern of keys of each change that nearly all cells have which could.

    Such as: all fields of the sheets are required, and on the site none is.
    """
    counts: Counter[_CellsAlike] = Counter()
    for compared_row in compared:
        for cell in compared_row.verified.cells:
            if cell.verdict is not Verdict.NOT_COMPARABLE:
                counts.update(_cells_alike(compared_row, cell))
    keys_by_change: dict[_Change, list[str]] = defaultdict(list)
    for failure in failures:
        for change in failure.changes():
            keys_by_change[change].append(failure.yaml)
    patterns = {}
    for change, keys in keys_by_change.items():
        is_everywhere = len(keys) >= ALIKE_SHARE * counts[change.cells]
        if is_everywhere and len(set(keys)) >= ALIKE_KEYS:
            patterns[change] = _pattern_of(keys)
    return patterns


def _under_pattern(failure: _Failure, patterns: Mapping[_Change, str]) -> _Failure:
    """Return a failure with the pattern of the first of its changes that has one."""
    for change in failure.changes():
        if change in patterns:
            return replace(failure, yaml=patterns[change], change=change)
    return failure


def _cells_alike(compared: ComparedRow, cell: VerifiedCell) -> tuple[_CellsAlike, _CellsAlike]:
    """Return the two sets of cells that a cell is in: its column, and its column with its text."""
    kind = compared.row.kind.value
    return _CellsAlike(kind, cell.column), _CellsAlike(kind, cell.column, plain(cell.sheet))


def _pattern_of(keys: Sequence[str]) -> str:
    """Return what keys have in common at both ends, by parts: `field.field.*.yml:required`."""
    files = []
    ends = set()
    for key in keys:
        file, _, end = key.partition(".yml")
        files.append(file.split("."))
        ends.add(end)
    shared = [parts[0] for parts in zip(*files, strict=False) if len(set(parts)) == 1]
    begin = ".".join(shared[:2])
    end = ends.pop() if len(ends) == 1 else ""
    return f"{begin}.*.yml{end}" if begin else f"*.yml{end}"


def _cause(yaml: str, failing: Sequence[_Failure]) -> Cause:
    """Return the cause of failures, in the words of the first: what is missing goes before the rest."""
    order = (Verdict.MISSING, Verdict.LEFT_OVER, Verdict.DIFFERS)
    first = min(failing, key=lambda failure: order.index(failure.compared.verified.verdict))
    verdict = first.compared.verified.verdict
    rows = tuple(dict.fromkeys(failure.compared.verified.place for failure in failing))
    name = _name_of(first.compared.row)
    others = len(rows) - 1
    if verdict is Verdict.DIFFERS and first.cell is not None:
        sentence = _sentence_of_differing(name, others, first.cell, failing)
    else:
        state = "is missing" if verdict is Verdict.MISSING else "still exists"
        sentence = f"The {name} {state}."
        if others:
            sentence += f" Rows below it: {others}."
    return Cause(yaml=yaml, verdict=verdict, sentence=sentence, rows=rows)


def _sentence_of_differing(
    name: str, others: int, first: VerifiedCell, failing: Sequence[_Failure]
) -> str:
    """Say which columns differ of how many rows, and how, by the first: `Required of field Hull: …`."""
    columns = []
    sides = set()
    for failure in failing:
        cell = failure.cell
        if cell is not None:
            columns.append(cell.column)
            sides.add((cell.sheet, cell.site))
    unique_columns = ", ".join(dict.fromkeys(columns))
    rows = f"{name} and {others} more" if others else name
    such_as = "such as " if len(sides) > 1 else ""
    return f"{unique_columns} of {rows}: {such_as}{difference(first)}."


def _name_of(row: Entity) -> str:
    """Name a row with what it belongs to: `field Hull of Boat (Content type)`."""
    name = f"{NOUNS[row.kind]} {row.label}"
    if row.cell(FROM_STATE):
        name += f" from {row.cell(FROM_STATE)}"
    for column in ("Bundle", "View", "Workflow"):
        if row.cell(column):
            return f"{name} of {row.cell(column)}"
    return name
