"""What of a model's layout is taken: what points at cells. What would add or hide content is refused.

Belongs here: refusing constants and words of open columns, texts that no cell has, patterns of
worksheets; saying whose reasons these are; what the layout says of itself, for the person. Does not:
asking (`layout_rounds`), what is left to settle (`sheets/layouts`).

A model that follows a sentence in a cell can do no more than any other: each text of a canonical cell
is copied from a cell, or is a word of a closed column; what is left out has a reason that says that a
model proposed it, and is listed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

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
"""Before each of its reasons, so that whoever confirms the layout sees whose it is."""
_REASON_MAX_CHARACTERS = 200
_NAME_MAX_CHARACTERS = 60
_SHOWN_MAX_CHARACTERS = 80
_TEXTS_LISTED = 5
_WORKFLOW_TYPES = frozenset({"content moderation"})

_MEANINGS: Mapping[Holds, Callable[[str], object]] = {
    Holds.FLAG: flag_spelled,
    Holds.STATUS: status_spelled,
    Holds.BUNDLE_TYPE: bundle_type_of,
    Holds.COUNT: count_spelled,
    Holds.DISPLAY_PLUGIN: display_kind,
}
"""What a word means that the program reads by itself."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A part of a model's answer that is not taken."""

    where: str
    """Its place: `Fields, field, Required`."""
    reason: str
    is_without_loss: bool = False
    """Without it every cell becomes what it becomes with it, or is copied without words around it."""

    @override
    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointingLayout:
    """What of a model's answer points at cells."""

    layout: Layout
    refused: tuple[Refusal, ...]


@dataclass(slots=True)
class _Refusals:
    """What was refused so far."""

    items: list[Refusal] = field(default_factory=list)

    def add(self, where: Sequence[str], reason: str, *, is_without_loss: bool = False) -> None:
        self.items.append(Refusal(", ".join(where), reason, is_without_loss))


@dataclass(frozen=True)
class _SheetTexts:
    """The texts that a model may name of some worksheets that look alike."""

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
        """Tell whether a text is in a cell, whatever is around it; blanks and marks alone are."""
        wanted = normal(text)
        return not wanted or wanted in self._whole or wanted in self._joined

    def has_header(self, header: str) -> bool:
        """Tell whether a header is in cells: `Group / Header` in two, `Name#2` in a second one."""
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
        """Tell whether words around a cell are of the worksheet or names of columns."""
        words = normal(text.replace("{}", " ")).strip(" :.,;()-")
        return not any(map(str.isalnum, words)) or words in _NAMES or self.has(words)


_WORDS_OF_NOTES = frozenset({"terms", "permissions", "options", "who", "by", "where shown"})
"""Words before a cell that goes into a note, beside the names of columns."""
_NAMES = _WORDS_OF_NOTES.union(normal(name) for pair in LONGEST_NAMES.items() for name in pair)
_NAMING_OTHERS = REFERENCE_COLUMNS.union(OWNER_COLUMNS)
"""Columns that name other things of the workbook."""


def pointed_layout(
    answer: Layout, grids: Sequence[Grid], *, all_grids: Sequence[Grid]
) -> PointingLayout:
    """Return what of a layout, as a model answered it, points at the cells of some worksheets.

    `all_grids` are those of the whole upload: names of things may be in others.
    """
    refusals = _Refusals()
    names = frozenset(
        normal(text) for grid in all_grids for text in (grid.title, *grid.cells.values())
    )
    sheets: list[SheetLayout] = []
    taken: set[str] = set()
    for sheet in answer.sheets:
        named = [
            grid
            for grid in grids
            if grid.title not in taken
            and any(is_called(grid.title, name) for name in sheet.worksheets)
        ]
        taken.update(grid.title for grid in named)
        if not named:
            reason = "no worksheet that is asked about is called so"
            refusals.add(_shown(sheet.worksheets), reason, is_without_loss=True)
            continue
        pointed = _SheetPointing(_SheetTexts(named), names, refusals).sheet(sheet)
        if pointed is not None:
            sheets.append(pointed)
    # Read anew: parts of a copied value may remember what the value before it was.
    layout = layout_of(dict(layout_json(Layout(divided=answer.divided, sheets=tuple(sheets)))))
    return PointingLayout(layout=layout, refused=tuple(refusals.items))


@dataclass(frozen=True, slots=True)
class _Target:
    """The canonical column that a value goes to."""

    name: str
    holds: Holds | None

    @property
    def closed(self) -> frozenset[Holds]:
        """The closed sets whose words its cells may have: of a helper's, which others look up, any."""
        if self is _OF_HELPER:
            return HOLDS_OF_WORDS
        return HOLDS_OF_WORDS.intersection([self.holds] if self.holds else [])


_OPEN = _Target("", None)
_OF_HELPER = _Target("", None)


@dataclass(frozen=True)
class _SheetPointing:
    """What of a layout of worksheets is taken."""

    texts: _SheetTexts
    names: frozenset[str]
    """Whole texts of all worksheets."""
    refusals: _Refusals

    @property
    def _titles(self) -> tuple[str, ...]:
        return tuple(grid.title for grid in self.texts.grids)

    def sheet(self, sheet: SheetLayout) -> SheetLayout | None:
        regions = [self._region(region) for region in sheet.regions]
        kept = [region for region in regions if region is not None]
        if sheet.ignore is None and not kept:
            return None
        return sheet.model_copy(
            update={
                # No patterns: what another worksheet is, somebody says when it is there.
                "worksheets": self._titles,
                "ignore": _by_model(sheet.ignore),
                "regions": tuple(kept),
                "leave": tuple(self._left_out(sheet.leave, self._titles)),
                "comments": _by_model(sheet.comments),
                "colours": _by_model(sheet.colours),
                "struck": _by_model(sheet.struck),
            }
        )

    def _region(self, region: Region) -> Region | None:
        where = (*self._titles[:1], region.name[:_NAME_MAX_CHARACTERS])
        header = self._named(region.header, where, "header")
        if region.header and not header:
            return None
        begins = self._rule(region.begins, where)
        if region.begins is not None and begins is None:
            return None
        records = [self._record(record, where) for record in region.records]
        kept = [record for record in records if record is not None]
        marks = self._marks(region.marks, where)
        if marks is None:
            kept = [record for record in kept if record.per.value != "mark"]
        if not kept:
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
                "records": tuple(kept),
                "unused": {name: _by_model(reason) for name, reason in region.unused.items()},
                "remarks": tuple(self._remarks(region.remarks, where)),
            }
        )

    def _named(self, names: Sequence[str], where: Sequence[str], what: str) -> tuple[str, ...]:
        """Return the headers or labels that cells have."""
        kept: list[str] = []
        for name in names:
            if self.texts.has_header(name):
                kept.append(name)
            else:
                self.refusals.add(where, f"no cell has the {what} {_quoted(name)}")
        return tuple(kept)

    # ------------------------------------------------------------ rules for rows

    def _rule(self, rule: RowRule | None, where: Sequence[str]) -> RowRule | None:
        """Return a rule with the texts that cells have; None where none is left."""
        if rule is None:
            return None
        whole = (*rule.texts, *rule.other_than)
        lost = [text for text in whole if not self.texts.has_whole(text)]
        parts = (*rule.starts, *rule.ends_with)
        lost += [text for text in parts if not self.texts.has(text)]
        template = rule.template
        if template is not None:
            lost += [text for text in template.texts if not self.texts.has(text.strip())]
        if lost:
            self.refusals.add(where, f"a rule names texts that no cell has: {_listed(lost)}")
        # A rule that names less says more: rows that it did not mean would be left out.
        return None if lost else rule

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
        if marks is None:
            return None
        headers = self._named(marks.headers, where, "header")
        return (
            marks.model_copy(
                update={
                    "headers": headers,
                    "texts": self._named(marks.texts, where, "mark"),
                    "none": self._named(marks.none, where, "mark"),
                }
            )
            if headers
            else None
        )

    # ------------------------------------------------------------ records and values

    def _record(self, record: Record, where: Sequence[str]) -> Record | None:
        of_record = (*where, record.into)
        targets = {
            column.name: _Target(column.name, column.holds) for column in columns_of(record.into)
        }
        columns: dict[str, tuple[Value, ...]] = {}
        for name, values in record.columns.items():
            target = targets.get(name, _OF_HELPER if record.into == HELPER else _OPEN)
            kept = self._values(values, target, (*of_record, name))
            if kept:
                columns[name] = kept
        when = [self._rule(rule, of_record) for rule in record.when]
        items = record.items and self._value(record.items, _OPEN, of_record)
        if not columns or None in when or (record.items is not None and items is None):
            return None
        return record.model_copy(
            update={
                "items": items,
                "columns": columns,
                "own": self._named(record.own, of_record, "header"),
                "gather": {
                    name: self._gathering(gathering, (*of_record, name))
                    for name, gathering in record.gather.items()
                },
                "sheet": self._sheet_name(record, of_record),
            }
        )

    def _sheet_name(self, record: Record, where: Sequence[str]) -> str | None:
        """Return the name of a custom sheet, which is in the titles of tickets, or of a helper."""
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
        pointed = [self._value(value, target, where) for value in values]
        return tuple(value for value in pointed if value is not None)

    def _value(self, value: Value, target: _Target, where: Sequence[str]) -> Value | None:
        """Return a value with what points of it; None where it does not point at a cell."""
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
        lost = [text for text in cuts if not self.texts.has(text)]
        if lost:
            self.refusals.add(where, f"no cell has the text {_listed(lost)}")
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
        """Return what words of cells mean, where that is no content of the model's own."""
        kept: dict[str, str] = {}
        for word, meaning in value.words.items():
            if not self.texts.has(word):
                reason = f"no cell has the word {_quoted(word)}"
                self.refusals.add(where, reason, is_without_loss=True)
            elif fault := self._fault_of_word(word, meaning, value, target):
                self.refusals.add(where, f"{_quoted(word)} cannot mean {_quoted(meaning)}: {fault}")
            else:
                kept[word] = meaning
        return kept

    def _fault_of_word(self, word: str, meaning: str, value: Value, target: _Target) -> str:
        """Say why a word cannot mean what a model says; empty where it can."""
        own = _meaning_read(word, target.holds)
        if not meaning.strip():
            is_mark = not any(map(str.isalnum, word)) and own is None
            return "" if is_mark or is_blank_cell(word) else "that would leave it out"
        if own is not None and own != _meaning_read(meaning, target.holds):
            return "the program reads it otherwise"
        is_closed = any(is_word_read(holds, meaning) for holds in target.closed)
        is_name = target.name in _NAMING_OTHERS and normal(meaning) in self.names
        is_header = normal(meaning) in normal(value.named_header or "")  # ✓ below Card is Card
        is_all = is_wildcard(meaning) and any(map(is_wildcard, word.split()))
        if is_closed or is_name or is_header or is_all:
            return ""
        return "that is no word of a closed column, and no name in the workbook"

    def _wording(self, wording: str, where: Sequence[str]) -> str:
        if self.texts.has_words(wording):
            return wording
        reason = f"no cell has the words of {_quoted(wording)}"
        self.refusals.add(where, reason, is_without_loss=True)
        return "{}"

    def _between(self, between: str, where: Sequence[str]) -> str:
        if not any(map(str.isalnum, between)):
            return between
        reason = f"{_quoted(between)} between cells has words"
        self.refusals.add(where, reason, is_without_loss=True)
        return " "

    def _split(self, split: str | None, where: Sequence[str]) -> str | None:
        if split is None or self.texts.has(split):
            return split
        self.refusals.add(where, f"no cell has {_quoted(split)} to split it at")
        return None


def _is_constant_taken(text: str, holds: Holds | None) -> bool:
    """Tell whether a constant is a word of a closed column; a status of all rows is none.

    It would put on hold, or away, what the worksheet wants built.
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
    if reason is None or reason.startswith(BY_MODEL):
        return reason
    return f"{BY_MODEL}{' '.join(reason.split())[:_REASON_MAX_CHARACTERS]}"


# ---------------------------------------------------------------- what is said to the person


def statements_of(layout: Layout, applied: Applied, grids: Sequence[Grid]) -> tuple[str, ...]:
    """Say what no cell proves: constants, meanings of words, what is left out, what are headers."""
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
        if left_out := _texts_at(grid, use.left_out):
            lines.append(f"{grid.title} leaves out {_listed(left_out)}.")
        if structure := _texts_at(grid, use.structure):
            lines.append(f"{grid.title} has as headers and titles {_listed(structure)}.")
    return tuple(dict.fromkeys(lines))


def _texts_at(grid: Grid, places: Iterable[Place]) -> list[str]:
    return [*dict.fromkeys(grid.cells[place] for place in sorted(places) if place in grid.cells)]


def _record_statements(record: Record) -> Iterator[str]:
    for column, values in record.values.items():
        for value in (part for whole in values for part in whole.with_parts):
            if value.text is not None:
                yield f"{column} of every {record.into} is {_quoted(value.text)}."
            if value.words:
                meanings = [_meaning_shown(*pair) for pair in value.words.items()]
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
