"""The values of a list as a note gives them, beside those of a site.

Belongs here: comparing options that nobody may be able to tell apart. Does not: what the row of a
list says of them (`allowed_values`), reading them from a note (`meaning/notes`).
"""

import re

from jira_pipeline.drupal.comparisons import (
    NO_COUNTERPART,
    PROSE,
    CellResult,
    Differs,
    KnownNames,
    Met,
    NotComparable,
    SheetCell,
    compare_lists,
)
from jira_pipeline.drupal.meaning.notes import Options, options_in, unmarked
from jira_pipeline.drupal.site.site_cells import SiteCell, plain

_PART_END = re.compile(r"[,;]|\band\b")


def compare_options(cell: SheetCell, site_cell: SiteCell, _: KnownNames) -> CellResult:
    """Compare the values in any order; those that cannot be told apart are compared as one text."""
    in_sheet = options_in(cell.text)
    on_site = options_in(site_cell.text)
    if on_site is None:
        return NotComparable(NO_COUNTERPART)
    if in_sheet is None:
        return NotComparable(PROSE)
    if not in_sheet.text or not on_site.text:
        return _compare_options_in_markup(cell.text, site_cell)
    if plain(in_sheet.text) == plain(on_site.text):
        return Met()
    if in_sheet.items and on_site.items:
        return compare_lists(in_sheet.items, on_site.items)
    # Nobody sees which `and` joins two options and which is inside one: all parts are compared.
    if re.search(r"\band\b", cell.text) and _option_parts(in_sheet) == _option_parts(on_site):
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
