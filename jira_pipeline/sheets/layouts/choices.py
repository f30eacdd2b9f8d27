"""What a person can say about the worksheets of a workbook: typed choices, one at a time.

Belongs here: the choices as plain data, with what each needs. Does not: what a layout becomes by one
(`choices_applied`), what a page offers (`header_offers`, `row_offers`, `word_offers`).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    TypeAdapter,
    ValidationError,
    field_validator,
)
from pydantic_core import ErrorDetails

from jira_pipeline.model.columns import Holds
from jira_pipeline.model.errors import InputError
from jira_pipeline.sheets.layouts.grid import columns_of_stretch
from jira_pipeline.sheets.layouts.layout import (
    LIST_MAX_COUNT,
    TEXT_MAX_CHARACTERS,
    Fill,
    MatrixSide,
    MeantLook,
    MissingPart,
)
from jira_pipeline.sheets.layouts.table_shapes import FORM_WORDS, Shape


def _checked_stretch(text: str) -> str:
    if text:
        columns_of_stretch(text)
    return text


Text = Annotated[str, Field(max_length=TEXT_MAX_CHARACTERS)]
Name = Annotated[Text, Field(min_length=1)]
Reason = Annotated[Text, Field(min_length=3)]
Names = Annotated[tuple[Name, ...], Field(min_length=1, max_length=LIST_MAX_COUNT)]
Stretch = Annotated[Text, AfterValidator(_checked_stretch)]
TableNumber = Annotated[int, Field(ge=1, le=LIST_MAX_COUNT)]
RowNumber = Annotated[int, Field(ge=1, le=10_000_000)]


class _Choice(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LeaveOutWorksheets(_Choice):
    """Worksheets are not part of the specification."""

    do: Literal["leave_out_worksheets"] = "leave_out_worksheets"
    worksheets: Names
    reason: Reason
    explains: StrictBool = False
    """Their lines say what abbreviations and colours of other worksheets mean."""


class DivideWorksheet(_Choice):
    """Areas of a worksheet are worksheets of their own: tables beside each other, or from a row on."""

    do: Literal["divide_worksheet"] = "divide_worksheet"
    worksheet: Name
    row: RowNumber | None = None
    """What begins in that row is an area of its own; what is above it, too."""
    columns: Annotated[tuple[Stretch, ...], Field(max_length=LIST_MAX_COUNT)] = ()
    """Of tables beside each other, below that row: the columns of each, `A:F`."""


class JoinWorksheet(_Choice):
    """The areas of a worksheet are one again."""

    do: Literal["join_worksheet"] = "join_worksheet"
    worksheet: Name


class TableChoice(_Choice):
    """What a table lists, and how many rows its header has."""

    worksheet: Name
    shape: Shape
    bundle_type: Text = ""
    """Of types: the type of all of them; `title` if the name of the worksheet says it."""
    rows: MatrixSide | None = None
    """Of a matrix: what its rows are …"""
    across: MatrixSide | None = None
    """… and its columns."""
    marks_in: Stretch = ""
    """Of a matrix: the columns with marks, `C:N`; otherwise all that no header says something else of."""
    names_in: Annotated[int, Field(ge=-2, le=3)] = 0
    """Of a matrix: the row with the names of its columns; 0 is that of the headers, -1 the one above."""
    called: Text = ""
    """Of a matrix of states: the workflow; of one of components: the field of the types they stand in."""
    header_rows: Annotated[int, Field(ge=0, le=3)] = 1
    """The row of the headers themselves, and those above it with groups; 0 where it is the first thing."""
    header_below: Annotated[int, Field(ge=0, le=3)] = 0
    """Rows below it that say more of each column."""


class SetShape(TableChoice):
    """A worksheet, and those that look like it, list something."""

    do: Literal["set_shape"] = "set_shape"
    header_row: RowNumber | None = None
    """Where the headers themselves are; otherwise the row that is shown as the header at first."""


class SetForm(_Choice):
    """Each block of a worksheet is one thing: the left column says what, and beside it is what it says."""

    do: Literal["set_form"] = "set_form"
    worksheet: Name
    shape: Shape
    """What one block is."""
    bundle_type: Text = ""
    """Of types: the type of all of them; `title` if the name of the worksheet says it."""

    @field_validator("shape")
    @classmethod
    def _is_of_form(cls, shape: Shape) -> Shape:
        if shape not in FORM_WORDS:
            raise ValueError("no block of a form is such a thing")
        return shape


class AddTable(TableChoice):
    """Below the table of a worksheet is another one, with a header of its own."""

    do: Literal["add_table"] = "add_table"
    header_row: RowNumber
    is_named_above: StrictBool = False
    """The line right above the header names what it lists, or what its rows belong to."""


class SetEnd(_Choice):
    """A table ends with the first blank row, or where the next one begins."""

    do: Literal["set_end"] = "set_end"
    worksheet: Name
    table: TableNumber = 1
    ends: Literal["blank", "next"]


class RemoveTable(_Choice):
    """A table of a worksheet is none: what was said of it is taken back."""

    do: Literal["remove_table"] = "remove_table"
    worksheet: Name
    table: TableNumber


class SetApart(_Choice):
    """Some of the worksheets that look alike are something of their own: what is said of them stays."""

    do: Literal["set_apart"] = "set_apart"
    worksheets: Names
    bundle_type: Text = ""
    """Of types: their kind, where it is not that of the others."""


class SetLike(_Choice):
    """A worksheet is like another one, of which somebody said already what it lists."""

    do: Literal["set_like"] = "set_like"
    worksheet: Name
    like: Name


class ForgetWorksheet(_Choice):
    """A worksheet that was declared is no longer there."""

    do: Literal["forget_worksheet"] = "forget_worksheet"
    worksheet: Name


class RenameWorksheet(_Choice):
    """A worksheet that was declared is called otherwise now."""

    do: Literal["rename_worksheet"] = "rename_worksheet"
    worksheet: Name
    """As it was called."""
    now: Name


class CellsChoice(_Choice):
    """The cells of a worksheet below a header, or beside a label."""

    worksheet: Name
    header: Name
    is_label: StrictBool = False
    """It is a label beside its value, above the table, whatever header is called so, too."""


class RenameHeader(CellsChoice):
    """A header that was declared is called otherwise now, or is no longer there.

    That holds for this worksheet, and for those declared with it that lack the header, too.
    """

    do: Literal["rename_header"] = "rename_header"
    now: Text = ""
    """Blank where it is gone."""


class HeaderMeaning(_Choice):
    """One thing that a header means, and which part of its cells."""

    kind: Name
    column: Name
    after: Text = ""
    before: Text = ""
    lacking: MissingPart | None = None
    """What is meant by a cell without that text: all of it, or nothing."""
    split: Text = ""
    look_up: Text = ""
    """The cell is this column of the thing that it names: its machine name or number."""


class SetMeaning(CellsChoice):
    """A header means a column, or several."""

    do: Literal["set_meaning"] = "set_meaning"
    meanings: Annotated[tuple[HeaderMeaning, ...], Field(min_length=1, max_length=10)]
    everywhere: StrictBool = False
    """In all worksheets with such a header, too."""


class KeepHeader(CellsChoice):
    """A header stays a column in the sheet's own words."""

    do: Literal["keep_header"] = "keep_header"
    kind: Text = ""
    """Of what, where a row lists two things."""
    everywhere: StrictBool = False


class LeaveOutHeader(CellsChoice):
    """Nothing is built by what is below a header."""

    do: Literal["leave_out_header"] = "leave_out_header"
    reason: Reason
    everywhere: StrictBool = False


class SetBlank(_Choice):
    """A blank cell means the one above, or the one it is merged with, or nothing."""

    do: Literal["set_blank"] = "set_blank"
    worksheet: Name
    header: Text = ""
    """Below this header; otherwise in every column that names what a row belongs to."""
    means: Literal[Fill.ABOVE, Fill.MERGED, Fill.NONE]
    everywhere: StrictBool = False


class SetDitto(_Choice):
    """Texts below a header mean the cell above, such as a ditto mark; a blank cell means nothing by it."""

    do: Literal["set_ditto"] = "set_ditto"
    worksheet: Name
    header: Name
    texts: Names
    everywhere: StrictBool = False


class SetSeveral(_Choice):
    """A cell below a header may name several things that its row belongs to: the row counts for each."""

    do: Literal["set_several"] = "set_several"
    worksheet: Name
    header: Name
    separator: Name
    """What is between their names."""


class SetListedFields(_Choice):
    """Each line of the cells below a header is a field of the type that the row is about."""

    do: Literal["set_listed_fields"] = "set_listed_fields"
    worksheet: Name
    header: Name
    separator: Name
    """What is between the lines."""
    only_marked: StrictBool = False
    """Only lines with a number or bullet are fields; others are quoted with the type."""
    has_notes: StrictBool = False
    """What is in brackets or after a colon is a note of the field."""


ASKED = "?"
"""What a word means that somebody has to be asked about: the cell says nothing, and is quoted."""


class SetWord(_Choice):
    """A word means another, wherever a cell of such a column says it."""

    do: Literal["set_word"] = "set_word"
    holds: Holds
    """What such columns hold."""
    word: Name
    means: Text
    refers_to: Annotated[tuple[Name, ...], Field(max_length=LIST_MAX_COUNT)] = ()
    """Of a field type: what the field refers to."""
    count: Text = ""
    """Of a field type: how many values the field has."""
    is_quoted: StrictBool = False
    """The cell says more than that: its own words are a note of the thing, too."""


class SetWords(_Choice):
    """Several words mean others."""

    do: Literal["set_words"] = "set_words"
    words: Annotated[tuple[SetWord, ...], Field(min_length=1, max_length=LIST_MAX_COUNT)]


class SetRows(_Choice):
    """Rows of a kind are no things: they are left out, or quoted as remarks."""

    do: Literal["set_rows"] = "set_rows"
    worksheet: Name
    rows: Literal["alone", "text", "alone_text", "starts", "struck", "brackets"]
    """With one filled cell; with a text; with that text and no other; that start with it; struck
    through; whose cell below the header of that text is in brackets as a whole."""
    text: Text = ""
    further_texts: Annotated[tuple[Text, ...], Field(max_length=LIST_MAX_COUNT)] = ()
    """Of rows with a text and no other: more of these texts."""
    become: Literal["left_out", "remarks", "things"]
    """`things` takes back what was said of such rows: they are read like the others."""
    reason: Text = ""
    everywhere: StrictBool = False
    also: Annotated[tuple[Name, ...], Field(max_length=LIST_MAX_COUNT)] = ()
    """Other worksheets in which that counts, too."""


FURTHER_CELLS_MAX = 3
"""A line that says something of the rows below has few cells: rows have more."""
FurtherPart: TypeAlias = Literal["machine_name", "kind", "status", "description", "quoted"]


class SetLines(_Choice):
    """Lines say something of the rows below each: what they belong to, its kind, or how far it is."""

    do: Literal["set_lines"] = "set_lines"
    worksheet: Name
    line: Name
    """How such a line looks: `Content type: {name}`, `P{} {name} ({status})`."""
    alone: StrictBool = True
    """Only rows with a single filled cell."""
    is_first: StrictBool = False
    """Only the first of several such rows, one right below the other."""
    has_description: StrictBool = False
    """The row right below it describes it, where that has a single filled cell."""
    further_parts: Annotated[tuple[FurtherPart, ...], Field(max_length=FURTHER_CELLS_MAX)] = ()
    """What each further cell of such a line says, from left to right."""
    bar_sign: Annotated[Text, Field(pattern="^(|after_blank|fill:[0-9A-F]{8})$")] = ""
    """Of lines with further cells: only those below a blank row, or with a fill."""
    kinds: Annotated[Mapping[Name, Text], Field(max_length=LIST_MAX_COUNT)] = {}
    """What kind of type is meant by what a line says of it."""
    kind_before: Text = ""
    """The kind of what is above the first line."""
    table: TableNumber = 1
    """Which table of the worksheet, where it has several."""


class BlockLines(StrEnum):
    """What lines are that are about the rows below them."""

    TYPES = "types"
    """Each is a type, and the rows below are its fields."""
    OWNERS = "owners"
    """Each names a type that another worksheet lists, and the rows below are its fields."""
    KINDS = "kinds"
    """Each says of which kind the types below are."""


class SetBlocks(_Choice):
    """Below one header, lines are about the rows below each: all of that with one choice."""

    do: Literal["set_blocks"] = "set_blocks"
    worksheet: Name
    header_row: RowNumber
    line: Name
    """How such a line looks: `{#}. {name}`."""
    is_first: StrictBool = False
    """Only the first of several lines, one right below the other."""
    has_description: StrictBool = False
    """The line right below it describes it."""
    says: BlockLines
    bundle_type: Text = ""
    """Of types: the kind of all of them."""
    kinds: Annotated[Mapping[Name, Text], Field(max_length=LIST_MAX_COUNT)] = {}
    """Of kinds: what each line means."""
    kind_before: Text = ""
    """Of kinds: the kind of the types above the first line."""
    names: Text = ""
    """The header of what the rows below are called."""
    in_brackets: Literal["", "status", "kind", "machine_name"] = ""
    """What some lines say in brackets at their end."""


class MarkMeaning(StrEnum):
    """What a text in a cell of a matrix means."""

    PLAIN = "plain"
    """Both belong together, and it says no more."""
    REQUIRED = "required"
    """Of fields: the type has it, and it is required."""
    OPTIONAL = "optional"
    QUOTED = "quoted"
    """They belong together, and the text says how."""
    ON_HOLD = "on_hold"
    """Of fields: the type has it, and it is not built now."""
    SOMETIMES = "sometimes"
    """They belong together under a condition that the text hints at: people are asked."""
    UNDECIDED = "undecided"
    """Nobody has decided whether they belong together: people are asked."""
    NONE = "none"
    """They do not belong together."""


class SetLabels(_Choice):
    """Rows from one down to the header are labels with their values, of what the table is about."""

    do: Literal["set_labels"] = "set_labels"
    worksheet: Name
    table: TableNumber = 1
    row: RowNumber
    """That of the first label."""


class SetListed(_Choice):
    """The rows or columns of a matrix are things that no other table lists: it lists them."""

    do: Literal["set_listed"] = "set_listed"
    worksheet: Name
    table: TableNumber = 1
    side: Literal["rows", "across"]
    bundle_type: Text = ""
    """Of types: the type of all of them; blank where a line or a column says it."""


class SetColumnLine(_Choice):
    """A line above or below the header of a matrix says something of what each column names."""

    do: Literal["set_column_line"] = "set_column_line"
    worksheet: Name
    table: TableNumber = 1
    row: RowNumber
    column: Text = ""
    """What it says of them; blank where it says nothing of the site."""


class MarkPart(StrEnum):
    """What follows the name in a cell of a matrix."""

    BRACKETS = "brackets"
    """Of a step, who may take it: `Show (keepers)`."""
    LINES = "lines"
    """The first line is the name, and the next lines are notes."""


class SetMarkParts(_Choice):
    """After what a mark names is something else, in brackets or in lines of its own."""

    do: Literal["set_mark_parts"] = "set_mark_parts"
    worksheet: Name
    table: TableNumber = 1
    mark_part: MarkPart = MarkPart.BRACKETS


class MeantMark(_Choice):
    """A text in the cells of a matrix, and what it means."""

    text: Name
    means: MarkMeaning
    count: Text = ""
    """Of fields: how many values it says that they take, `*` for any number; blank for none."""


class SetMarks(_Choice):
    """Texts in the cells of a matrix mean something."""

    do: Literal["set_marks"] = "set_marks"
    worksheet: Name
    marks: Annotated[tuple[MeantMark, ...], Field(min_length=1, max_length=LIST_MAX_COUNT)]


class SetName(_Choice):
    """A name is what is listed under another one, wherever a cell names things of that kind."""

    do: Literal["set_name"] = "set_name"
    kind: Name
    name: Name
    means: Name


class SetConstant(_Choice):
    """All things of a table have a cell that no header says; a blank text takes it back."""

    do: Literal["set_constant"] = "set_constant"
    worksheet: Name
    table: TableNumber = 1
    kind: Name
    column: Name
    text: Text = ""
    is_title: StrictBool = False
    """It is the name of the worksheet."""


class RowOfWorksheet(_Choice):
    """A row, as its worksheet shows it."""

    worksheet: Name
    row: RowNumber


class SetTitle(_Choice):
    """The fields of some rows are the title that every page has anyway, under another name."""

    do: Literal["set_title"] = "set_title"
    worksheet: Name
    rows: Annotated[tuple[RowOfWorksheet, ...], Field(min_length=1, max_length=LIST_MAX_COUNT)]


class SetLooks(_Choice):
    """Fills, colours of texts and lines through them say something, in the whole workbook.

    That of the cell that names a thing is about the thing, and any other about its cell.
    """

    do: Literal["set_looks"] = "set_looks"
    looks: Annotated[tuple[MeantLook, ...], Field(min_length=1, max_length=LIST_MAX_COUNT)]


class SetColour(_Choice):
    """The fill of a header of a matrix says how far what its column names is."""

    do: Literal["set_colour"] = "set_colour"
    worksheet: Name
    header: Name
    colour: Name
    means: Name


class QuoteComments(_Choice):
    """Comments of cells are quoted with the things of their rows, in the whole workbook."""

    do: Literal["quote_comments"] = "quote_comments"


class LeaveOutComments(_Choice):
    """Comments of cells say nothing, in the whole workbook."""

    do: Literal["leave_out_comments"] = "leave_out_comments"
    reason: Reason


Choice: TypeAlias = Annotated[
    LeaveOutWorksheets
    | DivideWorksheet
    | JoinWorksheet
    | SetShape
    | SetForm
    | AddTable
    | SetEnd
    | RemoveTable
    | SetApart
    | SetLike
    | ForgetWorksheet
    | RenameWorksheet
    | RenameHeader
    | SetMeaning
    | KeepHeader
    | LeaveOutHeader
    | SetConstant
    | SetBlank
    | SetDitto
    | SetSeveral
    | SetListedFields
    | SetWord
    | SetWords
    | SetRows
    | SetLines
    | SetBlocks
    | SetLabels
    | SetListed
    | SetColumnLine
    | SetMarkParts
    | SetMarks
    | SetName
    | SetTitle
    | SetLooks
    | SetColour
    | QuoteComments
    | LeaveOutComments,
    Field(discriminator="do"),
]
_CHOICE: TypeAdapter[Choice] = TypeAdapter(Choice)


def _fault_words(fault: ErrorDetails) -> str:
    """Return what is wrong with one field; the first of its names is that of the choice."""
    field = ".".join(map(str, fault["loc"][1:] or fault["loc"])).replace("_", " ")
    if fault["type"] == "missing":
        return f"nothing was chosen for {field}"
    return f"{field}: {fault['msg']}" if field else fault["msg"]


def choice_of(fields: Mapping[str, Any]) -> Choice:
    """Return the choice that a form or a list says.

    Raises:
        InputError: It is none, or lacks something.
    """
    try:
        return _CHOICE.validate_python(fields)
    except ValidationError as error:
        faults = "; ".join(map(_fault_words, error.errors()))
        raise InputError(
            f"The choice was not understood, so nothing was saved: {faults[:500]}.",
            recovery_actions=("Load the page again, and choose once more.",),
        ) from error
