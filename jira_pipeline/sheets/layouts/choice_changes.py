"""What choices take away that somebody said, before they are saved.

Belongs here: the rule of which losses are asked about, each in words, and things that would be there
twice. Does not: what counts as said (`declared_parts`), what is read (`applying`), what a choice makes of
a layout (`choices_applied`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

from jira_pipeline.drupal.column_words import label_of
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.line_numbers import first_named, format_count
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.areas import area_titles
from jira_pipeline.sheets.layouts.choices import (
    AddTable,
    Choice,
    ForgetWorksheet,
    JoinWorksheet,
    KeepHeader,
    LeaveOutComments,
    LeaveOutHeader,
    LeaveOutWorksheets,
    QuoteComments,
    RemoveTable,
    RenameHeader,
    RenameWorksheet,
    SetApart,
    SetBlocks,
    SetConstant,
    SetForm,
    SetLabels,
    SetLike,
    SetLines,
    SetLooks,
    SetMarks,
    SetMeaning,
    SetName,
    SetRows,
    SetShape,
    SetWord,
    SetWords,
)
from jira_pipeline.sheets.layouts.constant_choices import KINDS_OF_TYPES
from jira_pipeline.sheets.layouts.declared_parts import (
    DeclaredKind,
    DeclaredPart,
    declared_by_people,
    parts_declared,
)
from jira_pipeline.sheets.layouts.given_things import GivenReading
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_checks import LayoutChecks
from jira_pipeline.sheets.layouts.named_cells import NamedCells
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, counts_of_things
from jira_pipeline.sheets.layouts.texts import line_shortened, normal, normals, spelling
from jira_pipeline.sheets.layouts.worksheet_effects import (
    effects_in,
    kinds_by_worksheet,
    things_by_place,
    words_of_effects,
)
from jira_pipeline.sheets.layouts.worksheet_groups import counted_things

_TEXTS_NAMED = 4
_LOSSES_NAMED = 3
_TEXT_MAX_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that choices take away, and that has to be agreed to."""

    what: str
    """What the button names: `what 2 headers mean`, `3 fields of “Pier”`."""
    sentence: str


@dataclass(frozen=True, slots=True)
class ReadingChange:
    """What choices take away or double, before they are saved."""

    losses: tuple[Loss, ...]
    repeated: tuple[str, ...]
    """Things that would be there several times."""

    @property
    def is_to_be_confirmed(self) -> bool:
        return bool(self.losses or self.repeated)

    @property
    def button(self) -> str:
        """What somebody presses who agrees: it names what is lost."""
        if not self.losses:
            things = format_count(len(self.repeated), "thing")
            return f"Save, with {things} more than once"
        whats = [loss.what for loss in self.losses]
        return f"Save, and lose {first_named(whats, _LOSSES_NAMED)}"


def change_of(
    before: LayoutChecks,
    after: LayoutChecks,
    choices: Sequence[Choice],
    grids: Sequence[Grid],
    *,
    proposed: Layout,
) -> ReadingChange:
    """Return what choices take away that somebody has to agree to, and what would be there twice.

    In the worksheets that a choice is about, that is what people said (`declared_by_people`) and the
    choice does not say anew; what was only proposed goes unasked. In all other worksheets it is
    whatever was read of them. `proposed` is what nobody had to say.
    """
    about: set[str] = set()
    choices_by_worksheet: dict[str, list[Choice]] = defaultdict(list)
    for choice in choices:
        for worksheet in worksheets_of_choice(before.effective, choice, grids):
            choices_by_worksheet[worksheet].append(choice)
            about.add(worksheet)
    losses: dict[Loss, None] = {}
    words_after = _words_declared(after.effective)
    for grid in grids:
        declared = declared_by_people(before.effective, grids, grid.title, proposed=proposed)
        lost = _lost_parts(declared, after.effective, grid.title, words_after=words_after)
        own_choices = choices_by_worksheet[grid.title]
        lost = [part for part in lost if not _is_replaced(part, own_choices)]
        place = "" if own_choices else f" in “{grid.title}”"
        losses |= dict.fromkeys(_losses_of_parts(lost, place))
    others = {grid.title for grid in grids} - about
    if others:
        losses |= dict.fromkeys(_kinds_gone(before, after, others))
        cells_lost = _cells_lost(before, after, grids, others)
        losses |= dict.fromkeys(cells_lost.values())
        losses |= dict.fromkeys(_cells_changed(before, after, others - cells_lost.keys()))
        losses |= dict.fromkeys(_owners_lost(before, after, others))
    repeated = repeated_things(before.reading.checked, after.reading.checked)
    return ReadingChange((*losses,), tuple(repeated))


def headers_kept_instead(
    before: Layout, after: Layout, choices: Sequence[Choice], worksheet: str
) -> tuple[str, ...]:
    """Return the headers of a worksheet that mean nothing any more, and that no choice is about.

    Only one header can mean that, and it was another that somebody chose: these are notes now.
    """
    parts_before = parts_declared(sheet_layout_of(before, worksheet))
    parts_after = parts_declared(sheet_layout_of(after, worksheet))
    meaningful = {part.about for part in parts_after if not part.is_note}
    names: dict[str, None] = {}
    for part in parts_after:
        was_meaningful = any(
            earlier.about == part.about and not earlier.is_note for earlier in parts_before
        )
        is_note_now = part.is_note and part.about not in meaningful
        if is_note_now and was_meaningful and not _is_replaced(part, choices):
            names[part.name] = None
    return (*names,)


_OF_WHOLE_WORKBOOK = SetWord | SetWords | SetName | SetLooks | LeaveOutComments | QuoteComments


def worksheets_of_choice(layout: Layout, choice: Choice, grids: Sequence[Grid]) -> list[str]:
    """Return the worksheets that a choice is about, by what it says itself.

    What is said “in other worksheets, too” by a box is about these others.
    """
    if isinstance(choice, _OF_WHOLE_WORKBOOK):
        return [grid.title for grid in grids]
    if isinstance(choice, LeaveOutWorksheets | SetApart):
        return [*choice.worksheets]
    if isinstance(choice, JoinWorksheet):
        return [*area_titles(layout, choice.worksheet)]
    titles = [choice.worksheet]
    # What is said of worksheets that look alike is said of all of them.
    declared = sheet_layout_of(layout, choice.worksheet)
    if declared is not None and declared.ignore is None:
        titles += declared.worksheets
    if isinstance(choice, SetRows):
        titles += choice.also
    if isinstance(choice, RenameWorksheet):
        titles.append(choice.now)
    return [*dict.fromkeys(titles)]


# ---------------------------------------------------------------- what was said


def _words_declared(layout: Layout) -> AbstractSet[DeclaredPart]:
    """Return what is said of words: what one worksheet says of them counts in the whole workbook."""
    parts = [part for sheet in layout.sheets for part in parts_declared(sheet)]
    return {part for part in parts if part.kind is DeclaredKind.WORD}


def _lost_parts(
    declared: Sequence[DeclaredPart],
    after: Layout,
    worksheet: str,
    *,
    words_after: AbstractSet[DeclaredPart],
) -> list[DeclaredPart]:
    """Return what was said of a worksheet, and would not be there any more."""
    still_declared: set[DeclaredPart] = set()
    for title in (worksheet, *area_titles(after, worksheet)):
        still_declared.update(parts_declared(sheet_layout_of(after, title)))
    still_declared |= words_after
    return [part for part in declared if part not in still_declared]


def _is_replaced(part: DeclaredPart, choices: Sequence[Choice]) -> bool:
    """Tell whether a choice about its worksheet is about just this: its going is what somebody wants."""
    return any(_is_about(choice, part) for choice in choices)


_REPLACED_PARTS: Mapping[type, AbstractSet[DeclaredKind]] = {
    SetShape: {DeclaredKind.LISTED, DeclaredKind.LEFT_OUT},
    SetForm: {DeclaredKind.LISTED, DeclaredKind.LEFT_OUT, DeclaredKind.LINES},
    SetLike: {DeclaredKind.LISTED, DeclaredKind.LEFT_OUT},
    LeaveOutWorksheets: {DeclaredKind.LISTED},
    SetBlocks: {DeclaredKind.LISTED, DeclaredKind.LINES, DeclaredKind.CONSTANT},
    AddTable: {DeclaredKind.LINES},
    RemoveTable: {DeclaredKind.TABLE, DeclaredKind.LISTED},
    SetRows: {DeclaredKind.ROWS},
    SetLines: {DeclaredKind.LINES},
    SetLabels: {DeclaredKind.LINES},
    SetMarks: {DeclaredKind.MARK},
    # The sheet itself changed, and such a choice says what became of it.
    RenameHeader: {*DeclaredKind},
    ForgetWorksheet: {*DeclaredKind},
    RenameWorksheet: {*DeclaredKind},
    SetApart: {*DeclaredKind},
}
"""Parts of a worksheet that a choice says anew as a whole."""


def _is_about(choice: Choice, part: DeclaredPart) -> bool:
    kind = part.kind
    if kind in _REPLACED_PARTS.get(type(choice), ()):
        return True
    match choice:
        case SetMeaning() | KeepHeader() | LeaveOutHeader():
            cells = NamedCells(choice.header, choice.is_label)
            is_of_header = kind in {DeclaredKind.HEADER, DeclaredKind.IGNORED}
            return is_of_header and part.about == cells.key
        case SetShape() | SetForm():
            return kind is DeclaredKind.CONSTANT and part.about in KINDS_OF_TYPES
        case SetWords():
            words = {spelling(word.word) for word in choice.words}
            return kind is DeclaredKind.WORD and part.about in words
        case SetWord():
            return kind is DeclaredKind.WORD and part.about == spelling(choice.word)
        case SetConstant():
            return kind is DeclaredKind.CONSTANT and part.about == choice.column
        case _:
            return False


_WHAT: Mapping[DeclaredKind, tuple[str, str, str]] = {
    DeclaredKind.LISTED: ("what it lists", "what they list", "What was said to be listed: {}."),
    DeclaredKind.TABLE: ("a further table", "{count} further tables", "A further table below {}."),
    DeclaredKind.HEADER: ("what {} means", "what {count} headers mean", "What headers mean: {}."),
    DeclaredKind.IGNORED: (
        "that {} is ignored",
        "that {count} headers are ignored",
        "Ignored: {}.",
    ),
    DeclaredKind.WORD: ("what {} means", "what {count} words mean", "What words mean: {}."),
    DeclaredKind.MARK: ("what {} means", "what {count} marks mean", "What marks mean: {}."),
    DeclaredKind.CONSTANT: (
        "{} of all rows",
        "{count} things said of all rows",
        "Of all rows: {}.",
    ),
    DeclaredKind.ROWS: (
        "what such rows are",
        "what {count} rows are",
        "Rows left out or quoted: {}.",
    ),
    DeclaredKind.LINES: (
        "what lines say",
        "what lines say",
        "What lines say of the rows below: {}.",
    ),
    DeclaredKind.LEFT_OUT: (
        "that it is left out",
        "that they are left out",
        "It was left out: {}.",
    ),
}
"""What is lost of one, of several, and the sentence that names them."""


def _losses_of_parts(lost: Sequence[DeclaredPart], place: str) -> Iterator[Loss]:
    by_kind = group_by(lost, lambda part: part.kind)
    for kind, (singular, plural, sentence) in _WHAT.items():
        parts = by_kind.get(kind, ())
        if not parts:
            continue
        names = [*dict.fromkeys(map(_named, parts))]
        name = _quoted(parts[0].name) if parts[0].name else "it"
        count = len({part.about for part in parts})
        words = singular if count == 1 else plural
        what = words.replace("{count}", str(count)).replace("{}", name)
        yield Loss(f"{what}{place}", sentence.replace("{}", first_named(names, _TEXTS_NAMED)))


def _named(part: DeclaredPart) -> str:
    if part.kind is DeclaredKind.LISTED:
        return counted_things({part.says: 2}).removeprefix("2 ")
    name = _quoted(part.name)
    return f"{name} is {_quoted(part.means)}" if part.means else name


# ---------------------------------------------------------------- other worksheets


def _kinds_gone(
    before: LayoutChecks, after: LayoutChecks, worksheets: AbstractSet[str]
) -> Iterator[Loss]:
    kinds_after = kinds_by_worksheet(after.reading.checked)
    for worksheet, kinds in kinds_by_worksheet(before.reading.checked).items():
        for kind, count in kinds.items() if worksheet in worksheets else ():
            if not kinds_after.get(worksheet, Counter())[kind]:
                instead = counted_things(kinds_after.get(worksheet, {})) or "none of its own"
                things = counted_things({kind: count})
                sentence = f"“{worksheet}” has {things} now, and would have {instead} instead."
                yield Loss(f"{things} of “{worksheet}”", sentence)


def _cells_lost(
    before: LayoutChecks,
    after: LayoutChecks,
    grids: Sequence[Grid],
    worksheets: AbstractSet[str],
) -> Mapping[str, Loss]:
    """Return cells that say something of a thing now and would not, by worksheet."""
    losses: dict[str, Loss] = {}
    places_after = _cells_of_things(after.reading.checked)
    grids_by_title = {grid.title: grid for grid in grids}
    for worksheet, places in _cells_of_things(before.reading.checked).items():
        if worksheet not in worksheets:
            continue
        cells = grids_by_title[worksheet].cells
        no_marks = _texts_of_no_mark(after.effective, worksheet)
        lost = [
            place
            for place in sorted(places - places_after.get(worksheet, frozenset()))
            if normal(cells.get(place, "")) not in no_marks
        ]
        if not lost:
            continue
        texts = [_quoted(cells.get(place, "")) for place in lost]
        verbs = (
            "is read now and would not be" if len(lost) == 1 else "are read now and would not be"
        )
        what = f"{format_count(len(lost), 'cell')} of “{worksheet}”"
        losses[worksheet] = Loss(what, f"{what} {verbs}: {first_named(texts, _TEXTS_NAMED)}.")
    return losses


def _cells_changed(
    before: LayoutChecks, after: LayoutChecks, worksheets: AbstractSet[str]
) -> Iterator[Loss]:
    """Name cells of things of worksheets that say something now, and would say something else."""
    checked_after = after.reading.checked
    effects = effects_in(before.reading.checked, checked_after, worksheets, of_filled=True)
    for worksheet, of_worksheet in effects.items():
        columns = [label_of(effect.kind, effect.column) for effect in of_worksheet]
        what = f"what “{worksheet}” says of {first_named(columns, _LOSSES_NAMED)}"
        yield Loss(what, f"“{worksheet}” would change, too: {words_of_effects(of_worksheet)}.")


def _owners_lost(
    before: LayoutChecks, after: LayoutChecks, worksheets: AbstractSet[str]
) -> Iterator[Loss]:
    """Name things of worksheets that belong to something that is listed now, and would not."""
    before_rows = things_by_place(before.reading.checked, worksheets)
    after_rows = things_by_place(after.reading.checked, worksheets)
    given_before = GivenReading(before.reading.checked.applied.rows)
    given_after = GivenReading(after.reading.checked.applied.rows)
    for worksheet, rows in before_rows.items():
        rows_after = after_rows.get(worksheet, {})
        counts: Counter[str] = Counter()
        for place, row in rows.items():
            row_after = rows_after.get(place)
            if row_after is None or not given_before.is_owner_listed(row):
                continue
            if not given_after.is_owner_listed(row_after):
                counts[row.kind] += 1
        for kind, count in counts.items():
            things = f"{counted_things({kind: count})} of “{worksheet}”"
            verb = "belongs" if count == 1 else "belong"
            sentence = f"{things} {verb} to what is listed now, and would belong to nothing."
            yield Loss(f"what {things} {verb} to", sentence)


def _texts_of_no_mark(layout: Layout, worksheet: str) -> AbstractSet[str]:
    """Return the texts that say in a matrix of a worksheet that nothing is there: none of them is lost."""
    sheet = sheet_layout_of(layout, worksheet)
    texts: set[str] = set()
    for region in sheet.regions if sheet else ():
        texts |= normals(region.marks.none) if region.marks else set()
    return texts


def _cells_of_things(checked: CheckedLayout) -> Mapping[str, AbstractSet[Place]]:
    """Return the cells of each worksheet that say something of a thing."""
    places: dict[str, set[Place]] = defaultdict(set)
    for row in checked.applied.rows:
        for column in row.cells:
            for source in row.copied_from.cells(column):
                places[source.sheet].add(Place(source.row, source.column))
    return places


def _quoted(text: str) -> str:
    return f"“{line_shortened(text, max_characters=_TEXT_MAX_CHARACTERS)}”"


def repeated_things(before: CheckedLayout, after: CheckedLayout) -> Iterator[str]:
    """Name things that are there, and would be there more often; what is new may be twice in its sheet."""
    counts_before = counts_of_things(before.applied.rows)
    for thing, count in counts_of_things(after.applied.rows).items():
        if 0 < counts_before[thing] < count:
            kind, *cells = thing
            name = next(filter(None, cells), "without a name")
            yield f"{name}: {counted_things({kind: counts_before[thing]})} now, then {count}"
