"""What words mean in a layout, once for all worksheets.

Belongs here: a word that somebody declares, words of other worksheets in a new table. Does not: words
that are offered (`word_offers`).
"""

from jira_pipeline.model.columns import Holds
from jira_pipeline.sheets.layouts.choices import SetWord
from jira_pipeline.sheets.layouts.layout import Layout, Record, Region, SheetLayout, Value
from jira_pipeline.sheets.layouts.layout_parts import changed, values_in
from jira_pipeline.sheets.layouts.record_drafts import holds_of
from jira_pipeline.sheets.layouts.row_checks import HOLDS_OF_WORDS
from jira_pipeline.sheets.layouts.texts import normal


def with_word(sheet: SheetLayout, choice: SetWord) -> SheetLayout:
    regions = (
        _with_words(region, {choice.holds: {choice.word: choice.means}}) for region in sheet.regions
    )
    return changed(sheet, regions=tuple(regions)) if sheet.regions else sheet


Words = dict[Holds, dict[str, str]]
"""What words mean, by what cells hold."""


def with_words_of(region: Region, layout: Layout) -> Region:
    """Return a region in which words mean what they do in the other worksheets of a layout."""
    words: Words = {}
    for record, name, value in values_in(layout):
        of_column = words.setdefault(holds_of(record, name), {})
        for word, means in value.words.items() if value.column is not None else ():
            of_column.setdefault(word, means)
    return _with_words(region, words, is_new=True)


def _with_words(region: Region, words: Words, *, is_new: bool = False) -> Region:
    """Return a region with what words mean in its columns; what is new changes nothing said before."""
    records: list[Record] = []
    for record in region.records:
        columns: dict[str, tuple[Value, ...]] = {}
        for name, values in record.columns.items():
            holds = holds_of(record, name)
            of_column = words.get(holds, {}) if holds in HOLDS_OF_WORDS else {}
            columns[name] = tuple(
                _with_meanings(value, of_column, is_new=is_new) for value in values
            )
        records.append(changed(record, columns=columns))
    return changed(region, records=tuple(records))


def _with_meanings(value: Value, words: dict[str, str], *, is_new: bool) -> Value:
    if not words or value.text is not None or value.lookup is not None:
        return value
    same = {normal(word) for word in words}
    others = {word: means for word, means in value.words.items() if normal(word) not in same}
    if is_new:
        own = {normal(word) for word in value.words}
        new = {word: means for word, means in words.items() if normal(word) not in own}
        return changed(value, words={**value.words, **new}) if new else value
    return changed(value, words={**others, **words})
