"""How many damaged CSV files are read at wrong positions without a finding at the damaged line.

The kinds of damage, and their numbers on a sheet of 84 records and 9 columns, are those of the
public benchmark Pollock (2,290 files); the sheet itself and every file are made here.

Source: https://github.com/HPI-Information-Systems/Pollock, `README.md`, read 2026-11.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.model.findings import Severity
from jira_pipeline.sheets.layouts.folder_reading import read_files_by_layout
from jira_pipeline.sheets.layouts.layout import Layout

HEADER = (
    *("Bundle", "Field label", "Machine name", "X", "Field type", "Vals."),
    *("Help text", "Settings/notes", "Notes"),
)
RECORDS = 84
"""The header is one of them, as in Pollock."""
SECOND_TABLE = ("Colour", "Weight", "Height", "Place", "Day", "Hour", "Guide", "Fee", "Group")


@dataclass(frozen=True, slots=True, kw_only=True)
class PollutedSheet:
    """A file, and what a reader has to find in it."""

    kind: str
    text: str
    rows: Mapping[int, Sequence[str]]
    """The cells that belong to each line below the header."""


def main() -> None:
    """Print for each kind how many files are exact, cited and uncited."""
    outcomes: dict[str, Counter[str]] = {}
    for sheet in polluted_sheets(RECORDS):
        outcomes.setdefault(sheet.kind, Counter())[outcome_of(sheet)] += 1
    outcomes["all"] = sum(outcomes.values(), Counter())
    words = ("exact", "cited", "uncited")
    print(f"{'damage':<28} {'files':>7}" + "".join(f"{word:>8}" for word in words))
    for kind, counts in outcomes.items():
        print(f"{kind:<28} {counts.total():>7}" + "".join(f"{counts[w]:>8}" for w in words))


def outcome_of(sheet: PollutedSheet) -> str:
    """Say whether a sheet is read as it is meant, or else whether every wrong line is cited.

    Where the header is damaged, that is its own line or every row under it.
    """
    reading = read_files_by_layout({"Fields.csv": sheet.text.encode()}, Layout(sheets=()))
    cited = {f.line for f in reading.findings if f.severity is not Severity.INFO}
    table = next(iter(reading.tables), None)
    if table is None:
        return "cited" if cited else "uncited"
    if (table.headers or table.columns) != HEADER:
        is_cited = 1 in cited or cited.issuperset(sheet.rows)
    else:
        found = {row.line: row.cells for row in table.rows}
        lines = {*found, *sheet.rows}
        wrong = {line for line in lines if found.get(line) != tuple(sheet.rows.get(line, ()))}
        if not wrong:
            return "exact"
        is_cited = wrong <= cited
    return "cited" if is_cited else "uncited"


def polluted_sheets(records: int) -> Iterator[PollutedSheet]:
    """Make every file of every kind, of a sheet with so many records."""
    table = [list(HEADER), *(_record(number) for number in range(1, records))]
    parts = [_quoted(cells) for cells in table]
    clean = dict(enumerate((tuple(cells) for cells in table[1:]), start=2))
    yield from _whole_files(table, parts, clean)
    for row, cells in enumerate(parts):
        variants = [
            *(("delimiter missing", _merged(cells, at)) for at in range(1, len(cells))),
            *(("delimiter too many", _parted(cells, at)) for at in range(len(cells))),
            *(("quote too many", _with_quote(cells, at)) for at in range(len(cells))),
            ("row delimited by spaces", " ".join(cells)),
        ]
        for kind, line in variants:
            lines = [*map(",".join, parts[:row]), line, *map(",".join, parts[row + 1 :])]
            yield PollutedSheet(kind=kind, text=_text(lines), rows=clean)


def _record(number: int) -> list[str]:
    """Make a row: the cells that need quotes are as many as in the sheet of Pollock."""
    text = [f"Keeper’s word {number}", f"Dials, hands and case {number}", f'Round, {number}"']
    return [
        f"Clock {number} (Content type)",
        text[number % 3],
        f"field_{number}",
        "a",
        "Text (plain)" if number % 2 else "Number (integer)",
        str(number % 5 + 1),
        f"What visitors see of it, at most {number} words." if number % 4 else "",
        f"{text[(number + 1) % 3]}: as in the catalogue.",
        "",
    ]


def _quoted(cells: Sequence[str]) -> list[str]:
    """Write each cell as a writer of CSV does."""
    return ['"' + c.replace('"', '""') + '"' if set(c) & set(',"') else c for c in cells]


def _merged(cells: Sequence[str], at: int) -> str:
    return ",".join([*cells[: at - 1], cells[at - 1] + cells[at], *cells[at + 1 :]])


def _parted(cells: Sequence[str], at: int) -> str:
    """Put a delimiter before the one that ends the cell before; the last one shifts nothing."""
    return ",".join([*cells[:at], "", *cells[at:]])


def _with_quote(cells: Sequence[str], at: int) -> str:
    cell = cells[at]
    damaged = f'""{cell[1:]}' if cell.startswith('"') else f'"{cell}'
    return ",".join([*cells[:at], damaged, *cells[at + 1 :]])


def _text(lines: Sequence[str], end: str = "\r\n") -> str:
    return "".join(f"{line}{end}" for line in lines)


def _written(table: Sequence[Sequence[str]], **dialect: str | int | bool | None) -> str:
    stream = io.StringIO()
    csv.writer(stream, **dialect).writerows(table)  # type: ignore[arg-type] # as the dialect says
    return stream.getvalue()


def _whole_files(
    table: Sequence[Sequence[str]],
    parts: Sequence[Sequence[str]],
    clean: Mapping[int, Sequence[str]],
) -> Iterator[PollutedSheet]:
    lines = [",".join(cells) for cells in parts]
    text = _text(lines)
    unescaped = _text([",".join(p.replace('""', '"') for p in cells) for cells in parts])
    backslashes = _text([",".join(p.replace('""', '\\"') for p in cells) for cells in parts])
    files = {
        "source": (text, 0),
        "no payload": ("", None),
        "no newline at the end": (text.removesuffix("\r\n"), 0),
        "two newlines at the end": (text + "\r\n", 0),
        "no header": (_text(lines[1:]), None),
        "two header rows": (_text([lines[0], *lines]), 1),
        "three header rows": (_text([lines[0], lines[0], *lines]), 2),
        "preamble": (_text(["Fields of the museum", "", *lines]), 2),
        "header only": (_text(lines[:1]), None),
        "delimited by spaces": (_written(table, delimiter=" "), 0),
        "delimited by comma and space": (_text([", ".join(cells) for cells in parts]), 0),
        "delimited by semicolons": (_written(table, delimiter=";"), 0),
        "delimited by tabs": (_written(table, delimiter="\t"), 0),
        "quoted by apostrophes": (_written(table, quotechar="'"), 0),
        "escaped by backslashes": (backslashes, 0),
        "not escaped": (unescaped, 0),
        "ended by line feeds": (_text(lines, "\n"), 0),
        "ended by carriage returns": (_text(lines, "\r"), 0),
    }
    for kind, (content, ahead) in files.items():
        rows = {line + (ahead or 0): cells for line, cells in clean.items()}
        if ahead is None:
            rows = {}
        yield PollutedSheet(kind=kind, text=content, rows=rows)
    yield PollutedSheet(kind="one row", text=_text(lines[:2]), rows={2: clean[2]})
    for name, width in (("narrower", 6), ("as wide", 9), ("wider", 12)):
        second = [
            (*SECOND_TABLE, "Room", "Shelf", "Box")[:width],
            *([str(n)] * width for n in "123"),
        ]
        content = text + "\r\n" + _text([",".join(cells) for cells in second])
        yield PollutedSheet(kind=f"second table {name}", text=content, rows=clean)


if __name__ == "__main__":
    main()
