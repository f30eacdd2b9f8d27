"""Cells that name several things: what their row belongs or refers to, or fields (`From / To`).

Belongs here: which cells are offered as such, and what a layout becomes where somebody says so. Does not:
names of lists that rows refer to (`header_choices`), names that nothing lists (`name_offers`), lists of
fields in a cell of their type (`listed_fields`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence, Set as AbstractSet
from dataclasses import dataclass

from jira_pipeline.drupal.columns import label_column_of, owner_column_of
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import SetSeveral
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import header_of_region
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    Layout,
    Record,
    Region,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import (
    changed,
    declared_sheet,
    grids_of_sheet,
    region_with_values,
    sheets_with,
)
from jira_pipeline.sheets.layouts.name_choices import names_targets
from jira_pipeline.sheets.layouts.record_drafts import FIELD
from jira_pipeline.sheets.layouts.texts import normal

_BULLETS = ("•", "▪", "·")
"""Before each of several things that a cell lists."""
_SEPARATORS = (" + ", ", ", "; ", " / ", " & ", " and ", "\n", "+", ",", "/")
"""What may be between names, the more telling first."""
_BETWEEN_FIELDS = (" / ", " | ", "; ")
"""What may be between the names of two fields that a row is about; a comma is part of many names."""


@dataclass(frozen=True, slots=True)
class SeveralOffer:
    """A cell that names several things: each is called like some cell of the workbook, or is a field."""

    header: str
    text: str
    separator: str
    names: tuple[str, ...]
    are_fields: bool = False
    """They are things of the row itself, and not what it belongs to."""
    others: tuple[str, ...] = ()
    """Further cells below the header that would name several by the same separator."""
    are_targets: bool = False
    """The thing of the row refers to each, and belongs to none of them."""


def several_offers(
    region: Region, grids: Sequence[Grid], worksheets: Sequence[Grid]
) -> list[SeveralOffer]:
    """Return one offer for each header and separator, of the cells of a table in worksheets alike.

    A text that is a whole cell elsewhere is a name itself, and is not split.
    """
    offers: dict[tuple[str, str], SeveralOffer] = {}
    headers = dict.fromkeys(_headers_in(region, _columns_of_owners), False)
    headers |= dict.fromkeys(_headers_in(region, _columns_of_targets), True)
    names = _names_in(worksheets) if headers else set()
    names_elsewhere = _names_elsewhere(worksheets, grids) if headers else set()
    for header, are_targets in headers.items():
        for text in dict.fromkeys(_texts_below(header, region, grids)):
            separator = _separator_of(text, names)
            if separator and normal(text) not in names_elsewhere:
                parts = tuple(part.strip() for part in text.split(separator))
                offer = SeveralOffer(header, text, separator, parts, are_targets=are_targets)
                offers.setdefault((header, separator), offer)
    for header in _headers_in(region, _columns_of_names):
        for offer in _offers_of_fields(header, [*_texts_below(header, region, grids)]):
            offers.setdefault((header, offer.separator), offer)
    return [*offers.values()]


def _offers_of_fields(header: str, texts: Sequence[str]) -> Iterator[SeveralOffer]:
    """Yield one offer for each separator that is between the names of fields in some cells."""
    by_separator: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for text in texts:
        separator = _separator_of_fields(text)
        if separator:
            names = [part.strip() for part in text.split(separator)]
            by_separator[separator][text] = tuple(filter(None, names))
    for separator, names_by_text in by_separator.items():
        first, *others = names_by_text
        yield SeveralOffer(
            header,
            first,
            separator,
            names_by_text[first],
            are_fields=True,
            others=tuple(others),
        )


def _separator_of_fields(text: str) -> str:
    for bullet in _BULLETS:
        if text.count(bullet) > 1:
            return bullet
    for separator in _BETWEEN_FIELDS:
        if all(part.strip() for part in text.split(separator)) and separator in text:
            return separator
    return ""


def _separator_of(text: str, names: AbstractSet[str]) -> str:
    """Return what is between the names in a text; blank where it is not names alone."""
    for separator in _SEPARATORS:
        parts = {normal(part) for part in text.split(separator)}
        if separator in text and parts <= names:
            return separator
    return ""


def with_several(
    layout: Layout, grids: Sequence[Grid], choice: SetSeveral
) -> tuple[SheetLayout, ...]:
    """Let a cell below a header name several things that its row belongs or refers to."""
    chosen = declared_sheet(layout, choice.worksheet)
    alike = grids_of_sheet(layout, grids, chosen)
    regions: list[Region] = []
    for region in chosen.regions:
        texts = [*_texts_below(choice.header, region, alike)]
        elsewhere = _names_elsewhere(grids, alike)
        whole = [text for text in texts if choice.separator in text and normal(text) in elsewhere]
        regions.append(_region_with_several(region, choice, tuple(dict.fromkeys(whole))))
    if tuple(regions) == chosen.regions:
        raise WrongUseError(
            f"No header “{choice.header}” of “{choice.worksheet}” says what rows belong or refer "
            "to, or what fields are called, or its cells name several things already."
        )
    return sheets_with(layout, chosen, changed(chosen, regions=tuple(regions)))


def _region_with_several(region: Region, choice: SetSeveral, whole: tuple[str, ...]) -> Region:
    def parted(record: Record, column: str, value: Value) -> Value:
        is_below = normal(value.column or "") == normal(choice.header)
        columns = _columns_of_owners(region, record) | _columns_of_names(region, record)
        if is_below and column in _columns_of_targets(region, record):
            return changed(value, split=choice.separator, whole=whole)
        if not is_below or column not in columns:
            return value
        return changed(value, split=choice.separator, per_name=True, whole=whole)

    return region_with_values(region, parted)


def _columns_of_owners(region: Region, record: Record) -> AbstractSet[str]:
    """Return the columns of a record that name what the innermost things of a row belong to."""
    if record.into in {CUSTOM, HELPER}:
        return frozenset()
    if record is not region.records[-1]:
        return frozenset({label_column_of(record.into) or ""})
    owner = owner_column_of(record.into)
    return frozenset() if owner is None else frozenset({owner.name})


def _columns_of_targets(region: Region, record: Record) -> AbstractSet[str]:
    """Return the columns of a record that name what its thing refers to."""
    columns = {column for column in record.columns if names_targets(record, column)}
    return columns if record is region.records[-1] else frozenset()


def _columns_of_names(region: Region, record: Record) -> AbstractSet[str]:
    """Return the column of a record that names the innermost things of a row, if they are fields."""
    if record is not region.records[-1] or record.into != FIELD:
        return frozenset()
    return frozenset({label_column_of(FIELD) or ""})


def _headers_in(
    region: Region, columns_of_record: Callable[[Region, Record], AbstractSet[str]]
) -> Iterator[str]:
    for record in region.records:
        for column in sorted(columns_of_record(region, record)):
            for value in record.columns.get(column, ()):
                if value.column is not None and value.split is None and value.lookup is None:
                    yield value.column


def _texts_below(header: str, region: Region, grids: Sequence[Grid]) -> Iterator[str]:
    """Yield the texts below a header of a table."""
    for grid in grids:
        table_header = header_of_region(region, grid)
        if table_header is None:
            continue
        first_row = table_header.span.rows.stop
        for column in table_header.columns:
            if normal(column.name) != normal(header):
                continue
            for row, texts in grid.texts_by_row.items():
                if row >= first_row and column.column in texts:
                    yield texts[column.column]


def _names_in(worksheets: Sequence[Grid]) -> set[str]:
    """Return whatever a cell of some worksheets says."""
    names: set[str] = set()
    for grid in worksheets:
        names.update(map(normal, grid.cells.values()))
    return names


def _names_elsewhere(worksheets: Sequence[Grid], grids: Sequence[Grid]) -> set[str]:
    """Return what cells of other worksheets say."""
    titles = {grid.title for grid in grids}
    return _names_in([grid for grid in worksheets if grid.title not in titles])
