"""Workbooks that are odd in one way each: what they hide, mark, comment on, or leave uncomputed.

Belongs here: making them. Does not: what is read of each, which `golden` freezes with `odd_sheets`;
limits, damage and whole workbooks (`test_workbooks`).
"""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from jira_pipeline_tests.sheets.made_workbooks import (
    changed_part,
    fill,
    workbook_of,
    written,
    written_by_openpyxl,
)

ROLES = [["Name", "Machine name", "X", "Notes"], ["Keeper", "keeper", "a", ""]]
GUEST = ["Guest", "guest", "a", ""]
BLANK = ["", "", "", ""]
STYLES = [["Style name", "Machine name", "X", "Notes"], ["Tiny", "tiny", "a", ""]]
BOTH = [["View name", "Style name", "Machine name"], ["B", "B", "b"]]
SHEET_1 = "xl/worksheets/sheet1.xml"
WITH_X = workbook_of({"Roles": [*ROLES, ["Guest", "guest", "a", "x"]]})
Change = Callable[[Workbook, Worksheet], object]


def roles(change: Change, rows: Sequence[Sequence[str]] = ROLES) -> bytes:
    def write(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Roles")
        fill(worksheet, rows)
        change(workbook, worksheet)

    return written(write)


def some(count: int) -> list[list[str]]:
    return [ROLES[0], *([f"Role {n}", f"role_{n}", "a", "note"] for n in range(count))]


def beside_hidden(workbook: Workbook) -> None:
    fill(workbook.add_worksheet("Roles"), ROLES)
    for name, rows in {"Old styles": STYLES, "Lists": [["Colours"], ["brown"]]}.items():
        worksheet = workbook.add_worksheet(name)
        fill(worksheet, rows)
        worksheet.hide()
    workbook.get_worksheet_by_name("Lists").very_hidden()


def beside_covers(workbook: Workbook) -> None:
    cover = "This workbook is the specification of the web site of the museum, and more than that."
    fill(workbook.add_worksheet("Cover"), [[cover]])
    fill(workbook.add_worksheet("Roles"), ROLES)
    workbook.add_worksheet("Sheet 3")
    workbook.add_chartsheet("Progress").set_chart(workbook.add_chart({"type": "pie"}))
    workbook.worksheets()[-1].chart.add_series({"values": "=Roles!$A$1:$A$2"})


def merge(_: Workbook, worksheet: Worksheet) -> None:
    worksheet.merge_range("D2:D4", "both")
    worksheet.merge_range("A3:C3", "a title across")


def hide_columns(_: Workbook, worksheet: Worksheet) -> None:
    worksheet.set_column(3, 3, None, None, {"hidden": True})
    worksheet.set_column(10, 12, None, None, {"hidden": True})


def comment(_: Workbook, worksheet: Worksheet) -> None:
    for row in range(1, 31):
        worksheet.write_comment(row, 3, "?")


def strike(workbook: Workbook, worksheet: Worksheet) -> None:
    struck = workbook.add_format({"font_strikeout": True})
    worksheet.write_string("A2", "Role 0", struck)
    worksheet.write_string("B2", "role_0", struck)
    worksheet.write_rich_string("D3", "keep ", struck, "drop")
    worksheet.write_blank("D4", None, struck)


def strike_what_goes(workbook: Workbook, worksheet: Worksheet) -> None:
    worksheet.write_string("A2", "Role 0", workbook.add_format({"font_strikeout": True}))
    worksheet.write_string("C2", "d")


def strike_runs(workbook: openpyxl.Workbook) -> None:
    """Strike as openpyxl does, in the cell itself and not in the list of texts."""
    worksheet = workbook.create_sheet("Roles")
    for cells in ROLES:
        worksheet.append(cells)
    worksheet["D2"] = CellRichText("keep ", TextBlock(InlineFont(strike=True), "drop"))


def write_a_day(workbook: Workbook, worksheet: Worksheet) -> None:
    code = workbook.add_format({"num_format": 14})
    worksheet.write_datetime(1, 3, dt.date(2026, 2, 1), code)


def in_part(*pairs: tuple[str, str]) -> bytes:
    """Make a workbook with other XML in its worksheet."""

    def change(text: str) -> str:
        for old, new in pairs:
            text = text.replace(old, new)
        return text

    return changed_part(WITH_X, SHEET_1, change)


def of_another_program() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return stream.getvalue()


WORKBOOKS: Mapping[str, bytes] = {
    "a finding names workbook, worksheet, row": workbook_of({"User Roles": [*ROLES, BLANK, ["Guest", "9guest", "a", ""]]}),
    "rows keep the numbers beside the sheet": workbook_of({"Roles": [ROLES[0], ["Keeper", "keeper", "a", "two\nlines"], BLANK, GUEST]}),
    "a formula without a result": in_part(('<c r="D3" t="s"><v>', '<c r="D3"><f>1+1</f></c><c r="E3" t="s"><v>')),
    "hidden worksheets": written(beside_hidden),
    "covers, charts and empty worksheets": written(beside_covers),
    "a worksheet is chosen by its own name": workbook_of({"Image styles": BOTH}),
    "merged cells that leave rows blank": roles(merge, [*ROLES, BLANK, GUEST]),
    "hidden rows": roles(lambda _, sheet: sheet.set_row(2, None, None, {"hidden": True}), [*ROLES, GUEST]),
    "hidden columns": roles(hide_columns, [ROLES[0], ["Keeper", "keeper", "a", "never shown"]]),
    "a comment": roles(lambda _, sheet: sheet.write_comment("B2", "not approved yet"), some(1)),
    "many comments": roles(comment, some(30)),
    "text that is struck through": roles(strike, some(3)),
    "a struck row that says delete": roles(strike_what_goes, some(1)),
    "runs that openpyxl strikes through": written_by_openpyxl(strike_runs),
    "a date that each computer shows otherwise": roles(write_a_day),
    "strict, with its own dates": in_part(
        ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"),
        ('<c r="D3" t="s"><v>', '<c r="D3" t="d"><v>2026-11-20T00:00:00</v></c><c r="E3"><v>'),
    ),
    "nothing": b"",
    "a CSV file": b"Name,Machine name\n",
    "an .xls file": b"\xd0\xcf\x11\xe0 an older workbook",
    "under a password": b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
    "of another program": of_another_program(),
}  # fmt: skip
