"""What a table of a worksheet may list, in the words of people, and the region that each becomes.

Belongs here: the shapes that are offered, and the records of each, with what the dictionary says of
the headers. Does not: which shape a worksheet has (people say it, or `proposing`), changing one
(`choices_applied`).
"""

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum

from jira_pipeline.drupal.columns import label_column_of
from jira_pipeline.model.columns import QUESTION_LINE, REMARK_LINE, Role
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.drafts import REMARKS
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    Constant,
    Fill,
    Marks,
    MatrixSide,
    Per,
    Record,
    Region,
    SheetTitle,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import changed
from jira_pipeline.sheets.layouts.matrices import MatrixSides, matrix_of
from jira_pipeline.sheets.layouts.record_drafts import (
    BUNDLE,
    FIELD,
    FIELD_DETAILS,
    RecordDraft,
    columns_by_dictionary,
    draft_of,
    keep_value,
    keys_of,
    kind_of_columns,
    naming_columns,
    naming_headers,
    record_of_kind,
)
from jira_pipeline.sheets.layouts.table_headers import NamedColumn, TableHeader, letters_name
from jira_pipeline.sheets.layouts.term_shapes import (
    region_of_lists_below_names,
    region_of_lists_beside,
    region_of_lists_in_columns,
)
from jira_pipeline.sheets.layouts.text_worksheets import region_of_lines
from jira_pipeline.sheets.reading.labels import bundle_type_of
from jira_pipeline.sheets.reading.sheet_kinds import known_columns, normalised, rule_of

VIEW = EntityKind.VIEW.value
DISPLAY = EntityKind.VIEW_DISPLAY.value
ROLE = EntityKind.USER_ROLE.value
WORKFLOW = EntityKind.WORKFLOW.value
STATE = EntityKind.WORKFLOW_STATE.value
TRANSITION = EntityKind.WORKFLOW_TRANSITION.value

TITLE = "title"
"""In place of a type: the names of the worksheets say it."""


class Shape(StrEnum):
    """What a table lists."""

    TYPES = "types"
    TYPES_WITH_FIELDS = "types_with_fields"
    TYPE_WITH_FIELDS = "type_with_fields"
    FIELDS = "fields"
    FIELD_DETAILS = "field_details"
    VIEWS = "views"
    VIEWS_WITH_DISPLAYS = "views_with_displays"
    VIEW_DISPLAYS = "view_displays"
    VIEW_MODES = "view_modes"
    IMAGE_STYLES = "image_styles"
    RESPONSIVE_IMAGE_STYLES = "responsive_image_styles"
    ROLES = "roles"
    MATRIX = "matrix"
    TERMS = "terms"
    TERMS_BELOW = "terms_below"
    TERMS_BESIDE = "terms_beside"
    WORKFLOWS = "workflows"
    WORKFLOW_STATES = "workflow_states"
    WORKFLOW_WITH_STATES = "workflow_with_states"
    WORKFLOW_TRANSITIONS = "workflow_transitions"
    WHOLE_WORKFLOW = "whole_workflow"
    MIGRATIONS = "migrations"
    MIGRATION_MAPPINGS = "migration_mappings"
    OWN_SHEET = "own_sheet"
    REMARKS = "remarks"
    OPEN_QUESTIONS = "open_questions"


@dataclass(frozen=True, slots=True)
class OfferedShape:
    """A shape in the words of people."""

    shape: Shape
    group: "ShapeGroup"
    label: str
    example: str
    """What one row is."""
    kinds: tuple[str, ...]
    """The records that are made of a row, from the outer to the inner."""

    @property
    def is_matrix(self) -> bool:
        """Things are columns, with their cells below."""
        return self.shape in {Shape.TERMS, Shape.MATRIX}

    @property
    def is_grid(self) -> bool:
        """Somebody has to say what its rows and its columns are."""
        return self.shape is Shape.MATRIX

    @property
    def has_types(self) -> bool:
        """Its things are types, of which something says the kind."""
        return BUNDLE in self.kinds and self.shape not in SHAPES_OF_TERMS


class ShapeGroup(StrEnum):
    """What shapes are about, as pages group them."""

    TYPES = "Page types, building blocks and their fields"
    LISTINGS = "Listings"
    PEOPLE = "People and workflow"
    MEDIA = "Pictures and ways of showing content"
    OTHERS = "Anything else"


SHAPES_OF_TERMS = frozenset({Shape.TERMS, Shape.TERMS_BELOW, Shape.TERMS_BESIDE})
"""Lists of words that editors choose from."""
LINES_OF_TEXT = frozenset({Shape.REMARKS, Shape.OPEN_QUESTIONS})
"""Each row is a line of text, whatever header it is below."""
OFFERED_SHAPES = (
    OfferedShape(
        Shape.TYPES,
        ShapeGroup.TYPES,
        "Types, without their fields",
        "each row is a page type (content type), building block (paragraph), list of terms, …",
        (BUNDLE,),
    ),
    OfferedShape(
        Shape.TYPE_WITH_FIELDS,
        ShapeGroup.TYPES,
        "Types with their fields, one block for each type",
        "each row is a field; the line above the block, or the worksheet’s name, is the type",
        (BUNDLE, FIELD),
    ),
    OfferedShape(
        Shape.TYPES_WITH_FIELDS,
        ShapeGroup.TYPES,
        "Types with their fields, one table",
        "each row is a field; a column says the type, perhaps only once above its fields",
        (BUNDLE, FIELD),
    ),
    OfferedShape(
        Shape.FIELDS,
        ShapeGroup.TYPES,
        "Fields of types that another worksheet lists",
        "each row is a field; a column or a line above says the type",
        (FIELD,),
    ),
    OfferedShape(
        Shape.FIELD_DETAILS,
        ShapeGroup.TYPES,
        "More about fields that another worksheet lists",
        "each row says more of the field with that machine name, number or label",
        (HELPER,),
    ),
    OfferedShape(
        Shape.TERMS,
        ShapeGroup.TYPES,
        "Lists of words (vocabularies), one in each column",
        "the header is the name of the list, and its words are below",
        (BUNDLE,),
    ),
    OfferedShape(
        Shape.TERMS_BELOW,
        ShapeGroup.TYPES,
        "Lists of words (vocabularies), one below the other",
        "the name of each list is above its words, and a blank row between the lists",
        (BUNDLE,),
    ),
    OfferedShape(
        Shape.TERMS_BESIDE,
        ShapeGroup.TYPES,
        "Lists of words (vocabularies), each word in a row",
        "the name of the list is beside its words: once, merged, or in each row",
        (BUNDLE,),
    ),
    OfferedShape(
        Shape.VIEWS,
        ShapeGroup.LISTINGS,
        "Listings (views)",
        "each row is a list of content",
        (VIEW,),
    ),
    OfferedShape(
        Shape.VIEWS_WITH_DISPLAYS,
        ShapeGroup.LISTINGS,
        "Listings with their pages and blocks (views with displays)",
        "each row is a page, block or feed of a listing",
        (VIEW, DISPLAY),
    ),
    OfferedShape(
        Shape.VIEW_DISPLAYS,
        ShapeGroup.LISTINGS,
        "Pages and blocks of listings that another worksheet lists (view displays)",
        "each row is a page, block or feed, and names its listing",
        (DISPLAY,),
    ),
    OfferedShape(
        Shape.ROLES,
        ShapeGroup.PEOPLE,
        "Roles, and what they may do (user roles)",
        "each row is a role",
        (ROLE,),
    ),
    OfferedShape(
        Shape.WORKFLOW_WITH_STATES,
        ShapeGroup.PEOPLE,
        "One workflow with its states",
        "each row is a state, such as Draft or Published",
        (WORKFLOW, STATE),
    ),
    OfferedShape(
        Shape.WHOLE_WORKFLOW,
        ShapeGroup.PEOPLE,
        "One workflow by its steps (transitions)",
        "each row is a step from one state to another; the states are those that the steps name",
        (WORKFLOW, STATE, STATE, TRANSITION),
    ),
    OfferedShape(
        Shape.WORKFLOWS, ShapeGroup.PEOPLE, "Workflows", "each row is a workflow", (WORKFLOW,)
    ),
    OfferedShape(
        Shape.WORKFLOW_STATES,
        ShapeGroup.PEOPLE,
        "States of workflows that another worksheet lists",
        "each row is a state, and names its workflow",
        (STATE,),
    ),
    OfferedShape(
        Shape.WORKFLOW_TRANSITIONS,
        ShapeGroup.PEOPLE,
        "Steps of workflows that another worksheet lists (transitions)",
        "each row is a step from one state to another",
        (TRANSITION,),
    ),
    OfferedShape(
        Shape.IMAGE_STYLES,
        ShapeGroup.MEDIA,
        "Picture sizes (image styles)",
        "each row is a size",
        ("image_style",),
    ),
    OfferedShape(
        Shape.RESPONSIVE_IMAGE_STYLES,
        ShapeGroup.MEDIA,
        "Picture sizes by screen width (responsive image styles)",
        "each row is one such set of sizes",
        ("responsive_image_style",),
    ),
    OfferedShape(
        Shape.VIEW_MODES,
        ShapeGroup.MEDIA,
        "Ways of showing content (view modes)",
        "each row is one, such as Teaser or Card",
        ("view_mode",),
    ),
    OfferedShape(
        Shape.MIGRATIONS,
        ShapeGroup.OTHERS,
        "Content taken over from another site (migrations)",
        "each row is a migration",
        ("migration",),
    ),
    OfferedShape(
        Shape.MIGRATION_MAPPINGS,
        ShapeGroup.OTHERS,
        "Fields that are taken over, of migrations that another worksheet lists (mappings)",
        "each row is a field of the old site, with the field that gets it",
        ("migration_mapping",),
    ),
    OfferedShape(
        Shape.MATRIX,
        ShapeGroup.OTHERS,
        "A grid of marks (matrix)",
        "things are in rows and in columns, and a mark says where both meet",
        (),
    ),
    OfferedShape(
        Shape.OWN_SHEET,
        ShapeGroup.OTHERS,
        "Something else: quote it",
        "its rows become a ticket of their own, word for word",
        (CUSTOM,),
    ),
    OfferedShape(
        Shape.REMARKS,
        ShapeGroup.OTHERS,
        "Remarks",
        "each line is quoted in the tickets of the types, listings and workflows that it names",
        (CUSTOM,),
    ),
    OfferedShape(
        Shape.OPEN_QUESTIONS,
        ShapeGroup.OTHERS,
        "Open questions",
        "each line is asked in the tickets of what it names, or else in one of their own",
        (CUSTOM,),
    ),
)


FORM_WORDS: Mapping[Shape, str] = {
    Shape.VIEWS_WITH_DISPLAYS: "a listing, with its pages and blocks (view with displays)",
    Shape.VIEWS: "a listing (view)",
    Shape.TYPES: "a page type, building block, sort of media, list of terms, …",
    Shape.FIELDS: "a field of a type that another worksheet lists",
    Shape.ROLES: "a role, and what it may do",
    Shape.WORKFLOWS: "a workflow",
    Shape.WORKFLOW_STATES: "a state of a workflow",
    Shape.WORKFLOW_TRANSITIONS: "a step of a workflow (transition)",
    Shape.IMAGE_STYLES: "a picture size (image style)",
    Shape.RESPONSIVE_IMAGE_STYLES: "a set of picture sizes (responsive image style)",
    Shape.VIEW_MODES: "a way of showing content (view mode)",
    Shape.MIGRATIONS: "content taken over from another site (migration)",
    Shape.MIGRATION_MAPPINGS: "a field that a migration takes over (mapping)",
}
"""What one block of a form is: labels on the left, and beside each what it says."""
TYPED_SHAPES = frozenset(offered.shape.value for offered in OFFERED_SHAPES if offered.has_types)
"""Shapes whose things are types, of which something says the kind."""


FORM = "form:"
"""Before a shape, in a list of choices: each block of the worksheet is one such thing."""


def offered_shape(shape: Shape) -> OfferedShape:
    return next(offered for offered in OFFERED_SHAPES if offered.shape is shape)


def shape_of(region: Region) -> OfferedShape | None:
    """Return which of the shapes that are offered a table is declared as."""
    if any(record.per is Per.TERM for record in region.records):
        return offered_shape(_shape_of_terms(region))
    if region.marks is not None:
        return offered_shape(Shape.MATRIX)
    columns = {column for record in region.records for column in record.columns}
    if columns == {REMARK_LINE}:
        return offered_shape(Shape.REMARKS)
    if columns == {QUESTION_LINE}:
        return offered_shape(Shape.OPEN_QUESTIONS)
    kinds = tuple(record.into for record in region.records)
    if kinds == offered_shape(Shape.TYPE_WITH_FIELDS).kinds:
        is_one = region.records[0].per is Per.BLOCK
        return offered_shape(Shape.TYPE_WITH_FIELDS if is_one else Shape.TYPES_WITH_FIELDS)
    return next((shape for shape in OFFERED_SHAPES if shape.kinds == kinds), None)


def _shape_of_terms(region: Region) -> Shape:
    if region.marks is not None:
        return Shape.TERMS
    return Shape.TERMS_BESIDE if region.header else Shape.TERMS_BELOW


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
    (WORKFLOW, STATE): (
        _DerivedCell(0, "Label", 1, "Workflow", is_filled=False),
        _DerivedCell(1, "Workflow", 0, "Label", is_filled=False),
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


def derived_cells(kinds: Sequence[str]) -> Sequence[_DerivedCell]:
    """Return the cells of records of some kinds that others say; further records come after these."""
    fitting = [first for first in DERIVED_CELLS if tuple(kinds[: len(first)]) == first]
    return DERIVED_CELLS[max(fitting, key=len)] if fitting else ()


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
    shape: Shape,
    grids: Sequence[Grid],
    header: TableHeader | None,
    *,
    bundle_type: str = "",
    matrix: MatrixSides | None = None,
    lists_in: AbstractSet[int] = frozenset(),
) -> Region:
    """Return the region that a table of a shape is, as far as the dictionary knows its headers.

    `bundle_type` is the type of all its things, `title` where the names of the worksheets say it, and
    blank where a column does. `lists_in` are the columns of lists of words, where somebody says them.
    """
    if shape in LINES_OF_TEXT:
        return region_of_lines(grids, are_questions=shape is Shape.OPEN_QUESTIONS)
    if shape is Shape.TERMS_BELOW:
        return region_of_lists_below_names(grids)
    name = grids[0].title
    if header is None:
        record = Record(into=CUSTOM, sheet=name, columns={"Text": (Value(column=letters_name(0)),)})
        return Region(name=name, records=(record,))
    if shape is Shape.TERMS:
        return region_of_lists_in_columns(grids, header, lists_in)
    if shape is Shape.TERMS_BESIDE:
        return region_of_lists_beside(grids, header)
    marks: Marks | None = None
    if shape is Shape.MATRIX:
        if matrix is None:
            raise WrongUseError("Say what the rows of the matrix are, and what its columns.")
        made = matrix_of(matrix, grids, header)
        records = [*made.records]
        marks = made.marks
    else:
        records = _records_of_shape(shape, grids, header)
    if bundle_type and (offered_shape(shape).has_types or shape is Shape.MATRIX):
        records = [with_type(record, bundle_type, grids) for record in records]
    if header.is_row:
        records[-1] = _named_by_first_column(records[-1], header)
    _derive_cells(records)
    return Region(
        name=name,
        header=() if marks or header.is_row else _headers_to_find(records, header),
        header_rows=header.span.named_count,
        header_below=header.span.below_count,
        repeats=True,
        marks=marks,
        records=tuple(draft.built() for draft in records),
    )


def _named_by_first_column(draft: RecordDraft, header: TableHeader) -> RecordDraft:
    """Return a record of a table without a header, whose first column names its things."""
    label = label_column_of(draft.kind)
    if label is None or not naming_columns(draft.kind):
        return draft
    first = header.names[0]
    columns: dict[str, tuple[Value, ...]] = {}
    for name, values in draft.columns.items():
        others = tuple(value for value in values if value.column != first)
        if others:
            columns[name] = others
    columns[label] = (Value(column=first),)
    named = {**draft.other_fields, "needs_any": (label,)}
    return replace(draft, columns=columns, other_fields=named)


def _headers_to_find(records: Sequence[RecordDraft], header: TableHeader) -> tuple[str, ...]:
    """Return the headers that a table is found by; where none names things, all of them."""
    return tuple(dict.fromkeys(naming_headers(records))) or header.names


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
        case Shape.FIELD_DETAILS:
            return [_record_of_details(columns)]
        case Shape.WHOLE_WORKFLOW:
            return _records_of_workflow(columns)
        case Shape.WORKFLOW_WITH_STATES:
            return [_workflow(), record_of_kind(STATE, columns)]
        case Shape.TYPE_WITH_FIELDS:
            return [_named_by_worksheet(BUNDLE), record_of_kind(FIELD, columns)]
        case _:
            kinds = offered_shape(shape).kinds
    if len(kinds) == 1:
        return [record_of_kind(kinds[0], columns)]
    outer, inner = kinds
    first = _first_inner_column(outer, inner, columns)
    return [
        _outer_record(record_of_kind(outer, columns[:first])),
        record_of_kind(inner, columns[first:]),
    ]


def _as_they_are(columns: Sequence[NamedColumn]) -> dict[str, tuple[Value, ...]]:
    return {column.name: (Value(column=column.name),) for column in columns}


def _outer_record(draft: RecordDraft) -> RecordDraft:
    """Return a record of rows that name the outer thing; what later rows name again is the same."""
    kind = draft.kind
    return replace(draft, other_fields={**draft.other_fields, "same_by": keys_of(kind)})


def _named_by_worksheet(kind: str) -> RecordDraft:
    """Return a record of one thing, which the worksheet is called like until a line names it."""
    label = label_column_of(kind) or ""
    return RecordDraft(
        kind=kind, columns={label: (Value(title=True),)}, other_fields={"per": Per.BLOCK}
    )


def _workflow() -> RecordDraft:
    """Return a record of the workflow that all rows name."""
    moderation: dict[str, tuple[Value, ...]] = {"Type": (Value(text="Content moderation"),)}
    return RecordDraft(kind=WORKFLOW, columns=moderation, other_fields={"same_by": ("Label",)})


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
    return [
        _workflow(),
        RecordDraft(kind=STATE, other_fields=of_state),
        RecordDraft(kind=STATE, other_fields=of_state),
        record_of_kind(TRANSITION, header),
    ]


def with_type(draft: RecordDraft, bundle_type: str, grids: Sequence[Grid]) -> RecordDraft:
    """Return a record of types with the type that somebody says all of them have."""
    if draft.kind == BUNDLE:
        before = [value.column for value in draft.columns.get("Type", ()) if value.column]
        draft.columns["Type"] = (type_value(bundle_type, grids),)
        for header in before:
            keep_value(draft, Value(column=header))
    elif draft.kind == FIELD and draft.other_fields.get("per") is Per.MARK:
        # Until a matrix lists its types, each field says which kind its own is of.
        draft.columns["Bundle type"] = (type_value(bundle_type, grids),)
    return draft


def type_of_all(region: Region) -> str:
    """Return the kind that all types of a table are said to have, as a choice says it.

    It is blank where a cell says it. The components of a matrix are no types that somebody says it of:
    they are paragraphs, whatever has them.
    """
    lists_components = is_of_components(region)
    for record in region.records:
        if lists_components and record.into == BUNDLE:
            continue
        column = {BUNDLE: "Type", FIELD: "Bundle type"}.get(record.into, "")
        for value in record.columns.get(column, ()):
            match value.source:
                case SheetTitle():
                    return TITLE
                case Constant():
                    return value.source.text
                case _:
                    pass
    return ""


def is_of_components(region: Region) -> bool:
    """Tell whether a table is a matrix of components, and of the types that may have them."""
    marks = region.marks
    return marks is not None and MatrixSide.COMPONENTS in {marks.rows, marks.across}


def type_value(bundle_type: str, grids: Sequence[Grid]) -> Value:
    if bundle_type != TITLE:
        return Value(text=bundle_type)
    types = {grid.worksheet_title: bundle_type_of(grid.worksheet_title) for grid in grids}
    words = {title: str(of_title) for title, of_title in types.items() if of_title is not None}
    return Value(title=True, words=words)


def stated_columns(region: Region) -> Iterator[tuple[Value, ...]]:
    """Yield what records take that is not derived of another record of the same row."""
    for record, name in _stated_names(region):
        yield record.values[name]


def stated_values(region: Region) -> Iterator[tuple[str, str, Value]]:
    """Yield each of these values with the kind and the column that it says."""
    for record, name in _stated_names(region):
        kind = kind_of_columns(draft_of(record))
        for value in record.columns.get(name, ()):
            yield kind, name, value


def _stated_names(region: Region) -> Iterator[tuple[Record, str]]:
    kinds = [record.into for record in region.records]
    derived = {(cell.record, cell.column) for cell in derived_cells(kinds)}
    for at, record in enumerate(region.records):
        for name in record.values:
            if (at, name) not in derived:
                yield record, name


def with_derived_cells(region: Region) -> Region:
    """Return a region in which the inner records take from the outer one what that says of them."""
    drafts = [*map(draft_of, region.records)]
    _derive_cells(drafts)
    return changed(region, records=tuple(draft.built() for draft in drafts))


def _derive_cells(drafts: Sequence[RecordDraft]) -> None:
    """Let the records of a region take what others of the same row say of them."""
    for derived in derived_cells([draft.kind for draft in drafts]):
        values = drafts[derived.from_record].columns.get(derived.from_column, ())
        if values:
            drafts[derived.record].columns[derived.column] = tuple(
                _filled(value) if derived.is_filled else value for value in values
            )
    for draft in drafts:
        if draft.other_fields.get("marked"):
            _name_as_before(draft, drafts)


def _name_as_before(asking: RecordDraft, drafts: Sequence[RecordDraft]) -> None:
    """Let what asks about marks name its thing as the first record does that lists such things."""
    first = next(draft for draft in drafts if draft.kind == asking.kind)
    for name in asking.columns:
        if name in first.columns and name != REMARKS:
            asking.columns[name] = first.columns[name]


def _filled(value: Value) -> Value:
    return value if value.column is None else changed(value, fill=Fill.ABOVE)
