"""The page on which people say what the worksheets of a workbook list: the layout of its sheets.

Belongs here: showing what is offered, saving one form after the other, confirming. Does not: what a form
chooses (`layout_form`), what can be chosen and what follows from it (`sheets/layouts/choices`), drafts
and confirming (`sessions/layouts`).
Every choice is a draft of the whole layout: nothing changes in the site until somebody confirms it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from jira_pipeline.drupal.column_words import TYPE_WORDS
from jira_pipeline.model.columns import Holds
from jira_pipeline.model.errors import EditConflictError, InputError, PipelineError, WrongUseError
from jira_pipeline.model.layouts import UsedLayout
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.sessions import layouts
from jira_pipeline.sessions.layouts import LayoutOrigin, LayoutWork, apply_layout, open_layout
from jira_pipeline.sessions.model_layouts import model_of
from jira_pipeline.sessions.upload import uploaded
from jira_pipeline.sheets.layouts.applying import absent_worksheets
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
    SetRows,
)
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.coverage import Unsettled
from jira_pipeline.sheets.layouts.explaining_lines import ExplainingLines
from jira_pipeline.sheets.layouts.given_things import GivenReading
from jira_pipeline.sheets.layouts.grid import column_letters
from jira_pipeline.sheets.layouts.header_offers import (
    column_groups,
    further_column_groups,
)
from jira_pipeline.sheets.layouts.known_headers import without_known
from jira_pipeline.sheets.layouts.layout import TEXT_MAX_CHARACTERS, Layout
from jira_pipeline.sheets.layouts.layout_checks import LayoutChecks, check_layout
from jira_pipeline.sheets.layouts.line_choices import PARTS
from jira_pipeline.sheets.layouts.look_offers import look_offers
from jira_pipeline.sheets.layouts.matrices import SIDES
from jira_pipeline.sheets.layouts.name_offers import name_offers
from jira_pipeline.sheets.layouts.proposing import propose
from jira_pipeline.sheets.layouts.row_offers import ROWS_SHOWN_MAX, RowOffer, RowReading
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
from jira_pipeline.sheets.layouts.text_worksheets import (
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
from jira_pipeline.web.pages.layout_form import (
    EXPLAINS,
    LEAVE_OUT,
    NOTHING,
    ROW_MAX,
    ChoiceForm,
    choices_in,
    words_of_form,
)
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
BLOCK_WORDS: Mapping[BlockLines, str] = {
    BlockLines.TYPES: "Yes: each line is a type, with its fields below",
    BlockLines.OWNERS: "Each line names a type that another worksheet lists, with its fields below",
    BlockLines.KINDS: "Yes: each line says what kind of types are below",
}
"""What the button says by which people say what lines are about the rows below them."""
router = APIRouter(prefix="/sessions/{key}/layout")
Title = Annotated[str, Query(max_length=ADDRESS_OF_WORKSHEET_MAX)]
Revision = Annotated[int, Form(ge=0, le=1_000_000_000)]
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
        has_comments_left=_has_comments_left(work),
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


def _has_comments_left(work: LayoutWork) -> bool:
    """Tell whether comments of cells are left to settle."""
    return any(finding.code is Unsettled.COMMENT_NOT_READ for finding in work.checks.unsettled)


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
            unsaved=words_of_form(form),
        )
    try:
        choices = choices_in(form)
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
            if form.do == "quote_comments" and _has_comments_left(work):
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
