"""Rows of a table that describe nothing: separators, headings, totals, a header that is repeated.

Belongs here: which rows are content, which are headings between it, what is said of the others.
Does not: where a table begins (`table_starts`), what headings mean (`captions_and_headings`, `owners`).
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from jira_pipeline.model.columns import (
    FLAG_COLUMNS,
    MACHINE_NAME_COLUMN,
    STATUS_COLUMN,
    owner_column_of,
)
from jira_pipeline.model.entities import (
    EntityKind,
    SourceRow,
)
from jira_pipeline.model.findings import Severity
from jira_pipeline.sheets.reading.cells import (
    display_kind,
    flag_spelled,
    says_nothing,
    status_spelled,
)
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.csv_files import ERROR_VALUES, CsvReading
from jira_pipeline.sheets.reading.labels import folded, group_named
from jira_pipeline.sheets.reading.sheet_kinds import (
    SHARED_COLUMNS,
    SheetRule,
    canonical_columns,
)
from jira_pipeline.sheets.reading.table_starts import is_title_above
from jira_pipeline.sheets.reading.translations import (
    TOTALS,
    plain_letters,
    words_for,
)

_PAIR = 2
_FEW = 3
_LONG = 9
"""So many digits are no number of rows."""
_DIGIT = re.compile(r"\d")
_TOTALS = frozenset({"total", "totals", "subtotal", "grandtotal", "sum", "count"})
_WORD = re.compile(r"[^\W_]+|\*")
_SENTENCE = re.compile(r"(\S+\s+){5,}\S+[.!?][)\"”]*|(\S+\s+){7,}\S+", re.DOTALL)
"""So many words are no name, with or without a stop."""
_REMARK = re.compile(rf"{_SENTENCE.pattern}|.+:|\S+ = .+", re.DOTALL)
"""Below a table: `X = allowed`, too."""
_HEADERS_MIN = 3


def rows_and_headings(
    reading: CsvReading,
    columns: Sequence[str],
    *,
    rule: SheetRule | None,
    naming: Collection[str],
    citations: Citations,
) -> tuple[list[SourceRow], list[SourceRow]]:
    """Return the rows of a table, and separators: they name nothing, whatever else they hold."""
    kept = [*_without_explanations(columns, reading, rule=rule, citations=citations)]
    if rule is None:
        return kept, []
    alone = {row.record for row in kept if row.filled_count == 1}
    wide = [row for row in kept if row.record not in alone]
    everywhere = range(len(columns)) if alone else ()
    always = {at for at in everywhere if all(row.cells[at] for row in wide)}
    rows = list[SourceRow]()
    headings = list[SourceRow]()
    last = 0
    names_at = [at for at, name in enumerate(columns) if name in naming]
    own_at = [at for at, name in enumerate(columns) if name not in rule.columns]
    first = next((at for at, name in enumerate(columns) if name not in SHARED_COLUMNS), 0)
    by_record = {row.record: row for row in reading.rows}
    for row in kept:
        is_apart, last = row.record > last + 1, row.record
        is_below_other = bool(headings) and headings[-1].record == row.record - 1
        named = [at for at in names_at if row.cells[at] and row.cells[at] not in ERROR_VALUES]
        text = "".join(row.cells) if row.record in alone else ""
        is_display = rule.kind is EntityKind.VIEW and any(
            display_kind(row.cells[n]) for n in own_at
        )
        below = by_record.get(row.record + 1) if is_apart and not text else None
        is_hinted = below and is_title_above(row, below) and repeats_header(reading.columns, below)
        if is_hinted or (text and rule.kind is EntityKind.FIELD and group_named(text)):
            headings.append(row)
        elif text and _is_band(
            text,
            rule,
            is_apart=is_apart or is_below_other,
            is_label=bool(named) and named[-1] > first,
        ):
            headings.append(row)
            citations.inform(
                "heading_read",
                "The row holds one text; it was read as a heading or a remark, not as content. Tickets "
                "of the rows that it is about quote it.",
                "Nothing to do, unless it describes something.",
                row=row,
                value=text,
                cause="heading",
            )
        elif (
            text
            and named
            and len(wide) >= (_PAIR if is_apart else _FEW)
            and (others := always.difference(named))
        ):
            headings.append(row)
            citations.warn(
                "heading_read",
                f"The row holds one text, and each other row has “{reading.columns[min(others)]}”, too; "
                "it was read as a heading or a remark, and nothing is built by it.",
                "If it describes something, fill in that column.",
                row=row,
                value=text,
                cause="lone",
            )
        elif named and not (
            is_display and rows and all(row.cells[at] == rows[-1].cells[at] for at in names_at)
        ):  # or else a further display of the view above it
            rows.append(row)
        elif rule.kind is EntityKind.IMAGE_STYLE and rows and not is_apart:
            pairs = zip(rows[-1].cells, row.cells, strict=True)  # a further effect
            rows[-1] = replace(rows[-1], cells=tuple("\n".join(filter(None, p)) for p in pairs))
        elif (is_display and (named or not is_apart)) or _cite_separator(
            reading.columns, row, rule=rule, citations=citations
        ):
            headings.append(row)
    return rows, headings


def _is_band(text: str, rule: SheetRule, *, is_apart: bool, is_label: bool) -> bool:
    """Tell whether a row with one text is a remark, or above rows that may belong to what it names.

    `is_apart`: it is below a blank row, or below another such row; `is_label`: it is in a column of
    names that is not the first.
    """
    if is_apart and _REMARK.fullmatch(text):
        return True
    is_of_owner = is_apart and owner_column_of(rule.kind) is not None
    return not is_label and (is_of_owner or _SENTENCE.fullmatch(text) is not None)


def _without_explanations(
    columns: Sequence[str], reading: CsvReading, *, rule: SheetRule | None, citations: Citations
) -> Iterator[SourceRow]:
    """Yield the rows but for blank ones and those that repeat the header, or explain it below it."""
    is_below_header = rule is not None
    before: SourceRow | None = None
    filled = [row for row in reading.rows if any(row.cells)]
    for at, (row, following) in enumerate(zip_longest(filled, filled[1:])):
        is_last = (
            following is None
            or following.record > row.record + 1
            or (at > 0 and filled[at - 1].record < row.record - 1)
            or following.filled_count == 1
        )
        if rule is not None and is_last and (is_total(row.cells) or _is_counted(filled, at)):
            cite_totals(citations, row=row)
            continue
        is_repeated = repeats_header(reading.columns, row)
        above, before = before, row
        if is_repeated and above is not None and is_title_above(above, row):
            continue  # below the title of a further part of the table
        if is_repeated:
            fault = "The row repeats the header"
        elif is_below_header and _is_header_again(columns, row, rule=rule):
            fault = "The row below the header repeats it in different words"
        elif is_below_header and _explains(columns, row):
            fault = "The row below the header explains the columns"
        else:
            is_below_header = False
            yield row
            continue
        citations.warn(
            "row_explains",
            f"{fault}; it was not read as content.",
            "Nothing to do, unless the row describes something: in that case, correct its cells.",
            row=row,
            value=", ".join(row.texts),
        )


def cite_totals(citations: Citations, **place: object) -> None:
    citations.inform(
        "totals_row",
        "The row adds up the columns of a table; it was not read as content.",
        "Nothing to do, unless it describes something.",
        **place,
    )


def _is_counted(rows: Sequence[SourceRow], at: int) -> bool:
    """Tell whether a row has nothing but numbers of cells above it, beside one text at most.

    With a text it is a thing where the cells above are numbers, too, such as a weight.
    """
    cells = rows[at].cells
    numbers = {n: int(c) for n, c in enumerate(cells) if c.isdecimal() and len(c) < _LONG}
    texts = len(cells) - cells.count("") - len(numbers)
    if at <= 1 or texts > 1 or not at // 4 <= max(numbers.values(), default=0) <= at:
        return False  # to count the cells above each of many rows would be slow
    above = rows[:at]
    if texts and any(row.cells[n].isdecimal() for row in above for n in numbers):
        return False
    counts = [sum(1 for row in above if row.cells[n]) for n in range(len(cells))]
    return bool(numbers) and all(count in {counts[n], max(counts)} for n, count in numbers.items())


def is_total(cells: Sequence[str], *, has_number: bool = True) -> bool:
    """Tell whether cells are *Total* in any language, and numbers: `9 types`, too."""
    words = filter(None, (plain_letters(_DIGIT.split(cell, 1)[0]) for cell in cells))
    totals = _TOTALS | words_for(TOTALS, "total")
    is_number = not has_number or any(map(str.isdecimal, "".join(cells)))
    return next(words, "") in totals and is_number and totals.issuperset(words)


def repeats_header(headers: Sequence[str], row: SourceRow) -> bool:
    """Tell whether at least two cells say what their headers say, and none something else."""
    pairs = zip(headers, row.cells, strict=True)
    return row.filled_count > 1 and all(folded(h) == folded(cell) for h, cell in pairs if cell)


def _is_header_again(columns: Sequence[str], row: SourceRow, *, rule: SheetRule | None) -> bool:
    """Tell whether most cells are what another spelling or language calls their columns."""
    said = canonical_columns(rule, row.cells)
    filled = [position for position, cell in enumerate(row.cells) if cell]
    same = sum(said[position] == columns[position] for position in filled)
    return same >= _HEADERS_MIN and 2 * same >= len(filled)


def _explains(columns: Sequence[str], row: SourceRow) -> bool:
    """Tell whether cells number the columns, or hold words about codes: `a, w or x`, `y/n`.

    One valid code makes the row content, and words below X alone explain nothing; a machine name
    makes it content, too, unless the words are about codes.
    """
    count = len(row.cells)
    is_numbered = count >= _HEADERS_MIN and row.cells == tuple(map(str, range(1, count + 1)))
    cells = dict(zip(columns, row.cells, strict=True))
    status = cells.get(STATUS_COLUMN, "")
    name = cells.get(MACHINE_NAME_COLUMN, "")
    flags = [c for n in FLAG_COLUMNS & cells.keys() if not says_nothing(c := cells[n])]
    words = _WORD.findall(status)
    is_about = not name or sum(status_spelled(word) is not None for word in words) > 1
    return is_numbered or (
        len(words) > 1
        and status_spelled(status) is None
        and (" " in name or (is_about and any(len(_WORD.findall(cell)) > 1 for cell in flags)))
        and not any(len(cell) == 1 or flag_spelled(cell) is not None for cell in flags)
    )


def _cite_separator(
    headers: Sequence[str], row: SourceRow, *, rule: SheetRule, citations: Citations
) -> bool:
    """Say that a row without a name holds text, if it does; error values are none."""
    filled = [at for at, cell in enumerate(row.cells) if cell and cell not in ERROR_VALUES]
    if filled:
        first = filled[0]
        is_row = len(filled) > 1
        citations.cite(
            Severity.WARNING if is_row else Severity.INFO,
            code="separator_with_text",
            message=f"The row has no label or machine name ({' and '.join(rule.identifying)} blank); it was read as "
            "a separator although it contains text.",
            advice="Enter its name if it describes something of its own, or put the text in the row that it belongs to."
            if is_row
            else "Nothing to do, unless its name is missing.",
            row=row,
            column=headers[first],
            value=", ".join(row.cells[at] for at in filled),
            cause=first,
        )
    return bool(filled)
