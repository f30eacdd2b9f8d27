"""The rows of a table on their way to becoming entities.

Belongs here: a row with named cells that cites itself, its status, the order of sheets. Does not:
keys, owners and references (`entities`, `references`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.columns import NAMING_COLUMNS, columns_holding, columns_of
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.blank_cells import is_blank_cell, undecided_words
from jira_pipeline.model.columns import (
    BLANK,
    CUSTOM_LABEL_COLUMNS,
    NOTE_COLUMNS,
    STATUS_COLUMN,
    Holds,
)
from jira_pipeline.model.entities import EntityKind, RowSource, Status, case_folded
from jira_pipeline.model.hidden_characters import hidden_in, without_hidden
from jira_pipeline.model.source_tables import SourceRow, SourceTable
from jira_pipeline.sheets.reading.cells import (
    as_meant,
    is_open,
    says_nothing,
    status_beside,
    status_explained,
    status_spelled,
)
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.csv_files import ERROR_VALUES
from jira_pipeline.sheets.reading.sheet_kinds import SHARED_COLUMNS, normalised, rule_of

_MACHINE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NAMES_FIRST = frozenset({MACHINE_NAME_COLUMN, *columns_holding(Holds.WIDGET)})
"""Columns where what is below a name in the first line of a cell is a remark."""
_MEANT = re.compile(
    r"(?=(?:^|[;:,(\n])([^=:;,(\n]{1,40})(?:[=:→]|\bmeans\b) {0,2}([^=;\n]{1,200}))"
)
"""The words of a column and what each means, in one cell: `now = to be built; later = not yet`."""
_NEVER_OPEN = frozenset(
    columns_holding(Holds.MACHINE_NAME, Holds.FIELD_TYPE, Holds.WIDGET, Holds.DISPLAY_PLUGIN)
)
"""Columns in which `TBD` is no name: the cell is blank."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with what its rows have in common."""

    table: SourceTable
    citations: Citations
    label_column: str
    headers: Mapping[str, str]
    """Canonical name to the header as in the file."""
    has_statuses: bool
    """Some row says its status, so that a blank one is worth a remark."""
    stating: Sequence[str]
    """Columns beside the known ones, and notes, in which some rows say that nobody builds them now."""

    @property
    def kind(self) -> EntityKind:
        return self.table.file.sheet

    def has_column(self, name: str) -> bool:
        return name in self.headers

    def rows(self) -> Iterator["Row"]:
        """Yield its rows in sheet order."""
        for source in self.table.rows:
            texts = []
            for cell in source.cells:
                texts.append("" if cell in ERROR_VALUES else as_meant(without_hidden(cell)))
            cells = {
                column: self._unless_blank(column, text)
                for column, text in zip(self.table.columns, texts, strict=True)
            }
            for column in cells.keys() & {*NOTE_COLUMNS}:
                if cells[column] == "-":  # a dash is no note
                    cells[column] = ""
            for column in _NAMES_FIRST & cells.keys():
                name, *remarks = cells[column].split("\n")
                is_list = all(map(_MACHINE_NAME.fullmatch, remarks))
                if not is_list and _MACHINE_NAME.fullmatch(name):
                    cells[column] = name
            yield Row(self, source, cells)

    def _unless_blank(self, column: str, cell: str) -> str:
        """Return a cell; empty where it leaves a name open, a dash where nothing applies."""
        if cell in BLANK:
            return cell
        if column in _NEVER_OPEN:
            # `na` may be a machine name, `n/a` is none.
            is_name = column == MACHINE_NAME_COLUMN and _MACHINE_NAME.fullmatch(cell)
            return "" if is_open(cell) and not is_name else cell
        if column == self.label_column or column in NAMING_COLUMNS:
            return cell
        return "-" if is_blank_cell(cell) else cell


@dataclass(frozen=True, slots=True)
class Row:
    """One row with its cells as they were meant, by canonical column name; error values are blank."""

    sheet: Sheet
    source: SourceRow
    cells: Mapping[str, str]
    position: int = 0
    """Which of the things that it describes this is."""

    @property
    def label(self) -> str:
        """The cell of the label column."""
        return self.cells.get(self.sheet.label_column, "")

    @property
    def machine_name(self) -> str:
        """The machine name as in the sheet, `-` and faults included."""
        return self.cells.get(MACHINE_NAME_COLUMN, "")

    @property
    def name(self) -> str:
        """The machine name, or the label where that is blank or `-`.

        It has the characters that nobody sees, so that keys, and with them tickets, stay the same.
        """
        is_named = self.machine_name not in BLANK
        return self._with_hidden(MACHINE_NAME_COLUMN if is_named else self.sheet.label_column)

    def _with_hidden(self, column: str) -> str:
        """Return a cell with its invisible characters, where it has any."""
        text = self.cells.get(column, "")
        for name, cell in zip(self.sheet.table.columns, self.source.cells, strict=True):
            if name == column and hidden_in(cell) and without_hidden(cell).strip() == text:
                return as_meant(cell)
        return text

    @property
    def place(self) -> RowSource:
        return RowSource(
            file=self.sheet.table.file.name,
            line=self.source.line,
            record=self.source.record,
            position=self.position,
        )

    def cell(self, column: str) -> str:
        """The text of a column, empty where the sheet has no such column."""
        return self.cells.get(column, "")

    def error_value(self, column: str) -> str:
        """Return the spreadsheet error a column holds, empty where it holds none."""
        position = self.sheet.table.columns.index(column)
        cell = self.source.cells[position]
        return cell if cell in ERROR_VALUES else ""

    def warn(
        self,
        code: str,
        message: str,
        advice: str,
        *,
        column: str,
        value: str = "",
        beside: str = "",
    ) -> None:
        """Cite a cell of this row as a warning; rows that say the same there are one finding.

        `beside` is what another cell has to say, too.
        """
        value = value or self.cells.get(column, "")
        self.sheet.citations.warn(
            code,
            message,
            advice,
            row=self.source,
            column=self.sheet.headers.get(column, column),
            value=value,
            cause=(column, value.casefold(), beside.casefold()),
        )


def sheet_of(table: SourceTable) -> Sheet:
    """Prepare a table for reading entities from it."""
    headers = table.shown_headers
    if rule := rule_of(table.file.sheet):
        label_column = rule.label_column
    else:
        called = {normalised(column): column for column in reversed(table.columns)}
        labels = [called[w] for w in map(normalised, CUSTOM_LABEL_COLUMNS) if w in called]
        own = [column for column in table.columns if column not in SHARED_COLUMNS]
        label_column = (*labels, *own, *table.columns)[0]
    at = [position for position, name in enumerate(table.columns) if name == STATUS_COLUMN]
    known = {column.name for column in columns_of(table.file.sheet)} - {*NOTE_COLUMNS}
    beside = [n for n, name in enumerate(table.columns) if name not in {*known, label_column}]
    told = {
        n: sum(status_beside(row.cells[n], table.columns[n]) is not None for row in table.rows)
        for n in beside
    }
    return Sheet(
        table=table,
        citations=Citations(table.file.name),
        label_column=label_column,
        headers=dict(zip(table.columns, headers, strict=True)),
        has_statuses=table.file.size_bytes > 0
        and any(not says_nothing(row.cells[p]) for row in table.rows for p in at),
        stating=[table.columns[n] for n in beside if 0 < told[n] < len(table.rows)],
    )


def status_meant(text: str, *, table: SourceTable) -> Status | None:
    """Return the status that a cell spells, or that a line above its table says the word means."""
    if (status := status_spelled(text)) or says_nothing(text):
        return status
    for row in table.above:
        for line in row.cells:
            for word, meaning in _MEANT.findall(line):
                is_same_word = case_folded(word.strip(" '\"“”")) == case_folded(text)
                explained = status_explained(meaning) if is_same_word else None
                if explained is not None:
                    return explained
    return None


def status_of(row: Row) -> tuple[Status, bool]:
    """Read the status of a row, and whether X does not say it.

    A blank one is approved; a row with one that nobody can read is on hold, because nothing that may
    have to go is built.
    """
    text = row.cell(STATUS_COLUMN)
    if status := status_meant(text, table=row.sheet.table):
        return status, False
    if says_nothing(text):
        said = ((c, told) for c in row.sheet.stating if (told := status_beside(row.cell(c), c)))
        for column, told in said:
            what = "on hold" if told is Status.WAITING else "there already"
            row.warn(
                "row_put_off",
                f"“{row.cell(column)}” is in “{row.sheet.headers[column]}” of a row without a "
                f"status; it was read as {what}, and no ticket builds it.",
                f"Nothing to do, unless it is to be built: enter a in {STATUS_COLUMN} of it.",
                column=column,
            )
            return told, False
        # One that nobody decided is asked about.
        if row.sheet.has_statuses and not undecided_words(text):
            row.warn(
                "status_blank",
                f"“{row.label}” has no status although other rows do; treated as approved.",
                "Enter a (approved), w (wait), x (implemented), c (changed) or d (delete).",
                column=STATUS_COLUMN,
            )
        return Status.APPROVED, True
    return Status.WAITING, True
