"""What a layout becomes where somebody says a cell of all things of a table.

Belongs here: a constant, and the name of the worksheet as one. Does not: what a header says of each
thing (`header_choices`), lines that say something of the rows below (`line_choices`).
"""

from jira_pipeline.drupal.columns import columns_of, label_column_of
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import SetConstant
from jira_pipeline.sheets.layouts.layout import Layout, Record, Region, SheetLayout, Value
from jira_pipeline.sheets.layouts.layout_parts import changed, sheets_with_table, values_of_matrix
from jira_pipeline.sheets.layouts.record_drafts import draft_of, keep_value, kind_of_record
from jira_pipeline.sheets.layouts.table_shapes import with_derived_cells

KINDS_OF_TYPES = ("Type", "Bundle type")
"""Columns that say of which kind a type is; of a field, the type that it belongs to."""


def with_constant(layout: Layout, choice: SetConstant) -> tuple[SheetLayout, ...]:
    """Return what is said of worksheets with a cell that all things of a table have."""
    return sheets_with_table(
        layout,
        choice.worksheet,
        choice.table,
        lambda region: _region_with_constant(region, choice),
    )


def _region_with_constant(region: Region, choice: SetConstant) -> Region:
    """Return a table all things of which have a cell; a header that said it before is kept as a note.

    Taking it back takes nothing from a header.
    """
    is_taken_back = not choice.text and not choice.is_title
    records: list[Record] = []
    is_said = False
    for record in region.records:
        names = {column.name for column in columns_of(kind_of_record(record))}
        if record.into != choice.kind or choice.column not in names:
            records.append(record)
            continue
        draft = draft_of(record)
        before = draft.columns.pop(choice.column, ())
        of_matrix = values_of_matrix(before)
        others = tuple(value for value in before if not value.is_constant)
        for value in others if not is_taken_back else ():
            if value in of_matrix:
                continue
            if value.column is None:
                raise WrongUseError(f"A line, label or fill says “{choice.column}” already.")
            keep_value(draft, Value(column=value.column))
        if choice.is_title:
            draft.columns[choice.column] = (*of_matrix, Value(title=True))
        elif choice.text:
            draft.columns[choice.column] = (*of_matrix, Value(text=choice.text))
        elif others:
            draft.columns[choice.column] = others
        records.append(draft.built())
        is_said = True
    if not is_said:
        raise WrongUseError(f"The table lists nothing with “{choice.column}”.")
    return with_derived_cells(changed(region, records=tuple(records)))


def with_constants_of(region: Region, before: Region) -> Region:
    """Return a table that is said anew with what was said of all its things, where nothing says it.

    The kind of types is said with what a table lists, and so is a name that the worksheet gives them.
    """
    if (region.marks is None) != (before.marks is None):
        return region
    drafts = [draft_of(record) for record in region.records]
    for record in before.records:
        of_shape = {*KINDS_OF_TYPES, label_column_of(record.into)}
        constants: dict[str, tuple[Value, ...]] = {}
        for column, values in record.columns.items():
            if column not in of_shape and all(value.is_constant for value in values):
                constants[column] = values
        for draft in drafts:
            for column, values in constants.items() if draft.kind == record.into else ():
                draft.columns.setdefault(column, values)
    return with_derived_cells(changed(region, records=tuple(draft.built() for draft in drafts)))
