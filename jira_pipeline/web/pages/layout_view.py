"""What the page of a layout shows: the values that its template reads by their names.

A `LayoutWork` comes in (the worksheets of a session, and the layout that people work on), with the
worksheet and the row that an address names. The keyword arguments of `layout.html` go out, in parts:
of the whole workbook, of what is left to settle, of words, of the worksheet that is shown and of its
rows, and those that are the same on every such page. Worksheets that look alike are one group, and the
page shows one group at a time.

Belongs here: choosing what is shown. Does not: taking a choice (`layout_page`), what is left to settle
(`layout_settling`), what each card offers (`sheets/layouts/*_offers`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias
from urllib.parse import urlencode

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.drupal.column_words import TYPE_WORDS
from jira_pipeline.model.columns import Holds
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.layouts import UsedLayout
from jira_pipeline.sessions.layouts import (
    LayoutOrigin,
    LayoutWork,
    apply_layout,
    layouts_used_before,
)
from jira_pipeline.sessions.model_layouts import model_of
from jira_pipeline.sheets.layouts.applying import absent_worksheets
from jira_pipeline.sheets.layouts.area_offers import AreaOf, AreaOffer, area_offers, areas_of
from jira_pipeline.sheets.layouts.block_offers import BlockOffer
from jira_pipeline.sheets.layouts.cell_looks import LABELS_OF_LOOKS
from jira_pipeline.sheets.layouts.choices import BlockLines, SetRows
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.coverage import LayoutFinding, Unsettled
from jira_pipeline.sheets.layouts.explaining_lines import ExplainingLines
from jira_pipeline.sheets.layouts.form_offers import FormOffer
from jira_pipeline.sheets.layouts.given_things import GivenThings
from jira_pipeline.sheets.layouts.grid import column_letters
from jira_pipeline.sheets.layouts.header_offers import (
    HeaderReading,
    column_groups,
    further_column_groups,
)
from jira_pipeline.sheets.layouts.known_headers import without_known
from jira_pipeline.sheets.layouts.layout import TEXT_MAX_CHARACTERS
from jira_pipeline.sheets.layouts.line_choices import PARTS
from jira_pipeline.sheets.layouts.look_offers import LookOffer, look_offers
from jira_pipeline.sheets.layouts.mark_grid_offers import MarkGridOffer
from jira_pipeline.sheets.layouts.matrices import SIDES
from jira_pipeline.sheets.layouts.name_offers import NameOffer, name_offers
from jira_pipeline.sheets.layouts.row_offers import ROWS_SHOWN_MAX, RowOffer, RowReading
from jira_pipeline.sheets.layouts.several_owners import SeveralOffer
from jira_pipeline.sheets.layouts.table_shapes import (
    FORM,
    FORM_WORDS,
    OFFERED_SHAPES,
    TITLE,
    TYPED_SHAPES,
    Shape,
    ShapeGroup,
    offered_shape,
)
from jira_pipeline.sheets.layouts.term_offers import ListsOffer
from jira_pipeline.sheets.layouts.text_worksheets import is_called_like_legend, is_text
from jira_pipeline.sheets.layouts.title_rows import TitleOffer, labels_of_row, title_offers
from jira_pipeline.sheets.layouts.word_offers import (
    WordOffer,
    WordState,
    words_of_cells,
    words_of_column,
    words_offered,
)
from jira_pipeline.sheets.layouts.worksheet_choices import worksheets_renamed
from jira_pipeline.sheets.layouts.worksheet_groups import (
    WorksheetGroup,
    counted_things,
    kind_name,
    worksheet_groups,
    worksheets_to_be_like,
)
from jira_pipeline.sheets.quoted_rows import WorksheetRow, quoted_words
from jira_pipeline.sheets.version_changes import losses_sentence
from jira_pipeline.web.pages.layout_form import EXPLAINS, LEAVE_OUT, NOTHING
from jira_pipeline.web.pages.layout_settling import (
    LostName,
    Refusal,
    SettlingQuestion,
    WorksheetState,
    finding_words,
    lost_names,
    other_faults,
    refusals_of_files,
    settling_questions,
    unsaid_groups,
    worksheet_states,
)

BLOCK_WORDS: Mapping[BlockLines, str] = {
    BlockLines.TYPES: "Yes: each line is a type, with its fields below",
    BlockLines.OWNERS: "Each line names a type that another worksheet lists, with its fields below",
    BlockLines.KINDS: "Yes: each line says what kind of types are below",
}
"""What the button says by which people say what lines are about the rows below them."""
ROWS_ABOVE_SHOWN = 5
"""Rows above one that an address names, which are shown with it."""


def layout_address(
    key: str, worksheet: str, *, row: int = 0, first_row: int = 0, part: str = ""
) -> str:
    """Return the address of a worksheet on the page of a layout.

    It leads to one `row`, to the rows from `first_row` on, or to a `part` of the page; 0 and blank
    name none. With no worksheet it is the address of the page.
    """
    if not worksheet:
        return f"/sessions/{key}/layout"
    query: dict[str, str | int] = {"worksheet": worksheet}
    if row:
        query["row"] = row
    if first_row:
        query["first_row"] = first_row
    anchor = part or ("row" if row else "worksheet")
    return f"/sessions/{key}/layout?{urlencode(query)}#{anchor}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPlace:
    """The worksheet that an address of the page names, and which of its rows."""

    worksheet: str
    """Its title; blank where the page chooses what to show first."""
    row: int = 0
    """The row that somebody wants to say something about, the first is 1; 0 for none."""
    first_row: int = 0
    """The first row that is shown; 0 where nobody leafed through the rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _WorkbookValues:
    """What the page shows of the whole workbook, whichever worksheet is open."""

    work: LayoutWork
    groups: Sequence[WorksheetGroup]
    """Worksheets that look alike together: one choice is about all of a group."""
    states: Sequence[WorksheetState]
    """What is left to do in each group, in the order of `groups`."""
    totals: Counter[str]
    """How many things the layout gives, by kind."""
    losses: str
    """What the site would lose, in words; blank where it loses nothing."""
    used_before: Sequence[UsedLayout]
    model: str | None
    """The model that may be asked for a draft; None where no model writes the tickets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _SettlingValues:
    """What the page shows of all that is left to settle or that the sheets lack."""

    questions: Sequence[SettlingQuestion]
    unsaid: Sequence[WorksheetGroup]
    """Worksheets of which nobody said yet what they list."""
    texts: Sequence[WorksheetGroup]
    """Those of them that are sentences."""
    legends: Sequence[WorksheetGroup]
    """Those of them that are sentences, and whose title says that they explain the others."""
    absent: Sequence["AbsentWorksheet"]
    refusals_of_files: Sequence[Refusal]
    lost_names: Sequence[LostName]
    faults: Sequence[LayoutFinding]
    """What else the sheets themselves lack; no choice on this page mends it."""
    has_comments_left: bool
    ignored_texts: Sequence[LayoutFinding]
    """New texts in columns that somebody left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _WordValues:
    """What the page offers of words, names, looks of cells and tables, wherever they are."""

    words: Sequence[WordOffer]
    names: Sequence[NameOffer]
    looks: Sequence[LookOffer]
    legend: ExplainingLines
    """The lines that explain a word or colour."""
    all_areas: Sequence[AreaOffer]
    """Tables that stand beside each other in any worksheet, to be parted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _WorksheetValues:
    """What the page shows of the group of worksheets that is open."""

    shown: WorksheetGroup
    next_state: WorksheetState | None
    """Where to go on; None where nothing is left to do."""
    given: GivenThings
    proposals: Sequence[str]
    refused_rows: Sequence[Refusal]
    tables: Sequence[HeaderReading]
    reading: HeaderReading
    """The first of `tables`."""
    like: Sequence[WorksheetGroup]
    """Worksheets that this one may be said to be like."""
    areas: Sequence[AreaOffer]
    joinable: Sequence[AreaOf]
    """What an area of a divided worksheet can be joined to again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _RowValues:
    """What the page shows and offers of the rows of that group."""

    rows: RowReading
    form_offer: FormOffer | None
    blocks: BlockOffer | None
    mark_grid: MarkGridOffer | None
    lists_offers: Sequence[ListsOffer]
    several: Sequence[SeveralOffer]
    title_rows: Sequence[TitleOffer]
    row: RowOffer | None
    """What can be said of the row that the address names; None where it names none."""
    quoted: str
    """In which tickets that row is quoted, in words."""
    labels_of_row: Sequence[str]


_WORDS_OF_PAGE: Mapping[str, Any] = {
    "address_of": layout_address,
    "block_lines": BlockLines,
    "block_words": BLOCK_WORDS,
    "column_groups": column_groups,
    "column_letters": column_letters,
    "counted_things": counted_things,
    "explains": EXPLAINS,
    "finding_words": finding_words,
    "form": FORM,
    "form_words": FORM_WORDS,
    "further_column_groups": further_column_groups,
    "kind_name": kind_name,
    "leave_out": LEAVE_OUT,
    "line_part_words": PARTS,
    "lines_of_text": [offered_shape(shape) for shape in (Shape.REMARKS, Shape.OPEN_QUESTIONS)],
    "look_meanings": LABELS_OF_LOOKS,
    "misfit_code": Unsettled.MISFIT,
    "newly_left_out": Unsettled.NEWLY_LEFT_OUT,
    "nothing": NOTHING,
    "shape_groups": [*ShapeGroup],
    "shapes": OFFERED_SHAPES,
    "sides": SIDES,
    "status_words": words_of_cells(Holds.STATUS),
    "text_max": TEXT_MAX_CHARACTERS,
    "title_says_type": TITLE,
    "type_words": TYPE_WORDS,
    "typed_shapes": TYPED_SHAPES,
    "word_states": WordState,
    "words_of_column": words_of_column,
}
"""What the template offers to choose from and calls: the same on each page of a layout."""


def layout_values(
    pipeline: Pipeline, session_key: str, work: LayoutWork, place: ShownPlace
) -> dict[str, Any]:
    """Return the keyword arguments of `layout.html` that a layout and a place of it give."""
    groups = worksheet_groups(
        work.checks.effective,
        work.grids,
        work.checks.reading.checked,
        unsettled=work.checks.unsettled,
    )
    states = worksheet_states(groups, work)
    state = _shown_state(states, place.worksheet)
    parts: list[_PartOfPage] = [
        _workbook_values(work, states, pipeline=pipeline, session_key=session_key),
        _settling_values(work, groups),
        _word_values(work, groups),
        _worksheet_values(work, states, state),
        _row_values(work, state, groups, place, pipeline=pipeline, session_key=session_key),
    ]
    values = dict(_WORDS_OF_PAGE)
    for part in parts:
        values |= _values_by_name(part)
    return values


_PartOfPage: TypeAlias = (
    _WorkbookValues | _SettlingValues | _WordValues | _WorksheetValues | _RowValues
)


def _values_by_name(part: _PartOfPage) -> dict[str, Any]:
    return {field.name: getattr(part, field.name) for field in fields(part)}


def _workbook_values(
    work: LayoutWork, states: Sequence[WorksheetState], *, pipeline: Pipeline, session_key: str
) -> _WorkbookValues:
    """Return what the page shows of the whole workbook, and where its layout may come from."""
    checked_rows = work.checks.reading.checked.applied.rows
    return _WorkbookValues(
        work=work,
        groups=[state.group for state in states],
        states=states,
        totals=Counter(row.kind for row in checked_rows),
        losses=losses_sentence(work.version_changes),
        used_before=_layouts_used_before(pipeline, work),
        model=model_of(pipeline, session_key),
    )


def _settling_values(work: LayoutWork, groups: Sequence[WorksheetGroup]) -> _SettlingValues:
    """Return what is left to settle in all worksheets, and what the sheets themselves lack."""
    texts: list[WorksheetGroup] = []
    legends: list[WorksheetGroup] = []
    for group in groups:
        if group.sheet is None and all(map(is_text, group.grids)):
            (legends if is_called_like_legend(group.title) else texts).append(group)
    return _SettlingValues(
        questions=settling_questions(groups),
        unsaid=unsaid_groups(groups),
        texts=texts,
        legends=legends,
        absent=_absent_worksheets(work),
        refusals_of_files=refusals_of_files(work),
        lost_names=lost_names(groups),
        faults=other_faults(groups),
        has_comments_left=has_comments_left(work),
        ignored_texts=_newly_ignored_texts(work),
    )


def _newly_ignored_texts(work: LayoutWork) -> list[LayoutFinding]:
    findings = work.checks.reading.checked.findings
    return [finding for finding in findings if finding.code is Unsettled.NEWLY_IGNORED]


def _word_values(work: LayoutWork, groups: Sequence[WorksheetGroup]) -> _WordValues:
    """Return what the page offers of words, names and looks, wherever in the workbook they are."""
    layout = work.checks.effective
    checked = work.checks.reading.checked
    return _WordValues(
        words=words_offered(layout, checked),
        names=name_offers(checked),
        looks=look_offers(layout, work.grids, checked.applied),
        legend=ExplainingLines(layout, work.grids),
        all_areas=_area_offers(groups),
    )


def _worksheet_values(
    work: LayoutWork, states: Sequence[WorksheetState], state: WorksheetState
) -> _WorksheetValues:
    """Return what the page shows of one group of worksheets, with its state among all of them."""
    shown = state.group
    return _WorksheetValues(
        shown=shown,
        next_state=_next_state(states, shown),
        given=state.given,
        proposals=state.proposals,
        refused_rows=state.refusals,
        tables=state.tables,
        reading=state.tables[0],
        like=worksheets_to_be_like(shown, [state.group for state in states]),
        areas=_area_offers([shown]),
        joinable=areas_of(work.checks.effective.divided, shown.titles),
    )


def _row_values(
    work: LayoutWork,
    state: WorksheetState,
    groups: Sequence[WorksheetGroup],
    place: ShownPlace,
    *,
    pipeline: Pipeline,
    session_key: str,
) -> _RowValues:
    """Return what the page shows of the rows of a group, and offers for the row that the address names."""
    checked_rows = work.checks.reading.checked.applied.rows
    rows = _shown_rows(state, groups, place)
    form_offer = rows.form
    blocks: BlockOffer | None = None
    # Where labels on the left are offered as a form, no line of it begins a block.
    if not form_offer:
        blocks = rows.blocks(work.grids)
    row: RowOffer | None = None
    quoted = ""
    labels: Sequence[str] = ()
    if place.row:
        row = rows.row_offer(place.worksheet, place.row)
        labels = labels_of_row(checked_rows, place.worksheet, place.row)
    if row is not None:
        quoted = _quoted_sentence(pipeline, session_key, work, row)
    return _RowValues(
        rows=rows,
        form_offer=form_offer,
        blocks=blocks,
        mark_grid=rows.mark_grid,
        lists_offers=rows.lists_of_words,
        several=rows.several(work.grids),
        title_rows=title_offers(checked_rows, state.group.titles),
        row=row,
        quoted=quoted,
        labels_of_row=labels,
    )


def _layouts_used_before(pipeline: Pipeline, work: LayoutWork) -> Sequence[UsedLayout]:
    """Return layouts of other sites to start from, until anybody said something of this one."""
    if work.origin is LayoutOrigin.PROPOSED and not work.is_settled:
        return layouts_used_before(pipeline, work.upload)
    return ()


def _shown_rows(
    state: WorksheetState, groups: Sequence[WorksheetGroup], place: ShownPlace
) -> RowReading:
    """Return the rows of the open worksheets, from near the row that the address names."""
    first_row = place.first_row
    if place.row > ROWS_SHOWN_MAX and not first_row:
        first_row = max(1, place.row - ROWS_ABOVE_SHOWN)
    others = [group for group in groups if group is not state.group]
    return RowReading(state.tables, others, worksheet=place.worksheet, first_row=first_row)


def _area_offers(groups: Sequence[WorksheetGroup]) -> list[AreaOffer]:
    """Return the tables that stand beside each other in worksheets, until somebody parts them.

    A worksheet that leaves nothing to settle is read as it is.
    """
    offers: list[AreaOffer] = []
    for group in groups:
        if group.unsettled:
            offers += area_offers(group.grids)
    return offers


def _quoted_sentence(pipeline: Pipeline, session_key: str, work: LayoutWork, row: RowOffer) -> str:
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
        tried = apply_layout(pipeline, session_key, without_known(chosen, work.upload))
    except InputError:
        return ""
    tickets = tried.quoting_tickets.get(place, ())
    return f"It would be quoted {quoted_words(tickets)}."


@dataclass(frozen=True, slots=True)
class AbsentWorksheet:
    """A worksheet that the layout names and the workbook does not have."""

    name: str
    offered: Sequence[str]
    """Worksheets that it may be called now."""


def _absent_worksheets(work: LayoutWork) -> list[AbsentWorksheet]:
    layout = work.checks.effective
    names = absent_worksheets(layout, work.grids)
    return [AbsentWorksheet(name, worksheets_renamed(layout, work.grids, name)) for name in names]


def has_comments_left(work: LayoutWork) -> bool:
    """Tell whether a comment on a cell is left to settle."""
    return any(finding.code is Unsettled.COMMENT_NOT_READ for finding in work.checks.unsettled)


def _shown_state(states: Sequence[WorksheetState], worksheet: str) -> WorksheetState:
    """Return the group with the worksheet of the address.

    Where none has it, that is the first group with something left to settle, or else the first.
    """
    for state in states:
        if worksheet in state.group.titles:
            return state
    for state in states:
        if any(worksheet and grid.worksheet_title == worksheet for grid in state.group.grids):
            return state  # the worksheet was divided: its first area
    return next((state for state in states if state.open_count), states[0])


def _next_state(states: Sequence[WorksheetState], shown: WorksheetGroup) -> WorksheetState | None:
    """Return the group to go on with: the one shown while something is left in it, then the next."""
    titles = [state.group.title for state in states]
    position = titles.index(shown.title)
    for state in (*states[position:], *states[:position]):
        if state.open_count:
            return state
    return None
