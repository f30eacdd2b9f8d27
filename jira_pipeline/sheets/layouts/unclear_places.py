"""Where a worksheet with known headers holds something that these do not say: a person is asked.

Belongs here: each such place, one function for each. Does not: words and advice (`layout_findings`),
what lint says of a worksheet that is clear (`known_reading`).

Without this, a second table would be read as rows of the first, and a heading that says what rows
belong to would be lost.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from jira_pipeline.drupal.columns import owner_column_of
from jira_pipeline.drupal.meaning.notes import is_title_of_later
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.columns import STATUS_COLUMN, STATUS_HEADERS
from jira_pipeline.model.entities import EntityKind, Status
from jira_pipeline.sheets.layouts.coverage import LayoutFinding, Unsettled
from jira_pipeline.sheets.layouts.grid import Place
from jira_pipeline.sheets.layouts.known_sheet import KnownSheet
from jira_pipeline.sheets.layouts.layout import Fill
from jira_pipeline.sheets.layouts.row_checks import ClosedSet
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.reading.cells import (
    are_statuses,
    display_kind,
    is_ditto,
    says_nothing,
    status_spelled,
)
from jira_pipeline.sheets.reading.csv_files import ERROR_VALUES
from jira_pipeline.sheets.reading.labels import bundle_type_of, group_named
from jira_pipeline.sheets.reading.sheet_kinds import is_word_of_headers, normalised, without_remark
from jira_pipeline.sheets.reading.translations import once_each_text

_HEADERS_MIN = 3
_HEADERS_SHARE = 0.75
"""So many cells of a row, and such a share of them, are headers where another table begins."""
_CODES_MIN = 2
"""So many cells in columns of codes, none of them a code, show that a row is of another table."""
_WIDE_ROWS_MIN = 2
_STATUS_WORDS = frozenset(map(normalised, STATUS_HEADERS))
_SWITCH_COLUMN = "Status"
"""Of a view: whether it is enabled; some write the status of their rows there."""
_BETWEEN_PARTS = (*"()[]:|,", " - ", " – ", " — ")
"""Between the parts of a title, each of which may say something."""
_BUNDLE_TYPE = "Bundle type"
_OWNER_KEYS = frozenset({"Bundle machine name", "View ID"})
"""What a row belongs to, too."""

_is_nothing = once_each_text(says_nothing)
"""Many rows say the same."""

Check = Callable[[KnownSheet], Iterator[LayoutFinding]]


def unclear_places(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """Yield each place that is not clear, of one row the first."""
    places: set[Place] = set()
    for check in _CHECKS:
        for finding in check(sheet):
            if finding.place is None or finding.place not in places:
                yield finding
            if finding.place is not None:
                places.add(finding.place)


def _at(sheet: KnownSheet, place: Place, why: str) -> LayoutFinding:
    text = sheet.grid.cells.get(place, "")
    return LayoutFinding(
        code=Unsettled.ROW_UNCLEAR,
        worksheet=sheet.grid.title,
        place=place,
        text=f"“{text}”: {why}",
    )


def _in_row(sheet: KnownSheet, row: int, why: str) -> LayoutFinding:
    return _at(sheet, Place(row, sheet.grid.rows[row][0]), why)


def _puts_off(text: str) -> bool:
    """Tell whether a part of a title says that something is not built now."""
    for mark in _BETWEEN_PARTS:
        text = text.replace(mark, "\n")
    return any(map(is_title_of_later, text.split("\n")))


# ---------------------------------------------------------------- above and beside the table


def _lines_above(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """Lines above a table that hold more than its title, or put things off."""
    for line in sheet.lines_above:
        if line.filled_count > 1 or any(map(_puts_off, line.texts)):
            why = "it is above the table, and may say something of all rows"
            yield _in_row(sheet, line.record - 1, why)


def _names_that_put_off(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """The name of a worksheet that puts rows without a status off."""
    if not _puts_off(sheet.grid.title):
        return
    if any(says_nothing(sheet.status(row)) for row in sheet.rows_of_things):
        why = f"the name of the worksheet, {sheet.grid.title}, may put its rows off"
        yield _in_row(sheet, sheet.header_row, why)


def _columns_apart(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """Headers right of a blank column, none of them known: a table beside the first."""
    for at, header in sheet.headers.items():
        is_apart = at > min(sheet.headers) and at - 1 not in sheet.headers
        others = [sheet.column_at.get(each) for each in sheet.headers if each >= at]
        are_own = all(name is None or name in sheet.record.own for name in others)
        if is_apart and are_own:
            place = Place(sheet.header_row, at)
            yield _at(sheet, place, "it is apart from the other headers, as that of another table")
            return
        if header and is_apart:
            return


def _cells_below_no_header(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    end = sheet.header_width if sheet.is_csv else None
    for row in sheet.rows_of_things:
        for at in sheet.grid.rows[row]:
            is_beyond = end is not None and at >= end
            if at not in sheet.column_at and not is_beyond:
                yield _at(sheet, Place(row, at), "no header is above it")


# ---------------------------------------------------------------- columns


def _cells_below(sheet: KnownSheet, position: int) -> frozenset[str]:
    """Return the different texts that things have in a column."""
    return sheet.texts_below.get(position, frozenset())


def _columns_that_may_be_status(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """A header that may mean the status, where no column is called so."""
    if STATUS_COLUMN in sheet.position_of or sheet.rule is None:
        return
    for at, name in sheet.column_at.items():
        is_own = name in sheet.record.own
        if not is_own and name != _SWITCH_COLUMN:
            continue
        cells = _cells_below(sheet, at)
        is_called_so = normalised(without_remark(sheet.headers[at])) in _STATUS_WORDS
        if cells and ((is_own and is_called_so) or are_statuses(cells)):
            yield _at(sheet, Place(sheet.header_row, at), "it may say which rows are built")


def _columns_that_may_be_types(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """A column of types of bundles beside fields, which no header says."""
    if sheet.kind is not EntityKind.FIELD or _BUNDLE_TYPE in sheet.position_of:
        return
    for at, name in sheet.column_at.items():
        cells = _cells_below(sheet, at)
        if name in sheet.record.own and cells and all(map(bundle_type_of, cells)):
            why = "it may be the type of what the fields belong to"
            yield _at(sheet, Place(sheet.header_row, at), why)


def _owners_that_nothing_lists(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """A header that is a type of bundle, where no worksheet lists bundles: the fields may name them."""
    owner = owner_column_of(sheet.kind)
    if owner is None or EntityKind.BUNDLE in sheet.kinds_of_upload:
        return
    at = sheet.position_of.get(owner.name)
    if at is not None and bundle_type_of(sheet.headers[at]):
        yield _at(sheet, Place(sheet.header_row, at), "no worksheet lists what is below it")


def _columns_of_other_words(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """A column of codes in which no cell is one."""
    for at, closed_set in sheet.closed_sets.items():
        if _holds_other_words(sheet, at, closed_set):
            why = f"no cell below it is {closed_set.description}"
            yield _at(sheet, Place(sheet.header_row, at), why)


def _holds_other_words(sheet: KnownSheet, position: int, closed_set: ClosedSet) -> bool:
    """Tell whether a column holds different words, none of them of a closed set.

    One is enough below a header of another spelling: `Comments` may be remarks, and no `Cmnt.`.
    """
    words = [text for text in _cells_below(sheet, position) if not _is_nothing(text)]
    is_its_name = normalised(sheet.headers[position]) == normalised(sheet.column_at[position])
    least = _CODES_MIN if is_its_name else 1
    return len(words) >= least and not any(map(closed_set.reads, words))


# ---------------------------------------------------------------- rows of things


def _rows_of_another_table(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """Rows like a header, of nothing but numbers, or in which no code is one."""
    nameless = frozenset(row for row in sheet.nameless_rows if len(sheet.texts_in(row)) > 1)
    others = _other_words(sheet)
    for row in (*sheet.rows_of_things, *nameless):
        texts = sheet.texts_in(row)
        if _are_headers([*texts.values()]):
            yield _in_row(sheet, row, "it is like the header of another table")
        elif texts and all(map(str.isdecimal, texts.values())):
            yield _in_row(sheet, row, "its row has nothing but numbers")
        elif (row in nameless or _holds_any(texts, others)) and _has_no_code(sheet, row):
            yield _in_row(
                sheet, row, "the cells of its row are none of those that its columns hold"
            )


def _are_headers(texts: Sequence[str]) -> bool:
    if not any(map(is_word_of_headers, texts[:_HEADERS_MIN])):
        return False  # nearly all rows
    headers = {normal(text) for text in texts if is_word_of_headers(text)}
    return len(headers) >= max(_HEADERS_MIN, _HEADERS_SHARE * len(texts))


def _other_words(sheet: KnownSheet) -> Mapping[int, frozenset[str]]:
    """Return what things have in columns of codes and is none, by position; mostly nothing."""
    words: dict[int, frozenset[str]] = {}
    for at, closed_set in sheet.closed_sets.items():
        others = (
            text
            for text in _cells_below(sheet, at)
            if not (_is_nothing(text) or closed_set.reads(text))
        )
        words[at] = frozenset(others)
    return {at: others for at, others in words.items() if others}


def _holds_any(texts: Mapping[int, str], words: Mapping[int, frozenset[str]]) -> bool:
    return any(texts.get(at) in others for at, others in words.items())


def _has_no_code(sheet: KnownSheet, row: int) -> bool:
    """Tell whether most cells in columns of codes are none of these."""
    unread = 0
    read = 0
    for at, closed_set in sheet.closed_sets.items():
        text = sheet.texts_in(row).get(at, "")
        if _is_nothing(text):
            continue
        if closed_set.reads(text):
            read += 1
        else:
            unread += 1
    if sheet.is_below_gap(row):
        return unread >= max(read, 1)
    return unread >= _CODES_MIN and unread > read


def _lone_texts(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """A row of one text where others hold more: a heading, or a sentence beside the table."""
    wide_count = sum(len(sheet.texts_in(row)) > 1 for row in sheet.rows_of_things)
    if wide_count < _WIDE_ROWS_MIN:
        return
    for row in sheet.rows_of_things:
        if len(sheet.texts_in(row)) == 1:
            yield _in_row(sheet, row, "its row holds nothing else, and the other rows do")


def _rows_without_owner(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """Rows that do not say what they belong to; where blank means as above, those below a blank row."""
    owner = owner_column_of(sheet.kind)
    if owner is None or owner.name not in sheet.position_of:
        return
    is_filled = any(value.fill is Fill.ABOVE for value in sheet.record.values[owner.name])
    names = (owner.name, *sorted(_OWNER_KEYS & sheet.position_of.keys()))
    merged = _rows_merged_with_others(sheet, sheet.position_of[owner.name])
    for row in sheet.rows_of_things:
        if row in merged or any(_is_name(sheet.cell(row, name)) for name in names):
            continue
        if not is_filled or sheet.is_below_gap(row) or sheet.cell(row, owner.name):
            why = f"its row does not say what it belongs to ({sheet.header_at(sheet.position_of[owner.name])})"
            yield _in_row(sheet, row, why)


def _rows_merged_with_others(sheet: KnownSheet, position: int) -> Collection[int]:
    rows: set[int] = set()
    for first, last in sheet.grid.merges:
        if first.column == position and sheet.grid.cells.get(first):
            rows.update(range(first.row, min(last.row, max(sheet.grid.rows)) + 1))
    return rows


def _is_name(text: str) -> bool:
    return not _is_nothing(text) and text not in ERROR_VALUES and not is_ditto(text)


def _names_as_above(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """A ditto mark where a thing has its name."""
    naming = sheet.rule.identifying if sheet.rule is not None else ()
    for row in sheet.rows_of_things:
        if any(is_ditto(text) for name in naming if (text := sheet.cell(row, name))):
            yield _in_row(sheet, row, "its row has the name of the one above")


def _rows_with_struck_names(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """A row that is read although its name is struck through: it may be built no more."""
    if not sheet.grid.struck:
        return
    naming = sheet.rule.identifying if sheet.rule is not None else ()
    positions = [sheet.position_of[name] for name in naming if name in sheet.position_of]
    for row in sheet.rows_of_things:
        is_struck = any(Place(row, at) in sheet.grid.struck for at in positions)
        if is_struck and status_spelled(sheet.status(row)) is not Status.DELETED:
            yield _in_row(sheet, row, "its name is struck through, and the rest of its row is not")


# ---------------------------------------------------------------- rows without a name


def _displays_among_views(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """Rows below a view that are displays of it: without a name, or with the machine name of the view."""
    if sheet.kind is not EntityKind.VIEW:
        return
    machine_names: set[str] = set()
    for row in sheet.rows_of_things:
        machine_name = sheet.cell(row, MACHINE_NAME_COLUMN)
        if machine_name and machine_name in machine_names:
            yield _in_row(sheet, row, "its row has the machine name of a view above")
        machine_names.add(machine_name)
    for row in sheet.nameless_rows:
        if any(display_kind(text) for text in sheet.texts_in(row).values()):
            yield _in_row(sheet, row, "its row may be a display of the view above")


def _headings(sheet: KnownSheet) -> Iterator[LayoutFinding]:
    """A line between rows that may say what those below belong to, their group, or puts them off."""
    owner = owner_column_of(sheet.kind)
    for row in sheet.nameless_rows:
        texts = [*sheet.texts_in(row).values()]
        if len(texts) != 1:
            continue
        (text,) = texts
        below = _rows_below(sheet, row)
        is_group = sheet.kind is EntityKind.FIELD and bool(group_named(text))
        lacks_owner = owner is not None and any(
            not _is_name(sheet.cell(other, owner.name)) for other in below
        )
        if below and (is_group or lacks_owner or _puts_off(text)):
            yield _in_row(sheet, row, "it may say something of the rows below it")


def _rows_below(sheet: KnownSheet, heading: int) -> list[int]:
    """Return the rows of things from a heading to the next one."""
    following = [row for row in sheet.nameless_rows if row > heading]
    end = min(following, default=max(sheet.grid.rows) + 1)
    return [row for row in sheet.rows_of_things if heading < row < end]


_CHECKS: tuple[Check, ...] = (
    _lines_above,
    _names_that_put_off,
    _columns_apart,
    _columns_that_may_be_status,
    _columns_that_may_be_types,
    _owners_that_nothing_lists,
    _columns_of_other_words,
    _cells_below_no_header,
    _rows_of_another_table,
    _lone_texts,
    _names_as_above,
    _rows_with_struck_names,
    _rows_without_owner,
    _displays_among_views,
    _headings,
)
"""From the worksheet as a whole to its rows."""
