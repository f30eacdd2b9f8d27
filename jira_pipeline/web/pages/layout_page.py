"""The page on which people say what the worksheets of a workbook list: the layout of its sheets.

A form with one choice comes in (`ChoiceForm`), and a draft of the whole layout is saved: nothing changes
in the site until somebody confirms it. Each page shows the `revision` of the draft that it was made of,
and a form that was sent from an older one is not saved.

Belongs here: the answers to forms, and what a page says after one. Does not: what the page shows
(`layout_view`), what a form chooses (`layout_form`), what can be chosen and what follows from it
(`sheets/layouts/choices`), drafts and confirming (`sessions/layouts`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from jira_pipeline.model.errors import EditConflictError, InputError, PipelineError, WrongUseError
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.sessions import layouts
from jira_pipeline.sessions.layouts import LayoutWork, open_layout
from jira_pipeline.sessions.upload import uploaded
from jira_pipeline.sheets.layouts.choice_changes import (
    ReadingChange,
    change_of,
    headers_kept_instead,
)
from jira_pipeline.sheets.layouts.choice_words import choices_words
from jira_pipeline.sheets.layouts.choices import Choice, SetRows
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.coverage import Unsettled
from jira_pipeline.sheets.layouts.given_things import GivenReading
from jira_pipeline.sheets.layouts.known_headers import without_known
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_checks import LayoutChecks, check_layout
from jira_pipeline.sheets.layouts.proposing import propose
from jira_pipeline.sheets.layouts.worksheet_effects import elsewhere_words
from jira_pipeline.sheets.layouts.worksheet_groups import counted_things, worksheet_groups
from jira_pipeline.sheets.quoted_rows import newly_quoted_sentence
from jira_pipeline.web.context import Opened, Reader, Reviewer, TheWeb, Web
from jira_pipeline.web.pages.layout_form import ROW_MAX, ChoiceForm, choices_in, words_of_form
from jira_pipeline.web.pages.layout_settling import (
    PagePart,
    count_left,
    effect_words,
    findings_of_worksheet,
)
from jira_pipeline.web.pages.layout_view import (
    ShownPlace,
    has_comments_left,
    layout_address,
    layout_values,
)
from jira_pipeline.web.pages.sent_form import refilled_form
from jira_pipeline.web.pages.showing import Notice, SheetsShown, go_to, notice_of, show

ADDRESS_OF_WORKSHEET_MAX = 400
router = APIRouter(prefix="/sessions/{key}/layout")
Title = Annotated[str, Query(max_length=ADDRESS_OF_WORKSHEET_MAX)]
Revision = Annotated[int, Form(ge=0, le=1_000_000_000)]
RowQuery = Annotated[int, Query(ge=0, le=ROW_MAX)]


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
    """Show the worksheets, and one of them with its headers and rows.

    With a `row` the page asks what that row is; with a `first_row` it shows the rows from there on.
    """
    work = open_layout(web.pipeline, opened.key)
    place = ShownPlace(worksheet=worksheet, row=row, first_row=first_row)
    return _show_layout(request, web, opened, work, place)


@dataclass(frozen=True, slots=True, kw_only=True)
class _WaitingChoice:
    """A choice that the page shows once more, since it is not saved yet."""

    form: ChoiceForm
    change: ReadingChange | None
    """What it would change, for somebody to agree to; None where somebody else saved one first."""

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that were filled in, by name, to be sent again."""
        return self.form.model_dump(exclude_defaults=True)


def _show_layout(
    request: Request,
    web: Web,
    opened: Opened,
    work: LayoutWork,
    place: ShownPlace,
    *,
    unsaved: _WaitingChoice | None = None,
) -> Response:
    """Answer with the page of a layout, and with a choice that is not saved yet."""
    status = 200
    notices: list[Notice] = []
    words_unsaved = ""
    if unsaved is not None and unsaved.change is None:
        status = 409
        notices = [_conflict_notice(work)]
        words_unsaved = words_of_form(unsaved.form)
    response = show(
        request,
        "layout.html",
        status=status,
        notices=notices,
        opened=opened,
        asked=None if unsaved is None else unsaved.fields,
        change=None if unsaved is None else unsaved.change,
        unsaved=words_unsaved,
        **layout_values(web.pipeline, opened.key, work, place),
    )
    if unsaved is not None and unsaved.change is not None:
        page = refilled_form(bytes(response.body).decode(), unsaved.fields)
        response.body = page.encode()
        response.headers["content-length"] = str(len(response.body))
    return response


# ---------------------------------------------------------------- one choice


@router.post("")
def choose(
    request: Request,
    web: TheWeb,
    person: Reviewer,
    opened: Opened,
    form: Annotated[ChoiceForm, Form()],
) -> Response:
    """Save a draft of the layout with one more choice.

    Nothing is saved where somebody else saved a draft since the page was shown, or where the choice
    changes what is there and nobody agreed to that: the page then shows the choice once more.
    """
    work = open_layout(web.pipeline, opened.key)
    shown = form.shown or form.worksheet
    address = layout_address(opened.key, shown, part=form.part)
    if form.revision != work.revision:
        place = ShownPlace(worksheet=shown)
        unsaved = _WaitingChoice(form=form, change=None)
        return _show_layout(request, web, opened, work, place, unsaved=unsaved)
    try:
        choices = choices_in(form)
        if not choices:
            return go_to(request, address, Notice("Nothing was chosen, so nothing was changed."))
        chosen = _with_choices(work, choices)
        if chosen == work.checks.effective:
            return go_to(request, address, _unchanged_notice(form, choices, work))
        draft = without_known(chosen, work.upload)
        checks = check_layout(draft, work.upload)
        change = _reading_change(work, checks, choices)
        if change.is_to_be_confirmed and not form.is_sure:
            place = ShownPlace(worksheet=shown, row=form.row_shown)
            unsaved = _WaitingChoice(form=form, change=change)
            return _show_layout(request, web, opened, work, place, unsaved=unsaved)
        layouts.save_layout(
            web.pipeline,
            opened.key,
            draft,
            revision=form.revision,
            by=person.name,
            description=choices_words(choices),
        )
    except InputError as error:
        return go_to(request, address, notice_of(error))
    sentences = [*_saved_sentences(choices, shown, work, checks)]
    if any(isinstance(choice, SetRows) and choice.become == "remarks" for choice in choices):
        saved_work = open_layout(web.pipeline, opened.key)
        quoted = newly_quoted_sentence(
            work.checks.reading.checked.applied.remarks,
            saved_work.checks.reading.checked.applied.remarks,
            saved_work.quoting_tickets,
        )
        sentences.append(quoted)
    return go_to(request, address, Notice(" ".join(filter(None, sentences))))


def _with_choices(work: LayoutWork, choices: Sequence[Choice]) -> Layout:
    """Return the layout that people work on with some choices, in their order."""
    layout = work.checks.effective
    for choice in choices:
        # A choice before this one may have divided the worksheet that this one is about.
        grids = work.upload.divided_by(layout).grids
        layout = with_choice(layout, grids, choice)
    return layout


def _reading_change(
    work: LayoutWork, checks: LayoutChecks, choices: Sequence[Choice]
) -> ReadingChange:
    """Return what choices change in how the worksheets are read, beside what is proposed for them."""
    upload = work.upload
    proposed = propose(work.grids, columns=upload.columns, owner_blank=upload.owner_blank)
    return change_of(work.checks, checks, choices, work.grids, proposed=proposed)


def _unchanged_notice(form: ChoiceForm, choices: Sequence[Choice], work: LayoutWork) -> Notice:
    """Say why choices leave the layout as it is."""
    if form.do == "quote_comments" and has_comments_left(work):
        text = (
            "Nothing was changed: the comments that are left are in worksheets without "
            "a thing to quote them with. Say why they say nothing, or what such a "
            "worksheet lists."
        )
        return Notice(text, "warn")
    text = (
        f"Nothing was changed ({choices_words(choices)}): the workbook is read that way already, "
        "or has nothing that this is about."
    )
    return Notice(text, "warn")


def _saved_sentences(
    choices: Sequence[Choice], worksheet: str, before: LayoutWork, after: LayoutChecks
) -> Iterator[str]:
    """Yield what was saved and what it did: what the worksheet gives now, and what is left in it.

    Some sentences are blank: there is nothing to say then.
    """
    yield f"Draft saved: {choices_words(choices)}."
    checked_before = before.checks.reading.checked
    checked_after = after.reading.checked
    groups = worksheet_groups(
        after.effective, after.upload.grids, checked_after, unsettled=after.unsettled
    )
    shown_titles: set[str] = set()
    group = next((group for group in groups if worksheet in group.titles), None)
    if group is not None:
        shown_titles = {*group.titles}
        kinds_before = Counter(
            row.kind for row in checked_before.applied.rows if row.worksheet in shown_titles
        )
        if group.counts != kinds_before:
            yield _giving_sentence(kinds_before, group.counts)
        yield effect_words(checked_before, checked_after, group.grids)
        notes = headers_kept_instead(before.checks.effective, after.effective, choices, group.title)
        if notes:
            headers = ", ".join(f"“{name}”" for name in notes)
            yield f"Kept as a note now: {headers}."
        given = GivenReading(checked_after.applied.rows).of_worksheets(group.titles)
        left_count = count_left(group, given)
        # Where nothing asks, rows may still be refused: the page says which, and what is next.
        if left_count:
            yield f"{format_count(left_count, 'thing')} left to settle in this worksheet."
    elif not after.unsettled:
        yield "Nothing is left to settle."
    other_titles = {grid.title for grid in before.grids} - shown_titles
    yield elsewhere_words(checked_before, checked_after, other_titles)


def _giving_sentence(before: Mapping[str, int], now: Mapping[str, int]) -> str:
    """Say what a worksheet gives, and what it gave before."""
    things = counted_things(now) or "nothing"
    things_before = counted_things(before)
    if not things_before:
        return f"This worksheet gives {things}."
    return f"This worksheet gives {things} now; it gave {things_before}."


def _conflict_notice(work: LayoutWork) -> Notice:
    """Say who changed the layout since the page showed it to the sender of a form."""
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
    """Save a layout that another site uses as the draft of this one."""
    work = open_layout(web.pipeline, opened.key)
    address = layout_address(opened.key, "")
    for used in layouts.layouts_used_before(web.pipeline, work.upload):
        layout = layouts.layout_to_reuse(used)
        if used.layout_sha256 == layout_sha256 and layout is not None:
            return _save(request, web, opened, layout, revision=revision, by=person.name)
    return go_to(request, address, Notice("This layout does not fit any more.", "warn"))


def _save(
    request: Request, web: TheWeb, opened: Opened, draft: Layout, *, revision: int, by: str
) -> Response:
    """Save a whole layout as the draft, unless somebody else saved one since that `revision`."""
    address = layout_address(opened.key, "")
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
    """Leave what one check finds in a worksheet as it is: the given places, or all of them.

    The draft says so, and the check does not ask about them again.
    """
    work = open_layout(web.pipeline, opened.key)
    address = layout_address(opened.key, worksheet, part=PagePart.SETTLE.value)
    findings = findings_of_worksheet(work, worksheet, check)
    if places:
        findings = [finding for finding in findings if finding.where in places]
    as_before = "as it is" if len(findings) == 1 else "as they are"
    words = f"{format_count(len(findings), 'place')} of “{worksheet}” left {as_before}"
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
    address = layout_address(opened.key, worksheet)
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
    """Discard the draft: people start again from the layout that there was before it."""
    address = layout_address(opened.key, "")
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
        return go_to(request, layout_address(opened.key, ""), notice_of(error))
    web.report_to_dagster(web.pipeline, outcome)
    upload = uploaded(web.pipeline, outcome)
    text = f"Layout confirmed. Site `{opened.key}` {upload.became}."
    return go_to(request, f"/sessions/{opened.key}", Notice(text))
