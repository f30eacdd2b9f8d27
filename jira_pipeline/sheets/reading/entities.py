"""Makes entities of the rows of all sheets: keys, owners, status, references.

Belongs here: one entity for each row, in an order in which owners come before what they own. Does
not: reading files (`folder_files`), which entities form a ticket (`tickets/grouping/ticket_plan`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.drupal.image_style.effect import STYLE as STYLE_OF_EFFECT
from jira_pipeline.drupal.image_style.effect_words import effect_named
from jira_pipeline.drupal.meaning.notes import is_not_now_beside
from jira_pipeline.model.columns import BLANK
from jira_pipeline.model.entities import (
    GONE,
    NOT_READ,
    TO_BUILD,
    TYPES_READ_LATER,
    AnyBundleType,
    Entity,
    EntityKind,
    OtherType,
    Reference,
    ReferenceState,
    Status,
    is_read,
)
from jira_pipeline.model.findings import Finding, Severity, sorted_findings
from jira_pipeline.model.grouped import group_pairs
from jira_pipeline.model.sheet_names import sheet_title
from jira_pipeline.model.source_tables import SHEET_NAMES, SourceTable
from jira_pipeline.model.specification_source import EntityReading
from jira_pipeline.sheets.reading import references, row_findings
from jira_pipeline.sheets.reading.captions import captions_in
from jira_pipeline.sheets.reading.cells import are_type_ids, readers_of, says_nothing
from jira_pipeline.sheets.reading.csv_files import ERROR_VALUES
from jira_pipeline.sheets.reading.labels import bundle_label, bundle_type_of, folded, type_in_cell
from jira_pipeline.sheets.reading.references import KnownThings
from jira_pipeline.sheets.reading.rows_as_meant import Row, Sheet, sheet_of, status_of
from jira_pipeline.sheets.reading.sheet_kinds import DISPLAY_PLUGIN

_OWNERS_FIRST = (
    EntityKind.BUNDLE,
    EntityKind.VIEW,
    EntityKind.IMAGE_STYLE,
    EntityKind.WORKFLOW,
    EntityKind.WORKFLOW_STATE,
)
_KIND_ORDER = {kind: position for position, kind in enumerate(EntityKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Identity:
    key: str
    label: str = ""
    """Where it is other than the row says: its label, else its machine name."""
    owner_key: str | None = None
    bundle_type: AnyBundleType | None = None
    references: tuple[Reference, ...] = ()
    part_of: Entity | None = None
    """The thing that a row is a part of: it is there, waits or goes with that."""


@dataclass(slots=True)
class _Reading:
    """Entities read so far and what later rows may point at."""

    known: KnownThings = field(default_factory=KnownThings)
    entities: list[Entity] = field(default_factory=list)
    unread_statuses: list[Row] = field(default_factory=list)
    """Rows with a word in X that nobody can read."""


def read_entities(tables: Sequence[SourceTable]) -> EntityReading:
    """Read one entity from each row; findings about rows and references are collected."""
    sheets = [sheet_of(table) for table in tables if table.columns]
    sheets.sort(key=lambda sheet: (_KIND_ORDER[sheet.kind], sheet.table.file.name))
    reading = _Reading()
    _know_migrations(sheets, reading.known)
    later = [kind for kind in EntityKind if kind not in _OWNERS_FIRST]
    for kind in (*_OWNERS_FIRST, *later):
        for sheet in sheets:
            if sheet.kind is kind:
                _read_sheet(sheet, reading)
    entities = sorted(
        reading.entities,
        key=lambda entity: (_KIND_ORDER[entity.kind], entity.source.file, entity.source.line),
    )
    row_findings.cite_unread_statuses(reading.unread_statuses)
    row_findings.cite_across_rows(entities, sheets)
    findings = [finding for sheet in sheets for finding in sheet.citations.findings]
    findings += _missing_sheets(entities)
    return EntityReading(
        entities=tuple(entity.as_seen for entity in entities),
        findings=sorted_findings(findings),
        captions=captions_in(tables),
    )


def _missing_sheets(entities: Sequence[Entity]) -> Iterator[Finding]:
    """Cite the kinds that cells name and no row describes: once each, beside every single cell."""
    there = {entity.kind for entity in entities}
    naming = group_pairs(
        (reference.target_kind, entity.source.file)
        for entity in entities
        for reference in entity.references
        if reference.state is ReferenceState.DANGLING and reference.target_kind not in there
    )
    for kind, files in naming.items():
        cells = "1 cell" if len(files) == 1 else f"{len(files)} cells"
        yield Finding(
            severity=Severity.WARNING,
            code="sheet_missing",
            value=SHEET_NAMES[kind],
            message=f"No row of {SHEET_NAMES[kind]} was read, but {cells} in "
            f"{', '.join(sorted(set(files)))} refer to such rows.",
            advice="Check that the folder is complete; add the export of this sheet.",
        )


def _know_migrations(sheets: Sequence[Sheet], things: KnownThings) -> None:
    """Make all migrations known before any is read: each may depend on one further down."""
    for sheet in sheets:
        if sheet.kind is EntityKind.MIGRATION:
            for row in sheet.rows():
                things.by_kind[sheet.kind].add(
                    key=_key(row, row.name),
                    label=row.label or row.name,
                    machine_name=row.machine_name,
                    row_id=row.cell("ID"),
                )


def _read_sheet(sheet: Sheet, reading: _Reading) -> None:
    rows: Iterable[Row] = [*sheet.rows()]
    has_type_ids = are_type_ids({row.cell("Field type") for row in rows})
    has_numbers = any(row.cell("Vals.").isdecimal() for row in rows)
    readers = readers_of(sheet.kind, has_type_ids=has_type_ids, has_numbers=has_numbers)
    known = {column.name for column in columns_of(sheet.kind)}
    own = [column for column in sheet.table.columns if column not in known]
    unread = defaultdict[str, list[Row]](list)
    if sheet.kind is EntityKind.FIELD:
        rows = references.with_types_apart(rows, reading.known)
        rows = references.with_each_owner(rows, reading.known)
    for row in rows:
        row_findings.cite_row(row)
        read = _IDENTITIES.get(row.sheet.kind, _plain)
        identity = read(row, reading.known)
        status, is_blank = _status_beside_whole(row, identity.part_of)
        read_as = {c: NOT_READ for c, text in row.cells.items() if not is_read(text)}
        for column, (reader, _) in readers.items():
            text = row.cell(column)
            if text in BLANK:
                continue
            meant = "-" if says_nothing(text) else reader(text)
            if meant is None:
                unread[column].append(row)
            elif meant != text:
                read_as[column] = meant
        cells = {**row.cells, **read_as} if read_as else row.cells
        is_as_written = (*cells.values(),) == row.source.cells
        written = () if is_as_written else zip(sheet.table.columns, row.source.cells, strict=True)
        entity = Entity(
            kind=sheet.kind,
            key=identity.key,
            label=identity.label or row.label or row.name,
            machine_name=row.machine_name,
            status=status,
            is_status_blank=is_blank,
            source=row.place,
            cells=cells,
            written={c: t for c, t in written if t != cells[c] and t not in ERROR_VALUES},
            owner_key=identity.owner_key,
            bundle_type=identity.bundle_type,
            references=identity.references,
            unknown_columns=own,
            is_declared=sheet.table.is_declared,
        )
        if entity.unread_status:
            reading.unread_statuses.append(row)
        _cite_what_waits(row, status, own)
        reading.entities.append(entity)
        _make_known(entity, row, reading.known)
    for column, odd in unread.items():
        row_findings.cite_unknown_spellings(column, odd, expected=readers[column][1])


def _status_beside_whole(row: Row, whole: Entity | None) -> tuple[Status, bool]:
    """Return the status of a row, and whether its cell is blank, as those of what it is a part of.

    Where the sheet has no statuses, or the whole is not to be built, a part has that of the whole.
    """
    status, is_blank = status_of(row)
    if whole is not None and (whole.status in GONE or not row.sheet.has_statuses):
        return whole.status, whole.is_status_blank
    return status, is_blank


def _cite_what_waits(row: Row, status: Status, other_columns: Sequence[str]) -> None:
    """Say what is on hold, where nothing else does, and what a cell of the sheet's own puts off."""
    if row.sheet.table.is_declared and status is Status.WAITING:
        row_findings.cite_on_hold(row)
    for column in other_columns if status in TO_BUILD else ():
        if is_not_now_beside(row.cell(column), column):
            row_findings.cite_put_off(row, column)


def _key(row: Row, *parts: str) -> str:
    return f"{row.sheet.kind.value}:{'/'.join(parts)}"


def _plain(row: Row, _known: KnownThings) -> _Identity:
    return _Identity(key=_key(row, row.name))


def _custom(row: Row, _known: KnownThings) -> _Identity:
    file = row.sheet.table.file.name
    title = sheet_title(file)
    stem = title.rpartition(".")[0] if title == file else title
    label = row.label or f"line {row.source.line}"
    return _Identity(key=_key(row, stem, label), label=label)


def _image_effect(row: Row, things: KnownThings) -> _Identity:
    column = STYLE_OF_EFFECT.name
    named = row.cell(column)
    label = f"{named}: {row.label}" if named else row.label
    style = references.by_label(row, things, column=column, kind=EntityKind.IMAGE_STYLE)
    style_key = None if style is None else style.target_key
    if style_key is None:
        key = _key(row, named, row.label)
        pointers = () if style is None else (style,)
        return _Identity(key=things.count_effect(key), label=label, references=pointers)
    effect = effect_named(row.label) or row.label
    key = _key(row, style_key.partition(":")[2], effect)
    return _Identity(
        key=things.count_effect(key),
        label=label,
        owner_key=style_key,
        part_of=things.image_styles[style_key],
    )


def _responsive_image_style(row: Row, known: KnownThings) -> _Identity:
    return _Identity(
        key=_key(row, row.name), references=references.image_style_references(row, known)
    )


def _bundle(row: Row, _known: KnownThings) -> _Identity:
    type_text = row.cell("Type")
    bundle_type = type_in_cell(type_text)
    if bundle_type is None and row.sheet.has_column("Type"):
        row_findings.cite_unknown_bundle_type(row)
    return _Identity(
        key=_key(row, _type_in_key(bundle_type, type_text), row.name),
        label=bundle_label(row.label or row.name, type_text),
        bundle_type=bundle_type,
    )


def _type_in_key(bundle_type: AnyBundleType | None, type_text: str) -> str:
    """Return the part of a key that tells bundles of one name apart; as written where it always was."""
    is_as_written = bundle_type is None or bundle_type in TYPES_READ_LATER
    if is_as_written or isinstance(bundle_type, OtherType):
        return type_text
    return str(bundle_type)


def _field(row: Row, known: KnownThings) -> _Identity:
    text = row.cell("Bundle") or row.cell(references.OWNER_NAME_COLUMN)
    owner_key = references.bundle_of(row, known, column="Bundle", text=text) if text else None
    found = references.field_references(row, known)
    if owner_key is None:
        found = (*_missing_owner(row, known, column="Bundle", kind=EntityKind.BUNDLE), *found)
        return _Identity(key=_key(row, text, row.name), references=found)
    row_findings.cite_contradictions(row, known, owner_key=owner_key, found=found)
    return _Identity(
        key=_key(row, owner_key.partition(":")[2], row.name),
        owner_key=owner_key,
        bundle_type=known.bundles[owner_key].bundle_type,
        references=found,
    )


def _missing_owner(
    row: Row, known: KnownThings, *, column: str, kind: EntityKind
) -> tuple[Reference, ...]:
    """Cite a row that says whose it is, but not so that it can be found; of a blank cell a person is asked."""
    text = row.cell(column)
    if says_nothing(text):
        return ()
    return (references.dangling(row, known, column=column, text=text, kind=kind),)


def _view_display(row: Row, known: KnownThings) -> _Identity:
    found = references.joined_reference(
        row, known, computed="View ID", labelled="View", kind=EntityKind.VIEW
    )
    owner_key = None if found is None else found.target_key
    owner = row.cell("View") if owner_key is None else owner_key.partition(":")[2]
    name = row.name or row.cell(DISPLAY_PLUGIN)
    return _Identity(
        key=_key(row, owner, name),
        label=row.label or name,
        owner_key=owner_key,
        references=(found,) if found and owner_key is None else (),
    )


def _view_mode(row: Row, known: KnownThings) -> _Identity:
    type_text = row.cell("Entity Type")
    bundle_type = bundle_type_of(type_text)
    if bundle_type in TYPES_READ_LATER or isinstance(bundle_type, OtherType):
        bundle_type = None  # no sheet of a site has view modes of these
    return _Identity(
        key=_key(row, bundle_type or type_text, row.label),
        bundle_type=bundle_type,
        references=references.used_on_references(row, known),
    )


def _part_of_workflow(row: Row, known: KnownThings) -> _Identity:
    found = references.by_label(row, known, column="Workflow", kind=EntityKind.WORKFLOW)
    owner_key = None if found is None else found.target_key
    pointers: tuple[Reference, ...] = (found,) if found is not None and owner_key is None else ()
    if found is None:
        _missing_owner(row, known, column="Workflow", kind=EntityKind.WORKFLOW)
    if row.sheet.kind is EntityKind.WORKFLOW_TRANSITION and owner_key is not None:
        pointers = references.state_references(row, known, workflow_key=owner_key)
    owner = row.cell("Workflow") if owner_key is None else owner_key.partition(":")[2]
    return _Identity(key=_key(row, owner, row.name), owner_key=owner_key, references=pointers)


def _migration(row: Row, things: KnownThings) -> _Identity:
    return _Identity(
        key=_key(row, row.name), references=references.migration_references(row, things)
    )


def _migration_mapping(row: Row, things: KnownThings) -> _Identity:
    owner_text = row.cell("Migration")
    owner = references.by_label(row, things, column="Migration", kind=EntityKind.MIGRATION)
    if owner is not None and owner.target_key is not None:
        owner_name = owner.target_key.partition(":")[2]
        return _Identity(
            key=_mapping_key(row, owner_name), label=_mapping_label(row), owner_key=owner.target_key
        )
    if owner is None:
        _missing_owner(row, things, column="Migration", kind=EntityKind.MIGRATION)
    return _Identity(
        key=_mapping_key(row, owner_text),
        label=_mapping_label(row),
        references=() if owner is None else (owner,),
    )


def _mapping_key(row: Row, owner_name: str) -> str:
    """Return the key of a mapping: a field of the destination gets its values once."""
    return _key(row, owner_name, row.cell("Destination field").strip("-") or row.name)


def _mapping_label(row: Row) -> str:
    return row.label or row.cell("Destination field")


_IDENTITIES: Mapping[EntityKind, Callable[[Row, KnownThings], _Identity]] = {
    EntityKind.BUNDLE: _bundle,
    EntityKind.FIELD: _field,
    EntityKind.VIEW_DISPLAY: _view_display,
    EntityKind.VIEW_MODE: _view_mode,
    EntityKind.IMAGE_EFFECT: _image_effect,
    EntityKind.RESPONSIVE_IMAGE_STYLE: _responsive_image_style,
    EntityKind.WORKFLOW_STATE: _part_of_workflow,
    EntityKind.WORKFLOW_TRANSITION: _part_of_workflow,
    EntityKind.MIGRATION: _migration,
    EntityKind.MIGRATION_MAPPING: _migration_mapping,
    EntityKind.CUSTOM: _custom,
}


def _make_known(entity: Entity, row: Row, known: KnownThings) -> None:
    if entity.kind not in _OWNERS_FIRST:
        return
    known.by_kind[entity.kind].add(
        key=entity.key,
        label=entity.label,
        machine_name=entity.machine_name,
        row_id=entity.cell("ID"),
    )
    if entity.kind is EntityKind.BUNDLE:
        known.bundle_names.add(key=entity.key, label=row.label, machine_name="")
        known.bundles[entity.key] = entity
    elif entity.kind is EntityKind.IMAGE_STYLE:
        known.add_image_style(entity.key, entity.label)
        known.image_styles.setdefault(entity.key, entity)
    elif entity.kind is EntityKind.WORKFLOW_STATE and entity.owner_key is not None:
        states = known.states.setdefault(entity.owner_key, {})
        states.setdefault(folded(entity.label), entity.key)
        states.setdefault(folded(entity.machine_name), entity.key)
