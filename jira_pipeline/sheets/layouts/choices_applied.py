"""What a layout becomes by a choice of a person.

Belongs here: which function is for which choice. Does not: the choices (`choices`), what each does
(the module that its function is imported from). What a choice does not concern stays as it is.
"""

from collections.abc import Sequence
from typing import TypeAlias, assert_never

from pydantic import ValidationError

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.all_worksheets import all_worksheets_with
from jira_pipeline.sheets.layouts.area_choices import with_areas, without_areas
from jira_pipeline.sheets.layouts.block_choices import choices_of_blocks
from jira_pipeline.sheets.layouts.cell_mark_choices import with_cell_marks
from jira_pipeline.sheets.layouts.choices import (
    AddTable,
    Choice,
    DivideWorksheet,
    ForgetWorksheet,
    JoinWorksheet,
    KeepHeader,
    LeaveOutComments,
    LeaveOutHeader,
    LeaveOutWorksheets,
    QuoteComments,
    RemoveTable,
    RenameHeader,
    RenameWorksheet,
    SetApart,
    SetBlank,
    SetBlocks,
    SetColour,
    SetColumnLine,
    SetConstant,
    SetDitto,
    SetEnd,
    SetForm,
    SetLabels,
    SetLike,
    SetLines,
    SetListed,
    SetListedFields,
    SetLooks,
    SetMarkParts,
    SetMarks,
    SetMeaning,
    SetName,
    SetRows,
    SetSeveral,
    SetShape,
    SetTitle,
    SetWord,
    SetWords,
)
from jira_pipeline.sheets.layouts.constant_choices import with_constant
from jira_pipeline.sheets.layouts.field_details import with_details
from jira_pipeline.sheets.layouts.form_choices import with_form
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import (
    HeaderChoice,
    with_header,
    with_renamed_header,
)
from jira_pipeline.sheets.layouts.layout import Layout, SheetLayout
from jira_pipeline.sheets.layouts.layout_parts import changed
from jira_pipeline.sheets.layouts.line_choices import with_lines_or_labels
from jira_pipeline.sheets.layouts.listed_fields import with_listed_fields
from jira_pipeline.sheets.layouts.mark_choices import with_mark_parts, with_marks
from jira_pipeline.sheets.layouts.matrix_choices import with_matrix_choice
from jira_pipeline.sheets.layouts.name_choices import with_name
from jira_pipeline.sheets.layouts.row_choices import with_rows
from jira_pipeline.sheets.layouts.several_owners import with_several
from jira_pipeline.sheets.layouts.title_rows import with_title
from jira_pipeline.sheets.layouts.word_choices import with_words
from jira_pipeline.sheets.layouts.worksheet_choices import WorksheetChoice, with_worksheet_choice
from jira_pipeline.sheets.layouts.worksheets_apart import tables_to_rename_in, with_renamed_apart

SingleChoice: TypeAlias = (
    WorksheetChoice
    | SetForm
    | HeaderChoice
    | RenameHeader
    | SetSeveral
    | SetListedFields
    | SetWord
    | SetWords
    | SetRows
    | SetLines
    | SetLabels
    | SetListed
    | SetColumnLine
    | SetMarkParts
    | SetMarks
    | SetName
    | SetConstant
    | SetTitle
    | SetLooks
    | SetColour
    | QuoteComments
    | LeaveOutComments
)
"""A choice that says one thing."""


def with_choice(layout: Layout, grids: Sequence[Grid], choice: Choice) -> Layout:
    """Return the layout that says what a person chose, too.

    Raises:
        WrongUseError: No worksheet, table or header is called as the choice says, or a layout cannot
            say it.
    """
    if isinstance(choice, SetBlocks):
        for part in choices_of_blocks(layout, choice):
            layout = with_choice(layout, grids, part)
        return layout
    try:
        if isinstance(choice, DivideWorksheet):
            return with_areas(layout, grids, choice)
        if isinstance(choice, JoinWorksheet):
            return without_areas(layout, choice)
        sheets = tuple(with_details(_chosen_sheets(layout, grids, choice)))
        of_all = all_worksheets_with(layout, choice)
        return changed(layout, sheets=sheets, all_worksheets=of_all)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise WrongUseError(
            f"This does not go with what is said of the worksheet already: {reason}. "
            "Nothing was changed.",
            recovery_actions=(
                "Choose something else, or say first otherwise what the worksheet lists.",
            ),
        ) from error


def _chosen_sheets(  # noqa: C901, PLR0911, PLR0912 - one for each choice
    layout: Layout, grids: Sequence[Grid], choice: SingleChoice
) -> tuple[SheetLayout, ...]:
    """Return what is said of worksheets with a choice."""
    match choice:
        case (
            LeaveOutWorksheets()
            | SetShape()
            | AddTable()
            | SetEnd()
            | RemoveTable()
            | SetApart()
            | SetLike()
            | ForgetWorksheet()
            | RenameWorksheet()
        ):
            return with_worksheet_choice(layout, grids, choice)
        case SetForm():
            return with_form(layout, grids, choice)
        case SetMeaning() | KeepHeader() | LeaveOutHeader() | SetBlank() | SetDitto():
            return with_header(layout, grids, choice)
        case RenameHeader():
            parted = with_renamed_apart(layout, grids, choice)
            return with_renamed_header(parted, choice, tables_to_rename_in(parted, grids, choice))
        case SetSeveral():
            return with_several(layout, grids, choice)
        case SetListedFields():
            return with_listed_fields(layout, choice)
        case SetWord() | SetWords():
            return tuple(with_words(sheet, choice) for sheet in layout.sheets)
        case SetRows():
            return with_rows(layout, grids, choice)
        case SetLines() | SetLabels():
            return with_lines_or_labels(layout, grids, choice)
        case SetListed() | SetColumnLine():
            return with_matrix_choice(layout, grids, choice)
        case SetMarkParts():
            return with_mark_parts(layout, choice)
        case SetMarks():
            return with_marks(layout, choice)
        case SetName():
            return tuple(with_name(sheet, choice) for sheet in layout.sheets)
        case SetConstant():
            return with_constant(layout, choice)
        case SetTitle():
            return with_title(layout, grids, choice)
        case SetLooks() | SetColour() | QuoteComments() | LeaveOutComments():
            return with_cell_marks(layout, grids, choice)
        case _:
            assert_never(choice)
