"""What the forms of the page of a layout choose: fields as a browser sends them, and the choices in them.

A `ChoiceForm` comes in, with the fields of whichever form was sent; its field `do` says which one.
`Choice` values go out (`sheets/layouts/choices`), one or several: a form about all headers of a table,
say, is one choice for each header of which something else was said than the page showed. A form of
several lines sends lists of equal lengths, one for each field, such as `headers` and `meanings`.

Belongs here: the fields of all forms, leaving out what is as the page showed it. Does not: what a choice
makes of a layout (`sheets/layouts/choices`), showing the page and saving (`layout_page`).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.errors import InputError, WrongUseError
from jira_pipeline.sheets.layouts.area_choices import title_below
from jira_pipeline.sheets.layouts.choice_words import choices_words
from jira_pipeline.sheets.layouts.choices import (
    Choice,
    LeaveOutWorksheets,
    SetConstant,
    SetName,
    choice_of,
)
from jira_pipeline.sheets.layouts.header_offers import UNUSED
from jira_pipeline.sheets.layouts.layout import LIST_MAX_COUNT, TEXT_MAX_CHARACTERS
from jira_pipeline.sheets.layouts.proposing import ABOUT_THE_DOCUMENT
from jira_pipeline.sheets.layouts.table_shapes import FORM, LINES_OF_TEXT, TITLE, TYPED_SHAPES
from jira_pipeline.sheets.layouts.text_worksheets import EXPLAINS as IT_EXPLAINS_OTHERS

NOTHING = "-"
"""In place of a meaning: somebody said that the word, name or line means nothing."""
LEAVE_OUT = "leave_out"
"""In place of what a worksheet lists: the worksheet is not part of the specification."""
EXPLAINS = "explains"
"""In place of what a worksheet lists: it says what words and colours of other worksheets mean."""
ROW_MAX = 10_000_000
"""More than the rows of any spreadsheet program: a number above it is no row."""
FormText = Annotated[str, Field(max_length=TEXT_MAX_CHARACTERS)]
FormTexts = Annotated[list[FormText], Field(max_length=LIST_MAX_COUNT)]


def with_plain_breaks(text: str) -> str:
    """Return a text with line breaks as cells have them: browsers send two characters for each."""
    return text.replace("\r\n", "\n")


class ChoiceForm(BaseModel):
    """The fields of all forms of the page; each form sends some of them.

    A field without a note is the field of that name in a choice of `sheets/layouts/choices`, as text.
    `…_shown` is what the page showed of the field before it: where both are the same, nobody said
    anything, so that a choice is only made of what was changed.
    """

    do: FormText
    """What the form does: the `do` of a choice, or a word of `choices_in` for several choices."""
    revision: Annotated[int, Field(ge=0, le=1_000_000_000)]
    """Of the draft that the page showed."""
    worksheet: FormText = ""
    shown: FormText = ""
    """The worksheet that the page shows, where the choice is about another or about all."""
    part: Annotated[str, Field(max_length=40, pattern="^[a-z-]*$")] = ""
    """The part of the page to return to."""
    row_shown: Annotated[int, Field(ge=0, le=ROW_MAX)] = 0
    """The row that the page shows to say something of; 0 where it shows none."""
    worksheets: FormTexts = []
    reason: FormText = ""
    mark_part: FormText = ""
    shape: FormText = ""
    bundle_type: FormText = ""
    header_row: FormText = ""
    header_row_shown: FormText = ""
    """What the page showed: where that stays, nobody said that something begins there."""
    header_rows: FormText = ""
    header_below: FormText = ""
    like: FormText = ""
    now: FormText = ""
    header: FormText = ""
    meaning: FormText = ""
    """What a header means: a kind and its column, such as `bundle|Type`; or `keep`, or `unused`."""
    after: FormText = ""
    before: FormText = ""
    lacking: FormText = ""
    look_up: FormText = ""
    also: FormText = ""
    """A second meaning of the header, as `meaning`; with its own `after`, `before` and `lacking`."""
    also_after: FormText = ""
    also_before: FormText = ""
    also_lacking: FormText = ""
    everywhere: bool = False
    means: FormText = ""
    holds: FormText = ""
    words: FormTexts = []
    quoted_before: FormTexts = []
    """Of each of `words`: whether the page showed it as quoted; blank for no."""
    quoted: FormTexts = []
    """The positions in `words` of those that are quoted, from 0 on."""
    counts: FormTexts = []
    counts_shown: FormTexts = []
    targets: FormTexts = []
    """`position in words|field type|what it refers to`, of a word that refers to several."""
    rows: FormText = ""
    text: FormText = ""
    texts: FormTexts = []
    become: FormText = ""
    in_worksheets: FormTexts = []
    """Other worksheets in which the choice counts for such rows, too."""
    ends: FormText = ""
    row: FormText = ""
    across: FormText = ""
    marks_in: FormText = ""
    names_in: FormText = ""
    called: FormText = ""
    """Of a matrix: its workflow, or the field that components are placed in."""
    sides: Annotated[list[FormText], Field(max_length=2)] = []
    """Of a matrix: the sides that it lists itself."""
    type_of_rows: FormText = ""
    """Of a matrix whose rows are types: their kind."""
    type_of_across: FormText = ""
    """Of a matrix whose columns are types: their kind."""
    line_row: FormTexts = []
    """Of a matrix: the row of each line above or below its header …"""
    line_column: FormTexts = []
    """… and what it says of the columns; blank where nobody said it."""
    look_header: FormTexts = []
    """Of a matrix: each header with a fill …"""
    look_colour: FormTexts = []
    """… its colour …"""
    look_means: FormTexts = []
    """… and what that means; blank where nobody said it."""
    mark: FormTexts = []
    """Each text in the cells of a matrix …"""
    mark_means: FormTexts = []
    """… what it means, blank where nobody said it …"""
    mark_count: FormTexts = []
    """… and how many values of a field it says."""
    kind: FormText = ""
    column: FormText = ""
    columns: FormTexts = []
    line: FormText = ""
    further_parts: FormTexts = []
    bar_sign: FormText = ""
    """How lines of several cells are recognised among other rows."""
    alone: bool = True
    is_first: bool = False
    is_named_above: bool = False
    has_description: bool = False
    says: FormText = ""
    kinds: FormTexts = []
    """Of each text in `texts`: what it means."""
    kind_before: FormText = ""
    names: FormText = ""
    in_brackets: FormText = ""
    separator: Annotated[FormText, AfterValidator(with_plain_breaks)] = ""
    only_marked: bool = False
    has_notes: bool = False
    """Of lines that are fields: each has a note of its own."""
    table: FormText = ""
    is_label: bool = False
    rows_of_fields: FormTexts = []
    """Rows whose fields are the title of their pages, by worksheet and number: `Fields|12`."""
    looks: FormTexts = []
    """Each fill, colour of text or line through it, `fill|FFD9D9D9` …"""
    looks_mean: FormTexts = []
    """… and what it means; blank where nobody said it."""
    is_title: bool = False
    is_sure: bool = False
    """The page said what the choice changes, and somebody agreed to it."""
    headers: FormTexts = []
    """All headers of a table; each list from here to `reasons_shown` has one value for each of them."""
    labels: Annotated[list[bool], Field(max_length=LIST_MAX_COUNT)] = []
    meanings: FormTexts = []
    """Of each of `headers`, or of each of `words`, what it means."""
    meanings_shown: FormTexts = []
    further: FormTexts = []
    """Of each of `headers`, a meaning from the list of rare ones; it counts before `meanings`."""
    afters: FormTexts = []
    befores: FormTexts = []
    lackings: FormTexts = []
    look_ups: FormTexts = []
    alsos: FormTexts = []
    also_afters: FormTexts = []
    also_befores: FormTexts = []
    reasons: FormTexts = []
    reasons_shown: FormTexts = []
    everywhere_at: Annotated[list[int], Field(max_length=LIST_MAX_COUNT)] = []
    """The positions in `headers` of those whose meaning counts in all worksheets, from 0 on."""
    shapes: FormTexts = []
    """What each of `worksheets` lists, or that it is left out; each list below has a value for each."""
    shapes_shown: FormTexts = []
    type_kinds: FormTexts = []
    """Of worksheets that list types: the kind of all of them."""
    type_kinds_shown: FormTexts = []


_FIELDS_OF_PAGE = {"revision", "is_sure", "shown", "part", "row_shown", "header_row_shown"}
"""Fields that say how the page was, and no choice has."""
_CHOICES_OF_WORKBOOK = {
    "leave_out_worksheets",
    "set_apart",
    "leave_out_comments",
    "set_looks",
    "quote_comments",
}
"""Choices about the whole workbook: the worksheet that the page shows is no part of them."""
_LISTS_OF_CHOICES = ("words", "marks", "looks")
"""Fields in which a choice lists what was chosen: where such a list is empty, nothing was."""


def choices_in(form: ChoiceForm) -> list[Choice]:
    """Return what a form says: one choice, or one for each header or worksheet that was changed.

    With nothing chosen there is none.

    Raises:
        InputError: The form lacks something, or says what no choice is.
    """
    match form.do:
        case "headers":
            return [choice_of(_choice_of_header(header)) for header in _forms_of_headers(form)]
        case "matrix":
            return [*map(choice_of, _choices_of_matrix(form))]
        case "worksheets":
            return [*_choices_of_worksheets(form)]
        case "names":
            return [*_choices_of_names(form)]
        case "texts":
            return [*_choices_of_texts(form)]
        case "divide_worksheets":
            return [*_choices_of_areas(form)]
        case "move_table":
            return [*_choices_of_moved_table(form)]
        case "set_shape" if form.shape in LINES_OF_TEXT:
            return [*_choices_of_lines(form)]
    values = _choice_in(form)
    is_empty = any(name in values and not values[name] for name in _LISTS_OF_CHOICES)
    return [] if is_empty else [choice_of(values)]


def words_of_form(form: ChoiceForm) -> str:
    """Return what a form chooses, in words; blank where it chooses nothing, or cannot be read."""
    try:
        choices = choices_in(form)
    except InputError:
        return ""
    return choices_words(choices) if choices else ""


def _choices_of_texts(form: ChoiceForm) -> Iterator[Choice]:
    """Yield the choices of the form about all worksheets of text: what their lines are."""
    if not form.worksheets:
        raise InputError("No worksheet was chosen, so nothing was saved. Choose at least one.")
    if form.shape == EXPLAINS:
        yield _explaining_worksheets(form.worksheets)
        return
    if form.shape == LEAVE_OUT:
        yield LeaveOutWorksheets(worksheets=tuple(form.worksheets), reason=ABOUT_THE_DOCUMENT)
        return
    for worksheet in form.worksheets:
        yield choice_of({"do": "set_shape", "worksheet": worksheet, "shape": form.shape})


def _explaining_worksheets(worksheets: Sequence[str]) -> LeaveOutWorksheets:
    return LeaveOutWorksheets(
        worksheets=tuple(worksheets), reason=IT_EXPLAINS_OTHERS, explains=True
    )


def _choices_of_moved_table(form: ChoiceForm) -> Iterator[Choice]:
    """Yield the two choices that move a table: it is removed, and added below another header."""
    about = {"worksheet": form.worksheet}
    yield choice_of({"do": "remove_table", **about, "table": form.table})
    of_table = {"shape": form.shape, "bundle_type": form.bundle_type}
    yield choice_of({"do": "add_table", **about, **of_table, "header_row": form.header_row})


def _choices_of_lines(form: ChoiceForm) -> Iterator[Choice]:
    """Yield the choice that each row of a worksheet is a line of text.

    Where somebody named another first row, only the rows from there on are lines. Lines have no header
    that could begin there, so the worksheet is divided first: the rows above are an area of their own.
    """
    worksheet = form.worksheet
    if form.header_row not in {"", "1", form.header_row_shown}:
        yield choice_of({"do": "divide_worksheet", "worksheet": worksheet, "row": form.header_row})
        worksheet = title_below(worksheet)
    yield choice_of({"do": "set_shape", "worksheet": worksheet, "shape": form.shape})


def _choices_of_areas(form: ChoiceForm) -> Iterator[Choice]:
    """Yield a choice for each worksheet that is ticked: the tables beside each other are parted.

    A tick box sends `worksheet|row|columns`, such as `Fields|3|A:F,H:K`; the row may be blank.
    """
    if not form.worksheets:
        raise InputError("No worksheet was ticked, so nothing was saved. Tick at least one.")
    for division in form.worksheets:
        title_and_row, _, columns = division.rpartition("|")
        worksheet, _, row = title_and_row.rpartition("|")
        fields: dict[str, Any] = {"worksheet": worksheet, "columns": columns.split(",")}
        yield choice_of({"do": "divide_worksheet", **fields, "row": row or None})


def _choices_of_worksheets(form: ChoiceForm) -> Iterator[Choice]:
    """Yield a choice for each worksheet of which something else is said than the page showed."""
    columns = (
        form.worksheets,
        form.shapes,
        form.shapes_shown,
        form.type_kinds,
        form.type_kinds_shown,
    )
    if len({len(column) for column in columns}) > 1:
        raise InputError(
            "The worksheets were not sent whole, so nothing was saved. Load the page again."
        )
    for worksheet, shape, shape_shown, kind, kind_shown in zip(*columns, strict=True):
        has_types = shape.removeprefix(FORM) in TYPED_SHAPES
        if shape == EXPLAINS and shape_shown != EXPLAINS:
            yield _explaining_worksheets([worksheet])
        elif shape == LEAVE_OUT and shape_shown != LEAVE_OUT:
            yield LeaveOutWorksheets(
                worksheets=(worksheet,), reason=form.reason or ABOUT_THE_DOCUMENT
            )
        elif shape not in {"", LEAVE_OUT, EXPLAINS, shape_shown}:
            fields = _fields_of_shape({"do": "set_shape", "shape": shape})
            bundle_type = kind if has_types else ""
            yield choice_of({**fields, "worksheet": worksheet, "bundle_type": bundle_type})
        elif shape and has_types and kind != kind_shown:
            # No new shape: only the kind of its types changes, and its headers mean the same.
            yield SetConstant(
                worksheet=worksheet,
                kind=EntityKind.BUNDLE.value,
                column="Type",
                text="" if kind == TITLE else kind,
                is_title=kind == TITLE,
            )


def _choices_of_names(form: ChoiceForm) -> Iterator[Choice]:
    """Yield a choice for each name that no table lists, where somebody said what it means."""
    for kind, name, means in zip(form.kinds, form.texts, form.meanings, strict=False):
        if means:
            yield SetName(kind=kind, name=name, means=means)


_FIELDS_OF_SET_FORM = {"do", "worksheet", "shape", "bundle_type"}
"""All fields that the choice `set_form` has."""


def _fields_of_shape(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `set_shape`, or of `set_form` where the shape begins with `FORM`.

    The page offers both in one list: a table, and blocks with labels on the left.
    """
    shape = fields.get("shape", "")
    if not shape.startswith(FORM):
        return {**fields}
    of_form = {name: value for name, value in fields.items() if name in _FIELDS_OF_SET_FORM}
    return {**of_form, "do": "set_form", "shape": shape.removeprefix(FORM)}


def _choices_of_matrix(form: ChoiceForm) -> Iterator[dict[str, Any]]:
    """Yield the fields of each choice about a matrix.

    First which of its sides list things, then what the lines beside its header say of these things,
    then what the fills of its headers say.
    """
    about: dict[str, Any] = {"worksheet": form.worksheet}
    of_table = {**about, "table": form.table or 1}
    types = {"rows": form.type_of_rows, "across": form.type_of_across}
    for side in form.sides:
        listed = {"do": "set_listed", "side": side, "bundle_type": types.get(side, "")}
        yield {**of_table, **listed}
    for row, column in zip(form.line_row, form.line_column, strict=False):
        if column:
            says = "" if column == NOTHING else column
            yield {**of_table, "do": "set_column_line", "row": row, "column": says}
    looks = zip(form.look_header, form.look_colour, form.look_means, strict=False)
    for header, colour, means in looks:
        if means:
            fill = {"do": "set_colour", "header": header, "colour": colour, "means": means}
            yield {**about, **fill}


_LISTS_OF_HEADERS: Mapping[str, str] = {
    "header": "headers",
    "is_label": "labels",
    "meaning": "meanings",
    "reason": "reasons",
    "after": "afters",
    "before": "befores",
    "lacking": "lackings",
    "look_up": "look_ups",
    "also": "alsos",
    "also_after": "also_afters",
    "also_before": "also_befores",
}
"""The field of a form about one header, and its list in a form about all headers of a table."""
_FIELDS_SHOWN_BLANK = ("after", "before", "lacking", "look_up", "also", "also_after", "also_before")
"""Fields that the page always shows blank: where one is filled in, somebody said something."""


def _forms_of_headers(form: ChoiceForm) -> Iterator[ChoiceForm]:
    """Yield a form about one header, for each of a table of which something else is said than shown."""
    fields = form.model_dump()
    columns = [fields[name] for name in _LISTS_OF_HEADERS.values()]
    further_columns = (form.meanings_shown, form.further, form.reasons_shown)
    lengths = {len(column) for column in (*columns, *further_columns)}
    if len(lengths) > 1:
        raise InputError(
            "The headers were not sent whole, so nothing was saved. Load the page again."
        )
    for position, values in enumerate(zip(*columns, strict=True)):
        of_header = dict(zip(_LISTS_OF_HEADERS, values, strict=True))
        # A rare meaning is chosen in a list of its own; it counts before the one shown.
        of_header["meaning"] = form.further[position] or of_header["meaning"]
        is_as_shown = of_header["meaning"] in {form.meanings_shown[position], ""}
        if of_header["meaning"] == UNUSED and of_header["reason"] != form.reasons_shown[position]:
            is_as_shown = False
        if is_as_shown and not any(of_header[part] for part in _FIELDS_SHOWN_BLANK):
            continue
        # A header that is ignored here may be what another worksheet is about.
        is_ignored = of_header["meaning"] == UNUSED
        of_header["everywhere"] = position in form.everywhere_at and not is_ignored
        yield ChoiceForm(do="header", revision=form.revision, worksheet=form.worksheet, **of_header)


def _choice_in(form: ChoiceForm) -> dict[str, Any]:
    """Return the fields of the one choice that a form makes."""
    about = {"do": form.do, "worksheet": form.worksheet}
    match form.do:
        case "header":
            return _choice_of_header(form)
        case "set_words":
            return {"do": form.do, "words": [*_words_in(form)]}
        case "set_looks":
            return {"do": form.do, "looks": [*_looks_in(form)]}
        case "set_marks":
            return {**about, "marks": [*_marks_in(form)]}
        case "set_title":
            return {**about, "rows": [*_rows_of_fields_in(form)]}
        case _:
            return _choice_with_fields_of(form)


def _choice_with_fields_of(form: ChoiceForm) -> dict[str, Any]:
    """Return the fields of a choice that are called as those of its form, and rename the few others."""
    fields = form.model_dump(exclude_defaults=True, exclude=_FIELDS_OF_PAGE)
    if form.do in _CHOICES_OF_WORKBOOK:
        fields.pop("worksheet", None)
    if form.do == "set_shape":
        fields = _fields_of_shape(fields)
    if form.kinds:
        fields["kinds"] = dict(zip(fields.pop("texts", ()), form.kinds, strict=False))
    if form.do == "set_constant" and form.meaning:
        fields["kind"], _, fields["column"] = fields.pop("meaning", "").partition("|")
    if form.do == "set_rows":
        fields["also"] = fields.pop("in_worksheets", [])
    if form.means == NOTHING:
        fields["means"] = ""
    if form.now == NOTHING:
        fields["now"] = ""
    return fields


def _words_in(form: ChoiceForm) -> Iterator[dict[str, Any]]:
    """Yield the fields of a choice for each word of which something else is said than the page showed.

    Raises:
        WrongUseError: The lists of the form are not of equal lengths.
    """
    blank = [""] * len(form.words)
    counts = form.counts or blank
    counts_shown = form.counts_shown or blank
    columns = (form.meanings, form.meanings_shown, form.quoted_before, counts, counts_shown)
    if any(len(column) != len(form.words) for column in columns):
        raise WrongUseError("The form is not whole: load the page again, and choose once more.")
    # `field type|what it refers to`, of words that refer to several things, by position in `words`.
    targets: dict[str, list[str]] = defaultdict(list)
    for text in form.targets:
        position_text, _, type_and_target = text.partition("|")
        targets[position_text].append(type_and_target)
    for position, word in enumerate(form.words):
        meaning = form.meanings[position]
        targets_of_word = targets[str(position)]
        if targets_of_word:
            meaning = targets_of_word[0]
        is_quoted = str(position) in form.quoted
        is_as_shown = (
            not targets_of_word
            and meaning == form.meanings_shown[position]
            and counts[position] == counts_shown[position]
            and is_quoted == bool(form.quoted_before[position])
        )
        if not meaning or is_as_shown:
            continue
        means, _, target = meaning.partition("|")
        refers_to = [text.partition("|")[2] for text in targets_of_word] or [target]
        yield {
            "holds": form.holds,
            "word": with_plain_breaks(word),
            "means": "" if means == NOTHING else means,
            "refers_to": [*filter(None, refers_to)],
            "count": counts[position],
            "is_quoted": is_quoted,
        }


def _rows_of_fields_in(form: ChoiceForm) -> Iterator[dict[str, Any]]:
    for worksheet_and_row in form.rows_of_fields:
        worksheet, _, row = worksheet_and_row.rpartition("|")
        yield {"worksheet": worksheet, "row": row}


def _looks_in(form: ChoiceForm) -> Iterator[dict[str, str]]:
    """Yield what each look of cells means: a fill, a colour of text or a line through it.

    A look that nobody said anything about is left out.

    Raises:
        WrongUseError: The lists of the form are not of equal lengths.
    """
    if len(form.looks) != len(form.looks_mean):
        raise WrongUseError("The form is not whole: load the page again, and choose once more.")
    for look_and_colour, means in zip(form.looks, form.looks_mean, strict=True):
        if means:
            look, _, colour = look_and_colour.partition("|")
            yield {"look": look, "colour": colour, "means": means}


def _marks_in(form: ChoiceForm) -> Iterator[dict[str, str]]:
    """Yield what each mark of a table means, and leave out those that nobody said anything about."""
    counts = form.mark_count or [""] * len(form.mark)
    for mark, means, count in zip(form.mark, form.mark_means, counts, strict=False):
        if means:
            yield {"text": mark, "means": means, "count": count}


def _choice_of_header(form: ChoiceForm) -> dict[str, Any]:
    """Return the fields of the choice about one header: keep it, ignore it, or what it means."""
    about = {
        "worksheet": form.worksheet,
        "header": form.header,
        "is_label": form.is_label,
        "everywhere": form.everywhere,
    }
    if form.meaning == "keep":
        return {**about, "do": "keep_header"}
    if form.meaning == UNUSED:
        return {**about, "do": "leave_out_header", "reason": form.reason}
    meanings = [_meaning(form.meaning, form.after, form.before, form.lacking)]
    meanings[0]["look_up"] = form.look_up
    if form.also:
        meanings.append(_meaning(form.also, form.also_after, form.also_before, form.also_lacking))
    return {**about, "do": "set_meaning", "meanings": meanings}


def _meaning(kind_and_column: str, after: str, before: str, lacking: str) -> dict[str, str | None]:
    kind, _, column = kind_and_column.partition("|")
    return {
        "kind": kind,
        "column": column,
        "after": after,
        "before": before,
        "lacking": lacking or None,
    }
