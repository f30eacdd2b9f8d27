"""Matrices: things in rows and columns, and a mark where they meet, as records of a layout.

Belongs here: what rows and columns may be, what is made of a mark, and what each mark means at first.
Does not: tables whose rows are things (`table_shapes`), saying what a mark means (`mark_choices`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.columns import columns_of, label_column_of
from jira_pipeline.model.entities import BundleType, EntityKind
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.drafts import REMARKS, TARGET
from jira_pipeline.sheets.layouts.grid import Grid, columns_of_stretch
from jira_pipeline.sheets.layouts.layout import Gathering, Marks, MatrixSide, Per, Value
from jira_pipeline.sheets.layouts.record_drafts import (
    RecordDraft,
    keep_value,
    keys_of,
    note_column,
    record_of_kind,
)
from jira_pipeline.sheets.layouts.table_headers import NamedColumn, TableHeader, letters_name
from jira_pipeline.sheets.reading.cells import flag_spelled, says_nothing

REQUIRED = "Req'd"
COUNT = "Vals."
TARGETS_BETWEEN = ", "
"""Between the names of what a field refers to."""
_NO_MARKS = frozenset({"-", "–", "—"})


SIDES: Mapping[MatrixSide, str] = {
    MatrixSide.FIELDS: "fields",
    MatrixSide.TYPES: "types",
    MatrixSide.ROLES: "user roles",
    MatrixSide.FROM_STATES: "states that a transition comes from",
    MatrixSide.TO_STATES: "states that it goes to",
    MatrixSide.VIEWS: "views",
    MatrixSide.VIEW_DISPLAYS: "displays of views",
    MatrixSide.IMAGE_STYLES: "image styles",
    MatrixSide.TRANSITIONS: "workflow transitions",
    MatrixSide.COMPONENTS: "components (paragraphs) that may stand in a field of types",
    MatrixSide.QUOTED: "anything else: quoted with what is on the other side",
}
"""What people are told of each."""
KINDS_OF_SIDES: Mapping[MatrixSide, str] = {
    MatrixSide.FIELDS: EntityKind.FIELD.value,
    MatrixSide.TYPES: EntityKind.BUNDLE.value,
    MatrixSide.ROLES: EntityKind.USER_ROLE.value,
    MatrixSide.VIEWS: EntityKind.VIEW.value,
    MatrixSide.VIEW_DISPLAYS: EntityKind.VIEW_DISPLAY.value,
    MatrixSide.IMAGE_STYLES: EntityKind.IMAGE_STYLE.value,
    MatrixSide.TRANSITIONS: EntityKind.WORKFLOW_TRANSITION.value,
}
"""Of what each names things; states are named by a workflow of their own."""
_DESCRIBED = frozenset(KINDS_OF_SIDES) - {MatrixSide.FIELDS}
"""Rows of which a note says where the marks are."""
_NAMED_BESIDE = (_DESCRIBED | {MatrixSide.QUOTED}) - {MatrixSide.VIEW_DISPLAYS}
_WORDING: Mapping[str, str] = {EntityKind.USER_ROLE.value: "Permissions: {}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixSides:
    """What somebody says of a matrix."""

    rows: MatrixSide
    across: MatrixSide
    columns: str
    """Letters of the columns with marks, `C:N`; blank for all that no header says something else of."""
    names_in: int
    """In which row of the header the columns have their names: 0 is that of the headers, -1 above it."""
    called: str = ""
    """Of states: the workflow; of components: the field of the types that they stand in."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The records of a matrix, and its marks."""

    records: tuple[RecordDraft, ...]
    marks: Marks


def matrix_of(sides: MatrixSides, grids: Sequence[Grid], header: TableHeader) -> Matrix:
    """Return what a matrix makes of its marks.

    Raises:
        WrongUseError: Nothing can be made of such rows and columns, or no column is left for marks.
    """
    builder = _Builder(sides, grids, header)
    return Matrix(tuple(builder.records()), builder.marks())


class _Builder:
    """One matrix while its records are made."""

    def __init__(self, sides: MatrixSides, grids: Sequence[Grid], header: TableHeader) -> None:
        self._sides = sides
        self._grids = grids
        self._header = header
        self._corner = _columns_below_corner(grids, header)
        self._marked = self._marked_columns()
        names = {column.name for column in self._marked}
        named = [column for column in header.columns if column.name not in names]
        self._beside = [*self._corner, *named]
        if not self._marked or not self._beside:
            raise WrongUseError(
                "A matrix needs a column that says what its rows are, and others with marks."
            )
        self._texts = _texts_below(grids, header, self._marked)

    def _marked_columns(self) -> list[NamedColumn]:
        columns = self._header.columns
        if self._sides.columns:
            stretch = columns_of_stretch(self._sides.columns)
            return [column for column in columns if column.column in stretch]
        kind = KINDS_OF_SIDES.get(self._sides.rows) or KINDS_OF_SIDES.get(self._sides.across) or ""
        taken: set[str | None] = set()
        for values in record_of_kind(kind, columns).columns.values() if kind else ():
            taken |= {value.column for value in values}
        names_count = 0 if self._corner else 1
        return [column for column in columns[names_count:] if column.name not in taken]

    def marks(self) -> Marks:
        headers = tuple(column.name for column in self._marked)
        none = tuple(text for text in self._texts if _is_no_mark(text))
        return Marks(
            headers=headers,
            texts=self._plain_marks(),
            none=none,
            rows=self._sides.rows,
            across=self._sides.across,
            names_row=self._names_row,
        )

    def _plain_marks(self) -> tuple[str, ...]:
        """Return the texts that are a mark and say no more."""
        return tuple(text for text in self._texts if flag_spelled(text))

    @property
    def _mark(self) -> Value:
        return Value(mark=True, words=dict.fromkeys(self._plain_marks(), ""))

    @property
    def _across(self) -> Value:
        """The name of the column that a mark is in."""
        if not 1 <= self._names_row <= len(self._header.span.rows):
            raise WrongUseError("The columns have their names in a row that is none of the header.")
        return Value(header=self._names_row)

    @property
    def _names_row(self) -> int:
        """Which row of the header has the names of the columns; the first is 1."""
        return self._header.span.named_count + self._sides.names_in

    @property
    def _name_of_row(self) -> Value:
        """The cell that names the row: the first one beside the marks."""
        return Value(column=self._beside[0].name)

    def records(self) -> Iterator[RecordDraft]:  # noqa: C901 - one case for each pair of sides
        match self._sides.rows, self._sides.across:
            case (MatrixSide.FIELDS, MatrixSide.TYPES):
                yield self._field(owner=self._across, label=None)
            case (MatrixSide.TYPES, MatrixSide.FIELDS):
                yield self._field(owner=self._name_of_row, label=self._across)
            case (MatrixSide.FROM_STATES, MatrixSide.TO_STATES):
                yield from self._workflow(self._name_of_row, self._across)
            case (MatrixSide.TO_STATES, MatrixSide.FROM_STATES):
                yield from self._workflow(self._across, self._name_of_row)
            case (MatrixSide.COMPONENTS, MatrixSide.TYPES):
                yield from self._components(self._name_of_row, owner=self._across)
            case (MatrixSide.TYPES, MatrixSide.COMPONENTS):
                yield from self._components(self._across, owner=self._name_of_row)
            case (MatrixSide.VIEWS, MatrixSide.VIEW_DISPLAYS):
                yield from self._views()
            case (MatrixSide.QUOTED, across) if across in KINDS_OF_SIDES:
                yield self._noted_column(KINDS_OF_SIDES[across])
            case (rows, across) if rows in _DESCRIBED and across in _NAMED_BESIDE:
                yield from self._noted_row(KINDS_OF_SIDES[rows])
            case (rows, across):
                raise WrongUseError(
                    f"Nothing is made of {SIDES[rows]} in rows and {SIDES[across]} in columns: say "
                    "that one of them is quoted with the other."
                )

    def _field(self, *, owner: Value, label: Value | None) -> RecordDraft:
        """Return a field for each mark; what is marked may say whether it is required."""
        kind = EntityKind.FIELD.value
        if label is not None:
            field = RecordDraft(
                kind=kind,
                columns={"Field label": (label,), "Bundle": (owner,), REQUIRED: (self._mark,)},
                other_fields={"per": Per.MARK},
            )
            # What is beside types says something of these: it is quoted until they are listed.
            for column in self._beside[1:]:
                keep_value(field, Value(column=column.name))
            return field
        named = record_of_kind(kind, self._beside)
        columns = dict(named.columns)
        taken = {value.column for values in columns.values() for value in values}
        if "Field label" not in columns:
            free = [column for column in self._beside if column.name not in taken]
            columns["Field label"] = (Value(column=(free or self._beside)[0].name),)
        columns["Bundle"] = (owner,)
        columns.setdefault(REQUIRED, (self._mark,))
        taken = {value.column for values in columns.values() for value in values}
        others = [name for name in named.own if name not in taken]
        return RecordDraft(kind=kind, columns=columns, own=others, other_fields={"per": Per.MARK})

    def _components(self, component: Value, *, owner: Value) -> Iterator[RecordDraft]:
        """Yield what the field of a type refers to: the components that are marked for it.

        What is beside the marks says something of the components, where these are the rows.
        """
        if not self._sides.called:
            raise WrongUseError("Say in which field of the types these components stand.")
        label = Value(text=self._sides.called)
        gathering = Gathering(between=TARGETS_BETWEEN)
        yield RecordDraft(
            kind=EntityKind.FIELD.value,
            columns={"Field label": (label,), "Bundle": (owner,), TARGET: (component,)},
            other_fields={
                "per": Per.MARK,
                "same_by": ("Field label", "Bundle"),
                "gather": {TARGET: gathering},
            },
        )
        remarks = [Value(column=column.name) for column in self._beside[1:]]
        if component == self._name_of_row and remarks:
            yield _remarks_of_components(component, remarks)

    def _workflow(self, origin: Value, target: Value) -> Iterator[RecordDraft]:
        """Yield the workflow, its states and a transition for each mark, which is its name."""
        workflow = Value(text=self._sides.called or self._grids[0].title)
        of_state = {"per": Per.MARK, "same_by": ("Workflow", "Label"), "needs": ("Label",)}
        yield RecordDraft(
            kind=EntityKind.WORKFLOW.value,
            columns={"Type": (Value(text="Content moderation"),)},
            other_fields={"per": Per.MARK, "same_by": ("Label",)},
        )
        for _ in (origin, target):
            yield RecordDraft(kind=EntityKind.WORKFLOW_STATE.value, other_fields=of_state)
        transition = RecordDraft(
            kind=EntityKind.WORKFLOW_TRANSITION.value,
            columns={
                "Workflow": (workflow,),
                "Label": (Value(mark=True),),
                "From state": (origin,),
                "To state": (target,),
            },
            other_fields={"per": Per.MARK, "needs": ("Label",)},
        )
        for column in self._beside[1:]:
            keep_value(transition, Value(column=column.name))
        yield transition

    def _views(self) -> Iterator[RecordDraft]:
        """Yield a view for each row, and a display for each mark, which says where it is."""
        view = record_of_kind(EntityKind.VIEW.value, self._beside)
        view.columns.setdefault("View name", (self._name_of_row,))
        yield view
        yield RecordDraft(
            kind=EntityKind.VIEW_DISPLAY.value,
            columns={
                "View": view.columns["View name"],
                "Title": (self._across,),
                "Display plugin": (self._across,),
                "Path or place": (self._mark,),
            },
            other_fields={"per": Per.MARK},
        )

    def _noted_column(self, kind: str) -> RecordDraft:
        """Return the things that the columns are, each with a note of what is marked in it."""
        last = max(self._header.span.named_count, self._names_row)
        other_rows = (row for row in range(1, last + 1) if row != self._names_row)
        parts = [
            *(Value(header=row) for row in other_rows),
            self._mark,
            *(Value(column=column.name) for column in self._beside),
        ]
        return self._noted(kind, self._across, Value(parts=tuple(parts)))

    def _noted_row(self, kind: str) -> Iterator[RecordDraft]:
        """Yield the things that the rows are, and a note of each of what is marked in its row."""
        named = record_of_kind(kind, self._beside)
        label = label_column_of(kind) or ""
        named.columns.setdefault(label, (self._name_of_row,))
        if kind == EntityKind.VIEW_DISPLAY:
            # Lines above them may name the views.
            view = EntityKind.VIEW.value
            yield RecordDraft(kind=view, other_fields={"same_by": keys_of(view)})
        yield named
        name = named.columns[label][0]
        yield self._noted(kind, name, Value(parts=(self._mark, self._across)))

    def _noted(self, kind: str, name: Value, note: Value) -> RecordDraft:
        noted_in = "Notes" if "Notes" in _names_of(kind) else note_column(kind)
        return RecordDraft(
            kind=kind,
            columns={label_column_of(kind) or "": (name,), noted_in: (note,)},
            other_fields={
                "per": Per.MARK,
                "same_by": keys_of(kind)[:1],
                "gather": {noted_in: Gathering(between=", ", wording=_WORDING.get(kind, "{}"))},
            },
        )


def _remarks_of_components(component: Value, remarks: Sequence[Value]) -> RecordDraft:
    """Return a record of what is beside the marks of components: it is about these."""
    kind = EntityKind.BUNDLE.value
    paragraph = Value(text=BundleType.PARAGRAPH.value)
    return RecordDraft(
        kind=kind,
        columns={"Name": (component,), "Type": (paragraph,), REMARKS: tuple(remarks)},
        other_fields={
            "per": Per.MARK,
            "same_by": keys_of(kind),
            "needs": (REMARKS,),
            "gather": {REMARKS: Gathering()},
        },
    )


def _names_of(kind: str) -> set[str]:
    return {column.name for column in columns_of(kind)}


def _is_no_mark(text: str) -> bool:
    """Tell whether a cell says that there is no mark."""
    return flag_spelled(text) is False or text in _NO_MARKS or says_nothing(text)


def _columns_below_corner(grids: Sequence[Grid], header: TableHeader) -> list[NamedColumn]:
    """Return the columns before the first header that have texts below it, the fullest first.

    Above what its rows are called, a matrix often has no header.
    """
    counts: Counter[int] = Counter()
    for grid in grids:
        for row, cells in grid.texts_by_row.items():
            if row >= header.span.rows.stop:
                counts.update(column for column in cells if column < header.columns[0].column)
    columns: list[NamedColumn] = []
    for column, _ in counts.most_common():
        name = letters_name(column)
        columns.append(NamedColumn(column, name, name, ""))
    return columns


def _texts_below(
    grids: Sequence[Grid], header: TableHeader, columns: Sequence[NamedColumn]
) -> Sequence[str]:
    """Return the different texts of some columns below a header."""
    texts: dict[str, None] = {}
    for grid in grids:
        for row, cells in grid.texts_by_row.items():
            if row < header.span.rows.stop:
                continue
            for column in columns:
                if column.column in cells:
                    texts[cells[column.column]] = None
    return [*texts]
