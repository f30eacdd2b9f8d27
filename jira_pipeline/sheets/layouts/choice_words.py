"""What somebody chose, in words: beside *Undo*, and where it was saved.

Belongs here: one sentence for each choice. Does not: the choices (`choices`).
"""

from collections.abc import Sequence
from typing import assert_never

from jira_pipeline.drupal.column_words import label_anywhere, label_of
from jira_pipeline.model.columns import Holds
from jira_pipeline.sheets.layouts.cell_looks import LABELS_OF_LOOKS
from jira_pipeline.sheets.layouts.choices import (
    ASKED,
    AddTable,
    Choice,
    DivideWorksheet,
    ForgetWorksheet,
    JoinWorksheet,
    KeepHeader,
    LeaveOutComments,
    LeaveOutHeader,
    LeaveOutWorksheets,
    MarkPart,
    MeantMark,
    QuoteComments,
    RemoveTable,
    RenameHeader,
    RenameWorksheet,
    SetApart,
    SetBlank,
    SetBlocks,
    SetColour,
    SetColumnLine,
    SetConstant,
    SetDitto,
    SetEnd,
    SetForm,
    SetLabels,
    SetLike,
    SetLines,
    SetListed,
    SetListedFields,
    SetLooks,
    SetMarkParts,
    SetMarks,
    SetMeaning,
    SetName,
    SetRows,
    SetSeveral,
    SetShape,
    SetTitle,
    SetWord,
    SetWords,
)
from jira_pipeline.sheets.layouts.layout import Fill, LookOf, MeantLook
from jira_pipeline.sheets.layouts.mark_meanings import label_of_mark
from jira_pipeline.sheets.layouts.table_headers import header_words
from jira_pipeline.sheets.layouts.table_shapes import FORM_WORDS, offered_shape
from jira_pipeline.sheets.layouts.texts import line_shortened
from jira_pipeline.sheets.layouts.word_offers import label_of_meaning

_BECOME = {
    "left_out": "left out",
    "remarks": "quoted in the tickets",
    "things": "read like the others",
}
_ROWS = {
    "alone": "rows with a single filled cell",
    "text": "rows that say “{text}”",
    "alone_text": "rows that say “{text}” and nothing else",
    "starts": "rows that begin with “{text}”",
    "struck": "rows that are struck through",
    "brackets": "rows whose cell below “{text}” is in brackets",
}


_CHOICES_NAMED_MAX = 4


def choices_words(choices: Sequence[Choice]) -> str:
    """Return what choices say that are saved at once; of many of them the first."""
    sentences = [choice_words(choice) for choice in choices[:_CHOICES_NAMED_MAX]]
    if len(choices) > _CHOICES_NAMED_MAX:
        sentences.append(f"and {len(choices) - _CHOICES_NAMED_MAX} more")
    return "; ".join(sentences)


def choice_words(choice: Choice) -> str:  # noqa: C901, PLR0911, PLR0912, PLR0915 - one for each choice
    """Return what a choice says: `“Max.” means How many values`."""
    match choice:
        case LeaveOutWorksheets():
            return f"{_quoted(*choice.worksheets)} {'explain others' if choice.explains else 'left out'}"
        case DivideWorksheet():
            return _division_words(choice)
        case JoinWorksheet():
            return f"{_quoted(choice.worksheet)} is one worksheet again"
        case SetShape():
            return f"{_quoted(choice.worksheet)} lists: {offered_shape(choice.shape).label}"
        case SetForm():
            return f"each block of {_quoted(choice.worksheet)} is {FORM_WORDS[choice.shape]}"
        case AddTable():
            table = f"{_quoted(choice.worksheet)}, row {choice.header_row}"
            return f"{table}: a further table, {offered_shape(choice.shape).label}"
        case RemoveTable():
            return f"table {choice.table} of {_quoted(choice.worksheet)} taken back"
        case SetEnd():
            end = "its first blank row" if choice.ends == "blank" else "the next table"
            return f"table {choice.table} of {_quoted(choice.worksheet)} ends with {end}"
        case SetApart():
            return f"{_quoted(*choice.worksheets)} by {'itself' if len(choice.worksheets) == 1 else 'themselves'}"
        case SetLike():
            return f"{_quoted(choice.worksheet)} is like {_quoted(choice.like)}"
        case ForgetWorksheet():
            return f"{_quoted(choice.worksheet)} is gone"
        case RenameWorksheet():
            return f"{_quoted(choice.now)} is what {_quoted(choice.worksheet)} was"
        case RenameHeader():
            if not choice.now:
                return f"{_quoted(choice.header)} is gone"
            return f"{_quoted(choice.now)} is what {_quoted(choice.header)} was"
        case SetMeaning():
            columns = " and ".join(
                f"“{label_of(meaning.kind, meaning.column)}”" for meaning in choice.meanings
            )
            return f"{_quoted(choice.header)} means {columns}"
        case KeepHeader():
            return f"{_quoted(choice.header)} is kept as a note, in the sheet’s own words"
        case LeaveOutHeader():
            return f"{_quoted(choice.header)} left out"
        case SetListed():
            side = "columns" if choice.side == "across" else "rows"
            return f"{_quoted(choice.worksheet)} lists what its {side} are"
        case SetColumnLine():
            line = f"row {choice.row} of {_quoted(choice.worksheet)}"
            if not choice.column:
                return f"{line} says nothing of its columns"
            return f"{line} says of each column: {label_anywhere(choice.column)}"
        case SetMarkParts(mark_part=MarkPart.LINES):
            return (
                f"the first line of marks of {_quoted(choice.worksheet)} is the name, and the next "
                "lines are notes"
            )
        case SetMarkParts():
            return (
                f"in brackets after the steps of {_quoted(choice.worksheet)} is who may take them"
            )
        case SetMarks():
            return (
                f"marks of {_quoted(choice.worksheet)}: {', '.join(map(_mark_words, choice.marks))}"
            )
        case SetName():
            return f"{_quoted(choice.name)} is what is listed as {_quoted(choice.means)}"
        case SetConstant():
            text = "the name of the worksheet" if choice.is_title else choice.text
            column = label_of(choice.kind, choice.column)
            if not text:
                return f"“{column}” is no longer said for all rows of {_quoted(choice.worksheet)}"
            return f"{column}: {text}, for all rows of {_quoted(choice.worksheet)}"
        case SetBlank():
            what = _quoted(choice.header) if choice.header else "what rows belong to"
            return f"blank cells of {what} mean {_blank_words(choice.means)}"
        case SetDitto():
            return f"{_quoted(*choice.texts)} below {_quoted(choice.header)} means the cell above"
        case SetSeveral():
            between = choice.separator.strip() or "a new line"
            return f"“{between}” below {_quoted(choice.header)} is between the names of several"
        case SetListedFields():
            return f"each line of the cells below {_quoted(choice.header)} is a field"
        case SetWord():
            return _word_meaning(choice)
        case SetWords(words=(word,)):
            return _word_meaning(word)
        case SetWords():
            return f"{len(choice.words)} words mean something, such as {_word_meaning(choice.words[0])}"
        case SetRows():
            become = _BECOME[choice.become]
            return f"{_ROWS[choice.rows].format(text=_shortened(choice.text))} {become}"
        case SetLines():
            return f"lines like {_quoted(choice.line)} say something of the rows below"
        case SetBlocks():
            return f"in {_quoted(choice.worksheet)}, lines are about the rows below each"
        case SetLabels():
            return f"{_quoted(choice.worksheet)}, row {choice.row}: labels with their values begin"
        case QuoteComments():
            return "comments of cells are quoted"
        case SetTitle():
            rows = ", ".join(
                f"row {named.row} of {_quoted(named.worksheet)}" for named in choice.rows
            )
            return f"the field of {rows} is the title of the page itself"
        case SetLooks():
            return "; ".join(map(_look_words, choice.looks))
        case SetColour():
            meaning = label_of_meaning(Holds.STATUS, choice.means)
            return f"the look of the header {_quoted(choice.header)} means “{meaning}”"
        case LeaveOutComments():
            return "comments say nothing"
        case _:
            assert_never(choice)


_LOOKS = {
    LookOf.FILL: "cells filled with {colour}",
    LookOf.TEXT: "text in {colour}",
    LookOf.STRUCK: "text that is struck through",
}


def _look_words(look: MeantLook) -> str:
    """Return what a look was said to mean: `text that is struck through: dropped: never built`."""
    return f"{_LOOKS[look.look].format(colour=look.colour)}: {LABELS_OF_LOOKS[look.means]}"


def _division_words(choice: DivideWorksheet) -> str:
    if not choice.columns:
        return f"{_quoted(choice.worksheet)}: from row {choice.row} on is something of its own"
    tables = " and ".join(stretch.replace(":", "–") for stretch in choice.columns)
    return f"{_quoted(choice.worksheet)}: columns {tables} are tables of their own"


def _word_meaning(choice: SetWord) -> str:
    """Return what somebody said of a word: `the word “shot” means “Media reference” to Image`."""
    word = f"the word {_quoted(choice.word)}"
    if choice.means == ASKED:
        return f"{word} is asked about"
    if not choice.means:
        return f"{word} says nothing"
    meaning = f"{word} means “{label_of_meaning(choice.holds, choice.means)}”"
    if choice.refers_to:
        meaning += f" to {', '.join(choice.refers_to)}"
    return meaning


def _quoted(*texts: str) -> str:
    return ", ".join(f"“{_shortened(header_words(text))}”" for text in texts)


_TEXT_SHOWN_MAX_CHARACTERS = 60


def _shortened(text: str) -> str:
    return line_shortened(text, max_characters=_TEXT_SHOWN_MAX_CHARACTERS)


def _mark_words(mark: MeantMark) -> str:
    words = f"{_quoted(mark.text)} means “{label_of_mark(mark.means)}”"
    return f"{words}, {label_of_meaning(Holds.COUNT, mark.count)} values" if mark.count else words


def _blank_words(means: Fill) -> str:
    match means:
        case Fill.ABOVE:
            return "the one above"
        case Fill.MERGED:
            return "the one they are merged with"
        case Fill.LEFT:
            return "the one left of them"
        case Fill.NONE:
            return "nothing"
        case _:
            assert_never(means)
