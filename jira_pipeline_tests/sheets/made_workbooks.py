"""Workbooks for tests, written by libraries that are not ours."""

import csv
import io
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


def fill(worksheet: Worksheet, rows: Cells) -> None:
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


def with_cell(content: bytes, head: str, text: str, *, row: int = 2) -> bytes:
    """Return a workbook with a cell of its first worksheet filled in, below a head."""
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    sheet = workbook.worksheets[0]
    column = [str(cell.value) for cell in sheet[1]].index(head) + 1
    cell = sheet.cell(row, column)
    cell.value, cell.data_type = text, "s"  # whatever it begins with
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def open_document(*rows: str, styles: str = "") -> bytes:
    """Make an `.ods` of one worksheet, Roles, of rows of XML."""
    spaces = ("office", "table", "text", "style", "calcext")
    names = " ".join(
        f'xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"' for one in spaces
    )
    names += ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    body = f'<table:table table:name="Roles">{"".join(rows)}</table:table>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}>"
            f"<office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    return stream.getvalue()


def open_row(*cells: str, attributes: str = "") -> str:
    """Make a row of an `.ods` of texts; what begins like an element is one."""
    texts = (
        cell
        if cell.startswith("<")
        else '<table:table-cell office:value-type="string">'
        f"<text:p>{cell}</text:p></table:table-cell>"
        for cell in cells
    )
    return f"<table:table-row {attributes}>{''.join(texts)}</table:table-row>"


def changed_part(content: bytes, part: str, change: Callable[[str], str]) -> bytes:
    return zipped_with(content, change=lambda name, text: change(text) if name == part else text)


def zipped_with(
    content: bytes,
    *,
    rename: Callable[[str], str] = str,
    change: Callable[[str, str], str] = lambda _, text: text,
) -> bytes:
    """Return the workbook with its parts renamed and changed."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            after.writestr(rename(name), change(name, before.read(name).decode()))
    return stream.getvalue()
