"""The verdict on every row of the sheets beside the thing of the site that it describes.

Belongs here: what a row comes to, what no row describes. Does not: finding the thing (`site_lookup`), one cell
(`compared_cells`), what names mean (`names`), what explains rows that are not met (`causes`).
"""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from jira_pipeline.drupal.columns import label_column_of
from jira_pipeline.drupal.comparisons import (
    NOT_APPLICABLE,
    PROSE,
    UNKNOWN_SPELLING,
    Comparison,
    Counterpart,
    SheetCell,
)
from jira_pipeline.drupal.listed_names import split_known_names
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS, PARTS, is_base_field
from jira_pipeline.drupal.row_notes import SHAPED_COLUMNS, as_noted
from jira_pipeline.drupal.site.site_cells import Site, SiteEntity
from jira_pipeline.drupal.view.plugin import is_name_of_default
from jira_pipeline.model.columns import CHANGED_COLUMNS, NOTE_COLUMNS, STATUS_COLUMN
from jira_pipeline.model.entities import Entity, EntityKind, Specification, Status
from jira_pipeline.model.site_verifications import (
    AdditionalItem,
    Verdict,
    VerifiedCell,
    VerifiedRow,
)
from jira_pipeline.sheets.reading.cells import as_meant
from jira_pipeline.sheets.site_sheets import REMARKS
from jira_pipeline.verification.compared_cells import compare_cell, compare_note
from jira_pipeline.verification.counterparts import (
    NO_KIND,
    UNKNOWN_COLUMN,
    UNREAD,
    columns_never_compared,
    counterparts,
)
from jira_pipeline.verification.names import Names, expected_file
from jira_pipeline.verification.site_lookup import FROM_STATE, SiteLookup

_ENDS = (").", ");", "; more ", "; no longer ")
"""What follows in remarks on what a cell was; a cell may hold semicolons itself."""
_ASKED_FOR = frozenset({Verdict.MET, Verdict.DIFFERS, Verdict.NOT_COMPARABLE})
"""Verdicts on rows that ask for the thing that they are compared with."""
ANOTHER_ROW_ASKS = "another row asks for it"
EVERY_ITEM_HAS_IT = "every item has it, so the export does not mention it"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRow:
    """A row with its verdict, and the thing it was compared with."""

    row: Entity
    verified: VerifiedRow
    site_entity: SiteEntity | None
    """None where the site has no such thing, or nobody can tell."""


def compare_rows(
    specification: Specification, site: Site, *, names: Names
) -> tuple[ComparedRow, ...]:
    """Compare every row, in the order of the sheets."""
    lookup = SiteLookup(specification, site, names)
    compared_rows = []
    for row in specification.entities:
        status = _status_asked_for(row, specification)
        compared_rows.append(_compared(row, status, lookup=lookup, names=names))
    return _excusing_what_other_rows_ask_for(compared_rows)


def _excusing_what_other_rows_ask_for(
    compared_rows: Sequence[ComparedRow],
) -> tuple[ComparedRow, ...]:
    """Return the rows; a thing that one row removes and another one asks for is not left over."""
    ids_asked_for = set()
    for compared in compared_rows:
        if compared.verified.verdict in _ASKED_FOR:
            ids_asked_for.add(id(compared.site_entity))

    excused = []
    for compared in compared_rows:
        is_left_over = compared.verified.verdict is Verdict.LEFT_OVER
        if is_left_over and id(compared.site_entity) in ids_asked_for:
            verified = replace(
                compared.verified, verdict=Verdict.NOT_COMPARABLE, reason=ANOTHER_ROW_ASKS
            )
            excused.append(replace(compared, verified=verified))
        else:
            excused.append(compared)
    return tuple(excused)


def _status_asked_for(row: Entity, specification: Specification) -> Status:
    """Return what a row asks for: with its bundle, view or workflow it goes, or waits."""
    if row.status is Status.WAITING:
        return Status.WAITING
    statuses = {owner.status for owner in specification.by_key.get(row.owner_key or "", ())}
    for status in (Status.WAITING, Status.DELETED):
        if statuses == {status}:
            return status
    return row.status


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What a row comes to, with the cells that were compared and the reason where none can be."""

    verdict: Verdict
    reason: str = ""
    cells: tuple[VerifiedCell, ...] = ()


def _compared(row: Entity, status: Status, *, lookup: SiteLookup, names: Names) -> ComparedRow:
    """Compare a row, which asks for a status, with the thing of the site that it describes."""
    entity = lookup.find(row)
    reason = _reason_not_to_compare(row, status, entity, lookup)
    if reason:
        entity = None
        judgement = _Judgement(Verdict.NOT_COMPARABLE, reason)
    elif status is Status.WAITING:
        judgement = _Judgement(Verdict.ON_HOLD)
    elif status is Status.DELETED:
        judgement = _Judgement(Verdict.MET if entity is None else Verdict.LEFT_OVER)
    elif entity is None:
        judgement = _Judgement(Verdict.MISSING)
    else:
        judgement = _judged_by_cells(row, entity, names)
    verified = VerifiedRow(
        file=row.source.file,
        line=row.source.line,
        kind=row.kind,
        key=row.key,
        name=row.label,
        x=status,
        verdict=judgement.verdict,
        yaml=_file_of(row, entity, judgement.verdict),
        reason=judgement.reason,
        cells=judgement.cells,
    )
    return ComparedRow(row=row, verified=verified, site_entity=entity)


def _reason_not_to_compare(
    row: Entity, status: Status, entity: SiteEntity | None, lookup: SiteLookup
) -> str:
    """Say why nobody can tell whether a site has what a row describes; empty where that can be told."""
    if row.kind not in NOUNS:
        return NO_KIND
    if row.kind in {EntityKind.FIELD, *PARTS} and row.owner_key is None:
        return "it is unclear what it belongs to: the name matches no row"
    if row.kind is EntityKind.BUNDLE and row.bundle_type is None:
        return "its type is unknown"
    if entity is not None:
        return ""
    if is_base_field(row) and lookup.owner_of(row) is not None:
        return EVERY_ITEM_HAS_IT
    return "" if status is Status.WAITING else lookup.reason_against(row)


def _judged_by_cells(row: Entity, entity: SiteEntity, names: Names) -> _Judgement:
    """Compare the cells of a row that is to be on the site with the thing that is there."""
    cells = tuple(_compared_cells(row, entity, names))
    if any(cell.verdict is Verdict.DIFFERS for cell in cells):
        return _Judgement(Verdict.DIFFERS, cells=cells)
    reason = _work_not_compared(row, entity, cells)
    verdict = Verdict.NOT_COMPARABLE if reason else Verdict.MET
    return _Judgement(verdict, reason, cells)


def _work_not_compared(row: Entity, entity: SiteEntity, cells: Sequence[VerifiedCell]) -> str:
    """Say why a row without a differing cell is not met either; empty where it is met.

    No row is met while a file that says more of it is unknown. A row to build needs every name of a
    plugin to be known. A changed row needs the columns compared that its remarks say have changed;
    without such remarks, all of them.
    """
    unread_files = [cell.yaml.partition(":")[0] for cell in cells if cell.reason == UNREAD]
    if entity.is_unread and not unread_files:
        unread_files = [entity.yaml]
    if unread_files:
        return f"{UNREAD}: {', '.join(dict.fromkeys(unread_files))}"
    if row.status not in {Status.APPROVED, Status.CHANGED}:
        return ""
    columns = _columns_not_compared(row, cells)
    if columns and _is_met_by_name_only(row, cells):
        return f"only the name was compared, not {', '.join(columns)}"
    if row.status is Status.CHANGED:
        if row.cell(REMARKS).startswith(CHANGED_COLUMNS):
            columns = _changed_columns_not_met(row, cells)
        if columns:
            return f"the change was not compared: {', '.join(columns)}"
    for cell in cells:
        if cell.reason.startswith(UNKNOWN_SPELLING):
            return cell.reason
    return ""


def _columns_not_compared(row: Entity, cells: Sequence[VerifiedCell]) -> list[str]:
    """Return the columns with something to build, or a note, that could not be compared.

    What is built of a row are the columns that have a counterpart in a site's configuration.
    """
    columns = {*counterparts()[row.kind], *NOTE_COLUMNS}
    not_compared = []
    for cell in cells:
        is_open = cell.verdict is Verdict.NOT_COMPARABLE and cell.reason != NOT_APPLICABLE
        # `sheets --since` writes into the remarks which columns have changed: that is nothing to build.
        is_list_of_changes = cell.sheet.startswith(CHANGED_COLUMNS)
        if is_open and cell.column in columns and not is_list_of_changes:
            not_compared.append(cell.column)
    return not_compared


def _is_met_by_name_only(row: Entity, cells: Sequence[VerifiedCell]) -> bool:
    """Tell whether nothing that is met goes beyond the label and what finds the row: it is there."""
    columns = counterparts()[row.kind]
    met = {cell.column for cell in cells if cell.verdict is Verdict.MET}
    met.discard(label_column_of(row.kind) or "")
    return all(columns[column].how is Comparison.KEY for column in met)


def _changed_columns_not_met(row: Entity, cells: Sequence[VerifiedCell]) -> list[str]:
    """Return the columns that the remarks of a row say have changed, and no comparison met."""
    columns = counterparts()[row.kind]
    met = {cell.column for cell in cells if cell.verdict is Verdict.MET}
    met |= {columns[column].site_column for column in met & columns.keys()}
    remarks = row.cell(REMARKS)
    not_met = []
    for column in columns:
        is_named = re.search(rf"(?:: |; ){re.escape(column)}[ ;.]", remarks)
        if is_named and column not in met:
            not_met.append(column)
    return not_met


def _file_of(row: Entity, entity: SiteEntity | None, verdict: Verdict) -> str:
    """Return the file that a row is in, was or would be; what no file holds, or waits, is in none."""
    if entity is not None:
        return entity.yaml
    is_nameless = row.machine_name == "-" and verdict is Verdict.NOT_COMPARABLE
    return "" if is_nameless or verdict is Verdict.ON_HOLD else expected_file(row)


def _compared_cells(row: Entity, entity: SiteEntity, names: Names) -> Iterator[VerifiedCell]:
    """Yield every filled cell of a row beside the thing of the site.

    A blank cell of a column that `reads_blank` asks for what is usual: it is yielded if the site differs.
    """
    columns = counterparts()[row.kind]
    usual = {column: "" for column, counterpart in columns.items() if counterpart.reads_blank}
    for column, text in {**usual, **row.as_in_sheet.cells}.items():
        if column == STATUS_COLUMN or (not text and column not in usual):
            continue
        counterpart = columns.get(column)
        if counterpart is None:
            yield _never_compared(column, text)
            continue
        meaning = as_noted(row, column) if column in SHAPED_COLUMNS else as_meant(text)
        cell = SheetCell(row=row, column=column, text=meaning, counterpart=counterpart)
        compared = _compared_cell(cell, counterpart, entity, names)
        if meaning or compared.verdict is Verdict.DIFFERS:
            yield _differing_if_unchanged(replace(compared, sheet=text), row)


def _never_compared(column: str, text: str) -> VerifiedCell:
    """Return a cell of a column without a counterpart; prose is left open, for people to compare."""
    reason = columns_never_compared().get(column, UNKNOWN_COLUMN)
    is_open = reason.startswith(PROSE) and not text.startswith(CHANGED_COLUMNS)
    return VerifiedCell(
        column=column, verdict=Verdict.NOT_COMPARABLE, sheet=text, reason=reason, is_open=is_open
    )


def _compared_cell(
    cell: SheetCell, counterpart: Counterpart, entity: SiteEntity, names: Names
) -> VerifiedCell:
    """Compare a cell with its place on the site; a note with the place of each form in it."""
    if counterpart.how is Comparison.SHAPES and cell.column not in SHAPED_COLUMNS:
        return compare_note(cell, entity.cells, names)
    return compare_cell(cell, entity.cells.get(counterpart.site_column or cell.column), names)


def _differing_if_unchanged(cell: VerifiedCell, row: Entity) -> VerifiedCell:
    """Return a cell as differing where the site still has what its remarks say it had before."""
    remarks = row.cell(REMARKS)
    is_changed = row.status is Status.CHANGED and remarks.startswith(CHANGED_COLUMNS)
    if cell.verdict is not Verdict.MET or not is_changed:
        return cell
    was = f"{cell.column} (was {cell.site or 'blank'}"
    if any(f"{was}{end}" in remarks for end in _ENDS):
        return replace(cell, verdict=Verdict.DIFFERS)
    return cell


def additional_items(
    site: Site, compared: Sequence[ComparedRow], specification: Specification
) -> Iterator[AdditionalItem]:
    """Yield the things of the site that no row describes, of kinds that have a sheet.

    Left out is what belongs to another thing without a row, and what every site has.
    """
    described = _things_described(site, compared)
    styles = _styles_with_effects_in_rows(compared)
    for entity in site.entities:
        if not specification.by_kind[entity.kind] or id(entity) in described:
            continue
        if entity.kind is EntityKind.IMAGE_EFFECT and entity.owner_key not in styles:
            continue
        owners = {id(owner) for owner in site.by_key.get(entity.owner_key or "", ())}
        has_no_owner_described = bool(owners) and owners.isdisjoint(described)
        is_as_everywhere = entity.is_base_field or entity.is_as_shipped
        is_always_there = is_as_everywhere or is_name_of_default(entity.machine_name)
        if not has_no_owner_described and not is_always_there:
            name = _name_on_site(entity)
            yield AdditionalItem(kind=entity.kind, name=name, yaml=entity.yaml)


def _styles_with_effects_in_rows(compared: Sequence[ComparedRow]) -> set[str | None]:
    """Return the image styles of the site of which rows list the effects, and not a cell."""
    styles = set()
    for compared_row in compared:
        effect = compared_row.site_entity
        if effect is not None and effect.kind is EntityKind.IMAGE_EFFECT:
            styles.add(effect.owner_key)
    return styles


def _things_described(site: Site, compared: Sequence[ComparedRow]) -> set[int]:
    """Return the Python ids of the things of the site that rows describe.

    The site has a transition once for each state that it leads from; a row may name several.
    """
    described = set()
    for compared_row in compared:
        entity = compared_row.site_entity
        if entity is None:
            continue
        described.add(id(entity))
        if not compared_row.row.cell(FROM_STATE):
            continue
        parts_by_state = {}
        for part in site.by_key.get(entity.key, ()):
            parts_by_state[part.cells[FROM_STATE].text.casefold()] = part
        for name in _states_named(compared_row.row, parts_by_state):
            if name in parts_by_state:
                described.add(id(parts_by_state[name]))
    return described


def _states_named(transition: Entity, known_states: Container[str]) -> Iterator[str]:
    """Yield the states that the row of a transition leads from, in lower case."""
    cell = transition.cell(FROM_STATE)
    for name in split_known_names(cell, lambda text: text.casefold() in known_states):
        yield name.casefold()


def _name_on_site(entity: SiteEntity) -> str:
    """Name a thing with what it belongs to: `boat.field_hull`, `harbour.publish from Draft`."""
    owner = (entity.owner_key or "").rpartition("/")[2].rpartition(":")[2]
    name = entity.machine_name or entity.label
    if owner:
        name = f"{owner}.{name}"
    state = entity.cells.get(FROM_STATE)
    return name if state is None else f"{name} from {state.text}"
