"""The form of a view: what has to be known of each display before anybody can build it.

Belongs here: its columns, which displays have a row, what the cells of the sheets fill in and what
is asked for the others; the form in a text, and answers of people put into it. Does not: what cells
mean (`view_displays`), how it looks in a ticket (`writers/claims`), asking (`questions_of_views`).
"""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape

from jira_pipeline.domain.entities import Entity, Status
from jira_pipeline.domain.view_displays import (
    GONE,
    base_table_of,
    has_prose,
    is_as_shipped,
    is_shared,
    plugin_facts,
    search_index_of,
    setting_of,
    shipped_view,
    stated_format,
    stated_path,
)

DISPLAY, LISTS, PATH = "Display", "Lists", "Path or place"
COLUMNS: Mapping[str, str] = {
    LISTS: "lists",
    "Shows": "format",
    PATH: "path",
    "Filters": "filters",
    "Sort": "sort",
    "Items per page": "pager",
    "Access": "access",
    "When empty": "empty",
}
"""The columns, which the sheet of displays may have too, to the settings they hold."""
FORM_COLUMNS = tuple(COLUMNS)
OPEN = "?"
"""What a cell ends with that somebody has to fill in."""
NOT_APPLICABLE = "–"
_TYPE_FILTER = re.compile(
    r"\b(?:(?:content |media )?type|vocabulary) *\((?:=|in) *(?P<kinds>[^()]+)\)", re.IGNORECASE
)
"""Source: `adminSummary` of the filter plugins of Views."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCell:
    """One cell of a form."""

    text: str
    """As plain text; `?` where nobody knows, with what is known before it: `content, types: ?`."""

    @property
    def is_open(self) -> bool:
        """Tell whether somebody has to fill it in."""
        return self.text.endswith(OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """What is to be known of one display."""

    display: Entity
    """Of a view without rows for its displays the view itself."""
    cells: Mapping[str, FormCell]
    """By column, in their order."""

    @property
    def open_columns(self) -> tuple[str, ...]:
        """The columns that somebody has to fill in."""
        return tuple(column for column, cell in self.cells.items() if cell.is_open)


def form_of(view: Entity, displays: Sequence[Entity]) -> tuple[FormRow, ...]:
    """Return the form of a view: a row for each display to build, none for what is there or shipped.

    There is none where the cells of the sheets say it all. What the rows leave out of a display that a module brings stays as installed. A display that
    only holds what others inherit has a row where it is the only display.
    """
    live = [display for display in displays if display.status not in GONE]
    shared = [display for display in live if is_shared(display)]
    own = [display for display in live if not is_shared(display)]
    if is_as_shipped(view, live) or view.status in GONE:
        return ()
    if not displays:
        rows = [view] if view.status is Status.APPROVED else []
    else:
        shipped = shipped_view(view)
        rows = [
            display
            for display in own or shared
            if display.status is Status.APPROVED
            and not (shipped and display.machine_name in shipped.paths)
        ]
    form = tuple(
        FormRow(
            display=row,
            cells={
                column: FormCell(text=_known(column, row, view=view, shared=shared))
                for column in COLUMNS
            },
        )
        for row in rows
    )
    return form if any(row.open_columns for row in form) else ()


def _known(column: str, row: Entity, *, view: Entity, shared: Sequence[Entity]) -> str:
    plugin = plugin_facts(row)
    if plugin and column in plugin.without:
        return NOT_APPLICABLE
    if column == PATH and (path := stated_path(row)):
        return path
    inherited = shared if column != PATH else ()
    for source in (row, *inherited):
        if (cell := setting_of(source, COLUMNS[column])) not in {"", "-"}:
            return cell
    if column == PATH and plugin and plugin.place:
        return f"{plugin.place} {OPEN}"
    if column == LISTS:
        return "; ".join(_listed(view, row, _kinds_in([row, *shared]))) or OPEN
    if column == "Shows" and (file_format := stated_format(row)):
        return f"{file_format.upper()} by its path, fields: {OPEN}"
    if column == "Shows" and plugin and plugin.shows:
        return f"{plugin.shows}: {OPEN}"
    return OPEN


def _kinds_in(displays: Sequence[Entity]) -> str:
    """Return the types that a filter names in the way Views writes it: `Content type (= News)`."""
    found = (_TYPE_FILTER.search(setting_of(display, "filters")) for display in displays)
    return next((match["kinds"].strip() for match in found if match), OPEN)


def _listed(view: Entity, display: Entity, kinds: str) -> Iterator[str]:
    """Say what a display lists by its base table; where a note may ask for something else it stays open."""
    if index := search_index_of(view):
        yield f"items of the search index {index}, which: {OPEN}"
    if table := base_table_of(view):
        if table.kinds:
            yield f"{table.lists}, {table.kinds}: {kinds}"
        else:
            is_settled = not has_prose(view) and not has_prose(display)
            yield table.lists if is_settled else f"{table.lists}, by the base table: {OPEN}"
        if table.is_of_revisions:
            yield f"all revisions of an item or only the current one: {OPEN}"


def wanted_of(view: Entity, form: Sequence[FormRow]) -> str:
    """Say what the open cells of a form ask for: `what it lists, how it sorts and who has access`."""
    wanted = dict(_WANTED)
    table = base_table_of(view)
    if table and table.kinds:
        wanted[LISTS] = f"which {_KINDS.get(table.lists, table.kinds)} it lists"
        if table.is_of_revisions:
            wanted[LISTS] += ", whether all revisions or only the current one"
    plugins = [plugin_facts(row.display) for row in form if PATH in row.open_columns]
    with_path = [plugin is None or plugin.has_path for plugin in plugins]
    if not any(with_path):
        wanted[PATH] = "where it is used"
    elif all(with_path):
        wanted[PATH] = "its path"
    is_open = {column for row in form for column in row.open_columns}
    asked = [words for column, words in wanted.items() if column in is_open]
    if {"Filters", "Sort"} <= is_open:
        asked[asked.index(wanted["Filters"])] = "how it filters and sorts"
        asked.remove(wanted["Sort"])
    return f"{', '.join(asked[:-1])} and {asked[-1]}" if len(asked) > 1 else "".join(asked)


_WANTED: Mapping[str, str] = {
    LISTS: "what it lists",
    "Shows": "which fields or view mode it shows",
    PATH: "its path or where it is used",
    "Filters": "how it filters",
    "Sort": "how it sorts",
    "Items per page": "how many items it shows at a time",
    "Access": "who has access",
    "When empty": "what it says when it is empty",
}
"""What an open cell asks for, by its column."""
_KINDS: Mapping[str, str] = {"content": "content types", "media": "media types"}
"""The kinds of what is divided into types, where a sentence does not say of what."""


CELL_START = "cell:"
"""Before the id of a cell, where an answer is kept: ids of questions have no such start."""
_TABLE = re.compile(r"<table\b[^>]*>.*?</table>", re.DOTALL)
_ROW = re.compile(r"<tr\b[^>]*>.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", re.DOTALL)
_CODE = re.compile(r"<code>(.*?)</code>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenCell:
    """A cell of a form as the text of a ticket has it."""

    display: str
    """As `display_names`."""
    column: str
    text: str
    start: int
    """Where its content is in the text, in characters."""
    end: int

    @property
    def cell_id(self) -> str:
        """Name it the same in every generation, for the answer that is kept."""
        digest = hashlib.sha256(f"{self.display}\n{self.column}".encode()).hexdigest()
        return f"{CELL_START}{digest[:16]}"

    @property
    def is_open(self) -> bool:
        """Tell whether somebody has to fill it in."""
        return self.text.endswith(OPEN)

    @property
    def asks(self) -> str:
        """What its answer is of, as people say it; backticks mark the machine name."""
        return f"{self.column} of `{self.display}`"


def display_names(names: Iterable[str]) -> Iterator[str]:
    """Name displays, by machine name or else label, so that no two of a form have one name."""
    times: Counter[str] = Counter()
    for name in names:
        times[name] += 1
        yield name if times[name] == 1 else f"{name} {times[name]}"


def cells_in(analysis_html: str) -> tuple[WrittenCell, ...]:
    """Return the cells of the form in a text, row by row."""
    return tuple(cell for row in _form_rows_in(analysis_html) for cell in row)


def with_answers(
    analysis_html: str, cells: Sequence[WrittenCell], answers: Mapping[str, str]
) -> str:
    """Return a text with answers, by the ids of cells, in those of its cells that take one."""
    text = analysis_html
    for cell in reversed(cells):
        if answer := answers.get(cell.cell_id):
            html = "<br>".join(map(escape, answer.splitlines()))
            text = f"{text[: cell.start]}{html}{text[cell.end :]}"
    return text


def is_filled_in(analysis_html: str, answered: Collection[str]) -> bool:
    """Tell whether people filled in the form of a text: each open cell is answered, by its id."""
    is_open = {cell.cell_id for cell in cells_in(analysis_html) if cell.is_open}
    return bool(is_open) and is_open <= set(answered)


def is_about_form(question: str) -> bool:
    """Tell whether a question asks for the open cells of a form; filled in, it is answered."""
    return f"“{OPEN}”" in question


def is_waiting_for_answers(analysis_html: str) -> bool:
    """Tell whether a text holds a form of which only what is listed and where is filled in."""
    cells = cells_in(analysis_html)
    return bool(cells) and all(
        cell.text in {"", NOT_APPLICABLE} or cell.is_open
        for cell in cells
        if cell.column not in {LISTS, PATH}
    )


def _form_rows_in(analysis_html: str) -> Iterator[list[WrittenCell]]:
    if PATH not in analysis_html:  # most tickets: a session has thousands
        return
    for table in _TABLE.finditer(analysis_html):
        rows = [
            list(_CELL.finditer(analysis_html, *row.span()))
            for row in _ROW.finditer(analysis_html, *table.span())
        ]
        if not rows or [_plain(cell[1]) for cell in rows[0]] != [DISPLAY, *FORM_COLUMNS]:
            continue
        shown = [row for row in rows[1:] if row]
        codes = [_CODE.search(first[1]) or first for first, *_ in shown]
        names = display_names(_plain(code[1]) for code in codes)
        for display, (_, *cells) in zip(names, shown, strict=True):
            yield [
                WrittenCell(
                    display=display,
                    column=column,
                    text=_plain(cell[1]),
                    start=cell.start(1),
                    end=cell.end(1),
                )
                for column, cell in zip(FORM_COLUMNS, cells, strict=False)
            ]


def _plain(cell: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", cell)).split())
