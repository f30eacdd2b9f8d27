"""Rows of fields that are the title every item has anyway, under a name of its own.

Belongs here: which rows may be it, and what a layout becomes where somebody says so. Does not: the
words by which a row says it (`title_words`), which fields every item has (`drupal/meaning`). Nothing
is a title by guess: its row is offered.
"""

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

from jira_pipeline.drupal.columns import label_column_of, owner_column_of
from jira_pipeline.model.entities import AnyBundleType, BundleType
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.applying import CanonicalRow, apply_layout
from jira_pipeline.sheets.layouts.choices import SetTitle
from jira_pipeline.sheets.layouts.codes import CODE_COLUMNS
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import Layout, Record, Region, SheetLayout, Value
from jira_pipeline.sheets.layouts.layout_parts import changed, declared_sheet, sheets_with
from jira_pipeline.sheets.layouts.record_drafts import BUNDLE, FIELD
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.layouts.title_words import TITLE_TYPE, TYPE_COLUMN, says_it_is_title
from jira_pipeline.sheets.reading.labels import bundle_type_of, split_bundle_label

_LABEL_COLUMN = label_column_of(FIELD) or ""
_OWNER = owner_column_of(FIELD)
_OWNER_COLUMN = _OWNER.name if _OWNER else ""
_BETWEEN = ": "
"""Between what a row belongs to and what its field is called."""
_WITHOUT_TITLE = frozenset({BundleType.PARAGRAPH, BundleType.WEBFORM})
"""Source: core and contrib entity types without the entity key `label`, or whose fields are no own."""


@dataclass(frozen=True, slots=True)
class TitleOffer:
    """A row whose field is the title, as it says."""

    worksheet: str
    row: int
    """As its worksheet shows it."""
    owner: str
    label: str
    note: str


def title_offers(rows: Sequence[CanonicalRow], titles: Sequence[str]) -> list[TitleOffer]:
    """Return the rows of some worksheets that say that their field is the title, each once."""
    offers: list[TitleOffer] = []
    for of_row in _rows_that_may_be_title(rows):
        first = of_row[0]
        if first.worksheet not in titles or first.cells.get(TYPE_COLUMN) == TITLE_TYPE:
            continue
        notes = [
            text
            for column, text in first.cells.items()
            if column != _LABEL_COLUMN and says_it_is_title(text)
        ]
        if notes:
            owners = dict.fromkeys(row.cells.get(_OWNER_COLUMN, "") for row in of_row)
            offer = TitleOffer(
                worksheet=first.worksheet,
                row=first.place.row + 1,
                owner=", ".join(filter(None, owners)),
                label=first.cells.get(_LABEL_COLUMN, ""),
                note=notes[0],
            )
            offers.append(offer)
    return offers


def labels_of_row(rows: Sequence[CanonicalRow], worksheet: str, number: int) -> list[str]:
    """Return what the fields are called that a row is, if they may be the title; the first row is 1."""
    for of_row in _rows_that_may_be_title(rows):
        if (of_row[0].worksheet, of_row[0].place.row) == (worksheet, number - 1):
            return [*dict.fromkeys(row.cells.get(_LABEL_COLUMN, "") for row in of_row)]
    return []


def _rows_that_may_be_title(rows: Sequence[CanonicalRow]) -> Iterator[list[CanonicalRow]]:
    """Yield the fields of each row of a worksheet, where all they belong to may have a title."""
    types_by_name = _types_by_name(rows)
    by_row: dict[tuple[str, int], list[CanonicalRow]] = {}
    for row in rows:
        if row.kind == FIELD and row.cells.get(_LABEL_COLUMN):
            by_row.setdefault((row.worksheet, row.place.row), []).append(row)
    for of_row in by_row.values():
        if all(_type_of_owner(row, types_by_name) not in _WITHOUT_TITLE for row in of_row):
            yield of_row


def _types_by_name(rows: Sequence[CanonicalRow]) -> Mapping[str, AnyBundleType]:
    """Return the sort of each listed type, by its label, machine name and number."""
    types: dict[str, AnyBundleType] = {}
    for row in rows:
        sort = bundle_type_of(row.cells.get("Type", "")) if row.kind == BUNDLE else None
        for column in (label_column_of(BUNDLE) or "", *CODE_COLUMNS):
            name = normal(row.cells.get(column, ""))
            if sort is not None and name:
                types.setdefault(name, sort)
    return types


def _type_of_owner(
    row: CanonicalRow, types_by_name: Mapping[str, AnyBundleType]
) -> AnyBundleType | None:
    """Return the sort of what a field belongs to; None where nothing says it."""
    name, sort = split_bundle_label(row.cells.get(_OWNER_COLUMN, ""))
    sort_beside = bundle_type_of(row.cells.get("Bundle type", ""))
    return sort or sort_beside or types_by_name.get(normal(name))


# ---------------------------------------------------------------- what a layout becomes


def with_title(layout: Layout, grids: Sequence[Grid], choice: SetTitle) -> tuple[SheetLayout, ...]:
    """Let the fields of some rows be the title: a layout tells them by their owner and their label.

    Raises:
        WrongUseError: No row named is a field of something that has a title.
    """
    chosen = declared_sheet(layout, choice.worksheet)
    titles = _titles_in_rows(choice, apply_layout(layout, grids).rows)
    # What the layout compares is what the cells say, before names in them mean others.
    with_names = tuple(_region_with_names(region) for region in chosen.regions)
    sheets = sheets_with(layout, chosen, changed(chosen, regions=with_names))
    named = apply_layout(changed(layout, sheets=sheets), grids)
    words: dict[str, str] = {}
    for row in named.rows:
        name = row.cells.get(TYPE_COLUMN)
        if name and _identity(row) in titles:
            words[name] = TITLE_TYPE
    if not words:
        raise WrongUseError(
            f"No row of “{choice.worksheet}” that was named is a field of something that has a title."
        )
    regions = tuple(_region_with_titles(region, words) for region in chosen.regions)
    return sheets_with(layout, chosen, changed(chosen, regions=regions))


def _titles_in_rows(
    choice: SetTitle, rows: Sequence[CanonicalRow]
) -> AbstractSet[tuple[str, int, str, str]]:
    """Return the fields of the rows named, where what they belong to may have a title."""
    places = {(row.worksheet, row.row - 1) for row in choice.rows}
    titles: set[tuple[str, int, str, str]] = set()
    for of_row in _rows_that_may_be_title(rows):
        if (of_row[0].worksheet, of_row[0].place.row) in places:
            titles.update(map(_identity, of_row))
    return titles


def _identity(row: CanonicalRow) -> tuple[str, int, str, str]:
    owner = row.cells.get(_OWNER_COLUMN, "")
    return row.worksheet, row.place.row, owner, row.cells.get(_LABEL_COLUMN, "")


def _region_with_names(region: Region) -> Region:
    """Return a region whose fields say in place of their type what they belong to and are called."""
    records: list[Record] = []
    for record in region.records:
        name = _name_of_field(record)
        columns = record.columns if name is None else {**record.columns, TYPE_COLUMN: (name,)}
        records.append(changed(record, columns=columns))
    return changed(region, records=tuple(records))


def _region_with_titles(region: Region, words: Mapping[str, str]) -> Region:
    records: list[Record] = []
    for record in region.records:
        name = _name_of_field(record)
        if name is None:
            records.append(record)
            continue
        meanings = dict(words)
        others: list[Value] = []
        for value in record.columns.get(TYPE_COLUMN, ()):
            if value.parts == name.parts and value.only_words:
                meanings = {**value.words, **words}
            else:
                others.append(value)
        title = changed(name, words=meanings, only_words=True, goes_first=True)
        records.append(changed(record, columns={**record.columns, TYPE_COLUMN: (title, *others)}))
    return changed(region, records=tuple(records))


def _name_of_field(record: Record) -> Value | None:
    """Return what the cells say that a field belongs to, and is called; None of other things."""
    labels = [value for value in record.columns.get(_LABEL_COLUMN, ()) if not value.only_words]
    if record.into != FIELD or not labels:
        return None
    parts: list[Value] = []
    for value in record.columns.get(_OWNER_COLUMN, ()):
        if not value.only_words:
            # All that the cell says, whatever is said later of several names in it.
            bare = changed(value, words={}, wording="{}", lookup=None)
            parts.append(changed(bare, split=None, per_name=False, whole=()))
    parts += [changed(value, words={}, wording="{}", lookup=None) for value in labels]
    return Value(parts=tuple(parts), between=_BETWEEN)
