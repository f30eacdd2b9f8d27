"""Which parts of a model's layout are taken: those that point at cells. Others are refused.

In: a layout as a model answered it, and the grids of the worksheets. Out: the same layout without
the parts that would add or hide content, and why each was refused. A part points at cells where all
texts in it are in cells: headers, labels, words. The one exception is a closed column, such as a
yes-or-no column, for which a model may say which word a cell means.

So a model that obeys a sentence in a cell can do no more than any other: each text of our columns is
copied from a cell or is a word of a closed column. What it leaves out is listed for the person, with
a reason that says that a model proposed it.

Belongs here: refusing constants and words of open columns, texts that no cell has, patterns of
worksheets; marking reasons as a model's; sentences for the person about the layout. Does not: asking
(`layout_rounds`), what is left to settle (`sheets/layouts`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from typing_extensions import override

from jira_pipeline.drupal.columns import LONGEST_NAMES, OWNER_COLUMNS, REFERENCE_COLUMNS, columns_of
from jira_pipeline.model.blank_cells import is_blank_cell
from jira_pipeline.model.columns import Holds
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.sheets.layouts.applying import Applied
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    LETTER,
    Gathering,
    Heading,
    Layout,
    LeftOutRows,
    Marks,
    Record,
    Region,
    RemarkRows,
    RowRule,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_files import layout_json, layout_of
from jira_pipeline.sheets.layouts.row_checks import HOLDS_OF_WORDS, is_word_read
from jira_pipeline.sheets.layouts.texts import is_called, normal
from jira_pipeline.sheets.reading.cells import (
    BASE_TABLES,
    count_spelled,
    display_kind,
    flag_spelled,
    status_spelled,
)
from jira_pipeline.sheets.reading.labels import bundle_type_of, is_wildcard

BY_MODEL = "proposed by a model: "
"""Begins each reason of a model, so that whoever confirms the layout sees whose it is."""
_REASON_MAX_CHARACTERS = 200
_NAME_MAX_CHARACTERS = 60
_SHOWN_MAX_CHARACTERS = 80
_TEXTS_LISTED = 5
_WORKFLOW_TYPES = frozenset({"content moderation"})
"""The words for the workflow type of Drupal's module Content Moderation."""

Part = TypeVar("Part")

_MEANINGS: Mapping[Holds, Callable[[str], object]] = {
    Holds.FLAG: flag_spelled,
    Holds.STATUS: status_spelled,
    Holds.BUNDLE_TYPE: bundle_type_of,
    Holds.COUNT: count_spelled,
    Holds.DISPLAY_PLUGIN: display_kind,
}
"""How the program itself reads a word of a closed column."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A part of a model's answer that is not taken."""

    where: str
    """Its place: `Fields, field, Required` is worksheet, kind of row and column."""
    reason: str
    is_without_loss: bool = False
    """Without the part no cell is lost: each is read as with it, or copied without words around it."""

    @override
    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointingLayout:
    """The parts of a model's answer that point at cells, and the others."""

    layout: Layout
    refused: tuple[Refusal, ...]


@dataclass(slots=True)
class _Refusals:
    """The parts that were refused so far, in the order of the answer."""

    refusals: list[Refusal] = field(default_factory=list)

    def add(self, where: Sequence[str], reason: str, *, is_without_loss: bool = False) -> None:
        self.refusals.append(Refusal(", ".join(where), reason, is_without_loss))


@dataclass(frozen=True)
class _SheetTexts:
    """The texts of some worksheets that look alike, which a model's layout may name.

    Texts are compared as `normal` leaves them: case and blanks do not count.
    """

    grids: Sequence[Grid]

    @cached_property
    def _whole(self) -> frozenset[str]:
        texts = [grid.title for grid in self.grids]
        for grid in self.grids:
            texts += [*grid.cells.values(), *grid.comments.values(), *grid.colours.values()]
        return frozenset(map(normal, texts))

    @cached_property
    def _joined(self) -> str:
        return "\n".join(self._whole)

    def has(self, text: str) -> bool:
        """Tell whether a text is in a cell, maybe with more around it; a blank one always is."""
        wanted = normal(text)
        return not wanted or wanted in self._whole or wanted in self._joined

    def has_header(self, header: str) -> bool:
        """Tell whether a header is in cells: `Group / Header` in two of them, `Name#2` in `Name`.

        A column that is named by its letter needs no header.
        """
        if header.startswith(LETTER):
            return True
        name, _, number = header.rpartition("#")
        if name and number.isdecimal():
            header = name
        return self.has_whole(header) or all(map(self.has_whole, header.split(" / ")))

    def has_whole(self, text: str) -> bool:
        """Tell whether a text is all of a cell, or blank."""
        return not normal(text) or normal(text) in self._whole

    def has_words(self, text: str) -> bool:
        """Tell whether the words of a pattern such as `Shown by {}` are in cells or name columns."""
        words = normal(text.replace("{}", " ")).strip(" :.,;()-")
        return not any(map(str.isalnum, words)) or words in _NAMES or self.has(words)


_WORDS_OF_NOTES = frozenset({"terms", "permissions", "options", "who", "by", "where shown"})
"""Words that may go before a cell in a note, besides the names of columns."""
_NAMES = _WORDS_OF_NOTES.union(map(normal, [*LONGEST_NAMES, *LONGEST_NAMES.values()]))
_NAMING_OTHERS = REFERENCE_COLUMNS.union(OWNER_COLUMNS)
"""Columns that name other things of the workbook."""


def pointed_layout(
    answer: Layout, grids: Sequence[Grid], *, all_grids: Sequence[Grid]
) -> PointingLayout:
    """Return the parts of a model's layout that point at cells of some worksheets, and the others.

    `all_grids` has all worksheets of the upload, as a cell may name a thing in another one.
    """
    refusals = _Refusals()
    names: set[str] = set()
    for grid in all_grids:
        names.add(normal(grid.title))
        names.update(map(normal, grid.cells.values()))
    sheets: list[SheetLayout] = []
    # Of two parts about one worksheet the first counts.
    titles_done: set[str] = set()
    for sheet in answer.sheets:
        sheet_grids = []
        for grid in grids:
            if grid.title not in titles_done and _is_named(grid, sheet.worksheets):
                sheet_grids.append(grid)
        titles_done.update(grid.title for grid in sheet_grids)
        if not sheet_grids:
            reason = "no worksheet that is asked about is called so"
            refusals.add(_shown(sheet.worksheets), reason, is_without_loss=True)
            continue
        pointing = _SheetPointing(_SheetTexts(sheet_grids), frozenset(names), refusals)
        pointed = pointing.sheet(sheet)
        if pointed is not None:
            sheets.append(pointed)
    # Read anew: a copy with other parts still has what was computed from the old ones.
    layout = layout_of(dict(layout_json(Layout(divided=answer.divided, sheets=tuple(sheets)))))
    return PointingLayout(layout=layout, refused=tuple(refusals.refusals))


def _is_named(grid: Grid, names: Iterable[str]) -> bool:
    return any(is_called(grid.title, name) for name in names)


@dataclass(frozen=True, slots=True)
class _Target:
    """The column of ours that a value goes to."""

    name: str
    holds: Holds | None
    """What its cells hold, such as yes or no; None where any text may be."""

    @property
    def closed(self) -> frozenset[Holds]:
        """The closed sets whose words its cells may have.

        Other columns look up the cells of a helper sheet, so those may have the words of any set.
        """
        if self is _OF_HELPER:
            return HOLDS_OF_WORDS
        return HOLDS_OF_WORDS.intersection([self.holds] if self.holds else [])


_OPEN = _Target("", None)
"""A column that takes any text."""
_OF_HELPER = _Target("", None)
"""A column of a helper sheet."""


@dataclass(frozen=True)
class _SheetPointing:
    """Takes from the layout of a worksheet what points at its cells.

    Each method below returns a part of the layout without what does not point at a cell, and adds
    that to `refusals`. `where` is the place of the part for the refusal, such as
    `("Fields", "table", "field", "Required")`: worksheet, region, kind of row, column.
    """

    texts: _SheetTexts
    names: frozenset[str]
    """The whole texts of the cells of all worksheets: names that a cell may mean."""
    refusals: _Refusals

    @property
    def _titles(self) -> tuple[str, ...]:
        return tuple(grid.title for grid in self.texts.grids)

    def sheet(self, sheet: SheetLayout) -> SheetLayout | None:
        """Return the layout of a worksheet without what was refused; None where nothing is left."""
        regions = _without_none([self._region(region) for region in sheet.regions])
        if sheet.ignore is None and not regions:
            return None
        return sheet.model_copy(
            update={
                # No patterns: what another worksheet is, somebody says when it is there.
                "worksheets": self._titles,
                "ignore": _by_model(sheet.ignore),
                "regions": tuple(regions),
                "leave": tuple(self._left_out(sheet.leave, self._titles)),
                "comments": _by_model(sheet.comments),
                "colours": _by_model(sheet.colours),
                "struck": _by_model(sheet.struck),
            }
        )

    def _region(self, region: Region) -> Region | None:
        """Return a region; None where its header, its first row or all records were refused."""
        where = (*self._titles[:1], region.name[:_NAME_MAX_CHARACTERS])
        header = self._named(region.header, where, "header")
        if region.header and not header:
            return None
        begins = self._rule(region.begins, where)
        if region.begins is not None and begins is None:
            return None
        records = _without_none([self._record(record, where) for record in region.records])
        marks = self._marks(region.marks, where)
        if marks is None:
            records = [record for record in records if record.per.value != "mark"]
        if not records:
            return None
        ends = region.ends
        if isinstance(ends, RowRule):
            ends = self._rule(ends, where)
        return region.model_copy(
            update={
                "name": region.name[:_NAME_MAX_CHARACTERS],
                "header": header,
                "begins": begins,
                "ends": ends,
                "pairs": self._named(region.pairs, where, "label"),
                "headings": tuple(self._headings(region.headings, where)),
                "skip": tuple(self._left_out(region.skip, where)),
                "marks": marks,
                "records": tuple(records),
                "unused": {name: _by_model(reason) for name, reason in region.unused.items()},
                "remarks": tuple(self._remarks(region.remarks, where)),
            }
        )

    def _named(self, names: Sequence[str], where: Sequence[str], what: str) -> tuple[str, ...]:
        """Return the names that cells have; `what` says in refusals what they name."""
        names_in_cells: list[str] = []
        for name in names:
            if self.texts.has_header(name):
                names_in_cells.append(name)
            else:
                self.refusals.add(where, f"no cell has the {what} {_quoted(name)}")
        return tuple(names_in_cells)

    # ------------------------------------------------------------ rules for rows

    def _rule(self, rule: RowRule | None, where: Sequence[str]) -> RowRule | None:
        """Return a rule for rows as it is; None where it names a text that no cell has.

        It is never returned in part: a rule with fewer texts would match more rows, and leave out
        some that it did not mean.
        """
        if rule is None:
            return None
        whole_texts = (*rule.texts, *rule.other_than)
        missing = [text for text in whole_texts if not self.texts.has_whole(text)]
        parts_of_texts = (*rule.starts, *rule.ends_with)
        missing += [text for text in parts_of_texts if not self.texts.has(text)]
        template = rule.template
        if template is not None:
            missing += [text for text in template.texts if not self.texts.has(text.strip())]
        if missing:
            self.refusals.add(where, f"a rule names texts that no cell has: {_listed(missing)}")
            return None
        return rule

    def _left_out(
        self, rules: Sequence[LeftOutRows], where: Sequence[str]
    ) -> Iterator[LeftOutRows]:
        for rule in rules:
            if self._rule(rule, where) is not None:
                yield rule.model_copy(update={"reason": _by_model(rule.reason)})

    def _headings(self, rules: Sequence[Heading], where: Sequence[str]) -> Iterator[Heading]:
        for rule in rules:
            if self._rule(rule, where) is not None:
                yield rule

    def _remarks(self, rules: Sequence[RemarkRows], where: Sequence[str]) -> Iterator[RemarkRows]:
        for rule in rules:
            if self._rule(rule, where) is not None:
                yield rule.model_copy(update={"about": self._rule(rule.about, where)})

    def _marks(self, marks: Marks | None, where: Sequence[str]) -> Marks | None:
        """Return the columns with marks and what their marks mean; None where no header is left."""
        if marks is None:
            return None
        headers = self._named(marks.headers, where, "header")
        if not headers:
            return None
        return marks.model_copy(
            update={
                "headers": headers,
                "texts": self._named(marks.texts, where, "mark"),
                "none": self._named(marks.none, where, "mark"),
            }
        )

    # ------------------------------------------------------------ records and values

    def _record(self, record: Record, where: Sequence[str]) -> Record | None:
        """Return a record: how a row of a region becomes a row of ours.

        None where no column is left, or a condition or the list that it is made for was refused.
        """
        of_record = (*where, record.into)
        columns = self._columns(record, of_record)
        when = [self._rule(rule, of_record) for rule in record.when]
        items = record.items and self._value(record.items, _OPEN, of_record)
        is_list_refused = record.items is not None and items is None
        if not columns or None in when or is_list_refused:
            return None
        own_headers = self._named(record.own, of_record, "header")
        gather = {}
        for name, gathering in record.gather.items():
            gather[name] = self._gathering(gathering, (*of_record, name))
        return record.model_copy(
            update={
                "items": items,
                "columns": columns,
                "own": own_headers,
                "gather": gather,
                "sheet": self._sheet_name(record, of_record),
            }
        )

    def _columns(self, record: Record, where: Sequence[str]) -> dict[str, tuple[Value, ...]]:
        """Return the columns of a record that have a value left, by name."""
        targets = {
            column.name: _Target(column.name, column.holds) for column in columns_of(record.into)
        }
        other_target = _OF_HELPER if record.into == HELPER else _OPEN
        columns = {}
        for name, values in record.columns.items():
            target = targets.get(name, other_target)
            pointed_values = self._values(values, target, (*where, name))
            if pointed_values:
                columns[name] = pointed_values
        return columns

    def _sheet_name(self, record: Record, where: Sequence[str]) -> str | None:
        """Return the name of a record's sheet; None where it was refused.

        That of a custom sheet gets into the titles of tickets, so it has to be in a cell; that of a
        helper sheet is shown nowhere.
        """
        name = record.sheet
        if name is None or record.into == HELPER:
            return name
        if record.into == CUSTOM and self.texts.has(name):
            return name
        self.refusals.add(where, f"no cell has the name {_quoted(name)} of a sheet")
        return None

    def _gathering(self, gathering: Gathering, where: Sequence[str]) -> Gathering:
        return gathering.model_copy(
            update={
                "between": self._between(gathering.between, where),
                "wording": self._wording(gathering.wording, where),
            }
        )

    def _values(
        self, values: Sequence[Value], target: _Target, where: Sequence[str]
    ) -> tuple[Value, ...]:
        return tuple(_without_none([self._value(value, target, where) for value in values]))

    def _value(self, value: Value, target: _Target, where: Sequence[str]) -> Value | None:
        """Return a value without words that were refused; None where it does not point at a cell."""
        if value.text is not None and not _is_constant_taken(value.text, target.holds):
            reason = f"{_quoted(value.text)} is in no cell, and no word of a closed column"
            self.refusals.add(where, reason)
            return None
        headers = [name for name in (value.column, value.comment, value.colour) if name]
        if len(self._named(headers, where, "header")) < len(headers):
            return None
        if value.pair is not None and not self._named((value.pair,), where, "label"):
            return None
        cuts = [text for text in (value.contains, value.after, value.before) if text]
        missing = [text for text in cuts if not self.texts.has(text)]
        if missing:
            self.refusals.add(where, f"no cell has the text {_listed(missing)}")
            return None
        parts = value.parts and self._values(value.parts, target, where)
        if value.parts is not None and not parts:
            return None
        return value.model_copy(
            update={
                "parts": parts,
                "between": self._between(value.between, where),
                "split": self._split(value.split, where),
                "words": self._words(value, target, where),
                "wording": self._wording(value.wording, where),
            }
        )

    def _words(self, value: Value, target: _Target, where: Sequence[str]) -> dict[str, str]:
        """Return the words of cells with what they mean, where a model may say so."""
        meanings: dict[str, str] = {}
        for word, meaning in value.words.items():
            if not self.texts.has(word):
                reason = f"no cell has the word {_quoted(word)}"
                self.refusals.add(where, reason, is_without_loss=True)
                continue
            fault = self._fault_of_word(word, meaning, value, target)
            if fault:
                self.refusals.add(where, f"{_quoted(word)} cannot mean {_quoted(meaning)}: {fault}")
                continue
            meanings[word] = meaning
        return meanings

    def _fault_of_word(self, word: str, meaning: str, value: Value, target: _Target) -> str:
        """Return why a word cannot mean what a model says; empty where it can.

        A meaning has to be a word of a closed column, a name in the workbook, the header of the
        cell, or "all"; a meaning of nothing is for blank cells and marks alone.
        """
        read_meaning = _meaning_read(word, target.holds)
        if not meaning.strip():
            is_mark = not any(map(str.isalnum, word)) and read_meaning is None
            return "" if is_mark or is_blank_cell(word) else "that would leave it out"
        if read_meaning is not None and read_meaning != _meaning_read(meaning, target.holds):
            return "the program reads it otherwise"
        is_closed = any(is_word_read(holds, meaning) for holds in target.closed)
        is_name = target.name in _NAMING_OTHERS and normal(meaning) in self.names
        is_header = normal(meaning) in normal(value.named_header or "")  # ✓ below Card is Card
        is_all = is_wildcard(meaning) and any(map(is_wildcard, word.split()))
        if is_closed or is_name or is_header or is_all:
            return ""
        return "that is no word of a closed column, and no name in the workbook"

    def _wording(self, wording: str, where: Sequence[str]) -> str:
        """Return the pattern around a cell, such as `Shown by {}`; the cell alone where refused."""
        if self.texts.has_words(wording):
            return wording
        reason = f"no cell has the words of {_quoted(wording)}"
        self.refusals.add(where, reason, is_without_loss=True)
        return "{}"

    def _between(self, between: str, where: Sequence[str]) -> str:
        """Return the punctuation between joined cells; a blank where it has words."""
        if not any(map(str.isalnum, between)):
            return between
        reason = f"{_quoted(between)} between cells has words"
        self.refusals.add(where, reason, is_without_loss=True)
        return " "

    def _split(self, split: str | None, where: Sequence[str]) -> str | None:
        """Return the text at which a cell is split; None, so that it is not, where no cell has it."""
        if split is None or self.texts.has(split):
            return split
        self.refusals.add(where, f"no cell has {_quoted(split)} to split it at")
        return None


def _without_none(values: Iterable[Part | None]) -> list[Part]:
    return [value for value in values if value is not None]


def _is_constant_taken(text: str, holds: Holds | None) -> bool:
    """Tell whether a constant for all rows may be taken, as it is a word of a closed column.

    A status is never taken: one for all rows would defer or leave out what people want built.
    """
    match holds:
        case None | Holds.STATUS:
            return False
        case Holds.BASE_TABLE:
            return text in BASE_TABLES
        case Holds.MODERATION:
            return normal(text) in _WORKFLOW_TYPES
        case _:
            return holds in HOLDS_OF_WORDS and is_word_read(holds, text) and not is_blank_cell(text)


def _meaning_read(word: str, holds: Holds | None) -> object:
    """Return what the program itself reads in a word; None where it reads nothing."""
    read = None if holds is None else _MEANINGS.get(holds)
    return None if read is None else read(word)


def _by_model(reason: str | None) -> str | None:
    """Return a reason on one line, shortened and marked as a model's; None stays None."""
    if reason is None or reason.startswith(BY_MODEL):
        return reason
    return f"{BY_MODEL}{' '.join(reason.split())[:_REASON_MAX_CHARACTERS]}"


# ---------------------------------------------------------------- what is said to the person


def statements_of(layout: Layout, applied: Applied, grids: Sequence[Grid]) -> tuple[str, ...]:
    """Return sentences for the person about what no cell proves, once each.

    These are worksheets that are not read, constants, meanings of words, cells that are left out,
    and cells that are headers and titles.
    """
    lines: list[str] = []
    for sheet in layout.sheets:
        name = first_named(sheet.worksheets, _TEXTS_LISTED)
        if sheet.ignore is not None:
            lines.append(f"{name} is not read: {sheet.ignore}.")
        for region in sheet.regions:
            for record in region.records:
                lines += [f"{name}: {text}" for text in _record_statements(record)]
    for grid in grids:
        use = applied.uses[grid.title]
        left_out = _texts_at(grid, use.left_out)
        if left_out:
            lines.append(f"{grid.title} leaves out {_listed(left_out)}.")
        structure = _texts_at(grid, use.structure)
        if structure:
            lines.append(f"{grid.title} has as headers and titles {_listed(structure)}.")
    return tuple(dict.fromkeys(lines))


def _texts_at(grid: Grid, places: Iterable[Place]) -> list[str]:
    """Return the texts of the filled cells among some places, once each, in reading order."""
    return [*dict.fromkeys(grid.cells[place] for place in sorted(places) if place in grid.cells)]


def _record_statements(record: Record) -> Iterator[str]:
    """Yield a sentence for each constant of a record, and for the words that it gives a meaning."""
    for column, values in record.values.items():
        for whole_value in values:
            for value in whole_value.with_parts:
                if value.text is not None:
                    yield f"{column} of every {record.into} is {_quoted(value.text)}."
                if value.words:
                    meanings = [
                        _meaning_shown(word, meaning) for word, meaning in value.words.items()
                    ]
                    yield f"in {column}, {first_named(meanings, _TEXTS_LISTED)}."


def _meaning_shown(word: str, meaning: str) -> str:
    return (
        f"{_quoted(word)} means {_quoted(meaning)}" if meaning else f"{_quoted(word)} says nothing"
    )


def _listed(texts: Sequence[str]) -> str:
    return first_named([_quoted(text) for text in texts], _TEXTS_LISTED)


def _shown(names: Sequence[str]) -> list[str]:
    return [name[:_SHOWN_MAX_CHARACTERS] for name in names[:_TEXTS_LISTED]]


def _quoted(text: str) -> str:
    return f"“{' '.join(text.split())[:_SHOWN_MAX_CHARACTERS]}”"
