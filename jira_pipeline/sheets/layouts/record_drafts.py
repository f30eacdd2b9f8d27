"""Records of a layout while they are made: columns of a kind that headers are known to mean.

Belongs here: a record whose columns change, what the dictionary says of headers, cells that are kept in
the sheet's own words. Does not: which records a table has (`table_shapes`, `matrices`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jira_pipeline.drupal.columns import columns_of, label_column_of
from jira_pipeline.model.columns import STATUS_COLUMN, Holds
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sheets.layouts.drafts import REMARKS
from jira_pipeline.sheets.layouts.layout import CUSTOM, HELPER, LETTER, Per, Record, Value
from jira_pipeline.sheets.layouts.layout_parts import changed
from jira_pipeline.sheets.layouts.proposing import named_apart, region_of_kind
from jira_pipeline.sheets.layouts.table_headers import NamedColumn
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.reading.sheet_kinds import known_columns, normalised, rule_of

BUNDLE = EntityKind.BUNDLE.value
FIELD = EntityKind.FIELD.value
TERMS = "Terms"
"""What a header of types may mean: the terms of a vocabulary, which are a note of it."""
TERMS_WORDING = "Terms: {}"
FIELD_DETAILS = "details of fields"
"""The helper in which other sheets look up what it says of a field."""
_BEFORE_PERSONS = " for "
"""A header says after it for whom something is."""
_STATUS_WORD = "Status"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDraft:
    """A record while its columns are changed."""

    kind: str
    columns: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    own: list[str] = field(default_factory=list)
    other_fields: Mapping[str, object] = field(default_factory=dict)
    """What else the record says, by its names."""

    def built(self) -> Record:
        """Return the record; where no header means a column of its kind, the first is a note."""
        columns = dict(self.columns)
        own = [*self.own]
        if not columns and own:
            columns[note_column(self.kind)] = (Value(column=own.pop(0)),)
        if not columns:
            # A record has a column: until a header names its things, it makes none.
            columns[label_column_of(self.kind) or note_column(self.kind)] = (Value(text=""),)
        whole = {**self.other_fields, "into": self.kind, "columns": columns, "own": tuple(own)}
        return Record.model_validate(whole)


def draft_of(record: Record) -> RecordDraft:
    others = record.model_fields_set - {"into", "columns", "own"}
    return RecordDraft(
        kind=record.into,
        columns=dict(record.columns),
        own=[*record.own],
        other_fields={name: getattr(record, name) for name in others},
    )


def kind_of_columns(draft: RecordDraft) -> str:
    """Return the kind whose columns a record has; details of fields have those of fields."""
    return FIELD if draft.other_fields.get("sheet") == FIELD_DETAILS else draft.kind


def kind_of_record(record: Record) -> str:
    """Return the kind whose columns a record of a layout has."""
    return FIELD if record.sheet == FIELD_DETAILS else record.into


def holds_of(record: Record, name: str) -> Holds:
    """Return what the cells of a record hold in one of its columns."""
    for column in columns_of(kind_of_record(record)):
        if column.name == name:
            return column.holds
    return Holds.ANYTHING


def note_column(kind: str) -> str:
    """Return the column of a kind that takes whatever else a row says."""
    names = {column.name for column in columns_of(kind)}
    return "Settings/notes" if "Settings/notes" in names else "Notes"


def columns_by_dictionary(kind: str, header: Sequence[NamedColumn]) -> dict[str, tuple[Value, ...]]:
    """Return the columns of a kind that some headers are known to mean.

    Beside the dictionary, a header that is the kind's own word names its things (`Role`), one that
    begins with it is the column after it (`Role machine name`), and one that says for whom is the
    column before that (`Mandatory for authors?`). A status is how far things are.
    """
    headers = [column.header for column in header]
    region = region_of_kind(EntityKind(kind), headers)
    name_of = dict(zip(named_apart(headers), (column.name for column in header), strict=True))
    columns = {
        name: tuple(changed(value, column=name_of[value.column or ""]) for value in values)
        for name, values in region.records[0].columns.items()
    }
    taken = {value.column for values in columns.values() for value in values}
    for column in header:
        if column.name in taken:
            continue
        name = _column_after_word(kind, column.header)
        if name is None:
            name = _column_of_words(kind, column.header)
        if name is not None and name not in columns:
            columns[name] = (Value(column=column.name),)
    return columns


def _column_after_word(kind: str, header: str) -> str | None:
    rule = rule_of(EntityKind(kind))
    if rule is None:
        return None
    word = normalised(header)
    for own in sorted((file_word.removesuffix("s") for file_word in rule.file_words), key=len):
        if word == own:
            return rule.label_column
        if word.startswith(own):
            return known_columns(rule).get(word.removeprefix(own))
    return None


def _column_of_words(kind: str, header: str) -> str | None:
    """Return the column that a header names before it says for whom, or the status."""
    rule = rule_of(EntityKind(kind))
    if rule is None:
        return None
    before, separator, _ = header.casefold().partition(_BEFORE_PERSONS)
    column = known_columns(rule).get(normalised(before)) if separator else None
    if column is None and normalised(header).endswith(normalised(_STATUS_WORD)):
        return STATUS_COLUMN
    return column


def record_of_kind(kind: str, header: Sequence[NamedColumn]) -> RecordDraft:
    """Return a record of each row that names a thing of a kind; unknown headers stay its own."""
    columns = columns_by_dictionary(kind, header)
    used = {value.column for values in columns.values() for value in values}
    own = [column.name for column in header if column.name not in used]
    naming = tuple(name for name in naming_columns(kind) if name in columns)
    draft = RecordDraft(kind=kind, columns=columns, other_fields={"needs_any": naming})
    for name in own:
        keep_value(draft, Value(column=name))
    return draft


def naming_columns(kind: str) -> tuple[str, ...]:
    """Return the columns of which one has to be filled for a row to be a thing of a kind."""
    rule = None if kind == HELPER else rule_of(EntityKind(kind))
    return () if rule is None else rule.identifying


def naming_headers(drafts: Sequence[RecordDraft]) -> list[str]:
    """Return the headers that name the things of a table."""
    headers: list[str] = []
    for draft in drafts:
        for name in naming_columns(draft.kind):
            headers += [value.column for value in draft.columns.get(name, ()) if value.column]
    return headers


def keep_value(draft: RecordDraft, value: Value) -> None:
    """Keep what is below a header or beside a label in the sheet's own words.

    A header stays a column of its own. A label, and a header that is called like a column of the kind
    and is not that, goes to the notes with its name.
    """
    kind = draft.kind
    header = value.column or value.pair or ""
    if kind in {CUSTOM, HELPER}:
        draft.columns[header] = (value,)
        return
    names = {normal(column.name) for column in columns_of(kind)}
    is_of_terms = draft.other_fields.get("per") is Per.TERM
    # rows of a list of words say more of one thing, whose notes are its terms
    note = REMARKS if is_of_terms else note_column(kind)
    if header.startswith(LETTER):
        # A column without a header has no words of its own.
        draft.columns[note] = (*draft.columns.get(note, ()), value)
        return
    if value.column is not None and normal(header) not in names and not is_of_terms:
        draft.own.append(header)
        return
    named = changed(value, wording=f"{header.replace('{', '').replace('}', '')}: {{}}")
    draft.columns[note] = (*draft.columns.get(note, ()), named)


def keys_of(kind: str) -> tuple[str, ...]:
    """Return the columns by which rows of a kind are the same thing."""
    label = label_column_of(kind)
    return tuple(filter(None, (label, "Type" if kind == BUNDLE else None)))
