"""Workbooks for tests, written by libraries and a program that are not ours."""

import csv
import io
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

Cells = Sequence[Sequence[str]]

AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def workbook_of(sheets: Mapping[str, Cells]) -> bytes:
    """Make a workbook whose cells are text; blank cells are left out, as programs do."""

    def write(workbook: Workbook) -> None:
        for name, rows in sheets.items():
            fill(workbook.add_worksheet(name), rows)

    return written(write, AS_TEXT)


def written(
    write: Callable[[Workbook], None], options: Mapping[str, object] | None = None
) -> bytes:
    """Make a workbook by what `write` does to it."""
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True, **(options or {})})
    write(workbook)
    workbook.close()
    return stream.getvalue()


def written_by_openpyxl(write: Callable[[openpyxl.Workbook], None]) -> bytes:
    """Make a workbook with openpyxl by what `write` does to it."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    write(workbook)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def libreoffice() -> str | None:
    """Return the program that `saved_by_libreoffice` starts, or None where there is none."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def saved_by_libreoffice(contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Open workbooks, by file name, in LibreOffice and return them as it saves them."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before"), Path(folder, "after")
        before.mkdir()
        for name, content in contents.items():
            (before / name).write_bytes(content)
        command = [
            str(libreoffice()),
            f"-env:UserInstallation={Path(folder, 'profile').as_uri()}",
            *("--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(after)),
            *(str(before / name) for name in contents),
        ]
        subprocess.run(command, check=True, capture_output=True)
        return {name: (after / name).read_bytes() for name in contents}


def fill(worksheet: Worksheet, rows: Cells) -> None:
    """Write rows of text."""
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            if text:
                worksheet.write_string(row, column, text)


def rows_of(path: Path) -> list[list[str]]:
    """Read a clean CSV file as any program does."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def workbook_of_folder(folder: Path) -> bytes:
    """Make a workbook of a folder of CSV files; a worksheet is called like the end of its file."""
    return workbook_of(
        {worksheet_of(path.name): rows_of(path) for path in sorted(folder.glob("*.csv"))}
    )


def worksheet_of(file_name: str) -> str:
    """Name the worksheet: `Fields` for `Uhrenmuseum_Fields.csv`."""
    return Path(file_name).stem.partition("_")[2]


def changed_part(content: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """Return the workbook with one of its parts changed."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            text = before.read(name)
            after.writestr(name, change(text.decode()) if name == part else text)
    return stream.getvalue()
