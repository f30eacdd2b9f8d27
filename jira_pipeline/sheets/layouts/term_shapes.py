"""Lists of words (vocabularies with their terms): the region that a worksheet of them is.

Belongs here: the three ways in which people write such lists, and which column holds what at first.
Does not: which term is below which (`term_reading`), other tables (`table_shapes`), what a page offers about
lists (`term_offers`).

What is decided here is where cells are, and words of headers from a closed set; people see what it
gives, and say of each header what else it means.
"""

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace

from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.entities import BundleType
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.drafts import REMARKS
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import (
    Fill,
    Gathering,
    Marks,
    MatrixSide,
    Per,
    Region,
    RowRule,
    TermPart,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import changed
from jira_pipeline.sheets.layouts.record_drafts import (
    BUNDLE,
    TERMS,
    RecordDraft,
    columns_by_dictionary,
    keep_value,
    keys_of,
    note_column,
)
from jira_pipeline.sheets.layouts.table_headers import (
    COLUMNS_MIN,
    NamedColumn,
    TableHeader,
    letters_name,
)
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.reading.translations import plain_letters

TERMS_BY_LINE = "Terms:\n{}"
"""How a vocabulary notes its terms, each in a line."""
LINES_BELOW_MAX = 3
"""As many rows below a header as a layout can name."""
_NAME_OF_LIST = "name"
"""In a begin: the part that is the name of the list."""
_LIST_WORDS = frozenset(
    {"vocabulary", "vocabularies", "taxonomy", "taxonomies", "list", "listname", "nameoflist"}
    | {"termlist", "listofterms", "wordlist", "listofwords", "voc", "vocab", "vocabularyname"}
)
_TERM_WORDS = frozenset(
    {"term", "terms", "word", "words", "tag", "tags", "value", "values", "item", "items"}
    | {"entry", "entries", "option", "options", "termname", "nameofterm", "mainterm", "topterm"}
)
_PARENT_WORDS = frozenset(
    {"parent", "parentterm", "belongsto", "below", "under", "childof", "broader", "broaderterm"}
    | {"isbelow", "isunder", "upperterm", "higherterm", "partof"}
)
"""Headers and labels as `plain_letters` reduces them."""


# ---------------------------------------------------------------- one list in each column


def region_of_lists_in_columns(
    grids: Sequence[Grid], header: TableHeader, lists_in: AbstractSet[int]
) -> Region:
    """Return the region of lists with their names in the header; `lists_in` are their columns, if said.

    A first column may say what the rows are: one of its labels is a word for terms then.
    """
    labels = _labels_of_rows(grids, header, lists_in)
    lists = [column for column in header.columns if column.column in lists_in or not lists_in]
    if labels is not None:
        lists = [column for column in lists if column.column != labels.column.column]
    if not lists:
        raise WrongUseError("No column is left for the lists: say in which columns they are.")
    below_count = header.span.below_count if labels is None else labels.lines_count
    name = Value(header=header.span.named_count)
    first_below = header.span.named_count + 1
    lines = [Value(header=first_below + at) for at in range(below_count)]
    terms = _record_of_terms(name, [Value(mark=True, term=TermPart.TERM)])
    if lines:
        terms.columns[REMARKS] = tuple(lines)
    if labels is not None:
        terms = replace(terms, other_fields={**terms.other_fields, "when": (labels.rule_of_terms,)})
    records = [terms]
    if labels is not None and labels.texts_of_notes:
        records.append(_record_of_notes(labels, name))
    return Region(
        name=grids[0].title,
        header_rows=header.span.named_count,
        header_below=below_count,
        repeats=True,
        marks=Marks(headers=tuple(column.name for column in lists), across=MatrixSide.TYPES),
        unused={} if labels is None else {labels.column.name: "it says what its rows are"},
        records=tuple(draft.built() for draft in records),
    )


_VOCABULARY = Value(text=BundleType.VOCABULARY.value)


def _record_of_terms(name: Value, values: Sequence[Value]) -> RecordDraft:
    """Return a record of the terms of rows, of which those of one list are one thing."""
    terms = Gathering(between="\n", wording=TERMS_BY_LINE)
    return RecordDraft(
        kind=BUNDLE,
        columns={"Name": (name,), "Type": (_VOCABULARY,), note_column(BUNDLE): tuple(values)},
        other_fields={
            "per": Per.TERM,
            "same_by": keys_of(BUNDLE),
            "needs": ("Name",),
            "gather": {note_column(BUNDLE): terms, REMARKS: Gathering()},
        },
    )


@dataclass(frozen=True, slots=True)
class _RowLabels:
    """A column left of lists that says what each row is."""

    column: NamedColumn
    lines_count: int
    """Rows between the header and the first terms."""
    text_of_terms: str
    """The label of the first row of terms; those below it have none."""
    texts_of_notes: tuple[str, ...]
    """Labels of rows below the terms, which say more of each list."""

    @property
    def rule_of_terms(self) -> RowRule:
        return RowRule(column=self.column.name, texts=("", self.text_of_terms))


def _labels_of_rows(
    grids: Sequence[Grid], header: TableHeader, lists_in: AbstractSet[int]
) -> _RowLabels | None:
    """Return the labels in the first column, where one of them is a word for terms; else None."""
    first = header.columns[0]
    if len(header.columns) < COLUMNS_MIN or first.column in lists_in:
        return None
    top = header.span.names_row + 1
    texts = {
        row: cells[first.column]
        for row, cells in grids[0].texts_by_row.items()
        if row >= top and first.column in cells
    }
    start = next((row for row, text in texts.items() if plain_letters(text) in _TERM_WORDS), None)
    if start is None or start - top > LINES_BELOW_MAX:
        return None
    notes: dict[str, None] = {}
    for row, text in texts.items():
        if row <= start:
            continue
        if grids[0].rows[row] == (first.column,):
            break  # a line may begin something else
        notes[text] = None
    return _RowLabels(first, start - top, texts[start], tuple(notes))


def _record_of_notes(labels: _RowLabels, name: Value) -> RecordDraft:
    """Return a record of what rows with a label say of each list."""
    labelled = Value(parts=(Value(column=labels.column.name), Value(mark=True)), between=": ")
    return RecordDraft(
        kind=BUNDLE,
        columns={"Name": (name,), "Type": (_VOCABULARY,), REMARKS: (labelled,)},
        other_fields={
            "per": Per.MARK,
            "when": (RowRule(column=labels.column.name, texts=labels.texts_of_notes),),
            "same_by": keys_of(BUNDLE),
            "gather": {REMARKS: Gathering()},
        },
    )


# ---------------------------------------------------------------- names beside the terms


def region_of_lists_beside(grids: Sequence[Grid], header: TableHeader) -> Region:
    """Return the region of rows that are terms, each list with its name beside the first of them."""
    columns = header.columns
    if len(columns) < COLUMNS_MIN:
        raise WrongUseError(
            "Such a table needs a column with the names of the lists, and one of terms."
        )
    name = next((column for column in columns if _is_called(column, _LIST_WORDS)), columns[0])
    others = [column for column in columns if column is not name]
    term = next((column for column in others if _is_called(column, _TERM_WORDS)), others[0])
    below = _columns_below_terms(grids, header, name, term)
    named = Value(column=name.name, fill=Fill.ABOVE)
    terms = _record_of_terms(named, _values_of_terms([column.name for column in (term, *below)]))
    taken = {column.name for column in (name, term, *below)}
    for column in columns:
        if column.name not in taken:
            _put_beside(terms, column, grids, header, name)
    return Region(
        name=grids[0].title,
        header=(name.name, term.name),
        header_rows=header.span.named_count,
        header_below=header.span.below_count,
        repeats=True,
        records=(terms.built(),),
    )


def has_column_of_lists(header: TableHeader) -> bool:
    """Tell whether a header is a word for lists of words: their names are below it."""
    return any(_is_called(column, _LIST_WORDS) for column in header.columns)


def _is_called(column: NamedColumn, words: AbstractSet[str]) -> bool:
    return plain_letters(column.header) in words


def _values_of_terms(headers: Sequence[str]) -> list[Value]:
    """Return the values of columns with terms, each below those of the one before."""
    first, *others = headers
    values = [Value(column=first, term=TermPart.TERM)]
    values += [Value(column=header, term=TermPart.BELOW) for header in others]
    return values


def _columns_below_terms(
    grids: Sequence[Grid], header: TableHeader, name: NamedColumn, term: NamedColumn
) -> list[NamedColumn]:
    """Return the columns right of the terms in which rows begin: their terms are below others."""
    begins: set[int] = set()
    for grid in grids:
        for row, cells in grid.texts_by_row.items():
            if row >= header.span.rows.stop:
                begins |= {*[column for column in cells if column != name.column][:1]}
    below: list[NamedColumn] = []
    for column in header.columns:
        if column.column <= term.column or column is name:
            continue
        if _is_called(column, _PARENT_WORDS) or column.column not in begins:
            break
        below.append(column)
    return below


def _put_beside(
    draft: RecordDraft,
    column: NamedColumn,
    grids: Sequence[Grid],
    header: TableHeader,
    name: NamedColumn,
) -> None:
    """Let a column say more of each term, or of the list where it does so only beside the names."""
    note = note_column(BUNDLE)
    if _is_called(column, _PARENT_WORDS):
        parent = Value(column=column.name, term=TermPart.PARENT)
        draft.columns[note] = (*draft.columns[note], parent)
        return
    if not _is_only_beside_names(column, grids, header, name):
        draft.columns[note] = (*draft.columns[note], detail_of_term(Value(column=column.name)))
        return
    by_dictionary = columns_by_dictionary(BUNDLE, [column])
    if MACHINE_NAME_COLUMN in by_dictionary:
        draft.columns[MACHINE_NAME_COLUMN] = by_dictionary[MACHINE_NAME_COLUMN]
    else:
        keep_value(draft, Value(column=column.name))


PARTS_OF_TERMS: Mapping[str, TermPart] = {
    TERMS: TermPart.TERM,
    "Terms below": TermPart.BELOW,
    "Parent term": TermPart.PARENT,
    "Details of the term": TermPart.DETAIL,
}
"""What a header of a list of words may mean beside the columns of types."""
NAMES_OF_PARTS = {part: name for name, part in PARTS_OF_TERMS.items()}


def put_part_of_term(draft: RecordDraft, part: TermPart, source: Value) -> None:
    """Let a column hold terms, those below them, or more about them; one column has the upper terms."""
    note = note_column(BUNDLE)
    before = draft.columns.get(note, ())
    if part is TermPart.DETAIL:
        draft.columns[note] = (*before, detail_of_term(source))
        return
    value = changed(source, term=part)
    if part is TermPart.BELOW:
        draft.columns[note] = (*before, value)
        return
    others = tuple(other for other in before if other.term is not part)
    draft.columns[note] = (value, *others)


def detail_of_term(value: Value) -> Value:
    """Return a value that says more of the term of its row, with its header."""
    header = (value.column or "").replace("{", "").replace("}", "")
    fields = {**value.model_dump(exclude_unset=True, by_alias=True), "term": TermPart.DETAIL}
    if not header.startswith("$"):
        fields["as"] = f"{header}: {{}}"
    return Value.model_validate(fields)


def _is_only_beside_names(
    column: NamedColumn, grids: Sequence[Grid], header: TableHeader, name: NamedColumn
) -> bool:
    """Tell whether a column is blank in rows that go on with a list, and lists have several rows."""
    has_several = False
    before = ""
    for grid in grids:
        for row, cells in grid.texts_by_row.items():
            if row < header.span.rows.stop:
                continue
            text = normal(cells.get(name.column, ""))
            goes_on = not text or text == before
            before = text or before
            has_several = has_several or goes_on
            if goes_on and column.column in cells:
                return False
    return has_several


# ---------------------------------------------------------------- names above the terms


def region_of_lists_below_names(grids: Sequence[Grid]) -> Region:
    """Return the region of lists one below the other, a blank row between, each below its name."""
    rule = RowRule(paragraph=True, like=f"{{{_NAME_OF_LIST}}}")
    columns = _columns_by_use(grids)
    if not columns.terms:
        raise WrongUseError(
            "No row has its first text below the name of a list: such lists have a blank row between "
            "them."
        )
    name = Value(heading=_NAME_OF_LIST)
    values = _values_of_terms([*map(letters_name, columns.terms)])
    for header in map(letters_name, columns.beside_terms):
        values.append(detail_of_term(Value(column=header)))
    records = [_record_of_terms(name, values)]
    if columns.beside_names:
        records.append(_record_beside_name(name, [*map(letters_name, columns.beside_names)]))
    return Region(
        name=grids[0].title,
        begins=rule,
        repeats=True,
        ends="blank",
        records=tuple(draft.built() for draft in records),
    )


def _record_beside_name(name: Value, headers: Sequence[str]) -> RecordDraft:
    """Return a record of what is beside the name of a list: it is about all of the list."""
    cells = tuple(Value(column=header) for header in headers)
    return RecordDraft(
        kind=BUNDLE,
        columns={"Name": (name,), "Type": (_VOCABULARY,), REMARKS: cells},
        other_fields={"per": Per.BLOCK, "same_by": keys_of(BUNDLE), "needs": (REMARKS,)},
    )


@dataclass(frozen=True, slots=True)
class _ColumnsOfLists:
    """Which columns hold what in lists below their names."""

    terms: tuple[int, ...]
    beside_terms: tuple[int, ...]
    """Those with more about a term."""
    beside_names: tuple[int, ...]
    """Those with more about a list."""


def _columns_by_use(grids: Sequence[Grid]) -> _ColumnsOfLists:
    terms: set[int] = set()
    others: set[int] = set()
    beside_names: set[int] = set()
    for grid in grids:
        for paragraph in paragraphs_of(grid):
            name_row, *rows = paragraph
            beside_names |= {*grid.rows[name_row][1:]}
            for row in rows:
                terms.add(grid.rows[row][0])
                others |= {*grid.rows[row][1:]}
    return _ColumnsOfLists(
        tuple(sorted(terms)), tuple(sorted(others - terms)), tuple(sorted(beside_names))
    )


def paragraphs_of(grid: Grid) -> Iterator[list[int]]:
    """Yield the rows between blank ones, where there are several."""
    rows: list[int] = []
    for row, columns in grid.rows.items():
        if not columns:
            continue
        if rows and row > rows[-1] + 1:
            if len(rows) > 1:
                yield rows
            rows = []
        rows.append(row)
    if len(rows) > 1:
        yield rows
