"""What a table of a worksheet may list, in the words of people, and the region that each becomes.

Belongs here: the shapes that are offered, and the records of each, with what the dictionary says of
the headers. Does not: which shape a worksheet has (people say it, or `proposing`), changing one
(`choices_applied`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from jira_pipeline.model.columns import Role, columns_of, label_column_of
from jira_pipeline.model.entities import BundleType, EntityKind
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    LETTER,
    Fill,
    Gathering,
    Marks,
    Per,
    Record,
    Region,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import changed
from jira_pipeline.sheets.layouts.proposing import named_apart, region_of_kind
from jira_pipeline.sheets.layouts.table_headers import COLUMNS_MIN, NamedColumn, TableHeader
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.reading.cells import flag_spelled
from jira_pipeline.sheets.reading.labels import bundle_type_of
from jira_pipeline.sheets.reading.sheet_kinds import known_columns, normalised, rule_of

BUNDLE = EntityKind.BUNDLE.value
FIELD = EntityKind.FIELD.value
VIEW = EntityKind.VIEW.value
DISPLAY = EntityKind.VIEW_DISPLAY.value
ROLE = EntityKind.USER_ROLE.value
WORKFLOW = EntityKind.WORKFLOW.value
STATE = EntityKind.WORKFLOW_STATE.value
TRANSITION = EntityKind.WORKFLOW_TRANSITION.value

FIELD_DETAILS = "details of fields"
"""The helper in which other sheets look up what it says of a field."""
JOINED_BY = "Machine name"
TITLE = "title"
"""In place of a type: the names of the worksheets say it."""


class Shape(StrEnum):
    """What a table lists."""

    TYPES = "types"
    TYPES_WITH_FIELDS = "types_with_fields"
    FIELDS = "fields"
    FIELD_DETAILS = "field_details"
    VIEWS = "views"
    VIEWS_WITH_DISPLAYS = "views_with_displays"
    VIEW_DISPLAYS = "view_displays"
    VIEW_MODES = "view_modes"
    IMAGE_STYLES = "image_styles"
    RESPONSIVE_IMAGE_STYLES = "responsive_image_styles"
    ROLES = "roles"
    RIGHTS = "rights"
    TERMS = "terms"
    WORKFLOWS = "workflows"
    WORKFLOW_STATES = "workflow_states"
    WORKFLOW_TRANSITIONS = "workflow_transitions"
    WHOLE_WORKFLOW = "whole_workflow"
    MIGRATIONS = "migrations"
    OWN_SHEET = "own_sheet"


@dataclass(frozen=True, slots=True)
class OfferedShape:
    """A shape in the words of people."""

    shape: Shape
    label: str
    example: str
    """What one row is."""
    kinds: tuple[str, ...]
    """The records that are made of a row, from the outer to the inner."""

    @property
    def is_matrix(self) -> bool:
        """Things are columns, and their cells are below."""
        return self.shape in {Shape.TERMS, Shape.RIGHTS}

    @property
    def has_types(self) -> bool:
        """Its things are types, of which something says the kind."""
        return BUNDLE in self.kinds and self.shape is not Shape.TERMS


OFFERED_SHAPES = (
    OfferedShape(Shape.TYPES, "Types", "each row is a content type, a vocabulary, …", (BUNDLE,)),
    OfferedShape(
        Shape.TYPES_WITH_FIELDS,
        "Types with their fields",
        "each row is a field; the type is named once, above its fields",
        (BUNDLE, FIELD),
    ),
    OfferedShape(Shape.FIELDS, "Fields", "each row is a field, and names its type", (FIELD,)),
    OfferedShape(
        Shape.FIELD_DETAILS,
        "More about fields that another worksheet lists",
        "each row says more of the field with that machine name",
        (HELPER,),
    ),
    OfferedShape(Shape.VIEWS, "Views", "each row is a list of content", (VIEW,)),
    OfferedShape(
        Shape.VIEWS_WITH_DISPLAYS,
        "Views with their displays",
        "each row is a page, block or feed of a view",
        (VIEW, DISPLAY),
    ),
    OfferedShape(
        Shape.VIEW_DISPLAYS,
        "View displays",
        "each row is a display, and names its view",
        (DISPLAY,),
    ),
    OfferedShape(
        Shape.VIEW_MODES, "View modes", "each row is a way to show content", ("view_mode",)
    ),
    OfferedShape(Shape.IMAGE_STYLES, "Image styles", "each row is one", ("image_style",)),
    OfferedShape(
        Shape.RESPONSIVE_IMAGE_STYLES,
        "Responsive image styles",
        "each row is one",
        ("responsive_image_style",),
    ),
    OfferedShape(Shape.ROLES, "User roles", "each row is a role", (ROLE,)),
    OfferedShape(
        Shape.RIGHTS,
        "User roles, one in each column",
        "rows say what for, and a mark that the role may do it",
        (ROLE,),
    ),
    OfferedShape(
        Shape.TERMS,
        "Vocabularies, one in each column",
        "the header is a vocabulary, and the cells below are its terms",
        (BUNDLE,),
    ),
    OfferedShape(Shape.WORKFLOWS, "Workflows", "each row is a workflow", (WORKFLOW,)),
    OfferedShape(Shape.WORKFLOW_STATES, "Workflow states", "each row is a state", (STATE,)),
    OfferedShape(
        Shape.WORKFLOW_TRANSITIONS,
        "Workflow transitions",
        "each row is a step from one state to another",
        (TRANSITION,),
    ),
    OfferedShape(
        Shape.WHOLE_WORKFLOW,
        "A whole workflow by its transitions",
        "each row is a step; workflow and states are those that the steps name",
        (WORKFLOW, STATE, STATE, TRANSITION),
    ),
    OfferedShape(Shape.MIGRATIONS, "Migrations", "each row is a migration", ("migration",)),
    OfferedShape(
        Shape.OWN_SHEET,
        "Something else: quote it",
        "its rows become a ticket of their own, word for word",
        (CUSTOM,),
    ),
)


def offered_shape(shape: Shape) -> OfferedShape:
    return next(offered for offered in OFFERED_SHAPES if offered.shape is shape)


@dataclass(frozen=True, slots=True)
class _DerivedCell:
    """A cell of a record that another record of the same row says."""

    record: int
    column: str
    from_record: int
    from_column: str
    is_filled: bool
    """The other names it once, above the rows that it is of."""


DERIVED_CELLS: Mapping[tuple[str, ...], tuple[_DerivedCell, ...]] = {
    (BUNDLE, FIELD): (
        _DerivedCell(1, "Bundle", 0, "Name", is_filled=True),
        _DerivedCell(1, "Bundle type", 0, "Type", is_filled=True),
    ),
    (VIEW, DISPLAY): (
        _DerivedCell(1, "View", 0, "View name", is_filled=True),
        _DerivedCell(1, "View ID", 0, "Machine name", is_filled=True),
    ),
    (WORKFLOW, STATE, STATE, TRANSITION): (
        _DerivedCell(0, "Label", 3, "Workflow", is_filled=False),
        _DerivedCell(1, "Workflow", 3, "Workflow", is_filled=False),
        _DerivedCell(1, "Label", 3, "From state", is_filled=False),
        _DerivedCell(2, "Workflow", 3, "Workflow", is_filled=False),
        _DerivedCell(2, "Label", 3, "To state", is_filled=False),
    ),
}
"""By the kinds of the records of a region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDraft:
    """A record while its columns are changed."""

    kind: str
    columns: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    own: list[str] = field(default_factory=list)
    other_fields: Mapping[str, object] = field(default_factory=dict)
    """What else the record says, by its names."""

    def built(self) -> Record:
        """Return the record; where no header means a column of its kind, the first is a note."""
        columns = dict(self.columns)
        own = [*self.own]
        if not columns and own:
            columns[note_column(self.kind)] = (Value(column=own.pop(0)),)
        if not columns:
            # A record has a column: until a header names its things, it makes none.
            columns[label_column_of(self.kind) or note_column(self.kind)] = (Value(text=""),)
        whole = {**self.other_fields, "into": self.kind, "columns": columns, "own": tuple(own)}
        return Record.model_validate(whole)


def draft_of(record: Record) -> RecordDraft:
    others = record.model_fields_set - {"into", "columns", "own"}
    return RecordDraft(
        kind=record.into,
        columns=dict(record.columns),
        own=[*record.own],
        other_fields={name: getattr(record, name) for name in others},
    )


def kind_of_columns(draft: RecordDraft) -> str:
    """Return the kind whose columns a record has; details of fields have those of fields."""
    return FIELD if draft.other_fields.get("sheet") == FIELD_DETAILS else draft.kind


def note_column(kind: str) -> str:
    """Return the column of a kind that takes whatever else a row says."""
    names = {column.name for column in columns_of(kind)}
    return "Settings/notes" if "Settings/notes" in names else "Notes"


# ---------------------------------------------------------------- what headers mean, by the dictionary


def columns_by_dictionary(kind: str, header: Sequence[NamedColumn]) -> dict[str, tuple[Value, ...]]:
    """Return the columns of a kind that some headers are known to mean.

    Beside the dictionary, a header that is the kind's own word names its things (`Role`), and one that
    begins with it is the column after it (`Role machine name`).
    """
    headers = [column.header for column in header]
    region = region_of_kind(EntityKind(kind), headers)
    name_of = dict(zip(named_apart(headers), (column.name for column in header), strict=True))
    columns = {
        name: tuple(changed(value, column=name_of[value.column or ""]) for value in values)
        for name, values in region.records[0].columns.items()
    }
    taken = {value.column for values in columns.values() for value in values}
    for column in header:
        name = _column_after_word(kind, column.header)
        if column.name not in taken and name is not None and name not in columns:
            columns[name] = (Value(column=column.name),)
    return columns


def _column_after_word(kind: str, header: str) -> str | None:
    rule = rule_of(EntityKind(kind))
    if rule is None:
        return None
    word = normalised(header)
    for own in sorted((file_word.removesuffix("s") for file_word in rule.file_words), key=len):
        if word == own:
            return rule.label_column
        if word.startswith(own):
            return known_columns(rule).get(word.removeprefix(own))
    return None


def _first_inner_column(outer: str, inner: str, header: Sequence[NamedColumn]) -> int:
    """Return which is the first column of the inner things: its header, or group, is of them alone."""
    inner_rule = rule_of(EntityKind(inner))
    outer_rule = rule_of(EntityKind(outer))
    assert inner_rule is not None  # noqa: S101 - of a kind that has columns
    words = tuple(word.removesuffix("s") for word in inner_rule.file_words)
    for at, column in enumerate(header):
        word = normalised(column.header)
        is_called = word.startswith(words) or normalised(column.group).startswith(words)
        inner_column = known_columns(inner_rule).get(word)
        is_of_inner = (
            inner_column is not None
            and inner_rule.columns[inner_column].role is not Role.OWNER
            and word not in known_columns(outer_rule)
        )
        if is_called or is_of_inner:
            return at
    return 0


# ---------------------------------------------------------------- regions


def region_of_shape(
    shape: Shape, grids: Sequence[Grid], header: TableHeader | None, *, bundle_type: str = ""
) -> Region:
    """Return the region that a table of a shape is, as far as the dictionary knows its headers.

    `bundle_type` is the type of all its things, `title` where the names of the worksheets say it, and
    blank where a column does.
    """
    name = grids[0].title
    if header is None:
        record = Record(into=CUSTOM, sheet=name, columns={"Text": (Value(column=f"{LETTER}A"),)})
        return Region(name=name, records=(record,))
    records = _records_of_shape(shape, grids, header)
    marks = None
    if offered_shape(shape).is_matrix:
        marks = _marks(shape, grids, header)
    if bundle_type and offered_shape(shape).has_types:
        records = [_with_type(record, bundle_type, grids) for record in records]
    derive_cells(records)
    return Region(
        name=name,
        header=() if marks else _naming_headers(records, header),
        header_rows=header.span.named_count,
        header_below=header.span.below_count,
        repeats=True,
        marks=marks,
        records=tuple(draft.built() for draft in records),
    )


def _records_of_shape(
    shape: Shape, grids: Sequence[Grid], header: TableHeader
) -> list[RecordDraft]:
    columns = header.columns
    match shape:
        case Shape.OWN_SHEET:
            sheet = grids[0].title
            return [
                RecordDraft(
                    kind=CUSTOM, columns=_as_they_are(columns), other_fields={"sheet": sheet}
                )
            ]
        case Shape.TERMS:
            return [_record_of_terms()]
        case Shape.RIGHTS:
            _refuse_single_column(header)
            return [_record_of_rights(grids, header)]
        case Shape.FIELD_DETAILS:
            return [_record_of_details(columns)]
        case Shape.WHOLE_WORKFLOW:
            return _records_of_workflow(columns)
        case _:
            kinds = offered_shape(shape).kinds
    if len(kinds) == 1:
        return [_record_of_kind(kinds[0], columns)]
    outer, inner = kinds
    first = _first_inner_column(outer, inner, columns)
    return [
        _outer_record(_record_of_kind(outer, columns[:first])),
        _record_of_kind(inner, columns[first:]),
    ]


def _as_they_are(columns: Sequence[NamedColumn]) -> dict[str, tuple[Value, ...]]:
    return {column.name: (Value(column=column.name),) for column in columns}


def _record_of_kind(kind: str, header: Sequence[NamedColumn]) -> RecordDraft:
    """Return a record of each row that names a thing of a kind; unknown headers stay its own."""
    columns = columns_by_dictionary(kind, header)
    used = {value.column for values in columns.values() for value in values}
    own = [column.name for column in header if column.name not in used]
    naming = tuple(name for name in naming_columns(kind) if name in columns)
    draft = RecordDraft(kind=kind, columns=columns, other_fields={"needs_any": naming})
    for name in own:
        keep_value(draft, Value(column=name))
    return draft


def naming_columns(kind: str) -> tuple[str, ...]:
    """Return the columns of which one has to be filled for a row to be a thing of a kind."""
    rule = rule_of(EntityKind(kind))
    return () if rule is None else rule.identifying


def keep_value(draft: RecordDraft, value: Value) -> None:
    """Keep what is below a header or beside a label in the sheet's own words.

    A header stays a column of its own. A label, and a header that is called like a column of the kind
    and is not that, goes to the notes with its name.
    """
    kind = draft.kind
    header = value.column or value.pair or ""
    if kind in {CUSTOM, HELPER}:
        draft.columns[header] = (value,)
        return
    names = {normal(column.name) for column in columns_of(kind)}
    if value.column is not None and normal(header) not in names:
        draft.own.append(header)
        return
    note = note_column(kind)
    named = changed(value, wording=f"{header.replace('{', '').replace('}', '')}: {{}}")
    draft.columns[note] = (*draft.columns.get(note, ()), named)


def _outer_record(draft: RecordDraft) -> RecordDraft:
    """Return a record of rows that name the outer thing; what later rows name again is the same.

    Where no column names it, it is the worksheet that is called like it.
    """
    kind = draft.kind
    label = label_column_of(kind)
    if not draft.columns and label is not None:
        return RecordDraft(
            kind=kind, columns={label: (Value(title=True),)}, other_fields={"per": Per.BLOCK}
        )
    return replace(draft, other_fields={**draft.other_fields, "same_by": keys_of(kind)})


def keys_of(kind: str) -> tuple[str, ...]:
    """Return the columns by which rows of a kind are the same thing."""
    label = label_column_of(kind)
    return tuple(filter(None, (label, "Type" if kind == BUNDLE else None)))


def _record_of_terms() -> RecordDraft:
    record = Record(
        into=BUNDLE,
        per=Per.MARK,
        same_by=("Name", "Type"),
        gather={"Settings/notes": Gathering(between=", ", wording="Terms: {}")},
        columns={
            "Name": (Value(header=1),),
            "Type": (Value(text=BundleType.VOCABULARY.value),),
            "Settings/notes": (Value(mark=True),),
        },
    )
    return draft_of(record)


def _record_of_rights(grids: Sequence[Grid], header: TableHeader) -> RecordDraft:
    """Return a record of each role: what is marked in its columns, with what the row is about."""
    parts = [
        *([Value(header=2)] if header.span.named_count > 1 else []),
        Value(mark=True, words=dict.fromkeys(_plain_marks(grids, header), "")),
        Value(column=header.columns[0].name),
    ]
    record = Record(
        into=ROLE,
        per=Per.MARK,
        same_by=("Name",),
        gather={"Notes": Gathering(between=", ", wording="Permissions: {}")},
        columns={"Name": (Value(header=1),), "Notes": (Value(parts=tuple(parts)),)},
    )
    return draft_of(record)


def _refuse_single_column(header: TableHeader) -> None:
    """Stop where a matrix has no columns beside the one that says what its rows are about."""
    if len(header.columns) < COLUMNS_MIN:
        raise WrongUseError("The row has a single header: roles need a column each.")


def _marks(shape: Shape, grids: Sequence[Grid], header: TableHeader) -> Marks:
    if shape is Shape.TERMS:
        return Marks(headers=header.names)
    texts = _texts_of_marks(grids, header)
    none = tuple(text for text in texts if flag_spelled(text) is False or text in {"-", "–"})
    return Marks(headers=header.names[1:], texts=_plain_marks(grids, header), none=none)


def _plain_marks(grids: Sequence[Grid], header: TableHeader) -> tuple[str, ...]:
    """Return the texts of a matrix that are a mark and say no more."""
    return tuple(text for text in _texts_of_marks(grids, header) if flag_spelled(text))


def _texts_of_marks(grids: Sequence[Grid], header: TableHeader) -> Sequence[str]:
    columns = [column.column for column in header.columns[1:]]
    texts = (
        cells[column]
        for grid in grids
        for row, cells in grid.texts_by_row.items()
        if row >= header.span.rows.stop
        for column in columns
        if column in cells
    )
    return [*dict.fromkeys(texts)]


def _record_of_details(header: Sequence[NamedColumn]) -> RecordDraft:
    """Return helper rows with the columns of a field, for others to look up."""
    columns = columns_by_dictionary(FIELD, header)
    used = {value.column for values in columns.values() for value in values}
    draft = RecordDraft(kind=HELPER, columns=columns, other_fields={"sheet": FIELD_DETAILS})
    for column in header:
        if column.name not in used:
            draft.columns[column.name] = (Value(column=column.name),)
    return draft


def _records_of_workflow(header: Sequence[NamedColumn]) -> list[RecordDraft]:
    of_state = {"same_by": ("Workflow", "Label"), "needs": ("Label",)}
    moderation: dict[str, tuple[Value, ...]] = {"Type": (Value(text="Content moderation"),)}
    return [
        RecordDraft(kind=WORKFLOW, columns=moderation, other_fields={"same_by": ("Label",)}),
        RecordDraft(kind=STATE, other_fields=of_state),
        RecordDraft(kind=STATE, other_fields=of_state),
        _record_of_kind(TRANSITION, header),
    ]


def _with_type(draft: RecordDraft, bundle_type: str, grids: Sequence[Grid]) -> RecordDraft:
    """Return a record of types with the type that somebody says all of them have."""
    if draft.kind == BUNDLE:
        before = [value.column for value in draft.columns.get("Type", ()) if value.column]
        draft.columns["Type"] = (type_value(bundle_type, grids),)
        for header in before:
            keep_value(draft, Value(column=header))
    return draft


def type_value(bundle_type: str, grids: Sequence[Grid]) -> Value:
    if bundle_type != TITLE:
        return Value(text=bundle_type)
    types = {grid.title: bundle_type_of(grid.title) for grid in grids}
    words = {title: str(of_title) for title, of_title in types.items() if of_title is not None}
    return Value(title=True, words=words)


def _naming_headers(records: Sequence[RecordDraft], header: TableHeader) -> tuple[str, ...]:
    """Return the headers by which the row is found: those that name things, or all where none does."""
    naming: list[str] = []
    for draft in records:
        for name in naming_columns(draft.kind) if draft.kind != HELPER else ():
            naming += [value.column for value in draft.columns.get(name, ()) if value.column]
    return tuple(dict.fromkeys(naming)) or header.names


def with_derived_cells(region: Region) -> Region:
    """Return a region in which the inner records take from the outer one what that says of them."""
    drafts = [*map(draft_of, region.records)]
    derive_cells(drafts)
    return changed(region, records=tuple(draft.built() for draft in drafts))


def derive_cells(drafts: Sequence[RecordDraft]) -> None:
    """Let the records of a region take what others of the same row say of them."""
    for derived in DERIVED_CELLS.get(tuple(draft.kind for draft in drafts), ()):
        values = drafts[derived.from_record].columns.get(derived.from_column, ())
        if values:
            drafts[derived.record].columns[derived.column] = tuple(
                _filled(value) if derived.is_filled else value for value in values
            )


def _filled(value: Value) -> Value:
    return value if value.column is None else changed(value, fill=Fill.ABOVE)
