"""The page on which people say what the worksheets of a workbook list: the layout of its sheets.

Belongs here: showing what is offered, taking one choice a form, confirming. Does not: what can be
chosen and what follows from it (`sheets/layouts/choices`), drafts and confirming (`sessions/layouts`).
Every choice is a draft of the whole layout: nothing changes in the site until somebody confirms it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from pydantic import AfterValidator, BaseModel, Field
from starlette.responses import Response

from jira_pipeline.model.column_words import TYPE_WORDS
from jira_pipeline.model.columns import Holds
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.errors import EditConflictError, InputError, PipelineError, WrongUseError
from jira_pipeline.model.layouts import UsedLayout
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.sessions import layouts
from jira_pipeline.sessions.layouts import LayoutOrigin, LayoutWork, apply_layout, open_layout
from jira_pipeline.sessions.model_layouts import model_of
from jira_pipeline.sessions.upload import uploaded
from jira_pipeline.sheets.layouts.applying import absent_worksheets
from jira_pipeline.sheets.layouts.area_choices import title_below
from jira_pipeline.sheets.layouts.area_offers import AreaOffer, area_offers, areas_of
from jira_pipeline.sheets.layouts.cell_looks import LABELS_OF_LOOKS
from jira_pipeline.sheets.layouts.choice_changes import (
    ReadingChange,
    change_of,
    headers_kept_instead,
)
from jira_pipeline.sheets.layouts.choice_words import choices_words
from jira_pipeline.sheets.layouts.choices import (
    BlockLines,
    Choice,
    LeaveOutWorksheets,
    SetConstant,
    SetName,
    SetRows,
    choice_of,
)
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.coverage import Unsettled
from jira_pipeline.sheets.layouts.explaining_lines import ExplainingLines
from jira_pipeline.sheets.layouts.given_things import GivenReading
from jira_pipeline.sheets.layouts.grid import column_letters
from jira_pipeline.sheets.layouts.header_offers import (
    UNUSED,
    column_groups,
    further_column_groups,
)
from jira_pipeline.sheets.layouts.known_headers import without_known
from jira_pipeline.sheets.layouts.layout import LIST_MAX_COUNT, TEXT_MAX_CHARACTERS, Layout
from jira_pipeline.sheets.layouts.layout_checks import LayoutChecks, check_layout
from jira_pipeline.sheets.layouts.line_choices import PARTS
from jira_pipeline.sheets.layouts.look_offers import look_offers
from jira_pipeline.sheets.layouts.matrices import SIDES
from jira_pipeline.sheets.layouts.name_offers import name_offers
from jira_pipeline.sheets.layouts.proposing import ABOUT_THE_DOCUMENT, propose
from jira_pipeline.sheets.layouts.row_offers import ROWS_SHOWN_MAX, RowOffer, RowReading
from jira_pipeline.sheets.layouts.table_shapes import (
    FORM,
    FORM_WORDS,
    LINES_OF_TEXT,
    OFFERED_SHAPES,
    TITLE,
    TYPED_SHAPES,
    Shape,
    ShapeGroup,
    offered_shape,
)
from jira_pipeline.sheets.layouts.text_worksheets import (
    EXPLAINS as IT_EXPLAINS_OTHERS,
    is_called_like_legend,
    is_text,
)
from jira_pipeline.sheets.layouts.title_rows import labels_of_row, title_offers
from jira_pipeline.sheets.layouts.word_offers import (
    WordState,
    words_of_cells,
    words_of_column,
    words_offered,
)
from jira_pipeline.sheets.layouts.worksheet_choices import worksheets_renamed
from jira_pipeline.sheets.layouts.worksheet_effects import elsewhere_words
from jira_pipeline.sheets.layouts.worksheet_groups import (
    WorksheetGroup,
    counted_things,
    kind_name,
    worksheet_groups,
    worksheets_to_be_like,
)
from jira_pipeline.sheets.quoted_rows import WorksheetRow, newly_quoted_sentence, quoted_words
from jira_pipeline.sheets.version_changes import losses_sentence
from jira_pipeline.web.context import Opened, Reader, Reviewer, TheWeb, Web
from jira_pipeline.web.pages.layout_settling import (
    PagePart,
    WorksheetState,
    count_left,
    effect_words,
    finding_words,
    findings_of_worksheet,
    lost_names,
    other_faults,
    refusals_of_files,
    settling_questions,
    unsaid_groups,
    worksheet_states,
)
from jira_pipeline.web.pages.sent_form import refilled_form
from jira_pipeline.web.pages.showing import Notice, SheetsShown, go_to, notice_of, show

ADDRESS_OF_WORKSHEET_MAX = 400
NOTHING = "-"
"""In a form: the word says nothing."""
MARKS_OF_CODES: Mapping[Unsettled, tuple[str, str]] = {
    Unsettled.COMMENT_NOT_READ: ("comments", "Comments of cells"),
}
"""What one choice leaves out in the whole workbook, and what people call it."""
BLOCK_WORDS: Mapping[BlockLines, str] = {
    BlockLines.TYPES: "Yes: each line is a type, with its fields below",
    BlockLines.OWNERS: "Each line names a type that another worksheet lists, with its fields below",
    BlockLines.KINDS: "Yes: each line says what kind of types are below",
}
"""What the button says by which people say what lines are about the rows below them."""
router = APIRouter(prefix="/sessions/{key}/layout")
Title = Annotated[str, Query(max_length=ADDRESS_OF_WORKSHEET_MAX)]
Revision = Annotated[int, Form(ge=0, le=1_000_000_000)]
ROW_MAX = 10_000_000
RowQuery = Annotated[int, Query(ge=0, le=ROW_MAX)]
ROWS_ABOVE_SHOWN = 5
"""Rows above one that somebody asks for, which are shown with it."""


@router.get("")
def layout(
    request: Request,
    web: TheWeb,
    _person: Reader,
    opened: Opened,
    *,
    worksheet: Title = "",
    row: RowQuery = 0,
    first_row: RowQuery = 0,
) -> Response:
    """Show the worksheets, and one of them with its headers and rows; a row of it to say what it is."""
    work = open_layout(web.pipeline, opened.key)
    return _show_layout(
        request, web, opened, work, worksheet=worksheet, row=row, first_row=first_row
    )


def _show_layout(
    request: Request,
    web: TheWeb,
    opened: Opened,
    work: LayoutWork,
    *,
    worksheet: str,
    row: int = 0,
    first_row: int = 0,
    status: int = 200,
    notices: Sequence[Notice] = (),
    asked: Mapping[str, Any] | None = None,
    change: ReadingChange | None = None,
    unsaved: str = "",
) -> Response:
    """Show a layout; `asked` is a choice that is not saved yet.

    That is because of what it would `change`, or since somebody else saved one first; then
    `unsaved` is that choice in words.
    """
    checked = work.checks.reading.checked
    groups = worksheet_groups(
        work.checks.effective, work.grids, checked, unsettled=work.checks.unsettled
    )
    states = worksheet_states(groups, work)
    shown_state = _shown_state(states, worksheet)
    shown = shown_state.group
    tables = shown_state.tables
    others = [group for group in groups if group is not shown]
    if row > ROWS_SHOWN_MAX and not first_row:
        first_row = max(1, row - ROWS_ABOVE_SHOWN)
    rows = RowReading(tables, others, worksheet=worksheet, first_row=first_row)
    texts = [group for group in groups if group.sheet is None and all(map(is_text, group.grids))]
    form_offer = rows.form
    row_offer = rows.row_offer(worksheet, row) if row else None
    used: Sequence[UsedLayout] = ()
    if work.origin is LayoutOrigin.PROPOSED and not work.is_settled:
        used = layouts.layouts_used_before(web.pipeline, work.upload)
    response = show(
        request,
        "layout.html",
        status=status,
        notices=notices,
        opened=opened,
        work=work,
        groups=groups,
        states=states,
        areas=_area_offers([shown]),
        all_areas=_area_offers(groups),
        joinable=areas_of(work.checks.effective.divided, shown.titles),
        next_state=_next_state(states, shown),
        refusals_of_files=refusals_of_files(work),
        shown=shown,
        given=shown_state.given,
        proposals=shown_state.proposals,
        refused_rows=shown_state.refusals,
        tables=tables,
        reading=tables[0],
        like=worksheets_to_be_like(shown, groups),
        absent=_absent_worksheets(work),
        rows=rows,
        form_offer=form_offer,
        blocks=None if form_offer else rows.blocks(work.grids),
        mark_grid=rows.mark_grid,
        lists_offers=rows.lists_of_words,
        several=rows.several(work.grids),
        block_lines=BlockLines,
        block_words=BLOCK_WORDS,
        row=row_offer,
        quoted=_quoted_words(web, opened, work, row_offer) if row_offer else "",
        words=words_offered(work.checks.effective, checked),
        word_states=WordState,
        line_part_words=PARTS,
        used_before=used,
        model=model_of(web.pipeline, opened.key),
        asked=asked,
        change=change,
        unsaved=unsaved,
        totals=Counter(row.kind for row in checked.applied.rows),
        questions=settling_questions(groups),
        unsaid=unsaid_groups(groups),
        lost_names=lost_names(groups),
        faults=other_faults(groups),
        finding_words=finding_words,
        marks_left=_marks_left(work),
        nothing=NOTHING,
        shapes=OFFERED_SHAPES,
        sides=SIDES,
        names=name_offers(checked),
        text_max=TEXT_MAX_CHARACTERS,
        type_words=TYPE_WORDS,
        leave_out=LEAVE_OUT,
        texts=[group for group in texts if not is_called_like_legend(group.title)],
        legends=[group for group in texts if is_called_like_legend(group.title)],
        explains=EXPLAINS,
        title_rows=title_offers(checked.applied.rows, shown.titles),
        labels_of_row=labels_of_row(checked.applied.rows, worksheet, row) if row else (),
        legend=ExplainingLines(work.checks.effective, work.grids),
        looks=look_offers(work.checks.effective, work.grids, checked.applied),
        look_meanings=LABELS_OF_LOOKS,
        lines_of_text=[offered_shape(shape) for shape in (Shape.REMARKS, Shape.OPEN_QUESTIONS)],
        shape_groups=[*ShapeGroup],
        form=FORM,
        form_words=FORM_WORDS,
        typed_shapes=TYPED_SHAPES,
        title_says_type=TITLE,
        counted_things=counted_things,
        column_groups=column_groups,
        kind_name=kind_name,
        further_column_groups=further_column_groups,
        words_of_column=words_of_column,
        status_words=words_of_cells(Holds.STATUS),
        not_read=Unsettled.NOT_READ,
        misfit_code=Unsettled.MISFIT,
        newly_left_out=Unsettled.NEWLY_LEFT_OUT,
        ignored_texts=[
            finding for finding in checked.findings if finding.code is Unsettled.NEWLY_IGNORED
        ],
        losses=losses_sentence(work.version_changes),
        column_letters=column_letters,
        address_of=_address_of,
    )
    if change is not None and asked is not None:
        response.body = refilled_form(bytes(response.body).decode(), asked).encode()
        response.headers["content-length"] = str(len(response.body))
    return response


def _area_offers(groups: Sequence[WorksheetGroup]) -> list[AreaOffer]:
    """Return the tables beside each other in worksheets, until somebody parts them.

    A worksheet that leaves nothing to settle is read as it is.
    """
    offers: list[AreaOffer] = []
    for group in groups:
        if group.unsettled:
            offers += area_offers(group.grids)
    return offers


def _quoted_words(web: Web, opened: Opened, work: LayoutWork, row: RowOffer) -> str:
    """Say in which tickets a row is quoted, or would be; blank where it cannot be quoted."""
    place = WorksheetRow(row.worksheet, row.number)
    tickets = work.quoting_tickets.get(place)
    if tickets is not None:
        return f"It is quoted {quoted_words(tickets)}."
    quoting = SetRows(
        worksheet=row.worksheet,
        rows="text" if len(row.text) <= TEXT_MAX_CHARACTERS else "starts",
        text=row.text[:TEXT_MAX_CHARACTERS],
        become="remarks",
    )
    try:
        chosen = with_choice(work.checks.effective, work.grids, quoting)
        tried = apply_layout(web.pipeline, opened.key, without_known(chosen, work.upload))
    except InputError:
        return ""
    tickets = tried.quoting_tickets.get(place, ())
    return f"It would be quoted {quoted_words(tickets)}."


@dataclass(frozen=True, slots=True)
class _AbsentWorksheet:
    """A worksheet that the layout names and the workbook does not have."""

    name: str
    offered: Sequence[str]
    """Worksheets that it may be called now."""


def _absent_worksheets(work: LayoutWork) -> list[_AbsentWorksheet]:
    layout = work.checks.effective
    names = absent_worksheets(layout, work.grids)
    return [_AbsentWorksheet(name, worksheets_renamed(layout, work.grids, name)) for name in names]


def _marks_left(work: LayoutWork) -> Mapping[str, str]:
    """Return the kinds of marks of cells that are left to settle, and what people call them."""
    codes = {finding.code for finding in work.checks.unsettled}
    return {marks: words for code, (marks, words) in MARKS_OF_CODES.items() if code in codes}


def _shown_state(states: Sequence[WorksheetState], worksheet: str) -> WorksheetState:
    """Return the worksheets that are asked for; otherwise the first with something left to settle."""
    for state in states:
        if worksheet in state.group.titles:
            return state
    for state in states:
        if any(worksheet and grid.worksheet_title == worksheet for grid in state.group.grids):
            return state  # it was divided: its first area
    return next((state for state in states if state.open_count), states[0])


def _next_state(states: Sequence[WorksheetState], shown: WorksheetGroup) -> WorksheetState | None:
    """Return where to go on: the worksheets that are shown while they are not clear, then the next."""
    titles = [state.group.title for state in states]
    at = titles.index(shown.title)
    for state in (*states[at:], *states[:at]):
        if state.open_count:
            return state
    return None


def _address_of(
    key: str, worksheet: str, *, row: int = 0, first_row: int = 0, part: str = ""
) -> str:
    """Return the address of a worksheet on the page, of a part of it, or of its rows from one on."""
    if not worksheet:
        return f"/sessions/{key}/layout"
    query: dict[str, str | int] = {"worksheet": worksheet}
    if row:
        query["row"] = row
    if first_row:
        query["first_row"] = first_row
    place = part or ("row" if row else "worksheet")
    return f"/sessions/{key}/layout?{urlencode(query)}#{place}"


# ---------------------------------------------------------------- one choice


FormText = Annotated[str, Field(max_length=TEXT_MAX_CHARACTERS)]
FormTexts = Annotated[list[FormText], Field(max_length=LIST_MAX_COUNT)]


def _with_plain_breaks(text: str) -> str:
    """Return a text with line breaks as cells have them: browsers send two characters for each."""
    return text.replace("\r\n", "\n")


class ChoiceForm(BaseModel):
    """The fields of all forms of the page; each choice has some of them."""

    do: FormText
    revision: Annotated[int, Field(ge=0, le=1_000_000_000)]
    worksheet: FormText = ""
    shown: FormText = ""
    """The worksheet that the page shows, where the choice is about another or about all."""
    part: Annotated[str, Field(max_length=40, pattern="^[a-z-]*$")] = ""
    """The part of the page to return to."""
    row_shown: Annotated[int, Field(ge=0, le=ROW_MAX)] = 0
    """The row that the page shows to say something of; 0 where it shows none."""
    worksheets: FormTexts = []
    reason: FormText = ""
    mark_part: FormText = ""
    shape: FormText = ""
    bundle_type: FormText = ""
    header_row: FormText = ""
    header_row_shown: FormText = ""
    """What the page showed: where that stays, nobody said that something begins there."""
    header_rows: FormText = ""
    header_below: FormText = ""
    like: FormText = ""
    now: FormText = ""
    header: FormText = ""
    meaning: FormText = ""
    """`kind|column`, `keep` or `unused`."""
    after: FormText = ""
    before: FormText = ""
    lacking: FormText = ""
    look_up: FormText = ""
    also: FormText = ""
    also_after: FormText = ""
    also_before: FormText = ""
    also_lacking: FormText = ""
    everywhere: bool = False
    means: FormText = ""
    holds: FormText = ""
    words: FormTexts = []
    quoted_before: FormTexts = []
    quoted: FormTexts = []
    """The places of words that are quoted."""
    counts: FormTexts = []
    counts_shown: FormTexts = []
    targets: FormTexts = []
    """`place|field type|what it refers to`, of a word that refers to several."""
    rows: FormText = ""
    text: FormText = ""
    texts: FormTexts = []
    become: FormText = ""
    in_worksheets: FormTexts = []
    """Other worksheets with such rows, too."""
    ends: FormText = ""
    row: FormText = ""
    across: FormText = ""
    marks_in: FormText = ""
    names_in: FormText = ""
    called: FormText = ""
    """Of a matrix: its workflow, or the field that components stand in."""
    sides: Annotated[list[FormText], Field(max_length=2)] = []
    """Of a matrix: the sides that it lists itself."""
    type_of_rows: FormText = ""
    type_of_across: FormText = ""
    line_row: FormTexts = []
    line_column: FormTexts = []
    """What each line beside its header says; blank where nobody says it."""
    look_header: FormTexts = []
    look_colour: FormTexts = []
    look_means: FormTexts = []
    """What the look of its headers says; blank where nobody says it."""
    mark: FormTexts = []
    mark_means: FormTexts = []
    """What each of these means; blank where nobody says it."""
    mark_count: FormTexts = []
    kind: FormText = ""
    column: FormText = ""
    columns: FormTexts = []
    name: FormText = ""
    line: FormText = ""
    further_parts: FormTexts = []
    bar_sign: FormText = ""
    """How lines of several cells are told from other rows."""
    alone: bool = True
    is_first: bool = False
    is_named_above: bool = False
    has_description: bool = False
    says: FormText = ""
    kinds: FormTexts = []
    """Of each text in `texts`: what it means."""
    kind_before: FormText = ""
    names: FormText = ""
    in_brackets: FormText = ""
    separator: Annotated[FormText, AfterValidator(_with_plain_breaks)] = ""
    only_marked: bool = False
    has_notes: bool = False
    """Of lines that are fields: each has a note of its own."""
    table: FormText = ""
    is_label: bool = False
    colour: FormText = ""
    rows_of_fields: FormTexts = []
    """Rows whose fields are the title of their pages: `Fields|12` …"""
    looks: FormTexts = []
    """Of each fill, colour of text, line through it: `fill|FFD9D9D9` …"""
    looks_mean: FormTexts = []
    """… and what it means; blank where nobody says it."""
    marks: FormText = ""
    is_title: bool = False
    is_sure: bool = False
    """The page said what the choice changes."""
    headers: FormTexts = []
    """All headers of a table, or all `words` of a sort, with one value in each list below; `everywhere_at` has positions."""
    labels: Annotated[list[bool], Field(max_length=LIST_MAX_COUNT)] = []
    meanings: FormTexts = []
    meanings_shown: FormTexts = []
    """What the page showed as chosen: where that stays, nothing is said."""
    further: FormTexts = []
    """Meanings that are seldom; they go before the others."""
    afters: FormTexts = []
    befores: FormTexts = []
    lackings: FormTexts = []
    look_ups: FormTexts = []
    alsos: FormTexts = []
    also_afters: FormTexts = []
    also_befores: FormTexts = []
    reasons: FormTexts = []
    reasons_shown: FormTexts = []
    everywhere_at: Annotated[list[int], Field(max_length=LIST_MAX_COUNT)] = []
    shapes: FormTexts = []
    """What each of `worksheets` lists, or that it is left out; with those below a value for each."""
    shapes_shown: FormTexts = []
    type_kinds: FormTexts = []
    type_kinds_shown: FormTexts = []


_OF_PAGE = {"revision", "is_sure", "shown", "part", "row_shown", "header_row_shown"}
_OF_WHOLE_WORKBOOK = {
    "leave_out_worksheets",
    "set_apart",
    "set_name",
    "leave_out_marks",
    "set_looks",
    "quote_comments",
}


_LISTS_OF_CHOICES = ("words", "marks", "looks")
"""What some choices list: with none, nothing was chosen."""


def _choices_in(form: ChoiceForm) -> list[Choice]:
    """Return what a form says: one choice, or one for each header or worksheet that was changed."""
    if form.do == "headers":
        return [choice_of(_choice_of_header(header)) for header in _forms_of_headers(form)]
    if form.do == "matrix":
        return [*map(choice_of, _choices_of_matrix(form))]
    if form.do == "worksheets":
        return [*_choices_of_worksheets(form)]
    if form.do == "names":
        return [*_choices_of_names(form)]
    if form.do == "texts":
        return [*_choices_of_texts(form)]
    if form.do == "divide_worksheets":
        return [*_choices_of_areas(form)]
    if form.do == "move_table":
        return [*_choices_of_moved_table(form)]

    if form.do == "set_shape" and form.shape in LINES_OF_TEXT:
        return [*_choices_of_lines(form)]
    values = _choice_in(form)
    is_empty = any(name in values and not values[name] for name in _LISTS_OF_CHOICES)
    return [] if is_empty else [choice_of(values)]


LEAVE_OUT = "leave_out"
"""In place of what a worksheet lists: it is not part of the specification."""
EXPLAINS = "explains"
"""In place of what a worksheet lists: it says what words and colours of others mean."""


def _choices_of_texts(form: ChoiceForm) -> Iterator[Choice]:
    """Yield what somebody says of the lines of all worksheets of text at once."""
    if not form.worksheets:
        raise InputError("No worksheet was chosen, so nothing was saved. Choose at least one.")
    if form.shape == EXPLAINS:
        yield _explaining_worksheets(form.worksheets)
        return
    if form.shape == LEAVE_OUT:
        yield LeaveOutWorksheets(worksheets=tuple(form.worksheets), reason=ABOUT_THE_DOCUMENT)
        return
    for worksheet in form.worksheets:
        yield choice_of({"do": "set_shape", "worksheet": worksheet, "shape": form.shape})


def _explaining_worksheets(worksheets: Sequence[str]) -> LeaveOutWorksheets:
    return LeaveOutWorksheets(
        worksheets=tuple(worksheets), reason=IT_EXPLAINS_OTHERS, explains=True
    )


def _choices_of_moved_table(form: ChoiceForm) -> Iterator[Choice]:
    """Yield that a further table is gone, and that there is one of its kind below another header."""
    about = {"worksheet": form.worksheet}
    yield choice_of({"do": "remove_table", **about, "table": form.table})
    of_table = {"shape": form.shape, "bundle_type": form.bundle_type}
    yield choice_of({"do": "add_table", **about, **of_table, "header_row": form.header_row})


def _choices_of_lines(form: ChoiceForm) -> Iterator[Choice]:
    """Yield what somebody says of the lines of a worksheet: those from a row on, where they named one.

    Every row is a line, whatever is above it, so that the rows above are an area of their own.
    """
    worksheet = form.worksheet
    if form.header_row not in {"", "1", form.header_row_shown}:
        yield choice_of({"do": "divide_worksheet", "worksheet": worksheet, "row": form.header_row})
        worksheet = title_below(worksheet)
    yield choice_of({"do": "set_shape", "worksheet": worksheet, "shape": form.shape})


def _choices_of_areas(form: ChoiceForm) -> Iterator[Choice]:
    """Yield that tables beside each other are parted in each worksheet that is ticked."""
    if not form.worksheets:
        raise InputError("No worksheet was ticked, so nothing was saved. Tick at least one.")
    for division in form.worksheets:
        title_and_row, _, columns = division.rpartition("|")
        worksheet, _, row = title_and_row.rpartition("|")
        fields: dict[str, Any] = {"worksheet": worksheet, "columns": columns.split(",")}
        yield choice_of({"do": "divide_worksheet", **fields, "row": row or None})


def _choices_of_worksheets(form: ChoiceForm) -> Iterator[Choice]:
    """Yield what is said of each worksheet of which another thing is said than the page showed."""
    columns = (
        form.worksheets,
        form.shapes,
        form.shapes_shown,
        form.type_kinds,
        form.type_kinds_shown,
    )
    if len({len(column) for column in columns}) > 1:
        raise InputError(
            "The worksheets were not sent whole, so nothing was saved. Load the page again."
        )
    for worksheet, shape, shape_shown, kind, kind_shown in zip(*columns, strict=True):
        has_types = shape.removeprefix(FORM) in TYPED_SHAPES
        if shape == EXPLAINS and shape_shown != EXPLAINS:
            yield _explaining_worksheets([worksheet])
        elif shape == LEAVE_OUT and shape_shown != LEAVE_OUT:
            yield LeaveOutWorksheets(
                worksheets=(worksheet,), reason=form.reason or ABOUT_THE_DOCUMENT
            )
        elif shape not in {"", LEAVE_OUT, EXPLAINS, shape_shown}:
            fields = _fields_of_shape({"do": "set_shape", "shape": shape})
            bundle_type = kind if has_types else ""
            yield choice_of({**fields, "worksheet": worksheet, "bundle_type": bundle_type})
        elif shape and has_types and kind != kind_shown:
            # What its headers mean stays as it is.
            yield SetConstant(
                worksheet=worksheet,
                kind=EntityKind.BUNDLE.value,
                column="Type",
                text="" if kind == TITLE else kind,
                is_title=kind == TITLE,
            )


def _choices_of_names(form: ChoiceForm) -> Iterator[Choice]:
    """Yield what is said of each name that no table lists."""
    for kind, name, means in zip(form.kinds, form.texts, form.meanings, strict=False):
        if means:
            yield SetName(kind=kind, name=name, means=means)


_OF_FORM = {"do", "worksheet", "shape", "bundle_type"}


def _fields_of_shape(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a worksheet lists as a choice says it: a table, or blocks with labels on the left."""
    shape = fields.get("shape", "")
    if not shape.startswith(FORM):
        return {**fields}
    of_form = {name: value for name, value in fields.items() if name in _OF_FORM}
    return {**of_form, "do": "set_form", "shape": shape.removeprefix(FORM)}


def _choices_of_matrix(form: ChoiceForm) -> Iterator[dict[str, Any]]:
    """Yield what a matrix lists itself, then what lines and looks of its headers say of that."""
    about: dict[str, Any] = {"worksheet": form.worksheet}
    of_table = {**about, "table": form.table or 1}
    types = {"rows": form.type_of_rows, "across": form.type_of_across}
    for side in form.sides:
        listed = {"do": "set_listed", "side": side, "bundle_type": types.get(side, "")}
        yield {**of_table, **listed}
    for row, column in zip(form.line_row, form.line_column, strict=False):
        if column:
            says = "" if column == NOTHING else column
            yield {**of_table, "do": "set_column_line", "row": row, "column": says}
    looks = zip(form.look_header, form.look_colour, form.look_means, strict=False)
    for header, colour, means in looks:
        if means:
            fill = {"do": "set_colour", "header": header, "colour": colour, "means": means}
            yield {**about, **fill}


_LISTS_OF_HEADERS: Mapping[str, str] = {
    "header": "headers",
    "is_label": "labels",
    "meaning": "meanings",
    "reason": "reasons",
    "after": "afters",
    "before": "befores",
    "lacking": "lackings",
    "look_up": "look_ups",
    "also": "alsos",
    "also_after": "also_afters",
    "also_before": "also_befores",
}
"""The fields of a form for one header, and the list of a form for all of them that has them."""
_PARTS_OF_CELLS = ("after", "before", "lacking", "look_up", "also", "also_after", "also_before")


def _forms_of_headers(form: ChoiceForm) -> Iterator[ChoiceForm]:
    """Yield the form of each header of a table of which another thing is said than the page showed."""
    fields = form.model_dump()
    columns = [fields[name] for name in _LISTS_OF_HEADERS.values()]
    others = (form.meanings_shown, form.further, form.reasons_shown)
    lengths = {len(column) for column in (*columns, *others)}
    if len(lengths) > 1:
        raise InputError(
            "The headers were not sent whole, so nothing was saved. Load the page again."
        )
    for position, values in enumerate(zip(*columns, strict=True)):
        of_header = dict(zip(_LISTS_OF_HEADERS, values, strict=True))
        # A seldom meaning is chosen in a list of its own; it counts before the one shown.
        of_header["meaning"] = form.further[position] or of_header["meaning"]
        is_as_shown = of_header["meaning"] in {form.meanings_shown[position], ""}
        if of_header["meaning"] == UNUSED and of_header["reason"] != form.reasons_shown[position]:
            is_as_shown = False
        if is_as_shown and not any(of_header[part] for part in _PARTS_OF_CELLS):
            continue
        # what is ignored here may be what another worksheet is about
        is_ignored = of_header["meaning"] == UNUSED
        of_header["everywhere"] = position in form.everywhere_at and not is_ignored
        yield ChoiceForm(do="header", revision=form.revision, worksheet=form.worksheet, **of_header)


def _choice_in(form: ChoiceForm) -> dict[str, Any]:
    """Return the choice of a form as plain data; a select for a header has several kinds of them."""
    if form.do == "header":
        return _choice_of_header(form)
    of_lists: Mapping[str, Callable[[ChoiceForm], dict[str, Any]]] = {
        "set_words": lambda form: {"do": form.do, "words": [*_words_in(form)]},
        "set_marks": _choice_of_marks,
        "set_title": lambda form: {
            "do": form.do,
            "worksheet": form.worksheet,
            "rows": [*_rows_of_fields_in(form)],
        },
        "set_looks": lambda form: {"do": form.do, "looks": [*_looks_in(form)]},
    }
    if form.do in of_lists:
        return of_lists[form.do](form)
    fields = form.model_dump(exclude_defaults=True, exclude=_OF_PAGE)
    if form.do in _OF_WHOLE_WORKBOOK:
        fields.pop("worksheet", None)
    if form.do == "set_shape":
        fields = _fields_of_shape(fields)
    if form.kinds:
        fields["kinds"] = dict(zip(fields.pop("texts", ()), form.kinds, strict=False))
    if form.do == "set_constant" and form.meaning:
        fields["kind"], _, fields["column"] = fields.pop("meaning", "").partition("|")
    if form.do == "set_rows":
        fields["also"] = fields.pop("in_worksheets", [])
    if form.means == NOTHING:
        fields["means"] = ""
    if form.now == NOTHING:
        fields["now"] = ""
    return fields


def _words_in(form: ChoiceForm) -> Iterator[dict[str, Any]]:
    """Yield what was chosen for each word of a form that is not as the page showed it."""
    blank = [""] * len(form.words)
    counts = form.counts or blank
    counts_shown = form.counts_shown or blank
    columns = (form.meanings, form.meanings_shown, form.quoted_before, counts, counts_shown)
    if any(len(column) != len(form.words) for column in columns):
        raise WrongUseError("The form is not whole: load the page again, and choose once more.")
    targets: dict[str, list[str]] = defaultdict(list)
    for text in form.targets:
        number, _, target = text.partition("|")
        targets[number].append(target)
    for place, word_shown in enumerate(form.words):
        chosen = form.meanings[place]
        several = targets[str(place)]
        if several:
            chosen = several[0]
        is_quoted = str(place) in form.quoted
        is_count_as_shown = counts[place] == counts_shown[place]
        is_as_shown = chosen == form.meanings_shown[place] and is_count_as_shown and not several
        is_quoted_as_shown = is_quoted == bool(form.quoted_before[place])
        if not chosen or (is_as_shown and is_quoted_as_shown):
            continue
        means, _, target = chosen.partition("|")
        refers_to = [text.partition("|")[2] for text in several] or [target]
        yield {
            "holds": form.holds,
            "word": word_shown.replace("\r\n", "\n"),
            "means": "" if means == NOTHING else means,
            "refers_to": [*filter(None, refers_to)],
            "count": counts[place],
            "is_quoted": is_quoted,
        }


def _rows_of_fields_in(form: ChoiceForm) -> Iterator[dict[str, Any]]:
    for shown in form.rows_of_fields:
        worksheet, _, row = shown.rpartition("|")
        yield {"worksheet": worksheet, "row": row}


def _looks_in(form: ChoiceForm) -> Iterator[dict[str, str]]:
    """Yield what was chosen for each look of cells."""
    if len(form.looks) != len(form.looks_mean):
        raise WrongUseError("The form is not whole: load the page again, and choose once more.")
    for shown, means in zip(form.looks, form.looks_mean, strict=True):
        if means:
            look, _, colour = shown.partition("|")
            yield {"look": look, "colour": colour, "means": means}


def _choice_of_marks(form: ChoiceForm) -> dict[str, Any]:
    """Return what each mark of a table is said to mean; those of which nobody says it are not in it."""
    marks: list[dict[str, str]] = []
    counts = form.mark_count or [""] * len(form.mark)
    for mark, means, count in zip(form.mark, form.mark_means, counts, strict=False):
        if means:
            marks.append({"text": mark, "means": means, "count": count})
    return {"do": "set_marks", "worksheet": form.worksheet, "marks": marks}


def _choice_of_header(form: ChoiceForm) -> dict[str, Any]:
    about = {
        "worksheet": form.worksheet,
        "header": form.header,
        "is_label": form.is_label,
        "everywhere": form.everywhere,
    }
    if form.meaning == "keep":
        return {**about, "do": "keep_header"}
    if form.meaning == UNUSED:
        return {**about, "do": "leave_out_header", "reason": form.reason}
    meanings = [_meaning(form.meaning, form.after, form.before, form.lacking)]
    meanings[0]["look_up"] = form.look_up
    if form.also:
        meanings.append(_meaning(form.also, form.also_after, form.also_before, form.also_lacking))
    return {**about, "do": "set_meaning", "meanings": meanings}


def _meaning(chosen: str, after: str, before: str, lacking: str) -> dict[str, str | None]:
    kind, _, column = chosen.partition("|")
    return {
        "kind": kind,
        "column": column,
        "after": after,
        "before": before,
        "lacking": lacking or None,
    }


@router.post("")
def choose(
    request: Request,
    web: TheWeb,
    person: Reviewer,
    opened: Opened,
    form: Annotated[ChoiceForm, Form()],
) -> Response:
    """Save a draft of the layout with one more choice; ask first where that changes what is there."""
    work = open_layout(web.pipeline, opened.key)
    shown = form.shown or form.worksheet
    address = _address_of(opened.key, shown, part=form.part)
    if form.revision != work.revision:
        return _show_layout(
            request,
            web,
            opened,
            work,
            worksheet=shown,
            status=409,
            notices=[_conflict_notice(work)],
            asked=form.model_dump(exclude_defaults=True),
            unsaved=_words_of_form(form),
        )
    try:
        choices = _choices_in(form)
        if not choices:
            return go_to(request, address, Notice("Nothing was chosen, so nothing was changed."))
        whole = work.checks.effective
        for choice in choices:
            whole = with_choice(whole, work.upload.divided_by(whole).grids, choice)
        words = choices_words(choices)
        if whole == work.checks.effective:
            text = (
                f"Nothing was changed ({words}): the workbook is read that way already, or has "
                "nothing that this is about."
            )
            if form.do == "quote_comments" and "comments" in _marks_left(work):
                text = (
                    "Nothing was changed: the comments that are left are in worksheets without "
                    "a thing to quote them with. Say why they say nothing, or what such a "
                    "worksheet lists."
                )
            return go_to(request, address, Notice(text, "warn"))
        changed = without_known(whole, work.upload)
        checks = check_layout(changed, work.upload)
        upload = work.upload
        proposed = propose(work.grids, columns=upload.columns, owner_blank=upload.owner_blank)
        change = change_of(work.checks, checks, choices, work.grids, proposed=proposed)
        if change.is_to_be_confirmed and not form.is_sure:
            return _show_layout(
                request,
                web,
                opened,
                work,
                worksheet=shown,
                row=form.row_shown,
                asked=form.model_dump(exclude_defaults=True),
                change=change,
            )
        layouts.save_layout(
            web.pipeline,
            opened.key,
            changed,
            revision=form.revision,
            by=person.name,
            description=words,
        )
    except InputError as error:
        return go_to(request, address, notice_of(error))
    notice = _saved_notice(words, choices, shown, work, checks)
    if any(isinstance(choice, SetRows) and choice.become == "remarks" for choice in choices):
        now = open_layout(web.pipeline, opened.key)
        quoted = newly_quoted_sentence(
            work.checks.reading.checked.applied.remarks,
            now.checks.reading.checked.applied.remarks,
            now.quoting_tickets,
        )
        notice = replace(notice, text=f"{notice.text} {quoted}".strip())
    return go_to(request, address, notice)


def _words_of_form(form: ChoiceForm) -> str:
    """Return what a form chooses, in words; blank where it chooses nothing, or cannot be read."""
    try:
        choices = _choices_in(form)
    except InputError:
        return ""
    return choices_words(choices) if choices else ""


def _saved_notice(
    saved: str, choices: Sequence[Choice], worksheet: str, before: LayoutWork, after: LayoutChecks
) -> Notice:
    """Say what was saved and what it did: what the worksheet gives now, and what is left in it."""
    groups = worksheet_groups(
        after.effective, after.upload.grids, after.reading.checked, unsettled=after.unsettled
    )
    sentences = [f"Draft saved: {saved}."]
    group = next((group for group in groups if worksheet in group.titles), None)
    if group is not None:
        checked_before = before.checks.reading.checked
        kinds_before = Counter(
            row.kind for row in checked_before.applied.rows if row.worksheet in group.titles
        )
        if group.counts != kinds_before:
            sentences.append(_giving_words(kinds_before, group.counts))
        sentences.append(effect_words(checked_before, after.reading.checked, group.grids))
        notes = headers_kept_instead(before.checks.effective, after.effective, choices, group.title)
        if notes:
            headers = ", ".join(f"“{name}”" for name in notes)
            sentences.append(f"Kept as a note now: {headers}.")
        given = GivenReading(after.reading.checked.applied.rows).of_worksheets(group.titles)
        left_count = count_left(group, given)
        # Where nothing asks, rows may still be refused: the page says which, and what is next.
        if left_count:
            sentences.append(
                f"{format_count(left_count, 'thing')} left to settle in this worksheet."
            )
    elif not after.unsettled:
        sentences.append("Nothing is left to settle.")
    shown_titles = set() if group is None else {*group.titles}
    others = {grid.title for grid in before.grids} - shown_titles
    sentences.append(elsewhere_words(before.checks.reading.checked, after.reading.checked, others))
    return Notice(" ".join(filter(None, sentences)))


def _giving_words(before: Mapping[str, int], now: Mapping[str, int]) -> str:
    """Say what a worksheet gives, and what it gave before."""
    things = counted_things(now) or "nothing"
    things_before = counted_things(before)
    if not things_before:
        return f"This worksheet gives {things}."
    return f"This worksheet gives {things} now; it gave {things_before}."


def _conflict_notice(work: LayoutWork) -> Notice:
    """Say who changed the layout, since a page showed it."""
    if work.draft is None:
        text = "The draft that you saw was confirmed or discarded. Your choice was not saved."
    else:
        text = (
            f"{work.draft.saved_by} changed the layout at {work.draft.saved_at:%H:%M} UTC. "
            "Your choice was not saved: this is the layout as it is now."
        )
    return Notice(text, "warn")


# ---------------------------------------------------------------- the whole layout


@router.post("/use")
def use_before(
    request: Request,
    web: TheWeb,
    person: Reviewer,
    opened: Opened,
    *,
    layout_sha256: Annotated[str, Form(max_length=64)],
    revision: Revision,
) -> Response:
    """Make a layout that was used before the draft of this site."""
    work = open_layout(web.pipeline, opened.key)
    address = f"/sessions/{opened.key}/layout"
    for used in layouts.layouts_used_before(web.pipeline, work.upload):
        before = layouts.layout_to_reuse(used)
        if used.layout_sha256 == layout_sha256 and before is not None:
            return _save(request, web, opened, before, revision=revision, by=person.name)
    return go_to(request, address, Notice("This layout does not fit any more.", "warn"))


def _save(
    request: Request, web: TheWeb, opened: Opened, draft: Layout, *, revision: int, by: str
) -> Response:
    address = f"/sessions/{opened.key}/layout"
    try:
        layouts.save_layout(web.pipeline, opened.key, draft, revision=revision, by=by)
    except EditConflictError as error:
        return go_to(request, address, notice_of(error))
    return go_to(request, address, Notice("Draft saved."))


@router.post("/leave")
def leave_as_it_is(
    request: Request,
    web: TheWeb,
    person: Reviewer,
    opened: Opened,
    *,
    worksheet: Annotated[str, Form(max_length=ADDRESS_OF_WORKSHEET_MAX)],
    check: Annotated[Unsettled, Form()],
    revision: Revision,
    places: Annotated[list[str], Form(max_length=1_000)] = [],  # noqa: B006 - read only
) -> Response:
    """Say of places in some worksheets that they are known and stay as they are: these, or all."""
    work = open_layout(web.pipeline, opened.key)
    address = _address_of(opened.key, worksheet, part=PagePart.SETTLE.value)
    findings = findings_of_worksheet(work, worksheet, check)
    if places:
        findings = [finding for finding in findings if finding.where in places]
    places_left = f"{format_count(len(findings), 'place')} of “{worksheet}” left"
    words = f"{places_left} as {'it is' if len(findings) == 1 else 'they are'}"
    try:
        changed = layouts.layout_leaving(work, findings)
        layouts.save_layout(
            web.pipeline,
            opened.key,
            changed,
            revision=revision,
            by=person.name,
            description=words,
        )
    except InputError as error:
        return go_to(request, address, notice_of(error))
    return go_to(request, address, Notice(f"Draft saved: {words}."))


@router.post("/undo")
def undo(
    request: Request,
    web: TheWeb,
    person: Reviewer,
    opened: Opened,
    *,
    revision: Revision,
    worksheet: Annotated[str, Form(max_length=ADDRESS_OF_WORKSHEET_MAX)] = "",
) -> Response:
    """Take the last change of the draft back."""
    address = _address_of(opened.key, worksheet)
    try:
        undone = layouts.undo_layout_change(
            web.pipeline, opened.key, revision=revision, by=person.name
        )
    except (WrongUseError, EditConflictError) as error:
        return go_to(request, address, notice_of(error))
    return go_to(request, address, Notice(f"Undone: {undone.description or 'the last change'}."))


@router.post("/discard")
def discard(
    request: Request, web: TheWeb, person: Reviewer, opened: Opened, *, revision: Revision
) -> Response:
    """Take the draft away."""
    address = f"/sessions/{opened.key}/layout"
    try:
        layouts.discard_layout(web.pipeline, opened.key, revision=revision, by=person.name)
    except (WrongUseError, EditConflictError) as error:
        return go_to(request, address, notice_of(error))
    return go_to(request, address, Notice("Draft discarded. Undo brings it back."))


@router.post("/confirm")
def confirm(
    request: Request,
    web: TheWeb,
    person: Reviewer,
    opened: Opened,
    *,
    revision: Revision,
    accepting: Annotated[list[str], Form(max_length=1_000)] = [],  # noqa: B006 - read only
    replaces_all: Annotated[bool, Form()] = False,
    sheets: SheetsShown = "",
) -> Response:
    """Confirm the layout as it is shown; the sheets are read by it from now on."""
    try:
        outcome = layouts.confirm_layout(
            web.pipeline,
            opened.key,
            revision=revision,
            by=person.name,
            accepting=accepting,
            sheets_shown=sheets,
            replaces_all=replaces_all,
        )
    except PipelineError as error:
        return go_to(request, f"/sessions/{opened.key}/layout", notice_of(error))
    web.report_to_dagster(web.pipeline, outcome)
    taken = uploaded(web.pipeline, outcome)
    text = f"Layout confirmed. Site `{opened.key}` {taken.became}."
    return go_to(request, f"/sessions/{opened.key}", Notice(text))
