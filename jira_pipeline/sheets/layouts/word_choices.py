"""What words mean in a layout, once for all worksheets.

Belongs here: a word that somebody declares, what else it says of a field, words of other worksheets in
a new table. Does not: words that are offered (`word_offers`).

A word such as `picture` says a type, what the field refers to and perhaps how many: the type stays
where the column is, and the others are taken of the same cells where these say just that word.
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.model.blank_cells import undecided_cell
from jira_pipeline.model.columns import Holds
from jira_pipeline.sheets.layouts.choices import ASKED, SetWord, SetWords
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    Layout,
    Record,
    Region,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import changed, words_without_spelling
from jira_pipeline.sheets.layouts.record_drafts import FIELD, holds_of, kind_of_record, note_column
from jira_pipeline.sheets.layouts.row_checks import HOLDS_OF_WORDS
from jira_pipeline.sheets.layouts.texts import meaning_of_word, normal, normals, spelling

_TARGET = "Ref. bundle"
_COUNT = "Vals."
_TARGETS_BETWEEN = ", "


def with_words(sheet: SheetLayout, choice: SetWord | SetWords) -> SheetLayout:
    if not sheet.regions:
        return sheet
    words = choice.words if isinstance(choice, SetWords) else (choice,)
    regions: list[Region] = []
    for region in sheet.regions:
        with_meanings = region
        for word in words:
            with_meanings = _region_with_word(with_meanings, word)
        regions.append(with_meanings)
    return changed(sheet, regions=tuple(regions))


def with_words_of(region: Region, layout: Layout) -> Region:
    """Return a region in which words mean what they do in the other worksheets of a layout.

    What is new changes nothing that was said of the region before.
    """
    with_meanings = region
    for word in declared_words(layout):
        with_meanings = _region_with_word(with_meanings, word, is_new=True)
    return with_meanings


def declared_words(layout: Layout) -> list[SetWord]:
    """Return what somebody said of words, once each; the first worksheet that says it counts."""
    words: dict[tuple[Holds, str], SetWord] = {}
    for sheet in layout.sheets:
        for region in sheet.regions:
            for word in _words_in(region):
                words.setdefault((word.holds, spelling(word.word)), word)
    return [*words.values()]


def _words_in(region: Region) -> Iterator[SetWord]:
    for record in region.records:
        for name, values in record.columns.items():
            holds = holds_of(record, name)
            for value in values if holds in HOLDS_OF_WORDS else ():
                if value.column is not None and not value.only_words:
                    yield from _words_of_value(record, holds, value)


def _words_of_value(record: Record, holds: Holds, value: Value) -> Iterator[SetWord]:
    for word, means in value.words.items():
        targets = _text_beside(record, _TARGET, value, word)
        yield SetWord(
            holds=holds,
            word=word,
            means=ASKED if means == asked_text(word) else means,
            refers_to=tuple(targets.split(_TARGETS_BETWEEN)) if targets else (),
            count=_text_beside(record, _COUNT, value, word),
            is_quoted=bool(_text_beside(record, note_column(record.into), value, word)),
        )


def asked_text(word: str) -> str:
    """Return what a cell says whose word somebody has to be asked about."""
    return undecided_cell(word)


# ---------------------------------------------------------------- one word


def _region_with_word(region: Region, word: SetWord, *, is_new: bool = False) -> Region:
    records = tuple(_record_with_word(record, word, is_new=is_new) for record in region.records)
    return region if records == region.records else changed(region, records=records)


def _record_with_word(record: Record, word: SetWord, *, is_new: bool) -> Record:
    """Return a record in which a word means something; a new one changes nothing said before."""
    if word.holds not in HOLDS_OF_WORDS:
        return record
    means = asked_text(word.word) if word.means == ASKED else word.means
    columns = dict(record.columns)
    takers: list[Value] = []
    for name, values in record.columns.items():
        if holds_of(record, name) is not word.holds:
            continue
        with_meaning: list[Value] = []
        for value in values:
            if not _may_mean(value) or (is_new and _has_word(value, word.word)):
                with_meaning.append(value)
            else:
                takers.append(value)
                with_meaning.append(_with_meaning(value, word.word, means))
        columns[name] = tuple(with_meaning)
    for taker in takers:
        for name, text in _texts_beside(record, word, taker).items():
            values = _with_text_beside(columns.get(name, ()), taker, word.word, text, name=name)
            columns[name] = values
    if not takers:
        return record
    return changed(record, columns={name: values for name, values in columns.items() if values})


def _may_mean(value: Value) -> bool:
    """Tell whether words of the cells that a value takes may be said to mean something.

    What a mark of a matrix means is said there, whatever such a word means in a list.
    """
    is_of_cells = value.text is None and value.mark is None and value.lookup is None
    return is_of_cells and not value.only_words


def _has_word(value: Value, word: str) -> bool:
    return spelling(word) in map(spelling, value.words)


def _with_meaning(value: Value, word: str, means: str) -> Value:
    return changed(value, words={**words_without_spelling(value, word), word: means})


def _texts_beside(record: Record, word: SetWord, taker: Value) -> Mapping[str, str]:
    """Return what a word says in other columns; blank where it says nothing there any more."""
    if taker.column is None or record.into in {CUSTOM, HELPER}:
        return {}
    # What is asked about stays in its own cell.
    is_quoted = word.is_quoted and word.means != ASKED
    texts = {note_column(record.into): word.word if is_quoted else ""}
    if kind_of_record(record) == FIELD and word.holds is Holds.FIELD_TYPE:
        texts[_TARGET] = _TARGETS_BETWEEN.join(word.refers_to)
        texts[_COUNT] = word.count
    return texts


def _with_text_beside(
    values: Sequence[Value], taker: Value, word: str, text: str, *, name: str
) -> tuple[Value, ...]:
    """Return the values of a column with what cells of another one say there by a word."""
    others = [value for value in values if not _is_beside(value, taker)]
    before = next((value for value in values if _is_beside(value, taker)), None)
    words = {} if before is None else words_without_spelling(before, word)
    if text:
        words[word] = text
    # What a word says beside is not said of the same word in other letter case, which means another.
    for spelled in (word, *taker.words):
        if spelled not in words and normal(spelled) in normals(tuple(words)):
            words[spelled] = ""
    if not any(words.values()):
        return tuple(others)
    is_note = name not in {_TARGET, _COUNT}
    header = (taker.column or "").replace("{", "").replace("}", "").replace("\n", " ")
    wording = f"{header}: {{}}" if is_note else "{}"
    beside = changed(taker, words=words, only_words=True, wording=wording)
    return (*others, beside)


def _is_beside(value: Value, taker: Value) -> bool:
    """Tell whether a value takes words of the same cells as another, and nothing else."""
    return value.only_words and (value.column, value.after, value.before) == (
        taker.column,
        taker.after,
        taker.before,
    )


def _text_beside(record: Record, column: str, taker: Value, word: str) -> str:
    """Return what a word says in another column; blank where it says nothing there."""
    for value in record.columns.get(column, ()):
        if _is_beside(value, taker):
            return meaning_of_word(value.words, word) or ""
    return ""
