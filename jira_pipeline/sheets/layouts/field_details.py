"""Fields that take what another worksheet says of them.

Belongs here: look-ups into worksheets with details of fields, in every table that lists fields. Does
not: looking up (`lookups`).
"""

from collections.abc import Iterator, Sequence

from jira_pipeline.model.columns import (
    NOTE_COLUMNS,
    columns_of,
)
from jira_pipeline.sheets.layouts.layout import (
    HELPER,
    Lookup,
    Record,
    Region,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import changed
from jira_pipeline.sheets.layouts.table_shapes import (
    FIELD,
    FIELD_DETAILS,
    JOINED_BY,
)


def with_details(sheets: Sequence[SheetLayout]) -> Iterator[SheetLayout]:
    """Yield worksheets whose fields take what the worksheets with details say of them."""
    details = [
        record
        for sheet in sheets
        for region in sheet.regions
        for record in region.records
        if record.sheet == FIELD_DETAILS and JOINED_BY in record.columns
    ]
    given = [*dict.fromkeys(name for record in details for name in record.columns)]
    for sheet in sheets:
        regions = tuple(_region_with_details(region, given) for region in sheet.regions)
        yield changed(sheet, regions=regions) if regions != sheet.regions else sheet


def _region_with_details(region: Region, given: Sequence[str]) -> Region:
    records: list[Record] = []
    for record in region.records:
        columns = {
            name: kept
            for name, values in record.columns.items()
            if (kept := tuple(value for value in values if not _is_of_details(value)))
        }
        joined = columns.get(JOINED_BY, ())
        if record.into == FIELD and joined:
            known = {column.name for column in columns_of(FIELD)}
            for name in given:
                if name == JOINED_BY or name not in known:
                    continue
                lookup = Lookup(kind=HELPER, sheet=FIELD_DETAILS, by=(JOINED_BY,), give=name)
                if name in NOTE_COLUMNS or name not in columns:
                    value = changed(joined[0], lookup=lookup)
                    columns[name] = (*columns.get(name, ()), value)
        records.append(record if columns == record.columns else changed(record, columns=columns))
    return region if records == [*region.records] else changed(region, records=tuple(records))


def _is_of_details(value: Value) -> bool:
    return value.lookup is not None and value.lookup.sheet == FIELD_DETAILS
