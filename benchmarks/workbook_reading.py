"""Time to read a specification as one workbook, against the same sheets as CSV files.

Both are read in this process, the best of three each. Goal: at most 12 times the CSV.
"""

import csv
import tempfile
import time
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.specifications import multiply, specification_path
from jira_pipeline.sheets.reading.folders import read_folder
from jira_pipeline.sheets.reading.limits import ReadingLimits

SIZES = (1, 10)
ROUNDS = 3
UNLIMITED = ReadingLimits(file_max_bytes=200_000_000, session_max_bytes=200_000_000)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def main() -> None:
    """Measure every size and print seconds and ratios."""
    source = specification_path()
    print(f"reading {source.name}; the ratio is the workbook against the CSV files")
    print(f"{'size':>6} {'rows':>8} {'csv s':>8} {'xlsx s':>8} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder, str(size))
            multiply(source, size, path)
            workbook = Path(folder, f"{size}.xlsx")
            write_workbook(path, workbook)
            rows, of_files = best(path)
            same_rows, of_workbook = best(workbook)
            if rows != same_rows:
                raise SystemExit(f"{rows} rows as CSV and {same_rows} in the workbook")
            print(
                f"{size:>5}x {rows:>8} {of_files:>8.2f} {of_workbook:>8.2f} "
                f"{of_workbook / of_files:>6.1f}"
            )


def best(path: Path) -> tuple[int, float]:
    """Read a folder or workbook; return its rows and the seconds of the fastest round."""
    seconds = []
    rows = 0
    for _ in range(ROUNDS):
        started = time.perf_counter()
        reading = read_folder(path, limits=UNLIMITED)
        seconds.append(time.perf_counter() - started)
        rows = sum(len(table.rows) for table in reading.tables)
    return rows, min(seconds)


def write_workbook(folder: Path, destination: Path) -> None:
    """Write the CSV files of a folder as worksheets whose texts are listed, as Excel does."""
    paths = sorted(folder.glob("*.csv"))
    texts: dict[str, int] = {}
    with zipfile.ZipFile(destination, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, path in enumerate(paths, start=1):
            with path.open(encoding="utf-8-sig", newline="") as stream:
                rows = list(csv.reader(stream))
            archive.writestr(f"xl/worksheets/sheet{number}.xml", _worksheet(rows, texts))
        items = "".join(f'<si><t xml:space="preserve">{escape(t)}</t></si>' for t in texts)
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{_MAIN}">{items}</sst>')
        sheets = "".join(
            f'<sheet name="Sheet {n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, len(paths) + 1)
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{sheets}</sheets></workbook>',
        )
        parts = [
            (f"r{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(paths) + 1)
        ]
        parts.append(("texts", "sharedStrings", "sharedStrings.xml"))
        archive.writestr("xl/_rels/workbook.xml.rels", _relations(parts))
        archive.writestr("_rels/.rels", _relations([("r", "officeDocument", "xl/workbook.xml")]))


def _worksheet(rows: list[list[str]], texts: dict[str, int]) -> str:
    shown = "".join(
        f'<row r="{n}">{"".join(_cell(n, c, text, texts) for c, text in enumerate(row) if text)}</row>'
        for n, row in enumerate(rows, start=1)
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{shown}</sheetData></worksheet>'


def _cell(row: int, column: int, text: str, texts: dict[str, int]) -> str:
    return f'<c r="{chr(65 + column)}{row}" s="0" t="s"><v>{texts.setdefault(text, len(texts))}</v></c>'


def _relations(parts: list[tuple[str, str, str]]) -> str:
    items = "".join(
        f'<Relationship Id="{i}" Type="{_DOCUMENT}/{kind}" Target="{target}"/>'
        for i, kind, target in parts
    )
    return f'<Relationships xmlns="{_PACKAGE}">{items}</Relationships>'


if __name__ == "__main__":
    main()
