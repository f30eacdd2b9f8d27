"""The forms of all views as one workbook: the sheet of displays with the columns to fill in.

Belongs here: its columns and rows, and the answers of one that was filled in. Does not: what is to
be known of a display (`asking/view_forms`), workbooks themselves (`cells`).

Filled in, it is a sheet of displays and can be uploaded like one; read as answers, it fills in the
cells of the forms.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.asking.question_index import is_machine_name_given, name_of
from jira_pipeline.asking.view_forms import FormRow, form_of
from jira_pipeline.drupal.view_displays import setting_header
from jira_pipeline.kernel.entities import Entity, EntityKind, Specification
from jira_pipeline.kernel.forms_in_text import COLUMNS, NOT_APPLICABLE, OPEN, display_names
from jira_pipeline.kernel.grouped import grouped
from jira_pipeline.review.cells import (
    ColumnLook,
    FilledTable,
    column_key,
    unusable,
    workbook_content,
)
from jira_pipeline.review.forms import AskedCell
from jira_pipeline.review.questions import ANSWER_MAX_CHARACTERS

SHEET_TITLE = "View displays"
_USUAL_COLUMNS = ("View", "Title", "Machine name", "X", "Display plugin", "Notes", "View ID")
_NAMING = ("View", "View ID", "Machine name", "Title")
"""Columns that tell which display a row is of."""
_WIDE, _NARROW = 28, 14

LEFT_NAMED = 20
ANSWER_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One row of the workbook."""

    texts: Mapping[str, str]
    """By column."""
    asked: Mapping[str, AskedCell]
    """What can be filled in, by column."""
    is_open: bool
    """Something is to be filled in, and nobody did."""


def views_workbook(specification: Specification, cells: Iterable[AskedCell]) -> bytes:
    """Write every row of the sheet of displays, and one for each view that has none.

    Cells to fill in are blank, or have the answer; what the form of a view knows without them is
    filled in.
    """
    headers = _headers(specification)
    own = _own_columns(specification)
    columns = {
        column: ColumnLook(width=_NARROW if column in own else _WIDE, head=column)
        for column in dict.fromkeys((*own, *headers.values()))
    }
    rows = [row.texts for row in _rows(specification, cells)]
    return workbook_content(SHEET_TITLE, columns, rows)


def count_of_forms(specification: Specification, cells: Iterable[AskedCell]) -> int:
    """Return of how many displays there is something to fill in."""
    return sum(row.is_open for row in _rows(specification, cells))


def is_views_workbook(filled: FilledTable) -> bool:
    """Tell whether a file that people filled in is a sheet of displays, not a list of questions."""
    return {"view", "machine_name"} <= filled.columns and "question_id" not in filled.columns


def read_views(
    filled: FilledTable, specification: Specification, cells: Iterable[AskedCell]
) -> tuple[Sequence[tuple[str, str]], str]:
    """Return what is filled in, by the place of its cell, and in words what of it is no answer.

    Untouched and blank cells say nothing. An answer that is there already stays: nobody knows
    whether the file saw it.

    Raises:
        InputError: An answer is not usable.
    """
    waiting = grouped(_rows(specification, cells), lambda row: _naming(row.texts))
    headers = _headers(specification).values()
    given: list[tuple[str, str]] = []
    left: list[str] = []
    others: dict[str, None] = {}
    for line, found in filled.rows:
        same = waiting.get(_naming(found))
        written = same.pop(0) if same else _Row(texts={}, asked={}, is_open=False)
        for column in headers:
            text = found.get(column_key(column), "")
            if not text or _plain(text) == _plain(written.texts.get(column, "")):
                continue
            asked, place = written.asked.get(column), f"line {line}, {column}"
            if asked is None or asked.answer is not None:
                left.append(f"{place} ({_why_left(asked, is_known=bool(written.texts))})")
                continue
            if fault := _fault_of(text):
                raise unusable(filled.name, f"{place}: {fault}")
            given.append((asked.place, text))
        others |= {
            column: None
            for column in written.texts.keys() - set(headers)
            if _plain(found.get(column_key(column), "")) != _plain(written.texts[column])
        }
    remarks = []
    if others:
        remarks.append(f"what is new in {', '.join(sorted(others))} is no answer: not kept.")
    if left:
        more = f"; and {len(left) - LEFT_NAMED} more" if len(left) > LEFT_NAMED else ""
        remarks.append(f"not kept: {'; '.join(left[:LEFT_NAMED])}{more}.")
    return given, f"{filled.name}: {' '.join(remarks)}" if remarks else ""


def _why_left(asked: AskedCell | None, *, is_known: bool) -> str:
    """Say why something that is filled in is no answer, and where it is changed."""
    if not is_known:
        return "the sheets have no such display; uploaded as their sheet of displays, it adds it"
    if asked is None or asked.answer is None:
        return "nothing is open there; what the sheets say is changed there"
    known = asked.answer.answer
    shown = known if len(known) <= ANSWER_SHOWN else f"{known[:ANSWER_SHOWN]}…"
    return f"{asked.place} is answered: “{shown}”; change that answer by its place, or on the page"


def _fault_of(text: str) -> str:
    """Say why what is filled in cannot be an answer; empty where it can."""
    if text.endswith(OPEN):
        return f"“{OPEN}” at the end marks what is open"
    if len(text) > ANSWER_MAX_CHARACTERS:
        return f"the answer has more than {ANSWER_MAX_CHARACTERS:,} characters"
    return ""


def _rows(specification: Specification, cells: Iterable[AskedCell]) -> Iterator[_Row]:
    asked: dict[tuple[str, str], dict[str, AskedCell]] = {}
    for cell in cells:
        of_display = asked.setdefault((cell.ticket.group_key, cell.cell.display), {})
        of_display[cell.cell.column] = cell
    forms = {
        form.display.source: (form, asked.get((view.key, name), {}))
        for view in specification.by_kind[EntityKind.VIEW]
        for name, form in _named(form_of(view, specification.members_of.get(view.key, ())))
    }
    headers, own = _headers(specification), _own_columns(specification)
    for display in specification.by_kind[EntityKind.VIEW_DISPLAY]:
        form, asked_here = forms.get(display.source, (None, {}))
        yield _row(display.as_in_sheet.cells, form, asked_here, headers=headers, own=own)
    for view in specification.by_kind[EntityKind.VIEW]:
        if view.source in forms:
            form, asked_here = forms[view.source]
            named = {"View": view.label, "View ID": view.machine_name}
            yield _row(named, form, asked_here, headers=headers, own=own)


def _row(
    sheet: Mapping[str, str],
    form: FormRow | None,
    asked: Mapping[str, AskedCell],
    *,
    headers: Mapping[str, str],
    own: Sequence[str],
) -> _Row:
    texts = {column: sheet.get(column, "") for column in (*own, *headers.values())}
    can_be_filled_in, is_open = {}, False
    for column, cell in form.cells.items() if form else ():
        header = headers[column]
        if not cell.is_open:
            known = "-" if cell.text == NOT_APPLICABLE else cell.text
            texts[header] = texts[header] or ("" if header in own else known)
            continue
        one = asked.get(column)
        if one is not None:
            can_be_filled_in[header] = one
        if one is not None and one.answer is not None:
            texts[header] = one.answer.answer
        is_open = is_open or one is None or one.is_open
    return _Row(texts=texts, asked=can_be_filled_in, is_open=is_open)


def _named(form: Sequence[FormRow]) -> Iterator[tuple[str, FormRow]]:
    rows = [row.display for row in form]
    labels = (" ".join(name_of(row).split()) for row in rows)
    names = [
        row.machine_name if is_machine_name_given(row) else label
        for row, label in zip(rows, labels, strict=True)
    ]
    return zip(display_names(names), form, strict=True)


def _own_columns(specification: Specification) -> tuple[str, ...]:
    displays = specification.by_kind[EntityKind.VIEW_DISPLAY]
    return tuple(displays[0].cells) if displays else _USUAL_COLUMNS


def _headers(specification: Specification) -> Mapping[str, str]:
    """Return the columns of the form to those of the workbook: what the sheet has keeps its name."""
    first: Entity | None = next(iter(specification.by_kind[EntityKind.VIEW_DISPLAY]), None)
    return {
        column: (setting_header(first, setting) if first else "") or column
        for column, setting in COLUMNS.items()
    }


def _naming(texts: Mapping[str, str]) -> tuple[str, ...]:
    by_key = {column_key(column): text for column, text in texts.items()}
    return tuple(_plain(by_key.get(column_key(column), "")) for column in _NAMING)


def _plain(text: str) -> str:
    return " ".join(text.split())
