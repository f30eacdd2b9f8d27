"""Specifications to measure with: a real one where it is at hand, else the example, in any size."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from jira_pipeline.model.entities import Specification, Status
from jira_pipeline.model.source_tables import SourceRow, SourceTable
from jira_pipeline.sheets.layouts.folder_reading import read_folder_by_layout
from jira_pipeline.sheets.reading.entities import read_entities

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
REAL = DATA / "uwec"

_LABELS = {
    "name", "machinename", "viewname", "stylename", "responsivestyle", "viewmodes", "label",
    "workflow", "view", "viewid", "fallbackstyle", "fallbackmachinename", "bundlemachinename",
}  # fmt: skip
_LISTS = {"bundle", "refbundle", "imagestylegroups", "entitiesusedon"}
_KEEP_MACHINE_NAME = {"fieldlabel", "displayplugin", "fromstate"}
# Sheets whose machine names are unique within their owner only.


def specification_path() -> Path:
    """Return the real specification, else the example; says which is measured."""
    if REAL.is_dir():
        print(f"Measured on the specification {REAL.name}.")
        return REAL
    example = next(path for path in sorted((ROOT / "examples").iterdir()) if path.is_dir())
    print(
        f"There is no {REAL}: measured on the small example {example.name}. Published figures are of "
        "the larger one."
    )
    return example


def is_absent(*data: Path) -> bool:
    """Tell whether some of the data of a benchmark is not here; then say so, naming it."""
    absent = [str(path) for path in data if not path.exists()]
    if absent:
        print(
            f"Skipped: it measures what is no part of the project, and is absent: {', '.join(absent)}."
        )
    return bool(absent)


def site_folder(name: str) -> Path:
    """Return where the sheets of a site are; there may be none."""
    made_by_hand = DATA / name
    return made_by_hand if made_by_hand.is_dir() else DATA / "sites" / name


def read_site(folder: Path, *, is_as_new: bool) -> Specification:
    """Read the sheets of a site: as they are, or as if nothing of what stays were built yet.

    As new all cells of X are blank, save on hold; rows to be deleted are left out, for the site has
    them no more.
    """
    tables = read_folder_by_layout(folder, None).tables
    if is_as_new:
        tables = tuple(replace(table, rows=tuple(_without_status(table))) for table in tables)
    return Specification(entities=read_entities(tables).entities)


def _without_status(table: SourceTable) -> Iterator[SourceRow]:
    at = table.columns.index("X")
    for row in table.rows:
        kept = row.cells[at] if row.cells[at] == Status.WAITING else ""
        if row.cells[at] != Status.DELETED:
            yield replace(row, cells=(*row.cells[:at], kept, *row.cells[at + 1 :]))


def multiply(folder: Path, times: int, into: Path) -> int:
    """Write a specification `times` as large, names told apart by a number; return its rows."""
    return _written(folder, range(times), into)


def number(folder: Path, copy: int, into: Path) -> None:
    """Write a specification as another one, whose names are told apart by a number."""
    _written(folder, [copy], into)


def _written(folder: Path, copies: Sequence[int], into: Path) -> int:
    into.mkdir(parents=True)
    return sum(
        _written_sheet(path, copies, into / path.name) for path in sorted(folder.glob("*.csv"))
    )


def _written_sheet(path: Path, copies: Sequence[int], into: Path) -> int:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    columns = [re.sub(r"[^a-z]", "", column.casefold()) for column in header]
    keeps = bool(_KEEP_MACHINE_NAME & set(columns))
    with into.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        for copy in copies:
            for row in rows:
                writer.writerow(
                    [
                        _renamed(column, cell, copy, keeps=keeps)
                        for column, cell in zip(columns, row, strict=False)
                    ]
                )
    return len(rows) * len(copies)


def _renamed(column: str, cell: str, copy: int, *, keeps: bool) -> str:
    if copy == 0 or not cell or cell in {"-", "#N/A", "#VALUE!"}:
        return cell
    if column in _LISTS:
        return re.sub(r"(\s*\([^()]*\))(?=,|$)|(?<=[^)\s])(?=,|$)", rf" {copy}\1", cell)
    if column in _LABELS and not (keeps and column == "machinename"):
        is_machine_name = column.endswith(("machinename", "viewid"))
        return f"{cell}_{copy}" if is_machine_name else f"{cell} {copy}"
    return cell
