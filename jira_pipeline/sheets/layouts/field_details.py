"""Fields that take what another worksheet says of them.

Belongs here: look-ups into worksheets with details of fields, in every table that lists fields. Does
not: looking up (`lookups`).
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.sheets.layouts.layout import (
    HELPER,
    Lookup,
    Record,
    Region,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import changed
from jira_pipeline.sheets.layouts.record_drafts import FIELD, FIELD_DETAILS

_JOINED_BY = ("Machine name", "ID", "Field label")
"""The first of these that both sides say is what they have in common; a label may be spelt otherwise."""


def with_details(sheets: Sequence[SheetLayout]) -> Iterator[SheetLayout]:
    """Yield worksheets whose fields take what the worksheets with details say of them."""
    details = [
        record
        for sheet in sheets
        for region in sheet.regions
        for record in region.records
        if record.sheet == FIELD_DETAILS
    ]
    for sheet in sheets:
        regions = tuple(_region_with_details(region, details) for region in sheet.regions)
        yield changed(sheet, regions=regions) if regions != sheet.regions else sheet


def _region_with_details(region: Region, details: Sequence[Record]) -> Region:
    records = [_record_with_details(record, details) for record in region.records]
    return region if records == [*region.records] else changed(region, records=tuple(records))


def _record_with_details(record: Record, details: Sequence[Record]) -> Record:
    columns: dict[str, tuple[Value, ...]] = {}
    for name, values in record.columns.items():
        own_values = tuple(value for value in values if not _is_of_details(value))
        if own_values:
            columns[name] = own_values
    if record.into == FIELD:
        for joined_by, name in _columns_looked_up(columns, details):
            lookup = Lookup(kind=HELPER, sheet=FIELD_DETAILS, by=(joined_by,), give=name)
            value = changed(columns[joined_by][0], lookup=lookup)
            columns[name] = (*columns.get(name, ()), value)
    return record if columns == record.columns else changed(record, columns=columns)


def _columns_looked_up(
    columns: Mapping[str, tuple[Value, ...]], details: Sequence[Record]
) -> list[tuple[str, str]]:
    """Return what fields take of details, each with the column by which these are found."""
    of_fields = {column.name for column in columns_of(FIELD)}
    joined_by_of: dict[str, str] = {}
    for record in details:
        common = [name for name in _JOINED_BY if name in record.columns and name in columns]
        if not common:
            continue
        for name in of_fields & record.columns.keys():
            is_new = name in NOTE_COLUMNS or name not in columns
            if name != common[0] and is_new:
                joined_by_of.setdefault(name, common[0])
    return [(joined_by, name) for name, joined_by in sorted(joined_by_of.items())]


def _is_of_details(value: Value) -> bool:
    return value.lookup is not None and value.lookup.sheet == FIELD_DETAILS
