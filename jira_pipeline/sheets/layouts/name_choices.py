"""What a layout becomes where somebody says under which other name a thing is listed.

Belongs here: names that a cell writes otherwise than the table that lists the things. Does not: words of
closed columns (`word_choices`), which names are asked about (`name_offers`).
"""

from collections.abc import Iterator

from jira_pipeline.drupal.columns import columns_of, label_column_of
from jira_pipeline.sheets.layouts.choices import SetName
from jira_pipeline.sheets.layouts.layout import Layout, Per, Record, Region, SheetLayout, Value
from jira_pipeline.sheets.layouts.layout_parts import (
    changed,
    region_with_values,
    values_in,
    words_without_spelling,
)
from jira_pipeline.sheets.layouts.record_drafts import kind_of_record

COMMA = ","


def with_name(sheet: SheetLayout, choice: SetName) -> SheetLayout:
    """Let a name mean what is listed under another one, wherever a cell names things of that kind."""
    regions = tuple(_region_with_name(region, choice) for region in sheet.regions)
    return changed(sheet, regions=regions) if regions else sheet


def with_names_of(region: Region, layout: Layout) -> Region:
    """Return a new region in which names mean what they do in the other worksheets of a layout."""
    for choice in _names_in(layout):
        region = _region_with_name(region, choice)
    return region


def _names_in(layout: Layout) -> Iterator[SetName]:
    """Yield what somebody said of names."""
    for record, column, value in values_in(layout):
        kind = _kind_named(record, column)
        for name, means in value.words.items():
            if kind and means:
                yield SetName(kind=kind, name=name, means=means)


def _region_with_name(region: Region, choice: SetName) -> Region:
    def with_word(record: Record, column: str, value: Value) -> Value:
        is_taken = value.text is None and value.lookup is None
        if not is_taken or _kind_named(record, column) != choice.kind:
            return value
        words = {**words_without_spelling(value, choice.name), choice.name: choice.means}
        # A cell of what fields refer to lists names between commas, as references are read.
        is_whole_list = value.split is None and names_targets(record, column)
        return changed(value, words=words, split=COMMA if is_whole_list else value.split)

    return region_with_values(region, with_word)


def names_targets(record: Record, column: str) -> bool:
    """Tell whether a column names what a thing refers to, one or several, and not what it belongs to."""
    columns = columns_of(kind_of_record(record))
    return any(other.name == column and other.names_several for other in columns)


def _kind_named(record: Record, column: str) -> str:
    """Return of which kind the things are that a column names, which another table lists; or none."""
    if record.per is Per.MARK and column == label_column_of(record.into):
        return record.into
    columns = columns_of(kind_of_record(record))
    return next((other.names for other in columns if other.name == column), "")
