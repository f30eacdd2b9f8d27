"""Every row beside the thing of the site that it describes, and why rows are not met.

Belongs here: which thing that is, and the verdict on a row; putting rows under what explains them, one
key of the configuration or one thing that is not there; asking once for each name that is no row, with
the bundle of the site that it may be; proposing an alias where a spelling always stands beside one
value. Does not: one cell (`compared_cells`), what names mean (`names`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TypeAlias

from jira_pipeline.drupal.columns import label_column_of
from jira_pipeline.drupal.comparisons import (
    NOT_APPLICABLE,
    PROSE,
    UNKNOWN_SPELLING,
    Comparison,
    NotComparable,
    SheetCell,
    is_plugin_id,
)
from jira_pipeline.drupal.listed_names import split_names
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS, is_base_field, is_base_type
from jira_pipeline.drupal.row_notes import SHAPED_COLUMNS, as_noted
from jira_pipeline.drupal.site.configuration import storage_of
from jira_pipeline.drupal.site.site_cells import Site, SiteEntity, plain
from jira_pipeline.drupal.view.plugin import is_name_of_default
from jira_pipeline.model.columns import CHANGED_COLUMNS, NOTE_COLUMNS
from jira_pipeline.model.entities import BundleType, Entity, EntityKind, Specification, Status
from jira_pipeline.model.grouped import group_by, group_pairs
from jira_pipeline.model.site_verifications import (
    AdditionalItem,
    Cause,
    CitedRow,
    ProposedAlias,
    UnresolvedName,
    Verdict,
    VerifiedCell,
    VerifiedRow,
)
from jira_pipeline.sheets.reading.cells import as_meant
from jira_pipeline.sheets.reading.labels import folded, split_bundle_label
from jira_pipeline.sheets.site_sheets import REMARKS
from jira_pipeline.verification.compared_cells import compare_cell, compare_note
from jira_pipeline.verification.counterparts import (
    NO_KIND,
    UNKNOWN_COLUMN,
    UNREAD,
    columns_never_compared,
    counterparts,
)
from jira_pipeline.verification.names import PARTS, Names, expected_file
from jira_pipeline.verification.reports import difference

_FROM = "From state"
_ENDS = (").", ");", "; more ", "; no longer ")
"""What follows in remarks on what a cell was; a cell may hold semicolons itself."""
ANOTHER_ROW_ASKS = "another row asks for it"
EVERY_ITEM_HAS_IT = "every item has it, so the export does not mention it"
_BROUGHT_BY: Mapping[EntityKind, str] = {
    EntityKind.VIEW: "views",
    EntityKind.IMAGE_STYLE: "image",
    EntityKind.VIEW_MODE: "node",
    EntityKind.USER_ROLE: "user",
}
"""Modules that install some of a kind: without any an export is not whole.

Source: `config/install` of core 9 to 11.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRow:
    """A row with its verdict, and the thing it was compared with."""

    row: Entity
    verified: VerifiedRow
    found: SiteEntity | None


class SiteLookup:
    """Finds the thing of a site that a row describes, and says why it may be there unseen."""

    def __init__(self, specification: Specification, site: Site, names: Names) -> None:
        """Index the site: machine names of sheets may have capitals, view modes have labels only."""
        self._specification = specification
        self._site = site
        self._names = names
        self._unknown = site.unknown
        self._by_key = group_pairs(
            (key, entity)
            for entity in site.entities
            for key in {folded(entity.key), folded(_named_key(entity))}
        )
        self._there = {_kind_of(each) for each in site.entities if not each.is_base_field}

    def find(self, row: Entity) -> SiteEntity | None:
        """Return that thing; of a transition the part that leads from the state of the row.

        What a sheet gives no machine name is the one thing that is called so where it belongs.
        """
        owner = self.owner_of(row)
        above = "" if owner is None else owner.key.partition(":")[2]
        key = f"{row.kind.value}:{above}/{row.machine_name}" if above else row.key
        candidates = self._by_key.get(folded(key), [])
        if not candidates and is_base_type(row.cell("Field type")):
            members = self._site.members_of.get(owner.key if owner else row.owner_key or "", ())
            base = (each for each in members if each.is_base_field)
            return next((e for e in base if is_base_type(e.cells["Field type"].text)), None)
        if not row.has_machine_name and row.kind is not EntityKind.VIEW_MODE:
            candidates = candidates or self._called(row, owner)
        if row.kind is not EntityKind.WORKFLOW_TRANSITION:
            return candidates[0] if candidates else None
        states = self._names.candidates_in(row, _FROM)
        if isinstance(states, NotComparable):
            return None
        state_names = set().union(*states)
        for entity in candidates:
            if not state_names.isdisjoint(entity.cells[_FROM].values):
                return entity
        return None

    def owner_of(self, row: Entity) -> SiteEntity | None:
        return next(map(self.find, self._specification.first_of(row.owner_key)), None)

    def _called(self, row: Entity, owner: SiteEntity | None) -> list[SiteEntity]:
        """Return the one thing that is called as a row; none where several are."""
        among = self._site.members_of.get(owner.key, ()) if owner else self._site.by_kind[row.kind]
        found = [
            each
            for each in among
            if each.kind is row.kind
            and each.bundle_type == row.bundle_type
            and plain(each.label).casefold() == plain(row.label).casefold()
        ]
        return found if len({each.key for each in found}) == 1 else []

    def reason_against(self, row: Entity) -> str:
        """Say why what is not found may be there nevertheless; empty where nothing speaks for that."""
        file = expected_file(row).partition(".yml")[0]
        is_nameless = not row.has_machine_name and row.kind is not EntityKind.VIEW_MODE
        prefix = ".".join(file.split(".")[:2]) + "."
        is_partly_there = any(name.startswith(prefix) for name in self._site.lacking)
        is_to_be_there = is_partly_there or _BROUGHT_BY.get(row.kind) in (self._site.modules or ())
        return _first_of(
            (self._is_below_unknown(row), UNREAD),
            (self._site.is_torn, "the export is incomplete, so this cannot be told"),
            (self._is_unknown(row, file), UNREAD),
            (is_nameless, "it has no machine name, and nothing has its label"),
            (_kind_of(row) in self._there, ""),
            (is_to_be_there, f"the export has no {NOUNS[row.kind]} of this kind"),
        )

    def _is_below_unknown(self, row: Entity) -> bool:
        """Tell whether nobody knows what a row belongs to."""
        found = self.owner_of(row)
        if found is not None:
            return found.yaml.partition(".yml")[0] in self._site.lacking
        return any(map(self.reason_against, self._specification.first_of(row.owner_key)))

    def _is_unknown(self, row: Entity, file: str) -> bool:
        if row.kind is EntityKind.VIEW_MODE or not row.has_machine_name:
            return any(name.startswith(f"{file.rpartition('.')[0]}.") for name in self._unknown)
        return not self._unknown.isdisjoint({file, storage_of(file)})


def _first_of(*reasons: tuple[object, str]) -> str:
    """Return the first reason that is so; empty where none is."""
    return next((reason for is_so, reason in reasons if is_so), "")


def _kind_of(one: Entity | SiteEntity) -> tuple[EntityKind, BundleType | None]:
    """Return what is exported together: modules bring view modes for several types at once."""
    return one.kind, None if one.kind is EntityKind.VIEW_MODE else one.bundle_type


def _named_key(entity: SiteEntity) -> str:
    """Return the key that a sheet gives a thing it knows by its label alone."""
    before, slash, _ = entity.key.rpartition("/")
    is_labelled = entity.kind is EntityKind.VIEW_MODE or entity.is_base_field
    return f"{before}{slash}{entity.label}" if is_labelled else entity.key


def compare_rows(
    specification: Specification, site: Site, *, names: Names
) -> tuple[ComparedRow, ...]:
    """Compare every row, in the order of the sheets."""
    lookup = SiteLookup(specification, site, names)
    compared = [
        _compared(row, _status_of(row, specification), lookup=lookup, names=names)
        for row in specification.entities
    ]
    there = {Verdict.MET, Verdict.DIFFERS, Verdict.NOT_COMPARABLE}
    wanted = {id(c.found) for c in compared if c.verified.verdict in there}
    for position, each in enumerate(compared):
        if each.verified.verdict is Verdict.LEFT_OVER and id(each.found) in wanted:
            verdict = Verdict.NOT_COMPARABLE
            reason = ANOTHER_ROW_ASKS
            verified = replace(each.verified, verdict=verdict, reason=reason)
            compared[position] = replace(each, verified=verified)
    return tuple(compared)


def _status_of(row: Entity, specification: Specification) -> Status:
    """Return what a row asks for: with its bundle, view or workflow it goes, or waits."""
    statuses = {owner.status for owner in specification.by_key.get(row.owner_key or "", ())}
    for status in (Status.WAITING, Status.DELETED):
        if statuses == {status} and row.status is not Status.WAITING:
            return status
    return row.status


def _compared(row: Entity, status: Status, *, lookup: SiteLookup, names: Names) -> ComparedRow:
    is_loose = row.kind in {EntityKind.FIELD, *PARTS} and row.owner_key is None
    reason = _first_of(  # why it cannot be looked for at all
        (row.kind not in NOUNS, NO_KIND),
        (is_loose, "it is unclear what it belongs to: the name matches no row"),
        (row.kind is EntityKind.BUNDLE and row.bundle_type is None, "its type is unknown"),
    )
    found = lookup.find(row)
    if found is None and is_base_field(row) and lookup.owner_of(row) is not None:
        reason = reason or EVERY_ITEM_HAS_IT
    elif found is None and status is not Status.WAITING:
        reason = reason or lookup.reason_against(row)
    cells: tuple[VerifiedCell, ...] = ()
    if reason:
        verdict = Verdict.NOT_COMPARABLE
        found = None
    elif status is Status.WAITING:
        verdict = Verdict.ON_HOLD
    elif status is Status.DELETED:
        verdict = Verdict.MET if found is None else Verdict.LEFT_OVER
    elif found is None:
        verdict = Verdict.MISSING
    else:
        cells = tuple(_cells(row, found, names))
        differs = any(cell.verdict is Verdict.DIFFERS for cell in cells)
        reason = "" if differs else _work_not_compared(row, found, cells)
        verdict = Verdict.DIFFERS if differs else Verdict.MET
        verdict = Verdict.NOT_COMPARABLE if reason else verdict
    verified = VerifiedRow(
        file=row.source.file,
        line=row.source.line,
        kind=row.kind,
        key=row.key,
        name=row.label,
        x=status,
        verdict=verdict,
        yaml=_file_of(row, found, verdict),
        reason=reason,
        cells=cells,
    )
    return ComparedRow(row=row, verified=verified, found=found)


def _work_not_compared(row: Entity, found: SiteEntity, cells: Sequence[VerifiedCell]) -> str:
    """Say why nobody can tell whether what a row asks for is done; empty where that can be told.

    Of any row no file that says more of it may be unknown. Of a row to build every name of a plugin has to
    be known, too; of a changed one what its remarks say that changed, else every cell.
    """
    columns = counterparts()[row.kind]
    label_column = label_column_of(row.kind)
    compared = {c.column for c in cells if c.verdict is Verdict.MET} - {label_column}
    is_by_name = all(columns[column].how is Comparison.KEY for column in compared)
    unread = [cell.yaml.partition(":")[0] for cell in cells if cell.reason == UNREAD]
    if found.is_unread or unread:
        return f"{UNREAD}: {', '.join(dict.fromkeys(unread or [found.yaml]))}"
    if row.status not in {Status.APPROVED, Status.CHANGED}:
        return ""
    unknown = [
        cell.column
        for cell in cells
        if cell.verdict is Verdict.NOT_COMPARABLE
        and cell.reason != NOT_APPLICABLE
        and cell.column in {*columns, *NOTE_COLUMNS}
        and not cell.sheet.startswith(CHANGED_COLUMNS)
    ]
    if unknown and is_by_name:
        return f"only the name was compared, not {', '.join(unknown)}"
    remarks = row.cell(REMARKS)
    if row.status is Status.CHANGED and remarks.startswith(CHANGED_COLUMNS):
        known = {cell.column for cell in cells if cell.verdict is Verdict.MET}
        changed = [c for c in columns if re.search(rf"(?:: |; ){re.escape(c)}[ ;.]", remarks)]
        known |= {columns[column].beside for column in known & columns.keys()}
        unknown = [column for column in changed if column not in known]
    if unknown and row.status is Status.CHANGED:
        return f"the change was not compared: {', '.join(unknown)}"
    odd = [cell.reason for cell in cells if cell.reason.startswith(UNKNOWN_SPELLING)]
    return odd[0] if odd else ""


def _file_of(row: Entity, found: SiteEntity | None, verdict: Verdict) -> str:
    """Return the file that a row is in, was or would be; what no file holds, or waits, is in none."""
    if found is not None:
        return found.yaml
    is_nameless = row.machine_name == "-" and verdict is Verdict.NOT_COMPARABLE
    return "" if is_nameless or verdict is Verdict.ON_HOLD else expected_file(row)


def _cells(row: Entity, found: SiteEntity, names: Names) -> Iterator[VerifiedCell]:
    columns = counterparts()[row.kind]
    usual = {column: "" for column, one in columns.items() if one.reads_blank}
    for column, text in {**usual, **row.as_in_sheet.cells}.items():
        counterpart = columns.get(column)
        if (not text and column not in usual) or column == "X":
            continue
        if counterpart is None:
            reason = columns_never_compared().get(column, UNKNOWN_COLUMN)
            is_open = reason.startswith(PROSE) and not text.startswith(CHANGED_COLUMNS)
            yield VerifiedCell(
                column=column,
                verdict=Verdict.NOT_COMPARABLE,
                sheet=text,
                reason=reason,
                is_open=is_open,
            )
        else:
            meaning = as_noted(row, column) if column in SHAPED_COLUMNS else as_meant(text)
            cell = SheetCell(row=row, column=column, text=meaning, counterpart=counterpart)
            if counterpart.how is Comparison.SHAPES and column not in SHAPED_COLUMNS:
                compared = compare_note(cell, found.cells, names)
            else:
                site_cell = found.cells.get(counterpart.beside or column)
                compared = compare_cell(cell, site_cell, names)
            if meaning or compared.verdict is Verdict.DIFFERS:
                yield _unless_unchanged(replace(compared, sheet=text), row)


def _unless_unchanged(cell: VerifiedCell, row: Entity) -> VerifiedCell:
    was = f"{cell.column} (was {cell.site or 'blank'}"
    remarks = row.cell(REMARKS) if row.status is Status.CHANGED else ""
    is_unchanged = any(f"{was}{end}" in remarks for end in _ENDS)
    is_met = cell.verdict is Verdict.MET and remarks.startswith(CHANGED_COLUMNS)
    return replace(cell, verdict=Verdict.DIFFERS) if is_met and is_unchanged else cell


def additional_items(
    site: Site, compared: Sequence[ComparedRow], specification: Specification
) -> Iterator[AdditionalItem]:
    """Yield what no row describes, of kinds that have a sheet; what belongs to such a thing not."""
    claimed = {id(each.found) for each in compared if each.found is not None}
    for each in compared:  # a row may name several states that a transition leads from
        begins = {name.casefold() for name in split_names(each.row.cell(_FROM))}
        ways = site.by_key.get(each.found.key, ()) if each.found and begins else ()
        claimed |= {id(way) for way in ways if way.cells[_FROM].text.casefold() in begins}
    for entity in site.entities:
        owners = {id(owner) for owner in site.by_key.get(entity.owner_key or "", ())}
        is_told = id(entity) in claimed or (owners and owners.isdisjoint(claimed))
        is_always_there = entity.is_base_field or is_name_of_default(entity.machine_name)
        if specification.by_kind[entity.kind] and not (is_told or is_always_there):
            owner = (entity.owner_key or "").rpartition("/")[2].rpartition(":")[2]
            beginning = f" from {state.text}" if (state := entity.cells.get(_FROM)) else ""
            name = f"{f'{owner}.' if owner else ''}{entity.machine_name or entity.label}{beginning}"
            yield AdditionalItem(kind=entity.kind, name=name, yaml=entity.yaml)


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
    places = {each.yaml: _only_place(_whole_of(each.yaml, keys), names) for each in differing}
    groups = group_by(differing, lambda e: (e.yaml if e.alike else places[e.yaml], e.alike))
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


def _only_place(key: str, names: Collection[str]) -> str:
    """Return the place that a pattern stands for where the site has one such file, else the pattern."""
    file, separator, path = key.partition(":")
    if "*" not in file:
        return key
    matching = [name for name in names if fnmatchcase(f"{name}.yml", file)]
    return f"{matching[0]}.yml{separator}{path}" if len(matching) == 1 else key


def _failing(compared: Sequence[ComparedRow], names: Collection[str]) -> Iterator[_Failing]:
    """Yield what is missing under its missing owner or storage; what is left over likewise."""
    verified = {each.row.key: each.verified for each in compared}
    for each in compared:
        own = each.verified
        owner = verified.get(each.row.owner_key or "")
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
    order = (Verdict.MISSING, Verdict.LEFT_OVER, Verdict.DIFFERS)
    first = min(failing, key=lambda each: order.index(each.compared.verified.verdict))
    verdict = first.compared.verified.verdict
    rows = tuple(dict.fromkeys(each.compared.verified.place for each in failing))
    name = _name_of(first.compared.row)
    others = len(rows) - 1
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
    for text, rows in group_by(loose, lambda row: row.cell("Bundle")).items():
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
        if cell.reason.startswith(UNKNOWN_SPELLING) and not is_plugin_id(cell.sheet) and cell.site
    )
    beside = group_by(unknown, lambda pair: (pair[0], pair[1].column, pair[1].sheet))
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
