"""Rows of fields that are the title every item has anyway, under a name of its own.

Belongs here: which rows say that they are it, and what a layout becomes where somebody says so. Does
not: which fields every item has (`drupal/meaning`). Nothing is a title by guess: its row is offered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jira_pipeline.model.columns import label_column_of
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.applying import CanonicalRow
from jira_pipeline.sheets.layouts.choices import SetTitle
from jira_pipeline.sheets.layouts.layout import Layout, Record, Region, SheetLayout, Value
from jira_pipeline.sheets.layouts.layout_parts import changed, declared_sheet, sheets_with
from jira_pipeline.sheets.layouts.record_drafts import FIELD
from jira_pipeline.sheets.layouts.texts import normal, normals
from jira_pipeline.sheets.reading.translations import plain_letters

TITLE_TYPE = "Entity label"
"""The type of a field that every item has: nothing is built by it."""
_TYPE = "Field type"
_SAYS_SO = frozenset(
    {"thetitle", "isthetitle", "thisisthetitle", "title", "thisistitle", "pagetitle", "nodetitle"}
    | {"thepagetitle", "thetitleofthepage", "thisisthetitleofthepage", "usedasthetitle"}
)
"""All that a note says whose row is the title, as `plain_letters` reduces it."""


@dataclass(frozen=True, slots=True)
class TitleOffer:
    """A field whose row says that it is the title."""

    worksheet: str
    label: str
    note: str


def title_offers(rows: Sequence[CanonicalRow], titles: Sequence[str]) -> list[TitleOffer]:
    """Return the fields of some worksheets whose rows say that they are the title, each once."""
    label_column = label_column_of(FIELD) or ""
    offers: dict[str, TitleOffer] = {}
    for row in rows:
        label = row.cells.get(label_column, "")
        if row.kind != FIELD or row.worksheet not in titles or not label:
            continue
        if row.cells.get(_TYPE) == TITLE_TYPE:
            continue
        for column, text in row.cells.items():
            if column != label_column and plain_letters(text) in _SAYS_SO:
                offers.setdefault(normal(label), TitleOffer(row.worksheet, label, text))
    return [*offers.values()]


def labels_of_row(rows: Sequence[CanonicalRow], worksheet: str, number: int) -> list[str]:
    """Return what the fields are called that a row of a worksheet is; the first row is 1."""
    labels: dict[str, None] = {}
    for row in rows:
        is_of_row = (row.worksheet, row.place.row) == (worksheet, number - 1)
        if is_of_row and row.kind == FIELD:
            labels[row.cells.get(label_column_of(FIELD) or "", "")] = None
    return [label for label in labels if label]


def with_title(layout: Layout, choice: SetTitle) -> tuple[SheetLayout, ...]:
    """Let fields with these labels be the title that every item has.

    Raises:
        WrongUseError: No header or line of the worksheet says the labels of fields.
    """
    chosen = declared_sheet(layout, choice.worksheet)
    regions = tuple(_region_with_title(region, choice) for region in chosen.regions)
    if regions == chosen.regions:
        raise WrongUseError(f"No header of “{choice.worksheet}” says what its fields are called.")
    return sheets_with(layout, chosen, changed(chosen, regions=regions))


def _region_with_title(region: Region, choice: SetTitle) -> Region:
    records = tuple(_record_with_title(record, choice) for record in region.records)
    return region if records == region.records else changed(region, records=records)


def _record_with_title(record: Record, choice: SetTitle) -> Record:
    labels = record.columns.get(label_column_of(FIELD) or "", ())
    takers = [value for value in labels if value.column is not None and not value.only_words]
    if record.into != FIELD or not takers:
        return record
    others: list[Value] = []
    words = dict.fromkeys(choice.labels, TITLE_TYPE)
    for value in record.columns.get(_TYPE, ()):
        if value.only_words and value.goes_first and {*value.words.values()} == {TITLE_TYPE}:
            known_labels = normals(tuple(words))
            words |= {word: TITLE_TYPE for word in value.words if normal(word) not in known_labels}
        else:
            others.append(value)
    titles = changed(takers[0], words=words, only_words=True, goes_first=True, wording="{}")
    return changed(record, columns={**record.columns, _TYPE: (titles, *others)})
