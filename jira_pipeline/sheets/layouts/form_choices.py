"""What a layout becomes where somebody says that blocks have labels on the left: a form.

Belongs here: where the blocks and labels of a worksheet are, and the table that they become. Does not:
what a block says (`forms`), what labels mean beyond the dictionary (`header_choices`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from jira_pipeline.drupal.columns import label_column_of
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.all_worksheets import with_rules_of_all
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.choices import SetForm
from jira_pipeline.sheets.layouts.earlier_choices import tables_with_rules
from jira_pipeline.sheets.layouts.forms import label_without_number
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import (
    Layout,
    Per,
    Region,
    RowRule,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import changed, sheets_without
from jira_pipeline.sheets.layouts.line_choices import LinePart
from jira_pipeline.sheets.layouts.line_offers import numbered_lines
from jira_pipeline.sheets.layouts.record_drafts import (
    RecordDraft,
    columns_by_dictionary,
    keep_value,
    naming_columns,
)
from jira_pipeline.sheets.layouts.table_headers import NamedColumn, letters_name
from jira_pipeline.sheets.layouts.table_shapes import offered_shape, with_derived_cells, with_type
from jira_pipeline.sheets.layouts.texts import label_key, template_of
from jira_pipeline.sheets.layouts.word_choices import with_words_of

_LINE_OF_NAME = "{name}"


@dataclass(frozen=True, slots=True)
class LabelRow:
    row: int
    texts: Mapping[int, str]
    """The label, and what is right of it, from left to right, by column."""

    @property
    def label(self) -> str:
        return next(iter(self.texts.values()))

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(self.texts.values())[1:]

    @property
    def value_columns(self) -> tuple[int, ...]:
        return tuple(self.texts)[1:]


@dataclass(frozen=True)
class FormOfGrid:
    """The rows of a worksheet as blocks with labels on the left."""

    grid: Grid

    @cached_property
    def column(self) -> int:
        """Where the labels are: where most rows with several cells begin."""
        firsts = Counter(columns[0] for columns in self.grid.rows.values() if len(columns) > 1)
        return firsts.most_common(1)[0][0] if firsts else 0

    @cached_property
    def label_rows(self) -> Sequence[LabelRow]:
        """The rows with a label and something right of it, below the first line where blocks have one."""
        if not self.lines:
            return self._rows_with_label
        return [label_row for label_row in self._rows_with_label if label_row.row > self.lines[0]]

    @cached_property
    def _rows_with_label(self) -> Sequence[LabelRow]:
        rows: list[LabelRow] = []
        for row, texts in self.grid.texts_by_row.items():
            if len(texts) > 1 and next(iter(texts)) == self.column:
                rows.append(LabelRow(row, texts))
        return rows

    @cached_property
    def lines(self) -> Sequence[int]:
        """The rows with a text alone and a label right below, which begin blocks."""
        labels = {label_key(label_row.label) for label_row in self._rows_with_label}
        rows_with_label = {label_row.row for label_row in self._rows_with_label}
        lines: list[int] = []
        for row, below in pairwise(self.grid.rows):
            is_lone = self.grid.rows[row] == (self.column,)
            text = self.grid[row, self.column].text
            if is_lone and below in rows_with_label and label_key(text) not in labels:
                lines.append(row)
        return lines

    @cached_property
    def starts(self) -> Sequence[int]:
        """The rows that blocks begin with: lines, or else those of the first label."""
        if self.lines or not self.label_rows:
            return self.lines
        first = self.first_label
        return [row.row for row in self.label_rows if label_key(row.label) == label_key(first)]

    @property
    def first_label(self) -> str:
        """The label that blocks without a line begin with."""
        return self.label_rows[0].label

    @cached_property
    def labels(self) -> Sequence[str]:
        """The labels, once each, in their order."""
        by_key: dict[str, str] = {}
        for label_row in self.label_rows:
            by_key.setdefault(label_key(label_row.label), label_row.label)
        return [*by_key.values()]

    @property
    def further_columns(self) -> Sequence[int]:
        """Columns right of the values, in which some rows say more."""
        columns: set[int] = set()
        for label_row in self.label_rows:
            columns |= {*label_row.value_columns[1:]}
        return sorted(columns)

    @property
    def line_of_names(self) -> str:
        """How all lines look that begin blocks: `{#}. {name}`, or the name alone."""
        texts = [self.grid[row, self.column].text for row in self.lines]
        for line in numbered_lines(texts[0]) if texts else ():
            if all(template_of(line).parts_in(text) is not None for text in texts):
                return line
        return _LINE_OF_NAME


def with_form(layout: Layout, grids: Sequence[Grid], choice: SetForm) -> tuple[SheetLayout, ...]:
    """Say that each block of a worksheet is one thing; what was said of its rows stays."""
    before = sheet_layout_of(layout, choice.worksheet)
    alike = [grid for grid in grids if grid.title == choice.worksheet]
    if before is not None and before.ignore is None:
        alike = [grid for grid in grids if sheet_layout_of(layout, grid.title) is before]
    region = with_words_of(_region_of_form(alike, choice), layout)
    titles = tuple(grid.title for grid in alike)
    sheet = SheetLayout(worksheets=titles, regions=(region,))
    if before is not None and before.ignore is None:
        said_before = before.regions[0]
        if said_before.is_form and said_before.records[0].into == region.records[0].into:
            region = _with_meanings_of(region, said_before, choice)
        regions = tables_with_rules([region], before.regions)
        sheet = changed(before, worksheets=titles, regions=tuple(regions))
    whole = with_rules_of_all(sheet, alike, layout.all_worksheets)
    return (*sheets_without(layout, titles), whole)


def _with_meanings_of(region: Region, before: Region, choice: SetForm) -> Region:
    """Return a form that lists the same as before, with what its labels were said to mean."""
    outer = before.records[0]
    if choice.bundle_type:
        columns = {**outer.columns}
        columns |= {
            name: values for name, values in region.records[0].columns.items() if name == "Type"
        }
        outer = changed(outer, columns=columns)
    records = (outer, *region.records[1:])
    if before.records[1:] and region.records[1:]:
        records = (outer, *before.records[1:])
    return with_derived_cells(changed(region, records=records, unused=before.unused))


def _region_of_form(grids: Sequence[Grid], choice: SetForm) -> Region:
    forms = [form for form in map(FormOfGrid, grids) if form.starts]
    if not forms:
        raise WrongUseError(
            f"“{choice.worksheet}” has no rows with a label and something right of it, so that it has no "
            "such blocks."
        )
    first = forms[0]
    labels: dict[str, str] = {}
    further: dict[int, None] = {}
    for form in forms:
        for label in form.labels:
            labels.setdefault(label_key(label), label)
        further |= dict.fromkeys(form.further_columns)
    drafts = _records_of_form([*labels.values()], choice)
    outer = drafts[0]
    name_column = label_column_of(outer.kind) or ""
    column = letters_name(first.column)
    if first.lines:
        outer.columns[name_column] = (Value(heading=LinePart.NAME.value),)
        begins = RowRule(
            column=column, alone=True, like=first.line_of_names, other_than=tuple(labels.values())
        )
    else:
        begins = RowRule(column=column, texts=(first.first_label,))
        if name_column not in outer.columns:
            _name_by_label(outer, first.first_label, name_column)
    for number in further:
        keep_value(outer, Value(column=letters_name(number)))
    if choice.bundle_type:
        drafts[0] = with_type(outer, choice.bundle_type, grids)
    region = Region(
        name=grids[0].title,
        begins=begins,
        repeats=True,
        pairs=tuple(labels.values()),
        records=tuple(draft.built() for draft in drafts),
    )
    return with_derived_cells(region)


def _records_of_form(labels: Sequence[str], choice: SetForm) -> list[RecordDraft]:
    """Return a record of each block, and of what its labels name, with what the dictionary says of them."""
    kinds = offered_shape(choice.shape).kinds
    outer = RecordDraft(kind=kinds[0], other_fields={"per": Per.BLOCK})
    drafts = [outer]
    rest = _take_known_labels(outer, labels)
    for kind in kinds[1:]:
        inner = RecordDraft(
            kind=kind, other_fields={"per": Per.LABEL, "needs_any": naming_columns(kind)}
        )
        rest = _take_known_labels(inner, rest)
        drafts.append(inner)
    for label in rest:
        keep_value(outer, Value(pair=label))
    return drafts


def _take_known_labels(draft: RecordDraft, labels: Sequence[str]) -> Sequence[str]:
    """Let a record take the labels that the dictionary knows; return the others.

    Of things inside of a block, labels may be numbered.
    """
    spelling = label_without_number if draft.other_fields["per"] is Per.LABEL else label_key
    first_labels: dict[str, str] = {}
    for label in labels:
        first_labels.setdefault(spelling(label), label)
    named: list[NamedColumn] = []
    for text, label in first_labels.items():
        named.append(NamedColumn(len(named), label, text, ""))
    column_by_label: dict[str | None, str] = {}
    for name, values in columns_by_dictionary(draft.kind, named).items():
        column_by_label |= {value.column: name for value in values}
    rest: list[str] = []
    for label in labels:
        column = column_by_label.get(first_labels[spelling(label)])
        if column is None:
            rest.append(label)
        else:
            draft.columns[column] = (*draft.columns.get(column, ()), Value(pair=label))
    return rest


def _name_by_label(outer: RecordDraft, label: str, name_column: str) -> None:
    """Let the first label of a block name its thing, where no label is known to."""
    for name, values in [*outer.columns.items()]:
        others = tuple(value for value in values if value.pair != label)
        if others:
            outer.columns[name] = others
        else:
            outer.columns.pop(name)
    outer.columns[name_column] = (Value(pair=label),)
