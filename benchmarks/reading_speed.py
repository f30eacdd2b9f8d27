"""What reading sheets costs beside the csv module and beside calamine, on the same rows.

    python -m benchmarks reading_speed

The specification at hand, ten times: as CSV and as one workbook. CPU seconds of one process, best
of some; what counts are the ratios.
"""

import csv
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from benchmarks.specifications import multiply, specification_path
from jira_pipeline.sheets.layouts.folder_reading import read_folder_by_layout
from jira_pipeline.sheets.reading.entities import read_entities

ROUNDS = 3
TIMES = 10


def main() -> None:
    """Print what each costs, and the ratios."""
    with _sheets(times=TIMES) as (folder, workbook):
        plain = _seconds(lambda: _read_plainly(folder))
        calamine = _seconds(lambda: _read_with_calamine(workbook))
        tables = _seconds(lambda: read_folder_by_layout(folder, None))
        read = read_folder_by_layout(folder, None).tables
        entities = _seconds(lambda: read_entities(read))
        sheets = _seconds(lambda: read_folder_by_layout(workbook.parent, None))
    rows = sum(len(table.rows) for table in read)
    print(f"{rows} rows; csv module {plain:.3f} s, calamine {calamine:.3f} s")
    print(f"  CSV to tables        {tables:.3f} s = {tables / plain:.1f} x the csv module (goal 8)")
    print(f"  tables to entities   {entities:.3f} s = {entities / plain:.1f} x")
    print(f"  workbook to tables   {sheets:.3f} s = {sheets / calamine:.1f} x calamine (goal 5)")


@contextmanager
def _sheets(*, times: int) -> Iterator[tuple[Path, Path]]:
    """Write the specification as a folder of CSV files and as a workbook beside it."""
    with TemporaryDirectory() as name:
        folder, workbook = Path(name, "csv"), Path(name, "workbook", "site.xlsx")
        workbook.parent.mkdir()
        multiply(specification_path(), times, folder)
        book = Workbook(write_only=True)
        for path in sorted(folder.glob("*.csv")):
            sheet = book.create_sheet(path.stem[:31])
            for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines(keepends=True)):
                sheet.append([f"{cell} " if cell[:1] == "#" else cell for cell in row])
        book.save(workbook)
        yield folder, workbook


def _read_plainly(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for _row in csv.reader(lines):
                pass


def _read_with_calamine(path: Path) -> None:
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python()


def _seconds(act: Callable[[], object]) -> float:
    def once() -> float:
        began = time.process_time()
        act()
        return time.process_time() - began

    return min(once() for _ in range(ROUNDS))


if __name__ == "__main__":
    main()
