"""The tables of a ticket, computed from its rows: exact by construction.

Belongs here: which rows make which table, folding of blank and constant columns, collapsing of
rows. Does not: the proof that nothing is missing (`tickets/documents/adf_validation`), or how a
table looks in ADF, HTML or Markdown (`document_tables`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import chain

from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.columns import BLANK, CUSTOM_LABEL_COLUMNS, STATUS_COLUMN, UPKEEP_COLUMNS
from jira_pipeline.model.entities import BundleType, Entity, EntityKind, OtherType, Status
from jira_pipeline.model.entity_groups import COMPONENT_KINDS, EntityGroup, GroupKind
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.sheet_names import sheet_title
from jira_pipeline.model.tickets import SourceLines
from jira_pipeline.tickets.grouping.component_rows import CHANGES, NATURAL_KEYS, is_upkeep

LONG_PROSE_CHARACTERS = 60
"""A prose cell longer than this, or of several lines, makes the row of a wide table unreadable."""
NARROW_TABLE_COLUMNS = 5
"""A table with no more columns beside the prose has room for it."""
JOINED_BY = ", "

_STATE_COLUMNS = ("From state", "To state")
"""What a transition is about stays in its row even if all transitions say the same."""
ENTRY_COLUMNS_MAX = 6
"""Columns of a table of entries beside the one that names them; other values are below it."""
ENTRY_CELL_CHARACTERS_MAX = 60
"""A longer value of an entry is below the table."""

_NOUNS: Mapping[EntityKind, str] = {
    EntityKind.BUNDLE: "Content structures",
    EntityKind.FIELD: "Fields",
    EntityKind.VIEW: "Views",
    EntityKind.VIEW_DISPLAY: "Displays",
    EntityKind.IMAGE_STYLE: "Image styles",
    EntityKind.IMAGE_EFFECT: "Image effects",
    EntityKind.RESPONSIVE_IMAGE_STYLE: "Responsive image styles",
    EntityKind.VIEW_MODE: "View modes",
    EntityKind.USER_ROLE: "Roles",
    EntityKind.WORKFLOW: "Workflows",
    EntityKind.WORKFLOW_STATE: "States",
    EntityKind.WORKFLOW_TRANSITION: "Transitions",
    EntityKind.MIGRATION: "Migrations",
    EntityKind.MIGRATION_MAPPING: "Mappings",
    EntityKind.CUSTOM: "Rows",
    EntityKind.COMPONENT: "Components",
}
_BUNDLE_NOUNS: Mapping[BundleType, str] = {
    BundleType.CONTENT: "Content types",
    BundleType.PARAGRAPH: "Paragraph types",
    BundleType.VOCABULARY: "Vocabularies",
    BundleType.MEDIA: "Media types",
    BundleType.BLOCK: "Custom block types",
    BundleType.WEBFORM: "Webforms",
    BundleType.USER: "User accounts",
    BundleType.COMMENT: "Comment types",
    BundleType.GROUP: "Group types",
    BundleType.PROFILE: "Profile types",
    BundleType.PRODUCT: "Product types",
    BundleType.PRODUCT_VARIATION: "Product variation types",
    BundleType.MESSAGE: "Message templates",
    BundleType.CONFIG_PAGE: "Config pages",
}
_KINDS = tuple(EntityKind)
_SINGLE_HEAD_KINDS = frozenset(
    {GroupKind.BUNDLE, GroupKind.VIEW, GroupKind.WORKFLOW, GroupKind.MIGRATION, *COMPONENT_KINDS}
)


class TablePurpose(StrEnum):
    """What a table is for; a body that is too large gives up tables by it."""

    SETTINGS = "settings"
    """Of the heads."""
    MEMBERS = "members"
    """The rows to build, leave, hold or remove."""
    PROSE = "prose"
    """Long columns of the table before it, keyed by machine name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    cells: tuple[str, ...]
    """Literal text, one for each column."""
    lines: tuple[int, ...]
    """Lines in the source file it comes from; several when rows were collapsed."""
    records: tuple[int, ...]
    """The rows a spreadsheet program shows for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationTable:
    title: str
    """Such as `Fields to build (41)`."""
    file: str
    purpose: TablePurpose
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    same_for_all: tuple[tuple[str, str], ...] = ()
    """Columns with one value throughout, as (column, value)."""
    is_transposed: bool = False
    """Show one column a line: the settings of a single head."""
    statuses: frozenset[Status] = frozenset(Status)
    """What the rows may have as status."""
    below_table: frozenset[str] = frozenset()
    """Columns that few rows fill, or with long values: shown below the table, one by one."""
    upkeep: frozenset[str] = frozenset()
    """Columns that nobody sets: ids of the environment, times, versions; shown at the end."""


_TO_BUILD = "{noun} to build"
_SECTIONS = (
    (frozenset({Status.APPROVED, Status.CHANGED}), _TO_BUILD, _TO_BUILD),
    (frozenset({Status.IMPLEMENTED}), "Already there", "{noun} already there"),
    (frozenset({Status.WAITING}), "On hold, do not build", "{noun} on hold, do not build"),
    (frozenset({Status.DELETED}), "Remove, if present", "{noun} to remove, if present"),
)
"""Rows of some statuses; what their table is called where all rows of a ticket are of one kind, and where
they are of several."""


def tables_of(group: EntityGroup) -> tuple[ConfigurationTable, ...]:
    """Return the tables of a ticket: settings first, then rows by kind and status.

    Every non-blank cell of every head and member is in exactly one table, literally, in its row or
    in `same_for_all`; a list of a component makes one table; of long sentences in a wide table a second table is made. Transitions that
    differ in one column only are one row with that column joined.
    """
    group = group.as_in_sheet
    if group.kind is GroupKind.REMOVAL:
        return (*_removal_tables(group), *_caption_tables(group))

    ids = _ids_of_environment((*group.heads, *group.members))
    tables: list[ConfigurationTable] = []
    rows = (*group.heads, *group.members)
    if has_head(group):
        rows = group.members
        for heads in _by_kind_and_file(group.heads):
            tables += _settings_tables(heads, ids)
    tables += _caption_tables(group)
    parts = _by_kind_and_file(rows)
    has_kinds = len({part[0].kind for part in parts}) > 1
    for part in parts:
        if part[0].kind is EntityKind.COMPONENT_ITEM:
            tables += _entry_tables(part, ids)
        else:
            tables += _tables_of_sections(group, part, has_kinds=has_kinds)
    return tuple(tables)


def _ids_of_environment(rows: Iterable[Entity]) -> frozenset[str]:
    """Return the ids that a component and its entries have where they come from."""
    ids = set()
    for row in rows:
        for column, value in row.cells.items():
            is_id = column.rpartition(".")[2].casefold() == "id"
            if is_id and value and not value.isdigit() and is_upkeep(column, value):
                ids.add(value)
    return frozenset(ids)


def _settings_tables(heads: Sequence[Entity], ids: frozenset[str]) -> Iterator[ConfigurationTable]:
    """Yield the table of the cells of heads; of one head a line for each column.

    No table where all cells are blank.
    """
    columns = _filled_columns(heads)
    if not columns:
        return
    is_single = len(heads) == 1
    yield ConfigurationTable(
        title="Settings" if is_single else f"Settings ({len(heads)} rows)",
        file=heads[0].source.file,
        purpose=TablePurpose.SETTINGS,
        columns=columns,
        rows=_table_rows(heads, columns),
        is_transposed=is_single,
        upkeep=_upkeep_of(heads, columns, ids),
    )


def _tables_of_sections(
    group: EntityGroup, rows: Sequence[Entity], *, has_kinds: bool
) -> Iterator[ConfigurationTable]:
    """Yield the tables of rows of one kind: those that nobody decided, then by status."""
    from jira_pipeline.drupal.view.shipped import is_as_shipped  # noqa: PLC0415 - slow; of what renders

    noun = _noun_of(rows)
    undecided = [row for row in rows if row.is_undecided]
    if undecided:
        yield from _row_tables(undecided, f"{noun} not decided: ask before you build")
    for statuses, title_of_one_kind, title_of_several in _SECTIONS:
        section_rows = [row for row in rows if row.status in statuses and not row.is_undecided]
        if not section_rows:
            continue
        is_custom = section_rows[0].kind is EntityKind.CUSTOM
        title = title_of_several if has_kinds else title_of_one_kind
        if is_custom and all(row.is_status_blank for row in section_rows):
            title = "{noun}"  # nobody says that all of them are to be built
        if group.kind is GroupKind.VIEW and is_as_shipped(group.heads[0], group.members):
            title = "{noun} as shipped"
        yield from _row_tables(section_rows, title.format(noun=noun), statuses=statuses)


def _caption_tables(group: EntityGroup) -> Iterator[ConfigurationTable]:
    """Yield the tables of captions: what a sheet says above, between or below its rows."""
    places_of_rows = {row.source for row in (*group.heads, *group.members)}
    captions = [caption for caption in group.captions if caption.source not in places_of_rows]
    captions_by_table = group_by(captions, _file_and_columns)
    for (file, columns), captions_of_table in captions_by_table.items():
        sheet = sheet_title(file)
        count = len(captions_of_table)
        rows = _table_rows(captions_of_table, columns)
        yield ConfigurationTable(
            title=f"Said beside the rows of “{sheet}” ({count})",
            file=file,
            purpose=TablePurpose.PROSE,
            columns=columns,
            rows=rows,
        )


def _file_and_columns(row: Entity) -> tuple[str, tuple[str, ...]]:
    return row.source.file, tuple(row.cells)


def _removal_tables(group: EntityGroup) -> Iterator[ConfigurationTable]:
    """Yield the tables of a removal ticket: what goes, then what goes with it."""
    for heads in _by_kind_and_file(group.heads):
        yield from _row_tables(heads, "Remove, if present")
    for members in _by_kind_and_file(group.members):
        yield from _row_tables(members, f"{_noun_of(members)} that go with them")


def source_lines_of(group: EntityGroup) -> tuple[SourceLines, ...]:
    """Return the lines a ticket is made from, by file: files of heads first, then of members.

    A component is cited as a whole, at its beginning.
    """
    rows = group.heads if group.kind in COMPONENT_KINDS else group.sources
    places_by_file: dict[str, set[tuple[int, int]]] = {}
    for row in rows:
        places = places_by_file.setdefault(row.source.file, set())
        places.add((row.source.line, row.source.record))
    cited = []
    for file, places in places_by_file.items():
        in_order = sorted(places)
        lines = tuple(line for line, _ in in_order)
        records = tuple(record for _, record in in_order)
        cited.append(SourceLines(file=file, lines=lines, records=records))
    return tuple(cited)


def has_head(group: EntityGroup) -> bool:
    """Tell whether the heads are what the ticket is about, not the rows of its tables."""
    is_custom_row = group.kind is GroupKind.CUSTOM and group.key == group.heads[0].key
    return group.kind in _SINGLE_HEAD_KINDS or is_custom_row


def _by_kind_and_file(entities: Sequence[Entity]) -> list[list[Entity]]:
    parts = group_by(entities, lambda entity: (entity.kind, entity.source.file)).values()
    if any(entity.kind is EntityKind.COMPONENT_ITEM for entity in entities):
        return sorted(parts, key=_first_position)  # sections keep the order of the source
    return sorted(parts, key=_kind_and_file)


def _first_position(rows: Sequence[Entity]) -> int:
    return min(row.source.position for row in rows)


def _kind_and_file(rows: Sequence[Entity]) -> tuple[int, str]:
    return (_KINDS.index(rows[0].kind), rows[0].source.file)


def _noun_of(entities: Sequence[Entity]) -> str:
    """Return what the title of a table calls its rows: `Content types`, `Fields`."""
    bundle_type = entities[0].bundle_type
    is_alike = all(entity.bundle_type == bundle_type for entity in entities)
    if entities[0].kind is EntityKind.BUNDLE and bundle_type is not None and is_alike:
        if isinstance(bundle_type, OtherType):
            return f"Bundles of {bundle_type.entity_type}"
        return _BUNDLE_NOUNS[bundle_type]
    return _NOUNS[entities[0].kind]


def _row_tables(
    entities: Sequence[Entity], title: str, *, statuses: frozenset[Status] = frozenset(Status)
) -> Iterator[ConfigurationTable]:
    """Yield the table of rows of one kind, and a second one of their long texts where these need it.

    Columns that are blank throughout are left out; one with a single value throughout is said once,
    as `same_for_all`, but for names and states.
    """
    file = entities[0].source.file
    columns = _filled_columns(entities)
    rows = _collapsed_rows(entities, columns)
    naming = _naming_columns(entities[0].kind, columns)

    same_for_all = {}
    cells_by_column = {}
    for place, column in enumerate(columns):
        cells = [row.cells[place] for row in rows]
        is_always_shown = column in naming or column in _STATE_COLUMNS
        if len(rows) > 1 and len({*cells}) == 1 and not is_always_shown:
            same_for_all[column] = cells[0]
        else:
            cells_by_column[column] = cells
    prose = _columns_of_own_table(cells_by_column)
    columns_staying = tuple(column for column in cells_by_column if column not in prose)
    yield ConfigurationTable(
        title=f"{title} ({len(rows)})",
        file=file,
        purpose=TablePurpose.MEMBERS,
        columns=columns_staying,
        rows=with_columns(rows, columns, columns_staying),
        same_for_all=tuple(same_for_all.items()),
        statuses=statuses,
    )
    if not prose:
        return

    rows_with_prose = _rows_filling(prose, rows, columns)
    if _has_machine_name_each(rows_with_prose, columns):
        naming = (MACHINE_NAME_COLUMN,)
    names = " and ".join(column.removeprefix("Settings/").lower() for column in prose)
    yield ConfigurationTable(
        title=f"{title}: {names} ({len(rows_with_prose)} of {len(rows)})",
        file=file,
        purpose=TablePurpose.PROSE,
        columns=(*naming, *prose),
        rows=with_columns(rows_with_prose, columns, (*naming, *prose)),
        statuses=statuses,
    )


def _rows_filling(
    prose: Sequence[str], rows: Iterable[TableRow], columns: Sequence[str]
) -> list[TableRow]:
    """Return the rows that say something in a column of prose."""
    places = [columns.index(column) for column in prose]
    filling = []
    for row in rows:
        if any(row.cells[place] for place in places):
            filling.append(row)
    return filling


def _has_machine_name_each(rows: Sequence[TableRow], columns: Sequence[str]) -> bool:
    """Tell whether a machine name alone tells each row from the others."""
    if MACHINE_NAME_COLUMN not in columns:
        return False
    place = columns.index(MACHINE_NAME_COLUMN)
    return len({row.cells[place] for row in rows} - BLANK) == len(rows)


def _columns_of_own_table(cells_of: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the columns of prose that need a table of their own: all, if one has a long cell.

    None where the other columns are few: beside these there is room for any text.
    """
    from jira_pipeline.drupal.columns import PROSE_COLUMNS  # noqa: PLC0415 - slow; of what renders

    prose = [column for column in cells_of if column in PROSE_COLUMNS]
    if len(cells_of) - len(prose) <= NARROW_TABLE_COLUMNS:
        return []
    for column in prose:
        if any(map(_is_long, cells_of[column])):
            return prose
    return []


def _is_long(cell: str) -> bool:
    return len(cell) > LONG_PROSE_CHARACTERS or "\n" in cell


def _entry_tables(entries: Sequence[Entity], ids: frozenset[str]) -> Iterator[ConfigurationTable]:
    """Yield the table of the entries of one section of a component; none where all are blank."""
    filled = _filled_cells(entries)
    if not filled:
        return
    section = entries[0].source.file.rpartition("/")[2]
    first, *other_columns = filled
    upkeep = _upkeep_of(entries, filled, ids) - {first}
    same_for_all = []
    varying = []
    for column in other_columns:
        if column in upkeep:
            continue
        cells = filled[column]
        if len(cells) == len(entries) > 1 and len({*cells}) == 1:
            same_for_all.append((column, cells[0]))
        else:
            varying.append(column)

    title = section
    in_table = varying
    if section == CHANGES:
        title = f"{section} to make"
    else:
        naming = frozenset(chain(*NATURAL_KEYS.get(section.rpartition(".")[2], ())))
        varying.sort(key=lambda column: column not in naming)
        in_table = _columns_beside_each_other(varying, naming, filled, len(entries))
    below_table = [column for column in varying if column not in in_table]
    at_end = [column for column in filled if column in upkeep]
    columns = (first, *in_table, *below_table, *at_end)
    yield ConfigurationTable(
        title=f"{title} ({len(entries)})",
        file=entries[0].source.file,
        purpose=TablePurpose.MEMBERS,
        columns=columns,
        rows=_table_rows(entries, columns),
        same_for_all=tuple(same_for_all),
        below_table=frozenset(below_table),
        upkeep=upkeep,
    )


def _filled_cells(entities: Iterable[Entity]) -> dict[str, list[str]]:
    """Return the cells that are not blank by their columns, each column where it first occurs."""
    filled: dict[str, list[str]] = {}
    for entity in entities:
        for column in entity.cells:
            cells = filled.setdefault(column, [])
            if entity.cell(column):
                cells.append(entity.cell(column))
    return {column: cells for column, cells in filled.items() if cells}


def _columns_beside_each_other(
    columns: Sequence[str],
    naming: frozenset[str],
    filled: Mapping[str, Sequence[str]],
    entry_count: int,
) -> list[str]:
    """Return the columns of entries that a table has room for: short ones that are mostly filled.

    Columns of nested values, such as `Phases[0].Name`, are left out where there are too many columns.
    """
    has_room_for_all = len(columns) <= ENTRY_COLUMNS_MAX
    chosen = []
    for column in columns:
        is_nested = "[" in column or "." in column
        is_mostly_filled = 2 * len(filled[column]) >= entry_count
        if is_nested and not has_room_for_all:
            continue
        if column not in naming and not is_mostly_filled:
            continue
        if all(map(_is_short_entry, filled[column])):
            chosen.append(column)
    return chosen[:ENTRY_COLUMNS_MAX]


def _is_short_entry(cell: str) -> bool:
    return len(cell) <= ENTRY_CELL_CHARACTERS_MAX and "\n" not in cell


def _upkeep_of(
    entities: Sequence[Entity], columns: Iterable[str], ids: frozenset[str]
) -> frozenset[str]:
    """Return the columns of components that nobody sets: ids, times and versions.

    A column that refers to other entries of the component by their `ids` is one, too: another column
    names them.
    """
    if entities[0].kind not in {EntityKind.COMPONENT, EntityKind.COMPONENT_ITEM}:
        return frozenset()
    upkeep = set()
    for column in columns:
        cells = [entity.cell(column) for entity in entities]
        values = list(filter(None, cells))
        if ids.issuperset(values) or all(is_upkeep(column, value) for value in values):
            upkeep.add(column)
    return frozenset(upkeep)


def _filled_columns(entities: Sequence[Entity]) -> tuple[str, ...]:
    """Return the columns that are not blank throughout: names first, upkeep last."""
    filled = list(_filled_cells(entities))
    if all(entity.is_plainly_approved for entity in entities):
        filled = [column for column in filled if column != STATUS_COLUMN]
    naming = _naming_columns(entities[0].kind, filled)
    others = [column for column in filled if column not in naming]
    between = [column for column in others if column not in UPKEEP_COLUMNS]
    at_end = [column for column in UPKEEP_COLUMNS if column in others]
    return (*naming, *between, *at_end)


def _naming_columns(kind: EntityKind, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the column of the label and that of the machine name, those of them that are there."""
    from jira_pipeline.drupal.columns import label_column_of  # noqa: PLC0415 - slow; of what renders

    labels: list[str] = []
    own_label = label_column_of(kind)  # None of components: they are named by their titles
    if kind is EntityKind.CUSTOM:
        labels += CUSTOM_LABEL_COLUMNS
    elif own_label is not None:
        labels.append(own_label)
    naming = [column for column in labels if column in columns][:1]
    if MACHINE_NAME_COLUMN in columns and MACHINE_NAME_COLUMN not in naming:
        naming.append(MACHINE_NAME_COLUMN)
    return tuple(naming)


def _table_rows(entities: Iterable[Entity], columns: Sequence[str]) -> tuple[TableRow, ...]:
    return tuple(_table_row(entity, columns) for entity in entities)


def _table_row(entity: Entity, columns: Sequence[str]) -> TableRow:
    return TableRow(
        cells=tuple(map(entity.cell, columns)),
        lines=(entity.source.line,),
        records=(entity.source.record,),
    )


def _collapsed_rows(entities: Sequence[Entity], columns: Sequence[str]) -> list[TableRow]:
    """Return one row per entity; transitions of one key that differ in one column are one row."""
    if entities[0].kind is not EntityKind.WORKFLOW_TRANSITION:
        return list(_table_rows(entities, columns))
    rows: list[TableRow] = []
    for same in group_by(entities, lambda entity: entity.key).values():
        rows += _joined_rows(_table_rows(same, columns))
    return rows


def _joined_rows(rows: Sequence[TableRow]) -> list[TableRow]:
    """Join rows that differ in one column alone: in the column that leaves the fewest rows.

    Rows stay apart where a cell of that column is blank or has a comma itself.
    """
    places = range(len(rows[0].cells))
    groupings = [group_by(rows, partial(_cells_except, place)) for place in places]
    place = min(places, key=lambda place: len(groupings[place]))

    joined: list[TableRow] = []
    for alike in groupings[place].values():
        values = list(dict.fromkeys(row.cells[place] for row in alike))
        is_any_unlistable = any(not value or "," in value for value in values)
        if len(values) > 1 and is_any_unlistable:
            joined += alike
        else:
            joined.append(_joined_row(alike, place, JOINED_BY.join(values)))
    return joined


def _joined_row(rows: Sequence[TableRow], place: int, cell: str) -> TableRow:
    """Return one row for several, which differ in the cell at a place alone."""
    cells = list(rows[0].cells)
    cells[place] = cell
    lines: list[int] = []
    records: list[int] = []
    for row in rows:
        lines += row.lines
        records += row.records
    return TableRow(cells=tuple(cells), lines=tuple(sorted(lines)), records=tuple(sorted(records)))


def _cells_except(place: int, row: TableRow) -> tuple[str, ...]:
    return (*row.cells[:place], *row.cells[place + 1 :])


def with_columns(
    rows: Iterable[TableRow], columns: Sequence[str], wanted: Sequence[str]
) -> tuple[TableRow, ...]:
    """Return rows that have all `columns` with the cells of the wanted ones, in their order."""
    places = [columns.index(column) for column in wanted]
    narrower_rows = []
    for row in rows:
        cells = tuple(row.cells[place] for place in places)
        narrower_rows.append(replace(row, cells=cells))
    return tuple(narrower_rows)
