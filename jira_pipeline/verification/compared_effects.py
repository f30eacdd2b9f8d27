"""The effects of an image style in a cell, beside those that the style has on the site.

Does not belong here: reading one effect (`drupal/meaning/image_effects`).
"""

from jira_pipeline.drupal.comparisons import (
    PROSE,
    CellResult,
    Differs,
    Met,
    NotComparable,
    SheetCell,
    compare_lists,
)
from jira_pipeline.drupal.configuration.site import SiteCell
from jira_pipeline.drupal.meaning.image_effects import CONVERSION, effect_in
from jira_pipeline.sheets.reading.labels import split_names
from jira_pipeline.verification.names import Names

_VALUE_OPTIONAL = frozenset({CONVERSION, "image_style_quality"})
"""Effects whose file type or quality a cell may leave out: any value of the site will do then."""


def compare_effects(cell: SheetCell, site_cell: SiteCell, _names: Names) -> CellResult:
    """Compare effects in their order, with sizes, qualities and file types; other words are prose."""
    sheet_texts = split_names(cell.text)
    site_texts = split_names(site_cell.text)
    difference = compare_lists(sheet_texts, site_texts)
    if isinstance(difference, Met):
        return difference if sheet_texts == site_texts else Differs()

    parts = [effect_in(text) for text in sheet_texts]
    wanted = [(effect, value) for effect, value in parts if effect]
    without_value = {e for e, value in wanted if e in _VALUE_OPTIONAL and not value}
    on_site = []
    for effect, value in map(effect_in, site_cell.values):
        on_site.append((effect, "" if effect in without_value else value))

    for effect, value in wanted:
        if effect in _VALUE_OPTIONAL and (effect, value) not in on_site:
            return difference
    has_size_alone = any(value and not effect for effect, value in parts)
    if not wanted or has_size_alone:
        return NotComparable(PROSE)
    is_understood = len(wanted) == len(parts)
    # Of a cell with other words beside its effects, these have to come in the same order.
    is_met = wanted == on_site if is_understood else _is_subsequence(wanted, on_site)
    return Met() if is_met else difference


def _is_subsequence(wanted: list[tuple[str, str]], on_site: list[tuple[str, str]]) -> bool:
    remaining = iter(on_site)
    return all(effect in remaining for effect in wanted)  # `in` consumes up to the one it finds
