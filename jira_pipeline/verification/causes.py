"""What explains the rows of a verification that are not met: a key, a file, a pattern of keys.

Belongs here: putting such rows under one cause, in words, the widest causes first. Does not: the
verdict on a row (`rows`), reports (`reports`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TypeAlias

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
_Statement: TypeAlias = tuple[str, ...]
"""What a cell says, in parts: kind and column, then the cell, then what the site has there."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """A row that is not met; of one that differs, the cell."""

    compared: ComparedRow
    yaml: str
    cell: VerifiedCell | None = None
    change: _Statement = ()
    """What of it is the same everywhere."""

    @property
    def changes(self) -> tuple[tuple[_Statement, _Statement], ...]:
        """What may differ alike elsewhere, each after what could: all cells, or those that say so."""
        if self.cell is None:
            return ()
        there = (*self.cell.only_site, "", *self.cell.only_sheet)
        if there == ("",):  # no list
            there = (plain(self.cell.site),)
        return tuple((of, (*of, *there)) for of in _statements(self.compared, self.cell))


@dataclass(frozen=True, slots=True)
class _CauseInOrder:
    """A cause, and what puts it in its place."""

    cause: Cause
    is_wide: bool
    is_wording: bool

    @property
    def order(self) -> tuple[bool, bool, int, int, str]:
        place = _VERDICTS_IN_ORDER.index(self.cause.verdict)
        return (
            not self.is_wide,
            self.is_wording,
            place,
            -len(self.cause.rows),
            self.cause.yaml,
        )


def explained(
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

    def explaining(failure: _Failure) -> tuple[str, _Statement]:
        key = failure.yaml if failure.change else places[failure.yaml]
        return key, failure.change

    causes = []
    for (yaml, _), failing in group_by(failures, explaining).items():
        causes.append(_cause_in_order(_cause(yaml, failing), failing, tickets))
    causes.sort(key=lambda each: each.order)
    return tuple(each.cause for each in causes)


def _cause_in_order(
    cause: Cause, failing: Sequence[_Failure], tickets: Mapping[tuple[str, int], int]
) -> _CauseInOrder:
    """Say of a cause that differs in many tickets in how many."""
    touched = {tickets.get((row.file, row.line)) for row in cause.rows} - {None}
    is_wide = cause.verdict is Verdict.DIFFERS and len(touched) >= TICKETS_MANY
    if is_wide:
        cause = replace(cause, sentence=f"In {len(touched)} tickets: {cause.sentence}")
    is_wording = all(f.cell is not None and f.cell.is_wording for f in failing)
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
    """Yield what is missing under its missing owner or storage; what is left over likewise."""
    verified = {each.row.key: each.verified for each in compared}
    for each in compared:
        own = each.verified
        if own.verdict is Verdict.DIFFERS:
            for cell in own.differing:
                yield _Failure(each, cell.yaml, cell)
        elif own.verdict in {Verdict.MISSING, Verdict.LEFT_OVER}:
            owner = verified.get(each.row.owner_key or "")
            storage = storage_of(own.yaml)
            if owner is not None and owner.verdict is own.verdict:
                yield _Failure(each, owner.yaml)
            elif own.verdict is Verdict.MISSING and storage and storage not in names:
                yield _Failure(each, f"{storage}.yml")
            else:
                yield _Failure(each, own.yaml)


def _patterns_of_changes(
    failures: Sequence[_Failure], compared: Sequence[ComparedRow]
) -> Mapping[_Statement, str]:
    """Return the patterns of keys of what differs alike everywhere, by what the site has there.

    The site has the same, or the same more and less of a list, wherever a column is filled, or
    wherever it is filled so.
    """
    counts: Counter[_Statement] = Counter()
    for each in compared:
        for cell in each.verified.cells:
            if cell.verdict is not Verdict.NOT_COMPARABLE:
                counts.update(_statements(each, cell))
    keys_by_change: dict[tuple[_Statement, _Statement], list[str]] = defaultdict(list)
    for failure in failures:
        for of_and_change in failure.changes:
            keys_by_change[of_and_change].append(failure.yaml)
    patterns = {}
    for (of, change), keys in keys_by_change.items():
        if len(set(keys)) >= ALIKE_KEYS and len(keys) >= ALIKE_SHARE * counts[of]:
            patterns[change] = _pattern_of(keys)
    return patterns


def _under_pattern(failure: _Failure, patterns: Mapping[_Statement, str]) -> _Failure:
    """Put a failure under the first pattern that it is one of."""
    for _, change in failure.changes:
        if change in patterns:
            return replace(failure, yaml=patterns[change], change=change)
    return failure


def _statements(compared: ComparedRow, cell: VerifiedCell) -> tuple[_Statement, ...]:
    """Return what a cell is one of: the cells of its column, and those that say the same."""
    of_column = (compared.row.kind.value, cell.column)
    return of_column, (*of_column, plain(cell.sheet))


def _pattern_of(keys: Sequence[str]) -> str:
    """Return what keys have in common at both ends, by parts: `field.field.*:required`."""
    files = [key.partition(".yml")[0].split(".") for key in keys]
    shared = [parts[0] for parts in zip(*files, strict=False) if len(set(parts)) == 1]
    begin = ".".join([*shared[:2], "*"])
    ends = {key.partition(".yml")[2] for key in keys}
    end = ends.pop() if len(ends) == 1 else ""
    return f"{begin}.yml{end}"


def _cause(yaml: str, failing: Sequence[_Failure]) -> Cause:
    """Say what is missing, still there or differs, first what most rows follow from."""
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
    cells = [failure.cell for failure in failing if failure.cell is not None]
    columns = ", ".join(dict.fromkeys(cell.column for cell in cells))
    whose = f"{name} and {others} more" if others else name
    is_example = len({(cell.sheet, cell.site) for cell in cells}) > 1
    such = "such as " if is_example else ""
    return f"{columns} of {whose}: {such}{difference(first)}."


def _name_of(row: Entity) -> str:
    """Name a row with what it belongs to: `field Hull of Boat (Content type)`."""
    name = f"{NOUNS[row.kind]} {row.label}"
    if row.cell(FROM_STATE):
        name += f" from {row.cell(FROM_STATE)}"
    for column in ("Bundle", "View", "Workflow"):
        if row.cell(column):
            return f"{name} of {row.cell(column)}"
    return name
