"""What a page offers about cells that say two things: a name and its kind, a type and its target.

Belongs here: which parts the cells below a header have, and what each may mean. Does not: headers
(`header_offers`), what a choice makes of a layout (`header_choices`).
"""

from collections.abc import Iterator, Sequence, Set as AbstractSet
from dataclasses import dataclass

from jira_pipeline.drupal.columns import columns_of, label_column_of
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.columns import Holds
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sheets.layouts.choices import HeaderMeaning
from jira_pipeline.sheets.layouts.layout import MissingPart
from jira_pipeline.sheets.layouts.record_drafts import BUNDLE, FIELD
from jira_pipeline.sheets.layouts.row_checks import closed_set_of, is_listed, is_word_read


@dataclass(frozen=True, slots=True)
class SplitOffer:
    """How a cell says two things, each a part of it."""

    example: str
    label: str
    parts: tuple[HeaderMeaning, HeaderMeaning]
    """What each part means, as a choice says it."""


_PREFIX_MARKS = (":", "--", " / ", " – ", " - ")
"""Between the kind of a type and its name, where the kind comes first."""
BRACKETS = (("(", ")"), ("[", "]"))
"""Around what a cell says after a name."""
NOTES_OF_TRANSITION = "Notes"
"""Who may take a step is a note of it."""
DISPLAY = EntityKind.VIEW_DISPLAY.value
_TRANSITION = EntityKind.WORKFLOW_TRANSITION.value
_KIND_COLUMNS = {(BUNDLE, "Name"): "Type", (FIELD, "Bundle"): "Bundle type"}


def splits_of_names(kind: str, column: str, texts: Sequence[str]) -> Iterator[SplitOffer]:
    """Yield what the two parts of cells below a header may be, where they name things."""
    if (kind, column) == (DISPLAY, "Display plugin"):
        for text in texts:
            yield from _splits_of_display(text)
    if kind == _TRANSITION:
        for text in texts:
            yield from _splits_of_step(column, text)
    yield from _splits_at_brackets(kind, column, texts)
    kind_column = _KIND_COLUMNS.get((kind, column))
    if kind_column is not None:
        for text in texts:
            yield from _splits_at_prefix(kind, column, kind_column, text)


def _splits_at_brackets(kind: str, column: str, texts: Sequence[str]) -> Iterator[SplitOffer]:
    for opening, closing in BRACKETS:
        inside = {text: text_in_brackets(text, opening, closing) for text in texts}
        bracketed = [text for text, inner in inside.items() if inner]
        if not bracketed:
            continue
        column_inside = _column_in_brackets(
            kind,
            column,
            [inside[text] for text in bracketed],
            are_most=len(bracketed) * 2 > len(inside),
        )
        if column_inside is None:
            continue
        name = HeaderMeaning(kind=kind, column=column, before=opening)
        inner = HeaderMeaning(
            kind=kind,
            column=column_inside,
            after=opening,
            before=closing,
            lacking=MissingPart.NOTHING,
        )
        label = f"In brackets after the name is {_words_inside(kind, column_inside)}"
        yield SplitOffer(bracketed[0], label, (name, inner))


def text_in_brackets(text: str, opening: str, closing: str) -> str:
    """Return what is in brackets at the end of a text, below a name; blank where there is none."""
    before, _, inner = text.rstrip().partition(opening)
    return inner.removesuffix(closing).strip() if before.strip() and inner.endswith(closing) else ""


def _column_in_brackets(
    kind: str, column: str, inside: Sequence[str], *, are_most: bool
) -> str | None:
    """Return the column that texts in brackets are of; None where that is nothing usual."""
    kind_column = _KIND_COLUMNS.get((kind, column))
    if kind_column is not None and any(is_word_read(Holds.BUNDLE_TYPE, text) for text in inside):
        return kind_column
    if column == label_column_of(kind) and are_most:
        names = {of_kind.name for of_kind in columns_of(kind)}
        machine_names = closed_set_of(Holds.MACHINE_NAME)
        are_machine_names = machine_names is not None and all(map(machine_names.reads, inside))
        if are_machine_names and MACHINE_NAME_COLUMN in names:
            return MACHINE_NAME_COLUMN
        if kind == _TRANSITION:
            return NOTES_OF_TRANSITION
    return kind_column


def _words_inside(kind: str, column: str) -> str:
    if column == MACHINE_NAME_COLUMN:
        return "its machine name"
    if kind == _TRANSITION:
        return "who may take the step"
    return "the kind of type"


_ARROWS = ("→", "->", "=>")
_STATES = frozenset({"From state", "To state"})


def _splits_of_step(column: str, text: str) -> Iterator[SplitOffer]:
    """Yield the state that is after an arrow in the name of a step, and what is in brackets after a state."""
    if column in _STATES and text_in_brackets(text, "(", ")"):
        state = HeaderMeaning(kind=_TRANSITION, column=column, before="(")
        note = HeaderMeaning(kind=_TRANSITION, column=NOTES_OF_TRANSITION, after="(", before=")")
        yield SplitOffer(text, "In brackets after the state is a note", (state, note))
    arrow = next((arrow for arrow in _ARROWS if arrow in text), None)
    if column == label_column_of(_TRANSITION) and arrow is not None:
        step = HeaderMeaning(kind=_TRANSITION, column=column, before=arrow)
        state = HeaderMeaning(kind=_TRANSITION, column="To state", after=arrow)
        label = "Before the arrow is the step, after it the state it leads to"
        yield SplitOffer(text, label, (step, state))


def _splits_at_prefix(kind: str, column: str, kind_column: str, text: str) -> Iterator[SplitOffer]:
    """Yield what comes before a mark, where that may be the kind of a type."""
    for mark in _PREFIX_MARKS:
        if mark in text:
            name = HeaderMeaning(kind=kind, column=column, after=mark, lacking=MissingPart.WHOLE)
            prefix = HeaderMeaning(
                kind=kind, column=kind_column, before=mark, lacking=MissingPart.NOTHING
            )
            label = (
                f"Before “{mark.strip()}” is the kind of type, after it the name; a cell without it "
                "is a name"
            )
            yield SplitOffer(text, label, (name, prefix))


def _splits_of_display(text: str) -> Iterator[SplitOffer]:
    """Yield what is after a colon in the kind of a display: its address, or else what is shown."""
    before, colon, after = text.partition(": ")
    if not colon or not before or not after:
        return
    kind = HeaderMeaning(kind=DISPLAY, column="Display plugin", before=": ")
    is_address = after.strip().startswith("/")
    column = "Path or place" if is_address else "Shows"
    label = (
        f"Before the colon is the kind, after it {'the address' if is_address else 'what is shown'}"
    )
    yield SplitOffer(text, label, (kind, HeaderMeaning(kind=DISPLAY, column=column, after=": ")))


_BETWEEN_NAMES = (",", ";", "/", "|", " and ", " or ")
"""Between names, or choices, that a cell lists after the type of a field."""
_BEFORE_TARGETS = ((":", "the colon"), ("→", "the arrow"), ("->", "the arrow"))
"""Between the type of a field and what it refers to."""


def _names_in_text(text: str) -> list[str]:
    for between in _BETWEEN_NAMES:
        text = text.replace(between, "\n")
    return [name.strip() for name in text.split("\n") if name.strip()]


def splits_of_types(texts: Sequence[str], names: AbstractSet[str]) -> Iterator[SplitOffer]:
    """Yield what is after a colon or an arrow in cells of field types, where that holds of all of them.

    In `entity_reference:media` it is the kind of what is referred to: the cell is one word. What
    names none of the `names` that the workbook lists is no reference, but perhaps choices.
    """
    for mark, words in _BEFORE_TARGETS:
        pairs = [
            text for text in texts if mark in text and not is_word_read(Holds.FIELD_TYPE, text)
        ]
        if not pairs:
            continue
        lists = [_names_in_text(text.partition(mark)[2]) for text in pairs]
        are_listed = {is_listed(name, names) for listed in lists for name in listed}
        before = HeaderMeaning(kind=FIELD, column="Field type", before=mark)
        if are_listed <= {True}:
            after = HeaderMeaning(kind=FIELD, column="Ref. bundle", after=mark)
            label = f"Before {words} is the type, after it what the field refers to"
            yield SplitOffer(pairs[0], label, (before, after))
        elif are_listed == {False} and all(len(listed) > 1 for listed in lists):
            after = HeaderMeaning(kind=FIELD, column="Allowed values", after=mark)
            label = f"Before {words} is the type, after it the choices"
            yield SplitOffer(pairs[0], label, (before, after))
