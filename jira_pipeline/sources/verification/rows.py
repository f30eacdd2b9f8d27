"""Every row beside the thing of the site that it describes.

Belongs here: which thing that is, and the verdict on a row. Does not: one cell (`compared_cells`),
what names mean (`names`), why rows are not met (`causes`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jira_pipeline.model.columns import NOTE_COLUMNS, label_column_of
from jira_pipeline.model.entities import (
    Entity,
    EntityKind,
    Specification,
    Status,
)
from jira_pipeline.model.site_verifications import (
    AdditionalItem,
    Verdict,
    VerifiedCell,
    VerifiedRow,
)
from jira_pipeline.sources.drupal.modules_and_types import is_base_field, is_base_type
from jira_pipeline.sources.drupal.notes import lexicon
from jira_pipeline.sources.drupal_config.site import Site, SiteEntity
from jira_pipeline.sources.sheets.site_sheets import CHANGED_COLUMNS
from jira_pipeline.sources.verification.compared_cells import UNREAD, Stated, compare_cell
from jira_pipeline.sources.verification.counterparts import (
    COUNTERPARTS,
    NO_KIND,
    NOT_APPLICABLE,
    Comparison,
    reason_against,
)
from jira_pipeline.sources.verification.names import Names, expected_file

_FROM = "From state"
OWNED_KINDS = frozenset(
    {
        EntityKind.FIELD,
        EntityKind.VIEW_DISPLAY,
        EntityKind.WORKFLOW_STATE,
        EntityKind.WORKFLOW_TRANSITION,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRow:
    """A row with its verdict, and the thing it was compared with."""

    row: Entity
    verified: VerifiedRow
    found: SiteEntity | None


class SiteLookup:
    """Finds the thing of a site that a row describes."""

    def __init__(self, site: Site, names: Names) -> None:
        """Index the site: machine names of sheets may have capitals, view modes have labels only."""
        self._names = names
        self._by_key: dict[str, list[SiteEntity]] = {}
        self._titles: dict[str, SiteEntity] = {}
        """What holds the name of an item, by bundle."""
        for entity in site.entities:
            for key in {_plain_key(entity.key), _plain_key(_named_key(entity))}:
                self._by_key.setdefault(key, []).append(entity)
            if entity.is_base_field and is_base_type(entity.cells["Field type"].text):
                self._titles[entity.owner_key or ""] = entity

    def has(self, key: str | None) -> bool:
        """Tell whether the site has a thing of that key."""
        return key is not None and _plain_key(key) in self._by_key

    def find(self, row: Entity, status: Status) -> SiteEntity | None:
        """Return that thing; of a transition the part that leads from the state of the row.

        What should be gone is no other part; what should be there is the same with other states.
        """
        candidates = self._by_key.get(_plain_key(row.key), [])
        if not candidates and is_base_type(row.cell("Field type")):
            return self._titles.get(row.owner_key or "")
        if row.kind is not EntityKind.WORKFLOW_TRANSITION:
            return candidates[0] if candidates else None
        meant = self._names.meant_by(row, _FROM, COUNTERPARTS[row.kind][_FROM])
        names = {name for one in meant for name in one} if not isinstance(meant, str) else set()
        parts = [each for each in candidates if names & {*each.cells[_FROM].values}]
        others = [] if status is Status.DELETED else candidates
        return next(iter((*parts, *others)), None)


def _plain_key(key: str) -> str:
    return " ".join(key.casefold().split())


def _named_key(entity: SiteEntity) -> str:
    """Return the key that a sheet gives a thing it knows by its label alone."""
    before, slash, _ = entity.key.rpartition("/")
    is_labelled = entity.kind is EntityKind.VIEW_MODE or entity.is_base_field
    return f"{before}{slash}{entity.label}" if is_labelled else entity.key


def compare_rows(
    specification: Specification, site: Site, *, names: Names
) -> tuple[ComparedRow, ...]:
    """Compare every row, in the order of the sheets."""
    lookup = SiteLookup(site, names)
    compared = [
        _compared(row, lookup=lookup, status=status, names=names, unread=site.unread)
        for row in specification.entities
        for status in [_status_of(row, specification)]
    ]
    there = {Verdict.MET, Verdict.DIFFERS, Verdict.NOT_COMPARABLE}
    wanted = {id(c.found) for c in compared if c.verified.verdict in there}
    return tuple(_unless_wanted(each, wanted) for each in compared)


def _unless_wanted(compared: ComparedRow, wanted: Collection[int]) -> ComparedRow:
    """Return a row that asks for the removal of what another row asks for as not comparable."""
    if compared.verified.verdict is not Verdict.LEFT_OVER or id(compared.found) not in wanted:
        return compared
    verified = replace(
        compared.verified, verdict=Verdict.NOT_COMPARABLE, reason="another row asks for it"
    )
    return replace(compared, verified=verified)


def _status_of(row: Entity, specification: Specification) -> Status:
    """Return what a row asks for: with its bundle, view or workflow it goes, or waits."""
    owners = specification.by_key.get(row.owner_key or "", ())
    statuses = {owner.status for owner in owners}
    for status in (Status.WAITING, Status.DELETED):
        if statuses == {status} and row.status is not Status.WAITING:
            return status
    return row.status


def _compared(
    row: Entity,
    *,
    lookup: SiteLookup,
    status: Status,
    names: Names,
    unread: Collection[str],
) -> ComparedRow:
    found, reason = lookup.find(row, status), _reason_against(row)
    if found is None and expected_file(row).partition(".yml")[0] in unread:
        reason = UNREAD
    cells: tuple[VerifiedCell, ...] = ()
    if reason:
        verdict, found = Verdict.NOT_COMPARABLE, None
    elif status is Status.WAITING:
        verdict = Verdict.ON_HOLD
    elif status is Status.DELETED:
        verdict = Verdict.MET if found is None else Verdict.LEFT_OVER
    elif found is None and is_base_field(row) and lookup.has(row.owner_key):
        verdict, reason = Verdict.NOT_COMPARABLE, "every item has it; the export says nothing of it"
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

    Of any row more than its name has to be known. Of a row to build more than its name has to be compared, of a changed one its notes too, since
    they say what changes.
    """
    columns, label_column = COUNTERPARTS[row.kind], label_column_of(row.kind)
    compared = {c.column for c in cells if c.verdict is Verdict.MET} - {label_column}
    is_by_name = all(columns[column].how is Comparison.KEY for column in compared)
    if found.is_unread or (is_by_name and any(cell.reason == UNREAD for cell in cells)):
        return UNREAD
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
    notes = [column for column in unknown if column in NOTE_COLUMNS]
    if notes and row.status is Status.CHANGED:
        return f"what changes was not compared: {', '.join(notes)}"
    return ""


def _file_of(row: Entity, found: SiteEntity | None, verdict: Verdict) -> str:
    """Return the file that a row is in, was or would be; what no file holds, or waits, is in none."""
    if found is not None:
        return found.yaml
    is_nameless = row.machine_name == "-" and verdict is Verdict.NOT_COMPARABLE
    return "" if is_nameless or verdict is Verdict.ON_HOLD else expected_file(row)


def _reason_against(row: Entity) -> str:
    """Say why a row cannot be looked for at all; empty where it can."""
    if row.kind not in COUNTERPARTS:
        return NO_KIND
    if row.kind in OWNED_KINDS and row.owner_key is None:
        return "nobody knows what it belongs to: the name resolves to no row"
    if row.kind is EntityKind.BUNDLE and row.bundle_type is None:
        return "its type is not known"
    if row.machine_name in {"", "-"} and row.kind is not EntityKind.VIEW_MODE:
        return "" if is_base_field(row) else "it has no machine name"
    return ""


def _cells(row: Entity, found: SiteEntity, names: Names) -> Iterator[VerifiedCell]:
    columns = COUNTERPARTS[row.kind]
    for column, text in row.as_in_sheet.cells.items():
        counterpart = columns.get(column)
        if not text or column == "X":
            continue
        if counterpart is None:
            reason = reason_against(column)
            yield VerifiedCell(
                column=column, verdict=Verdict.NOT_COMPARABLE, sheet=text, reason=reason
            )
        else:
            stated = Stated(row=row, column=column, text=text, counterpart=counterpart)
            yield compare_cell(stated, found.cells.get(column), names)


def additional_items(
    site: Site, compared: Sequence[ComparedRow], specification: Specification
) -> Iterator[AdditionalItem]:
    """Yield what no row describes, of kinds that have a sheet; what belongs to such a thing not."""
    claimed = {id(each.found) for each in compared if each.found is not None}
    there: Mapping[str, tuple[SiteEntity, ...]] = site.by_key
    for entity in site.entities:
        is_always_there = entity.is_base_field or entity.machine_name in lexicon().shared_displays
        has_sheet = bool(specification.by_kind[entity.kind]) and not is_always_there
        owners = there.get(entity.owner_key or "", ())
        is_under_additional = owners and not any(id(owner) in claimed for owner in owners)
        if has_sheet and id(entity) not in claimed and not is_under_additional:
            yield AdditionalItem(kind=entity.kind, name=_name_of(entity), yaml=entity.yaml)


def _name_of(entity: SiteEntity) -> str:
    owner = (entity.owner_key or "").rpartition("/")[2].rpartition(":")[2]
    from_state = entity.cells.get(_FROM)
    beginning = f" from {from_state.text}" if from_state is not None else ""
    return f"{f'{owner}.' if owner else ''}{entity.machine_name or entity.label}{beginning}"
