"""What a note says in a known shape (`Options: a, b`, `Max length 20`), beside the site's setting.

Belongs here: which shapes are compared, each with the column whose place on the site it has. Does
not: reading a shape (`drupal/meaning/notes`), the verdict on the whole note (`compared_cells`).
"""

import re
from collections.abc import Callable, Mapping

from jira_pipeline.drupal.comparisons import (
    PROSE,
    CellResult,
    Differs,
    Met,
    NotComparable,
    SheetCell,
    compare_lists,
)
from jira_pipeline.drupal.meaning.notes import (
    Options,
    default_in,
    file_bytes_in,
    file_types_in,
    max_length_in,
    options_in,
    unmarked,
)
from jira_pipeline.drupal.row_notes import SHAPED_COLUMNS, note_of
from jira_pipeline.drupal.site.site_cells import SiteCell, plain
from jira_pipeline.verification.counterparts import NO_COUNTERPART, WHOLE_NOTE
from jira_pipeline.verification.names import Names

_USUAL_LENGTH = "255"
_TYPES_OF_USUAL_LENGTH = frozenset({"string", "text"})
_PART_END = re.compile(r"[,;]|\band\b")


def _default_named_in(note: str) -> str:
    return default_in(note) if "default" in note.casefold() else ""


NOTE_SHAPES: Mapping[str, Callable[[str], object]] = {
    "Allowed values": options_in,
    "Default value": _default_named_in,
    "Maximum length": max_length_in,
    "Allowed file extensions": file_types_in,
    "Maximum upload size": file_bytes_in,
}
"""Columns that a note may have a shape for, and how it is read; false where the note has none."""


def compare_shape(cell: SheetCell, site_cell: SiteCell, names: Names) -> CellResult:
    """Compare one shape of a note, or the column of its own that says the same."""
    if cell.column == "Allowed values":
        return _compare_options(cell.text, site_cell)
    if cell.column == "Default value":
        return _compare_default(cell, site_cell)
    if cell.column == "Maximum length" and not cell.text:
        return _compare_unstated_length(cell, site_cell, names)
    if cell.column == WHOLE_NOTE:
        return _compare_whole_note(cell, site_cell)
    read = NOTE_SHAPES[cell.column]
    wanted = read(cell.text)
    if not wanted:
        return NotComparable(PROSE)
    # Written as a note and read like one, the setting of the site is compared in the same form.
    words = ", ".join(site_cell.text.split())
    note_of_site = SHAPED_COLUMNS[cell.column].format(text=site_cell.text, words=words)
    return Met() if wanted == read(note_of_site) else Differs()


def _compare_whole_note(cell: SheetCell, site_cell: SiteCell) -> CellResult:
    """Compare a note as text; a line in the form that `sheets` writes has to be on the site, too."""
    lines = {plain(line) for line in cell.text.splitlines()}
    site_lines = {plain(line) for line in site_cell.text.splitlines()}
    if any(re.fullmatch(cell.counterpart.form, line) for line in lines - site_lines):
        return Differs()
    return Met() if plain(cell.text) == plain(site_cell.text) else NotComparable(PROSE)


def _compare_default(cell: SheetCell, site_cell: SiteCell) -> CellResult:
    note = f"{note_of(cell.row)}\n{cell.text}"
    wanted = default_in(note, cell.row.cell(cell.column))
    if not wanted:
        return NotComparable(PROSE)
    on_site = {plain(unmarked(value)) for value in site_cell.values}
    return Met() if plain(wanted) in on_site else Differs()


def _compare_unstated_length(cell: SheetCell, site_cell: SiteCell, names: Names) -> CellResult:
    """Compare a length that no row states: then it is the usual one of its field type."""
    row = cell.row
    field_types = names.values_spelled(row, "Field type", row.cell("Field type"))
    is_usual = site_cell.text in {"", _USUAL_LENGTH}
    has_no_usual = field_types.isdisjoint(_TYPES_OF_USUAL_LENGTH)
    is_stated_elsewhere = (row.bundle_type, row.machine_name) in names.lengths_stated
    if is_usual or has_no_usual or is_stated_elsewhere:
        return NotComparable(PROSE)
    return Differs()


def _compare_options(note: str, site_cell: SiteCell) -> CellResult:
    in_sheet = options_in(note)
    on_site = options_in(site_cell.text)
    if on_site is None:
        return NotComparable(NO_COUNTERPART)
    if in_sheet is None:
        return NotComparable(PROSE)
    if not in_sheet.text or not on_site.text:
        return _compare_options_in_markup(note, site_cell)
    if plain(in_sheet.text) == plain(on_site.text):
        return Met()
    if in_sheet.items and on_site.items:
        return compare_lists(in_sheet.items, on_site.items)
    # Nobody sees which `and` joins two options and which is inside one: all parts are compared.
    if re.search(r"\band\b", note) and _option_parts(in_sheet) == _option_parts(on_site):
        return Met()
    return Differs()


def _compare_options_in_markup(note: str, site_cell: SiteCell) -> CellResult:
    """Compare options of a note with markup, in which nobody sees where the list ends."""
    text = plain(note)
    if any(plain(label) not in text for label in site_cell.values):
        return Differs()
    _, is_on_site, rest = text.partition(plain(site_cell.text))
    goes_on = rest.startswith((",", ";"))
    return Met() if is_on_site and not goes_on else NotComparable(PROSE)


def _option_parts(options: Options) -> list[str]:
    parts = (plain(unmarked(part)) for part in _PART_END.split(options.text))
    return sorted(part for part in parts if part)
