"""Why rows are not met, once each, and what nobody but a person can say of the rest.

Belongs here: putting rows under what explains them, one key of the configuration or one thing that
is not there; asking once for each name that is no row, with the bundle of the site that it may be;
proposing an alias where a spelling always stands beside one value. Does not: comparing
(`compared_cells`), the verdicts (`rows`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TypeAlias

from jira_pipeline.drupal.configuration.configuration import storage_of
from jira_pipeline.drupal.configuration.site import Site, plain
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS
from jira_pipeline.model.entities import BundleType, Entity, EntityKind
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.site_verifications import (
    Cause,
    CitedRow,
    ProposedAlias,
    UnresolvedName,
    Verdict,
    VerifiedCell,
)
from jira_pipeline.sheets.reading.labels import split_bundle_label
from jira_pipeline.verification.compared_cells import UNKNOWN_SPELLING
from jira_pipeline.verification.names import is_id
from jira_pipeline.verification.reports import difference
from jira_pipeline.verification.rows import ComparedRow

ALIKE_KEYS, ALIKE_SHARE = 10, 0.9
"""So many keys, and so many of the cells that could, differ alike: that was one decision."""

_Statement: TypeAlias = tuple[str, ...]

TICKETS_MANY = 5
"""A cause that touches so many tickets is told first."""
ALIAS_ROWS = 3
"""So many rows show a spelling beside one value before it is proposed as an alias."""
_SHARED_FIELDS, _SHARED_SHARE = 2, 0.5
"""So many fields, and so many of its fields, are in a bundle that a name may stand for."""


@dataclass(frozen=True, slots=True)
class _Failing:
    """A row that is not met; of one that differs, the cell."""

    compared: ComparedRow
    yaml: str
    cell: VerifiedCell | None = None
    alike: _Statement = ()
    """What of it is the same everywhere."""

    @property
    def changes(self) -> tuple[tuple[_Statement, _Statement], ...]:
        """What may differ alike elsewhere, each after what could: all cells, or those that say so."""
        if self.cell is None:
            return ()
        apart = (*self.cell.only_site, "", *self.cell.only_sheet)
        there = (plain(self.cell.site),) if apart == ("",) else apart
        return tuple((of, (*of, *there)) for of in _stated(self.compared, self.cell))


def explained(
    compared: Sequence[ComparedRow], names: Collection[str], tickets: Mapping[tuple[str, int], int]
) -> tuple[Cause, ...]:
    """Return what explains the rows that are not met.

    `names` are those of the objects of the site, `tickets` the numbers of tickets by file and line.
    What touches many tickets comes first, then what differs, is left over and is missing; each by
    count of rows; what differs in wordings alone comes last.
    """
    failing = tuple(_failing(compared, names))
    patterns = _alike(failing, compared) if len(failing) >= ALIKE_KEYS else {}
    differing = tuple(_with_pattern(each, patterns) for each in failing)
    keys = sorted({each.yaml for each in differing if each.cell is None or ":" in each.yaml})
    groups = grouped(differing, lambda e: (e.yaml if e.alike else _whole_of(e.yaml, keys), e.alike))
    causes = []
    for (yaml, _), group in groups.items():
        cause = _cause(yaml, group)
        touched = {tickets.get((row.file, row.line)) for row in cause.rows} - {None}
        is_wide = cause.verdict is Verdict.DIFFERS and len(touched) >= TICKETS_MANY
        if is_wide:
            cause = replace(cause, sentence=f"In {len(touched)} tickets: {cause.sentence}")
        place = (Verdict.DIFFERS, Verdict.LEFT_OVER, Verdict.MISSING).index(cause.verdict)
        is_wording = all(each.cell is not None and each.cell.is_wording for each in group)
        order = (not is_wide, is_wording, place, -len(cause.rows), cause.yaml)
        causes.append((order, cause))
    return tuple(cause for _, cause in sorted(causes, key=lambda each: each[0]))


def _whole_of(key: str, keys: Sequence[str]) -> str:
    """Return the first of these keys that holds a key, such as a list and one part of it.

    A pattern is held by the one file that is missing, or the one key, that it stands for: a type is
    in no workflow any more, and one workflow has lost it.
    """
    file, _, path = key.partition(":")
    places = ((other, other.partition(":")) for other in keys if other != key)
    holding = [
        other
        for other, (of_file, _, of_path) in places
        if fnmatchcase(of_file, file) and (not of_path or path.startswith(f"{of_path}."))
    ]
    return holding[0] if len(holding) == 1 or (holding and "*" not in file) else key


def _failing(compared: Sequence[ComparedRow], names: Collection[str]) -> Iterator[_Failing]:
    """Yield what is missing under its missing owner or storage; what is left over likewise."""
    verified = {each.row.key: each.verified for each in compared}
    for each in compared:
        own, owner = each.verified, verified.get(each.row.owner_key or "")
        if own.verdict is Verdict.DIFFERS:
            yield from (_Failing(each, cell.yaml, cell) for cell in own.differing)
        elif own.verdict in {Verdict.MISSING, Verdict.LEFT_OVER}:
            if owner is not None and owner.verdict is own.verdict:
                yield _Failing(each, owner.yaml)
                continue
            storage = storage_of(own.yaml) if own.verdict is Verdict.MISSING else ""
            yield _Failing(each, f"{storage}.yml" if storage not in {"", *names} else own.yaml)


def _alike(
    failing: Sequence[_Failing], compared: Sequence[ComparedRow]
) -> Mapping[_Statement, str]:
    """Return the patterns of keys of what differs alike everywhere, by what the site has there.

    The site has the same, or the same more and less of a list, wherever a column is filled, or
    wherever it is filled so.
    """
    cells = ((each, cell) for each in compared for cell in each.verified.cells)
    judged = (pair for pair in cells if pair[1].verdict is not Verdict.NOT_COMPARABLE)
    stated = Counter(statement for pair in judged for statement in _stated(*pair))
    alike: dict[tuple[_Statement, _Statement], list[str]] = defaultdict(list)
    for fault in failing:
        for change in fault.changes:
            alike[change].append(fault.yaml)
    return {
        change: _pattern_of(keys)
        for (of, change), keys in alike.items()
        if len(set(keys)) >= ALIKE_KEYS and len(keys) >= ALIKE_SHARE * stated[of]
    }


def _with_pattern(each: _Failing, patterns: Mapping[_Statement, str]) -> _Failing:
    found = next((change for _, change in each.changes if change in patterns), None)
    return each if found is None else replace(each, yaml=patterns[found], alike=found)


def _stated(compared: ComparedRow, cell: VerifiedCell) -> tuple[_Statement, ...]:
    of_column = (compared.row.kind.value, cell.column)
    return of_column, (*of_column, plain(cell.sheet))


def _pattern_of(keys: Sequence[str]) -> str:
    """Return what keys have in common at both ends, by parts: `field.field.*:required`."""
    files = [key.partition(".yml")[0].split(".") for key in keys]
    shared = [parts[0] for parts in zip(*files, strict=False) if len(set(parts)) == 1]
    ends = {key.partition(".yml")[2] for key in keys}
    return f"{'.'.join([*shared[:2], '*'])}.yml{ends.pop() if len(ends) == 1 else ''}"


def _cause(yaml: str, failing: Sequence[_Failing]) -> Cause:
    verdicts = {each.compared.verified.verdict for each in failing}
    verdict = next(
        v for v in (Verdict.MISSING, Verdict.LEFT_OVER, Verdict.DIFFERS) if v in verdicts
    )
    rows = tuple(dict.fromkeys(each.compared.verified.place for each in failing))
    first = next(each for each in failing if each.compared.verified.verdict is verdict)
    name, others = _name_of(first.compared.row), len(rows) - 1
    if verdict is not Verdict.DIFFERS or first.cell is None:
        also = f" Rows below it: {others}." if others else ""
        said = f"The {name} {'is missing' if verdict is Verdict.MISSING else 'still exists'}.{also}"
    else:
        cells = [each.cell for each in failing if each.cell is not None]
        columns = ", ".join(dict.fromkeys(cell.column for cell in cells))
        whose = f"of {name}" + (f" and {others} more" if others else "")
        such = "such as " if len({(cell.sheet, cell.site) for cell in cells}) > 1 else ""
        said = f"{columns} {whose}: {such}{difference(first.cell)}."
    return Cause(yaml=yaml, verdict=verdict, sentence=said, rows=rows)


def _name_of(row: Entity) -> str:
    owner = next((row.cell(c) for c in ("Bundle", "View", "Workflow") if row.cell(c)), "")
    begin = f" from {row.cell('From state')}" if row.cell("From state") else ""
    return f"{NOUNS[row.kind]} {row.label}{begin}" + (f" of {owner}" if owner else "")


def unresolved_names(compared: Sequence[ComparedRow], site: Site) -> Iterator[UnresolvedName]:
    """Yield the names of bundles that rows of fields give and no row has, in sheet order."""
    fields = (each.row for each in compared if each.row.kind is EntityKind.FIELD)
    loose = (row for row in fields if row.owner_key is None and row.cell("Bundle"))
    for text, rows in grouped(loose, lambda row: row.cell("Bundle")).items():
        key = _overlapping(site, split_bundle_label(text)[1], {row.machine_name for row in rows})
        bundle = next(iter(site.by_key.get(key, ())), None)
        yield UnresolvedName(
            text=text,
            rows=tuple(CitedRow(file=row.source.file, line=row.source.line) for row in rows),
            proposal="" if bundle is None else f"{bundle.label}, {bundle.machine_name}",
            yaml="" if bundle is None else bundle.yaml,
        )


def _overlapping(site: Site, bundle_type: BundleType | None, fields: set[str]) -> str:
    """Return the key of the one bundle that most of the fields are in; empty where none stands out."""
    shared = {
        bundle.key: sum(
            member.machine_name in fields and not member.is_base_field
            for member in site.members_of.get(bundle.key, ())
        )
        for bundle in site.by_kind[EntityKind.BUNDLE]
        if bundle_type in {None, bundle.bundle_type}
    }
    best = max(shared.values(), default=0)
    keys = [key for key, count in shared.items() if count == best]
    is_enough = best >= _SHARED_FIELDS and best >= _SHARED_SHARE * len(fields)
    return keys[0] if is_enough and len(keys) == 1 else ""


def proposed_aliases(compared: Sequence[ComparedRow]) -> Iterator[ProposedAlias]:
    """Yield the unknown spellings that always stand beside one and the same value of the site."""
    unknown = (
        (each.row.kind, cell)
        for each in compared
        for cell in each.verified.cells
        if cell.reason.startswith(UNKNOWN_SPELLING) and not is_id(cell.sheet) and cell.site
    )
    beside = grouped(unknown, lambda pair: (pair[0], pair[1].column, pair[1].sheet))
    for (kind, column, spelling), pairs in beside.items():
        cells = [cell for _, cell in pairs]
        if len(cells) >= ALIAS_ROWS and len({cell.site for cell in cells}) == 1:
            yield ProposedAlias(
                kind=kind,
                column=column,
                spelling=spelling,
                site=cells[0].site,
                row_count=len(cells),
            )
